//! Properties of the fold: batches leave no trace, figures are sums over rows, people are counted once in every scope.

use super::*;
use crate::domain::payment::state::AttemptState;
use crate::projections::cell::{CellChanges, CellKey, Difference, EventDifferences, Tally, group_node, urban_node};
use crate::projections::people::standing;
use crate::projections::reference::Reference;
use crate::projections::sample::{COMMUNES, Sample, TYPES, UNITS, history, steps};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The tables, as maps.
#[derive(Debug, Default, PartialEq)]
struct Tables {
    rows: BTreeMap<PaymentId, PaymentRow>,
    attempts: BTreeMap<String, (PaymentId, u32)>,
    live: BTreeMap<(Person, PaymentId, u64), LiveRow>,
    /// Cells in order of their first appearance, which is what the store numbers.
    cells: Vec<(CellKey, Difference)>,
    differences: Vec<(u64, usize, Difference)>,
}

impl Tables {
    fn load(&self, facts: &[Fact]) -> Loaded {
        let rows: Vec<PaymentRow> = payment_ids(facts).iter().filter_map(|id| self.rows.get(id).cloned()).collect();
        let wanted = people(facts, &rows);
        let open =
            |row: &&LiveRow| row.valid_to_position.is_none() && wanted.contains(&(row.cycle, row.beneficiary_id));
        let live = self.live.values().filter(open).cloned().collect();
        Loaded { rows, live }
    }

    fn apply(&mut self, changes: Changes) {
        for (_, row) in changes.rows {
            self.rows.insert(row.payment_id, row);
        }
        for row in changes.attempts {
            self.attempts.insert(row.end_to_end_id.to_string(), (row.payment_id, row.attempt));
        }
        for end in changes.closed {
            let key = ((end.cycle, end.beneficiary_id), end.payment_id, end.valid_from_position);
            let row = self.live.get_mut(&key).unwrap();
            assert_eq!(row.valid_to_position.replace(end.valid_to_position), None);
        }
        for row in changes.opened {
            let key = ((row.cycle, row.beneficiary_id), row.payment_id, row.valid_from_position);
            assert_eq!(self.live.insert(key, row), None);
        }
        self.apply_cells(&changes.cells);
    }

    fn apply_cells(&mut self, changes: &CellChanges) {
        let numbers: Vec<usize> = changes.cells.iter().map(|key| self.number(key)).collect();
        for (number, total) in numbers.iter().zip(changes.totals()) {
            self.cells[*number].1 = self.cells[*number].1.plus(total);
        }
        let entries = changes.differences.iter().map(|entry| (entry.position, numbers[entry.cell], entry.difference));
        self.differences.extend(entries);
    }

    fn number(&mut self, key: &CellKey) -> usize {
        if let Some(at) = self.cells.iter().position(|(known, _)| known == key) {
            return at;
        }
        self.cells.push((key.clone(), Difference::default()));
        self.cells.len() - 1
    }

    fn live_rows(&self) -> Vec<&LiveRow> {
        self.live.values().filter(|row| row.valid_to_position.is_none()).collect()
    }
}

fn replay(facts: &[Fact], batch: usize) -> Tables {
    let mut tables = Tables::default();
    for facts in facts.chunks(batch) {
        let changes = fold(facts, tables.load(facts), &Sample::new()).unwrap();
        tables.apply(changes);
    }
    tables
}

fn is_under(unit: &str, scope: &str) -> bool {
    scope.is_empty()
        || unit == scope
        || UNITS.iter().find(|(key, ..)| *key == unit).and_then(|u| u.2).is_some_and(|up| is_under(up, scope))
}

fn benefit_is_under(node: &str, scope: &str) -> bool {
    let group = TYPES.iter().find(|(code, _)| *code == node).map(|(_, group)| group_node(group));
    scope.is_empty() || node == scope || group.as_deref() == Some(scope)
}

