//! Sessions on PostgreSQL. What is written here may be written twice: it is tried again like a read.

use super::query::retried;
use super::{PostgresStore, fault};
use crate::store::StoreError;
use crate::store::sessions::{self, Sessions, StoredSession};
use async_trait::async_trait;

#[async_trait]
impl Sessions for PostgresStore {
    async fn insert_session(&self, hash: &[u8; 32], key_id: &str, at_us: i64) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/insert_session.sql")).bind(self.log_id()).bind(hash.as_slice());
        // Once: whoever signs in again gets another one.
        query.bind(key_id).bind(at_us).execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
    }

    async fn find_session(&self, hash: &[u8; 32]) -> Result<Option<StoredSession>, StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/find_session.sql")).bind(self.log_id()).bind(hash.as_slice());
            query.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(sessions::decode).transpose()
    }

    async fn touch_session(&self, hash: &[u8; 32], at_us: i64) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/touch_session.sql")).bind(self.log_id()).bind(hash.as_slice());
            query.bind(at_us).execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
        })
        .await
    }

    async fn delete_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        retried(|| async {
            let query =
                sqlx::query(include_str!("../sql/delete_session.sql")).bind(self.log_id()).bind(hash.as_slice());
            query.execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
        })
        .await
    }

    async fn delete_old_sessions(&self, created_before_us: i64, seen_before_us: i64) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/delete_old_sessions.sql")).bind(self.log_id());
            let query = query.bind(created_before_us).bind(seen_before_us);
            query.execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
        })
        .await
    }
}
