//! Small numbers: of which units figures may be published, so that no cell of 1 to k-1 people or payments can be computed from all that
//! is published together. Pure; `docs/privacy.md` has the scheme, its proof and its limits.

use super::adoption::Adoption;
use super::{Dimension, FigureQuery, GroupKey};
use crate::domain::place::UnitBasis;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The whole log, as the node above all units.
pub const WHOLE: &str = "";

/// What published figures may be broken down by, beside units and cycles. Each has its own table of all units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breakdown {
    /// Not at all.
    Whole,
    /// By channel.
    Channel,
    /// By channel, agent and bank together.
    Provider,
    /// By benefit group.
    Group,
    /// By benefit type.
    Type,
    /// By urban and rural units.
    Urban,
    /// By both.
    UrbanGroup,
}

impl Breakdown {
    /// The table that holds the cells of a question; `None` where no table is so fine.
    #[must_use]
    pub fn of(query: &FigureQuery) -> Option<Self> {
        let by = |dimension: Dimension| query.group_by.contains(&dimension);
        let filters = &query.filters;
        let provider =
            by(Dimension::Agent) || by(Dimension::Bank) || !filters.agents.is_empty() || !filters.banks.is_empty();
        let channel = by(Dimension::Channel) || !filters.channels.is_empty();
        let benefit_type = by(Dimension::BenefitType) || !filters.benefit_types.is_empty();
        let group = by(Dimension::BenefitGroup) || !filters.benefit_groups.is_empty();
        let urban = by(Dimension::Urban) || filters.urban.is_some();
        if filters.basis != UnitBasis::AsPaid || query.asks_cohorts() {
            return None;
        }
        match (provider || channel, benefit_type || group, urban) {
            (false, false, false) => Some(Self::Whole),
            (true, false, false) if provider => Some(Self::Provider),
            (true, false, false) => Some(Self::Channel),
            (false, true, false) if benefit_type => Some(Self::Type),
            (false, true, false) => Some(Self::Group),
            (false, false, true) => Some(Self::Urban),
            (false, true, true) if !benefit_type => Some(Self::UrbanGroup),
            _ => None,
        }
    }

    /// What its table is grouped by.
    #[must_use]
    pub fn dimensions(self) -> Vec<Dimension> {
        match self {
            Self::Whole => Vec::new(),
            Self::Channel => vec![Dimension::Channel],
            Self::Provider => vec![Dimension::Channel, Dimension::Agent, Dimension::Bank],
            Self::Group => vec![Dimension::BenefitGroup],
            Self::Type => vec![Dimension::BenefitType],
            Self::Urban => vec![Dimension::Urban],
            Self::UrbanGroup => vec![Dimension::Urban, Dimension::BenefitGroup],
        }
    }

    /// The tables whose cells are sums of its own.
    const fn coarser(self) -> &'static [Self] {
        match self {
            Self::Whole => &[],
            Self::Channel | Self::Group | Self::Urban => &[Self::Whole],
            Self::Provider => &[Self::Channel],
            Self::Type => &[Self::Group],
            Self::UrbanGroup => &[Self::Urban, Self::Group],
        }
    }

    /// All tables that have to be known, the coarsest first, itself last.
    #[must_use]
    pub fn closure(self) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for one in self.coarser() {
            all.extend(one.closure());
        }
        all.push(self);
        let mut seen = BTreeSet::new();
        all.retain(|one| seen.insert(*one));
        all
    }

    /// People who get several benefits, or are paid in town and country, stand in several cells, and the sum of the cells tells of them.
    /// By channel it would tell of those who are paid both ways: they are not published by channel. Nor is completeness (`outcomes`).
    const fn tells_people(self) -> bool {
        !matches!(self, Self::Channel | Self::Provider)
    }
}

/// The figures of each node, by the dimensions of a breakdown.
pub type Nodes = BTreeMap<String, BTreeMap<GroupKey, Adoption>>;

/// The nodes whose figures may be published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Open {
    /// Numbers of people.
    pub people: BTreeSet<String>,
    /// Numbers of payments, and amounts.
    pub payments: BTreeSet<String>,
    /// How many payments have an outcome.
    pub completeness: BTreeSet<String>,
}

