//! Lives of people with everything that can happen to them: the row says what the rules' fold says, whatever batches the events come in.
//! Tests only.

use super::beneficiaries::{BeneficiaryRow, Folded, More, fold};
use super::{Fact, Subject};
use crate::domain::beneficiary::event::{
    AccountChecked, AuthorisationEnded, AuthorisationGranted, BeneficiaryDied, BeneficiaryMoved, BeneficiaryRegistered,
    BenefitResumed, BenefitSuspended, Cohort, ErasureGround, PayoutMethodChosen, PersonalDataErased,
};
use crate::domain::beneficiary::identifiers::{EndReason, IdentifierAdded, IdentifierEnded};
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityResult};
use crate::domain::beneficiary::{Beneficiary, BeneficiaryEvent};
use crate::domain::ids::{BeneficiaryId, BenefitType, ChannelCode, GroundCode, SchemeCode, UnitKey, VaultRef};
use crate::domain::name::NameMatch;
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

fn id(person: u8) -> BeneficiaryId {
    BeneficiaryId::from_uuid(Uuid::from_u128(u128::from(person) + 1))
}

fn unit(choice: u8) -> UnitKey {
    UnitKey::parse(["A", "B", "C"][usize::from(choice) % 3]).unwrap()
}

fn vault_ref(choice: u8) -> VaultRef {
    VaultRef::from_uuid(Uuid::from_u128(u128::from(choice % 4) + 50))
}

fn benefit(choice: u8) -> Option<BenefitType> {
    [None, BenefitType::parse("pension").ok(), BenefitType::parse("disability").ok()][usize::from(choice) % 3].clone()
}

fn month(choice: u8) -> Month {
    Month::new(2025, 1 + i32::from(choice % 12)).unwrap()
}

fn day(choice: u8) -> jiff::civil::Date {
    date(2025, 3, 1 + i8::try_from(choice % 28).unwrap())
}

fn matched(a: u8, b: u8) -> IdentityMatchRecorded {
    let result = match a % 5 {
        0 => IdentityResult::Verified,
        1 => IdentityResult::NotFound,
        2 => IdentityResult::Pending,
        3 => IdentityResult::Duplicate { of: id(a) },
        _ => IdentityResult::DeceasedInPopulationDb,
    };
    let source = "population_database".to_owned();
    IdentityMatchRecorded { result, source, checked_on: day(b), request_ref: None }
}

/// What happens to a registered person.
fn happening((kind, a, b): (u8, u8, u8)) -> BeneficiaryEvent {
    use BeneficiaryEvent as E;
    let scheme = || SchemeCode::parse("personal_id").unwrap();
    match kind {
        0 => E::Moved(BeneficiaryMoved { to_unit_key: unit(a), effective_on: day(b) }),
        1 => E::PayoutMethodChosen(PayoutMethodChosen {
            channel: ChannelCode::parse(["account", "cash_desk"][usize::from(a) % 2]).unwrap(),
            agent: None,
            bank: None,
            account_ref: Some(vault_ref(b)),
            requested_on: day(b),
            effective_month: month(a),
            payee: Payee::Beneficiary,
            home_ground: None,
        }),
        2 => E::AccountChecked(AccountChecked {
            account_ref: vault_ref(a),
            name_match: [NameMatch::Exact, NameMatch::Different][usize::from(b) % 2],
            checked_at: Timestamp::UNIX_EPOCH,
            source: "bank".to_owned(),
        }),
        3 => E::AuthorisationGranted(AuthorisationGranted {
            authorised_ref: vault_ref(a),
            payee: [Payee::Authorised, Payee::Guardian][usize::from(b) % 2],
            certified: b.is_multiple_of(2),
            valid_from: day(a),
            valid_to: Some(day(b)).filter(|_| a.is_multiple_of(3)),
        }),
        4 => E::AuthorisationEnded(AuthorisationEnded {
            authorised_ref: vault_ref(a),
            ended_on: day(b),
            reason: "asked".to_owned(),
        }),
        5 => E::Suspended(BenefitSuspended {
            benefit_type: benefit(a),
            legal_ground: GroundCode::parse("cannot_be_verified").unwrap(),
            from_month: month(b),
            note: None,
        }),
        6 => E::Resumed(BenefitResumed {
            benefit_type: benefit(a),
            from_month: month(b),
            arrears: a.is_multiple_of(2),
            note: None,
        }),
        7 | 8 => E::IdentityMatched(matched(a, b)),
        9 => E::IdentifierAdded(IdentifierAdded {
            identifier_ref: vault_ref(a),
            scheme: scheme(),
            valid_from: Some(day(b)),
            valid_to: None,
        }),
        10 => E::IdentifierEnded(IdentifierEnded {
            identifier_ref: vault_ref(a),
            scheme: scheme(),
            valid_to: day(b),
            reason: EndReason::Replaced,
        }),
        11 => E::Died(BeneficiaryDied { died_on: day(a), reported_on: day(b), source: "family".to_owned() }),
        _ => E::Erased(PersonalDataErased { ground: ErasureGround::RetentionEnded, note: None }),
    }
}

