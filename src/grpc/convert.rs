//! Ids, names, expectations and events between the protocol's messages and ours.

use super::proto::client::streams::read_resp::ReadEvent;
use super::proto::client::streams::read_resp::read_event::{Position, RecordedEvent as Shown};
use super::proto::client::{StreamIdentifier, Uuid as Id, uuid};
use super::status::{invalid, with};
use crate::app::eventstore::RecordedEvent;
use crate::app::eventstore::content::{Proposed, contents};
use ::uuid::Uuid;
use prost::bytes::Bytes;
use std::collections::BTreeMap;
use tonic::Status;

/// The form of ids that a reader asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdForm {
    Structured,
    Text,
}

/// An id in the reader's form.
pub(super) fn id(id: Uuid, form: IdForm) -> Id {
    let value = match form {
        IdForm::Text => uuid::Value::String(id.to_string()),
        IdForm::Structured => {
            let (most, least) = id.as_u64_pair();
            uuid::Value::Structured(uuid::Structured {
                most_significant_bits: most.cast_signed(),
                least_significant_bits: least.cast_signed(),
            })
        }
    };
    Id { value: Some(value) }
}

/// Reads an id in either form.
pub(super) fn read_id(id: Option<&Id>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.value.as_ref()) {
        Some(uuid::Value::Structured(pair)) => Ok(Uuid::from_u64_pair(
            pair.most_significant_bits.cast_unsigned(),
            pair.least_significant_bits.cast_unsigned(),
        )),
        Some(uuid::Value::String(text)) => Uuid::parse_str(text).map_err(|_| invalid("An id is no UUID.")),
        None => Err(invalid("An id is missing.")),
    }
}

/// A stream's name.
pub(super) fn name(stream: &str) -> StreamIdentifier {
    StreamIdentifier { stream_name: Bytes::copy_from_slice(stream.as_bytes()) }
}

/// Reads a stream's name.
pub(super) fn read_name(stream: Option<&StreamIdentifier>) -> Result<String, Status> {
    let bytes = stream.map(|stream| stream.stream_name.as_ref()).unwrap_or_default();
    let name = std::str::from_utf8(bytes).map_err(|_| invalid("A stream's name is UTF-8."))?;
    if name.is_empty() || name.len() > 255 || name.contains('\0') {
        return Err(invalid("A stream's name has 1 to 255 bytes, none of them zero."));
    }
    Ok(name.to_owned())
}

/// What a writer expects, out of any of the protocol's forms of it.
macro_rules! expected {
    ($($form:ident)::+, $option:expr) => {{
        use $($form)::+ as Form;
        match $option {
            Some(Form::Revision(revision)) => Ok(StreamState::Revision(revision)),
            Some(Form::NoStream(_)) => Ok(StreamState::NoStream),
            Some(Form::Any(_)) => Ok(StreamState::Any),
            Some(Form::StreamExists(_)) => Ok(StreamState::StreamExists),
            None => Err($crate::grpc::status::invalid("What is expected of the stream is missing.")),
        }
    }};
}
pub(super) use expected;

/// An event that is to be appended.
pub(super) fn proposed(
    event_id: Uuid,
    mut metadata: BTreeMap<String, String>,
    (custom_metadata, data): (Bytes, Bytes),
) -> Result<Proposed, Status> {
    let mut property = |key: &str| {
        metadata.remove(key).ok_or_else(|| {
            with(
                invalid(&format!("The event's metadata lack `{key}`.")),
                &[
                    ("exception", "missing-required-metadata-property".to_owned()),
                    ("required-metadata-properties", key.to_owned()),
                ],
            )
        })
    };
    let (event_type, content_type) = (property("type")?, property("content-type")?);
    if event_type.is_empty() || event_type.len() > 255 || event_type.contains('\0') {
        return Err(invalid("An event's type has 1 to 255 bytes, none of them zero."));
    }
    if content_type.len() > 255 {
        return Err(invalid("An event's content type has at most 255 bytes."));
    }
    Ok(Proposed { event_id, event_type, content_type, custom_metadata: custom_metadata.into(), data: data.into() })
}

/// An event as a reader sees it.
pub(super) fn shown(event: RecordedEvent, form: IdForm) -> Shown {
    let contents = contents(&event.stream, event.data, event.metadata);
    // Hundreds of nanoseconds since the Unix epoch.
    let created = event.recorded_at_us.saturating_mul(10);
    let metadata = [
        ("type".to_owned(), event.event_type),
        ("content-type".to_owned(), contents.content_type.into_owned()),
        ("created".to_owned(), created.to_string()),
    ];
    Shown {
        id: Some(id(event.event_id, form)),
        stream_identifier: Some(StreamIdentifier { stream_name: Bytes::from(event.stream) }),
        stream_revision: event.revision,
        prepare_position: event.position,
        commit_position: event.position,
        metadata: metadata.into_iter().collect(),
        custom_metadata: contents.custom_metadata.into(),
        data: contents.data.into(),
    }
}

/// An event that was read, and the link that led to it.
pub(super) fn read_event(event: Option<RecordedEvent>, link: Option<RecordedEvent>, form: IdForm) -> ReadEvent {
    let position = link.as_ref().or(event.as_ref()).map(|event| Position::CommitPosition(event.position));
    ReadEvent { event: event.map(|event| shown(event, form)), link: link.map(|link| shown(link, form)), position }
}
