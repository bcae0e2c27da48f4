//! Runs the projections: each follows the log on its own, writes rows and checkpoint together, and stops red when it cannot.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::pages::Pages;
use crate::projections::{Checkpoint, Projection};
use crate::store::StoreError;
use crate::store::views::{AdvanceError, advance};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How many events a projection takes at a time.
const BATCH_EVENTS: u32 = 4_000;
/// How long a projection waits before it tries again when the store did not answer.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How long to sleep at most when nothing wakes us: appends of other processes do not.
const RECHECK_AFTER: Duration = Duration::from_secs(1);

/// How long a projection lets events gather before it takes them, unless a reader waits for them: at a high rate a batch of thousands
/// costs little more than one of ten, and touches each page of the tables once.
const GATHER_FOR: Duration = Duration::from_millis(250);

/// The projections at work. They stop when this is dropped or told to.
pub struct Runner {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Runner {
    /// Starts all projections.
    #[must_use]
    pub fn start(app: &Arc<App>) -> Self {
        let stop = watch::Sender::new(false);
        let tasks = Projection::ALL
            .into_iter()
            .map(|projection| tokio::spawn(follow(Arc::clone(app), projection, stop.subscribe())))
            .collect();
        Self { stop, tasks }
    }

    /// Lets each finish the batch that it works on, then stops all.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a projection's task ended badly");
            }
        }
    }
}

async fn follow(app: Arc<App>, projection: Projection, mut stop: watch::Receiver<bool>) {
    let mut head = app.store.watch_head();
    while !*stop.borrow() {
        // Seen before reading: an append that comes meanwhile wakes us again.
        head.borrow_and_update();
        let at = match catch_up(&app, projection, &stop).await {
            Ok(at) => at.position,
            Err(AdvanceError::Store(error)) => {
                tracing::warn!(projection = projection.name(), error = %error, "a projection waits for the store");
                tokio::time::sleep(RETRY_AFTER).await;
                continue;
            }
            Err(AdvanceError::Projection(error)) => {
                tracing::error!(projection = projection.name(), error = %error, "a projection stopped");
                app.progress.stopped(projection.name(), error.to_string());
                let _noted_if_possible = app.views.note_error(projection, &error).await;
                return;
            }
        };
        tokio::select! {
            _ = head.changed() => gather(&app, at, &mut stop).await,
            _ = stop.changed() => {}
            () = tokio::time::sleep(RECHECK_AFTER) => {}
        }
    }
}

/// Lets events gather, until a reader waits for one of them.
async fn gather(app: &App, at: u64, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(GATHER_FOR) => {}
        () = app.progress.wanted_beyond(at) => {}
        _ = stop.changed() => {}
    }
}

/// Takes one projection to the end of the log as it is now.
async fn catch_up(app: &App, projection: Projection, stop: &watch::Receiver<bool>) -> Result<Checkpoint, AdvanceError> {
    let mut at = app.views.progress(projection).await?.checkpoint;
    app.progress.reached(projection.name(), at.position);
    let mut pages = app.pages_after(at);
    while !*stop.borrow() {
        let Some(next) = step(app, projection, at, &mut pages).await? else {
            if at.position <= app.store.head().await?.position {
                return Ok(at);
            }
            // The log was put back to an earlier state, from a backup perhaps: what came after it is in these rows, and was never.
            tracing::warn!(
                projection = projection.name(),
                position = at.position,
                "a projection was ahead of the log; it is built anew"
            );
            app.views.clear(projection).await?;
            at = Checkpoint::default();
            pages = app.pages_after(at);
            continue;
        };
        // A short page was the log's end; what came meanwhile may gather.
        let was_last = next.position - at.position < u64::from(BATCH_EVENTS);
        at = next;
        app.progress.reached(projection.name(), at.position);
        if was_last {
            return Ok(at);
        }
    }
    Ok(at)
}

async fn step(
    app: &App,
    projection: Projection,
    at: Checkpoint,
    pages: &mut Pages,
) -> Result<Option<Checkpoint>, AdvanceError> {
    let page = pages.next().await?;
    if page.is_empty() {
        return Ok(None);
    }
    advance(app.views.as_ref(), projection, at, &page, app.profile.as_ref()).await.map(Some)
}

impl App {
    fn pages_after(&self, at: Checkpoint) -> Pages {
        Pages::new(Arc::clone(&self.store), at.position, BATCH_EVENTS)
    }

    /// Waits until a projection includes a position; where no runner works, as on the command line, does the work itself.
    pub async fn follow_up_to(&self, projection: Projection, position: u64) -> Result<(), AppError> {
        if self.runs_projections {
            return self.progress.wait_for(projection.name(), position).await.map(|_| ());
        }
        let (_keep, never) = watch::channel(false);
        catch_up(self, projection, &never).await.map(|_| ()).map_err(|error| stopped(projection, error))
    }

    /// Catches all projections up to the log's head, here and now; for the command line, where no runner works.
    pub async fn catch_up(&self) -> Result<(), AppError> {
        // Side by side: while one writes, the other reads and folds.
        let all = Projection::ALL.map(|projection| async move {
            let (_keep, never) = watch::channel(false);
            catch_up(self, projection, &never).await.map_err(|error| stopped(projection, error))
        });
        futures_util::future::try_join_all(all).await.map(|_| ())
    }

    /// Empties a projection and builds it again from the start of the log. Answers the position reached.
    pub async fn rebuild(&self, projection: Projection, mut progress: impl FnMut(u64)) -> Result<u64, AppError> {
        self.views.clear(projection).await?;
        let mut at = Checkpoint::default();
        let mut pages = self.pages_after(at);
        while let Some(next) =
            step(self, projection, at, &mut pages).await.map_err(|error| stopped(projection, error))?
        {
            at = next;
            progress(at.position);
        }
        Ok(at.position)
    }
}

/// What a failed step means to whoever asked for it.
#[must_use]
pub fn stopped(projection: Projection, error: AdvanceError) -> AppError {
    match error {
        AdvanceError::Store(StoreError::Unavailable(reason)) => AppError::Store(StoreError::Unavailable(reason)),
        AdvanceError::Store(error) => AppError::Store(error),
        AdvanceError::Projection(error) => {
            AppError::ProjectionStopped { name: projection.name(), reason: error.to_string() }
        }
    }
}
