//! A store that stores nothing, for measuring what the way to the store costs: look-ups answer fixed facts, appends are checked and
//! numbered; of banks' messages the last few thousand are remembered, since judging one reads it. For `chitra bench`; no log for
//! anybody's data, so that no URL names it unless the feature `bench` is on.

mod audit;
mod banks;
mod changes;
mod checkpoints;
mod deliveries;
mod inbox;
mod lists;
mod notes;
mod pieces;
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
use banks::Banks;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::watch;

pub use banks::{BENCH_BANK, BENCH_BANK_KEY, BENCH_BANK_KEY_ID};
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

/// What lies beneath the store that stores nothing, so that a part of the way can be measured.
#[async_trait]
pub trait Beneath: Send + Sync {
    /// Takes a clerk's append, numbered, and answers once it is durable.
    async fn keep(&self, append: Append, numbered: &WriteResult) -> Result<(), AppendError>;
}

/// The store.
pub struct NullStore {
    now: NowUs,
    beneath: Option<Arc<dyn Beneath>>,
    position: AtomicU64,
    /// The vault's named values: the look-up key must be the same for the whole run.
    meta: Mutex<HashMap<String, Vec<u8>>>,
    person: Vec<RecordedEvent>,
    banks: RwLock<Banks>,
    head: watch::Sender<u64>,
}

impl NullStore {
    /// A store whose one person belongs to a unit of the profile.
    #[must_use]
    pub fn new(now: NowUs, unit: &str) -> Self {
        let person = vec![
            banks::event(PERSON, 0, "BeneficiaryRegistered", REGISTERED.replace("UNIT", unit)),
            banks::event(PERSON, 1, "PayoutMethodChosen", METHOD.to_owned()),
        ];
        let (position, banks) = (AtomicU64::new(0), RwLock::new(Banks::new(unit)));
        Self { now, beneath: None, position, meta: Mutex::default(), person, banks, head: watch::Sender::new(0) }
    }

    /// The same with something beneath it.
    #[must_use]
    pub fn over(self, beneath: Arc<dyn Beneath>) -> Self {
        Self { beneath: Some(beneath), ..self }
    }

    fn number(&self, append: &Append) -> Result<WriteResult, AppendError> {
        validate(append)?;
        let count = append.events.len() as u64;
        let first = self.position.fetch_add(count, Ordering::Relaxed) + 1;
        let first_revision = match append.expected {
            StreamState::Revision(revision) => revision + 1,
            StreamState::Any | StreamState::NoStream | StreamState::StreamExists => 0,
        };
        let result = WriteResult {
            revision: (first_revision + count).saturating_sub(1),
            first_position: first,
            position: (first + count).saturating_sub(1),
            recorded_at_us: (self.now)(),
            already_recorded: false,
        };
        if banks::is_remembered(&append.stream) {
            self.banks.write().unwrap_or_else(PoisonError::into_inner).remember(append, &result);
        }
        Ok(result)
    }

    fn read(&self, stream: &str) -> Vec<RecordedEvent> {
        if stream == PERSON {
            return self.person.clone();
        }
        self.banks.read().unwrap_or_else(PoisonError::into_inner).read(stream).unwrap_or_default()
    }
}

#[async_trait]
impl EventStore for NullStore {
    async fn append_to_stream(&self, append: Append) -> Result<WriteResult, AppendError> {
        let numbered = self.number(&append)?;
        if let Some(beneath) = &self.beneath {
            beneath.keep(append, &numbered).await?;
        }
        Ok(numbered)
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
        Ok(self.read(stream))
    }

    async fn read_streams(&self, streams: &[String]) -> Result<Vec<RecordedEvent>, StoreError> {
        Ok(streams.iter().flat_map(|stream| self.read(stream)).collect())
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
