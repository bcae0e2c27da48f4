//! Notes for the log on SQLite, in the log's own file.

use super::{SqliteStore, fault};
use crate::store::StoreError;
use crate::store::notes::{self, AuditNote, AuditNotes};
use async_trait::async_trait;
use uuid::Uuid;

#[async_trait]
impl AuditNotes for SqliteStore {
    async fn put_audit_note(&self, note: &AuditNote) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/put_audit_note.sql")).bind(self.log_id());
        let query = query.bind(note.note_id.as_bytes().to_vec()).bind(note.noted_at_us).bind(&note.data);
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn audit_notes(&self, limit: u32) -> Result<Vec<AuditNote>, StoreError> {
        let query = sqlx::query(include_str!("../sql/audit_notes.sql")).bind(self.log_id()).bind(limit);
        let rows = query.fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(notes::decode).collect()
    }

    async fn delete_audit_note(&self, note_id: Uuid) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/delete_audit_note.sql")).bind(self.log_id());
        let query = query.bind(note_id.as_bytes().to_vec());
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }
}
