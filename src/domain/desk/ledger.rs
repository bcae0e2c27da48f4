//! The cash book of one desk, day by day: what came in, what went out, what is still held and since when.

use jiff::civil::Date;
use std::collections::BTreeMap;

/// One day's cash in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCash {
    pub advanced: i64,
    pub paid: i64,
    pub paid_count: i64,
    /// All that was given back, the unclaimed with it.
    pub handed_back: i64,
    pub unclaimed: i64,
    pub unclaimed_count: i64,
}

impl DayCash {
    /// What the day leaves in the desk, or takes from it.
    #[must_use]
    pub const fn balance(&self) -> i64 {
        self.advanced - self.paid - self.handed_back
    }
}

/// One day of the book: opening + advanced = paid + handed back + held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerLine {
    pub day: Date,
    pub opening: i64,
    pub cash: DayCash,
    pub held: i64,
    /// The day of the oldest advance of which something is still held; `None` when nothing is.
    pub held_since: Option<Date>,
}

/// The book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    pub days: BTreeMap<Date, DayCash>,
}

impl Ledger {
    /// A day's entries, to add to.
    pub fn day(&mut self, day: Date) -> &mut DayCash {
        self.days.entry(day).or_default()
    }

    /// What is held at the end of a day.
    #[must_use]
    pub fn held(&self, day: Date) -> i64 {
        self.days.range(..=day).map(|(_, cash)| cash.balance()).sum()
    }

    /// What may go out on a day: no more than is held then and at the end of each later day that is in the book already.
    #[must_use]
    pub fn available(&self, day: Date) -> i64 {
        let now = self.held(day);
        let mut held = now;
        self.days.iter().filter(|(later, _)| **later > day).fold(now, |least, (_, cash)| {
            held += cash.balance();
            least.min(held)
        })
    }

    /// First in, first out: the advance from which the oldest of what is held at the end of a day comes.
    #[must_use]
    pub fn held_since(&self, day: Date) -> Option<Date> {
        let until = || self.days.range(..=day);
        let mut out: i64 = until().map(|(_, cash)| cash.paid + cash.handed_back).sum();
        until().find_map(|(from, cash)| {
            out -= cash.advanced;
            (out < 0).then_some(*from)
        })
    }

    /// One day of the book.
    #[must_use]
    pub fn line(&self, day: Date) -> LedgerLine {
        let cash = self.days.get(&day).copied().unwrap_or_default();
        let held = self.held(day);
        LedgerLine { day, opening: held - cash.balance(), cash, held, held_since: self.held_since(day) }
    }

    /// The days of the book that lie in a range.
    #[must_use]
    pub fn lines(&self, from: Option<Date>, to: Option<Date>) -> Vec<LedgerLine> {
        let within = |day: &Date| from.is_none_or(|from| *day >= from) && to.is_none_or(|to| *day <= to);
        self.days.keys().filter(|day| within(day)).map(|day| self.line(*day)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn march(day: i8) -> Date {
        date(2025, 3, day)
    }

    fn book() -> Ledger {
        let mut book = Ledger::default();
        book.day(march(3)).advanced = 100;
        *book.day(march(4)) = DayCash { paid: 60, paid_count: 2, ..DayCash::default() };
        *book.day(march(5)) = DayCash { advanced: 50, paid: 30, paid_count: 1, ..DayCash::default() };
        *book.day(march(7)) = DayCash { handed_back: 60, unclaimed: 60, unclaimed_count: 2, ..DayCash::default() };
        book
    }

    #[test]
    fn what_a_day_begins_with_is_what_the_day_before_left() {
        let lines = book().lines(None, None);
        let held: Vec<(i64, i64)> = lines.iter().map(|line| (line.opening, line.held)).collect();
        assert_eq!(held, [(0, 100), (100, 40), (40, 60), (60, 0)]);
        assert_eq!(
            book().line(march(6)),
            LedgerLine { day: march(6), opening: 60, cash: DayCash::default(), held: 60, held_since: Some(march(3)) }
        );
    }

    #[test]
    fn the_oldest_advance_is_spent_first() {
        assert_eq!(book().held_since(march(4)), Some(march(3)));
        let mut more = book();
        more.day(march(5)).paid += 10;
        assert_eq!(more.held_since(march(5)), Some(march(5)), "100 of 100 are spent");
        assert_eq!(book().held_since(march(7)), None);
    }

    #[test]
    fn nothing_may_go_out_that_a_later_day_has_spent_already() {
        assert_eq!((book().held(march(4)), book().available(march(4))), (40, 0));
        assert_eq!(book().available(march(7)), 0);
        let mut without = book();
        without.days.remove(&march(7));
        assert_eq!(without.available(march(4)), 40);
    }

    proptest! {
        #[test]
        fn each_line_adds_up_and_the_age_is_of_an_advance(entries in prop::collection::vec((1_i8..28, 0_i64..50, 0_i64..50, 0_i64..50), 1..30)) {
            let mut book = Ledger::default();
            for (day, advanced, paid, back) in entries {
                let cash = book.day(march(day));
                cash.advanced += advanced;
                cash.paid += paid;
                cash.handed_back += back;
            }
            let mut before = 0;
            for line in book.lines(None, None) {
                prop_assert_eq!(line.opening, before);
                prop_assert_eq!(line.opening + line.cash.advanced, line.cash.paid + line.cash.handed_back + line.held);
                prop_assert_eq!(line.held_since.is_some(), line.held > 0);
                if let Some(since) = line.held_since {
                    prop_assert!(since <= line.day && book.days[&since].advanced > 0);
                }
                before = line.held;
            }
        }
    }
}
