//! Which request of the REST API an event stands for that another program appends to a stream of ours. A table without decisions: the same
//! rules decide about the request afterwards, whichever door it came through.

use super::refusal::Refusal;
use crate::app::access::Action;
use crate::app::changes::{Change, CheckInput, HolderAnswer};
use crate::app::inputs::{InstructInput, MethodInput, PersonName, ReissueInput, Route};
use crate::app::reasons::{self, ReportedReason};
use crate::app::reports::Report;
use crate::domain::beneficiary::event::{BeneficiaryEvent, PayoutMethodChosen};
use crate::domain::codec::DomainEvent;
use crate::domain::identifier::has_long_number;
use crate::domain::ids::{BankId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::event::{Evidence, Payee, PaymentEvent, PaymentInstructed, PaymentReissued, Reason};
use crate::domain::payment::reason::is_code;
use crate::domain::profile::Profile;
use jiff::civil::Date;

/// What an event asks for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// `POST /v1/payments`, with the payment's id.
    Order(PaymentId, Box<InstructInput>),
    /// `POST /v1/payments/{id}/...`
    Report(Box<Report>),
    /// `POST /v1/beneficiaries/{id}/...`
    Change(Box<Change>),
}

impl Asked {
    /// The action that the caller must be allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Order(..) => Action::InstructPayment,
            Self::Report(report) => report.action(),
            Self::Change(change) => change.action(),
        }
    }
}

type Mapped = Result<Asked, Refusal>;

/// The request that an event stands for, or why there is none.
pub fn asked(profile: &Profile, event: &DomainEvent) -> Mapped {
    match event {
        DomainEvent::Payment(event) => of_payment(profile, event),
        DomainEvent::Beneficiary(event) => of_beneficiary(profile, event),
        DomainEvent::Import(_)
        | DomainEvent::Disclosure(_)
        | DomainEvent::Recovery(_)
        | DomainEvent::Approval(_)
        | DomainEvent::Desk(_)
        | DomainEvent::List(_)
        | DomainEvent::Bank(_)
        | DomainEvent::Inbox(_)
        | DomainEvent::Webhook(_)
        | DomainEvent::Figure(_)
        | DomainEvent::Target(_)
        | DomainEvent::Audit(_) => Err(rest("this event is written by the rules behind the REST API alone")),
    }
}

fn of_payment(profile: &Profile, event: &PaymentEvent) -> Mapped {
    let report = match event.clone() {
        PaymentEvent::Instructed(order) => return Ok(order_of(order)),
        PaymentEvent::Accepted(e) => {
            plain("agent_ref", e.agent_ref.as_deref())?;
            if e.raw_status.as_deref().is_some_and(|status| !is_code(status)) {
                return Err(invalid("raw_status", "this is no status word of an agent"));
            }
            let (attempt, accepted_at) = (Some(e.attempt), Some(e.accepted_at));
            Report::Accept { attempt, agent_ref: e.agent_ref, raw_status: e.raw_status, accepted_at }
        }
        PaymentEvent::Settled(e) => settlement((e.attempt, e.settled_on), (e.amount, e.evidence), e.collected_by)?,
        PaymentEvent::SettledLate(e) => settlement((e.attempt, e.settled_on), (e.amount, e.evidence), None)?,
        PaymentEvent::Contradicted(e) => settlement((e.attempt, e.settled_on), (e.amount, e.evidence), e.collected_by)?,
        PaymentEvent::Rejected(e) => {
            let (attempt, rejected_on) = (Some(e.attempt), Some(e.rejected_on));
            Report::Reject { attempt, reason: reported(profile, e.reason)?, rejected_on }
        }
        PaymentEvent::Returned(e) => {
            proof(&e.evidence)?;
            let (attempt, amount) = (Some(e.attempt), Some(e.amount));
            let reason = reported(profile, e.reason)?;
            Report::Return { attempt, returned_on: e.returned_on, amount, reason, evidence: e.evidence }
        }
        PaymentEvent::Failed(e) => {
            Report::Fail { attempt: Some(e.attempt), cause: e.cause, deadline: Some(e.deadline) }
        }
        PaymentEvent::Held(e) => {
            note("cause", Some(&e.cause))?;
            note("note", e.note.as_deref())?;
            Report::Hold { cause: e.cause, note: e.note }
        }
        PaymentEvent::Released(e) => {
            note("note", e.note.as_deref())?;
            Report::Release { note: e.note }
        }
        PaymentEvent::Reissued(e) => reissue(e)?,
        PaymentEvent::Cancelled(e) => cancel(e.reason)?,
        PaymentEvent::Recalled(e) => cancel(e.reason)?,
        PaymentEvent::Corrected(_) => {
            return Err(rest("a correction may need a second person: POST /v1/payments/{id}/correct"));
        }
        PaymentEvent::ContradictionResolved(_) => {
            return Err(rest("a resolution may need a second person: POST /v1/payments/{id}/resolve"));
        }
    };
    Ok(Asked::Report(Box::new(report)))
}

