//! Schemas of recoveries and approvals.

use super::{Named, Property, list, may, must, named, object, or_null, said, sometimes, text, words};
use crate::domain::approval::{ApprovableAction, ApprovalState};
use crate::domain::recovery::{Ground, RecoveryState};
use serde_json::json;

pub(super) fn all() -> Vec<Named> {
    let mut all = recoveries();
    all.extend(approvals());
    all
}

pub(super) fn recovery(list_row: bool) -> Vec<Property> {
    let amount = |name: &'static str, description: &str| must(name, said("Amount", description));
    let day = |name: &'static str| must(name, or_null(named("Date")));
    let mut properties = vec![
        must("recovery_id", named("Id")),
        must("payment_id", named("Id")),
        must("attempt", said("Attempt", "The attempt whose money it is.")),
        must("beneficiary_id", named("Id")),
        must("benefit_type", named("Code")),
        must("unit", named("UnitKey")),
        must("ground", words(&Ground::ALL.map(Ground::as_str))),
        must("months", list(&named("Month"))),
        amount("amount", "What is out beyond what is owed."),
        must("currency", named("Currency")),
        must("status", named("RecoveryStatus")),
        amount("received", "What came back."),
        amount("written_off", "What was given up."),
        amount("outstanding", "The rest."),
        amount("refund", "What is owed back to whoever paid it."),
    ];
    if list_row {
        properties.push(must("found_on", named("Date")));
    }
    properties.extend([day("demanded_on"), day("due_on")]);
    properties
}

fn recoveries() -> Vec<Named> {
    let evidence = json!({"type": "object", "additionalProperties": false, "required": ["kind", "reference"],
        "properties": {"kind": named("Text"), "reference": named("Text")}});
    let find = vec![
        must("payment_id", named("Id")),
        may("attempt", named("Attempt")),
        must("ground", words(&[Ground::WrongAmount.as_str(), Ground::NotEntitled.as_str()])),
        may(
            "months",
            json!({"type": "array", "minItems": 1, "items": named("Month"), "description": "Of the payment; all when absent."}),
        ),
        may("amount", said("Amount", "The payment's when absent.")),
    ];
    let demand = vec![
        may("demanded_on", said("Date", "Today when absent.")),
        may("due_on", named("Date")),
        must("reference", said("Text", "Number of the letter.")),
    ];
    let receive = vec![
        may("amount", said("Amount", "All that is outstanding when absent.")),
        must("received_on", named("Date")),
        must("evidence", evidence.clone()),
    ];
    let receipt = object(
        "",
        vec![must("amount", named("Amount")), must("received_on", named("Date")), must("evidence", evidence)],
    );
    let mut written = recovery(false);
    written.extend([
        must("revision", named("Revision")),
        must("position", named("Position")),
        must("changed", named("Boolean")),
    ]);
    let mut view = recovery(false);
    view.extend([
        must("receipts", list(&receipt)),
        must("revision", named("Revision")),
        must("position", named("Position")),
        must("as_of_position", named("Position")),
    ]);
    let mut row = recovery(true);
    row.extend([must("revision", named("Revision")), must("last_position", named("Position"))]);
    vec![
        ("RecoveryStatus", words(&RecoveryState::ALL.map(RecoveryState::as_str))),
        ("OverpaymentFinding", object("An overpayment that a person found.", find)),
        ("RecoveryDemand", object("It was asked back in writing.", demand)),
        ("RecoveryReceipt", object("Some of it, or all, came back.", receive)),
        ("RecoveryWriteOff", object("What is outstanding is given up.", vec![must("reason", named("Text"))])),
        ("Recovery", object("Where a recovery stands right after a write.", written)),
        ("RecoveryView", object("A recovery with its receipts.", view)),
        ("RecoveryRow", object("A recovery in a list.", row)),
        ("RecoveryList", object("A page of recoveries.", page("recoveries", "RecoveryRow"))),
    ]
}

fn page(name: &'static str, row: &str) -> Vec<Property> {
    vec![
        must(name, list(&named(row))),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
    ]
}

fn approval() -> Vec<Property> {
    vec![
        must("approval_id", named("Id")),
        must("action", words(&ApprovableAction::ALL.map(ApprovableAction::as_str))),
        must("object", text("The stream that it is about; of a key, `key-` and its id.")),
        must("unit", or_null(said("UnitKey", "Where it belongs; banks and keys belong to none."))),
        must("amount", or_null(said("Amount", "What it is about, if it is about money."))),
        must("currency", or_null(named("Currency"))),
        must("status", named("ApprovalStatus")),
        must("requested_by", text("The key that asked.")),
        must("decided_by", or_null(text("The key that consented or declined."))),
        must("failure", or_null(text("The code of the refusal, when the command was not possible any more."))),
        must("expires_at", named("Instant")),
    ]
}

fn approvals() -> Vec<Named> {
    let mut view = approval();
    view.extend([
        must("command", said("Object", "Exactly what was asked.")),
        must("used_position", or_null(said("Position", "Where its event stands."))),
        must("revision", named("Revision")),
        must("position", named("Position")),
        sometimes("as_of_position", named("Position")),
        sometimes("label", or_null(text("What people call the key that it is about."))),
    ]);
    let mut row = approval();
    row.extend([
        must("requested_at", named("Instant")),
        must("revision", named("Revision")),
        must("last_position", named("Position")),
    ]);
    vec![
        ("ApprovalStatus", words(&ApprovalState::ALL.map(ApprovalState::as_str))),
        ("ApprovalGrant", object("Consent.", vec![may("note", named("Text"))])),
        ("ApprovalDecline", object("Refusal, or taking back.", vec![must("reason", named("Text"))])),
        ("Approval", object("What waits, or waited, for a second person.", view)),
        ("ApprovalRow", object("An approval in a list.", row)),
        ("ApprovalList", object("A page of approvals.", page("approvals", "ApprovalRow"))),
    ]
}
