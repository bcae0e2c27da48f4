//! Date arithmetic of the payment month: working days, due days, cut-off, ageing. What the days are is the profile's data.

use crate::domain::period::Month;
use jiff::Unit;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkingDays {
    /// Days of every week that are not worked.
    pub weekend: Vec<Weekday>,
    /// Single days that are not worked.
    pub holidays: BTreeSet<Date>,
}

impl WorkingDays {
    /// Neither weekend nor holiday.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday()) && !self.holidays.contains(&date)
    }

    /// The day itself when it is worked, else the next one that is. A profile in which no day of the next year is worked gets the
    /// day itself: bad data must not hang the program.
    #[must_use]
    pub fn on_or_after(&self, date: Date) -> Date {
        let days = std::iter::successors(Some(date), |day| day.tomorrow().ok()).take(366);
        days.into_iter().find(|day| self.is_working_day(*day)).unwrap_or(date)
    }

    /// The last of so many working days after a day; the day itself for none.
    #[must_use]
    pub fn after(&self, date: Date, working_days: u8) -> Date {
        (0..working_days).fold(date, |day, _| day.tomorrow().map_or(day, |next| self.on_or_after(next)))
    }

    /// How many working days lie after a day and up to another; 0 when the second is not later.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> u32 {
        let days = std::iter::successors(from.tomorrow().ok(), |day| day.tomorrow().ok()).take_while(|day| *day <= to);
        days.filter(|day| self.is_working_day(*day)).fold(0, |count, _| count + 1)
    }

    /// A day of a cycle's month, put off to the next working day. Months without such a day end on their last.
    #[must_use]
    pub fn day_of(&self, cycle: Month, day: i8) -> Option<Date> {
        Some(self.on_or_after(day_or_last(cycle, day)?))
    }
}

/// A day of the month, or the month's last day when it has no such day.
#[must_use]
pub fn day_or_last(month: Month, day: i8) -> Option<Date> {
    month.day(day).or_else(|| month.day(1).filter(|_| day > 28).map(Date::last_of_month))
}

/// The first month in which a method requested on a day can take effect: on or before the cut-off day the next month, else the
/// month after that.
#[must_use]
pub fn earliest_effective_month(requested_on: Date, cut_off_day: i8) -> Month {
    let months = if requested_on.day() <= cut_off_day { 1 } else { 2 };
    Month::of(requested_on).plus(months)
}

/// Whole days from one date to another; negative when the second comes first.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    // Civil days are all of one length; the difference of two dates is always a whole number of days.
    from.until((Unit::Day, to)).map_or(0, |span| span.get_days())
}

/// A range of days since due, both ends included; the last bucket is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgeingBucket {
    pub from_days: i32,
    /// `None`: and more.
    pub to_days: Option<i32>,
}

impl AgeingBucket {
    /// `0-2`, or `26+` for the open bucket.
    #[must_use]
    pub fn label(&self) -> String {
        match self.to_days {
            Some(to) => format!("{}-{to}", self.from_days),
            None => format!("{}+", self.from_days),
        }
    }
}

/// The buckets between upper bounds: `[2, 5]` gives 0-2, 3-5 and 6+.
#[must_use]
pub fn ageing_buckets(upper_bounds: &[i32]) -> Vec<AgeingBucket> {
    let starts = std::iter::once(0).chain(upper_bounds.iter().map(|bound| bound + 1));
    let ends = upper_bounds.iter().copied().map(Some).chain(std::iter::once(None));
    starts.zip(ends).map(|(from_days, to_days)| AgeingBucket { from_days, to_days }).collect()
}

