//! Runs the projections: each follows the log on its own, writes rows and checkpoint together, and stops red when it cannot. Of several
//! servers on one database one runs a projection, and the others watch how far it comes; when it dies, another one takes over.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::oversight::reactions;
use crate::app::pages::Pages;
use crate::projections::{Checkpoint, Projection};
use crate::store::StoreError;
use crate::store::views::{AdvanceError, Progress, advance};
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

/// How soon to look again at a projection that another server runs, while it is behind; and how long the command line waits for one that
/// does not move.
const WATCH_AGAIN_AFTER: Duration = Duration::from_millis(25);
const UNMOVED_LOOKS_MAX: u32 = 400;

/// How long a projection lets events gather before it takes them, unless a reader waits for them: at a high rate a batch of thousands
/// costs little more than one of ten, and touches each page of the tables once.
const GATHER_FOR: Duration = Duration::from_millis(250);

/// The projections at work. They stop when this is dropped or told to.
pub struct Runner {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Runner {
    /// Starts all projections, and what follows from the log.
    #[must_use]
    pub fn start(app: &Arc<App>) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks: Vec<_> = Projection::ALL
            .into_iter()
            .map(|projection| tokio::spawn(follow(Arc::clone(app), projection, stop.subscribe())))
            .collect();
        tasks.push(tokio::spawn(reactions::run(Arc::clone(app), stop.subscribe())));
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
    let mut is_stopped = false;
    while !*stop.borrow() {
        // Seen before reading: an append that comes meanwhile wakes us again.
        let known = *head.borrow_and_update();
        let (mut next_look, mut at) = (RECHECK_AFTER, 0);
        match round(&app, projection, is_stopped, &stop).await {
            Ok(Round::Caught(position)) => (is_stopped, at) = (false, position),
            Ok(Round::Watched { position, error }) => {
                is_stopped &= error;
                at = position;
                if position < known && !error {
                    next_look = WATCH_AGAIN_AFTER;
                }
            }
            Err(AdvanceError::Store(error)) => {
                tracing::warn!(projection = projection.name(), error = %error, "a projection waits for the store");
                next_look = RETRY_AFTER;
            }
            Err(AdvanceError::Projection(error)) => {
                tracing::error!(projection = projection.name(), error = %error, "a projection stopped");
                app.progress.stopped(projection.name(), error.to_string());
                let _noted_if_possible = app.views.note_error(projection, &error).await;
                // Whoever builds it anew finds it free; until then nobody of this process tries again.
                app.views.disown(projection).await;
                is_stopped = true;
            }
        }
        tokio::select! {
            _ = head.changed(), if next_look >= RECHECK_AFTER => gather(&app, at, &mut stop).await,
            _ = stop.changed() => {}
            () = tokio::time::sleep(next_look) => {}
        }
    }
    app.views.disown(projection).await;
}

/// What one look at a projection came to.
enum Round {
    /// It includes the log as it is now.
    Caught(u64),
    /// Another server runs it, or it is stopped.
    Watched { position: u64, error: bool },
}

/// Runs a projection if this process has it, and otherwise looks how far it is.
async fn round(
    app: &App,
    projection: Projection,
    is_stopped: bool,
    stop: &watch::Receiver<bool>,
) -> Result<Round, AdvanceError> {
    if !is_stopped && app.views.own(projection).await? {
        return catch_up(app, projection, stop).await.map(|at| Round::Caught(at.position));
    }
    let Progress { checkpoint, error, .. } = app.views.progress(projection).await?;
    let position = checkpoint.position;
    match &error {
        Some((_, reason)) => app.progress.stopped(projection.name(), reason.clone()),
        None => app.progress.reached(projection.name(), position),
    }
    Ok(Round::Watched { position, error: error.is_some() })
}

/// Lets events gather, until a reader waits for one of them.
pub(super) async fn gather(app: &App, at: u64, stop: &mut watch::Receiver<bool>) {
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
    let mut pages = app.pages_for(projection, at);
    while !*stop.borrow() {
        // A long way is stopped too when another process wants the projection for a rebuild.
        if !app.views.own(projection).await? {
            return Ok(at);
        }
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
            pages = app.pages_of_log();
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
    /// What a projection follows. The tree says what the log is, so it never takes another's word for it.
    fn pages_for(&self, projection: Projection, at: Checkpoint) -> Pages {
        if projection == Projection::Tree {
            return Pages::of_log(Arc::clone(&self.store), at.position, BATCH_EVENTS);
        }
        Pages::shared((Arc::clone(&self.tail), Arc::clone(&self.store)), at.position, BATCH_EVENTS)
    }

    /// The log from its start, as the store has it now.
    fn pages_of_log(&self) -> Pages {
        Pages::of_log(Arc::clone(&self.store), 0, BATCH_EVENTS)
    }

    /// Waits until a projection includes a position; where no runner works, as on the command line, does the work itself.
    pub async fn follow_up_to(&self, projection: Projection, position: u64) -> Result<(), AppError> {
        if self.runs_projections {
            return self.progress.wait_for(projection.name(), position).await.map(|_| ());
        }
        let Progress { checkpoint, error, .. } = self.views.progress(projection).await?;
        if error.is_none() && checkpoint.position >= position {
            return Ok(());
        }
        self.bring_up(projection, position).await
    }

    /// Takes a projection to a position at least: oneself, or by waiting for the server that runs it.
    async fn bring_up(&self, projection: Projection, position: u64) -> Result<(), AppError> {
        let (mut at, mut unmoved) = (0, 0);
        while unmoved < UNMOVED_LOOKS_MAX {
            if self.views.own(projection).await? {
                let (_keep, never) = watch::channel(false);
                let done = catch_up(self, projection, &never).await;
                self.views.disown(projection).await;
                return done.map(|_| ()).map_err(|error| stopped(projection, error));
            }
            let Progress { checkpoint, error, .. } = self.views.progress(projection).await?;
            if let Some((_, reason)) = error {
                return Err(AppError::ProjectionStopped { name: projection.name(), reason });
            }
            if checkpoint.position >= position {
                return Ok(());
            }
            unmoved = if checkpoint.position == at { unmoved + 1 } else { 0 };
            at = checkpoint.position;
            tokio::time::sleep(WATCH_AGAIN_AFTER).await;
        }
        Err(AppError::NotCaughtUp { at, asked: position })
    }

    /// Catches all projections up to the log's head, here and now; for the command line, where no runner works.
    pub async fn catch_up(&self) -> Result<(), AppError> {
        // Side by side: while one writes, the other reads and folds.
        let head = self.store.head().await?.position;
        let all = Projection::ALL.map(|projection| self.bring_up(projection, head));
        futures_util::future::try_join_all(all).await.map(|_| ())
    }

    /// Empties a projection and builds it again from the start of the log, while servers that run it stand aside. Answers the position
    /// reached.
    pub async fn rebuild(&self, projection: Projection, progress: impl FnMut(u64)) -> Result<u64, AppError> {
        if !self.views.seize(projection).await? {
            let reason = format!("the server that runs the projection {} does not let it go", projection.name());
            return Err(StoreError::Unavailable(reason).into());
        }
        let rebuilt = self.rebuild_own(projection, progress).await;
        self.views.disown(projection).await;
        rebuilt
    }

    async fn rebuild_own(&self, projection: Projection, mut progress: impl FnMut(u64)) -> Result<u64, AppError> {
        self.views.clear(projection).await?;
        let mut at = Checkpoint::default();
        let mut pages = self.pages_of_log();
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
