//! Targets of a unit: what rate it is to reach by when, of whom, and by which law. Stream `target-<unit key>`.

mod decide;
pub mod event;

pub use decide::{INDICATORS, TargetCommand, TargetRefusal, decide};
pub use event::{TargetEvent, TargetScope, TargetSet, TargetWithdrawn};

use crate::domain::ids::TargetId;

/// A unit's targets, in the order in which they were set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    /// Those that are in force.
    pub set: Vec<TargetSet>,
    /// Those that were taken back.
    pub withdrawn: Vec<TargetId>,
}

impl Targets {
    /// Applies one event.
    pub fn evolve(&mut self, event: &TargetEvent) {
        match event {
            TargetEvent::Set(target) => self.set.push(target.clone()),
            TargetEvent::Withdrawn(withdrawn) => {
                self.set.retain(|target| target.target_id != withdrawn.target_id);
                self.withdrawn.push(withdrawn.target_id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
