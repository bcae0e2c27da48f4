//! Beneficiaries over HTTP: register, change, read, find by identifier. Names and numbers come in and never go out.

use crate::app::App;
use crate::app::beneficiaries::PersonView;
use crate::app::changes::Change;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::Written;
use crate::app::inputs::{MethodInput, PersonName, RegisterInput};
use crate::app::words;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::beneficiary::MethodPeriod;
use crate::domain::beneficiary::event::Sex;
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityResult};
use crate::domain::beneficiary::state::Registered;
use crate::domain::ids::{BeneficiaryId, GroundCode, SchemeCode};
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::identifiers::one_identifier;
use crate::http::payments::{date, route};
use crate::http::problem::Problem;
use crate::http::query::Query;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

fn sex(text: &str) -> Option<Sex> {
    match text {
        "female" => Some(Sex::Female),
        "male" => Some(Sex::Male),
        _ => None,
    }
}

/// The identifiers in a body: each stands in the field of its scheme's name.
pub fn identifiers(profile: &Profile, body: &mut Body) -> Vec<(SchemeCode, String)> {
    let schemes = profile.identifiers.iter().map(|spec| &spec.code);
    schemes.filter_map(|code| body.text(code.as_str(), false).map(|value| (code.clone(), value))).collect()
}

/// The payout method of a body; `None` when no field of it is given.
fn method(body: &mut Body) -> Option<MethodInput> {
    let route = route(body);
    let requested_on = body.optional("requested_on", &words::DATE, date);
    let effective_month = body.optional("effective_month", &words::MONTH, |text| Month::parse(text).ok());
    let home_ground = body.optional("home_ground", &words::HOME_GROUND, |text| GroundCode::parse(text).ok());
    let given = route != crate::app::inputs::Route::default()
        || requested_on.is_some()
        || effective_month.is_some()
        || home_ground.is_some();
    given.then_some(MethodInput { route, requested_on, effective_month, home_ground })
}

/// `POST /v1/beneficiaries`
pub async fn register(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let identifiers = identifiers(&app.profile, &mut body);
    let name = body.text("name", false);
    let sex = body.optional("sex", &words::SEX, sex);
    let birth_year = body.raw("birth_year").and_then(|value| {
        let year = value.as_i64().and_then(|year| i16::try_from(year).ok()).filter(|year| (1880..=2100).contains(year));
        if year.is_none() {
            body.report("birth_year", &words::YEAR);
        }
        year
    });
    let unit = body.text("unit", true);
    let method = method(&mut body);
    body.finish()?;
    let unit = unit.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let input = RegisterInput { identifiers, name, sex, birth_year, unit, method, authorisation: None };
    let registered = app.register(&write, input).await?;
    let warnings: Vec<Value> = registered.warnings.iter().map(warning).collect();
    Ok(written_response(&registered.written, true, &warnings))
}

pub fn warning(issue: &FieldIssue) -> Value {
    json!({"pointer": format!("/{}", issue.field), "code": issue.code, "message": issue.message, "message_vi": issue.message_vi})
}

fn person(person: &Registered) -> Value {
    json!({
        "beneficiary_id": person.beneficiary_id,
        "units": person.units.iter().map(|(from, unit)| json!({"unit": unit, "from": from.map(|day| day.to_string())})).collect::<Vec<_>>(),
        "methods": person.method_history().iter().map(method_json).collect::<Vec<_>>(),
        "identifiers": person.identifiers.iter().map(|known| json!({"identifier_ref": known.identifier_ref, "scheme": known.scheme,
            "valid_from": known.valid_from, "valid_to": known.valid_to, "ended": known.ended})).collect::<Vec<_>>(),
        "died_on": person.died_on.map(|day| day.to_string()),
        "erased": person.erased,
        "authorisations": person.authorisations.iter().map(|a| json!({"authorised_ref": a.authorised_ref, "payee": a.payee,
            "certified": a.certified, "valid_from": a.valid_from, "valid_to": a.valid_to, "ended_on": a.ended_on}))
            .collect::<Vec<_>>(),
        "suspensions": person.suspensions.iter().map(|s| json!({"benefit_type": s.benefit_type, "legal_ground": s.legal_ground,
            "from_month": s.from_month, "resumed_from": s.resumed_from, "arrears": s.arrears})).collect::<Vec<_>>(),
        "account_checks": person.account_checks.iter().map(|c| json!({"account_ref": c.account_ref, "name_match": c.name_match,
            "checked_at": c.checked_at, "source": c.source})).collect::<Vec<_>>(),
        "identity": person.identity.as_ref().map(identity_json),
    })
}

/// A choice with the months in which it is in force; `until` of one that never was lies before its first month.
fn method_json(period: &MethodPeriod<'_>) -> Value {
    let m = period.method;
    json!({"channel": m.channel, "agent": m.agent, "bank": m.bank, "account_ref": m.account_ref,
        "effective_month": m.effective_month, "until": period.until, "ever_in_force": period.ever_in_force, "payee": m.payee,
        "home_ground": m.home_ground})
}

