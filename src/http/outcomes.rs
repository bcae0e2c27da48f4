//! Outcomes as published over HTTP: what came of a cycle's payments, by units, the same for everybody.

use crate::app::App;
use crate::app::figures::{Dimension, Share, Sum};
use crate::app::outcomes::{KINDS, Reasons, Told};
use crate::app::table::Table;
use crate::app::words::Words;
use crate::domain::payment::AttemptState;
use crate::domain::profile::Profile;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{figure_query, group, group_cells, group_header, members, share};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

const BY_UNITS_AND_CYCLES: Words = Words {
    en: "outcomes are published by unit (unit or unit_level:<level>, as paid) and cycle alone; leave other filters and groups out",
    vi: "kết quả chỉ công bố theo đơn vị (unit hoặc unit_level:<cấp>, theo lúc chi) và kỳ; hãy bỏ các điều kiện và nhóm khác",
};

/// `GET /v1/outcomes`
pub async fn outcomes(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let figures = figure_query(&app, &mut query).await?;
    if !App::outcomes_are_published(&figures) {
        query.report("group_by", &BY_UNITS_AND_CYCLES);
    }
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.outcomes(&caller.0, figures.clone(), min_position).await?;
    let mut about = members(&figures, &found);
    about["currency"] = json!(app.profile.currency.currency);
    about["indicators"] = json!({"success": "S1", "reasons": "S2", "fell_back": "S3", "timeliness": "S4", "through_others": "S7", "completeness": "C1"});
    match form {
        Form::Json => {
            about["groups"] = found.answer.iter().map(|told| told_json(&app, &figures.group_by, told)).collect();
            Ok(HttpResponse::Ok().json(about))
        }
        Form::File(_) | Form::Parquet => {
            table::respond(&told_table(&app, &figures.group_by, &found.answer), form, "outcomes", &about)
        }
    }
}

fn told_json(app: &App, group_by: &[Dimension], told: &Told) -> Value {
    let spec = &app.profile.currency;
    let states = |states: &Vec<(Vec<AttemptState>, _)>| -> Value {
        let one = |(states, sum): &(Vec<AttemptState>, Sum)| {
            let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
            json!({"states": names, "payments": sum.count, "amount": spec.format(sum.amount_minor)})
        };
        states.iter().map(one).collect()
    };
    let by_day = |days: &Vec<(i8, _)>| -> Value {
        days.iter().map(|(day, settled)| json!({"day": day, "settled": share(*settled)})).collect()
    };
    let first = told.first.map(|[payments, success, fell_back]| {
        json!({"payments": share(payments), "success": share(success), "fell_back": share(fell_back)})
    });
    json!({
        "group": group(app, group_by, &told.key),
        "instructed": told.instructed.map(|sum| json!({"payments": sum.count, "amount": spec.format(sum.amount_minor)})),
        "completeness": told.completeness.map(share),
        "outcomes": told.states.as_ref().map(states),
        "first_attempts": first,
        "settled_by_day": told.settled_by_day.as_ref().map(by_day),
        "reasons": told.reasons.as_ref().map(reasons_json),
        "through_others": told.through_others.map(share),
    })
}

fn reasons_json(reasons: &Reasons) -> Value {
    let rates: serde_json::Map<String, Value> =
        reasons.rates.iter().map(|(kind, rate)| (kind.as_str().to_owned(), share(*rate))).collect();
    let classes = reasons.classes.iter();
    let classes: Vec<Value> =
        classes.map(|(kind, class, count)| json!({"kind": kind.as_str(), "class": class, "attempts": count})).collect();
    json!({"attempts": reasons.attempts, "rates": rates, "classes": classes})
}

/// A share of a row of the table: its name, whether attempts are counted, and meanings.
pub(super) struct ShareColumn {
    pub name: String,
    pub is_of_attempts: bool,
    pub en: String,
    pub vi: String,
}

