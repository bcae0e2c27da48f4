//! The fold itself: a working set of rows in memory, events in order, changes out.

use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::ids::{BeneficiaryId, PaymentId};
use crate::domain::payment::PaymentEvent;
use crate::domain::payment::event::{PaymentRejected, PaymentReturned, ReasonClass};
use crate::domain::period::Month;
use crate::domain::recovery::RecoveryEvent;
use crate::domain::recovery::event::OverpaymentFound;
use crate::projections::cell::{CellChanges, CellKey, Difference, EventDifferences, Tally};
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject};
use crate::projections::payments::row::{AttemptRow, LiveRow, PaymentRow};
use crate::projections::payments::{ChangeKind, ChangeRow, Loaded, Person, apply, notable, tallies};
use crate::projections::people::{STANDINGS, spread};
use crate::projections::reference::Reference;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How a row must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowChange {
    /// It was there; fields that no correction touches have changed.
    Moved,
    /// It was there; a corrected field has changed.
    Corrected,
    /// It is new.
    Created,
}

/// A business day of recording and the positions of our events in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusinessDay {
    /// The local date.
    pub day: Date,
    /// Position of the batch's first event of that day.
    pub first_position: u64,
    /// Position of the batch's last event of that day.
    pub last_position: u64,
}

/// A stored interval that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedInterval {
    /// Month of the payment run.
    pub cycle: Month,
    /// Who was paid.
    pub beneficiary_id: BeneficiaryId,
    /// By which payment.
    pub payment_id: PaymentId,
    /// Where the stored interval began.
    pub valid_from_position: u64,
    /// Where it ended.
    pub valid_to_position: u64,
}

/// What a batch changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// Rows by id.
    pub rows: Vec<(RowChange, PaymentRow)>,
    /// New attempts, in order of position.
    pub attempts: Vec<AttemptRow>,
    /// Stored intervals that ended.
    pub closed: Vec<ClosedInterval>,
    /// New intervals, which may have ended within the batch.
    pub opened: Vec<LiveRow>,
    /// Differences of the cube.
    pub cells: CellChanges,
    /// Days of recording, in order; one per day.
    pub days: Vec<BusinessDay>,
    /// What orders counted as before positions at which that changed, in the order of the log.
    pub past: Vec<(u64, PaymentRow)>,
    /// What a chief clerk asks for, in the order of the log.
    pub notable: Vec<ChangeRow>,
    /// Whose payment was refused or sent back for a reason of identity, and where in the log.
    pub identity_refusals: Vec<(BeneficiaryId, u64)>,
}

/// Folds a batch over what was loaded for it. All events are in order of position.
pub fn fold(facts: &[Fact], loaded: Loaded, reference: &dyn Reference) -> Result<Changes, ProjectionError> {
    let mut working = Working::new(loaded, reference);
    for fact in facts {
        match &fact.subject {
            Subject::Payment(id, event) => {
                working.payment(fact, *id, event).map_err(|cause| cause.at(fact.position))?;
            }
            Subject::Recovery(_, RecoveryEvent::Found(found)) => working.recovery(fact, found),
            Subject::Beneficiary(id, BeneficiaryEvent::Died(_)) => working.death(fact, *id),
            Subject::Beneficiary(..)
            | Subject::Recovery(..)
            | Subject::Approval(..)
            | Subject::Desk(..)
            | Subject::List(..)
            | Subject::Inbox(..)
            | Subject::Figure(..)
            | Subject::Audit(..) => {}
        }
    }
    Ok(working.finish())
}

struct Working<'r> {
    reference: &'r dyn Reference,
    rows: BTreeMap<PaymentId, (Option<RowChange>, PaymentRow)>,
    live: HashMap<Person, Vec<Interval>>,
    last_instant: Option<(i64, Date)>,
    changes: Changes,
}

struct Interval {
    row: LiveRow,
    stored: bool,
}

impl<'r> Working<'r> {
    fn new(loaded: Loaded, reference: &'r dyn Reference) -> Self {
        let mut live: HashMap<Person, Vec<Interval>> = HashMap::new();
        for row in loaded.live {
            live.entry((row.cycle, row.beneficiary_id)).or_default().push(Interval { row, stored: true });
        }
        let rows = loaded.rows.into_iter().map(|row| (row.payment_id, (None, row))).collect();
        Self { reference, rows, live, last_instant: None, changes: Changes::default() }
    }

