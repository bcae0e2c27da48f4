//! A store that stores nothing, for measuring what the way to the store costs: look-ups answer fixed facts, appends are checked and
//! numbered. For `chitra bench`; no log for anybody's data, so that no URL names it unless the feature `bench` is on.

mod checkpoints;
mod deliveries;
mod inbox;
mod lists;
mod registry;
mod sessions;
mod views;

use super::judge::validate;
use super::{
    Append, AppendError, ClaimSums, Direction, EventStore, Head, RecordedEvent, RecordedRequest, StoreError,
    StreamState, Subscription, WriteResult,
};
use crate::domain::claims::IDENTIFIER;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use uuid::Uuid;

pub use registry::BENCH_KEY;

/// The database URL that means this store.
pub const URL: &str = "null:";

/// The one person that every look-up finds.
const PERSON: &str = "beneficiary-00000000-0000-4000-8000-000000000001";
const REGISTERED: &str = r#"{"beneficiary_id":"00000000-0000-4000-8000-000000000001","unit_key":"UNIT","cohort":{}}"#;
const METHOD: &str =
    r#"{"channel":"cash_desk","agent":"post","requested_on":"2020-01-01","effective_month":"2020-01","payee":"self"}"#;

/// Microseconds since the Unix epoch, from the clock that the program was started with.
type NowUs = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The store.
pub struct NullStore {
    now: NowUs,
    position: AtomicU64,
    /// The vault's named values: the look-up key must be the same for the whole run.
    meta: Mutex<HashMap<String, Vec<u8>>>,
    person: Vec<RecordedEvent>,
    head: watch::Sender<u64>,
}

impl NullStore {
    /// A store whose one person belongs to a unit of the profile.
    #[must_use]
    pub fn new(now: NowUs, unit: &str) -> Self {
        let event = |revision, event_type: &str, data: String| RecordedEvent {
            position: revision + 1,
            stream: PERSON.to_owned(),
            revision,
            event_id: Uuid::nil(),
            event_type: event_type.to_owned(),
            schema_version: 1,
            recorded_at_us: 0,
            data: data.into_bytes(),
            metadata: b"{}".to_vec(),
            leaf_hash: [0; 32],
        };
        let person = vec![
            event(0, "BeneficiaryRegistered", REGISTERED.replace("UNIT", unit)),
            event(1, "PayoutMethodChosen", METHOD.to_owned()),
        ];
        Self { now, position: AtomicU64::new(0), meta: Mutex::default(), person, head: watch::Sender::new(0) }
    }

    fn number(&self, append: &Append) -> Result<WriteResult, AppendError> {
        validate(append)?;
        let count = append.events.len() as u64;
        let first = self.position.fetch_add(count, Ordering::Relaxed) + 1;
        let first_revision = match append.expected {
            StreamState::Revision(revision) => revision + 1,
            StreamState::Any | StreamState::NoStream | StreamState::StreamExists => 0,
        };
        Ok(WriteResult {
            revision: (first_revision + count).saturating_sub(1),
            first_position: first,
            position: (first + count).saturating_sub(1),
            recorded_at_us: (self.now)(),
            already_recorded: false,
        })
    }
}

#[async_trait]
impl EventStore for NullStore {
    async fn append_to_stream(&self, append: Append) -> Result<WriteResult, AppendError> {
        self.number(&append)
    }

    async fn append_batch(&self, appends: Vec<Append>) -> Vec<Result<WriteResult, AppendError>> {
        appends.iter().map(|append| self.number(append)).collect()
    }

    async fn read_stream(
        &self,
        stream: &str,
        _from: Option<u64>,
        _direction: Direction,
        _limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        Ok(if stream == PERSON { self.person.clone() } else { Vec::new() })
    }

    async fn read_streams(&self, streams: &[String]) -> Result<Vec<RecordedEvent>, StoreError> {
        Ok(if streams.iter().any(|stream| stream == PERSON) { self.person.clone() } else { Vec::new() })
    }

    async fn read_all(
        &self,
        _after: Option<u64>,
        _direction: Direction,
        _limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        Ok(Vec::new())
    }

    async fn read_by_stream(&self, _after: Option<(&str, u64)>, _limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        Ok(Vec::new())
    }

    async fn claim_sums(&self) -> Result<(Head, ClaimSums), StoreError> {
        Ok((self.head().await?, ClaimSums::default()))
    }

    async fn subscribe(&self, after: u64) -> Result<Subscription, StoreError> {
        let store: super::SharedEventStore = Arc::new(Self::new(Arc::clone(&self.now), ""));
        Ok(Subscription::over(&store, after))
    }

    async fn head(&self) -> Result<Head, StoreError> {
        Ok(Head { position: 0, recorded_at_us: 0 })
    }

    fn watch_head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    async fn find_request(&self, _caller: &str, _idempotency_key: &str) -> Result<Option<RecordedRequest>, StoreError> {
        Ok(None)
    }

    async fn find_claims(&self, kind: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<String>>, StoreError> {
        let holder = (kind == IDENTIFIER).then(|| PERSON.to_owned());
        Ok(vec![holder; keys.len()])
    }

    async fn read_claimed_streams(
        &self,
        kind: &str,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError> {
        let stream = (kind == IDENTIFIER).then(|| self.person.clone());
        Ok(vec![stream; keys.len()])
    }

    async fn close(&self) {}
}
