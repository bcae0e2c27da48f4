//! The desks projection: one row for each desk, and one for each day of its cash book, folded from the desks' events alone.

use crate::domain::desk::{DayCash, DeskEvent, Ledger};
use crate::domain::ids::{AgentCode, DeskCode, DeskId, DeskKindCode, UnitKey};
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A desk as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRow {
    pub desk_id: DeskId,
    pub code: DeskCode,
    pub kind: DeskKindCode,
    pub unit_key: UnitKey,
    pub agent: AgentCode,
    /// The last day that is liquidated.
    pub liquidated_to: Option<Date>,
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub registered_position: u64,
    pub last_position: u64,
    pub updated_at_us: i64,
}

/// One day of a desk's cash book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskDayRow {
    pub desk_id: DeskId,
    pub day: Date,
    pub cash: DayCash,
}

/// Rows that a batch needs, or changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeskRows {
    pub desks: Vec<DeskRow>,
    pub days: Vec<DeskDayRow>,
}

impl DeskRows {
    /// The cash books, by desk.
    #[must_use]
    pub fn ledgers(self) -> BTreeMap<DeskId, Ledger> {
        let mut ledgers: BTreeMap<DeskId, Ledger> = BTreeMap::new();
        for row in self.days {
            *ledgers.entry(row.desk_id).or_default().day(row.day) = row.cash;
        }
        ledgers
    }
}

/// The desks whose rows the batch needs.
#[must_use]
pub fn ids(facts: &[Fact]) -> Vec<DeskId> {
    let ids: BTreeSet<DeskId> = facts
        .iter()
        .filter_map(|fact| match &fact.subject {
            Subject::Desk(id, _) => Some(*id),
            Subject::Payment(..)
            | Subject::Beneficiary(..)
            | Subject::Recovery(..)
            | Subject::Approval(..)
            | Subject::List(..)
            | Subject::Inbox(..) => None,
        })
        .collect();
    ids.into_iter().collect()
}

/// Folds a batch over the rows loaded for it; gives the rows that changed, by id and day.
pub fn fold(facts: &[Fact], loaded: DeskRows) -> Result<DeskRows, ProjectionError> {
    let mut desks: BTreeMap<DeskId, DeskRow> = loaded.desks.into_iter().map(|row| (row.desk_id, row)).collect();
    let mut days: BTreeMap<(DeskId, Date), DayCash> =
        loaded.days.into_iter().map(|row| ((row.desk_id, row.day), row.cash)).collect();
    let (mut touched, mut touched_days) = (BTreeSet::new(), BTreeSet::new());
    for fact in facts {
        let Subject::Desk(id, event) = &fact.subject else { continue };
        let row = next(desks.remove(id), *id, fact, event).map_err(|cause| cause.at(fact.position))?;
        desks.insert(*id, row);
        touched.insert(*id);
        if let Some(day) = enter(event) {
            add(event, days.entry((*id, day)).or_default());
            touched_days.insert((*id, day));
        }
    }
    Ok(DeskRows {
        desks: desks.into_values().filter(|row| touched.contains(&row.desk_id)).collect(),
        days: days
            .into_iter()
            .filter(|(key, _)| touched_days.contains(key))
            .map(|((desk_id, day), cash)| DeskDayRow { desk_id, day, cash })
            .collect(),
    })
}

fn next(row: Option<DeskRow>, id: DeskId, fact: &Fact, event: &DeskEvent) -> Result<DeskRow, Cause> {
    let stream = || format!("desk-{id}");
    let mut row = match (row, event) {
        (Some(_), DeskEvent::Registered(_)) => return Err(Cause::SecondCreation(stream())),
        (None, DeskEvent::Registered(e)) if e.desk_id != id => return Err(Cause::StrangeEvent(stream())),
        (None, DeskEvent::Registered(e)) => DeskRow {
            desk_id: id,
            code: e.code.clone(),
            kind: e.kind.clone(),
            unit_key: e.unit_key.clone(),
            agent: e.agent.clone(),
            liquidated_to: None,
            revision: fact.revision,
            registered_position: fact.position,
            last_position: fact.position,
            updated_at_us: fact.recorded_at_us,
        },
        (None, _) => return Err(Cause::MissingRow(stream())),
        (Some(row), _) => row,
    };
    if let DeskEvent::Liquidated(e) = event {
        row.liquidated_to = row.liquidated_to.max(Some(e.day));
    }
    row.revision = fact.revision;
    row.last_position = fact.position;
    row.updated_at_us = fact.recorded_at_us;
    Ok(row)
}