/// Numbers that each must be 0 or at least k, by node and cell.
pub(super) type Cells = BTreeMap<String, BTreeMap<GroupKey, Vec<i64>>>;

/// All that decides what may be published of one cycle.
pub struct Lattice<'a> {
    /// k.
    pub smallest: i64,
    /// Whether people who are paid both ways count as cashless.
    pub mixed_as_cashless: bool,
    /// The nodes below one, of those in the tables.
    pub children: &'a dyn Fn(&str) -> Vec<String>,
    /// The group of a benefit type.
    pub group_of: &'a dyn Fn(&str) -> String,
    /// The tables of a breakdown's closure.
    pub tables: &'a BTreeMap<Breakdown, Arc<Nodes>>,
}

impl Lattice<'_> {
    /// The nodes that are open for a breakdown.
    #[must_use]
    pub fn open(&self, breakdown: Breakdown) -> Open {
        let mut found: BTreeMap<Breakdown, Open> = BTreeMap::new();
        for one in breakdown.closure() {
            let open = self.open_of(one, &found);
            found.insert(one, open);
        }
        found.remove(&breakdown).unwrap_or_default()
    }

    /// A table is open only where all coarser ones are: what is closed together in one of them is closed together here.
    fn open_of(&self, breakdown: Breakdown, found: &BTreeMap<Breakdown, Open>) -> Open {
        let coarser: Vec<&Open> = breakdown.coarser().iter().filter_map(|one| found.get(one)).collect();
        let payments = |a: &Adoption| vec![a.payments.numerator, a.payments.denominator - a.payments.numerator];
        let people = |a: &Adoption| {
            let share = a.people.share(self.mixed_as_cashless);
            vec![share.numerator, share.denominator - share.numerator]
        };
        let outcomes = |a: &Adoption| {
            vec![
                a.completeness.numerator - a.payments.denominator,
                a.completeness.denominator - a.completeness.numerator,
            ]
        };
        let mut open = Open::default();
        if breakdown == Breakdown::Whole {
            let both = |a: &Adoption| [people(a), payments(a)].concat();
            open.payments = self.walk(&self.cells(breakdown, &both), &|_| true);
            open.people.clone_from(&open.payments);
        } else {
            let by_coarser = |node: &str| coarser.iter().all(|open| open.payments.contains(node));
            open.payments = self.walk(&self.cells(breakdown, &payments), &by_coarser);
            if breakdown.tells_people() {
                let by_coarser = |node: &str| coarser.iter().all(|open| open.people.contains(node));
                let mut cells = self.cells(breakdown, &people);
                self.add_overlaps(breakdown, &people, &mut cells);
                open.people = self.walk(&cells, &by_coarser);
            }
        }
        let above = |node: &str| coarser.iter().all(|open| open.completeness.contains(node));
        let by_coarser = |node: &str| breakdown.tells_people() && open.payments.contains(node) && above(node);
        open.completeness = self.walk(&self.cells(breakdown, &outcomes), &by_coarser);
        open
    }

    fn cells(&self, breakdown: Breakdown, numbers: &dyn Fn(&Adoption) -> Vec<i64>) -> Cells {
        let mut cells = Cells::new();
        for (node, rows) in self.tables.get(&breakdown).into_iter().flat_map(|nodes| nodes.iter()) {
            cells.insert(node.clone(), rows.iter().map(|(key, row)| (key.clone(), numbers(row))).collect());
        }
        cells
    }

    /// By how much the cells of a node exceed the cell of a coarser table that they make up: people who stand in several.
    fn add_overlaps(&self, breakdown: Breakdown, numbers: &dyn Fn(&Adoption) -> Vec<i64>, cells: &mut Cells) {
        for coarse in breakdown.coarser() {
            let wholes = self.cells(*coarse, numbers);
            for (node, parts) in cells.iter_mut() {
                let mut excess: BTreeMap<GroupKey, Vec<i64>> = BTreeMap::new();
                for (key, whole) in wholes.get(node).into_iter().flatten() {
                    add(excess.entry(key.clone()).or_default(), whole, -1);
                }
                for (key, part) in parts.iter().filter(|(key, _)| !is_overlap(key)) {
                    add(excess.entry(self.key_in(breakdown, *coarse, key)).or_default(), part, 1);
                }
                let named = |key: GroupKey| [vec![OVERLAP.to_owned(), format!("{coarse:?}")], key].concat();
                parts.extend(excess.into_iter().map(|(key, numbers)| (named(key), numbers)));
            }
        }
    }

    /// The cell of a coarser table that a cell is part of.
    fn key_in(&self, breakdown: Breakdown, coarse: Breakdown, key: &GroupKey) -> GroupKey {
        let part = |place: usize| key.get(place).cloned().unwrap_or_default();
        match (breakdown, coarse) {
            (Breakdown::Type, Breakdown::Group) => vec![(self.group_of)(&part(0))],
            (Breakdown::UrbanGroup, Breakdown::Group) => vec![part(1)],
            (Breakdown::UrbanGroup, Breakdown::Urban) | (Breakdown::Provider, Breakdown::Channel) => vec![part(0)],
            _ => Vec::new(),
        }
    }

    /// From the whole log downwards: the children of an open node that may be open beside one another.
    pub(super) fn walk(&self, cells: &Cells, may: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
        let mut open = BTreeSet::new();
        if !may(WHOLE) || !self.is_safe(cells, WHOLE) {
            return open;
        }
        let mut waiting = vec![WHOLE.to_owned()];
        while let Some(parent) = waiting.pop() {
            waiting.extend(self.open_children(cells, &parent, may));
            open.insert(parent);
        }
        open
    }

    /// Children with small cells are closed. What remains of the parent after the open ones is known to everybody, and must be safe as
    /// well: until it is, the smallest of the open ones are closed with them.
    fn open_children(&self, cells: &Cells, parent: &str, may: &dyn Fn(&str) -> bool) -> Vec<String> {
        let nothing = BTreeMap::new();
        let of = |node: &str| cells.get(node).unwrap_or(&nothing);
        let mut open: Vec<String> =
            (self.children)(parent).into_iter().filter(|child| may(child) && self.is_safe(cells, child)).collect();
        let size = |node: &str| -> i64 { of(node).values().flatten().map(|number| number.abs()).sum() };
        open.sort_by_cached_key(|child| (Reverse(size(child)), child.clone()));
        let mut rest = of(parent).clone();
        let mut change = |child: &str, sign: i64| {
            for (key, numbers) in of(child) {
                add(rest.entry(key.clone()).or_default(), numbers, sign);
            }
            rest.values().flatten().all(|number| !self.is_small(*number))
        };
        let mut safe = true;
        for child in &open {
            safe = change(child, -1);
        }
        if open.is_empty() {
            return open;
        }
        while !safe {
            let Some(child) = open.pop() else { break };
            safe = change(&child, 1);
        }
        open
    }

    fn is_safe(&self, cells: &Cells, node: &str) -> bool {
        cells.get(node).is_some_and(|cells| cells.values().flatten().all(|number| !self.is_small(*number)))
    }

    pub(super) const fn is_small(&self, number: i64) -> bool {
        number != 0 && number.abs() < self.smallest
    }
}

