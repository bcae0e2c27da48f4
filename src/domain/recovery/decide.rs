//! What a command to a recovery brings about. Pure.

use crate::domain::decision::Decision;
use crate::domain::money::Money;
use crate::domain::recovery::command::RecoveryCommand;
use crate::domain::recovery::error::RecoveryRefusal;
use crate::domain::recovery::event::{
    RecoveryDemanded, RecoveryEvent, RecoveryLapsed, RecoveryReceived, RecoveryWrittenOff,
};
use crate::domain::recovery::overpaid::Overpayment;
use crate::domain::recovery::state::{FoundRecovery, Recovery, RecoveryState};
use jiff::Timestamp;
use jiff::civil::Date;

/// What deciding about a recovery answers.
pub type RecoveryDecision = Decision<RecoveryEvent, RecoveryRefusal>;

/// Decides about a command. Finding and lapsing follow from the payment's records: they are never refused, only nothing new.
#[must_use]
pub fn decide(state: &Recovery, command: &RecoveryCommand, _now: Timestamp) -> RecoveryDecision {
    let Some(found) = &state.found else {
        return match command {
            RecoveryCommand::Find { overpayment, found_on } => one(RecoveryEvent::Found(overpayment.event(*found_on))),
            RecoveryCommand::Lapse { .. } => Decision::NoOp,
            RecoveryCommand::Demand { .. } | RecoveryCommand::Receive { .. } | RecoveryCommand::WriteOff { .. } => {
                Decision::Refused(RecoveryRefusal::NotFound)
            }
        };
    };
    match command {
        RecoveryCommand::Find { overpayment, found_on } => find(found, overpayment, *found_on),
        RecoveryCommand::Lapse { lapsed_on } => lapse(found, *lapsed_on),
        RecoveryCommand::Demand { demanded_on, due_on, reference } => {
            let letter = RecoveryDemanded { demanded_on: *demanded_on, due_on: *due_on, reference: reference.clone() };
            demand(found, letter)
        }
        RecoveryCommand::Receive { amount, received_on, evidence } => {
            let receipt = RecoveryReceived { amount: *amount, received_on: *received_on, evidence: evidence.clone() };
            receive(found, receipt)
        }
        RecoveryCommand::WriteOff { written_off_on, reason, approval_id } => {
            let event = RecoveryWrittenOff {
                amount: Money { minor: found.outstanding_minor(), currency: found.amount.currency },
                written_off_on: *written_off_on,
                reason: reason.clone(),
                approval_id: *approval_id,
            };
            write_off(found, event)
        }
    }
}

fn one(event: RecoveryEvent) -> RecoveryDecision {
    Decision::Events(vec![event])
}

fn find(found: &FoundRecovery, overpayment: &Overpayment, found_on: Date) -> RecoveryDecision {
    let same = found.amount == overpayment.amount && found.months == overpayment.months;
    if same && found.state != RecoveryState::Lapsed {
        return Decision::NoOp;
    }
    one(RecoveryEvent::Found(overpayment.event(found_on)))
}

fn lapse(found: &FoundRecovery, lapsed_on: Date) -> RecoveryDecision {
    if found.state == RecoveryState::Lapsed {
        return Decision::NoOp;
    }
    let received = found.received_minor();
    let refund = (received > 0).then_some(Money { minor: received, currency: found.amount.currency });
    one(RecoveryEvent::Lapsed(RecoveryLapsed { lapsed_on, refund }))
}

/// A second letter is a reminder; the same letter again is nothing new.
fn demand(found: &FoundRecovery, letter: RecoveryDemanded) -> RecoveryDecision {
    if found.demand.as_ref() == Some(&letter) {
        return Decision::NoOp;
    }
    match found.state {
        RecoveryState::Found | RecoveryState::Demanded => one(RecoveryEvent::Demanded(letter)),
        state @ (RecoveryState::Received | RecoveryState::WrittenOff | RecoveryState::Lapsed) => {
            Decision::Refused(RecoveryRefusal::Closed { state })
        }
    }
}

/// Money may come before anybody asked for it, and in parts.
fn receive(found: &FoundRecovery, receipt: RecoveryReceived) -> RecoveryDecision {
    if let Some(known) = found.receipts.iter().find(|known| known.evidence == receipt.evidence) {
        return if *known == receipt { Decision::NoOp } else { Decision::Refused(RecoveryRefusal::ReceiptUsed) };
    }
    if !found.state.is_open() {
        return Decision::Refused(RecoveryRefusal::Closed { state: found.state });
    }
    let (expected, outstanding_minor) = (found.amount.currency, found.outstanding_minor());
    if receipt.amount.currency != expected {
        return Decision::Refused(RecoveryRefusal::OtherCurrency { expected });
    }
    if receipt.amount.minor <= 0 {
        return Decision::Refused(RecoveryRefusal::AmountNotPositive);
    }
    if receipt.amount.minor > outstanding_minor {
        return Decision::Refused(RecoveryRefusal::TooMuch { outstanding_minor });
    }
    one(RecoveryEvent::Received(receipt))
}

fn write_off(found: &FoundRecovery, event: RecoveryWrittenOff) -> RecoveryDecision {
    match found.state {
        RecoveryState::Found | RecoveryState::Demanded => one(RecoveryEvent::WrittenOff(event)),
        RecoveryState::WrittenOff => Decision::NoOp,
        state @ (RecoveryState::Received | RecoveryState::Lapsed) => {
            Decision::Refused(RecoveryRefusal::Closed { state })
        }
    }
}
