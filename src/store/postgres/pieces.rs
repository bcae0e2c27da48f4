//! Pieces of long records on PostgreSQL. What is written here may be written twice: it is tried again like a read.

use super::query::retried;
use super::{PostgresStore, fault};
use crate::store::StoreError;
use crate::store::pieces::{self, Pieces, SWEPT_AT_ONCE, VaultPiece};
use async_trait::async_trait;
use uuid::Uuid;

impl PostgresStore {
    async fn write_pieces(&self, pieces: &[VaultPiece]) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool().begin().await?;
        for piece in pieces {
            let query = sqlx::query(include_str!("../sql/insert_vault_piece.sql"))
                .bind(self.log_id())
                .bind(piece.subject.as_bytes().as_slice())
                .bind(piece.record_ref.as_bytes().as_slice())
                .bind(i64::from(piece.number))
                .bind(piece.written_at_us)
                .bind(piece.ciphertext.as_slice());
            query.execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }
}

#[async_trait]
impl Pieces for PostgresStore {
    async fn put_pieces(&self, pieces: &[VaultPiece]) -> Result<(), StoreError> {
        retried(|| async { self.write_pieces(pieces).await.map_err(|e| fault(&e)) }).await
    }

    async fn vault_piece(&self, subject: Uuid, record_ref: Uuid, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/vault_piece.sql")).bind(self.log_id());
            let query = query.bind(subject.as_bytes().as_slice()).bind(record_ref.as_bytes().as_slice());
            query.bind(i64::from(number)).fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(pieces::ciphertext).transpose()
    }

    async fn drop_pieces(&self, subject: Uuid, record_ref: Uuid) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/delete_pieces_of_record.sql")).bind(self.log_id());
            let query = query.bind(subject.as_bytes().as_slice()).bind(record_ref.as_bytes().as_slice());
            query.execute(self.pool()).await.map(drop).map_err(|e| fault(&e))
        })
        .await
    }

    async fn stray_pieces(&self, before_us: i64) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/stray_vault_pieces.sql")).bind(self.log_id());
            query.bind(before_us).bind(SWEPT_AT_ONCE).fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(pieces::stray).collect()
    }
}
