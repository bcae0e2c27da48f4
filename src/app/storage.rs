//! How much room a log takes, and how fast it grows: for whoever runs it.

use crate::app::App;
use crate::app::error::AppError;
pub use crate::store::registry::Sizes;

/// One day.
const DAY_US: i64 = 86_400_000_000;

/// What the operator's page tells of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    pub sizes: Sizes,
    /// Events recorded in the last 24 hours.
    pub events_last_day: u64,
}

impl App {
    /// How much room the log takes now.
    pub async fn storage(&self) -> Result<Storage, AppError> {
        let sizes = self.registry.sizes().await?;
        let head = self.store.head().await?.position;
        let since = self.clock.now_us() - DAY_US;
        let before = self.last_position_until(head, |recorded_us| recorded_us <= since).await?;
        Ok(Storage { sizes, events_last_day: head.saturating_sub(before) })
    }
}
