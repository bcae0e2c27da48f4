//! How many months in a row nobody collected a person's cash.

use crate::domain::period::Month;

/// The longest run of months that ends with the latest of these.
#[must_use]
pub fn months_in_a_row(months: &[Month]) -> u32 {
    let mut sorted = months.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let Some(last) = sorted.last().copied() else { return 0 };
    let run = (0_i32..).zip(sorted.iter().rev()).take_while(|(back, month)| **month == last.plus(-back));
    run.fold(0, |count, _| count + 1)
}

/// Whether more cash may be ordered for a month: not when the run of uncollected months is this long and no month lies between.
#[must_use]
pub fn is_halted(unclaimed: &[Month], ordered: Month, months_max: u8) -> bool {
    let before: Vec<Month> = unclaimed.iter().copied().filter(|month| *month < ordered).collect();
    let is_next = before.iter().max().is_some_and(|last| last.plus(1) == ordered);
    is_next && months_in_a_row(&before) >= u32::from(months_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(texts: &[&str]) -> Vec<Month> {
        texts.iter().map(|text| Month::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_run_ends_with_the_latest_month_and_breaks_at_a_gap() {
        assert_eq!(months_in_a_row(&[]), 0);
        assert_eq!(months_in_a_row(&months(&["2025-03"])), 1);
        assert_eq!(months_in_a_row(&months(&["2024-12", "2025-02", "2025-01", "2025-01"])), 3);
        assert_eq!(months_in_a_row(&months(&["2024-11", "2025-01", "2025-02"])), 2);
    }

    #[test]
    fn cash_is_halted_after_so_many_months_until_one_is_collected() {
        let three = months(&["2025-01", "2025-02", "2025-03"]);
        let april = Month::parse("2025-04").unwrap();
        assert!(is_halted(&three, april, 3));
        assert!(!is_halted(&three, april, 4));
        assert!(!is_halted(&three[..2], april, 2), "March was collected");
        assert!(!is_halted(&three, Month::parse("2025-03").unwrap(), 3), "only what lies before counts");
        assert!(!is_halted(&[], april, 1));
    }
}
