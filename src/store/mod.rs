//! The event store: traits and types in KurrentDB's words. The engines behind them are the only place with SQL.

pub mod archive;
mod batch;
pub mod checkpoints;
mod claim_sums;
pub mod committer;
mod decode;
pub mod deliveries;
pub mod error;
mod judge;
pub mod leaf;
pub mod migrations;
pub mod notes;
pub mod null;
mod open;
pub mod pieces;
pub mod postgres;
pub mod registry;
mod runs;
pub mod sessions;
pub mod sqlite;
pub mod subscription;
pub mod views;

pub use batch::as_recorded;
pub use claim_sums::{ClaimSum, ClaimSums};
pub use error::{AppendError, OpenError, StoreError};
pub use open::{OpenMode, OpenOptions, SharedStore, Store, open, shown};
pub use subscription::Subscription;

use crate::domain::claims::ClaimChange;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch;
use uuid::Uuid;

/// A log's number: one paying agency (a province, say). In every table and every unique key.
pub type LogId = i32;

/// The largest number of events that one read returns.
pub const READ_LIMIT_MAX: u32 = 10_000;

/// An event to be appended. `data` and `metadata` are exact bytes of JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventData {
    pub event_id: Uuid,
    pub event_type: String,
    pub schema_version: u16,
    pub data: Vec<u8>,
    pub metadata: Vec<u8>,
}

/// An event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Place in the log, gapless from 1, in commit order.
    pub position: u64,
    pub stream: String,
    /// Place in the stream, gapless from 0.
    pub revision: u64,
    pub event_id: Uuid,
    pub event_type: String,
    pub schema_version: u16,
    /// Microseconds since the Unix epoch, never decreasing along the log.
    pub recorded_at_us: i64,
    pub data: Vec<u8>,
    pub metadata: Vec<u8>,
    /// See [`leaf::leaf_hash`].
    pub leaf_hash: [u8; 32],
}

/// What the writer expects of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamState {
    Any,
    NoStream,
    StreamExists,
    /// The stream's last event has this revision.
    Revision(u64),
}

/// An idempotency key to be written with the append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The key's id or another stable name of the caller.
    pub caller: String,
    pub idempotency_key: String,
    /// HMAC-SHA-256 over the request's inputs.
    pub input_hash: [u8; 32],
}

/// An idempotency key as recorded, with where its first answer stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    pub input_hash: [u8; 32],
    pub stream: String,
    /// Position of the first event that the request appended; `None` for a request that changed nothing.
    pub first_position: Option<u64>,
    /// How many events it appended.
    pub event_count: u32,
    /// The stream's revision and the log's position right after it.
    pub revision: u64,
    pub position: u64,
}

/// A row of the vault, written in the append's transaction. Ciphertexts only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultRow {
    /// A person's data key, wrapped by the master key.
    Key { subject: Uuid, wrapped_key: Vec<u8> },
    /// One encrypted record (a name, an identifier, an account).
    Record { record_ref: Uuid, subject: Uuid, kind: &'static str, ciphertext: Vec<u8> },
}

/// One append to one stream, all or nothing, with all that must be true or written together with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    pub stream: String,
    pub expected: StreamState,
    /// May be empty when `request` is given: a request that changed nothing is recorded all the same.
    pub events: Vec<EventData>,
    pub claims: Vec<ClaimChange>,
    pub request: Option<RequestKey>,
    pub vault: Vec<VaultRow>,
    /// It counts only if the append before it in the same call does: what was written before a refusal stands, and nothing behind it.
    pub follows: bool,
    /// It and the append before it in the same call stand or fall together, with all that are so bound to each other.
    pub together: bool,
    /// Other streams that must stand where the writer saw them: their last revisions, `None` for a stream that is not there.
    pub seen: Vec<Seen>,
}

/// Where a writer saw a stream that it does not write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub stream: String,
    pub last: Option<u64>,
}

impl Append {
    /// An append of events alone.
    #[must_use]
    pub fn events(stream: impl Into<String>, expected: StreamState, events: Vec<EventData>) -> Self {
        let (claims, vault, seen) = (Vec::new(), Vec::new(), Vec::new());
        let (follows, together) = (false, false);
        Self { stream: stream.into(), expected, events, claims, request: None, vault, follows, together, seen }
    }
}

/// What an append answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteResult {
    /// The stream's revision after it.
    pub revision: u64,
    /// Position of the append's first event (the log's head when nothing was appended).
    pub first_position: u64,
    /// Position of the append's last event (the log's head when nothing was appended).
    pub position: u64,
    pub recorded_at_us: i64,
    /// The very same events were already there: nothing was written, the original place is answered.
    pub already_recorded: bool,
}

/// Which way to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forwards,
    Backwards,
}

/// The log's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event; 0 when the log is empty.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at_us: i64,
}

/// The event store. Every behaviour is a named case of `tests/it/store_contract.rs` and holds on every engine.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Appends to one stream. Durable when it answers.
    async fn append_to_stream(&self, append: Append) -> Result<WriteResult, AppendError>;

    /// Hands several appends to the committer together; each is judged alone, in order, and answered alone.
    /// For imports: one hand-over instead of thousands. Others' appends go between two calls.
    async fn append_batch(&self, appends: Vec<Append>) -> Vec<Result<WriteResult, AppendError>>;

    /// Reads a stream from a revision (inclusive), at most `limit` events (capped at [`READ_LIMIT_MAX`]).
    /// Forwards `None` is the start, backwards `None` is the end. A stream that never was reads as empty.
    async fn read_stream(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// All events of several streams, stream by stream, each in order: for folds over many short streams at once.
    async fn read_streams(&self, streams: &[String]) -> Result<Vec<RecordedEvent>, StoreError>;

    /// Reads the log. Forwards: events with position > `after` (`None`: from the start). Backwards: events with position < `after`
    /// (`None`: from the end). At most `limit` events.
    async fn read_all(
        &self,
        after: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// Reads the log stream by stream, in the order of their names and revisions, after a stream and revision (`None`: from the start).
    /// At most `limit` events.
    async fn read_by_stream(&self, after: Option<(&str, u64)>, limit: u32) -> Result<Vec<RecordedEvent>, StoreError>;

    /// All claims, summed, with the head that they are of: both from one snapshot.
    async fn claim_sums(&self) -> Result<(Head, ClaimSums), StoreError>;

    /// Follows the log after a position: first what is there, then what comes, each event once, in order.
    async fn subscribe(&self, after: u64) -> Result<Subscription, StoreError>;

    /// The log's head.
    async fn head(&self) -> Result<Head, StoreError>;

    /// Woken with the head's position after each commit of this process.
    fn watch_head(&self) -> watch::Receiver<u64>;

    /// An idempotency key's record, if it was used before.
    async fn find_request(&self, caller: &str, idempotency_key: &str) -> Result<Option<RecordedRequest>, StoreError>;

    /// The streams that hold these claims of one kind; the answer has one entry for each key asked, in order.
    async fn find_claims(&self, kind: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<String>>, StoreError>;

    /// The whole streams that hold these claims of one kind, each in order; the answer has one entry for each key asked, in order.
    /// Short ones: streams that are too long to be read together are refused as [`StoreError::Rejected`].
    async fn read_claimed_streams(
        &self,
        kind: &str,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError>;

    /// Stops taking appends, finishes those taken, and closes.
    async fn close(&self);
}

/// A shared event store of any engine.
pub type SharedEventStore = Arc<dyn EventStore>;
