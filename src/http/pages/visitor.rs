//! Whoever looks at a page: signed in or not, and in which language. Put there by the gate.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::sessions::Session;
use crate::app::tongue::Tongue;
use crate::http::problem::Problem;
use crate::pages::{Frame, Who};
use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};

/// Who, and how the page is to be told.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub session: Option<Session>,
    pub tongue: Tongue,
    /// The address asked, with its query.
    pub here: String,
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(Problem::Unauthenticated))
    }
}

impl Visitor {
    /// Who is signed in; nobody gets this far without who needs to be.
    pub fn principal(&self) -> Result<&Principal, Problem> {
        self.session.as_ref().map(|session| &session.principal).ok_or(Problem::Unauthenticated)
    }

    /// What is around a page.
    #[must_use]
    pub fn frame(&self, app: &App) -> Frame {
        let who = self.session.as_ref().map(|session| {
            let principal = session.principal.clone();
            let unit = principal.unit.as_ref().map(|key| {
                let unit = app.profile.units.get(key.as_str());
                unit.map_or_else(|| key.to_string(), |unit| unit.name.clone())
            });
            let bank = principal.bank.as_ref().map(|id| {
                let bank = app.profile.bank(id.as_str());
                bank.map_or_else(|| id.to_string(), |bank| bank.short_name.clone())
            });
            Who {
                principal,
                label: session.label.clone(),
                place: unit.or(bank),
                form_token: session.form_token.clone(),
            }
        });
        let (is_demo, is_sandbox) = (app.doors.get().is_some(), app.is_sandbox);
        Frame { tongue: self.tongue, who, here: self.here.clone(), is_demo, is_sandbox }
    }
}

/// The language that a browser prefers of ours, by its list with weights.
#[must_use]
pub fn preferred(headers: &HeaderMap) -> Option<Tongue> {
    let text = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())?;
    let mut best: Option<(u32, Tongue)> = None;
    for part in text.split(',') {
        let (range, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let Some(tongue) = Tongue::parse(range.trim().split('-').next().unwrap_or_default()) else { continue };
        let thousandths = thousandths(weight.trim().trim_start_matches("q="));
        if thousandths > 0 && best.is_none_or(|(weight, _)| thousandths > weight) {
            best = Some((thousandths, tongue));
        }
    }
    best.map(|(_, tongue)| tongue)
}

/// A weight from 0 to 1 in thousandths; what cannot be read counts as nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) => (whole.min(1) * 1000 + part).min(1000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn of(text: &str) -> Option<Tongue> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(text).unwrap());
        preferred(&headers)
    }

    #[test]
    fn a_browser_gets_the_language_that_it_prefers_of_ours() {
        assert_eq!(of("vi"), Some(Tongue::Vietnamese));
        assert_eq!(of("de-DE,de;q=0.9,en;q=0.8,vi;q=0.7"), Some(Tongue::English));
        assert_eq!(of("en;q=0.4, vi-VN;q=0.45"), Some(Tongue::Vietnamese));
        assert_eq!(of("vi;q=0, en"), Some(Tongue::English));
        assert_eq!(of("fr, *;q=0.5"), None);
        assert_eq!(of("vi;q=x"), None);
        assert_eq!(preferred(&HeaderMap::new()), None);
    }
}
