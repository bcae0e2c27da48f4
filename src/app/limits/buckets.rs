//! Rates of many callers, each counted alone: so many a second on the average, and so many at once. Told by one number for each caller, the
//! time at which he would be even (the generic cell rate algorithm).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Callers that are remembered at most.
const CALLERS_MAX: usize = 100_000;
const SECOND_US: u64 = 1_000_000;

/// So many a second, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_second: u32,
    pub burst: u32,
}

/// The callers of one kind.
pub struct Buckets<K> {
    /// Microseconds that one request is worth.
    each_us: u64,
    /// How far ahead of the time a caller may be.
    ahead_max_us: u64,
    begun: Instant,
    even_at_us: Mutex<HashMap<K, u64>>,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let each_us = (SECOND_US / u64::from(rate.per_second.max(1))).max(1);
        let ahead_max_us = each_us * u64::from(rate.burst.max(1) - 1);
        Self { each_us, ahead_max_us, begun: Instant::now(), even_at_us: Mutex::default() }
    }

    /// Counts one more of a caller, or answers after how many seconds he may come again.
    pub fn take(&self, caller: &K) -> Result<(), u64> {
        self.take_at(caller, self.now_us())
    }

    /// Whether one more would be taken now.
    pub fn look(&self, caller: &K) -> Result<(), u64> {
        self.look_at(caller, self.now_us())
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn look_at(&self, caller: &K, now_us: u64) -> Result<(), u64> {
        let held = self.even_at_us.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(caller).map_or(Ok(()), |even_at_us| self.ahead(*even_at_us, now_us))
    }

    fn take_at(&self, caller: &K, now_us: u64) -> Result<(), u64> {
        let mut held = self.even_at_us.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(even_at_us) = held.get_mut(caller) {
            self.ahead(*even_at_us, now_us)?;
            *even_at_us = now_us.max(*even_at_us) + self.each_us;
            return Ok(());
        }
        if held.len() >= CALLERS_MAX {
            held.retain(|_, even_at_us| *even_at_us > now_us);
        }
        if held.len() >= CALLERS_MAX {
            held.clear();
        }
        held.insert(caller.clone(), now_us + self.each_us);
        Ok(())
    }

    fn ahead(&self, even_at_us: u64, now_us: u64) -> Result<(), u64> {
        let over_us = even_at_us.saturating_sub(now_us).saturating_sub(self.ahead_max_us);
        if over_us == 0 { Ok(()) } else { Err(over_us.div_ceil(SECOND_US)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_is_taken_and_then_one_for_each_interval() {
        let buckets = Buckets::new(Rate { per_second: 10, burst: 3 });
        let at = |ms: u64| buckets.take_at(&"a", ms * 1_000).is_ok();
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert_eq!([at(99), at(100), at(100), at(250)], [false, true, false, true]);
        assert_eq!(buckets.take_at(&"b", 250_000), Ok(()), "another caller is counted alone");
        let slow = Buckets::new(Rate { per_second: 1, burst: 5 });
        (0..5).for_each(|_| assert_eq!(slow.take_at(&"a", 0), Ok(())));
        assert_eq!((slow.look_at(&"a", 0), slow.take_at(&"a", 999_999)), (Err(1), Err(1)));
        assert_eq!(slow.take_at(&"a", 1_000_000), Ok(()));
    }

    #[test]
    fn no_more_callers_are_remembered_than_so_many() {
        let buckets = Buckets::new(Rate { per_second: 1, burst: 1 });
        (0..=CALLERS_MAX).for_each(|caller| assert_eq!(buckets.take_at(&caller, 0), Ok(())));
        assert!(buckets.even_at_us.lock().unwrap().len() <= CALLERS_MAX);
    }

    proptest! {
        /// Whatever the times: in no stretch more is taken than the burst and what the rate gives.
        #[test]
        fn no_stretch_has_more_than_its_rate(rate in 1_u32..50, burst in 1_u32..20, steps in prop::collection::vec(0_u64..400_000, 1..200)) {
            let buckets = Buckets::new(Rate { per_second: rate, burst });
            let (mut now, mut taken) = (0, Vec::new());
            for step in steps {
                now += step;
                if buckets.take_at(&(), now).is_ok() {
                    taken.push(now);
                }
            }
            for (first, from) in taken.iter().enumerate() {
                for (last, to) in taken.iter().enumerate().skip(first) {
                    let count = (last - first + 1) as u64;
                    prop_assert!(count <= u64::from(burst) + (to - from) * u64::from(rate) / SECOND_US + 1);
                }
            }
        }
    }
}
