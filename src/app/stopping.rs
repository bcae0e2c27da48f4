//! That this process has begun to stop. Whoever is told of the log as it grows is let go then: such answers have no end of their own, and what was
//! accepted would be waited for with them.

use std::future::Future;
use tokio::sync::watch;

/// Whether it has.
#[derive(Debug, Default)]
pub struct Stopping(watch::Sender<bool>);

impl Stopping {
    /// It stops from now on.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Comes when it stops.
    pub fn begun(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut told = self.0.subscribe();
        async move {
            // Without a process there is nothing to wait for either.
            let _over = told.wait_for(|is_stopping| *is_stopping).await;
        }
    }
}
