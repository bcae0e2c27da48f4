//! What a suspension forbids, and who may receive on a beneficiary's behalf.

use super::*;
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::ids::GroundCode;

fn suspension(benefit_type: Option<&str>, from: &str, resumed: Option<&str>, arrears: bool) -> Suspension {
    Suspension {
        benefit_type: benefit_type.map(|code| BenefitType::parse(code).unwrap()),
        legal_ground: GroundCode::parse("cannot_be_verified").unwrap(),
        from_month: month(from),
        resumed_from: resumed.map(month),
        arrears,
    }
}

fn suspended(known: Suspension, more: impl FnOnce(&mut Instruct)) -> PaymentCommand {
    instruct(|order| {
        order.beneficiary.suspensions = vec![known];
        more(order);
    })
}

fn forbidden(from: &str) -> PaymentRefusal {
    PaymentRefusal::BenefitSuspended {
        month: month("2025-03"),
        from_month: month(from),
        legal_ground: "cannot_be_verified".to_owned(),
    }
}

#[track_caller]
fn refused(command: &PaymentCommand, refusal: PaymentRefusal) {
    assert_eq!(decide(&Payment::default(), command, NOW), Decision::Refused(refusal));
}

#[track_caller]
fn ordered(command: &PaymentCommand) {
    assert!(matches!(decide(&Payment::default(), command, NOW), Decision::Events(_)), "{command:?}");
}

#[test]
fn a_suspended_month_is_not_payable_not_even_as_arrears() {
    for known in [suspension(None, "2025-03", None, false), suspension(Some("pension"), "2025-01", None, false)] {
        let from = known.from_month.to_string();
        refused(&suspended(known.clone(), |_| {}), forbidden(&from));
        refused(&suspended(known, |order| order.limits.kind = PaymentKind::Arrears), forbidden(&from));
    }
}

#[test]
fn a_suspension_of_another_benefit_or_of_later_months_forbids_nothing() {
    ordered(&suspended(suspension(Some("survivor_monthly"), "2025-01", None, false), |_| {}));
    ordered(&suspended(suspension(None, "2025-04", None, false), |_| {}));
    ordered(&suspended(suspension(None, "2025-01", Some("2025-03"), false), |_| {}));
}

#[test]
fn one_suspended_month_among_several_refuses_the_payment() {
    let command = suspended(suspension(None, "2025-03", None, false), |order| {
        order.benefit_months = vec![month("2025-02"), month("2025-03")];
    });
    refused(&command, forbidden("2025-03"));
}

#[test]
fn a_month_owed_since_the_benefit_was_resumed_is_paid_as_arrears_alone() {
    let owed = suspension(None, "2025-02", Some("2025-05"), true);
    refused(&suspended(owed.clone(), |_| {}), PaymentRefusal::OwedAsArrears { month: month("2025-03") });
    ordered(&suspended(owed, |order| order.limits.kind = PaymentKind::Arrears));
}

#[test]
fn a_month_that_is_not_owed_stays_forbidden_after_the_benefit_was_resumed() {
    let lost = suspension(None, "2025-02", Some("2025-05"), false);
    refused(&suspended(lost.clone(), |order| order.limits.kind = PaymentKind::Arrears), forbidden("2025-02"));
    let both = instruct(|order| {
        order.beneficiary.suspensions = vec![suspension(None, "2025-02", Some("2025-05"), true), lost.clone()];
        order.limits.kind = PaymentKind::Arrears;
    });
    refused(&both, forbidden("2025-02"));
}

fn reissue_with(change: impl FnOnce(&mut Reissue)) -> PaymentCommand {
    let mut command = reissue_by(in_cash());
    change(&mut command);
    PaymentCommand::Reissue(Box::new(command))
}

#[test]
fn a_returned_payment_is_not_paid_again_while_suspended_and_is_when_it_is_owed() {
    let mut state = Payment::default();
    for command in [instruct(|_| {}), settle(), return_with(dong(5_000_000))] {
        let Decision::Events(events) = decide(&state, &command, NOW) else { panic!("{command:?}") };
        for event in &events {
            state.evolve(event);
        }
    }
    let open = reissue_with(|command| command.suspensions = vec![suspension(None, "2025-03", None, false)]);
    assert_eq!(decide(&state, &open, NOW), Decision::Refused(forbidden("2025-03")));
    let owed = reissue_with(|command| command.suspensions = vec![suspension(None, "2025-03", Some("2025-06"), true)]);
    assert!(matches!(decide(&state, &owed, NOW), Decision::Events(_)));
}

fn for_another(payee: AccountPayee) -> PaymentCommand {
    instruct(|order| {
        order.payee = Payee::Authorised;
        order.account_payee = payee;
    })
}

#[test]
fn an_account_of_another_payee_needs_the_profiles_leave_and_a_right_in_force() {
    let last_day = date(2025, 2, 28);
    refused(
        &for_another(AccountPayee { allowed: false, standing: Standing::InForce }),
        PaymentRefusal::PayeeNotAllowed,
    );
    let missing = AccountPayee { allowed: true, standing: Standing::Missing };
    refused(&for_another(missing), PaymentRefusal::AuthorisationMissing);
    let expired = AccountPayee { allowed: true, standing: Standing::Expired { last_day } };
    refused(&for_another(expired), PaymentRefusal::AuthorisationExpired { last_day });
    ordered(&for_another(AccountPayee { allowed: true, standing: Standing::InForce }));
}

#[test]
fn cash_for_another_payee_is_ordered_and_looked_at_when_it_is_fetched() {
    ordered(&instruct(|order| {
        order.channel = in_cash();
        order.payee = Payee::Authorised;
        order.account_payee = AccountPayee { allowed: false, standing: Standing::Missing };
    }));
}

fn fetched(standing: Standing) -> PaymentCommand {
    let mut command = settle();
    let PaymentCommand::Settle { collected_by, collector, .. } = &mut command else { panic!("no settlement") };
    (*collected_by, *collector) = (Some(Payee::Authorised), standing);
    command
}

#[test]
fn cash_fetched_without_a_right_in_force_is_not_settled() {
    let state = Payment::replay([&ordered_event()]);
    let last_day = date(2025, 2, 28);
    let decided = |standing| decide(&state, &fetched(standing), NOW);
    assert_eq!(decided(Standing::Missing), Decision::Refused(PaymentRefusal::AuthorisationMissing));
    assert_eq!(
        decided(Standing::Expired { last_day }),
        Decision::Refused(PaymentRefusal::AuthorisationExpired { last_day })
    );
    assert!(matches!(decided(Standing::InForce), Decision::Events(_)));
}

#[test]
fn a_settlement_that_is_recorded_already_stays_a_repeat_when_the_right_has_run_out_since() {
    let mut state = Payment::replay([&ordered_event()]);
    let Decision::Events(events) = decide(&state, &fetched(Standing::InForce), NOW) else { panic!("not settled") };
    for event in &events {
        state.evolve(event);
    }
    assert_eq!(decide(&state, &fetched(Standing::Missing), NOW), Decision::NoOp);
}

fn ordered_event() -> PaymentEvent {
    let Decision::Events(mut events) = decide(&Payment::default(), &instruct(|_| {}), NOW) else { panic!("refused") };
    events.remove(0)
}
