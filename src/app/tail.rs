//! The log's end as those who follow it read it: each row once for all of them. Projections, reactions and webhooks follow side by side, and
//! without this each would fetch and decode every event for itself.
//!
//! Nothing is answered from memory that the store does not vouch for now: every read asks it for the last event known and what comes after. A
//! log that was put back to an earlier state, by a failover to a standby that lacks its end perhaps, does not have that event there any more; then
//! all is read again.

use crate::store::{Direction, RecordedEvent, SharedEventStore, StoreError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How many events are kept: two pages of the projections.
const KEPT_MAX: usize = 8_000;
/// After so long without new events what is kept is given up.
const IDLE_AFTER: Duration = Duration::from_secs(2);
/// How long a follower waits while others read.
const TURN_WITHIN: Duration = Duration::from_secs(1);

/// The last events, in the order of the log and without a gap.
#[derive(Default)]
pub struct Tail {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<RecordedEvent>>,
    grew_at: Option<Instant>,
}

impl Tail {
    /// At most so many events after a position, as the store would answer.
    pub async fn read(
        &self,
        store: &SharedEventStore,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        // One reads, and the others find what it read. Where the store is slow to answer, or away, nobody waits for another's turn.
        let Ok(mut kept) = timeout(TURN_WITHIN, self.kept.lock()).await else {
            return page(store, after, limit).await;
        };
        let (mut found, last) = match (kept.after(after, limit), kept.events.back()) {
            (Some(found), Some(last)) => (found, last.clone()),
            (None, Some(last)) if after < last.position => {
                drop(kept);
                return page(store, after, limit).await;
            }
            _ => return kept.begin(store, after, limit).await,
        };
        let missing = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        let mut rest = page(store, last.position - 1, missing.saturating_add(1)).await?;
        if rest.first() != Some(&last) {
            return kept.begin(store, after, limit).await;
        }
        rest.remove(0);
        found.extend(rest.iter().cloned());
        kept.add(rest);
        Ok(found)
    }
}

/// Each event stands in memory once, for all who follow.
pub(super) async fn page(
    store: &SharedEventStore,
    after: u64,
    limit: u32,
) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
    let page = store.read_all(Some(after), Direction::Forwards, limit).await?;
    Ok(page.into_iter().map(Arc::new).collect())
}

impl Kept {
    /// What is kept after a position, if everything from there on is.
    fn after(&self, after: u64, limit: u32) -> Option<Vec<Arc<RecordedEvent>>> {
        let (first, last) = (self.events.front()?.position, self.events.back()?.position);
        if after.saturating_add(1) < first || after > last {
            return None;
        }
        let skipped = usize::try_from(after + 1 - first).unwrap_or(usize::MAX);
        Some(self.events.iter().skip(skipped).take(limit as usize).cloned().collect())
    }

    /// Reads without what was kept, and keeps what was read.
    async fn begin(
        &mut self,
        store: &SharedEventStore,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        self.events.clear();
        let page = page(store, after, limit).await?;
        self.add(page.clone());
        Ok(page)
    }

    fn add(&mut self, page: Vec<Arc<RecordedEvent>>) {
        let now = Instant::now();
        if page.is_empty() {
            if self.grew_at.is_some_and(|at| now - at > IDLE_AFTER) {
                self.events = VecDeque::new();
            }
            return;
        }
        self.grew_at = Some(now);
        self.events.extend(page);
        self.events.drain(..self.events.len().saturating_sub(KEPT_MAX));
    }
}
