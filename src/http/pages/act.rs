//! A form of a page done as the operation of the API that it names: read, turned into that operation's request, and sent the operation's own way,
//! so that every rule, refusal and repeat is the same. The answer leads back to the page.

use super::form::Form;
use super::gate::encoded;
use super::see;
use super::sign_in::own_path;
use super::visitor::Visitor;
use crate::app::access::Reach;
use crate::app::error::AppError;
use crate::http::operation::{Method, Operation};
use crate::http::problem::Problem;
use crate::http::routes::OPERATIONS;
use crate::pages::deeds::{self, Deed};
use actix_web::body::to_bytes_limited;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::StatusCode;
use actix_web::http::Uri;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use serde_json::Value;

/// Where forms are sent.
pub const PATH: &str = "/act";
/// The longest answer that is looked into for its position.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A form on its way.
pub struct Act {
    deed: &'static Deed,
    /// The page that it came from.
    pub back: String,
}

/// Makes the operation's request of a form's.
pub async fn rewrite(request: &mut ServiceRequest, visitor: &Visitor) -> Result<Act, (Problem, Option<String>)> {
    let bytes = request.extract::<Bytes>().await.map_err(|_| (unreadable(), None))?;
    let form = Form::of_session(request.request(), visitor, &bytes).map_err(|problem| (problem, None))?;
    let back = own_path(form.text("back")).unwrap_or("/").to_owned();
    let told = |problem| (problem, Some(back.clone()));
    let (deed, operation) = named(form.text("operation")).ok_or_else(|| told(Problem::NoSuchPath))?;
    let principal = visitor.principal().map_err(told)?;
    if operation.action.is_none_or(|action| principal.reach(action) == Reach::Nothing) {
        return Err(told(Problem::App(AppError::Forbidden {
            code: "role-not-allowed",
            message: "your key's role does not allow this",
        })));
    }
    let uri = address(operation, deed, &form).ok_or_else(|| told(Problem::NoSuchPath))?;
    let body = Bytes::from(Value::Object(deed.body(|name| form.text(name))).to_string());
    let key = form.text("form_id");
    let is_key = !key.is_empty() && key.len() <= 200 && key.bytes().all(|byte| byte.is_ascii_graphic());
    let key =
        HeaderValue::from_str(&format!("page-{key}")).ok().filter(|_| is_key).ok_or_else(|| told(unreadable()))?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(HeaderName::from_static("idempotency-key"), key);
    headers.remove(IF_MATCH);
    if let Ok(revision) = form.text("revision").parse::<u64>()
        && let Ok(revision) = HeaderValue::from_str(&format!("\"{revision}\""))
    {
        headers.insert(IF_MATCH, revision);
    }
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    request.set_payload(Payload::from(body));
    Ok(Act { deed, back })
}

/// A deed and the operation that it names.
fn named(id: &str) -> Option<(&'static Deed, &'static Operation)> {
    let operation = OPERATIONS.iter().find(|operation| operation.id == id && operation.method == Method::Post)?;
    Some((deeds::find(id)?, operation))
}

/// The operation's address with what the form says of it; none when that cannot stand in an address.
fn address(operation: &Operation, deed: &Deed, form: &Form) -> Option<Uri> {
    let mut path = operation.path.to_owned();
    for name in ["id", "date", "bank"] {
        let text = form.text(&format!("path.{name}"));
        let fits = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if path.contains(&format!("{{{name}}}")) && (text.is_empty() || !fits) {
            return None;
        }
        path = path.replace(&format!("{{{name}}}"), text);
    }
    let asked = deed.query(|name| form.text(name));
    let asked: Vec<String> = asked.iter().map(|(name, text)| format!("{name}={}", encoded(text))).collect();
    let query = if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) };
    format!("{path}{query}").parse().ok()
}

fn unreadable() -> Problem {
    Problem::BadRequest {
        code: "body-unreadable",
        detail: "The form is not of the kind that browsers send.".to_owned(),
    }
}

impl Act {
    /// Leads back to the page, which says what was recorded and shows nothing older.
    pub async fn answer(&self, answer: HttpResponse) -> HttpResponse {
        let waits = if answer.status() == StatusCode::ACCEPTED { "&waits=1" } else { "" };
        let bytes = to_bytes_limited(answer.into_body(), ANSWER_BYTES_MAX).await;
        let told: Value = bytes
            .ok()
            .and_then(Result::ok)
            .and_then(|bytes: web::Bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let position = told["position"].as_u64().map_or_else(String::new, |at| format!("&min_position={at}"));
        let kept = |pair: &&str| {
            !["recorded=", "min_position=", "waits="].iter().any(|name| pair.starts_with(name)) && !pair.is_empty()
        };
        let (path, asked) = self.back.split_once('?').unwrap_or((&self.back, ""));
        let own = self.deed.leads_to.and_then(|(member, pages)| Some(format!("{pages}{}", told[member].as_str()?)));
        let (path, asked) = own.as_deref().map_or((path, asked), |own| (own, ""));
        let recorded = format!("recorded={}", self.deed.operation);
        let asked: Vec<&str> = asked.split('&').filter(kept).chain([recorded.as_str()]).collect();
        see(&format!("{path}?{}{position}{waits}", asked.join("&")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_one_of_an_operation_that_records_something() {
        for deed in deeds::DEEDS {
            let (_, operation) = named(deed.operation).unwrap_or_else(|| panic!("{}", deed.operation));
            assert!(operation.action.is_some(), "{}", deed.operation);
            for name in ["id", "date", "bank"] {
                let is_asked = deed.fields.iter().any(|field| field.name == format!("path.{name}"));
                assert_eq!(operation.path.contains(&format!("{{{name}}}")), is_asked, "{}", deed.operation);
            }
        }
    }

    #[test]
    fn an_address_takes_ids_and_days_alone() {
        let (deed, operation) = named("payAtDesk").unwrap();
        let of = |id: &str| {
            let form = format!("path.id={}&path.date=2025-03-04", encoded(id));
            address(operation, deed, &Form::read(form.as_bytes()).unwrap()).map(|uri| uri.to_string())
        };
        assert_eq!(of("a-1").as_deref(), Some("/v1/desks/a-1/days/2025-03-04/pay"));
        for id in ["", "../x", "a/b", "a?b", "%2e", "{date}"] {
            assert_eq!(of(id), None, "{id}");
        }
    }
}
