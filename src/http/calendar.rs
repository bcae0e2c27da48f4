//! The calendar over HTTP: the days of a cycle with their reasons, and what is late by them.

use crate::app::App;
use crate::app::calendar::{CycleDay, DayKind, Late, Planned, PutOff, total};
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::domain::profile::Labels;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{members, scope, ungrouped_query};
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::reference::labels;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Weekday;
use serde_json::{Value, json};

const METHOD_CHANGE: Words =
    Words { en: "Changes of the payout method for this cycle", vi: "Đổi hình thức nhận tiền cho kỳ này" };
const UNPAID_LIST: Words = Words {
    en: "The list of what nobody collected is back",
    vi: "Trả lại danh sách người chưa nhận tiền",
};

/// `GET /v1/calendar`
pub async fn calendar(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let cycle = query.required("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let unit = scope(&app, &mut query)?;
    query.finish()?;
    let cycle = cycle.ok_or(Problem::BadRequest { code: "query-invalid", detail: "cycle is missing".to_owned() })?;
    let profile = &app.profile;
    let mut table = Table::new(&[
        "kind",
        "code",
        "labels",
        "from",
        "to",
        "planned_from",
        "planned_to",
        "channels",
        "reason",
        "reason_text",
        "reason_text_vi",
    ]);
    for day in profile.cycle_days(cycle, unit.as_ref().map(UnitKey::as_str)) {
        table.push(day_cells(&app, &day, !matches!(form, Form::Json)));
    }
    let months: Vec<Value> = profile
        .paid_months(cycle)
        .iter()
        .map(|paid| json!({"benefit_groups": paid.groups, "benefit_months": paid.months, "paid_with": paid.paid_with}))
        .collect();
    let about = json!({"profile": profile.name, "profile_version": profile.version, "cycle": cycle, "unit": unit,
        "time_zone": profile.time_zone_name, "together": months});
    table::respond(&table, form, "days", &about)
}

fn day_cells(app: &App, day: &CycleDay, as_text: bool) -> Vec<Value> {
    let named = day_labels(app, day);
    let labels = if as_text { json!(joined(&named)) } else { named };
    let (reason, en, vi) = reason(app, day);
    vec![
        json!(day.kind.as_str()),
        json!(day.code),
        labels,
        json!(day.from.day.to_string()),
        json!(day.to.day.to_string()),
        json!(day.from.planned.to_string()),
        json!(day.to.planned.to_string()),
        json!(day.channels),
        json!(reason),
        json!(en),
        json!(vi),
    ]
}

fn joined(labels: &Value) -> String {
    let texts = labels.as_object().into_iter().flatten().filter_map(|(_, text)| text.as_str());
    texts.collect::<Vec<_>>().join(" / ")
}

/// The profile's labels, or ours for the days that are not the profile's to name.
fn day_labels(app: &App, day: &CycleDay) -> Value {
    let own = match day.kind {
        DayKind::UnpaidList => Some(&UNPAID_LIST),
        DayKind::CutOff if day.labels == Labels::default() => Some(&METHOD_CHANGE),
        DayKind::CutOff | DayKind::Window | DayKind::Due => None,
    };
    own.map_or_else(|| labels(&app.profile, &day.labels), |words| json!({"en": words.en, "vi": words.vi}))
}

/// Why the days are what they are: planned, own days of the unit, or put off; as a word, in English and in Vietnamese.
fn reason(app: &App, day: &CycleDay) -> (&'static str, String, String) {
    let (from, to) = (put_off(day.from), put_off(day.to));
    let moved = from.or(if day.to == day.from { None } else { to });
    let (mut word, mut en, mut vi) = match moved {
        None => ("planned", "as planned".to_owned(), "theo lịch".to_owned()),
        Some((word, en, vi)) => (word, en, vi),
    };
    if let Some(notice) = &day.own_days {
        if word == "planned" {
            (word, en, vi) = ("own_days", String::new(), String::new());
        }
        let language =
            |code: &str| app.profile.languages.iter().find(|have| *have == code).map_or("en", String::as_str);
        en = [notice.get(language("en")).to_owned(), en]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; ");
        vi = [notice.get(language("vi")).to_owned(), vi]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; ");
    }
    (word, en, vi)
}

fn put_off(planned: Planned) -> Option<(&'static str, String, String)> {
    let because = planned.put_off?;
    let (en, vi) = match because {
        PutOff::Holiday => ("a public holiday".to_owned(), "ngày nghỉ lễ".to_owned()),
        PutOff::Weekend => {
            let (en, vi) = weekday(planned.planned.weekday());
            (format!("a {en}"), vi.to_owned())
        }
    };
    Some((
        because.as_str(),
        format!("{} is {en}: put off to {}", planned.planned, planned.day),
        format!("{} là {vi}: lùi sang {}", planned.planned, planned.day),
    ))
}

const fn weekday(day: Weekday) -> (&'static str, &'static str) {
    match day {
        Weekday::Monday => ("Monday", "thứ Hai"),
        Weekday::Tuesday => ("Tuesday", "thứ Ba"),
        Weekday::Wednesday => ("Wednesday", "thứ Tư"),
        Weekday::Thursday => ("Thursday", "thứ Năm"),
        Weekday::Friday => ("Friday", "thứ Sáu"),
        Weekday::Saturday => ("Saturday", "thứ Bảy"),
        Weekday::Sunday => ("Sunday", "Chủ nhật"),
    }
}

/// `GET /v1/late`
pub async fn late(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let figures = ungrouped_query(&app, &mut query).await?;
    let today = query.optional("today", &words::DATE, date);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.late(&caller.0, figures.clone(), today, min_position).await?;
    let (today, units) = &found.answer;
    let mut about = members(&figures, &found);
    about["group_by"] = json!(["unit"]);
    about["today"] = json!(today.to_string());
    about["currency"] = json!(app.profile.currency.currency);
    match form {
        Form::Json => {
            about["total"] = late_json(&app, &total(units, &app.profile.figures.ageing_days));
            about["groups"] = units.iter().map(|unit| late_json(&app, unit)).collect();
            Ok(HttpResponse::Ok().json(about))
        }
        Form::File(_) | Form::Parquet => table::respond(&late_table(&app, units), form, "late", &about),
    }
}

fn late_json(app: &App, unit: &Late) -> Value {
    let money = |minor: i64| app.profile.currency.format(minor);
    let group = if unit.unit.is_empty() {
        json!({})
    } else {
        json!({"unit": unit.unit, "unit_name": app.profile.units.get(&unit.unit).map(|unit| unit.name.as_str())})
    };
    let ageing: Vec<Value> = unit
        .ageing
        .iter()
        .map(|(bucket, sum)| {
            json!({"from_days": bucket.from_days, "to_days": bucket.to_days, "payments": sum.count,
                "amount": money(sum.amount_minor)})
        })
        .collect();
    json!({
        "group": group,
        "late": {"payments": unit.late.count, "amount": money(unit.late.amount_minor)},
        "open": {"payments": unit.open.count, "amount": money(unit.open.amount_minor)},
        "oldest_last_day": unit.oldest_last_day.map(|day| day.to_string()),
        "oldest_days": unit.oldest_last_day.map(|_| unit.oldest_days),
        "ageing": ageing,
    })
}

fn late_table(app: &App, units: &[Late]) -> Table {
    let buckets = units.first().map(|unit| unit.ageing.clone()).unwrap_or_default();
    let mut header: Vec<String> = [
        "unit",
        "unit_name",
        "late_payments",
        "late_amount",
        "open_payments",
        "open_amount",
        "oldest_last_day",
        "oldest_days",
    ]
    .map(str::to_owned)
    .into();
    header.extend(buckets.iter().flat_map(|(bucket, _)| {
        [format!("days_{}_payments", bucket.label()), format!("days_{}_amount", bucket.label())]
    }));
    let mut table = Table::new(&header);
    let money = |minor: i64| json!(app.profile.currency.format(minor));
    for unit in units {
        let mut row = vec![
            json!(unit.unit),
            json!(app.profile.units.get(&unit.unit).map(|unit| unit.name.as_str())),
            json!(unit.late.count),
            money(unit.late.amount_minor),
            json!(unit.open.count),
            money(unit.open.amount_minor),
            json!(unit.oldest_last_day.map(|day| day.to_string())),
            json!(unit.oldest_days),
        ];
        row.extend(unit.ageing.iter().flat_map(|(_, sum)| [json!(sum.count), money(sum.amount_minor)]));
        table.push(row);
    }
    table
}
