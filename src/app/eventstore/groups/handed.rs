//! An event as a group hands it out.

use super::machine::{Item, Place};
use super::strategy::hash;
use crate::app::eventstore::RecordedEvent;
use crate::app::eventstore::content::contents;
use serde_json::Value;
use std::sync::Arc;

/// An event, or a link with the event that it points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    pub event: RecordedEvent,
    pub link: Option<RecordedEvent>,
}

impl Handed {
    /// What the group read: consumers name it by its id.
    #[must_use]
    pub fn original(&self) -> &RecordedEvent {
        self.link.as_ref().unwrap_or(&self.event)
    }

    /// On its way through a group, pinned by its stream or its correlation.
    pub(super) fn item(self, place: Place, by_correlation: bool) -> Item<Arc<Self>> {
        let correlation = if by_correlation { correlation(&self.event) } else { None };
        let pin = correlation.map_or_else(|| hash(&self.event.stream), |correlation| hash(&correlation));
        let bytes = |event: &RecordedEvent| event.data.len() + event.metadata.len() + event.stream.len();
        let size = bytes(&self.event) + self.link.as_ref().map_or(0, bytes);
        Item { place, id: self.original().event_id, pin, retries: 0, bytes: size, event: Arc::new(self) }
    }
}

/// What other programs call the correlation, or what our own events do.
fn correlation(event: &RecordedEvent) -> Option<String> {
    let metadata = contents(&event.stream, event.data.clone(), event.metadata.clone()).custom_metadata;
    let metadata: Value = serde_json::from_slice(&metadata).ok()?;
    let found = metadata.get("$correlationId").or_else(|| metadata.get("correlation_id"))?;
    found.as_str().map(str::to_owned)
}
