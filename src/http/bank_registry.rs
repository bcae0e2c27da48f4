//! The registry of banks over HTTP, for operators.

use crate::app::App;
use crate::app::banks::consent::BankChange;
use crate::app::banks::registry::{self, NewBankKey};
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::oversight::approvals::Answered;
use crate::app::words::{self, Words};
use crate::domain::bank::{Bank, Expected};
use crate::domain::ids::BankId;
use crate::http::approvals;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, write_request, written_answer};
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use jiff::Timestamp;
use serde_json::{Value, json};

fn answer(bank: &BankId, written: &Written<Bank>) -> HttpResponse {
    written_answer(written, false, None, registry::shown(bank, &written.state))
}

/// The entry as it is now, or what waits for another operator.
pub(super) fn changed(app: &App, bank: &BankId, answered: &Answered<Bank>) -> HttpResponse {
    match answered {
        Answered::Done(written) => answer(bank, written),
        Answered::Waits(written) => approvals::waits(app, written),
    }
}

const EXPECTED: Words = Words {
    en: "a list of {by: \"HH:MM\", days: working_days or every_day, format: a format or absent}",
    vi: "danh sách {by: \"HH:MM\", days: working_days hoặc every_day, format: định dạng hoặc bỏ trống}",
};

/// What must come by which hour.
fn expectations(value: &Value) -> Option<Vec<Expected>> {
    let one = |value: &Value| {
        let object = value.as_object()?;
        let known = |name: &String| matches!(name.as_str(), "format" | "by" | "days");
        if !object.keys().all(known) {
            return None;
        }
        let format = match object.get("format") {
            None | Some(Value::Null) => None,
            Some(format) => Some(format.as_str()?),
        };
        let days = object.get("days").map_or(Some("working_days"), Value::as_str)?;
        Expected::parse(format, object.get("by")?.as_str()?, days)
    };
    value.as_array()?.iter().map(one).collect()
}

/// The bank in the path, of the profile.
pub(super) fn bank_of(app: &SharedApp, request: &HttpRequest) -> Result<BankId, Problem> {
    let text = request.match_info().get("bank").unwrap_or_default();
    let spec = app.profile.banks.iter().find(|spec| spec.id.as_str() == text);
    spec.map(|spec| spec.id.clone()).ok_or(Problem::App(AppError::NotFound("bank")))
}

/// `GET /v1/banks`
pub async fn list(app: SharedApp) -> Result<HttpResponse, Problem> {
    let banks = app.registered_banks().await?;
    let banks: Vec<_> = banks.iter().map(|(bank, state)| registry::shown(bank, state)).collect();
    Ok(HttpResponse::Ok().json(json!({"banks": banks})))
}

/// `POST /v1/banks`
pub async fn register(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let bank = body.required("bank", &words::BANK, |text| app.profile.bank_by_name(text).map(|spec| spec.id.clone()));
    let mapping = match body.raw("mapping") {
        None => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            body.report("mapping", &words::TEXT);
            None
        }
    };
    let expected = body.raw("expected").map(|value| expectations(&value));
    if matches!(expected, Some(None)) {
        body.report("expected", &EXPECTED);
    }
    body.finish()?;
    let bank = bank.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let change = BankChange::Register { mapping, expected: expected.flatten() };
    Ok(changed(&app, &bank, &app.change_bank(&write, &bank, change).await?))
}

/// `POST /v1/banks/{bank}/keys`
pub async fn add_key(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let bank = bank_of(&app, &request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let instant = |text: &str| text.parse::<Timestamp>().ok();
    let key_id = body.text("key_id", true);
    let algorithm = body.required("algorithm", &words::ALGORITHM, registry::algorithm);
    let material = match body.raw("key") {
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            body.report("key", &words::TEXT);
            None
        }
        None => {
            body.report_missing("key", &words::TEXT);
            None
        }
    };
    let valid_from = body.optional("valid_from", &words::INSTANT, instant);
    let valid_to = body.optional("valid_to", &words::INSTANT, instant);
    body.finish()?;
    let (Some(key_id), Some(algorithm), Some(material)) = (key_id, algorithm, material) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let change = BankChange::AddKey(NewBankKey { key_id, algorithm, material, valid_from, valid_to });
    Ok(changed(&app, &bank, &app.change_bank(&write, &bank, change).await?))
}

/// `POST /v1/banks/{bank}/disable-key`
pub async fn disable_key(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let bank = bank_of(&app, &request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let key_id = body.text("key_id", true);
    body.finish()?;
    let key_id = key_id.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let written = app.disable_bank_key(&write, &bank, &key_id).await?;
    Ok(answer(&bank, &written))
}
