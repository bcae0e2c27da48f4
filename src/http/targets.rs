//! Targets over HTTP: set, withdrawn, and how far each is from being reached.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::targets::{TargetInput, TargetLine, told};
use crate::app::tongue::Tongue;
use crate::app::words::{self, Words};
use crate::domain::ids::{BenefitGroup, TargetId};
use crate::domain::period::Month;
use crate::domain::target::{TargetSet, Targets};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::figures::{as_of, scope};
use crate::http::format::instant;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use rust_decimal::Decimal;
use serde_json::{Value, json};

const INDICATOR: Words = Words {
    en: "A1 (people), A2 (amount) or A3 (payments); the urban rate (A4) is A1 with urban true",
    vi: "A1 (người), A2 (số tiền) hoặc A3 (khoản chi); tỷ lệ đô thị (A4) là A1 với urban true",
};
const VALUE: Words = Words {
    en: "a fraction of 1 in plain digits as a string, for example \"0.85\" for 85 %",
    vi: "phần của 1 bằng chữ số, dạng chuỗi, ví dụ \"0.85\" là 85 %",
};
const GROUPS: Words = Words {
    en: "a list of benefit groups of the profile, listed at GET /v1/reference",
    vi: "danh sách mã nhóm chế độ trong cấu hình, xem GET /v1/reference",
};

/// A decimal in plain digits.
fn decimal(text: &str) -> Option<Decimal> {
    let plain = text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    plain.then(|| Decimal::from_str_exact(text).ok()).flatten()
}

fn input(body: &mut Body) -> Option<TargetInput> {
    let unit = body.text("unit", true);
    let indicator = body.required("indicator", &INDICATOR, |text| Some(text.to_owned()));
    let benefit_groups = body.list("benefit_groups", &GROUPS, |text| BenefitGroup::parse(text).ok());
    let urban = match body.raw("urban") {
        None => None,
        Some(Value::Bool(urban)) => Some(urban),
        Some(_) => {
            body.report("urban", &words::BOOLEAN);
            None
        }
    };
    let value = body.required("value", &VALUE, decimal);
    let by_date = body.required("by_date", &words::DATE, date);
    let legal_basis = body.note("legal_basis", true);
    Some(TargetInput {
        unit: unit?,
        indicator: indicator?,
        benefit_groups,
        urban,
        value: value?,
        by_date: by_date?,
        legal_basis: legal_basis?,
    })
}

/// `POST /v1/targets`
pub async fn set(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let input = input(&mut body);
    body.finish()?;
    let input = input.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let (written, id) = app.set_target(&write, &input).await?;
    let set = id.and_then(|id| written.state.set.iter().find(|target| target.target_id == id));
    Ok(answer(&app, &written, set, true))
}

fn answer(app: &App, written: &Written<Targets>, set: Option<&TargetSet>, created: bool) -> HttpResponse {
    let body = set.map_or_else(|| json!({}), |target| set_json(app, target));
    let location = set.map(|target| format!("/v1/targets?unit={}", target.unit_key));
    written_answer(written, created, location, body)
}

fn set_json(app: &App, target: &TargetSet) -> Value {
    json!({"target_id": target.target_id, "unit": target.unit_key,
        "unit_name": app.profile.units.get(target.unit_key.as_str()).map(|unit| unit.name.as_str()),
        "indicator": target.indicator, "benefit_groups": target.scope.benefit_groups, "urban": target.scope.urban,
        "value": target.value.to_string(), "by_date": target.by_date.to_string(), "legal_basis": target.legal_basis,
        "set_by": target.set_by})
}

/// `POST /v1/targets/{id}/withdraw`
pub async fn withdraw(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "target", |text| TargetId::parse(text).ok())?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let reason = body.note("reason", true);
    body.finish()?;
    let reason = reason.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let written = app.withdraw_target(&write, id, &reason).await?;
    Ok(written_answer(&written, false, None, json!({"target_id": id, "withdrawn": true})))
}

/// `GET /v1/targets`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let cycle = query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let as_of = as_of(&app, &mut query).await?;
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.targets(&caller.0, (unit.clone(), cycle), as_of, min_position).await?;
    let (cycle, lines) = &found.answer;
    let mut about = json!({"unit": unit, "cycle": cycle, "unit_basis": "as_paid", "indicators": {"gap_points": "T1"},
        "as_of_position": found.as_of_position, "as_of_time": instant(found.as_of_time_us)});
    if form == Form::Json {
        about["targets"] = lines.iter().map(|one: &TargetLine| told::line(&app.profile, one)).collect();
        return Ok(HttpResponse::Ok().json(about));
    }
    table::respond(&told::table(&app.profile, lines, Tongue::of(&app.profile).code()), form, "targets", &about)
}
