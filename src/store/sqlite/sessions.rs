//! Sessions on SQLite, in the log's own file.

use super::{SqliteStore, fault};
use crate::store::StoreError;
use crate::store::sessions::{self, Sessions, StoredSession};
use async_trait::async_trait;

#[async_trait]
impl Sessions for SqliteStore {
    async fn insert_session(&self, hash: &[u8; 32], key_id: &str, at_us: i64) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/insert_session.sql")).bind(self.log_id()).bind(hash.to_vec());
        let query = query.bind(key_id).bind(at_us);
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn find_session(&self, hash: &[u8; 32]) -> Result<Option<StoredSession>, StoreError> {
        let query = sqlx::query(include_str!("../sql/find_session.sql")).bind(self.log_id()).bind(hash.to_vec());
        let row = query.fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(sessions::decode).transpose()
    }

    async fn touch_session(&self, hash: &[u8; 32], at_us: i64) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/touch_session.sql")).bind(self.log_id()).bind(hash.to_vec());
        query.bind(at_us).execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn delete_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/delete_session.sql")).bind(self.log_id()).bind(hash.to_vec());
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn delete_old_sessions(&self, created_before_us: i64, seen_before_us: i64) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/delete_old_sessions.sql")).bind(self.log_id());
        let query = query.bind(created_before_us).bind(seen_before_us);
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }
}
