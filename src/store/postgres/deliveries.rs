//! Deliveries to webhooks on PostgreSQL. Reads are tried again; a place is written once, since its version says whether it was.

use super::query::retried;
use super::{PostgresStore, fault};
use crate::store::StoreError;
use crate::store::decode::signed;
use crate::store::deliveries::{self, Deliveries, DeliveryState, StoredDelivery, WebhookPlace};
use async_trait::async_trait;
use uuid::Uuid;

#[async_trait]
impl Deliveries for PostgresStore {
    async fn webhook_place(&self, webhook: Uuid) -> Result<Option<WebhookPlace>, StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/webhook_place.sql")).bind(self.log_id());
            let query = query.bind(webhook.as_bytes().as_slice());
            query.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(deliveries::place).transpose()
    }

    async fn put_webhook_place(&self, place: &WebhookPlace, deliveries: &[StoredDelivery]) -> Result<bool, StoreError> {
        let mut transaction = self.pool().begin().await.map_err(|e| fault(&e))?;
        let query = sqlx::query(include_str!("../sql/webhook_place_put.sql"))
            .bind(self.log_id())
            .bind(place.webhook.as_bytes().as_slice())
            .bind(signed(place.position))
            .bind(signed(place.seen_revision))
            .bind(place.failing_since_us)
            .bind(signed(place.version));
        if query.execute(&mut *transaction).await.map_err(|e| fault(&e))?.rows_affected() == 0 {
            transaction.rollback().await.map_err(|e| fault(&e))?;
            return Ok(false);
        }
        for delivery in deliveries {
            let query = sqlx::query(include_str!("../sql/webhook_delivery_put.sql"))
                .bind(self.log_id())
                .bind(place.webhook.as_bytes().as_slice())
                .bind(signed(delivery.position))
                .bind(delivery.event_id.as_bytes().as_slice())
                .bind(&delivery.kind)
                .bind(delivery.state.as_str())
                .bind(i64::from(delivery.tries))
                .bind(delivery.next_try_us)
                .bind(delivery.updated_at_us)
                .bind(delivery.answers.as_slice());
            query.execute(&mut *transaction).await.map_err(|e| fault(&e))?;
        }
        transaction.commit().await.map_err(|e| fault(&e))?;
        Ok(true)
    }

    async fn pending_deliveries(&self, webhook: Uuid) -> Result<Vec<StoredDelivery>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/webhook_deliveries_pending.sql")).bind(self.log_id());
            query.bind(webhook.as_bytes().as_slice()).fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(deliveries::delivery).collect()
    }

    async fn delivery(&self, webhook: Uuid, position: u64) -> Result<Option<StoredDelivery>, StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/webhook_delivery.sql")).bind(self.log_id());
            let query = query.bind(webhook.as_bytes().as_slice()).bind(signed(position));
            query.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(deliveries::delivery).transpose()
    }

    async fn list_deliveries(
        &self,
        webhook: Uuid,
        (before, state): (u64, Option<DeliveryState>),
        limit: u32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let [first, second, third] = deliveries::states(state);
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/webhook_deliveries_list.sql"))
                .bind(self.log_id())
                .bind(webhook.as_bytes().as_slice())
                .bind(signed(before))
                .bind(first)
                .bind(second)
                .bind(third)
                .bind(i64::from(limit));
            query.fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(deliveries::delivery).collect()
    }

    async fn trim_deliveries(&self, webhook: Uuid, before_us: i64, keep: u32) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_deliveries_trim.sql"))
            .bind(self.log_id())
            .bind(webhook.as_bytes().as_slice())
            .bind(before_us)
            .bind(i64::from(keep));
        query.execute(self.pool()).await.map(|_| ()).map_err(|e| fault(&e))
    }

    async fn forget_deliveries(&self, webhook: Uuid) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/webhook_deliveries_forget.sql")).bind(self.log_id());
        query.bind(webhook.as_bytes().as_slice()).execute(self.pool()).await.map_err(|e| fault(&e))?;
        let query = sqlx::query(include_str!("../sql/webhook_place_forget.sql")).bind(self.log_id());
        query.bind(webhook.as_bytes().as_slice()).execute(self.pool()).await.map(|_| ()).map_err(|e| fault(&e))
    }

    async fn delivery_counts(&self) -> Result<(u64, u64), StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/webhook_counts.sql")).bind(self.log_id());
            query.fetch_one(self.pool()).await.map_err(|e| fault(&e))
        });
        deliveries::counts(&row.await?)
    }
}
