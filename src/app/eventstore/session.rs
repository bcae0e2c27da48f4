//! Appending to several streams at once: all of it is written, in one transaction, or nothing is. Streams of ours are decided as when they are
//! alone.

use super::append::{Appended, TRIES_MAX, unmoved_but_for};
use super::content::Proposed;
use super::own::{Own, OwnAppend};
use super::rights::{Deed, StreamCaller, described, is_own, metadata_stream};
use super::standing::Standing;
use super::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, StreamState, StreamsError, refusal};
use crate::app::App;
use crate::app::execute::append_error;
use crate::store::{Append, AppendError, EventData, Seen};
use std::collections::HashSet;
use uuid::Uuid;

/// What is to be appended to one stream.
#[derive(Debug, Clone)]
pub struct Part {
    pub stream: String,
    pub expected: StreamState,
    pub events: Vec<Proposed>,
}

/// How a stream must stand for anything to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub stream: String,
    pub expected: CheckedState,
}

/// How a stream stands, or must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckedState {
    Is(StreamState),
    Deleted,
    Ended,
}

/// A check that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which of the checks, from 0.
    pub index: usize,
    pub check: Check,
    pub actual: CheckedState,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    #[error("{error}")]
    Stream { stream: String, error: StreamsError },
    #[error("Event stream '{stream}' has ended for good.")]
    Ended { stream: String },
    #[error("The stream '{stream}' stands twice in this append; send its records together.")]
    StreamTwice { stream: String },
    #[error("The record {record_id} has {size} bytes with its metadata; at most {max} are taken.")]
    RecordTooLarge { stream: String, record_id: Uuid, size: usize, max: usize },
    #[error("One append takes at most {APPEND_EVENTS_MAX} records and {APPEND_BYTES_MAX} bytes.")]
    TooLarge { size: usize },
    #[error("{} of the checks do not hold.", .0.len())]
    Violated(Vec<Violation>),
}

/// What one round of looking and deciding comes to.
#[derive(Default)]
struct Round {
    appends: Vec<Append>,
    /// For each append, what it is of.
    of: Vec<Turn>,
    /// For each part: where it stands, as far as that is known before it is written.
    places: Vec<Option<Appended>>,
}

/// One append of a round.
#[derive(Clone, Copy)]
struct Turn {
    part: usize,
    /// It was decided on the stream as it stood: when the stream moved, it is decided anew.
    is_decided: bool,
    /// It is decided anew when its claim is another's by then.
    settles: bool,
}

impl Round {
    /// All look at how streams stood before any of them: the first looks for all.
    fn push(&mut self, turn: Turn, mut append: Append) {
        if let Some(first) = self.appends.first_mut() {
            append.together = true;
            first.seen.append(&mut append.seen);
        }
        self.appends.push(append);
        self.of.push(turn);
    }
}

impl App {
    /// Appends all parts, or nothing. Answers where each part stands, in their order.
    pub async fn append_session(
        &self,
        caller: &StreamCaller,
        parts: &[Part],
        checks: &[Check],
    ) -> Result<Vec<Appended>, SessionError> {
        check_sizes(parts)?;
        for _ in 0..TRIES_MAX {
            let mut round = Round::default();
            for (number, part) in parts.iter().enumerate() {
                let place = self.prepare_part(caller, (number, part), &mut round).await?;
                round.places.push(place);
            }
            let seen = self.hold_checks(caller, checks).await?;
            let Some(first) = round.appends.first_mut() else {
                return Ok(round.places.into_iter().flatten().collect());
            };
            first.seen.extend(seen);
            if let Some(places) = self.write(round, parts).await? {
                return Ok(places);
            }
        }
        let stream = parts.first().map(|part| part.stream.clone()).unwrap_or_default();
        Err(SessionError::Stream { stream: stream.clone(), error: StreamsError::Contended { stream } })
    }

