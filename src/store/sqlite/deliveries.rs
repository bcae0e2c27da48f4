//! Deliveries to webhooks on SQLite, in the log's own file.

use super::{SqliteStore, fault};
use crate::store::StoreError;
use crate::store::decode::signed;
use crate::store::deliveries::{self, Deliveries, DeliveryState, StoredDelivery, WebhookPlace};
use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;

fn key(webhook: Uuid) -> Vec<u8> {
    webhook.as_bytes().to_vec()
}

impl SqliteStore {
    async fn write_place(
        &self,
        writer: &mut SqliteConnection,
        (place, deliveries): (&WebhookPlace, &[StoredDelivery]),
    ) -> Result<bool, sqlx::Error> {
        sqlx::query(include_str!("../sql/begin.sql")).execute(&mut *writer).await?;
        let query = sqlx::query(include_str!("../sql/webhook_place_put.sql"))
            .bind(self.log_id())
            .bind(key(place.webhook))
            .bind(signed(place.position))
            .bind(signed(place.seen_revision))
            .bind(place.failing_since_us)
            .bind(signed(place.version));
        if query.execute(&mut *writer).await?.rows_affected() == 0 {
            sqlx::query(include_str!("../sql/roll_back.sql")).execute(&mut *writer).await?;
            return Ok(false);
        }
        for delivery in deliveries {
            let query = sqlx::query(include_str!("../sql/webhook_delivery_put.sql"))
                .bind(self.log_id())
                .bind(key(place.webhook))
                .bind(signed(delivery.position))
                .bind(key(delivery.event_id))
                .bind(delivery.kind.clone())
                .bind(delivery.state.as_str())
                .bind(i64::from(delivery.tries))
                .bind(delivery.next_try_us)
                .bind(delivery.updated_at_us)
                .bind(delivery.answers.clone());
            query.execute(&mut *writer).await?;
        }
        sqlx::query(include_str!("../sql/commit.sql")).execute(&mut *writer).await?;
        Ok(true)
    }
}

#[async_trait]
impl Deliveries for SqliteStore {
    async fn webhook_place(&self, webhook: Uuid) -> Result<Option<WebhookPlace>, StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_place.sql")).bind(self.log_id()).bind(key(webhook));
        let row = query.fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(deliveries::place).transpose()
    }

    async fn put_webhook_place(&self, place: &WebhookPlace, deliveries: &[StoredDelivery]) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let written = self.write_place(&mut writer, (place, deliveries)).await;
        written.map_err(|error| {
            // Undoes what was begun.
            writer.give_up();
            fault(&error)
        })
    }

    async fn pending_deliveries(&self, webhook: Uuid) -> Result<Vec<StoredDelivery>, StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_deliveries_pending.sql")).bind(self.log_id());
        let rows = query.bind(key(webhook)).fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(deliveries::delivery).collect()
    }

    async fn delivery(&self, webhook: Uuid, position: u64) -> Result<Option<StoredDelivery>, StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_delivery.sql")).bind(self.log_id()).bind(key(webhook));
        let row = query.bind(signed(position)).fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(deliveries::delivery).transpose()
    }

    async fn list_deliveries(
        &self,
        webhook: Uuid,
        (before, state): (u64, Option<DeliveryState>),
        limit: u32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let [first, second, third] = deliveries::states(state);
        let query = sqlx::query(include_str!("../sql/webhook_deliveries_list.sql"))
            .bind(self.log_id())
            .bind(key(webhook))
            .bind(signed(before))
            .bind(first)
            .bind(second)
            .bind(third)
            .bind(i64::from(limit));
        let rows = query.fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(deliveries::delivery).collect()
    }

    async fn trim_deliveries(&self, webhook: Uuid, before_us: i64, keep: u32) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_deliveries_trim.sql"))
            .bind(self.log_id())
            .bind(key(webhook))
            .bind(before_us)
            .bind(i64::from(keep));
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn forget_deliveries(&self, webhook: Uuid) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_deliveries_forget.sql"));
        let mut writer = self.writer().await?;
        query.bind(self.log_id()).bind(key(webhook)).execute(&mut *writer).await.map_err(|e| fault(&e))?;
        let query = sqlx::query(include_str!("../sql/webhook_place_forget.sql"));
        query.bind(self.log_id()).bind(key(webhook)).execute(&mut *writer).await.map(drop).map_err(|e| fault(&e))
    }

    async fn delivery_counts(&self) -> Result<(u64, u64), StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_counts.sql")).bind(self.log_id());
        deliveries::counts(&query.fetch_one(self.reader()).await.map_err(|e| fault(&e))?)
    }
}
