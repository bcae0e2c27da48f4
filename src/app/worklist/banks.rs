//! Work that banks make: items of their messages that could not be applied, and messages that did not come.

use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::error::AppError;
use crate::app::queries::Page;
use crate::domain::profile::playbook::Situation;
use crate::projections::inbox::WaitingRow;
use crate::projections::{Checkpoint, Projection};
use crate::store::views::{LIST_LIMIT_MAX, WaitingFilter};
use async_trait::async_trait;

/// Items that wait for a person.
pub(super) struct BankItems;

/// Banks past the hour by which a message must have come.
pub(super) struct SilentBanks;

#[async_trait]
impl WorkSource for BankItems {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::BankItem]
    }

    fn projection(&self) -> Projection {
        Projection::Inbox
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let filter = WaitingFilter { units: scope.units.clone(), waiting: true, ..WaitingFilter::default() };
        let (mut after, mut first) = (0, None);
        loop {
            let page = scope.app.views.list_bank_items(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?;
            let as_of = *first.get_or_insert(page.checkpoint);
            let full = page.answer.len() == LIST_LIMIT_MAX as usize;
            after = page.answer.last().map_or(after, |row| row.place);
            for row in page.answer {
                if let Some(item) = into_item(scope, row) {
                    into.take(item);
                }
            }
            if !full {
                return Ok(as_of);
            }
        }
    }
}

fn into_item(scope: &WorkScope<'_>, row: WaitingRow) -> Option<WorkItem> {
    let profile = &scope.app.profile;
    let since = profile.business_day(row.since_us);
    let item = WorkItem::of(profile, WorkKind::BankItem, Situation::BankItem, (row.unit_key, since, row.place))?;
    let (payment, object, number) = (row.payment_id, Some(row.inbox_id.to_string()), Some(row.item));
    Some(WorkItem { payment, object, item: number, reason: Some((row.bank.to_string(), row.cause)), ..item })
}

#[async_trait]
impl WorkSource for SilentBanks {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::BankSilent]
    }

    fn projection(&self) -> Projection {
        Projection::Inbox
    }

    /// They belong to no unit.
    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let checkpoint = scope.app.views.progress(Projection::Inbox).await?.checkpoint;
        if scope.units.is_some() {
            return Ok(checkpoint);
        }
        for (number, silence) in (1..).zip(scope.app.silent_banks().await?) {
            let Some((since, _)) = silence.due.filter(|_| silence.silent) else { continue };
            let about = (None, since, number);
            let item = WorkItem::of(&scope.app.profile, WorkKind::BankSilent, Situation::BankSilent, about);
            let bank = silence.bank.to_string();
            let format = silence.expected.format.unwrap_or_else(|| "any".to_owned());
            let named = |item| WorkItem { object: Some(bank.clone()), reason: Some((bank, format)), ..item };
            item.map(named).into_iter().for_each(|item| into.take(item));
        }
        Ok(checkpoint)
    }
}
