//! Judges the appends of one batch against what the log holds and against each other. Pure: no SQL, no async, no clock.

use super::{Append, AppendError, EventData, RecordedRequest, StreamState, VaultRow, WriteResult};
use crate::domain::claims::ClaimChange;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Data and metadata of one event together, in bytes.
pub(super) const EVENT_BYTES_MAX: usize = 1024 * 1024;
/// A stream's name, in bytes. The type of an event has the same limit.
pub(super) const NAME_BYTES_MAX: usize = 255;
/// Events in one append.
pub(super) const EVENTS_PER_APPEND_MAX: usize = 10_000;
/// An idempotency key or the name of its caller, and a claim's key, in bytes.
pub(super) const KEY_BYTES_MAX: usize = 1024;

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub revision: u64,
    pub position: u64,
    pub recorded_at_us: i64,
}

/// Who holds a claim: before the batch, and as of the append that is being judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Holder<'a> {
    pub before: Option<String>,
    pub now: Option<Cow<'a, str>>,
}

/// All that the log knows about what a batch touches. Borrowed keys are those of the appends.
#[derive(Debug, Clone, Default)]
pub(super) struct Known<'a> {
    /// The last revision of each stream that exists.
    pub streams: HashMap<&'a str, u64>,
    /// Those of the batch's event ids that their stream holds.
    pub events: HashMap<(&'a str, Uuid), Place>,
    /// Each claim that the batch changes, held or not.
    pub claims: HashMap<(&'static str, &'a [u8]), Holder<'a>>,
    /// Those of the batch's requests that are recorded.
    pub requests: HashMap<(&'a str, &'a str), RecordedRequest>,
    /// Those of the batch's new vault keys and records that are there already.
    pub vault: HashSet<VaultId>,
}

/// What a vault row is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum VaultId {
    Subject(Uuid),
    Record(Uuid),
}

impl VaultId {
    pub const fn of(row: &VaultRow) -> Self {
        match row {
            VaultRow::Key { subject, .. } => Self::Subject(*subject),
            VaultRow::Record { record_ref, .. } => Self::Record(*record_ref),
        }
    }
}

/// Judges one append after the other; an accepted one counts for those after it.
#[derive(Debug, Clone)]
pub(super) struct Judge<'a> {
    known: Known<'a>,
    /// Position that the next accepted event gets.
    next_position: u64,
    recorded_at_us: i64,
}

impl<'a> Judge<'a> {
    pub const fn new(known: Known<'a>, next_position: u64, recorded_at_us: i64) -> Self {
        Self { known, next_position, recorded_at_us }
    }

