//! What came of a cycle's payments, in the parts that may be published of it: counts of one node, and which of them are told where.
//! Pure; `docs/privacy.md` has the scheme.

use super::plan::{self, PlanError};
use super::privacy::{Cells, Lattice, Open, WHOLE};
use super::{CellRow, Columns, Dimension, FigureQuery, FigureRead, GroupKey, Share, Sum, group_key};
use crate::domain::ids::ChannelCode;
use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use crate::projections::cell::Tally;
use crate::projections::figures::first::ON_BEHALF;
use crate::projections::reference::Reference;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// How an attempt comes to nothing, with a reason.
pub const KINDS: [AttemptState; 3] = [AttemptState::Rejected, AttemptState::Failed, AttemptState::Returned];

/// A class of reasons is told by itself when the whole log has this many times k of it; the others are told together.
const CLASS_FACTOR: i64 = 3;

/// The counts of one node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcomes {
    /// Payments by state of the attempt that they stand on, and whether its channel is cashless.
    states: BTreeMap<(AttemptState, bool), Sum>,
    /// Payments that were not cancelled, whose first attempt was cashless; the others.
    first: BTreeMap<bool, i64>,
    /// Of the cashless ones, those that are live on their first attempt.
    succeeded: i64,
    /// Of the cashless ones, those that are live in cash.
    fell_back: i64,
    attempts: i64,
    /// Attempts that came to nothing, by kind and class of reason.
    reasons: BTreeMap<(AttemptState, String), i64>,
    /// Live payments by whether they are cashless, and the first of the profile's days by which they were settled; the last is none.
    settled_by: BTreeMap<(bool, usize), i64>,
    /// Live payments received on somebody's behalf, by whether they are cashless.
    others: BTreeMap<bool, i64>,
}

/// The read that answers the question: leaves by channel.
pub fn reads(query: &FigureQuery, reference: &dyn Reference) -> Result<FigureRead, PlanError> {
    let tallies = [Tally::State, Tally::Later, Tally::First, Tally::Attempt, Tally::Lag, Tally::Recipient];
    plan::leaves(query, &tallies, Columns { cycle: true, channel: true, ..Columns::default() }, reference)
}

/// Turns the answer into one entry per group. `days` are those of the cycle's month by which payments should be settled.
#[must_use]
pub fn evaluate<'a>(
    rows: impl IntoIterator<Item = &'a CellRow>,
    (group_by, days): (&[Dimension], &[i8]),
    reference: &dyn Reference,
) -> BTreeMap<GroupKey, Outcomes> {
    let cashless =
        |channel: &str| ChannelCode::parse(channel).ok().and_then(|code| reference.is_cashless(&code)).unwrap_or(false);
    let mut groups: BTreeMap<GroupKey, Outcomes> = BTreeMap::new();
    for row in rows {
        if let Some(key) = group_key(row, group_by) {
            groups.entry(key).or_default().add(row, days, &cashless);
        }
    }
    groups
}

fn state_of(word: &str) -> Option<AttemptState> {
    AttemptState::ALL.into_iter().find(|state| state.as_str() == word)
}

impl Outcomes {
    fn add(&mut self, row: &CellRow, days: &[i8], cashless: &dyn Fn(&str) -> bool) {
        let is_cashless = cashless(&row.channel);
        match row.tally {
            Tally::State => {
                if let Some(state) = state_of(&row.value) {
                    self.states.entry((state, is_cashless)).or_default().add(row);
                    self.add_first((state, is_cashless), is_cashless, row.count);
                }
            }
            // Those that stand on their first attempt: all, less those that stand on a later one.
            Tally::Later => {
                if let Some(state) = state_of(&row.value) {
                    self.add_first((state, is_cashless), is_cashless, -row.count);
                }
            }
            Tally::First => {
                let (state, channel) = row.value.split_once('|').unwrap_or((&row.value, ""));
                let Some(state) = state_of(state).filter(|state| *state != AttemptState::Cancelled) else { return };
                *self.first.entry(is_cashless).or_default() += row.count;
                if is_cashless && state == AttemptState::Settled && !cashless(channel) {
                    self.fell_back += row.count;
                }
            }
            Tally::Attempt => {
                self.attempts += row.count;
                let mut parts = row.value.splitn(3, '|');
                if let (Some(kind), Some(class)) = (parts.next().and_then(state_of), parts.next()) {
                    *self.reasons.entry((kind, class.to_owned())).or_default() += row.count;
                }
            }
            Tally::Lag => {
                let settled = row.value.split_once('|').and_then(|(_, settled)| settled.parse::<Date>().ok());
                let cycle = Month::parse(&row.cycle).ok();
                let by =
                    |day: &i8| settled.zip(cycle.and_then(|cycle| cycle.day(*day))).is_some_and(|(on, by)| on <= by);
                let place = days.iter().position(by).unwrap_or(days.len());
                *self.settled_by.entry((is_cashless, place)).or_default() += row.count;
            }
            Tally::Recipient if ON_BEHALF.contains(&row.value.as_str()) => {
                *self.others.entry(is_cashless).or_default() += row.count;
            }
            Tally::Recipient | Tally::People | Tally::Held | Tally::Open => {}
        }
    }

