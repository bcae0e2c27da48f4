//! What changed since a position, on SQLite.

use super::json::Rows;
use super::progress;
use super::write::signed;
use crate::domain::ids::BeneficiaryId;
use crate::projections::Projection;
use crate::projections::payments::PaymentRow;
use crate::store::StoreError;
use crate::store::sqlite::{SqliteStore, fault};
use crate::store::views::changes::{self, ChangeFilter, ChangePage, ChangeStore};
use crate::store::views::decode::Columns;
use crate::store::views::encode::RowValues;
use crate::store::views::{LIST_LIMIT_MAX, Page, Snapshot};
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, SqliteConnection};

const SUMS: &str = include_str!("../../sql/payment_changes_sums.sql");
const LIST: &str = include_str!("../../sql/payment_changes_list.sql");

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, <sqlx::Sqlite as sqlx::Database>::Arguments>;

#[async_trait]
impl ChangeStore for SqliteStore {
    async fn changes_since(&self, filter: &ChangeFilter, page: Page) -> Result<Snapshot<ChangePage>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Payments.name(), &mut snapshot).await?.checkpoint;
        let until = checkpoint.position;
        let sums = self.bound(SUMS, filter, (filter.since, until))?;
        let sums = sums.fetch_all(&mut *snapshot as &mut SqliteConnection).await.map_err(|e| fault(&e))?;
        let rows = self.bound(LIST, filter, (filter.since.max(page.after), until))?;
        let rows = rows.bind(page.limit.min(LIST_LIMIT_MAX));
        let rows = rows.fetch_all(&mut *snapshot as &mut SqliteConnection).await.map_err(|e| fault(&e))?;
        let answer = ChangePage {
            sums: sums.iter().map(|row| Columns::of(row).change_sum()).collect::<Result<_, _>>()?,
            rows: rows.iter().map(|row| Columns::of(row).change()).collect::<Result<_, _>>()?,
        };
        Ok(Snapshot { checkpoint, answer })
    }

    async fn payments_ordered_last(&self, people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError> {
        let keys = Rows::list(|v| people.iter().for_each(|id| _ = v.id(id.as_uuid())));
        self.find(include_str!("../../sql/payments_ordered_last.sql"), keys, |row| Columns::of(row).payment()).await
    }
}

impl SqliteStore {
    fn bound(
        &self,
        sql: &str,
        filter: &ChangeFilter,
        (after, until): (u64, u64),
    ) -> Result<Query<'static>, StoreError> {
        let units =
            filter.units.as_ref().map(|units| Rows::list(|v| units.iter().for_each(|key| _ = v.text(key.as_str()))));
        let kinds = Rows::list(|v| filter.kinds.iter().for_each(|kind| _ = v.text(kind.as_str())));
        Ok(sqlx::query(AssertSqlSafe(changes::statement(sql, filter)))
            .bind(self.log_id())
            .bind(units)
            .bind(filter.cycle.map(|cycle| cycle.to_string()))
            .bind(kinds)
            .bind(signed(after)?)
            .bind(signed(until)?))
    }
}
