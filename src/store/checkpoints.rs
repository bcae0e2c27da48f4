//! What a log signed of itself, as stored. Whether a signature holds is not asked here.

use super::StoreError;
use super::decode::{StoreRow, bytes, signed_number, unsigned};
use async_trait::async_trait;

/// A checkpoint as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many events it is over.
    pub size: u64,
    /// Microseconds since the Unix epoch.
    pub signed_at_us: i64,
    /// How many witnesses' cosignatures are in the note.
    pub cosignatures: u32,
    /// The signed note, to the byte.
    pub note: Vec<u8>,
}

/// The checkpoints of one log. Works beside a running server too.
#[async_trait]
pub trait Checkpoints: Send + Sync + 'static {
    /// Adds one; false when there is one of this size already, which stays.
    async fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<bool, StoreError>;

    /// Puts a note with more cosignatures in the place of the one of this size; one with fewer changes nothing.
    async fn cosign_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), StoreError>;

    /// The one of the largest size, of all or of those that a witness cosigned.
    async fn last_checkpoint(&self, cosigned: bool) -> Result<Option<StoredCheckpoint>, StoreError>;

    /// Those beyond a size, smallest first, at most `limit`.
    async fn checkpoints_after(&self, size: u64, limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError>;
}

/// Reads a row of any engine.
pub(super) fn decode(row: &impl StoreRow) -> Result<StoredCheckpoint, StoreError> {
    let corrupt = |_| StoreError::Corrupt("a count of cosignatures is not what was written".to_owned());
    Ok(StoredCheckpoint {
        size: unsigned(row, 0)?,
        signed_at_us: signed_number(row, 1)?,
        cosignatures: unsigned(row, 2)?.try_into().map_err(corrupt)?,
        note: bytes(row, 3)?.to_vec(),
    })
}
