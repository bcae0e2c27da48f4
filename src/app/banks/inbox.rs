//! The inbox as people read it: messages with their verdicts, items that wait, and what a person says about one. A key with units sees
//! the items of its own payments; a bank sees its own messages.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::{decode_own, fold, inbox_stream};
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page};
use crate::domain::ids::{BankId, InboxId, UnitKey};
use crate::domain::inbox::{Inbox, InboxCommand, InboxEvent, InboxRefusal};
use crate::projections::Projection;
use crate::proof::tree::Hash;
use crate::store::RecordedEvent;
use crate::store::views::Snapshot;

/// What lists of messages are asked and answered in, for the doors.
pub use crate::projections::inbox::{MessageRow, WaitingRow};
pub use crate::store::views::{MessageFilter, WaitingFilter};

/// The place of an event in the log, and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventProof {
    pub position: u64,
    pub leaf_hash: Hash,
}

/// A message with its verdicts.
#[derive(Debug, Clone)]
pub struct InboxView {
    pub id: InboxId,
    pub state: Inbox,
    pub position: u64,
    pub revision: u64,
    /// That it came.
    pub received: EventProof,
    /// That every item was judged.
    pub judged: Option<EventProof>,
}

/// A page and where the next one begins.
#[derive(Debug, Clone)]
pub struct InboxPage<T> {
    pub rows: Vec<T>,
    /// `None` when this page is the last.
    pub next_after: Option<u64>,
}

const fn proof(event: &RecordedEvent) -> EventProof {
    EventProof { position: event.position, leaf_hash: event.leaf_hash }
}

impl InboxView {
    /// The message whose stream holds these events.
    pub(super) fn of(id: InboxId, events: &[RecordedEvent]) -> Result<Self, AppError> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Err(InboxRefusal::NotReceived.into());
        };
        let mut judged = None;
        for event in events {
            if matches!(decode_own::<Inbox>(event)?, InboxEvent::Applied(_)) {
                judged = Some(proof(event));
            }
        }
        let state = fold::<Inbox>(events)?;
        let (position, revision) = (last.position, last.revision);
        Ok(Self { id, state, position, revision, received: proof(first), judged })
    }
}

impl App {
    pub(super) async fn load_inbox(&self, id: InboxId) -> Result<InboxView, AppError> {
        InboxView::of(id, &self.read_whole_stream(&inbox_stream(id)).await?)
    }

    /// A message with its verdicts, as far as they are the reader's.
    pub async fn read_inbox(&self, principal: &Principal, id: InboxId) -> Result<InboxView, AppError> {
        let mut view = self.load_inbox(id).await?;
        let of_bank = view.state.received.as_ref().map(|received| &received.bank);
        match principal.reach(Action::ReadInbox) {
            Reach::WholeLog | Reach::Everything => {}
            Reach::Bank if of_bank.is_some() && principal.bank.as_ref() == of_bank => {}
            Reach::Units if principal.unit.is_none() => {}
            Reach::Units => {
                view.state.quarantined.retain(|_, item| self.is_own_item(principal, item.item.unit_key.as_ref()));
                if view.state.quarantined.is_empty() {
                    return Err(out_of_reach());
                }
            }
            Reach::Bank | Reach::NoUnit | Reach::Nothing => return Err(out_of_reach()),
        }
        Ok(view)
    }

    pub(super) fn is_own_item(&self, principal: &Principal, unit: Option<&UnitKey>) -> bool {
        match (&principal.unit, unit) {
            (None, _) => true,
            (Some(own), Some(unit)) => self.profile.units.covers(own.as_str(), unit.as_str()),
            (Some(_), None) => false,
        }
    }

