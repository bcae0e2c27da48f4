//! Recoveries over HTTP: what was found, asked back, received and given up.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::oversight::approvals::Answered;
use crate::app::oversight::recoveries::{FindInput, RecoveryDeed, RecoveryFilter, RecoveryRow};
use crate::app::queries::Page;
use crate::app::shapes;
use crate::app::table::Table;
use crate::app::words;
use crate::domain::ids::{BeneficiaryId, PaymentId, RecoveryId};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::recovery::{Ground, Recovery, RecoveryState};
use crate::http::approvals;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::cursor;
use crate::http::figures::scope;
use crate::http::lists::{CURSOR, with_next};
use crate::http::payments::{amount, attempt, date, evidence};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

/// Reads a ground that a person finds; the others follow from the records.
fn ground(text: &str) -> Option<Ground> {
    Ground::ALL.into_iter().find(|ground| ground.as_str() == text && !ground.is_automatic())
}

/// Reads a state.
fn state(text: &str) -> Option<RecoveryState> {
    RecoveryState::ALL.into_iter().find(|state| state.as_str() == text)
}

fn recovery_id(request: &HttpRequest) -> Result<RecoveryId, Problem> {
    path_id(request, "recovery", |text| RecoveryId::parse(text).ok())
}

fn written_response(app: &App, written: &Written<Recovery>, created: bool) -> HttpResponse {
    let found = written.state.found.as_ref();
    let location = found.map(|found| format!("/v1/recoveries/{}", found.recovery_id));
    written_answer(
        written,
        created,
        location,
        found.map_or_else(|| json!({}), |found| shapes::recovery(&app.profile, found)),
    )
}

/// `POST /v1/recoveries`: an overpayment that a person found.
pub async fn find(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let payment_id = body.required("payment_id", &words::UUID, |text| PaymentId::parse(text).ok());
    let attempt = attempt(&mut body);
    let ground = body.required("ground", &words::RECOVERY_GROUND, ground);
    let months = body.list("months", &words::MONTHS, |text| Month::parse(text).ok());
    let amount = amount(&app, &mut body, false);
    body.finish()?;
    let (Some(payment_id), Some(ground)) = (payment_id, ground) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let written = app.find_overpayment(&write, FindInput { payment_id, attempt, ground, months, amount }).await?;
    Ok(written_response(&app, &written, true))
}

async fn deed(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
    read: fn(&App, &mut Body) -> Option<RecoveryDeed>,
) -> Result<HttpResponse, Problem> {
    let id = recovery_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let deed = read(&app, &mut body);
    body.finish()?;
    let deed = deed.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let written = app.recover(&write, id, deed).await?;
    Ok(written_response(&app, &written, false))
}

/// `POST /v1/recoveries/{id}/demand`: it was asked back in writing.
pub async fn demand(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    deed(app, caller, request, bytes, |_, body| {
        let demanded_on = body.optional("demanded_on", &words::DATE, date);
        let due_on = body.optional("due_on", &words::DATE, date);
        let reference = body.note("reference", true);
        Some(RecoveryDeed::Demand { demanded_on, due_on, reference: reference? })
    })
    .await
}

/// `POST /v1/recoveries/{id}/receive`: some of it, or all, came back.
pub async fn receive(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    deed(app, caller, request, bytes, |app, body| {
        let amount: Option<Money> = amount(app, body, false);
        let received_on = body.required("received_on", &words::DATE, date);
        let evidence = evidence(body);
        Some(RecoveryDeed::Receive { amount, received_on: received_on?, evidence: evidence? })
    })
    .await
}

/// `POST /v1/recoveries/{id}/write-off`: what is outstanding is given up.
pub async fn write_off(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = recovery_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let reason = body.note("reason", true);
    body.finish()?;
    let reason = reason.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(match app.write_off(&write, id, reason).await? {
        Answered::Done(written) => written_response(&app, &written, false),
        Answered::Waits(written) => approvals::waits(&app, &written),
    })
}

/// `GET /v1/recoveries/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let view = app.read_recovery(&caller.0, recovery_id(&request)?).await?;
    let mut answer = shapes::recovery(&app.profile, &view.recovery);
    let receipt = |receipt: &crate::domain::recovery::event::RecoveryReceived| {
        json!({
            "amount": app.profile.currency.format(receipt.amount.minor),
            "received_on": receipt.received_on.to_string(),
            "evidence": receipt.evidence,
        })
    };
    answer["receipts"] = view.recovery.receipts.iter().map(receipt).collect();
    answer["revision"] = json!(view.revision);
    answer["position"] = json!(view.position);
    answer["as_of_position"] = json!(view.as_of_position);
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.revision))).json(answer))
}

const HEADER: [&str; 20] = [
    "recovery_id",
    "payment_id",
    "attempt",
    "beneficiary_id",
    "benefit_type",
    "unit",
    "ground",
    "months",
    "amount",
    "currency",
    "status",
    "received",
    "written_off",
    "outstanding",
    "refund",
    "found_on",
    "demanded_on",
    "due_on",
    "revision",
    "last_position",
];

fn cells(app: &App, row: &RecoveryRow) -> Vec<Value> {
    let money = |minor: i64| json!(app.profile.currency.format(minor));
    vec![
        json!(row.recovery_id),
        json!(row.payment_id),
        json!(row.attempt),
        json!(row.beneficiary_id),
        json!(row.benefit_type),
        json!(row.unit_key),
        json!(row.ground.as_str()),
        json!(row.months),
        money(row.amount.minor),
        json!(row.amount.currency),
        json!(row.state.as_str()),
        money(row.received_minor),
        money(row.written_off_minor),
        money(row.outstanding_minor()),
        money(row.refund_minor),
        json!(row.found_on.to_string()),
        json!(row.demanded_on.map(|day| day.to_string())),
        json!(row.due_on.map(|day| day.to_string())),
        json!(row.revision),
        json!(row.last_position),
    ]
}

/// `GET /v1/recoveries`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let filter = RecoveryFilter {
        units: None,
        states: query.optional("status", &words::RECOVERY_STATUS, state).into_iter().collect(),
        payment: query.optional("payment_id", &words::UUID, |text| PaymentId::parse(text).ok()),
        beneficiary: query.optional("beneficiary_id", &words::UUID, |text| BeneficiaryId::parse(text).ok()),
    };
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.list_recoveries(&caller.0, (unit, filter), Page { after, limit }, min_position).await?;
    let mut table = Table::new(&HEADER);
    found.answer.rows.iter().for_each(|row| table.push(cells(&app, row)));
    with_next(&request, (&table, form, "recoveries"), (found.answer.next_after, &found))
}
