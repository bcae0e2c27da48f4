//! Who moved between cash and account from one cycle to a later one: the matrix of standings, and A7 from it.

use crate::domain::period::Month;
use crate::projections::figures::plan::{self, PlanError};
use crate::projections::figures::{
    AsOf, CellRow, Dimension, FigureQuery, FigureRead, GroupKey, Share, Source, group_key,
};
use crate::projections::reference::Reference;
use std::collections::BTreeMap;

/// How somebody was paid in a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Cashless,
    Cash,
    Mixed,
    /// No live payment in scope.
    None,
}

impl Standing {
    pub const ALL: [Self; 4] = [Self::Cashless, Self::Cash, Self::Mixed, Self::None];

    /// The word in answers and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cashless => "cashless",
            Self::Cash => "cash",
            Self::Mixed => "mixed",
            Self::None => "none",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == word)
    }
}

/// The people of one group, by standing before and now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// Values of the dimensions asked for.
    pub key: GroupKey,
    people: BTreeMap<(Standing, Standing), i64>,
}

impl Flow {
    /// People who stood so before and stand so now.
    #[must_use]
    pub fn people(&self, before: Standing, now: Standing) -> i64 {
        self.people.get(&(before, now)).copied().unwrap_or(0)
    }

    /// People with a live payment in both cycles: the denominator of A7.
    #[must_use]
    pub fn in_both(&self) -> i64 {
        let both = |(before, now): &(Standing, Standing)| *before != Standing::None && *now != Standing::None;
        self.people.iter().filter(|(pair, _)| both(pair)).map(|(_, count)| count).sum()
    }

    /// A7: cash before, cashless now.
    #[must_use]
    pub fn to_cashless(&self) -> Share {
        Share { numerator: self.people(Standing::Cash, Standing::Cashless), denominator: self.in_both() }
    }

    /// A7, the reverse.
    #[must_use]
    pub fn to_cash(&self) -> Share {
        Share { numerator: self.people(Standing::Cashless, Standing::Cash), denominator: self.in_both() }
    }
}

/// The reads that answer the question: the matrix, and as of now why people fell back and who has an account on file. `query` is of the
/// later cycle and broken down by units at most.
pub fn reads(query: &FigureQuery, before: Month, reference: &dyn Reference) -> Result<Vec<FigureRead>, PlanError> {
    let mut both = query.clone();
    both.filters.cycle_from = Some(before);
    let mut reads = vec![plan::people_of(&both, Source::Flow(before), reference)?];
    if query.as_of == AsOf::Now {
        reads.push(plan::people_of(&both, Source::FellBack(before), reference)?);
        reads.push(plan::people_of(query, Source::OnFile, reference)?);
    }
    Ok(reads)
}

/// Why somebody fell back to cash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FellBack {
    /// Cash was ordered from the start: the method was changed.
    Ordered,
    /// The first attempt came to nothing for this reason.
    Reason { class: String, system: String, code: String },
}

/// People of one group who fell back, by reason.
#[must_use]
pub fn fell_back<'a>(
    rows: impl IntoIterator<Item = &'a CellRow>,
    group_by: &[Dimension],
) -> BTreeMap<GroupKey, BTreeMap<FellBack, i64>> {
    let mut groups: BTreeMap<GroupKey, BTreeMap<FellBack, i64>> = BTreeMap::new();
    for row in rows {
        let Some(key) = group_key(row, group_by) else { continue };
        let mut parts = row.value.splitn(3, '|').map(str::to_owned);
        let why = match (parts.next(), parts.next(), parts.next()) {
            (Some(class), Some(system), Some(code)) => FellBack::Reason { class, system, code },
            _ => FellBack::Ordered,
        };
        *groups.entry(key).or_default().entry(why).or_default() += row.count;
    }
    groups
}

/// By group: people paid in cash whose chosen method goes to an account, of all people paid in cash.
#[must_use]
pub fn on_file<'a>(rows: impl IntoIterator<Item = &'a CellRow>, group_by: &[Dimension]) -> BTreeMap<GroupKey, Share> {
    let mut groups: BTreeMap<GroupKey, Share> = BTreeMap::new();
    for row in rows {
        let Some(key) = group_key(row, group_by) else { continue };
        let share = groups.entry(key).or_default();
        share.denominator += row.count;
        if row.value == "on_file" {
            share.numerator += row.count;
        }
    }
    groups
}

/// Turns the answer into one entry per group, in order of their keys.
#[must_use]
pub fn evaluate<'a>(rows: impl IntoIterator<Item = &'a CellRow>, group_by: &[Dimension]) -> Vec<Flow> {
    let mut groups: BTreeMap<GroupKey, Flow> = BTreeMap::new();
    for row in rows {
        let Some(key) = group_key(row, group_by) else { continue };
        let words = row.value.split_once('>');
        let pair = words.and_then(|(before, now)| Some((Standing::parse(before)?, Standing::parse(now)?)));
        if let Some(pair) = pair {
            *groups.entry(key).or_default().people.entry(pair).or_default() += row.count;
        }
    }
    groups.into_iter().map(|(key, flow)| Flow { key, ..flow }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projections::cell::Tally;
    use crate::projections::sample::cell_row;

    fn row(value: &str, count: i64) -> CellRow {
        cell_row(Tally::People, value, "", count)
    }

    #[test]
    fn only_people_of_both_cycles_are_the_base() {
        let rows = [
            row("cash>cashless", 4),
            row("cashless>cash", 1),
            row("cashless>cashless", 20),
            row("cash>cash", 5),
            row("mixed>cash", 2),
            row("none>cashless", 7),
            row("cash>none", 3),
        ];
        let found = evaluate(&rows, &[]);
        assert_eq!(found[0].to_cashless(), Share { numerator: 4, denominator: 32 });
        assert_eq!(found[0].to_cash(), Share { numerator: 1, denominator: 32 });
        assert_eq!(found[0].people(Standing::None, Standing::Cashless), 7);
    }
}
