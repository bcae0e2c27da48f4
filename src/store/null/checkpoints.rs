//! No checkpoints: what is not recorded is not signed.

use super::NullStore;
use crate::store::StoreError;
use crate::store::checkpoints::{Checkpoints, StoredCheckpoint};
use async_trait::async_trait;

#[async_trait]
impl Checkpoints for NullStore {
    async fn put_checkpoint(&self, _checkpoint: &StoredCheckpoint) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn cosign_checkpoint(&self, _checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
        Ok(())
    }

    async fn last_checkpoint(&self, _cosigned: bool) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(None)
    }

    async fn checkpoints_after(&self, _size: u64, _limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError> {
        Ok(Vec::new())
    }
}