/// A scope: a node of each tree; channel only, or channel with agent and bank.
type Scope<'a> = (&'a str, &'a str, (&'a str, Option<(&'a str, &'a str)>), &'a str);

fn scopes() -> Vec<Scope<'static>> {
    let mut all = Vec::new();
    let units: Vec<&str> = UNITS.iter().map(|(key, ..)| *key).chain([""]).collect();
    for unit in units {
        for benefit in ["", "@monthly", "@once", "pension", "survivor", "funeral"] {
            for provider in [("", None), ("account", None), ("cash_desk", None), ("account", Some(("bank", "vcb")))] {
                for urban in ["", "1", "0"] {
                    all.push((unit, benefit, provider, urban));
                }
            }
        }
    }
    all
}

fn holds((unit, benefit, (channel, rest), urban): Scope<'_>, place: &crate::projections::cell::Place) -> bool {
    is_under(&place.unit, unit)
        && benefit_is_under(&place.benefit, benefit)
        && (channel.is_empty() || *place.channel == *channel)
        && rest.is_none_or(|(agent, bank)| *place.agent == *agent && *place.bank == *bank)
        && (urban.is_empty() || place.urban == urban)
}

fn people_by_cells(tables: &Tables, cycle: Month, scope: Scope<'_>) -> [i64; 3] {
    let mut sum = [0; 3];
    for (key, total) in &tables.cells {
        if key.tally == Tally::People && key.place.cycle == cycle && holds(scope, &key.place) {
            sum[["cashless", "cash", "mixed"].iter().position(|word| **word == *key.value).unwrap()] += total.count;
        }
    }
    sum
}

