//! Why a projection stops. It never skips an event: a figure that leaves something out would look like a figure.

/// A projection cannot handle the event at this position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {cause}")]
pub struct ProjectionError {
    /// The event's place in the log.
    pub position: u64,
    /// What is wrong with it.
    pub cause: Cause,
}

/// What is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The stream is named like one of ours but names no id.
    #[error("the stream {0} is named like ours and holds no id")]
    StreamName(String),
    /// An event of ours stands in a stream of another kind.
    #[error("the stream {0} holds an event of another kind of stream")]
    StrangeEvent(String),
    /// The stored bytes are not the event that its type says.
    #[error("the event cannot be read: {0}")]
    Undecodable(String),
    /// The stream's first event did not create the row.
    #[error("the stream {0} does not begin with its first event")]
    MissingRow(String),
    /// A second creation.
    #[error("the stream {0} is created twice")]
    SecondCreation(String),
    /// The event speaks of an attempt that is not the latest.
    #[error("the event is about attempt {found}, the latest is {latest}")]
    Attempt {
        /// The event's attempt.
        found: u32,
        /// The row's latest attempt.
        latest: u32,
    },
    /// A channel that the profile does not know, so that cashless or not cannot be told.
    #[error("the profile has no channel {0}")]
    UnknownChannel(String),
    /// A benefit type that the profile does not know.
    #[error("the profile has no benefit type {0}")]
    UnknownBenefitType(String),
    /// A unit that the profile does not know.
    #[error("the profile has no unit {0}")]
    UnknownUnit(String),
    /// The stored bytes are not those that the leaf hash was made of.
    #[error("the event is not the one that was recorded")]
    ChangedEvent,
    /// The stored tree is not the one that its checkpoint says.
    #[error("the tree cannot grow: {0}")]
    BrokenTree(String),
}

impl Cause {
    /// Says where.
    #[must_use]
    pub const fn at(self, position: u64) -> ProjectionError {
        ProjectionError { position, cause: self }
    }
}
