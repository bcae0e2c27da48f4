//! A bank's message, as stored in stream `inbox-<id>`: what came, what of it was applied, what waits for a person. The message itself is in
//! the vault: it names people.

mod decide;
mod event;

#[cfg(test)]
mod tests;

pub use decide::{InboxCommand, InboxRefusal, Judged, OTHER_CONTENT, OTHERS_KEPT_MAX, decide};
pub use event::{
    BankMessageApplied, BankMessageQuarantined, BankMessageReceived, BankMessageResolved, InboxEvent, OfWhole,
    QuarantinedItem, StatementNumbers,
};

use std::collections::{BTreeMap, BTreeSet};

/// A message as its events leave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inbox {
    pub received: Option<BankMessageReceived>,
    /// Every item was judged.
    pub applied: Option<BankMessageApplied>,
    /// By item; 0 is another message under the id of this one, and further such messages stand behind the last item.
    pub quarantined: BTreeMap<u64, Quarantine>,
}

/// An item that waits for a person, or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    pub item: QuarantinedItem,
    pub resolved: Option<BankMessageResolved>,
}

impl Inbox {
    /// Items that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.quarantined.values().filter(|quarantine| quarantine.resolved.is_none()).count()
    }

    /// Other messages that came under the id of this one and are kept, dealt with or not.
    pub fn others(&self) -> impl Iterator<Item = &QuarantinedItem> {
        self.quarantined.values().map(|quarantine| &quarantine.item).filter(|item| item.cause == OTHER_CONTENT)
    }

    /// Items of the message itself that waited, whoever dealt with them: payments of a whole file count as the item that is about them.
    #[must_use]
    pub fn items_that_waited(&self) -> usize {
        let items = self.quarantined.values().map(|quarantine| &quarantine.item);
        let own = items.filter(|item| item.cause != OTHER_CONTENT).map(|item| item.of_item.unwrap_or(item.item));
        own.collect::<BTreeSet<u64>>().len()
    }

    /// Whether the bytes with this hash are kept under the id.
    #[must_use]
    pub fn keeps(&self, sha256: &str) -> bool {
        let first = self.received.as_ref().is_some_and(|received| received.sha256 == sha256);
        first || self.others().any(|item| item.sha256.as_deref() == Some(sha256))
    }

    /// Applies one event.
    pub fn evolve(&mut self, event: &InboxEvent) {
        match event {
            InboxEvent::Received(event) => self.received = Some(event.clone()),
            InboxEvent::Applied(event) => self.applied = Some(event.clone()),
            InboxEvent::Quarantined(event) => {
                for item in &event.items {
                    self.quarantined.insert(item.item, Quarantine { item: item.clone(), resolved: None });
                }
            }
            InboxEvent::Resolved(event) => {
                if let Some(quarantine) = self.quarantined.get_mut(&event.item) {
                    quarantine.resolved = Some(event.clone());
                }
            }
        }
    }
}
