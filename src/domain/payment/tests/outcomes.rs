//! What happens to attempts beyond the table: amounts, evidence, older attempts, holds, recalls, reissues.

use super::*;
use crate::domain::payment::event::{PaymentHeld, PaymentReissued, PaymentReleased};

#[test]
fn nothing_can_happen_to_a_payment_that_was_never_instructed() {
    let commands =
        [accept(), settle(), reject(), return_with(dong(1)), fail(), hold(), release(), reissue(), cancel(false)];
    for command in commands {
        given(&[]).when(&command).then_refused(PaymentRefusal::NotInstructed);
    }
}

#[test]
fn an_acceptance_keeps_the_agents_reference_and_word() {
    given(&[ordered()]).when(&accept()).then(PaymentEvent::Accepted(PaymentAccepted {
        attempt: 1,
        agent_ref: Some("VCB-1".to_owned()),
        raw_status: Some("ACCP".to_owned()),
        accepted_at: NOW,
    }));
}

#[test]
fn a_settlement_keeps_its_day_and_its_evidence() {
    let life = given(&[ordered()]).when(&settle()).then(PaymentEvent::Settled(PaymentSettled {
        attempt: 1,
        settled_on: date(2025, 3, 4),
        amount: dong(5_000_000),
        evidence: evidence("S1"),
        collected_by: None,
    }));
    let payment = life.state.instructed.unwrap();
    assert_eq!(payment.latest().settled_on, Some(date(2025, 3, 4)));
    assert_eq!(payment.latest().settlement, Some(evidence("S1")));
    assert_eq!(payment.live_attempt().map(|attempt| attempt.number), Some(1));
}

#[test]
fn a_settlement_in_another_currency_is_refused() {
    let euro = Money { minor: 5_000_000, currency: Currency::parse("EUR").unwrap() };
    let expected = Currency::parse("VND").unwrap();
    given(&[ordered()]).when(&settle_with(euro, "S1")).then_refused(PaymentRefusal::OtherCurrency { expected });
}

#[test]
fn a_settlement_repeated_with_the_same_evidence_and_amount_is_nothing_new() {
    in_state(AttemptState::Settled).when(&settle()).then_nothing_new();
}

#[test]
fn the_notice_of_a_settlement_whose_money_came_back_is_nothing_new_and_another_one_is_quarantined() {
    in_state(AttemptState::Returned).when(&settle()).then_nothing_new();
    let other = settle_with(dong(5_000_000), "S2");
    in_state(AttemptState::Returned).when(&other).then_quarantined(QuarantineCause::LateSettlement);
}

#[test]
fn a_settlement_repeated_with_the_same_evidence_and_another_amount_is_a_second_one() {
    let again = settle_with(dong(1), "S1");
    in_state(AttemptState::Settled).when(&again).then_quarantined(QuarantineCause::SecondSettlement);
}

#[test]
fn a_return_of_another_amount_is_for_a_person_to_look_at() {
    in_state(AttemptState::Settled).when(&return_with(dong(1))).then_quarantined(QuarantineCause::AmountDiffers);
}

fn returned(settlement_inferred: bool) -> PaymentEvent {
    PaymentEvent::Returned(PaymentReturned {
        attempt: 1,
        returned_on: date(2025, 3, 7),
        amount: dong(5_000_000),
        reason: wrong_account(),
        evidence: evidence("R1"),
        settlement_inferred,
    })
}

#[test]
fn a_return_before_the_settlement_notice_infers_the_settlement() {
    let life = given(&[ordered(), accept()]).when(&return_with(dong(5_000_000))).then(returned(true));
    let payment = life.state.instructed.unwrap();
    assert!(payment.was_ever_settled());
    assert_eq!(payment.live_attempt(), None);
}

#[test]
fn a_return_after_the_settlement_infers_nothing() {
    in_state(AttemptState::Settled).when(&return_with(dong(5_000_000))).then(returned(false));
}

#[test]
fn a_rejection_keeps_the_reason_as_received() {
    let event = PaymentRejected { attempt: 1, reason: wrong_account(), rejected_on: date(2025, 3, 4) };
    given(&[ordered()]).when(&reject()).then(PaymentEvent::Rejected(event));
}

