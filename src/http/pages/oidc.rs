//! Sign-in by a provider: the way there, and back with a code.

use super::cookie::Cookie;
use super::form::Form;
use super::see;
use super::sign_in::{again, own_path, set};
use super::visitor::Visitor;
use crate::app::oidc::provider::Away;
use crate::app::oidc::{Attempt, Refused};
use crate::app::sessions::{LASTS_US, is_own_form};
use crate::http::context::SharedApp;
use crate::http::problem::Problem;
use crate::pages::sign_in::Trouble;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// One must be back in so long.
const ATTEMPT_SECONDS: i64 = 600;

/// `GET /sign-in/oidc`
pub async fn start(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked = Form::read(request.query_string().as_bytes())?;
    let next = own_path(asked.text("next")).unwrap_or_default();
    let secret = format!("{}{}", app.visitor_token(), app.visitor_token());
    let attempt = Attempt::of(&secret);
    let state = format!("{}.{}", attempt.state(), URL_SAFE_NO_PAD.encode(next));
    match app.oidc_address(&attempt, &state).await {
        Ok(address) => {
            let mut answer = see(&address);
            set(&mut answer, &Cookie::Attempt.set(request.headers(), &secret, ATTEMPT_SECONDS));
            Ok(answer)
        }
        Err(refused) => refusal(&app, &visitor, (&request, next, refused)),
    }
}

/// `GET /sign-in/oidc/back`
pub async fn back(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    if app.oidc.get().is_none() {
        return Err(Problem::NoSuchPath);
    }
    let told = Form::read(request.query_string().as_bytes())?;
    let secret = Cookie::Attempt.of(request.headers()).unwrap_or_default();
    let attempt = Attempt::of(&secret);
    let (state, next) = told.text("state").split_once('.').unwrap_or_default();
    let next = URL_SAFE_NO_PAD.decode(next).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let next = own_path(&next).unwrap_or_default();
    let is_ours = !secret.is_empty() && is_own_form(&attempt.state(), state);
    let signed_in = match (is_ours, told.text("code")) {
        (false, _) => Err(Refused::State),
        // Whatever it says: nobody came through.
        (true, "") => Err(Refused::NoPlace("the provider let nobody in")),
        (true, code) => app.sign_in_by_code(&attempt, code).await,
    };
    let mut answer = match signed_in {
        Ok(token) => {
            // Another person at the same browser: the session before ends.
            if let Some(before) = Cookie::Session.of(request.headers()) {
                app.sign_out(&before).await?;
            }
            let mut answer = see(if next.is_empty() { "/" } else { next });
            set(&mut answer, &Cookie::Session.set(request.headers(), &token, LASTS_US / 1_000_000));
            answer
        }
        Err(refused) => refusal(&app, &visitor, (&request, next, refused))?,
    };
    // Once, whatever came of it.
    set(&mut answer, &Cookie::Attempt.set(request.headers(), "", 0));
    Ok(answer)
}

fn refusal(
    app: &SharedApp,
    visitor: &Visitor,
    (request, next, refused): (&HttpRequest, &str, Refused),
) -> Result<HttpResponse, Problem> {
    let trouble = match &refused {
        Refused::NotConfigured => return Err(Problem::NoSuchPath),
        Refused::App(_) => {
            let Refused::App(error) = refused else { return Err(Problem::NoSuchPath) };
            return Err(Problem::App(error));
        }
        Refused::State => Trouble::OtherAttempt,
        Refused::Away(Away::Silent(_) | Away::Strange(_) | Away::KeysFile(_)) => Trouble::ProviderAway,
        Refused::Away(Away::Code(_)) | Refused::Token(_) => Trouble::ProviderToken,
        Refused::NoPlace(_) => Trouble::NoPlace,
    };
    tracing::warn!(reason = %refused, "a sign-in by the provider came to nothing");
    again(app, visitor, (request, next), trouble)
}
