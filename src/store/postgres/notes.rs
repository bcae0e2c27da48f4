//! Notes for the log on PostgreSQL. Each is written once by its id, so that it is tried again like a read.

use super::query::retried;
use super::{PostgresStore, fault};
use crate::store::StoreError;
use crate::store::notes::{self, AuditNote, AuditNotes};
use async_trait::async_trait;
use uuid::Uuid;

#[async_trait]
impl AuditNotes for PostgresStore {
    async fn put_audit_note(&self, note: &AuditNote) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/put_audit_note.sql")).bind(self.log_id());
            let query = query.bind(note.note_id.as_bytes().as_slice()).bind(note.noted_at_us).bind(&note.data);
            query.execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
        })
        .await
    }

    async fn audit_notes(&self, limit: u32) -> Result<Vec<AuditNote>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/audit_notes.sql")).bind(self.log_id());
            query.bind(i64::from(limit)).fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(notes::decode).collect()
    }

    async fn delete_audit_note(&self, note_id: Uuid) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/delete_audit_note.sql")).bind(self.log_id());
            query.bind(note_id.as_bytes().as_slice()).execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
        })
        .await
    }
}
