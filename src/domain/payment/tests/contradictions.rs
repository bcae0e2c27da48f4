//! Reports of another amount than was ordered: recorded, waiting, and resolved by a person.

use super::*;
use crate::domain::payment::command::CorrectionRequest;
use crate::domain::payment::event::{Correction, PaymentContradicted};
use crate::domain::recovery::agreement::hold_after_death;
use crate::domain::recovery::{Ground, overpaid};

const LESS: i64 = 4_900_000;
const MORE: i64 = 5_300_000;

fn reported(minor: i64) -> PaymentCommand {
    settle_with(dong(minor), "S1")
}

fn contradicted(minor: i64) -> Life {
    given(&[ordered(), accept(), reported(minor)])
}

fn payment_of(life: &Life) -> &crate::domain::payment::state::Instructed {
    life.state.instructed.as_ref().unwrap()
}

#[test]
fn a_settlement_of_another_amount_is_recorded_and_stops_the_payment() {
    let life = given(&[ordered()]).when(&reported(LESS)).then(PaymentEvent::Contradicted(PaymentContradicted {
        attempt: 1,
        settled_on: date(2025, 3, 4),
        amount: dong(LESS),
        evidence: evidence("S1"),
        collected_by: None,
    }));
    let payment = payment_of(&life);
    assert_eq!((payment.latest().state, payment.waits()), (AttemptState::Instructed, true));
    assert_eq!(payment.overpaid_minor(), 0, "nothing is paid until a person says so");
}

#[test]
fn the_same_report_again_is_nothing_new_and_another_one_is_quarantined() {
    contradicted(LESS).when(&reported(LESS)).then_nothing_new();
    contradicted(LESS).when(&settle()).then_quarantined(QuarantineCause::SecondSettlement);
    contradicted(LESS).when(&reported(MORE)).then_quarantined(QuarantineCause::SecondSettlement);
    for report in [reject(), return_with(dong(LESS))] {
        contradicted(LESS).when(&report).then_quarantined(QuarantineCause::ImpossibleOrder);
    }
}

#[test]
fn nobody_goes_on_before_it_is_resolved() {
    let amount = PaymentCommand::Correct {
        correction: CorrectionRequest::Amount(dong(LESS)),
        ground: "slip".to_owned(),
        known: nothing_known(),
    };
    for command in [release(), cancel(true), fail(), reissue(), amount] {
        contradicted(LESS).when(&command).then_refused(PaymentRefusal::ContradictionOpen { attempt: 1 });
    }
}

#[test]
fn what_is_not_contradicted_is_not_resolved() {
    for resolution in Resolution::ALL {
        in_state(AttemptState::Settled).when(&resolve(resolution)).then_refused(PaymentRefusal::NothingContradicted);
    }
}

#[test]
fn a_dismissed_report_leaves_the_payment_as_it_was_and_may_come_again() {
    let life = contradicted(LESS).when(&resolve(Resolution::Dismissed)).life;
    assert_eq!((payment_of(&life).waits(), payment_of(&life).contradiction.as_ref()), (false, None));
    life.clone().when(&reported(LESS)).then_nothing_new();
    let life = life.when(&settle()).then_latest_is(AttemptState::Settled);
    assert_eq!(payment_of(&life).amount, dong(5_000_000));
}

#[test]
fn a_hold_outlives_the_contradiction_whichever_came_first() {
    for life in
        [given(&[ordered(), accept(), hold(), reported(LESS)]), given(&[ordered(), accept(), reported(LESS), hold()])]
    {
        let life = life.when(&resolve(Resolution::Dismissed)).life;
        assert!(payment_of(&life).latest().held, "the hold has another reason than the report");
        let life = life.when(&release()).life;
        assert!(!payment_of(&life).waits());
    }
}

#[test]
fn who_died_while_a_report_waits_is_held_and_stays_so_when_it_is_dismissed() {
    let died_on = Some(date(2025, 2, 27));
    let life = contradicted(LESS);
    let hold = hold_after_death(payment_of(&life), died_on).expect("a contradiction is no hold");
    let life = life.when(&hold).life.when(&resolve(Resolution::Dismissed)).life;
    assert!(payment_of(&life).latest().held);
    life.when(&PaymentCommand::Release { note: None, died_on })
        .then_refused(PaymentRefusal::BeneficiaryDeceased { died_on: date(2025, 2, 27), last_month: month("2025-02") });
}

#[test]
fn another_report_than_the_dismissed_one_waits_again() {
    let life = contradicted(LESS).when(&resolve(Resolution::Dismissed)).life;
    life.when(&settle_with(dong(LESS), "S2")).then_latest_is(AttemptState::Accepted);
}

