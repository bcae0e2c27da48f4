//! The service of the protocol's second version: appends to several streams at once, and its rich errors.

use super::identity;
use super::proto::v2::streams::errors as details;
use super::proto::v2::streams::streams_service_server::StreamsService as Service;
use super::proto::v2::streams::{
    AppendRecord, AppendRecordsRequest, AppendRecordsResponse, AppendRequest, AppendResponse, AppendSessionResponse,
    ConsistencyCheck, SchemaFormat, StreamRevision, consistency_check,
};
use super::server::Doors;
use super::status::{self, invalid};
use crate::app::eventstore::append::Appended;
use crate::app::eventstore::content::{JSON, Proposed};
use crate::app::eventstore::session::{Check, CheckedState, Part, SessionError};
use crate::app::eventstore::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, StreamState, StreamsError, actual_number};
use prost::Message;
use prost_types::value::Kind;
use prost_types::{Any, Value};
use serde_json::{Map, Number};
use std::collections::HashMap;
use std::sync::Arc;
use tonic::{Code, Request, Response, Status, Streaming};
use uuid::Uuid;

/// The content type of what is not JSON.
const BYTES: &str = "application/octet-stream";
/// Package of the errors' details.
const ERRORS: &str = "kurrentdb.protocol.v2.streams.errors";

/// The service, over one log.
pub(super) struct SessionService(pub Arc<Doors>);

/// The usual status with its list of details.
#[derive(Clone, PartialEq, Message)]
struct RichStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[tonic::async_trait]
impl Service for SessionService {
    async fn append_session(
        &self,
        request: Request<Streaming<AppendRequest>>,
    ) -> Result<Response<AppendSessionResponse>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let mut messages = request.into_inner();
        let (mut parts, mut bytes, mut count) = (Vec::<Part>::new(), 0_usize, 0_usize);
        while let Some(AppendRequest { stream, records, expected_revision }) = messages.message().await? {
            bytes += records.iter().map(|record| record.data.len()).sum::<usize>();
            count += records.len();
            if bytes > APPEND_BYTES_MAX || count > APPEND_EVENTS_MAX {
                return Err(rich(&SessionError::TooLarge { size: bytes }));
            }
            let expected = match state(expected_revision.unwrap_or(-2)) {
                Some(CheckedState::Is(expected)) => expected,
                Some(CheckedState::Deleted | CheckedState::Ended) | None => {
                    return Err(invalid("An expected revision is at least 0, or -1, -2 or -4."));
                }
            };
            let events = records.into_iter().map(|record| self.proposed(record)).collect::<Result<_, _>>()?;
            parts.push(part(stream, expected, events)?);
        }
        if parts.is_empty() {
            return Err(Status::failed_precondition("An append session has at least one stream."));
        }
        let places = self.0.app.append_session(&caller, &parts, &[]).await.map_err(|error| rich(&error))?;
        let output = parts.iter().zip(&places).map(|(part, place)| AppendResponse {
            stream: part.stream.clone(),
            stream_revision: actual_number(place.revision),
            position: place.position.map(u64::cast_signed),
        });
        Ok(Response::new(AppendSessionResponse { output: output.collect(), position: position(&places) }))
    }

    async fn append_records(
        &self,
        request: Request<AppendRecordsRequest>,
    ) -> Result<Response<AppendRecordsResponse>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let AppendRecordsRequest { records, checks } = request.into_inner();
        if records.is_empty() || records.len() > APPEND_EVENTS_MAX {
            return Err(invalid("AppendRecords takes 1 to 10000 records."));
        }
        let (mut parts, mut known) = (Vec::<Part>::new(), HashMap::new());
        for mut record in records {
            let stream = std::mem::take(&mut record.stream);
            let event = self.proposed(record)?;
            if let Some(part) = known.get(&stream).and_then(|at: &usize| parts.get_mut(*at)) {
                part.events.push(event);
            } else {
                known.insert(stream.clone(), parts.len());
                parts.push(part(stream, StreamState::Any, vec![event])?);
            }
        }
        let checks = checks.into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
        let places = self.0.app.append_session(&caller, &parts, &checks).await.map_err(|error| rich(&error))?;
        let revisions = parts.iter().zip(&places).map(|(part, place)| StreamRevision {
            stream: part.stream.clone(),
            revision: actual_number(place.revision),
        });
        Ok(Response::new(AppendRecordsResponse { revisions: revisions.collect(), position: position(&places) }))
    }
}

