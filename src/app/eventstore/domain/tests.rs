//! Every event of payments and beneficiaries stands for a request or is refused with a reason; their samples show which.

use super::*;
use crate::domain::codec::{self, StoredType};

/// What is taken from outside.
const TAKEN: [&str; 21] = [
    "PaymentInstructed",
    "PaymentAccepted",
    "PaymentSettled",
    "PaymentSettledLate",
    "PaymentRejected",
    "PaymentReturned",
    "PaymentFailed",
    "PaymentHeld",
    "PaymentReleased",
    "PaymentReissued",
    "PaymentCancelled",
    "PaymentRecalled",
    "PaymentContradicted",
    "BeneficiaryMoved",
    "PayoutMethodChosen",
    "BeneficiaryDied",
    "AccountChecked",
    "AuthorisationEnded",
    "BenefitSuspended",
    "BenefitResumed",
    "IdentityMatchRecorded",
];

fn sample(name: &str) -> String {
    let path = format!("{}/tests/fixtures/events/{name}.v1.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().replace(",\"text\":\"account unknown\"", "")
}

fn mapped(name: &str, data: &str) -> Mapped {
    let event = codec::decode(name, 1, data.as_bytes()).unwrap().unwrap();
    asked(&Profile::vietnam(), &event)
}

fn refusal(name: &str, from: &str, to: &str) -> (&'static str, String) {
    let data = sample(name);
    assert!(data.contains(from), "{data}");
    let refusal = mapped(name, &data.replace(from, to)).unwrap_err();
    (refusal.code, refusal.reason)
}

#[test]
fn every_type_is_taken_or_refused_with_the_way_to_go() {
    for StoredType { name, .. } in codec::ALL {
        let taken = TAKEN.contains(&name);
        match mapped(name, &sample(name)) {
            Ok(_) => assert!(taken, "{name}"),
            Err(refusal) => {
                assert!(!taken, "{name}: {refusal:?}");
                assert_eq!(refusal.code, "only-through-rest", "{name}");
                assert!(refusal.reason.contains("REST") || refusal.reason.contains("POST /v1/"), "{refusal:?}");
            }
        }
    }
}

#[test]
fn a_settlement_is_the_report_of_its_attempt_amount_and_proof() {
    let Ok(Asked::Report(report)) = mapped("PaymentSettled", &sample("PaymentSettled")) else { panic!() };
    let Report::Settle { attempt, settled_on, amount, evidence, collected_by } = *report else { panic!("{report:?}") };
    assert_eq!((attempt, settled_on.to_string()), (Some(1), "2025-03-04".to_owned()));
    assert_eq!(amount.map(|money| money.minor), Some(5_000_000));
    assert_eq!((evidence.reference.as_str(), collected_by), ("CAMT-0001/17", Some(Payee::Authorised)));
}

#[test]
fn what_may_name_somebody_is_refused() {
    let (code, reason) = refusal("PaymentHeld", "asked the bank", "CCCD 049054000001");
    assert_eq!((code, reason.contains("/note")), ("invalid-input", true), "{reason}");
    let (code, reason) = refusal("PaymentRejected", "\"AC01\"", "\"closed by Nguyen Van A\"");
    assert_eq!((code, reason.contains("/reason")), ("invalid-input", true), "{reason}");
    let words = mapped(
        "PaymentRejected",
        &sample("PaymentRejected").replace("\"account_data\"", "\"account_data\",\"text\":\"x\""),
    );
    assert_eq!(words.unwrap_err().code, "invalid-input");
    let (code, reason) = refusal("PaymentAccepted", "ACCP", "Nguyen Van A");
    assert_eq!((code, reason.contains("/raw_status")), ("invalid-input", true), "{reason}");
    for (name, text) in [("PaymentCancelled", "ordered twice"), ("BeneficiaryDied", "civil registry")] {
        for odd in ["", " x", "a\\nb"] {
            assert_eq!(refusal(name, text, odd).0, "invalid-input", "{name}: {odd}");
        }
    }
    assert_eq!(refusal("PaymentSettled", "authorised", "heir").0, "invalid-input");
}

#[test]
fn old_age_is_found_by_the_rules_and_not_asked_for() {
    let sample = sample("PayoutMethodChosen").replace("\"channel\":\"account\"", "\"channel\":\"home\"");
    let method = |data: &str| match mapped("PayoutMethodChosen", data) {
        Ok(Asked::Change(change)) => match *change {
            Change::Method(input) => input,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let profile = Profile::vietnam();
    let rule = profile.payout.home.as_ref().unwrap();
    let channel = rule.channels.first().unwrap().as_str();
    let at_home = sample.replace("\"home\"", &format!("\"{channel}\""));
    assert_eq!(method(&at_home).home_ground, None);
    let ill = at_home.replace("\"home_ground\":\"age\"", "\"home_ground\":\"other\"");
    assert_eq!(method(&ill).home_ground.unwrap().as_str(), "other");
}
