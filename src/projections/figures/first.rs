//! First attempts: what was ordered, and what came of it. A5 (intended rate), S1 (first-time success), S3 (fall-back to cash), and S7 (paid
//! through others), which is of live payments.

use crate::domain::ids::ChannelCode;
use crate::domain::payment::state::AttemptState;
use crate::projections::cell::Tally;
use crate::projections::figures::adoption::People;
use crate::projections::figures::plan::{self, PlanError};
use crate::projections::figures::{
    CellRow, Columns, Dimension, FigureQuery, FigureRead, GroupKey, Share, Source, group_key,
};
use crate::projections::reference::Reference;
use std::collections::BTreeMap;

/// Who may receive on a person's behalf by a right of their own; heirs receive what was left.
pub(super) const ON_BEHALF: [&str; 2] = ["authorised", "guardian"];

/// The figures of one group. Payments that were cancelled are in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FirstAttempts {
    /// A5: people by what was ordered for them.
    pub people: People,
    /// Payments whose first attempt was cashless, of all.
    pub payments: Share,
    /// Their amount likewise, in minor units.
    pub amount: Share,
    /// S1: cashless first attempts that are live, of all cashless first attempts.
    pub success: Share,
    /// S3: cashless first attempts whose payment is live in cash, of all cashless first attempts.
    pub fell_back: Share,
    /// S7: live payments received by somebody with an authorisation or guardianship, of all live payments.
    pub through_others: Share,
}

/// The reads that answer the question: people (A5), in the shape of live people, then payments.
pub fn reads(query: &FigureQuery, reference: &dyn Reference) -> Result<Vec<FigureRead>, PlanError> {
    let by_channel = Columns { channel: true, ..Columns::default() };
    let tallies = [Tally::State, Tally::Later, Tally::First, Tally::Recipient];
    let people = plan::people_of(query, Source::FirstAttempts, reference)?;
    Ok(vec![people, plan::leaves(query, &tallies, by_channel, reference)?])
}

/// Turns the answer into one entry per group.
#[must_use]
pub fn evaluate<'a>(
    rows: impl IntoIterator<Item = &'a CellRow>,
    group_by: &[Dimension],
    reference: &dyn Reference,
) -> BTreeMap<GroupKey, FirstAttempts> {
    let cashless =
        |channel: &str| ChannelCode::parse(channel).ok().and_then(|code| reference.is_cashless(&code)).unwrap_or(false);
    let mut groups: BTreeMap<GroupKey, FirstAttempts> = BTreeMap::new();
    for row in rows {
        let Some(key) = group_key(row, group_by) else { continue };
        let group = groups.entry(key).or_default();
        if row.tally == Tally::People {
            group.people.add(row);
            continue;
        }
        let is_cashless = cashless(&row.channel);
        match row.tally {
            // Those that stand on their first attempt: all, less those that stand on a later one.
            Tally::State => group.stands_on_first(row, is_cashless, 1),
            Tally::Later => group.stands_on_first(row, is_cashless, -1),
            Tally::First => group.stands_elsewhere(row, is_cashless, &cashless),
            Tally::Recipient if ON_BEHALF.contains(&row.value.as_str()) => group.through_others.numerator += row.count,
            Tally::Recipient | Tally::People | Tally::Held | Tally::Open | Tally::Lag | Tally::Attempt => {}
        }
    }
    groups
}

impl FirstAttempts {
    fn stands_on_first(&mut self, row: &CellRow, is_cashless: bool, sign: i64) {
        let live = row.value == AttemptState::Settled.as_str();
        if live && sign > 0 {
            self.through_others.denominator += row.count;
        }
        if row.value != AttemptState::Cancelled.as_str() {
            self.ordered(row, is_cashless, sign);
            if live && is_cashless {
                self.success.numerator += sign * row.count;
            }
        }
    }

    fn stands_elsewhere(&mut self, row: &CellRow, is_cashless: bool, cashless: &dyn Fn(&str) -> bool) {
        let (state, channel) = row.value.split_once('|').unwrap_or((&row.value, ""));
        if state != AttemptState::Cancelled.as_str() {
            self.ordered(row, is_cashless, 1);
            if is_cashless && state == AttemptState::Settled.as_str() && !cashless(channel) {
                self.fell_back.numerator += row.count;
            }
        }
    }

    const fn ordered(&mut self, row: &CellRow, is_cashless: bool, sign: i64) {
        self.payments.denominator += sign * row.count;
        self.amount.denominator += sign * row.amount_minor;
        if is_cashless {
            self.payments.numerator += sign * row.count;
            self.amount.numerator += sign * row.amount_minor;
            self.success.denominator += sign * row.count;
            self.fell_back.denominator += sign * row.count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projections::sample::{Sample, cell_row as row};

    fn share(numerator: i64, denominator: i64) -> Share {
        Share { numerator, denominator }
    }

    #[test]
    fn a_payment_counts_where_its_first_attempt_was() {
        let rows = [
            row(Tally::State, "settled", "account", 6),
            row(Tally::State, "cancelled", "account", 1),
            row(Tally::State, "settled", "cash_desk", 5),
            row(Tally::State, "instructed", "cash_desk", 1),
            // One of the six stands on its second attempt, after a wallet; two of the five in cash were ordered into accounts.
            row(Tally::Later, "settled", "account", 1),
            row(Tally::First, "settled|account", "wallet", 1),
            row(Tally::Later, "settled", "cash_desk", 2),
            row(Tally::First, "settled|cash_desk", "account", 2),
        ];
        let found = evaluate(&rows, &[], &Sample::new());
        let all = found[&Vec::new()];
        assert_eq!(all.payments, share(8, 12), "the cancelled one is in neither");
        assert_eq!(all.amount, share(80, 120));
        assert_eq!(all.success, share(5, 8));
        assert_eq!(all.fell_back, share(2, 8));
        assert_eq!(all.through_others, share(0, 11));
    }

    #[test]
    fn heirs_receive_nothing_on_behalf_of_anybody() {
        let rows = [
            row(Tally::State, "settled", "cash_desk", 9),
            row(Tally::Recipient, "authorised", "cash_desk", 2),
            row(Tally::Recipient, "guardian", "cash_desk", 1),
            row(Tally::Recipient, "heir", "cash_desk", 1),
        ];
        assert_eq!(evaluate(&rows, &[], &Sample::new())[&Vec::new()].through_others, share(3, 9));
    }
}
