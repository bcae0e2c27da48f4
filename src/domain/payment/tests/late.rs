//! The double-payment guard: an attempt that was given up is settled after all.

use super::*;
use crate::domain::payment::event::{PaymentRecalled, PaymentReleased, PaymentSettledLate};

fn late(stopped_attempt: Option<u32>) -> PaymentEvent {
    PaymentEvent::SettledLate(PaymentSettledLate {
        attempt: 1,
        settled_on: date(2025, 3, 4),
        amount: dong(5_000_000),
        evidence: evidence("S1"),
        stopped_attempt,
        reinstated: false,
    })
}

const OUT: PaymentRefusal = PaymentRefusal::LateMoneyOut { attempt: 1, settled_on: date(2025, 3, 4) };

/// Attempt 1 was given up, attempt 2 is open, then attempt 1 settles.
fn stopped() -> Life {
    given(&[ordered(), fail(), reissue(), about(1, settle())])
}

fn back(attempt: u32) -> PaymentCommand {
    about(attempt, return_with(dong(5_000_000)))
}

#[track_caller]
fn stands_on(life: &Life, attempt: u32, state: AttemptState) {
    let payment = life.state.instructed.as_ref().unwrap();
    assert_eq!((payment.standing().number, payment.standing().state), (attempt, state));
}

#[track_caller]
fn overpaid(life: &Life, minor: i64) {
    assert_eq!(life.state.instructed.as_ref().unwrap().overpaid_minor(), minor);
}

#[test]
fn without_a_successor_the_payment_is_settled_by_it_and_not_paid_again() {
    for given_up in [fail(), reject()] {
        let life = given(&[ordered(), given_up]).when(&settle()).then(late(None));
        stands_on(&life, 1, AttemptState::Settled);
        overpaid(&life, 0);
        life.clone().when(&reissue()).then_refused(PaymentRefusal::AlreadySettled);
        life.clone().when(&cancel(true)).then_refused(PaymentRefusal::AlreadySettled);
        life.clone().when(&settle()).then_nothing_new();
        let back = life.when(&back(1)).then_latest_is(AttemptState::Returned);
        back.when(&reissue()).then_latest_is(AttemptState::Instructed);
    }
}

#[test]
fn it_stops_the_open_successor() {
    for given_up in [fail(), reject()] {
        let life = given(&[ordered(), given_up, reissue()]).when(&about(1, settle())).then(late(Some(2)));
        let payment = life.state.instructed.as_ref().unwrap();
        assert!(payment.latest().held);
        assert_eq!(payment.late_attempt().map(|attempt| attempt.number), Some(1));
        overpaid(&life, 0);
        stands_on(&life, 2, AttemptState::Instructed);
    }
}

#[test]
fn it_is_an_overpayment_when_the_successor_is_settled_already() {
    let life = given(&[ordered(), fail(), reissue(), settle_with(dong(5_000_000), "S2")]);
    let life = life.when(&about(1, settle())).then(late(None));
    stands_on(&life, 2, AttemptState::Settled);
    overpaid(&life, 5_000_000);
}

#[test]
fn a_stopped_successor_that_settles_all_the_same_is_an_overpayment_until_either_comes_back() {
    let life = stopped().when(&settle_with(dong(5_000_000), "S2")).then_latest_is(AttemptState::Settled);
    overpaid(&life, 5_000_000);
    for (returned, pays) in [(1, 2), (2, 1)] {
        let life = life.clone().when(&back(returned)).life;
        overpaid(&life, 0);
        stands_on(&life, pays, AttemptState::Settled);
    }
}

#[test]
fn a_successor_that_comes_to_nothing_leaves_the_payment_settled_by_the_late_money() {
    for nothing in [fail(), reject()] {
        let life = stopped().when(&nothing).life;
        stands_on(&life, 1, AttemptState::Settled);
        life.clone().when(&reissue()).then_refused(PaymentRefusal::AlreadySettled);
        let life = life.when(&back(1)).life;
        stands_on(&life, 1, AttemptState::Returned);
        let life = life.when(&reissue()).then_latest_is(AttemptState::Instructed);
        stands_on(&life, 3, AttemptState::Instructed);
    }
}

#[test]
fn a_stopped_successor_is_released_only_when_the_money_is_back() {
    stopped().when(&release()).then_refused(OUT);
    let life = stopped().when(&back(1)).life;
    assert!(life.state.instructed.as_ref().unwrap().latest().held);
    life.when(&release()).then(PaymentEvent::Released(PaymentReleased { attempt: 2, note: None }));
}

fn recalled() -> PaymentEvent {
    PaymentEvent::Recalled(PaymentRecalled { attempt: 2, reason: "ordered twice".to_owned(), by: "agency".to_owned() })
}

