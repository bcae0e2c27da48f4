//! The beneficiaries projection: one row per beneficiary, folded from its own events alone.

use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::beneficiary::authorisation::Authorisation;
use crate::domain::beneficiary::event::{AccountChecked, Cohort};
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityStatus};
use crate::domain::beneficiary::state::{Beneficiary, PayoutMethod, Registered};
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::ids::{BeneficiaryId, ChannelCode, UnitKey};
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
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
    /// What few people have anything of.
    pub more: More,
    /// Position from which the person has been counted as now: see [`Counted`].
    pub counted_position: u64,
    /// Revision of the stream.
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub registered_position: u64,
    /// Position of the last event.
    pub last_position: u64,
    /// When the last event was recorded, in microseconds since the Unix epoch.
    pub updated_at_us: i64,
}

/// What few people have anything of, kept together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct More {
    /// Name, identifiers and accounts were destroyed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorisations: Vec<Authorisation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspensions: Vec<Suspension>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account_checks: Vec<AccountChecked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityMatchRecorded>,
}

/// What a person counts as in figures of identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The unit with the latest day of effect.
    pub unit: Option<UnitKey>,
    /// Of the payout method chosen last.
    pub channel: Option<ChannelCode>,
    /// `None`: never matched.
    pub identity: Option<IdentityStatus>,
    /// Neither reported dead nor erased.
    pub counts: bool,
}

/// What a person counted as between two positions: from the first to before the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCounted {
    pub beneficiary_id: BeneficiaryId,
    pub from_position: u64,
    pub to_position: u64,
    pub counted: Counted,
}

/// What a batch changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    /// The rows that changed, by id.
    pub rows: Vec<BeneficiaryRow>,
    /// What people counted as before, in the order of the log.
    pub past: Vec<PastCounted>,
}

impl BeneficiaryRow {
    /// The last day on which somebody may receive on the person's behalf, if that right ends at all.
    #[must_use]
    pub fn authorised_until(&self) -> Option<Date> {
        if self.more.authorisations.is_empty() {
            return None;
        }
        self.state().registered.and_then(|person| person.next_authorisation_end())
    }

    /// What the person counts as now.
    #[must_use]
    pub fn counted(&self) -> Counted {
        Counted {
            unit: self.latest_unit().cloned(),
            channel: self.methods.last().map(|method| method.channel.clone()),
            identity: self.more.identity.as_ref().map(|known| known.result.status()),
            counts: self.died_on.is_none() && !self.more.erased,
        }
    }

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
                methods: self.methods,
                died_on: self.died_on,
                cohort: self.cohort,
                // An identifier is not decided on from a row.
                identifiers: Vec::new(),
                erased: self.more.erased,
                authorisations: self.more.authorisations,
                suspensions: self.more.suspensions,
                account_checks: self.more.account_checks,
                identity: self.more.identity,
                beneficiary_id: self.beneficiary_id,
                units: self.units,
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
            Subject::Payment(..)
            | Subject::Desk(..)
            | Subject::List(..)
            | Subject::Inbox(..)
            | Subject::Recovery(..)
            | Subject::Approval(..) => None,
        })
        .collect();
    ids.into_iter().collect()
}

/// Folds a batch over the rows loaded for it.
pub fn fold(facts: &[Fact], loaded: Vec<BeneficiaryRow>) -> Result<Folded, ProjectionError> {
    let mut rows: BTreeMap<BeneficiaryId, BeneficiaryRow> =
        loaded.into_iter().map(|row| (row.beneficiary_id, row)).collect();
    let (mut touched, mut past) = (BTreeSet::new(), Vec::new());
    for fact in facts {
        if let Subject::Beneficiary(id, event) = &fact.subject {
            let before = rows.remove(id);
            let was = before.as_ref().map(|row| (row.counted(), row.updated_at_us));
            let mut row = next(before, *id, fact, event).map_err(|cause| cause.at(fact.position))?;
            past.extend(was.and_then(|was| leave(&mut row, was, fact)));
            rows.insert(*id, row);
            touched.insert(*id);
        }
    }
    let rows = rows.into_values().filter(|row| touched.contains(&row.beneficiary_id)).collect();
    Ok(Folded { rows, past })
}

