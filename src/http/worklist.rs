//! The playbook and the worklist over HTTP: who must do what, by when, and the operation that does it.

use crate::app::App;
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::app::worklist::{PlaySpec, Situation, WorkItem, WorkKind, WorkPlace, WorkQuery, Worklist};
use crate::domain::calendar::days_between;
use crate::http::context::{Caller, SharedApp};
use crate::http::cursor;
use crate::http::figures::scope;
use crate::http::format;
use crate::http::lists::{CURSOR, next_link};
use crate::http::operation::Operation;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::reference::labels;
use crate::http::routes::OPERATIONS;
use crate::http::table::{self, Form};
use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Every kind there is, made once.
pub(super) static KIND: LazyLock<Words> = LazyLock::new(|| {
    let listed = |or: &str| -> &'static str {
        let [most @ .., last] = WorkKind::ALL.map(WorkKind::as_str);
        format!("{} {or} {last}", most.join(", ")).leak()
    };
    Words { en: listed("or"), vi: listed("hoặc") }
});

/// `GET /v1/playbook`
pub async fn playbook(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    query.finish()?;
    let profile = &app.profile;
    let mut table = Table::new(&["class", "situation", "system", "codes", "who", "working_days", "how", "operations"]);
    for play in &profile.playbook {
        let how = if form == Form::Json { labels(profile, &play.labels) } else { json!(texts(&app, play).join(" / ")) };
        let operations: Vec<Value> = match form {
            Form::Json => operations(play)
                .map(|o| json!({"operation": o.id, "method": o.method.upper(), "path": o.path}))
                .collect(),
            Form::File(_) | Form::Parquet => operations(play).map(|o| json!(o.id)).collect(),
        };
        table.push(vec![
            json!(play.class),
            json!(play.situation.map(Situation::as_str)),
            json!(play.system),
            json!(play.codes),
            json!(play.who.as_str()),
            json!(play.working_days),
            how,
            json!(operations),
        ]);
    }
    table::respond(&table, form, "playbook", &json!({"profile": profile.name, "profile_version": profile.version}))
}

fn texts(app: &App, play: &PlaySpec) -> Vec<String> {
    app.profile.languages.iter().map(|language| play.labels.get(language).to_owned()).collect()
}

/// The operations that an entry names. A test holds that there are such.
pub(super) fn operations(play: &PlaySpec) -> impl Iterator<Item = &'static Operation> {
    play.operations.iter().filter_map(|id| OPERATIONS.iter().find(|operation| operation.id == id))
}

pub(super) fn place(text: &str) -> Option<WorkPlace> {
    let mut parts = text.split('_');
    let day = date(parts.next()?)?;
    let number = cursor::position(parts.next()?)?;
    let kind = WorkKind::parse(text.splitn(3, '_').nth(2)?)?;
    Some((day, kind, number))
}

pub(super) fn cursor_of((day, kind, number): WorkPlace) -> String {
    format!("{day}_{}_{}", cursor::of(number), kind.as_str())
}

/// `GET /v1/worklist`
pub async fn worklist(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let asked = WorkQuery {
        unit: scope(&app, &mut query)?,
        kind: query.optional("kind", &KIND, WorkKind::parse),
        due_before: query.optional("due_before", &words::DATE, date),
        after: query.optional("cursor", &CURSOR, place),
        limit: query.limit(100) as usize,
    };
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.worklist(&caller.0, asked, min_position).await?;
    let list = &found.answer;
    let next = list.next.map(cursor_of);
    let today = list.today.unwrap_or_default();
    let about = json!({
        "today": today.to_string(),
        "counts": counts(list),
        "next_cursor": next,
        "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us),
    });
    let mut table = Table::new(&HEADER);
    for item in &list.items {
        table.push(cells(&app, item, (today, form)));
    }
    let mut response = table::respond(&table, form, "items", &about)?;
    let link = next.map(|cursor| next_link("/v1/worklist", request.query_string(), &cursor));
    if let Some(value) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(LINK, value);
    }
    Ok(response)
}

