//! Work of recoveries and of second persons: money to be asked back, money that did not come by its day, consents that are waited for.

use super::rows::each_row;
use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::aggregate::{beneficiary_of_stream, payment_of_stream};
use crate::app::error::AppError;
use crate::domain::approval::ApprovalState;
use crate::domain::money::Money;
use crate::domain::profile::Profile;
use crate::domain::profile::playbook::Situation;
use crate::domain::recovery::RecoveryState;
use crate::projections::oversight::{ApprovalRow, RecoveryRow};
use crate::projections::{Checkpoint, Projection};
use crate::store::views::{ApprovalFilter, Belonging, RecoveryFilter};
use async_trait::async_trait;
use jiff::civil::Date;

/// Found and not asked back, or asked back and past the day.
pub(super) struct Recoveries;

/// What waits for a second person.
pub(super) struct Approvals;

#[async_trait]
impl WorkSource for Recoveries {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::Recovery]
    }

    fn projection(&self) -> Projection {
        Projection::Oversight
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let states = vec![RecoveryState::Found, RecoveryState::Demanded];
        let filter = RecoveryFilter { units: scope.units.clone(), states, ..RecoveryFilter::default() };
        let read = |page| scope.app.views.list_recoveries(&filter, page);
        let take = |row: RecoveryRow| {
            if let Some(item) = recovery(&scope.app.profile, &row, scope.today) {
                into.take(item);
            }
        };
        each_row(read, |row| row.found_position, take).await
    }
}

/// A demand without a day is looked at from the day on which it was made.
fn recovery(profile: &Profile, row: &RecoveryRow, today: Date) -> Option<WorkItem> {
    let (situation, since) = match (row.state, row.due_on.or(row.demanded_on)) {
        (RecoveryState::Found, _) => (Situation::RecoveryFound, row.found_on),
        (RecoveryState::Demanded, Some(day)) if day < today || row.due_on.is_none() => (Situation::RecoveryDue, day),
        (RecoveryState::Demanded | RecoveryState::Received | RecoveryState::WrittenOff | RecoveryState::Lapsed, _) => {
            return None;
        }
    };
    let place = (row.unit_key.clone(), since, row.found_position);
    let item = WorkItem::of(profile, WorkKind::Recovery, situation, place)?;
    Some(WorkItem {
        payment: Some(row.payment_id),
        beneficiary: Some(row.beneficiary_id),
        object: Some(row.recovery_id.to_string()),
        amount: Some(Money { minor: row.outstanding_minor(), currency: row.amount.currency }),
        ..item
    })
}

#[async_trait]
impl WorkSource for Approvals {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::Approval]
    }

    fn projection(&self) -> Projection {
        Projection::Oversight
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let now_us = scope.app.clock.now_us();
        let filter = ApprovalFilter {
            units: scope.units.clone(),
            belonging: Belonging::Units,
            state: Some(ApprovalState::Pending),
            now_us,
        };
        let read = |page| scope.app.views.list_approvals(&filter, page);
        let take = |row: ApprovalRow| {
            if let Some(item) = approval(&scope.app.profile, &row) {
                into.take(item);
            }
        };
        each_row(read, |row| row.requested_position, take).await
    }
}

/// Due before it expires, whatever the playbook says. What belongs to no unit is no clerk's and no supervisor's work.
fn approval(profile: &Profile, row: &ApprovalRow) -> Option<WorkItem> {
    let since = profile.business_day(row.requested_at_us);
    let place = (row.unit_key.clone()?, since, row.requested_position);
    let item = WorkItem::of(profile, WorkKind::Approval, Situation::ApprovalWaiting, place)?;
    Some(WorkItem {
        payment: payment_of_stream(&row.object),
        beneficiary: beneficiary_of_stream(&row.object),
        object: Some(row.approval_id.to_string()),
        amount: row.amount,
        due: item.due.min(profile.business_day(row.expires_at_us)),
        ..item
    })
}
