//! Mending clerical fields.

use super::*;
use crate::domain::payment::command::CorrectionRequest;
use crate::domain::payment::event::{Correction, PaymentCorrected};

const GROUND: &str = "typing error";

fn correct(correction: CorrectionRequest) -> PaymentCommand {
    PaymentCommand::Correct { correction, ground: GROUND.to_owned(), known: nothing_known() }
}

fn corrected(correction: Correction) -> PaymentEvent {
    PaymentEvent::Corrected(PaymentCorrected { correction, ground: GROUND.to_owned() })
}

fn other_unit() -> UnitFact {
    UnitFact {
        key: UnitKey::parse("C20338").unwrap(),
        code_as_received: "20338".to_owned(),
        urban: true,
        ..commune(None, None)
    }
}

fn requests() -> Vec<CorrectionRequest> {
    vec![
        CorrectionRequest::BenefitMonths(vec![month("2025-02")]),
        CorrectionRequest::Unit(other_unit()),
        CorrectionRequest::DueOn(date(2025, 3, 6)),
        CorrectionRequest::Reference(PaymentReference::parse("QN-2").unwrap()),
    ]
}

#[test]
fn an_amount_is_corrected_before_settlement() {
    let command = correct(CorrectionRequest::Amount(dong(4_000_000)));
    let event = corrected(Correction::Amount { old: dong(5_000_000), new: dong(4_000_000) });
    let life = given(&[ordered(), accept()]).when(&command).then(event);
    life.when(&settle_with(dong(4_000_000), "S1")).then_latest_is(AttemptState::Settled);
}

#[test]
fn an_amount_is_not_corrected_once_money_moved_even_if_it_came_back() {
    let command = correct(CorrectionRequest::Amount(dong(4_000_000)));
    for state in [AttemptState::Settled, AttemptState::Returned] {
        in_state(state).when(&command).then_refused(PaymentRefusal::AmountAfterSettlement);
    }
    let reissued = given(&[ordered(), accept(), return_with(dong(5_000_000)), reissue()]);
    reissued.when(&command).then_refused(PaymentRefusal::AmountAfterSettlement);
}

#[test]
fn other_fields_are_corrected_after_settlement_too() {
    for request in requests() {
        let answer = in_state(AttemptState::Settled).when(&correct(request.clone()));
        assert!(matches!(answer.decision, Decision::Events(_)), "{request:?}: {:?}", answer.decision);
    }
}

#[test]
fn a_corrected_amount_is_positive_and_of_the_same_currency() {
    let euro = Money { minor: 1, currency: Currency::parse("EUR").unwrap() };
    let expected = Currency::parse("VND").unwrap();
    let nothing = correct(CorrectionRequest::Amount(dong(0)));
    given(&[ordered()]).when(&nothing).then_refused(PaymentRefusal::AmountNotPositive);
    let command = correct(CorrectionRequest::Amount(euro));
    given(&[ordered()]).when(&command).then_refused(PaymentRefusal::OtherCurrency { expected });
}

#[test]
fn corrected_months_are_named_and_named_once() {
    for months in [vec![], vec![month("2025-02"), month("2025-02")]] {
        let command = correct(CorrectionRequest::BenefitMonths(months));
        given(&[ordered()]).when(&command).then_refused(PaymentRefusal::BenefitMonths);
    }
}

#[test]
fn a_corrected_unit_is_in_force_on_the_due_day_and_brings_its_own_urban_mark() {
    let late = UnitFact { valid_from: Some(date(2025, 3, 6)), ..other_unit() };
    let refusal = PaymentRefusal::UnitNotInForce { due_on: date(2025, 3, 5) };
    given(&[ordered()]).when(&correct(CorrectionRequest::Unit(late))).then_refused(refusal);
    let event = corrected(Correction::Unit {
        old: UnitKey::parse("C20965").unwrap(),
        new: UnitKey::parse("C20338").unwrap(),
        new_urban: true,
        new_code_as_received: "20338".to_owned(),
    });
    let life = given(&[ordered()]).when(&correct(CorrectionRequest::Unit(other_unit()))).then(event);
    assert!(life.state.instructed.unwrap().urban);
}

#[test]
fn the_due_day_of_the_latest_attempt_is_corrected() {
    let command = correct(CorrectionRequest::DueOn(date(2025, 3, 12)));
    let event = corrected(Correction::DueOn { old: date(2025, 3, 10), new: date(2025, 3, 12) });
    let life = given(&[ordered(), fail(), reissue()]).when(&command).then(event);
    let payment = life.state.instructed.unwrap();
    assert_eq!((payment.attempts[0].due_on, payment.attempts[1].due_on), (date(2025, 3, 5), date(2025, 3, 12)));
}