const OVERLAP: &str = "overlap";

fn is_overlap(key: &GroupKey) -> bool {
    key.first().is_some_and(|word| word == OVERLAP)
}

fn add(sum: &mut Vec<i64>, numbers: &[i64], sign: i64) {
    sum.resize(numbers.len().max(sum.len()), 0);
    for (total, number) in sum.iter_mut().zip(numbers) {
        *total += sign * number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projections::figures::Share;
    use crate::projections::figures::adoption::People;

    /// Cashless and other people, each with one payment that has an outcome.
    fn adoption(cashless: i64, cash: i64) -> Adoption {
        let share = Share { numerator: cashless, denominator: cashless + cash };
        let completeness = Share { numerator: cashless + cash, denominator: cashless + cash };
        Adoption { people: People { cashless, cash, mixed: 0 }, payments: share, completeness, ..Adoption::default() }
    }

    fn children(node: &str) -> Vec<String> {
        let below: &[&str] = match node {
            WHOLE => &["P"],
            "P" => &["D1", "D2"],
            "D1" => &["A", "B", "C"],
            _ => &[],
        };
        below.iter().map(|node| (*node).to_owned()).collect()
    }

    fn nodes(cells: &[(&str, &str, Adoption)]) -> Nodes {
        let mut nodes = Nodes::new();
        for (node, cell, figures) in cells {
            let key = if cell.is_empty() { Vec::new() } else { vec![(*cell).to_owned()] };
            nodes.entry((*node).to_owned()).or_default().insert(key, figures.clone());
        }
        nodes
    }

    fn open(tables: &BTreeMap<Breakdown, Arc<Nodes>>, breakdown: Breakdown) -> Open {
        let group_of = |code: &str| code.to_owned();
        let lattice =
            Lattice { smallest: 5, mixed_as_cashless: false, children: &children, group_of: &group_of, tables };
        lattice.open(breakdown)
    }

    fn names(open: &BTreeSet<String>) -> Vec<&str> {
        open.iter().map(String::as_str).collect()
    }

    /// Two districts; in the first, A has few in cash.
    fn whole() -> Nodes {
        nodes(&[
            (WHOLE, "", adoption(60, 40)),
            ("P", "", adoption(60, 40)),
            ("D1", "", adoption(40, 20)),
            ("D2", "", adoption(20, 20)),
            ("A", "", adoption(10, 2)),
            ("B", "", adoption(10, 8)),
            ("C", "", adoption(20, 10)),
        ])
    }

    #[test]
    fn the_smallest_sibling_is_closed_with_a_small_unit() {
        let found = open(&BTreeMap::from([(Breakdown::Whole, Arc::new(whole()))]), Breakdown::Whole);
        assert_eq!(
            names(&found.people),
            [WHOLE, "C", "D1", "D2", "P"],
            "A has two in cash; with B closed as well, ten"
        );
        assert_eq!(found.payments, found.people);
    }

    #[test]
    fn what_is_closed_in_a_coarse_table_is_closed_in_a_finer_one() {
        let by_channel = nodes(&[
            (WHOLE, "account", adoption(60, 0)),
            (WHOLE, "cash_desk", adoption(0, 40)),
            ("P", "account", adoption(60, 0)),
            ("P", "cash_desk", adoption(0, 40)),
            ("D1", "account", adoption(40, 0)),
            ("D1", "cash_desk", adoption(0, 20)),
            ("D2", "account", adoption(20, 0)),
            ("D2", "cash_desk", adoption(0, 20)),
            ("B", "account", adoption(10, 0)),
            ("B", "cash_desk", adoption(0, 8)),
            ("C", "account", adoption(20, 0)),
            ("C", "cash_desk", adoption(0, 10)),
        ]);
        let tables =
            BTreeMap::from([(Breakdown::Whole, Arc::new(whole())), (Breakdown::Channel, Arc::new(by_channel))]);
        let found = open(&tables, Breakdown::Channel);
        assert_eq!(names(&found.payments), [WHOLE, "C", "D1", "D2", "P"], "B is safe here, and closed beside A");
        assert!(found.people.is_empty(), "by channel, people would tell who is paid both ways");
    }

    #[test]
    fn few_people_with_two_benefits_close_the_people_of_a_unit() {
        let parts = |one: i64, other: i64| {
            Arc::new(nodes(&[(WHOLE, "pension", adoption(one, 20)), (WHOLE, "disability", adoption(other, 20))]))
        };
        let whole = Arc::new(nodes(&[(WHOLE, "", adoption(60, 40))]));
        let of = |one: i64, other: i64| {
            let tables =
                BTreeMap::from([(Breakdown::Whole, Arc::clone(&whole)), (Breakdown::Group, parts(one, other))]);
            open(&tables, Breakdown::Group).people.len()
        };
        assert_eq!(of(40, 20), 1, "nobody has both");
        assert_eq!(of(40, 23), 0, "three have");
        assert_eq!(of(40, 26), 1, "six have");
    }

    #[test]
    fn no_table_holds_channel_and_benefit_at_once() {
        let of = |group_by: Vec<Dimension>| Breakdown::of(&FigureQuery { group_by, ..FigureQuery::default() });
        assert_eq!(of(vec![Dimension::Unit, Dimension::Bank]), Some(Breakdown::Provider));
        assert_eq!(of(vec![Dimension::Urban, Dimension::BenefitGroup]), Some(Breakdown::UrbanGroup));
        assert_eq!(of(vec![Dimension::Channel, Dimension::BenefitGroup]), None);
        assert_eq!(of(vec![Dimension::Urban, Dimension::BenefitType]), None);
    }
}
