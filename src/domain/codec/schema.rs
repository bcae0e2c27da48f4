//! JSON Schemas of the stored events, written beside the types. Whoever reads an exported log needs nothing else.

use super::people_schema::beneficiary_schemas;
use super::{bank_schemas, oversight_schema};
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::payment::event::Resolution;
use serde_json::{Map, Value, json};

/// Schema by `<Type>.v<version>`, for `openapi/events/<name>.json`, in the order of [`super::ALL`].
#[must_use]
pub fn schemas() -> Vec<(String, Value)> {
    let mut all = payment_schemas();
    all.extend(contradiction_schemas());
    all.extend(beneficiary_schemas());
    all.extend(import_schemas());
    all.extend(disclosure_schemas());
    all.extend(oversight_schema::schemas());
    all.extend(desk_schemas());
    all.extend(super::list_schema::schemas());
    all.extend(bank_schemas::bank_schemas());
    all.extend(bank_schemas::inbox_schemas());
    all.extend(super::webhooks::schemas());
    all.extend(super::figures::schemas());
    all.extend(super::audit::schemas());
    all.into_iter().map(|event| (format!("{}.v{}", event.name, event.version), event.schema())).collect()
}

/// One field of an event.
pub(super) struct Field {
    name: &'static str,
    required: bool,
    schema: Value,
}

pub(super) struct EventSchema {
    name: &'static str,
    version: u16,
    about: &'static str,
    fields: Vec<Field>,
}

impl EventSchema {
    fn schema(self) -> Value {
        let mut schema = object(self.fields);
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!(self.name);
        schema["description"] = json!(self.about);
        schema
    }
}

pub(super) const fn v1(name: &'static str, about: &'static str, fields: Vec<Field>) -> EventSchema {
    EventSchema { name, version: 1, about, fields }
}

pub(super) const fn must(name: &'static str, schema: Value) -> Field {
    Field { name, required: true, schema }
}

pub(super) const fn may(name: &'static str, schema: Value) -> Field {
    Field { name, required: false, schema }
}

/// Further properties are allowed: a reader of version 1 ignores what a later writer adds without changing the meaning.
pub(super) fn object(fields: Vec<Field>) -> Value {
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let required = json!(required);
    let properties: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.to_owned(), field.schema)).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn visible() -> Value {
    json!({ "type": "string", "pattern": "^[!-~]{1,64}$" })
}

pub(super) fn code() -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9_-]{1,40}$" })
}

pub(super) fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

pub(super) fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

pub(super) fn instant() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn month() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" })
}

pub(super) fn months() -> Value {
    json!({ "type": "array", "minItems": 1, "uniqueItems": true, "items": month() })
}

pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(super) fn attempt() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

fn end_to_end_id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
}

pub(super) fn words(allowed: &[&str]) -> Value {
    json!({ "type": "string", "enum": allowed })
}

pub(super) fn payee() -> Value {
    words(&["self", "authorised", "guardian"])
}

fn collector() -> Value {
    words(&["self", "authorised", "guardian", "heir"])
}

pub(super) fn money() -> Value {
    let minor = json!({ "type": "integer", "description": "whole minor units" });
    object(vec![must("minor", minor), must("currency", json!({ "type": "string", "pattern": "^[A-Z]{3}$" }))])
}

fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

pub(super) fn evidence() -> Value {
    object(vec![must("kind", text()), must("reference", text())])
}

fn reason() -> Value {
    let classes = [
        "account_data",
        "account_state",
        "identity",
        "deceased",
        "bank",
        "funds",
        "duplicate",
        "format",
        "unclaimed",
        "no_answer",
        "unknown",
    ];
    object(vec![
        must("system", text()),
        must("code", text()),
        must("class", words(&classes)),
        may("text", text()),
        may("text_ref", uuid()),
    ])
}

fn correction() -> Value {
    let kind = |what: &str, value: Value, more: Vec<Field>| {
        let mut fields = vec![must("what", json!({ "const": what })), must("old", value.clone()), must("new", value)];
        fields.extend(more);
        object(fields)
    };
    json!({ "oneOf": [
        kind("amount", money(), Vec::new()),
        kind("benefit_months", months(), Vec::new()),
        kind("unit", visible(), vec![must("new_urban", flag()), must("new_code_as_received", text())]),
        kind("due_on", date(), Vec::new()),
        kind("reference", visible(), Vec::new()),
    ] })
}

