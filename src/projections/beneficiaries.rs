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
    pub fn state(&self) -> Beneficiary {
        Beneficiary {
            registered: Some(Registered {
                beneficiary_id: self.beneficiary_id,
                units: self.units.clone(),
                methods: self.methods.clone(),
                died_on: self.died_on,
            }),
        }
    }
}

/// The beneficiaries whose rows the batch needs.
#[must_use]
pub fn ids(facts: &[Fact]) -> Vec<BeneficiaryId> {
    let ids: BTreeSet<BeneficiaryId> = facts
        .iter()
        .filter_map(|fact| match &fact.subject {
            Subject::Beneficiary(id, _) => Some(*id),
            Subject::Payment(..) => None,
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