    /// What a part would write as its stream stands now; where it stands, if nothing is to be written.
    async fn prepare_part(
        &self,
        caller: &StreamCaller,
        (number, part): (usize, &Part),
        round: &mut Round,
    ) -> Result<Option<Appended>, SessionError> {
        let of_stream = |error| SessionError::Stream { stream: part.stream.clone(), error };
        let turn = Turn { part: number, is_decided: false, settles: false };
        if is_own(&part.stream) {
            let own = self.prepare_own(caller, (&part.stream, part.expected), &part.events).await;
            match own.map_err(of_stream)? {
                Own::Unchanged(place) => return Ok(Some(place)),
                Own::Repeated(_, append) => round.push(turn, *append),
                Own::New(new) => {
                    let OwnAppend { append, settles } = *new;
                    round.push(Turn { is_decided: true, settles, ..turn }, append);
                }
            }
            return Ok(None);
        }
        caller.check_writer(&part.stream).map_err(of_stream)?;
        let events = self.kept(caller, part.events.clone()).map_err(|error| match error {
            StreamsError::EventTooLarge { event_id, bytes } => SessionError::RecordTooLarge {
                stream: part.stream.clone(),
                record_id: event_id,
                size: bytes,
                max: super::EVENT_BYTES_MAX,
            },
            error => of_stream(error),
        })?;
        let standing = self.standing_to_append(&part.stream).await.map_err(|error| of_stream(error.into()))?;
        let deed = if described(&part.stream).is_some() { Deed::WriteMetadata } else { Deed::Write };
        standing.check(caller, deed).map_err(of_stream)?;
        if standing.has_ended() {
            return Err(SessionError::Ended { stream: part.stream.clone() });
        }
        if !standing.is_deleted() {
            let (expected, seen) = unmoved_but_for(&standing, part.expected);
            round.push(turn, Append { seen, ..Append::events(&part.stream, expected, events) });
            return Ok(None);
        }
        self.prepare_deleted(caller, (turn, part, events), &standing, round).map(|()| None)
    }

    /// A deleted stream goes on where it ended, and shows what is appended from then on.
    fn prepare_deleted(
        &self,
        caller: &StreamCaller,
        (turn, part, events): (Turn, &Part, Vec<EventData>),
        standing: &Standing,
        round: &mut Round,
    ) -> Result<(), SessionError> {
        let last = standing.revision();
        let goes_on = match part.expected {
            StreamState::Any | StreamState::NoStream => true,
            StreamState::StreamExists => {
                let error = StreamsError::Deleted { stream: part.stream.clone() };
                return Err(SessionError::Stream { stream: part.stream.clone(), error });
            }
            StreamState::Revision(revision) => Some(revision) == last,
        };
        if !goes_on {
            // Perhaps it is a repeat.
            round.push(turn, Append::events(&part.stream, part.expected, events));
            return Ok(());
        }
        let shown = self.metadata_event(caller, standing.metadata.shown_from(last.map_or(0, |last| last + 1)));
        let seen = standing.metadata_seen();
        let described_at = seen.last.map_or(StreamState::NoStream, StreamState::Revision);
        let wanted = last.map_or(StreamState::NoStream, StreamState::Revision);
        let turn = Turn { is_decided: true, ..turn };
        round.push(turn, Append { seen: vec![seen], ..Append::events(&part.stream, wanted, events) });
        round.push(turn, Append::events(metadata_stream(&part.stream), described_at, vec![shown]));
        Ok(())
    }

    /// Holds the checks against the streams as they stand. What must not move until it is written.
    async fn hold_checks(&self, caller: &StreamCaller, checks: &[Check]) -> Result<Vec<Seen>, SessionError> {
        let (mut seen, mut violations) = (Vec::new(), Vec::new());
        for (index, check) in checks.iter().enumerate() {
            let of_stream = |error| SessionError::Stream { stream: check.stream.clone(), error };
            caller.check_reader().map_err(of_stream)?;
            let standing = self.standing(&check.stream).await.map_err(|error| of_stream(error.into()))?;
            standing.check(caller, Deed::Read).map_err(of_stream)?;
            if !holds(&standing, check.expected) {
                violations.push(Violation { index, check: check.clone(), actual: actual(&standing) });
            }
            seen.push(Seen { stream: check.stream.clone(), last: standing.revision() });
            if !is_own(&check.stream) && described(&check.stream).is_none() {
                seen.push(standing.metadata_seen());
            }
        }
        if violations.is_empty() { Ok(seen) } else { Err(SessionError::Violated(violations)) }
    }

