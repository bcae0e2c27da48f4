//! The committer's transaction on SQLite: its look-ups and its set-wise writes.

use super::at_once;
use super::fault;
use super::lender::{Lender, Lent};
use super::lookup::Lookup;
use super::recent::Recent;
use super::rows::{Exchange, Parameters, ROWS_MAX, RowsQuery, RowsSql, rows_query};
use crate::store::batch::{Answers, AtOnce, BatchRows, LogTransaction, LogWriter};
use crate::store::decode::{self, signed};
use crate::store::judge::{Place, VaultId};
use crate::store::{Head, LogId, RecordedEvent, RecordedRequest, RequestKey, StoreError, VaultRow};
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

pub(super) static INSERT_EVENTS: RowsSql = RowsSql::new(include_str!("../sql/insert_events.sql"));
static TAKE_CLAIMS: RowsSql = RowsSql::new(include_str!("../sql/take_claims.sql"));
static RELEASE_CLAIMS: RowsSql = RowsSql::new(include_str!("../sql/release_claims.sql"));
pub(super) static INSERT_REQUESTS: RowsSql = RowsSql::new(include_str!("../sql/insert_requests.sql"));
pub(super) static INSERT_VAULT_KEYS: RowsSql = RowsSql::new(include_str!("../sql/insert_vault_keys.sql"));
pub(super) static INSERT_VAULT_RECORDS: RowsSql = RowsSql::new(include_str!("../sql/insert_vault_records.sql"));

/// One log of the database, for the committer.
pub(super) struct SqliteLog {
    pub writer: Arc<Lender>,
    pub recent: Arc<Recent>,
    pub log_id: LogId,
    /// Statements sent, for tests and metrics.
    pub statements: Arc<AtomicU64>,
}

/// A batch as it is sent, and the streams that it continues.
pub(super) struct Ready {
    continued: Vec<String>,
    exchanges: Vec<Exchange>,
}

#[async_trait]
impl LogWriter for SqliteLog {
    type Ready = Ready;

    fn ready(log_id: LogId, rows: BatchRows) -> Result<Ready, StoreError> {
        // What begins here was not there to be read.
        let continued = rows.continued.iter().map(|(stream, _)| stream.clone()).collect();
        Ok(Ready { continued, exchanges: at_once::exchanges(log_id, rows) })
    }

    fn log_id(&self) -> LogId {
        self.log_id
    }

    /// The lock beside the database keeps other processes from appending.
    fn is_alone(&self) -> bool {
        true
    }

    async fn write_at_once(&self, ready: Ready) -> Result<AtOnce, StoreError> {
        let tx = self.lend().await?;
        self.recent.forget(ready.continued.iter().map(String::as_str));
        at_once::write(tx, ready.exchanges).await
    }

    async fn begin(&self) -> Result<Box<dyn LogTransaction + '_>, StoreError> {
        let mut tx = self.lend().await?;
        // IMMEDIATE: the write lock is taken before anything is read, so that what was judged still holds when it is written.
        tx.execute(sqlx::query(include_str!("../sql/begin.sql"))).await?;
        Ok(Box::new(tx))
    }
}

impl SqliteLog {
    async fn lend(&self) -> Result<SqliteTransaction<'_>, StoreError> {
        let guard = self.writer.lend().await?;
        Ok(SqliteTransaction { guard, log: self, finished: false })
    }
}

pub(super) struct SqliteTransaction<'a> {
    guard: Lent<'a>,
    log: &'a SqliteLog,
    /// Committed or rolled back.
    pub finished: bool,
}

impl Drop for SqliteTransaction<'_> {
    fn drop(&mut self) {
        // Closing the connection undoes what was begun, even when the connection itself is what failed.
        if !self.finished {
            self.guard.give_up();
        }
    }
}