#[test]
fn a_failure_keeps_its_cause_and_deadline() {
    let event = PaymentFailed { attempt: 1, cause: FailureCause::NoAnswer, deadline: date(2025, 3, 25) };
    given(&[ordered()]).when(&fail()).then(PaymentEvent::Failed(event));
}

#[test]
fn an_attempt_that_does_not_exist_is_refused() {
    for number in [0, 2] {
        let refusal = PaymentRefusal::NoSuchAttempt { attempt: number, latest: 1 };
        given(&[ordered()]).when(&about(number, accept())).then_refused(refusal);
    }
}

#[test]
fn a_report_about_an_older_attempt_goes_by_that_attempts_state() {
    let life = given(&[ordered(), reject(), reissue()]);
    life.clone().when(&about(1, reject())).then_nothing_new();
    life.when(&about(1, accept())).then_quarantined(QuarantineCause::ImpossibleOrder);
}

#[test]
fn a_report_without_an_attempt_is_about_the_latest() {
    let life = given(&[ordered(), fail(), reissue()]).when(&settle()).then_latest_is(AttemptState::Settled);
    assert_eq!(life.state.instructed.unwrap().live_attempt().map(|attempt| attempt.number), Some(2));
}

#[test]
fn an_accepted_payment_is_cancelled_only_when_the_agent_confirmed_the_recall() {
    let refusal = PaymentRefusal::NotPossible { action: "cancellation", attempt: 1, state: AttemptState::Accepted };
    in_state(AttemptState::Accepted).when(&cancel(false)).then_refused(refusal);
    let event = PaymentCancelled { attempt: 1, reason: "ordered twice".to_owned(), by: "agency".to_owned() };
    in_state(AttemptState::Accepted).when(&cancel(true)).then(PaymentEvent::Cancelled(event));
}

#[test]
fn a_confirmed_recall_does_not_cancel_a_settled_payment() {
    in_state(AttemptState::Settled).when(&cancel(true)).then_refused(PaymentRefusal::AlreadySettled);
}

#[test]
fn a_payment_can_be_held_while_instructed_or_accepted() {
    let held = PaymentEvent::Held(PaymentHeld { attempt: 1, cause: "account under review".to_owned(), note: None });
    for state in [AttemptState::Instructed, AttemptState::Accepted] {
        let life = in_state(state).when(&hold()).then(held.clone());
        let payment = life.state.instructed.unwrap();
        assert!(payment.latest().held);
        assert_eq!(payment.latest().state, state);
    }
}

#[test]
fn a_payment_with_a_final_outcome_cannot_be_held() {
    for state in AttemptState::ALL.into_iter().filter(|state| state.is_final()) {
        let answer = in_state(state).when(&hold());
        assert!(matches!(answer.decision, Decision::Refused(_)), "{state}: {:?}", answer.decision);
    }
}

#[test]
fn holding_twice_is_nothing_new() {
    given(&[ordered(), hold()]).when(&hold()).then_nothing_new();
}

#[test]
fn a_release_returns_to_the_state_before_the_hold() {
    for before in [vec![ordered()], vec![ordered(), accept()]] {
        let life = given(&before);
        let event = PaymentEvent::Released(PaymentReleased { attempt: 1, note: None });
        let released = life.clone().when(&hold()).life.when(&release()).then(event);
        assert_eq!(released.state, life.state);
    }
}

#[test]
fn what_is_not_held_cannot_be_released() {
    let refusal = PaymentRefusal::NotPossible { action: "release", attempt: 1, state: AttemptState::Instructed };
    given(&[ordered()]).when(&release()).then_refused(refusal);
}

#[test]
fn what_an_agent_reports_on_a_held_payment_counts_as_if_there_were_no_hold() {
    for report in [accept(), settle(), reject(), fail(), cancel(false)] {
        let free = given(&[ordered()]).when(&report).life;
        let held = given(&[ordered(), hold()]).when(&report).life;
        let state = |life: &Life| life.state.instructed.as_ref().unwrap().latest().state;
        assert_eq!(state(&held), state(&free), "{report:?}");
    }
}

#[test]
fn an_acceptance_leaves_a_hold_and_a_final_outcome_ends_it() {
    let is_held = |life: &Life| life.state.instructed.as_ref().unwrap().latest().held;
    assert!(is_held(&given(&[ordered(), hold(), accept()])));
    assert!(!is_held(&given(&[ordered(), hold(), settle()])));
}

