//! Many events in one value of one row. A row is handed from SQLite's thread to ours by itself, and each of its values is copied on the way;
//! packed, a look-up of hundreds of events is handed over once.
//!
//! An event is eleven numbers, each with a space behind it, then its texts and bytes as they are. The numbers: of the question, the position,
//! the revision, the schema version, the time of recording, and how many bytes each has of stream, id, type, data, metadata and leaf hash.

use super::fault;
use crate::store::{RecordedEvent, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// The events of a row's first value, in their order, each with the number of its question.
pub(super) fn events(row: &SqliteRow) -> Result<Vec<(u64, RecordedEvent)>, StoreError> {
    let packed: Option<&[u8]> = row.try_get(0).map_err(|e| fault(&e))?;
    unpack(packed.unwrap_or_default())
}

fn unpack(mut rest: &[u8]) -> Result<Vec<(u64, RecordedEvent)>, StoreError> {
    let mut events = Vec::new();
    while !rest.is_empty() {
        events.push(event(&mut rest)?);
    }
    Ok(events)
}

fn event(rest: &mut &[u8]) -> Result<(u64, RecordedEvent), StoreError> {
    let number = unsigned(rest)?;
    let (position, revision) = (unsigned(rest)?, unsigned(rest)?);
    let schema_version = unsigned(rest)?.try_into().map_err(|_| corrupt("a schema version"))?;
    let recorded_at_us = signed(rest)?;
    let mut lengths = [0; 6];
    for length in &mut lengths {
        *length = usize::try_from(unsigned(rest)?).map_err(|_| corrupt("a length"))?;
    }
    let [stream, event_id, event_type, data, metadata, leaf_hash] = lengths;
    let event = RecordedEvent {
        position,
        stream: text(rest, stream)?,
        revision,
        event_id: Uuid::from_slice(bytes(rest, event_id)?).map_err(|_| corrupt("an id"))?,
        event_type: text(rest, event_type)?,
        schema_version,
        recorded_at_us,
        data: bytes(rest, data)?.to_vec(),
        metadata: bytes(rest, metadata)?.to_vec(),
        leaf_hash: bytes(rest, leaf_hash)?.try_into().map_err(|_| corrupt("a hash"))?,
    };
    Ok((number, event))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is not what was written"))
}

fn bytes<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], StoreError> {
    let (bytes, after) = rest.split_at_checked(length).ok_or_else(|| corrupt("a value"))?;
    *rest = after;
    Ok(bytes)
}

fn text(rest: &mut &[u8], length: usize) -> Result<String, StoreError> {
    std::str::from_utf8(bytes(rest, length)?).map(str::to_owned).map_err(|_| corrupt("a text"))
}

/// A number in decimal digits, with the space behind it.
fn unsigned(rest: &mut &[u8]) -> Result<u64, StoreError> {
    let mut number: u64 = 0;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b' ' if at > 0 => {
                *rest = &rest[at + 1..];
                return Ok(number);
            }
            b'0'..=b'9' => {
                let more = number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(byte - b'0')));
                number = more.ok_or_else(|| corrupt("a number"))?;
            }
            _ => break,
        }
    }
    Err(corrupt("a number"))
}

/// The same, perhaps with a minus before it.
fn signed(rest: &mut &[u8]) -> Result<i64, StoreError> {
    let is_negative = rest.first() == Some(&b'-');
    if is_negative {
        *rest = &rest[1..];
    }
    let size = i64::try_from(unsigned(rest)?).map_err(|_| corrupt("a number"))?;
    Ok(if is_negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let numbers = format!("3 7 0 1 -5 9 16 1 {} 0 32 ", data.len());
        [numbers.as_bytes(), b"payment-1", &[1; 16], b"T", data, &[2; 32]].concat()
    }

    #[test]
    fn events_are_read_whatever_bytes_are_in_them() {
        let read = unpack(&[packed(b"{\"a\": \"9 8 7\"}"), packed(&[0, b' ', 0xff])].concat()).unwrap();
        let [(3, first), (3, second)] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!((first.position, first.revision, first.recorded_at_us), (7, 0, -5));
        assert_eq!((first.stream.as_str(), first.event_type.as_str()), ("payment-1", "T"));
        assert_eq!((first.data.as_slice(), first.metadata.len()), (b"{\"a\": \"9 8 7\"}".as_slice(), 0));
        assert_eq!((second.data.as_slice(), second.leaf_hash), ([0, b' ', 0xff].as_slice(), [2; 32]));
    }

    #[test]
    fn nothing_is_no_event_and_what_ends_too_early_is_damaged() {
        assert_eq!(unpack(b""), Ok(Vec::new()));
        let whole = packed(b"{}");
        for length in 1..whole.len() {
            assert!(matches!(unpack(&whole[..length]), Err(StoreError::Corrupt(_))), "{length}");
        }
    }

    #[test]
    fn what_is_no_number_or_beyond_one_is_damaged() {
        for text in ["x 1", " 1", "- 1", "99999999999999999999 1", "1"] {
            assert!(matches!(unpack(text.as_bytes()), Err(StoreError::Corrupt(_))), "{text}");
        }
    }
}
