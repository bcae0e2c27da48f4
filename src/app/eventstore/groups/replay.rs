//! How far the replay of parked events has come. What is replayed stays parked until it is settled.

use std::collections::BTreeSet;

/// The way through the stream of parked events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The next one to read.
    next: u64,
    /// What lies from here on is not replayed.
    before: u64,
    open: BTreeSet<u64>,
    /// The first that is parked and not settled, as last written down.
    written: u64,
}

impl Replay {
    /// All before `from` is settled; what lies before `before` is to be replayed.
    #[must_use]
    pub fn new(from: u64, before: u64) -> Self {
        Self { next: from, before: before.max(from), open: BTreeSet::new(), written: from }
    }

    /// Replays up to a number.
    pub fn extend(&mut self, before: u64) {
        self.before = self.before.max(before);
    }

    /// The next one to read, if there is any.
    #[must_use]
    pub fn wanted(&self) -> Option<(u64, u64)> {
        (self.next < self.before).then_some((self.next, self.before))
    }

    /// The first number that is not to be replayed.
    #[must_use]
    pub const fn before(&self) -> u64 {
        self.before
    }

    pub(super) fn read(&mut self, number: u64) {
        self.open.insert(number);
        self.next = number + 1;
    }

    pub(super) fn pass(&mut self, number: u64) {
        self.next = self.next.max(number + 1);
    }

    pub(super) fn settle(&mut self, number: u64) {
        self.open.remove(&number);
    }

    /// All before it is settled.
    #[must_use]
    pub fn settled_before(&self) -> u64 {
        self.open.first().copied().unwrap_or(self.next)
    }

    /// What is to be written down: at the end of a replay, or at any time.
    #[must_use]
    pub fn due(&self, at_once: bool) -> Option<u64> {
        let is_over = self.open.is_empty() && self.next >= self.before;
        let settled = self.settled_before();
        ((is_over || at_once) && settled > self.written).then_some(settled)
    }

    pub const fn wrote(&mut self, number: u64) {
        self.written = number;
    }
}
