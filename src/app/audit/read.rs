//! The audit as it is read: a page of lines, newest first.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page};
use crate::projections::Projection;
use crate::store::views::Snapshot;

pub use crate::domain::audit::AuditKind;
pub use crate::projections::audit::AuditRow;
pub use crate::store::views::AuditFilter;

/// A page of lines, and before which position the next one goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    pub next_before: Option<u64>,
}

impl App {
    /// Lines of the audit before a position, newest first.
    pub async fn audit_lines(
        &self,
        principal: &Principal,
        filter: &AuditFilter,
        (before, limit): (Option<u64>, u32),
        min_position: Option<u64>,
    ) -> Result<Answer<AuditPage>, AppError> {
        if principal.reach(Action::ReadAudit) == Reach::Nothing {
            return Err(out_of_reach());
        }
        self.wait_for(Projection::Oversight, min_position).await?;
        // Positions are signed numbers in the store.
        let end = u64::try_from(i64::MAX).unwrap_or(u64::MAX);
        let page = Page { after: before.unwrap_or(end).min(end), limit };
        let Snapshot { checkpoint, answer: rows } = self.views.list_audit(filter, page).await?;
        let is_full = rows.len() >= limit as usize;
        let next_before = rows.last().filter(|_| is_full).map(|row| row.position);
        Ok(Answer {
            answer: AuditPage { rows, next_before },
            as_of_position: checkpoint.position,
            as_of_time_us: checkpoint.recorded_at_us,
        })
    }
}
