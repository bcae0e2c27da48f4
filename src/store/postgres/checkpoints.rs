//! Checkpoints on PostgreSQL. Each statement may run twice: it is tried again like a read.

use super::query::retried;
use super::{PostgresStore, fault};
use crate::store::StoreError;
use crate::store::checkpoints::{self, Checkpoints, StoredCheckpoint};
use crate::store::decode::signed;
use async_trait::async_trait;

#[async_trait]
impl Checkpoints for PostgresStore {
    async fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/put_checkpoint.sql"))
            .bind(self.log_id())
            .bind(signed(checkpoint.size))
            .bind(checkpoint.signed_at_us)
            .bind(i64::from(checkpoint.cosignatures))
            .bind(checkpoint.note.as_slice());
        // Once: the second try would say that the checkpoint of the first was there before.
        Ok(query.execute(self.pool()).await.map_err(|e| fault(&e))?.rows_affected() == 1)
    }

    async fn cosign_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/cosign_checkpoint.sql"))
                .bind(self.log_id())
                .bind(signed(checkpoint.size))
                .bind(i64::from(checkpoint.cosignatures))
                .bind(checkpoint.note.as_slice());
            query.execute(self.pool()).await.map(|_| ()).map_err(|e| fault(&e))
        })
        .await
    }

    async fn last_checkpoint(&self, cosigned: bool) -> Result<Option<StoredCheckpoint>, StoreError> {
        let sql = if cosigned {
            include_str!("../sql/last_cosigned_checkpoint.sql")
        } else {
            include_str!("../sql/last_checkpoint.sql")
        };
        let row = retried(|| async {
            sqlx::query(sql).bind(self.log_id()).fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(checkpoints::decode).transpose()
    }

    async fn checkpoints_after(&self, size: u64, limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/checkpoints_after.sql")).bind(self.log_id());
            let query = query.bind(signed(size)).bind(i64::from(limit));
            query.fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(checkpoints::decode).collect()
    }
}
