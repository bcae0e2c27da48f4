//! Schemas of the playbook and the worklist.

use super::{Named, Property, list, must, named, object, or_null, said, text, words};
use crate::domain::profile::playbook::{Actor, Situation};
use serde_json::{Value, json};

/// Both answers.
pub(super) fn schemas() -> Vec<Named> {
    vec![("Playbook", playbook()), ("WorkItem", item()), ("Worklist", worklist())]
}

fn who() -> Value {
    words(&Actor::ALL.map(Actor::as_str))
}

fn playbook() -> Value {
    let operation =
        vec![must("operation", text("Its `operationId`.")), must("method", text("")), must("path", text(""))];
    let play = vec![
        must("class", or_null(named("ReasonClass"))),
        must("situation", or_null(words(&Situation::ALL.map(Situation::as_str)))),
        must("system", or_null(text("Whose codes; null for the whole class."))),
        must("codes", list(&json!({"type": "string"}))),
        must("who", who()),
        must("working_days", json!({"type": "integer", "minimum": 0, "description": "By when, after it came up."})),
        must("how", named("Labels")),
        must("operations", list(&object("", operation))),
    ];
    let all = vec![
        must("profile", text("The profile's name.")),
        must("profile_version", text("")),
        must("playbook", list(&object("Codes go before their class.", play))),
    ];
    object("Who does what about which reason or situation.", all)
}

fn item() -> Value {
    let action = vec![
        must("operation", text("Its `operationId`.")),
        must("method", text("")),
        must("href", text("The path, with the id of what it acts on.")),
    ];
    let maybe = |name: &'static str, schema: &str| must(name, or_null(named(schema)));
    let all: Vec<Property> = vec![
        must("kind", named("WorkKind")),
        must("situation", or_null(words(&Situation::ALL.map(Situation::as_str)))),
        maybe("class", "ReasonClass"),
        must("reason_system", or_null(text("Whose code it is."))),
        must("reason_code", or_null(text("The code as received."))),
        must("unit", or_null(said("UnitKey", "null: it is the whole log's."))),
        must("unit_name", or_null(text(""))),
        maybe("payment_id", "Id"),
        maybe("payment_reference", "Reference"),
        maybe("beneficiary_id", "Id"),
        must("object_id", or_null(text("Of what else the item is about: a recovery, an approval, a list or a desk."))),
        maybe("cycle", "Month"),
        maybe("amount", "Amount"),
        maybe("currency", "Currency"),
        must("since", said("Date", "When it came up.")),
        must("age_days", json!({"type": "integer", "description": "Calendar days since."})),
        must("due_on", said("Date", "By when somebody must have acted.")),
        must("overdue", named("Boolean")),
        must("who", who()),
        must("how", named("Labels")),
        must("actions", list(&object("The first one ends the matter.", action))),
    ];
    object("One thing that somebody must do.", all)
}

fn worklist() -> Value {
    let count = vec![must("kind", named("WorkKind")), must("items", named("Count")), must("overdue", named("Count"))];
    let all = vec![
        must("today", named("Date")),
        must("counts", list(&object("Of the whole list, not the page.", count))),
        must("items", list(&named("WorkItem"))),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
    ];
    object("A page of what must be done, the most urgent first.", all)
}
