//! Who is signed in to the pages, as stored. What a session opens, and for how long, is not asked here.

use super::StoreError;
use super::decode::{StoreRow, signed_number, text};
use async_trait::async_trait;

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    pub key_id: String,
    /// Microseconds since the Unix epoch.
    pub created_at_us: i64,
    /// The last time that it was used, roughly.
    pub seen_at_us: i64,
}

/// Sessions of one log, each under the hash of its cookie.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// Begins one.
    async fn insert_session(&self, hash: &[u8; 32], key_id: &str, at_us: i64) -> Result<(), StoreError>;

    /// One of them, over or not.
    async fn find_session(&self, hash: &[u8; 32]) -> Result<Option<StoredSession>, StoreError>;

    /// It was used.
    async fn touch_session(&self, hash: &[u8; 32], at_us: i64) -> Result<(), StoreError>;

    /// Ends one, for good.
    async fn delete_session(&self, hash: &[u8; 32]) -> Result<(), StoreError>;

    /// Takes away those that began before one instant or were last used before another.
    async fn delete_old_sessions(&self, created_before_us: i64, seen_before_us: i64) -> Result<(), StoreError>;
}

/// Reads a row of any engine.
pub(super) fn decode(row: &impl StoreRow) -> Result<StoredSession, StoreError> {
    Ok(StoredSession {
        key_id: text(row, 0)?,
        created_at_us: signed_number(row, 1)?,
        seen_at_us: signed_number(row, 2)?,
    })
}
