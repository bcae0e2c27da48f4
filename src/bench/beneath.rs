//! What the server that records nothing can have beneath it, step by step on the way to all that chitra does: one bare row for each
//! event, and the store's own append. What a step leaves of the rate is the most that any server with that step can reach.

use super::BenchError;
use super::place::store_at;
use super::yardsticks::Bare;
use crate::domain::claims::BENEFIT_MONTH;
use crate::store::null::Beneath;
use crate::store::{Append, AppendError, RecordedEvent, SharedStore, StoreError, WriteResult};
use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Events of one commit at most, and events that may wait.
const TOGETHER_MAX: usize = 1_000;

type Waiting = (Vec<RecordedEvent>, oneshot::Sender<Result<(), StoreError>>);

/// One row for each event, in a commit that all share who wait: no rules, no keys but the table's own.
pub struct Rows {
    sender: mpsc::Sender<Waiting>,
}

impl Rows {
    /// Into a database that was migrated before.
    pub async fn into(url: &str) -> Result<Self, BenchError> {
        let mut bare = Bare::open(url).await?;
        let (sender, mut receiver) = mpsc::channel::<Waiting>(TOGETHER_MAX);
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while receiver.recv_many(&mut waiting, TOGETHER_MAX).await > 0 {
                let (events, tellers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
                let written = bare.together(&events.concat()).await;
                let written = written.map_err(|error| StoreError::Unavailable(error.to_string()));
                for teller in tellers {
                    // Whoever went away has its row all the same.
                    let _ = teller.send(written.clone());
                }
            }
        });
        Ok(Self { sender })
    }
}

#[async_trait]
impl Beneath for Rows {
    async fn keep(&self, append: Append, numbered: &WriteResult) -> Result<(), AppendError> {
        let gone = || AppendError::Store(StoreError::Unavailable("the bare table is closed".to_owned()));
        let stream = append.stream;
        let last = append.events.len() as u64;
        let row = |(number, event): (u64, crate::store::EventData)| RecordedEvent {
            position: numbered.first_position + number,
            stream: stream.clone(),
            revision: numbered.revision + 1 + number - last,
            event_id: event.event_id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            recorded_at_us: numbered.recorded_at_us,
            data: event.data,
            metadata: event.metadata,
            leaf_hash: [7; 32],
        };
        let rows: Vec<RecordedEvent> = (0..).zip(append.events).map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let (teller, answer) = oneshot::channel();
        self.sender.send((rows, teller)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?.map_err(AppendError::Store)
    }
}

/// The store's append, with its committer, claims, idempotency keys and hashes; nothing follows it.
pub struct Appends {
    store: SharedStore,
}

impl Appends {
    /// Into a database that was migrated before.
    pub async fn into(url: &str) -> Result<Self, BenchError> {
        Ok(Self { store: store_at(url).await? })
    }
}

#[async_trait]
impl Beneath for Appends {
    async fn keep(&self, mut append: Append, _numbered: &WriteResult) -> Result<(), AppendError> {
        // All orders are to the one person that the look-ups find: each takes the month of somebody else.
        let somebody = Uuid::new_v5(&Uuid::NAMESPACE_OID, append.stream.as_bytes());
        for claim in append.claims.iter_mut().filter(|claim| claim.kind == BENEFIT_MONTH) {
            claim.key.truncate(claim.key.len().saturating_sub(somebody.as_bytes().len()));
            claim.key.extend(somebody.as_bytes());
        }
        self.store.append_to_stream(append).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::events::Maker;
    use crate::store::null::NullStore;
    use crate::store::{Direction, EventStore, OpenMode, OpenOptions, RequestKey, migrations, open};
    use std::sync::Arc;

    /// Two events to the one person that the null look-ups find, for the one month.
    fn order(maker: &Maker) -> Append {
        let (mut append, second) = (maker.append(), maker.append());
        append.events.extend(second.events);
        for claim in append.claims.iter_mut().filter(|claim| claim.kind == BENEFIT_MONTH) {
            claim.key = vec![1; 36];
        }
        append
    }

    /// Appends beneath the null store, two at a time, and one that has no events; what the log then has.
    async fn kept(make: impl AsyncFnOnce(&str) -> Arc<dyn Beneath>) -> Vec<RecordedEvent> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("log.sqlite").display());
        migrations::migrate(&url).await.unwrap();
        let store = NullStore::new(Arc::new(|| 1_763_900_000_000_000), "U").over(make(&url).await);
        let maker = Maker::of_clerks();
        for _ in 0..3 {
            let (one, other) =
                tokio::join!(store.append_to_stream(order(&maker)), store.append_to_stream(order(&maker)));
            assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        }
        let mut nothing = order(&maker);
        (nothing.events, nothing.claims) = (Vec::new(), Vec::new());
        let (caller, idempotency_key) = ("a clerk".to_owned(), "one".to_owned());
        nothing.request = Some(RequestKey { caller, idempotency_key, input_hash: [0; 32] });
        store.append_to_stream(nothing).await.unwrap();
        // Gives the file free.
        drop(store);
        let log = open(&url, OpenOptions::new(OpenMode::Beside, Arc::new(|| 0))).await.unwrap();
        log.read_all(None, Direction::Forwards, 100).await.unwrap()
    }

    /// Otherwise the rate of a step that writes nothing, or of refusals, would be told.
    #[tokio::test]
    async fn each_step_has_every_event_that_was_answered() {
        let rows = kept(async |url| Arc::new(Rows::into(url).await.unwrap()) as Arc<dyn Beneath>).await;
        let appends = kept(async |url| Arc::new(Appends::into(url).await.unwrap()) as Arc<dyn Beneath>).await;
        for log in [rows, appends] {
            let places: Vec<(u64, u64)> = log.iter().map(|event| (event.position, event.revision)).collect();
            assert_eq!(places, (1..=12).map(|position| (position, (position - 1) % 2)).collect::<Vec<_>>());
            assert!(log.chunk_by(|one, next| one.stream == next.stream).all(|stream| stream.len() == 2));
        }
    }
}
