//! The demo's six payment runs of 2025 and the working days between them.

use crate::domain::calendar::WorkingDays;
use crate::domain::period::Month;
use jiff::civil::{Date, date};

/// The runs. January pays two months for Tet, so there is none in February; May is left out to keep to six. Districts end between
/// June and July.
const MONTHS: [i32; CYCLES] = [1, 3, 4, 6, 7, 8];
/// How many runs there are.
pub const CYCLES: usize = 6;
/// The run that pays two benefit months.
pub const TET: usize = 0;
/// The first run that pays the social pension: Law 41/2024/QH15 is in force from 2025-07-01.
pub const SOCIAL_PENSION_FROM: usize = 4;
/// The first day of the demo, after the mergers of 2025-01-01.
pub const FIRST_DAY: Date = date(2025, 1, 2);
/// The last day on which anything is recorded: in the middle of the last run, so that some of it is still open.
pub const LAST_DAY: Date = date(2025, 8, 14);
/// The first day without districts.
pub const REFORM_DAY: Date = date(2025, 7, 1);

/// One payment run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    pub number: usize,
    pub month: Month,
    /// The day on which new beneficiaries are registered for it.
    pub registered_on: Date,
    /// Days on which changes of method are filed that take effect with it: late in the month before last (after the cut-off day),
    /// and before the cut-off day of the last month.
    pub switched_on: [Date; 4],
    /// The day on which its list is ordered.
    pub listed_on: Date,
    /// The first day on which money moves.
    pub begins_on: Date,
    /// The first working day after the cash windows.
    pub closes_on: Date,
}

/// Working days and runs.
#[derive(Debug, Clone)]
pub struct Calendar {
    working: Vec<Date>,
    pub cycles: Vec<Cycle>,
}

impl Calendar {
    /// The runs by a profile's working days; `None` when its calendar knows no working days in 2025.
    #[must_use]
    pub fn new(days: &WorkingDays) -> Option<Self> {
        let every_day = std::iter::successors(Some(date(2024, 11, 1)), |day| day.tomorrow().ok());
        let working =
            every_day.take_while(|day| *day < date(2026, 1, 1)).filter(|day| days.is_working_day(*day)).collect();
        let mut calendar = Self { working, cycles: Vec::new() };
        for (number, month) in MONTHS.into_iter().enumerate() {
            let cycle = calendar.cycle(number, Month::new(2025, month).ok()?)?;
            calendar.cycles.push(cycle);
        }
        Some(calendar)
    }

    fn cycle(&self, number: usize, month: Month) -> Option<Cycle> {
        let (last, before_last) = (month.plus(-1), month.plus(-2));
        let on_or_after = |day: Option<Date>| self.on_or_after(day?);
        let listed_on = on_or_after(last.day(25))?.max(FIRST_DAY);
        Some(Cycle {
            number,
            month,
            registered_on: on_or_after(last.day(12))?.max(FIRST_DAY),
            switched_on: [
                on_or_after(before_last.day(23))?,
                on_or_after(last.day(5))?,
                on_or_after(last.day(11))?,
                on_or_after(last.day(16))?,
            ],
            listed_on,
            begins_on: on_or_after(month.day(1))?.max(self.later(listed_on, 1)),
            closes_on: on_or_after(month.day(26))?,
        })
    }

    /// The day itself when it is worked, else the next that is.
    #[must_use]
    pub fn on_or_after(&self, day: Date) -> Option<Date> {
        self.working.get(self.place(day)).copied()
    }

    /// So many working days later. The calendar ends with the year, long after the demo's last day.
    #[must_use]
    pub fn later(&self, day: Date, working_days: u64) -> Date {
        let place = self.place(day) + usize::try_from(working_days).unwrap_or(0);
        self.working.get(place).or(self.working.last()).copied().unwrap_or(day)
    }

    /// The working days from the first to the last day, both included.
    #[must_use]
    pub fn between(&self, first: Date, last: Date) -> &[Date] {
        let (from, to) = (self.place(first), self.working.partition_point(|day| *day <= last));
        self.working.get(from..to.max(from)).unwrap_or_default()
    }

    fn place(&self, day: Date) -> usize {
        self.working.partition_point(|worked| *worked < day)
    }
}

impl Cycle {
    /// The benefit months that the run pays of a monthly benefit.
    #[must_use]
    pub fn benefit_months(&self) -> Vec<Month> {
        if self.number == TET { vec![self.month, self.month.plus(1)] } else { vec![self.month] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;

    #[test]
    fn changes_filed_for_a_run_take_effect_with_it() {
        let profile = Profile::vietnam();
        let calendar = Calendar::new(&profile.working_days).unwrap();
        for cycle in calendar.cycles.iter().skip(1) {
            for day in cycle.switched_on {
                assert_eq!(profile.earliest_effective_month(day), cycle.month, "filed on {day}");
                assert!(day <= cycle.listed_on);
            }
        }
    }

    #[test]
    fn lists_are_ordered_before_money_moves_and_runs_end_before_the_next_list_but_one() {
        let calendar = Calendar::new(&Profile::vietnam().working_days).unwrap();
        for pair in calendar.cycles.windows(2) {
            assert!(pair[0].listed_on < pair[0].begins_on && pair[0].begins_on < pair[1].begins_on);
            assert!(pair[0].closes_on < pair[1].begins_on);
        }
    }
}
