//! Settlement: how far payments are from the beneficiary: funnel by state, ageing (S5), timeliness (S4), reasons (S2), C1.

use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use crate::projections::cell::Tally;
use crate::projections::figures::plan::{self, PlanError};
use crate::projections::figures::{
    CellRow, Columns, Dimension, FigureQuery, FigureRead, GroupKey, Share, Sum, group_key,
};
use crate::projections::reference::Reference;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What the figures are measured against; from the profile and the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yardstick {
    /// Open payments are aged on this day.
    pub today: Date,
    /// Last day of each age, in days since due, ascending; older ones are in a further bucket. Default 2, 5, 10, 25.
    pub ageing_days: Vec<i32>,
    /// Days of the cycle's month by which payments should be settled. Default 5, 10, 25.
    pub timeliness_days: Vec<i8>,
}

/// Open payments of one age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Age {
    /// First day since due; `None` for payments that are not due yet.
    pub from_days: Option<i32>,
    /// Last day since due; `None` in the last bucket and for payments that are not due yet.
    pub to_days: Option<i32>,
    /// How many and how much.
    pub open: Sum,
}

/// Why attempts came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReasonKey {
    /// `rejected`, `returned` or `failed`.
    pub kind: String,
    /// The reason's class.
    pub class: String,
    /// Whose code it is.
    pub system: String,
    /// The code.
    pub code: String,
}

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// Values of the dimensions asked for.
    pub key: GroupKey,
    /// All payments.
    pub instructed: Sum,
    /// Payments by state of the latest attempt; their sum is `instructed`. Every state has its entry.
    pub states: BTreeMap<&'static str, Sum>,
    /// Payments that wait for a person, among the open ones.
    pub held: Sum,
    /// S5: open payments by age: not due yet, then by days since due.
    pub ageing: Vec<Age>,
    /// S4: for each day of the yardstick, live payments settled by that day of their cycle's month, of those not cancelled.
    pub settled_by_day: Vec<(i8, Share)>,
    /// S4: days from due to settled of live payments: the smallest number of days that half of them do not exceed.
    pub days_median: Option<i32>,
    /// The same for nine tenths.
    pub days_p90: Option<i32>,
    /// All attempts.
    pub attempts: Sum,
    /// S2: attempts that came to nothing, by reason.
    pub reasons: BTreeMap<ReasonKey, Sum>,
    /// C1: payments without an open attempt, of all instructed.
    pub completeness: Share,
}

impl Settlement {
    /// S2: attempts that ended so (`rejected`, `failed`), of all attempts; `returned` is of those that were settled.
    #[must_use]
    pub fn rate(&self, kind: &str) -> Share {
        let numerator = self.reasons.iter().filter(|(reason, _)| reason.kind == kind).map(|(_, sum)| sum.count).sum();
        let live = self.states.get(AttemptState::Settled.as_str()).map_or(0, |sum| sum.count);
        let denominator = if kind == AttemptState::Returned.as_str() { live + numerator } else { self.attempts.count };
        Share { numerator, denominator }
    }
}

/// The read that answers the question.
pub fn reads(query: &FigureQuery, reference: &dyn Reference) -> Result<Vec<FigureRead>, PlanError> {
    let tallies = [Tally::State, Tally::Held, Tally::Open, Tally::Lag, Tally::Attempt];
    let by_cycle = Columns { cycle: true, ..Columns::default() };
    Ok(vec![plan::leaves(query, &tallies, by_cycle, reference)?])
}

/// Turns the answer into one entry per group, in order of their keys.
#[must_use]
pub fn evaluate<'a>(
    rows: impl IntoIterator<Item = &'a CellRow>,
    group_by: &[Dimension],
    yardstick: &Yardstick,
) -> Vec<Settlement> {
    let mut groups: BTreeMap<GroupKey, Gathered> = BTreeMap::new();
    for row in rows {
        if let Some(key) = group_key(row, group_by) {
            groups.entry(key).or_insert_with(|| Gathered::new(yardstick)).add(row, yardstick);
        }
    }
    groups.into_iter().map(|(key, gathered)| gathered.finish(key)).collect()
}

struct Gathered {
    figures: Settlement,
    /// Live payments by days from due to settled.
    days: BTreeMap<i32, i64>,
}

