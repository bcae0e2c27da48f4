//! Statements that never came, told by their numbers. A bank counts the statements of an account, and most begin anew each year.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::hex::hex;
use crate::app::queries::Page;
use crate::banks::{Head, Summary};
use crate::domain::ids::BankId;
use crate::domain::inbox::StatementNumbers;
use crate::store::views::{LIST_LIMIT_MAX, MessageFilter};
use std::collections::{BTreeMap, BTreeSet};

/// ISO 20022 has up to 18 digits.
const NUMBER_MAX: u64 = 999_999_999_999_999_999;
/// Lost numbers that are named at most.
const LOST_MAX: usize = 1_000;
/// What is left to see of an account.
const TAIL: usize = 4;

/// A statement that never came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostStatement {
    /// The account's last digits.
    pub account: Option<String>,
    pub year: Option<i16>,
    pub number: u64,
}

/// Of one account.
type Came = BTreeMap<Option<i16>, BTreeSet<u64>>;

impl App {
    /// The numbers of a message's statements. A bank that writes anything else than a number there cannot be followed by it.
    pub(super) fn statement_numbers(&self, head: &Head, summary: &Summary) -> Vec<StatementNumbers> {
        let mut found: BTreeMap<(Option<String>, Option<i16>), BTreeSet<u64>> = BTreeMap::new();
        let zone = self.profile.time_zone();
        for statement in &summary.statements {
            let number = statement.sequence.as_ref().and_then(|text| text.parse().ok());
            let Some(number) = number.filter(|number| *number <= NUMBER_MAX) else { continue };
            let year = statement.year(zone).or_else(|| head.created.map(|created| created.day(zone).year()));
            let account = statement.account.as_deref().map(|account| self.account_hash(account));
            found.entry((account, year)).or_default().insert(number);
        }
        let whole = found.into_iter().map(|((account, year), numbers)| {
            let numbers = numbers.into_iter().collect();
            StatementNumbers { account, year, numbers }
        });
        whole.collect()
    }

    fn account_hash(&self, account: &str) -> String {
        let plain: String = account.chars().filter(|c| c.is_alphanumeric()).collect();
        hex(&self.vault.input_hash(&[b"account of a statement", plain.to_ascii_uppercase().as_bytes()])[..16])
    }

    /// The numbers before those of this message that never came.
    pub(super) async fn lost_statements(
        &self,
        bank: &BankId,
        (own, summary): (&[StatementNumbers], &Summary),
    ) -> Result<Vec<LostStatement>, AppError> {
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let mut came: BTreeMap<Option<String>, Came> = BTreeMap::new();
        let filter =
            MessageFilter { bank: Some(bank.clone()), format: Some("camt.053".to_owned()), ..MessageFilter::default() };
        let mut after = 0;
        loop {
            let page = self.views.list_bank_messages(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            after = page.last().map_or(after, |row| row.received_position);
            let full = page.len() == LIST_LIMIT_MAX as usize;
            for one in page.into_iter().flat_map(|row| row.statements) {
                came.entry(one.account).or_default().entry(one.year).or_default().extend(one.numbers);
            }
            if !full {
                break;
            }
        }
        let tails: BTreeMap<String, String> = summary
            .statements
            .iter()
            .filter_map(|statement| statement.account.as_deref())
            .map(|account| (self.account_hash(account), tail(account)))
            .collect();
        let mut lost = Vec::new();
        for one in own {
            let Some(of_account) = came.get(&one.account) else { continue };
            let account = one.account.as_ref().and_then(|hash| tails.get(hash).cloned());
            let last = one.numbers.iter().max().copied().unwrap_or_default();
            let numbers = missing(of_account, (one.year, last), LOST_MAX.saturating_sub(lost.len()));
            let named = |number| LostStatement { account: account.clone(), year: one.year, number };
            lost.extend(numbers.into_iter().map(named));
        }
        Ok(lost)
    }
}

fn tail(account: &str) -> String {
    let count = account.chars().count();
    format!("…{}", account.chars().skip(count.saturating_sub(TAIL)).collect::<String>())
}

/// The numbers of a year up to one of them that never came. They are looked for from where the numbers of the year before ended, if the bank
/// goes on counting, else from 1; in the first year of all from the first that came.
fn missing(came: &Came, (year, last): (Option<i16>, u64), most: usize) -> Vec<u64> {
    let Some(numbers) = came.get(&year) else { return Vec::new() };
    let first = numbers.first().copied().unwrap_or(last);
    let before = year.and_then(|_| came.range(Some(i16::MIN)..year).next_back()).and_then(|(_, before)| before.last());
    let mut next = match before {
        Some(before) if first > *before => before + 1,
        Some(_) => first.min(1),
        None => first,
    };
    let mut lost = Vec::new();
    for number in numbers.range(..=last) {
        lost.extend((next..*number).take(most.saturating_sub(lost.len())));
        next = number + 1;
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(years: &[(Option<i16>, &[u64])]) -> Came {
        years.iter().map(|(year, numbers)| (*year, numbers.iter().copied().collect())).collect()
    }

    #[test]
    fn numbers_between_those_that_came_are_lost_one_by_one() {
        let of = |numbers: &[u64], last| missing(&came(&[(Some(2025), numbers)]), (Some(2025), last), 100);
        assert_eq!(of(&[5], 5), Vec::<u64>::new());
        assert_eq!(of(&[3, 4, 7, 8, 11], 11), [5, 6, 9, 10]);
        assert_eq!(of(&[3, 4, 7, 8, 11], 7), [5, 6], "what comes after is no matter of this one");
        assert_eq!(missing(&came(&[]), (Some(2025), 5), 100), Vec::<u64>::new());
        assert_eq!(missing(&came(&[(None, &[1, 1_000_000_000])]), (None, 1_000_000_000), 100).len(), 100);
    }

    #[test]
    fn a_year_begins_with_1_unless_the_bank_goes_on_counting() {
        let anew = came(&[(Some(2025), &[249, 250]), (Some(2026), &[3, 5])]);
        assert_eq!(missing(&anew, (Some(2026), 5), 100), [1, 2, 4]);
        let goes_on = came(&[(Some(2025), &[249, 250]), (Some(2026), &[253])]);
        assert_eq!(missing(&goes_on, (Some(2026), 253), 100), [251, 252]);
        assert_eq!(missing(&goes_on, (Some(2025), 250), 100), Vec::<u64>::new());
        let without = came(&[(None, &[7, 9]), (Some(2026), &[3])]);
        assert_eq!(missing(&without, (Some(2026), 3), 100), Vec::<u64>::new(), "numbers without a year are others");
        assert_eq!(missing(&without, (None, 9), 100), [8]);
        let from_0 = came(&[(Some(2025), &[9]), (Some(2026), &[0, 2])]);
        assert_eq!(missing(&from_0, (Some(2026), 2), 100), [1]);
    }

    #[test]
    fn of_an_account_its_end_is_shown() {
        assert_eq!((tail("0071001234567").as_str(), tail("12").as_str()), ("…4567", "…12"));
    }
}
