//! Payments over HTTP: order one, record what happens to it, read one, list them.

use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::Written;
use crate::app::inputs::{InstructInput, PersonName, ReissueInput, Route};
use crate::app::oversight::approvals::Answered;
use crate::app::reasons::ReportedReason;
use crate::app::reports::{CorrectInput, Report};
use crate::app::words;
use crate::domain::ids::{AgentCode, BeneficiaryId, BenefitType, ChannelCode, PaymentId, PaymentReference};
use crate::domain::money::{InvalidMoney, Money};
use crate::domain::payment::event::{Evidence, FailureCause, Payee};
use crate::domain::payment::reason::is_code;
use crate::domain::payment::{Payment, PaymentKind};
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::http::approvals;
use crate::http::beneficiaries::identifiers;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::format;
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// Reads a civil date.
pub fn date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// Reads a payee.
pub fn payee(text: &str) -> Option<Payee> {
    match text {
        "self" => Some(Payee::Beneficiary),
        "authorised" => Some(Payee::Authorised),
        "guardian" => Some(Payee::Guardian),
        _ => None,
    }
}

/// Reads who collected cash: a payee, or an heir.
pub fn collector(text: &str) -> Option<Payee> {
    if text == "heir" { Some(Payee::Heir) } else { payee(text) }
}

/// Reads the fields of a route: channel, agent, bank, account, payee.
pub fn route(body: &mut Body) -> Route {
    Route {
        channel: body.optional("channel", &words::CHANNEL, |text| ChannelCode::parse(text).ok()),
        agent: body.optional("agent", &words::AGENT, |text| AgentCode::parse(text).ok()),
        bank: body.text("bank", false),
        account: body.text("account", false),
        payee: body.optional("payee", &words::PAYEE, payee),
    }
}

pub(super) fn amount(app: &App, body: &mut Body, required: bool) -> Option<Money> {
    amount_of(app, body, ("amount", required))
}

