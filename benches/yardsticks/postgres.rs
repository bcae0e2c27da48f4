//! The bare PostgreSQL: binary COPY, single inserts, and schemas to keep one measurement's tables from another's.

use super::{PAGE, Paid, signed};
use crate::store::RecordedEvent;
use sqlx::postgres::{PgConnectOptions, PgCopyIn};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};
use std::str::FromStr;

const COPY: &str = "
    COPY events (log_id, position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash)
    FROM STDIN (FORMAT binary)";

const INSERT: &str = "INSERT INTO events VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const INSERT_MANY: &str = "
    INSERT INTO events
    SELECT 1, * FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::bytea[], $5::text[], $6::bigint[], $7::bigint[],
        $8::bytea[], $9::bytea[], $10::bytea[])";

const SCAN: &str = "
    SELECT position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
    FROM events WHERE log_id = 1 AND position > $1 ORDER BY position LIMIT $2";

const ADOPTION: &str = "
    WITH instructed AS (
        SELECT log_id, stream_id, convert_from(data, 'UTF8')::json AS told
        FROM events WHERE log_id = 1 AND event_type = 'PaymentInstructed'
    ), paid AS (
        SELECT told ->> 'unit_key' AS unit, told ->> 'beneficiary_id' AS person,
            told ->> 'channel' IN ('account', 'wallet') AS cashless, (told -> 'amount' ->> 'minor')::bigint AS amount
        FROM instructed AS i
        WHERE told ->> 'cycle' = $1 AND EXISTS (
            SELECT 1 FROM events AS s
            WHERE s.log_id = i.log_id AND s.stream_id = i.stream_id AND s.event_type = 'PaymentSettled')
    )
    SELECT unit, COUNT(DISTINCT person), COUNT(DISTINCT person) FILTER (WHERE cashless), SUM(amount)::bigint
    FROM paid GROUP BY unit ORDER BY unit";

const TABLES: &str = "
    SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    ORDER BY 1 LIMIT 4";

/// What COPY's binary form begins with: its name, no flags, no extension.
const BEGIN: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// And ends with.
pub const END: &[u8] = &[0xff, 0xff];
/// Columns of an event.
const COLUMNS: i16 = 11;

pub async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnectOptions::from_str(url)?.disable_statement_logging().connect().await
}

/// The first few tables of a database, wherever they are: none in an empty one.
pub async fn tables(url: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = connect(url).await?;
    let found = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(found)
}

async fn administer(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

pub async fn create_schema(url: &str, name: &str) -> Result<(), sqlx::Error> {
    administer(url, format!("CREATE SCHEMA {name}")).await
}

pub async fn drop_schema(url: &str, name: &str) -> Result<(), sqlx::Error> {
    administer(url, format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {name} CASCADE")).await
}

pub async fn insert_one(connection: &mut PgConnection, event: &RecordedEvent) -> Result<(), sqlx::Error> {
    let query = sqlx::query(INSERT).bind(signed(event.position)).bind(&event.stream).bind(signed(event.revision));
    let query = query.bind(&event.event_id.as_bytes()[..]).bind(&event.event_type);
    let query = query.bind(i64::from(event.schema_version)).bind(event.recorded_at_us);
    let query = query.bind(&event.data).bind(&event.metadata).bind(&event.leaf_hash[..]);
    query.execute(connection).await.map(|_| ())
}

/// Many in one statement, which is a transaction: one exchange with the server.
pub async fn insert_many(connection: &mut PgConnection, events: &[RecordedEvent]) -> Result<(), sqlx::Error> {
    fn column<'e, T>(events: &'e [RecordedEvent], of: impl Fn(&'e RecordedEvent) -> T) -> Vec<T> {
        events.iter().map(of).collect()
    }
    let query = sqlx::query(INSERT_MANY).bind(column(events, |event| signed(event.position)));
    let query = query.bind(column(events, |event| event.stream.as_str()));
    let query = query.bind(column(events, |event| signed(event.revision)));
    let query = query.bind(column(events, |event| &event.event_id.as_bytes()[..]));
    let query = query.bind(column(events, |event| event.event_type.as_str()));
    let query = query.bind(column(events, |event| i64::from(event.schema_version)));
    let query = query.bind(column(events, |event| event.recorded_at_us));
    let query = query.bind(column(events, |event| event.data.as_slice()));
    let query = query.bind(column(events, |event| event.metadata.as_slice()));
    let query = query.bind(column(events, |event| &event.leaf_hash[..]));
    query.execute(connection).await.map(|_| ())
}

pub async fn analyze(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("ANALYZE events").execute(connection).await.map(|_| ())
}

pub async fn begin_copy(connection: &mut PgConnection) -> Result<PgCopyIn<&mut PgConnection>, sqlx::Error> {
    let mut copy = connection.copy_in_raw(COPY).await?;
    copy.send(&BEGIN[..]).await?;
    Ok(copy)
}

/// Events in COPY's binary form.
pub fn rows(events: &[RecordedEvent]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(events.len() * 1024);
    for event in events {
        bytes.extend(COLUMNS.to_be_bytes());
        field(&mut bytes, &1_i32.to_be_bytes());
        field(&mut bytes, &signed(event.position).to_be_bytes());
        field(&mut bytes, event.stream.as_bytes());
        field(&mut bytes, &signed(event.revision).to_be_bytes());
        field(&mut bytes, event.event_id.as_bytes());
        field(&mut bytes, event.event_type.as_bytes());
        field(&mut bytes, &i64::from(event.schema_version).to_be_bytes());
        field(&mut bytes, &event.recorded_at_us.to_be_bytes());
        field(&mut bytes, &event.data);
        field(&mut bytes, &event.metadata);
        field(&mut bytes, &event.leaf_hash);
    }
    bytes
}

fn field(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend(i32::try_from(value.len()).unwrap_or(i32::MAX).to_be_bytes());
    bytes.extend(value);
}

/// The last position of a page and how many rows it had.
pub async fn scan_page(connection: &mut PgConnection, after: i64) -> Result<(Option<i64>, usize), sqlx::Error> {
    let rows = sqlx::query(SCAN).bind(after).bind(i64::from(PAGE)).fetch_all(connection).await?;
    Ok((rows.last().map(|row| row.try_get(0)).transpose()?, rows.len()))
}

pub async fn adoption(connection: &mut PgConnection, cycle: &str) -> Result<Vec<Paid>, sqlx::Error> {
    sqlx::query_as(ADOPTION).bind(cycle).fetch_all(connection).await
}
