//! Late payments: open ones whose last day of payment is over, by unit, with their age since that day.

use crate::domain::calendar::{AgeingBucket, ageing_buckets, ageing_index, days_between};
use crate::domain::period::Month;
use crate::projections::cell::Tally;
use crate::projections::figures::plan::{self, PlanError};
use crate::projections::figures::{CellRow, Columns, Dimension, FigureQuery, FigureRead, Sum};
use crate::projections::reference::Reference;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The late payments of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Late {
    /// The unit's key.
    pub unit: String,
    /// All that is late.
    pub late: Sum,
    /// All that is open, late or not.
    pub open: Sum,
    /// The earliest last day of payment among the late ones.
    pub oldest_last_day: Option<Date>,
    /// Days since that day.
    pub oldest_days: i32,
    /// Late payments by days since their last day, in the profile's buckets.
    pub ageing: Vec<(AgeingBucket, Sum)>,
}

/// What lateness is measured against.
pub struct LateYardstick<'a> {
    pub today: Date,
    pub ageing_days: &'a [i32],
    /// The last day on which a cycle's payments through a channel are paid in a unit.
    pub last_day: &'a (dyn Fn(Month, &str, &str) -> Option<Date> + Sync),
}

impl LateYardstick<'_> {
    /// The last day of one payment: of its window, or the day due if that is later, since a new attempt may be due after the window.
    #[must_use]
    pub fn last_day_of(&self, cycle: Month, channel: &str, unit: &str, due_on: Date) -> Date {
        (self.last_day)(cycle, channel, unit).map_or(due_on, |day| day.max(due_on))
    }

    /// The cycle of a cell of open payments that are late.
    #[must_use]
    pub fn late_cycle(&self, row: &CellRow) -> Option<Month> {
        let cycle = Month::parse(&row.cycle).ok()?;
        self.is_late(row).filter(|(_, is_late)| *is_late && row.count > 0).map(|_| cycle)
    }

    fn is_late(&self, row: &CellRow) -> Option<(Date, bool)> {
        let (cycle, due_on) = (Month::parse(&row.cycle).ok()?, row.value.parse().ok()?);
        let last = self.last_day_of(cycle, &row.channel, &row.unit, due_on);
        Some((last, last < self.today))
    }
}

/// The read that answers the question: open payments by unit, cycle, channel and day due.
pub fn reads(query: &FigureQuery, reference: &dyn Reference) -> Result<Vec<FigureRead>, PlanError> {
    let query = FigureQuery { group_by: vec![Dimension::Unit], ..query.clone() };
    let columns = Columns { cycle: true, channel: true, ..Columns::default() };
    Ok(vec![plan::leaves(&query, &[Tally::Open], columns, reference)?])
}

/// One entry for each unit that has late payments, in order of their keys.
#[must_use]
pub fn evaluate<'a>(rows: impl IntoIterator<Item = &'a CellRow>, yardstick: &LateYardstick<'_>) -> Vec<Late> {
    let mut units: BTreeMap<&str, Late> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.count != 0 || row.amount_minor != 0) {
        let Some((last, is_late)) = yardstick.is_late(row) else { continue };
        let late = units.entry(row.unit.as_str()).or_insert_with(|| empty(&row.unit, yardstick.ageing_days));
        late.open.add(row);
        if is_late {
            add(late, row, last, yardstick);
        }
    }
    units.into_values().filter(|unit| unit.late != Sum::default()).collect()
}

fn empty(unit: &str, ageing_days: &[i32]) -> Late {
    let ageing = ageing_buckets(ageing_days).into_iter().map(|bucket| (bucket, Sum::default())).collect();
    Late { unit: unit.to_owned(), ageing, ..Late::default() }
}

fn add(late: &mut Late, row: &CellRow, last: Date, yardstick: &LateYardstick<'_>) {
    let days = days_between(last, yardstick.today);
    late.late.add(row);
    late.oldest_last_day = Some(late.oldest_last_day.map_or(last, |oldest| oldest.min(last)));
    late.oldest_days = late.oldest_days.max(days);
    let bucket = ageing_index(days, yardstick.ageing_days).and_then(|index| late.ageing.get_mut(index));
    if let Some((_, sum)) = bucket {
        sum.add(row);
    }
}