    fn payment(&mut self, fact: &Fact, id: PaymentId, event: &PaymentEvent) -> Result<(), Cause> {
        let mut differences = EventDifferences::default();
        let stood = self.rows.get(&id).map(|(_, before)| before.state);
        let row = match (self.rows.get(&id), event) {
            (None, PaymentEvent::Instructed(e)) if e.payment_id == id => self.create(apply::instructed(fact, e))?,
            (None, PaymentEvent::Instructed(_)) => return Err(Cause::StrangeEvent(stream(id))),
            (None, _) => return Err(Cause::MissingRow(stream(id))),
            (Some((_, before)), _) => {
                tallies::add(before, -1, &mut differences);
                let mut after = before.clone();
                apply::apply(&mut after, fact, event)?;
                self.check(&after)?;
                if before.counts_as() != after.counts_as() {
                    self.changes.past.push((fact.position, before.clone()));
                }
                self.note_attempt(event, &after);
                self.note_refusal(event, (after.beneficiary_id, fact.position));
                self.change_live(fact.position, &after, &mut differences)?;
                after
            }
        };
        tallies::add(&row, 1, &mut differences);
        self.changes.cells.record(fact.position, differences);
        let day = self.note_day(fact);
        self.changes.notable.extend(notable::of_payment(fact, event, (stood, &row), day));
        self.note_row(event, row);
        Ok(())
    }

    /// Of a recovery the first event alone: a later one says another amount of the same.
    fn recovery(&mut self, fact: &Fact, found: &OverpaymentFound) {
        if let Some((_, payment)) = self.rows.get(&found.payment_id).filter(|_| fact.revision == 0) {
            let row = notable::row(fact, ChangeKind::RecoveryFound, payment, found.amount.minor);
            self.changes.notable.push(row);
        }
    }

    fn death(&mut self, fact: &Fact, person: BeneficiaryId) {
        let of_person = self.rows.values().map(|(_, row)| row).filter(|row| row.beneficiary_id == person);
        if let Some(last) = of_person.max_by_key(|row| row.instructed_position) {
            self.changes.notable.push(notable::row(fact, ChangeKind::DeathReported, last, last.amount.minor));
        }
    }

    fn create(&mut self, row: PaymentRow) -> Result<PaymentRow, Cause> {
        self.check(&row)?;
        self.changes.attempts.push(attempt(&row));
        Ok(row)
    }

    /// A payment that no figure could place must stop the projection when it comes in, not when it settles.
    fn check(&self, row: &PaymentRow) -> Result<(), Cause> {
        let channel = &row.provider.channel;
        self.reference.is_cashless(channel).ok_or_else(|| Cause::UnknownChannel(channel.to_string()))?;
        self.reference
            .benefit_group(&row.benefit_type)
            .ok_or_else(|| Cause::UnknownBenefitType(row.benefit_type.to_string()))?;
        self.reference.unit_level(&row.unit_key).ok_or_else(|| Cause::UnknownUnit(row.unit_key.to_string()))?;
        Ok(())
    }

    fn note_attempt(&mut self, event: &PaymentEvent, row: &PaymentRow) {
        if matches!(event, PaymentEvent::Reissued(_)) {
            self.changes.attempts.push(attempt(row));
        }
    }

    fn note_refusal(&mut self, event: &PaymentEvent, person: (BeneficiaryId, u64)) {
        let (PaymentEvent::Rejected(PaymentRejected { reason, .. })
        | PaymentEvent::Returned(PaymentReturned { reason, .. })) = event
        else {
            return;
        };
        if reason.class == ReasonClass::Identity {
            self.changes.identity_refusals.push(person);
        }
    }

    fn note_row(&mut self, event: &PaymentEvent, row: PaymentRow) {
        let change = match event {
            PaymentEvent::Instructed(_) => RowChange::Created,
            PaymentEvent::Corrected(_) => RowChange::Corrected,
            PaymentEvent::Accepted(_)
            | PaymentEvent::Settled(_)
            | PaymentEvent::SettledLate(_)
            | PaymentEvent::Rejected(_)
            | PaymentEvent::Returned(_)
            | PaymentEvent::Failed(_)
            | PaymentEvent::Held(_)
            | PaymentEvent::Released(_)
            | PaymentEvent::Reissued(_)
            | PaymentEvent::Cancelled(_)
            | PaymentEvent::Contradicted(_)
            | PaymentEvent::ContradictionResolved(_)
            | PaymentEvent::Recalled(_) => RowChange::Moved,
        };
        let earlier = self.rows.get(&row.payment_id).and_then(|(earlier, _)| *earlier);
        self.rows.insert(row.payment_id, (earlier.max(Some(change)), row));
    }

