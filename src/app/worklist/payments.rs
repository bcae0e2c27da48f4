//! Work that payments make: those that came to nothing, those that wait for a person, and those whose window is over.

use super::rows::each_row;
use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::error::AppError;
use crate::app::queries::{PaymentFilter, PaymentRow, plan_error};
use crate::domain::payment::AttemptState;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::domain::profile::playbook::Situation;
use crate::projections::figures::late::{self, LateYardstick};
use crate::projections::figures::{CellRow, FigureQuery, Filters};
use crate::projections::payments::apply::LATE_SETTLEMENT;
use crate::projections::{Checkpoint, Projection};
use async_trait::async_trait;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Rejected, returned, failed or held.
pub(super) struct InTrouble;

/// Open after the last day of payment, and not held.
pub(super) struct Late;

#[async_trait]
impl WorkSource for InTrouble {
    fn kinds(&self) -> &'static [WorkKind] {
        &[
            WorkKind::Rejected,
            WorkKind::Returned,
            WorkKind::Failed,
            WorkKind::Unclaimed,
            WorkKind::LateMoney,
            WorkKind::Held,
            WorkKind::AmountDiffers,
        ]
    }

    fn projection(&self) -> Projection {
        Projection::Payments
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let filter = PaymentFilter { units: scope.units.clone(), in_trouble: true, ..PaymentFilter::default() };
        each_payment(scope, &filter, |row| {
            if let Some(item) = into_trouble(&scope.app.profile, &row) {
                into.take(item);
            }
        })
        .await
    }
}

#[async_trait]
impl WorkSource for Late {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::Late]
    }

    fn projection(&self) -> Projection {
        Projection::Payments
    }

    /// The figures tell in which cycles anything is late: only their open payments are looked at.
    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let (app, profile) = (scope.app, &scope.app.profile);
        let filters = Filters { units: scope.units.clone().unwrap_or_default(), ..Filters::default() };
        let query = FigureQuery { filters, ..FigureQuery::default() };
        let reads = late::reads(&query, profile.as_ref()).map_err(plan_error)?;
        let snapshot = app.views.figures(&reads).await?;
        let last_day = |cycle: Month, channel: &str, unit: &str| profile.last_day(cycle, channel, Some(unit));
        let yardstick =
            LateYardstick { today: scope.today, ageing_days: &profile.figures.ageing_days, last_day: &last_day };
        let rows: Vec<CellRow> = snapshot.answer.into_iter().flatten().collect();
        let mut checkpoint = snapshot.checkpoint;
        for cycle in rows.iter().filter_map(|row| yardstick.late_cycle(row)).collect::<BTreeSet<Month>>() {
            let filter = PaymentFilter {
                units: scope.units.clone(),
                states: vec![AttemptState::Instructed, AttemptState::Accepted],
                cycle: Some(cycle),
                due_before: Some(scope.today),
                held: Some(false),
                ..PaymentFilter::default()
            };
            let seen = each_payment(scope, &filter, |row| {
                let (channel, unit) = (row.provider.channel.as_str(), row.unit_key.as_str());
                let last = yardstick.last_day_of(row.cycle, channel, unit, row.due_on);
                if last < scope.today {
                    let play = profile.play_of(Situation::Late);
                    if let Some(item) = into_item(profile, &row, (WorkKind::Late, last, play)) {
                        into.take(item);
                    }
                }
            })
            .await?;
            if seen.position < checkpoint.position {
                checkpoint = seen;
            }
        }
        Ok(checkpoint)
    }
}

/// Every payment that a filter finds.
async fn each_payment(
    scope: &WorkScope<'_>,
    filter: &PaymentFilter,
    take: impl FnMut(PaymentRow) + Send,
) -> Result<Checkpoint, AppError> {
    let read = |page| scope.app.views.list_payments(filter, page);
    each_row(read, |row| row.instructed_position, take).await
}

/// What must be done next about a payment, if anything.
pub fn into_trouble(profile: &Profile, row: &PaymentRow) -> Option<WorkItem> {
    let since = profile.business_day(row.updated_at_us);
    let waits = match row.held.as_deref() {
        // It comes first: nothing else can be done about the payment before.
        _ if row.contradicted => Some((WorkKind::AmountDiffers, Situation::AmountDiffers)),
        Some(LATE_SETTLEMENT) => Some((WorkKind::LateMoney, Situation::LateMoney)),
        Some(_) => Some((WorkKind::Held, Situation::Held)),
        None => None,
    };
    if let Some((kind, situation)) = waits {
        return into_item(profile, row, (kind, since, profile.play_of(situation)));
    }
    let class = row.outcome.as_ref().map(|outcome| outcome.class);
    let kind = match row.state {
        AttemptState::Rejected => WorkKind::Rejected,
        AttemptState::Returned => WorkKind::Returned,
        AttemptState::Failed if class == Some(ReasonClass::Unclaimed) => WorkKind::Unclaimed,
        AttemptState::Failed => WorkKind::Failed,
        AttemptState::Instructed | AttemptState::Accepted | AttemptState::Settled | AttemptState::Cancelled => {
            return None;
        }
    };
    let play = row.outcome.as_ref().and_then(|o| profile.play_of_reason(&o.system, &o.code, o.class));
    into_item(profile, row, (kind, row.returned_on.unwrap_or(since), play))
}

fn into_item(
    profile: &Profile,
    row: &PaymentRow,
    (kind, since, play): (WorkKind, Date, Option<usize>),
) -> Option<WorkItem> {
    let play = play?;
    Some(WorkItem {
        kind,
        unit: Some(row.unit_key.clone()),
        payment: Some(row.payment_id),
        reference: Some(row.reference.clone()),
        beneficiary: Some(row.beneficiary_id),
        object: None,
        item: None,
        day: None,
        cycle: Some(row.cycle),
        amount: Some(row.amount),
        reason: row.outcome.as_ref().map(|outcome| (outcome.system.clone(), outcome.code.clone())),
        since,
        due: profile.working_days.after(since, profile.playbook[play].working_days),
        play,
        number: row.instructed_position,
    })
}
