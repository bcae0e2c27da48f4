//! Which results of matching with the population database are taken.

use super::*;
use crate::domain::beneficiary::event::{ErasureGround, PersonalDataErased};
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityResult, IdentityStatus};
use crate::domain::ids::{GroundCode, IdentityField};

fn matched(result: IdentityResult, checked_on: Date) -> BeneficiaryCommand {
    BeneficiaryCommand::RecordIdentity(IdentityMatchRecorded {
        result,
        source: "population_database".to_owned(),
        checked_on,
        request_ref: None,
    })
}

fn verified(on: Date) -> BeneficiaryCommand {
    matched(IdentityResult::Verified, on)
}

fn differing(fields: &[&str]) -> IdentityResult {
    IdentityResult::Mismatch { fields: fields.iter().map(|field| IdentityField::parse(field).unwrap()).collect() }
}

#[test]
fn every_kind_of_result_is_recorded_and_the_latest_counts() {
    let other = BeneficiaryId::from_uuid(Uuid::from_u128(2));
    let results = [
        IdentityResult::Pending,
        IdentityResult::Verified,
        differing(&["name"]),
        IdentityResult::NotFound,
        IdentityResult::Duplicate { of: other },
        IdentityResult::DeceasedInPopulationDb,
        IdentityResult::Excluded { reason: GroundCode::parse("armed_forces").unwrap() },
    ];
    let mut commands = vec![register()];
    for (day, result) in (1..).zip(results) {
        commands.push(matched(result.clone(), date(2025, 3, day)));
        let state = given(&commands).registered.unwrap();
        assert_eq!(state.identity.unwrap().result, result);
    }
}

#[test]
fn an_older_check_is_refused_and_another_one_of_the_same_day_taken() {
    let state = given(&[register(), verified(date(2025, 3, 10))]);
    let refusal = BeneficiaryRefusal::LaterIdentityCheck { checked_on: date(2025, 3, 10) };
    then_refused(&state, &matched(IdentityResult::NotFound, date(2025, 3, 9)), refusal);
    let corrected = matched(IdentityResult::NotFound, date(2025, 3, 10));
    assert!(matches!(decide(&state, &corrected, now()), Decision::Events(_)));
}

#[test]
fn the_same_result_again_is_nothing_new() {
    then_nothing_new(&given(&[register(), verified(date(2025, 3, 10))]), &verified(date(2025, 3, 10)));
}

#[test]
fn a_mismatch_names_what_differs_and_a_duplicate_somebody_else() {
    let state = given(&[register()]);
    let on = date(2025, 3, 10);
    then_refused(&state, &matched(differing(&[]), on), BeneficiaryRefusal::MismatchOfNothing);
    let oneself = IdentityResult::Duplicate { of: person() };
    then_refused(&state, &matched(oneself, on), BeneficiaryRefusal::DuplicateOfOneself);
}

#[test]
fn the_dead_are_matched_and_the_erased_are_not() {
    let dead = given(&[register(), death(date(2025, 2, 1))]);
    assert!(matches!(decide(&dead, &verified(date(2025, 3, 1)), now()), Decision::Events(_)));
    let erase = BeneficiaryCommand::Erase {
        event: PersonalDataErased { ground: ErasureGround::PersonAsked, note: None },
        open_payments: 0,
        open_recoveries: 0,
    };
    then_refused(&given(&[register(), erase]), &verified(date(2025, 3, 1)), BeneficiaryRefusal::Erased);
}

#[test]
fn every_status_has_a_word_that_reads_back() {
    for status in IdentityStatus::ALL {
        assert_eq!(IdentityStatus::parse(status.as_str()), Some(status));
    }
    let stored = serde_json::to_value(IdentityResult::DeceasedInPopulationDb).unwrap();
    assert_eq!(stored["status"], IdentityStatus::DeceasedInPopulationDb.as_str());
}
