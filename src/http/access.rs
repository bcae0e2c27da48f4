//! The one gate: every path under /v1 names an action in the table; no key or no grant, no handler.

use crate::app::App;
use crate::app::access::Reach;
use crate::app::error::AppError;
use crate::app::keys::Presented;
use crate::app::limits::{Limits, Need, Taken};
use crate::domain::money::CurrencySpec;
use crate::http::context::Caller;
use crate::http::limits::need_of;
use crate::http::limits::pace::{self, paced, read_short};
use crate::http::operation::{Effect, Input, Operation};
use crate::http::pages::{self, PageRoute};
use crate::http::problem::Problem;
use crate::http::routes;
use crate::http::server::JSON_BODY_BYTES_MAX;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use std::net::IpAddr;

/// Name of the request's id in both directions.
const REQUEST_ID: &str = "x-request-id";

/// Authenticates, looks the operation up in the table, and lets the request through or answers why not.
pub async fn gate(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.app_config().secure() {
        // It came by TLS, whatever else it says: cookies go back for TLS alone.
        request.headers_mut().insert(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https"));
    }
    let request_id = request_id(&request);
    let currency = request.app_data::<web::Data<App>>().map(|app| app.profile.currency);
    let (address, limits) = (address(&request), request.app_data::<web::Data<Limits>>().cloned());
    let limits = limits.ok_or_else(|| ErrorInternalServerError("the server has no limits"))?;
    let response = if let Some(page) = page_of(&request) {
        match enter_page(&mut request, (&limits, address)).await {
            Ok(_place) => {
                let response = pages::gate::pass(request, next, (page, &request_id)).await?;
                let code = if page.path == "/sign-in" { "sign-in-refused" } else { "page-refused" };
                note(response.request(), address, (response.status(), code));
                response
            }
            Err(problem) => return Ok(pages::gate::refuse(request, &problem, &request_id)),
        }
    } else {
        let _place = match enter(&mut request, (&limits, address)).await {
            Ok(place) => place,
            Err(problem) => {
                note(request.request(), address, problem.status_and_code());
                let answer = problem.response(&request_id, currency);
                if answer.status() == StatusCode::UNAUTHORIZED {
                    limits.failed(address);
                }
                return Ok(request.into_response(answer));
            }
        };
        let response = next.call(request).await?.map_into_boxed_body();
        let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
        if let Some(problem) = problem {
            note(response.request(), address, problem.status_and_code());
        }
        finish(response, (&request_id, currency))
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        limits.failed(address);
    }
    Ok(response)
}

/// Notes a refusal for the audit: who is not known, or may not.
fn note(request: &HttpRequest, address: Option<IpAddr>, (status, code): (StatusCode, &'static str)) {
    if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return;
    }
    let Some(app) = request.app_data::<web::Data<App>>() else { return };
    let (method, pattern) = (request.method().as_str(), request.match_pattern().unwrap_or_default());
    let operation = routes::find(method, &pattern).map(|operation| operation.id.to_owned());
    let operation = operation.unwrap_or_else(|| format!("{method} {pattern}"));
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>().map(|caller| &caller.0);
    app.note_refusal((operation, address), caller, (status.as_u16(), code));
}

/// The same for a page: who it is, the pages' gate says.
async fn enter_page(
    request: &mut ServiceRequest,
    (limits, address): (&Limits, Option<IpAddr>),
) -> Result<Taken, Problem> {
    if request.method() != Method::POST {
        return Ok(limits.take(Need::Work).await?);
    }
    limits.check_address(address)?;
    let content = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let has_file = content.is_some_and(|content| content.starts_with("multipart/"));
    let payload = request.take_payload();
    if has_file {
        request.set_payload(paced(payload, pace::LONG));
        return Ok(limits.take(Need::Upload).await?);
    }
    request.set_payload(read_short(payload, pace::SHORT).await?.into());
    Ok(limits.take(Need::Work).await?)
}

fn page_of(request: &ServiceRequest) -> Option<&'static PageRoute> {
    request.match_pattern().and_then(|pattern| pages::find(request.method().as_str(), &pattern))
}

/// Whoever is at the other end of the connection. Behind a proxy that is the proxy: it must count addresses itself.
fn address(request: &ServiceRequest) -> Option<IpAddr> {
    request.peer_addr().map(|address| address.ip())
}

/// Lets the caller of an operation in: there is room, who it is, he has not asked too much, his body has come. Anything else has no place.
async fn enter(
    request: &mut ServiceRequest,
    (limits, address): (&Limits, Option<IpAddr>),
) -> Result<Option<Taken>, Problem> {
    let operation = request.match_pattern().and_then(|pattern| routes::find(request.method().as_str(), &pattern));
    let Some(operation) = operation else { return Ok(None) };
    let need = need_of(operation);
    if let Some(Err(turned)) = need.map(|need| limits.check_room(need)) {
        if matches!(operation.input, Input::Json(_)) {
            pace::let_go(request.take_payload()).await;
        }
        return Err(turned.into());
    }
    if operation.effect == Effect::Signed {
        limits.check_address(address)?;
    }
    if let Some(caller) = admit(request, operation, (limits, address)).await? {
        limits.of_key(&caller.0.key_id)?;
        request.extensions_mut().insert(caller);
        match operation.input {
            Input::Nothing => {}
            Input::Json(_) => {
                let bytes = read_short(request.take_payload(), pace::SHORT).await?;
                request.set_payload(bytes.into());
            }
            Input::File => {
                let payload = request.take_payload();
                request.set_payload(paced(payload, pace::LONG));
            }
        }
    }
    Ok(match need {
        Some(need) => Some(limits.take(need).await?),
        None => None,
    })
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

async fn admit(
    request: &ServiceRequest,
    operation: &Operation,
    (limits, address): (&Limits, Option<IpAddr>),
) -> Result<Option<Caller>, Problem> {
    let Some(action) = operation.action else { return Ok(None) };
    let app = request.app_data::<web::Data<App>>().ok_or(Problem::Unauthenticated)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer ")));
    let token = token.ok_or(Problem::Unauthenticated)?;
    // A key that was good a moment ago is let through: somebody else at its address is not its holder's fault.
    if !app.keys.remembers(token.trim()) {
        limits.check_address(address)?;
    }
    let principal = match app.caller(token.trim()).await.map_err(Problem::App)? {
        Presented::Good(principal) => principal,
        Presented::Expired => return Err(Problem::KeyExpired),
        Presented::Unknown => return Err(Problem::Unauthenticated),
    };
    if principal.reach(action) == Reach::Nothing {
        request.extensions_mut().insert(Caller(principal));
        return Err(Problem::App(AppError::Forbidden {
            code: "role-not-allowed",
            message: "your key's role does not allow this",
        }));
    }
    Ok(Some(Caller(principal)))
}
