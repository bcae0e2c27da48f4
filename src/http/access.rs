//! The one gate: every path under /v1 names an action in the table; no key or no grant, no handler.

use crate::app::App;
use crate::app::access::Reach;
use crate::app::error::AppError;
use crate::domain::money::CurrencySpec;
use crate::http::context::Caller;
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::routes;
use crate::http::server::JSON_BODY_BYTES_MAX;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

/// Name of the request's id in both directions.
const REQUEST_ID: &str = "x-request-id";

/// Authenticates, looks the operation up in the table, and lets the request through or answers why not.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request_id = request_id(&request);
    if let Some(page) = request.match_pattern().and_then(|pattern| pages::find(request.method().as_str(), &pattern)) {
        return pages::gate::pass(request, next, (page, &request_id)).await;
    }
    let currency = request.app_data::<web::Data<App>>().map(|app| app.profile.currency);
    match admit(&request).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
        }
        Err(problem) => return Ok(request.into_response(problem.response(&request_id, currency))),
    }
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => return Err(error),
    };
    Ok(finish(response, (&request_id, currency)))
}

/// A problem that a handler returned gets the request's id here; every answer carries it.
fn finish(
    mut response: ServiceResponse<BoxBody>,
    (request_id, currency): (&str, Option<CurrencySpec>),
) -> ServiceResponse<BoxBody> {
    let answered = response.response().error().map(|error| match error.as_error::<Problem>() {
        Some(problem) => problem.response(request_id, currency),
        None => unreadable(error.as_response_error().status_code()).response(request_id, currency),
    });
    if let Some(answer) = answered {
        return ServiceResponse::new(response.into_parts().0, answer);
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(HeaderName::from_static(REQUEST_ID), value);
    }
    response
}

/// What the framework refused before a handler saw it: a body that is too large, broken off or badly encoded.
pub(super) fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::TooLarge { limit_bytes: JSON_BODY_BYTES_MAX as u64 };
    }
    Problem::BadRequest { code: "body-unreadable", detail: "The body could not be read to its end.".to_owned() }
}

fn request_id(request: &ServiceRequest) -> String {
    let sent = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let usable = |text: &&str| {
        !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    match (sent.filter(usable), request.app_data::<web::Data<App>>()) {
        (Some(id), _) => id.to_owned(),
        (None, Some(app)) => app.request_id(),
        (None, None) => String::new(),
    }
}

async fn admit(request: &ServiceRequest) -> Result<Option<Caller>, Problem> {
    let Some(pattern) = request.match_pattern() else { return Ok(None) };
    let Some(operation) = routes::find(request.method().as_str(), &pattern) else { return Ok(None) };
    let Some(action) = operation.action else { return Ok(None) };
    let app = request.app_data::<web::Data<App>>().ok_or(Problem::Unauthenticated)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer ")));
    let token = token.ok_or(Problem::Unauthenticated)?;
    let principal = app.caller(token.trim()).await.map_err(Problem::App)?.ok_or(Problem::Unauthenticated)?;
    if principal.reach(action) == Reach::Nothing {
        return Err(Problem::App(AppError::Forbidden {
            code: "role-not-allowed",
            message: "your key's role does not allow this",
        }));
    }
    Ok(Some(Caller(principal)))
}