impl Gathered {
    fn new(yardstick: &Yardstick) -> Self {
        let mut ageing = vec![Age::default()];
        let mut from = 0;
        for to in &yardstick.ageing_days {
            ageing.push(Age { from_days: Some(from), to_days: Some(*to), open: Sum::default() });
            from = to + 1;
        }
        ageing.push(Age { from_days: Some(from), to_days: None, open: Sum::default() });
        let figures = Settlement {
            states: AttemptState::ALL.iter().map(|state| (state.as_str(), Sum::default())).collect(),
            ageing,
            settled_by_day: yardstick.timeliness_days.iter().map(|day| (*day, Share::default())).collect(),
            ..Settlement::default()
        };
        Self { figures, days: BTreeMap::new() }
    }

    fn add(&mut self, row: &CellRow, yardstick: &Yardstick) {
        match row.tally {
            Tally::State => self.add_state(row),
            Tally::Held => self.figures.held.add(row),
            Tally::Open => self.add_open(row, yardstick.today),
            Tally::Lag => self.add_lag(row),
            Tally::Attempt => self.add_attempt(row),
            Tally::People | Tally::Later | Tally::First | Tally::Recipient => {}
        }
    }

    fn add_state(&mut self, row: &CellRow) {
        self.figures.instructed.add(row);
        self.figures.completeness.denominator += row.count;
        for state in AttemptState::ALL.iter().filter(|state| state.as_str() == row.value) {
            self.figures.states.entry(state.as_str()).or_default().add(row);
            if state.is_final() {
                self.figures.completeness.numerator += row.count;
            }
        }
        if row.value != AttemptState::Cancelled.as_str() {
            for (_, share) in &mut self.figures.settled_by_day {
                share.denominator += row.count;
            }
        }
    }

    fn add_open(&mut self, row: &CellRow, today: Date) {
        let Some(age) = row.value.parse().ok().and_then(|due: Date| days_between(due, today)) else { return };
        let fits = |bucket: &&mut Age| match (bucket.from_days, bucket.to_days) {
            (None, _) => age < 0,
            (Some(from), to) => age >= from && to.is_none_or(|to| age <= to),
        };
        if let Some(bucket) = self.figures.ageing.iter_mut().find(fits) {
            bucket.open.add(row);
        }
    }

    fn add_lag(&mut self, row: &CellRow) {
        let Some((due, settled)) = row.value.split_once('|') else { return };
        let (Ok(due), Ok(settled)) = (due.parse::<Date>(), settled.parse::<Date>()) else { return };
        if let Some(days) = days_between(due, settled) {
            *self.days.entry(days).or_default() += row.count;
        }
        let cycle = Month::parse(&row.cycle).ok();
        for (day, share) in &mut self.figures.settled_by_day {
            if cycle.and_then(|cycle| cycle.day(*day)).is_some_and(|by| settled <= by) {
                share.numerator += row.count;
            }
        }
    }

    fn add_attempt(&mut self, row: &CellRow) {
        self.figures.attempts.add(row);
        let mut parts = row.value.splitn(4, '|');
        if let (Some(kind), Some(class), Some(system), Some(code)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        {
            let key = ReasonKey { kind: kind.into(), class: class.into(), system: system.into(), code: code.into() };
            self.figures.reasons.entry(key).or_default().add(row);
        }
    }

    fn finish(self, key: GroupKey) -> Settlement {
        let days_median = rank(&self.days, 1, 2);
        let days_p90 = rank(&self.days, 9, 10);
        Settlement { key, days_median, days_p90, ..self.figures }
    }
}

/// The smallest value that at least `numerator/denominator` of the counted do not exceed.
fn rank(counts: &BTreeMap<i32, i64>, numerator: i64, denominator: i64) -> Option<i32> {
    let all: i64 = counts.values().sum();
    let wanted = (all * numerator + denominator - 1) / denominator;
    let mut seen = 0;
    counts.iter().find_map(|(value, count)| {
        seen += count;
        (all > 0 && seen >= wanted).then_some(*value)
    })
}

fn days_between(from: Date, to: Date) -> Option<i32> {
    from.until(to).ok().map(|span| span.get_days())
}