fn order_of(order: PaymentInstructed) -> Asked {
    let kind = order.kind();
    let input = InstructInput {
        reference: order.reference,
        person: PersonName::Id(order.beneficiary_id),
        benefit_type: order.benefit_type,
        benefit_months: order.benefit_months,
        cycle: order.cycle,
        amount: order.amount,
        unit: Some(order.unit_code_as_received),
        route: Route {
            channel: Some(order.channel),
            agent: Some(order.agent),
            bank: bank(order.bank.as_ref()),
            account: None,
            payee: Some(order.payee),
        },
        due_on: Some(order.due_on),
        kind,
    };
    Asked::Order(order.payment_id, Box::new(input))
}

fn bank(bank: Option<&BankId>) -> Option<String> {
    bank.map(|bank| bank.as_str().to_owned())
}

fn settlement(
    (attempt, settled_on): (u32, Date),
    (amount, evidence): (Money, Evidence),
    collected_by: Option<Payee>,
) -> Result<Report, Refusal> {
    proof(&evidence)?;
    if collected_by == Some(Payee::Heir) {
        return Err(invalid("collected_by", "what an heir collects is recorded at the desk that paid it"));
    }
    Ok(Report::Settle { attempt: Some(attempt), settled_on, amount: Some(amount), evidence, collected_by })
}

fn reissue(event: PaymentReissued) -> Result<Report, Refusal> {
    note("reason", Some(&event.reason))?;
    let route = Route {
        channel: Some(event.to_channel),
        agent: Some(event.agent),
        bank: bank(event.bank.as_ref()),
        account: None,
        payee: Some(event.payee),
    };
    Ok(Report::Reissue(ReissueInput { route, due_on: Some(event.due_on), reason: event.reason }))
}

/// An event cannot say that the agent confirmed a recall: that goes through the REST API.
fn cancel(reason: String) -> Result<Report, Refusal> {
    note("reason", Some(&reason))?;
    Ok(Report::Cancel { reason, recall_confirmed: false })
}

/// A reason by its code. Words may name a person: they belong in the vault, where no event comes from.
fn reported(profile: &Profile, reason: Reason) -> Result<ReportedReason, Refusal> {
    let reported = ReportedReason { system: reason.system, code: reason.code, text: None };
    let has_words = reason.text.is_some() || reason.text_ref.is_some() || reasons::words(profile, &reported).is_some();
    if has_words {
        return Err(invalid("reason", "words go to the vault; send a code alone, or the words through the REST API"));
    }
    Ok(reported)
}

