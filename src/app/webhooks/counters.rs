//! What this process sent, counted since it began.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts, each of which only grows.
#[derive(Debug, Default)]
pub struct Counters {
    delivered: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    switched_off: AtomicU64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Tries that the endpoint took.
    Delivered,
    /// Tries that it did not take.
    Failed,
    /// Messages that are not tried any more.
    GivenUp,
    /// Endpoints that were switched off because they are gone, or failed for too long.
    SwitchedOff,
}

impl Counters {
    fn of(&self, what: Counted) -> &AtomicU64 {
        match what {
            Counted::Delivered => &self.delivered,
            Counted::Failed => &self.failed,
            Counted::GivenUp => &self.given_up,
            Counted::SwitchedOff => &self.switched_off,
        }
    }

    pub(super) fn add(&self, what: Counted) {
        self.of(what).fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self, what: Counted) -> u64 {
        self.of(what).load(Ordering::Relaxed)
    }
}
