//! Payment lists on PostgreSQL.

use super::write::{Transaction, signed};
use super::{Columns, progress};
use crate::domain::ids::{AgentCode, ChannelCode, ListId};
use crate::domain::list::Stage;
use crate::projections::Projection;
use crate::projections::lists::{LeftOutRow, ListChanges, ListRow};
use crate::store::StoreError;
use crate::store::postgres::{Arrays, PostgresStore, fault, retried};
use crate::store::views::lists::{self, FunnelRow, ListFilter, ListStore, StandingItem};
use crate::store::views::{LIST_LIMIT_MAX, Page, Snapshot, Step, filters};
use async_trait::async_trait;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgRow;

#[async_trait]
impl ListStore for PostgresStore {
    async fn apply_lists(&self, changes: &ListChanges, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.pool(), self.log_id()).await?;
        transaction.advance(Projection::Lists.name(), step).await?;
        let rows = Arrays::of(&changes.lists, lists::list);
        transaction.rows(include_str!("../../sql/postgres/lists_upsert.sql"), rows).await?;
        let items = Arrays::of(&changes.items, lists::item);
        transaction.rows(include_str!("../../sql/postgres/list_items_insert.sql"), items).await?;
        let removed = Arrays::of(&changes.removed, lists::removal);
        transaction.rows(include_str!("../../sql/postgres/list_items_remove.sql"), removed).await?;
        let left_out = Arrays::of(&changes.left_out, lists::left_out);
        transaction.rows(include_str!("../../sql/postgres/list_left_out_insert.sql"), left_out).await?;
        transaction.commit().await
    }

    async fn lists(&self, ids: &[ListId]) -> Result<Vec<ListRow>, StoreError> {
        let keys = || Arrays::of(ids, |id, v| _ = v.id(id.as_uuid()));
        self.find(include_str!("../../sql/postgres/lists_by_id.sql"), keys, |row| Columns::of(row).list()).await
    }

    async fn list_lists(&self, filter: &ListFilter, page: Page) -> Result<Snapshot<Vec<ListRow>>, StoreError> {
        retried(|| async {
            let mut snapshot = self.snapshot().await?;
            let checkpoint = progress(self.log_id(), Projection::Lists.name(), &mut snapshot).await?.checkpoint;
            let sql = filters::list_lists(include_str!("../../sql/lists_list.sql"), filter);
            let statement = sqlx::query(AssertSqlSafe(sql))
                .bind(self.log_id())
                .bind(filter.cycle.map(|cycle| cycle.to_string()))
                .bind(filter.stage.map(Stage::as_str))
                .bind(filter.channel.as_ref().map(ChannelCode::as_str))
                .bind(filter.agent.as_ref().map(AgentCode::as_str))
                .bind(signed(page.after)?)
                .bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
            let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
            let answer = rows.iter().map(|row| Columns::of(row).list()).collect::<Result<_, _>>()?;
            Ok(Snapshot { checkpoint, answer })
        })
        .await
    }

    async fn list_items(&self, list: ListId, page: Page) -> Result<Snapshot<Vec<StandingItem>>, StoreError> {
        let sql = include_str!("../../sql/postgres/list_items_list.sql");
        self.of_list(sql, list, Some(page), |row| Columns::of(row).standing_item()).await
    }

    async fn list_left_out(&self, list: ListId, page: Page) -> Result<Snapshot<Vec<LeftOutRow>>, StoreError> {
        let sql = include_str!("../../sql/list_left_out_list.sql");
        self.of_list(sql, list, Some(page), |row| Columns::of(row).left_out()).await
    }

    async fn list_funnel(&self, list: ListId) -> Result<Snapshot<Vec<FunnelRow>>, StoreError> {
        let sql = include_str!("../../sql/postgres/list_funnel.sql");
        self.of_list(sql, list, None, |row| Columns::of(row).funnel()).await
    }
}

impl PostgresStore {
    /// Rows of one list, with what the payments' rows tell of them: the older of the two checkpoints holds for both.
    async fn of_list<T>(
        &self,
        sql: &'static str,
        list: ListId,
        page: Option<Page>,
        decode: fn(&PgRow) -> Result<T, StoreError>,
    ) -> Result<Snapshot<Vec<T>>, StoreError> {
        retried(|| async {
            let mut snapshot = self.snapshot().await?;
            let payments = progress(self.log_id(), Projection::Payments.name(), &mut snapshot).await?.checkpoint;
            let own = progress(self.log_id(), Projection::Lists.name(), &mut snapshot).await?.checkpoint;
            let mut statement = sqlx::query(sql).bind(self.log_id()).bind(list.as_uuid().as_bytes().to_vec());
            if let Some(page) = page {
                statement = statement.bind(signed(page.after)?).bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
            }
            let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
            let answer = rows.iter().map(decode).collect::<Result<_, _>>()?;
            let checkpoint = if own.position < payments.position { own } else { payments };
            Ok(Snapshot { checkpoint, answer })
        })
        .await
    }
}
