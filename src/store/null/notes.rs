//! Notes of a log that records nothing: none are kept.

use super::NullStore;
use crate::store::StoreError;
use crate::store::notes::{AuditNote, AuditNotes};
use async_trait::async_trait;
use uuid::Uuid;

#[async_trait]
impl AuditNotes for NullStore {
    async fn put_audit_note(&self, _note: &AuditNote) -> Result<(), StoreError> {
        Ok(())
    }

    async fn audit_notes(&self, _limit: u32) -> Result<Vec<AuditNote>, StoreError> {
        Ok(Vec::new())
    }

    async fn delete_audit_note(&self, _note_id: Uuid) -> Result<(), StoreError> {
        Ok(())
    }
}