fn of_beneficiary(profile: &Profile, event: &BeneficiaryEvent) -> Mapped {
    let change = match event.clone() {
        BeneficiaryEvent::Registered(_) => {
            return Err(rest("names and identifiers go to the vault with it: POST /v1/beneficiaries"));
        }
        BeneficiaryEvent::IdentifierAdded(_) | BeneficiaryEvent::IdentifierEnded(_) => {
            return Err(rest("its number is in the vault: POST /v1/beneficiaries/{id}/identifiers"));
        }
        BeneficiaryEvent::AuthorisationGranted(_) => {
            return Err(rest("who may receive goes to the vault: POST /v1/beneficiaries/{id}/authorisations"));
        }
        BeneficiaryEvent::Erased(_) => {
            return Err(rest("the person's key is destroyed with it: POST /v1/beneficiaries/{id}/erase"));
        }
        BeneficiaryEvent::Moved(e) => {
            Change::Move { unit: e.to_unit_key.as_str().to_owned(), effective_on: e.effective_on }
        }
        BeneficiaryEvent::PayoutMethodChosen(e) => method(profile, e),
        BeneficiaryEvent::Died(e) => {
            note("source", Some(&e.source))?;
            Change::Death { died_on: e.died_on, reported_on: Some(e.reported_on), source: e.source }
        }
        BeneficiaryEvent::AccountChecked(e) => {
            note("source", Some(&e.source))?;
            let (account_ref, checked_at) = (Some(e.account_ref), Some(e.checked_at));
            let answer = HolderAnswer::Result(e.name_match);
            Change::CheckAccount(CheckInput { account_ref, answer, source: e.source, checked_at })
        }
        BeneficiaryEvent::AuthorisationEnded(e) => {
            note("reason", Some(&e.reason))?;
            let (authorised_ref, ended_on) = (e.authorised_ref, Some(e.ended_on));
            Change::EndAuthorisation { authorised_ref, ended_on, reason: e.reason }
        }
        BeneficiaryEvent::Suspended(e) => {
            note("note", e.note.as_deref())?;
            Change::Suspend(e)
        }
        BeneficiaryEvent::Resumed(e) => {
            note("note", e.note.as_deref())?;
            Change::Resume(e)
        }
        BeneficiaryEvent::IdentityMatched(e) => {
            note("source", Some(&e.source))?;
            plain("request_ref", e.request_ref.as_deref())?;
            Change::Identity(e)
        }
    };
    Ok(Asked::Change(Box::new(change)))
}

/// Old age is found by the rules; only another ground is asked for.
fn method(profile: &Profile, event: PayoutMethodChosen) -> Change {
    let for_age = profile.payout.home_rule(&event.channel).map(|rule| rule.age_ground.clone());
    let home_ground = event.home_ground.filter(|ground| Some(ground) != for_age.as_ref());
    let route = Route {
        channel: Some(event.channel),
        agent: event.agent,
        bank: bank(event.bank.as_ref()),
        account: None,
        payee: Some(event.payee),
    };
    let (requested_on, effective_month) = (Some(event.requested_on), Some(event.effective_month));
    Change::Method(MethodInput { route, requested_on, effective_month, home_ground })
}

fn rest(reason: &str) -> Refusal {
    Refusal::new("only-through-rest", reason)
}

fn invalid(field: &str, reason: &str) -> Refusal {
    Refusal::new("invalid-input", format!("/{field} {reason}"))
}

/// Text as it is: 1 to 500 characters without blanks around them.
fn plain(field: &str, text: Option<&str>) -> Result<(), Refusal> {
    let fits = |text: &str| {
        !text.is_empty() && text.trim() == text && text.chars().count() <= 500 && !text.chars().any(char::is_control)
    };
    if text.is_none_or(fits) {
        return Ok(());
    }
    Err(invalid(field, "has 1 to 500 characters, no control characters and no blanks around them"))
}

/// A text that stays in the log for ever: no number of a person or an account may be in it.
fn note(field: &str, text: Option<&str>) -> Result<(), Refusal> {
    plain(field, text)?;
    if text.is_some_and(has_long_number) {
        return Err(invalid(field, "text-has-a-number: leave out numbers of 9 digits or more"));
    }
    Ok(())
}

fn proof(evidence: &Evidence) -> Result<(), Refusal> {
    for (field, text) in [("evidence/kind", &evidence.kind), ("evidence/reference", &evidence.reference)] {
        plain(field, Some(text))?;
        if text.len() > 140 {
            return Err(invalid(field, "has at most 140 bytes"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
