//! JSON Schemas of the events of recoveries and approvals.

use super::bank_schemas::{bank_key_added, bank_registered, orders_arranged};
use super::schema::{
    EventSchema, attempt, code, count, date, difference, evidence, instant, may, money, months, must, object,
    report_of_another_amount, text, uuid, v1, visible, words,
};
use crate::domain::beneficiary::event::ErasureGround;
use crate::domain::payment::event::Resolution;
use crate::domain::recovery::Ground;
use serde_json::{Value, json};

/// In the order of [`super::ALL`].
pub(super) fn schemas() -> Vec<EventSchema> {
    let mut all = recovery_schemas();
    all.extend(approval_schemas());
    all
}

fn recovery_schemas() -> Vec<EventSchema> {
    let found = vec![
        must("recovery_id", uuid()),
        must("payment_id", uuid()),
        must("attempt", attempt()),
        must("beneficiary_id", uuid()),
        must("benefit_type", code()),
        must("unit_key", visible()),
        must("months", months()),
        must("amount", money()),
        must("ground", words(&Ground::ALL.map(Ground::as_str))),
        must("found_on", date()),
    ];
    let demanded = vec![must("demanded_on", date()), may("due_on", date()), must("reference", text())];
    let received = vec![must("amount", money()), must("received_on", date()), must("evidence", evidence())];
    let written_off = vec![
        must("amount", money()),
        must("written_off_on", date()),
        must("reason", text()),
        may("approval_id", uuid()),
    ];
    vec![
        v1("OverpaymentFound", "Money is out beyond what is owed. A second one says the new amount.", found),
        v1("RecoveryDemanded", "It was asked back in writing.", demanded),
        v1("RecoveryReceived", "Some of it, or all, came back.", received),
        v1("RecoveryWrittenOff", "What is outstanding is given up.", written_off),
        v1(
            "RecoveryLapsed",
            "Nothing is overpaid any more: the money came back another way, or turned out to be owed.",
            vec![must("lapsed_on", date()), may("refund", money())],
        ),
    ]
}

/// A command that needs consent, with exactly what was asked.
fn command() -> Value {
    let kind = |what: &str, to: Value| object(vec![must("what", json!({ "const": what })), must("to", to)]);
    let correction = json!({ "oneOf": [
        kind("amount", money()),
        kind("benefit_months", months()),
        kind("unit", text()),
        kind("due_on", date()),
        kind("reference", visible()),
    ] });
    let correct = vec![
        must("command", json!({ "const": "correct_payment" })),
        must("payment_id", uuid()),
        must("correction", correction),
        must("ground", text()),
    ];
    let write_off = vec![
        must("command", json!({ "const": "write_off_recovery" })),
        must("recovery_id", uuid()),
        must("reason", text()),
    ];
    let resolve = vec![
        must("command", json!({ "const": "resolve_contradiction" })),
        must("payment_id", uuid()),
        must("report", object(report_of_another_amount())),
        must("resolution", words(&Resolution::ALL.map(Resolution::as_str))),
        must("difference_minor", difference()),
        must("reason", text()),
        may("supplement_reference", visible()),
    ];
    let erase = vec![
        must("command", json!({ "const": "erase_personal" })),
        must("beneficiary_id", uuid()),
        must("ground", words(&ErasureGround::ALL.map(ErasureGround::as_str))),
        may("note", text()),
    ];
    let mut all = vec![object(correct), object(write_off), object(resolve), object(erase)];
    all.extend(of_operators());
    json!({ "oneOf": all })
}

/// What operators ask for. Secrets and accounts are in the vault; what people call a key stays with the keys.
fn of_operators() -> Vec<Value> {
    let named = |name: &str| must("command", json!({ "const": name }));
    let register = vec![
        named("register_bank"),
        may("before", object(bank_registered())),
        must("after", object(bank_registered())),
    ];
    let add_key = vec![named("add_bank_key"), must("bank", code()), must("key", object(bank_key_added()))];
    let arrange = vec![
        named("arrange_orders"),
        must("bank", code()),
        may("before", object(orders_arranged())),
        must("after", object(orders_arranged())),
    ];
    let create = vec![
        named("create_key"),
        must("key_id", visible()),
        must("role", text()),
        may("unit_key", visible()),
        may("bank", code()),
        may("expires_at", instant()),
    ];
    let rotate = vec![
        named("rotate_key"),
        must("key_id", visible()),
        must("overlap_days", count()),
        may("expires_at", instant()),
    ];
    [register, add_key, arrange, create, rotate].map(object).into()
}

fn approval_schemas() -> Vec<EventSchema> {
    let requested = vec![
        must("approval_id", uuid()),
        must("command", command()),
        may("unit_key", visible()),
        may("amount", money()),
        must("requested_by", text()),
        must("expires_at", instant()),
    ];
    let used = vec![must("stream", text()), must("revision", count()), must("position", count())];
    vec![
        v1("ApprovalRequested", "A person asked for what another must consent to.", requested),
        v1("ApprovalGranted", "Another person consented.", vec![must("granted_by", text()), may("note", text())]),
        v1(
            "ApprovalDeclined",
            "It was refused, or taken back by whoever asked.",
            vec![must("declined_by", text()), must("reason", text())],
        ),
        v1("ApprovalUsed", "The command was carried out. Once.", used),
        v1("ApprovalFailed", "The command was not possible any more when consent came.", vec![must("code", text())]),
    ]
}
