//! The lists projection: a row for each payment list, its items, and who was left out. Folded from the lists' own events alone.

use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::list::event::{AgentAnswer, ListEvent, ListItemsAdded, ListItemsRemoved, ListOpened, Origin, Tally};
use crate::domain::list::{CHUNK_ITEMS_MAX, Stage};
use crate::domain::money::Currency;
use crate::domain::period::Month;
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A list as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    pub list_id: ListId,
    pub cycle: Month,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub currency: Currency,
    pub origin: Origin,
    pub previous: Vec<ListId>,
    /// The key that opened it.
    pub prepared_by: String,
    pub stage: Stage,
    pub item_count: u64,
    pub sum_minor: i64,
    pub left_out: u64,
    /// Items by unit.
    pub units: BTreeMap<UnitKey, u64>,
    /// Items by bank; those without one are in none.
    pub banks: BTreeMap<BankId, u64>,
    /// Items that the last check found unfit; `None` when the list changed since.
    pub blocking: Option<u64>,
    pub approved_by: Option<String>,
    pub answer: Option<AgentAnswer>,
    pub advanced_minor: Option<i64>,
    pub paid: Option<Tally>,
    pub unpaid: Option<Tally>,
    pub handed_back_minor: Option<i64>,
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub opened_position: u64,
    pub last_position: u64,
    pub opened_at_us: i64,
    pub updated_at_us: i64,
}

impl ListRow {
    /// The bank that all items go to, if it is one.
    #[must_use]
    pub fn only_bank(&self) -> Option<&BankId> {
        self.banks.iter().find(|(_, items)| **items == self.item_count).map(|(bank, _)| bank)
    }
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    pub list_id: ListId,
    /// Its order on the list.
    pub place: u64,
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: UnitKey,
    pub bank: Option<BankId>,
    pub amount_minor: i64,
    /// Why it came off again.
    pub removed: Option<String>,
}

/// Somebody who was to be on a list and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutRow {
    pub list_id: ListId,
    pub place: u64,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: Option<UnitKey>,
    pub amount_minor: i64,
    pub reason: String,
    pub note: Option<String>,
}

/// A stored item that came off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    pub list_id: ListId,
    pub payment_id: PaymentId,
    pub reason: String,
}

/// What a batch changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListChanges {
    /// By id.
    pub lists: Vec<ListRow>,
    pub items: Vec<ItemRow>,
    pub removed: Vec<Removal>,
    pub left_out: Vec<LeftOutRow>,
}

/// The lists whose rows the batch needs.
#[must_use]
pub fn ids(facts: &[Fact]) -> Vec<ListId> {
    let ids: BTreeSet<ListId> = facts
        .iter()
        .filter_map(|fact| match &fact.subject {
            Subject::List(id, _) => Some(*id),
            Subject::Payment(..)
            | Subject::Beneficiary(..)
            | Subject::Recovery(..)
            | Subject::Approval(..)
            | Subject::Desk(..)
            | Subject::Inbox(..) => None,
        })
        .collect();
    ids.into_iter().collect()
}

/// Folds a batch over the rows loaded for it.
pub fn fold(facts: &[Fact], loaded: Vec<ListRow>) -> Result<ListChanges, ProjectionError> {
    let mut working = Working {
        rows: loaded.into_iter().map(|row| (row.list_id, row)).collect(),
        touched: BTreeSet::new(),
        fresh: HashMap::new(),
        changes: ListChanges::default(),
    };
    for fact in facts {
        if let Subject::List(id, event) = &fact.subject {
            working.event(fact, *id, event).map_err(|cause| cause.at(fact.position))?;
        }
    }
    Ok(working.finish())
}

struct Working {
    rows: BTreeMap<ListId, ListRow>,
    touched: BTreeSet<ListId>,
    /// Where an item that this batch added stands among the changes.
    fresh: HashMap<(ListId, PaymentId), usize>,
    changes: ListChanges,
}

