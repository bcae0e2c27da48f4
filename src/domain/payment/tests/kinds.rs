//! What may be paid beside a month's regular payment, and how far it may reach.

use super::*;
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::ids::GroundCode;
use crate::domain::payment::command::CorrectionRequest;
use crate::domain::payment::event::{Correction, PaymentCorrected};

fn beside(kind: PaymentKind, months: &[&str], more: impl FnOnce(&mut Instruct)) -> PaymentCommand {
    instruct(|order| {
        order.limits.kind = kind;
        order.benefit_months = months.iter().map(|text| month(text)).collect();
        more(order);
    })
}

fn kind_of(command: &PaymentCommand) -> PaymentKind {
    match decide(&Payment::default(), command, NOW) {
        Decision::Events(events) => Payment::replay(&events).instructed.unwrap().kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn arrears_and_supplements_are_recorded_as_what_they_are() {
    for kind in PaymentKind::ALL {
        assert_eq!(kind_of(&beside(kind, &["2025-03"], |_| {})), kind);
    }
}

#[test]
fn a_regular_order_says_nothing_of_its_kind_so_that_its_bytes_stay() {
    let Decision::Events(events) = decide(&Payment::default(), &ordered(), NOW) else { panic!("refused") };
    let PaymentEvent::Instructed(event) = &events[0] else { panic!("another event") };
    assert_eq!((event.kind, event.supplement), (None, false));
}

#[test]
fn an_older_supplement_is_one_and_holds_no_month() {
    let Decision::Events(events) = decide(&Payment::default(), &ordered(), NOW) else { panic!("refused") };
    let PaymentEvent::Instructed(mut event) = events[0].clone() else { panic!("another event") };
    event.supplement = true;
    assert_eq!((event.kind(), event.holds_months()), (PaymentKind::Supplement, false));
}

#[test]
fn a_month_after_the_cycle_is_not_in_arrears() {
    let refusal = PaymentRefusal::ArrearsAhead { month: month("2025-04"), cycle: month("2025-03") };
    given(&[]).when(&beside(PaymentKind::Arrears, &["2025-02", "2025-04"], |_| {})).then_refused(refusal);
    given(&[]).when(&beside(PaymentKind::Supplement, &["2025-04"], |_| {})).then_latest_is(AttemptState::Instructed);
    given(&[]).when(&beside(PaymentKind::Arrears, &["2025-03"], |_| {})).then_latest_is(AttemptState::Instructed);
}

#[test]
fn arrears_reach_as_far_back_as_the_profile_lets_them() {
    let order = |text| beside(PaymentKind::Arrears, &[text], |order| order.limits.months_back_max = Some(12));
    given(&[]).when(&order("2024-03")).then_latest_is(AttemptState::Instructed);
    let (far, first) = (month("2024-02"), month("2024-03"));
    let refusal = PaymentRefusal::MonthTooFarBack { kind: "arrears", month: far, first };
    given(&[]).when(&order("2024-02")).then_refused(refusal);
}

#[test]
fn a_payment_has_as_many_months_as_the_profile_lets_it() {
    let order = |months: &[&str]| beside(PaymentKind::Supplement, months, |order| order.limits.months_max = Some(2));
    given(&[]).when(&order(&["2025-01", "2025-02"])).then_latest_is(AttemptState::Instructed);
    let refusal = PaymentRefusal::TooManyMonths { kind: "supplement", most: 2 };
    given(&[]).when(&order(&["2025-01", "2025-02", "2025-03"])).then_refused(refusal);
}

#[test]
fn a_correction_of_months_keeps_to_the_limits_of_the_kind() {
    let correct = |text| {
        let mut known = nothing_known();
        known.limits = KindLimits { months_back_max: Some(1), ..limits(PaymentKind::Arrears) };
        let correction = CorrectionRequest::BenefitMonths(vec![month(text)]);
        PaymentCommand::Correct { correction, ground: "typing error".to_owned(), known }
    };
    let arrears = beside(PaymentKind::Arrears, &["2025-03"], |_| {});
    let refusal = PaymentRefusal::MonthTooFarBack { kind: "arrears", month: month("2025-01"), first: month("2025-02") };
    given(std::slice::from_ref(&arrears)).when(&correct("2025-01")).then_refused(refusal);
    given(&[arrears]).when(&correct("2025-02")).then(PaymentEvent::Corrected(PaymentCorrected {
        correction: Correction::BenefitMonths { old: vec![month("2025-03")], new: vec![month("2025-02")] },
        ground: "typing error".to_owned(),
    }));
}

fn suspended(from: &str, resumed: Option<&str>) -> CorrectionFacts {
    let suspension = Suspension {
        benefit_type: None,
        legal_ground: GroundCode::parse("cannot_be_verified").unwrap(),
        from_month: month(from),
        resumed_from: resumed.map(month),
        arrears: resumed.is_some(),
    };
    CorrectionFacts { suspensions: vec![suspension], ..nothing_known() }
}

fn months_with(months: &[&str], known: CorrectionFacts) -> PaymentCommand {
    let correction = CorrectionRequest::BenefitMonths(months.iter().map(|text| month(text)).collect());
    PaymentCommand::Correct { correction, ground: "typing error".to_owned(), known }
}

#[test]
fn no_suspended_month_is_put_in_before_money_moved() {
    let refusal = PaymentRefusal::BenefitSuspended {
        month: month("2025-05"),
        from_month: month("2025-05"),
        legal_ground: "cannot_be_verified".to_owned(),
    };
    for state in [AttemptState::Instructed, AttemptState::Failed, AttemptState::Returned] {
        let command = months_with(&["2025-03", "2025-05"], suspended("2025-05", None));
        in_state(state).when(&command).then_refused(refusal.clone());
    }
    let allowed = months_with(&["2025-04"], suspended("2025-05", None));
    in_state(AttemptState::Instructed).when(&allowed).then_latest_is(AttemptState::Instructed);
}

#[test]
fn a_month_that_is_owed_is_taken_on_by_arrears_alone_and_kept_by_whoever_has_it() {
    let owed = || suspended("2025-02", Some("2025-05"));
    let refusal = PaymentRefusal::OwedAsArrears { month: month("2025-02") };
    in_state(AttemptState::Instructed).when(&months_with(&["2025-02"], owed())).then_refused(refusal);
    let arrears = beside(PaymentKind::Arrears, &["2025-03"], |_| {});
    let known = CorrectionFacts { limits: limits(PaymentKind::Arrears), ..owed() };
    given(&[arrears]).when(&months_with(&["2025-02"], known)).then_latest_is(AttemptState::Instructed);
    let kept = months_with(&["2025-01", "2025-03"], owed());
    in_state(AttemptState::Instructed).when(&kept).then_latest_is(AttemptState::Instructed);
}

#[test]
fn suspended_months_that_were_paid_are_put_right_all_the_same() {
    let command = months_with(&["2025-05"], suspended("2025-05", None));
    in_state(AttemptState::Settled).when(&command).then_latest_is(AttemptState::Settled);
}
