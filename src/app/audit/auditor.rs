//! Writes down what a server noticed of its callers, every few seconds and at its end, so that no request waits for it.

use crate::app::App;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What was noticed is written down so often: what a kill can lose.
const WRITE_EVERY: Duration = Duration::from_secs(2);

/// The task that writes. It stops when this is dropped or told to.
pub struct Auditor {
    stop: watch::Sender<bool>,
    app: Arc<App>,
    task: JoinHandle<()>,
}

impl Auditor {
    /// Starts to write.
    #[must_use]
    pub fn start(app: &Arc<App>) -> Self {
        let stop = watch::Sender::new(false);
        let task = tokio::spawn(keep(Arc::clone(app), stop.subscribe()));
        Self { stop, app: Arc::clone(app), task }
    }

    /// Writes what is left, and stops.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the task that writes of callers ended badly");
        }
        self.app.write_noticed(true).await;
    }
}

async fn keep(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            // Told to stop, or nobody is left who could tell.
            _ = stop.changed() => return,
            () = tokio::time::sleep(WRITE_EVERY) => {}
        }
        app.write_noticed(false).await;
    }
}
