//! JSON Schemas of the events of banks and of their messages.

use super::schema::{EventSchema, Field, code, count, instant, may, must, object, text, uuid, v1, words};
use crate::domain::bank::{Expected, ExpectedDays, OrderCharset, OrderForm};
use serde_json::{Value, json};

fn sha256() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

fn key_id() -> Field {
    must("key_id", json!({ "type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$" }))
}

pub(super) fn bank_registered() -> Vec<Field> {
    let expected = object(vec![
        may("format", words(&Expected::FORMATS)),
        must("by", json!({ "type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$" })),
        must("days", words(&ExpectedDays::ALL.map(ExpectedDays::as_str))),
    ]);
    let expected = json!({ "type": "array", "items": expected });
    vec![must("bank", code()), may("mapping", text()), may("expected", expected)]
}

pub(super) fn bank_key_added() -> Vec<Field> {
    vec![
        key_id(),
        must("algorithm", words(&["ES256", "EdDSA", "HS256"])),
        may("public_key", text()),
        may("secret_ref", uuid()),
        may("fingerprint", text()),
        may("valid_from", instant()),
        may("valid_to", instant()),
    ]
}

pub(super) fn orders_arranged() -> Vec<Field> {
    vec![
        must("form", words(&OrderForm::ALL.map(OrderForm::as_str))),
        must("payer", text()),
        may("account_ref", uuid()),
        may("bank_code", text()),
        must("charset", words(&OrderCharset::ALL.map(OrderCharset::as_str))),
        must("batch_booking", json!({ "type": "boolean" })),
        may("columns", text()),
    ]
}

pub(super) fn bank_schemas() -> Vec<EventSchema> {
    vec![
        v1("BankRegistered", "A bank may report, with what its codes mean.", bank_registered()),
        v1("BankKeyAdded", "A bank's messages may be signed with this key.", bank_key_added()),
        v1("BankKeyDisabled", "A bank's key opens nothing any more.", vec![key_id()]),
        v1("BankOrdersArranged", "A bank takes the agency's orders in this way from now on.", orders_arranged()),
    ]
}

pub(super) fn inbox_schemas() -> Vec<EventSchema> {
    let statements = object(vec![
        may("account", text()),
        may("year", json!({ "type": "integer" })),
        must("numbers", json!({ "type": "array", "items": count() })),
    ]);
    let received = vec![
        must("bank", code()),
        must("key_id", text()),
        must("scheme", words(&["jws", "webhook", "folder", "sandbox"])),
        must("format", words(&["json", "pain.002", "camt.053", "camt.054", "pacs.004"])),
        may("version", text()),
        must("sha256", sha256()),
        must("bytes", count()),
        must("items", count()),
        must("body_ref", uuid()),
        may("statements", json!({ "type": "array", "items": statements })),
    ];
    let counts = || vec![must("applied", count()), must("no_op", count()), must("quarantined", count())];
    let mut applied = counts();
    applied.push(may("of_whole", object(counts())));
    let item = object(vec![
        must("item", count()),
        may("of_item", count()),
        must("cause", text()),
        may("payment_id", uuid()),
        may("unit_key", text()),
        may("end_to_end_id", text()),
        may("body_ref", uuid()),
        may("sha256", sha256()),
        may("rest", object(vec![must("from", count()), must("items", count())])),
    ]);
    let quarantined = vec![must("items", json!({ "type": "array", "minItems": 1, "items": item }))];
    let resolved = vec![must("item", count()), must("reason", text())];
    let again = object(vec![must("item", count()), must("verdict", words(&["applied", "no_op", "waits_anew"]))]);
    let again = vec![must("items", json!({ "type": "array", "minItems": 1, "items": again }))];
    vec![
        v1("BankMessageReceived", "A message came whose signature is the bank's.", received),
        v1("BankMessageApplied", "Every item of the message was judged.", applied),
        v1("BankMessageQuarantined", "Items that could not be applied wait for a person.", quarantined),
        v1("BankMessageResolved", "A person dealt with an item that waited.", resolved),
        v1("BankMessageJudgedAgain", "Items that waited were judged again, and wait no more as they did.", again),
    ]
}
