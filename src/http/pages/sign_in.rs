//! Signing in and out, and the way to one's first page.

use super::cookie::Cookie;
use super::form::Form;
use super::visitor::Visitor;
use super::{html, see};
use crate::app::App;
use crate::app::access::Role;
use crate::app::keys::Presented;
use crate::app::sessions::{LASTS_US, form_token};
use crate::http::context::SharedApp;
use crate::http::problem::Problem;
use crate::pages::frame::first_page;
use crate::pages::sign_in::{SignIn, Trouble};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a wrong key waits for its answer.
const WRONG_KEY_WAITS: Duration = Duration::from_millis(500);
/// So many wrong keys wait at once; more are turned away.
static WRONG_KEYS: Semaphore = Semaphore::const_new(32);
/// A sign-in form is good for so long.
const VISITOR_SECONDS: i64 = 3_600;

/// `GET /`
pub async fn home(visitor: Visitor) -> Result<HttpResponse, Problem> {
    Ok(see(first_page(visitor.principal()?)))
}

/// `GET /sign-in`
pub async fn show(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked = Form::read(request.query_string().as_bytes())?;
    let next = own_path(asked.text("next"));
    if visitor.session.is_some() {
        return Ok(see(next.unwrap_or("/")));
    }
    let trouble = (!asked.text("over").is_empty()).then_some(Trouble::Over);
    form(&app, &visitor, (&request, next.unwrap_or_default()), trouble)
}

/// The form, with a cookie that it is bound to.
fn form(
    app: &App,
    visitor: &Visitor,
    (request, next): (&HttpRequest, &str),
    trouble: Option<Trouble>,
) -> Result<HttpResponse, Problem> {
    let known = Cookie::Visitor.of(request.headers());
    let token = known.clone().unwrap_or_else(|| app.visitor_token());
    let doors = app.doors.get();
    let open = |role: &Role| doors.is_some_and(|doors| doors.contains_key(role.as_str()));
    let mut answer = html(&SignIn {
        page: &visitor.frame(app),
        trouble,
        next,
        form_token: &form_token(&token),
        doors: Role::ALL.into_iter().filter(open).collect(),
        provider: app.oidc.get().map(|oidc| oidc.settings.name.as_str()),
        oidc_next: super::gate::encoded(next),
        agency: app.profile.labels.get(visitor.tongue.code()),
    })?;
    *answer.status_mut() = match trouble {
        None | Some(Trouble::Over) => StatusCode::OK,
        Some(Trouble::WrongKey | Trouble::KeyExpired | Trouble::ProviderToken) => StatusCode::UNAUTHORIZED,
        Some(Trouble::NoCookie | Trouble::OtherAttempt | Trouble::NoPlace) => StatusCode::FORBIDDEN,
        Some(Trouble::ProviderAway) => StatusCode::SERVICE_UNAVAILABLE,
        Some(Trouble::TooMany) => StatusCode::TOO_MANY_REQUESTS,
    };
    if known.is_none() {
        set(&mut answer, &Cookie::Visitor.set(request.headers(), &token, VISITOR_SECONDS));
    }
    Ok(answer)
}

/// The form again, with what went wrong on the way by a provider.
pub(super) fn again(
    app: &App,
    visitor: &Visitor,
    asked: (&HttpRequest, &str),
    trouble: Trouble,
) -> Result<HttpResponse, Problem> {
    form(app, visitor, asked, Some(trouble))
}

/// `POST /sign-in`
pub async fn sign_in(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let sent = Form::read(&bytes)?;
    let next = own_path(sent.text("next"));
    let again = |trouble| form(&app, &visitor, (&request, next.unwrap_or_default()), Some(trouble));
    let bound = Cookie::Visitor.of(request.headers()).map(|cookie| form_token(&cookie));
    if !sent.is_own(&request, bound.as_deref()) {
        return again(Trouble::NoCookie);
    }
    let signed_in = match Role::parse(sent.text("role")) {
        Some(role) => app.sign_in_as(role).await?,
        None => app.sign_in(sent.text("key")).await?,
    };
    let Some(token) = signed_in else {
        let Ok(_waiting) = WRONG_KEYS.try_acquire() else { return again(Trouble::TooMany) };
        tokio::time::sleep(WRONG_KEY_WAITS).await;
        let is_over = app.keys.present(sent.text("key")).await? == Presented::Expired;
        return again(if is_over { Trouble::KeyExpired } else { Trouble::WrongKey });
    };
    // Another person at the same browser: the session before ends.
    if let Some(before) = Cookie::Session.of(request.headers()) {
        app.sign_out(&before).await?;
    }
    let mut answer = see(next.unwrap_or("/"));
    set(&mut answer, &Cookie::Session.set(request.headers(), &token, LASTS_US / 1_000_000));
    set(&mut answer, &Cookie::Visitor.set(request.headers(), "", 0));
    Ok(answer)
}

/// `POST /sign-out`
pub async fn sign_out(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Form::of_session(&request, &visitor, &bytes)?;
    if let Some(token) = Cookie::Session.of(request.headers()) {
        app.sign_out(&token).await?;
    }
    let mut answer = see("/sign-in");
    set(&mut answer, &Cookie::Session.set(request.headers(), "", 0));
    Ok(answer)
}

pub(super) fn set(answer: &mut HttpResponse, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
}

/// A path of this host to go on to. Anything that a browser may read as another host is none.
pub(super) fn own_path(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_path && is_plain && text.len() <= 2_000).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_on_within_this_host_only() {
        assert_eq!(own_path("/overview?cycle=2025-08"), Some("/overview?cycle=2025-08"));
        for elsewhere in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\tb", "overview", "\\/x"]
        {
            assert_eq!(own_path(elsewhere), None, "{elsewhere}");
        }
    }
}
