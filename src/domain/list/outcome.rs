//! What became of the items of a list, told by their payments.

use crate::domain::list::command::Outcome;
use crate::domain::payment::Attempt;
use crate::domain::payment::state::Instructed;

/// What became of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// The money is out and not back: settled, or given up and settled all the same.
    Paid,
    /// The money stayed with the agent, or came back.
    Unpaid,
    /// No outcome yet.
    Open,
}

impl Fate {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
            Self::Open => "open",
        }
    }
}

/// The fate of the attempt that stands on the list; later attempts are another list's.
#[must_use]
pub fn fate(payment: &Instructed, attempt: u32) -> Fate {
    payment.attempt(Some(attempt)).map_or(Fate::Open, of_attempt)
}

const fn of_attempt(attempt: &Attempt) -> Fate {
    if attempt.is_out() {
        Fate::Paid
    } else if attempt.state.is_final() {
        Fate::Unpaid
    } else {
        Fate::Open
    }
}

impl Outcome {
    /// Counts one item in: of the list's own money. What an attempt paid beyond it was not advanced by the list, and is the recovery's; what
    /// it paid less is still with the agent.
    pub fn add(&mut self, payment: &Instructed, (attempt, advanced_minor): (u32, i64)) {
        match fate(payment, attempt) {
            Fate::Paid => self.paid.add(advanced_minor.min(payment.amount_of(Some(attempt)).minor)),
            Fate::Unpaid => self.unpaid.add(advanced_minor),
            Fate::Open => self.open.add(advanced_minor),
        }
    }
}
