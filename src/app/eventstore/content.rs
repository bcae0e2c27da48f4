//! Events of other programs as the log keeps them: always JSON text, so that exports, views and archives read them like ours. What is not
//! JSON, or what PostgreSQL's JSON would not take, is kept as base64, and comes back byte by byte.

use super::RecordedEvent;
use super::derived::is_derived;
use super::rights::is_own;
use crate::store::EventData;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

/// The content type of what is JSON.
pub const JSON: &str = "application/json";
/// Of a link that was not written: its data are no JSON.
const LINK_TEXT: &str = "application/octet-stream";
/// The door that the event came through, in its envelope.
const SOURCE: &str = "event_store";

/// An event as another program proposes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    pub event_id: Uuid,
    pub event_type: String,
    pub content_type: String,
    pub custom_metadata: Vec<u8>,
    pub data: Vec<u8>,
}

/// An event's contents as another program reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub content_type: Cow<'static, str>,
    pub custom_metadata: Vec<u8>,
    pub data: Vec<u8>,
}

/// Who appended when, and under which profile: the same for all events of one append.
#[derive(Debug, Clone)]
pub struct Origin {
    pub occurred_at: String,
    pub actor: String,
    pub correlation_id: Uuid,
    pub config_version: String,
}

/// What stands around an event of another program.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    occurred_at: Cow<'a, str>,
    #[serde(borrow)]
    actor: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    correlation_id: Uuid,
    #[serde(borrow)]
    config_version: Cow<'a, str>,
    #[serde(borrow)]
    content_type: Cow<'a, str>,
    /// The data are a JSON string of base64.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    data_is_base64: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    custom: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    custom_base64: Option<Cow<'a, str>>,
}

/// JSON that every engine takes as such, to be kept as it is: no surrounding blanks, no NUL and no surrogate, of which one may be alone.
fn as_it_is(bytes: &[u8]) -> Option<&RawValue> {
    let raw = serde_json::from_slice::<&RawValue>(bytes).ok()?;
    let is_bare = raw.get().len() == bytes.len();
    let risky = |at: &[u8]| {
        let digits = at.get(2..6).unwrap_or_default();
        at.starts_with(b"\\u")
            && (digits == b"0000" || digits.first().is_some_and(|digit| digit.eq_ignore_ascii_case(&b'd')))
    };
    let plain = !bytes.contains(&b'\\') || !(0..bytes.len()).any(|at| bytes.get(at..).is_some_and(risky));
    (is_bare && plain).then_some(raw)
}

impl Proposed {
    /// The event as the log keeps it.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "plain strings, ids and checked JSON always serialise"
    )]
    pub fn kept(self, origin: &Origin) -> EventData {
        let data_is_json = self.content_type == JSON && as_it_is(&self.data).is_some();
        let custom = as_it_is(&self.custom_metadata);
        let custom_base64 = (custom.is_none() && !self.custom_metadata.is_empty())
            .then(|| Cow::Owned(STANDARD.encode(&self.custom_metadata)));
        let envelope = Envelope {
            occurred_at: Cow::Borrowed(&origin.occurred_at),
            actor: Cow::Borrowed(&origin.actor),
            source: Cow::Borrowed(SOURCE),
            correlation_id: origin.correlation_id,
            config_version: Cow::Borrowed(&origin.config_version),
            content_type: Cow::Borrowed(&self.content_type),
            data_is_base64: !data_is_json,
            custom,
            custom_base64,
        };
        let metadata = serde_json::to_vec(&envelope).expect("an envelope holds only text, ids and JSON");
        let data = if data_is_json { self.data } else { format!("\"{}\"", STANDARD.encode(&self.data)).into_bytes() };
        EventData { event_id: self.event_id, event_type: self.event_type, schema_version: 1, data, metadata }
    }
}

