//! The inbox projection: one row for each message of a bank, and one for each item of it that waits for a person or waited.

use crate::domain::ids::{BankId, InboxId, PaymentId, UnitKey};
use crate::domain::inbox::{BankMessageReceived, InboxEvent, StatementNumbers};
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject, ids_of};
use std::collections::{BTreeMap, BTreeSet};

/// A message as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub inbox_id: InboxId,
    pub bank: BankId,
    pub format: String,
    pub version: Option<String>,
    pub sha256: String,
    pub bytes: u64,
    pub items: u64,
    /// Every item has its verdict.
    pub judged: bool,
    pub applied: u64,
    pub no_op: u64,
    pub quarantined: u64,
    /// Of these, what nobody dealt with yet; and another message under the id of this one.
    pub waiting: u64,
    pub received_at_us: i64,
    /// The numbers of its statements.
    pub statements: Vec<StatementNumbers>,
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub received_position: u64,
    pub last_position: u64,
    pub updated_at_us: i64,
}

/// An item that waits for a person, or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    pub inbox_id: InboxId,
    /// Its place in the message, from 1; 0 is the message as a whole.
    pub item: u64,
    /// Its place among all items that ever waited; the order of lists.
    pub place: u64,
    pub bank: BankId,
    pub cause: String,
    /// The payment that it names, and that payment's unit.
    pub payment_id: Option<PaymentId>,
    pub unit_key: Option<UnitKey>,
    pub since_us: i64,
    pub resolved: bool,
}

/// An item that waits no more: a person dealt with it, or it was judged again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedItem {
    pub inbox_id: InboxId,
    pub item: u64,
}

/// What a batch changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxChanges {
    pub messages: Vec<MessageRow>,
    /// Items that began to wait in this batch.
    pub waiting: Vec<WaitingRow>,
    pub resolved: Vec<ResolvedItem>,
}

/// Items of one event at most: `domain::inbox` puts 500 into each.
const PLACES_IN_EVENT: u64 = 512;

/// The messages whose rows the batch needs.
#[must_use]
pub fn ids(facts: &[Fact]) -> Vec<InboxId> {
    ids_of(facts, |subject| if let Subject::Inbox(id, _) = subject { Some(*id) } else { None })
}

const fn about(fact: &Fact) -> Option<(InboxId, &InboxEvent)> {
    match &fact.subject {
        Subject::Inbox(id, event) => Some((*id, event)),
        Subject::Payment(..)
        | Subject::Beneficiary(..)
        | Subject::Recovery(..)
        | Subject::Approval(..)
        | Subject::Desk(..)
        | Subject::List(..)
        | Subject::Figure(..)
        | Subject::Audit(..) => None,
    }
}

/// Folds a batch over the rows loaded for it.
pub fn fold(facts: &[Fact], loaded: Vec<MessageRow>) -> Result<InboxChanges, ProjectionError> {
    let mut rows: BTreeMap<InboxId, MessageRow> = loaded.into_iter().map(|row| (row.inbox_id, row)).collect();
    let mut touched = BTreeSet::new();
    let mut changes = InboxChanges::default();
    for fact in facts {
        let Some((id, event)) = about(fact) else { continue };
        let row = next(rows.remove(&id), (id, fact), event).map_err(|cause| cause.at(fact.position))?;
        note_items(&row, fact, event, &mut changes);
        rows.insert(id, row);
        touched.insert(id);
    }
    changes.messages = rows.into_values().filter(|row| touched.contains(&row.inbox_id)).collect();
    Ok(changes)
}

fn next(row: Option<MessageRow>, (id, fact): (InboxId, &Fact), event: &InboxEvent) -> Result<MessageRow, Cause> {
    let stream = || format!("inbox-{id}");
    let mut row = match (row, event) {
        (Some(_), InboxEvent::Received(_)) => return Err(Cause::SecondCreation(stream())),
        (None, InboxEvent::Received(e)) => received(id, e, fact),
        (None, _) => return Err(Cause::MissingRow(stream())),
        (Some(row), _) => row,
    };
    match event {
        InboxEvent::Received(_) => {}
        InboxEvent::Applied(e) => {
            row.judged = true;
            (row.applied, row.no_op, row.quarantined) = (e.applied, e.no_op, e.quarantined);
        }
        InboxEvent::Quarantined(e) => row.waiting += u64::try_from(e.items.len()).unwrap_or(u64::MAX),
        InboxEvent::Resolved(_) => row.waiting = row.waiting.saturating_sub(1),
        InboxEvent::JudgedAgain(e) => {
            row.waiting = row.waiting.saturating_sub(u64::try_from(e.items.len()).unwrap_or(u64::MAX));
        }
    }
    (row.revision, row.last_position, row.updated_at_us) = (fact.revision, fact.position, fact.recorded_at_us);
    Ok(row)
}