/// An amount of money in a field.
pub(super) fn amount_of(app: &App, body: &mut Body, (field, required): (&'static str, bool)) -> Option<Money> {
    let value = match body.raw(field) {
        Some(Value::String(text)) => text,
        None if required => {
            body.report_missing(field, &words::AMOUNT);
            return None;
        }
        None => return None,
        Some(_) => {
            body.report(field, &words::AMOUNT);
            return None;
        }
    };
    match app.profile.currency.parse(&value) {
        Ok(money) => Some(money),
        Err(InvalidMoney::HasFraction { exponent }) => {
            body.push(FieldIssue::new(
                field,
                "amount-has-fraction",
                format!("the currency has {exponent} decimals; send the amount without more"),
                format!("đồng tiền này có {exponent} chữ số thập phân; hãy bỏ phần lẻ"),
            ));
            None
        }
        Err(InvalidMoney::NotANumber | InvalidMoney::TooLarge | InvalidMoney::Currency) => {
            body.report(field, &words::AMOUNT);
            None
        }
    }
}

/// Which person the body names: exactly one way.
fn person(profile: &Profile, body: &mut Body) -> Option<PersonName> {
    let mut named = Vec::new();
    if let Some(id) = body.optional("beneficiary_id", &words::UUID, |text| BeneficiaryId::parse(text).ok()) {
        named.push(PersonName::Id(id));
    }
    let identifiers = identifiers(profile, body).into_iter();
    named.extend(identifiers.map(|(scheme, value)| PersonName::Identifier { scheme, value }));
    if named.len() > 1 {
        body.push(FieldIssue::new(
            "beneficiary_id",
            "named-twice",
            "name the beneficiary in one way only",
            "chỉ nêu người hưởng theo một cách",
        ));
        return None;
    }
    let found = named.pop();
    if found.is_none() {
        let known = profile.identifier_list();
        body.push(FieldIssue::new(
            "beneficiary_id",
            "missing",
            format!("missing; one of beneficiary_id, {known} is needed"),
            format!("thiếu; cần một trong: beneficiary_id, {known}"),
        ));
    }
    found
}

/// What the payment pays of its months. `supplement: true` is the older way to say that it pays beside the regular one.
fn kind(body: &mut Body) -> PaymentKind {
    let named = body.optional("kind", &words::PAYMENT_KIND, PaymentKind::parse);
    let beside = body.flag("supplement");
    if beside && named == Some(PaymentKind::Regular) {
        body.report("kind", &words::PAYMENT_KIND);
    }
    named.unwrap_or(if beside { PaymentKind::Supplement } else { PaymentKind::Regular })
}

/// `POST /v1/payments`
pub async fn instruct(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let reference = body.required("payment_reference", &words::REFERENCE, |text| PaymentReference::parse(text).ok());
    let person = person(&app.profile, &mut body);
    let benefit_type = body.required("benefit_type", &words::BENEFIT_TYPE, |text| BenefitType::parse(text).ok());
    let cycle = body.required("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let months = body.list("benefit_months", &words::MONTHS, |text| Month::parse(text).ok());
    let amount = amount(&app, &mut body, true);
    let unit = body.text("unit", false);
    let route = route(&mut body);
    let due_on = body.optional("due_on", &words::DATE, date);
    let kind = kind(&mut body);
    body.finish()?;
    let (Some(reference), Some(person), Some(benefit_type), Some(cycle), Some(amount)) =
        (reference, person, benefit_type, cycle, amount)
    else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let benefit_months =
        if months.is_empty() { app.profile.benefit_months(cycle, benefit_type.as_str()) } else { months };
    let input =
        InstructInput { reference, person, benefit_type, benefit_months, cycle, amount, unit, route, due_on, kind };
    let written = app.instruct(&write, input).await?;
    Ok(written_response(&app, &written, true))
}

/// Where the payment stands now.
pub(super) fn written_response(app: &App, written: &Written<Payment>, created: bool) -> HttpResponse {
    let payment = written.state.instructed.as_ref();
    let location = payment.map(|payment| format!("/v1/payments/{}", payment.payment_id));
    let answer = payment.map_or_else(|| json!({}), |payment| format::payment_standing(&app.profile, payment));
    written_answer(written, created, location, answer)
}

pub(super) fn payment_id(request: &HttpRequest) -> Result<PaymentId, Problem> {
    path_id(request, "payment", |text| PaymentId::parse(text).ok())
}

/// `POST /v1/payments/{id}/{accept|settle|reject|return|fail|hold|release|reissue|cancel}`
async fn report(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
    read: fn(&App, &mut Body) -> Option<Report>,
) -> Result<HttpResponse, Problem> {
    let id = payment_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
    let report = read(&app, &mut body);
    body.finish()?;
    let report = report.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let written = app.report(&write, id, report).await?;
    Ok(written_response(&app, &written, false))
}

macro_rules! deed {
    ($(#[$doc:meta])* $name:ident, $read:expr) => {
        $(#[$doc])*
        pub async fn $name(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
            report(app, caller, request, bytes, $read).await
        }
    };
}

pub fn attempt(body: &mut Body) -> Option<u32> {
    body.number("attempt", &words::ATTEMPT)
}

pub(super) fn evidence(body: &mut Body) -> Option<Evidence> {
    let text = |value: &Value, name: &str| {
        let text = value.get(name)?.as_str()?.trim();
        let fits = !text.is_empty() && text.len() <= 140 && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    };
    let Some(value) = body.raw("evidence") else {
        body.report_missing("evidence", &words::EVIDENCE);
        return None;
    };
    let only_these = value.as_object().is_some_and(|map| map.keys().all(|key| key == "kind" || key == "reference"));
    let evidence = text(&value, "kind").zip(text(&value, "reference")).filter(|_| only_these);
    if evidence.is_none() {
        body.report("evidence", &words::EVIDENCE);
    }
    evidence.map(|(kind, reference)| Evidence { kind, reference })
}

/// Reason as (system, code, text).
fn reason(body: &mut Body) -> Option<ReportedReason> {
    let code = body.text("reason_code", true);
    let system = body.optional("reason_system", &words::SYSTEM, |text| AgentCode::parse(text).ok());
    let system = system.map_or_else(|| "iso20022".to_owned(), |system| system.to_string());
    let text = body.text("reason_text", false);
    code.map(|code| ReportedReason { system, code, text })
}

deed!(
    /// `accept`: the paying agent took the attempt on.
    accept,
    |_, body| {
        let attempt = attempt(body);
        let agent_ref = body.text("agent_ref", false);
        let raw_status = body.optional("raw_status", &words::STATUS, |text| is_code(text).then(|| text.to_owned()));
        let accepted_at = body.optional("accepted_at", &words::INSTANT, |text| text.parse::<Timestamp>().ok());
        Some(Report::Accept { attempt, agent_ref, raw_status, accepted_at })
    }
);
deed!(
    /// `settle`: the money arrived, or was paid out at the desk.
    settle,
    |app, body| {
        let attempt = attempt(body);
        let settled_on = body.required("settled_on", &words::DATE, date);
        let amount = amount(app, body, false);
        let evidence = evidence(body);
        let collected_by = body.optional("collected_by", &words::PAYEE, payee);
        Some(Report::Settle { attempt, settled_on: settled_on?, amount, evidence: evidence?, collected_by })
    }
);
deed!(
    /// `reject`: the paying agent refused the attempt.
    reject,
    |_, body| {
        let attempt = attempt(body);
        let rejected_on = body.optional("rejected_on", &words::DATE, date);
        let reason = reason(body);
        Some(Report::Reject { attempt, reason: reason?, rejected_on })
    }
);
deed!(
    /// `return`: settled money came back.
    give_back,
    |app, body| {
        let attempt = attempt(body);
        let returned_on = body.required("returned_on", &words::DATE, date);
        let amount = amount(app, body, false);
        let reason = reason(body);
        let evidence = evidence(body);
        Some(Report::Return { attempt, returned_on: returned_on?, amount, reason: reason?, evidence: evidence? })
    }
);
deed!(
    /// `fail`: no answer, unclaimed cash, or not sendable.
    fail,
    |_, body| {
        let attempt = attempt(body);
        let cause = body.required("cause", &words::FAILURE, |text| match text {
            "no_answer" => Some(FailureCause::NoAnswer),
            "unclaimed" => Some(FailureCause::Unclaimed),
            "not_sendable" => Some(FailureCause::NotSendable),
            _ => None,
        });
        let deadline = body.optional("deadline", &words::DATE, date);
        Some(Report::Fail { attempt, cause: cause?, deadline })
    }
);
deed!(
    /// `hold`: the attempt waits for a person.
    hold,
    |_, body| {
        let cause = body.note("cause", true);
        let note = body.note("note", false);
        Some(Report::Hold { cause: cause?, note })
    }
);
deed!(
    /// `release`: the wait is over.
    release,
    |_, body| Some(Report::Release { note: body.note("note", false) })
);
deed!(
    /// `reissue`: open a new attempt.
    reissue,
    |_, body| {
        let route = route(body);
        let due_on = body.optional("due_on", &words::DATE, date);
        let reason = body.note("reason", true);
        Some(Report::Reissue(ReissueInput { route, due_on, reason: reason? }))
    }
);
deed!(
    /// `cancel`: call the payment off before money moved.
    cancel,
    |_, body| {
        let reason = body.note("reason", true);
        let recall_confirmed = body.flag("recall_confirmed");
        Some(Report::Cancel { reason: reason?, recall_confirmed })
    }
);
/// What a correction names: exactly one field.
fn correction(app: &App, body: &mut Body) -> Option<CorrectInput> {
    let amount = amount(app, body, false);
    let months = body.list("benefit_months", &words::MONTHS, |text| Month::parse(text).ok());
    let unit = body.text("unit", false);
    let due_on = body.optional("due_on", &words::DATE, date);
    let reference = body.optional("payment_reference", &words::REFERENCE, |text| PaymentReference::parse(text).ok());
    let mut asked = Vec::new();
    asked.extend(amount.map(CorrectInput::Amount));
    asked.extend((!months.is_empty()).then_some(CorrectInput::BenefitMonths(months)));
    asked.extend(unit.map(CorrectInput::Unit));
    asked.extend(due_on.map(CorrectInput::DueOn));
    asked.extend(reference.map(CorrectInput::Reference));
    if asked.len() != 1 {
        body.push(FieldIssue::new(
            "",
            "one-correction",
            "name exactly one of amount, benefit_months, unit, due_on, payment_reference",
            "chỉ sửa một trong: amount, benefit_months, unit, due_on, payment_reference",
        ));
        return None;
    }
    asked.pop()
}

/// `POST /v1/payments/{id}/correct`: mend a clerical field, at once or when a second person consents.
pub async fn correct(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = payment_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let ground = body.note("ground", true);
    let correction = correction(&app, &mut body);
    body.finish()?;
    let (Some(correction), Some(ground)) = (correction, ground) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    Ok(match app.correct(&write, id, (correction, ground)).await? {
        Answered::Done(written) => written_response(&app, &written, false),
        Answered::Waits(written) => approvals::waits(&app, &written),
    })
}

/// `GET /v1/payments/{id}`: the payment with its whole timeline, straight from its stream.
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = payment_id(&request)?;
    let view = app.read_payment(&caller.0, id).await?;
    Ok(HttpResponse::Ok()
        .insert_header(("ETag", format!("\"{}\"", view.revision)))
        .json(format::payment_view(&app.profile, &view)))
}
