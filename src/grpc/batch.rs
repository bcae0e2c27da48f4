//! `BatchAppend`: parts of batches come, each batch is answered once when its last part is there, in the order in which they end.

use super::convert::{name, proposed, read_id, read_name};
use super::proto::client;
use super::proto::client::streams::batch_append_req::Options;
use super::proto::client::streams::batch_append_req::options::{DeadlineOption, ExpectedStreamPosition as Asked};
use super::proto::client::streams::batch_append_resp::{self, ExpectedStreamPosition, Success, success};
use super::proto::client::streams::{BatchAppendReq, BatchAppendResp};
use super::proto::rpc;
use super::server::Doors;
use super::status::{self, invalid};
use crate::app::eventstore::append::Appended;
use crate::app::eventstore::content::Proposed;
use crate::app::eventstore::rights::StreamCaller;
use crate::app::eventstore::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, EVENT_BYTES_MAX, StreamState, StreamsError};
use futures_util::{Stream, stream};
use prost::Message;
use prost_types::Any;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

/// The answers, in the order in which batches end.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<BatchAppendResp, Status>> + Send>>;

/// Batches of one call that have begun and not ended.
const OPEN_MAX: usize = 100;
/// The longest that one batch waits, whatever its deadline says.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// A batch that has begun.
struct Batch {
    options: Options,
    stream: String,
    expected: StreamState,
    events: Vec<Proposed>,
    bytes: usize,
    /// What is wrong with it; told when it ends.
    refused: Option<StreamsError>,
}

struct Call {
    doors: Arc<Doors>,
    caller: StreamCaller,
    messages: Streaming<BatchAppendReq>,
    open: HashMap<Uuid, Batch>,
    is_over: bool,
}

/// Answers a call's batches.
pub(super) fn answers(doors: &Arc<Doors>, caller: StreamCaller, messages: Streaming<BatchAppendReq>) -> Answers {
    let call = Call { doors: Arc::clone(doors), caller, messages, open: HashMap::new(), is_over: false };
    Box::pin(stream::unfold(call, |mut call| async move {
        if call.is_over {
            return None;
        }
        match call.next().await {
            Ok(Some(answer)) => Some((Ok(answer), call)),
            Ok(None) => None,
            Err(status) => {
                call.is_over = true;
                Some((Err(status), call))
            }
        }
    }))
}

impl Call {
    async fn next(&mut self) -> Result<Option<BatchAppendResp>, Status> {
        while let Some(part) = self.messages.message().await? {
            let correlation = part.correlation_id.clone();
            let id = read_id(correlation.as_ref())?;
            let is_final = part.is_final;
            self.take(id, part)?;
            if is_final && let Some(batch) = self.open.remove(&id) {
                return Ok(Some(self.finish(batch, correlation).await));
            }
        }
        Ok(None)
    }

    fn take(&mut self, id: Uuid, part: BatchAppendReq) -> Result<(), Status> {
        let bytes_open: usize = self.open.values().map(|batch| batch.bytes).sum();
        let batch = match self.open.entry(id) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let options = part.options.ok_or_else(|| invalid("The first part of a batch has its options."))?;
                entry.insert(Batch::begin(options)?)
            }
        };
        for message in part.proposed_messages {
            let bytes = message.data.len() + message.custom_metadata.len();
            batch.bytes = batch.bytes.saturating_add(bytes);
            if batch.bytes > APPEND_BYTES_MAX || batch.events.len() >= APPEND_EVENTS_MAX {
                batch.refused = Some(StreamsError::AppendTooLarge);
                batch.events = Vec::new();
            }
            if batch.refused.is_some() {
                continue;
            }
            let event_id = read_id(message.id.as_ref());
            let event = event_id.and_then(|id| proposed(id, message.metadata, (message.custom_metadata, message.data)));
            match event {
                Ok(event) => batch.events.push(event),
                Err(status) => batch.refused = Some(StreamsError::Invalid(status.message().to_owned())),
            }
        }
        if self.open.len() > OPEN_MAX || bytes_open > 2 * APPEND_BYTES_MAX {
            return Err(Status::resource_exhausted("Too many batches have begun and not ended; end some first."));
        }
        Ok(())
    }

    async fn finish(&self, batch: Batch, correlation_id: Option<client::Uuid>) -> BatchAppendResp {
        let Batch { options, stream, expected, events, refused, .. } = batch;
        let result = match (refused, wait(&options, self.doors.app.clock.now_us())) {
            (Some(error), _) => refusal(&error),
            (None, None) => timeout(),
            (None, Some(wait)) => {
                let append = self.doors.app.append_events(&self.caller, (&stream, expected), events);
                match tokio::time::timeout(wait, append).await {
                    Ok(Ok(appended)) => batch_append_resp::Result::Success(success(appended)),
                    Ok(Err(error)) => refusal(&error),
                    Err(_) => timeout(),
                }
            }
        };
        let expected_stream_position = options.expected_stream_position.map(|asked| match asked {
            Asked::StreamPosition(revision) => ExpectedStreamPosition::StreamPosition(revision),
            Asked::NoStream(()) => ExpectedStreamPosition::NoStream(()),
            Asked::Any(()) => ExpectedStreamPosition::Any(()),
            Asked::StreamExists(()) => ExpectedStreamPosition::StreamExists(()),
        });
        BatchAppendResp {
            correlation_id,
            stream_identifier: Some(name(&stream)),
            result: Some(result),
            expected_stream_position,
        }
    }
}

