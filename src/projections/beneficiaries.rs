//! The beneficiaries projection: one row per beneficiary, folded from its own events alone.

use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::beneficiary::event::Cohort;
use crate::domain::beneficiary::state::{Beneficiary, PayoutMethod, Registered};
use crate::domain::ids::{BeneficiaryId, UnitKey};
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A beneficiary as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeneficiaryRow {
    /// The pseudonym.
    pub beneficiary_id: BeneficiaryId,
    /// Units by first day of effect, oldest first; the first has no day.
    pub units: Vec<(Option<Date>, UnitKey)>,
    /// Payout methods in the order chosen.
    pub methods: Vec<PayoutMethod>,
    /// Day of death, if reported.
    pub died_on: Option<Date>,
    /// Coarse facts for statistics.
    pub cohort: Cohort,
    /// Revision of the stream.
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub registered_position: u64,
    /// Position of the last event.
    pub last_position: u64,
    /// When the last event was recorded, in microseconds since the Unix epoch.
    pub updated_at_us: i64,
}

impl BeneficiaryRow {
    /// The unit with the latest day of effect: where the person is, or is about to be.
    #[must_use]
    pub fn latest_unit(&self) -> Option<&UnitKey> {
        self.units.last().map(|(_, unit)| unit)
    }

    /// The state that decisions are made on, for use cases that need facts of many people at once.
    #[must_use]
    pub fn into_state(self) -> Beneficiary {
        Beneficiary {
            registered: Some(Registered {
                beneficiary_id: self.beneficiary_id,
                units: self.units,
                methods: self.methods,
                died_on: self.died_on,
                // Nobody finds an erased person by an identifier, which is how rows are asked for; the stream decides.
                erased: false,
                cohort: self.cohort,
                // Nor is an identifier decided on from a row.
                identifiers: Vec::new(),
            }),
        }
    }

    /// The same of a row that is still needed.
    #[must_use]
    pub fn state(&self) -> Beneficiary {
        self.clone().into_state()
    }
}

/// The beneficiaries whose rows the batch needs.
#[must_use]
pub fn ids(facts: &[Fact]) -> Vec<BeneficiaryId> {
    let ids: BTreeSet<BeneficiaryId> = facts
        .iter()
        .filter_map(|fact| match &fact.subject {
            Subject::Beneficiary(id, _) => Some(*id),
            Subject::Payment(..) | Subject::Desk(..) | Subject::List(..) => None,
        })
        .collect();
    ids.into_iter().collect()
}

/// Folds a batch over the rows loaded for it; gives the rows that changed, by id.
pub fn fold(facts: &[Fact], loaded: Vec<BeneficiaryRow>) -> Result<Vec<BeneficiaryRow>, ProjectionError> {
    let mut rows: BTreeMap<BeneficiaryId, BeneficiaryRow> =
        loaded.into_iter().map(|row| (row.beneficiary_id, row)).collect();
    let mut touched = BTreeSet::new();
    for fact in facts {
        if let Subject::Beneficiary(id, event) = &fact.subject {
            let row = next(rows.remove(id), *id, fact, event).map_err(|cause| cause.at(fact.position))?;
            rows.insert(*id, row);
            touched.insert(*id);
        }
    }
    Ok(rows.into_values().filter(|row| touched.contains(&row.beneficiary_id)).collect())
}