impl SqliteTransaction<'_> {
    fn count(&self, statements: u64) {
        self.log.statements.fetch_add(statements, Ordering::Relaxed);
    }

    /// Runs statements together.
    pub async fn run(&mut self, exchange: Exchange) -> Result<(), sqlx::Error> {
        self.count(exchange.statements);
        let query = exchange.query().map_err(|error| sqlx::Error::Encode(error.into()))?;
        query.execute(&mut *self.guard).await.map(|_| ())
    }

    /// Undoes what was begun.
    pub async fn undo(&mut self) -> Result<(), StoreError> {
        self.execute(sqlx::query(include_str!("../sql/roll_back.sql"))).await?;
        self.finished = true;
        Ok(())
    }

    async fn execute(&mut self, query: RowsQuery) -> Result<u64, StoreError> {
        self.count(1);
        query.execute(&mut *self.guard).await.map(|done| done.rows_affected()).map_err(|e| fault(&e))
    }

    /// Writes rows in as few statements as they fit in; the log's number is the first parameter, and after it what `before` adds.
    async fn write_rows<T>(
        &mut self,
        sql: &RowsSql,
        rows: Vec<T>,
        before: impl Fn(&mut Parameters),
        bind: impl Fn(&mut Parameters, T),
    ) -> Result<(), StoreError> {
        let log_id = self.log.log_id;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk: Vec<T> = rows.by_ref().take(ROWS_MAX).collect();
            let fixed = |p: &mut Parameters| {
                p.add(log_id);
                before(p);
            };
            self.execute(rows_query(sql, chunk.into_iter(), fixed, &bind, |_| {})?).await?;
        }
        Ok(())
    }

    /// Takes the positions of the batch's events, and finds that nobody else took any since the head was read.
    async fn take_positions(&mut self, rows: &BatchRows) -> Result<(), StoreError> {
        let count = u64::try_from(rows.events.len()).unwrap_or(u64::MAX);
        self.count(1);
        let row = sqlx::query(include_str!("../sql/take_positions.sql"))
            .bind(signed(count))
            .bind(rows.recorded_at_us)
            .bind(self.log.log_id)
            .fetch_one(&mut *self.guard)
            .await
            .map_err(|e| fault(&e))?;
        if decode::unsigned(&row, 0)? == rows.position_before + count + 1 {
            Ok(())
        } else {
            Err(StoreError::Corrupt("the log's head moved inside a transaction".to_owned()))
        }
    }

    async fn write_vault(&mut self, rows: Vec<VaultRow>) -> Result<(), StoreError> {
        let (keys, records) = vault_rows(rows);
        self.write_rows(&INSERT_VAULT_KEYS, keys, |_| {}, bind_vault_key).await?;
        self.write_rows(&INSERT_VAULT_RECORDS, records, |_| {}, bind_vault_record).await
    }
}

macro_rules! looked_up {
    ($self:ident, $method:ident, $questions:expr) => {{
        let mut lookup = Lookup::new(&mut $self.guard, $self.log.log_id);
        let answers = lookup.$method($questions).await;
        let statements = lookup.statements;
        $self.count(statements);
        answers
    }};
}

