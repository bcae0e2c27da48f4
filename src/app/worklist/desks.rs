//! Work of cash desks: days that nobody liquidated, and cash that is held after the desk's window.

use super::rows::each_row;
use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::desks::DeskBook;
use crate::app::error::AppError;
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::domain::profile::playbook::Situation;
use crate::projections::{Checkpoint, Projection};
use async_trait::async_trait;
use jiff::civil::Date;

/// Desks whose books are not closed.
pub(super) struct Desks;

#[async_trait]
impl WorkSource for Desks {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::Desk]
    }

    fn projection(&self) -> Projection {
        Projection::Desks
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let mut desks = Vec::new();
        let read = |page| scope.app.views.list_desks(scope.units.as_deref(), page);
        let as_of = each_row(read, |row| row.registered_position, |row| desks.push(row)).await?;
        for book in scope.app.books(desks).await? {
            if let Some(item) = desk_item(&scope.app.profile, &book, scope.today) {
                into.take(item);
            }
        }
        Ok(as_of)
    }
}

fn desk_item(profile: &Profile, book: &DeskBook, today: Date) -> Option<WorkItem> {
    let found = unliquidated(book, today).or_else(|| held_too_long(profile, book, today));
    let (situation, since, day) = found?;
    let DeskBook { row, ledger } = book;
    let place = (row.unit_key.clone(), since, row.registered_position);
    let item = WorkItem::of(profile, WorkKind::Desk, situation, place)?;
    let amount = Money { minor: ledger.held(day), currency: profile.currency.currency };
    Some(WorkItem { object: Some(row.desk_id.to_string()), day: Some(day), amount: Some(amount), ..item })
}

/// The oldest day of the book that is not closed, and the latest: liquidating that one closes those before it.
fn unliquidated(DeskBook { row, ledger }: &DeskBook, today: Date) -> Option<(Situation, Date, Date)> {
    let is_open = |day: &&Date| **day < today && row.liquidated_to.is_none_or(|to| **day > to);
    let mut open = ledger.days.keys().filter(is_open);
    let oldest = *open.next()?;
    Some((Situation::DeskOpen, oldest, open.next_back().copied().unwrap_or(oldest)))
}

/// Cash that is still there after the window that it was handed out for.
fn held_too_long(
    profile: &Profile,
    DeskBook { row, ledger }: &DeskBook,
    today: Date,
) -> Option<(Situation, Date, Date)> {
    let since = ledger.held_since(today)?;
    let kind = profile.desk_kind(row.kind.as_str())?;
    let (_, last) = profile.desk_window(kind, Month::of(since), row.unit_key.as_str())?;
    (last < today).then_some((Situation::DeskCash, last, today))
}