    fn note_day(&mut self, fact: &Fact) -> Date {
        let day = match self.last_instant {
            Some((instant, day)) if instant == fact.recorded_at_us => day,
            _ => self.reference.business_day(fact.recorded_at_us),
        };
        self.last_instant = Some((fact.recorded_at_us, day));
        match self.changes.days.last_mut() {
            Some(last) if last.day == day => last.last_position = fact.position,
            _ => {
                self.changes.days.push(BusinessDay {
                    day,
                    first_position: fact.position,
                    last_position: fact.position,
                });
            }
        }
        day
    }

    /// Opens, closes or replaces the payment's live interval and books what that does to its person's standing.
    fn change_live(
        &mut self,
        position: u64,
        after: &PaymentRow,
        differences: &mut EventDifferences,
    ) -> Result<(), Cause> {
        let channel = &after.provider.channel;
        let cashless = self.reference.is_cashless(channel).ok_or_else(|| Cause::UnknownChannel(channel.to_string()))?;
        let wanted = after.is_live().then(|| after.live_from(position, cashless));
        let person = (after.cycle, after.beneficiary_id);
        let intervals = self.live.entry(person).or_default();
        let known = intervals.iter().position(|interval| interval.row.payment_id == after.payment_id);
        match (known, &wanted) {
            (None, None) => return Ok(()),
            (Some(at), Some(row)) if intervals[at].row.same_content(row) => return Ok(()),
            _ => {}
        }
        book(intervals, -1, self.reference, differences)?;
        if let Some(at) = known {
            let interval = intervals.remove(at);
            close(interval, position, &mut self.changes);
        }
        if let Some(row) = wanted {
            intervals.push(Interval { row, stored: false });
        }
        book(intervals, 1, self.reference, differences)
    }

    fn finish(mut self) -> Changes {
        let mut still_open: Vec<LiveRow> = self
            .live
            .into_values()
            .flatten()
            .filter(|interval| !interval.stored)
            .map(|interval| interval.row)
            .collect();
        self.changes.opened.append(&mut still_open);
        self.changes
            .opened
            .sort_unstable_by_key(|row| (row.cycle, row.beneficiary_id, row.payment_id, row.valid_from_position));
        self.changes.rows =
            self.rows.into_values().filter_map(|(change, row)| change.map(|change| (change, row))).collect();
        self.changes
    }
}

fn stream(id: PaymentId) -> String {
    format!("payment-{id}")
}

fn attempt(row: &PaymentRow) -> AttemptRow {
    AttemptRow { end_to_end_id: row.end_to_end_id.clone(), payment_id: row.payment_id, attempt: row.attempt }
}

fn close(interval: Interval, position: u64, changes: &mut Changes) {
    let row = interval.row;
    if interval.stored {
        changes.closed.push(ClosedInterval {
            cycle: row.cycle,
            beneficiary_id: row.beneficiary_id,
            payment_id: row.payment_id,
            valid_from_position: row.valid_from_position,
            valid_to_position: position,
        });
    } else {
        changes.opened.push(LiveRow { valid_to_position: Some(position), ..row });
    }
}

fn book(
    intervals: &[Interval],
    sign: i64,
    reference: &dyn Reference,
    differences: &mut EventDifferences,
) -> Result<(), Cause> {
    let rows: Vec<LiveRow> = intervals.iter().map(|interval| interval.row.clone()).collect();
    for (place, standing) in spread(&rows, reference)? {
        let place = Arc::new(place);
        for (value, count) in STANDINGS.iter().zip(standing) {
            if count != 0 {
                let key = CellKey { tally: Tally::People, place: Arc::clone(&place), value: (*value).into() };
                differences.add(key, Difference { count: sign * count, amount_minor: 0 });
            }
        }
    }
    Ok(())
}
