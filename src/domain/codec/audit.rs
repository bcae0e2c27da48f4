//! Stored names of the events of the audit, with their reading, writing and schemas.

use super::encode::encoded;
use super::schema::{EventSchema, code, count, date, instant, may, must, text, v1, words};
use super::{CodecError, DomainEvent, Encoded, Reader, StoredType};
use crate::domain::audit::{Act, AuditEvent};
use serde_json::json;

pub(super) const ACCESS_REFUSED: StoredType = super::v1("AccessRefused");
pub(super) const KEY_USED: StoredType = super::v1("KeyUsed");
pub(super) const OPERATOR_ACTED: StoredType = super::v1("OperatorActed");

/// An event of the audit as it is to be stored.
#[must_use]
pub fn encode_audit(event: &AuditEvent) -> Encoded {
    match event {
        AuditEvent::Refused(e) => encoded(ACCESS_REFUSED, e),
        AuditEvent::KeyUsed(e) => encoded(KEY_USED, e),
        AuditEvent::Acted(e) => encoded(OPERATOR_ACTED, e),
    }
}

/// Reads one of them. `None`: a type that is not ours.
pub(super) fn decode(reader: &Reader<'_>) -> Result<Option<DomainEvent>, CodecError> {
    let event = match reader.event_type {
        "AccessRefused" => AuditEvent::Refused(reader.read(ACCESS_REFUSED)?),
        "KeyUsed" => AuditEvent::KeyUsed(reader.read(KEY_USED)?),
        "OperatorActed" => AuditEvent::Acted(reader.read(OPERATOR_ACTED)?),
        _ => return Ok(None),
    };
    Ok(Some(DomainEvent::Audit(event)))
}

pub(super) fn schemas() -> Vec<EventSchema> {
    let refused = vec![
        must("status", count()),
        must("code", code()),
        may("operation", text()),
        may("key_id", text()),
        may("address_hash", text()),
        must("count", count()),
        must("first_at", instant()),
        must("last_at", instant()),
    ];
    let used = vec![must("key_id", text()), must("role", code()), must("on", date()), must("count", count())];
    let acted = vec![
        must("act", words(&Act::ALL.map(Act::as_str))),
        must("by", text()),
        may("object", text()),
        may("about", json!({ "type": "object", "additionalProperties": text() })),
        must("at", instant()),
    ];
    vec![
        v1("AccessRefused", "Somebody was turned away, so many times within a minute or so.", refused),
        v1("KeyUsed", "A key was used, so many times since it was told of last.", used),
        v1("OperatorActed", "Who runs the log did something with it.", acted),
    ]
}