#[test]
fn a_reissue_opens_the_next_attempt_with_its_own_id_and_channel() {
    let life = given(&[ordered(), reject()]).when(&reissue()).then(PaymentEvent::Reissued(PaymentReissued {
        new_attempt: 2,
        from_channel: ChannelCode::parse("account").unwrap(),
        to_channel: ChannelCode::parse("cash_desk").unwrap(),
        agent: AgentCode::parse("post").unwrap(),
        bank: None,
        account_ref: None,
        end_to_end_id: EndToEndId::of(payment_id(), 2),
        due_on: date(2025, 3, 10),
        payee: Payee::Beneficiary,
        reason: "account closed".to_owned(),
    }));
    let payment = life.state.instructed.unwrap();
    assert_eq!(payment.latest().state, AttemptState::Instructed);
    assert_eq!(payment.attempts[0].state, AttemptState::Rejected);
}

#[test]
fn a_reissue_through_the_same_channel_takes_the_account_over_with_its_bank() {
    let again = PaymentCommand::Reissue(Box::new(reissue_by(by_account())));
    let life = given(&[ordered(), reject()]).when(&again).life;
    let payment = life.state.instructed.unwrap();
    assert_eq!(payment.latest().account_ref, Some(account_ref(11)));
    assert_eq!(payment.latest().bank, BankId::parse("vcb").ok());
}

#[test]
fn a_reissue_to_a_new_account_does_not_keep_the_old_bank() {
    let mut command = reissue_by(by_account());
    command.account_ref = Some(account_ref(12));
    let life = given(&[ordered(), reject()]).when(&PaymentCommand::Reissue(Box::new(command))).life;
    let payment = life.state.instructed.unwrap();
    assert_eq!(payment.latest().account_ref, Some(account_ref(12)));
    assert_eq!(payment.latest().bank, None);
}

#[test]
fn a_reissue_through_a_channel_that_needs_an_account_is_refused_without_one() {
    let cash = instruct(|order| {
        order.channel = in_cash();
        order.account_ref = None;
        order.bank = None;
    });
    let command = PaymentCommand::Reissue(Box::new(reissue_by(by_account())));
    let refusal = PaymentRefusal::AccountMissing { channel: "account".to_owned() };
    given(&[cash, fail()]).when(&command).then_refused(refusal);
}

#[test]
fn a_payment_returned_and_reissued_can_settle_again() {
    let life = given(&[ordered(), settle(), return_with(dong(5_000_000)), reissue()]);
    life.when(&settle_with(dong(5_000_000), "S2")).then_latest_is(AttemptState::Settled);
}

#[test]
fn money_that_moved_is_remembered_whatever_came_after() {
    let given_up = [cancel(false), reissue()];
    for next in &given_up {
        let seen = given(&[ordered(), settle(), return_with(dong(5_000_000)), next.clone()]);
        let inferred = given(&[ordered(), accept(), return_with(dong(5_000_000)), next.clone()]);
        assert!(seen.state.instructed.unwrap().was_ever_settled());
        assert!(inferred.state.instructed.unwrap().was_ever_settled());
    }
    assert!(!given(&[ordered(), reject(), reissue()]).state.instructed.unwrap().was_ever_settled());
}

/// The table keeps such a log from being written; a log from elsewhere must not make us pay twice either.
#[test]
fn nothing_is_reissued_while_an_older_attempt_is_settled() {
    let mut life = given(&[ordered(), reject(), reissue(), reject()]);
    life.apply(vec![PaymentEvent::Settled(PaymentSettled {
        attempt: 1,
        settled_on: date(2025, 3, 4),
        amount: dong(5_000_000),
        evidence: evidence("S1"),
        collected_by: None,
    })]);
    life.when(&reissue()).then_refused(PaymentRefusal::AlreadySettled);
}

#[test]
fn an_event_that_does_not_fit_changes_nothing_and_does_not_panic() {
    let mut state = Payment::default();
    let event = PaymentEvent::Released(PaymentReleased { attempt: 9, note: None });
    state.evolve(&event);
    assert_eq!(state, Payment::default());
    let mut state = given(&[ordered()]).state;
    let before = state.clone();
    state.evolve(&event);
    assert_eq!(state, before);
}
