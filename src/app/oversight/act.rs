//! Writing what follows from an event by itself: no request, no caller; the same whoever does it and however often.

use crate::app::App;
use crate::app::aggregate::{Aggregate, Decided, fold};
use crate::app::error::AppError;
use crate::app::execute::{append_error, event_data};
use crate::domain::envelope::{Envelope, Source};
use crate::store::{Append, AppendError, RecordedEvent, StreamState};
use uuid::Uuid;

/// The actor of what nobody asked for.
pub const ACTOR: &str = "chitra";

/// Namespace of the ids of such events: each is made of its stream and revision, so that it is written once.
const NAMESPACE: Uuid = Uuid::from_bytes(*b"chitra-reaction\0");

/// How often it is decided anew when others write to the same stream at the same time.
pub(super) const CONTENTION_RETRIES_MAX: u32 = 16;

/// The event that something follows from.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    pub event_id: Uuid,
    pub correlation_id: Uuid,
}

impl Cause {
    /// The event with the request that it belongs to, as far as it says.
    #[must_use]
    pub fn of(event: &RecordedEvent) -> Self {
        let envelope: Option<Envelope> = serde_json::from_slice(&event.metadata).ok();
        let correlation_id = envelope.map_or(event.event_id, |envelope| envelope.correlation_id);
        Self { event_id: event.event_id, correlation_id }
    }
}

impl App {
    /// Writes to one stream what follows there; `command` is made from the state, and none is nothing to do. Whether anything was written.
    pub(in crate::app) async fn follow<A: Aggregate>(
        &self,
        stream: &str,
        cause: Cause,
        command: impl Fn(&A) -> Option<A::Command> + Send + Sync,
    ) -> Result<bool, AppError> {
        for _ in 0..CONTENTION_RETRIES_MAX {
            let recorded = self.read_whole_stream(stream).await?;
            let mut state = fold::<A>(&recorded)?;
            let Some(command) = command(&state) else { return Ok(false) };
            let Decided::Events(events) = state.decide(&command, self.clock.now())? else { return Ok(false) };
            let revision = recorded.last().map(|event| event.revision);
            let expected = revision.map_or(StreamState::NoStream, StreamState::Revision);
            let mut append = Append::events(stream, expected, Vec::new());
            let metadata = self.follow_envelope(cause).to_bytes();
            for (revision, event) in (revision.map_or(0, |revision| revision + 1)..).zip(&events) {
                append.claims.extend(state.claims(event));
                let id = Uuid::new_v5(&NAMESPACE, format!("{stream} {revision}").as_bytes());
                append.events.push(event_data::<A>(event, id, metadata.clone()));
                state.evolve(event);
            }
            match self.store.append_to_stream(append).await {
                Ok(_) => return Ok(true),
                Err(AppendError::WrongExpectedVersion { .. }) => {}
                Err(error) => return Err(append_error(error)),
            }
        }
        Err(AppError::Contended)
    }

    fn follow_envelope(&self, cause: Cause) -> Envelope {
        Envelope {
            occurred_at: self.clock.now(),
            actor: ACTOR.to_owned(),
            source: Source::Process,
            correlation_id: cause.correlation_id,
            causation_id: Some(cause.event_id),
            config_version: self.profile.version.clone(),
        }
    }
}
