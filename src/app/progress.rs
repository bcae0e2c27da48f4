//! How far each projection has come, for those who wait for it and for /readyz.

use crate::app::error::AppError;
use std::time::Duration;
use tokio::sync::watch;

/// How long a read waits for `min_position`.
pub const WAIT_MAX: Duration = Duration::from_secs(5);

/// Where one projection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionProgress {
    pub name: &'static str,
    pub position: u64,
    /// Why it stopped, if it did.
    pub error: Option<String>,
}

/// All projections of a log.
#[derive(Debug)]
pub struct Progress {
    sender: watch::Sender<Vec<ProjectionProgress>>,
    /// The furthest position that a reader has waited for.
    wanted: watch::Sender<u64>,
}

impl Progress {
    #[must_use]
    pub fn new(names: &[&'static str]) -> Self {
        let all = names.iter().map(|name| ProjectionProgress { name, position: 0, error: None }).collect();
        Self { sender: watch::Sender::new(all), wanted: watch::Sender::new(0) }
    }

    /// Something else that follows the log, as projections do.
    pub fn follow(&self, name: &'static str) {
        self.sender.send_modify(|all| {
            if all.iter().all(|progress| progress.name != name) {
                all.push(ProjectionProgress { name, position: 0, error: None });
            }
        });
    }

    /// A projection came to a position.
    pub fn reached(&self, name: &str, position: u64) {
        self.update(name, |progress| {
            progress.position = position;
            progress.error = None;
        });
    }

    /// A projection stopped.
    pub fn stopped(&self, name: &str, error: String) {
        self.update(name, |progress| progress.error = Some(error));
    }

    fn update(&self, name: &str, change: impl FnOnce(&mut ProjectionProgress)) {
        self.sender.send_modify(|all| {
            if let Some(progress) = all.iter_mut().find(|progress| progress.name == name) {
                change(progress);
            }
        });
    }

    /// All of them, as they stand.
    #[must_use]
    pub fn snapshot(&self) -> Vec<ProjectionProgress> {
        self.sender.borrow().clone()
    }

    /// Woken whenever one of them moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Vec<ProjectionProgress>> {
        self.sender.subscribe()
    }

    /// Returns when a reader waits, or has waited, for more than a position: then there is no reason to let events gather.
    pub async fn wanted_beyond(&self, position: u64) {
        // The sender lives as long as we do.
        let mut wanted = self.wanted.subscribe();
        let _ended = wanted.wait_for(|wanted| *wanted > position).await;
    }

    /// Waits until a projection has come to a position. `WAIT_MAX` at most.
    pub async fn wait_for(&self, name: &'static str, position: u64) -> Result<u64, AppError> {
        self.wanted.send_if_modified(|wanted| {
            let further = position > *wanted;
            *wanted = position.max(*wanted);
            further
        });
        let mut receiver = self.sender.subscribe();
        let of = |all: &[ProjectionProgress]| all.iter().find(|p| p.name == name).cloned();
        let arrived = receiver.wait_for(|all| of(all).is_none_or(|p| p.position >= position || p.error.is_some()));
        let waited = tokio::time::timeout(WAIT_MAX, arrived).await.map(|result| result.is_ok());
        if waited.is_err() {
            // Nobody waits for it any more, and perhaps it will never be.
            self.wanted.send_if_modified(|wanted| std::mem::take(wanted) > 0);
        }
        let now = of(&self.sender.borrow());
        match (now, waited) {
            (Some(ProjectionProgress { error: Some(reason), .. }), _) => {
                Err(AppError::ProjectionStopped { name, reason })
            }
            (Some(progress), Ok(true)) => Ok(progress.position),
            (Some(progress), _) => Err(AppError::NotCaughtUp { at: progress.position, asked: position }),
            (None, _) => Err(AppError::Internal(format!("no projection {name}"))),
        }
    }
}
