//! Schemas of proofs.

use super::{Named, list, must, named, object, said, text};
use serde_json::{Value, json};

/// A hash, and the two proofs.
pub(super) fn schemas() -> Vec<Named> {
    vec![("Hash", hash()), ("InclusionProof", inclusion()), ("ConsistencyProof", consistency()), ("Receipt", receipt())]
}

fn receipt() -> Value {
    let event = vec![
        must("position", named("Position")),
        must("stream", text("")),
        must("revision", named("Revision")),
        must("event_id", named("Id")),
        must("type", text("")),
        must("schema_version", named("Count")),
        must(
            "recorded_at_us",
            json!({"type": "integer", "format": "int64", "description": "Microseconds since the Unix epoch."}),
        ),
        must("data", text("The stored text: the proof is of these bytes.")),
        must("metadata", text("The stored text.")),
        must("hashes", list(&named("Hash"))),
    ];
    let all = vec![
        must("format", json!({"const": crate::app::proofs::receipt::FORMAT})),
        must("log_id", json!({"type": "integer", "format": "int32"})),
        must("payment_id", named("Id")),
        must("events", list(&object("An event and the proof that it is in the log.", event))),
        must("checkpoint", text("The signed note, with cosignatures if it has any.")),
    ];
    object("A payment's events with their proofs; docs/proofs.md says how a leaf is made of an event.", all)
}

fn hash() -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$", "description": "A SHA-256 in base64.",
        "examples": ["CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="]})
}

fn inclusion() -> Value {
    let all = vec![
        must("position", said("Position", "The event; its leaf's index in the tree is one less.")),
        must("size", said("Position", "How many events the tree has.")),
        must("leaf_hash", said("Hash", "Of the event.")),
        must("root", said("Hash", "Of the tree; a checkpoint of this size must have the same.")),
        must("hashes", list(&named("Hash"))),
    ];
    object("The event of this position is in the tree of this size (RFC 6962, section 2.1.1).", all)
}

fn consistency() -> Value {
    let all = vec![
        must("from", said("Position", "The size of the smaller tree.")),
        must("to", said("Position", "The size of the larger tree.")),
        must("from_root", named("Hash")),
        must("to_root", named("Hash")),
        must("hashes", list(&named("Hash"))),
    ];
    object("The larger tree begins with the smaller one (RFC 6962, section 2.1.2).", all)
}
