//! Lines of the audit on SQLite.

use super::write::signed;
use super::{Columns, progress};
use crate::domain::audit::AuditKind;
use crate::projections::Projection;
use crate::projections::audit::AuditRow;
use crate::store::StoreError;
use crate::store::sqlite::{SqliteStore, fault};
use crate::store::views::audit::{self, AuditFilter, AuditStore};
use crate::store::views::{LIST_LIMIT_MAX, Page, Snapshot};
use async_trait::async_trait;
use sqlx::AssertSqlSafe;

#[async_trait]
impl AuditStore for SqliteStore {
    async fn list_audit(&self, filter: &AuditFilter, page: Page) -> Result<Snapshot<Vec<AuditRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let statement = sqlx::query(AssertSqlSafe(audit::list(filter)))
            .bind(self.log_id())
            .bind(filter.from_us)
            .bind(filter.until_us)
            .bind(filter.kind.map(AuditKind::as_str))
            .bind(filter.actor.as_deref())
            .bind(filter.operation.as_deref())
            .bind(signed(page.after)?)
            .bind(page.limit.min(LIST_LIMIT_MAX));
        let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
        let answer = rows.iter().map(|row| Columns::of(row).audit_entry()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }
}
