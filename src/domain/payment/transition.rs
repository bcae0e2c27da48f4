//! The table of what can happen to one attempt. Nothing else decides whether a happening may follow a state.

use crate::domain::decision::QuarantineCause::{self, ImpossibleOrder, LateSettlement};
use crate::domain::payment::state::AttemptState;

/// What can happen to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    Accepted,
    Settled,
    Rejected,
    Failed,
    Returned,
    Reissued,
    Cancelled,
}

impl Happening {
    /// All happenings, in the order of the table's columns.
    pub const ALL: [Self; 7] =
        [Self::Accepted, Self::Settled, Self::Rejected, Self::Failed, Self::Returned, Self::Reissued, Self::Cancelled];

    /// The word for it in a refusal.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Accepted => "acceptance",
            Self::Settled => "settlement",
            Self::Rejected => "rejection",
            Self::Failed => "failure",
            Self::Returned => "return",
            Self::Reissued => "reissue",
            Self::Cancelled => "cancellation",
        }
    }
}

/// What a happening does in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The attempt goes to this state.
    To(AttemptState),
    /// Nothing new.
    NoOp,
    /// Nothing new if evidence and amount are those on record, else a second settlement for a person to look at.
    RepeatOrSecond,
    /// Money of an attempt that was given up: recorded as late, so that nobody pays again while it is out.
    SettledLate,
    /// The attempt is returned and its settlement, whose notice was not seen, is inferred.
    ReturnedUnseen,
    /// Cancelled if the agent confirmed the recall, else not possible: the money may be on its way.
    CancelledIfRecalled,
    /// A new attempt is opened.
    NextAttempt,
    /// For a person to look at; nothing is applied.
    Quarantine(QuarantineCause),
    /// Refused.
    NotAllowed,
}

/// The table. Rows are states; within each, the happenings stand in one order.
#[must_use]
pub const fn transition(state: AttemptState, happening: Happening) -> Outcome {
    match state {
        AttemptState::Instructed => match happening {
            Happening::Accepted => Outcome::To(AttemptState::Accepted),
            // Banks may skip the acceptance; cash desks always do.
            Happening::Settled => Outcome::To(AttemptState::Settled),
            Happening::Rejected => Outcome::To(AttemptState::Rejected),
            Happening::Failed => Outcome::To(AttemptState::Failed),
            Happening::Returned | Happening::Reissued => Outcome::NotAllowed,
            Happening::Cancelled => Outcome::To(AttemptState::Cancelled),
        },
        AttemptState::Accepted => match happening {
            Happening::Accepted => Outcome::NoOp,
            Happening::Settled => Outcome::To(AttemptState::Settled),
            Happening::Rejected => Outcome::To(AttemptState::Rejected),
            Happening::Failed => Outcome::To(AttemptState::Failed),
            Happening::Returned => Outcome::ReturnedUnseen,
            Happening::Reissued => Outcome::NotAllowed,
            Happening::Cancelled => Outcome::CancelledIfRecalled,
        },
        AttemptState::Settled => match happening {
            Happening::Accepted => Outcome::NoOp,
            Happening::Settled => Outcome::RepeatOrSecond,
            Happening::Rejected => Outcome::Quarantine(ImpossibleOrder),
            Happening::Returned => Outcome::To(AttemptState::Returned),
            Happening::Failed | Happening::Reissued | Happening::Cancelled => Outcome::NotAllowed,
        },
        AttemptState::Rejected | AttemptState::Failed => given_up(state, happening),
        AttemptState::Returned => match happening {
            Happening::Settled => Outcome::Quarantine(LateSettlement),
            Happening::Rejected | Happening::Returned => Outcome::NoOp,
            Happening::Accepted | Happening::Failed => Outcome::NotAllowed,
            Happening::Reissued => Outcome::NextAttempt,
            Happening::Cancelled => Outcome::To(AttemptState::Cancelled),
        },
        AttemptState::Cancelled => match happening {
            Happening::Accepted => Outcome::Quarantine(ImpossibleOrder),
            Happening::Settled => Outcome::SettledLate,
            Happening::Rejected | Happening::Cancelled => Outcome::NoOp,
            Happening::Failed | Happening::Returned | Happening::Reissued => Outcome::NotAllowed,
        },
    }
}

/// Rejected and failed differ in one cell: a failure after a rejection is a contradiction, after a failure a repeat.
const fn given_up(state: AttemptState, happening: Happening) -> Outcome {
    match happening {
        Happening::Accepted => Outcome::Quarantine(ImpossibleOrder),
        Happening::Settled => Outcome::SettledLate,
        Happening::Rejected => Outcome::NoOp,
        Happening::Failed => match state {
            AttemptState::Failed => Outcome::NoOp,
            AttemptState::Instructed
            | AttemptState::Accepted
            | AttemptState::Settled
            | AttemptState::Rejected
            | AttemptState::Returned
            | AttemptState::Cancelled => Outcome::NotAllowed,
        },
        Happening::Returned => Outcome::NotAllowed,
        Happening::Reissued => Outcome::NextAttempt,
        Happening::Cancelled => Outcome::To(AttemptState::Cancelled),
    }
}
