//! Reports of another amount than was ordered: recorded, waiting, and resolved by a person.

use super::*;
use crate::domain::claims;
use crate::domain::payment::command::{CorrectionRequest, SeenReport};
use crate::domain::payment::event::{Correction, PaymentContradicted};
use crate::domain::recovery::agreement::{give_back, hold_after_death};
use crate::domain::recovery::event::RecoveryReceived;
use crate::domain::recovery::{Ground, Recovery, RecoveryEvent, overpaid};

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

/// What the recoveries ask for, by attempt.
fn asked_back(life: &Life) -> Vec<(u32, Ground, i64)> {
    let parts = overpaid(payment_of(life), None);
    parts.into_iter().map(|part| (part.attempt, part.ground, part.amount.minor)).collect()
}

/// Attempt 1 was given up, attempt 2 is settled, and then 1 is reported to have paid less.
fn paid_twice() -> Life {
    given(&[ordered(), fail(), reissue(), about(2, settle()), about(1, reported(LESS))])
}

#[test]
fn what_another_attempt_pays_already_is_too_much_as_a_whole() {
    let waiting = given(&[ordered(), fail(), reissue(), about(1, reported(LESS)), about(2, settle())]);
    for life in [paid_twice(), waiting] {
        for resolution in [Resolution::MadeGood, Resolution::Accepted] {
            let answer = life.clone().when(&resolve(resolution));
            let Decision::Events(events) = &answer.decision else { panic!("{:?}", answer.decision) };
            assert!(matches!(
                &events[..],
                [PaymentEvent::ContradictionResolved(resolved), PaymentEvent::SettledLate(late)]
                    if resolved.difference_minor == 0 && late.amount == dong(LESS) && late.stopped_attempt.is_none()
            ));
            let life = answer.then_latest_is(AttemptState::Settled);
            life.clone().when(&about(1, reported(LESS))).then_nothing_new();
            assert_eq!((payment_of(&life).amount, payment_of(&life).made_good_minor), (dong(5_000_000), 0));
            assert_eq!(asked_back(&life), [(1, Ground::PaidTwice, LESS)]);
            assert_eq!(payment_of(&life).overpaid_minor(), LESS);
        }
    }
}

#[test]
fn money_of_another_amount_never_pays_in_anothers_place_and_is_back_before_it_is_paid_again() {
    let life = paid_twice().when(&resolve(Resolution::Accepted)).life;
    let life = life.when(&about(2, return_with(dong(5_000_000)))).life;
    assert_eq!((payment_of(&life).standing().number, payment_of(&life).standing().state), (2, AttemptState::Returned));
    assert_eq!(asked_back(&life), [(1, Ground::PaidTwice, LESS)], "as before");
    let late = PaymentRefusal::LateMoneyOut { attempt: 1, settled_on: date(2025, 3, 4) };
    for pays_again in [reissue(), cancel(false)] {
        life.clone().when(&pays_again).then_refused(late.clone());
    }
    life.clone().when(&about(1, return_with(dong(5_000_000)))).then_quarantined(QuarantineCause::AmountDiffers);
    let life = life.when(&about(1, return_with(dong(LESS)))).life;
    assert_eq!(asked_back(&life), []);
    life.when(&reissue()).then_latest_is(AttemptState::Instructed);
}

#[test]
fn the_successors_own_amount_pays_when_both_went_out_with_different_ones() {
    let life = given(&[ordered(), fail(), reissue(), about(1, settle()), about(2, reported(LESS))]);
    let life = life.when(&resolve(Resolution::MadeGood)).then_latest_is(AttemptState::Settled);
    assert_eq!((payment_of(&life).amount, payment_of(&life).made_good_minor), (dong(LESS), LESS - 5_000_000));
    assert_eq!(asked_back(&life), [(1, Ground::PaidTwice, 5_000_000)], "each attempt by what it paid");
    let back = life.when(&about(2, return_with(dong(LESS)))).life;
    assert!(payment_of(&back).live_attempt().is_none(), "the other amount pays nothing in its place");
}

