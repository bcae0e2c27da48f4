//! The streams that a group keeps for itself: its place, and links to what was parked. Each write says where it found the stream, so that of
//! two servers that both believe to have the group one finds out.

use super::handed::Handed;
use super::held::HeldGroup;
use super::machine::Item;
use super::replay::Replay;
use super::settings::GroupName;
use super::{GroupError, StreamsError};
use crate::app::App;
use crate::app::eventstore::content::{JSON, Origin, Proposed, data_of};
use crate::app::eventstore::metadata::StreamMetadata;
use crate::app::eventstore::rights::metadata_stream;
use crate::app::eventstore::{Direction, LINK, METADATA, RecordedEvent, StreamState};
use crate::app::oversight::act::ACTOR;
use crate::store::{Append, AppendError, EventData};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The type of the event that holds a group's place.
const CHECKPOINT: &str = "$SubscriptionCheckpoint";

/// A group's place as written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    /// The group's number: an earlier one of the same name left its place here too.
    group: u64,
    /// The first revision or position that is not settled.
    next: u64,
    /// The first parked event that is not to be replayed.
    replay_before: u64,
}

/// Where a group stood when it was last looked after.
#[derive(Debug)]
pub struct Stood {
    pub next: u64,
    pub replay: Replay,
}

/// A group's own streams.
pub struct Places {
    app: Arc<App>,
    name: GroupName,
    number: u64,
    checkpoint_last: Option<u64>,
    parked_last: Option<u64>,
}

impl Places {
    /// Reads where a group stands.
    pub async fn load(app: &Arc<App>, name: &GroupName, group: &HeldGroup) -> Result<(Self, Stood), GroupError> {
        let (checkpoint, parked) = (name.checkpoint_stream(), name.parked_stream());
        let metadata = metadata_stream(&parked);
        let last = async |stream: &str| app.store.read_stream(stream, None, Direction::Backwards, 1).await;
        let (checkpoint, parked, metadata) =
            tokio::try_join!(last(&checkpoint), last(&parked), last(&metadata)).map_err(StreamsError::from)?;
        let written = checkpoint.last().and_then(|last| serde_json::from_slice::<Written>(&data_of(last)).ok());
        let written = written.filter(|written| written.group == group.number);
        let from = metadata.last().and_then(|last| StreamMetadata::read(&data_of(last)).truncate_before).unwrap_or(0);
        let from = from.max(group.parked_from);
        let stood = Stood {
            next: written.map_or(group.first, |written| written.next),
            replay: Replay::new(from, written.map_or(0, |written| written.replay_before)),
        };
        let places = Self {
            app: Arc::clone(app),
            name: name.clone(),
            number: group.number,
            checkpoint_last: checkpoint.last().map(|last| last.revision),
            parked_last: parked.last().map(|last| last.revision),
        };
        Ok((places, stood))
    }

    /// The number that the next parked event will have.
    #[must_use]
    pub fn parked_next(&self) -> u64 {
        self.parked_last.map_or(0, |last| last + 1)
    }

    /// Writes the place down.
    pub async fn write(&mut self, next: u64, replay_before: u64) -> Result<(), GroupError> {
        let written = Written { group: self.number, next, replay_before };
        let data = serde_json::to_vec(&written).unwrap_or_default();
        let event = self.event((CHECKPOINT, JSON), data, Vec::new());
        self.checkpoint_last =
            Some(self.append(self.name.checkpoint_stream(), self.checkpoint_last, vec![event]).await?);
        Ok(())
    }

    /// Parks events, with the reasons.
    pub async fn park(&mut self, items: &[(Item<Arc<Handed>>, String)]) -> Result<(), GroupError> {
        let events = items.iter().map(|(item, reason)| {
            let original = item.event.original();
            // What was parked before is linked to as such no more: its own link points to the event.
            let target = match item.place {
                super::machine::Place::Parked(_) => String::from_utf8(data_of(original)).unwrap_or_default(),
                super::machine::Place::Source(_) => format!("{}@{}", original.revision, original.stream),
            };
            let added = self.app.clock.now().to_string();
            let metadata = json!({"added": added, "reason": reason, "retries": item.retries}).to_string();
            self.event((LINK, "application/octet-stream"), target.into_bytes(), metadata.into_bytes())
        });
        let events = events.collect();
        self.parked_last = Some(self.append(self.name.parked_stream(), self.parked_last, events).await?);
        Ok(())
    }

    /// What is parked begins here: the rest is settled.
    pub async fn parked_from(&self, number: u64) -> Result<(), GroupError> {
        let event = self.event((METADATA, JSON), json!({"$tb": number}).to_string().into_bytes(), Vec::new());
        let stream = metadata_stream(&self.name.parked_stream());
        let append = Append::events(stream, StreamState::Any, vec![event]);
        self.app.store.append_to_stream(append).await.map_err(|error| failed(error, &self.name))?;
        Ok(())
    }

    /// Links to parked events from a number on.
    pub async fn parked(&self, from: u64, limit: u32) -> Result<Vec<RecordedEvent>, GroupError> {
        let stream = self.name.parked_stream();
        Ok(self.app.store.read_stream(&stream, Some(from), Direction::Forwards, limit).await?)
    }

    async fn append(&self, stream: String, last: Option<u64>, events: Vec<EventData>) -> Result<u64, GroupError> {
        let expected = last.map_or(StreamState::NoStream, StreamState::Revision);
        let written = self.app.store.append_to_stream(Append::events(stream, expected, events)).await;
        written.map(|written| written.revision).map_err(|error| failed(error, &self.name))
    }

    fn event(&self, (event_type, content_type): (&str, &str), data: Vec<u8>, custom_metadata: Vec<u8>) -> EventData {
        own_event(
            &self.app,
            ACTOR,
            Proposed {
                event_id: self.app.clock.opaque_id(),
                event_type: event_type.to_owned(),
                content_type: content_type.to_owned(),
                custom_metadata,
                data,
            },
        )
    }
}

/// An event of a group's own streams, as the log keeps it.
pub fn own_event(app: &App, actor: &str, proposed: Proposed) -> EventData {
    proposed.kept(&Origin {
        occurred_at: app.clock.now().to_string(),
        actor: actor.to_owned(),
        correlation_id: app.clock.opaque_id(),
        config_version: app.profile.version.clone(),
    })
}

/// Somebody else wrote where only the server that has the group writes.
pub fn failed(error: AppendError, name: &GroupName) -> GroupError {
    match error {
        AppendError::Store(error) => error.into(),
        AppendError::WrongExpectedVersion { .. } => GroupError::Elsewhere,
        error => GroupError::Failed { name: name.clone(), reason: error.to_string() },
    }
}
