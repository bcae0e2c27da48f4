//! Schemas of the audit.

use super::{Named, list, must, named, object, or_null, text, words};
use crate::domain::audit::AuditKind;
use serde_json::json;

/// What comes out.
pub(super) fn schemas() -> Vec<Named> {
    let one = vec![
        must("position", named("Position")),
        must("recorded_at", named("Instant")),
        must("kind", named("AuditKind")),
        must("actor", or_null(text("A key's id, or `command-line`; null: nobody had a key."))),
        must("operation", text("The operation's id, the act, or the event's type; `several`: many at once.")),
        must("code", or_null(text("Of a refusal."))),
        must("object", or_null(text("A pseudonym, a bank, a webhook, a key, a projection."))),
        must("purpose", or_null(text("Of a look at personal data."))),
        must(
            "count",
            json!({"type": "integer", "format": "int64", "minimum": 1, "description": "How often, of refusals and uses."}),
        ),
        must("about", text("More, as `name=value&name=value`.")),
    ];
    let all = vec![
        must("entries", list(&object("", one))),
        must("next_cursor", or_null(text("For the next page; null on the last."))),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
    ];
    vec![
        ("AuditKind", words(&AuditKind::ALL.map(AuditKind::as_str))),
        (
            "Name",
            json!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]+$"}),
        ),
        ("AuditList", object("Lines of the audit, newest first.", all)),
    ]
}
