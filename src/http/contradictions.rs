//! Reports of another amount than was ordered: a person says over HTTP what is true of them.

use crate::app::error::AppError;
use crate::app::oversight::approvals::Answered;
use crate::app::oversight::contradictions::ResolveInput;
use crate::app::words;
use crate::domain::ids::PaymentReference;
use crate::domain::payment::event::Resolution;
use crate::http::approvals;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, write_request};
use crate::http::payments::{payment_id, written_response};
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};

/// `POST /v1/payments/{id}/resolve`: at once, or when a second person consents.
pub async fn resolve(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = payment_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let resolution = body.required("resolution", &words::RESOLUTION, |text| {
        Resolution::ALL.into_iter().find(|resolution| resolution.as_str() == text)
    });
    let reason = body.note("reason", true);
    let supplement_reference =
        body.optional("supplement_reference", &words::REFERENCE, |text| PaymentReference::parse(text).ok());
    body.finish()?;
    let (Some(resolution), Some(reason)) = (resolution, reason) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let input = ResolveInput { resolution, reason, supplement_reference };
    Ok(match app.resolve_contradiction(&write, id, input).await? {
        Answered::Done(written) => written_response(&app, &written, false),
        Answered::Waits(written) => approvals::waits(&app, &written),
    })
}
