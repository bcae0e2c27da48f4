//! What handlers share: the caller, the headers of writes and reads, and what every write answers.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::execute::{RequestKey, WriteRequest, Written};
use crate::domain::envelope::Source;
use crate::http::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, IF_MATCH, LOCATION};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::future::{Ready, ready};

/// The longest Idempotency-Key.
const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;

/// The authenticated caller of the request. Put there by the access layer; without it there is no handler.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Caller>().cloned().ok_or(Problem::Unauthenticated))
    }
}

/// The application as handlers see it.
pub type SharedApp = web::Data<App>;

/// The request's Idempotency-Key, checked.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all("idempotency-key");
    let value = values.next().ok_or(Problem::IdempotencyKey(
        "Send an Idempotency-Key header: any text of 1 to 255 visible characters, new for each thing to record and the same for each repeat.",
    ))?;
    let key = value.to_str().unwrap_or("").trim();
    let fits = !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_LENGTH_MAX && key.bytes().all(|b| b.is_ascii_graphic());
    if !fits || values.next().is_some() {
        return Err(Problem::IdempotencyKey("One Idempotency-Key of 1 to 255 visible ASCII characters is needed."));
    }
    Ok(key.to_owned())
}

/// The revision that `If-Match` names, if it is sent.
pub fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or("").trim();
    if text == "*" {
        return Ok(None);
    }
    let digits = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    digits.and_then(|digits| digits.parse().ok()).map(Some).ok_or_else(|| Problem::BadRequest {
        code: "if-match-invalid",
        detail: "If-Match takes one revision in quotes, for example \"3\".".to_owned(),
    })
}

/// A request to write, from its headers and body.
pub fn write_request(app: &App, caller: &Caller, request: &HttpRequest, body: &[u8]) -> Result<WriteRequest, Problem> {
    let headers = request.headers();
    let idempotency_key = idempotency_key(headers)?;
    // The path names the object and the deed; with the body it is all that the first answer depends on.
    let input_hash = app.vault.input_hash(&[request.path().as_bytes(), body]);
    Ok(WriteRequest {
        principal: caller.0.clone(),
        source: if caller.0.bank.is_some() { Source::Bank } else { Source::Api },
        idempotency: RequestKey { caller: caller.0.key_id.clone(), idempotency_key, input_hash },
        if_match: if_match(headers)?,
        occurred_at: None,
    })
}

/// An id in the path, as text.
pub fn path_id<T>(request: &HttpRequest, what: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    request.match_info().get("id").and_then(read).ok_or(Problem::App(AppError::NotFound(what)))
}

/// What every write answers: the object as it stands now, its revision, and the position to read it back from. A repeat gets the
/// same, marked.
#[must_use]
pub fn written_answer<A>(
    written: &Written<A>,
    created: bool,
    location: Option<String>,
    mut answer: Value,
) -> HttpResponse {
    let status = if created || written.appended { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response.insert_header(("ETag", format!("\"{}\"", written.revision)));
    if written.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    if let Some(location) = location {
        response.insert_header((LOCATION, location));
    }
    answer["revision"] = json!(written.revision);
    answer["position"] = json!(written.position);
    answer["changed"] = json!(written.appended);
    response.json(answer)
}
