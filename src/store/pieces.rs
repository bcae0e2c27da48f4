//! Sealed bytes that are too long for one row, piece by piece. They are written before the append whose record tells of them, and what a
//! crash left without its record is swept.

use super::StoreError;
use super::decode::{StoreRow, bytes, id};
use async_trait::async_trait;
use uuid::Uuid;

/// One sealed piece of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultPiece {
    pub subject: Uuid,
    pub record_ref: Uuid,
    /// From 0.
    pub number: u32,
    /// Microseconds since the Unix epoch.
    pub written_at_us: i64,
    pub ciphertext: Vec<u8>,
}

/// Long records of one sweep.
pub(super) const SWEPT_AT_ONCE: i64 = 100;

/// Pieces of one log's vault.
#[async_trait]
pub trait Pieces: Send + Sync + 'static {
    /// Writes pieces in one transaction; durable when it answers. One that is there already stays as it is.
    async fn put_pieces(&self, pieces: &[VaultPiece]) -> Result<(), StoreError>;

    /// One sealed piece of a record.
    async fn vault_piece(&self, subject: Uuid, record_ref: Uuid, number: u32) -> Result<Option<Vec<u8>>, StoreError>;

    /// Takes away all pieces of a record that was given up.
    async fn drop_pieces(&self, subject: Uuid, record_ref: Uuid) -> Result<(), StoreError>;

    /// Subject and reference of long records that began to be written before an instant and whose record never came; not all at once.
    async fn stray_pieces(&self, before_us: i64) -> Result<Vec<(Uuid, Uuid)>, StoreError>;
}

/// Reads a row of any engine.
pub(super) fn stray(row: &impl StoreRow) -> Result<(Uuid, Uuid), StoreError> {
    Ok((id(row, 0)?, id(row, 1)?))
}

/// Reads a row of any engine.
pub(super) fn ciphertext(row: &impl StoreRow) -> Result<Vec<u8>, StoreError> {
    Ok(bytes(row, 0)?.to_vec())
}