    /// Gives back what is known after the batch, for the claims to be written.
    pub fn into_known(self) -> Known<'a> {
        self.known
    }

    /// Judges one append. `already_recorded` in the answer means that nothing is to be written for it.
    pub fn judge(&mut self, append: &'a Append) -> Result<WriteResult, AppendError> {
        if let Some(request) = &append.request
            && let Some(recorded) =
                self.known.requests.get(&(request.caller.as_str(), request.idempotency_key.as_str()))
        {
            return Err(AppendError::RequestRecorded(Box::new(recorded.clone())));
        }
        if let Some(place) = self.version(append)? {
            return Ok(place);
        }
        if let Some(moved) =
            append.seen.iter().find(|seen| self.known.streams.get(seen.stream.as_str()).copied() != seen.last)
        {
            return Err(AppendError::SeenMoved { stream: moved.stream.clone() });
        }
        if append.vault.iter().any(|row| self.known.vault.contains(&VaultId::of(row))) {
            return Err(AppendError::Invalid("a vault key or record is there already"));
        }
        self.change_claims(&append.stream, &append.claims)?;
        Ok(self.accept(append))
    }

    /// Judges appends of which all are accepted or none is. Either all of them are new or all are there already.
    fn judge_together(&mut self, appends: &'a [Append]) -> Vec<Result<WriteResult, AppendError>> {
        let before = self.clone();
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            let answer = self.judge(append);
            let first = answers.first().and_then(|first: &Result<WriteResult, _>| first.as_ref().ok());
            let other =
                |answer: &WriteResult| first.is_some_and(|first| first.already_recorded != answer.already_recorded);
            let answer = match answer {
                Ok(answer) if other(&answer) => {
                    Err(AppendError::CorruptedIdempotency { stream: append.stream.clone() })
                }
                answer => answer,
            };
            if answer.is_err() {
                *self = before;
                let mut refused = vec![Err(AppendError::BeforeRefused); appends.len()];
                if let Some(place) = refused.get_mut(answers.len()) {
                    *place = answer;
                }
                return refused;
            }
            answers.push(answer);
        }
        answers
    }

    /// Checks the expected version. `Some` is the original place of events that are all there already.
    fn version(&self, append: &Append) -> Result<Option<WriteResult>, AppendError> {
        let actual = self.known.streams.get(append.stream.as_str()).copied();
        let wrong = || AppendError::WrongExpectedVersion { stream: append.stream.clone(), actual };
        match (append.expected, actual) {
            (StreamState::Any | StreamState::NoStream, None) => Ok(None),
            (StreamState::Any | StreamState::StreamExists, Some(_)) => self.repeat_anywhere(append),
            (StreamState::StreamExists | StreamState::Revision(_), None) => Err(wrong()),
            (StreamState::Revision(expected), Some(actual)) if expected == actual => {
                let held = append.events.iter().any(|event| self.place(append, event).is_some());
                if held { Err(wrong()) } else { Ok(None) }
            }
            (StreamState::Revision(expected), Some(actual)) if expected > actual => Err(wrong()),
            (StreamState::Revision(expected), Some(_)) => {
                self.repeat_at(append, expected.saturating_add(1)).ok_or_else(wrong)?
            }
            (StreamState::NoStream, Some(_)) => self.repeat_at(append, 0).ok_or_else(wrong)?,
        }
    }

    /// The writer is behind: are these the events that stand from `first` on? `None` when the first one is not.
    fn repeat_at(&self, append: &Append, first: u64) -> Option<Result<Option<WriteResult>, AppendError>> {
        let stands = |(event, revision)| self.place(append, event).is_some_and(|place| place.revision == revision);
        let mut expected = append.events.iter().zip(first..);
        if !expected.next().is_some_and(stands) {
            return None;
        }
        if !expected.all(stands) {
            return Some(Err(AppendError::CorruptedIdempotency { stream: append.stream.clone() }));
        }
        Some(Ok(self.original(append)))
    }

    /// The writer does not care where: the events are all in the stream, or none is.
    fn repeat_anywhere(&self, append: &Append) -> Result<Option<WriteResult>, AppendError> {
        let held = append.events.iter().filter(|event| self.place(append, event).is_some()).count();
        if held == 0 {
            Ok(None)
        } else if held == append.events.len() {
            Ok(self.original(append))
        } else {
            Err(AppendError::CorruptedIdempotency { stream: append.stream.clone() })
        }
    }

    fn original(&self, append: &Append) -> Option<WriteResult> {
        let places = || append.events.iter().filter_map(|event| self.place(append, event));
        let last = places().max_by_key(|place| place.revision)?;
        let first_position = places().map(|place| place.position).min()?;
        Some(WriteResult {
            revision: last.revision,
            first_position,
            position: last.position,
            recorded_at_us: last.recorded_at_us,
            already_recorded: true,
        })
    }

    fn place(&self, append: &Append, event: &EventData) -> Option<Place> {
        self.known.events.get(&(append.stream.as_str(), event.event_id)).copied()
    }

    /// Applies an append's claims in their order, all or none.
    fn change_claims(&mut self, stream: &'a str, changes: &'a [ClaimChange]) -> Result<(), AppendError> {
        let mut undo: Vec<(&'a ClaimChange, Option<Cow<'a, str>>)> = Vec::with_capacity(changes.len());
        for change in changes {
            let holder = self.known.claims.entry((change.kind, change.key.as_slice())).or_default();
            let held_by_us = holder.now.as_deref() == Some(stream);
            match (&holder.now, change.take) {
                (Some(other), true) if !held_by_us => {
                    let refusal = AppendError::ClaimTaken { kind: change.kind, stream: other.to_string() };
                    self.restore(undo);
                    return Err(refusal);
                }
                (None, true) => undo.push((change, holder.now.replace(Cow::Borrowed(stream)))),
                (Some(_), false) if held_by_us => undo.push((change, holder.now.take())),
                (Some(_), _) | (None, false) => {}
            }
        }
        Ok(())
    }

    fn restore(&mut self, undo: Vec<(&'a ClaimChange, Option<Cow<'a, str>>)>) {
        for (change, holder) in undo.into_iter().rev() {
            self.known.claims.entry((change.kind, change.key.as_slice())).or_default().now = holder;
        }
    }

    fn accept(&mut self, append: &'a Append) -> WriteResult {
        let head = self.next_position - 1;
        let stream = append.stream.as_str();
        let first_revision = self.known.streams.get(stream).map_or(0, |last| last + 1);
        let (mut revision, mut position) = (first_revision.saturating_sub(1), head);
        for (event, at) in append.events.iter().zip(first_revision..) {
            (revision, position) = (at, self.next_position);
            self.next_position += 1;
            let place = Place { revision, position, recorded_at_us: self.recorded_at_us };
            self.known.events.insert((stream, event.event_id), place);
        }
        if !append.events.is_empty() {
            self.known.streams.insert(stream, revision);
        }
        self.known.vault.extend(append.vault.iter().map(VaultId::of));
        let result = WriteResult {
            revision,
            first_position: if append.events.is_empty() { head } else { head + 1 },
            position,
            recorded_at_us: self.recorded_at_us,
            already_recorded: false,
        };
        if let Some(request) = &append.request {
            let key = (request.caller.as_str(), request.idempotency_key.as_str());
            self.known.requests.insert(key, request_record(append, &result, request.input_hash));
        }
        result
    }
}

