//! Schemas of what happens to a beneficiary.

use super::schema::{
    EventSchema, Field, code, date, flag, instant, may, month, must, object, payee, text, uuid, v1, visible, words,
};
use crate::domain::beneficiary::event::ErasureGround;
use crate::domain::beneficiary::identifiers::EndReason;
use crate::domain::name::NameMatch;
use serde_json::{Value, json};

pub(super) fn beneficiary_schemas() -> Vec<EventSchema> {
    let decade = json!({ "type": "integer", "description": "first year of the decade of birth" });
    let cohort = object(vec![may("birth_decade", decade), may("sex", words(&["female", "male"]))]);
    let method = vec![
        must("channel", code()),
        may("agent", code()),
        may("bank", code()),
        may("account_ref", uuid()),
        must("requested_on", date()),
        must("effective_month", month()),
        must("payee", payee()),
        may("home_ground", code()),
    ];
    let registered = vec![must("beneficiary_id", uuid()), must("unit_key", visible()), may("cohort", cohort)];
    let moved = vec![must("to_unit_key", visible()), must("effective_on", date())];
    let died = vec![must("died_on", date()), must("reported_on", date()), must("source", text())];
    let erased = vec![must("ground", words(&ErasureGround::ALL.map(ErasureGround::as_str))), may("note", text())];
    let identifier = || vec![must("identifier_ref", uuid()), must("scheme", code())];
    let mut added = identifier();
    added.extend([may("valid_from", date()), may("valid_to", date())]);
    let mut ended = identifier();
    ended.extend([must("valid_to", date()), must("reason", words(&EndReason::ALL.map(EndReason::as_str)))]);
    vec![
        v1("BeneficiaryRegistered", "A person became known under a pseudonym.", registered),
        v1("BeneficiaryMoved", "The beneficiary belongs to another unit from a day on.", moved),
        v1("PayoutMethodChosen", "How to be paid from a month on.", method),
        v1("BeneficiaryDied", "A death was reported.", died),
        v1(
            "PersonalDataErased",
            "The person's key and records in the vault are destroyed; pseudonym, payments and figures stay.",
            erased,
        ),
        v1("IdentifierAdded", "The person got a further identifier; the number is in the vault.", added),
        v1("IdentifierEnded", "An identifier of the person ended.", ended),
    ]
    .into_iter()
    .chain(standing_schemas())
    .collect()
}

fn identity_result() -> Value {
    let kind = |status: &str, more: Vec<Field>| {
        let mut fields = vec![must("status", json!({ "const": status }))];
        fields.extend(more);
        object(fields)
    };
    let fields = json!({ "type": "array", "minItems": 1, "items": code() });
    json!({ "oneOf": [
        kind("pending", Vec::new()),
        kind("verified", Vec::new()),
        kind("mismatch", vec![must("fields", fields)]),
        kind("not_found", Vec::new()),
        kind("duplicate", vec![must("of", uuid())]),
        kind("deceased_in_population_db", Vec::new()),
        kind("excluded", vec![must("reason", code())]),
    ] })
}

/// What is known of a person beyond unit, method and death.
pub(super) fn standing_schemas() -> Vec<EventSchema> {
    let checked = vec![
        must("account_ref", uuid()),
        must("name_match", words(&NameMatch::ALL.map(NameMatch::as_str))),
        must("checked_at", instant()),
        must("source", text()),
    ];
    let granted = vec![
        must("authorised_ref", uuid()),
        must("payee", words(&["authorised", "guardian"])),
        must("certified", flag()),
        must("valid_from", date()),
        may("valid_to", date()),
    ];
    let ended = vec![must("authorised_ref", uuid()), must("ended_on", date()), must("reason", text())];
    let suspended = vec![
        may("benefit_type", code()),
        must("legal_ground", code()),
        must("from_month", month()),
        may("note", text()),
    ];
    let resumed =
        vec![may("benefit_type", code()), must("from_month", month()), must("arrears", flag()), may("note", text())];
    let matched = vec![
        must("result", identity_result()),
        must("source", text()),
        must("checked_on", date()),
        may("request_ref", text()),
    ];
    vec![
        v1("AccountChecked", "The holder of an account was compared with the person; the result alone.", checked),
        v1("AuthorisationGranted", "Another person may receive on the beneficiary's behalf.", granted),
        v1("AuthorisationEnded", "An authorisation ended before its last day.", ended),
        v1("BenefitSuspended", "A benefit, or all, is not payable for months from one on.", suspended),
        v1("BenefitResumed", "A suspended benefit is payable again.", resumed),
        v1("IdentityMatchRecorded", "A result of matching with the population database was recorded.", matched),
    ]
}