/// An event's contents. Ours are JSON with their envelope as metadata.
#[must_use]
pub fn contents(stream: &str, data: Vec<u8>, metadata: Vec<u8>) -> Contents {
    if is_derived(stream) {
        return Contents { content_type: Cow::Borrowed(LINK_TEXT), custom_metadata: metadata, data };
    }
    let outside = if is_own(stream) { None } else { outside(&metadata) };
    let Some((content_type, custom_metadata, data_is_base64)) = outside else {
        return Contents { content_type: Cow::Borrowed(JSON), custom_metadata: metadata, data };
    };
    let data = if data_is_base64 { unpacked(&data).unwrap_or(data) } else { data };
    Contents { content_type, custom_metadata, data }
}

/// Content type, metadata, and whether the data are base64, of an event that came from another program.
fn outside(metadata: &[u8]) -> Option<(Cow<'static, str>, Vec<u8>, bool)> {
    let envelope: Envelope<'_> = serde_json::from_slice(metadata).ok()?;
    if envelope.source != SOURCE {
        return None;
    }
    let custom_metadata = match (envelope.custom, envelope.custom_base64) {
        (Some(raw), _) => raw.get().as_bytes().to_vec(),
        (None, Some(text)) => STANDARD.decode(text.as_bytes()).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    let is_json = envelope.content_type == JSON;
    let content_type = if is_json { Cow::Borrowed(JSON) } else { Cow::Owned(envelope.content_type.into_owned()) };
    Some((content_type, custom_metadata, envelope.data_is_base64))
}

fn unpacked(data: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(data.strip_prefix(b"\"")?.strip_suffix(b"\"")?).ok()
}

/// The data alone.
#[must_use]
pub fn data_of(event: &RecordedEvent) -> Vec<u8> {
    contents(&event.stream, event.data.clone(), event.metadata.clone()).data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back(content_type: &str, data: &[u8], custom: &[u8]) -> EventData {
        let origin = Origin {
            occurred_at: "2025-03-31T03:00:00Z".to_owned(),
            actor: "0123456789ab".to_owned(),
            correlation_id: Uuid::nil(),
            config_version: "vn \"1\"".to_owned(),
        };
        let proposed = Proposed {
            event_id: Uuid::nil(),
            event_type: "T".to_owned(),
            content_type: content_type.to_owned(),
            custom_metadata: custom.to_vec(),
            data: data.to_vec(),
        };
        let kept = proposed.kept(&origin);
        for text in [&kept.data, &kept.metadata] {
            assert!(serde_json::from_slice::<serde_json::Value>(text).is_ok(), "{}", String::from_utf8_lossy(text));
        }
        let read = contents("free-1", kept.data.clone(), kept.metadata.clone());
        assert_eq!((read.content_type.as_ref(), &*read.custom_metadata, &*read.data), (content_type, custom, data));
        kept
    }

    #[test]
    fn json_is_kept_as_it_is() {
        assert_eq!(comes_back(JSON, b"{\"a\": 1.50}", b"{\"k\":[1]}").data, b"{\"a\": 1.50}");
        comes_back(JSON, b"{}", b"");
    }

    #[test]
    fn what_is_no_json_comes_back_byte_by_byte() {
        comes_back("application/octet-stream", &[0, 255, 1], &[0xfe, 0]);
        comes_back("application/octet-stream", b"{}", b"{}");
        comes_back(JSON, b"not json", b"nor this");
        comes_back(JSON, b"", b"");
        comes_back("application/vnd.x+json; \"q\"", b" {}", b" {} ");
    }

    #[test]
    fn json_that_postgresql_would_not_take_is_not_kept_as_json() {
        for text in ["\"\\u0000\"", "\"\\ud800\"", "\"\\uDFFF\""] {
            assert_ne!(comes_back(JSON, text.as_bytes(), text.as_bytes()).data, text.as_bytes());
        }
        assert_eq!(comes_back(JSON, b"\"\\u00e9\\n\"", b"").data, b"\"\\u00e9\\n\"");
    }

    #[test]
    fn events_of_ours_are_json_with_their_envelope() {
        let read = contents("payment-1", b"{}".to_vec(), b"{\"actor\":\"x\"}".to_vec());
        assert_eq!(
            (&*read.data, &*read.custom_metadata, read.content_type.as_ref()),
            (&b"{}"[..], &b"{\"actor\":\"x\"}"[..], JSON)
        );
    }
}