    /// Writes a round; `None` when others were quicker and it is to be looked at anew.
    async fn write(&self, round: Round, parts: &[Part]) -> Result<Option<Vec<Appended>>, SessionError> {
        let Round { appends, of, mut places } = round;
        let answers = self.store.append_batch(appends).await;
        for (answer, turn) in answers.into_iter().zip(of) {
            let Some(part) = parts.get(turn.part) else { continue };
            match answer {
                Ok(written) => {
                    // The second append of a part is to its metadata.
                    if let Some(place) = places.get_mut(turn.part) {
                        place.get_or_insert(written.into());
                    }
                }
                Err(AppendError::SeenMoved { .. }) => return Ok(None),
                Err(AppendError::WrongExpectedVersion { .. }) if turn.is_decided => return Ok(None),
                Err(AppendError::ClaimTaken { .. }) if turn.settles => return Ok(None),
                // Of another append in it the reason is told.
                Err(AppendError::BeforeRefused) => {}
                Err(error @ AppendError::ClaimTaken { .. }) => {
                    return Err(SessionError::Stream {
                        stream: part.stream.clone(),
                        error: append_error(error).into(),
                    });
                }
                Err(error) => {
                    let ended = matches!(error, AppendError::WrongExpectedVersion { .. })
                        && self.standing(&part.stream).await.is_ok_and(|standing| standing.has_ended());
                    return Err(if ended {
                        SessionError::Ended { stream: part.stream.clone() }
                    } else {
                        let error = refusal(error, part.expected, &part.stream);
                        SessionError::Stream { stream: part.stream.clone(), error }
                    });
                }
            }
        }
        Ok(Some(places.into_iter().flatten().collect()))
    }
}

/// Sizes of all parts together.
fn check_sizes(parts: &[Part]) -> Result<(), SessionError> {
    let mut streams = HashSet::with_capacity(parts.len());
    if let Some(twice) = parts.iter().find(|part| !streams.insert(part.stream.as_str())) {
        return Err(SessionError::StreamTwice { stream: twice.stream.clone() });
    }
    let events = || parts.iter().flat_map(|part| &part.events);
    let size = events().map(|event| event.data.len() + event.custom_metadata.len()).sum();
    if size > APPEND_BYTES_MAX || events().count() > APPEND_EVENTS_MAX {
        return Err(SessionError::TooLarge { size });
    }
    Ok(())
}

/// Whether a stream stands as expected. A deleted stream can be begun anew; one that ended is nothing any more.
fn holds(standing: &Standing, expected: CheckedState) -> bool {
    let (ended, deleted, revision) = (standing.has_ended(), standing.is_deleted(), standing.revision());
    match expected {
        CheckedState::Ended => ended,
        _ if ended => false,
        CheckedState::Deleted => deleted,
        CheckedState::Is(StreamState::Any) => true,
        CheckedState::Is(StreamState::NoStream) => revision.is_none() || deleted,
        CheckedState::Is(StreamState::StreamExists) => revision.is_some() && !deleted,
        CheckedState::Is(StreamState::Revision(expected)) => revision == Some(expected),
    }
}

fn actual(standing: &Standing) -> CheckedState {
    match standing.revision() {
        _ if standing.has_ended() => CheckedState::Ended,
        _ if standing.is_deleted() => CheckedState::Deleted,
        Some(revision) => CheckedState::Is(StreamState::Revision(revision)),
        None => CheckedState::Is(StreamState::NoStream),
    }
}
