//! Reading the log from PostgreSQL, on connections of a pool; a read that meets a lost connection is made again.

use super::arrays::Arrays;
use super::fault;
use super::query::{self, Query, retried};
use crate::store::decode::{self, signed};
use crate::store::subscription::LogPages;
use crate::store::{ClaimSums, Direction, Head, LogId, READ_LIMIT_MAX, RecordedEvent, StoreError};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{PgPool, Row};

/// A subscription's page ends after the event that takes it beyond this many bytes.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Streams of one statement when many are read at once, and the events that they may have together.
const STREAMS_AT_ONCE: usize = 500;
const STREAMS_EVENTS_MAX: usize = 50_000;

/// Reads one log.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub pool: PgPool,
    pub log_id: LogId,
}

fn too_long() -> StoreError {
    StoreError::Rejected("these streams are too long to be read together".to_owned())
}

fn limit() -> i64 {
    i64::try_from(STREAMS_EVENTS_MAX).unwrap_or(i64::MAX)
}

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
        let query = || sqlx::query(sql).bind(self.log_id).bind(stream).bind(signed(from));
        retried(|| self.events(query(), limit, usize::MAX)).await
    }

    /// Streams are asked for by hundreds. A stream so long that the bound is met belongs to nobody who folds streams in bulk.
    pub async fn streams(&self, streams: &[String]) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut events = Vec::new();
        for some in streams.chunks(STREAMS_AT_ONCE) {
            let page = retried(|| async move {
                let asked = Arrays::of(some, |stream, v| _ = v.text(stream));
                let query = query::rows(include_str!("../sql/postgres/read_streams.sql"), self.log_id, asked)?;
                query.bind(limit()).fetch_all(&self.pool).await.map_err(|e| fault(&e))
            });
            let rows = page.await?;
            if rows.len() >= STREAMS_EVENTS_MAX {
                return Err(too_long());
            }
            for row in &rows {
                events.push(decode::event(row)?);
            }
        }
        Ok(events)
    }

    /// Two look-ups in one statement: the claims, and the streams that hold them.
    pub async fn claimed_streams(
        &self,
        claims: &[(&str, &[u8])],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError> {
        let mut streams: Vec<Option<Vec<RecordedEvent>>> = vec![None; claims.len()];
        for (some, first) in claims.chunks(STREAMS_AT_ONCE).zip((0..).step_by(STREAMS_AT_ONCE)) {
            let page = retried(|| async move {
                let asked = Arrays::of(some, |(kind, key), v| _ = v.text(kind).bytes(key));
                let query = query::rows(include_str!("../sql/postgres/read_claimed_streams.sql"), self.log_id, asked)?;
                query.bind(limit()).fetch_all(&self.pool).await.map_err(|e| fault(&e))
            });
            let rows = page.await?;
            if rows.len() >= STREAMS_EVENTS_MAX {
                return Err(too_long());
            }
            for row in &rows {
                let number = usize::try_from(decode::unsigned(row, 10)?).unwrap_or(usize::MAX).saturating_add(first);
                if let Some(stream) = streams.get_mut(number) {
                    stream.get_or_insert_default().push(decode::event(row)?);
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
        let (sql, after) = match direction {
            Direction::Forwards => (include_str!("../sql/read_all_forwards.sql"), after.unwrap_or(0)),
            Direction::Backwards => (include_str!("../sql/read_all_backwards.sql"), after.unwrap_or(u64::MAX)),
        };
        let query = || sqlx::query(sql).bind(self.log_id).bind(signed(after));
        retried(|| self.events(query(), limit, usize::MAX)).await
    }

    pub async fn by_stream(&self, after: Option<(&str, u64)>, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        // No stream has an empty name: this is before all of them.
        let (stream, revision) = after.map_or(("", -1), |(stream, revision)| (stream, signed(revision)));
        let sql = include_str!("../sql/read_by_stream.sql");
        let query = || sqlx::query(sql).bind(self.log_id).bind(stream).bind(revision);
        retried(|| self.events(query(), limit, usize::MAX)).await
    }

    /// Row by row, so that memory stays flat; in one snapshot, so that the head is the one that the claims are of.
    pub async fn claim_sums(&self) -> Result<(Head, ClaimSums), StoreError> {
        let begin = include_str!("../sql/postgres/begin_snapshot.sql");
        let mut snapshot = retried(|| async { self.pool.begin_with(begin).await.map_err(|e| fault(&e)) }).await?;
        let walk = sqlx::query(include_str!("../sql/postgres/set_walk.sql"));
        walk.execute(&mut *snapshot).await.map_err(|e| fault(&e))?;
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
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/head.sql")).bind(self.log_id);
            let row = query.fetch_optional(&self.pool).await.map_err(|e| fault(&e))?;
            decode::head_or_start(row.as_ref())
        })
        .await
    }

    async fn events(&self, query: Query<'_>, limit: u32, bytes_max: usize) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut events: Vec<RecordedEvent> = Vec::new();
        let mut bytes = 0;
        let mut rows = query.bind(i64::from(limit.min(READ_LIMIT_MAX))).fetch(&self.pool);
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

#[async_trait]
impl LogPages for Reader {
    async fn page_after(&self, after: u64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let sql = include_str!("../sql/read_all_forwards.sql");
        let query = || sqlx::query(sql).bind(self.log_id).bind(signed(after));
        retried(|| self.events(query(), limit, PAGE_BYTES)).await
    }
}
