//! Work of payment lists: those that have not gone out, and those whose money is not accounted for after their window.

use super::rows::each_row;
use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::error::AppError;
use crate::domain::ids::UnitKey;
use crate::domain::list::Stage;
use crate::domain::list::event::AgentAnswer;
use crate::domain::money::Money;
use crate::domain::profile::Profile;
use crate::domain::profile::playbook::Situation;
use crate::projections::lists::ListRow;
use crate::projections::{Checkpoint, Projection};
use crate::store::views::ListFilter;
use async_trait::async_trait;
use jiff::civil::Date;
use std::collections::HashSet;

/// Lists that somebody must take a step further.
pub(super) struct Lists;

/// Stages that are not an end.
const UNFINISHED: [Stage; 6] =
    [Stage::Preparing, Stage::Prepared, Stage::Approved, Stage::Submitted, Stage::Acknowledged, Stage::Reconciled];

#[async_trait]
impl WorkSource for Lists {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::List]
    }

    fn projection(&self) -> Projection {
        Projection::Lists
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let units: Option<HashSet<&UnitKey>> = scope.units.as_ref().map(|units| units.iter().collect());
        let within = |item: &WorkItem, row: &ListRow| {
            let mut on_it: Vec<&UnitKey> = row.units.keys().collect();
            if on_it.is_empty() {
                on_it.extend(&item.unit);
            }
            units.as_ref().is_none_or(|own| on_it.iter().all(|unit| own.contains(*unit)))
        };
        let mut first: Option<Checkpoint> = None;
        for stage in UNFINISHED {
            let filter = ListFilter { stage: Some(stage), ..ListFilter::default() };
            let read = |page| scope.app.views.list_lists(&filter, page);
            let take = |row: ListRow| {
                if let Some(item) = list_item(&scope.app.profile, &row, scope.today).filter(|item| within(item, &row)) {
                    into.take(item);
                }
            };
            let as_of = each_row(read, |row| row.opened_position, take).await?;
            first.get_or_insert(as_of);
        }
        Ok(first.unwrap_or_default())
    }
}

/// A list that nobody is on yet is nobody's work: the request that prepares it goes on when it is sent again. One that went out and was
/// emptied since still has its money with the agent: that is work of whoever answers for all units.
fn list_item(profile: &Profile, row: &ListRow, today: Date) -> Option<WorkItem> {
    let unit = common_unit(profile, row.units.keys()).or_else(|| {
        let top = profile.units.roots().next().filter(|_| row.advanced_minor.is_some())?;
        Some(top.key.clone())
    })?;
    let opened_on = profile.business_day(row.opened_at_us);
    let needs_consent =
        row.stage == Stage::Prepared && row.blocking == Some(0) && row.sum_minor > profile.lists.approval_above_minor;
    let is_refused = row.stage == Stage::Acknowledged && row.answer == Some(AgentAnswer::Rejected);
    let situation = match row.stage {
        Stage::Acknowledged if is_refused => Situation::ListRefused,
        Stage::Prepared if needs_consent => Situation::ListApproval,
        Stage::Preparing | Stage::Prepared | Stage::Approved => Situation::ListUnsent,
        Stage::Submitted | Stage::Acknowledged | Stage::Reconciled => Situation::ListOpen,
        Stage::Closed | Stage::Withdrawn => return None,
    };
    let (first_day, last_day) = window(profile, row, &unit)?;
    // What is to go out is work from the day on which it was begun, though it is due with the window.
    let (since, counted_from) = match situation {
        Situation::ListOpen if today <= last_day => return None,
        Situation::ListOpen => (last_day, last_day),
        Situation::ListRefused => (profile.business_day(row.updated_at_us), profile.business_day(row.updated_at_us)),
        _ => (opened_on, first_day),
    };
    let item = WorkItem::of(profile, WorkKind::List, situation, (unit, counted_from, row.opened_position))?;
    Some(WorkItem {
        object: Some(row.list_id.to_string()),
        cycle: Some(row.cycle),
        amount: Some(Money { minor: row.advanced_minor.unwrap_or(row.sum_minor), currency: row.currency }),
        since,
        ..item
    })
}

/// The first and the last day on which the list's channel pays the cycle there.
fn window(profile: &Profile, row: &ListRow, unit: &UnitKey) -> Option<(Date, Date)> {
    let pays = profile.windows.iter().filter(|window| window.channels.contains(&row.channel));
    let days = pays.filter_map(|window| profile.window_days(window, row.cycle, Some(unit.as_str())));
    let (first, last): (Vec<Date>, Vec<Date>) = days.map(|(from, to)| (from.day, to.day)).unzip();
    first.into_iter().min().zip(last.into_iter().max())
}

/// The unit that the list's units have in common: the one itself, or the lowest above all of them. Lists of several provinces are under
/// the first.
fn common_unit<'a>(profile: &Profile, mut units: impl Iterator<Item = &'a UnitKey> + Clone) -> Option<UnitKey> {
    let first = units.next()?;
    let tree = &profile.units;
    let holds_all = |above: &str| units.clone().all(|unit| tree.is_under(unit.as_str(), above));
    let found = tree.ancestors(first.as_str()).find(|unit| holds_all(unit.key.as_str()));
    Some(found.map_or_else(|| first.clone(), |unit| unit.key.clone()))
}
