//! Checkpoints on SQLite, in the log's own file.

use super::{SqliteStore, fault};
use crate::store::StoreError;
use crate::store::checkpoints::{self, Checkpoints, StoredCheckpoint};
use crate::store::decode::signed;
use async_trait::async_trait;

#[async_trait]
impl Checkpoints for SqliteStore {
    async fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/put_checkpoint.sql"))
            .bind(self.log_id())
            .bind(signed(checkpoint.size))
            .bind(checkpoint.signed_at_us)
            .bind(i64::from(checkpoint.cosignatures))
            .bind(&checkpoint.note);
        let done = query.execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok(done.rows_affected() == 1)
    }

    async fn cosign_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/cosign_checkpoint.sql"))
            .bind(self.log_id())
            .bind(signed(checkpoint.size))
            .bind(i64::from(checkpoint.cosignatures))
            .bind(&checkpoint.note);
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn last_checkpoint(&self, cosigned: bool) -> Result<Option<StoredCheckpoint>, StoreError> {
        let sql = if cosigned {
            include_str!("../sql/last_cosigned_checkpoint.sql")
        } else {
            include_str!("../sql/last_checkpoint.sql")
        };
        let query = sqlx::query(sql).bind(self.log_id());
        let row = query.fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(checkpoints::decode).transpose()
    }

    async fn checkpoints_after(&self, size: u64, limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let query = sqlx::query(include_str!("../sql/checkpoints_after.sql")).bind(self.log_id()).bind(signed(size));
        let rows = query.bind(limit).fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(checkpoints::decode).collect()
    }
}
