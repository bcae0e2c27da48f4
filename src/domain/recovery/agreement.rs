//! What brings a payment and its recoveries into agreement: pure answers to what is to be done next, each nothing when it was done.

use crate::domain::payment::PaymentCommand;
use crate::domain::payment::event::{Evidence, Reason, ReasonClass};
use crate::domain::payment::state::Instructed;
use crate::domain::recovery::event::Ground;
use crate::domain::recovery::overpaid::after_death;
use crate::domain::recovery::state::{FoundRecovery, RecoveryState};
use jiff::civil::Date;

/// Why a payment of somebody who died is held.
pub const DECEASED: &str = "beneficiary_deceased";

/// The kind of a return's proof when the money came back through a recovery; the reference is the recovery's id.
pub const RECOVERY_EVIDENCE: &str = "recovery";

/// An open attempt for months after the month of death waits for a person, who recalls it or puts the months right.
#[must_use]
pub fn hold_after_death(payment: &Instructed, died_on: Option<Date>) -> Option<PaymentCommand> {
    let standing = payment.standing();
    if standing.state.is_final() || standing.held || after_death(payment, died_on).is_empty() {
        return None;
    }
    Some(PaymentCommand::Hold { cause: DECEASED.to_owned(), note: None })
}

/// Money that was recovered in full is back: the payment says so, and a payment that is still owed can be paid again.
#[must_use]
pub fn give_back(payment: &Instructed, found: &FoundRecovery) -> Option<PaymentCommand> {
    let attempt = payment.attempt(Some(found.attempt))?;
    let paid = payment.amount_of(Some(attempt.number));
    let whole = found.state == RecoveryState::Received && found.amount == paid && found.received_minor() >= paid.minor;
    if !whole || !attempt.is_out() {
        return None;
    }
    Some(PaymentCommand::Return {
        attempt: Some(attempt.number),
        returned_on: found.receipts.last()?.received_on,
        amount: paid,
        reason: Reason {
            system: "agency".to_owned(),
            code: "RECOVERED".to_owned(),
            class: class(found.ground),
            text: None,
            text_ref: None,
        },
        evidence: proof(found),
    })
}

/// The proof that a return came through this recovery.
fn proof(found: &FoundRecovery) -> Evidence {
    Evidence { kind: RECOVERY_EVIDENCE.to_owned(), reference: found.recovery_id.to_string() }
}

const fn class(ground: Ground) -> ReasonClass {
    match ground {
        Ground::PaidAfterDeath => ReasonClass::Deceased,
        Ground::PaidTwice | Ground::PaidAfterCancellation => ReasonClass::Duplicate,
        Ground::PaidTooMuch | Ground::WrongAmount | Ground::NotEntitled => ReasonClass::Unknown,
    }
}

/// Whether a recovery that the records do not ask for (any more) ends: not when the money came back through itself, and not one that a
/// person found while its money is out.
#[must_use]
pub fn is_over(payment: &Instructed, found: &FoundRecovery) -> bool {
    let Some(attempt) = payment.attempt(Some(found.attempt)) else { return true };
    if attempt.is_out() {
        return found.ground.is_automatic();
    }
    attempt.return_proof.as_ref() != Some(&proof(found))
}
