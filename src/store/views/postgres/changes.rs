//! What changed since a position, on PostgreSQL.

use super::progress;
use super::write::signed;
use crate::domain::ids::{BeneficiaryId, UnitKey};
use crate::projections::Projection;
use crate::projections::payments::PaymentRow;
use crate::store::StoreError;
use crate::store::postgres::{Arrays, PostgresStore, fault, retried};
use crate::store::views::changes::{self, ChangeFilter, ChangePage, ChangeStore};
use crate::store::views::decode::Columns;
use crate::store::views::{LIST_LIMIT_MAX, Page, Snapshot};
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, PgConnection};

const SUMS: &str = include_str!("../../sql/postgres/payment_changes_sums.sql");
const LIST: &str = include_str!("../../sql/postgres/payment_changes_list.sql");

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, <sqlx::Postgres as sqlx::Database>::Arguments>;

#[async_trait]
impl ChangeStore for PostgresStore {
    async fn changes_since(&self, filter: &ChangeFilter, page: Page) -> Result<Snapshot<ChangePage>, StoreError> {
        retried(|| async {
            let mut snapshot = self.snapshot().await?;
            let checkpoint = progress(self.log_id(), Projection::Payments.name(), &mut snapshot).await?.checkpoint;
            let until = checkpoint.position;
            let sums = self.bound(SUMS, filter, (filter.since, until))?;
            let sums = sums.fetch_all(&mut *snapshot as &mut PgConnection).await.map_err(|e| fault(&e))?;
            let rows = self.bound(LIST, filter, (filter.since.max(page.after), until))?;
            let rows = rows.bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
            let rows = rows.fetch_all(&mut *snapshot as &mut PgConnection).await.map_err(|e| fault(&e))?;
            let answer = ChangePage {
                sums: sums.iter().map(|row| Columns::of(row).change_sum()).collect::<Result<_, _>>()?,
                rows: rows.iter().map(|row| Columns::of(row).change()).collect::<Result<_, _>>()?,
            };
            Ok(Snapshot { checkpoint, answer })
        })
        .await
    }

    async fn payments_ordered_last(&self, people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError> {
        let keys = || Arrays::of(people, |id, v| _ = v.id(id.as_uuid()));
        let sql = include_str!("../../sql/postgres/payments_ordered_last.sql");
        self.find(sql, keys, |row| Columns::of(row).payment()).await
    }
}

impl PostgresStore {
    fn bound(
        &self,
        sql: &str,
        filter: &ChangeFilter,
        (after, until): (u64, u64),
    ) -> Result<Query<'static>, StoreError> {
        let units = filter.units.as_ref();
        let units: Option<Vec<String>> = units.map(|units| units.iter().map(UnitKey::to_string).collect());
        Ok(sqlx::query(AssertSqlSafe(changes::statement(sql, filter)))
            .bind(self.log_id())
            .bind(units)
            .bind(filter.cycle.map(|cycle| cycle.to_string()))
            .bind(filter.kinds.iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<_>>())
            .bind(signed(after)?)
            .bind(signed(until)?))
    }
}
