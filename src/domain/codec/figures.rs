//! Stored names of the events of cited figures and of targets, with their reading, writing and schemas.

use super::encode::encoded;
use super::schema::{
    EventSchema, code, count, date, flag, may, must, object, text, uuid, v1 as schema_v1, visible, words,
};
use super::{CodecError, DomainEvent, Encoded, Reader, StoredType, v1};
use crate::domain::figure::FigureEvent;
use crate::domain::target::TargetEvent;
use serde_json::{Value, json};

pub(super) const FIGURE_CITED: StoredType = v1("FigureCited");
pub(super) const TARGET_SET: StoredType = v1("TargetSet");
pub(super) const TARGET_WITHDRAWN: StoredType = v1("TargetWithdrawn");

/// An event of a cited figure as it is to be stored.
#[must_use]
pub fn encode_figure(event: &FigureEvent) -> Encoded {
    match event {
        FigureEvent::Cited(e) => encoded(FIGURE_CITED, e),
    }
}

/// An event of a unit's targets as it is to be stored.
#[must_use]
pub fn encode_target(event: &TargetEvent) -> Encoded {
    match event {
        TargetEvent::Set(e) => encoded(TARGET_SET, e),
        TargetEvent::Withdrawn(e) => encoded(TARGET_WITHDRAWN, e),
    }
}

/// Reads one of them. `None`: a type that is not ours.
pub(super) fn decode(reader: &Reader<'_>) -> Result<Option<DomainEvent>, CodecError> {
    let event = match reader.event_type {
        "FigureCited" => DomainEvent::Figure(FigureEvent::Cited(reader.read(FIGURE_CITED)?)),
        "TargetSet" => DomainEvent::Target(TargetEvent::Set(reader.read(TARGET_SET)?)),
        "TargetWithdrawn" => DomainEvent::Target(TargetEvent::Withdrawn(reader.read(TARGET_WITHDRAWN)?)),
        _ => return Ok(None),
    };
    Ok(Some(event))
}

/// In the order of [`super::ALL`].
pub(super) fn schemas() -> Vec<EventSchema> {
    let whole = || json!({ "type": "integer" });
    let group = object(vec![must("key", list(&text())), must("numerator", whole()), must("denominator", whole())]);
    let cited = vec![
        must("figure_id", uuid()),
        must("definition", text()),
        must("title", text()),
        must("asked", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
        must("position", count()),
        must("groups", list(&group)),
        must("digest", json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })),
        must("cited_by", text()),
    ];
    let scope = object(vec![must("benefit_groups", list(&code())), may("urban", flag())]);
    let set = vec![
        must("target_id", uuid()),
        must("unit_key", visible()),
        must("indicator", words(&crate::domain::target::INDICATORS)),
        must("scope", scope),
        must("value", json!({ "type": "string", "pattern": "^[01]([.][0-9]+)?$" })),
        must("by_date", date()),
        must("legal_basis", text()),
        must("set_by", text()),
    ];
    let withdrawn = vec![must("target_id", uuid()), must("reason", text()), must("withdrawn_by", text())];
    vec![
        schema_v1(
            "FigureCited",
            "A figure was cited; the digits are of the position named, amounts in minor units.",
            cited,
        ),
        schema_v1("TargetSet", "A unit is to reach a rate by a day.", set),
        schema_v1("TargetWithdrawn", "A target was taken back.", withdrawn),
    ]
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}
