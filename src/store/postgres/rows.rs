//! What an append writes, as arrays in the order of the tables' columns.

use super::arrays::{Arrays, Kind};
use crate::store::decode::signed;
use crate::store::{RecordedEvent, RecordedRequest, RequestKey, VaultRow};

const EVENTS: &[Kind] = &[
    Kind::Number,
    Kind::Text,
    Kind::Number,
    Kind::Bytes,
    Kind::Text,
    Kind::Number,
    Kind::Bytes,
    Kind::Bytes,
    Kind::Bytes,
];
const REQUESTS: &[Kind] =
    &[Kind::Text, Kind::Text, Kind::Bytes, Kind::Text, Kind::Number, Kind::Number, Kind::Number, Kind::Number];

pub(super) fn events(events: &[RecordedEvent]) -> Arrays {
    let mut rows = Arrays::shaped(EVENTS);
    for event in events {
        rows.row(|v| {
            v.number(signed(event.position)).text(&event.stream).number(signed(event.revision)).id(event.event_id);
            v.text(&event.event_type).number(i64::from(event.schema_version));
            v.bytes(&event.data).bytes(&event.metadata).bytes(&event.leaf_hash);
        });
    }
    rows
}

pub(super) fn claims(claims: &[(&'static str, Vec<u8>, String)]) -> Arrays {
    let mut rows = Arrays::shaped(&[Kind::Text, Kind::Bytes, Kind::Text]);
    for (kind, key, stream) in claims {
        rows.row(|v| _ = v.text(kind).bytes(key).text(stream));
    }
    rows
}

pub(super) fn requests(requests: &[(RequestKey, RecordedRequest)]) -> Arrays {
    let mut rows = Arrays::shaped(REQUESTS);
    for (key, record) in requests {
        rows.row(|v| {
            v.text(&key.caller).text(&key.idempotency_key).bytes(&record.input_hash).text(&record.stream);
            v.maybe_number(record.first_position.map(signed)).number(i64::from(record.event_count));
            v.number(signed(record.revision)).number(signed(record.position));
        });
    }
    rows
}

/// Keys, and records.
pub(super) fn vault(rows: &[VaultRow]) -> (Arrays, Arrays) {
    let mut keys = Arrays::shaped(&[Kind::Bytes, Kind::Bytes]);
    let mut records = Arrays::shaped(&[Kind::Bytes, Kind::Bytes, Kind::Text, Kind::Bytes]);
    for row in rows {
        match row {
            VaultRow::Key { subject, wrapped_key } => keys.row(|v| _ = v.id(*subject).bytes(wrapped_key)),
            VaultRow::Record { record_ref, subject, kind, ciphertext } => {
                records.row(|v| _ = v.id(*record_ref).id(*subject).text(kind).bytes(ciphertext));
            }
        }
    }
    (keys, records)
}

/// Streams with a revision each.
pub(super) fn revisions(streams: &[(String, u64)]) -> Arrays {
    let mut rows = Arrays::shaped(&[Kind::Text, Kind::Number]);
    for (stream, revision) in streams {
        rows.row(|v| _ = v.text(stream).number(signed(*revision)));
    }
    rows
}
