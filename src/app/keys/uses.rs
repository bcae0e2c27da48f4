//! When keys were used last, and how often: kept in memory, and written down now and then, so that no request waits for it.

use crate::domain::audit::KeyUsed;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A key's last use is written down no more often than this.
const WRITTEN_EVERY_US: i64 = 5 * 60 * 1_000_000;
/// How often a key was used on a day is told no more often than this, after the first time.
const TOLD_EVERY_US: i64 = 3_600 * 1_000_000;

#[derive(Debug, Clone)]
struct Use {
    role: String,
    at_us: i64,
    /// The use that was written down last.
    written_us: Option<i64>,
    /// Uses that were not told of yet, and the first of them.
    count: u64,
    first_us: i64,
    /// The day that was told of last, and when.
    told: Option<(Date, i64)>,
}

/// The last uses of keys that are good: as many as there are of those.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<HashMap<String, Use>>);

impl Uses {
    pub(super) fn note(&self, key_id: &str, role: &str, at_us: i64) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = uses.get_mut(key_id) {
            last.at_us = last.at_us.max(at_us);
            if last.count == 0 {
                last.first_us = at_us;
            }
            last.count += 1;
        } else {
            let role = role.to_owned();
            let first = Use { role, at_us, written_us: None, count: 1, first_us: at_us, told: None };
            uses.insert(key_id.to_owned(), first);
        }
    }

    /// How often keys were used, where that is to be told by now: the first use of a day at once, more of them by the hour. They count as told.
    pub(super) fn counted(&self, day_of: impl Fn(i64) -> Date, now_us: i64, is_end: bool) -> Vec<KeyUsed> {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = Vec::new();
        for (key_id, one) in uses.iter_mut().filter(|(_, one)| one.count > 0) {
            let on = day_of(one.first_us);
            let is_fresh = |(day, at): (Date, i64)| day == on && now_us - at < TOLD_EVERY_US;
            if !is_end && day_of(now_us) == on && one.told.is_some_and(is_fresh) {
                continue;
            }
            told.push(KeyUsed { key_id: key_id.clone(), role: one.role.clone(), on, count: one.count });
            (one.count, one.told) = (0, Some((on, now_us)));
        }
        told.sort_by(|one, other| one.key_id.cmp(&other.key_id));
        told
    }

    /// What is to be written down by now, or all that is not, at the end.
    pub(super) fn due(&self, is_end: bool) -> Vec<(String, i64)> {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = |one: &Use| match one.written_us {
            None => true,
            Some(written) => one.at_us > written && (is_end || one.at_us - written >= WRITTEN_EVERY_US),
        };
        let mut all: Vec<_> =
            uses.iter().filter(|(_, one)| due(one)).map(|(key_id, one)| (key_id.clone(), one.at_us)).collect();
        all.sort();
        all
    }

    pub(super) fn written(&self, written: &[(String, i64)]) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key_id, at_us) in written {
            if let Some(one) = uses.get_mut(key_id) {
                one.written_us = Some(*at_us);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_use_of_a_day_is_told_at_once_and_more_by_the_hour() {
        let day_of =
            |us: i64| jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(us).unwrap()).date();
        let uses = Uses::default();
        let counts = |now, is_end| uses.counted(day_of, now, is_end).iter().map(|one| one.count).collect::<Vec<_>>();
        uses.note("k", "clerk", 10);
        assert_eq!(counts(11, false), [1]);
        for at in 20..30 {
            uses.note("k", "clerk", at);
        }
        assert_eq!(counts(40, false), [0; 0]);
        assert_eq!(counts(11 + TOLD_EVERY_US, false), [10]);
        uses.note("k", "clerk", 12 + TOLD_EVERY_US);
        assert_eq!(counts(13 + TOLD_EVERY_US, true), [1], "the end tells all");
        // What was used before midnight is of the day before, and told when it is over.
        let midnight = 86_400_000_000;
        uses.note("k", "clerk", midnight - 1);
        let told = uses.counted(day_of, midnight + 1, false);
        assert_eq!((told.len(), told[0].on), (1, day_of(0)));
        uses.note("k", "clerk", midnight + 2);
        assert_eq!(counts(midnight + 3, false), [1], "the first of the new day");
    }

    #[test]
    fn a_use_is_written_at_once_and_then_every_few_minutes() {
        let uses = Uses::default();
        uses.note("k", "clerk", 10);
        let first = uses.due(false);
        assert_eq!(first, [("k".to_owned(), 10)]);
        uses.written(&first);
        uses.note("k", "clerk", 10 + WRITTEN_EVERY_US - 1);
        assert_eq!(uses.due(false), []);
        assert_eq!(uses.due(true).len(), 1, "the end writes all");
        uses.note("k", "clerk", 10 + WRITTEN_EVERY_US);
        assert_eq!(uses.due(false), [("k".to_owned(), 10 + WRITTEN_EVERY_US)]);
    }
}
