//! One event as one line of JSON and back, to the byte. Pure.
//!
//! `data` and `metadata` stand in the line as the JSON that they are, character for character, since the leaf hash is over them. Bytes
//! that could not come back from a line so (no JSON, or with a line's end in them) stand there as `data_hex` and `metadata_hex`.

use crate::app::hex::{hex, unhex};
use crate::store::{LogId, RecordedEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    log_id: LogId,
    position: u64,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    revision: u64,
    event_id: Uuid,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    schema_version: u16,
    /// Microseconds since the Unix epoch.
    recorded_at_us: i64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data_hex: Option<String>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata_hex: Option<String>,
    leaf_hash: String,
}

/// The event as a line, with the line's end.
pub(super) fn write(log_id: LogId, event: &RecordedEvent, into: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let (data, data_hex) = as_json_or_hex(&event.data);
    let (metadata, metadata_hex) = as_json_or_hex(&event.metadata);
    let line = Line {
        log_id,
        position: event.position,
        stream: Cow::Borrowed(&event.stream),
        revision: event.revision,
        event_id: event.event_id,
        event_type: Cow::Borrowed(&event.event_type),
        schema_version: event.schema_version,
        recorded_at_us: event.recorded_at_us,
        data,
        data_hex,
        metadata,
        metadata_hex,
        leaf_hash: hex(&event.leaf_hash),
    };
    serde_json::to_writer(&mut *into, &line)?;
    into.push(b'\n');
    Ok(())
}

fn as_json_or_hex(bytes: &[u8]) -> (Option<&RawValue>, Option<String>) {
    let raw: Option<&RawValue> = serde_json::from_slice(bytes).ok();
    // A reader takes white space around a value away, `null` for nothing, and a line's end for the line's end.
    let comes_back = |raw: &&RawValue| {
        raw.get().len() == bytes.len() && raw.get() != "null" && !bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
    };
    match raw.filter(comes_back) {
        Some(raw) => (Some(raw), None),
        None => (None, Some(hex(bytes))),
    }
}

/// Reads a line, and answers the event with the log that the line says it is of.
pub(super) fn read(line: &[u8]) -> Result<(LogId, RecordedEvent), String> {
    let line: Line<'_> = serde_json::from_slice(line)
        .map_err(|error| format!("it is no event as `chitra export` writes it: {error}"))?;
    let hash = unhex(&line.leaf_hash).and_then(|hash| hash.try_into().ok());
    let event = RecordedEvent {
        position: line.position,
        stream: line.stream.into_owned(),
        revision: line.revision,
        event_id: line.event_id,
        event_type: line.event_type.into_owned(),
        schema_version: line.schema_version,
        recorded_at_us: line.recorded_at_us,
        data: bytes("data", line.data, line.data_hex)?,
        metadata: bytes("metadata", line.metadata, line.metadata_hex)?,
        leaf_hash: hash.ok_or("leaf_hash: expected 64 hexadecimal digits")?,
    };
    Ok((line.log_id, event))
}

fn bytes(name: &str, raw: Option<&RawValue>, as_hex: Option<String>) -> Result<Vec<u8>, String> {
    match (raw, as_hex) {
        (Some(raw), None) => Ok(raw.get().as_bytes().to_vec()),
        (None, Some(text)) => {
            unhex(&text).ok_or_else(|| format!("{name}_hex: expected hexadecimal digits, two for each byte"))
        }
        (None, None) => Err(format!("{name} is missing")),
        (Some(_), Some(_)) => Err(format!("{name} and {name}_hex cannot both be there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(data: &[u8], metadata: &[u8]) -> RecordedEvent {
        RecordedEvent {
            position: u64::MAX,
            stream: "a\"b\\\u{e9}\u{1}".to_owned(),
            revision: 0,
            event_id: Uuid::from_u128(5),
            event_type: "T".to_owned(),
            schema_version: 1,
            recorded_at_us: i64::MIN,
            data: data.to_vec(),
            metadata: metadata.to_vec(),
            leaf_hash: [0xab; 32],
        }
    }

    fn line(event: &RecordedEvent) -> String {
        let mut bytes = Vec::new();
        write(3, event, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn bytes_come_back_exactly_whatever_they_are() {
        for data in [
            &b"{\"b\":1, \"a\": 1.50e3,\"a\":\"\\u00e9\"}"[..],
            b" {}",
            b"{} ",
            b"{\n}",
            b"[1,\r2]",
            b"null",
            b"",
            b"\xff\x00",
            b"no json",
            "\"\u{2028}\"".as_bytes(),
        ] {
            let event = event(data, b"{}");
            let line = line(&event);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert_eq!(read(line.trim_end_matches('\n').as_bytes()), Ok((3, event)), "{line}");
        }
    }

    #[test]
    fn json_stands_in_the_line_as_json() {
        let line = line(&event(br#"{"amount":5}"#, b"\n"));
        assert!(line.contains(r#""data":{"amount":5},"metadata_hex":"0a""#), "{line}");
    }

    #[test]
    fn a_line_that_is_not_an_event_says_what_is_wrong() {
        let good = line(&event(b"{}", b"{}"));
        for (from, to, says) in [
            ("\"data\":{},", "", "data is missing"),
            ("\"data\":{},", "\"data\":{},\"data_hex\":\"00\",", "cannot both"),
            ("\"data\":{},", "\"data_hex\":\"0\",", "two for each byte"),
            ("abab\"", "ab\"", "64 hexadecimal digits"),
            ("\"revision\":0,", "", "revision"),
            ("\"revision\":0,", "\"revision\":0,\"color\":1,", "color"),
        ] {
            let bad = good.replace(from, to);
            let said = read(bad.as_bytes()).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(data in proptest::collection::vec(any::<u8>(), 0..40), text in "[ -~\\n]{0,12}") {
            for bytes in [data, serde_json::json!({ "t": text }).to_string().into_bytes(), text.into_bytes()] {
                let event = event(&bytes, b"{}");
                prop_assert_eq!(read(line(&event).trim_end_matches('\n').as_bytes()), Ok((3, event)));
            }
        }
    }
}