fn position(places: &[Appended]) -> i64 {
    places.iter().filter_map(|place| place.position).max().unwrap_or(0).cast_signed()
}

fn part(stream: String, expected: StreamState, events: Vec<Proposed>) -> Result<Part, Status> {
    if stream.is_empty() || stream.len() > 255 || stream.contains('\0') {
        return Err(invalid("A stream's name has 1 to 255 bytes, none of them zero."));
    }
    if events.is_empty() {
        return Err(invalid("Each stream of an append has at least one record."));
    }
    Ok(Part { stream, expected, events })
}

/// A state as a number of the protocol. Servers have two pairs of numbers for deleted and ended streams.
const fn state(number: i64) -> Option<CheckedState> {
    match number {
        -1 => Some(CheckedState::Is(StreamState::NoStream)),
        -2 => Some(CheckedState::Is(StreamState::Any)),
        -4 => Some(CheckedState::Is(StreamState::StreamExists)),
        -5 | -10 => Some(CheckedState::Deleted),
        -6 | -100 => Some(CheckedState::Ended),
        0.. => Some(CheckedState::Is(StreamState::Revision(number.cast_unsigned()))),
        _ => None,
    }
}

const fn number(state: CheckedState) -> i64 {
    match state {
        CheckedState::Is(state) => state.number(),
        CheckedState::Deleted => -10,
        CheckedState::Ended => -100,
    }
}

fn check(check: ConsistencyCheck) -> Result<Check, Status> {
    let Some(consistency_check::Type::StreamState(asked)) = check.r#type else {
        return Err(invalid("A check names a stream and its state."));
    };
    let expected = state(asked.expected_state).ok_or_else(|| invalid("A check's state is none of the protocol's."))?;
    if asked.stream.is_empty() || asked.stream.len() > 255 || asked.stream.contains('\0') {
        return Err(invalid("A stream's name has 1 to 255 bytes, none of them zero."));
    }
    Ok(Check { stream: asked.stream, expected })
}

impl SessionService {
    /// A record as an event: its properties are the event's metadata.
    fn proposed(&self, record: AppendRecord) -> Result<Proposed, Status> {
        let AppendRecord { record_id, properties, schema, data, .. } = record;
        let event_id = match record_id.as_deref() {
            None | Some("") => self.0.app.clock.opaque_id(),
            Some(text) => Uuid::parse_str(text).map_err(|_| invalid("A record's id is no UUID."))?,
        };
        let schema = schema.ok_or_else(|| invalid("A record lacks its schema: the format and the event's type."))?;
        if schema.name.is_empty() || schema.name.len() > 255 || schema.name.contains('\0') {
            return Err(invalid("An event's type has 1 to 255 bytes, none of them zero."));
        }
        let mut metadata: Map<String, serde_json::Value> =
            properties.into_iter().map(|(key, value)| (key, json(value, 0))).collect();
        let content_type = match SchemaFormat::try_from(schema.format) {
            Ok(SchemaFormat::Json) => JSON,
            Ok(SchemaFormat::Bytes) => BYTES,
            // The event's content type has no word for these.
            Ok(format @ (SchemaFormat::Protobuf | SchemaFormat::Avro)) => {
                metadata.insert("$schema.format".to_owned(), format.as_str_name().into());
                BYTES
            }
            Ok(SchemaFormat::Unspecified) | Err(_) => return Err(invalid("A record's schema has no known format.")),
        };
        if let Some(id) = schema.id {
            metadata.insert("$schema.id".to_owned(), id.into());
        }
        let custom_metadata =
            if metadata.is_empty() { Vec::new() } else { serde_json::Value::Object(metadata).to_string().into_bytes() };
        let content_type = content_type.to_owned();
        Ok(Proposed { event_id, event_type: schema.name, content_type, custom_metadata, data: data.into() })
    }
}

