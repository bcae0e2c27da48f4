//! Pieces of long records on SQLite, in the log's own file.

use super::{SqliteStore, fault};
use crate::store::StoreError;
use crate::store::pieces::{self, Pieces, SWEPT_AT_ONCE, VaultPiece};
use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;

fn key(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

impl SqliteStore {
    async fn write_pieces(&self, writer: &mut SqliteConnection, pieces: &[VaultPiece]) -> Result<(), sqlx::Error> {
        sqlx::query(include_str!("../sql/begin.sql")).execute(&mut *writer).await?;
        for piece in pieces {
            let query = sqlx::query(include_str!("../sql/insert_vault_piece.sql"))
                .bind(self.log_id())
                .bind(key(piece.subject))
                .bind(key(piece.record_ref))
                .bind(i64::from(piece.number))
                .bind(piece.written_at_us)
                .bind(piece.ciphertext.clone());
            query.execute(&mut *writer).await?;
        }
        sqlx::query(include_str!("../sql/commit.sql")).execute(&mut *writer).await.map(drop)
    }
}

#[async_trait]
impl Pieces for SqliteStore {
    async fn put_pieces(&self, pieces: &[VaultPiece]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let written = self.write_pieces(&mut writer, pieces).await;
        written.map_err(|error| {
            // Undoes what was begun.
            writer.give_up();
            fault(&error)
        })
    }

    async fn vault_piece(&self, subject: Uuid, record_ref: Uuid, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query(include_str!("../sql/vault_piece.sql")).bind(self.log_id());
        let query = query.bind(key(subject)).bind(key(record_ref)).bind(i64::from(number));
        let row = query.fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(pieces::ciphertext).transpose()
    }

    async fn drop_pieces(&self, subject: Uuid, record_ref: Uuid) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/delete_pieces_of_record.sql")).bind(self.log_id());
        let query = query.bind(key(subject)).bind(key(record_ref));
        query.execute(&mut *self.writer().await?).await.map(drop).map_err(|e| fault(&e))
    }

    async fn stray_pieces(&self, before_us: i64) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let query = sqlx::query(include_str!("../sql/stray_vault_pieces.sql")).bind(self.log_id());
        let rows = query.bind(before_us).bind(SWEPT_AT_ONCE).fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(pieces::stray).collect()
    }
}
