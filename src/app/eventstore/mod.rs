//! The log as programs of the event store protocol see it: streams that anybody who may can name, beside our own, and how they are read,
//! followed, written and deleted. Nothing of gRPC is here.

pub mod append;
pub mod content;
pub mod delete;
pub mod derived;
pub mod domain;
pub mod filter;
pub mod follow;
pub mod groups;
mod held;
pub mod metadata;
mod own;
pub mod read;
pub mod refusal;
pub mod rights;
pub mod session;
pub mod standing;
pub mod strict;
pub mod tail;

pub use crate::store::{Direction, RecordedEvent, StreamState};

use crate::store::{AppendError, StoreError};
use uuid::Uuid;

/// What one event may have at most, with what is kept around it.
pub const EVENT_BYTES_MAX: usize = 1024 * 1024;
/// What one append may have at most.
pub const APPEND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Events in one append.
pub const APPEND_EVENTS_MAX: usize = 10_000;

/// The type of the event that ends a stream for good.
pub const TOMBSTONE: &str = "$streamDeleted";
/// The type of an event that sets a stream's metadata.
pub const METADATA: &str = "$metadata";
/// The type of an event that points to another one: its data are `revision@stream`.
pub const LINK: &str = "$>";

/// Why a stream cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamsError {
    /// The stream is not where the writer expected it.
    #[error(
        "Append failed due to WrongExpectedVersion. Stream: {stream}, Expected version: {}, Actual version: {}",
        .expected.number(),
        .actual.map_or(-1, u64::cast_signed)
    )]
    WrongExpectedVersion { stream: String, expected: StreamState, actual: Option<u64> },
    /// The stream has ended for good, or it is deleted and was to exist.
    #[error("Event stream '{stream}' is deleted.")]
    Deleted { stream: String },
    /// The caller, or anybody, may not do this.
    #[error("Access denied: {0}")]
    AccessDenied(&'static str),
    /// A rule of ours refuses what was to be appended to a stream of ours.
    #[error("Access denied: {code}: {reason}")]
    Refused { code: &'static str, reason: String },
    /// The call is wrong in itself.
    #[error("{0}")]
    Invalid(String),
    /// One event is too large.
    #[error("The event {event_id} has {bytes} bytes with its metadata; at most {EVENT_BYTES_MAX} are taken.")]
    EventTooLarge { event_id: Uuid, bytes: usize },
    /// The events are too many or too large together.
    #[error("One append takes at most {APPEND_EVENTS_MAX} events and {APPEND_BYTES_MAX} bytes.")]
    AppendTooLarge,
    /// Some of the events are in the stream and some are not.
    #[error("The stream '{stream}' holds some of these events but not all.")]
    PartlyRecorded { stream: String },
    /// Others wrote to the stream's metadata each time that this was tried.
    #[error("The stream '{stream}' is written to by others; try again.")]
    Contended { stream: String },
    /// The store itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StreamState {
    /// What the protocol calls an expected version, as a number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::NoStream => -1,
            Self::Any => -2,
            Self::StreamExists => -4,
            Self::Revision(revision) => revision.cast_signed(),
        }
    }
}

/// What the protocol calls a stream's version, as a number.
#[must_use]
pub fn actual_number(actual: Option<u64>) -> i64 {
    actual.map_or(-1, u64::cast_signed)
}

/// What a refused append means to a caller who expected this. [`AppendError::SeenMoved`] is tried again before it comes here.
fn refusal(error: AppendError, expected: StreamState, stream: &str) -> StreamsError {
    let stream = stream.to_owned();
    match error {
        AppendError::WrongExpectedVersion { actual, .. } => {
            StreamsError::WrongExpectedVersion { stream, expected, actual }
        }
        AppendError::CorruptedIdempotency { .. } => StreamsError::PartlyRecorded { stream },
        AppendError::Invalid(reason) => StreamsError::Invalid(format!("It cannot be appended: {reason}.")),
        AppendError::Store(error) => StreamsError::Store(error),
        AppendError::SeenMoved { .. }
        | AppendError::BeforeRefused
        | AppendError::ClaimTaken { .. }
        | AppendError::RequestRecorded(_) => StreamsError::Contended { stream },
    }
}
