//! Unclaimed cash (S6): cash attempts that nobody collected, of all cash attempts.

use crate::projections::cell::Tally;
use crate::projections::figures::plan::{self, PlanError};
use crate::projections::figures::{CellRow, Columns, Dimension, FigureQuery, FigureRead, GroupKey, Share, group_key};
use crate::projections::reference::Reference;
use std::collections::BTreeMap;

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unclaimed {
    /// Values of the dimensions asked for.
    pub key: GroupKey,
    /// Attempts.
    pub attempts: Share,
    /// Their amounts in minor units.
    pub amount: Share,
}

/// The read that answers the question.
pub fn reads(query: &FigureQuery, reference: &dyn Reference) -> Result<Vec<FigureRead>, PlanError> {
    let by_channel = Columns { channel: true, ..Columns::default() };
    Ok(vec![plan::leaves(query, &[Tally::Attempt], by_channel, reference)?])
}

/// Turns the answer into one entry per group, in order of their keys. `is_cash` says of a channel whether it pays cash.
#[must_use]
pub fn evaluate<'a>(
    rows: impl IntoIterator<Item = &'a CellRow>,
    group_by: &[Dimension],
    is_cash: impl Fn(&str) -> bool,
) -> Vec<Unclaimed> {
    let mut groups: BTreeMap<GroupKey, Unclaimed> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| is_cash(&row.channel)) {
        let Some(key) = group_key(row, group_by) else { continue };
        let group = groups.entry(key.clone()).or_insert_with(|| Unclaimed { key, ..Unclaimed::default() });
        group.attempts.denominator += row.count;
        group.amount.denominator += row.amount_minor;
        if row.value.starts_with("failed|unclaimed|") {
            group.attempts.numerator += row.count;
            group.amount.numerator += row.amount_minor;
        }
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projections::sample::cell_row;

    fn row(channel: &str, value: &str, count: i64) -> CellRow {
        CellRow { unit: "C1".to_owned(), ..cell_row(Tally::Attempt, value, channel, count) }
    }

    #[test]
    fn only_cash_counts_and_only_what_nobody_collected_is_unclaimed() {
        let rows = [
            row("cash_desk", "", 7),
            row("cash_desk", "failed|unclaimed|chitra|unclaimed", 2),
            row("cash_desk", "failed|no_answer|chitra|no_answer", 1),
            row("account", "failed|unclaimed|chitra|unclaimed", 4),
        ];
        let found = evaluate(&rows, &[Dimension::Unit], |channel| channel == "cash_desk");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].attempts, Share { numerator: 2, denominator: 10 });
        assert_eq!(found[0].amount, Share { numerator: 20, denominator: 100 });
    }
}
