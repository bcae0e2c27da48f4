//! A whole log out of PostgreSQL and into it: one transaction each, rows as `store::archive` knows them.

use super::arrays::Arrays;
use super::{PostgresStore, fault, query, retried};
use crate::store::archive::{ArchiveTable, Archives, Cell, CellKind, LogFilling, LogSnapshot, Row, TakeRow};
use crate::store::decode::{self, signed};
use crate::store::{Head, LogId, RecordedEvent, StoreError};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{Postgres, Transaction};

/// The statement that reads a table, and the one that fills it.
const fn statements(table: ArchiveTable) -> (&'static str, &'static str) {
    match table {
        ArchiveTable::Events => {
            (include_str!("../sql/archive_events.sql"), include_str!("../sql/postgres/fill_events.sql"))
        }
        ArchiveTable::Claims => {
            (include_str!("../sql/archive_claims.sql"), include_str!("../sql/postgres/fill_claims.sql"))
        }
        ArchiveTable::Requests => {
            (include_str!("../sql/archive_requests.sql"), include_str!("../sql/postgres/insert_requests.sql"))
        }
        ArchiveTable::VaultMeta => {
            (include_str!("../sql/archive_vault_meta.sql"), include_str!("../sql/postgres/fill_vault_meta.sql"))
        }
        ArchiveTable::VaultKeys => {
            (include_str!("../sql/archive_vault_keys.sql"), include_str!("../sql/postgres/insert_vault_keys.sql"))
        }
        ArchiveTable::VaultRecords => {
            (include_str!("../sql/archive_vault_records.sql"), include_str!("../sql/postgres/insert_vault_records.sql"))
        }
        ArchiveTable::VaultPieces => {
            (include_str!("../sql/archive_vault_pieces.sql"), include_str!("../sql/postgres/fill_vault_pieces.sql"))
        }
        ArchiveTable::ApiKeys => {
            (include_str!("../sql/archive_api_keys.sql"), include_str!("../sql/postgres/fill_api_keys.sql"))
        }
        ArchiveTable::ImportReports => {
            (include_str!("../sql/archive_import_reports.sql"), include_str!("../sql/postgres/fill_import_reports.sql"))
        }
        ArchiveTable::Checkpoints => {
            (include_str!("../sql/archive_checkpoints.sql"), include_str!("../sql/postgres/fill_checkpoints.sql"))
        }
        ArchiveTable::WebhookPlaces => {
            (include_str!("../sql/archive_webhook_places.sql"), include_str!("../sql/postgres/fill_webhook_places.sql"))
        }
        ArchiveTable::WebhookDeliveries => (
            include_str!("../sql/archive_webhook_deliveries.sql"),
            include_str!("../sql/postgres/fill_webhook_deliveries.sql"),
        ),
        ArchiveTable::AuditNotes => {
            (include_str!("../sql/archive_audit_notes.sql"), include_str!("../sql/postgres/fill_audit_notes.sql"))
        }
    }
}

#[async_trait]
impl Archives for PostgresStore {
    fn log_id(&self) -> LogId {
        Self::log_id(self)
    }

    async fn snapshot(&self) -> Result<Box<dyn LogSnapshot + '_>, StoreError> {
        let begin = include_str!("../sql/postgres/begin_snapshot.sql");
        let tx = retried(|| async { self.pool().begin_with(begin).await.map_err(|e| fault(&e)) }).await?;
        Ok(Box::new(Snapshot { tx, log_id: Self::log_id(self) }))
    }

    async fn fill(&self) -> Result<Box<dyn LogFilling + '_>, StoreError> {
        if self.committer.is_none() {
            return Err(StoreError::Rejected("a store that was opened beside a server cannot be filled".to_owned()));
        }
        let begin = include_str!("../sql/postgres/begin.sql");
        let mut tx = retried(|| async { self.pool().begin_with(begin).await.map_err(|e| fault(&e)) }).await?;
        let patience = sqlx::query(include_str!("../sql/postgres/set_fill.sql"));
        patience.execute(&mut *tx).await.map_err(|e| fault(&e))?;
        sqlx::raw_sql(include_str!("../sql/postgres/lock_archive.sql"))
            .execute(&mut *tx)
            .await
            .map_err(|e| fault(&e))?;
        Ok(Box::new(Filling { tx, log_id: Self::log_id(self) }))
    }

    async fn close_archive(&self) {
        crate::store::EventStore::close(self).await;
    }
}

