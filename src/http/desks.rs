//! Cash desks over HTTP: register, read, keep the book of a day, and liquidation by desk and day.

use crate::app::App;
use crate::app::desks::{DeskBook, DeskEntry, DeskPayInput, DeskView, OpenDay, RegisterDesk, Unpaid, UnpaidInput};
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::queries::Page;
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::calendar::days_between;
use crate::domain::desk::{Desk, LedgerLine, RegisteredDesk};
use crate::domain::ids::{AgentCode, DeskCode, DeskId, DeskKindCode, PaymentId};
use crate::domain::payment::event::Evidence;
use crate::domain::period::Month;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::cursor;
use crate::http::figures::scope;
use crate::http::format;
use crate::http::lists::{CURSOR, next_link};
use crate::http::payments::{amount_of, collector, date, evidence};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use jiff::civil::Date;
use serde_json::{Value, json};

const CODE: Words =
    Words { en: "1 to 64 visible ASCII characters", vi: "1 đến 64 ký tự ASCII nhìn thấy được" };
const KIND: Words = Words {
    en: "a kind of desk of the profile: payment_point, post_office ...",
    vi: "loại điểm chi trả trong cấu hình: payment_point, post_office ...",
};
const COLLECTOR: Words =
    Words { en: "one of self, authorised, guardian, heir", vi: "một trong: self, authorised, guardian, heir" };
const PAYMENTS: Words = Words { en: "a list of payment ids", vi: "danh sách mã khoản chi trả" };

fn desk_id(request: &HttpRequest) -> Result<DeskId, Problem> {
    path_id(request, "desk", |text| DeskId::parse(text).ok())
}

fn day_of(request: &HttpRequest) -> Result<Date, Problem> {
    request.match_info().get("date").and_then(date).ok_or(Problem::App(AppError::NotFound("day")))
}

/// `POST /v1/desks`
pub async fn register(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let code = body.required("code", &CODE, |text| DeskCode::parse(text).ok());
    let kind = body.required("kind", &KIND, |text| DeskKindCode::parse(text).ok());
    let unit = body.text("unit", true);
    let agent = body.optional("agent", &words::AGENT, |text| AgentCode::parse(text).ok());
    body.finish()?;
    let (Some(code), Some(kind), Some(unit)) = (code, kind, unit) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let written = app.register_desk(&write, RegisterDesk { code, kind, unit, agent }).await?;
    Ok(answer(&app, &written, None, true))
}

fn desk_json(desk: &RegisteredDesk) -> Value {
    json!({
        "desk_id": desk.desk_id,
        "code": desk.code,
        "kind": desk.kind,
        "unit": desk.unit_key,
        "agent": desk.agent,
        "liquidated_to": desk.liquidated_to.map(|day| day.to_string()),
    })
}

fn line_json(app: &App, line: &LedgerLine) -> Value {
    let money = |minor: i64| app.profile.currency.format(minor);
    json!({
        "day": line.day.to_string(),
        "opening_amount": money(line.opening),
        "advanced_amount": money(line.cash.advanced),
        "paid_payments": line.cash.paid_count,
        "paid_amount": money(line.cash.paid),
        "handed_back_amount": money(line.cash.handed_back),
        "unclaimed_payments": line.cash.unclaimed_count,
        "unclaimed_amount": money(line.cash.unclaimed),
        "held_amount": money(line.held),
        "held_since": line.held_since.map(|day| day.to_string()),
    })
}

/// The desk as it stands after a write, with the day that was written to.
fn answer(app: &App, written: &Written<Desk>, day: Option<(Date, Option<&Unpaid>)>, created: bool) -> HttpResponse {
    let Some(desk) = &written.state.registered else { return written_answer(written, created, None, json!({})) };
    let mut body = desk_json(desk);
    body["currency"] = json!(app.profile.currency.currency);
    if let Some((day, unpaid)) = day {
        body["book"] = line_json(app, &desk.ledger.line(day));
        if let Some(unpaid) = unpaid {
            let kept: Vec<Value> =
                unpaid.kept.iter().map(|(id, code)| json!({"payment_id": id, "code": code})).collect();
            body["unpaid"] =
                json!({"listed": unpaid.listed, "failed": unpaid.failed, "kept": kept, "more": unpaid.more});
        }
    }
    written_answer(written, created, Some(format!("/v1/desks/{}", desk.desk_id)), body)
}