    fn add_first(&mut self, (state, _): (AttemptState, bool), is_cashless: bool, count: i64) {
        if state == AttemptState::Cancelled {
            return;
        }
        *self.first.entry(is_cashless).or_default() += count;
        if state == AttemptState::Settled && is_cashless {
            self.succeeded += count;
        }
    }

    /// Payments in some states.
    fn sum(&self, states: &[AttemptState]) -> Sum {
        let mut sum = Sum::default();
        for (_, one) in self.states.iter().filter(|((state, _), _)| states.contains(state)) {
            sum.count += one.count;
            sum.amount_minor += one.amount_minor;
        }
        sum
    }

    fn live(&self, cashless: bool) -> i64 {
        self.states.get(&(AttemptState::Settled, cashless)).map_or(0, |sum| sum.count)
    }

    fn first(&self, cashless: bool) -> i64 {
        self.first.get(&cashless).copied().unwrap_or(0)
    }

    /// Attempts beside those that payments stand on.
    fn beside(&self) -> i64 {
        self.attempts - self.sum(&AttemptState::ALL).count
    }

    fn of_kind(&self, kind: AttemptState) -> i64 {
        self.reasons.iter().filter(|((one, _), _)| *one == kind).map(|(_, count)| count).sum()
    }

    fn of_class(&self, kind: AttemptState, class: &str) -> i64 {
        self.reasons.get(&(kind, class.to_owned())).copied().unwrap_or(0)
    }

    fn settled_by(&self, cashless: bool, place: usize) -> i64 {
        self.settled_by.get(&(cashless, place)).copied().unwrap_or(0)
    }

    fn others(&self, cashless: bool) -> i64 {
        self.others.get(&cashless).copied().unwrap_or(0)
    }
}

/// The states that are told together, of one cycle.
type States = Vec<Vec<AttemptState>>;

/// What is told of one cycle: how finely, and of which nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenOutcomes {
    /// The states beside settled; empty where their cells are small in the whole log.
    states: States,
    /// By kind, the classes that are told by themselves; a kind that is absent is told as a whole.
    classes: BTreeMap<AttemptState, Vec<String>>,
    by_state: BTreeSet<String>,
    first: BTreeSet<String>,
    days: BTreeSet<String>,
    reasons: BTreeSet<String>,
    others: BTreeSet<String>,
}

/// A node's figures as published: what is kept back is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Values of the dimensions asked for.
    pub key: GroupKey,
    /// All payments.
    pub instructed: Option<Sum>,
    /// C1: payments without an open attempt, of all instructed.
    pub completeness: Option<Share>,
    /// Payments by state; those of one entry are told together.
    pub states: Option<Vec<(Vec<AttemptState>, Sum)>>,
    /// Payments whose first attempt was cashless, of all that were not cancelled; S1; S3.
    pub first: Option<[Share; 3]>,
    /// S4: live payments settled by each day of the cycle's month, of those not cancelled.
    pub settled_by_day: Option<Vec<(i8, Share)>>,
    /// S2.
    pub reasons: Option<Reasons>,
    /// S7: live payments received on somebody's behalf, of all live payments.
    pub through_others: Option<Share>,
}