impl Working {
    fn event(&mut self, fact: &Fact, id: ListId, event: &ListEvent) -> Result<(), Cause> {
        let stream = || format!("list-{id}");
        let mut row = match (self.rows.remove(&id), event) {
            (Some(_), ListEvent::Opened(_)) => return Err(Cause::SecondCreation(stream())),
            (None, ListEvent::Opened(e)) if e.list_id != id => return Err(Cause::StrangeEvent(stream())),
            (None, ListEvent::Opened(e)) => opened(fact, e),
            (None, _) => return Err(Cause::MissingRow(stream())),
            (Some(row), _) => row,
        };
        match event {
            ListEvent::ItemsAdded(e) => self.add(&mut row, e),
            ListEvent::ItemsRemoved(e) => self.remove(&mut row, e),
            ListEvent::Opened(_)
            | ListEvent::Prepared(_)
            | ListEvent::Checked(_)
            | ListEvent::Approved(_)
            | ListEvent::Submitted(_)
            | ListEvent::Acknowledged(_)
            | ListEvent::Reconciled(_)
            | ListEvent::Closed(_)
            | ListEvent::Withdrawn(_)
            | ListEvent::Shown(_) => step(&mut row, event),
        }
        row.revision = fact.revision;
        row.last_position = fact.position;
        row.updated_at_us = fact.recorded_at_us;
        self.rows.insert(id, row);
        self.touched.insert(id);
        Ok(())
    }

    fn add(&mut self, row: &mut ListRow, event: &ListItemsAdded) {
        let first = u64::from(event.chunk) * CHUNK_ITEMS_MAX as u64;
        for (place, item) in (first..).zip(&event.items) {
            row.item_count += 1;
            row.sum_minor = row.sum_minor.saturating_add(item.amount_minor);
            *row.units.entry(item.unit_key.clone()).or_default() += 1;
            if let Some(bank) = &item.bank {
                *row.banks.entry(bank.clone()).or_default() += 1;
            }
            self.fresh.insert((row.list_id, item.payment_id), self.changes.items.len());
            self.changes.items.push(ItemRow {
                list_id: row.list_id,
                place,
                payment_id: item.payment_id,
                attempt: item.attempt,
                beneficiary_id: item.beneficiary_id,
                benefit_type: item.benefit_type.clone(),
                unit_key: item.unit_key.clone(),
                bank: item.bank.clone(),
                amount_minor: item.amount_minor,
                removed: None,
            });
        }
        row.left_out += event.left_out.len() as u64;
        for (place, left_out) in (first..).zip(&event.left_out) {
            self.changes.left_out.push(LeftOutRow {
                list_id: row.list_id,
                place,
                beneficiary_id: left_out.beneficiary_id,
                benefit_type: left_out.benefit_type.clone(),
                unit_key: left_out.unit_key.clone(),
                amount_minor: left_out.amount_minor,
                reason: left_out.reason.clone(),
                note: left_out.note.clone(),
            });
        }
    }

    fn remove(&mut self, row: &mut ListRow, event: &ListItemsRemoved) {
        for item in &event.items {
            row.item_count = row.item_count.saturating_sub(1);
            row.sum_minor = row.sum_minor.saturating_sub(item.amount_minor);
            take_one(&mut row.units, &item.unit_key);
            if let Some(bank) = &item.bank {
                take_one(&mut row.banks, bank);
            }
            let (list_id, payment_id, reason) = (row.list_id, item.payment_id, event.reason.clone());
            match self.fresh.remove(&(list_id, payment_id)) {
                Some(at) => self.changes.items[at].removed = Some(reason),
                None => self.changes.removed.push(Removal { list_id, payment_id, reason }),
            }
        }
        row.blocking = None;
        row.approved_by = None;
        if row.stage == Stage::Approved {
            row.stage = Stage::Prepared;
        }
    }

    fn finish(mut self) -> ListChanges {
        let touched = self.touched;
        self.changes.lists = self.rows.into_values().filter(|row| touched.contains(&row.list_id)).collect();
        self.changes
    }
}

