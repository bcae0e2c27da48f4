//! Keeps a served log signed and cosigned: looks each second whether a checkpoint is due, and asks the witnesses that have not answered.

use super::sign::{SignError, When};
use super::witnesses::AskedWitness;
use crate::app::App;
use crate::projections::Projection;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The name in /readyz.
pub const NAME: &str = "checkpoints";
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Witnesses that do not answer are asked less and less often, up to this pause.
const ASK_AGAIN_MAX: Duration = Duration::from_mins(1);

/// The tasks that sign and ask. They stop when this is dropped or told to.
pub struct Keeper {
    stop: watch::Sender<bool>,
    app: Arc<App>,
    witnesses: Vec<Arc<AskedWitness>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Keeper {
    /// Starts to sign, and to ask these witnesses.
    #[must_use]
    pub fn start(app: &Arc<App>, witnesses: Vec<Arc<AskedWitness>>) -> Self {
        app.progress.follow(NAME);
        let stop = watch::Sender::new(false);
        let mut tasks = vec![tokio::spawn(keep(Arc::clone(app), stop.subscribe()))];
        if !witnesses.is_empty() {
            tasks.push(tokio::spawn(ask(Arc::clone(app), witnesses.clone(), stop.subscribe())));
        }
        Self { stop, app: Arc::clone(app), witnesses, tasks }
    }

    /// Signs what is not signed yet, has it cosigned once more, and stops. The projections must still run.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "the task that signs checkpoints ended badly");
            }
        }
        if !self.witnesses.is_empty() {
            ask_once(&self.app, &self.witnesses, &mut BTreeMap::new()).await;
        }
    }
}

async fn keep(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut said = String::new();
    while !*stop.borrow() {
        look(&app, When::Due, &mut said).await;
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    // A server that stops leaves nothing unsigned, if its tree can come so far in time.
    if let Ok(head) = app.store.head().await {
        let _as_far_as_it_came = app.follow_up_to(Projection::Tree, head.position).await;
    }
    look(&app, When::Now, &mut said).await;
}

/// Signs if it is time, and says once what is in the way.
async fn look(app: &App, when: When, said: &mut String) {
    match app.sign_checkpoint(when).await {
        Ok(_) => {
            said.clear();
            if let Ok(Some(last)) = app.registry.last_checkpoint(false).await {
                app.progress.reached(NAME, last.size);
            }
        }
        Err(SignError::App(error)) => tracing::warn!(error = %error, "a checkpoint waits"),
        Err(SignError::Contradiction(reason)) => {
            app.progress.stopped(NAME, reason.clone());
            if *said != reason {
                tracing::error!(reason, "no checkpoint is signed: {reason}");
                *said = reason;
            }
        }
    }
}

async fn ask(app: Arc<App>, witnesses: Vec<Arc<AskedWitness>>, mut stop: watch::Receiver<bool>) {
    let (mut said, mut pause) = (BTreeMap::new(), LOOK_EVERY);
    while !*stop.borrow() {
        let all_answered = ask_once(&app, &witnesses, &mut said).await;
        pause = if all_answered { LOOK_EVERY } else { (pause * 2).min(ASK_AGAIN_MAX) };
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Asks, and says once of each witness what is in the way. Answers whether nothing is.
async fn ask_once(app: &App, witnesses: &[Arc<AskedWitness>], said: &mut BTreeMap<String, String>) -> bool {
    let missing = match app.ask_witnesses(witnesses).await {
        Ok(missing) => missing,
        Err(error) => {
            tracing::warn!(error = %error, "witnesses wait for the store");
            return false;
        }
    };
    said.retain(|witness, _| missing.iter().any(|(name, _)| name == witness));
    for (witness, error) in &missing {
        let reason = error.to_string();
        if said.get(witness) == Some(&reason) {
            continue;
        }
        if error.is_contradiction() {
            tracing::error!(witness, reason, "a witness does not cosign: {reason}");
        } else {
            tracing::warn!(witness, reason, "a witness does not cosign yet: {reason}");
        }
        said.insert(witness.clone(), reason);
    }
    missing.is_empty()
}