struct Snapshot {
    tx: Transaction<'static, Postgres>,
    log_id: LogId,
}

#[async_trait]
impl LogSnapshot for Snapshot {
    async fn head(&mut self) -> Result<Head, StoreError> {
        let query = sqlx::query(include_str!("../sql/head.sql")).bind(self.log_id);
        let row = query.fetch_optional(&mut *self.tx).await.map_err(|e| fault(&e))?;
        // A database that was migrated and never opened for writing has no head yet.
        decode::head_or_start(row.as_ref())
    }

    async fn rows(&mut self, table: ArchiveTable, take: TakeRow<'_>) -> Result<(), StoreError> {
        let mut rows = sqlx::query(statements(table).0).bind(self.log_id).fetch(&mut *self.tx);
        while let Some(row) = rows.try_next().await.map_err(|e| fault(&e))? {
            take(table.cells(&row)?)?;
        }
        Ok(())
    }
}

/// Dropped without commit, the pool rolls it back.
struct Filling {
    tx: Transaction<'static, Postgres>,
    log_id: LogId,
}

/// Nobody else writes to the locked tables: a key that is there twice is there twice in what is filled in, and stays so.
fn refusal(error: &sqlx::Error) -> StoreError {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => StoreError::Rejected(database.message().to_owned()),
        _ => fault(error),
    }
}

/// Rows as columns. Each row fits its table, so that each column has one kind.
fn arrays(table: ArchiveTable, rows: &[Row]) -> Arrays {
    Arrays::of(rows, |row, v| {
        for (cell, (_, kind)) in row.iter().zip(table.columns()) {
            match (cell, kind) {
                (Cell::Null, CellKind::Integer) => v.maybe_number(None),
                (Cell::Null, CellKind::Text) => v.maybe_text(None),
                (Cell::Null, CellKind::Bytes) => v.maybe_bytes(None),
                (Cell::Integer(value), _) => v.number(*value),
                (Cell::Text(value), _) => v.text(value),
                (Cell::Bytes(value), _) => v.bytes(value),
            };
        }
    })
}

#[async_trait]
impl LogFilling for Filling {
    async fn occupied(&mut self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query(include_str!("../sql/archive_occupied.sql")).bind(self.log_id);
        let row = query.fetch_optional(&mut *self.tx).await.map_err(|e| fault(&e))?;
        row.as_ref().map(|row| decode::text(row, 0)).transpose()
    }

    async fn put(&mut self, table: ArchiveTable, rows: Vec<Row>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let query = query::rows(statements(table).1, self.log_id, arrays(table, &rows))?;
        query.execute(&mut *self.tx).await.map(|_| ()).map_err(|e| refusal(&e))
    }

    async fn read_by_stream(
        &mut self,
        after: Option<(&str, u64)>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let (stream, revision) = after.map_or(("", -1), |(stream, revision)| (stream, signed(revision)));
        let query = sqlx::query(include_str!("../sql/read_by_stream.sql"))
            .bind(self.log_id)
            .bind(stream)
            .bind(revision)
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *self.tx).await.map_err(|e| fault(&e))?;
        rows.iter().map(decode::event).collect()
    }

    async fn commit(mut self: Box<Self>, head: Head) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/fill_head.sql"))
            .bind(self.log_id)
            .bind(signed(head.position.saturating_add(1)))
            .bind(head.recorded_at_us);
        query.execute(&mut *self.tx).await.map_err(|e| fault(&e))?;
        self.tx.commit().await.map_err(|e| fault(&e))
    }
}