/// The shares of a row, after the sums of all payments and of states.
pub(super) fn share_columns(profile: &Profile) -> Vec<ShareColumn> {
    let column = |name: &str, is_of_attempts: bool, en: &str, vi: &str| ShareColumn {
        name: name.to_owned(),
        is_of_attempts,
        en: format!("as published, empty where kept back: {en}"),
        vi: format!("số công bố, trống nếu không công bố: {vi}"),
    };
    let of_payments = [
        (
            "completeness",
            "C1: payments without an open attempt of payments instructed",
            "C1: khoản chi đã có kết quả trên khoản chi đã lập lệnh",
        ),
        (
            "first_attempts",
            "payments whose first attempt was cashless of payments not cancelled",
            "khoản chi lập lệnh đầu không dùng tiền mặt trên khoản chi không bị hủy",
        ),
        (
            "success",
            "S1: cashless first attempts that are live of cashless first attempts",
            "S1: lần chi đầu không dùng tiền mặt có hiệu lực trên lần chi đầu không dùng tiền mặt",
        ),
        (
            "fell_back",
            "S3: cashless first attempts whose payment is live in cash of cashless first attempts",
            "S3: lần chi đầu không dùng tiền mặt mà khoản chi có hiệu lực bằng tiền mặt",
        ),
        (
            "through_others",
            "S7: live payments received on somebody's behalf of live payments",
            "S7: khoản chi do người khác nhận thay trên khoản chi có hiệu lực",
        ),
    ];
    let mut all: Vec<ShareColumn> = of_payments.into_iter().map(|(name, en, vi)| column(name, false, en, vi)).collect();
    for day in &profile.figures.timeliness_days {
        let en = format!("S4: live payments settled by day {day} of the cycle's month, of payments not cancelled");
        let vi =
            format!("S4: khoản chi có hiệu lực đến tay trước hết ngày {day} của tháng, trên khoản chi không bị hủy");
        all.push(column(&format!("settled_by_{day}"), false, &en, &vi));
    }
    for kind in KINDS {
        let of = if kind == AttemptState::Returned {
            ("attempts that were settled", "lần đã chi đến")
        } else {
            ("all attempts", "mọi lần chi")
        };
        let (en, vi) = (format!("S2: attempts {kind}, of {}", of.0), format!("S2: lần chi {kind}, trên {}", of.1));
        all.push(column(&format!("{}_rate", kind.as_str()), true, &en, &vi));
    }
    all
}

fn told_table(app: &App, group_by: &[Dimension], groups: &[Told]) -> Table {
    let mut header: Vec<String> = group_header(group_by).into_iter().map(str::to_owned).collect();
    header.extend(["instructed_payments", "instructed_amount"].map(str::to_owned));
    for state in AttemptState::ALL {
        header.extend([format!("{state}_standing_payments"), format!("{state}_standing_amount")]);
    }
    for ShareColumn { name, .. } in share_columns(&app.profile) {
        header.extend(["numerator", "denominator", "ratio"].map(|part| format!("{name}_{part}")));
    }
    let mut table = Table::new(&header);
    let spec = &app.profile.currency;
    for told in groups {
        let mut row = group_cells(app, group_by, &told.key);
        let sum =
            |sum: Option<Sum>| [json!(sum.map(|sum| sum.count)), json!(sum.map(|sum| spec.format(sum.amount_minor)))];
        row.extend(sum(told.instructed));
        for state in AttemptState::ALL {
            let alone = |states: &Vec<(Vec<AttemptState>, _)>| {
                states.iter().find(|(states, _)| states.as_slice() == [state]).map(|(_, sum)| *sum)
            };
            row.extend(sum(told.states.as_ref().and_then(alone)));
        }
        let mut shares = vec![told.completeness];
        shares.extend((0..3).map(|place| told.first.map(|first| first[place])));
        shares.push(told.through_others);
        for day in &app.profile.figures.timeliness_days {
            let by = told.settled_by_day.iter().flatten().find(|(one, _)| one == day);
            shares.push(by.map(|(_, settled)| *settled));
        }
        for kind in KINDS {
            let rates = told.reasons.iter().flat_map(|reasons| &reasons.rates);
            shares.push(rates.clone().find(|(one, _)| *one == kind).map(|(_, rate)| *rate));
        }
        for part in shares {
            row.extend([
                json!(part.map(|part| part.numerator)),
                json!(part.map(|part| part.denominator)),
                json!(part.and_then(Share::ratio)),
            ]);
        }
        table.push(row);
    }
    table
}

/// The sums of a row of the table for the data dictionary: name, whether it is money, and meanings.
pub(super) fn sum_columns() -> Vec<(String, bool, String, String)> {
    let mut all = Vec::new();
    let mut put = |name: &str, en: &str, vi: &str| {
        all.push((format!("{name}_payments"), false, en.to_owned(), vi.to_owned()));
        all.push((format!("{name}_amount"), true, format!("{en}: amount"), format!("{vi}: số tiền")));
    };
    put("instructed", "as published: payments instructed", "số công bố: khoản chi đã lập lệnh");
    for state in AttemptState::ALL {
        let en = format!(
            "as published: payments that stand on an attempt that is {state}; empty where kept back or told with others"
        );
        let vi = format!("số công bố: khoản chi ở trạng thái {state}; trống nếu không công bố hoặc gộp");
        put(&format!("{state}_standing"), &en, &vi);
    }
    all
}
