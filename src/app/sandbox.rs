//! The sandbox: a log of its own for integrators, marked as one for ever, whose keys open no other log. Its first bank has payments to report
//! on, and can be played.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::banks::callback::CameBy;
use crate::app::banks::inbox::InboxView;
use crate::app::banks::registry::NewBankKey;
use crate::app::error::{AppError, FieldIssue};
use crate::app::inputs::{InstructInput, MethodInput, PersonName, RegisterInput, Route};
use crate::banks::signature::{Algorithm, Key, Validity};
use crate::domain::ids::{BankId, EndToEndId, PaymentId, PaymentReference, SchemeCode};
use crate::domain::money::Money;
use crate::domain::payment::PaymentKind;
use crate::domain::period::Month;
use jiff::civil::Date;
use serde_json::json;
use std::sync::Arc;

/// Under this name the vault's named values have the mark. It is in archives too: what is restored is still a sandbox.
pub const MARK: &str = "sandbox";
/// The id of the key that the sandbox is started with.
pub const BANK_KEY_ID: &str = "test-1";
/// What vouches for a message that the sandbox made itself.
const PLAYED: &str = "sandbox";

const PAYMENTS: u32 = 5;
const AMOUNT_MINOR: i64 = 1_000_000;

/// A payment to report on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPayment {
    pub payment_id: PaymentId,
    pub end_to_end_id: EndToEndId,
}

/// What a new sandbox has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub bank: BankId,
    pub payments: Vec<TestPayment>,
}

/// What the bank is played to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Played {
    Settled,
    Rejected,
    Returned,
}

/// What it says beside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayedReport {
    /// Today when absent.
    pub date: Option<Date>,
    /// As a bank writes it; absent: nothing is said of the amount.
    pub amount: Option<String>,
    /// Of a rejection or return; `AC04` (account closed) when absent.
    pub reason: Option<String>,
}

fn lacks(what: &str) -> AppError {
    AppError::Internal(format!("the profile has no {what}: there is no sandbox for it"))
}

impl App {
    /// Fills a new sandbox: the profile's first bank, with people whose payments go through it.
    pub async fn fill_sandbox(&self) -> Result<Filled, AppError> {
        let profile = &self.profile;
        let bank = profile.banks.first().ok_or_else(|| lacks("bank"))?.id.clone();
        let request = |deed: &str| self.own_request(&Principal::local(PLAYED), deed);
        self.register_bank(&request("bank"), &bank, (None, None)).await?;
        let mut payments = Vec::new();
        for number in 1..=PAYMENTS {
            payments.push(self.test_payment(&bank, number).await?);
        }
        Ok(Filled { bank, payments })
    }

    async fn test_payment(&self, bank: &BankId, number: u32) -> Result<TestPayment, AppError> {
        let profile = &self.profile;
        let channel = profile.channels.iter().find(|channel| channel.cashless && channel.requires_account);
        let channel = channel.ok_or_else(|| lacks("channel to accounts"))?.code.clone();
        let unit = profile.units.iter().find(|unit| unit.level == profile.payment_level && unit.valid_to.is_none());
        let unit = unit.ok_or_else(|| lacks("unit in force"))?.key.to_string();
        let benefit_type = profile.benefit_types.first().ok_or_else(|| lacks("benefit type"))?.code.clone();
        let cycle = Month::of(profile.business_day(self.clock.now_us()));
        let scheme = SchemeCode::parse("beneficiary_ref").map_err(|_| lacks("beneficiary_ref"))?;
        let route = Route {
            channel: Some(channel),
            bank: Some(bank.to_string()),
            account: Some(format!("10000000{number:02}")),
            ..Route::default()
        };
        let method = MethodInput { route, requested_on: None, effective_month: Some(cycle), home_ground: None };
        let person = RegisterInput {
            identifiers: vec![(scheme, format!("TEST-PERSON-{number}"))],
            name: None,
            sex: None,
            birth_year: None,
            unit,
            method: Some(method),
            authorisation: None,
        };
        let request = |deed: &str| self.own_request(&Principal::local(PLAYED), deed);
        let registered = self.register(&request("person"), person).await?.written.state;
        let id = registered.registered.ok_or_else(|| lacks("person"))?.beneficiary_id;
        let reference = PaymentReference::parse(&format!("TEST-{number}")).map_err(|_| lacks("payment reference"))?;
        let order = InstructInput {
            reference,
            person: PersonName::Id(id),
            benefit_type,
            benefit_months: vec![cycle],
            cycle,
            amount: Money { minor: AMOUNT_MINOR.min(profile.amount_max_minor), currency: profile.currency.currency },
            unit: None,
            route: Route::default(),
            due_on: None,
            kind: PaymentKind::Regular,
        };
        let ordered = self.instruct(&request("payment"), order).await?.state.instructed;
        let ordered = ordered.ok_or_else(|| lacks("payment"))?;
        let attempt = ordered.attempt(None).ok_or_else(|| lacks("payment"))?;
        Ok(TestPayment { payment_id: ordered.payment_id, end_to_end_id: attempt.end_to_end_id.clone() })
    }

    /// Registers the integrator's public key, of whichever algorithm it is.
    pub async fn add_test_key(&self, bank: &BankId, material: String) -> Result<(), AppError> {
        let fits = |algorithm: &Algorithm| Key::parse(BANK_KEY_ID, *algorithm, &material, Validity::default()).is_ok();
        let algorithm = [Algorithm::EdDsa, Algorithm::Es256].into_iter().find(fits).unwrap_or(Algorithm::EdDsa);
        let key = NewBankKey { key_id: BANK_KEY_ID.to_owned(), algorithm, material, valid_from: None, valid_to: None };
        let request = self.own_request(&Principal::local(PLAYED), "key");
        self.add_bank_key(&request, bank, key).await.map(|_| ())
    }

    /// Plays the payment's bank: it reports on the latest attempt, by a message that goes the way of all messages.
    pub async fn play_bank(
        &self,
        (principal, message_id): (&Principal, &str),
        id: PaymentId,
        (played, report): (Played, &PlayedReport),
    ) -> Result<InboxView, AppError> {
        let payment = self.read_payment(principal, id).await?.payment;
        self.check_payment_reach(principal, Action::ReportOutcome, &payment)?;
        let attempt = payment.attempt(None);
        let Some((bank, attempt)) = attempt.and_then(|attempt| Some((attempt.bank.clone()?, attempt))) else {
            let (en, vi) = ("the payment goes through no bank", "khoản chi này không qua ngân hàng nào");
            return Err(AppError::Invalid(vec![FieldIssue::new("id", "payment-not-through-a-bank", en, vi)]));
        };
        let known = self.known_bank(&bank).await?.ok_or(AppError::NotFound("bank"))?;
        let today = self.profile.business_day(self.clock.now_us());
        let mut item =
            json!({"end_to_end_id": attempt.end_to_end_id, "date": report.date.unwrap_or(today).to_string()});
        item["status"] = json!(match played {
            Played::Settled => "settled",
            Played::Rejected => "rejected",
            Played::Returned => "returned",
        });
        if let Some(amount) = &report.amount {
            (item["amount"], item["currency"]) = (json!(amount), json!(self.profile.currency.currency));
        }
        if played != Played::Settled {
            item["reason"] = json!({"code": report.reason.as_deref().unwrap_or("AC04")});
        }
        let message = json!({"message_id": format!("sandbox-{}-{message_id}", principal.key_id), "items": [item]});
        let came = CameBy { key_id: PLAYED.to_owned(), scheme: PLAYED };
        self.take_message((&bank, &known), &came, Arc::new(message.to_string().into_bytes())).await
    }
}
