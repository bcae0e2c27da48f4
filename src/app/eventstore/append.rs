//! Appending to a stream of another program, judged with its metadata in one transaction.

use super::content::{JSON, Origin, Proposed};
use super::rights::{Deed, StreamCaller, described, is_own, metadata_stream};
use super::standing::Standing;
use super::{
    APPEND_BYTES_MAX, APPEND_EVENTS_MAX, EVENT_BYTES_MAX, METADATA, StreamState, StreamsError, TOMBSTONE, refusal,
};
use crate::app::App;
use crate::store::{Append, AppendError, EventData, Seen, WriteResult};

/// How often an append is tried while others write to the stream's metadata.
pub(super) const TRIES_MAX: usize = 10;

/// Where a stream stands after an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// `None`: there is no such stream, and nothing was to be appended.
    pub revision: Option<u64>,
    /// Of the last appended event; `None` when nothing was to be appended.
    pub position: Option<u64>,
}

impl From<WriteResult> for Appended {
    fn from(written: WriteResult) -> Self {
        Self { revision: Some(written.revision), position: Some(written.position) }
    }
}

impl App {
    /// Appends, all or nothing. The very same events again are answered with their first place.
    pub async fn append_events(
        &self,
        caller: &StreamCaller,
        (stream, expected): (&str, StreamState),
        proposed: Vec<Proposed>,
    ) -> Result<Appended, StreamsError> {
        if is_own(stream) {
            return self.append_own(caller, (stream, expected), &proposed).await;
        }
        caller.check_writer(stream)?;
        let events = self.kept(caller, proposed)?;
        for _ in 0..TRIES_MAX {
            let standing =
                if events.is_empty() { self.standing(stream).await? } else { self.standing_to_append(stream).await? };
            let deed = if described(stream).is_some() { Deed::WriteMetadata } else { Deed::Write };
            standing.check(caller, deed)?;
            match self.try_append(&standing, (caller, expected), &events).await {
                Err(AppendError::SeenMoved { .. }) => {}
                Err(error) => return Err(self.refused(error, expected, &standing).await?),
                Ok(appended) => return Ok(appended),
            }
        }
        Err(StreamsError::Contended { stream: stream.to_owned() })
    }

    /// Events as the log keeps them, within the limits.
    pub(super) fn kept(&self, caller: &StreamCaller, proposed: Vec<Proposed>) -> Result<Vec<EventData>, StreamsError> {
        if proposed.len() > APPEND_EVENTS_MAX {
            return Err(StreamsError::AppendTooLarge);
        }
        let origin = Origin {
            occurred_at: self.clock.now().to_string(),
            actor: caller.actor().to_owned(),
            correlation_id: self.clock.opaque_id(),
            config_version: self.profile.version.clone(),
        };
        let mut bytes_sum = 0;
        let mut events = Vec::with_capacity(proposed.len());
        for event in proposed {
            if event.event_type == TOMBSTONE {
                return Err(StreamsError::AccessDenied("a stream is ended by Tombstone, not by an event"));
            }
            let event = event.kept(&origin);
            let bytes = event.data.len() + event.metadata.len();
            if bytes > EVENT_BYTES_MAX {
                return Err(StreamsError::EventTooLarge { event_id: event.event_id, bytes });
            }
            bytes_sum += bytes;
            if bytes_sum > APPEND_BYTES_MAX {
                return Err(StreamsError::AppendTooLarge);
            }
            events.push(event);
        }
        Ok(events)
    }

    async fn try_append(
        &self,
        standing: &Standing,
        (caller, expected): (&StreamCaller, StreamState),
        events: &[EventData],
    ) -> Result<Appended, AppendError> {
        let stream = standing.stream.as_str();
        if standing.has_ended() {
            return Err(ended(standing));
        }
        if events.is_empty() {
            return unmoved(standing, expected);
        }
        if standing.is_deleted() {
            return self.append_to_deleted(standing, (caller, expected), events).await;
        }
        let (wanted, seen) = unmoved_but_for(standing, expected);
        let append = Append { seen, ..Append::events(stream, wanted, events.to_vec()) };
        self.store.append_to_stream(append).await.map(Appended::from)
    }

