//! Outcomes from rows, and what is told of them.

use super::*;
use crate::projections::figures::adoption::{Adoption, People};
use crate::projections::figures::privacy::{Breakdown, Nodes};
use crate::projections::sample::{Sample, cell_row as row};
use std::sync::Arc;

/// 40 live by account, of which 6 on a later attempt after cash; 26 in cash, of which 8 after an account; 10 rejected, 7 returned.
fn rows() -> Vec<CellRow> {
    vec![
        row(Tally::State, "settled", "account", 40),
        row(Tally::State, "settled", "cash_desk", 26),
        row(Tally::State, "rejected", "account", 10),
        row(Tally::State, "returned", "account", 7),
        row(Tally::State, "cancelled", "account", 5),
        row(Tally::Later, "settled", "account", 6),
        row(Tally::First, "settled|account", "cash_desk", 6),
        row(Tally::Later, "settled", "cash_desk", 8),
        row(Tally::First, "settled|cash_desk", "account", 8),
        row(Tally::Attempt, "", "account", 45),
        row(Tally::Attempt, "", "cash_desk", 26),
        row(Tally::Attempt, "rejected|account_data|ISO|AC01", "account", 16),
        row(Tally::Attempt, "rejected|identity|ISO|BE01", "account", 2),
        row(Tally::Attempt, "returned|account_state|ISO|AC04", "account", 7),
        row(Tally::Attempt, "failed|unclaimed|own|unclaimed", "cash_desk", 6),
        row(Tally::Lag, "2025-03-05|2025-03-05", "account", 40),
        row(Tally::Lag, "2025-03-05|2025-03-07", "cash_desk", 26),
        row(Tally::Recipient, "guardian", "cash_desk", 5),
    ]
}

fn found(rows: &[CellRow]) -> Outcomes {
    let dated: Vec<CellRow> = rows.iter().map(|row| CellRow { cycle: "2025-03".to_owned(), ..row.clone() }).collect();
    evaluate(&dated, (&[], &[5, 10]), &Sample::new()).remove(&Vec::new()).unwrap()
}

fn share(numerator: i64, denominator: i64) -> Share {
    Share { numerator, denominator }
}

fn adoption_of(outcomes: &Outcomes) -> Adoption {
    let numbers = share(outcomes.live(true), outcomes.live(true) + outcomes.live(false));
    let all = outcomes.sum(&AttemptState::ALL).count;
    let people = People { cashless: numbers.numerator, cash: numbers.denominator - numbers.numerator, mixed: 0 };
    Adoption { people, payments: numbers, completeness: share(all, all), ..Adoption::default() }
}

/// What is told of some nodes; all but the whole are directly under it.
fn told_of_nodes(nodes: &[(&str, &[CellRow])], smallest: i64) -> BTreeMap<String, Told> {
    let table: BTreeMap<String, Outcomes> =
        nodes.iter().map(|(node, rows)| ((*node).to_owned(), found(rows))).collect();
    let adoption = table.iter().map(|(node, one)| (node.clone(), BTreeMap::from([(Vec::new(), adoption_of(one))])));
    let tables = BTreeMap::from([(Breakdown::Whole, Arc::new(adoption.collect::<Nodes>()))]);
    let below: Vec<String> = table.keys().filter(|node| *node != WHOLE).cloned().collect();
    let children = |node: &str| if node == WHOLE { below.clone() } else { Vec::new() };
    let group_of = |code: &str| code.to_owned();
    let lattice =
        Lattice { smallest, mixed_as_cashless: false, children: &children, group_of: &group_of, tables: &tables };
    let whole = lattice.open(Breakdown::Whole);
    let open = lattice.outcomes(&whole, (&table, 2));
    let told = |(node, one): (&String, &Outcomes)| {
        (node.clone(), open.told((Some(node), Vec::new()), (one, &whole), &[5, 10]))
    };
    table.iter().map(told).collect()
}

/// What is told of the whole log, which stands alone.
fn told_of(rows: &[CellRow], smallest: i64) -> Told {
    told_of_nodes(&[(WHOLE, rows)], smallest).remove(WHOLE).unwrap()
}

fn without(value: &str, mut rows: Vec<CellRow>) -> Vec<CellRow> {
    rows.retain(|row| row.value != value);
    rows
}

#[test]
fn every_number_is_told_where_no_cell_is_small() {
    let told = told_of(&rows(), 5);
    let states = told.states.unwrap();
    assert_eq!(states[0], (vec![AttemptState::Settled], Sum { count: 66, amount_minor: 660 }));
    assert!(states.iter().all(|(states, _)| states.len() == 1));
    assert_eq!(told.first.unwrap(), [share(59, 83), share(34, 59), share(8, 59)], "cancelled ones are in none");
    assert_eq!(told.settled_by_day.unwrap(), [(5, share(40, 83)), (10, share(66, 83))]);
    assert_eq!(told.through_others.unwrap(), share(5, 66));
    assert_eq!(told.completeness.unwrap(), share(88, 88));
}