/// The sum over all units: numbers add, the oldest is the oldest of all.
#[must_use]
pub fn total(units: &[Late], ageing_days: &[i32]) -> Late {
    let mut total = empty("", ageing_days);
    for unit in units {
        for (sum, part) in [(&mut total.late, unit.late), (&mut total.open, unit.open)] {
            sum.count += part.count;
            sum.amount_minor += part.amount_minor;
        }
        for ((_, sum), (_, part)) in total.ageing.iter_mut().zip(&unit.ageing) {
            sum.count += part.count;
            sum.amount_minor += part.amount_minor;
        }
        total.oldest_days = total.oldest_days.max(unit.oldest_days);
        total.oldest_last_day = [total.oldest_last_day, unit.oldest_last_day].into_iter().flatten().min();
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projections::sample::cell_row;
    use jiff::civil::date;

    fn open(unit: &str, channel: &str, due: &str, count: i64) -> CellRow {
        let (cycle, unit) = ("2025-03".to_owned(), unit.to_owned());
        CellRow { cycle, unit, ..cell_row(Tally::Open, due, channel, count) }
    }

    /// Accounts are paid to the 5th, cash to the 25th.
    fn last_day(_: Month, channel: &str, _: &str) -> Option<Date> {
        match channel {
            "account" => Some(date(2025, 3, 5)),
            "cash_desk" => Some(date(2025, 3, 25)),
            _ => None,
        }
    }

    fn on(today: Date, rows: &[CellRow]) -> Vec<Late> {
        evaluate(rows, &LateYardstick { today, ageing_days: &[2, 5], last_day: &last_day })
    }

    #[test]
    fn a_payment_is_late_the_day_after_its_last_day_and_not_on_it() {
        let rows = [open("A", "account", "2025-03-05", 3)];
        assert_eq!(on(date(2025, 3, 5), &rows), []);
        let late = on(date(2025, 3, 6), &rows).remove(0);
        assert_eq!((late.late.count, late.late.amount_minor, late.oldest_days), (3, 30, 1));
    }

    #[test]
    fn cash_that_is_due_is_not_late_while_its_window_lasts() {
        let rows = [open("A", "cash_desk", "2025-03-10", 1), open("A", "account", "2025-03-05", 2)];
        let late = on(date(2025, 3, 12), &rows).remove(0);
        assert_eq!((late.late.count, late.open.count), (2, 3));
    }

    #[test]
    fn a_new_attempt_that_is_due_after_the_window_is_late_after_its_own_day() {
        let rows = [open("A", "account", "2025-03-14", 1)];
        assert_eq!(on(date(2025, 3, 14), &rows), []);
        assert_eq!(on(date(2025, 3, 15), &rows)[0].oldest_last_day, Some(date(2025, 3, 14)));
    }

    #[test]
    fn units_are_apart_and_their_total_is_their_sum() {
        let rows = [
            open("A", "account", "2025-03-05", 1),
            open("B", "account", "2025-03-05", 4),
            open("B", "cash_desk", "2025-03-10", 1),
        ];
        let late = on(date(2025, 3, 9), &rows);
        assert_eq!(
            late.iter().map(|unit| (unit.unit.as_str(), unit.late.count)).collect::<Vec<_>>(),
            [("A", 1), ("B", 4)]
        );
        let all = total(&late, &[2, 5]);
        assert_eq!((all.late.count, all.open.count, all.oldest_days), (5, 6, 4));
        let ageing: Vec<i64> = all.ageing.iter().map(|(_, sum)| sum.count).collect();
        assert_eq!(ageing, [0, 5, 0]);
    }

    #[test]
    fn a_cell_that_fell_to_zero_is_no_payment() {
        assert_eq!(on(date(2025, 4, 1), &[open("A", "account", "2025-03-05", 0)]), []);
    }
}