fn instructed_fields() -> Vec<Field> {
    vec![
        must("payment_id", uuid()),
        must("reference", visible()),
        must("beneficiary_id", uuid()),
        must("benefit_type", code()),
        must("benefit_months", months()),
        must("cycle", month()),
        must("amount", money()),
        must("unit_key", visible()),
        must("unit_code_as_received", text()),
        must("urban", flag()),
        must("attempt", attempt()),
        must("channel", code()),
        must("agent", code()),
        may("bank", code()),
        may("account_ref", uuid()),
        must("end_to_end_id", end_to_end_id()),
        must("due_on", date()),
        must("payee", payee()),
        may("supplement", flag()),
        may("kind", words(&["arrears", "supplement"])),
    ]
}

fn reissued_fields() -> Vec<Field> {
    vec![
        must("new_attempt", json!({ "type": "integer", "minimum": 2 })),
        must("from_channel", code()),
        must("to_channel", code()),
        must("agent", code()),
        may("bank", code()),
        may("account_ref", uuid()),
        must("end_to_end_id", end_to_end_id()),
        must("due_on", date()),
        must("payee", payee()),
        must("reason", text()),
    ]
}

fn payment_schemas() -> Vec<EventSchema> {
    let settled = vec![
        must("attempt", attempt()),
        must("settled_on", date()),
        must("amount", money()),
        must("evidence", evidence()),
        may("collected_by", collector()),
    ];
    let returned = vec![
        must("attempt", attempt()),
        must("returned_on", date()),
        must("amount", money()),
        must("reason", reason()),
        must("evidence", evidence()),
        may("settlement_inferred", flag()),
    ];
    let accepted = vec![
        must("attempt", attempt()),
        may("agent_ref", text()),
        may("raw_status", text()),
        must("accepted_at", instant()),
    ];
    let rejected = vec![must("attempt", attempt()), must("reason", reason()), must("rejected_on", date())];
    let settled_late = vec![
        must("attempt", attempt()),
        must("settled_on", date()),
        must("amount", money()),
        must("evidence", evidence()),
        may("stopped_attempt", attempt()),
        may("reinstated", flag()),
    ];
    let causes = words(&["no_answer", "unclaimed", "not_sendable"]);
    let failed = vec![must("attempt", attempt()), must("cause", causes), must("deadline", date())];
    let cancelled = vec![must("attempt", attempt()), must("reason", text()), must("by", text())];
    vec![
        v1("PaymentInstructed", "The agency ordered the payment; attempt 1 is open.", instructed_fields()),
        v1("PaymentAccepted", "The paying agent took the attempt on.", accepted),
        v1("PaymentSettled", "The money is with the beneficiary or whoever may collect it.", settled),
        v1("PaymentSettledLate", "Money of an attempt that was given up went out all the same.", settled_late),
        v1("PaymentRejected", "The paying agent refused the attempt.", rejected),
        v1("PaymentReturned", "Settled money came back.", returned),
        v1("PaymentFailed", "The attempt came to nothing.", failed),
        v1(
            "PaymentHeld",
            "The attempt waits for a person.",
            vec![must("attempt", attempt()), must("cause", text()), may("note", text())],
        ),
        v1("PaymentReleased", "The wait is over.", vec![must("attempt", attempt()), may("note", text())]),
        v1("PaymentReissued", "A new attempt was opened.", reissued_fields()),
        v1("PaymentCancelled", "The payment was called off before money moved.", cancelled),
        v1(
            "PaymentCorrected",
            "A clerical field was mended.",
            vec![must("correction", correction()), must("ground", text())],
        ),
        v1(
            "PaymentRecalled",
            "The open attempt was called back; the late money of another pays the payment.",
            vec![must("attempt", attempt()), must("reason", text()), must("by", text())],
        ),
    ]
}

pub(super) fn report_of_another_amount() -> Vec<Field> {
    vec![
        must("attempt", attempt()),
        must("settled_on", date()),
        must("amount", money()),
        must("evidence", evidence()),
        may("collected_by", collector()),
    ]
}