impl Batch {
    fn begin(options: Options) -> Result<Self, Status> {
        let stream = read_name(options.stream_identifier.as_ref())?;
        let expected = match &options.expected_stream_position {
            Some(Asked::StreamPosition(revision)) => StreamState::Revision(*revision),
            Some(Asked::NoStream(())) => StreamState::NoStream,
            Some(Asked::Any(())) => StreamState::Any,
            Some(Asked::StreamExists(())) => StreamState::StreamExists,
            None => return Err(invalid("What is expected of the stream is missing.")),
        };
        Ok(Self { options, stream, expected, events: Vec::new(), bytes: 0, refused: None })
    }
}

/// How long a batch may wait; `None` when its time is over. Clients that mean "no limit" send the largest numbers.
fn wait(options: &Options, now_us: i64) -> Option<Duration> {
    let left_us = match &options.deadline_option {
        None => return Some(WAIT_MAX),
        Some(DeadlineOption::Deadline(left)) => micros(left.seconds, left.nanos),
        Some(DeadlineOption::Deadline21100(until)) => micros(until.seconds, until.nanos).saturating_sub(now_us),
    };
    let left = u64::try_from(left_us).ok().filter(|left| *left > 0)?;
    Some(Duration::from_micros(left).min(WAIT_MAX))
}

fn micros(seconds: i64, nanos: i32) -> i64 {
    seconds.saturating_mul(1_000_000).saturating_add(i64::from(nanos) / 1000)
}

const fn success(appended: Appended) -> Success {
    let current_revision_option = Some(match appended.revision {
        Some(revision) => success::CurrentRevisionOption::CurrentRevision(revision),
        None => success::CurrentRevisionOption::NoStream(()),
    });
    let position_option = Some(match appended.position {
        Some(position) => success::PositionOption::Position(client::AllStreamPosition {
            commit_position: position,
            prepare_position: position,
        }),
        None => success::PositionOption::NoPosition(()),
    });
    Success { current_revision_option, position_option }
}

fn timeout() -> batch_append_resp::Result {
    error(Code::DeadlineExceeded, "The batch's time is over.", ("Timeout", &client::Timeout {}))
}

/// A refusal as a status with one detail.
fn refusal(refused: &StreamsError) -> batch_append_resp::Result {
    let text = refused.to_string();
    match refused {
        StreamsError::WrongExpectedVersion { expected, actual, .. } => {
            error(Code::AlreadyExists, &text, ("WrongExpectedVersion", &wrong(*expected, *actual)))
        }
        StreamsError::Deleted { stream } => {
            let deleted = client::StreamDeleted { stream_identifier: Some(name(stream)) };
            error(Code::FailedPrecondition, &text, ("StreamDeleted", &deleted))
        }
        StreamsError::AccessDenied(_) | StreamsError::Refused { .. } => {
            error(Code::PermissionDenied, &text, ("AccessDenied", &client::AccessDenied {}))
        }
        StreamsError::EventTooLarge { event_id, bytes } => {
            let detail = client::MaximumAppendEventSizeExceeded {
                event_id: event_id.to_string(),
                proposed_event_size: u32::try_from(*bytes).unwrap_or(u32::MAX),
                max_append_event_size: u32::try_from(EVENT_BYTES_MAX).unwrap_or(u32::MAX),
            };
            error(Code::InvalidArgument, &text, ("MaximumAppendEventSizeExceeded", &detail))
        }
        StreamsError::AppendTooLarge => {
            let max_append_size = u32::try_from(APPEND_BYTES_MAX).unwrap_or(u32::MAX);
            error(
                Code::InvalidArgument,
                &text,
                ("MaximumAppendSizeExceeded", &client::MaximumAppendSizeExceeded { max_append_size }),
            )
        }
        StreamsError::Invalid(_) | StreamsError::PartlyRecorded { .. } => {
            error(Code::InvalidArgument, &text, ("BadRequest", &client::BadRequest { message: text.clone() }))
        }
        StreamsError::Contended { .. } => error(Code::Aborted, &text, ("Unknown", &client::Unknown {})),
        StreamsError::Store(failed) => {
            let told = status::of(StreamsError::Store(failed.clone()));
            error(told.code(), told.message(), ("Unknown", &client::Unknown {}))
        }
    }
}

const fn wrong(expected: StreamState, actual: Option<u64>) -> client::WrongExpectedVersion {
    use client::wrong_expected_version::{
        CurrentStreamRevisionOption as Current, ExpectedStreamPositionOption as Form,
    };
    let current = match actual {
        Some(actual) => Current::CurrentStreamRevision(actual),
        None => Current::CurrentNoStream(()),
    };
    let expected = match expected {
        StreamState::Revision(revision) => Form::ExpectedStreamPosition(revision),
        StreamState::NoStream => Form::ExpectedNoStream(()),
        StreamState::Any => Form::ExpectedAny(()),
        StreamState::StreamExists => Form::ExpectedStreamExists(()),
    };
    client::WrongExpectedVersion {
        current_stream_revision_option: Some(current),
        expected_stream_position_option: Some(expected),
    }
}

fn error<M: Message>(code: Code, text: &str, (name, detail): (&str, &M)) -> batch_append_resp::Result {
    let details =
        Some(Any { type_url: format!("type.googleapis.com/event_store.client.{name}"), value: detail.encode_to_vec() });
    batch_append_resp::Result::Error(rpc::Status { code: code as i32, message: text.to_owned(), details })
}
