//! The walk by position: leaf hashes, positions, times, and whether every event of ours can be read.

use super::report::{Check, Finding, Findings};
use super::tree::TreeCheck;
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::codec;
use crate::projections::Fact;
use crate::store::{Direction, Head, LogId, RecordedEvent, SharedEventStore, StoreError, leaf};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

/// Events of one page.
const PAGE_EVENTS: u32 = 5_000;

/// What the walk saw.
pub(super) struct Seen {
    pub events: u64,
    pub digest: [u8; 32],
    pub tree: TreeCheck,
}

/// The walk and how far it has come.
pub(super) struct LogWalk {
    store: SharedEventStore,
    log_id: LogId,
    head: Head,
    /// Position of the last event seen, or of the last that is known to be unreadable.
    at: u64,
    recorded_at_us: i64,
    events: u64,
    digest: Sha256,
    tree: TreeCheck,
}

type Page = JoinHandle<Result<Vec<RecordedEvent>, StoreError>>;

impl LogWalk {
    pub fn new(app: &App, head: Head, tree: TreeCheck) -> Self {
        let (store, log_id) = (app.store.clone(), app.vault.log_id());
        Self { store, log_id, head, at: 0, recorded_at_us: i64::MIN, events: 0, digest: Sha256::new(), tree }
    }

    /// Walks to the head. The next page is read while this one is checked.
    pub async fn run(mut self, findings: &mut Findings, tell: &(dyn Fn(u64) + Send + Sync)) -> Result<Seen, AppError> {
        let mut next = Some(self.read(0, PAGE_EVENTS));
        while self.at < self.head.position {
            let reading = next.take().unwrap_or_else(|| self.read(self.at, PAGE_EVENTS));
            let page = match reading.await.map_err(|error| AppError::Internal(error.to_string()))? {
                Ok(page) => page,
                Err(StoreError::Corrupt(reason)) => {
                    self.step_over(&reason, findings).await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last().map(|event| event.position) else { break };
            next = Some(self.read(last, PAGE_EVENTS));
            let head = self.head.position;
            self.tree.read_to(last.min(head)).await?;
            page.iter().take_while(|event| event.position <= head).for_each(|event| self.check(event, findings));
            self.at = last;
            tell(last.min(self.head.position));
        }
        if let Some(unwanted) = next {
            unwanted.abort();
        }
        self.check_head(findings);
        Ok(Seen { events: self.events, digest: self.digest.finalize().into(), tree: self.tree })
    }

    fn read(&self, after: u64, limit: u32) -> Page {
        let store = self.store.clone();
        tokio::spawn(async move { store.read_all(Some(after), Direction::Forwards, limit).await })
    }

    /// A row of the page cannot be read: those before it are checked one by one, and the walk goes on behind it.
    async fn step_over(&mut self, reason: &str, findings: &mut Findings) -> Result<(), AppError> {
        loop {
            match self.store.read_all(Some(self.at), Direction::Forwards, 1).await {
                Ok(page) => {
                    let Some(event) = page.first() else { return Ok(()) };
                    self.check(event, findings);
                    self.at = event.position;
                }
                Err(StoreError::Corrupt(_)) => {
                    self.at += 1;
                    let message = format!("the event cannot be read: {reason}");
                    findings.add(Finding { position: Some(self.at), ..Finding::of(Check::Leaves, message) });
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn check(&mut self, event: &RecordedEvent, findings: &mut Findings) {
        let expected = self.at + 1;
        if event.position != expected {
            let last = event.position.saturating_sub(1);
            let message = format!("positions {expected} to {last} are missing before this event");
            findings.add(Finding::at(Check::Positions, event, message));
        }
        let hash = leaf::of_recorded(self.log_id, event);
        if hash != event.leaf_hash {
            findings.add(Finding::at(Check::Leaves, event, "the event is not the one that was recorded".to_owned()));
        }
        if event.recorded_at_us < self.recorded_at_us {
            findings.add(Finding::at(
                Check::Times,
                event,
                "the event was recorded before the one before it".to_owned(),
            ));
        }
        if let Err(problem) = readable(event) {
            findings.add(Finding::at(Check::Events, event, problem));
        }
        self.digest.update(hash);
        self.tree.push(event.position, hash, findings);
        self.events += 1;
        self.at = event.position;
        self.recorded_at_us = event.recorded_at_us.max(self.recorded_at_us);
    }

    fn check_head(&self, findings: &mut Findings) {
        if self.at < self.head.position {
            let message = format!("the log's head is {}, but its last event stands at {}", self.head.position, self.at);
            findings.add(Finding { position: Some(self.at), ..Finding::of(Check::Positions, message) });
        }
        if self.recorded_at_us > self.head.recorded_at_us {
            let message = "the log's head is older than the log's events".to_owned();
            findings.add(Finding { position: Some(self.at), ..Finding::of(Check::Times, message) });
        }
    }
}

/// Whether an event of ours can be read and stands in a stream of its kind.
fn readable(event: &RecordedEvent) -> Result<(), String> {
    if event.stream.starts_with("import-") {
        let read = codec::decode(&event.event_type, event.schema_version, &event.data);
        return read.map(|_| ()).map_err(|error| error.to_string());
    }
    Fact::read(event.recorded()).map(|_| ()).map_err(|error| error.cause.to_string())
}
