//! The pages' part of the gate: who is signed in, whether the page is open to them, which language; and the headers that keep a browser to
//! our own files.

use super::cookie::{Cookie, of_request};
use super::failure;
use super::sign_in::own_path;
use super::visitor::{Visitor, preferred};
use super::{PageRoute, act, see};
use crate::app::App;
use crate::app::error::AppError;
use crate::app::hex;
use crate::app::sessions::Session;
use crate::app::tongue::Tongue;
use crate::http::context::Caller;
use crate::http::problem::Problem;
use crate::pages::frame::Door;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, HOST, HeaderName, HeaderValue, REFERER, SET_COOKIE, VARY,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A year.
const LANGUAGE_SECONDS: i64 = 31_536_000;

/// Headers of every page.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// Lets a request through to its page, sends it to the sign-in, or answers why not.
pub async fn pass(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    (page, request_id): (&PageRoute, &str),
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError()));
    };
    if let Some(answer) = chosen_language(&request) {
        return Ok(with_headers(request.into_response(answer), request_id));
    }
    let session = match session(&app, &request).await {
        Ok(session) => session,
        Err(error) => {
            let visitor = visitor(&app, &request, None);
            let answer = failure::answer(&Problem::App(error), (&app, &visitor), request_id);
            return Ok(with_headers(request.into_response(answer), request_id));
        }
    };
    let visitor = visitor(&app, &request, session);
    if let Some(answer) = turned_away(page, (&app, &visitor), request_id) {
        return Ok(with_headers(request.into_response(answer), request_id));
    }
    if let Some(session) = &visitor.session {
        request.extensions_mut().insert(Caller(session.principal.clone()));
    }
    request.extensions_mut().insert(visitor.clone());
    let act = if page.path == act::PATH {
        match act::rewrite(&mut request, &visitor).await {
            Ok(act) => Some(act),
            Err((problem, back)) => {
                let answer = failure::answer_of_form(&problem, (&app, &visitor), (request_id, back.as_deref()));
                return Ok(with_headers(request.into_response(answer), request_id));
            }
        }
    } else {
        None
    };
    let back = act.as_ref().map(|act| act.back.as_str());
    let response = next.call(request).await?.map_into_boxed_body();
    let answered = response.response().error().map(|error| {
        let problem = error.as_error::<Problem>();
        let status = error.as_response_error().status_code();
        problem.map_or_else(
            || failure::answer(&crate::http::access::unreadable(status), (&app, &visitor), request_id),
            |problem| failure::answer_of_form(problem, (&app, &visitor), (request_id, back)),
        )
    });
    let response = match (answered, act) {
        (Some(answer), _) => ServiceResponse::new(response.into_parts().0, answer),
        (None, Some(act)) => {
            let (request, answer) = response.into_parts();
            ServiceResponse::new(request, act.answer(answer).await)
        }
        (None, None) => response,
    };
    Ok(with_headers(response, request_id))
}

/// What was not taken at the door, as a page. Who is there is not asked: that would be the work that is not done.
pub fn refuse(request: ServiceRequest, problem: &Problem, request_id: &str) -> ServiceResponse<BoxBody> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return request.into_response(HttpResponse::InternalServerError());
    };
    let visitor = visitor(&app, &request, None);
    let answer = failure::answer(problem, (&app, &visitor), request_id);
    with_headers(request.into_response(answer), request_id)
}

/// Whoever is not signed in goes to sign in; whoever may not open the page is told so.
fn turned_away(page: &PageRoute, (app, visitor): (&App, &Visitor), request_id: &str) -> Option<HttpResponse> {
    match (&visitor.session, page.door) {
        (_, Door::Anybody) => None,
        (None, _) if page.method == "GET" => {
            let next = if visitor.here == "/" { String::new() } else { format!("?next={}", encoded(&visitor.here)) };
            Some(see(&format!("/sign-in{next}")))
        }
        (None, _) => Some(see("/sign-in?over=1")),
        (Some(session), door) if door.is_open_to(&session.principal) => None,
        (Some(_), _) => {
            let forbidden =
                AppError::Forbidden { code: "role-not-allowed", message: "your key's role does not allow this" };
            Some(failure::answer(&Problem::App(forbidden), (app, visitor), request_id))
        }
    }
}

async fn session(app: &App, request: &ServiceRequest) -> Result<Option<Session>, AppError> {
    match of_request(Cookie::Session, request) {
        // What a page asks by itself is no sign of anybody.
        Some(token) if request.headers().contains_key("x-by-itself") => app.peek_session(&token).await,
        Some(token) => app.session(&token).await,
        None => Ok(None),
    }
}

fn visitor(app: &App, request: &ServiceRequest, session: Option<Session>) -> Visitor {
    let chosen = of_request(Cookie::Language, request).and_then(|code| Tongue::parse(&code));
    let tongue = chosen.or_else(|| preferred(request.headers())).unwrap_or_else(|| Tongue::of(&app.profile));
    // What is sent has no address to come back to: the page that it was sent from has.
    let here = if request.method() == "GET" {
        request.uri().path_and_query().map_or("/", |here| here.as_str())
    } else {
        came_from(request).unwrap_or("/")
    };
    Visitor { session, tongue, here: here.to_owned() }
}

/// The page of this host that a form was sent from, as far as the browser says.
fn came_from(request: &ServiceRequest) -> Option<&str> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let (_, rest) = text(REFERER)?.split_once("://")?;
    let path = rest.strip_prefix(text(HOST)?)?;
    // What that page said was recorded is no news here.
    let path = if path.contains("recorded=") { path.split('?').next().unwrap_or_default() } else { path };
    own_path(path)
}

/// `?lang=vi` on any page is remembered, then the page is shown without it.
fn chosen_language(request: &ServiceRequest) -> Option<HttpResponse> {
    let pairs: Vec<&str> = request.query_string().split('&').collect();
    let chosen = pairs.iter().find_map(|pair| Tongue::parse(pair.strip_prefix("lang=")?))?;
    if request.method() != "GET" {
        return None;
    }
    let rest: Vec<&str> = pairs.into_iter().filter(|pair| !pair.starts_with("lang=")).collect();
    // The path as a browser reads it: two slashes would lead to another host.
    let path = format!("/{}", request.path().trim_start_matches('/'));
    let mut answer = see(&if rest.is_empty() { path } else { format!("{path}?{}", rest.join("&")) });
    let cookie = Cookie::Language.set(request.headers(), chosen.code(), LANGUAGE_SECONDS);
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(SET_COOKIE, value);
    }
    Some(answer)
}

/// A text for a query string.
#[must_use]
pub fn encoded(text: &str) -> String {
    hex::percent(text, b"-._~/")
}

/// Pages to be printed are one file with its own style: that style, by its digest, and nothing else.
static PRINTED: LazyLock<String> = LazyLock::new(|| {
    let digest = |style: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style.as_bytes())));
    let styles = [crate::http::list_print::STYLE, crate::app::assessment::page::STYLE].map(digest).join(" ");
    format!("default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
});

fn with_headers(mut response: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let is_printed = response.request().path().starts_with("/download/") && response.status().is_success();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if is_printed && let Ok(policy) = HeaderValue::from_str(&PRINTED) {
        headers.insert(HeaderName::from_static("content-security-policy"), policy);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_name(ACCEPT_LANGUAGE));
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
