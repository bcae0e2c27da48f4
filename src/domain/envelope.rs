//! What stands around every event: who reported it, from where, when it happened, and under which configuration.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Metadata of an event, stored as JSON beside its data. `recorded_at`, stream, revision and position are the store's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// When it happened by the source's clock (RFC 3339, UTC).
    pub occurred_at: Timestamp,
    /// Who acted: a key's id, or `import`.
    pub actor: String,
    /// The door it came through.
    pub source: Source,
    /// Ties together all that followed from one request or file.
    pub correlation_id: Uuid,
    /// The event that caused this one, if an event did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<Uuid>,
    /// Version of the profile in force when the decision was made.
    pub config_version: String,
}

/// The door that a fact came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The REST API.
    Api,
    /// A bank's message.
    Bank,
    /// The event store protocol.
    EventStore,
    /// An office file.
    Import,
    /// Nobody: it follows from another event.
    Process,
}

impl Envelope {
    /// The exact bytes to store.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "plain strings, ids and times always serialise")]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an envelope holds only text, ids and times")
    }
}
