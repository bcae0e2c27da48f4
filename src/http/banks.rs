//! Banks over HTTP: their signed messages come in, and what became of each is read and resolved.

use crate::app::banks::callback::{InboxView, MESSAGE_BYTES_MAX};
use crate::app::error::AppError;
use crate::app::words;
use crate::domain::ids::{BankId, InboxId};
use crate::domain::inbox::{Inbox, InboxRefusal};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web, web::Bytes};
use futures_util::StreamExt;
use serde_json::{Value, json};

/// A message as it stands.
fn inbox(id: InboxId, state: &Inbox) -> Value {
    let quarantined: Vec<Value> = state
        .quarantined
        .values()
        .map(|quarantine| {
            let item = &quarantine.item;
            json!({"item": item.item, "cause": item.cause, "payment_id": item.payment_id,
                "resolved": quarantine.resolved.as_ref().map(|resolved| &resolved.reason)})
        })
        .collect();
    let received = state.received.as_ref();
    let counts = state.applied.as_ref();
    json!({
        "inbox_id": id,
        "verdicts": format!("/v1/inbox/{id}"),
        "bank": received.map(|message| &message.bank),
        "format": received.map(|message| &message.format),
        "version": received.and_then(|message| message.version.as_ref()),
        "sha256": received.map(|message| &message.sha256),
        "bytes": received.map(|message| message.bytes),
        "items": received.map(|message| message.items),
        "judged": counts.is_some(),
        "applied": counts.map(|counts| counts.applied),
        "no_op": counts.map(|counts| counts.no_op),
        "quarantined": quarantined,
        "waiting": state.waiting(),
    })
}

fn answer(view: &InboxView, mut response: actix_web::HttpResponseBuilder) -> HttpResponse {
    let mut body = inbox(view.id, &view.state);
    body["revision"] = json!(view.revision);
    body["position"] = json!(view.position);
    response.insert_header(("ETag", format!("\"{}\"", view.revision)));
    response.json(body)
}

/// `POST /v1/bank-callbacks/{bank}`. The gate lets it through: its signature is its key.
pub async fn callback(
    app: SharedApp,
    request: HttpRequest,
    mut payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let bank = request.match_info().get("bank").and_then(|text| BankId::parse(text).ok());
    let bank = bank.ok_or(Problem::App(AppError::NotFound("bank")))?;
    let mut body = Vec::new();
    while let Some(piece) = payload.next().await {
        let unreadable = |_| Problem::BadRequest {
            code: "body-unreadable",
            detail: "The body could not be read to its end.".to_owned(),
        };
        let piece = piece.map_err(unreadable)?;
        if body.len() + piece.len() > MESSAGE_BYTES_MAX {
            return Err(Problem::TooLarge { limit_bytes: MESSAGE_BYTES_MAX as u64 });
        }
        body.extend_from_slice(&piece);
    }
    // What is not text in a header cannot be a signature: it is looked at as empty.
    let headers: Vec<(&str, &str)> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or(""))).collect();
    let view = app.bank_callback(&bank, &headers, &body).await?;
    Ok(answer(&view, HttpResponse::Accepted()))
}

fn inbox_id(request: &HttpRequest) -> Result<InboxId, Problem> {
    let id = path_id(request, "message", |text| InboxId::parse(text).ok());
    id.map_err(|_| Problem::App(InboxRefusal::NotReceived.into()))
}

/// `GET /v1/inbox/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let view = app.read_inbox(&caller.0, inbox_id(&request)?).await?;
    Ok(answer(&view, HttpResponse::Ok()))
}

/// `POST /v1/inbox/{id}/resolve`
pub async fn resolve(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = inbox_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let item = match body.raw("item") {
        Some(value) => value.as_u64().or_else(|| {
            body.report("item", &words::ITEM);
            None
        }),
        None => {
            body.report_missing("item", &words::ITEM);
            None
        }
    };
    let reason = body.note("reason", true);
    body.finish()?;
    let (Some(item), Some(reason)) = (item, reason) else { return Err(Problem::App(AppError::Invalid(Vec::new()))) };
    let written = app.resolve_inbox(&write, id, (item, reason)).await?;
    Ok(written_answer(&written, false, None, inbox(id, &written.state)))
}