fn identity_json(known: &IdentityMatchRecorded) -> Value {
    let mut seen = json!({"status": known.result.status().as_str(), "fields": [], "duplicate_of": null, "excluded_reason": null,
        "source": known.source, "checked_on": known.checked_on, "request_ref": known.request_ref});
    match &known.result {
        IdentityResult::Mismatch { fields } => seen["fields"] = json!(fields),
        IdentityResult::Duplicate { of } => seen["duplicate_of"] = json!(of),
        IdentityResult::Excluded { reason } => seen["excluded_reason"] = json!(reason),
        IdentityResult::Pending
        | IdentityResult::Verified
        | IdentityResult::NotFound
        | IdentityResult::DeceasedInPopulationDb => {}
    }
    seen
}

pub fn written_response(written: &Written<Beneficiary>, created: bool, warnings: &[Value]) -> HttpResponse {
    let registered = written.state.registered.as_ref();
    let location = registered.map(|person| format!("/v1/beneficiaries/{}", person.beneficiary_id));
    let mut answer = registered.map_or_else(|| json!({}), person);
    answer["warnings"] = json!(warnings);
    written_answer(written, created, location, answer)
}

fn view(view: &PersonView, month: Month) -> HttpResponse {
    let mut answer = person(&view.person);
    // A person who was read has the method of a month shown apart: which of several choices counts need not be worked out.
    let in_force = view.person.method_in_force(month);
    let of_month = view.person.method_history().into_iter().find(|period| Some(period.method) == in_force);
    answer["in_force"] = json!({"month": month, "method": of_month.as_ref().map(method_json)});
    answer["revision"] = json!(view.revision);
    answer["position"] = json!(view.position);
    answer["as_of_position"] = json!(view.as_of_position);
    HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.revision))).json(answer)
}

pub fn beneficiary_id(request: &HttpRequest) -> Result<BeneficiaryId, Problem> {
    path_id(request, "beneficiary", |text| BeneficiaryId::parse(text).ok())
}

pub async fn change(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
    read: fn(&App, &mut Body) -> Option<Change>,
) -> Result<HttpResponse, Problem> {
    let id = beneficiary_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let asked = read(&app, &mut body);
    body.finish()?;
    let asked = asked.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let (written, warnings) = app.change(&write, id, asked).await?;
    let warnings: Vec<Value> = warnings.iter().map(warning).collect();
    Ok(written_response(&written, false, &warnings))
}

/// A handler that reads a change from the body and records it.
macro_rules! changing {
    ($(#[$doc:meta])* $name:ident, $read:expr) => {
        $(#[$doc])*
        pub async fn $name(
            app: crate::http::context::SharedApp,
            caller: crate::http::context::Caller,
            request: actix_web::HttpRequest,
            bytes: actix_web::web::Bytes,
        ) -> Result<actix_web::HttpResponse, crate::http::problem::Problem> {
            crate::http::beneficiaries::change(app, caller, request, bytes, $read).await
        }
    };
}
pub(super) use changing;

changing!(
    /// `POST /v1/beneficiaries/{id}/move`
    move_unit,
    |_, body| {
        let unit = body.text("unit", true);
        let effective_on = body.required("effective_on", &words::DATE, date);
        Some(Change::Move { unit: unit?, effective_on: effective_on? })
    }
);

changing!(
    /// `POST /v1/beneficiaries/{id}/method`
    choose_method,
    |_, body| {
        let chosen = method(body);
        if chosen.as_ref().is_none_or(|m| m.route.channel.is_none()) {
            body.report_missing("channel", &words::CHANNEL);
        }
        chosen.map(Change::Method)
    }
);

changing!(
    /// `POST /v1/beneficiaries/{id}/death`
    report_death,
    |_, body| {
        let died_on = body.required("died_on", &words::DATE, date);
        let reported_on = body.optional("reported_on", &words::DATE, date);
        let source = body.note("source", true);
        Some(Change::Death { died_on: died_on?, reported_on, source: source? })
    }
);

fn this_month(app: &App) -> Month {
    Month::of(app.profile.business_day(app.clock.now_us()))
}

/// `GET /v1/beneficiaries/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let month = query.optional("month", &words::MONTH, |text| Month::parse(text).ok());
    query.finish()?;
    let month = month.unwrap_or_else(|| this_month(&app));
    Ok(view(&app.read_person(&caller.0, beneficiary_id(&request)?).await?, month))
}

/// `POST /v1/beneficiaries/search`: a POST so that the identifier stands in no URL and no access log.
pub async fn search(app: SharedApp, caller: Caller, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let mut body = Body::parse(&bytes)?;
    let mut named = identifiers(&app.profile, &mut body);
    if named.len() != 1 {
        body.push(one_identifier(&app.profile.identifier_list()));
    }
    body.finish()?;
    let (scheme, value) = named.pop().ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let found = app.search_person(&caller.0, &PersonName::Identifier { scheme, value }).await?;
    Ok(view(&found, this_month(&app)))
}
