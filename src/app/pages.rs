//! The log page by page for those who follow it: the next page is read while one is folded and written.

use super::tail::{self, Tail};
use crate::store::{RecordedEvent, SharedEventStore, StoreError};
use std::sync::Arc;
use tokio::task::JoinHandle;

type Reading = JoinHandle<Result<Vec<Arc<RecordedEvent>>, StoreError>>;

/// Pages after a position, each event once and in order.
pub struct Pages {
    tail: Option<Arc<Tail>>,
    store: SharedEventStore,
    after: u64,
    limit: u32,
    ahead: Option<Reading>,
}

impl Pages {
    /// Pages of at most so many events: what others of this process read already is not fetched again.
    #[must_use]
    pub fn shared((tail, store): (Arc<Tail>, SharedEventStore), after: u64, limit: u32) -> Self {
        Self { tail: Some(tail), store, after, limit, ahead: None }
    }

    /// Each page as the store has it now, for whoever looks whether the log was changed.
    #[must_use]
    pub const fn of_log(store: SharedEventStore, after: u64, limit: u32) -> Self {
        Self { tail: None, store, after, limit, ahead: None }
    }

    /// The next page. A short one is the log's end as it is now: asked again, it is what came since.
    pub async fn next(&mut self) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let reading = self.ahead.take().unwrap_or_else(|| self.read());
        let gone = |error: tokio::task::JoinError| StoreError::Unavailable(format!("the log was not read: {error}"));
        let page = reading.await.map_err(gone)??;
        if let Some(last) = page.last() {
            self.after = last.position;
        }
        if page.len() >= self.limit as usize {
            self.ahead = Some(self.read());
        }
        Ok(page)
    }

    fn read(&self) -> Reading {
        let (tail, store) = (self.tail.clone(), SharedEventStore::clone(&self.store));
        let (after, limit) = (self.after, self.limit);
        tokio::spawn(async move {
            match tail {
                Some(tail) => tail.read(&store, after, limit).await,
                None => tail::page(&store, after, limit).await,
            }
        })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if let Some(reading) = self.ahead.take() {
            reading.abort();
        }
    }
}
