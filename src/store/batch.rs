//! One batch of the committer: what it asks of the log, and what it writes. The SQL behind it belongs to the engines.

use super::judge::{Holder, Judge, Known, Place, VaultId, in_turn, request_record};
use super::leaf::{Leaf, leaf_hash};
use super::{
    Append, AppendError, EventData, Head, LogId, RecordedEvent, RecordedRequest, RequestKey, StoreError, StreamState,
    VaultRow, WriteResult,
};
use async_trait::async_trait;
use std::collections::HashSet;
use uuid::Uuid;

/// A found row: the number of the question that it answers (from 0, in the order asked), and the answer.
pub(super) type Answers<T> = Vec<(usize, T)>;

/// One entry for each question, in their order.
pub(super) fn in_order<T>(questions: usize, answers: Answers<T>) -> Vec<Option<T>> {
    let mut list: Vec<Option<T>> = (0..questions).map(|_| None).collect();
    for (number, answer) in answers {
        if let Some(entry) = list.get_mut(number) {
            *entry = Some(answer);
        }
    }
    list
}

/// An engine's way of writing to one log.
#[async_trait]
pub(super) trait LogWriter: Send + Sync + 'static {
    /// A batch as it is sent to the database.
    type Ready: Send + 'static;

    /// Makes a batch ready to be sent: all that can be done without the database, so that it need not wait.
    fn ready(log_id: LogId, rows: BatchRows) -> Result<Self::Ready, StoreError>;

    /// The log that it writes to.
    fn log_id(&self) -> LogId;

    /// Whether a batch that failed because the database was not available is worth another try. Only for engines whose look-ups of the next
    /// try see whether the last one came through.
    fn tries_again(&self) -> bool {
        false
    }

    /// True when the head after a commit is most likely the head before the next, so that [`write_at_once`](Self::write_at_once) is worth
    /// trying: nobody else appends while this process has the log open, or others are rare.
    fn is_alone(&self) -> bool;

    /// Writes and commits in one go a batch that was judged on [`assumed`] knowledge, or finds that the log is not so.
    async fn write_at_once(&self, ready: Self::Ready) -> Result<AtOnce, StoreError>;

    /// Begins a transaction that no other writer of the log can come in between, on any server.
    async fn begin(&self) -> Result<Box<dyn LogTransaction + '_>, StoreError>;
}

/// What became of a batch that was judged on assumed knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtOnce {
    Written,
    /// The log is not as assumed; nothing was written.
    Clash,
}

/// A transaction on one log. Dropped without commit, it has not been.
#[async_trait]
pub(super) trait LogTransaction: Send {
    async fn head(&mut self) -> Result<Head, StoreError>;
    async fn stream_revisions(&mut self, streams: &[&str]) -> Result<Answers<u64>, StoreError>;
    async fn event_places(&mut self, events: &[(&str, Uuid)]) -> Result<Answers<Place>, StoreError>;
    async fn claim_holders(&mut self, claims: &[(&str, &[u8])]) -> Result<Answers<String>, StoreError>;
    async fn requests(&mut self, requests: &[(&str, &str)]) -> Result<Answers<RecordedRequest>, StoreError>;
    async fn vault_held(&mut self, rows: &[VaultId]) -> Result<Vec<VaultId>, StoreError>;
    async fn write(&mut self, rows: BatchRows) -> Result<(), StoreError>;
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
    async fn roll_back(self: Box<Self>) -> Result<(), StoreError>;
}

/// All that one batch writes.
#[derive(Debug, Default)]
pub(super) struct BatchRows {
    /// The head before it, for the engine to find that nobody came in between.
    pub position_before: u64,
    pub recorded_at_us: i64,
    /// Streams that were assumed to be there, with the revision that they were assumed to have.
    pub continued: Vec<(String, u64)>,
    /// In the order of their positions.
    pub events: Vec<RecordedEvent>,
    /// Claims with their new holder, in the order of their keys.
    pub taken: Vec<(&'static str, Vec<u8>, String)>,
    pub released: Vec<(&'static str, Vec<u8>)>,
    pub requests: Vec<(RequestKey, RecordedRequest)>,
    pub vault: Vec<VaultRow>,
}

impl BatchRows {
    /// True when the batch changes nothing, so that there is nothing to commit.
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.taken.is_empty()
            && self.released.is_empty()
            && self.requests.is_empty()
            && self.vault.is_empty()
    }
}

/// What the judging of a batch comes to.
#[derive(Debug)]
pub(super) struct Judgement {
    /// An answer for each append, in their order.
    pub answers: Vec<Result<WriteResult, AppendError>>,
    /// The rows to be written, but for those that take the appends' payloads with them.
    rows: BatchRows,
}

/// Asks for all that the appends touch, in few statements whatever their number.
pub(super) async fn look_up<'a>(tx: &mut dyn LogTransaction, appends: &'a [Append]) -> Result<Known<'a>, StoreError> {
    let mut known = Known::default();

    let seen = appends.iter().flat_map(|append| append.seen.iter().map(|seen| seen.stream.as_str()));
    let streams = distinct(appends.iter().map(|append| append.stream.as_str()).chain(seen));
    for (number, revision) in tx.stream_revisions(&streams).await? {
        known.streams.insert(asked(&streams, number)?, revision);
    }

    let old = appends.iter().filter(|append| known.streams.contains_key(append.stream.as_str()));
    let events =
        distinct(old.flat_map(|append| append.events.iter().map(|event| (append.stream.as_str(), event.event_id))));
    for (number, place) in tx.event_places(&events).await? {
        known.events.insert(asked(&events, number)?, place);
    }

    let claims = distinct(
        appends.iter().flat_map(|append| append.claims.iter().map(|claim| (claim.kind, claim.key.as_slice()))),
    );
    known.claims = claims.iter().map(|claim| (*claim, Holder::default())).collect();
    for (number, stream) in tx.claim_holders(&claims).await? {
        let holder = Holder { now: Some(stream.clone().into()), before: Some(stream) };
        known.claims.insert(asked(&claims, number)?, holder);
    }

    let keys = appends.iter().filter_map(|append| append.request.as_ref());
    let requests = distinct(keys.map(|key| (key.caller.as_str(), key.idempotency_key.as_str())));
    for (number, record) in tx.requests(&requests).await? {
        known.requests.insert(asked(&requests, number)?, record);
    }

    let vault: Vec<VaultId> = appends.iter().flat_map(|append| append.vault.iter().map(VaultId::of)).collect();
    known.vault = tx.vault_held(&vault).await?.into_iter().collect();
    Ok(known)
}

