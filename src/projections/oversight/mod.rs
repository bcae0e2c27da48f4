//! The oversight projection: one row per recovery, approval, cited figure and line of the audit, each folded from its own events alone.

use crate::domain::approval::event::{ApprovableAction, ApprovalEvent, ApprovalRequested};
use crate::domain::approval::state::ApprovalState;
use crate::domain::figure::{FigureCited, FigureEvent};
use crate::domain::ids::{ApprovalId, BeneficiaryId, BenefitType, FigureId, PaymentId, RecoveryId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::event::Evidence;
use crate::domain::period::Month;
use crate::domain::recovery::event::{Ground, OverpaymentFound, RecoveryDemanded, RecoveryEvent, RecoveryReceived};
use crate::domain::recovery::state::{FoundRecovery, Recovery, RecoveryState};
use crate::projections::audit::AuditRow;
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Subject, ids_of};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A recovery as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryRow {
    pub recovery_id: RecoveryId,
    pub payment_id: PaymentId,
    /// The attempt whose money it is.
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: UnitKey,
    pub ground: Ground,
    pub months: Vec<Month>,
    pub amount: Money,
    pub state: RecoveryState,
    pub received_minor: i64,
    pub written_off_minor: i64,
    /// What is owed back to whoever paid it.
    pub refund_minor: i64,
    pub found_on: Date,
    pub demanded_on: Option<Date>,
    pub due_on: Option<Date>,
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub found_position: u64,
    pub last_position: u64,
    /// When the last event was recorded, in microseconds since the Unix epoch.
    pub updated_at_us: i64,
}

/// An approval as it stands. Whether it expired is told by the time of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRow {
    pub approval_id: ApprovalId,
    pub action: ApprovableAction,
    /// The stream that it is about.
    pub object: String,
    /// `None` for banks and keys.
    pub unit_key: Option<UnitKey>,
    /// `None` where it is about no money.
    pub amount: Option<Money>,
    /// As recorded.
    pub state: ApprovalState,
    pub requested_by: String,
    pub decided_by: Option<String>,
    /// Why the command was not possible.
    pub failure: Option<String>,
    /// In microseconds since the Unix epoch, as the next.
    pub requested_at_us: i64,
    pub expires_at_us: i64,
    pub revision: u64,
    /// Position of the first event; also the order of lists.
    pub requested_position: u64,
    pub last_position: u64,
    /// When the last event was recorded, in microseconds since the Unix epoch.
    pub updated_at_us: i64,
}

/// A cited figure, for the list; its digits are in its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedRow {
    pub figure_id: FigureId,
    pub definition: String,
    pub title: String,
    /// The unit asked; `None` for the whole log.
    pub unit_key: Option<UnitKey>,
    pub asked: BTreeMap<String, String>,
    pub as_of_position: u64,
    pub digest: String,
    pub cited_by: String,
    /// In microseconds since the Unix epoch.
    pub cited_at_us: i64,
    /// Position of the citation; also the order of lists.
    pub cited_position: u64,
}

impl ApprovalRow {
    /// Where it stands at a time.
    #[must_use]
    pub fn state_at(&self, now_us: i64) -> ApprovalState {
        if self.state == ApprovalState::Pending && now_us > self.expires_at_us {
            return ApprovalState::Expired;
        }
        self.state
    }
}

/// What was loaded for a batch, and what it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OversightRows {
    pub recoveries: Vec<RecoveryRow>,
    pub approvals: Vec<ApprovalRow>,
    /// New ones only: a citation never changes, and none is loaded.
    pub cited: Vec<CitedRow>,
    /// The same.
    pub audit: Vec<AuditRow>,
}

/// The recoveries and approvals whose rows the batch needs.
#[must_use]
pub fn ids(facts: &[Fact]) -> (Vec<RecoveryId>, Vec<ApprovalId>) {
    let recovery = |subject: &Subject| if let Subject::Recovery(id, _) = subject { Some(*id) } else { None };
    let approval = |subject: &Subject| if let Subject::Approval(id, _) = subject { Some(*id) } else { None };
    (ids_of(facts, recovery), ids_of(facts, approval))
}