fn received(id: InboxId, event: &BankMessageReceived, fact: &Fact) -> MessageRow {
    MessageRow {
        inbox_id: id,
        bank: event.bank.clone(),
        format: event.format.clone(),
        version: event.version.clone(),
        sha256: event.sha256.clone(),
        bytes: event.bytes,
        items: event.items,
        judged: false,
        applied: 0,
        no_op: 0,
        quarantined: 0,
        waiting: 0,
        received_at_us: fact.recorded_at_us,
        statements: event.statements.clone(),
        revision: fact.revision,
        received_position: fact.position,
        last_position: fact.position,
        updated_at_us: fact.recorded_at_us,
    }
}

fn note_items(row: &MessageRow, fact: &Fact, event: &InboxEvent, changes: &mut InboxChanges) {
    match event {
        InboxEvent::Received(_) | InboxEvent::Applied(_) => {}
        InboxEvent::Quarantined(e) => {
            let places = fact.position * PLACES_IN_EVENT..;
            changes.waiting.extend(places.zip(&e.items).map(|(place, item)| WaitingRow {
                inbox_id: row.inbox_id,
                item: item.item,
                place,
                bank: row.bank.clone(),
                cause: item.cause.clone(),
                payment_id: item.payment_id,
                unit_key: item.unit_key.clone(),
                since_us: fact.recorded_at_us,
                resolved: false,
            }));
        }
        InboxEvent::JudgedAgain(e) => {
            let inbox_id = row.inbox_id;
            changes.resolved.extend(e.items.iter().map(|again| ResolvedItem { inbox_id, item: again.item }));
        }
        InboxEvent::Resolved(e) => {
            changes.resolved.push(ResolvedItem { inbox_id: row.inbox_id, item: e.item });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::VaultRef;
    use crate::domain::inbox::{BankMessageApplied, BankMessageQuarantined, BankMessageResolved, QuarantinedItem};
    use uuid::Uuid;

    fn id() -> InboxId {
        InboxId::from_uuid(Uuid::from_u128(5))
    }

    fn fact(position: u64, event: InboxEvent) -> Fact {
        let recorded_at_us = i64::try_from(position).unwrap() * 10;
        Fact { position, revision: position - 1, recorded_at_us, subject: Subject::Inbox(id(), event) }
    }

    fn came() -> InboxEvent {
        InboxEvent::Received(BankMessageReceived {
            bank: BankId::parse("vcb").unwrap(),
            key_id: "k".to_owned(),
            scheme: "jws".to_owned(),
            format: "camt.054".to_owned(),
            version: Some("001.08".to_owned()),
            sha256: "0".repeat(64),
            bytes: 9,
            items: 3,
            body_ref: VaultRef::from_uuid(Uuid::from_u128(6)),
            statements: Vec::new(),
        })
    }

    fn wait(items: &[u64]) -> InboxEvent {
        let item = |item: &u64| QuarantinedItem {
            item: *item,
            of_item: None,
            cause: "bad-reference".to_owned(),
            payment_id: None,
            unit_key: None,
            end_to_end_id: None,
            body_ref: None,
            sha256: None,
            rest: None,
        };
        InboxEvent::Quarantined(BankMessageQuarantined { items: items.iter().map(item).collect() })
    }

    fn life() -> Vec<Fact> {
        let applied = InboxEvent::Applied(BankMessageApplied { applied: 1, no_op: 0, quarantined: 2, of_whole: None });
        let resolved = InboxEvent::Resolved(BankMessageResolved { item: 3, reason: "asked".to_owned() });
        vec![fact(1, came()), fact(2, wait(&[2, 3])), fact(3, applied), fact(4, resolved)]
    }

    #[test]
    fn a_message_counts_its_verdicts_and_what_still_waits() {
        let changes = fold(&life(), Vec::new()).unwrap();
        let row = &changes.messages[0];
        assert_eq!((row.judged, row.applied, row.quarantined, row.waiting), (true, 1, 2, 1));
        assert_eq!((row.received_position, row.last_position, row.updated_at_us), (1, 4, 40));
        assert_eq!(changes.waiting.iter().map(|row| (row.item, row.place)).collect::<Vec<_>>(), [(2, 1024), (3, 1025)]);
        assert_eq!(changes.resolved, [ResolvedItem { inbox_id: id(), item: 3 }]);
    }

    #[test]
    fn whatever_the_batches_the_message_ends_alike() {
        let whole = fold(&life(), Vec::new()).unwrap().messages;
        for size in 1..4 {
            let (mut rows, mut waiting) = (Vec::new(), Vec::new());
            for batch in life().chunks(size) {
                let changes = fold(batch, rows).unwrap();
                rows = changes.messages;
                waiting.extend(changes.waiting);
            }
            assert_eq!((&rows, waiting.len()), (&whole, 2), "{size}");
        }
    }

    #[test]
    fn what_never_came_stops_the_projection() {
        let error = fold(&[fact(7, wait(&[1]))], Vec::new()).unwrap_err();
        assert_eq!(error, Cause::MissingRow(format!("inbox-{}", id())).at(7));
        let error = fold(&[fact(1, came()), fact(2, came())], Vec::new()).unwrap_err();
        assert_eq!(error, Cause::SecondCreation(format!("inbox-{}", id())).at(2));
    }
}
