//! The bare SQLite: the settings of the store's writing connection, and statements that do one thing.

use super::{PAGE, Paid, signed};
use crate::store::RecordedEvent;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};
use std::sync::Arc;

const SCAN: &str = "
    SELECT position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
    FROM events WHERE log_id = 1 AND position > ?1 ORDER BY position LIMIT ?2";

const ADOPTION: &str = "
    WITH instructed AS (
        SELECT log_id, stream_id, CAST(data AS TEXT) AS told FROM events WHERE log_id = 1 AND event_type = 'PaymentInstructed'
    ), paid AS (
        SELECT told ->> '$.unit_key' AS unit, told ->> '$.beneficiary_id' AS person,
            told ->> '$.channel' IN ('account', 'wallet') AS cashless, told ->> '$.amount.minor' AS amount
        FROM instructed AS i
        WHERE told ->> '$.cycle' = ?1 AND EXISTS (
            SELECT 1 FROM events AS s
            WHERE s.log_id = i.log_id AND s.stream_id = i.stream_id AND s.event_type = 'PaymentSettled')
    )
    SELECT unit, COUNT(DISTINCT person), COUNT(DISTINCT CASE WHEN cashless THEN person END), SUM(amount)
    FROM paid GROUP BY unit ORDER BY unit";

pub async fn connect(path: &str) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .page_size(8192)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "8000")
        .pragma("cache_size", "-32000")
        // For scans: a whole page of rows in one hop from the database's thread, and no copies of mapped pages.
        .pragma("mmap_size", "268435456")
        .row_buffer_size(PAGE as usize)
        .disable_statement_logging();
    options.connect().await
}

pub async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await.map(|_| ())
}

pub async fn commit(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("COMMIT").execute(connection).await.map(|_| ())
}

pub async fn insert(connection: &mut SqliteConnection, events: &[RecordedEvent]) -> Result<(), sqlx::Error> {
    for events in events.chunks(PAGE as usize) {
        insert_by(connection, &insert_sql(events.len()), events).await?;
    }
    Ok(())
}

/// A transaction from beginning to end in one exchange with the database's thread.
pub async fn insert_at_once(connection: &mut SqliteConnection, events: &[RecordedEvent]) -> Result<(), sqlx::Error> {
    let sql = format!("BEGIN IMMEDIATE; {}; COMMIT", insert_sql(events.len()));
    insert_by(connection, &sql, events).await
}

fn insert_sql(rows: usize) -> String {
    format!("INSERT INTO events VALUES {}", vec!["(1,?,?,?,?,?,?,?,?,?,?)"; rows].join(","))
}

async fn insert_by(connection: &mut SqliteConnection, sql: &str, events: &[RecordedEvent]) -> Result<(), sqlx::Error> {
    let sql: Arc<str> = sql.into();
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for event in events {
        query = query.bind(signed(event.position)).bind(&event.stream).bind(signed(event.revision));
        query = query.bind(&event.event_id.as_bytes()[..]).bind(&event.event_type);
        query = query.bind(i64::from(event.schema_version)).bind(event.recorded_at_us);
        query = query.bind(&event.data).bind(&event.metadata).bind(&event.leaf_hash[..]);
    }
    query.execute(connection).await.map(|_| ())
}

/// The last position of a page and how many rows it had.
pub async fn scan_page(connection: &mut SqliteConnection, after: i64) -> Result<(Option<i64>, usize), sqlx::Error> {
    let rows = sqlx::query(SCAN).bind(after).bind(i64::from(PAGE)).fetch_all(connection).await?;
    Ok((rows.last().map(|row| row.try_get(0)).transpose()?, rows.len()))
}

pub async fn adoption(connection: &mut SqliteConnection, cycle: &str) -> Result<Vec<Paid>, sqlx::Error> {
    sqlx::query_as(ADOPTION).bind(cycle).fetch_all(connection).await
}