fn counts(list: &Worklist) -> Vec<Value> {
    let one = |(kind, count): (&WorkKind, &crate::app::worklist::WorkCount)| json!({"kind": kind.as_str(), "items": count.items, "overdue": count.overdue});
    list.counts.iter().map(one).collect()
}

const HEADER: [&str; 21] = [
    "kind",
    "situation",
    "class",
    "reason_system",
    "reason_code",
    "unit",
    "unit_name",
    "payment_id",
    "payment_reference",
    "beneficiary_id",
    "object_id",
    "cycle",
    "amount",
    "currency",
    "since",
    "age_days",
    "due_on",
    "overdue",
    "who",
    "how",
    "actions",
];

fn cells(app: &App, item: &WorkItem, (today, form): (Date, Form)) -> Vec<Value> {
    let profile = &app.profile;
    let play = &profile.playbook[item.play];
    let links = operations(play).map(|operation| (operation, href(operation, item)));
    let (how, actions): (Value, Vec<Value>) = match form {
        Form::Json => {
            let link =
                |(o, href): (&Operation, String)| json!({"operation": o.id, "method": o.method.upper(), "href": href});
            (labels(profile, &play.labels), links.map(link).collect())
        }
        Form::File(_) | Form::Parquet => {
            let link = |(o, href): (&Operation, String)| json!(format!("{} {href}", o.method.upper()));
            (json!(texts(app, play).join(" / ")), links.map(link).collect())
        }
    };
    let amount = item.amount.map(|amount| profile.currency.format(amount.minor));
    vec![
        json!(item.kind.as_str()),
        json!(play.situation.map(Situation::as_str)),
        json!(play.class),
        json!(item.reason.as_ref().map(|(system, _)| system)),
        json!(item.reason.as_ref().map(|(_, code)| code)),
        json!(item.unit),
        json!(item.unit.as_ref().and_then(|key| profile.units.get(key.as_str())).map(|unit| unit.name.as_str())),
        json!(item.payment),
        json!(item.reference),
        json!(item.beneficiary),
        json!(item.object),
        json!(item.cycle),
        json!(amount),
        json!(item.amount.map(|amount| amount.currency)),
        json!(item.since.to_string()),
        json!(days_between(item.since, today)),
        json!(item.due.to_string()),
        json!(item.due < today),
        json!(play.who.as_str()),
        how,
        json!(actions),
    ]
}

/// The operation's path with the id and the day of what it acts on.
fn href(operation: &Operation, item: &WorkItem) -> String {
    let payment = item.payment.map(|id| id.to_string());
    let beneficiary = item.beneficiary.map(|id| id.to_string());
    let id = if operation.path.starts_with("/v1/payments/") {
        payment
    } else if operation.path.starts_with("/v1/beneficiaries/") {
        beneficiary
    } else {
        item.object.clone()
    };
    let day = item.day.map(|day| day.to_string());
    operation.path.replace("{id}", &id.unwrap_or_default()).replace("{date}", &day.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;
    use jiff::civil::date as day;

    #[test]
    fn a_cursor_is_read_back_as_the_place_it_was_made_of() {
        for kind in WorkKind::ALL {
            let at = (day(2025, 3, 31), kind, 123_456);
            assert_eq!(place(&cursor_of(at)), Some(at));
        }
        for text in ["", "2025-03-31", "2025-03-31_p1", "2025-03-31_p1_owl", "2025-02-30_p1_held"] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    #[test]
    fn every_operation_of_both_playbooks_is_one_of_the_api() {
        let tavaria = Profile::from_toml(
            include_str!("../../config/tavaria.toml"),
            include_str!("../../config/tavaria/units.csv"),
            include_str!("../../config/tavaria/successions.csv"),
        );
        for profile in [Profile::vietnam(), tavaria.unwrap()] {
            for play in &profile.playbook {
                assert_eq!(operations(play).count(), play.operations.len(), "{:?}", play.operations);
            }
        }
    }
}
