//! Keys of this program over HTTP, for operators. A secret stands in the one answer that shows it, which nothing on the way may keep.

use crate::app::access::Role;
use crate::app::audit::Noted;
use crate::app::error::{AppError, FieldIssue};
use crate::app::keys::NewKey;
use crate::app::keys::life::{Lasting, OVERLAP_DAYS, overlap_days};
use crate::app::keys::managed::{KeyChange, Rotation};
use crate::app::words::{self, Words};
use crate::domain::ids::ApprovalId;
use crate::http::approvals;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, write_request};
use crate::http::problem::Problem;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

const ROLE: Words = Words {
    en: "one of clerk, supervisor, analyst, bank, auditor, operator",
    vi: "một trong: clerk, supervisor, analyst, bank, auditor, operator",
};
const EXPIRES: Words = Words {
    en: "the last day (2027-01-31) or a number of days from now (90d), within the next ten years",
    vi: "ngày cuối cùng (2027-01-31) hoặc số ngày kể từ bây giờ (90d), trong mười năm tới",
};
const OVERLAP: Words = Words { en: "a number of days from 0d to 90d", vi: "số ngày từ 0d đến 90d" };
const LABEL: Words =
    Words { en: "who holds the key, in 1 to 100 characters", vi: "người giữ khóa, từ 1 đến 100 ký tự" };
const APPROVAL: Words =
    Words { en: "the id of the approval that was consented to", vi: "mã của yêu cầu đã được phê duyệt" };

fn not_kept(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The key in the path; what is none is looked for and not found.
fn key_id(request: &HttpRequest) -> &str {
    request.match_info().get("key").unwrap_or_default()
}

fn answer(app: &SharedApp, change: &KeyChange) -> HttpResponse {
    match change {
        KeyChange::Done(shown) => {
            let mut body = app.key_shown(&shown.key);
            body["key"] = json!(shown.text);
            body["position"] = json!(shown.noted.position);
            not_kept(HttpResponse::build(StatusCode::CREATED).insert_header((LOCATION, "/v1/keys")).json(body))
        }
        KeyChange::Waits(written) => approvals::waits(app, written),
    }
}

fn expires(app: &SharedApp, body: &mut Body) -> Option<i64> {
    let until = |text: &str| Lasting::parse(text)?.until_us(&app.profile, app.clock.now_us());
    body.optional("expires", &EXPIRES, until)
}

/// `GET /v1/keys`
pub async fn list(app: SharedApp) -> Result<HttpResponse, Problem> {
    Ok(not_kept(HttpResponse::Ok().json(json!({"keys": app.keys_shown().await?}))))
}

/// A key as asked for: units go with roles of units, a bank with a bank's.
fn new_key(app: &SharedApp, body: &mut Body) -> Option<NewKey> {
    let role = body.required("role", &ROLE, Role::parse);
    let unit = body.text("unit", false).and_then(|text| {
        let today = app.profile.business_day(app.clock.now_us());
        app.scope(&text, today).map_err(|issue| body.push(issue)).ok()
    });
    let bank = body.optional("bank", &words::BANK, |text| app.profile.bank_by_name(text).map(|spec| spec.id.clone()));
    let label = body.required("label", &LABEL, |text| {
        let text = text.trim();
        let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    });
    let expires_at_us = expires(app, body);
    if role == Some(Role::Bank) && bank.is_none() {
        body.report_missing("bank", &words::BANK);
    }
    if bank.is_some() && role.is_some_and(|role| role != Role::Bank) {
        body.push(misplaced("bank", "only a key of role bank has a bank", "chỉ khóa vai trò bank mới có ngân hàng"));
    }
    if unit.is_some() && matches!(role, Some(Role::Bank | Role::Operator)) {
        body.push(misplaced("unit", "a key of this role has no unit", "khóa của vai trò này không gắn với đơn vị"));
    }
    Some(NewKey { role: role?, unit, bank, label: label?, expires_at_us })
}

fn misplaced(field: &'static str, en: &'static str, vi: &'static str) -> FieldIssue {
    FieldIssue::new(field, "key-reach-invalid", en, vi)
}

/// `POST /v1/keys`
pub async fn create(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let new = new_key(&app, &mut body);
    body.finish()?;
    let new = new.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(answer(&app, &app.create_key(&write, new).await?))
}

/// `POST /v1/keys/{key}/rotate`
pub async fn rotate(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
    let overlap_days = body.optional("overlap", &OVERLAP, overlap_days).unwrap_or(OVERLAP_DAYS);
    let expires_at_us = expires(&app, &mut body);
    body.finish()?;
    let rotation = Rotation { overlap_days, expires_at_us };
    Ok(answer(&app, &app.rotate_key(&write, key_id(&request), rotation).await?))
}

/// `POST /v1/keys/{key}/secret`
pub async fn secret(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let approval = body.required("approval_id", &APPROVAL, |text| ApprovalId::parse(text).ok());
    body.finish()?;
    let approval = approval.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    Ok(answer(&app, &app.take_secret(&write, key_id(&request), approval).await?))
}

/// `POST /v1/keys/{key}/revoke`
pub async fn revoke(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    Body::parse(if bytes.is_empty() { b"{}" } else { &bytes })?.finish()?;
    let (key, noted) = app.revoke_key(&write, key_id(&request)).await?;
    let status = if noted.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    Ok(not_kept(HttpResponse::build(status).json(revoked(app.key_shown(&key), noted.as_ref()))))
}

fn revoked(mut body: Value, noted: Option<&Noted>) -> Value {
    body["position"] = json!(noted.map(|noted| noted.position));
    body["changed"] = json!(noted.is_some());
    body
}
