//! A person's identifiers over HTTP: added and ended. The number comes in and never goes out.

use crate::app::error::{AppError, FieldIssue};
use crate::app::identifiers::{IdentifierToEnd, NewIdentifier};
use crate::app::words;
use crate::domain::beneficiary::identifiers::EndReason;
use crate::domain::ids::VaultRef;
use crate::http::beneficiaries::{beneficiary_id, identifiers, warning, written_response};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, write_request};
use crate::http::payments::date;
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};

/// `POST /v1/beneficiaries/{id}/identifiers`
pub async fn add(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let id = beneficiary_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let mut named = identifiers(&app.profile, &mut body);
    if named.len() != 1 {
        body.push(one_identifier(&app.profile.identifier_list()));
    }
    let valid_from = body.optional("valid_from", &words::DATE, date);
    let valid_to = body.optional("valid_to", &words::DATE, date);
    body.finish()?;
    let (scheme, value) = named.pop().ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let added = app.add_identifier(&write, id, &NewIdentifier { scheme, value, valid_from, valid_to }).await?;
    let warnings: Vec<_> = added.warnings.iter().map(warning).collect();
    Ok(written_response(&added.written, false, &warnings))
}

/// What is said when a body names none or several.
pub fn one_identifier(known: &str) -> FieldIssue {
    FieldIssue::new(
        "",
        "one-identifier",
        format!("send exactly one of {known}"),
        format!("gửi đúng một trong: {known}"),
    )
}

/// `POST /v1/beneficiaries/{id}/identifiers/end`
pub async fn end(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let id = beneficiary_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let identifier_ref = body.required("identifier_ref", &words::UUID, |text| VaultRef::parse(text).ok());
    let reason = body.required("reason", &words::END_REASON, EndReason::parse);
    let valid_to = body.optional("valid_to", &words::DATE, date);
    body.finish()?;
    let (Some(identifier_ref), Some(reason)) = (identifier_ref, reason) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let written = app.end_identifier(&write, id, &IdentifierToEnd { identifier_ref, reason, valid_to }).await?;
    Ok(written_response(&written, false, &[]))
}
