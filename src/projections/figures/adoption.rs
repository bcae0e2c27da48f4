//! Adoption: how far non-cash payment has come, by people (A1), amount (A2) and payments (A3), with completeness (C1).

use crate::domain::ids::ChannelCode;
use crate::domain::payment::state::AttemptState;
use crate::projections::cell::Tally;
use crate::projections::figures::plan::{self, PlanError};
use crate::projections::figures::{CellRow, Columns, Dimension, FigureQuery, FigureRead, GroupKey, Share, group_key};
use crate::projections::reference::Reference;
use std::collections::BTreeMap;

/// People with a live payment, each in one of three standings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct People {
    /// All their live payments are cashless.
    pub cashless: i64,
    /// All are cash.
    pub cash: i64,
    /// Both kinds.
    pub mixed: i64,
}

impl People {
    /// Adds the people of a row.
    pub fn add(&mut self, row: &CellRow) {
        match row.value.as_str() {
            "cashless" => self.cashless += row.count,
            "cash" => self.cash += row.count,
            _ => self.mixed += row.count,
        }
    }

    /// All people with a live payment.
    #[must_use]
    pub const fn all(self) -> i64 {
        self.cashless + self.cash + self.mixed
    }

    /// A1. Mixed people count as cashless only where that is asked for.
    #[must_use]
    pub const fn share(self, mixed_as_cashless: bool) -> Share {
        let numerator = if mixed_as_cashless { self.cashless + self.mixed } else { self.cashless };
        Share { numerator, denominator: self.all() }
    }
}

/// What of a group is not told to readers of published figures, because it would tell of few people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeptBack {
    /// Numbers of people.
    pub people: bool,
    /// Numbers of payments, and amounts.
    pub payments: bool,
    /// How many payments have an outcome.
    pub completeness: bool,
}

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoption {
    /// Values of the dimensions asked for.
    pub key: GroupKey,
    /// A1's people.
    pub people: People,
    /// A2: live amount that is cashless, of all live amount, in minor units.
    pub amount: Share,
    /// A3: live payments that are cashless, of all live payments.
    pub payments: Share,
    /// C1: payments without an open attempt, of all instructed.
    pub completeness: Share,
    /// Figures as published, with what is not told; `None` where all is.
    pub kept_back: Option<KeptBack>,
}

/// The reads that answer the question: people first, then payments.
pub fn reads(query: &FigureQuery, reference: &dyn Reference) -> Result<Vec<FigureRead>, PlanError> {
    let by_channel = Columns { channel: true, ..Columns::default() };
    plan::people_and_leaves(query, &[Tally::State], by_channel, reference)
}

/// Turns the answers of all [`reads`] into one entry per group, in order of their keys.
#[must_use]
pub fn evaluate<'a>(
    rows: impl IntoIterator<Item = &'a CellRow>,
    group_by: &[Dimension],
    reference: &dyn Reference,
) -> Vec<Adoption> {
    let mut groups: BTreeMap<GroupKey, Adoption> = BTreeMap::new();
    for row in rows {
        let Some(key) = group_key(row, group_by) else { continue };
        let group = groups.entry(key).or_default();
        match row.tally {
            Tally::People => group.people.add(row),
            Tally::State => add_payments(group, row, reference),
            Tally::Held
            | Tally::Open
            | Tally::Lag
            | Tally::Attempt
            | Tally::Later
            | Tally::First
            | Tally::Recipient => {}
        }
    }
    groups.into_iter().map(|(key, group)| Adoption { key, ..group }).collect()
}

fn add_payments(group: &mut Adoption, row: &CellRow, reference: &dyn Reference) {
    group.completeness.denominator += row.count;
    if AttemptState::ALL.iter().any(|state| state.is_final() && state.as_str() == row.value) {
        group.completeness.numerator += row.count;
    }
    if row.value == AttemptState::Settled.as_str() {
        group.payments.denominator += row.count;
        group.amount.denominator += row.amount_minor;
        let channel = ChannelCode::parse(&row.channel).ok();
        if channel.and_then(|channel| reference.is_cashless(&channel)) == Some(true) {
            group.payments.numerator += row.count;
            group.amount.numerator += row.amount_minor;
        }
    }
}
