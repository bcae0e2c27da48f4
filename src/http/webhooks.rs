//! Webhooks over HTTP: registered, changed, tried, told again, and what was sent to them.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::webhooks::deliveries::{delivery, shown, viewed};
use crate::app::webhooks::registry::{FORMER_HOURS_DEFAULT, FORMER_HOURS_MAX, WebhookDeed, WithSecret};
use crate::app::webhooks::{DeliveryState, MessageKind};
use crate::app::words::{self, Words};
use crate::domain::ids::WebhookId;
use crate::domain::webhook::{Webhook, WebhookSettings};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::cursor;
use crate::http::problem::Problem;
use crate::http::query::Query;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

const TYPES: Words = Words {
    en: "a list of types of messages, each as GET /openapi.json names it under webhooks: payment.settled, payment.returned ...",
    vi: "danh sách loại thông báo như GET /openapi.json nêu ở webhooks: payment.settled, payment.returned ...",
};
const HOURS: Words = Words { en: "a whole number of hours from 1 to 720", vi: "số giờ nguyên từ 1 đến 720" };
const POSITION: Words =
    Words { en: "a position, 1 or more, as a number", vi: "vị trí từ 1 trở lên, dạng số" };
const STATES: Words =
    Words { en: "one of pending, delivered, given_up", vi: "một trong: pending, delivered, given_up" };
const CURSOR: Words = Words { en: "a cursor that a page before gave", vi: "con trỏ do trang trước trả về" };

fn webhook_id(request: &HttpRequest) -> Result<WebhookId, Problem> {
    path_id(request, "webhook", |text| WebhookId::parse(text).ok())
}

fn settings(app: &App, body: &mut Body) -> Option<WebhookSettings> {
    let url = body.text("url", true);
    let kinds = body.list("types", &TYPES, MessageKind::parse);
    let unit = body.text("unit", false).and_then(|text| {
        let today = app.profile.business_day(app.clock.now_us());
        app.scope(&text, today).map_err(|issue| body.push(issue)).ok()
    });
    let bank = body.optional("bank", &words::BANK, |text| app.profile.bank_by_name(text).map(|spec| spec.id.clone()));
    let description = body.note("description", false);
    Some(WebhookSettings { url: url?, kinds, unit, bank, description })
}

fn answer(written: &Written<Webhook>, created: bool, secret: Option<&str>) -> HttpResponse {
    let entry = written.state.registered.as_ref();
    let mut body = entry.map_or_else(|| json!({}), shown);
    if let Some(secret) = secret {
        body["secret"] = json!(secret);
    }
    let location = entry.filter(|_| created).map(|own| format!("/v1/webhooks/{}", own.webhook_id));
    let mut response = written_answer(written, created, location, body);
    if secret.is_some() {
        let value = actix_web::http::header::HeaderValue::from_static("no-store");
        response.headers_mut().insert(actix_web::http::header::CACHE_CONTROL, value);
    }
    response
}

fn secret_answer((written, secret): &WithSecret, created: bool) -> HttpResponse {
    answer(written, created, secret.as_ref().map(|secret| secret.as_str()))
}

/// `POST /v1/webhooks`
pub async fn register(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let settings = settings(&app, &mut body);
    body.finish()?;
    let settings = settings.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(secret_answer(&app.register_webhook(&write, settings).await?, true))
}

/// `GET /v1/webhooks`
pub async fn list(app: SharedApp, caller: Caller) -> Result<HttpResponse, Problem> {
    let all = app.list_webhooks(&caller.0).await?;
    let all: Vec<Value> = all.iter().filter_map(|state| state.registered.as_ref()).map(shown).collect();
    Ok(HttpResponse::Ok().json(json!({"webhooks": all})))
}

/// `GET /v1/webhooks/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let view = app.webhook_view(&caller.0, webhook_id(&request)?).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.revision))).json(viewed(&view)))
}

/// `POST /v1/webhooks/{id}/rotate-secret`
pub async fn rotate(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = webhook_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let hours = body.number("former_hours", &HOURS);
    if hours.is_some_and(|hours| hours > FORMER_HOURS_MAX) {
        body.report("former_hours", &HOURS);
    }
    body.finish()?;
    let rotated = app.rotate_webhook_secret(&write, id, hours.unwrap_or(FORMER_HOURS_DEFAULT)).await?;
    Ok(secret_answer(&rotated, false))
}

/// What a handler of a deed does.
async fn deed(
    (app, caller): (SharedApp, Caller),
    request: &HttpRequest,
    bytes: &Bytes,
    read: impl FnOnce(&App, &mut Body) -> Option<WebhookDeed>,
) -> Result<HttpResponse, Problem> {
    let id = webhook_id(request)?;
    let write = write_request(&app, &caller, request, bytes)?;
    let mut body = Body::parse(bytes)?;
    let deed = read(&app, &mut body);
    body.finish()?;
    let deed = deed.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(answer(&app.change_webhook(&write, id, deed).await?, false, None))
}

macro_rules! deeds {
    ($($(#[$doc:meta])* $name:ident, $read:expr;)+) => {
        $(
            $(#[$doc])*
            pub async fn $name(
                app: SharedApp,
                caller: Caller,
                request: HttpRequest,
                bytes: Bytes,
            ) -> Result<HttpResponse, Problem> {
                deed((app, caller), &request, &bytes, $read).await
            }
        )+
    };
}

deeds! {
    /// `POST /v1/webhooks/{id}/change`
    change, |app, body| settings(app, body).map(WebhookDeed::Change);
    /// `POST /v1/webhooks/{id}/disable`
    disable, |_, _| Some(WebhookDeed::Disable);
    /// `POST /v1/webhooks/{id}/enable`
    enable, |_, _| Some(WebhookDeed::Enable);
    /// `POST /v1/webhooks/{id}/remove`
    remove, |_, _| Some(WebhookDeed::Remove);
    /// `POST /v1/webhooks/{id}/ping`
    ping, |_, _| Some(WebhookDeed::Ping);
    /// `POST /v1/webhooks/{id}/replay`
    replay, |_, body| {
        let from_position = position(body, "from_position")?;
        Some(WebhookDeed::Replay { from_position })
    };
    /// `POST /v1/webhooks/{id}/resend`
    resend, |_, body| {
        let position = position(body, "position")?;
        Some(WebhookDeed::Resend { position })
    };
}

fn position(body: &mut Body, field: &str) -> Option<u64> {
    let Some(value) = body.raw(field) else {
        body.report_missing(field, &POSITION);
        return None;
    };
    let position = value.as_u64().filter(|position| (1..=i64::MAX.unsigned_abs()).contains(position));
    if position.is_none() {
        body.report(field, &POSITION);
    }
    position
}

/// `GET /v1/webhooks/{id}/deliveries`
pub async fn deliveries(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = webhook_id(&request)?;
    let mut query = Query::of(&request)?;
    let state = query.optional("status", &STATES, DeliveryState::parse);
    let before = query.optional("cursor", &CURSOR, cursor::position);
    let limit = query.limit(100);
    query.finish()?;
    let found = app.webhook_deliveries(&caller.0, id, (before, state, limit)).await?;
    let next = found.last().filter(|_| found.len() == limit as usize).map(|last| cursor::of(last.position));
    let shown: Vec<Value> = found.iter().map(delivery).collect();
    Ok(HttpResponse::Ok().json(json!({"deliveries": shown, "next_cursor": next})))
}
