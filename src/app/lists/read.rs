//! Questions about payment lists: a page of them, one with its items and where they stand, who was left out.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page};
use crate::domain::ids::{ListId, UnitKey};
use crate::projections::Projection;
use crate::store::views::Snapshot;

pub use crate::projections::lists::{ItemRow, LeftOutRow, ListRow};
pub use crate::store::views::{FunnelRow, ListFilter, StandingItem};

/// Lists that are looked through for one page at most: those outside of the caller's reach are passed over.
const LOOKED_THROUGH_MAX: usize = 10_000;

/// A page of lists and where the next one begins.
#[derive(Debug, Clone)]
pub struct ListPage {
    pub lists: Vec<ListRow>,
    pub next_after: Option<u64>,
}

/// A list with a page of what is on it.
#[derive(Debug, Clone)]
pub struct ListView {
    pub list: ListRow,
    pub funnel: Vec<FunnelRow>,
    pub items: Vec<StandingItem>,
    pub left_out: Vec<LeftOutRow>,
    pub next_after: Option<u64>,
}

impl App {
    /// A page of lists within the caller's reach; with a unit, those of which all items lie under it.
    pub async fn list_lists(
        &self,
        principal: &Principal,
        (unit, filter): (Option<&UnitKey>, &ListFilter),
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<ListPage>, AppError> {
        if let Some(unit) = unit {
            self.check_reach(principal, Action::ReadList, unit.as_str(), None)?;
        }
        let under = |row: &ListRow| {
            let units = &self.profile.units;
            unit.is_none_or(|scope| {
                !row.units.is_empty() && row.units.keys().all(|own| units.covers(scope.as_str(), own.as_str()))
            })
        };
        self.wait_for(Projection::Lists, min_position).await?;
        let mut lists = Vec::new();
        let (mut after, mut looked, mut next_after) = (page.after, 0, None);
        let checkpoint = loop {
            let Snapshot { checkpoint, answer } =
                self.views.list_lists(filter, Page { after, limit: page.limit }).await?;
            let full = answer.len() >= page.limit as usize;
            looked += answer.len();
            for row in answer {
                if lists.len() >= page.limit as usize {
                    next_after = Some(after);
                    break;
                }
                after = row.opened_position;
                if under(&row) && self.check_row_reach(principal, Action::ReadList, &row).is_ok() {
                    lists.push(row);
                }
            }
            if next_after.is_some() || !full {
                break checkpoint;
            }
            if lists.len() >= page.limit as usize || looked >= LOOKED_THROUGH_MAX {
                next_after = Some(after);
                break checkpoint;
            }
        };
        let answer = ListPage { lists, next_after };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// One list with a page of its items, from a place on.
    pub async fn read_list(
        &self,
        principal: &Principal,
        id: ListId,
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<ListView>, AppError> {
        self.wait_for(Projection::Lists, min_position).await?;
        self.wait_for(Projection::Payments, min_position).await?;
        let list = self.list_row(principal, Action::ReadList, id).await?;
        let funnel = self.views.list_funnel(id).await?;
        let items = self.views.list_items(id, page).await?.answer;
        let full = items.len() >= page.limit as usize;
        let next_after = items.last().filter(|_| full).map(|item| item.item.place + 1);
        let left_out = self.views.list_left_out(id, Page { after: 0, limit: page.limit }).await?.answer;
        let answer = ListView { list, funnel: funnel.answer, items, left_out, next_after };
        let checkpoint = funnel.checkpoint;
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// A list's row within the caller's reach.
    pub async fn list_row(&self, principal: &Principal, action: Action, id: ListId) -> Result<ListRow, AppError> {
        let row = self.views.lists(&[id]).await?.pop().ok_or(AppError::NotFound("list"))?;
        self.check_row_reach(principal, action, &row)?;
        Ok(row)
    }

    fn check_row_reach(&self, principal: &Principal, action: Action, row: &ListRow) -> Result<(), AppError> {
        if row.item_count == 0 && principal.unit.is_some() && row.prepared_by != principal.key_id {
            return Err(out_of_reach());
        }
        self.check_items_reach(principal, action, (&row.agent, row.only_bank()), row.units.keys())
    }
}