/// Why attempts came to nothing, as published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasons {
    /// All attempts.
    pub attempts: i64,
    /// By kind: attempts that ended so, of all; `returned` of those that were settled.
    pub rates: Vec<(AttemptState, Share)>,
    /// By kind and class; no class holds all that are not told by themselves.
    pub classes: Vec<(AttemptState, Option<String>, i64)>,
}

/// A cell's name and number.
type Cell = (String, i64);

fn cells(table: &BTreeMap<String, Outcomes>, of: impl Fn(&str, &Outcomes) -> Vec<Cell>) -> Cells {
    let named = |(node, outcomes): (&String, &Outcomes)| {
        let row = of(node, outcomes).into_iter().map(|(name, number)| (vec![name], vec![number]));
        (node.clone(), row.collect())
    };
    table.iter().map(named).collect()
}

fn first_cells(o: &Outcomes) -> Vec<Cell> {
    let in_cash_at_first = o.live(false) - o.fell_back;
    [
        ("succeeded", o.succeeded),
        ("fell_back", o.fell_back),
        ("cashless_rest", o.first(true) - o.succeeded - o.fell_back),
        ("in_cash_at_first", in_cash_at_first),
        ("cash_rest", o.first(false) - in_cash_at_first),
        ("cashless_later", o.live(true) - o.succeeded),
    ]
    .map(|(name, number)| (name.to_owned(), number))
    .to_vec()
}

impl Lattice<'_> {
    /// What may be told of a cycle. `whole` is what is open of adoption; the table has all nodes.
    #[must_use]
    pub fn outcomes(&self, whole: &Open, (table, days): (&BTreeMap<String, Outcomes>, usize)) -> OpenOutcomes {
        let mut open = OpenOutcomes::default();
        let Some(all) = table.get(WHOLE) else { return open };
        let others = |_: &str, o: &Outcomes| {
            let of = |cashless: bool| [o.others(cashless), o.live(cashless) - o.others(cashless)];
            let numbers = [of(true), of(false)].concat();
            numbers.into_iter().enumerate().map(|(place, number)| (format!("{place}"), number)).collect()
        };
        open.others = self.walk(&cells(table, others), &|node| whole.payments.contains(node));
        let Some(states) = self.states(all) else { return open };
        let by_state = |_: &str, o: &Outcomes| {
            states.iter().enumerate().map(|(place, one)| (format!("{place}"), o.sum(one).count)).collect()
        };
        open.by_state = self.walk(&cells(table, by_state), &|node| whole.completeness.contains(node));
        let by_state = |node: &str| open.by_state.contains(node);
        open.first = self.walk(&cells(table, |_, o| first_cells(o)), &by_state);
        let settled_by = |_: &str, o: &Outcomes| {
            let places = (0..=days).flat_map(|place| [(true, place), (false, place)]);
            places.map(|(cashless, place)| (format!("{cashless} {place}"), o.settled_by(cashless, place))).collect()
        };
        open.days = self.walk(&cells(table, settled_by), &by_state);
        if KINDS.iter().all(|kind| states.contains(&vec![*kind])) {
            open.classes = self.classes(all);
            let reasons = |node: &str, o: &Outcomes| reason_cells(o, &open.classes, open.first.contains(node));
            open.reasons = self.walk(&cells(table, reasons), &by_state);
        }
        open.states = states;
        open
    }

    /// How finely states are told: each by itself, or what came to nothing together, and what is open together.
    fn states(&self, all: &Outcomes) -> Option<States> {
        let safe = |states: &States| states.iter().all(|one| !self.is_small(all.sum(one).count));
        let one_by_one = |states: &[AttemptState]| -> States { states.iter().map(|state| vec![*state]).collect() };
        let finest_safe = |choices: [States; 2]| choices.into_iter().find(safe);
        let cancelled = [AttemptState::Cancelled];
        let ended = [one_by_one(&[&KINDS[..], &cancelled].concat()), vec![KINDS.to_vec(), cancelled.to_vec()]];
        let open = [AttemptState::Instructed, AttemptState::Accepted];
        let open = [one_by_one(&open), vec![open.to_vec()]];
        Some([finest_safe(ended)?, finest_safe(open)?].concat())
    }

    fn classes(&self, all: &Outcomes) -> BTreeMap<AttemptState, Vec<String>> {
        let mut classes = BTreeMap::new();
        for kind in KINDS {
            let mut shown: Vec<String> = Vec::new();
            let mut rest = 0;
            for ((_, class), count) in all.reasons.iter().filter(|((one, _), _)| *one == kind) {
                if *count >= CLASS_FACTOR * self.smallest {
                    shown.push(class.clone());
                } else {
                    rest += count;
                }
            }
            if !self.is_small(rest) {
                classes.insert(kind, shown);
            }
        }
        classes
    }
}