/// The state that an event ends, if it ends one. What a registration says of the payout method in the same breath is part of it: the
/// two events came in one append.
fn leave(row: &mut BeneficiaryRow, (was, since_us): (Counted, i64), fact: &Fact) -> Option<PastCounted> {
    if row.counted() == was {
        return None;
    }
    let of_registration = fact.revision == 1
        && fact.position == row.registered_position + 1
        && was.channel.is_none()
        && was.unit == row.counted().unit
        && fact.recorded_at_us == since_us;
    if of_registration {
        return None;
    }
    let from_position = std::mem::replace(&mut row.counted_position, fact.position);
    Some(PastCounted { beneficiary_id: row.beneficiary_id, from_position, to_position: fact.position, counted: was })
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
            more: More::default(),
            counted_position: fact.position,
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
        row.more = More {
            erased: person.erased,
            authorisations: person.authorisations,
            suspensions: person.suspensions,
            account_checks: person.account_checks,
            identity: person.identity,
        };
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
    use crate::domain::beneficiary::identity::IdentityResult;
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
                home_ground: None,
            }),
            BeneficiaryEvent::IdentityMatched(IdentityMatchRecorded {
                result: IdentityResult::Verified,
                source: "population_database".into(),
                checked_on: date(2025, 4, 1),
                request_ref: None,
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
        let row = fold(&life(), Vec::new()).unwrap().rows.pop().unwrap();
        assert_eq!(row.units, [(None, unit("A")), (Some(date(2025, 3, 1)), unit("B"))]);
        assert_eq!(row.latest_unit(), Some(&unit("B")));
        assert_eq!(row.methods.len(), 1);
        assert_eq!(row.died_on, Some(date(2025, 5, 1)));
        assert_eq!((row.revision, row.registered_position, row.last_position), (4, 10, 14));
    }

    #[test]
    fn what_a_person_counted_as_before_is_kept_with_its_positions() {
        let folded = fold(&life(), Vec::new()).unwrap();
        let told = |past: &PastCounted| {
            let counted = &past.counted;
            let unit = counted.unit.as_ref().map(ToString::to_string);
            (past.from_position, past.to_position, unit, counted.channel.is_some(), counted.identity, counted.counts)
        };
        let past: Vec<_> = folded.past.iter().map(told).collect();
        let (a, b) = (Some("A".to_owned()), Some("B".to_owned()));
        let expected = [
            (10, 11, a, false, None, true),
            (11, 12, b.clone(), false, None, true),
            (12, 13, b.clone(), true, None, true),
            (13, 14, b, true, Some(IdentityStatus::Verified), true),
        ];
        assert_eq!(past, expected);
        let row = &folded.rows[0];
        assert_eq!((row.counted_position, row.counted().counts), (14, false));
    }

    #[test]
    fn the_method_that_a_registration_brings_is_part_of_it() {
        let mut facts = vec![life().remove(0), life().remove(2)];
        (facts[1].position, facts[1].revision) = (11, 1);
        let folded = fold(&facts, Vec::new()).unwrap();
        assert_eq!((folded.rows[0].counted_position, folded.past.len()), (10, 0));
        facts[1].recorded_at_us += 1;
        assert_eq!(fold(&facts, Vec::new()).unwrap().past.len(), 1, "chosen later");
    }

    #[test]
    fn any_batches_give_the_same_row() {
        let facts = life();
        for cut in 1..facts.len() {
            let first = fold(&facts[..cut], Vec::new()).unwrap();
            let mut second = fold(&facts[cut..], first.rows).unwrap();
            second.past = [first.past, second.past].concat();
            assert_eq!(Ok(second), fold(&facts, Vec::new()), "cut at {cut}");
        }
    }

    #[test]
    fn rows_that_no_event_touched_are_not_written() {
        let rows = fold(&life(), Vec::new()).unwrap().rows;
        assert_eq!(fold(&[], rows), Ok(Folded::default()));
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
