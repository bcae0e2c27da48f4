//! Following a log: first what is there, then what comes, each event once and in order. Holds one page at a time.

use super::{Direction, RecordedEvent, SharedEventStore, StoreError};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Events in one page.
const PAGE_EVENTS: u32 = 512;
/// How long a commit of another process may stay unseen; those of this process wake the reader at once.
const RECHECK: Duration = Duration::from_secs(1);

/// Reading the log on, in pages that are bounded in bytes too.
#[async_trait]
pub trait LogPages: Send + Sync + 'static {
    /// The events after a position, at most `limit`, and fewer when they are large; empty only at the log's end.
    async fn page_after(&self, after: u64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError>;
}

#[async_trait]
impl LogPages for SharedEventStore {
    async fn page_after(&self, after: u64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read_all(Some(after), Direction::Forwards, limit).await
    }
}

/// A reader's place in a log. Positions have no gaps, so that a position is all that there is to remember.
pub struct Subscription {
    pages: Arc<dyn LogPages>,
    head: watch::Receiver<u64>,
    after: u64,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("after", &self.after).finish_non_exhaustive()
    }
}

impl Subscription {
    /// Follows a log after a position. `head` wakes it; that it misses a wake-up costs time and never an event.
    pub fn new(pages: Arc<dyn LogPages>, head: watch::Receiver<u64>, after: u64) -> Self {
        Self { pages, head, after }
    }

    /// Follows any event store after a position.
    pub fn over(store: &SharedEventStore, after: u64) -> Self {
        Self::new(Arc::new(Arc::clone(store)), store.watch_head(), after)
    }

    /// The position of the last event that was given out.
    pub const fn position(&self) -> u64 {
        self.after
    }

    /// The next events, at least one; waits when there is none. May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Result<Vec<RecordedEvent>, StoreError> {
        loop {
            if let Some(page) = self.page().await? {
                return Ok(page);
            }
            if let Ok(Err(_)) = tokio::time::timeout(RECHECK, self.head.changed()).await {
                return Err(StoreError::Unavailable("it is closed".to_owned()));
            }
        }
    }

    /// The next events if there are any now. `None` means that the reader has caught up.
    pub async fn page(&mut self) -> Result<Option<Vec<RecordedEvent>>, StoreError> {
        // Seen before reading: a commit between the two wakes the next wait.
        self.head.mark_unchanged();
        let page = self.pages.page_after(self.after, PAGE_EVENTS).await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.after = last.position;
        Ok(Some(page))
    }
}
