//! The rules of ordering a payment.

use super::*;
use crate::domain::beneficiary::state::PayoutMethod;
use crate::domain::payment::event::PaymentInstructed;

fn method(channel: &str, effective_month: &str) -> PayoutMethod {
    PayoutMethod {
        channel: ChannelCode::parse(channel).unwrap(),
        agent: None,
        bank: Some(BankId::parse("agribank").unwrap()),
        account_ref: Some(account_ref(22)),
        effective_month: month(effective_month),
        payee: Payee::Beneficiary,
        home_ground: None,
    }
}

#[test]
fn a_correct_order_is_recorded_with_all_that_readers_need() {
    given(&[]).when(&ordered()).then(PaymentEvent::Instructed(PaymentInstructed {
        payment_id: payment_id(),
        reference: PaymentReference::parse("QN-2025-03-000001").unwrap(),
        beneficiary_id: BeneficiaryId::from_uuid(Uuid::from_u128(1)),
        benefit_type: BenefitType::parse("pension").unwrap(),
        benefit_months: vec![month("2025-03")],
        cycle: month("2025-03"),
        amount: dong(5_000_000),
        unit_key: UnitKey::parse("C20965").unwrap(),
        unit_code_as_received: "20965".to_owned(),
        urban: false,
        attempt: 1,
        channel: ChannelCode::parse("account").unwrap(),
        agent: AgentCode::parse("bank").unwrap(),
        bank: BankId::parse("vcb").ok(),
        account_ref: Some(account_ref(11)),
        end_to_end_id: EndToEndId::of(payment_id(), 1),
        due_on: date(2025, 3, 5),
        payee: Payee::Beneficiary,
        supplement: false,
        kind: None,
    }));
}

#[test]
fn a_payment_is_ordered_once() {
    in_state(AttemptState::Instructed).when(&ordered()).then_refused(PaymentRefusal::AlreadyInstructed);
}

#[test]
fn the_amount_is_more_than_nothing() {
    for minor in [0, -1] {
        let command = instruct(|order| order.amount = dong(minor));
        given(&[]).when(&command).then_refused(PaymentRefusal::AmountNotPositive);
    }
}

#[test]
fn the_amount_is_at_most_the_profiles_largest() {
    let largest = instruct(|order| order.amount = dong(2_000_000_000));
    given(&[]).when(&largest).then_latest_is(AttemptState::Instructed);
    let larger = instruct(|order| order.amount = dong(2_000_000_001));
    given(&[]).when(&larger).then_refused(PaymentRefusal::AmountTooLarge);
}

#[test]
fn one_cycle_can_pay_two_benefit_months() {
    let command = instruct(|order| order.benefit_months = vec![month("2025-01"), month("2025-02")]);
    given(&[]).when(&command).then_latest_is(AttemptState::Instructed);
}

#[test]
fn a_payment_without_a_benefit_month_is_refused() {
    given(&[]).when(&instruct(|order| order.benefit_months.clear())).then_refused(PaymentRefusal::BenefitMonths);
}

#[test]
fn a_benefit_month_named_twice_is_refused() {
    let months = vec![month("2025-01"), month("2025-02"), month("2025-01")];
    given(&[]).when(&instruct(|order| order.benefit_months = months)).then_refused(PaymentRefusal::BenefitMonths);
}

#[test]
fn the_unit_is_in_force_on_the_due_day_from_its_first_to_its_last_day() {
    let due_on = date(2025, 3, 5);
    let cases = [
        (Some(due_on), Some(due_on), true),
        (None, None, true),
        (Some(date(2025, 3, 6)), None, false),
        (None, Some(date(2025, 3, 4)), false),
    ];
    for (from, to, fits) in cases {
        let answer = given(&[]).when(&instruct(|order| order.unit = commune(from, to)));
        if fits {
            answer.then_latest_is(AttemptState::Instructed);
        } else {
            answer.then_refused(PaymentRefusal::UnitNotInForce { due_on });
        }
    }
}

#[test]
fn the_month_of_death_is_payable_and_later_months_are_not() {
    let died = |died_on: Date, benefit_month: &str| {
        instruct(|order| {
            order.beneficiary.died_on = Some(died_on);
            order.benefit_months = vec![month("2025-01"), month(benefit_month)];
        })
    };
    given(&[]).when(&died(date(2025, 2, 1), "2025-02")).then_latest_is(AttemptState::Instructed);
    let refusal = PaymentRefusal::BeneficiaryDeceased { died_on: date(2025, 2, 28), last_month: month("2025-02") };
    given(&[]).when(&died(date(2025, 2, 28), "2025-03")).then_refused(refusal);
}

#[test]
fn a_method_is_not_used_before_its_first_month() {
    let command = instruct(|order| {
        order.beneficiary.method = Some(method("cash_desk", "2024-01"));
        order.beneficiary.next_method = Some(method("account", "2025-04"));
    });
    let refusal = PaymentRefusal::MethodNotEffectiveYet { effective_month: month("2025-04") };
    given(&[]).when(&command).then_refused(refusal);
}

#[test]
fn a_first_method_is_not_used_before_its_first_month_either() {
    let command = instruct(|order| order.beneficiary.next_method = Some(method("account", "2025-04")));
    let refusal = PaymentRefusal::MethodNotEffectiveYet { effective_month: month("2025-04") };
    given(&[]).when(&command).then_refused(refusal);
}

#[test]
fn a_later_change_of_account_within_one_channel_does_not_stop_a_payment() {
    let command = instruct(|order| {
        order.beneficiary.method = Some(method("account", "2024-01"));
        order.beneficiary.next_method = Some(method("account", "2025-04"));
    });
    given(&[]).when(&command).then_latest_is(AttemptState::Instructed);
}

#[test]
fn cash_is_fine_before_a_later_method_begins() {
    let command = instruct(|order| {
        order.channel = in_cash();
        order.beneficiary.next_method = Some(method("account", "2025-04"));
    });
    given(&[]).when(&command).then_latest_is(AttemptState::Instructed);
}

#[test]
fn without_an_account_in_the_order_the_methods_account_and_bank_are_used() {
    let command = instruct(|order| {
        order.account_ref = None;
        order.bank = None;
        order.beneficiary.method = Some(method("account", "2024-01"));
    });
    let payment = given(&[]).when(&command).then_latest_is(AttemptState::Instructed).state.instructed.unwrap();
    assert_eq!(payment.latest().account_ref, Some(account_ref(22)));
    assert_eq!(payment.latest().bank, BankId::parse("agribank").ok());
}

#[test]
fn an_account_in_the_order_does_not_get_the_methods_bank() {
    let command = instruct(|order| {
        order.bank = None;
        order.beneficiary.method = Some(method("account", "2024-01"));
    });
    let payment = given(&[]).when(&command).then_latest_is(AttemptState::Instructed).state.instructed.unwrap();
    assert_eq!(payment.latest().account_ref, Some(account_ref(11)));
    assert_eq!(payment.latest().bank, None);
}

#[test]
fn a_channel_that_needs_an_account_is_refused_without_one() {
    let refusal = || PaymentRefusal::AccountMissing { channel: "account".to_owned() };
    given(&[]).when(&instruct(|order| order.account_ref = None)).then_refused(refusal());
    let other_channel = instruct(|order| {
        order.account_ref = None;
        order.beneficiary.method = Some(method("wallet", "2024-01"));
    });
    given(&[]).when(&other_channel).then_refused(refusal());
}