/// Folds a batch over the rows loaded for it; gives the rows that changed, by id.
pub fn fold(facts: &[Fact], loaded: OversightRows) -> Result<OversightRows, ProjectionError> {
    let mut recoveries: BTreeMap<_, _> = loaded.recoveries.into_iter().map(|row| (row.recovery_id, row)).collect();
    let mut approvals: BTreeMap<_, _> = loaded.approvals.into_iter().map(|row| (row.approval_id, row)).collect();
    let (mut touched_recoveries, mut touched_approvals) = (BTreeSet::new(), BTreeSet::new());
    let (mut cited, mut audit) = (Vec::new(), Vec::new());
    for fact in facts {
        match &fact.subject {
            Subject::Figure(id, FigureEvent::Cited(event)) => {
                cited.push(citation((*id, fact), event).map_err(|cause| cause.at(fact.position))?);
            }
            Subject::Audit(line) => audit.push(AuditRow {
                position: fact.position,
                recorded_at_us: fact.recorded_at_us,
                line: line.as_ref().clone(),
            }),
            Subject::Recovery(id, event) => {
                let row = recovery(recoveries.remove(id), (*id, fact), event);
                recoveries.insert(*id, row.map_err(|cause| cause.at(fact.position))?);
                touched_recoveries.insert(*id);
            }
            Subject::Approval(id, event) => {
                let row = approval(approvals.remove(id), (*id, fact), event);
                approvals.insert(*id, row.map_err(|cause| cause.at(fact.position))?);
                touched_approvals.insert(*id);
            }
            Subject::Payment(..)
            | Subject::Beneficiary(..)
            | Subject::Desk(..)
            | Subject::List(..)
            | Subject::Inbox(..) => {}
        }
    }
    Ok(OversightRows {
        recoveries: recoveries.into_values().filter(|row| touched_recoveries.contains(&row.recovery_id)).collect(),
        approvals: approvals.into_values().filter(|row| touched_approvals.contains(&row.approval_id)).collect(),
        cited,
        audit,
    })
}

fn citation((id, fact): (FigureId, &Fact), event: &FigureCited) -> Result<CitedRow, Cause> {
    let stream = || format!("figure-{id}");
    if event.figure_id != id {
        return Err(Cause::StrangeEvent(stream()));
    }
    if fact.revision > 0 {
        return Err(Cause::SecondCreation(stream()));
    }
    Ok(CitedRow {
        figure_id: id,
        definition: event.definition.clone(),
        title: event.title.clone(),
        unit_key: event.asked.get("unit").and_then(|unit| UnitKey::parse(unit).ok()),
        asked: event.asked.clone(),
        as_of_position: event.position,
        digest: event.digest.clone(),
        cited_by: event.cited_by.clone(),
        cited_at_us: fact.recorded_at_us,
        cited_position: fact.position,
    })
}

fn recovery(
    row: Option<RecoveryRow>,
    (id, fact): (RecoveryId, &Fact),
    event: &RecoveryEvent,
) -> Result<RecoveryRow, Cause> {
    let stream = || format!("recovery-{id}");
    let mut row = match (row, event) {
        (None, RecoveryEvent::Found(e)) if e.recovery_id != id => return Err(Cause::StrangeEvent(stream())),
        (None, RecoveryEvent::Found(e)) => found(e, fact),
        (None, _) => return Err(Cause::MissingRow(stream())),
        (Some(row), _) => row,
    };
    let mut state = Recovery { found: Some(row.state()) };
    state.evolve(event);
    if let Some(state) = state.found {
        row.months.clone_from(&state.months);
        (row.amount, row.state) = (state.amount, state.state);
        row.received_minor = state.received_minor();
        (row.written_off_minor, row.refund_minor) = (state.written_off_minor, state.refund_minor);
        row.demanded_on = state.demand.as_ref().map(|demand| demand.demanded_on);
        row.due_on = state.demand.and_then(|demand| demand.due_on);
    }
    (row.revision, row.last_position, row.updated_at_us) = (fact.revision, fact.position, fact.recorded_at_us);
    Ok(row)
}