fn take_one<K: Ord>(counts: &mut BTreeMap<K, u64>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

fn opened(fact: &Fact, event: &ListOpened) -> ListRow {
    ListRow {
        list_id: event.list_id,
        cycle: event.cycle,
        channel: event.channel.clone(),
        agent: event.agent.clone(),
        currency: event.currency,
        origin: event.origin,
        previous: event.previous.clone(),
        prepared_by: event.by.clone(),
        stage: Stage::Preparing,
        item_count: 0,
        sum_minor: 0,
        left_out: 0,
        units: BTreeMap::new(),
        banks: BTreeMap::new(),
        blocking: None,
        approved_by: None,
        answer: None,
        advanced_minor: None,
        paid: None,
        unpaid: None,
        handed_back_minor: None,
        revision: fact.revision,
        opened_position: fact.position,
        last_position: fact.position,
        opened_at_us: fact.recorded_at_us,
        updated_at_us: fact.recorded_at_us,
    }
}

/// What a step beyond the items changes.
fn step(row: &mut ListRow, event: &ListEvent) {
    match event {
        ListEvent::Prepared(_) => row.stage = Stage::Prepared,
        ListEvent::Checked(e) => {
            row.blocking = Some(e.findings.iter().filter(|found| found.blocking).map(|found| found.items).sum());
        }
        ListEvent::Approved(e) => {
            row.stage = Stage::Approved;
            row.approved_by = Some(e.by.clone());
        }
        ListEvent::Submitted(e) => {
            row.stage = Stage::Submitted;
            row.advanced_minor = Some(e.advanced.minor);
        }
        ListEvent::Acknowledged(e) => {
            row.stage = Stage::Acknowledged;
            row.answer = Some(e.answer);
        }
        ListEvent::Reconciled(e) => {
            row.stage = Stage::Reconciled;
            row.paid = Some(e.paid);
            row.unpaid = Some(e.unpaid);
            row.handed_back_minor = Some(e.handed_back.minor);
        }
        ListEvent::Closed(_) => row.stage = Stage::Closed,
        ListEvent::Withdrawn(e) => {
            row.stage = Stage::Withdrawn;
            row.handed_back_minor = e.handed_back.map(|money| money.minor);
        }
        ListEvent::Opened(_) | ListEvent::ItemsAdded(_) | ListEvent::ItemsRemoved(_) | ListEvent::Shown(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codec::{DomainEvent, decode};

    fn id() -> ListId {
        ListId::parse("01960000-0000-7000-8000-00000000000a").unwrap()
    }

    fn golden(name: &str, data: &str) -> ListEvent {
        let Ok(Some(DomainEvent::List(event))) = decode(name, 1, data.as_bytes()) else { panic!("{name}") };
        event
    }

    /// One item that comes off, and one list that goes its whole way.
    fn life() -> Vec<Fact> {
        macro_rules! sample {
            ($name:literal) => {
                golden($name, include_str!(concat!("../../tests/fixtures/events/", $name, ".v1.json")))
            };
        }
        let events = [
            sample!("ListOpened"),
            sample!("ListItemsAdded"),
            sample!("ListPrepared"),
            sample!("ListChecked"),
            sample!("ListApproved"),
            sample!("ListItemsRemoved"),
            sample!("ListSubmitted"),
            sample!("ListAcknowledged"),
            sample!("ListReconciled"),
            sample!("ListShown"),
            sample!("ListClosed"),
        ];
        let fact = |(revision, event)| Fact {
            position: 10 + revision,
            revision,
            recorded_at_us: 5,
            subject: Subject::List(id(), event),
        };
        (0..).zip(events).map(fact).collect()
    }

    #[test]
    fn a_row_holds_what_its_events_say() {
        let facts = life();
        let changes = fold(&facts[..5], Vec::new()).unwrap();
        let row = &changes.lists[0];
        assert_eq!((row.stage, row.item_count, row.sum_minor, row.left_out), (Stage::Approved, 1, 3_200_000, 1));
        assert_eq!(row.only_bank().map(BankId::as_str), Some("vcb"));
        assert_eq!(row.units.keys().map(UnitKey::as_str).collect::<Vec<_>>(), ["C20965"]);
        assert_eq!((row.blocking, row.approved_by.as_deref()), (Some(0), Some("k-supervisor")));
        assert_eq!((changes.items.len(), changes.left_out.len()), (1, 1));
        let row = fold(&facts, Vec::new()).unwrap().lists.pop().unwrap();
        assert_eq!((row.stage, row.item_count, row.units.len(), row.revision), (Stage::Closed, 0, 0, 10));
        assert_eq!((row.handed_back_minor, row.paid.map(|paid| paid.items)), (Some(0), Some(1)));
    }

    #[test]
    fn any_batches_give_the_same_rows() {
        let facts = life();
        let whole = fold(&facts, Vec::new()).unwrap();
        for cut in 1..facts.len() {
            let first = fold(&facts[..cut], Vec::new()).unwrap();
            let second = fold(&facts[cut..], first.lists).unwrap();
            assert_eq!(second.lists, whole.lists, "cut at {cut}");
            let mut items = first.items;
            items.extend(second.items);
            for removal in second.removed {
                let item = items.iter_mut().find(|item| item.payment_id == removal.payment_id).unwrap();
                item.removed = Some(removal.reason);
            }
            assert_eq!(items, whole.items, "cut at {cut}");
        }
    }

    #[test]
    fn a_stream_that_is_not_a_list_from_its_beginning_stops_the_projection() {
        let facts = life();
        assert_eq!(fold(&facts[1..], Vec::new()).unwrap_err().cause, Cause::MissingRow(format!("list-{}", id())));
        let twice = [facts[0].clone(), facts[0].clone()];
        assert!(matches!(fold(&twice, Vec::new()).unwrap_err().cause, Cause::SecondCreation(_)));
    }
}
