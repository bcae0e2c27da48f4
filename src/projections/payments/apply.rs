//! How one event changes a payment's row. Events are facts: nothing is judged here beyond what the row needs to be right.

use crate::domain::payment::event::{
    Correction, FailureCause, PaymentEvent, PaymentInstructed, PaymentReissued, Reason, ReasonClass,
};
use crate::domain::payment::state::AttemptState;
use crate::projections::error::Cause;
use crate::projections::fact::Fact;
use crate::projections::payments::late;
use crate::projections::payments::row::{Outcome, OutcomeKind, PaymentRow, Provider, failure_word};

/// The row of a payment that was just instructed.
#[must_use]
pub fn instructed(fact: &Fact, event: &PaymentInstructed) -> PaymentRow {
    let provider = Provider { channel: event.channel.clone(), agent: event.agent.clone(), bank: event.bank.clone() };
    PaymentRow {
        payment_id: event.payment_id,
        reference: event.reference.clone(),
        beneficiary_id: event.beneficiary_id,
        benefit_type: event.benefit_type.clone(),
        benefit_months: event.benefit_months.clone(),
        cycle: event.cycle,
        amount: event.amount,
        unit_key: event.unit_key.clone(),
        unit_code_as_received: event.unit_code_as_received.clone(),
        urban: event.urban,
        kind: event.kind(),
        state: AttemptState::Instructed,
        held: None,
        contradicted: false,
        attempt: event.attempt,
        first_provider: provider.clone(),
        provider,
        end_to_end_id: event.end_to_end_id.clone(),
        due_on: event.due_on,
        settled_on: None,
        returned_on: None,
        outcome: None,
        payee: event.payee,
        collected_by: None,
        past_attempts: Vec::new(),
        revision: fact.revision,
        instructed_position: fact.position,
        last_position: fact.position,
        instructed_at_us: fact.recorded_at_us,
        updated_at_us: fact.recorded_at_us,
    }
}

/// Why a row is held whose predecessor's money went out late.
pub const LATE_SETTLEMENT: &str = "late_settlement";

/// Applies a later event.
pub fn apply(row: &mut PaymentRow, fact: &Fact, event: &PaymentEvent) -> Result<(), Cause> {
    if let Some(found) = attempt_of(event).filter(|found| *found != row.attempt) {
        return Err(Cause::Attempt { found, latest: row.attempt });
    }
    if let Some(found) = other_attempt_of(event).filter(|found| !late::knows(row, *found)) {
        return Err(Cause::Attempt { found, latest: row.attempt });
    }
    match event {
        PaymentEvent::Instructed(_) => return Err(Cause::SecondCreation(format!("payment-{}", row.payment_id))),
        PaymentEvent::Accepted(_) => row.state = AttemptState::Accepted,
        PaymentEvent::Settled(e) => {
            close(row, AttemptState::Settled);
            row.settled_on = Some(e.settled_on);
            row.collected_by = e.collected_by;
        }
        PaymentEvent::SettledLate(e) => {
            late::note(row, e.attempt, Some((e.settled_on, e.amount.minor)));
            if e.stopped_attempt == Some(row.attempt) {
                row.held = Some(LATE_SETTLEMENT.to_owned());
            }
        }
        PaymentEvent::Rejected(e) => {
            close(row, AttemptState::Rejected);
            row.outcome = Some(reported(OutcomeKind::Rejected, &e.reason));
        }
        // Late money of another attempt came back, or of a payment that was called off and stays so.
        PaymentEvent::Returned(e) if e.attempt != row.attempt || row.state == AttemptState::Cancelled => {
            late::note(row, e.attempt, None);
        }
        PaymentEvent::Returned(e) => {
            close(row, AttemptState::Returned);
            row.returned_on = Some(e.returned_on);
            row.outcome = Some(reported(OutcomeKind::Returned, &e.reason));
        }
        PaymentEvent::Failed(e) => {
            close(row, AttemptState::Failed);
            row.outcome = Some(failed(e.cause));
        }
        PaymentEvent::Held(e) => row.held = Some(e.cause.clone()),
        PaymentEvent::Released(_) => row.held = None,
        PaymentEvent::Reissued(e) => reissue(row, e),
        PaymentEvent::Cancelled(_) | PaymentEvent::Recalled(_) => close(row, AttemptState::Cancelled),
        PaymentEvent::Corrected(e) => correct(row, &e.correction),
        PaymentEvent::Contradicted(_) => row.contradicted = true,
        PaymentEvent::ContradictionResolved(_) => row.contradicted = false,
    }
    if late::pays(row, event) {
        late::stand_on_it(row);
    }
    row.revision = fact.revision;
    row.last_position = fact.position;
    row.updated_at_us = fact.recorded_at_us;
    Ok(())
}

