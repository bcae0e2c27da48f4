//! The leaf hash of a stored event, on which a signed Merkle log (RFC 6962) can be grown. Pure; must not change, ever.

use super::{LogId, RecordedEvent};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Version of the layout below, the first field of every leaf.
pub const LEAF_FORMAT: u8 = 1;

/// RFC 6962, section 2.1: leaves begin with 0x00 and inner nodes with 0x01, so that neither can pass for the other.
const LEAF_PREFIX: u8 = 0x00;

/// What a leaf hash is over. The log's number is in it, so that an event cannot be moved to another log.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    pub log_id: LogId,
    pub position: u64,
    pub stream: &'a str,
    pub revision: u64,
    pub event_id: Uuid,
    pub event_type: &'a str,
    pub schema_version: u16,
    /// Microseconds since the Unix epoch.
    pub recorded_at_us: i64,
    pub metadata: &'a [u8],
    pub data: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// The leaf of an event as it stands in a log. Its own `leaf_hash` is not looked at.
    #[must_use]
    pub fn of(log_id: LogId, event: &'a RecordedEvent) -> Self {
        Self {
            log_id,
            position: event.position,
            stream: &event.stream,
            revision: event.revision,
            event_id: event.event_id,
            event_type: &event.event_type,
            schema_version: event.schema_version,
            recorded_at_us: event.recorded_at_us,
            metadata: &event.metadata,
            data: &event.data,
        }
    }
}

/// SHA-256 of 0x00 and then these fields, each with its length in bytes before it as a big-endian u32, integers big-endian:
///
/// | field | width in bytes |
/// |---|---|
/// | format version ([`LEAF_FORMAT`]) | 1 |
/// | log id | 4, signed |
/// | position | 8 |
/// | stream | its UTF-8 bytes |
/// | revision | 8 |
/// | event id | 16 |
/// | event type | its UTF-8 bytes |
/// | schema version | 2 |
/// | recorded at, microseconds since the Unix epoch | 8, signed |
/// | metadata | as stored |
/// | data | as stored |
///
/// The lengths make the layout injective: no two different events give the same bytes.
#[must_use]
pub fn leaf_hash(leaf: &Leaf<'_>) -> [u8; 32] {
    let mut head = Vec::with_capacity(128 + leaf.stream.len() + leaf.event_type.len());
    head.push(LEAF_PREFIX);
    field(&mut head, &[LEAF_FORMAT]);
    field(&mut head, &leaf.log_id.to_be_bytes());
    field(&mut head, &leaf.position.to_be_bytes());
    field(&mut head, leaf.stream.as_bytes());
    field(&mut head, &leaf.revision.to_be_bytes());
    field(&mut head, leaf.event_id.as_bytes());
    field(&mut head, leaf.event_type.as_bytes());
    field(&mut head, &leaf.schema_version.to_be_bytes());
    field(&mut head, &leaf.recorded_at_us.to_be_bytes());
    field(&mut head, leaf.metadata);
    head.extend_from_slice(&length(leaf.data));
    let mut hasher = Sha256::new();
    hasher.update(&head);
    hasher.update(leaf.data);
    hasher.finalize().into()
}

/// The leaf hash of an event as it stands in a log; equal to the stored one unless someone changed the event.
#[must_use]
pub fn of_recorded(log_id: LogId, event: &RecordedEvent) -> [u8; 32] {
    leaf_hash(&Leaf::of(log_id, event))
}

fn field(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend_from_slice(&length(bytes));
    buffer.extend_from_slice(bytes);
}

#[expect(clippy::expect_used, reason = "no field comes near 4 GiB: names have 255 bytes and payloads 1 MiB at most")]
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).expect("limits on names and payloads keep every field under 4 GiB").to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors() -> Vec<(RecordedEvent, LogId, String)> {
        let list: Vec<Value> = serde_json::from_str(include_str!("../../tests/fixtures/leaf_hash.json")).unwrap();
        list.iter().map(read).collect()
    }

    fn read(vector: &Value) -> (RecordedEvent, LogId, String) {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let event = RecordedEvent {
            position: vector["position"].as_u64().unwrap(),
            stream: text("stream"),
            revision: vector["revision"].as_u64().unwrap(),
            event_id: text("event_id").parse().unwrap(),
            event_type: text("event_type"),
            schema_version: vector["schema_version"].as_u64().unwrap().try_into().unwrap(),
            recorded_at_us: vector["recorded_at_us"].as_i64().unwrap(),
            data: text("data").into_bytes(),
            metadata: text("metadata").into_bytes(),
            leaf_hash: [0; 32],
        };
        (event, vector["log_id"].as_i64().unwrap().try_into().unwrap(), text("leaf_hash"))
    }

    fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write;
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    #[test]
    fn the_hashes_of_the_committed_vectors_are_those_computed_by_another_program() {
        let vectors = vectors();
        assert!(vectors.len() >= 3);
        for (event, log_id, expected) in vectors {
            assert_eq!(hex(&of_recorded(log_id, &event)), expected, "{}", event.stream);
        }
    }

    #[test]
    fn a_byte_moved_from_one_field_to_the_next_gives_another_hash() {
        let (event, log_id, _) = vectors().remove(0);
        let mut moved = event.clone();
        let first = moved.data.remove(0);
        moved.metadata.push(first);
        assert_ne!(of_recorded(log_id, &moved), of_recorded(log_id, &event));
    }

    #[test]
    fn each_field_alone_changes_the_hash() {
        let (event, log_id, _) = vectors().remove(0);
        let change = |change: fn(&mut RecordedEvent)| {
            let mut other = event.clone();
            change(&mut other);
            of_recorded(log_id, &other)
        };
        let mut all = vec![
            of_recorded(log_id, &event),
            of_recorded(log_id + 1, &event),
            change(|e| e.position += 1),
            change(|e| e.stream.push('x')),
            change(|e| e.revision += 1),
            change(|e| e.event_id = Uuid::nil()),
            change(|e| e.event_type.push('x')),
            change(|e| e.schema_version += 1),
            change(|e| e.recorded_at_us += 1),
            change(|e| e.metadata.push(b' ')),
            change(|e| e.data.push(b' ')),
        ];
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