#[async_trait]
impl LogTransaction for SqliteTransaction<'_> {
    async fn head(&mut self) -> Result<Head, StoreError> {
        self.count(1);
        let query = sqlx::query(include_str!("../sql/head.sql")).bind(self.log.log_id);
        decode::head(&query.fetch_one(&mut *self.guard).await.map_err(|e| fault(&e))?)
    }

    async fn stream_revisions(&mut self, streams: &[&str]) -> Result<Answers<u64>, StoreError> {
        looked_up!(self, stream_revisions, streams)
    }

    async fn event_places(&mut self, events: &[(&str, Uuid)]) -> Result<Answers<Place>, StoreError> {
        looked_up!(self, event_places, events)
    }

    async fn claim_holders(&mut self, claims: &[(&str, &[u8])]) -> Result<Answers<String>, StoreError> {
        looked_up!(self, claim_holders, claims)
    }

    async fn requests(&mut self, requests: &[(&str, &str)]) -> Result<Answers<RecordedRequest>, StoreError> {
        looked_up!(self, requests, requests)
    }

    async fn vault_held(&mut self, rows: &[VaultId]) -> Result<Vec<VaultId>, StoreError> {
        let (mut subjects, mut records) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                VaultId::Subject(id) => subjects.push(*id),
                VaultId::Record(id) => records.push(*id),
            }
        }
        let keys = looked_up!(self, wrapped_keys, &subjects)?;
        let found = looked_up!(self, vault_records, &records)?;
        let keys = keys.iter().filter_map(|(number, _)| subjects.get(*number).copied()).map(VaultId::Subject);
        Ok(keys.chain(found.iter().map(|(_, record)| VaultId::Record(record.record_ref))).collect())
    }

    async fn write(&mut self, mut rows: BatchRows) -> Result<(), StoreError> {
        self.log.recent.forget(rows.events.iter().map(|event| event.stream.as_str()));
        self.take_positions(&rows).await?;
        let recorded_at_us = rows.recorded_at_us;
        let events = std::mem::take(&mut rows.events);
        self.write_rows(&INSERT_EVENTS, events, |p| p.add(recorded_at_us), bind_event).await?;
        let released = std::mem::take(&mut rows.released);
        self.write_rows(
            &RELEASE_CLAIMS,
            released,
            |_| {},
            |p, (kind, key)| {
                p.add(kind);
                p.add(key);
            },
        )
        .await?;
        let taken = std::mem::take(&mut rows.taken);
        self.write_rows(&TAKE_CLAIMS, taken, |_| {}, bind_claim).await?;
        let requests = std::mem::take(&mut rows.requests);
        self.write_rows(&INSERT_REQUESTS, requests, |_| {}, bind_request).await?;
        self.write_vault(rows.vault).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.execute(sqlx::query(include_str!("../sql/commit.sql"))).await?;
        self.finished = true;
        Ok(())
    }

    async fn roll_back(mut self: Box<Self>) -> Result<(), StoreError> {
        self.undo().await
    }
}

pub(super) fn bind_event(parameters: &mut Parameters, event: RecordedEvent) {
    parameters.add(signed(event.position));
    parameters.add(event.stream);
    parameters.add(signed(event.revision));
    parameters.add(event.event_id.as_bytes().to_vec());
    parameters.add(event.event_type);
    parameters.add(i64::from(event.schema_version));
    parameters.add(event.data);
    parameters.add(event.metadata);
    parameters.add(event.leaf_hash.to_vec());
}

pub(super) fn bind_request(parameters: &mut Parameters, (key, record): (RequestKey, RecordedRequest)) {
    parameters.add(key.caller);
    parameters.add(key.idempotency_key);
    parameters.add(record.input_hash.to_vec());
    parameters.add(record.stream);
    parameters.add(record.first_position.map(signed));
    parameters.add(i64::from(record.event_count));
    parameters.add(signed(record.revision));
    parameters.add(signed(record.position));
}

pub(super) fn bind_claim(parameters: &mut Parameters, (kind, key, stream): (&'static str, Vec<u8>, String)) {
    parameters.add(kind);
    parameters.add(key);
    parameters.add(stream);
}

type VaultKey = (Uuid, Vec<u8>);
type VaultRecord = (Uuid, Uuid, &'static str, Vec<u8>);

/// The rows of each of the vault's tables.
pub(super) fn vault_rows(rows: Vec<VaultRow>) -> (Vec<VaultKey>, Vec<VaultRecord>) {
    let (mut keys, mut records) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            VaultRow::Key { subject, wrapped_key } => keys.push((subject, wrapped_key)),
            VaultRow::Record { record_ref, subject, kind, ciphertext } => {
                records.push((record_ref, subject, kind, ciphertext));
            }
        }
    }
    (keys, records)
}

pub(super) fn bind_vault_key(parameters: &mut Parameters, (subject, wrapped_key): VaultKey) {
    parameters.add(subject.as_bytes().to_vec());
    parameters.add(wrapped_key);
}

pub(super) fn bind_vault_record(parameters: &mut Parameters, (record_ref, subject, kind, ciphertext): VaultRecord) {
    parameters.add(record_ref.as_bytes().to_vec());
    parameters.add(subject.as_bytes().to_vec());
    parameters.add(kind);
    parameters.add(ciphertext);
}