/// Three people, registered first, and what happens to them one after the other.
fn history(steps: &[(u8, (u8, u8, u8))]) -> Vec<Fact> {
    let registered = |person| {
        let (beneficiary_id, unit_key) = (id(person), unit(person));
        BeneficiaryEvent::Registered(BeneficiaryRegistered { beneficiary_id, unit_key, cohort: Cohort::default() })
    };
    let first = (0..3).map(|person| (person, registered(person)));
    let later = steps.iter().map(|(person, step)| (person % 3, happening(*step)));
    let mut revisions = [0_u64; 3];
    let numbered = (1..).zip(first.chain(later));
    numbered
        .map(|(position, (person, event))| {
            let revision = revisions[usize::from(person)];
            revisions[usize::from(person)] += 1;
            let recorded_at_us = i64::try_from(position).unwrap();
            Fact { position, revision, recorded_at_us, subject: Subject::Beneficiary(id(person), event) }
        })
        .collect()
}

/// The rows after all batches, each read back as the store reads it, and what people counted as before.
fn in_batches(facts: &[Fact], cuts: &[usize]) -> Folded {
    let mut whole = Folded::default();
    let (mut begin, mut rows): (usize, Vec<BeneficiaryRow>) = (0, Vec::new());
    for end in cuts.iter().copied().chain([facts.len()]) {
        let end = end.clamp(begin, facts.len());
        let folded = fold(&facts[begin..end], rows.clone()).unwrap();
        whole.past.extend(folded.past);
        for row in folded.rows {
            rows.retain(|known| known.beneficiary_id != row.beneficiary_id);
            let text = serde_json::to_string(&row.more).unwrap();
            rows.push(BeneficiaryRow { more: serde_json::from_str::<More>(&text).unwrap(), ..row });
        }
        begin = end;
    }
    rows.sort_by_key(|row| row.beneficiary_id);
    Folded { rows, ..whole }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_batches_give_the_rows_that_a_replay_gives(
        steps in prop::collection::vec((any::<u8>(), (0_u8..13, any::<u8>(), any::<u8>())), 0..40),
        mut cuts in prop::collection::vec(0_usize..44, 0..6),
    ) {
        let facts = history(&steps);
        cuts.sort_unstable();
        prop_assert_eq!(in_batches(&facts, &cuts), in_batches(&facts, &[]));
    }

    #[test]
    fn a_row_decides_as_the_stream_does(
        steps in prop::collection::vec((any::<u8>(), (0_u8..13, any::<u8>(), any::<u8>())), 0..40),
    ) {
        let facts = history(&steps);
        for row in in_batches(&facts, &[7, 19]).rows {
            let of_person = facts.iter().filter_map(|fact| match &fact.subject {
                Subject::Beneficiary(id, event) if *id == row.beneficiary_id => Some(event),
                _ => None,
            });
            let mut state = Beneficiary::replay(of_person);
            // Identifiers are decided on from the stream alone.
            if let Some(person) = &mut state.registered {
                person.identifiers.clear();
            }
            prop_assert_eq!(row.into_state(), state);
        }
    }
}
