//! The end of the log, read once for all who follow it: whoever is too slow reads the log by himself again.

use super::RecordedEvent;
use crate::store::{SharedEventStore, StoreError, Subscription};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// Pages that are kept for the slowest of those who keep up.
const PAGES_KEPT: usize = 16;
/// How long after a failure of the store the log is read again.
const AGAIN: Duration = Duration::from_secs(1);

/// Events as they came, one after the other.
pub type Page = Arc<Vec<RecordedEvent>>;

/// The end of one log. It is read only while somebody follows.
pub struct Tail {
    store: SharedEventStore,
    pages: Mutex<Option<broadcast::Sender<Page>>>,
}

impl Tail {
    #[must_use]
    pub fn new(store: SharedEventStore) -> Arc<Self> {
        Arc::new(Self { store, pages: Mutex::new(None) })
    }

    /// Pages from now on. What came before the first of them has to be read.
    pub async fn follow(self: &Arc<Self>) -> Result<broadcast::Receiver<Page>, StoreError> {
        if let Some(pages) = self.pages.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            return Ok(pages.subscribe());
        }
        let head = self.store.head().await?.position;
        let mut running = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have been quicker.
        if let Some(pages) = running.as_ref() {
            return Ok(pages.subscribe());
        }
        let (pages, receiver) = broadcast::channel(PAGES_KEPT);
        *running = Some(pages.clone());
        tokio::spawn(Arc::clone(self).read(Subscription::over(&self.store, head), pages));
        Ok(receiver)
    }

    async fn read(self: Arc<Self>, mut log: Subscription, pages: broadcast::Sender<Page>) {
        loop {
            match log.next().await {
                Ok(page) => {
                    let mut running = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
                    if pages.receiver_count() == 0 {
                        *running = None;
                        return;
                    }
                    let _ = pages.send(Arc::new(page));
                }
                Err(error) => {
                    tracing::warn!(%error, "the end of the log cannot be read: {error}");
                    tokio::time::sleep(AGAIN).await;
                    let mut running = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
                    if pages.receiver_count() == 0 {
                        *running = None;
                        return;
                    }
                }
            }
        }
    }
}
