//! Months and dates. Dates are local calendar dates; a month is the cycle's or the benefit's month, `YYYY-MM`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A calendar month, ordered, `YYYY-MM` in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(i32);

/// Text that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a month is written YYYY-MM, for example 2025-03")]
pub struct InvalidMonth;

impl Month {
    /// From a year (1900 to 2999) and a month (1 to 12).
    pub fn new(year: i32, month: i32) -> Result<Self, InvalidMonth> {
        if (1900..=2999).contains(&year) && (1..=12).contains(&month) {
            Ok(Self(year * 12 + month - 1))
        } else {
            Err(InvalidMonth)
        }
    }

    /// Reads `YYYY-MM`.
    pub fn parse(text: &str) -> Result<Self, InvalidMonth> {
        let (year, month) = text.split_once('-').ok_or(InvalidMonth)?;
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(InvalidMonth);
        }
        Self::new(year.parse().map_err(|_| InvalidMonth)?, month.parse().map_err(|_| InvalidMonth)?)
    }

    /// The month that holds the date. Dates outside 1900 to 2999 are clamped by the callers' checks; none is stored.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// The month this many months later (earlier when negative).
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// Months since year 0, for keys that must sort by month.
    #[must_use]
    pub const fn ordinal(self) -> i32 {
        self.0
    }

    /// A day of this month; `None` when the month has no such day.
    #[must_use]
    pub fn day(self, day: i8) -> Option<Date> {
        let year = i16::try_from(self.year()).ok()?;
        let month = i8::try_from(self.month()).ok()?;
        Date::new(year, month, day).ok()
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;
    fn try_from(text: String) -> Result<Self, InvalidMonth> {
        Self::parse(&text)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_month_is_written_with_four_and_two_digits() {
        assert_eq!(Month::parse("2025-03").map(|month| month.to_string()).as_deref(), Ok("2025-03"));
        for text in
            ["2025-3", "25-03", "2025-13", "2025-00", "2025/03", "2025-03-01", "+025-03", "1899-12", "3000-01", ""]
        {
            assert_eq!(Month::parse(text), Err(InvalidMonth), "{text}");
        }
    }

    #[test]
    fn months_are_added_over_years() {
        assert_eq!(Month::parse("2025-11").unwrap().plus(2).to_string(), "2026-01");
        assert_eq!(Month::parse("2025-01").unwrap().plus(-1).to_string(), "2024-12");
    }

    #[test]
    fn a_date_belongs_to_its_month() {
        assert_eq!(Month::of(date(2025, 12, 31)).to_string(), "2025-12");
        assert_eq!(Month::of(date(2025, 12, 31)).day(31), Some(date(2025, 12, 31)));
        assert_eq!(Month::parse("2025-02").unwrap().day(29), None);
    }

    proptest! {
        #[test]
        fn order_and_text_of_months_agree(a in 1900_i32..3000, b in 1900_i32..3000, m in 1_i32..=12, n in 1_i32..=12) {
            let (one, two) = (Month::new(a, m).unwrap(), Month::new(b, n).unwrap());
            prop_assert_eq!(one.cmp(&two), one.to_string().cmp(&two.to_string()));
            prop_assert_eq!(one.cmp(&two), one.ordinal().cmp(&two.ordinal()));
            prop_assert_eq!(Month::parse(&one.to_string()), Ok(one));
        }
    }
}