/// The place of a number of days in the buckets of these bounds; `None` when not due yet.
#[must_use]
pub fn ageing_index(days_since_due: i32, upper_bounds: &[i32]) -> Option<usize> {
    (days_since_due >= 0).then(|| upper_bounds.partition_point(|bound| *bound < days_since_due))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn vietnam() -> WorkingDays {
        WorkingDays {
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            holidays: [date(2025, 1, 1), date(2025, 4, 30), date(2025, 5, 1), date(2025, 5, 2)].into(),
        }
    }

    #[test]
    fn a_worked_day_stays_and_others_go_to_the_next() {
        assert_eq!(vietnam().on_or_after(date(2025, 3, 5)), date(2025, 3, 5));
        assert_eq!(vietnam().on_or_after(date(2025, 3, 8)), date(2025, 3, 10));
        assert_eq!(vietnam().on_or_after(date(2025, 4, 30)), date(2025, 5, 5), "holidays run into a weekend");
    }

    #[test]
    fn a_year_without_a_worked_day_does_not_hang() {
        let never = WorkingDays {
            weekend: (1..=7).map(|n| Weekday::from_monday_one_offset(n).unwrap()).collect(),
            ..vietnam()
        };
        assert_eq!(never.on_or_after(date(2025, 3, 5)), date(2025, 3, 5));
    }

    #[test]
    fn working_days_are_counted_over_weekends_and_holidays() {
        assert_eq!(vietnam().after(date(2025, 3, 7), 1), date(2025, 3, 10));
        assert_eq!(vietnam().after(date(2025, 4, 29), 2), date(2025, 5, 6));
        assert_eq!(vietnam().after(date(2025, 3, 8), 0), date(2025, 3, 8));
        assert_eq!(vietnam().between(date(2025, 4, 29), date(2025, 5, 6)), 2);
        assert_eq!(vietnam().between(date(2025, 5, 6), date(2025, 4, 29)), 0);
    }

    #[test]
    fn a_month_without_the_day_ends_on_its_last() {
        assert_eq!(day_or_last(month("2025-02"), 31), Some(date(2025, 2, 28)));
        assert_eq!(day_or_last(month("2024-02"), 30), Some(date(2024, 2, 29)));
        assert_eq!(day_or_last(month("2025-02"), 0), None);
        assert_eq!(vietnam().day_of(month("2025-02"), 31), Some(date(2025, 2, 28)));
    }

    #[test]
    fn a_request_by_the_cut_off_day_takes_effect_next_month_and_later_ones_the_month_after() {
        assert_eq!(earliest_effective_month(date(2025, 3, 1), 20), month("2025-04"));
        assert_eq!(earliest_effective_month(date(2025, 3, 20), 20), month("2025-04"));
        assert_eq!(earliest_effective_month(date(2025, 3, 21), 20), month("2025-05"));
        assert_eq!(earliest_effective_month(date(2025, 11, 30), 20), month("2026-01"));
        assert_eq!(earliest_effective_month(date(2025, 12, 20), 20), month("2026-01"));
    }

    #[test]
    fn days_are_counted_over_months_and_leap_years_and_backwards() {
        assert_eq!(days_between(date(2024, 2, 28), date(2024, 3, 1)), 2);
        assert_eq!(days_between(date(2025, 3, 5), date(2025, 3, 5)), 0);
        assert_eq!(days_between(date(2025, 3, 5), date(2025, 3, 1)), -4);
        assert_eq!(days_between(date(2025, 1, 1), date(2026, 1, 1)), 365);
    }

    #[test]
    fn buckets_begin_after_the_bound_before_and_the_last_is_open() {
        let labels: Vec<String> = ageing_buckets(&[2, 5, 10, 25]).iter().map(AgeingBucket::label).collect();
        assert_eq!(labels, ["0-2", "3-5", "6-10", "11-25", "26+"]);
    }

    #[test]
    fn each_number_of_days_falls_into_its_bucket() {
        let bounds = [2, 5, 10, 25];
        let buckets = ageing_buckets(&bounds);
        assert_eq!(ageing_index(-1, &bounds), None);
        for days in 0..40 {
            let bucket = buckets[ageing_index(days, &bounds).unwrap()];
            assert!(bucket.from_days <= days && bucket.to_days.is_none_or(|to| days <= to), "{days}");
        }
        assert_eq!(ageing_index(1000, &bounds), Some(4));
    }
}