/// `POST /v1/desks/{id}/days/{date}/{advance|hand-back|liquidate}`
async fn entry(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
    read: fn(&App, &mut Body) -> Option<DeskEntry>,
) -> Result<HttpResponse, Problem> {
    let (id, day) = (desk_id(&request)?, day_of(&request)?);
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let entry = read(&app, &mut body);
    body.finish()?;
    let entry = entry.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let written = app.desk_entry(&write, (id, day), entry).await?;
    Ok(answer(&app, &written, Some((day, None)), false))
}

/// `advance`: the desk was handed cash.
pub async fn advance(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    entry(app, caller, request, bytes, |app, body| {
        let (amount, evidence) = (amount_of(app, body, ("amount", true)), evidence(body));
        Some(DeskEntry::Advance { amount: amount?, evidence: evidence? })
    })
    .await
}

/// `hand-back`: the desk gave cash back.
pub async fn hand_back(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    entry(app, caller, request, bytes, |app, body| {
        let (amount, evidence) = (amount_of(app, body, ("amount", true)), evidence(body));
        Some(DeskEntry::HandBack { amount: amount?, evidence: evidence? })
    })
    .await
}

/// `liquidate`: the desk's cash was counted, and the day is closed.
pub async fn liquidate(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    entry(app, caller, request, bytes, |app, body| {
        Some(DeskEntry::Liquidate { counted: amount_of(app, body, ("counted", true))? })
    })
    .await
}

/// `POST /v1/desks/{id}/days/{date}/pay`
pub async fn pay(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let (id, day) = (desk_id(&request)?, day_of(&request)?);
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let payment = body.required("payment_id", &words::UUID, |text| PaymentId::parse(text).ok());
    let collected_by = body.required("collected_by", &COLLECTOR, collector);
    let receipt = body.required("receipt", &CODE, |text| DeskCode::parse(text).ok().map(|code| code.to_string()));
    body.finish()?;
    let (Some(payment), Some(collected_by), Some(receipt)) = (payment, collected_by, receipt) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let written = app.desk_pay(&write, (id, day), DeskPayInput { payment, collected_by, receipt }).await?;
    Ok(answer(&app, &written, Some((day, None)), false))
}

/// `POST /v1/desks/{id}/days/{date}/unpaid-list`
pub async fn unpaid_list(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let (id, day) = (desk_id(&request)?, day_of(&request)?);
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let cycle = body.required("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let payments = body.list("payments", &PAYMENTS, |text| PaymentId::parse(text).ok());
    let evidence: Option<Evidence> = evidence(&mut body);
    body.finish()?;
    let (Some(cycle), Some(evidence)) = (cycle, evidence) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let input = UnpaidInput { cycle, payments, evidence };
    let (mut written, unpaid) = app.desk_unpaid(&write, (id, day), input).await?;
    // Whoever reads this write back wants to see the payments failed as well.
    written.position = written.position.max(unpaid.position);
    Ok(answer(&app, &written, Some((day, Some(&unpaid))), false))
}

/// `GET /v1/desks/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = desk_id(&request)?;
    let DeskView { desk, revision, position, as_of_position, today } = app.read_desk(&caller.0, id).await?;
    let mut body = desk_json(&desk);
    body["currency"] = json!(app.profile.currency.currency);
    body["book"] = line_json(&app, &desk.ledger.line(today));
    body["revision"] = json!(revision);
    body["position"] = json!(position);
    body["as_of_position"] = json!(as_of_position);
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{revision}\""))).json(body))
}

const DESKS: [&str; 10] = [
    "desk_id",
    "code",
    "kind",
    "unit",
    "unit_name",
    "agent",
    "liquidated_to",
    "held_amount",
    "held_since",
    "held_days",
];

