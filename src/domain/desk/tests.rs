//! The rules of a desk as a specification: given these events, when this command, then that.

use super::command::{ListUnpaid, Pay};
use super::event::{DeskRegistered, ListedPayment};
use super::{Desk, DeskCommand, DeskEvent, DeskRefusal, decide};
use crate::domain::decision::Decision;
use crate::domain::ids::{AgentCode, DeskCode, DeskId, DeskKindCode, PaymentId, UnitKey};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::event::{Evidence, Payee};
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

fn dong(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn march(day: i8) -> Date {
    date(2025, 3, day)
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn payment(number: u128) -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(number))
}

fn evidence(reference: &str) -> Evidence {
    Evidence { kind: "voucher".to_owned(), reference: reference.to_owned() }
}

fn register() -> DeskCommand {
    DeskCommand::Register(DeskRegistered {
        desk_id: DeskId::from_uuid(Uuid::from_u128(1)),
        code: DeskCode::parse("TK-01").unwrap(),
        kind: DeskKindCode::parse("payment_point").unwrap(),
        unit_key: UnitKey::parse("C20341").unwrap(),
        agent: AgentCode::parse("post").unwrap(),
    })
}

fn advance(day: i8, minor: i64) -> DeskCommand {
    DeskCommand::Advance { day: march(day), amount: dong(minor), evidence: evidence(&format!("A{day}")) }
}

fn hand_back(day: i8, minor: i64) -> DeskCommand {
    DeskCommand::HandBack { day: march(day), amount: dong(minor), evidence: evidence(&format!("B{day}")) }
}

fn pay_with(day: i8, number: u128, change: impl FnOnce(&mut Pay)) -> DeskCommand {
    let mut pay = Pay {
        day: march(day),
        payment_id: payment(number),
        attempt: 1,
        amount: dong(40),
        agent: AgentCode::parse("post").unwrap(),
        benefit_months: vec![month("2025-03")],
        pays_channel: true,
        window: Some((march(3), march(10))),
        late_pay: false,
        collected_by: Payee::Beneficiary,
        died_on: None,
        receipt: format!("R{number}"),
        closed: None,
        is_settled: false,
    };
    change(&mut pay);
    DeskCommand::Pay(Box::new(pay))
}

fn pay(day: i8, number: u128) -> DeskCommand {
    pay_with(day, number, |_| {})
}

fn unpaid(day: i8, numbers: &[u128], minor: i64) -> DeskCommand {
    DeskCommand::ListUnpaid(Box::new(ListUnpaid {
        day: march(day),
        cycle: month("2025-03"),
        payments: numbers.iter().map(|n| ListedPayment { payment_id: payment(*n), attempt: 1 }).collect(),
        amount: dong(minor),
        evidence: evidence("LIST"),
        last_day: march(25),
    }))
}

fn liquidate(day: i8, minor: i64) -> DeskCommand {
    DeskCommand::Liquidate { day: march(day), counted: dong(minor) }
}

#[derive(Clone)]
struct Book(Desk);

#[track_caller]
fn given(commands: &[DeskCommand]) -> Book {
    let mut desk = Desk::default();
    for command in commands {
        match decide(&desk, command, Timestamp::UNIX_EPOCH) {
            Decision::Events(events) => events.iter().for_each(|event| desk.evolve(event)),
            other => panic!("the given {command:?} is not accepted: {other:?}"),
        }
    }
    Book(desk)
}

impl Book {
    fn when(&self, command: &DeskCommand) -> Decision<DeskEvent, DeskRefusal> {
        decide(&self.0, command, Timestamp::UNIX_EPOCH)
    }

    fn held(&self, day: i8) -> i64 {
        self.0.registered.as_ref().unwrap().ledger.held(march(day))
    }
}

#[track_caller]
fn refused(decision: &Decision<DeskEvent, DeskRefusal>, refusal: DeskRefusal) {
    assert_eq!(*decision, Decision::Refused(refusal));
}

