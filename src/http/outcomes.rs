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

/// Names of the shares of a row of the table, after those of all payments and of states.
pub(super) fn share_names(profile: &Profile) -> Vec<String> {
    let first = ["completeness", "first_attempts", "success", "fell_back", "through_others"].map(str::to_owned);
    let days = profile.figures.timeliness_days.iter().map(|day| format!("settled_by_{day}"));
    let kinds = KINDS.iter().map(|kind| format!("{}_rate", kind.as_str()));
    first.into_iter().chain(days).chain(kinds).collect()
}

fn told_table(app: &App, group_by: &[Dimension], groups: &[Told]) -> Table {
    let mut header: Vec<String> = group_header(group_by).into_iter().map(str::to_owned).collect();
    header.extend(["instructed_payments", "instructed_amount"].map(str::to_owned));
    for state in AttemptState::ALL {
        header.extend([format!("{state}_standing_payments"), format!("{state}_standing_amount")]);
    }
    for name in share_names(&app.profile) {
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

/// The columns of the table for the data dictionary: name, whether it is money, and meanings.
pub(super) fn columns(profile: &Profile) -> Vec<(String, bool, String, String)> {
    let kept = ("empty where kept back", "trống nếu không công bố");
    let mut all = vec![
        (
            "instructed_payments".to_owned(),
            false,
            "as published: payments instructed".to_owned(),
            "số công bố: khoản chi đã lập lệnh".to_owned(),
        ),
        (
            "instructed_amount".to_owned(),
            true,
            "as published: their amount".to_owned(),
            "số công bố: số tiền tương ứng".to_owned(),
        ),
    ];
    for state in AttemptState::ALL {
        let en =
            format!("as published: payments that stand on an attempt that is {state}; {}, or told with others", kept.0);
        let vi = format!("số công bố: khoản chi ở trạng thái {state}; {} hoặc gộp", kept.1);
        all.push((format!("{state}_standing_payments"), false, en.clone(), vi.clone()));
        all.push((format!("{state}_standing_amount"), true, format!("{en}: amount"), format!("{vi}: số tiền")));
    }
    for name in share_names(profile) {
        let (en, vi) = (
            format!("as published: {}; {}", name.replace('_', " "), kept.0),
            format!("số công bố: {name}; {}", kept.1),
        );
        all.extend(
            ["numerator", "denominator"]
                .map(|part| (format!("{name}_{part}"), false, format!("{en}: {part}"), format!("{vi}: {part}"))),
        );
    }
    all
}
