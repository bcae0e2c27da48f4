//! The pages' cookies: read from a request, written into an answer. On this machine's own address they go without TLS; elsewhere never.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{COOKIE, HOST, HeaderMap};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Who is signed in.
    Session,
    /// Binds the sign-in form to a browser.
    Visitor,
    /// The language chosen.
    Language,
    /// A sign-in on its way to a provider and back.
    Attempt,
}

impl Cookie {
    /// With `__Host-`, browsers take a cookie over TLS alone, of this host alone.
    const fn name(self, is_local: bool) -> &'static str {
        match (self, is_local) {
            (Self::Session, false) => "__Host-chitra",
            (Self::Session, true) => "chitra",
            (Self::Visitor, false) => "__Host-chitra-visitor",
            (Self::Visitor, true) => "chitra-visitor",
            (Self::Language, false) => "__Host-chitra-lang",
            (Self::Language, true) => "chitra-lang",
            (Self::Attempt, false) => "__Host-chitra-attempt",
            (Self::Attempt, true) => "chitra-attempt",
        }
    }

    /// The cookie's value in a request.
    #[must_use]
    pub fn of(self, headers: &HeaderMap) -> Option<String> {
        let name = self.name(is_local(headers));
        let texts = headers.get_all(COOKIE).filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let fits = |text: &&str| !text.is_empty() && text.len() <= 100;
        pairs.filter(|(found, _)| *found == name).map(|(_, text)| text).find(fits).map(str::to_owned)
    }

    /// The header that gives a browser the cookie for so many seconds; for none, takes it away.
    #[must_use]
    pub fn set(self, headers: &HeaderMap, value: &str, seconds: i64) -> String {
        let is_local = is_local(headers);
        let secure = if is_local { "" } else { "; Secure" };
        let name = self.name(is_local);
        // Lax: a link in a letter leads to a page that one is signed in to; a form elsewhere sends no cookie.
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// Whether the browser speaks to this machine's own address without TLS.
pub(super) fn is_local(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = text(HOST.as_str());
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let behind_tls =
        text("x-forwarded-proto").eq_ignore_ascii_case("https") || text("forwarded").contains("proto=https");
    matches!(name, "localhost" | "127.0.0.1" | "::1") && !behind_tls
}

/// Whether a form was sent by a page of this host, as far as the browser says. One that says nothing is judged by the form's token alone.
#[must_use]
pub fn is_of_this_host(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("origin") {
        Some(origin) => {
            let Some((_, from)) = origin.split_once("://") else { return false };
            [text(HOST.as_str()), text("x-forwarded-host")].into_iter().flatten().any(|host| host == from)
        }
        None => text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none"),
    }
}

/// The same for a request on its way in.
#[must_use]
pub fn of_request(cookie: Cookie, request: &ServiceRequest) -> Option<String> {
    cookie.of(HttpMessage::headers(request))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_goes_without_tls_on_this_machine_only() {
        for host in ["127.0.0.1:8080", "localhost", "[::1]:80"] {
            assert_eq!(
                Cookie::Session.set(&headers(&[("host", host)]), "x", 5),
                "chitra=x; Path=/; Max-Age=5; HttpOnly; SameSite=Lax"
            );
        }
        let elsewhere = [
            headers(&[("host", "chitra.example")]),
            headers(&[("host", "localhost.example:80")]),
            headers(&[("host", "localhost"), ("x-forwarded-proto", "https")]),
            headers(&[]),
        ];
        for headers in elsewhere {
            assert_eq!(
                Cookie::Session.set(&headers, "x", 5),
                "__Host-chitra=x; Path=/; Max-Age=5; HttpOnly; SameSite=Lax; Secure"
            );
        }
    }

    #[test]
    fn a_cookie_is_found_among_others_and_by_its_name_for_this_address() {
        let local = headers(&[("host", "localhost"), ("cookie", "a=b; chitra=one; chitra-lang=vi")]);
        assert_eq!(Cookie::Session.of(&local).as_deref(), Some("one"));
        assert_eq!(Cookie::Language.of(&local).as_deref(), Some("vi"));
        assert_eq!(Cookie::Visitor.of(&local), None);
        let secure = headers(&[("host", "chitra.example"), ("cookie", "chitra=one; __Host-chitra=two")]);
        assert_eq!(Cookie::Session.of(&secure).as_deref(), Some("two"));
    }

    #[test]
    fn a_form_of_another_host_is_known_by_its_origin() {
        let of = |pairs: &[(&str, &str)]| is_of_this_host(&headers(pairs));
        assert!(of(&[("host", "a.example:8080"), ("origin", "http://a.example:8080")]));
        assert!(of(&[("host", "inner"), ("x-forwarded-host", "a.example"), ("origin", "https://a.example")]));
        assert!(of(&[("host", "a.example")]));
        assert!(of(&[("host", "a.example"), ("sec-fetch-site", "same-origin")]));
        assert!(!of(&[("host", "a.example"), ("origin", "https://b.example")]));
        assert!(!of(&[("host", "a.example"), ("origin", "null")]));
        assert!(!of(&[("host", "a.example"), ("sec-fetch-site", "cross-site")]));
    }
}
