//! What counts as overpaid.

use super::*;

const DIED: Date = date(2025, 2, 27);

fn found(events: &[PaymentEvent], died_on: Option<Date>) -> Vec<(u32, Ground, i64)> {
    overpaid(&payment(events), died_on).into_iter().map(|o| (o.attempt, o.ground, o.amount.minor)).collect()
}

fn march() -> PaymentEvent {
    ordered(&["2025-03"], 5_000_000)
}

#[test]
fn march_is_recovered_when_the_person_died_in_february() {
    let paid = [march(), settled(1, 5_000_000)];
    assert_eq!(found(&paid, Some(DIED)), [(1, Ground::PaidAfterDeath, 5_000_000)]);
    assert_eq!(found(&paid, Some(date(2025, 3, 1))), [], "the month of death is owed in full");
    assert_eq!(found(&paid, None), []);
}

#[test]
fn what_is_not_out_is_not_overpaid() {
    assert_eq!(found(&[march()], Some(DIED)), []);
    assert_eq!(found(&[march(), settled(1, 5_000_000), returned(1)], Some(DIED)), []);
}

#[test]
fn of_two_months_only_the_one_after_death_is_recovered_and_rounded_down() {
    let paid = [ordered(&["2025-02", "2025-03"], 5_000_001), settled(1, 5_000_001)];
    assert_eq!(found(&paid, Some(DIED)), [(1, Ground::PaidAfterDeath, 2_500_000)]);
    let months = overpaid(&payment(&paid), Some(DIED)).pop().unwrap().months;
    assert_eq!(months, [month("2025-03")]);
}

#[test]
fn of_two_attempts_that_are_out_the_late_one_is_too_much() {
    let twice = [march(), failed(1), reissued(2), settled(2, 5_000_000), late(1, false)];
    assert_eq!(found(&twice, None), [(1, Ground::PaidTwice, 5_000_000)]);
    let both = found(&twice, Some(DIED));
    assert_eq!(both, [(1, Ground::PaidTwice, 5_000_000), (2, Ground::PaidAfterDeath, 5_000_000)]);
}

#[test]
fn late_money_alone_is_owed() {
    assert_eq!(found(&[march(), failed(1), late(1, false)], None), []);
    assert_eq!(found(&[march(), failed(1), reissued(2), late(1, false)], None), []);
}

#[test]
fn money_of_a_cancelled_payment_is_too_much_unless_it_was_reinstated() {
    assert_eq!(found(&[march(), cancelled(), late(1, false)], None), [(1, Ground::PaidAfterCancellation, 5_000_000)]);
    assert_eq!(found(&[march(), cancelled(), late(1, true)], None), []);
}

#[test]
fn an_overpayment_has_one_id_whoever_finds_it() {
    let id = |attempt, ground| recovery_id(PaymentId::from_uuid(Uuid::from_u128(7)), attempt, ground);
    assert_eq!(id(1, Ground::PaidTwice), id(1, Ground::PaidTwice));
    assert_ne!(id(1, Ground::PaidTwice), id(2, Ground::PaidTwice));
    assert_ne!(id(1, Ground::PaidTwice), id(1, Ground::PaidAfterDeath));
    assert_eq!(id(1, Ground::PaidTwice), too_much_id(), "an id that changes would open every recovery again");
}

/// As it was first written.
fn too_much_id() -> crate::domain::ids::RecoveryId {
    crate::domain::ids::RecoveryId::parse("23cef46b-0583-5d48-87b0-b56d7563c740").unwrap()
}
