//! Schemas of keys: who may call.

use super::{Named, Property, list, may, must, named, object, or_null, said, text, words};
use crate::app::access::Role;
use serde_json::{Value, json};

fn entry() -> Vec<Property> {
    let at = |name: &'static str, about: &str| must(name, or_null(said("Instant", about)));
    vec![
        must("key_id", named("KeyId")),
        must("role", words(&Role::ALL.map(Role::as_str))),
        must("unit", or_null(said("UnitKey", "The unit that the key is limited to, with all below it."))),
        must("bank", or_null(said("Code", "The bank whose key it is."))),
        must("label", text("Who holds it. Keys of one label are one person's.")),
        must("status", words(&["valid", "waiting", "expired", "revoked"])),
        must("created_at", named("Instant")),
        at("expires_at", "It opens nothing from then on."),
        at("revoked_at", "It opened nothing from then on."),
        at("last_used_at", "As far as that was written down."),
        at("former_secret_until", "Until then the secret before opens too."),
    ]
}

fn with(more: Vec<Property>) -> Vec<Property> {
    let mut all = entry();
    all.extend(more);
    all
}

fn lasting() -> Value {
    json!({"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,4}d)$", "examples": ["90d", "2027-01-31"],
        "description": "Until when it opens: the last day, or so many days from now; within ten years."})
}

pub(super) fn schemas() -> Vec<Named> {
    let label = json!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "[^\\s]",
        "description": "Who holds it: who cannot consent to what they asked for with another key of this label. It stays beside the log."});
    let mut creation = object(
        "A key to be made.",
        vec![
            must("role", words(&Role::ALL.map(Role::as_str))),
            may("unit", text("Limits the key to a unit and all below it: a unit key, or a code that names one today.")),
            may("bank", said("Code", "Of a key of role bank, which needs it.")),
            must("label", label),
            may("expires", lasting()),
        ],
    );
    creation["examples"] = json!([{"role": "clerk", "unit": "20551", "label": "Counter 2", "expires": "365d"}]);
    let overlap = json!({"type": "string", "pattern": "^([0-9]|[1-8][0-9]|90)d$", "default": "7d",
        "description": "For how many days the secret before is good, too."});
    let mut rotation = object("A key's next secret.", vec![may("overlap", overlap), may("expires", lasting())]);
    rotation["examples"] = json!([{"overlap": "7d"}]);
    let mut taking = object("Which consent.", vec![must("approval_id", named("Id"))]);
    taking["examples"] = json!([{"approval_id": "0195a3c0-1c00-7000-8000-0000000000a1"}]);
    let shown = with(vec![
        must("key", text("The key itself: what goes behind `Bearer`. Shown this once.")),
        must("position", said("Position", "Where the audit has it.")),
    ]);
    let revoked = with(vec![
        must("position", or_null(said("Position", "Where the audit has it."))),
        must("changed", named("Boolean")),
    ]);
    vec![
        (
            "KeyId",
            json!({"type": "string", "pattern": "^[!-~]{1,64}$", "description": "A key's id, which is no secret: the part between its two underscores."}),
        ),
        ("KeyCreation", creation),
        ("KeyRotation", rotation),
        ("KeySecretTaking", taking),
        ("KeyWithSecret", object("A key with its text.", shown)),
        ("RevokedKey", object("A key that opens nothing any more.", revoked)),
        ("KeyEntry", object("A key, without its secret.", entry())),
        ("KeyList", object("", vec![must("keys", list(&named("KeyEntry")))])),
    ]
}