/// What the log holds of all that the appends touch when nobody was quicker than their writers and nobody repeats himself: streams that
/// are to begin are not there, others stand where their writer saw them, and claims, requests and vault rows are new. `None` when appends
/// ask for more than the tables' own keys can tell.
pub(super) fn assumed(appends: &[Append]) -> Option<Known<'_>> {
    let mut known = Known::default();
    let mut begun = HashSet::new();
    for append in appends {
        match append.expected {
            // Where nothing is written, no key shows where the stream ends.
            _ if append.events.is_empty() || !append.seen.is_empty() => return None,
            StreamState::NoStream => _ = begun.insert(append.stream.as_str()),
            // Begun in this very batch.
            StreamState::Revision(_) if begun.contains(append.stream.as_str()) => {}
            StreamState::Revision(revision) => {
                known.streams.entry(append.stream.as_str()).or_insert(revision);
            }
            StreamState::Any | StreamState::StreamExists => return None,
        }
        for claim in &append.claims {
            if !claim.take {
                return None;
            }
            known.claims.insert((claim.kind, claim.key.as_slice()), Holder::default());
        }
    }
    Some(known)
}

/// In order, so that the look-ups walk the indexes in one direction.
fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = all.collect();
    list.sort_unstable();
    list.dedup();
    list
}

fn asked<T: Copy>(questions: &[T], number: usize) -> Result<T, StoreError> {
    questions.get(number).copied().ok_or_else(|| StoreError::Corrupt("an answer to no question".to_owned()))
}

/// Judges the appends in their order.
pub(super) fn decide<'a>(appends: &'a [Append], known: Known<'a>, head: Head, now_us: i64) -> Judgement {
    let recorded_at_us = now_us.max(head.recorded_at_us);
    let mut judge = Judge::new(known, head.position + 1, recorded_at_us);
    let answers = in_turn(appends, &mut judge);
    let mut rows = BatchRows { position_before: head.position, recorded_at_us, ..BatchRows::default() };
    let mut claims: Vec<_> = judge.into_known().claims.into_iter().collect();
    claims.retain(|(_, holder)| holder.now.as_deref() != holder.before.as_deref());
    // In the order of the index: its pages are then visited once each.
    claims.sort_unstable_by_key(|(key, _)| *key);
    for ((kind, key), holder) in claims {
        match holder.now {
            Some(stream) => rows.taken.push((kind, key.to_vec(), stream.into_owned())),
            None => rows.released.push((kind, key.to_vec())),
        }
    }
    Judgement { answers, rows }
}

impl Judgement {
    /// True when every append was accepted as new.
    pub fn accepts_all(&self) -> bool {
        self.answers.iter().all(|answer| answer.as_ref().is_ok_and(|result| !result.already_recorded))
    }

    /// Makes the rows of the accepted appends; refused and already recorded ones leave nothing.
    pub fn take_rows(&mut self, appends: Vec<Append>, log_id: LogId) -> BatchRows {
        let mut rows = std::mem::take(&mut self.rows);
        for (append, answer) in appends.into_iter().zip(&self.answers) {
            if let Ok(result) = answer
                && !result.already_recorded
            {
                rows.add(append, result, log_id);
            }
        }
        rows
    }
}

impl BatchRows {
    fn add(&mut self, mut append: Append, result: &WriteResult, log_id: LogId) {
        if let Some(key) = append.request.take() {
            let record = request_record(&append, result, key.input_hash);
            self.requests.push((key, record));
        }
        self.vault.append(&mut append.vault);
        self.events.extend(as_recorded(log_id, &append.stream, append.events, result));
    }
}

/// Events as they stand in the log once their append was answered so.
pub fn as_recorded<'a>(
    log_id: LogId,
    stream: &'a str,
    events: Vec<EventData>,
    result: &WriteResult,
) -> impl Iterator<Item = RecordedEvent> + use<'a> {
    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let first_revision = (result.revision + 1).saturating_sub(count);
    let WriteResult { first_position, recorded_at_us, .. } = *result;
    events.into_iter().zip(0..).map(move |(event, offset)| {
        let place = Place { revision: first_revision + offset, position: first_position + offset, recorded_at_us };
        recorded(event, stream, place, log_id)
    })
}

fn recorded(event: EventData, stream: &str, place: Place, log_id: LogId) -> RecordedEvent {
    let EventData { event_id, event_type, schema_version, data, metadata } = event;
    let leaf_hash = leaf_hash(&Leaf {
        log_id,
        position: place.position,
        stream,
        revision: place.revision,
        event_id,
        event_type: &event_type,
        schema_version,
        recorded_at_us: place.recorded_at_us,
        metadata: &metadata,
        data: &data,
    });
    RecordedEvent {
        position: place.position,
        stream: stream.to_owned(),
        revision: place.revision,
        event_id,
        event_type,
        schema_version,
        recorded_at_us: place.recorded_at_us,
        data,
        metadata,
        leaf_hash,
    }
}
