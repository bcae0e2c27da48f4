//! The process that sends: of several servers on one database one does, and when it dies another one goes on. It keeps a line to each endpoint.

use super::line::{Line, LineError, Next};
use super::sender::Sender;
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::ids::WebhookId;
use crate::domain::webhook::WebhookStatus;
use crate::store::views::Task;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often it looks which endpoints there are, and whether it is still its turn.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long events gather before lines look at them.
const GATHER_FOR: Duration = Duration::from_millis(50);
/// How long a server that stops waits for its lines.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// How long a line that broke waits before it begins again.
const BEGIN_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Sends until it is told to stop.
pub struct Deliverer {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Deliverer {
    /// Begins to send.
    #[must_use]
    pub fn start(app: &Arc<App>, sender: Arc<dyn Sender>) -> Self {
        let stop = watch::Sender::new(false);
        let task = tokio::spawn(run(Arc::clone(app), sender, stop.subscribe()));
        Self { stop, task }
    }

    /// Stops: a message that is on its way is sent again by whoever goes on.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(error = %error, "the task that sends to webhooks ended badly");
        }
    }

    /// Ends at once, as when the process dies: nobody is told.
    pub fn kill(self) {
        self.task.abort();
    }
}

/// Lines end with whoever keeps them.
#[derive(Default)]
struct Lines(HashMap<WebhookId, JoinHandle<()>>);

impl Lines {
    fn end_all_but(&mut self, kept: &BTreeSet<WebhookId>) {
        self.0.retain(|id, task| {
            let stays = kept.contains(id) && !task.is_finished();
            if !stays {
                task.abort();
            }
            stays
        });
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.end_all_but(&BTreeSet::new());
    }
}

async fn run(app: Arc<App>, sender: Arc<dyn Sender>, mut stop: watch::Receiver<bool>) {
    let (mut head, mut woken) = (app.store.watch_head(), app.webhooks.woken());
    let (nudge, mut lines) = (watch::Sender::new(()), Lines::default());
    let mut must_look = true;
    while !*stop.borrow() {
        if std::mem::take(&mut must_look) {
            match active(&app).await {
                Ok(active) => keep(&mut lines, &active, (&app, &sender, &nudge, &stop)),
                Err(error) => {
                    lines.end_all_but(&BTreeSet::new());
                    tracing::warn!(error = %error, "webhooks wait for the store");
                }
            }
        }
        tokio::select! {
            _ = stop.changed() => {}
            _ = woken.changed() => {
                must_look = true;
                nudge.send_replace(());
            }
            () = tokio::time::sleep(LOOK_EVERY) => must_look = true,
            _ = head.changed() => {
                tokio::select! {
                    _ = stop.changed() => {}
                    () = tokio::time::sleep(GATHER_FOR) => {}
                }
                nudge.send_replace(());
            }
        }
    }
    // Each writes down what was taken; one whose endpoint does not answer is not waited for.
    let ends = futures_util::future::join_all(lines.0.values_mut());
    let _ended_or_not = tokio::time::timeout(STOP_WITHIN, ends).await;
    drop(lines);
    app.views.disown_task(Task::Delivery).await;
}

/// The endpoints that are to be told by this process now.
async fn active(app: &App) -> Result<BTreeSet<WebhookId>, AppError> {
    if !app.views.own_task(Task::Delivery).await? {
        return Ok(BTreeSet::new());
    }
    let held = app.held_webhooks().await?;
    let active = held.into_iter().filter_map(|(state, _)| state.registered);
    Ok(active.filter(|own| own.status == WebhookStatus::Active).map(|own| own.webhook_id).collect())
}

fn keep(
    lines: &mut Lines,
    active: &BTreeSet<WebhookId>,
    (app, sender, nudge, stop): (&Arc<App>, &Arc<dyn Sender>, &watch::Sender<()>, &watch::Receiver<bool>),
) {
    lines.end_all_but(active);
    for id in active {
        lines.0.entry(*id).or_insert_with(|| {
            let parts = (Arc::clone(app), Arc::clone(sender));
            tokio::spawn(follow(parts, *id, (nudge.subscribe(), stop.clone())))
        });
    }
}

/// One line, begun again whenever it breaks.
async fn follow(
    parts: (Arc<App>, Arc<dyn Sender>),
    id: WebhookId,
    (mut nudge, mut stop): (watch::Receiver<()>, watch::Receiver<bool>),
) {
    while !*stop.borrow() {
        let ended = match Line::begin(parts.clone(), id, stop.clone()).await {
            Ok(line) => go_along(&parts.0, line, (&mut nudge, &mut stop)).await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => return,
            Err(error @ (LineError::App(AppError::Store(_)) | LineError::Lost)) => {
                tracing::warn!(webhook.id = %id, error = %error, "a webhook waits");
            }
            Err(error @ LineError::App(_)) => {
                tracing::error!(webhook.id = %id, error = %error, "a webhook cannot be told");
            }
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(BEGIN_AGAIN_AFTER) => {}
        }
    }
}

/// Round after round, until it breaks or is to stop.
async fn go_along(
    app: &App,
    mut line: Line,
    (nudge, stop): (&mut watch::Receiver<()>, &mut watch::Receiver<bool>),
) -> Result<(), LineError> {
    while !*stop.borrow() {
        nudge.borrow_and_update();
        let wait = match line.round().await? {
            Next::AtOnce => continue,
            Next::At(at_us) => {
                let us = at_us.saturating_sub(app.clock.now_us());
                // At least a little: a repeat that is due at once is not a loop.
                Duration::from_micros(u64::try_from(us).unwrap_or(0)).max(Duration::from_millis(1))
            }
            Next::Recorded => Duration::MAX,
        };
        tokio::select! {
            _ = nudge.changed() => {}
            _ = stop.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    Ok(())
}