pub(super) fn difference() -> Value {
    json!({ "type": "integer", "description": "minor units; reported less ordered, 0 where all that was reported is too much" })
}

/// Reports of another amount, and what became of them.
fn contradiction_schemas() -> [EventSchema; 2] {
    let resolved = vec![
        must("attempt", attempt()),
        must("resolution", words(&Resolution::ALL.map(Resolution::as_str))),
        must("difference_minor", difference()),
        must("reason", text()),
    ];
    let about = "Another amount than was ordered was reported as paid; it waits for a person.";
    [
        v1("PaymentContradicted", about, report_of_another_amount()),
        v1("PaymentContradictionResolved", "A person said what was true of such a report.", resolved),
    ]
}

fn import_schemas() -> Vec<EventSchema> {
    let sum = || or_null(&json!({ "type": "integer", "description": "minor units" }));
    let started = vec![
        must("import_id", uuid()),
        must("kind", words(&["payments", "outcomes", "beneficiaries", "identity"])),
        must("mode", words(&["all", "valid_rows"])),
        must("file_digest", json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })),
        must("rows", count()),
        must("control_sum_minor", sum()),
        must("started_at_us", json!({ "type": "integer", "description": "microseconds since 1970-01-01 UTC" })),
        must("seed", count()),
    ];
    let completed = vec![
        must("recorded_rows", count()),
        must("unchanged_rows", count()),
        must("refused_rows", count()),
        must("recorded_sum_minor", sum()),
        must("reversed", flag()),
    ];
    let reversed = vec![must("reason", text()), must("cancelled_payments", count()), must("kept_payments", count())];
    vec![
        v1("ImportStarted", "The rows of a checked file begin to be recorded.", started),
        v1("ImportCompleted", "All rows of the file are dealt with.", completed),
        v1("ImportReversed", "What the import recorded was taken back as far as possible.", reversed),
    ]
}

fn disclosure_schemas() -> Vec<EventSchema> {
    let purpose = || must("purpose", words(&Purpose::ALL.map(Purpose::as_str)));
    let kinds = json!({ "type": "array", "minItems": 1, "uniqueItems": true, "items": words(&DataKind::ALL.map(DataKind::as_str)) });
    let revealed = vec![must("beneficiary_id", uuid()), must("kinds", kinds), purpose(), may("purpose_ref", uuid())];
    let exported =
        vec![must("beneficiary_id", uuid()), purpose(), must("vault_records", count()), must("payments", count())];
    vec![
        v1("PersonalDataRevealed", "Data of a person were shown in full, for a stated purpose.", revealed),
        v1("PersonalDataExported", "Everything held on a person was handed out.", exported),
    ]
}

fn desk_schemas() -> Vec<EventSchema> {
    let day = || must("day", date());
    let cash = || vec![day(), must("amount", money()), must("evidence", evidence())];
    let registered = vec![
        must("desk_id", uuid()),
        must("code", visible()),
        must("kind", code()),
        must("unit_key", visible()),
        must("agent", code()),
    ];
    let paid = vec![
        day(),
        must("payment_id", uuid()),
        must("attempt", attempt()),
        must("amount", money()),
        must("collected_by", collector()),
        must("receipt", text()),
    ];
    let listed = object(vec![must("payment_id", uuid()), must("attempt", attempt())]);
    let payments = must("payments", json!({ "type": "array", "minItems": 1, "items": listed }));
    let mut unpaid = cash();
    unpaid.extend([must("cycle", month()), payments]);
    let sums = ["opening", "advanced", "paid", "handed_back", "unclaimed", "held"];
    let liquidated = std::iter::once(day()).chain(sums.map(|name| must(name, money()))).collect();
    vec![
        v1("DeskRegistered", "A cash desk is known from now on.", registered),
        v1("CashAdvanced", "The desk was handed cash.", cash()),
        v1("CashPaid", "The desk paid a payment out.", paid),
        v1("CashHandedBack", "The desk gave cash back.", cash()),
        v1("UnpaidListHandedBack", "The desk gave back the list of what nobody collected, with its money.", unpaid),
        v1("DeskDayLiquidated", "The desk's cash was counted; the day and all before it are closed.", liquidated),
    ]
}
