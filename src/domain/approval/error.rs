//! Why a command to an approval is refused. One stable code per variant; the HTTP status is not decided here.

use crate::domain::approval::state::ApprovalState;

/// A refusal. `Display` says what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefusal {
    #[error("there is no such approval")]
    NotFound,
    #[error("this approval exists already")]
    Exists,
    #[error("a second person must consent: whoever asked cannot, with whatever key")]
    SecondPersonRequired,
    #[error("the time for consent has passed; ask again")]
    Expired,
    #[error("the approval is {state} and cannot be decided again")]
    Closed { state: ApprovalState },
    #[error("the key that asked for this is revoked: decline it, and let somebody ask again who may")]
    AskerRevoked,
    #[error("the approval is {state}: what it is for can be taken once another person has consented")]
    NotUsed { state: ApprovalState },
}

impl ApprovalRefusal {
    /// The stable code used in problem documents.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "approval-not-found",
            Self::Exists => "approval-exists",
            Self::SecondPersonRequired => "second-person-required",
            Self::Expired => "approval-expired",
            Self::Closed { .. } => "approval-closed",
            Self::AskerRevoked => "approval-asker-revoked",
            Self::NotUsed { .. } => "approval-not-used",
        }
    }
}
