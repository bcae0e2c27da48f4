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
    /// Counts one item in.
    pub fn add(&mut self, payment: &Instructed, attempt: u32) {
        let tally = match fate(payment, attempt) {
            Fate::Paid => &mut self.paid,
            Fate::Unpaid => &mut self.unpaid,
            Fate::Open => &mut self.open,
        };
        tally.add(payment.amount.minor);
    }
}
