//! Schemas of single values: ids, codes, months, amounts, words; and the problem document.

use super::{Named, list, must, named, object, or_null, said, sometimes, text, words};
use crate::app::worklist::WorkKind;
use crate::domain::payment::kind::PaymentKind;
use crate::domain::payment::state::AttemptState;
use crate::openapi::codes;
use serde_json::{Value, json};

/// Values, then words, then the problem.
pub(super) fn schemas() -> Vec<Named> {
    let mut all = values();
    all.extend(word_lists());
    all.extend(problems());
    all
}

fn pattern(pattern: &str, description: &str, example: &str) -> Value {
    json!({"type": "string", "pattern": pattern, "description": description, "examples": [example]})
}

fn values() -> Vec<Named> {
    let code = "^[a-z0-9_-]{1,40}$";
    let month = "^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$";
    // Control characters never; at least one character that is not a blank.
    let free =
        "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$";
    vec![
        (
            "Id",
            json!({"type": "string", "format": "uuid", "description": "A UUID.", "examples": ["0197d1a2-5c3e-7f10-8a44-1f0b2c3d4e5f"]}),
        ),
        (
            "Text",
            json!({"type": "string", "minLength": 1, "maxLength": 500, "pattern": free, "description": "Text of 1 to 500 characters, without control characters."}),
        ),
        ("Code", pattern(code, "A code of the profile; `GET /v1/reference` lists them.", "pension")),
        (
            "Reference",
            pattern("^[!-~]{1,64}$", "The agency's own reference: 1 to 64 visible ASCII characters.", "2025-03-000001"),
        ),
        ("Month", pattern(month, "A month, YYYY-MM.", "2025-03")),
        (
            "Date",
            json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "A calendar date, YYYY-MM-DD.", "examples": ["2025-03-03"]}),
        ),
        (
            "Instant",
            json!({"type": "string", "format": "date-time", "description": "An instant, RFC 3339 with its offset.", "examples": ["2025-03-03T02:00:00Z"]}),
        ),
        (
            "Amount",
            json!({"type": "string", "maxLength": 30, "pattern": "^-?[0-9]+([.][0-9]+)?$", "description": "An amount in major units as text in plain digits. A fraction that the currency does not have is refused (dong have none).", "examples": ["5000000"]}),
        ),
        ("Currency", pattern("^[A-Z]{3}$", "ISO 4217.", "VND")),
        (
            "Ratio",
            or_null(
                json!({"type": "string", "pattern": "^-?[0-9]+[.][0-9]{6}$", "description": "Numerator by denominator as a fraction of 1: six digits, rounded half up; null when the denominator is 0.", "examples": ["0.854396"]}),
            ),
        ),
        (
            "EndToEndId",
            pattern(
                "^[0-9A-Fa-f]{32}$",
                "ISO 20022 EndToEndId of one attempt: 32 hexadecimal digits.",
                "8f14e45fceea467a9b1c2d3e4f5a6b7c",
            ),
        ),
        (
            "Position",
            json!({"type": "integer", "format": "int64", "minimum": 0, "description": "A place in the log. Positions start at 1 and have no gaps."}),
        ),
        (
            "Revision",
            json!({"type": "integer", "format": "int64", "minimum": 0, "description": "A place in one object's stream, from 0. The ETag is the revision in quotes."}),
        ),
        ("Count", json!({"type": "integer", "format": "int64", "minimum": 0})),
        ("Limit", json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})),
        (
            "Attempt",
            json!({"type": "integer", "minimum": 1, "maximum": 4_294_967_295_u32, "description": "The number of an attempt; the latest when absent."}),
        ),
        ("Boolean", json!({"type": "boolean"})),
        ("UnitKey", pattern("^[!-~]{1,64}$", "One dated version of an administrative unit.", "C20551@20250701")),
        ("Object", json!({"type": "object", "description": "Any JSON object."})),
    ]
}

fn word_lists() -> Vec<Named> {
    let states = AttemptState::ALL.map(AttemptState::as_str);
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
    vec![
        ("Status", words(&states)),
        ("PaymentKind", words(&PaymentKind::ALL.map(PaymentKind::as_str))),
        ("Payee", words(&["self", "authorised", "guardian"])),
        ("Sex", words(&["female", "male"])),
        ("FailureCause", words(&["no_answer", "unclaimed", "not_sendable"])),
        ("ReasonClass", words(&classes)),
        ("TableFormat", words(&["json", "csv", "xlsx", "ndjson", "parquet"])),
        ("ImportKind", words(&["payments", "outcomes", "beneficiaries", "identity"])),
        ("ImportMode", words(&["all", "valid_rows"])),
        ("ImportAnswer", words(&["report", "file"])),
        ("WorkKind", words(&WorkKind::ALL.map(WorkKind::as_str))),
        ("ImportStatus", words(&["checked", "running", "refused", "completed", "reversed"])),
    ]
}

fn problems() -> Vec<Named> {
    let issue = object(
        "One thing wrong with one field.",
        vec![
            must("pointer", text("JSON pointer to the field, or `/` and the parameter's name.")),
            must("code", text("A stable code; the list is at /docs#codes.")),
            must("message", text("What is wrong and how to mend it.")),
            must("message_vi", text("The same in Vietnamese.")),
        ],
    );
    let problem = object(
        "An error (RFC 9457). `code` is stable; `errors` lists everything that is wrong, not only the first thing.",
        vec![
            must("type", json!({"type": "string", "format": "uri-reference", "examples": ["/docs#invalid-input"]})),
            must("title", text("The kind of problem in words.")),
            must("status", json!({"type": "integer", "minimum": 400, "maximum": 599})),
            must("detail", text("What happened here, and what to do.")),
            must("code", json!({"type": "string", "enum": codes::answer_codes()})),
            must("errors", list(&named("FieldIssue"))),
            must("request_id", text("Names this request in the server's log.")),
            sometimes("detail_vi", text("`detail` in Vietnamese.")),
            sometimes("held_by", text("Who holds what this request would have taken (409).")),
            sometimes("plan", said("ListPlan", "What the step would append now (409 `plan-changed`).")),
            sometimes("first_object", text("What the first use of the Idempotency-Key made (422).")),
            sometimes("current_revision", said("Revision", "Where the object stands now (412).")),
            sometimes("as_of_position", said("Position", "Where the figures stand now (503).")),
        ],
    );
    vec![("FieldIssue", issue), ("Problem", problem)]
}
