//! Statements against the record, and the map of who is silent, over HTTP.

use crate::app::App;
use crate::app::banks::reconcile::{LostStatement, Match, MatchLine, Reconciliation, Side};
use crate::app::banks::silence::SilenceMap;
use crate::app::table::Table;
use crate::app::words;
use crate::domain::ids::InboxId;
use crate::domain::inbox::InboxRefusal;
use crate::domain::payment::AttemptState;
use crate::domain::period::Month;
use crate::http::context::{Caller, SharedApp, path_id};
use crate::http::cursor;
use crate::http::format;
use crate::http::lists::{CURSOR, with_link};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

const LINE_HEADER: [&str; 9] =
    ["item", "found", "side", "day", "stated_amount", "recorded_amount", "payment_id", "unit", "status"];

fn line_cells(app: &App, line: &MatchLine) -> Vec<Value> {
    let money = |minor: Option<i64>| minor.map(|minor| app.profile.currency.format(minor));
    vec![
        json!(line.item),
        json!(line.found.as_str()),
        json!(line.side.map(Side::as_str)),
        json!(line.day.map(|day| day.to_string())),
        json!(money(line.stated_minor)),
        json!(money(line.recorded_minor)),
        json!(line.payment_id),
        json!(line.unit_key),
        json!(line.status.map(AttemptState::as_str)),
    ]
}

fn sums(app: &App, found: &Reconciliation) -> Vec<Value> {
    let money = |minor: i64| app.profile.currency.format(minor);
    let one = |kind: Match| {
        let sum = found.sums.get(&kind).copied().unwrap_or_default();
        json!({"found": kind.as_str(), "lines": sum.lines, "debit_amount": money(sum.debit_minor),
            "credit_amount": money(sum.credit_minor), "recorded_amount": money(sum.recorded_minor)})
    };
    Match::ALL.into_iter().map(one).collect()
}

/// `GET /v1/reconciliation/{id}`
pub async fn statement(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "message", |text| InboxId::parse(text).ok());
    let id = id.map_err(|_| Problem::App(InboxRefusal::NotReceived.into()))?;
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let limit = query.limit(100) as usize;
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.reconcile_statement(&caller.0, id, min_position).await?;
    let statement = &found.answer;
    let after = usize::try_from(after).unwrap_or(usize::MAX).min(statement.lines.len());
    let page = &statement.lines[after..];
    let next = (page.len() > limit).then(|| cursor::of((after + limit) as u64));
    let mut table = Table::new(&LINE_HEADER);
    page.iter().take(limit).for_each(|line| table.push(line_cells(&app, line)));
    let lost = |one: &LostStatement| json!({"account": one.account, "year": one.year, "number": one.number});
    let lost: Vec<Value> = statement.lost.iter().map(lost).collect();
    let about = json!({
        "inbox_id": statement.id,
        "bank": statement.bank,
        "from": statement.from.map(|day| day.to_string()),
        "to": statement.to.map(|day| day.to_string()),
        "currency": app.profile.currency.currency,
        "whole": statement.is_whole(),
        "sums": sums(&app, statement),
        "missing_of_unknown_account": statement.missing_unplaced,
        "findings": statement.findings,
        "lost_statements": lost,
        "next_cursor": next,
        "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us),
    });
    let response = table::respond(&table, form, "lines", &about)?;
    Ok(with_link(&request, response, next.as_deref()))
}

const SILENCE_HEADER: [&str; 9] =
    ["what", "name", "unit", "message_format", "expected_by", "last_at", "payments", "open", "silent"];

fn rows(app: &App, map: &SilenceMap) -> Vec<Vec<Value>> {
    let banks = map.banks.iter().map(|row| {
        let due = row.due.map(|(_, at)| app.profile.time_zone().to_datetime(at).to_string());
        vec![
            json!("bank"),
            json!(row.bank),
            Value::Null,
            json!(row.expected.format),
            json!(due),
            json!(row.last_us.map(format::instant)),
            Value::Null,
            Value::Null,
            json!(row.silent),
        ]
    });
    let desks = map.desks.iter().map(|row| {
        vec![
            json!("desk"),
            json!(row.code),
            json!(row.unit_key),
            Value::Null,
            json!(row.liquidated_to.map(|day| day.to_string())),
            json!(format::instant(row.last_us)),
            Value::Null,
            Value::Null,
            json!(row.silent),
        ]
    });
    let units = map.units.iter().map(|row| {
        let name = app.profile.units.get(row.unit_key.as_str()).map(|unit| unit.name.as_str());
        vec![
            json!("unit"),
            json!(name),
            json!(row.unit_key),
            Value::Null,
            Value::Null,
            json!(format::instant(row.last_us)),
            json!(row.payments),
            json!(row.open),
            json!(row.silent),
        ]
    });
    banks.chain(desks).chain(units).collect()
}

/// `GET /v1/silence`
pub async fn silence(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let cycle = query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.silence(&caller.0, cycle, min_position).await?;
    let mut table = Table::new(&SILENCE_HEADER);
    for row in rows(&app, &found.answer) {
        table.push(row);
    }
    let about = json!({"as_of_position": found.as_of_position, "as_of_time": format::instant(found.as_of_time_us)});
    table::respond(&table, form, "silence", &about)
}