#[test]
fn a_value_that_stands_already_and_was_never_corrected_is_nothing_to_correct() {
    let same = [
        CorrectionRequest::Amount(dong(5_000_000)),
        CorrectionRequest::BenefitMonths(vec![month("2025-03")]),
        CorrectionRequest::Unit(commune(None, None)),
        CorrectionRequest::DueOn(date(2025, 3, 5)),
        CorrectionRequest::Reference(PaymentReference::parse("QN-2025-03-000001").unwrap()),
    ];
    for request in same {
        given(&[ordered()]).when(&correct(request)).then_refused(PaymentRefusal::NothingToCorrect);
    }
}

#[test]
fn a_correction_repeated_is_nothing_new_also_after_another_one() {
    for request in requests() {
        let amount = correct(CorrectionRequest::Amount(dong(1)));
        given(&[ordered(), correct(request.clone()), amount]).when(&correct(request)).then_nothing_new();
    }
    let amount = correct(CorrectionRequest::Amount(dong(1)));
    given(&[ordered(), amount.clone()]).when(&amount).then_nothing_new();
}

#[test]
fn a_correction_taken_back_can_be_made_again() {
    let (one, five) = (CorrectionRequest::Amount(dong(1)), CorrectionRequest::Amount(dong(5_000_000)));
    let life = given(&[ordered(), correct(one.clone()), correct(five)]);
    life.when(&correct(one)).then(corrected(Correction::Amount { old: dong(5_000_000), new: dong(1) }));
}

#[test]
fn a_cancelled_payment_is_not_corrected() {
    for request in requests() {
        in_state(AttemptState::Cancelled).when(&correct(request)).then_refused(PaymentRefusal::AlreadyCancelled);
    }
}

#[test]
fn every_refusal_has_its_own_code() {
    let all = [
        PaymentRefusal::NotInstructed,
        PaymentRefusal::AlreadyInstructed,
        PaymentRefusal::NoSuchAttempt { attempt: 2, latest: 1 },
        PaymentRefusal::AlreadySettled,
        PaymentRefusal::AlreadyCancelled,
        PaymentRefusal::NotPossible { action: "hold", attempt: 1, state: AttemptState::Failed },
        PaymentRefusal::AmountNotPositive,
        PaymentRefusal::AmountTooLarge,
        PaymentRefusal::OtherCurrency { expected: Currency::parse("VND").unwrap() },
        PaymentRefusal::AmountAfterSettlement,
        PaymentRefusal::BeneficiaryDeceased { died_on: date(2025, 1, 1), last_month: month("2025-01") },
        PaymentRefusal::UnitNotInForce { due_on: date(2025, 1, 1) },
        PaymentRefusal::MethodNotEffectiveYet { effective_month: month("2025-01") },
        PaymentRefusal::AccountMissing { channel: "account".to_owned() },
        PaymentRefusal::BenefitMonths,
        PaymentRefusal::NothingToCorrect,
        PaymentRefusal::ContradictionOpen { attempt: 1 },
        PaymentRefusal::NothingContradicted,
        PaymentRefusal::ArrearsAhead { month: month("2025-02"), cycle: month("2025-01") },
        PaymentRefusal::MonthTooFarBack { kind: "arrears", month: month("2025-01"), first: month("2025-02") },
        PaymentRefusal::TooManyMonths { kind: "arrears", most: 1 },
    ];
    let codes: std::collections::HashSet<&str> = all.iter().map(PaymentRefusal::code).collect();
    assert_eq!(codes.len(), all.len());
}

fn months_of(months: &[&str], died_on: Option<Date>) -> PaymentCommand {
    let months = months.iter().map(|text| month(text)).collect();
    let correction = CorrectionRequest::BenefitMonths(months);
    let known = CorrectionFacts { died_on, ..nothing_known() };
    PaymentCommand::Correct { correction, ground: GROUND.to_owned(), known }
}

#[test]
fn no_months_after_death_are_put_in_before_money_moved() {
    let died_on = date(2025, 2, 27);
    let refusal = PaymentRefusal::BeneficiaryDeceased { died_on, last_month: month("2025-02") };
    for state in [AttemptState::Instructed, AttemptState::Failed, AttemptState::Returned] {
        in_state(state).when(&months_of(&["2025-02", "2025-04"], Some(died_on))).then_refused(refusal.clone());
    }
    let event = corrected(Correction::BenefitMonths { old: vec![month("2025-03")], new: vec![month("2025-02")] });
    given(&[ordered()]).when(&months_of(&["2025-02"], Some(died_on))).then(event);
}

#[test]
fn months_after_death_that_were_paid_are_put_right_so_that_they_can_be_recovered() {
    let event = corrected(Correction::BenefitMonths { old: vec![month("2025-03")], new: vec![month("2025-04")] });
    in_state(AttemptState::Settled).when(&months_of(&["2025-04"], Some(date(2025, 2, 27)))).then(event);
}