/// Judges appends in their order; none counts that follows a refused one, and those that are bound together all count or none does.
pub(super) fn in_turn<'a>(appends: &'a [Append], judge: &mut Judge<'a>) -> Vec<Result<WriteResult, AppendError>> {
    let mut answers = Vec::with_capacity(appends.len());
    let mut refused = false;
    for group in appends.chunk_by(|_, next| next.together) {
        let from = answers.len();
        match group {
            [first, ..] if refused && (first.follows || first.together) => {
                answers.extend(group.iter().map(|_| Err(AppendError::BeforeRefused)));
            }
            [append] => answers.push(judge.judge(append)),
            _ => answers.extend(judge.judge_together(group)),
        }
        refused = answers.iter().skip(from).any(Result::is_err);
    }
    answers
}

/// The record of a request that was accepted with this answer.
pub(super) fn request_record(append: &Append, result: &WriteResult, input_hash: [u8; 32]) -> RecordedRequest {
    RecordedRequest {
        input_hash,
        stream: append.stream.clone(),
        first_position: (!append.events.is_empty()).then_some(result.first_position),
        event_count: u32::try_from(append.events.len()).unwrap_or(u32::MAX),
        revision: result.revision,
        position: result.position,
    }
}

/// What is wrong with an append in itself, whatever the log holds.
pub(super) fn validate(append: &Append) -> Result<(), AppendError> {
    let refuse = |why| Err(AppendError::Invalid(why));
    if !is_name(&append.stream) {
        return refuse("a stream's name has 1 to 255 bytes, none of them zero");
    }
    if append.events.is_empty() && append.request.is_none() {
        return refuse("there is neither an event nor a request to record");
    }
    if append.events.len() > EVENTS_PER_APPEND_MAX {
        return refuse("an append has at most 10000 events");
    }
    if !append.events.iter().all(|event| is_name(&event.event_type)) {
        return refuse("an event's type has 1 to 255 bytes, none of them zero");
    }
    if append.events.iter().any(|event| event.data.len() + event.metadata.len() > EVENT_BYTES_MAX) {
        return refuse("an event's data and metadata have at most 1 MiB together");
    }
    if append.claims.iter().any(|claim| claim.key.len() > KEY_BYTES_MAX) {
        return refuse("a claim's key has at most 1024 bytes");
    }
    if let Some(request) = &append.request
        && !(is_key(&request.caller) && is_key(&request.idempotency_key))
    {
        return refuse("an idempotency key and its caller have at most 1024 bytes each, none of them zero");
    }
    let mut seen = HashSet::with_capacity(append.events.len());
    if append.events.len() > 1 && !append.events.iter().all(|event| seen.insert(event.event_id)) {
        return refuse("two events of one append have the same id");
    }
    let mut seen = HashSet::with_capacity(append.vault.len());
    if append.vault.len() > 1 && !append.vault.iter().all(|row| seen.insert(VaultId::of(row))) {
        return refuse("two vault rows of one append have the same id");
    }
    Ok(())
}

/// PostgreSQL's text holds no zero byte, so that no engine takes one.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains('\0')
}

fn is_key(text: &str) -> bool {
    text.len() <= KEY_BYTES_MAX && !text.contains('\0')
}

#[cfg(test)]
mod tests;