#[test]
fn a_true_report_makes_its_amount_the_payments_and_settles_it() {
    for (resolution, made_good) in [(Resolution::MadeGood, LESS - 5_000_000), (Resolution::Accepted, 0)] {
        let answer = contradicted(LESS).when(&resolve(resolution));
        let Decision::Events(events) = &answer.decision else { panic!("{:?}", answer.decision) };
        assert!(matches!(
            &events[..],
            [
                PaymentEvent::ContradictionResolved(resolved),
                PaymentEvent::Corrected(corrected),
                PaymentEvent::Settled(settled)
            ] if resolved.difference_minor == LESS - 5_000_000
                && corrected.correction == Correction::Amount { old: dong(5_000_000), new: dong(LESS) }
                && settled.amount == dong(LESS) && settled.evidence == evidence("S1")
        ));
        let life = answer.then_latest_is(AttemptState::Settled);
        assert_eq!((payment_of(&life).amount, payment_of(&life).made_good_minor), (dong(LESS), made_good));
        life.when(&reported(LESS)).then_nothing_new();
    }
}

#[test]
fn what_was_paid_too_much_is_overpaid_only_when_it_is_to_be_made_good() {
    let found = |resolution, died_on: Option<Date>| {
        let life = contradicted(MORE).when(&resolve(resolution)).life;
        let parts = overpaid(payment_of(&life), died_on);
        parts.into_iter().map(|part| (part.ground, part.amount.minor)).collect::<Vec<_>>()
    };
    assert_eq!(found(Resolution::MadeGood, None), [(Ground::PaidTooMuch, 300_000)]);
    assert_eq!(found(Resolution::Accepted, None), []);
    let all_of_it = [(Ground::PaidAfterDeath, MORE)];
    assert_eq!(found(Resolution::MadeGood, Some(date(2025, 2, 27))), all_of_it, "nothing is asked for twice");
}

#[test]
fn of_two_months_each_part_is_asked_for_once() {
    let two = instruct(|order| order.benefit_months = vec![month("2025-02"), month("2025-03")]);
    let life = given(&[two, accept(), reported(MORE)]).when(&resolve(Resolution::MadeGood)).life;
    let parts = overpaid(payment_of(&life), Some(date(2025, 2, 27)));
    let sums: Vec<_> = parts.iter().map(|part| (part.ground, part.amount.minor)).collect();
    assert_eq!(sums, [(Ground::PaidAfterDeath, MORE / 2), (Ground::PaidTooMuch, 150_000)]);
}

#[test]
fn late_money_of_another_amount_stops_the_successor_until_it_is_resolved() {
    let life = given(&[ordered(), fail(), reissue()]).when(&about(1, reported(LESS))).life;
    assert!(payment_of(&life).waits());
    life.clone().when(&release()).then_refused(PaymentRefusal::ContradictionOpen { attempt: 1 });
    let dismissed = life.clone().when(&resolve(Resolution::Dismissed)).life;
    dismissed.when(&about(2, settle())).then_latest_is(AttemptState::Settled);
    let life = life.when(&resolve(Resolution::Accepted)).life;
    let payment = payment_of(&life);
    assert!(payment.late_attempt().is_some() && payment.latest().held, "the successor is to be recalled");
}

#[test]
fn the_successors_money_is_recorded_while_the_report_waits_and_then_only_dismissal_is_left() {
    let life = given(&[ordered(), fail(), reissue(), about(1, reported(LESS))]);
    let life = life.when(&about(2, settle())).then_latest_is(AttemptState::Settled);
    for resolution in [Resolution::MadeGood, Resolution::Accepted] {
        life.clone().when(&resolve(resolution)).then_refused(PaymentRefusal::AmountAfterSettlement);
    }
    life.when(&resolve(Resolution::Dismissed)).then_latest_is(AttemptState::Settled);
}

#[test]
fn a_report_on_what_was_given_up_or_cancelled_is_recorded_too() {
    for state in [AttemptState::Rejected, AttemptState::Failed, AttemptState::Cancelled] {
        let life = in_state(state).when(&reported(MORE)).then_latest_is(state);
        life.clone().when(&reissue()).then_refused(PaymentRefusal::ContradictionOpen { attempt: 1 });
        let life = life.when(&resolve(Resolution::MadeGood)).then_latest_is(AttemptState::Settled);
        assert_eq!(payment_of(&life).amount, dong(MORE));
    }
}
