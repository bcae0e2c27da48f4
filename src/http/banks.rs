//! Banks over HTTP: their signed messages come in, and what became of each is read and resolved.

use crate::app::banks::callback::MESSAGE_BYTES_MAX;
use crate::app::banks::inbox::{InboxView, MessageFilter, MessageRow, WaitingFilter, WaitingRow};
use crate::app::error::AppError;
use crate::app::queries::Page;
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::bank::Expected;
use crate::domain::ids::{BankId, InboxId};
use crate::domain::inbox::{Inbox, InboxRefusal};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::cursor;
use crate::http::figures::{bank, scope};
use crate::http::format;
use crate::http::lists::{CURSOR, with_next};
use crate::http::message_body::Room;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, HttpResponse, web, web::Bytes};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long what is known of a bank holds while its message comes.
const KNOWN_FOR: Duration = Duration::from_millis(500);

/// A message as it stands.
pub(super) fn inbox(id: InboxId, state: &Inbox) -> Value {
    let quarantined: Vec<Value> = state
        .quarantined
        .values()
        .map(|quarantine| {
            let item = &quarantine.item;
            json!({"item": item.item, "of_item": item.of_item, "cause": item.cause, "payment_id": item.payment_id, "unit": item.unit_key,
                "sha256": item.sha256, "rest": item.rest, "judged_again": quarantine.judged_again,
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
        "of_whole": counts.and_then(|counts| counts.of_whole),
        "waiting": state.waiting(),
    })
}

/// What the log proves of the message goes with it, signed.
pub(super) async fn answer(
    app: &SharedApp,
    view: &InboxView,
    mut response: actix_web::HttpResponseBuilder,
) -> Result<HttpResponse, Problem> {
    let mut body = inbox(view.id, &view.state);
    body["revision"] = json!(view.revision);
    body["position"] = json!(view.position);
    body["receipt"] = json!(app.bank_receipt(view).await?);
    response.insert_header(("ETag", format!("\"{}\"", view.revision)));
    Ok(response.json(body))
}

/// What says itself that it is too long is not waited for.
fn check_announced(request: &HttpRequest) -> Result<(), Problem> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let limit_bytes = MESSAGE_BYTES_MAX as u64;
    if announced.is_some_and(|length| length > limit_bytes) {
        Err(Problem::MessageTooLarge { limit_bytes })
    } else {
        Ok(())
    }
}

/// `POST /v1/bank-callbacks/{bank}`. The gate lets it through: its signature is its key.
pub async fn callback(
    app: SharedApp,
    room: web::Data<Room>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let bank = request.match_info().get("bank").and_then(|text| BankId::parse(text).ok());
    let bank = bank.ok_or(Problem::App(AppError::NotFound("bank")))?;
    // What is not text in a header cannot be a signature: it is looked at as empty.
    let headers: Vec<(&str, &str)> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or(""))).collect();
    let (mut known, known_at) = (app.check_bank_headers(&bank, &headers).await?, Instant::now());
    check_announced(&request)?;
    let mut body = room.read(payload).await?;
    // A key that was disabled while a long body came does not open it any more.
    if known_at.elapsed() > KNOWN_FOR {
        known = app.check_bank_headers(&bank, &headers).await?;
    }
    let bytes = std::mem::take(&mut body.bytes);
    let view = app.bank_callback((&bank, known), &headers, bytes).await;
    drop(body);
    answer(&app, &view?, HttpResponse::Accepted()).await
}

pub(super) fn inbox_id(request: &HttpRequest) -> Result<InboxId, Problem> {
    let id = path_id(request, "message", |text| InboxId::parse(text).ok());
    id.map_err(|_| Problem::App(InboxRefusal::NotReceived.into()))
}

/// `GET /v1/inbox/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let view = app.read_inbox(&caller.0, inbox_id(&request)?).await?;
    answer(&app, &view, HttpResponse::Ok()).await
}

const FORMAT: Words = Words {
    en: "json, pain.002, camt.053, camt.054 or pacs.004",
    vi: "json, pain.002, camt.053, camt.054 hoặc pacs.004",
};

fn format_word(text: &str) -> Option<String> {
    Expected::FORMATS.iter().find(|known| **known == text).map(|known| (*known).to_owned())
}

fn yes(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

const MESSAGE_HEADER: [&str; 14] = [
    "inbox_id",
    "bank",
    "message_format",
    "version",
    "sha256",
    "bytes",
    "items",
    "judged",
    "applied",
    "no_op",
    "quarantined",
    "waiting",
    "received_at",
    "position",
];

fn message_cells(row: &MessageRow) -> Vec<Value> {
    let counted = |count: u64| row.judged.then_some(count);
    vec![
        json!(row.inbox_id),
        json!(row.bank),
        json!(row.format),
        json!(row.version),
        json!(row.sha256),
        json!(row.bytes),
        json!(row.items),
        json!(row.judged),
        json!(counted(row.applied)),
        json!(counted(row.no_op)),
        json!(counted(row.quarantined)),
        json!(row.waiting),
        json!(format::instant(row.received_at_us)),
        json!(row.last_position),
    ]
}

/// `GET /v1/inbox`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let filter = MessageFilter {
        bank: bank(&app, &mut query),
        format: query.optional("message_format", &FORMAT, format_word),
        unjudged: query.optional("judged", &words::BOOLEAN, yes) == Some(false),
        waiting: query.optional("waiting", &words::BOOLEAN, yes) == Some(true),
    };
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.list_messages(&caller.0, filter, Page { after, limit }, min_position).await?;
    let mut table = Table::new(&MESSAGE_HEADER);
    found.answer.rows.iter().for_each(|row| table.push(message_cells(row)));
    with_next(&request, (&table, form, "messages"), (found.answer.next_after, &found))
}

const ITEM_HEADER: [&str; 8] = ["inbox_id", "item", "bank", "cause", "payment_id", "unit", "since", "resolved"];

fn item_cells(row: &WaitingRow) -> Vec<Value> {
    vec![
        json!(row.inbox_id),
        json!(row.item),
        json!(row.bank),
        json!(row.cause),
        json!(row.payment_id),
        json!(row.unit_key),
        json!(format::instant(row.since_us)),
        json!(row.resolved),
    ]
}

/// `GET /v1/inbox/items`
pub async fn items(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let filter = WaitingFilter {
        units: None,
        bank: bank(&app, &mut query),
        message: query.optional("message", &words::UUID, |text| InboxId::parse(text).ok()),
        waiting: query.optional("resolved", &words::BOOLEAN, yes) != Some(true),
    };
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.list_waiting(&caller.0, (unit, filter), Page { after, limit }, min_position).await?;
    let mut table = Table::new(&ITEM_HEADER);
    found.answer.rows.iter().for_each(|row| table.push(item_cells(row)));
    with_next(&request, (&table, form, "items"), (found.answer.next_after, &found))
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
    let item = if let Some(value) = body.raw("item") {
        let number = value.as_u64();
        if number.is_none() {
            body.report("item", &words::ITEM);
        }
        number
    } else {
        body.report_missing("item", &words::ITEM);
        None
    };
    let reason = body.note("reason", true);
    body.finish()?;
    let (Some(item), Some(reason)) = (item, reason) else { return Err(Problem::App(AppError::Invalid(Vec::new()))) };
    let written = app.resolve_inbox(&write, id, (item, reason)).await?;
    Ok(written_answer(&written, false, None, inbox(id, &written.state)))
}