/// `GET /v1/desks`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.list_desks(&caller.0, unit, Page { after, limit }, min_position).await?;
    let last = found.answer.last().filter(|_| found.answer.len() >= limit as usize);
    let next = last.map(|book| cursor::of(book.row.registered_position));
    let today = app.profile.business_day(app.clock.now_us());
    let mut table = Table::new(&DESKS);
    for DeskBook { row, ledger } in &found.answer {
        let line = ledger.line(today);
        table.push(vec![
            json!(row.desk_id.to_string()),
            json!(row.code),
            json!(row.kind),
            json!(row.unit_key),
            json!(app.profile.units.get(row.unit_key.as_str()).map(|unit| unit.name.as_str())),
            json!(row.agent),
            json!(row.liquidated_to.map(|day| day.to_string())),
            json!(app.profile.currency.format(line.held)),
            json!(line.held_since.map(|day| day.to_string())),
            json!(line.held_since.map(|since| days_between(since, today))),
        ]);
    }
    let about = json!({"next_cursor": next, "today": today.to_string(), "currency": app.profile.currency.currency,
        "as_of_position": found.as_of_position, "as_of_time": format::instant(found.as_of_time_us)});
    let mut response = table::respond(&table, form, "desks", &about)?;
    let link = next.map(|cursor| next_link("/v1/desks", request.query_string(), &cursor));
    if let Some(value) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(LINK, value);
    }
    Ok(response)
}

const LINES: [&str; 16] = [
    "desk_id",
    "code",
    "unit",
    "day",
    "opening_amount",
    "advanced_amount",
    "paid_payments",
    "paid_amount",
    "handed_back_amount",
    "unclaimed_payments",
    "unclaimed_amount",
    "held_amount",
    "held_since",
    "held_days",
    "currency",
    "liquidated",
];

fn line_cells(app: &App, open: &OpenDay) -> Vec<Value> {
    let OpenDay { row, line } = open;
    let money = |minor: i64| json!(app.profile.currency.format(minor));
    vec![
        json!(row.desk_id.to_string()),
        json!(row.code),
        json!(row.unit_key),
        json!(line.day.to_string()),
        money(line.opening),
        money(line.cash.advanced),
        json!(line.cash.paid_count),
        money(line.cash.paid),
        money(line.cash.handed_back),
        json!(line.cash.unclaimed_count),
        money(line.cash.unclaimed),
        money(line.held),
        json!(line.held_since.map(|day| day.to_string())),
        json!(line.held_since.map(|since| days_between(since, line.day))),
        json!(app.profile.currency.currency),
        json!(row.liquidated_to.is_some_and(|to| line.day <= to)),
    ]
}

/// `GET /v1/desks/{id}/days`
pub async fn days(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = desk_id(&request)?;
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let from = query.optional("from", &words::DATE, date);
    let to = query.optional("to", &words::DATE, date);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.desk_days(&caller.0, id, (from, to), min_position).await?;
    let (row, lines) = found.answer;
    let mut table = Table::new(&LINES);
    for line in lines {
        table.push(line_cells(&app, &OpenDay { row: row.clone(), line }));
    }
    let about = json!({"as_of_position": found.as_of_position, "as_of_time": format::instant(found.as_of_time_us)});
    table::respond(&table, form, "lines", &about)
}

/// `GET /v1/liquidation`
pub async fn liquidation(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let day = query.optional("day", &words::DATE, date);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.liquidation(&caller.0, (unit, day), min_position).await?;
    let (day, lines) = &found.answer;
    let mut table = Table::new(&LINES);
    for open in lines {
        table.push(line_cells(&app, open));
    }
    let sum = |of: fn(&LedgerLine) -> i64| app.profile.currency.format(lines.iter().map(|open| of(&open.line)).sum());
    let total = json!({
        "opening_amount": sum(|line| line.opening),
        "advanced_amount": sum(|line| line.cash.advanced),
        "paid_amount": sum(|line| line.cash.paid),
        "handed_back_amount": sum(|line| line.cash.handed_back),
        "unclaimed_amount": sum(|line| line.cash.unclaimed),
        "held_amount": sum(|line| line.held),
    });
    let about = json!({"day": day.to_string(), "total": total, "currency": app.profile.currency.currency,
        "as_of_position": found.as_of_position, "as_of_time": format::instant(found.as_of_time_us)});
    table::respond(&table, form, "lines", &about)
}
