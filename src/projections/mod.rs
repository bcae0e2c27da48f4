//! Pure folds from recorded events to row changes, and the pure planning of figures. No SQL, no async, no clock.
//!
//! A projection can be thrown away and built again from the log: the same events give the same rows, whatever batches they come in.

pub mod audit;
pub mod beneficiaries;
pub mod block;
pub mod cell;
pub mod desks;
pub mod error;
pub mod fact;
pub mod figures;
pub mod identity;
pub mod inbox;
pub mod lists;
pub mod oversight;
pub mod payments;
pub mod people;
pub mod reference;

#[cfg(test)]
mod people_lives;
#[cfg(test)]
pub(crate) mod sample;

pub use error::{Cause, ProjectionError};
pub use fact::{Fact, Recorded, Subject};
pub use reference::Reference;

/// The projections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Projection {
    /// Payment rows and, because they are differences of payment rows, all figures of adoption and settlement.
    Payments,
    /// One row per beneficiary.
    Beneficiaries,
    /// Recoveries, approvals, cited figures and the audit: what somebody answers for.
    Oversight,
    /// The Merkle tree over all events, in tiles.
    Tree,
    /// Cash desks and their books by day.
    Desks,
    /// Payment lists, their items and who was left out.
    Lists,
    /// Banks' messages, and what of them waits for a person.
    Inbox,
}

impl Projection {
    /// All of them, in the order in which they are caught up.
    pub const ALL: [Self; 7] =
        [Self::Beneficiaries, Self::Payments, Self::Oversight, Self::Lists, Self::Desks, Self::Inbox, Self::Tree];

    /// Those whose rows say what may be recorded. An import waits for them.
    pub const JUDGING: [Self; 2] = [Self::Beneficiaries, Self::Payments];

    /// The name in the store, on the command line and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Beneficiaries => "beneficiaries",
            Self::Oversight => "oversight",
            Self::Tree => "tree",
            Self::Desks => "desks",
            Self::Lists => "lists",
            Self::Inbox => "inbox",
        }
    }

    /// Whether it folds a stream's events of a type.
    #[must_use]
    pub fn concerns(self, stream: &str, event_type: &str) -> bool {
        match self {
            // Deaths and overpayments are told beside what happened to payments.
            Self::Payments => {
                stream.starts_with("payment-")
                    || matches!(event_type, "OverpaymentFound" | "BeneficiaryDied")
                        && ["recovery-", "beneficiary-"].iter().any(|category| stream.starts_with(category))
            }
            Self::Beneficiaries => stream.starts_with("beneficiary-"),
            Self::Oversight => {
                ["recovery-", "approval-", "figure-"].iter().any(|category| stream.starts_with(category))
                    || audit::concerns(stream, event_type)
            }
            Self::Tree => true,
            Self::Desks => stream.starts_with("desk-"),
            Self::Lists => stream.starts_with("list-"),
            Self::Inbox => stream.starts_with("inbox-"),
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|projection| projection.name() == name)
    }
}

/// How far a projection has read the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Position of the last event that the rows contain; 0 for none.
    pub position: u64,
    /// When that event was recorded, in microseconds since the Unix epoch; the `as_of_time` of answers.
    pub recorded_at_us: i64,
}
