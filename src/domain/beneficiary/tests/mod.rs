//! The rules of a beneficiary as a specification: given these events, when this command, then that.

mod identity;
mod standing;

use super::command::ChooseMethod;
use super::event::{BeneficiaryDied, BeneficiaryMoved, BeneficiaryRegistered, Cohort, PayoutMethodChosen, Sex};
use super::{Beneficiary, BeneficiaryCommand, BeneficiaryEvent, BeneficiaryRefusal, decide};
use crate::domain::decision::Decision;
use crate::domain::ids::{BankId, BeneficiaryId, ChannelCode, UnitKey, VaultRef};
use crate::domain::payment::command::{ChannelFact, UnitFact};
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

fn now() -> Timestamp {
    "2025-03-20T03:00:00Z".parse().unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn person() -> BeneficiaryId {
    BeneficiaryId::from_uuid(Uuid::from_u128(1))
}

fn unit(key: &str, from: Option<Date>, to: Option<Date>) -> UnitFact {
    let key = UnitKey::parse(key).unwrap();
    UnitFact { code_as_received: key.to_string(), key, urban: false, valid_from: from, valid_to: to }
}

fn register() -> BeneficiaryCommand {
    BeneficiaryCommand::Register {
        beneficiary_id: person(),
        unit: unit("C1", None, Some(date(2025, 6, 30))),
        registered_on: date(2025, 1, 10),
        cohort: Cohort { birth_decade: Some(1950), sex: Some(Sex::Female) },
    }
}

fn move_to(key: &str, on: Date) -> BeneficiaryCommand {
    BeneficiaryCommand::Move { to_unit: unit(key, None, None), effective_on: on }
}

fn choice(channel: &str, effective: Option<&str>) -> ChooseMethod {
    let requires_account = channel != "cash_desk";
    ChooseMethod {
        channel: ChannelFact {
            code: ChannelCode::parse(channel).unwrap(),
            cashless: requires_account,
            requires_account,
        },
        agent: None,
        bank: requires_account.then(|| BankId::parse("vcb").unwrap()),
        account_ref: requires_account.then(|| VaultRef::from_uuid(Uuid::from_u128(5))),
        requested_on: date(2025, 3, 20),
        effective_month: effective.map(month),
        earliest_month: month("2025-04"),
        payee: Payee::Beneficiary,
        account_payee_allowed: true,
        home: None,
    }
}

fn choose(channel: &str, effective: &str) -> BeneficiaryCommand {
    BeneficiaryCommand::ChooseMethod(choice(channel, Some(effective)))
}

fn death(died_on: Date) -> BeneficiaryCommand {
    BeneficiaryCommand::ReportDeath { died_on, reported_on: date(2025, 3, 20), source: "family".to_owned() }
}

fn given(commands: &[BeneficiaryCommand]) -> Beneficiary {
    let mut events = Vec::new();
    let mut state = Beneficiary::default();
    for command in commands {
        match decide(&state, command, now()) {
            Decision::Events(new) => {
                for event in &new {
                    state.evolve(event);
                }
                events.extend(new);
            }
            other => panic!("the given {command:?} is not accepted: {other:?}"),
        }
    }
    assert_eq!(Beneficiary::replay(&events), state);
    state
}

#[track_caller]
fn then(state: &Beneficiary, command: &BeneficiaryCommand, event: BeneficiaryEvent) {
    assert_eq!(decide(state, command, now()), Decision::Events(vec![event]));
}

#[track_caller]
fn then_nothing_new(state: &Beneficiary, command: &BeneficiaryCommand) {
    assert_eq!(decide(state, command, now()), Decision::NoOp);
}

#[track_caller]
fn then_refused(state: &Beneficiary, command: &BeneficiaryCommand, refusal: BeneficiaryRefusal) {
    assert_eq!(decide(state, command, now()), Decision::Refused(refusal));
}

#[test]
fn a_registration_keeps_pseudonym_unit_and_cohort() {
    let event = BeneficiaryEvent::Registered(BeneficiaryRegistered {
        beneficiary_id: person(),
        unit_key: UnitKey::parse("C1").unwrap(),
        cohort: Cohort { birth_decade: Some(1950), sex: Some(Sex::Female) },
    });
    then(&given(&[]), &register(), event);
}

#[test]
fn a_person_is_registered_once() {
    then_refused(&given(&[register()]), &register(), BeneficiaryRefusal::AlreadyRegistered);
}

#[test]
fn nothing_can_be_asked_of_a_person_who_is_not_registered() {
    for command in [move_to("C2", date(2025, 1, 1)), choose("account", "2025-04"), death(date(2025, 1, 1))] {
        then_refused(&given(&[]), &command, BeneficiaryRefusal::NotRegistered);
    }
}

#[test]
fn a_person_is_registered_in_a_unit_in_force_on_that_day() {
    let on = date(2025, 7, 1);
    let late = BeneficiaryCommand::Register {
        beneficiary_id: person(),
        unit: unit("C1", None, Some(date(2025, 6, 30))),
        registered_on: on,
        cohort: Cohort::default(),
    };
    then_refused(&given(&[]), &late, BeneficiaryRefusal::UnitNotInForce { on });
}

#[test]
fn a_move_takes_effect_on_its_day() {
    let (on, before) = (date(2025, 2, 1), date(2025, 1, 31));
    let event =
        BeneficiaryEvent::Moved(BeneficiaryMoved { to_unit_key: UnitKey::parse("C2").unwrap(), effective_on: on });
    then(&given(&[register()]), &move_to("C2", on), event);
    let moved = given(&[register(), move_to("C2", on)]);
    assert_eq!(moved.unit_on(before).map(UnitKey::as_str), Some("C1"));
    assert_eq!(moved.unit_on(on).map(UnitKey::as_str), Some("C2"));
}

#[test]
fn moves_recorded_out_of_order_stand_in_the_order_of_their_days() {
    let moved = given(&[register(), move_to("C3", date(2025, 3, 1)), move_to("C2", date(2025, 2, 1))]);
    let on = |day| moved.unit_on(day).map(UnitKey::as_str);
    assert_eq!(
        [on(date(2025, 1, 1)), on(date(2025, 2, 15)), on(date(2025, 3, 15))],
        [Some("C1"), Some("C2"), Some("C3")]
    );
}

#[test]
fn a_second_move_on_one_day_takes_the_place_of_the_first() {
    let moved = given(&[register(), move_to("C2", date(2025, 2, 1)), move_to("C3", date(2025, 2, 1))]);
    assert_eq!(moved.unit_on(date(2025, 2, 1)).map(UnitKey::as_str), Some("C3"));
    assert_eq!(moved.registered.unwrap().units.len(), 2);
}

#[test]
fn a_move_to_where_the_person_is_anyway_is_nothing_new() {
    then_nothing_new(&given(&[register()]), &move_to("C1", date(2025, 2, 1)));
}

#[test]
fn a_move_goes_to_a_unit_in_force_on_that_day() {
    let on = date(2025, 2, 1);
    let command = BeneficiaryCommand::Move { to_unit: unit("C9", Some(date(2025, 7, 1)), None), effective_on: on };
    then_refused(&given(&[register()]), &command, BeneficiaryRefusal::UnitNotInForce { on });
}

#[test]
fn nobody_moves_after_death_but_a_move_before_it_may_be_recorded_late() {
    let died_on = date(2025, 2, 1);
    let dead = given(&[register(), death(died_on)]);
    then_refused(&dead, &move_to("C2", date(2025, 2, 2)), BeneficiaryRefusal::Deceased { died_on });
    assert!(matches!(decide(&dead, &move_to("C2", date(2025, 1, 20)), now()), Decision::Events(_)));
}

#[test]
fn a_method_without_a_month_takes_the_earliest() {
    let event = BeneficiaryEvent::PayoutMethodChosen(PayoutMethodChosen {
        channel: ChannelCode::parse("account").unwrap(),
        agent: None,
        bank: BankId::parse("vcb").ok(),
        account_ref: Some(VaultRef::from_uuid(Uuid::from_u128(5))),
        requested_on: date(2025, 3, 20),
        effective_month: month("2025-04"),
        payee: Payee::Beneficiary,
        home_ground: None,
    });
    then(&given(&[register()]), &BeneficiaryCommand::ChooseMethod(choice("account", None)), event);
}

#[test]
fn a_method_does_not_take_effect_before_the_earliest_month() {
    let refusal = BeneficiaryRefusal::EffectiveMonthTooEarly { earliest_month: month("2025-04") };
    then_refused(&given(&[register()]), &choose("account", "2025-03"), refusal);
}

#[test]
fn a_method_that_needs_an_account_is_refused_without_one() {
    let mut command = choice("account", None);
    command.account_ref = None;
    let refusal = BeneficiaryRefusal::AccountMissing { channel: "account".to_owned() };
    then_refused(&given(&[register()]), &BeneficiaryCommand::ChooseMethod(command), refusal);
}

#[test]
fn the_dead_choose_no_method() {
    let died_on = date(2025, 2, 1);
    let dead = given(&[register(), death(died_on)]);
    then_refused(&dead, &choose("cash_desk", "2025-04"), BeneficiaryRefusal::Deceased { died_on });
}

#[test]
fn the_method_in_force_already_is_nothing_new_in_a_later_month_too() {
    let chosen = given(&[register(), choose("account", "2025-04")]);
    then_nothing_new(&chosen, &choose("account", "2025-04"));
    then_nothing_new(&chosen, &choose("account", "2025-06"));
}

#[test]
fn the_method_in_force_chosen_again_calls_off_a_pending_change() {
    let pending =
        [register(), choose("account", "2025-04"), choose("cash_desk", "2025-06"), choose("account", "2025-05")];
    let state = given(&pending).registered.unwrap();
    assert_eq!(state.method_in_force(month("2025-06")).unwrap().channel.as_str(), "account");
    assert_eq!(state.next_method(month("2025-05")), None);
}

#[test]
fn a_method_is_in_force_from_its_month_on_and_pending_before() {
    let state = given(&[register(), choose("cash_desk", "2025-04"), choose("account", "2025-06")]);
    let channels = |cycle: &str| {
        let fact = state.fact(month(cycle)).unwrap();
        let channel = |method: Option<super::state::PayoutMethod>| method.map(|method| method.channel.to_string());
        (channel(fact.method), channel(fact.next_method))
    };
    let (cash, account) = (Some("cash_desk".to_owned()), Some("account".to_owned()));
    assert_eq!(channels("2025-03"), (None, cash.clone()));
    assert_eq!(channels("2025-05"), (cash, account.clone()));
    assert_eq!(channels("2025-06"), (account, None));
}

#[test]
fn a_death_is_recorded_with_its_source() {
    let event =
        BeneficiaryDied { died_on: date(2025, 2, 1), reported_on: date(2025, 3, 20), source: "family".to_owned() };
    then(&given(&[register()]), &death(date(2025, 2, 1)), BeneficiaryEvent::Died(event));
    assert_eq!(
        given(&[register(), death(date(2025, 2, 1))]).fact(month("2025-03")).unwrap().died_on,
        Some(date(2025, 2, 1))
    );
}

#[test]
fn the_same_death_again_is_nothing_new_and_another_date_is_refused() {
    let dead = given(&[register(), death(date(2025, 2, 1))]);
    then_nothing_new(&dead, &death(date(2025, 2, 1)));
    let refusal = BeneficiaryRefusal::OtherDeathRecorded { recorded: date(2025, 2, 1) };
    then_refused(&dead, &death(date(2025, 2, 2)), refusal);
}

#[test]
fn a_death_does_not_lie_in_the_future_of_its_report_or_of_now() {
    then_refused(&given(&[register()]), &death(date(2025, 3, 21)), BeneficiaryRefusal::DeathInFuture);
    let foretold = BeneficiaryCommand::ReportDeath {
        died_on: date(2025, 3, 22),
        reported_on: date(2025, 4, 1),
        source: String::new(),
    };
    then_refused(&given(&[register()]), &foretold, BeneficiaryRefusal::DeathInFuture);
}

#[test]
fn today_somewhere_on_earth_is_not_the_future() {
    let tomorrow_in_utc = BeneficiaryCommand::ReportDeath {
        died_on: date(2025, 3, 21),
        reported_on: date(2025, 3, 21),
        source: String::new(),
    };
    let evening: Timestamp = "2025-03-20T18:00:00Z".parse().unwrap();
    assert!(matches!(decide(&given(&[register()]), &tomorrow_in_utc, evening), Decision::Events(_)));
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    let mut state = Beneficiary::default();
    let died = BeneficiaryDied { died_on: date(2025, 2, 1), reported_on: date(2025, 2, 1), source: String::new() };
    state.evolve(&BeneficiaryEvent::Died(died));
    assert_eq!(state, Beneficiary::default());
}
