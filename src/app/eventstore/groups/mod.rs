//! Persistent subscriptions: groups of consumers that share a stream or the log, and whose place the server keeps, as events in streams of its own.

mod consumers;
pub mod handed;
pub mod held;
pub mod info;
pub mod keeper;
mod machine;
#[cfg(test)]
mod machine_tests;
pub mod membership;
mod places;
mod progress;
mod replay;
mod runner;
pub mod settings;
mod strategy;

pub use consumers::ConsumerId;
pub use machine::Nack;
pub use membership::Membership;

use super::StreamsError;
use settings::GroupName;

/// Why a group cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    #[error("Subscription group {} on stream {} does not exist.", .0.group, .0.source)]
    NotFound(GroupName),
    #[error("Subscription group {} on stream {} exists.", .0.group, .0.source)]
    Exists(GroupName),
    #[error("Subscription group {} on stream {} failed: {reason}", .name.group, .name.source)]
    Failed { name: GroupName, reason: String },
    #[error("Maximum subscriptions reached for subscription group {} on stream {}.", .0.group, .0.source)]
    Full(GroupName),
    #[error("Subscription group {} on stream {} was dropped.", .0.group, .0.source)]
    Dropped(GroupName),
    /// It did not read what it was sent.
    #[error("Consumer too slow.")]
    TooSlow,
    /// Another server has the groups of this log.
    #[error(
        "The persistent subscriptions of this log are with another server now; try again there, or here when it has stopped."
    )]
    Elsewhere,
    /// This server gives them up.
    #[error("The server stops or begins again; subscribe again.")]
    Stopped,
    #[error(transparent)]
    Streams(#[from] StreamsError),
}

impl From<crate::store::StoreError> for GroupError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Streams(error.into())
    }
}
