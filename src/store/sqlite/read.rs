//! Reading the log from SQLite, on connections of their own: readers never wait for the writer, nor it for them.

use super::fault;
use super::packed;
use super::rows::{Parameters, ROWS_MAX, RowsSql, rows_query};
use crate::store::batch::in_order;
use crate::store::decode::{self, signed};
use crate::store::runs;
use crate::store::subscription::LogPages;
use crate::store::{ClaimSums, Direction, Head, LogId, READ_LIMIT_MAX, RecordedEvent, StoreError};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, SqliteConnection, SqlitePool};

/// A subscription's page ends after the event that takes it beyond this many bytes.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Streams of one statement when many are read at once, and the events that they may have together.
const STREAMS_AT_ONCE: usize = 500;
const STREAMS_EVENTS_MAX: u32 = 50_000;

/// Events in a row of a page.
const EVENTS_OF_PART: u32 = 64;

/// SQLite's answer to a value of more than a gigabyte: <https://sqlite.org/rescode.html#toobig>.
const TOO_BIG: &str = "18";

static CLAIMS_BETWEEN: RowsSql = RowsSql::new(include_str!("../sql/claims_between.sql"));
static CLAIMS_HELD: RowsSql = RowsSql::new(include_str!("../sql/claims_held.sql"));

/// Reads one log.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub pool: SqlitePool,
    pub log_id: LogId,
}

static CLAIMED_STREAMS: RowsSql = RowsSql::new(include_str!("../sql/read_claimed_streams.sql"));

fn too_long() -> StoreError {
    StoreError::Rejected("these streams are too long to be read together".to_owned())
}

/// What failed of a statement whose answer is one row. Too long a row is one of too many events.
fn whole(error: &sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    if code.as_deref() == Some(TOO_BIG) { too_long() } else { fault(error) }
}

type Query = sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments>;

impl Reader {
    pub async fn stream(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let (sql, from) = match direction {
            Direction::Forwards => (include_str!("../sql/read_stream_forwards.sql"), from.unwrap_or(0)),
            Direction::Backwards => (include_str!("../sql/read_stream_backwards.sql"), from.unwrap_or(u64::MAX)),
        };
        let query = sqlx::query(sql).bind(self.log_id).bind(stream.to_owned()).bind(signed(from));
        self.events(query, limit, usize::MAX).await
    }

    /// Streams are asked for by hundreds. A stream so long that the bound is met belongs to nobody who folds streams in bulk.
    pub async fn streams(
        &self,
        connection: &mut SqliteConnection,
        streams: &[String],
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut events = Vec::new();
        for some in streams.chunks(STREAMS_AT_ONCE) {
            let asked = serde_json::json!(some).to_string();
            let query = sqlx::query(include_str!("../sql/read_streams.sql")).bind(self.log_id).bind(asked);
            let row = query.bind(STREAMS_EVENTS_MAX).fetch_one(&mut *connection).await.map_err(|e| whole(&e))?;
            let found = packed::events(&row)?;
            if found.len() >= STREAMS_EVENTS_MAX as usize {
                return Err(too_long());
            }
            events.extend(found.into_iter().map(|(_, event)| event));
        }
        Ok(events)
    }

