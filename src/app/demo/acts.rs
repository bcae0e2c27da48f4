//! Single acts: what a clerk does by hand, through the same use cases as the API.

use super::people;
use crate::app::App;
use crate::app::access::Principal;
use crate::app::aggregate::payment_of_stream;
use crate::app::changes::Change;
use crate::app::error::AppError;
use crate::app::execute::WriteRequest;
use crate::app::inputs::{InstructInput, MethodInput, PersonName, RegisterInput, ReissueInput, Route};
use crate::app::reports::{CorrectInput, Report};
use crate::domain::claims::{self, reference_key};
use crate::domain::envelope::Source;
use crate::domain::ids::{BenefitType, ChannelCode, PaymentId, PaymentReference, SchemeCode};
use crate::domain::money::Money;
use crate::domain::payment::PaymentKind;
use crate::domain::period::Month;
use crate::store::RequestKey;
use jiff::civil::Date;

/// The hand that acts.
pub const CALLER: &str = "demo";

/// An act.
#[derive(Debug, Clone)]
pub enum Act {
    Register(Box<RegisterInput>),
    Died { person: u32, died_on: Date },
    Moved { person: u32, unit: String },
    NewAccount { person: u32, bank: &'static str, account: String },
    Supplement(Box<Supplement>),
    Hold { payment: String },
    Release { payment: String },
    Cancel { payment: String, reason: &'static str },
    Reissue { payment: String, reason: &'static str },
    CorrectAmount { payment: String, amount: u64 },
    CorrectDueDay { payment: String, due_on: Date },
}

/// Arrears, paid beside the month's payment.
#[derive(Debug, Clone)]
pub struct Supplement {
    pub payment: String,
    pub person: u32,
    pub benefit_type: &'static str,
    pub month: Month,
    pub cycle: Month,
    pub amount: u64,
    pub unit: String,
}

/// Does one act. `false` when the rules refuse it.
pub async fn act(app: &App, act: Act) -> Result<bool, AppError> {
    let done = match act {
        Act::Register(input) => register(app, *input).await,
        Act::Died { person, died_on } => {
            let death = Change::Death { died_on, reported_on: None, source: "civil_register".to_owned() };
            change(app, ("died", person), death).await
        }
        Act::Moved { person, unit } => {
            let effective_on = app.profile.business_day(app.clock.now_us());
            change(app, ("moved", person), Change::Move { unit, effective_on }).await
        }
        Act::NewAccount { person, bank, account } => {
            let channel = if bank == "momo" { "wallet" } else { "account" };
            let route = Route { bank: Some(bank.to_owned()), account: Some(account), ..route(channel)? };
            change(
                app,
                ("new-account", person),
                Change::Method(MethodInput { route, requested_on: None, effective_month: None, home_ground: None }),
            )
            .await
        }
        Act::Supplement(supplement) => instruct(app, &supplement).await,
        Act::Hold { payment } => {
            report(app, ("hold", &payment), Report::Hold { cause: "identity_check".to_owned(), note: None }).await
        }
        Act::Release { payment } => report(app, ("release", &payment), Report::Release { note: None }).await,
        Act::Cancel { payment, reason } => {
            report(app, ("cancel", &payment), Report::Cancel { reason: reason.to_owned(), recall_confirmed: true })
                .await
        }
        Act::Reissue { payment, reason } => {
            let input = ReissueInput { route: route("cash_desk")?, due_on: None, reason: reason.to_owned() };
            report(app, ("reissue", &payment), Report::Reissue(input)).await
        }
        Act::CorrectAmount { payment, amount } => {
            let correction = CorrectInput::Amount(money(app, amount));
            report(app, ("correct", &payment), Report::Correct { correction, ground: "decision_amended".to_owned() })
                .await
        }
        Act::CorrectDueDay { payment, due_on } => {
            let correction = CorrectInput::DueOn(due_on);
            report(app, ("correct", &payment), Report::Correct { correction, ground: "clerical_error".to_owned() })
                .await
        }
    };
    match done {
        Ok(()) => Ok(true),
        Err(error) if is_refusal(&error) => {
            tracing::debug!(error = %error, "the rules refuse an act of the demo");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

const fn is_refusal(error: &AppError) -> bool {
    use AppError as E;
    matches!(
        error,
        E::Invalid(_) | E::Payment(_) | E::Beneficiary(_) | E::Quarantine(_) | E::Taken { .. } | E::NotFound(_)
    )
}

/// The request of an act: its key is made from what it does to whom on which day.
fn request(app: &App, what: &str, whom: &str) -> WriteRequest {
    let day = app.profile.business_day(app.clock.now_us());
    let idempotency_key = format!("{day}-{what}-{whom}");
    let input_hash = app.vault.input_hash(&[idempotency_key.as_bytes()]);
    WriteRequest {
        principal: Principal::local(CALLER),
        source: Source::Api,
        idempotency: RequestKey { caller: CALLER.to_owned(), idempotency_key, input_hash },
        if_match: None,
        occurred_at: None,
    }
}

fn money(app: &App, amount: u64) -> Money {
    Money { minor: i64::try_from(amount).unwrap_or(i64::MAX), currency: app.profile.currency.currency }
}

fn route(channel: &str) -> Result<Route, AppError> {
    let channel = ChannelCode::parse(channel).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(Route { channel: Some(channel), ..Route::default() })
}

fn person_name(index: u32) -> Result<PersonName, AppError> {
    Ok(PersonName::Identifier { scheme: scheme("beneficiary_ref")?, value: people::reference(index) })
}

/// An identifier scheme of the profile that the demo is made for.
pub fn scheme(code: &str) -> Result<SchemeCode, AppError> {
    SchemeCode::parse(code).map_err(|error| AppError::Internal(error.to_string()))
}

async fn register(app: &App, input: RegisterInput) -> Result<(), AppError> {
    let whom = input.identifiers.first().map(|(_, value)| value.clone()).unwrap_or_default();
    app.register(&request(app, "register", &whom), input).await.map(|_| ())
}

async fn change(app: &App, (what, person): (&str, u32), change: Change) -> Result<(), AppError> {
    let id = app.find_person(&person_name(person)?).await?;
    app.change(&request(app, what, &people::reference(person)), id, change).await.map(|_| ())
}

async fn report(app: &App, (what, payment): (&str, &str), report: Report) -> Result<(), AppError> {
    let id = find_payment(app, payment).await?;
    app.report(&request(app, what, payment), id, report).await.map(|_| ())
}

async fn find_payment(app: &App, text: &str) -> Result<PaymentId, AppError> {
    let key = reference_key(&payment_reference(text)?);
    let holder = app.store.find_claims(claims::PAYMENT_REFERENCE, &[key]).await?.into_iter().flatten().next();
    holder.and_then(|stream| payment_of_stream(&stream)).ok_or(AppError::NotFound("payment"))
}

fn payment_reference(text: &str) -> Result<PaymentReference, AppError> {
    PaymentReference::parse(text).map_err(|error| AppError::Internal(error.to_string()))
}

async fn instruct(app: &App, supplement: &Supplement) -> Result<(), AppError> {
    let input = InstructInput {
        reference: payment_reference(&supplement.payment)?,
        person: person_name(supplement.person)?,
        benefit_type: BenefitType::parse(supplement.benefit_type)
            .map_err(|error| AppError::Internal(error.to_string()))?,
        benefit_months: vec![supplement.month],
        cycle: supplement.cycle,
        amount: money(app, supplement.amount),
        unit: Some(supplement.unit.clone()),
        route: Route::default(),
        due_on: None,
        kind: PaymentKind::Supplement,
    };
    app.instruct(&request(app, "supplement", &supplement.payment), input).await.map(|_| ())
}
