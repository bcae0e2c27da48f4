//! Schemas of what is recorded of people beside unit, method and death, of worklists, and of figures of identity.

use super::{Named, Property, list, may, must, named, object, or_null, said, sometimes, text, words};
use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::name::NameMatch;
use crate::domain::profile::Profile;
use serde_json::{Value, json};

/// What goes in, then what comes out.
pub(super) fn schemas(profile: &Profile) -> Vec<Named> {
    let mut all = inputs(profile);
    let person = |more: Vec<Property>| {
        let mut all = vec![must("beneficiary_id", named("Id")), must("unit", named("UnitKey"))];
        all.extend(more);
        all.push(must("revision", named("Revision")));
        all
    };
    let open = person(vec![
        must("channel", or_null(said("Code", "Of the payout method chosen last."))),
        must("status", named("IdentityToLookInto")),
        must("fields", list(&named("Code"))),
        must("duplicate_of", or_null(named("Id"))),
        must("source", named("Text")),
        must("checked_on", named("Date")),
        must("request_ref", or_null(named("Text"))),
    ]);
    let ending = person(authorisation());
    all.extend([
        ("NameMatch", words(&NameMatch::ALL.map(NameMatch::as_str))),
        ("IdentityStatus", words(&IdentityStatus::ALL.map(IdentityStatus::as_str))),
        ("IdentityToLookInto", words(&IdentityStatus::TO_LOOK_INTO.map(IdentityStatus::as_str))),
        ("IdentityWorklist", page("people", &object("", open))),
        ("AuthorisationList", page("authorisations", &object("", ending))),
        ("IdentityGroup", figures()),
        ("IdentityFigures", answer()),
    ]);
    all
}

fn page(name: &'static str, row: &Value) -> Value {
    let all = vec![
        must(name, list(row)),
        must("next_cursor", or_null(text("Where the next page begins; null on the last."))),
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", said("Instant", "When that event was recorded.")),
    ];
    object("A page.", all)
}

fn authorisation() -> Vec<Property> {
    vec![
        must("authorised_ref", said("Id", "The record in the vault, and the name of the authorisation.")),
        must("payee", named("Payee")),
        must("certified", named("Boolean")),
        must("valid_from", named("Date")),
        must("valid_to", or_null(said("Date", "Last day; a guardian's may be open."))),
    ]
}

/// What an answer about a beneficiary has of these.
pub(super) fn of_beneficiary() -> Vec<Property> {
    let mut right = authorisation();
    right.push(must("ended_on", or_null(said("Date", "From this day on it no longer holds."))));
    let suspension = vec![
        must("benefit_type", or_null(said("Code", "Null: all benefits."))),
        must("legal_ground", named("Code")),
        must("from_month", said("Month", "The first month that is not payable.")),
        must("resumed_from", or_null(said("Month", "The first month that is payable again; null while suspended."))),
        must("arrears", json!({"type": "boolean", "description": "The suspended months are owed."})),
    ];
    let check = vec![
        must("account_ref", named("Id")),
        must("name_match", named("NameMatch")),
        must("checked_at", named("Instant")),
        must("source", named("Text")),
    ];
    let identity = vec![
        must("status", named("IdentityStatus")),
        must("fields", list(&named("Code"))),
        must("duplicate_of", or_null(named("Id"))),
        must("excluded_reason", or_null(named("Code"))),
        must("source", named("Text")),
        must("checked_on", named("Date")),
        must("request_ref", or_null(named("Text"))),
    ];
    vec![
        must("authorisations", list(&object("Who may receive on the person's behalf.", right))),
        must("suspensions", list(&object("A run of suspended months.", suspension))),
        must("account_checks", list(&object("The latest check of an account.", check))),
        must("identity", or_null(object("The latest result of matching; null for none.", identity))),
    ]
}

/// A schema with an example.
fn example(mut schema: Value, example: &Value) -> Value {
    schema["examples"] = json!([example]);
    schema
}

fn inputs(profile: &Profile) -> Vec<Named> {
    let mut all = receiving_inputs(profile);
    all.extend(standing_inputs());
    all
}

