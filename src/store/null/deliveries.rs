//! No webhooks: what is not recorded is told to nobody.

use super::NullStore;
use crate::store::StoreError;
use crate::store::deliveries::{Deliveries, DeliveryState, StoredDelivery, WebhookPlace};
use async_trait::async_trait;
use uuid::Uuid;

#[async_trait]
impl Deliveries for NullStore {
    async fn webhook_place(&self, _webhook: Uuid) -> Result<Option<WebhookPlace>, StoreError> {
        Ok(None)
    }

    async fn put_webhook_place(
        &self,
        _place: &WebhookPlace,
        _deliveries: &[StoredDelivery],
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn pending_deliveries(&self, _webhook: Uuid) -> Result<Vec<StoredDelivery>, StoreError> {
        Ok(Vec::new())
    }

    async fn delivery(&self, _webhook: Uuid, _position: u64) -> Result<Option<StoredDelivery>, StoreError> {
        Ok(None)
    }

    async fn list_deliveries(
        &self,
        _webhook: Uuid,
        _asked: (u64, Option<DeliveryState>),
        _limit: u32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        Ok(Vec::new())
    }

    async fn trim_deliveries(&self, _webhook: Uuid, _before_us: i64, _keep: u32) -> Result<(), StoreError> {
        Ok(())
    }

    async fn delivery_counts(&self) -> Result<(u64, u64), StoreError> {
        Ok((0, 0))
    }

    async fn forget_deliveries(&self, _webhook: Uuid) -> Result<(), StoreError> {
        Ok(())
    }
}