#[test]
fn rare_classes_are_told_together() {
    let told = told_of(&rows(), 5).reasons.unwrap();
    assert_eq!(told.attempts, 102);
    assert_eq!(told.rates[0], (AttemptState::Rejected, share(18, 102)));
    assert_eq!(told.rates[2], (AttemptState::Returned, share(7, 73)));
    let of_rejected: Vec<_> = told.classes.iter().filter(|(kind, _, _)| *kind == AttemptState::Rejected).collect();
    assert_eq!(of_rejected, [&(AttemptState::Rejected, None, 18)], "two of identity would follow from the others");
    let mut more = rows();
    more.push(row(Tally::Attempt, "rejected|funds|ISO|AM04", "account", 5));
    more.push(row(Tally::Attempt, "", "account", 5));
    let told = told_of(&more, 5).reasons.unwrap();
    let rejected = |class: Option<&str>, count| (AttemptState::Rejected, class.map(str::to_owned), count);
    assert!(told.classes.contains(&rejected(Some("account_data"), 16)) && told.classes.contains(&rejected(None, 7)));
}

#[test]
fn attempts_that_few_made_beside_what_is_told_close_the_reasons() {
    let mut more = rows();
    more.push(row(Tally::Attempt, "", "account", 3));
    let told = told_of(&more, 5);
    assert_eq!(told.reasons, None, "three attempts were given up without a reason");
    assert!(told.first.is_some());
}

#[test]
fn few_that_were_tried_again_close_the_reasons() {
    let mut few = without("rejected", rows());
    few.push(row(Tally::State, "rejected", "account", 15));
    few.push(row(Tally::Attempt, "", "account", 5));
    let told = told_of(&few, 5);
    assert_eq!(told.reasons, None, "15 stand on one of 18 rejections: three were tried again");
    assert!(told.first.is_some());
}

#[test]
fn attempts_beside_those_that_first_attempts_explain_are_a_cell_too() {
    let mut more = rows();
    for row in more.iter_mut().filter(|row| row.value.starts_with("failed|")) {
        row.count = 9;
    }
    let told = told_of(&more, 5);
    assert_eq!(told.reasons, None, "17 were tried again, 14 of them are live later: three are neither");
    assert!(told.first.is_some());
}

#[test]
fn a_unit_whose_states_are_closed_tells_nothing_that_needs_them() {
    let double: Vec<CellRow> = rows().into_iter().map(|row| CellRow { count: row.count * 2, ..row }).collect();
    let cancelled = |count| row(Tally::State, "cancelled", "account", count);
    let [mut one, mut other] = [without("cancelled", rows()), without("cancelled", rows())];
    one.push(cancelled(2));
    other.push(cancelled(8));
    let told = told_of_nodes(&[(WHOLE, &double), ("A", &one), ("B", &other)], 5);
    for unit in ["A", "B"] {
        let told = &told[unit];
        assert_eq!(told.states, None, "two were cancelled in A, and all less B is A");
        assert_eq!((&told.first, &told.settled_by_day, &told.reasons), (&None, &None, &None), "{unit}");
        assert!(told.completeness.is_some() && told.through_others.is_some());
    }
    assert!(told[WHOLE].states.is_some() && told[WHOLE].first.is_some());
}

#[test]
fn states_are_told_together_when_one_of_them_is_small() {
    let mut few = without("returned", rows());
    few.push(row(Tally::State, "returned", "account", 3));
    let told = told_of(&few, 5);
    let together = (KINDS.to_vec(), Sum { count: 13, amount_minor: 130 });
    assert!(told.states.unwrap().contains(&together));
    assert_eq!(told.reasons, None, "their kinds would tell them apart");
    assert!(told.first.is_some());
    let mut fewer = without("rejected", few);
    fewer.retain(|row| row.tally != Tally::State || row.value != "returned");
    fewer.push(row(Tally::State, "returned", "account", 3));
    let told = told_of(&fewer, 5);
    assert_eq!((told.states, told.first, told.settled_by_day), (None, None, None), "three came to nothing");
    assert!(told.through_others.is_some(), "which says nothing of them");
}

#[test]
fn few_who_fell_back_close_first_attempts_alone() {
    let mut few = rows();
    for row in few.iter_mut().filter(|row| row.count == 8) {
        row.count = 3;
    }
    let told = told_of(&few, 5);
    assert_eq!(told.first, None);
    assert!(told.states.is_some() && told.settled_by_day.is_some());
}

#[test]
fn a_profile_without_small_cells_tells_everything() {
    let told = told_of(&rows(), 0);
    let reasons = told.reasons.unwrap();
    assert!(reasons.classes.contains(&(AttemptState::Rejected, Some("identity".to_owned()), 2)));
    assert_eq!(reasons.rates[0], (AttemptState::Rejected, share(18, 102)));
}
