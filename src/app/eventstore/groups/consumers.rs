//! One consumer of a group, as the rules see it: what it may have and what it has.

use super::machine::Place;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A consumer's number, not used again while the server runs.
pub type ConsumerId = u64;

/// One who takes events.
#[derive(Debug, Clone)]
pub struct Consumer {
    pub id: ConsumerId,
    /// As many events as it has at most.
    pub buffer: usize,
    /// What it has and has not settled.
    pub in_flight: BTreeMap<Uuid, Place>,
    /// Gets no more.
    pub is_stopped: bool,
    /// Events that it was given.
    pub total: u64,
    /// The same, since somebody last asked.
    pub since_asked: u64,
}

impl Consumer {
    #[must_use]
    pub const fn new(id: ConsumerId, buffer: usize) -> Self {
        Self { id, buffer, in_flight: BTreeMap::new(), is_stopped: false, total: 0, since_asked: 0 }
    }

    /// Whether it can be given an event. Of two events with one id it has one at a time: its answer could mean either.
    #[must_use]
    pub fn takes(&self, id: Uuid) -> bool {
        !self.is_stopped && self.in_flight.len() < self.buffer && !self.in_flight.contains_key(&id)
    }

    pub(super) fn give(&mut self, id: Uuid, place: Place) {
        self.in_flight.insert(id, place);
        self.total += 1;
        self.since_asked += 1;
    }
}
