//! The problems that an operation of the table can answer.

use super::document::takes_if_match;
use crate::app::access::Action;
use crate::http::operation::{Effect, Input, Operation, Output};

/// The problems that an operation can answer, as status, meaning and headers.
pub(super) fn problems(o: &Operation) -> Vec<(&'static str, &'static str, &'static [&'static str])> {
    let mut all: Vec<(&str, &str, &[&str])> = Vec::new();
    if o.effect == Effect::Signed {
        return super::signed::problems();
    }
    if o.action.is_none() {
        if !o.parameters.is_empty() {
            all.push(("400", "The query string cannot be read.", &[]));
            all.push(("404", "There is none yet.", &[]));
            all.push(("422", "A parameter cannot be taken.", &[]));
        }
        if matches!(o.output, Output::Text) {
            all.push(("500", "A defect of ours.", &[]));
            all.push(("503", "The store cannot answer now.", &["Retry-After"]));
        }
        return all;
    }
    let writes = o.effect != Effect::Read;
    let has_body = !matches!(o.input, Input::Nothing);
    let has_query = !o.parameters.is_empty();
    if writes || has_query {
        all.push(("400", "A header or the query string cannot be read.", &[]));
    }
    all.push(("401", "No key, or not a valid one.", &["WWW-Authenticate"]));
    all.push(("403", "The key's role or units do not allow it.", &[]));
    all.push(("429", "Too many requests with this key, or refused ones from this address.", &["Retry-After"]));
    // The finding of an overpayment is the one body that names an object by its id.
    let names_one = o.path.contains('{') || matches!(o.input, Input::Json("OverpaymentFinding"));
    if names_one || o.action == Some(Action::ReadProofs) {
        all.push(("404", "There is no such object.", &[]));
    }
    if matches!(o.input, Input::Json(_)) {
        all.push(("408", "The body does not come. Send it again.", &[]));
    }
    if matches!(o.output, Output::Table(_) | Output::Report(_)) {
        all.push(("406", "No answer of the kind that Accept asks for.", &[]));
    }
    if writes || matches!(o.output, Output::BankFile) {
        all.push((
            "409",
            "The state of the object, another object, or the first request with this key is in the way.",
            &[],
        ));
    }
    if takes_if_match(o) {
        all.push(("412", "The object moved past the revision of If-Match.", &[]));
    }
    if has_body {
        all.push(("413", "The body is too large.", &[]));
    }
    if has_body || has_query {
        all.push(("422", "Fields or parameters cannot be taken, or a rule refuses by a fact.", &[]));
    }
    all.push(("500", "A defect of ours.", &[]));
    all.push(("503", "The store or a projection cannot answer now.", &["Retry-After"]));
    all
}