/// Classes; what was tried and given up by kind, and of no kind; and, where first attempts are told as well, attempts that neither explains.
fn reason_cells(o: &Outcomes, classes: &BTreeMap<AttemptState, Vec<String>>, beside_first: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut unexplained = o.beside();
    for kind in KINDS {
        let word = kind.as_str();
        let mut rest = o.of_kind(kind);
        for class in classes.get(&kind).into_iter().flatten() {
            let count = o.of_class(kind, class);
            rest -= count;
            cells.push((format!("{word} {class}"), count));
        }
        cells.push((format!("{word} rest"), rest));
        let given_up = o.of_kind(kind) - o.sum(&[kind]).count;
        unexplained -= given_up;
        cells.push((format!("{word} given up"), given_up));
    }
    cells.push(("unexplained".to_owned(), unexplained));
    cells.push(("beside".to_owned(), o.beside()));
    if beside_first {
        let live_later = o.fell_back + o.live(true) - o.succeeded;
        cells.push(("neither".to_owned(), o.beside() - live_later));
    }
    cells
}

impl OpenOutcomes {
    /// What is told of a node. `whole` is what is open of adoption.
    #[must_use]
    pub fn told(&self, (node, key): (Option<&str>, GroupKey), (o, whole): (&Outcomes, &Open), days: &[i8]) -> Told {
        let shows = |nodes: &BTreeSet<String>| node.is_some_and(|node| nodes.contains(node));
        let all = o.sum(&AttemptState::ALL);
        let open = o.sum(&AttemptState::ALL.into_iter().filter(|state| !state.is_final()).collect::<Vec<_>>());
        let ordered = all.count - o.sum(&[AttemptState::Cancelled]).count;
        let live = o.sum(&[AttemptState::Settled]);
        let share = |numerator: i64, denominator: i64| Share { numerator, denominator };
        let states = || {
            let settled = vec![AttemptState::Settled];
            std::iter::once(&settled).chain(&self.states).map(|one| (one.clone(), o.sum(one))).collect()
        };
        let first = || {
            let cashless = o.first(true);
            [share(cashless, ordered), share(o.succeeded, cashless), share(o.fell_back, cashless)]
        };
        let by_day = || {
            let by = |place: usize| [true, false].map(|cashless| o.settled_by(cashless, place)).iter().sum::<i64>();
            let until = |place: usize| share((0..=place).map(by).sum(), ordered);
            days.iter().enumerate().map(|(place, day)| (*day, until(place))).collect()
        };
        Told {
            key,
            instructed: shows(&whole.completeness).then_some(all),
            completeness: shows(&whole.completeness).then(|| share(all.count - open.count, all.count)),
            states: shows(&self.by_state).then(states),
            first: shows(&self.first).then(first),
            settled_by_day: shows(&self.days).then(by_day),
            reasons: shows(&self.reasons).then(|| self.reasons_of(o)),
            through_others: shows(&self.others).then(|| share(o.others(true) + o.others(false), live.count)),
        }
    }

    fn reasons_of(&self, o: &Outcomes) -> Reasons {
        let mut found = Reasons { attempts: o.attempts, ..Reasons::default() };
        for kind in KINDS {
            let numerator = o.of_kind(kind);
            let settled = numerator + o.sum(&[AttemptState::Settled]).count;
            let denominator = if kind == AttemptState::Returned { settled } else { o.attempts };
            found.rates.push((kind, Share { numerator, denominator }));
            let mut rest = numerator;
            for class in self.classes.get(&kind).into_iter().flatten() {
                let count = o.of_class(kind, class);
                rest -= count;
                found.classes.push((kind, Some(class.clone()), count));
            }
            found.classes.push((kind, None, rest));
        }
        found
    }
}