fn people_by_counting(tables: &Tables, cycle: Month, scope: Scope<'_>) -> [i64; 3] {
    let mut standings: BTreeMap<BeneficiaryId, (bool, bool)> = BTreeMap::new();
    for row in tables.rows.values() {
        let place = row.place(&row.provider);
        if row.state == AttemptState::Settled && row.cycle == cycle && holds(scope, &place) {
            let cashless = Sample::new().is_cashless(&row.provider.channel).unwrap();
            let entry = standings.entry(row.beneficiary_id).or_default();
            *entry = (entry.0 || cashless, entry.1 || !cashless);
        }
    }
    standings.values().fold([0; 3], |sum, (cashless, cash)| {
        let one = standing(*cashless, *cash);
        [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_batches_give_the_same_tables(steps in steps(120), batch in 1_usize..50) {
        let facts = history(&steps);
        prop_assert_eq!(replay(&facts, batch), replay(&facts, facts.len()));
    }

    #[test]
    fn people_in_any_scope_are_the_different_people_there(steps in steps(120)) {
        let tables = replay(&history(&steps), 7);
        for cycle in [Month::new(2025, 2).unwrap(), Month::new(2025, 3).unwrap()] {
            for scope in scopes() {
                prop_assert_eq!(people_by_cells(&tables, cycle, scope), people_by_counting(&tables, cycle, scope), "{:?}", scope);
            }
        }
    }

    #[test]
    fn cells_are_the_sum_over_the_rows(steps in steps(120)) {
        let tables = replay(&history(&steps), 7);
        let mut sum = CellChanges::default();
        for row in tables.rows.values() {
            let mut differences = EventDifferences::default();
            tallies::add(row, 1, &mut differences);
            sum.record(0, differences);
        }
        let mut expected: Vec<_> = sum.cells.iter().zip(sum.totals()).map(|(key, total)| (format!("{key:?}"), total)).collect();
        let kept = |entry: &&(CellKey, Difference)| entry.0.tally != Tally::People && !entry.1.is_zero();
        let mut found: Vec<_> = tables.cells.iter().filter(kept).map(|(key, total)| (format!("{key:?}"), *total)).collect();
        expected.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_differences_up_to_a_position_are_the_figures_of_then(steps in steps(80), cut in 0_usize..80) {
        let facts = history(&steps);
        let cut = cut.min(facts.len());
        let whole = replay(&facts, 9);
        let then = replay(&facts[..cut], 4);
        let position = facts[..cut].last().map_or(0, |fact| fact.position);
        let mut sums = vec![Difference::default(); then.cells.len()];
        for (_, cell, difference) in whole.differences.iter().filter(|(at, ..)| *at <= position) {
            sums[*cell] = sums[*cell].plus(*difference);
        }
        let expected: Vec<Difference> = then.cells.iter().map(|(_, total)| *total).collect();
        prop_assert_eq!(sums, expected);
    }

    #[test]
    fn money_is_conserved_over_the_states(steps in steps(120)) {
        let tables = replay(&history(&steps), 5);
        let instructed: i64 = tables.rows.values().map(|row| row.amount.minor).sum();
        let state = |key: &CellKey| key.tally == Tally::State;
        let by_state: i64 = tables.cells.iter().filter(|(key, _)| state(key)).map(|(_, total)| total.amount_minor).sum();
        prop_assert_eq!(by_state, instructed);
    }

    #[test]
    fn open_intervals_are_the_live_payments(steps in steps(120)) {
        let tables = replay(&history(&steps), 5);
        let live: Vec<PaymentId> = tables.rows.values().filter(|row| row.is_live()).map(|row| row.payment_id).collect();
        let mut open: Vec<PaymentId> = tables.live_rows().iter().map(|row| row.payment_id).collect();
        open.sort_unstable();
        prop_assert_eq!(open, live);
    }

    #[test]
    fn every_attempt_stays_findable(steps in steps(120)) {
        let tables = replay(&history(&steps), 5);
        let attempts: u32 = tables.rows.values().map(|row| row.attempt).sum();
        prop_assert_eq!(tables.attempts.len(), attempts as usize);
        for row in tables.rows.values() {
            prop_assert_eq!(tables.attempts.get(row.end_to_end_id.as_str()), Some(&(row.payment_id, row.attempt)));
        }
    }
}

fn first_event() -> Vec<Fact> {
    history(&[(0, 0, 0, 0), (0, 1, 0, 0)])
}

#[test]
fn an_event_of_a_payment_that_was_never_instructed_stops_the_projection() {
    let facts = first_event();
    let error = fold(&facts[1..], Loaded::default(), &Sample::new()).unwrap_err();
    assert_eq!(error.position, 4);
    assert!(matches!(error.cause, crate::projections::Cause::MissingRow(_)));
}

#[test]
fn an_unknown_channel_stops_the_projection_at_the_instruction() {
    let mut facts = first_event();
    if let Subject::Payment(_, PaymentEvent::Instructed(e)) = &mut facts[0].subject {
        e.channel = crate::domain::ids::ChannelCode::parse("pigeon").unwrap();
    }
    let error = fold(&facts, Loaded::default(), &Sample::new()).unwrap_err();
    assert_eq!(error, crate::projections::Cause::UnknownChannel("pigeon".to_owned()).at(1));
}

#[test]
fn an_event_of_another_attempt_stops_the_projection() {
    let mut facts = first_event();
    if let Subject::Payment(_, PaymentEvent::Settled(e)) = &mut facts[1].subject {
        e.attempt = 2;
    }
    let error = fold(&facts, Loaded::default(), &Sample::new()).unwrap_err();
    assert_eq!(error.cause, crate::projections::Cause::Attempt { found: 2, latest: 1 });
}

#[test]
fn a_person_with_one_live_payment_touches_the_leaf_alone() {
    let tables = replay(&first_event(), 2);
    let people: Vec<_> = tables.cells.iter().filter(|(key, _)| key.tally == Tally::People).collect();
    assert_eq!(people.len(), 1);
    assert_eq!(&*people[0].0.place.unit, COMMUNES[0]);
    assert_eq!(people[0].0.place.urban, urban_node(true));
}