fn next(
    row: Option<BeneficiaryRow>,
    id: BeneficiaryId,
    fact: &Fact,
    event: &BeneficiaryEvent,
) -> Result<BeneficiaryRow, Cause> {
    let stream = || format!("beneficiary-{id}");
    let mut row = match (row, event) {
        (Some(_), BeneficiaryEvent::Registered(_)) => return Err(Cause::SecondCreation(stream())),
        (None, BeneficiaryEvent::Registered(e)) if e.beneficiary_id != id => return Err(Cause::StrangeEvent(stream())),
        (None, BeneficiaryEvent::Registered(e)) => BeneficiaryRow {
            beneficiary_id: id,
            units: vec![(None, e.unit_key.clone())],
            methods: Vec::new(),
            died_on: None,
            cohort: e.cohort,
            revision: fact.revision,
            registered_position: fact.position,
            last_position: fact.position,
            updated_at_us: fact.recorded_at_us,
        },
        (None, _) => return Err(Cause::MissingRow(stream())),
        (Some(row), _) => row,
    };
    let mut state = row.state();
    if !matches!(event, BeneficiaryEvent::Registered(_)) {
        state.evolve(event);
    }
    if let Some(person) = state.registered {
        row.units = person.units;
        row.methods = person.methods;
        row.died_on = person.died_on;
    }
    row.revision = fact.revision;
    row.last_position = fact.position;
    row.updated_at_us = fact.recorded_at_us;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::beneficiary::event::{
        BeneficiaryDied, BeneficiaryMoved, BeneficiaryRegistered, PayoutMethodChosen,
    };
    use crate::domain::ids::ChannelCode;
    use crate::domain::payment::event::Payee;
    use crate::domain::period::Month;
    use jiff::civil::date;
    use uuid::Uuid;

    fn id() -> BeneficiaryId {
        BeneficiaryId::from_uuid(Uuid::from_u128(7))
    }

    fn unit(key: &str) -> UnitKey {
        UnitKey::parse(key).unwrap()
    }

    fn life() -> Vec<Fact> {
        let month = Month::new(2025, 4).unwrap();
        let events = [
            BeneficiaryEvent::Registered(BeneficiaryRegistered {
                beneficiary_id: id(),
                unit_key: unit("A"),
                cohort: Cohort::default(),
            }),
            BeneficiaryEvent::Moved(BeneficiaryMoved { to_unit_key: unit("B"), effective_on: date(2025, 3, 1) }),
            BeneficiaryEvent::PayoutMethodChosen(PayoutMethodChosen {
                channel: ChannelCode::parse("account").unwrap(),
                agent: None,
                bank: None,
                account_ref: None,
                requested_on: date(2025, 3, 9),
                effective_month: month,
                payee: Payee::Guardian,
            }),
            BeneficiaryEvent::Died(BeneficiaryDied {
                died_on: date(2025, 5, 1),
                reported_on: date(2025, 5, 9),
                source: "x".into(),
            }),
        ];
        let fact = |(revision, event)| Fact {
            position: 10 + revision,
            revision,
            recorded_at_us: 5,
            subject: Subject::Beneficiary(id(), event),
        };
        (0..).zip(events).map(fact).collect()
    }

    #[test]
    fn a_row_holds_what_its_events_say() {
        let row = fold(&life(), Vec::new()).unwrap().pop().unwrap();
        assert_eq!(row.units, [(None, unit("A")), (Some(date(2025, 3, 1)), unit("B"))]);
        assert_eq!(row.latest_unit(), Some(&unit("B")));
        assert_eq!(row.methods.len(), 1);
        assert_eq!(row.died_on, Some(date(2025, 5, 1)));
        assert_eq!((row.revision, row.registered_position, row.last_position), (3, 10, 13));
    }

    #[test]
    fn any_batches_give_the_same_row() {
        let facts = life();
        for cut in 1..facts.len() {
            let rows = fold(&facts[..cut], Vec::new()).unwrap();
            assert_eq!(fold(&facts[cut..], rows), fold(&facts, Vec::new()), "cut at {cut}");
        }
    }

    #[test]
    fn rows_that_no_event_touched_are_not_written() {
        let rows = fold(&life(), Vec::new()).unwrap();
        assert_eq!(fold(&[], rows), Ok(Vec::new()));
    }

    #[test]
    fn a_stream_that_does_not_begin_with_a_registration_stops_the_projection() {
        let error = fold(&life()[1..], Vec::new()).unwrap_err();
        assert_eq!(error, Cause::MissingRow(format!("beneficiary-{}", id())).at(11));
    }

    #[test]
    fn a_second_registration_stops_the_projection() {
        let twice = [life()[0].clone(), life()[0].clone()];
        assert!(matches!(fold(&twice, Vec::new()).unwrap_err().cause, Cause::SecondCreation(_)));
    }
}
