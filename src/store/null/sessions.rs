//! No sessions: a server that records nothing signs nobody in.

use super::NullStore;
use crate::store::StoreError;
use crate::store::sessions::{Sessions, StoredSession};
use async_trait::async_trait;

#[async_trait]
impl Sessions for NullStore {
    async fn insert_session(&self, _hash: &[u8; 32], _key_id: &str, _at_us: i64) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("a log that records nothing keeps no sessions".to_owned()))
    }

    async fn find_session(&self, _hash: &[u8; 32]) -> Result<Option<StoredSession>, StoreError> {
        Ok(None)
    }

    async fn touch_session(&self, _hash: &[u8; 32], _at_us: i64) -> Result<(), StoreError> {
        Ok(())
    }

    async fn delete_session(&self, _hash: &[u8; 32]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn delete_old_sessions(&self, _created_before_us: i64, _seen_before_us: i64) -> Result<(), StoreError> {
        Ok(())
    }
}
