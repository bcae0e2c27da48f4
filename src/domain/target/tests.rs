//! The rules of targets, one a test.

use super::*;
use crate::domain::decision::Decision;
use crate::domain::ids::{BenefitGroup, UnitKey};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use uuid::Uuid;

const TODAY: Date = date(2025, 3, 31);

fn target(id: u128) -> TargetSet {
    TargetSet {
        target_id: TargetId::from_uuid(Uuid::from_u128(id)),
        unit_key: UnitKey::parse("D502").unwrap(),
        indicator: "A1".to_owned(),
        scope: TargetScope { benefit_groups: vec![BenefitGroup::parse("monthly").unwrap()], urban: Some(true) },
        value: Decimal::new(8, 1),
        by_date: date(2025, 12, 31),
        legal_basis: "Kế hoạch 12".to_owned(),
        set_by: "key".to_owned(),
    }
}

fn set(target: TargetSet) -> TargetCommand {
    TargetCommand::Set { target, today: TODAY }
}

fn withdraw(id: u128) -> TargetCommand {
    TargetCommand::Withdraw(TargetWithdrawn {
        target_id: TargetId::from_uuid(Uuid::from_u128(id)),
        reason: "thay bằng kế hoạch mới".to_owned(),
        withdrawn_by: "key".to_owned(),
    })
}

fn given(commands: &[TargetCommand]) -> Targets {
    let mut state = Targets::default();
    for command in commands {
        let Decision::Events(events) = decide(&state, command) else { panic!("not decided: {command:?}") };
        for event in &events {
            state.evolve(event);
        }
    }
    state
}

fn refusal(state: &Targets, command: &TargetCommand) -> &'static str {
    match decide(state, command) {
        Decision::Refused(refusal) => refusal.code(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_target_is_set() {
    assert_eq!(decide(&Targets::default(), &set(target(1))), Decision::Events(vec![TargetEvent::Set(target(1))]));
}

#[test]
fn the_day_itself_is_not_past() {
    let by_today = TargetSet { by_date: TODAY, ..target(1) };
    assert!(matches!(decide(&Targets::default(), &set(by_today)), Decision::Events(_)));
    let past = TargetSet { by_date: date(2025, 3, 30), ..target(1) };
    assert_eq!(refusal(&Targets::default(), &set(past)), "target-date-past");
}

#[test]
fn a_value_is_a_fraction_of_1() {
    for (value, fits) in [
        (Decimal::ONE, true),
        (Decimal::new(1, 6), true),
        (Decimal::new(8000, 4), true),
        (Decimal::ZERO, false),
        (Decimal::new(-1, 1), false),
        (Decimal::new(80, 0), false),
        (Decimal::new(1_000_001, 6), false),
        (Decimal::new(1, 7), false),
    ] {
        let command = set(TargetSet { value, ..target(1) });
        match decide(&Targets::default(), &command) {
            Decision::Events(_) => assert!(fits, "{value}"),
            _ => assert!(!fits && refusal(&Targets::default(), &command) == "target-out-of-range", "{value}"),
        }
    }
}

#[test]
fn only_rates_that_rise_with_adoption_have_targets() {
    let other = TargetSet { indicator: "S2".to_owned(), ..target(1) };
    assert_eq!(refusal(&Targets::default(), &set(other)), "target-indicator-unknown");
}

#[test]
fn the_same_target_is_not_set_twice() {
    let state = given(&[set(target(1))]);
    let other_value = TargetSet { value: Decimal::new(9, 1), ..target(2) };
    assert_eq!(refusal(&state, &set(other_value)), "target-already-set");
    let other_scope = TargetSet { scope: TargetScope::default(), ..target(2) };
    let other_day = TargetSet { by_date: date(2026, 12, 31), ..target(2) };
    let other_indicator = TargetSet { indicator: "A2".to_owned(), ..target(2) };
    for other in [other_scope, other_day, other_indicator] {
        assert!(matches!(decide(&state, &set(other)), Decision::Events(_)));
    }
}

#[test]
fn a_withdrawn_target_makes_room_for_another() {
    let state = given(&[set(target(1)), withdraw(1)]);
    assert!(state.set.is_empty());
    assert!(matches!(decide(&state, &set(target(2))), Decision::Events(_)));
}

#[test]
fn to_withdraw_again_changes_nothing() {
    assert_eq!(decide(&given(&[set(target(1)), withdraw(1)]), &withdraw(1)), Decision::NoOp);
}

#[test]
fn what_was_never_set_is_not_withdrawn() {
    assert_eq!(refusal(&given(&[set(target(1))]), &withdraw(2)), "target-not-found");
}

#[test]
fn a_unit_has_so_many_targets_at_most() {
    let one = |n: u8| set(TargetSet { by_date: date(2026 + i16::from(n), 1, 1), ..target(u128::from(n)) });
    let state = given(&(0..100).map(one).collect::<Vec<_>>());
    assert_eq!(refusal(&state, &set(target(200))), "target-too-many");
}