#[test]
fn what_came_back_whole_through_its_recovery_is_returned_by_what_the_attempt_paid() {
    let life = paid_twice().when(&resolve(Resolution::Accepted)).life;
    let [part] = &overpaid(payment_of(&life), None)[..] else { panic!("one part") };
    let mut recovery = Recovery::default();
    recovery.evolve(&RecoveryEvent::Found(part.event(date(2025, 3, 20))));
    let (received_on, evidence) = (date(2025, 3, 28), evidence("C-1"));
    recovery.evolve(&RecoveryEvent::Received(RecoveryReceived { amount: dong(LESS), received_on, evidence }));
    let back = give_back(payment_of(&life), recovery.found.as_ref().unwrap()).expect("it is whole");
    let life = life.when(&back).life;
    assert_eq!((asked_back(&life), payment_of(&life).standing().state), (vec![], AttemptState::Settled));
}

#[test]
fn money_of_a_cancelled_payment_is_too_much_as_a_whole_when_another_has_its_months() {
    let resolve = |resolution, months_free| {
        let reason = "asked the bank".to_owned();
        PaymentCommand::Resolve { resolution, reason, seen: None, months_free }
    };
    let life = in_state(AttemptState::Cancelled).when(&reported(LESS)).life;
    let taken = life.clone().when(&resolve(Resolution::MadeGood, false)).then_latest_is(AttemptState::Cancelled);
    assert_eq!((payment_of(&taken).amount, payment_of(&taken).made_good_minor), (dong(5_000_000), 0));
    assert_eq!(asked_back(&taken), [(1, Ground::PaidAfterCancellation, LESS)]);
    let free = life.when(&resolve(Resolution::MadeGood, true)).then_latest_is(AttemptState::Settled);
    assert_eq!((payment_of(&free).amount, payment_of(&free).made_good_minor), (dong(LESS), LESS - 5_000_000));
}

#[test]
fn only_what_was_seen_is_resolved() {
    let life = contradicted(LESS);
    let open = payment_of(&life).contradiction.clone().unwrap();
    let seen = |change: &dyn Fn(&mut SeenReport)| {
        let mut seen = SeenReport { report: open.clone(), difference_minor: LESS - 5_000_000 };
        change(&mut seen);
        let (resolution, reason) = (Resolution::MadeGood, "asked".to_owned());
        PaymentCommand::Resolve { resolution, reason, seen: Some(Box::new(seen)), months_free: true }
    };
    let changes: [&dyn Fn(&mut SeenReport); 4] = [
        &|seen| seen.report.attempt = 2,
        &|seen| seen.report.amount = dong(LESS + 1),
        &|seen| seen.report.evidence = evidence("S9"),
        &|seen| seen.difference_minor = 0,
    ];
    for change in changes {
        life.clone().when(&seen(change)).then_refused(PaymentRefusal::ContradictionChanged { attempt: 1 });
    }
    life.when(&seen(&|_| {})).then_latest_is(AttemptState::Settled);
}

#[test]
fn a_resolution_leaves_a_supplements_key_where_it_was_ordered() {
    let supplement = instruct(|order| order.limits = limits(PaymentKind::Supplement));
    let life = given(&[supplement, accept(), reported(LESS)]);
    let before = claims::own_month_keys(payment_of(&life));
    let Decision::Events(events) = life.clone().when(&resolve(Resolution::Accepted)).decision else { panic!() };
    let mut state = life.state.clone();
    for event in &events {
        assert_eq!(claims::of_payment_event(&state, event), [], "nothing is taken or given free: {event:?}");
        state.evolve(event);
    }
    assert_eq!(claims::own_month_keys(state.instructed.as_ref().unwrap()), before);
    let clerical = PaymentCommand::Correct {
        correction: CorrectionRequest::Amount(dong(1)),
        ground: "slip".to_owned(),
        known: nothing_known(),
    };
    let corrected = given(&[instruct(|order| order.limits = limits(PaymentKind::Supplement))]).when(&clerical).life;
    assert_ne!(claims::own_month_keys(payment_of(&corrected)), before, "another order is another key");
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
