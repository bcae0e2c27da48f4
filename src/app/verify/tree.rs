//! The tree of the walk by position: each checkpoint, stored or brought from outside, against the root of the events as they are.

use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::error::AppError;
use crate::proof::tree::empty_root;
use crate::proof::{Checkpoint, Frontier, Hash, Verifier};
use crate::store::checkpoints::StoredCheckpoint;
use crate::store::registry::Registry;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many stored checkpoints are read at a time: no page of the walk passes more sizes.
const READ_MAX: u32 = 5_000;

/// A checkpoint from outside, whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where it comes from, for messages.
    pub name: String,
    pub checkpoint: Checkpoint,
}

/// The tree so far, and what it is still to be compared with.
pub(super) struct TreeCheck {
    frontier: Frontier,
    given: VecDeque<Given>,
    stored: VecDeque<StoredCheckpoint>,
    registry: Arc<dyn Registry>,
    /// `None` as long as there is no checkpoint that it could have signed.
    log: Option<Verifier>,
    /// Up to which size stored checkpoints were read.
    read_to: u64,
    pub checked: u64,
}

impl TreeCheck {
    pub async fn new(app: &App, mut given: Vec<Given>) -> Result<Self, AppError> {
        given.retain(|given| given.checkpoint.size > 0 || given.checkpoint.root != empty_root());
        given.sort_by_key(|given| given.checkpoint.size);
        let any = app.registry.last_checkpoint(false).await?.is_some();
        let log = if any { Some(app.log_signer().await?.verifier().clone()) } else { None };
        Ok(Self {
            frontier: Frontier::default(),
            given: given.into(),
            stored: VecDeque::new(),
            registry: Arc::clone(&app.registry),
            log,
            read_to: 0,
            checked: 0,
        })
    }

    /// Reads the stored checkpoints of sizes up to a position that the walk is about to pass.
    pub async fn read_to(&mut self, position: u64) -> Result<(), AppError> {
        if self.log.is_some() && position > self.read_to {
            let read = self.registry.checkpoints_after(self.read_to, READ_MAX).await?;
            self.stored.extend(read.into_iter().take_while(|checkpoint| checkpoint.size <= position));
            self.read_to = position;
        }
        Ok(())
    }

    /// The walk has come to an event. What is compared has this event as its last.
    pub fn push(&mut self, position: u64, leaf: Hash, findings: &mut Findings) {
        self.frontier.push(leaf);
        while let Some(stored) = self.stored.pop_front_if(|stored| stored.size <= position) {
            self.checked += 1;
            if let Some(problem) = self.problem_of(&stored) {
                findings.add(Finding { position: Some(stored.size), ..Finding::of(Check::Checkpoints, problem) });
            }
        }
        while let Some(given) = self.given.pop_front_if(|given| given.checkpoint.size <= position) {
            if let Some(problem) = self.differs(&given.checkpoint) {
                let message = format!("{}: {problem}", given.name);
                findings
                    .add(Finding { position: Some(given.checkpoint.size), ..Finding::of(Check::Checkpoints, message) });
            }
        }
    }

    fn problem_of(&self, stored: &StoredCheckpoint) -> Option<String> {
        let log = self.log.as_ref()?;
        let opened = std::str::from_utf8(&stored.note).ok().and_then(|note| Checkpoint::open(note, log).ok());
        match opened {
            Some((checkpoint, _)) if checkpoint.size == stored.size => {
                self.differs(&checkpoint).map(|problem| format!("the stored checkpoint: {problem}"))
            }
            _ => Some("the stored checkpoint is not one that the log's key signed".to_owned()),
        }
    }

    fn differs(&self, checkpoint: &Checkpoint) -> Option<String> {
        let same = self.frontier.size() == checkpoint.size && self.frontier.root() == checkpoint.root;
        (!same).then(|| {
            format!(
                "the first {} events are not those that were signed: something was changed, put in or left out",
                checkpoint.size
            )
        })
    }

    /// The walk is over: what is left was signed over more events than there are.
    pub async fn finish(mut self, app: &App, findings: &mut Findings) -> Result<u64, AppError> {
        // Signed meanwhile, over events appended meanwhile: the head is read after it.
        let last = if self.log.is_some() { self.registry.last_checkpoint(false).await? } else { None };
        let head = app.store.head().await?.position;
        let cut = |name: &str, size: u64| {
            let message =
                format!("{name}: {size} events were signed, and the log ends at {head}: it was cut or put back");
            Finding { position: Some(head), ..Finding::of(Check::Checkpoints, message) }
        };
        if let Some(last) = last.filter(|last| last.size > head) {
            findings.add(cut("the stored checkpoint", last.size));
        }
        for given in std::mem::take(&mut self.given) {
            let size = given.checkpoint.size;
            if size > head {
                findings.add(cut(&given.name, size));
            } else {
                let message =
                    format!("{}: the log grew past {size} events while it was checked; check again", given.name);
                findings.add(Finding::of(Check::Checkpoints, message));
            }
        }
        Ok(self.checked)
    }
}