#[test]
fn a_stopped_successor_is_recalled_and_the_payment_settled_by_the_late_money() {
    let life = stopped().when(&cancel(false)).then(recalled());
    stands_on(&life, 1, AttemptState::Settled);
    assert!(!life.state.instructed.as_ref().unwrap().called_off, "the months are paid: nobody else may have them");
    life.when(&cancel(true)).then_refused(PaymentRefusal::AlreadySettled);
}

#[test]
fn an_accepted_successor_is_recalled_only_when_the_agent_confirmed_it() {
    let life = given(&[ordered(), fail(), reissue(), accept(), about(1, settle())]);
    let refusal = PaymentRefusal::NotPossible { action: "cancellation", attempt: 2, state: AttemptState::Accepted };
    life.clone().when(&cancel(false)).then_refused(refusal);
    life.when(&cancel(true)).then(recalled());
}

#[test]
fn a_recalled_successor_that_the_agent_paid_all_the_same_is_an_overpayment() {
    let life = stopped().when(&cancel(true)).life;
    let life = life.when(&about(2, settle_with(dong(5_000_000), "S2"))).life;
    stands_on(&life, 1, AttemptState::Settled);
    overpaid(&life, 5_000_000);
    let life = life.when(&back(1)).life;
    stands_on(&life, 2, AttemptState::Settled);
    overpaid(&life, 0);
}

fn cancelled_and_paid(months_free: bool) -> Life {
    let mut paid = settle();
    if let PaymentCommand::Settle { months_free: free, .. } = &mut paid {
        *free = months_free;
    }
    given(&[ordered(), cancel(false)]).when(&paid).life
}

#[test]
fn money_of_a_cancelled_payment_settles_it_when_its_months_are_free_yet() {
    let life = cancelled_and_paid(true);
    assert!(matches!(life.events.last(), Some(PaymentEvent::SettledLate(e)) if e.reinstated));
    stands_on(&life, 1, AttemptState::Settled);
    overpaid(&life, 0);
    life.when(&back(1)).then_latest_is(AttemptState::Returned);
}

#[test]
fn money_of_a_cancelled_payment_is_too_much_when_another_has_its_months() {
    let life = cancelled_and_paid(false);
    stands_on(&life, 1, AttemptState::Cancelled);
    overpaid(&life, 5_000_000);
    life.clone().when(&reissue()).then_refused(PaymentRefusal::AlreadyCancelled);
    let life = life.when(&back(1)).life;
    stands_on(&life, 1, AttemptState::Cancelled);
    overpaid(&life, 0);
}

#[test]
fn the_notice_of_an_inferred_settlement_is_quarantined_after_the_payment_was_cancelled() {
    let life = given(&[ordered(), accept(), return_with(dong(5_000_000)), cancel(false)]);
    life.when(&settle()).then_quarantined(QuarantineCause::LateSettlement);
}

#[test]
fn its_repeat_is_nothing_new_and_another_proof_is_quarantined() {
    stopped().when(&about(1, settle())).then_nothing_new();
    let other = about(1, settle_with(dong(5_000_000), "S9"));
    stopped().when(&other).then_quarantined(QuarantineCause::SecondSettlement);
}

#[test]
fn a_return_of_another_amount_than_the_late_money_is_quarantined() {
    stopped().when(&about(1, return_with(dong(1)))).then_quarantined(QuarantineCause::AmountDiffers);
}

#[test]
fn nothing_is_paid_again_for_months_after_death() {
    let mut again = reissue_by(in_cash());
    again.died_on = Some(date(2025, 2, 27));
    let (died_on, last_month) = (date(2025, 2, 27), month("2025-02"));
    let life = given(&[ordered(), fail()]);
    let command = PaymentCommand::Reissue(Box::new(again.clone()));
    life.clone().when(&command).then_refused(PaymentRefusal::BeneficiaryDeceased { died_on, last_month });
    again.died_on = Some(date(2025, 3, 1));
    life.when(&PaymentCommand::Reissue(Box::new(again))).then_latest_is(AttemptState::Instructed);
}

#[test]
fn what_is_held_is_not_released_for_months_after_death() {
    let released = |died_on| PaymentCommand::Release { note: None, died_on: Some(died_on) };
    let (died_on, last_month) = (date(2025, 2, 27), month("2025-02"));
    let life = given(&[ordered(), hold()]);
    life.clone().when(&released(died_on)).then_refused(PaymentRefusal::BeneficiaryDeceased { died_on, last_month });
    life.when(&released(date(2025, 3, 1))).then_latest_is(AttemptState::Instructed);
}
