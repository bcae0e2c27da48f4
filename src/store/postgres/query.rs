//! Makes queries of statements and rows, and asks again when a connection was lost.

use super::arrays::Arrays;
use super::fault;
use crate::store::{LogId, StoreError};
use sqlx::postgres::{PgArguments, Postgres};
use std::time::Duration;

/// A query that owns its parameters.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// A statement whose first parameter is the log's number, and the others are the columns of rows.
pub(crate) fn rows(sql: &'static str, log_id: LogId, rows: Arrays) -> Result<Query<'static>, StoreError> {
    with_rows(sqlx::query(sql).bind(log_id), rows)
}

/// Adds the columns of rows to the parameters.
pub(crate) fn with_rows(mut query: Query<'_>, rows: Arrays) -> Result<Query<'_>, StoreError> {
    for column in rows.finish().map_err(StoreError::Rejected)? {
        query.try_bind(column).map_err(|error| fault(&sqlx::Error::Encode(error)))?;
    }
    Ok(query)
}

/// How often a read is tried when connections were lost: a server that was restarted leaves a whole pool of dead ones.
const TRIES_MAX: u32 = 12;
/// And for how long. After that the caller hears that the store is not available.
const TRIED_FOR: Duration = Duration::from_secs(6);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Does a read again while the store is not available. Only for what changes nothing, and for what may be done twice.
pub(crate) async fn retried<T, F>(work: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let begun = tokio::time::Instant::now();
    let mut tries = 1;
    loop {
        match work().await {
            Err(StoreError::Unavailable(reason))
                if reason != super::CLOSED && tries < TRIES_MAX && begun.elapsed() < TRIED_FOR =>
            {
                tracing::debug!(reason, "a read is tried again");
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}