#[track_caller]
fn accepted(decision: &Decision<DeskEvent, DeskRefusal>) {
    assert!(matches!(decision, Decision::Events(events) if events.len() == 1), "{decision:?}");
}

#[test]
fn a_desk_is_registered_once_and_before_anything_else() {
    refused(&given(&[]).when(&advance(3, 1)), DeskRefusal::NotRegistered);
    refused(&given(&[register()]).when(&register()), DeskRefusal::AlreadyRegistered);
}

#[test]
fn cash_handed_out_is_paid_and_what_is_left_is_handed_back() {
    let book = given(&[register(), advance(3, 100), pay(3, 1), pay(4, 2), hand_back(10, 20)]);
    assert_eq!((book.held(3), book.held(4), book.held(10)), (60, 20, 0));
}

#[test]
fn a_desk_cannot_pay_or_give_back_more_than_it_holds() {
    let book = given(&[register(), advance(3, 70), pay(3, 1)]);
    refused(&book.when(&pay(4, 2)), DeskRefusal::CashShort { missing: dong(10) });
    refused(&book.when(&hand_back(4, 31)), DeskRefusal::CashShort { missing: dong(1) });
    accepted(&book.when(&hand_back(4, 30)));
}

#[test]
fn an_entry_of_an_earlier_day_must_not_take_what_a_later_day_has_spent() {
    let book = given(&[register(), advance(3, 40), pay(5, 1)]);
    refused(&book.when(&pay(4, 2)), DeskRefusal::CashShort { missing: dong(40) });
}

#[test]
fn the_same_payment_again_is_nothing_new() {
    let book = given(&[register(), advance(3, 100), pay(3, 1)]);
    assert_eq!(book.when(&pay(5, 1)), Decision::NoOp);
    accepted(&book.when(&pay_with(5, 1, |pay| pay.attempt = 2)));
}

#[test]
fn the_same_evidence_again_is_nothing_new_and_with_another_amount_it_is_refused() {
    let book = given(&[register(), advance(3, 100), hand_back(4, 10)]);
    assert_eq!(book.when(&advance(3, 100)), Decision::NoOp);
    refused(&book.when(&advance(3, 90)), DeskRefusal::EvidenceUsed);
    assert_eq!(book.when(&hand_back(4, 10)), Decision::NoOp);
    refused(&book.when(&hand_back(4, 11)), DeskRefusal::EvidenceUsed);
}

#[test]
fn nothing_and_less_is_no_amount() {
    let book = given(&[register(), advance(3, 100)]);
    refused(&book.when(&advance(4, 0)), DeskRefusal::AmountNotPositive);
    refused(&book.when(&hand_back(4, -1)), DeskRefusal::AmountNotPositive);
}

#[test]
fn a_desk_pays_within_the_window_of_its_kind() {
    let book = given(&[register(), advance(1, 100)]);
    for day in [2, 11] {
        let refusal = DeskRefusal::OutsideWindow { day: march(day), from: march(3), to: march(10) };
        refused(&book.when(&pay(day, 1)), refusal);
    }
    accepted(&book.when(&pay(3, 1)));
    accepted(&book.when(&pay(10, 1)));
    refused(&book.when(&pay_with(3, 1, |pay| pay.window = None)), DeskRefusal::NoWindow);
}

#[test]
fn where_the_profile_lets_desks_pay_late_they_do_but_never_early() {
    let book = given(&[register(), advance(1, 100)]);
    accepted(&book.when(&pay_with(12, 1, |pay| pay.late_pay = true)));
    let early = book.when(&pay_with(2, 1, |pay| pay.late_pay = true));
    refused(&early, DeskRefusal::OutsideWindow { day: march(2), from: march(3), to: march(10) });
}

#[test]
fn a_desk_pays_its_own_agents_cash_through_its_own_channel() {
    let book = given(&[register(), advance(3, 100)]);
    refused(&book.when(&pay_with(3, 1, |pay| pay.pays_channel = false)), DeskRefusal::ChannelNotPaidHere);
    refused(&book.when(&pay_with(3, 1, |pay| pay.agent = AgentCode::parse("bank").unwrap())), DeskRefusal::OtherAgent);
}

