//! Approvals over HTTP: what waits for a second person, consent and refusal.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::oversight::approvals::ApprovalView;
use crate::app::oversight::recoveries::{ApprovalFilter, ApprovalRow};
use crate::app::queries::Page;
use crate::app::table::Table;
use crate::app::words;
use crate::domain::approval::{Approval, ApprovalState, Requested};
use crate::domain::ids::ApprovalId;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request};
use crate::http::cursor;
use crate::http::figures::scope;
use crate::http::format::instant;
use crate::http::lists::{CURSOR, with_next};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

fn approval_id(request: &HttpRequest) -> Result<ApprovalId, Problem> {
    path_id(request, "approval", |text| ApprovalId::parse(text).ok())
}

fn summary(app: &App, asked: &Requested, state: ApprovalState) -> Value {
    let request = &asked.request;
    json!({
        "approval_id": request.approval_id,
        "action": request.command.action().as_str(),
        "object": request.command.object(),
        "command": request.command,
        "unit": request.unit_key,
        "amount": request.amount.map(|amount| app.profile.currency.format(amount.minor)),
        "currency": request.amount.map(|amount| amount.currency),
        "status": state.as_str(),
        "requested_by": request.requested_by,
        "decided_by": asked.decided_by,
        "failure": asked.failure,
        "used_position": asked.used.as_ref().map(|used| used.position),
        "expires_at": instant(request.expires_at.as_microsecond()),
    })
}

/// 202: it waits for another person.
pub fn waits(app: &App, written: &Written<Approval>) -> HttpResponse {
    let Some(asked) = &written.state.requested else { return HttpResponse::Accepted().json(json!({})) };
    let mut answer = summary(app, asked, ApprovalState::Pending);
    answer["revision"] = json!(written.revision);
    answer["position"] = json!(written.position);
    let mut response = HttpResponse::Accepted();
    response.insert_header((LOCATION, format!("/v1/approvals/{}", asked.request.approval_id)));
    if written.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    response.json(answer)
}

fn view_json(app: &App, view: &ApprovalView) -> Value {
    let mut answer = summary(app, &view.approval, view.state);
    answer["revision"] = json!(view.revision);
    answer["position"] = json!(view.position);
    answer["as_of_position"] = json!(view.as_of_position);
    answer["label"] = json!(view.label);
    answer
}

fn decided(app: &App, (written, view): &(Written<Approval>, ApprovalView)) -> HttpResponse {
    let status = if written.appended { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response.insert_header(("ETag", format!("\"{}\"", view.revision)));
    if written.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    response.json(view_json(app, view))
}

/// `POST /v1/approvals/{id}/grant`
pub async fn grant(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = approval_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
    let note = body.note("note", false);
    body.finish()?;
    Ok(decided(&app, &app.grant(&write, id, note).await?))
}

/// `POST /v1/approvals/{id}/decline`
pub async fn decline(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = approval_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let reason = body.note("reason", true);
    body.finish()?;
    let reason = reason.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(decided(&app, &app.decline(&write, id, reason).await?))
}

/// `GET /v1/approvals/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let view = app.read_approval(&caller.0, approval_id(&request)?).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.revision))).json(view_json(&app, &view)))
}

const HEADER: [&str; 14] = [
    "approval_id",
    "action",
    "object",
    "unit",
    "amount",
    "currency",
    "status",
    "requested_by",
    "decided_by",
    "failure",
    "requested_at",
    "expires_at",
    "revision",
    "last_position",
];

fn cells(app: &App, row: &ApprovalRow, now_us: i64) -> Vec<Value> {
    vec![
        json!(row.approval_id),
        json!(row.action.as_str()),
        json!(row.object),
        json!(row.unit_key),
        json!(row.amount.map(|amount| app.profile.currency.format(amount.minor))),
        json!(row.amount.map(|amount| amount.currency)),
        json!(row.state_at(now_us).as_str()),
        json!(row.requested_by),
        json!(row.decided_by),
        json!(row.failure),
        json!(instant(row.requested_at_us)),
        json!(instant(row.expires_at_us)),
        json!(row.revision),
        json!(row.last_position),
    ]
}

/// `GET /v1/approvals`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let state = query.optional("status", &words::APPROVAL_STATUS, |text| {
        ApprovalState::ALL.into_iter().find(|state| state.as_str() == text)
    });
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let filter = ApprovalFilter { state, ..ApprovalFilter::default() };
    let found = app.list_approvals(&caller.0, (unit, filter), Page { after, limit }, min_position).await?;
    let now_us = app.clock.now_us();
    let mut table = Table::new(&HEADER);
    found.answer.rows.iter().for_each(|row| table.push(cells(&app, row, now_us)));
    with_next(&request, (&table, form, "approvals"), (found.answer.next_after, &found))
}
