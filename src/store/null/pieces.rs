//! No pieces: a log that records nothing keeps nothing long.

use super::NullStore;
use crate::store::StoreError;
use crate::store::pieces::{Pieces, VaultPiece};
use async_trait::async_trait;
use uuid::Uuid;

#[async_trait]
impl Pieces for NullStore {
    async fn put_pieces(&self, _pieces: &[VaultPiece]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn vault_piece(&self, _subject: Uuid, _record: Uuid, _number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    async fn drop_pieces(&self, _subject: Uuid, _record_ref: Uuid) -> Result<(), StoreError> {
        Ok(())
    }

    async fn stray_pieces(&self, _before_us: i64) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        Ok(Vec::new())
    }
}
