//! Messages that were kept and never judged, because a server went down in between: judged from the kept bytes, whether the bank sends them
//! again or not. And items that named no payment that was known, once it is.

use super::folder;
use super::long::Stopped;
use crate::app::App;
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::queries::Page;
use crate::domain::inbox::Inbox;
use crate::projections::inbox::MessageRow;
use crate::store::StoreError;
use crate::store::views::{LIST_LIMIT_MAX, MessageFilter};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Younger ones are being judged by whoever took them in; long ones take longer.
const AFTER_US: i64 = 60_000_000;
const AFTER_ITEM_US: i64 = 1_000;
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The tasks that look for them, and for banks' files. They stop when told to.
pub struct Finisher {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Finisher {
    /// Starts to look; into a folder too, if there is one.
    #[must_use]
    pub fn start(app: &Arc<App>, folder: Option<PathBuf>) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks = vec![tokio::spawn(look(Arc::clone(app), stop.subscribe()))];
        tasks.extend(folder.map(|folder| tokio::spawn(folder::watch(Arc::clone(app), folder, stop.subscribe()))));
        Self { stop, tasks }
    }

    /// Stops between two messages.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a task for banks' messages ended badly");
            }
        }
    }
}

async fn look(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let seen = stop.clone();
        if let Err(error) = app.judge_leftovers_until(&|| *seen.borrow()).await {
            tracing::warn!(error = %error, "left-over messages of banks wait");
        }
        match app.sweep_messages().await {
            Ok(0) => {}
            Ok(messages) => tracing::info!(messages, "what crashes left of banks' messages is swept"),
            Err(error) => tracing::warn!(error = %error, "what crashes left of banks' messages waits"),
        }
        if let Err(error) = app.judge_known_now().await {
            tracing::warn!(error = %error, "items of banks' messages whose payment may be known now wait");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl App {
    /// Judges what is left over. Answers how many messages.
    pub async fn judge_leftovers(&self) -> Result<u64, AppError> {
        self.judge_leftovers_until(&|| false).await
    }

    async fn judge_leftovers_until(&self, stopped: Stopped<'_>) -> Result<u64, AppError> {
        let filter = MessageFilter { unjudged: true, ..MessageFilter::default() };
        let (mut after, mut judged) = (0, 0);
        loop {
            let page = self.views.list_bank_messages(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            let old_enough = |row: &&MessageRow| {
                let items = i64::try_from(row.items).unwrap_or(i64::MAX);
                let after = AFTER_US.saturating_add(items.saturating_mul(AFTER_ITEM_US));
                row.received_at_us < self.clock.now_us().saturating_sub(after)
            };
            for row in page.iter().filter(old_enough) {
                if stopped() {
                    return Ok(judged);
                }
                match self.judge_leftover(row, stopped).await {
                    Ok(done) => judged += u64::from(done),
                    // Nothing can be judged now.
                    Err(error @ AppError::Store(StoreError::Unavailable(_))) => return Err(error),
                    // What is wrong with one keeps no other waiting.
                    Err(error) => {
                        tracing::error!(inbox.id = %row.inbox_id, error = %error, "a left-over message waits");
                    }
                }
            }
            after = page.last().map_or(after, |row| row.received_position);
            if page.len() < LIST_LIMIT_MAX as usize {
                return Ok(judged);
            }
        }
    }

    async fn judge_leftover(&self, row: &MessageRow, stopped: Stopped<'_>) -> Result<bool, AppError> {
        let Some((state, _)) = self.load::<Inbox>(&inbox_stream(row.inbox_id)).await? else { return Ok(false) };
        let Some(received) = state.received.filter(|_| state.applied.is_none()) else { return Ok(false) };
        let Some(known) = self.known_bank(&row.bank).await? else { return Ok(false) };
        let id = row.inbox_id;
        // Somebody in this process is at it.
        let Some(judging) = self.begin_judging(&row.bank, id) else { return Ok(false) };
        let Some(body) = self.kept_message(id, received.body_ref).await? else { return Ok(false) };
        self.give_verdicts((&row.bank, &known), id, &body, stopped).await?;
        drop(judging);
        tracing::info!(inbox.id = %id, "a message that was left over is judged");
        Ok(true)
    }
}
