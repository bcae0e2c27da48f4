//! A bank's message, as stored in stream `inbox-<id>`: what came, what of it was applied, what waits for a person. The message itself is in
//! the vault: it names people.

mod decide;
mod event;

#[cfg(test)]
mod tests;

pub use decide::{
    InboxCommand, InboxRefusal, Judged, JudgedAgain, OTHER_CONTENT, OTHERS_KEPT_MAX, REST, WAITING_MAX, decide,
};
pub use event::{
    AgainVerdict, BankMessageApplied, BankMessageJudgedAgain, BankMessageQuarantined, BankMessageReceived,
    BankMessageResolved, InboxEvent, ItemJudgedAgain, OfWhole, QuarantinedItem, Rest, StatementNumbers,
};

use crate::domain::ids::VaultRef;
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
    pub judged_again: Option<AgainVerdict>,
    /// It waited when the message was judged at first; not since it was judged again.
    pub at_first: bool,
}

impl Quarantine {
    /// Nobody dealt with it, and no later judgement did.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.resolved.is_none() && self.judged_again.is_none()
    }

    /// The item of the message that it is, or is of.
    #[must_use]
    pub fn root(&self) -> u64 {
        self.item.of_item.unwrap_or(self.item.item)
    }
}

impl Inbox {
    /// Items that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.quarantined.values().filter(|quarantine| quarantine.waits()).count()
    }

    /// Other messages that came under the id of this one and are kept, dealt with or not.
    pub fn others(&self) -> impl Iterator<Item = &QuarantinedItem> {
        self.quarantined.values().map(|quarantine| &quarantine.item).filter(|item| item.cause == OTHER_CONTENT)
    }

    /// Items of the message itself that waited, whoever dealt with them: payments of a whole file count as the item that is about them.
    #[must_use]
    pub fn items_that_waited(&self) -> u64 {
        let own = self.quarantined.values().filter(|quarantine| quarantine.item.cause != OTHER_CONTENT);
        let at_first = |quarantine: &&Quarantine| quarantine.at_first;
        let (rests, named): (Vec<_>, Vec<_>) =
            own.filter(at_first).partition(|quarantine| quarantine.item.rest.is_some());
        let together: u64 = rests.iter().filter_map(|quarantine| quarantine.item.rest).map(|rest| rest.items).sum();
        together + named.into_iter().map(Quarantine::root).collect::<BTreeSet<u64>>().len() as u64
    }

    /// Whether the bytes with this hash are kept under the id.
    #[must_use]
    pub fn keeps(&self, sha256: &str) -> bool {
        let first = self.received.as_ref().is_some_and(|received| received.sha256 == sha256);
        first || self.others().any(|item| item.sha256.as_deref() == Some(sha256))
    }

    /// Whether bytes in the vault are this message's, or another's that came under its id.
    #[must_use]
    pub fn names(&self, body_ref: VaultRef) -> bool {
        let first = self.received.as_ref().is_some_and(|received| received.body_ref == body_ref);
        first || self.others().any(|item| item.body_ref == Some(body_ref))
    }

    /// Applies one event.
    pub fn evolve(&mut self, event: &InboxEvent) {
        match event {
            InboxEvent::Received(event) => self.received = Some(event.clone()),
            InboxEvent::Applied(event) => self.applied = Some(event.clone()),
            InboxEvent::Quarantined(event) => {
                let at_first = self.applied.is_none();
                for item in event.items.iter().cloned() {
                    let place = item.item;
                    self.quarantined.insert(place, Quarantine { item, resolved: None, judged_again: None, at_first });
                }
            }
            InboxEvent::JudgedAgain(event) => {
                for again in &event.items {
                    if let Some(quarantine) = self.quarantined.get_mut(&again.item) {
                        quarantine.judged_again = Some(again.verdict);
                    }
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
