//! The only map from an error to an HTTP status: one `application/problem+json` (RFC 9457) for each.

mod kinds;

use crate::app::amounts;
use crate::app::error::{AppError, FieldIssue};
use crate::app::limits::Turned;
use crate::domain::money::CurrencySpec;
use crate::http::limits::status_of;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use kinds::{Kind, approval_status, by_state, kind, of_bank, of_figure, of_inbox, of_target, of_webhook, refused};
use serde_json::{Value, json};
use std::fmt;

/// An error on its way out.
#[derive(Debug)]
pub enum Problem {
    /// A use case's answer.
    App(AppError),
    /// No key, or not a valid one.
    Unauthenticated,
    /// The holder of a key whose time is over.
    KeyExpired,
    /// `Idempotency-Key` is missing or not usable.
    IdempotencyKey(&'static str),
    /// A header or query parameter that cannot be read.
    BadRequest { code: &'static str, detail: String },
    /// No such path.
    NoSuchPath,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// No answer of the kind that `Accept` asks for.
    NotAcceptable,
    /// The body is larger than the operation takes.
    TooLarge { limit_bytes: u64 },
    /// A bank's message is longer than may come over HTTP.
    MessageTooLarge { limit_bytes: u64 },
    /// The body does not come.
    TooSlow,
    /// There is no room for one more body now.
    TooManyMessages,
    /// More than the door takes: the client may come again then.
    ComeAgain { why: Turned, after_seconds: u64 },
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl Problem {
    fn kind(&self) -> Kind {
        match self {
            Self::App(error) => app_kind(error),
            Self::Unauthenticated => kind(StatusCode::UNAUTHORIZED, "unauthenticated", "A valid key is needed"),
            Self::KeyExpired => kind(StatusCode::UNAUTHORIZED, "key-expired", "The key has expired"),
            Self::IdempotencyKey(_) => {
                kind(StatusCode::BAD_REQUEST, "idempotency-key-missing", "An Idempotency-Key is needed")
            }
            Self::BadRequest { code, .. } => kind(StatusCode::BAD_REQUEST, code, "The request cannot be read"),
            Self::NoSuchPath => kind(StatusCode::NOT_FOUND, "no-such-path", "There is nothing here"),
            Self::MethodNotAllowed => {
                kind(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This path does not take that method")
            }
            Self::NotAcceptable => kind(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "No answer of that kind"),
            Self::TooLarge { .. } | Self::MessageTooLarge { .. } => {
                kind(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
            }
            Self::TooSlow => kind(StatusCode::REQUEST_TIMEOUT, "body-too-slow", "The body does not come"),
            Self::TooManyMessages => {
                kind(StatusCode::SERVICE_UNAVAILABLE, "too-many-messages", "Too many messages at once")
            }
            Self::ComeAgain { why, .. } => kind(status_of(*why), why.code(), why.title()),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::App(AppError::Internal(_)) => {
                "The request could not be completed. The log has the details.".to_owned()
            }
            Self::App(AppError::Store(_)) => {
                "The store cannot answer now. Nothing was recorded twice; try again.".to_owned()
            }
            Self::App(AppError::ProjectionStopped { name, .. }) => {
                format!("The projection {name} stopped; figures are not served until it is repaired. See /readyz.")
            }
            Self::App(error) => error.to_string(),
            Self::Unauthenticated => "Send `Authorization: Bearer <key>`; `chitra keys create` makes a key.".to_owned(),
            Self::KeyExpired => {
                "The key's time is over. Whoever made it gives it a new secret: `chitra keys rotate`.".to_owned()
            }
            Self::IdempotencyKey(detail) => (*detail).to_owned(),
            Self::BadRequest { detail, .. } => detail.clone(),
            Self::NoSuchPath => "See /docs for the paths there are.".to_owned(),
            Self::MethodNotAllowed => "See /docs for the methods of this path.".to_owned(),
            Self::NotAcceptable => {
                "Ask for application/json, text/csv, application/x-ndjson, XLSX or Parquet where offered.".to_owned()
            }
            Self::TooLarge { limit_bytes } => format!("The limit here is {limit_bytes} bytes."),
            Self::MessageTooLarge { limit_bytes } => format!(
                "The limit here is {limit_bytes} bytes. Longer messages go in as files: the bank's folder that `chitra serve --inbox DIR` or `chitra inbox watch DIR` takes them from."
            ),
            Self::TooSlow => "Nothing came for too long, or the whole took too long. Send it again.".to_owned(),
            Self::TooManyMessages => "Nothing of this message counts yet. Send it again, the same bytes.".to_owned(),
            Self::ComeAgain { why, after_seconds } => why.detail(*after_seconds),
        }
    }

    fn errors(&self) -> Vec<Value> {
        match self {
            Self::App(AppError::Invalid(issues)) => issues.iter().map(issue_json).collect(),
            Self::App(AppError::Signature(error)) => whole(error.code(), error, error.message_vi()),
            Self::App(AppError::Message(error)) => whole(error.code(), error, error.message_vi()),
            Self::App(AppError::Payment(refusal)) => refusal.field().map_or_else(Vec::new, |field| {
                vec![json!({"pointer": format!("/{field}"), "code": refusal.code(), "message": refusal.to_string(),
                    "message_vi": crate::app::words::payment_refusal_vi(refusal)})]
            }),
            Self::App(AppError::Beneficiary(refusal)) => refusal.field().map_or_else(Vec::new, |field| {
                vec![json!({"pointer": format!("/{field}"), "code": refusal.code(), "message": refusal.to_string(),
                    "message_vi": crate::app::words::beneficiary_refusal_vi(refusal)})]
            }),
            Self::App(AppError::Recovery(refusal)) => refusal.field().map_or_else(Vec::new, |field| {
                vec![json!({"pointer": format!("/{field}"), "code": refusal.code(), "message": refusal.to_string(),
                    "message_vi": crate::app::words::recovery_refusal_vi(refusal)})]
            }),
            Self::App(AppError::Approval(refusal)) => {
                whole(refusal.code(), refusal, crate::app::words::approval_refusal_vi(refusal))
            }
            Self::App(AppError::Desk(refusal)) => refusal.field().map_or_else(Vec::new, |field| {
                vec![json!({"pointer": format!("/{field}"), "code": refusal.code(), "message": refusal.to_string(),
                    "message_vi": crate::app::words::desk_refusal_vi(refusal)})]
            }),
            Self::App(AppError::Figure(refusal)) => {
                whole(refusal.code(), refusal, crate::app::refusals::figure_refusal_vi(refusal))
            }
            Self::App(AppError::Target(refusal)) => {
                vec![json!({"pointer": format!("/{}", refusal.field()), "code": refusal.code(),
                    "message": refusal.to_string(), "message_vi": crate::app::refusals::target_refusal_vi(refusal)})]
            }
            Self::App(AppError::List(refusal)) => {
                vec![json!({"pointer": format!("/{}", refusal.field()), "code": refusal.code(),
                    "message": refusal.to_string(), "message_vi": crate::app::words::list_refusal_vi(refusal)})]
            }
            _ => Vec::new(),
        }
    }

    /// Its status and code, for what is counted of refusals.
    #[must_use]
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        let kind = self.kind();
        (kind.status, kind.code)
    }

    /// Status and document. `request_id` names the request in the log; amounts are told in the currency's digits, where it is known.
    #[must_use]
    pub fn told(&self, request_id: &str, currency: Option<CurrencySpec>) -> (StatusCode, Value) {
        let kind = self.kind();
        // Whoever is turned away is counted; a line for each would be one more load.
        if kind.status.is_server_error() && !matches!(self, Self::ComeAgain { .. }) {
            tracing::error!(request.id = request_id, code = kind.code, error = %self, "a request failed");
        }
        let mut body = json!({
            "type": format!("/docs#{}", kind.code),
            "title": kind.title,
            "status": kind.status.as_u16(),
            "detail": self.detail(),
            "code": kind.code,
            "errors": self.errors(),
            "request_id": request_id,
        });
        self.add_members(&mut body);
        if let (Self::App(error), Some(currency)) = (self, currency)
            && let Some((en, vi)) = amounts::told(error, currency)
        {
            for entry in body["errors"].as_array_mut().into_iter().flatten() {
                (entry["message"], entry["message_vi"]) = (json!(en), json!(vi));
            }
            (body["detail"], body["detail_vi"]) = (json!(en), json!(vi));
        }
        (kind.status, body)
    }

    /// The answer.
    #[must_use]
    pub fn response(&self, request_id: &str, currency: Option<CurrencySpec>) -> HttpResponse {
        let (status, body) = self.told(request_id, currency);
        let mut response = HttpResponse::build(status).body(body.to_string());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
        response
    }

    /// In how many seconds to come again.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::ComeAgain { after_seconds, .. } => Some(*after_seconds),
            _ => (self.kind().status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
        }
    }
}

/// An issue of the whole request.
fn whole(code: &str, message: &impl fmt::Display, message_vi: impl Into<Value>) -> Vec<Value> {
    vec![json!({"pointer": "", "code": code, "message": message.to_string(), "message_vi": message_vi.into()})]
}

fn app_kind(error: &AppError) -> Kind {
    match error {
        AppError::Invalid(_) => kind(StatusCode::UNPROCESSABLE_ENTITY, "invalid-input", "Some fields cannot be taken"),
        AppError::Payment(refusal) => {
            kind(refused(refusal.code(), refusal.is_by_state()), refusal.code(), "The payment does not allow this")
        }
        AppError::Beneficiary(refusal) => kind(
            refused(refusal.code(), refusal.is_by_state()),
            refusal.code(),
            "The beneficiary's record does not allow this",
        ),
        AppError::Recovery(refusal) => {
            kind(refused(refusal.code(), refusal.is_by_state()), refusal.code(), "The recovery does not allow this")
        }
        AppError::Approval(refusal) => {
            kind(approval_status(refusal), refusal.code(), "The approval does not allow this")
        }
        AppError::Desk(refusal) => {
            kind(refused(refusal.code(), refusal.is_by_state()), refusal.code(), "The desk does not allow this")
        }
        AppError::List(refusal) => {
            let status = match refusal.code() {
                "list-not-found" => StatusCode::NOT_FOUND,
                "second-person-required" => StatusCode::FORBIDDEN,
                _ => by_state(refusal.is_by_state()),
            };
            kind(status, refusal.code(), "The list does not allow this")
        }
        AppError::Bank(refusal) => of_bank(refusal),
        AppError::Inbox(refusal) => of_inbox(*refusal),
        AppError::Webhook(refusal) => of_webhook(*refusal),
        AppError::Figure(refusal) => of_figure(refusal),
        AppError::Target(refusal) => of_target(refusal),
        AppError::Signature(error) => {
            kind(StatusCode::UNAUTHORIZED, error.code(), "The message's signature is not the bank's")
        }
        AppError::Message(error) => kind(StatusCode::UNPROCESSABLE_ENTITY, error.code(), "The message cannot be read"),
        AppError::Quarantine(cause) => {
            kind(StatusCode::CONFLICT, cause.code(), "The report contradicts what is recorded")
        }
        AppError::PlanChanged(_) => kind(StatusCode::CONFLICT, "plan-changed", "The plan no longer holds"),
        AppError::Taken { code, .. } => kind(StatusCode::CONFLICT, code, "It is recorded already"),
        AppError::NotFound(_) => kind(StatusCode::NOT_FOUND, "not-found", "There is no such object"),
        AppError::Forbidden { code, .. } => kind(StatusCode::FORBIDDEN, code, "Your key does not allow this"),
        AppError::IdempotencyKeyReused { .. } => {
            kind(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The Idempotency-Key was used before")
        }
        AppError::RequestInProgress => {
            kind(StatusCode::CONFLICT, "request-in-progress", "The first request still runs")
        }
        AppError::RevisionMoved { .. } => kind(StatusCode::PRECONDITION_FAILED, "revision-moved", "The object moved"),
        AppError::Contended => kind(StatusCode::SERVICE_UNAVAILABLE, "contended", "Too many writers at once"),
        AppError::NotCaughtUp { .. } => {
            kind(StatusCode::SERVICE_UNAVAILABLE, "not-caught-up", "The figures are not that far yet")
        }
        AppError::BeyondHead { .. } => {
            kind(StatusCode::UNPROCESSABLE_ENTITY, "position-beyond-head", "No such position yet")
        }
        AppError::NoCheckpointYet => kind(StatusCode::NOT_FOUND, "no-checkpoint-yet", "Nothing is signed yet"),
        AppError::NotSignedYet { .. } => {
            kind(StatusCode::SERVICE_UNAVAILABLE, "not-signed-yet", "The newest events are not signed yet")
        }
        AppError::File { code, .. } => kind(StatusCode::UNPROCESSABLE_ENTITY, code, "The file cannot be taken"),
        AppError::ProjectionStopped { .. } => {
            kind(StatusCode::SERVICE_UNAVAILABLE, "projection-stopped", "A projection stopped")
        }
        AppError::Store(_) => kind(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "The store cannot answer"),
        AppError::Internal(_) => kind(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong"),
    }
}

fn issue_json(issue: &FieldIssue) -> Value {
    json!({
        "pointer": format!("/{}", issue.field.replace('~', "~0").replace('/', "~1")),
        "code": issue.code,
        "message": issue.message,
        "message_vi": issue.message_vi,
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(error) => error.fmt(f),
            other => f.write_str(&other.detail()),
        }
    }
}

impl std::error::Error for Problem {}

impl actix_web::ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind().status
    }

    fn error_response(&self) -> HttpResponse {
        self.response("", None)
    }
}