/// How deep a property is kept.
const DEPTH_MAX: usize = 32;

fn json(value: Value, depth: usize) -> serde_json::Value {
    if depth > DEPTH_MAX {
        return serde_json::Value::Null;
    }
    match value.kind {
        None | Some(Kind::NullValue(_)) => serde_json::Value::Null,
        Some(Kind::NumberValue(number)) => {
            Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
        }
        Some(Kind::StringValue(text)) => serde_json::Value::String(text),
        Some(Kind::BoolValue(flag)) => serde_json::Value::Bool(flag),
        Some(Kind::StructValue(members)) => serde_json::Value::Object(
            members.fields.into_iter().map(|(key, value)| (key, json(value, depth + 1))).collect(),
        ),
        Some(Kind::ListValue(list)) => {
            serde_json::Value::Array(list.values.into_iter().map(|value| json(value, depth + 1)).collect())
        }
    }
}

fn small(size: usize) -> i32 {
    i32::try_from(size).unwrap_or(i32::MAX)
}

/// What a refusal looks like: a status with its details.
fn rich(error: &SessionError) -> Status {
    let text = error.to_string();
    match error {
        SessionError::Stream { stream, error } => match error {
            StreamsError::WrongExpectedVersion { expected, actual, .. } => detailed(
                (Code::FailedPrecondition, text),
                "StreamRevisionConflictErrorDetails",
                &details::StreamRevisionConflictErrorDetails {
                    stream: stream.clone(),
                    expected_revision: expected.number(),
                    actual_revision: actual_number(*actual),
                },
            ),
            StreamsError::Deleted { .. } => detailed(
                (Code::FailedPrecondition, text),
                "StreamDeletedErrorDetails",
                &details::StreamDeletedErrorDetails { stream: stream.clone() },
            ),
            error => status::of(error.clone()),
        },
        SessionError::Ended { stream } => detailed(
            (Code::FailedPrecondition, text),
            "StreamTombstonedErrorDetails",
            &details::StreamTombstonedErrorDetails { stream: stream.clone() },
        ),
        SessionError::StreamTwice { stream } => detailed(
            (Code::Aborted, text),
            "StreamAlreadyInAppendSessionErrorDetails",
            &details::StreamAlreadyInAppendSessionErrorDetails { stream: stream.clone() },
        ),
        SessionError::RecordTooLarge { stream, record_id, size, max } => detailed(
            (Code::InvalidArgument, text),
            "AppendRecordSizeExceededErrorDetails",
            &details::AppendRecordSizeExceededErrorDetails {
                stream: stream.clone(),
                record_id: record_id.to_string(),
                size: small(*size),
                max_size: small(*max),
            },
        ),
        SessionError::TooLarge { size } => detailed(
            (Code::Aborted, text),
            "AppendTransactionSizeExceededErrorDetails",
            &details::AppendTransactionSizeExceededErrorDetails {
                size: small(*size),
                max_size: small(APPEND_BYTES_MAX),
            },
        ),
        SessionError::Violated(violations) => {
            let violations = violations.iter().map(|violation| details::ConsistencyViolation {
                check_index: small(violation.index),
                r#type: Some(details::consistency_violation::Type::StreamState(
                    details::consistency_violation::StreamStateViolation {
                        stream: violation.check.stream.clone(),
                        expected_state: number(violation.check.expected),
                        actual_state: number(violation.actual),
                    },
                )),
            });
            detailed(
                (Code::FailedPrecondition, text),
                "AppendConsistencyViolationErrorDetails",
                &details::AppendConsistencyViolationErrorDetails { violations: violations.collect() },
            )
        }
    }
}

fn detailed((code, message): (Code, String), name: &str, detail: &impl Message) -> Status {
    let type_url = format!("type.googleapis.com/{ERRORS}.{name}");
    let details = vec![Any { type_url, value: detail.encode_to_vec() }];
    let rich = RichStatus { code: code.into(), message: message.clone(), details };
    Status::with_details(code, message, rich.encode_to_vec().into())
}
