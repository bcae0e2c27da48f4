//! A whole log out of SQLite and into it: one read transaction for a snapshot, one write transaction for filling.

use super::lender::Lent;
use super::rows::{Parameters, ROWS_MAX, RowsQuery, RowsSql, rows_query};
use super::{SqliteStore, fault};
use crate::store::archive::{ArchiveTable, Archives, Cell, LogFilling, LogSnapshot, Row, TakeRow};
use crate::store::decode::{self, signed};
use crate::store::{EventStore, Head, LogId, RecordedEvent, StoreError};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::Transaction;
use sqlx::sqlite::Sqlite;

static FILL_EVENTS: RowsSql = RowsSql::new(include_str!("../sql/fill_events.sql"));
static FILL_CLAIMS: RowsSql = RowsSql::new(include_str!("../sql/fill_claims.sql"));
static FILL_REQUESTS: RowsSql = RowsSql::new(include_str!("../sql/insert_requests.sql"));
static FILL_VAULT_META: RowsSql = RowsSql::new(include_str!("../sql/fill_vault_meta.sql"));
static FILL_VAULT_KEYS: RowsSql = RowsSql::new(include_str!("../sql/insert_vault_keys.sql"));
static FILL_VAULT_RECORDS: RowsSql = RowsSql::new(include_str!("../sql/insert_vault_records.sql"));
static FILL_VAULT_PIECES: RowsSql = RowsSql::new(include_str!("../sql/fill_vault_pieces.sql"));
static FILL_API_KEYS: RowsSql = RowsSql::new(include_str!("../sql/fill_api_keys.sql"));
static FILL_IMPORT_REPORTS: RowsSql = RowsSql::new(include_str!("../sql/fill_import_reports.sql"));
static FILL_CHECKPOINTS: RowsSql = RowsSql::new(include_str!("../sql/fill_checkpoints.sql"));
static FILL_WEBHOOK_PLACES: RowsSql = RowsSql::new(include_str!("../sql/fill_webhook_places.sql"));
static FILL_AUDIT_NOTES: RowsSql = RowsSql::new(include_str!("../sql/fill_audit_notes.sql"));
static FILL_WEBHOOK_DELIVERIES: RowsSql = RowsSql::new(include_str!("../sql/fill_webhook_deliveries.sql"));

/// The statement that reads a table, and the one that fills it.
const fn statements(table: ArchiveTable) -> (&'static str, &'static RowsSql) {
    match table {
        ArchiveTable::Events => (include_str!("../sql/archive_events.sql"), &FILL_EVENTS),
        ArchiveTable::Claims => (include_str!("../sql/archive_claims.sql"), &FILL_CLAIMS),
        ArchiveTable::Requests => (include_str!("../sql/archive_requests.sql"), &FILL_REQUESTS),
        ArchiveTable::VaultMeta => (include_str!("../sql/archive_vault_meta.sql"), &FILL_VAULT_META),
        ArchiveTable::VaultKeys => (include_str!("../sql/archive_vault_keys.sql"), &FILL_VAULT_KEYS),
        ArchiveTable::VaultRecords => (include_str!("../sql/archive_vault_records.sql"), &FILL_VAULT_RECORDS),
        ArchiveTable::VaultPieces => (include_str!("../sql/archive_vault_pieces.sql"), &FILL_VAULT_PIECES),
        ArchiveTable::ApiKeys => (include_str!("../sql/archive_api_keys.sql"), &FILL_API_KEYS),
        ArchiveTable::ImportReports => (include_str!("../sql/archive_import_reports.sql"), &FILL_IMPORT_REPORTS),
        ArchiveTable::Checkpoints => (include_str!("../sql/archive_checkpoints.sql"), &FILL_CHECKPOINTS),
        ArchiveTable::WebhookPlaces => (include_str!("../sql/archive_webhook_places.sql"), &FILL_WEBHOOK_PLACES),
        ArchiveTable::WebhookDeliveries => {
            (include_str!("../sql/archive_webhook_deliveries.sql"), &FILL_WEBHOOK_DELIVERIES)
        }
        ArchiveTable::AuditNotes => (include_str!("../sql/archive_audit_notes.sql"), &FILL_AUDIT_NOTES),
    }
}

#[async_trait]
impl Archives for SqliteStore {
    fn log_id(&self) -> LogId {
        Self::log_id(self)
    }

    async fn snapshot(&self) -> Result<Box<dyn LogSnapshot + '_>, StoreError> {
        // Its first read decides which snapshot it sees: the head's.
        let tx = self.reader().begin().await.map_err(|e| fault(&e))?;
        Ok(Box::new(Snapshot { tx, log_id: Self::log_id(self) }))
    }

    async fn fill(&self) -> Result<Box<dyn LogFilling + '_>, StoreError> {
        if self.committer.is_none() {
            return Err(StoreError::Rejected("a store that was opened beside a server cannot be filled".to_owned()));
        }
        let guard = self.writer.lend().await?;
        let mut filling = Filling { guard, log_id: Self::log_id(self), finished: false };
        filling.execute(sqlx::query(include_str!("../sql/begin.sql"))).await?;
        Ok(Box::new(filling))
    }

    async fn close_archive(&self) {
        self.close().await;
    }
}

struct Snapshot {
    tx: Transaction<'static, Sqlite>,
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

struct Filling<'a> {
    guard: Lent<'a>,
    log_id: LogId,
    finished: bool,
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.guard.give_up();
        }
    }
}

impl Filling<'_> {
    async fn execute(&mut self, query: RowsQuery) -> Result<(), StoreError> {
        query.execute(&mut *self.guard).await.map(drop).map_err(|e| fault(&e))
    }
}

fn bind(parameters: &mut Parameters, row: Row) {
    for cell in row {
        match cell {
            Cell::Null => parameters.add(None::<i64>),
            Cell::Integer(value) => parameters.add(value),
            Cell::Text(value) => parameters.add(value),
            Cell::Bytes(value) => parameters.add(value),
        }
    }
}

#[async_trait]
impl LogFilling for Filling<'_> {
    async fn occupied(&mut self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query(include_str!("../sql/archive_occupied.sql")).bind(self.log_id);
        let row = query.fetch_optional(&mut *self.guard).await.map_err(|e| fault(&e))?;
        row.as_ref().map(|row| decode::text(row, 0)).transpose()
    }

    async fn put(&mut self, table: ArchiveTable, rows: Vec<Row>) -> Result<(), StoreError> {
        let log_id = self.log_id;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk: Vec<Row> = rows.by_ref().take(ROWS_MAX).collect();
            let query = rows_query(statements(table).1, chunk.into_iter(), |p| p.add(log_id), bind, |_| {})?;
            self.execute(query).await?;
        }
        Ok(())
    }

    async fn read_by_stream(
        &mut self,
        after: Option<(&str, u64)>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let (stream, revision) = after.map_or(("", -1), |(stream, revision)| (stream, signed(revision)));
        let query = sqlx::query(include_str!("../sql/read_by_stream.sql"))
            .bind(self.log_id)
            .bind(stream.to_owned())
            .bind(revision)
            .bind(limit);
        let rows = query.fetch_all(&mut *self.guard).await.map_err(|e| fault(&e))?;
        rows.iter().map(decode::event).collect()
    }

    async fn commit(mut self: Box<Self>, head: Head) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/fill_head.sql"))
            .bind(self.log_id)
            .bind(signed(head.position.saturating_add(1)))
            .bind(head.recorded_at_us);
        self.execute(query).await?;
        self.execute(sqlx::query(include_str!("../sql/commit.sql"))).await?;
        self.finished = true;
        Ok(())
    }
}