#[test]
fn only_an_open_attempt_is_paid() {
    let book = given(&[register(), advance(3, 100)]);
    for standing in ["failed", "held"] {
        refused(
            &book.when(&pay_with(4, 1, |pay| pay.closed = Some(standing))),
            DeskRefusal::PaymentNotOpen { standing },
        );
    }
}

#[test]
fn what_the_dead_did_not_collect_goes_to_an_heir_up_to_the_month_of_death() {
    let book = given(&[register(), advance(3, 100)]);
    let died_on = date(2025, 2, 20);
    let months = |months: &[&str], collector: Payee| {
        let months = months.iter().copied().map(month).collect();
        pay_with(5, 1, |pay| (pay.benefit_months, pay.collected_by, pay.died_on) = (months, collector, Some(died_on)))
    };
    accepted(&book.when(&months(&["2025-01", "2025-02"], Payee::Heir)));
    let after = DeskRefusal::MonthsAfterDeath { died_on, last_month: month("2025-02") };
    refused(&book.when(&months(&["2025-02", "2025-03"], Payee::Heir)), after);
    for collector in [Payee::Beneficiary, Payee::Authorised, Payee::Guardian] {
        refused(&book.when(&months(&["2025-02"], collector)), DeskRefusal::HeirMustCollect { died_on });
    }
    refused(&book.when(&pay_with(5, 1, |pay| pay.collected_by = Payee::Heir)), DeskRefusal::NoDeathReported);
}

#[test]
fn the_book_follows_a_payment_that_is_settled_already() {
    let book = given(&[register()]);
    accepted(&book.when(&pay_with(12, 1, |pay| pay.is_settled = true)));
}

#[test]
fn the_unpaid_list_goes_back_after_the_window_with_its_money() {
    let book = given(&[register(), advance(3, 120), pay(4, 1)]);
    refused(&book.when(&unpaid(25, &[2, 3], 80)), DeskRefusal::WindowStillOpen { last_day: march(25) });
    refused(&book.when(&unpaid(26, &[], 0)), DeskRefusal::NothingUnpaid);
    refused(&book.when(&unpaid(26, &[2, 3, 4], 120)), DeskRefusal::CashShort { missing: dong(40) });
    let after = given(&[register(), advance(3, 120), pay(4, 1), unpaid(26, &[2, 3], 80)]);
    let line = after.0.registered.as_ref().unwrap().ledger.line(march(26));
    assert_eq!((line.cash.unclaimed, line.cash.unclaimed_count, line.cash.handed_back, line.held), (80, 2, 80, 0));
    assert_eq!(after.when(&unpaid(26, &[2, 3], 80)), Decision::NoOp);
}

#[test]
fn a_day_is_liquidated_when_what_is_counted_is_what_the_book_says() {
    let book = given(&[register(), advance(3, 100), pay(3, 1)]);
    let differs = DeskRefusal::CashDiffers { expected: dong(60), counted: dong(50) };
    refused(&book.when(&liquidate(3, 50)), differs);
    let Decision::Events(events) = book.when(&liquidate(3, 60)) else { panic!("refused") };
    let DeskEvent::Liquidated(event) = &events[0] else { panic!("another event") };
    assert_eq!((event.advanced, event.paid, event.handed_back, event.held), (dong(100), dong(40), dong(0), dong(60)));
}

#[test]
fn nothing_is_entered_on_a_day_that_is_liquidated_nor_before_it() {
    let book = given(&[register(), advance(3, 100), pay(3, 1), liquidate(4, 60)]);
    let closed = DeskRefusal::DayLiquidated { to: march(4) };
    for command in [advance(4, 10), pay(3, 2), hand_back(4, 10), liquidate(3, 60), liquidate(4, 50)] {
        refused(&book.when(&command), closed.clone());
    }
    assert_eq!(book.when(&liquidate(4, 60)), Decision::NoOp);
    accepted(&book.when(&pay(5, 2)));
}
