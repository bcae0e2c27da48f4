//! Banks' messages on PostgreSQL.

use super::write::{Transaction, signed};
use super::{Columns, progress};
use crate::domain::ids::{BankId, InboxId, PaymentId, UnitKey};
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::inbox::{InboxChanges, MessageRow, WaitingRow};
use crate::projections::payments::PaymentRow;
use crate::store::StoreError;
use crate::store::postgres::{Arrays, PostgresStore, fault, retried};
use crate::store::views::filters::with_filters;
use crate::store::views::inbox::{self, InboxStore, MessageFilter, UnitActivity, WaitingFilter};
use crate::store::views::{LIST_LIMIT_MAX, Page, Snapshot, Step};
use async_trait::async_trait;
use jiff::civil::Date;
use sqlx::AssertSqlSafe;

#[async_trait]
impl InboxStore for PostgresStore {
    async fn apply_inbox(&self, changes: &InboxChanges, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.pool(), self.log_id()).await?;
        transaction.advance(Projection::Inbox.name(), step).await?;
        let messages = Arrays::of(&changes.messages, inbox::message);
        transaction.rows(include_str!("../../sql/postgres/bank_messages_upsert.sql"), messages).await?;
        let waiting = Arrays::of(&changes.waiting, inbox::waiting);
        transaction.rows(include_str!("../../sql/postgres/bank_items_insert.sql"), waiting).await?;
        let resolved = Arrays::of(&changes.resolved, inbox::resolved);
        transaction.rows(include_str!("../../sql/postgres/bank_items_resolve.sql"), resolved).await?;
        transaction.commit().await
    }

    async fn bank_messages(&self, ids: &[InboxId]) -> Result<Vec<MessageRow>, StoreError> {
        let keys = || Arrays::of(ids, |id, v| _ = v.id(id.as_uuid()));
        let sql = include_str!("../../sql/postgres/bank_messages_by_id.sql");
        self.find(sql, keys, |row| Columns::of(row).bank_message()).await
    }

    async fn list_bank_messages(
        &self,
        filter: &MessageFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<MessageRow>>, StoreError> {
        retried(|| async {
            let mut snapshot = self.snapshot().await?;
            let checkpoint = progress(self.log_id(), Projection::Inbox.name(), &mut snapshot).await?.checkpoint;
            let sql = inbox::list_messages(include_str!("../../sql/bank_messages_list.sql"), filter);
            let statement = sqlx::query(AssertSqlSafe(sql))
                .bind(self.log_id())
                .bind(filter.bank.as_ref().map(BankId::as_str))
                .bind(filter.format.as_deref())
                .bind(signed(page.after)?)
                .bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
            let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
            let answer = rows.iter().map(|row| Columns::of(row).bank_message()).collect::<Result<_, _>>()?;
            Ok(Snapshot { checkpoint, answer })
        })
        .await
    }

    async fn last_bank_message(&self, bank: &BankId, format: Option<&str>) -> Result<Option<MessageRow>, StoreError> {
        let row = retried(|| async {
            let sql = with_filters(include_str!("../../sql/bank_messages_last.sql"), |_| format.is_some());
            let statement = sqlx::query(AssertSqlSafe(sql)).bind(self.log_id()).bind(bank.as_str()).bind(format);
            statement.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.map(|row| Columns::of(&row).bank_message()).transpose()
    }

    async fn newest_bank_messages(
        &self,
        bank: Option<&BankId>,
        (before, limit): (u64, u32),
    ) -> Result<Snapshot<Vec<MessageRow>>, StoreError> {
        retried(|| async {
            let mut snapshot = self.snapshot().await?;
            let checkpoint = progress(self.log_id(), Projection::Inbox.name(), &mut snapshot).await?.checkpoint;
            let sql = with_filters(include_str!("../../sql/bank_messages_newest.sql"), |_| bank.is_some());
            let statement = sqlx::query(AssertSqlSafe(sql))
                .bind(self.log_id())
                .bind(bank.map(BankId::as_str))
                .bind(signed(before)?)
                .bind(i64::from(limit.min(LIST_LIMIT_MAX)));
            let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
            let answer = rows.iter().map(|row| Columns::of(row).bank_message()).collect::<Result<_, _>>()?;
            Ok(Snapshot { checkpoint, answer })
        })
        .await
    }

    async fn settled_by_bank(
        &self,
        bank: &BankId,
        days: (Date, Date),
        after: Option<(Date, PaymentId)>,
    ) -> Result<Vec<PaymentRow>, StoreError> {
        let (day, id) = inbox::place(days, after);
        let rows = retried(|| async {
            let statement = sqlx::query(include_str!("../../sql/payments_settled.sql"))
                .bind(self.log_id())
                .bind(bank.as_str())
                .bind(&day)
                .bind(&id)
                .bind(days.1.to_string())
                .bind(i64::from(LIST_LIMIT_MAX));
            statement.fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(|row| Columns::of(row).payment()).collect()
    }

    async fn list_bank_items(
        &self,
        filter: &WaitingFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<WaitingRow>>, StoreError> {
        retried(|| async {
            let mut snapshot = self.snapshot().await?;
            let checkpoint = progress(self.log_id(), Projection::Inbox.name(), &mut snapshot).await?.checkpoint;
            let sql = inbox::list_items(include_str!("../../sql/postgres/bank_items_list.sql"), filter);
            let units = |units: &Vec<UnitKey>| units.iter().map(|unit| unit.as_str().to_owned()).collect::<Vec<_>>();
            let statement = sqlx::query(AssertSqlSafe(sql))
                .bind(self.log_id())
                .bind(filter.units.as_ref().map(units))
                .bind(filter.bank.as_ref().map(BankId::as_str))
                .bind(filter.message.map(|id| id.as_uuid().as_bytes().to_vec()))
                .bind(signed(page.after)?)
                .bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
            let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
            let answer = rows.iter().map(|row| Columns::of(row).bank_item()).collect::<Result<_, _>>()?;
            Ok(Snapshot { checkpoint, answer })
        })
        .await
    }

    async fn unit_activity(&self, cycle: Month) -> Result<Vec<UnitActivity>, StoreError> {
        let rows = retried(|| async {
            let statement = sqlx::query(include_str!("../../sql/unit_activity.sql")).bind(self.log_id());
            statement.bind(cycle.to_string()).fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(|row| Columns::of(row).unit_activity()).collect()
    }
}