    /// A deleted stream goes on where it ended, and shows what is appended from then on: both in one transaction.
    async fn append_to_deleted(
        &self,
        standing: &Standing,
        (caller, expected): (&StreamCaller, StreamState),
        events: &[EventData],
    ) -> Result<Appended, AppendError> {
        let last = standing.revision();
        let goes_on = match expected {
            StreamState::Any | StreamState::NoStream => true,
            StreamState::StreamExists => return Err(ended(standing)),
            StreamState::Revision(revision) => Some(revision) == last,
        };
        let stream = standing.stream.as_str();
        if !goes_on {
            return self
                .store
                .append_to_stream(Append::events(stream, expected, events.to_vec()))
                .await
                .map(Appended::from);
        }
        let wanted = last.map_or(StreamState::NoStream, StreamState::Revision);
        let shown = self.metadata_event(caller, standing.metadata.shown_from(last.map_or(0, |last| last + 1)));
        let seen = standing.metadata_seen();
        let described_at = seen.last.map_or(StreamState::NoStream, StreamState::Revision);
        let answers = self
            .store
            .append_batch(vec![
                Append { seen: vec![seen], ..Append::events(stream, wanted, events.to_vec()) },
                Append { follows: true, ..Append::events(metadata_stream(stream), described_at, vec![shown]) },
            ])
            .await;
        let first = answers.into_iter().next();
        let first = first.unwrap_or(Err(AppendError::BeforeRefused)).map(Appended::from);
        match (first, expected) {
            // It moved meanwhile: look again.
            (Err(AppendError::WrongExpectedVersion { .. }), StreamState::Any | StreamState::NoStream) => {
                Err(AppendError::SeenMoved { stream: stream.to_owned() })
            }
            (answer, _) => answer,
        }
    }

    /// An event that sets a stream's metadata.
    pub(super) fn metadata_event(&self, caller: &StreamCaller, data: Vec<u8>) -> EventData {
        self.own_event(caller, METADATA, data)
    }

    /// An event that follows from a call, and was not sent by it.
    pub(super) fn own_event(&self, caller: &StreamCaller, event_type: &str, data: Vec<u8>) -> EventData {
        let origin = Origin {
            occurred_at: self.clock.now().to_string(),
            actor: caller.actor().to_owned(),
            correlation_id: self.clock.opaque_id(),
            config_version: self.profile.version.clone(),
        };
        let (event_id, custom_metadata) = (self.clock.opaque_id(), Vec::new());
        let (event_type, content_type) = (event_type.to_owned(), JSON.to_owned());
        Proposed { event_id, event_type, content_type, custom_metadata, data }.kept(&origin)
    }

    /// What a refused append means; a stream that ended meanwhile has ended, whatever was expected of it.
    async fn refused(
        &self,
        error: AppendError,
        expected: StreamState,
        standing: &Standing,
    ) -> Result<StreamsError, StreamsError> {
        let stream = standing.stream.as_str();
        if matches!(error, AppendError::WrongExpectedVersion { .. }) {
            let is_deleted = standing.is_deleted() && expected == StreamState::StreamExists;
            if is_deleted || self.standing(stream).await?.has_ended() {
                return Ok(StreamsError::Deleted { stream: stream.to_owned() });
            }
        }
        Ok(refusal(error, expected, stream))
    }
}

/// What the store is to expect of a stream that is not deleted, and what else must stand as it was seen: metadata are enough for a stream to
/// exist.
pub(super) fn unmoved_but_for(standing: &Standing, expected: StreamState) -> (StreamState, Vec<Seen>) {
    match expected {
        StreamState::StreamExists if standing.last.is_none() && standing.metadata_last.is_some() => {
            (StreamState::Any, vec![standing.metadata_seen()])
        }
        StreamState::Any | StreamState::StreamExists if described(&standing.stream).is_none() => {
            (expected, vec![standing.metadata_seen()])
        }
        _ => (expected, Vec::new()),
    }
}

fn ended(standing: &Standing) -> AppendError {
    AppendError::WrongExpectedVersion { stream: standing.stream.clone(), actual: standing.revision() }
}

/// Nothing to append: only what was expected is looked at.
fn unmoved(standing: &Standing, expected: StreamState) -> Result<Appended, AppendError> {
    let revision = standing.revision();
    let holds = match expected {
        StreamState::Any => true,
        StreamState::NoStream => revision.is_none() || standing.is_deleted(),
        StreamState::StreamExists => (revision.is_some() || standing.metadata_last.is_some()) && !standing.is_deleted(),
        StreamState::Revision(expected) => revision == Some(expected),
    };
    if holds { Ok(Appended { revision, position: None }) } else { Err(ended(standing)) }
}
