//! How far a group has come: which events it has read and not settled, and when its place is worth writing down.

use super::settings::GroupSettings;
use std::collections::BTreeSet;

/// So many events that nobody wanted are a reason to write the place down too.
const PASSED_MAX: u64 = 10_000;

/// The way through the source.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The first place that was not read.
    next: u64,
    /// Read and not settled.
    open: BTreeSet<u64>,
    /// The first place that is not settled, as last written down.
    written: u64,
    written_at_us: i64,
    /// Settled, and passed over, since then.
    settled: u64,
    passed: u64,
}

impl Progress {
    /// From a place on, all before it being settled.
    #[must_use]
    pub const fn from(next: u64, now_us: i64) -> Self {
        Self { next, open: BTreeSet::new(), written: next, written_at_us: now_us, settled: 0, passed: 0 }
    }

    /// The first place that was not read.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn read(&mut self, place: u64) {
        assert!(!cfg!(unoptimized) || place >= self.next, "the source is read in order");
        self.open.insert(place);
        self.next = place + 1;
    }

    /// Nobody is to be given the event at this place, or those up to it.
    pub(super) fn pass(&mut self, place: u64) {
        self.passed += 1;
        self.next = self.next.max(place + 1);
    }

    pub(super) fn settle(&mut self, place: u64) {
        if self.open.remove(&place) {
            self.settled += 1;
        }
    }

    /// The first place that is not settled.
    #[must_use]
    pub fn settled_before(&self) -> u64 {
        self.open.first().copied().unwrap_or(self.next)
    }

    /// What was last written down.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// The place to write down now, if it is worth it.
    #[must_use]
    pub fn due(&self, settings: &GroupSettings, now_us: i64) -> Option<u64> {
        let place = self.settled_before();
        let waited = now_us.saturating_sub(self.written_at_us) >= settings.checkpoint_after_us();
        let is_due = self.settled >= u64::from(settings.max_checkpoint_count.max(1))
            || (waited && self.settled >= u64::from(settings.min_checkpoint_count.max(1)))
            || self.passed >= PASSED_MAX;
        (is_due && place > self.written).then_some(place)
    }

    /// The place was written down.
    pub fn wrote(&mut self, place: u64, now_us: i64) {
        (self.written, self.written_at_us, self.settled, self.passed) = (place, now_us, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(min: u32, max: u32) -> GroupSettings {
        GroupSettings { min_checkpoint_count: min, max_checkpoint_count: max, ..GroupSettings::default() }
    }

    fn read(count: u64) -> Progress {
        let mut progress = Progress::from(0, 0);
        (0..count).for_each(|place| progress.read(place));
        progress
    }

    #[test]
    fn the_place_stops_before_what_is_open() {
        let mut progress = read(4);
        for place in [0, 1, 3] {
            progress.settle(place);
        }
        assert_eq!(progress.settled_before(), 2);
        progress.settle(2);
        assert_eq!(progress.settled_before(), 4);
    }

    #[test]
    fn few_events_wait_for_their_time_and_many_do_not() {
        let mut progress = read(6);
        progress.settle(0);
        progress.settle(1);
        let later = settings(1, 1).checkpoint_after_us();
        assert_eq!(progress.due(&settings(2, 5), later - 1), None);
        assert_eq!(progress.due(&settings(2, 5), later), Some(2));
        assert_eq!(progress.due(&settings(3, 5), later), None, "too few, however long it takes");
        (2..5).for_each(|place| progress.settle(place));
        assert_eq!(progress.due(&settings(10, 5), 0), Some(5));
        progress.wrote(5, 0);
        assert_eq!(progress.due(&settings(1, 1), later), None);
    }

    #[test]
    fn what_nobody_wants_moves_the_place_too() {
        let mut progress = Progress::from(1, 0);
        (1..PASSED_MAX).for_each(|place| progress.pass(place));
        assert_eq!(progress.due(&settings(1, 1), i64::MAX), None);
        progress.pass(PASSED_MAX);
        assert_eq!(progress.due(&settings(1, 1), 0), Some(PASSED_MAX + 1));
    }
}