/// Accounts checked, and who may receive.
fn receiving_inputs(profile: &Profile) -> Vec<Named> {
    let check = vec![
        may("account_ref", said("Id", "The account; that of the method chosen last when absent.")),
        may("holder_name", said("Text", "The holder as the bank has it. Compared here; it is kept nowhere.")),
        may("result", said("NameMatch", "The bank's own comparison, where it gives no name.")),
        must("source", said("Text", "Who answered.")),
        may("checked_at", said("Instant", "Now when absent.")),
    ];
    let mut right = vec![
        must("payee", words(&["authorised", "guardian"])),
        must("name", said("Text", "Who it is. It goes encrypted to the vault.")),
    ];
    for spec in &profile.identifiers {
        right.push(may(
            spec.code.to_string(),
            said("Text", "The number of the document that is shown at the desk; one at most."),
        ));
    }
    right.extend([
        sometimes(
            "certified",
            json!({"type": "boolean", "default": false, "description": "The certificate was seen."}),
        ),
        must("valid_from", named("Date")),
        may("valid_to", said("Date", "Last day; a guardian's may be left open.")),
    ]);
    let end = vec![
        must("authorised_ref", named("Id")),
        may("ended_on", said("Date", "From this day on it no longer holds; today when absent.")),
        must("reason", said("Text", "Why.")),
    ];
    vec![
        (
            "AccountCheck",
            example(
                object("What a bank says of an account's holder.", check),
                &json!({"holder_name": "NGUYEN THI A", "source": "vcb"}),
            ),
        ),
        (
            "Authorisation",
            example(
                object("Who may receive on a person's behalf.", right),
                &json!({"payee": "authorised", "name": "Nguyễn Văn B", "certified": true, "valid_from": "2025-08-01", "valid_to": "2026-07-31"}),
            ),
        ),
        ("AuthorisationEnd", object("The end of an authorisation.", end)),
    ]
}

/// Suspensions, and matching with the population database.
fn standing_inputs() -> Vec<Named> {
    let benefit = || may("benefit_type", said("Code", "All benefits when absent."));
    let note = || {
        may(
            "note",
            said("Text", "The decision, for example its number. Kept for ever: no names, no numbers of persons."),
        )
    };
    let suspend = vec![
        benefit(),
        must("legal_ground", said("Code", "A ground of the profile; `GET /v1/reference` lists them.")),
        must("from_month", said("Month", "The first month that is not payable.")),
        note(),
    ];
    let resume = vec![
        benefit(),
        must("from_month", said("Month", "The first month that is payable again.")),
        sometimes(
            "arrears",
            json!({"type": "boolean", "default": false, "description": "The suspended months are owed."}),
        ),
        note(),
    ];
    let matched = vec![
        must("status", named("IdentityStatus")),
        may(
            "fields",
            json!({"type": "array", "items": {"$ref": "#/components/schemas/Code"}, "description": "With mismatch: what differs."}),
        ),
        may("duplicate_of", said("Id", "With duplicate: the other beneficiary.")),
        may("excluded_reason", said("Code", "With excluded: a ground of the profile.")),
        must("source", said("Text", "Who answered.")),
        must("checked_on", named("Date")),
        may("request_ref", said("Text", "The number of the question; never a person's.")),
    ];
    vec![
        (
            "Suspension",
            example(
                object("Months that are not payable.", suspend),
                &json!({"legal_ground": "cannot_be_verified", "from_month": "2025-04", "note": "118/QD-BHXH"}),
            ),
        ),
        (
            "Resumption",
            example(object("The end of a suspension.", resume), &json!({"from_month": "2025-07", "arrears": true})),
        ),
        (
            "IdentityMatch",
            example(
                object("A result of matching with the population database.", matched),
                &json!({"status": "mismatch", "fields": ["name", "birth_date"], "source": "population_database", "checked_on": "2025-03-20"}),
            ),
        ),
    ]
}

fn figures() -> Value {
    let count = |name: &'static str| must(name, named("Count"));
    let statuses = [
        "verified",
        "mismatch",
        "not_found",
        "duplicate",
        "deceased_in_population_db",
        "pending",
        "unchecked",
        "excluded",
    ];
    let group = vec![
        sometimes("unit", named("UnitKey")),
        sometimes("unit_name", or_null(text("The unit's name."))),
        sometimes("channel", text("Empty for people without a payout method.")),
    ];
    let all = vec![
        must("group", object("The values of `group_by`; empty without one.", group)),
        must("verified", said("Share", "I1: verified of all but the excluded.")),
        must("unmatched", said("Share", "I2: not verified of all but the excluded.")),
        must(
            "refused_for_identity",
            said("Share", "I2: of the unmatched, those with a payment refused for a reason of identity."),
        ),
        must("completeness", said("Share", "People with an answer of all but the excluded.")),
        must("people", object("People by their latest result.", statuses.map(count).into_iter().collect())),
    ];
    object("The figures of one group.", all)
}

fn answer() -> Value {
    let all = vec![
        must(
            "filters",
            json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "What was asked."}),
        ),
        must("group_by", list(&json!({"type": "string"}))),
        must("unit_basis", json!({"const": "current"})),
        must("base", json!({"const": "beneficiaries"})),
        must(
            "indicators",
            object("", vec![must("verified", json!({"const": "I1"})), must("unmatched", json!({"const": "I2"}))]),
        ),
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", said("Instant", "When that event was recorded.")),
        must("groups", list(&named("IdentityGroup"))),
        must("next_cursor", or_null(text("With groups by unit: send it as `cursor`; null on the last page."))),
    ];
    object("How far matching with the population database has come.", all)
}
