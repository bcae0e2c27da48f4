//! Refusals, counted until they are told of: at once the first time, then once a minute for each key, operation and address, and never more
//! lines than a few dozen a minute, however many ask.

use crate::domain::audit::AccessRefused;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// One line of a refusal no more often than this.
const TOLD_EVERY_US: i64 = 60 * 1_000_000;
/// So many are told apart at a time; the others are counted together, by code.
const APART_MAX: usize = 60;

/// What refusals are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    /// An operation's id, or a page's method and path template.
    pub operation: Option<String>,
    pub key_id: Option<String>,
    /// A keyed hash: nobody's address is kept.
    pub address_hash: Option<String>,
}

#[derive(Debug, Default)]
struct Counted {
    count: u64,
    first_us: i64,
    last_us: i64,
    told_us: Option<i64>,
}

/// Those of one process.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<Refusal, Counted>>);

impl Refusals {
    /// Counts one.
    pub fn note(&self, refusal: Refusal, now_us: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = if all.len() < APART_MAX || all.contains_key(&refusal) {
            refusal
        } else {
            Refusal { operation: None, key_id: None, address_hash: None, ..refusal }
        };
        let counted = all.entry(refusal).or_default();
        if counted.count == 0 {
            counted.first_us = now_us;
        }
        (counted.count, counted.last_us) = (counted.count + 1, now_us);
    }

    /// What is to be told by now, or all of it at the end; it counts as told.
    pub fn due(&self, now_us: i64, is_end: bool) -> Vec<AccessRefused> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        for (refusal, counted) in all.iter_mut().filter(|(_, counted)| counted.count > 0) {
            if is_end || counted.told_us.is_none_or(|told| now_us - told >= TOLD_EVERY_US) {
                due.push(told(refusal, counted));
                (counted.count, counted.told_us) = (0, Some(now_us));
            }
        }
        all.retain(|_, counted| counted.count > 0 || counted.told_us.is_some_and(|told| now_us - told < TOLD_EVERY_US));
        due
    }
}

fn told(refusal: &Refusal, counted: &Counted) -> AccessRefused {
    let at = |us: i64| Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
    AccessRefused {
        status: refusal.status,
        code: refusal.code.to_owned(),
        operation: refusal.operation.clone(),
        key_id: refusal.key_id.clone(),
        address_hash: refusal.address_hash.clone(),
        count: counted.count,
        first_at: at(counted.first_us),
        last_at: at(counted.last_us),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(address: usize) -> Refusal {
        Refusal {
            status: 401,
            code: "unauthenticated",
            operation: Some("listPayments".to_owned()),
            key_id: None,
            address_hash: Some(address.to_string()),
        }
    }

    #[test]
    fn the_first_refusal_is_told_at_once_and_more_of_it_a_minute_later() {
        let refusals = Refusals::default();
        refusals.note(refusal(1), 5);
        assert_eq!(refusals.due(6, false).len(), 1);
        for at in 7..107 {
            refusals.note(refusal(1), at);
        }
        assert_eq!(refusals.due(200, false), []);
        let later = refusals.due(6 + TOLD_EVERY_US, false);
        assert_eq!((later.len(), later[0].count), (1, 100));
        assert_eq!(later[0].first_at.as_microsecond(), 7);
        assert_eq!(refusals.due(6 + 2 * TOLD_EVERY_US, false), []);
        assert!(refusals.0.lock().unwrap().is_empty(), "what is quiet is forgotten");
    }

    #[test]
    fn an_attacker_with_many_addresses_makes_a_bounded_number_of_lines_and_none_is_lost() {
        let refusals = Refusals::default();
        for address in 0..10_000 {
            refusals.note(refusal(address), 5);
        }
        let told = refusals.due(6, false);
        assert!(told.len() <= APART_MAX + 1, "{}", told.len());
        assert_eq!(told.iter().map(|one| one.count).sum::<u64>(), 10_000);
        let lump = told.iter().find(|one| one.address_hash.is_none()).unwrap();
        assert_eq!(lump.operation, None);
    }

    #[test]
    fn the_end_tells_all() {
        let refusals = Refusals::default();
        refusals.note(refusal(1), 5);
        refusals.due(6, false);
        refusals.note(refusal(1), 7);
        assert_eq!(refusals.due(8, true).len(), 1);
    }
}
