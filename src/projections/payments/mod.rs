//! The payments projection: payment rows, the intervals in which payments were live, and the figures' differences, in one fold.
//!
//! Figures are differences of rows, so one reading of the log and one checkpoint serve all. The caller loads what
//! [`payment_ids`] and [`people`] name, folds, and writes [`Changes`] with the new checkpoint in one transaction.

pub mod apply;
pub mod fold;
mod late;
pub mod notable;
pub mod row;
pub mod tallies;

#[cfg(test)]
mod lives;
#[cfg(test)]
mod tests;

pub use fold::{BusinessDay, Changes, ClosedInterval, RowChange, fold};
pub use notable::{ChangeKind, ChangeRow};
pub use row::{AttemptRow, LiveRow, Outcome, OutcomeKind, PastAttempt, PaymentRow, Provider};

use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::ids::{BeneficiaryId, PaymentId};
use crate::domain::payment::PaymentEvent;
use crate::domain::period::Month;
use crate::domain::recovery::RecoveryEvent;
use crate::projections::fact::{Fact, Subject, ids_of};
use std::collections::{BTreeSet, HashMap};

/// A person in a cycle: whose live payments belong together.
pub type Person = (Month, BeneficiaryId);

/// What was loaded for a batch.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rows of [`payment_ids`], and for each of [`the_dead`] the one ordered last, as far as they exist.
    pub rows: Vec<PaymentRow>,
    /// The open intervals of [`people`].
    pub live: Vec<LiveRow>,
}

/// The payments whose rows the batch needs. Those that the batch itself instructs need none.
#[must_use]
pub fn payment_ids(facts: &[Fact]) -> Vec<PaymentId> {
    let mut created = BTreeSet::new();
    let mut needed = BTreeSet::new();
    for fact in facts {
        match &fact.subject {
            Subject::Payment(id, PaymentEvent::Instructed(_)) if fact.revision == 0 => _ = created.insert(*id),
            Subject::Payment(id, _) if !created.contains(id) => _ = needed.insert(*id),
            Subject::Recovery(_, RecoveryEvent::Found(found)) if !created.contains(&found.payment_id) => {
                needed.insert(found.payment_id);
            }
            Subject::Payment(..)
            | Subject::Beneficiary(..)
            | Subject::Desk(..)
            | Subject::List(..)
            | Subject::Inbox(..)
            | Subject::Figure(..)
            | Subject::Audit(..)
            | Subject::Recovery(..)
            | Subject::Approval(..) => {}
        }
    }
    needed.into_iter().collect()
}

/// Those whose death the batch reports: the payment ordered last for each is needed too.
#[must_use]
pub fn the_dead(facts: &[Fact]) -> Vec<BeneficiaryId> {
    ids_of(facts, |subject| match subject {
        Subject::Beneficiary(id, BeneficiaryEvent::Died(_)) => Some(*id),
        _ => None,
    })
}

/// The people whose open intervals the batch needs: those whose payments may become live or change while live.
#[must_use]
pub fn people(facts: &[Fact], rows: &[PaymentRow]) -> Vec<Person> {
    let mut owners: HashMap<PaymentId, Person> =
        rows.iter().map(|row| (row.payment_id, (row.cycle, row.beneficiary_id))).collect();
    let mut needed = BTreeSet::new();
    for fact in facts {
        let Subject::Payment(id, event) = &fact.subject else { continue };
        match event {
            PaymentEvent::Instructed(e) => _ = owners.insert(*id, (e.cycle, e.beneficiary_id)),
            // When the latest attempt comes to nothing, late money of an earlier one may be what pays.
            PaymentEvent::Settled(_)
            | PaymentEvent::SettledLate(_)
            | PaymentEvent::Returned(_)
            | PaymentEvent::Rejected(_)
            | PaymentEvent::Failed(_)
            | PaymentEvent::Recalled(_)
            | PaymentEvent::Corrected(_) => {
                needed.extend(owners.get(id));
            }
            PaymentEvent::Accepted(_)
            | PaymentEvent::Held(_)
            | PaymentEvent::Released(_)
            | PaymentEvent::Reissued(_)
            | PaymentEvent::Contradicted(_)
            | PaymentEvent::ContradictionResolved(_)
            | PaymentEvent::Cancelled(_) => {}
        }
    }
    needed.into_iter().collect()
}