/// The attempt that the payment must stand on. Late money goes out, and comes back, for others too.
const fn attempt_of(event: &PaymentEvent) -> Option<u32> {
    match event {
        PaymentEvent::Accepted(e) => Some(e.attempt),
        PaymentEvent::Settled(e) => Some(e.attempt),
        PaymentEvent::Rejected(e) => Some(e.attempt),
        PaymentEvent::Failed(e) => Some(e.attempt),
        PaymentEvent::Held(e) => Some(e.attempt),
        PaymentEvent::Released(e) => Some(e.attempt),
        PaymentEvent::Cancelled(e) => Some(e.attempt),
        PaymentEvent::Recalled(e) => Some(e.attempt),
        PaymentEvent::SettledLate(_)
        | PaymentEvent::Contradicted(_)
        | PaymentEvent::ContradictionResolved(_)
        | PaymentEvent::Returned(_)
        | PaymentEvent::Instructed(_)
        | PaymentEvent::Reissued(_)
        | PaymentEvent::Corrected(_) => None,
    }
}

/// The attempt, of whichever number, whose money went out late or came back, or is said to have.
const fn other_attempt_of(event: &PaymentEvent) -> Option<u32> {
    match event {
        PaymentEvent::SettledLate(e) => Some(e.attempt),
        PaymentEvent::Returned(e) => Some(e.attempt),
        PaymentEvent::Contradicted(e) => Some(e.attempt),
        PaymentEvent::ContradictionResolved(e) => Some(e.attempt),
        PaymentEvent::Accepted(_)
        | PaymentEvent::Settled(_)
        | PaymentEvent::Rejected(_)
        | PaymentEvent::Failed(_)
        | PaymentEvent::Held(_)
        | PaymentEvent::Released(_)
        | PaymentEvent::Cancelled(_)
        | PaymentEvent::Recalled(_)
        | PaymentEvent::Instructed(_)
        | PaymentEvent::Reissued(_)
        | PaymentEvent::Corrected(_) => None,
    }
}

/// An answer ends the wait of a held attempt: evidence outweighs our own mark.
fn close(row: &mut PaymentRow, state: AttemptState) {
    row.state = state;
    row.held = None;
}

fn reissue(row: &mut PaymentRow, event: &PaymentReissued) {
    let next = Provider { channel: event.to_channel.clone(), agent: event.agent.clone(), bank: event.bank.clone() };
    late::leave(row);
    row.provider = next;
    row.outcome = None;
    row.state = AttemptState::Instructed;
    row.held = None;
    row.attempt = event.new_attempt;
    row.end_to_end_id = event.end_to_end_id.clone();
    row.due_on = event.due_on;
    row.payee = event.payee;
    row.settled_on = None;
    row.returned_on = None;
    row.collected_by = None;
}

fn correct(row: &mut PaymentRow, correction: &Correction) {
    match correction {
        Correction::Amount { new, .. } => row.amount = *new,
        Correction::BenefitMonths { new, .. } => row.benefit_months.clone_from(new),
        Correction::Unit { new, new_urban, new_code_as_received, .. } => {
            row.unit_key = new.clone();
            row.urban = *new_urban;
            row.unit_code_as_received.clone_from(new_code_as_received);
        }
        Correction::DueOn { new, .. } => row.due_on = *new,
        Correction::Reference { new, .. } => row.reference = new.clone(),
    }
}

fn reported(kind: OutcomeKind, reason: &Reason) -> Outcome {
    Outcome { kind, system: reason.system.clone(), code: reason.code.clone(), class: reason.class }
}

fn failed(cause: FailureCause) -> Outcome {
    let class = match cause {
        FailureCause::NoAnswer => ReasonClass::NoAnswer,
        FailureCause::Unclaimed => ReasonClass::Unclaimed,
        FailureCause::NotSendable => ReasonClass::Format,
    };
    Outcome { kind: OutcomeKind::Failed, system: "chitra".to_owned(), code: failure_word(cause).to_owned(), class }
}
