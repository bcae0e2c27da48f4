//! The committer's transaction on PostgreSQL: its look-ups under the head's lock and its set-wise writes.

use super::arrays::Arrays;
use super::lookup::Lookup;
use super::{connect, fault, query, rows};
use crate::store::batch::{Answers, AtOnce, BatchRows, LogTransaction, LogWriter};
use crate::store::decode::{self, signed};
use crate::store::judge::{Place, VaultId};
use crate::store::{Head, LogId, RecordedEvent, RecordedRequest, StoreError};
use async_trait::async_trait;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Batches that are looked up and judged under the head's lock after another server was found to append: then nothing can be assumed.
const LOOKED_UP_AFTER_OTHERS: u32 = 32;

/// One log of the database, for the committer, with a connection of its own: appends never wait for a place in a pool.
pub(super) struct PostgresLog {
    pub options: PgConnectOptions,
    pub log_id: LogId,
    /// `None`: not connected yet, or given up after a failure; the next transaction connects anew.
    pub slot: Arc<Mutex<Option<PgConnection>>>,
    /// Statements sent, for tests and metrics.
    pub statements: Arc<AtomicU64>,
    /// How many batches are still to be looked up because another server was found to append.
    pub others: AtomicU32,
}

#[async_trait]
impl LogWriter for PostgresLog {
    type Ready = query::Query<'static>;

    fn ready(log_id: LogId, rows: BatchRows) -> Result<Self::Ready, StoreError> {
        at_once(log_id, &rows)
    }

    fn log_id(&self) -> LogId {
        self.log_id
    }

    /// A server that restarts or fails over answers again within seconds.
    fn tries_again(&self) -> bool {
        true
    }

    fn is_alone(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.others.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_err()
    }

    async fn write_at_once(&self, ready: Self::Ready) -> Result<AtOnce, StoreError> {
        let mut slot = self.slot.lock().await;
        // Taken out: unless it answers, the connection is given up, and whatever it was doing with it.
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => connect::connect_committer(&self.options).await?,
        };
        self.statements.fetch_add(1, Ordering::Relaxed);
        let answer = ready.fetch_optional(&mut connection).await;
        match answer {
            Ok(Some(_)) => {
                *slot = Some(connection);
                Ok(AtOnce::Written)
            }
            Ok(None) => {
                *slot = Some(connection);
                // Another server appends too: what is assumed of the head would be wrong again and again.
                self.others.store(LOOKED_UP_AFTER_OTHERS, Ordering::Relaxed);
                Ok(AtOnce::Clash)
            }
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                *slot = Some(connection);
                Ok(AtOnce::Clash)
            }
            Err(error) => Err(fault(&error)),
        }
    }

    async fn begin(&self) -> Result<Box<dyn LogTransaction + '_>, StoreError> {
        let mut slot = self.slot.lock().await;
        if slot.is_none() {
            *slot = Some(connect::connect_committer(&self.options).await?);
        }
        let mut tx = PostgresTransaction { slot, log: self, finished: false };
        tx.say(include_str!("../sql/postgres/begin.sql")).await?;
        Ok(Box::new(tx))
    }
}

/// The statement that writes and commits a batch of new things.
fn at_once(log_id: LogId, batch: &BatchRows) -> Result<query::Query<'static>, StoreError> {
    let expected = batch.position_before + 1;
    let next = expected + u64::try_from(batch.events.len()).unwrap_or(u64::MAX);
    let mut query = sqlx::query(include_str!("../sql/postgres/write_at_once.sql"))
        .bind(log_id)
        .bind(signed(expected))
        .bind(signed(next))
        .bind(batch.recorded_at_us);
    let (keys, records) = rows::vault(&batch.vault);
    for rows in [
        rows::revisions(&batch.continued),
        rows::events(&batch.events),
        rows::claims(&batch.taken),
        rows::requests(&batch.requests),
        keys,
        records,
    ] {
        query = query::with_rows(query, rows)?;
    }
    Ok(query)
}

struct PostgresTransaction<'a> {
    slot: MutexGuard<'a, Option<PgConnection>>,
    log: &'a PostgresLog,
    finished: bool,
}

impl Drop for PostgresTransaction<'_> {
    fn drop(&mut self) {
        // Closing the connection undoes what was begun and lets the head's lock go, even when the connection itself is what failed.
        if !self.finished {
            *self.slot = None;
        }
    }
}