    /// Two look-ups in one statement: the claims, and the streams that hold them.
    pub async fn claimed_streams(
        &self,
        connection: &mut SqliteConnection,
        claims: &[(&str, &[u8])],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError> {
        let mut streams: Vec<Option<Vec<RecordedEvent>>> = vec![None; claims.len()];
        for (some, first) in claims.chunks(STREAMS_AT_ONCE).zip((0..).step_by(STREAMS_AT_ONCE)) {
            let bind = |p: &mut Parameters, (kind, key): &(&str, &[u8])| {
                p.add(*kind);
                p.add(*key);
            };
            let after = |p: &mut Parameters| {
                p.add(self.log_id);
                p.add(STREAMS_EVENTS_MAX);
            };
            let query = rows_query(&CLAIMED_STREAMS, some.iter(), |_| {}, bind, after)?;
            let row = query.fetch_one(&mut *connection).await.map_err(|e| whole(&e))?;
            let found = packed::events(&row)?;
            if found.len() >= STREAMS_EVENTS_MAX as usize {
                return Err(too_long());
            }
            for (number, event) in found {
                let number = usize::try_from(number).unwrap_or(usize::MAX).saturating_add(first);
                if let Some(stream) = streams.get_mut(number) {
                    stream.get_or_insert_default().push(event);
                }
            }
        }
        for stream in streams.iter_mut().flatten() {
            stream.sort_unstable_by_key(|event| event.revision);
        }
        Ok(streams)
    }

    pub async fn all(
        &self,
        after: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        match direction {
            Direction::Forwards => self.forwards(after.unwrap_or(0), limit, usize::MAX).await,
            Direction::Backwards => {
                let query = sqlx::query(include_str!("../sql/read_all_backwards.sql")).bind(self.log_id);
                self.events(query.bind(signed(after.unwrap_or(u64::MAX))), limit, usize::MAX).await
            }
        }
    }

    /// The log on from a position, in parts of many events to a row. What is missing then is asked for by itself: nothing, unless a
    /// position is.
    async fn forwards(&self, after: u64, limit: u32, bytes_max: usize) -> Result<Vec<RecordedEvent>, StoreError> {
        let limit = limit.min(READ_LIMIT_MAX);
        let parts = sqlx::query(include_str!("../sql/read_parts.sql")).bind(self.log_id).bind(signed(after));
        let parts = parts.bind(signed(after.saturating_add(limit.into()))).bind(EVENTS_OF_PART);
        let mut events: Vec<RecordedEvent> = Vec::new();
        let mut bytes = 0;
        let mut rows = parts.fetch(&self.pool);
        while let Some(row) = rows.try_next().await.map_err(|e| fault(&e))? {
            for (_, event) in packed::events(&row)? {
                bytes += event.data.len() + event.metadata.len();
                events.push(event);
                if bytes > bytes_max {
                    return Ok(events);
                }
            }
        }
        drop(rows);
        let missing = limit.saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
        if missing > 0 {
            let after = events.last().map_or(after, |event| event.position);
            let query = sqlx::query(include_str!("../sql/read_all_forwards.sql")).bind(self.log_id).bind(signed(after));
            events.extend(self.events(query, missing, bytes_max.saturating_sub(bytes)).await?);
        }
        Ok(events)
    }

    pub async fn by_stream(&self, after: Option<(&str, u64)>, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        // No stream has an empty name: this is before all of them.
        let (stream, revision) =
            after.map_or((String::new(), -1), |(stream, revision)| (stream.to_owned(), signed(revision)));
        let query =
            sqlx::query(include_str!("../sql/read_by_stream.sql")).bind(self.log_id).bind(stream).bind(revision);
        self.events(query, limit, usize::MAX).await
    }

    /// Who holds these keys.
    pub async fn claims(&self, kind: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<String>>, StoreError> {
        let asked: Vec<usize> = if runs::are_many(keys) {
            let runs = runs::runs(keys);
            let occupied = self.occupied(kind, runs.iter().map(|run| runs::ends(keys, run)).collect()).await?;
            occupied.into_iter().filter_map(|number| runs.get(number)).flatten().copied().collect()
        } else {
            (0..keys.len()).collect()
        };
        let mut found = Vec::new();
        for some in asked.chunks(ROWS_MAX) {
            let some: Vec<(usize, &[u8])> = some.iter().map(|number| (*number, keys[*number].as_slice())).collect();
            found.extend(self.held(kind, &some).await?);
        }
        Ok(in_order(keys.len(), found))
    }

    /// Which of these runs of keys, from the first to the last, have a key in them that is held.
    async fn occupied(&self, kind: &str, runs: Vec<(&[u8], &[u8])>) -> Result<Vec<usize>, StoreError> {
        let mut occupied = Vec::new();
        for (some, first) in runs.chunks(ROWS_MAX).zip((0..).step_by(ROWS_MAX)) {
            let bind = |p: &mut Parameters, (from, to): &(&[u8], &[u8])| {
                p.add(*from);
                p.add(*to);
            };
            let query = rows_query(&CLAIMS_BETWEEN, some.iter(), |_| {}, bind, |p| self.in_log(p, kind))?;
            for row in query.fetch_all(&self.pool).await.map_err(|e| fault(&e))? {
                occupied.push(usize::try_from(decode::unsigned(&row, 0)?).unwrap_or(usize::MAX).saturating_add(first));
            }
        }
        Ok(occupied)
    }

    fn in_log(&self, parameters: &mut Parameters, kind: &str) {
        parameters.add(self.log_id);
        parameters.add(kind);
    }

    /// One row for thousands of keys: handing rows from thread to thread would cost more than finding them.
    async fn held(&self, kind: &str, keys: &[(usize, &[u8])]) -> Result<Vec<(usize, String)>, StoreError> {
        let bind = |p: &mut Parameters, (_, key): &(usize, &[u8])| p.add(*key);
        let query = rows_query(&CLAIMS_HELD, keys.iter(), |_| {}, bind, |p| self.in_log(p, kind))?;
        let row = query.fetch_one(&self.pool).await.map_err(|e| fault(&e))?;
        let numbers: Vec<usize> = json(&row, 0)?;
        let streams: Vec<String> = json(&row, 1)?;
        if numbers.len() != streams.len() {
            return Err(StoreError::Corrupt("a claim without a holder".to_owned()));
        }
        let numbers = numbers.into_iter().map(|number| keys.get(number).map_or(usize::MAX, |(number, _)| *number));
        Ok(numbers.zip(streams).collect())
    }

    /// Row by row, so that memory stays flat; in one transaction, so that the head is the one that the claims are of.
    pub async fn claim_sums(&self) -> Result<(Head, ClaimSums), StoreError> {
        let mut snapshot = self.pool.begin().await.map_err(|e| fault(&e))?;
        let head = sqlx::query(include_str!("../sql/head.sql")).bind(self.log_id);
        let head = head.fetch_optional(&mut *snapshot).await.map_err(|e| fault(&e))?;
        let head = decode::head_or_start(head.as_ref())?;
        let mut sums = ClaimSums::default();
        let mut rows = sqlx::query(include_str!("../sql/all_claims.sql")).bind(self.log_id).fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await.map_err(|e| fault(&e))? {
            let claim = |error: sqlx::Error| fault(&error);
            let kind: &str = row.try_get(0).map_err(claim)?;
            let key: &[u8] = row.try_get(1).map_err(claim)?;
            sums.add(kind, key, row.try_get(2).map_err(claim)?);
        }
        Ok((head, sums))
    }

    pub async fn head(&self) -> Result<Head, StoreError> {
        let query = sqlx::query(include_str!("../sql/head.sql")).bind(self.log_id);
        let row = query.fetch_optional(&self.pool).await.map_err(|e| fault(&e))?;
        decode::head_or_start(row.as_ref())
    }

    async fn events(&self, query: Query, limit: u32, bytes_max: usize) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut events: Vec<RecordedEvent> = Vec::new();
        let mut bytes = 0;
        let mut rows = query.bind(limit.min(READ_LIMIT_MAX)).fetch(&self.pool);
        while let Some(row) = rows.try_next().await.map_err(|e| fault(&e))? {
            let event = decode::event(&row)?;
            bytes += event.data.len() + event.metadata.len();
            events.push(event);
            if bytes > bytes_max {
                break;
            }
        }
        Ok(events)
    }
}

fn json<T: DeserializeOwned>(row: &SqliteRow, column: usize) -> Result<T, StoreError> {
    let text: &str = row.try_get(column).map_err(|e| fault(&e))?;
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

#[async_trait]
impl LogPages for Reader {
    async fn page_after(&self, after: u64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.forwards(after, limit, PAGE_BYTES).await
    }
}
