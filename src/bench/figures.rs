//! Medians, percentiles and ratios, in whole numbers, and what one measurement came to.

use serde_json::{Value, json};
use std::time::Duration;

/// What a ratio should be, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    AtLeast(u64),
    AtMost(u64),
}

impl Target {
    #[must_use]
    pub const fn is_met(self, ratio: u64) -> bool {
        match self {
            Self::AtLeast(least) => ratio >= least,
            Self::AtMost(most) => ratio <= most,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, ">= {}", thousandths(*least)),
            Self::AtMost(most) => write!(f, "<= {}", thousandths(*most)),
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    pub key: &'static str,
    pub what: &'static str,
    pub unit: &'static str,
    pub ours: u64,
    pub yardstick: u64,
    /// What the yardstick is.
    pub against: &'static str,
    /// In thousandths.
    pub ratio: u64,
    pub target: Target,
    /// What else is to be known, such as the sizes.
    pub note: String,
}

impl Measured {
    /// Two numbers of one unit, and their ratio.
    #[must_use]
    pub fn new(key: &'static str, what: &'static str, (ours, yardstick): (u64, u64), target: Target) -> Self {
        let ratio = ours.saturating_mul(1000) / yardstick.max(1);
        Self { key, what, unit: "", ours, yardstick, against: "", ratio, target, note: String::new() }
    }

    #[must_use]
    pub fn of(self, unit: &'static str, against: &'static str) -> Self {
        Self { unit, against, ..self }
    }

    #[must_use]
    pub fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }

    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "ratio": number(self.ratio),
            "target": self.target.to_string(),
            "met": self.target.is_met(self.ratio),
            "ours": self.ours,
            "yardstick": self.yardstick,
            "unit": self.unit,
            "against": self.against,
            "note": self.note,
        })
    }
}

/// A ratio as text, with three digits.
#[must_use]
pub fn thousandths(ratio: u64) -> String {
    format!("{}.{:03}", ratio / 1000, ratio % 1000)
}

/// The same as a number of JSON.
fn number(ratio: u64) -> Value {
    thousandths(ratio).parse().map_or(Value::Null, Value::Number)
}

/// The middle one; 0 of nothing.
#[must_use]
pub fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

/// The smallest number that so many of a hundred are not above; 0 of nothing.
#[must_use]
pub fn percentile(numbers: &mut [u64], of_hundred: usize) -> u64 {
    numbers.sort_unstable();
    let rank = (numbers.len() * of_hundred).div_ceil(100);
    numbers.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// How many a second.
#[must_use]
pub fn per_second(count: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(count) * 1_000_000 / time.as_micros().max(1)).unwrap_or(u64::MAX)
}

#[must_use]
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_told_with_three_digits_and_held_against_its_target() {
        let measured = Measured::new("append", "", (613, 1000), Target::AtLeast(600));
        assert_eq!((thousandths(measured.ratio).as_str(), measured.to_json()["met"].as_bool()), ("0.613", Some(true)));
        assert_eq!(measured.to_json()["ratio"].to_string(), "0.613");
        assert_eq!(Target::AtMost(2500).to_string(), "<= 2.500");
        assert!(!Target::AtMost(2500).is_met(2501) && !Target::AtLeast(600).is_met(599));
    }

    #[test]
    fn percentiles_are_numbers_that_were_measured() {
        let mut numbers: Vec<u64> = (1..=200).rev().collect();
        assert_eq!((percentile(&mut numbers, 50), percentile(&mut numbers, 99)), (100, 198));
        assert_eq!((percentile(&mut [7], 99), percentile(&mut [], 99)), (7, 0));
        assert_eq!((median(vec![3, 1, 2]), median(Vec::new())), (2, 0));
    }
}