/// The day of the book that an event is entered on.
const fn enter(event: &DeskEvent) -> Option<Date> {
    match event {
        DeskEvent::Registered(_) | DeskEvent::Liquidated(_) => None,
        DeskEvent::Advanced(e) => Some(e.day),
        DeskEvent::Paid(e) => Some(e.day),
        DeskEvent::HandedBack(e) => Some(e.day),
        DeskEvent::UnpaidListed(e) => Some(e.day),
    }
}

fn add(event: &DeskEvent, cash: &mut DayCash) {
    match event {
        DeskEvent::Registered(_) | DeskEvent::Liquidated(_) => {}
        DeskEvent::Advanced(e) => cash.advanced += e.amount.minor,
        DeskEvent::Paid(e) => {
            cash.paid += e.amount.minor;
            cash.paid_count += 1;
        }
        DeskEvent::HandedBack(e) => cash.handed_back += e.amount.minor,
        DeskEvent::UnpaidListed(e) => {
            cash.handed_back += e.amount.minor;
            cash.unclaimed += e.amount.minor;
            cash.unclaimed_count += i64::try_from(e.payments.len()).unwrap_or(i64::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codec::{self, DomainEvent};
    use uuid::Uuid;

    fn id() -> DeskId {
        DeskId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00d1))
    }

    /// A desk's life from the golden samples, all on one day or another.
    fn life() -> Vec<Fact> {
        let samples = [
            ("DeskRegistered", include_str!("../../tests/fixtures/events/DeskRegistered.v1.json")),
            ("CashAdvanced", include_str!("../../tests/fixtures/events/CashAdvanced.v1.json")),
            ("CashPaid", include_str!("../../tests/fixtures/events/CashPaid.v1.json")),
            ("CashHandedBack", include_str!("../../tests/fixtures/events/CashHandedBack.v1.json")),
            ("UnpaidListHandedBack", include_str!("../../tests/fixtures/events/UnpaidListHandedBack.v1.json")),
            ("DeskDayLiquidated", include_str!("../../tests/fixtures/events/DeskDayLiquidated.v1.json")),
        ];
        let event = |(name, data): (&str, &str)| match codec::decode(name, 1, data.as_bytes()) {
            Ok(Some(DomainEvent::Desk(event))) => event,
            other => panic!("{other:?}"),
        };
        let fact = |(revision, sample)| Fact {
            position: 10 + revision,
            revision,
            recorded_at_us: 5,
            subject: Subject::Desk(id(), event(sample)),
        };
        (0..).zip(samples).map(fact).collect()
    }

    /// The rows after a batch, with those that it did not touch.
    fn after(facts: &[Fact], before: &DeskRows) -> DeskRows {
        let changed = fold(facts, before.clone()).unwrap();
        let untouched = before.days.iter().filter(|row| !changed.days.iter().any(|new| new.day == row.day)).cloned();
        let mut days: Vec<DeskDayRow> = changed.days.iter().cloned().chain(untouched).collect();
        days.sort_by_key(|row| row.day);
        DeskRows { desks: changed.desks, days }
    }

    #[test]
    fn rows_hold_what_their_events_say() {
        let rows = fold(&life(), DeskRows::default()).unwrap();
        let desk = rows.desks[0].clone();
        assert_eq!((desk.revision, desk.registered_position, desk.last_position), (5, 10, 15));
        assert!(desk.liquidated_to.is_some());
        let ledger = rows.ledgers().remove(&id()).unwrap();
        let cash = ledger.days.values().fold((0, 0, 0, 0), |sum, day| {
            (sum.0 + day.advanced, sum.1 + day.paid, sum.2 + day.handed_back, sum.3 + day.unclaimed)
        });
        assert_eq!(cash, (50_000_000, 5_000_000, 20_000_000, 10_000_000));
    }

    #[test]
    fn any_batches_give_the_same_rows() {
        let facts = life();
        let whole = after(&facts, &DeskRows::default());
        for cut in 1..facts.len() {
            let first = after(&facts[..cut], &DeskRows::default());
            assert_eq!(after(&facts[cut..], &first), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_stream_that_does_not_begin_with_a_registration_stops_the_projection() {
        let error = fold(&life()[1..], DeskRows::default()).unwrap_err();
        assert_eq!(error, Cause::MissingRow(format!("desk-{}", id())).at(11));
        let twice = [life()[0].clone(), life()[0].clone()];
        assert!(matches!(fold(&twice, DeskRows::default()).unwrap_err().cause, Cause::SecondCreation(_)));
    }
}
