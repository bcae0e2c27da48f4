//! Personal data over HTTP: masked, revealed, handed out, erased. None of the answers may be kept by anything on the way.

use crate::app::error::AppError;
use crate::app::oversight::approvals::Answered;
use crate::app::personal::{RevealInput, SeenPerson};
use crate::app::words;
use crate::domain::beneficiary::event::{ErasureGround, PersonalDataErased};
use crate::domain::disclosure::{DataKind, Purpose};
use crate::http::approvals;
use crate::http::beneficiaries::{beneficiary_id, written_response};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, write_request, written_answer};
use crate::http::problem::Problem;
use crate::http::query::Query;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn kind(text: &str) -> Option<DataKind> {
    DataKind::REVEALED.into_iter().find(|kind| kind.as_str() == text)
}

/// The kinds asked for, each once, at least one.
fn kinds(body: &mut Body) -> Vec<DataKind> {
    let Some(Value::Array(asked)) = body.raw("kinds") else {
        body.report_missing("kinds", &words::DATA_KINDS);
        return Vec::new();
    };
    let found: BTreeSet<DataKind> = asked.iter().filter_map(|item| item.as_str().and_then(kind)).collect();
    if found.is_empty() || found.len() < asked.len() {
        body.report("kinds", &words::DATA_KINDS);
    }
    found.into_iter().collect()
}

fn not_kept(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn seen(person: &SeenPerson) -> Value {
    let of = |kind: DataKind| person.values.iter().filter(move |value| value.kind == kind);
    json!({
        "beneficiary_id": person.beneficiary_id,
        "erased": person.erased,
        "names": of(DataKind::Name).map(|v| json!({"record_ref": v.record_ref, "value": v.value})).collect::<Vec<_>>(),
        "identifiers": of(DataKind::Identifier)
            .map(|v| json!({"record_ref": v.record_ref, "scheme": v.scheme, "value": v.value,
                "valid_from": v.validity.and_then(|dates| dates.valid_from), "valid_to": v.validity.and_then(|dates| dates.valid_to),
                "in_force": v.validity.is_some_and(|dates| dates.in_force)}))
            .collect::<Vec<_>>(),
        "accounts": of(DataKind::Account)
            .map(|v| json!({"record_ref": v.record_ref, "bank": v.bank, "value": v.value}))
            .collect::<Vec<_>>(),
    })
}

/// `GET /v1/beneficiaries/{id}/personal`
pub async fn personal(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let person = app.personal(&caller.0, beneficiary_id(&request)?).await?;
    Ok(not_kept(HttpResponse::Ok().json(seen(&person))))
}

/// `POST /v1/beneficiaries/{id}/reveal`
pub async fn reveal(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = beneficiary_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let kinds = kinds(&mut body);
    let purpose = body.required("purpose", &words::PURPOSE, Purpose::parse);
    let note = body.text("note", purpose == Some(Purpose::Other));
    body.finish()?;
    let purpose = purpose.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let (written, person) = app.reveal(&write, id, &RevealInput { kinds, purpose, note }).await?;
    Ok(not_kept(written_answer(&written, true, None, seen(&person))))
}

/// `POST /v1/beneficiaries/{id}/erase`
pub async fn erase(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = beneficiary_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let ground = body.required("ground", &words::GROUND, ErasureGround::parse);
    let note = body.note("note", false);
    body.finish()?;
    let ground = ground.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(match app.erase(&write, id, &PersonalDataErased { ground, note }).await? {
        Answered::Done(written) => written_response(&written, false, &[]),
        Answered::Waits(written) => approvals::waits(&app, &written),
    })
}

/// `GET /v1/beneficiaries/{id}/export`
pub async fn export(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = beneficiary_id(&request)?;
    let mut query = Query::of(&request)?;
    let purpose = query.required("purpose", &words::PURPOSE, Purpose::parse);
    query.finish()?;
    let purpose = purpose.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(not_kept(HttpResponse::Ok().json(app.export_person(&caller.0, id, purpose).await?)))
}
