//! The double-payment guard: an attempt that was given up is settled after all, though a later one was opened.

use super::*;
use crate::domain::payment::event::{PaymentReleased, PaymentSettledLate};

fn late(stopped_attempt: Option<u32>) -> PaymentEvent {
    PaymentEvent::SettledLate(PaymentSettledLate {
        attempt: 1,
        settled_on: date(2025, 3, 4),
        amount: dong(5_000_000),
        evidence: evidence("S1"),
        stopped_attempt,
    })
}

const OUT: PaymentRefusal = PaymentRefusal::LateMoneyOut { attempt: 1, settled_on: date(2025, 3, 4) };

/// Attempt 1 was given up, attempt 2 is open, then attempt 1 settles.
fn stopped() -> Life {
    given(&[ordered(), fail(), reissue(), about(1, settle())])
}

#[test]
fn it_stops_the_open_successor() {
    for given_up in [fail(), reject()] {
        let life = given(&[ordered(), given_up, reissue()]).when(&about(1, settle())).then(late(Some(2)));
        let payment = life.state.instructed.unwrap();
        assert!(payment.latest().held);
        assert_eq!(payment.late_attempt().map(|attempt| attempt.number), Some(1));
        assert_eq!(payment.overpaid_minor(), 0);
    }
}

#[test]
fn it_is_an_overpayment_when_the_successor_is_settled_already() {
    let life = given(&[ordered(), fail(), reissue(), settle_with(dong(5_000_000), "S2")]);
    let life = life.when(&about(1, settle())).then(late(None));
    let payment = life.state.instructed.unwrap();
    assert_eq!(payment.live_attempt().map(|attempt| attempt.number), Some(2));
    assert_eq!(payment.overpaid_minor(), 5_000_000);
}

#[test]
fn a_stopped_successor_that_settles_all_the_same_is_an_overpayment_until_either_comes_back() {
    let life = stopped().when(&settle_with(dong(5_000_000), "S2")).then_latest_is(AttemptState::Settled);
    assert_eq!(life.state.instructed.as_ref().unwrap().overpaid_minor(), 5_000_000);
    for back in [about(1, return_with(dong(5_000_000))), return_with(dong(5_000_000))] {
        let life = life.clone().when(&back).life;
        assert_eq!(life.state.instructed.unwrap().overpaid_minor(), 0);
    }
}

#[test]
fn a_successor_that_was_given_up_is_not_followed_by_another_while_the_money_is_out() {
    for recalled in [fail(), reject()] {
        let life = stopped().when(&recalled).life;
        life.clone().when(&reissue()).then_refused(OUT);
        life.clone().when(&cancel(true)).then_refused(OUT);
        let back = life.when(&about(1, return_with(dong(5_000_000)))).life;
        back.when(&reissue()).then_latest_is(AttemptState::Instructed);
    }
}

#[test]
fn a_stopped_successor_is_released_only_when_the_money_is_back() {
    stopped().when(&release()).then_refused(OUT);
    let back = stopped().when(&about(1, return_with(dong(5_000_000)))).life;
    assert!(back.state.instructed.as_ref().unwrap().latest().held);
    back.when(&release()).then(PaymentEvent::Released(PaymentReleased { attempt: 2, note: None }));
}

#[test]
fn a_cancellation_would_free_the_month_for_another_payment() {
    stopped().when(&cancel(true)).then_refused(OUT);
}

#[test]
fn its_repeat_is_nothing_new_and_another_proof_is_quarantined() {
    stopped().when(&about(1, settle())).then_nothing_new();
    let other = about(1, settle_with(dong(5_000_000), "S9"));
    stopped().when(&other).then_quarantined(QuarantineCause::SecondSettlement);
}

#[test]
fn another_amount_is_quarantined_and_stops_nothing() {
    let life = given(&[ordered(), fail(), reissue()]);
    life.when(&about(1, settle_with(dong(1), "S1"))).then_quarantined(QuarantineCause::AmountDiffers);
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