    /// Records that a person dealt with an item. One without a payment is for those who see the whole log.
    pub async fn resolve_inbox(
        &self,
        request: &WriteRequest,
        id: InboxId,
        (item, reason): (u64, String),
    ) -> Result<Written<Inbox>, AppError> {
        let stream = inbox_stream(id);
        let command = InboxCommand::Resolve { item, reason };
        let principal = &request.principal;
        let mut written = self
            .execute((&stream, Begin::Existing), request, Beside::default(), |state: &Inbox| {
                let known = state.quarantined.get(&item);
                let unit = known.and_then(|known| known.item.unit_key.as_ref());
                let own = known.is_none() || self.is_own_item(principal, unit);
                if principal.reach(Action::ResolveInbox) != Reach::Units || !own {
                    return Err(out_of_reach());
                }
                Ok(command.clone())
            })
            .await?;
        written.state.quarantined.retain(|_, item| self.is_own_item(principal, item.item.unit_key.as_ref()));
        Ok(written)
    }

    /// A page of messages. Whoever has units sees items, not messages: one holds other units' payments too.
    pub async fn list_messages(
        &self,
        principal: &Principal,
        mut filter: MessageFilter,
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<InboxPage<MessageRow>>, AppError> {
        match principal.reach(Action::ReadInbox) {
            Reach::Bank => filter.bank = Some(own_bank(principal, filter.bank.as_ref())?),
            Reach::Units if principal.unit.is_some() => return Err(out_of_reach()),
            Reach::Units | Reach::WholeLog | Reach::Everything => {}
            Reach::NoUnit | Reach::Nothing => return Err(out_of_reach()),
        }
        self.wait_for(Projection::Inbox, min_position).await?;
        let found = self.views.list_bank_messages(&filter, page).await?;
        Ok(answer(found, page, |row| row.received_position))
    }

    /// The same, the newest first, those that came before a position.
    pub async fn newest_messages(
        &self,
        principal: &Principal,
        (before, limit): (Option<u64>, u32),
        min_position: Option<u64>,
    ) -> Result<Answer<InboxPage<MessageRow>>, AppError> {
        let bank = match principal.reach(Action::ReadInbox) {
            Reach::Bank => Some(own_bank(principal, None)?),
            Reach::Units if principal.unit.is_some() => return Err(out_of_reach()),
            Reach::Units | Reach::WholeLog | Reach::Everything => None,
            Reach::NoUnit | Reach::Nothing => return Err(out_of_reach()),
        };
        self.wait_for(Projection::Inbox, min_position).await?;
        let before = before.unwrap_or(i64::MAX.unsigned_abs());
        let found = self.views.newest_bank_messages(bank.as_ref(), (before, limit)).await?;
        Ok(answer(found, Page { after: 0, limit }, |row| row.received_position))
    }

    /// A page of items that wait for a person.
    pub async fn list_waiting(
        &self,
        principal: &Principal,
        (scope, mut filter): (Option<UnitKey>, WaitingFilter),
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<InboxPage<WaitingRow>>, AppError> {
        if principal.reach(Action::ReadInbox) == Reach::Bank {
            filter.bank = Some(own_bank(principal, filter.bank.as_ref())?);
        }
        let scopes = match (scope, &principal.unit) {
            (Some(unit), _) => {
                self.check_reach(principal, Action::ReadInbox, unit.as_str(), principal.bank.as_ref())?;
                Some(vec![unit])
            }
            (None, Some(own)) => Some(self.profile.units.reach(own.as_str())),
            (None, None) => None,
        };
        filter.units = scopes.map(|scopes| {
            let units = &self.profile.units;
            scopes.iter().flat_map(|scope| units.subtree(scope.as_str())).map(|unit| unit.key.clone()).collect()
        });
        self.wait_for(Projection::Inbox, min_position).await?;
        let found = self.views.list_bank_items(&filter, page).await?;
        Ok(answer(found, page, |row| row.place))
    }
}

fn own_bank(principal: &Principal, asked: Option<&BankId>) -> Result<BankId, AppError> {
    let own = principal.bank.clone().ok_or_else(out_of_reach)?;
    if asked.is_some_and(|asked| *asked != own) { Err(out_of_reach()) } else { Ok(own) }
}

fn answer<T>(found: Snapshot<Vec<T>>, page: Page, place: fn(&T) -> u64) -> Answer<InboxPage<T>> {
    let Snapshot { checkpoint, answer: rows } = found;
    let full = rows.len() >= page.limit as usize;
    let next_after = rows.last().filter(|_| full).map(place);
    let answer = InboxPage { rows, next_after };
    Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us }
}
