//! Append: the options, then the events of one append.

use super::convert::{expected, proposed, read_id, read_name};
use super::proto::client::Empty;
use super::proto::client::streams::append_req::{self, options::ExpectedStreamRevision};
use super::proto::client::streams::append_resp::wrong_expected_version::{
    CurrentRevisionOption, CurrentRevisionOption2060, ExpectedRevisionOption, ExpectedRevisionOption2060,
};
use super::proto::client::streams::append_resp::{self, Position, Success, WrongExpectedVersion, success};
use super::proto::client::streams::{AppendReq, AppendResp};
use super::server::Doors;
use super::status::{self, invalid};
use crate::app::eventstore::append::Appended;
use crate::app::eventstore::rights::StreamCaller;
use crate::app::eventstore::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, StreamState, StreamsError};
use tonic::{Status, Streaming};

/// Takes the events and appends them. A stream that is elsewhere is an answer, not an error.
pub(super) async fn append(
    doors: &Doors,
    caller: StreamCaller,
    mut messages: Streaming<AppendReq>,
) -> Result<AppendResp, Status> {
    let first = messages.message().await?.and_then(|message| message.content);
    let Some(append_req::Content::Options(options)) = first else {
        return Err(invalid("The first message of an append has its options."));
    };
    let stream = read_name(options.stream_identifier.as_ref())?;
    let expected = expected!(ExpectedStreamRevision, options.expected_stream_revision)?;
    let (mut events, mut bytes) = (Vec::new(), 0_usize);
    while let Some(message) = messages.message().await? {
        let Some(append_req::Content::ProposedMessage(message)) = message.content else {
            return Err(invalid("All messages of an append but the first have an event."));
        };
        bytes = bytes.saturating_add(message.data.len() + message.custom_metadata.len());
        if bytes > APPEND_BYTES_MAX || events.len() >= APPEND_EVENTS_MAX {
            return Err(status::of(StreamsError::AppendTooLarge));
        }
        let id = read_id(message.id.as_ref())?;
        events.push(proposed(id, message.metadata, (message.custom_metadata, message.data))?);
    }
    let result = match doors.app.append_events(&caller, (&stream, expected), events).await {
        Ok(appended) => append_resp::Result::Success(success(appended)),
        Err(StreamsError::WrongExpectedVersion { expected, actual, .. }) => {
            append_resp::Result::WrongExpectedVersion(wrong(expected, actual))
        }
        Err(error) => return Err(status::of(error)),
    };
    Ok(AppendResp { result: Some(result) })
}

const fn success(appended: Appended) -> Success {
    let current_revision_option = Some(match appended.revision {
        Some(revision) => success::CurrentRevisionOption::CurrentRevision(revision),
        None => success::CurrentRevisionOption::NoStream(Empty {}),
    });
    let position_option = Some(match appended.position {
        Some(position) => {
            success::PositionOption::Position(Position { commit_position: position, prepare_position: position })
        }
        None => success::PositionOption::NoPosition(Empty {}),
    });
    Success { current_revision_option, position_option }
}

const fn wrong(expected: StreamState, actual: Option<u64>) -> WrongExpectedVersion {
    let (current, current_old) = match actual {
        Some(actual) => {
            (CurrentRevisionOption::CurrentRevision(actual), CurrentRevisionOption2060::CurrentRevision2060(actual))
        }
        None => (CurrentRevisionOption::CurrentNoStream(Empty {}), CurrentRevisionOption2060::NoStream2060(Empty {})),
    };
    let (expected, expected_old) = match expected {
        StreamState::Revision(revision) => (
            ExpectedRevisionOption::ExpectedRevision(revision),
            Some(ExpectedRevisionOption2060::ExpectedRevision2060(revision)),
        ),
        StreamState::Any => {
            (ExpectedRevisionOption::ExpectedAny(Empty {}), Some(ExpectedRevisionOption2060::Any2060(Empty {})))
        }
        StreamState::StreamExists => (
            ExpectedRevisionOption::ExpectedStreamExists(Empty {}),
            Some(ExpectedRevisionOption2060::StreamExists2060(Empty {})),
        ),
        // The old form has no word for it.
        StreamState::NoStream => (ExpectedRevisionOption::ExpectedNoStream(Empty {}), None),
    };
    WrongExpectedVersion {
        current_revision_option: Some(current),
        current_revision_option_20_6_0: Some(current_old),
        expected_revision_option: Some(expected),
        expected_revision_option_20_6_0: expected_old,
    }
}
