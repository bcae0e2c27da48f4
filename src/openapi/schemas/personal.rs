//! Schemas of personal data: masked, revealed, handed out, erased.

use super::{Named, Property, list, may, must, named, object, or_null, said, text, words};
use crate::domain::beneficiary::event::ErasureGround;
use crate::domain::beneficiary::identifiers::EndReason;
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::recovery::Ground;
use serde_json::{Value, json};

/// What goes in and comes out.
pub(super) fn schemas() -> Vec<Named> {
    let mut revealed = seen();
    revealed.extend([
        must("revision", said("Revision", "Of the stream of what was shown of this person.")),
        must("position", said("Position", "Where the reveal stands in the log.")),
        must("changed", json!({"const": true})),
    ]);
    let mut all = inputs();
    all.extend([
        (
            "PersonalData",
            object("What is held on a person, as the caller sees it. An erased person's is empty.", seen()),
        ),
        ("PersonalDataRevealed", object("What was asked for, in full; other kinds are empty.", revealed)),
        ("PersonalDataExport", object("Everything held on one person.", export())),
    ]);
    all
}

fn inputs() -> Vec<Named> {
    let kinds = json!({"type": "array", "minItems": 1, "uniqueItems": true, "description": "What to show.",
        "items": {"type": "string", "enum": DataKind::REVEALED.map(DataKind::as_str)}});
    let reveal = vec![
        must("kinds", kinds),
        must("purpose", named("Purpose")),
        may("note", said("Text", "The purpose in your words; needed with `other`. It goes encrypted to the vault.")),
    ];
    let ground = json!({"type": "string", "enum": ErasureGround::ALL.map(ErasureGround::as_str)});
    let erase = vec![
        must("ground", ground),
        may(
            "note",
            said(
                "Text",
                "The decision that orders it, for example its number. Kept for ever: no names, no numbers of persons.",
            ),
        ),
    ];
    let purpose = json!({"type": "string", "enum": Purpose::ALL.map(Purpose::as_str), "description": "What personal data are looked at for."});
    let mut reveal = object("", reveal);
    reveal["examples"] =
        json!([{"kinds": ["name", "account"], "purpose": "payment_problem", "note": "AC04 of 5 March"}]);
    let mut erase = object("", erase);
    erase["examples"] = json!([{"ground": "retention_ended", "note": "118/QD-BHXH"}]);
    let reason = json!({"type": "string", "enum": EndReason::ALL.map(EndReason::as_str), "description": "Why an identifier is no longer the person's."});
    vec![("EndReason", reason), ("Purpose", purpose), ("Reveal", reveal), ("Erasure", erase)]
}

fn record(more: Vec<Property>) -> Value {
    let mut all = vec![must("record_ref", said("Id", "The vault's record; payout methods name an account by it."))];
    all.extend(more);
    all.push(must("value", text("In full, or masked with stars.")));
    list(&object("", all))
}

fn kept(of_identifiers: Vec<Property>) -> Vec<Property> {
    let mut identifier = vec![must("scheme", said("Code", "A scheme of the profile."))];
    identifier.extend(of_identifiers);
    vec![
        must("names", record(Vec::new())),
        must("identifiers", record(identifier)),
        must("accounts", record(vec![must("bank", or_null(named("Code")))])),
    ]
}

fn seen() -> Vec<Property> {
    let mut all = vec![must("beneficiary_id", named("Id")), must("erased", named("Boolean"))];
    let dates = vec![
        must("valid_from", or_null(said("Date", "Null: not recorded."))),
        must("valid_to", or_null(said("Date", "The last day, at the latest the scheme's own."))),
        must("in_force", said("Boolean", "Whether it is the person's today.")),
    ];
    all.extend(kept(dates));
    all
}

fn export() -> Vec<Property> {
    let mut vault = kept(Vec::new());
    vault.push(must("words", record(Vec::new())));
    vault.push(must("purposes", record(Vec::new())));
    vault.push(must("birth_years", record(Vec::new())));
    let document = vec![must("scheme", or_null(text("Of the identifier."))), must("identifier", or_null(text("")))];
    vault.push(must("authorised", record(document)));
    let payment = vec![must("payment_id", named("Id")), must("timeline", list(&named("Object")))];
    let recovery = vec![
        must("recovery_id", named("Id")),
        must("payment_id", named("Id")),
        must("ground", words(&Ground::ALL.map(Ground::as_str))),
        must("status", named("RecoveryStatus")),
        must("amount", named("Amount")),
        must("outstanding", named("Amount")),
        must("currency", named("Currency")),
        must("events", list(&named("Object"))),
    ];
    vec![
        must("beneficiary_id", named("Id")),
        must("exported_at", named("Instant")),
        must("purpose", named("Purpose")),
        must("as_of_position", named("Position")),
        must("erased", named("Boolean")),
        must(
            "vault",
            object(
                "The records in full: names, birth years, identifiers, accounts, who may receive, what agents wrote, why somebody looked.",
                vault,
            ),
        ),
        must("units", list(&named("Object"))),
        must("methods", list(&named("Object"))),
        must("died_on", or_null(named("Date"))),
        must("authorisations", list(&named("Object"))),
        must("suspensions", list(&named("Object"))),
        must("account_checks", list(&named("Object"))),
        must("identity", or_null(named("Object"))),
        must("events", list(&named("Object"))),
        must("payments", list(&object("", payment))),
        must("recoveries", list(&object("Money that is asked back, with its events.", recovery))),
    ]
}