impl PostgresTransaction<'_> {
    fn count(&self, statements: u64) {
        self.log.statements.fetch_add(statements, Ordering::Relaxed);
    }

    fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        self.slot.as_mut().ok_or_else(|| StoreError::Unavailable("the connection was given up".to_owned()))
    }

    /// A statement without parameters, which need not be prepared.
    async fn say(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.count(1);
        sqlx::raw_sql(sql).execute(self.connection()?).await.map(|_| ()).map_err(|e| fault(&e))
    }

    async fn execute(&mut self, query: query::Query<'_>) -> Result<(), StoreError> {
        self.count(1);
        query.execute(self.connection()?).await.map(|_| ()).map_err(|e| fault(&e))
    }

    /// Writes rows in one statement, whatever their number.
    async fn write_rows(&mut self, sql: &'static str, rows: Arrays) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let query = query::rows(sql, self.log.log_id, rows)?;
        self.execute(query).await
    }

    /// Takes the positions of the batch's events, and finds that nobody else took any since the head was locked.
    async fn take_positions(&mut self, rows: &BatchRows) -> Result<(), StoreError> {
        let count = u64::try_from(rows.events.len()).unwrap_or(u64::MAX);
        self.count(1);
        let query = sqlx::query(include_str!("../sql/take_positions.sql"))
            .bind(signed(count))
            .bind(rows.recorded_at_us)
            .bind(self.log.log_id);
        let row = query.fetch_one(self.connection()?).await.map_err(|e| fault(&e))?;
        if decode::unsigned(&row, 0)? == rows.position_before + count + 1 {
            Ok(())
        } else {
            Err(StoreError::Corrupt("the log's head moved inside a transaction".to_owned()))
        }
    }

    async fn write_events(&mut self, events: &[RecordedEvent], recorded_at_us: i64) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let insert = sqlx::query(include_str!("../sql/postgres/insert_events.sql"));
        let insert = insert.bind(self.log.log_id).bind(recorded_at_us);
        self.execute(query::with_rows(insert, rows::events(events))?).await
    }
}

macro_rules! looked_up {
    ($self:ident, $method:ident, $questions:expr) => {{
        let log_id = $self.log.log_id;
        let mut lookup = Lookup::new($self.connection()?, log_id);
        let answers = lookup.$method($questions).await;
        let statements = lookup.statements;
        $self.count(statements);
        answers
    }};
}

#[async_trait]
impl LogTransaction for PostgresTransaction<'_> {
    /// Waits for the writers of other servers.
    async fn head(&mut self) -> Result<Head, StoreError> {
        self.count(1);
        let query = sqlx::query(include_str!("../sql/postgres/lock_head.sql")).bind(self.log.log_id);
        decode::head(&query.fetch_one(self.connection()?).await.map_err(|e| fault(&e))?)
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

    async fn write(&mut self, batch: BatchRows) -> Result<(), StoreError> {
        self.take_positions(&batch).await?;
        self.write_events(&batch.events, batch.recorded_at_us).await?;
        let released = Arrays::of(&batch.released, |(kind, key), v| _ = v.text(kind).bytes(key));
        self.write_rows(include_str!("../sql/postgres/release_claims.sql"), released).await?;
        self.write_rows(include_str!("../sql/postgres/take_claims.sql"), rows::claims(&batch.taken)).await?;
        self.write_rows(include_str!("../sql/postgres/insert_requests.sql"), rows::requests(&batch.requests)).await?;
        let (keys, records) = rows::vault(&batch.vault);
        self.write_rows(include_str!("../sql/postgres/insert_vault_keys.sql"), keys).await?;
        self.write_rows(include_str!("../sql/postgres/insert_vault_records.sql"), records).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.say(include_str!("../sql/commit.sql")).await?;
        self.finished = true;
        Ok(())
    }

    async fn roll_back(mut self: Box<Self>) -> Result<(), StoreError> {
        self.say(include_str!("../sql/roll_back.sql")).await?;
        self.finished = true;
        Ok(())
    }
}

/// Closes the committer's connection in good order.
pub(super) async fn close(slot: &Mutex<Option<PgConnection>>) {
    if let Some(connection) = slot.lock().await.take()
        && let Err(error) = connection.close().await
    {
        tracing::debug!(%error, "the writing connection was gone before it was closed");
    }
}