fn found(event: &OverpaymentFound, fact: &Fact) -> RecoveryRow {
    RecoveryRow {
        recovery_id: event.recovery_id,
        payment_id: event.payment_id,
        attempt: event.attempt,
        beneficiary_id: event.beneficiary_id,
        benefit_type: event.benefit_type.clone(),
        unit_key: event.unit_key.clone(),
        ground: event.ground,
        months: event.months.clone(),
        amount: event.amount,
        state: RecoveryState::Found,
        received_minor: 0,
        written_off_minor: 0,
        refund_minor: 0,
        found_on: event.found_on,
        demanded_on: None,
        due_on: None,
        revision: fact.revision,
        found_position: fact.position,
        last_position: fact.position,
        updated_at_us: fact.recorded_at_us,
    }
}

impl RecoveryRow {
    /// What is neither back nor given up.
    #[must_use]
    pub fn outstanding_minor(&self) -> i64 {
        self.state().outstanding_minor()
    }

    /// The state that the next event is applied to. The row has the receipts' sum alone, which is all that the fold asks of them.
    fn state(&self) -> FoundRecovery {
        let nothing = || Evidence { kind: String::new(), reference: String::new() };
        let amount = Money { minor: self.received_minor, currency: self.amount.currency };
        let receipt = RecoveryReceived { amount, received_on: self.found_on, evidence: nothing() };
        let demand = self.demanded_on.map(|demanded_on| RecoveryDemanded {
            demanded_on,
            due_on: self.due_on,
            reference: String::new(),
        });
        FoundRecovery {
            recovery_id: self.recovery_id,
            payment_id: self.payment_id,
            attempt: self.attempt,
            beneficiary_id: self.beneficiary_id,
            benefit_type: self.benefit_type.clone(),
            unit_key: self.unit_key.clone(),
            months: self.months.clone(),
            amount: self.amount,
            ground: self.ground,
            state: self.state,
            demand,
            receipts: if self.received_minor == 0 { Vec::new() } else { vec![receipt] },
            written_off_minor: self.written_off_minor,
            refund_minor: self.refund_minor,
        }
    }
}

fn approval(
    row: Option<ApprovalRow>,
    (id, fact): (ApprovalId, &Fact),
    event: &ApprovalEvent,
) -> Result<ApprovalRow, Cause> {
    let stream = || format!("approval-{id}");
    let mut row = match (row, event) {
        (Some(_), ApprovalEvent::Requested(_)) => return Err(Cause::SecondCreation(stream())),
        (None, ApprovalEvent::Requested(e)) if e.approval_id != id => return Err(Cause::StrangeEvent(stream())),
        (None, ApprovalEvent::Requested(e)) => requested(e, fact),
        (None, _) => return Err(Cause::MissingRow(stream())),
        (Some(row), _) => row,
    };
    match event {
        ApprovalEvent::Requested(_) => {}
        ApprovalEvent::Granted(e) => {
            (row.state, row.decided_by) = (ApprovalState::Granted, Some(e.granted_by.clone()));
        }
        ApprovalEvent::Declined(e) => {
            (row.state, row.decided_by) = (ApprovalState::Declined, Some(e.declined_by.clone()));
        }
        ApprovalEvent::Used(_) => row.state = ApprovalState::Used,
        ApprovalEvent::Failed(e) => (row.state, row.failure) = (ApprovalState::Failed, Some(e.code.clone())),
    }
    (row.revision, row.last_position, row.updated_at_us) = (fact.revision, fact.position, fact.recorded_at_us);
    Ok(row)
}

fn requested(event: &ApprovalRequested, fact: &Fact) -> ApprovalRow {
    ApprovalRow {
        approval_id: event.approval_id,
        action: event.command.action(),
        object: event.command.object(),
        unit_key: event.unit_key.clone(),
        amount: event.amount,
        state: ApprovalState::Pending,
        requested_by: event.requested_by.clone(),
        decided_by: None,
        failure: None,
        requested_at_us: fact.recorded_at_us,
        expires_at_us: event.expires_at.as_microsecond(),
        revision: fact.revision,
        requested_position: fact.position,
        last_position: fact.position,
        updated_at_us: fact.recorded_at_us,
    }
}

#[cfg(test)]
mod tests;
