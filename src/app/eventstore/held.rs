//! Events that were sent, held against those that the stream has, and against those that the rules make.

use super::append::Appended;
use super::domain::Asked;
use super::refusal::Refusal;
use super::{RecordedEvent, StreamState, StreamsError, strict};
use crate::domain::codec::Encoded;
use crate::domain::decision::QuarantineCause;
use serde_json::Value;
use uuid::Uuid;

/// One event that was read.
pub(super) struct Sent {
    pub id: Uuid,
    pub encoded: Encoded,
    pub asked: Asked,
}

fn value(data: &[u8]) -> Value {
    serde_json::from_slice(data).unwrap_or_default()
}

/// Whether the rules make the event that was sent.
pub(super) fn differs(sent: &Encoded, made: &Encoded) -> Result<(), Refusal> {
    if sent.event_type != made.event_type {
        if made.event_type == "PaymentContradicted" {
            let reason = "another amount was ordered: append PaymentContradicted to record the report, which then waits for a person";
            return Err(Refusal::new(QuarantineCause::Contradicted.code(), reason));
        }
        let reason = format!("the rules make {} of this as the stream stands; append that", made.event_type);
        return Err(Refusal::new("event-differs", reason));
    }
    match strict::difference(&value(&sent.data), &value(&made.data), "") {
        None => Ok(()),
        Some((pointer, value)) => {
            let reason = format!("the rules have {value} at {pointer} of {}", made.event_type);
            Err(Refusal::new("event-differs", reason))
        }
    }
}

/// Where events stand that are all there, by the protocol's rules of what was expected; `None` when they are new.
pub(super) fn stands(
    stream: &str,
    recorded: &[RecordedEvent],
    expected: StreamState,
    sent: &[Sent],
) -> Result<Option<Appended>, StreamsError> {
    let actual = recorded.last().map(|last| last.revision);
    let wrong = || StreamsError::WrongExpectedVersion { stream: stream.to_owned(), expected, actual };
    let place = |sent: &Sent| recorded.iter().find(|event| event.event_id == sent.id);
    let held: Vec<&RecordedEvent> = sent.iter().filter_map(place).collect();
    let first = match (expected, actual) {
        (StreamState::Any | StreamState::NoStream, None) => return Ok(None),
        (StreamState::StreamExists | StreamState::Revision(_), None) => return Err(wrong()),
        (StreamState::Any | StreamState::StreamExists, Some(_)) => None,
        (StreamState::Revision(expected), Some(actual)) if expected == actual => {
            return if held.is_empty() { Ok(None) } else { Err(wrong()) };
        }
        (StreamState::Revision(expected), Some(actual)) if expected > actual => return Err(wrong()),
        (StreamState::Revision(expected), Some(_)) => Some(expected.saturating_add(1)),
        (StreamState::NoStream, Some(_)) => Some(0),
    };
    if held.is_empty() {
        return if first.is_none() { Ok(None) } else { Err(wrong()) };
    }
    let in_order = first.is_none_or(|first| held.iter().zip(first..).all(|(event, at)| event.revision == at));
    if held.len() < sent.len() || !in_order {
        return Err(if in_order { StreamsError::PartlyRecorded { stream: stream.to_owned() } } else { wrong() });
    }
    let same = |(sent, event): (&Sent, &&RecordedEvent)| {
        sent.encoded.event_type == event.event_type && value(&sent.encoded.data) == value(&event.data)
    };
    if !sent.iter().zip(&held).all(same) {
        let reason = "the stream holds an event of this id with other contents";
        return Err(Refusal::new("idempotency-key-reused", reason).into());
    }
    let last = held.iter().max_by_key(|event| event.revision);
    Ok(last.map(|last| Appended { revision: Some(last.revision), position: Some(last.position) }))
}
