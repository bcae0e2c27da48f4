//! When keys were used last: kept in memory, and written down now and then, so that no request waits for it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A key's last use is written down no more often than this.
const WRITTEN_EVERY_US: i64 = 5 * 60 * 1_000_000;

#[derive(Debug, Clone, Copy)]
struct Use {
    at_us: i64,
    /// The use that was written down last.
    written_us: Option<i64>,
}

/// The last uses of keys that are good: as many as there are of those.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<HashMap<String, Use>>);

impl Uses {
    pub(super) fn note(&self, key_id: &str, at_us: i64) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = uses.get_mut(key_id) {
            last.at_us = last.at_us.max(at_us);
        } else {
            uses.insert(key_id.to_owned(), Use { at_us, written_us: None });
        }
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
    fn a_use_is_written_at_once_and_then_every_few_minutes() {
        let uses = Uses::default();
        uses.note("k", 10);
        let first = uses.due(false);
        assert_eq!(first, [("k".to_owned(), 10)]);
        uses.written(&first);
        uses.note("k", 10 + WRITTEN_EVERY_US - 1);
        assert_eq!(uses.due(false), []);
        assert_eq!(uses.due(true).len(), 1, "the end writes all");
        uses.note("k", 10 + WRITTEN_EVERY_US);
        assert_eq!(uses.due(false), [("k".to_owned(), 10 + WRITTEN_EVERY_US)]);
    }
}
