//! What is to be written into the log by the next server that writes to it: notes of processes that do not.

use super::StoreError;
use super::decode::{StoreRow, bytes, id, signed_number};
use async_trait::async_trait;
use uuid::Uuid;

/// A note: an event of the audit that is not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditNote {
    /// The event's id: what is written twice is written once.
    pub note_id: Uuid,
    /// Microseconds since the Unix epoch.
    pub noted_at_us: i64,
    /// The event's data.
    pub data: Vec<u8>,
}

/// Notes of one log.
#[async_trait]
pub trait AuditNotes: Send + Sync + 'static {
    /// Keeps one.
    async fn put_audit_note(&self, note: &AuditNote) -> Result<(), StoreError>;

    /// The oldest ones.
    async fn audit_notes(&self, limit: u32) -> Result<Vec<AuditNote>, StoreError>;

    /// Takes one away that is in the log.
    async fn delete_audit_note(&self, note_id: Uuid) -> Result<(), StoreError>;
}

/// Reads a row of any engine.
pub(super) fn decode(row: &impl StoreRow) -> Result<AuditNote, StoreError> {
    Ok(AuditNote { note_id: id(row, 0)?, noted_at_us: signed_number(row, 1)?, data: bytes(row, 2)?.to_vec() })
}
