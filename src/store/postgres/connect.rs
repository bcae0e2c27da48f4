//! Where a PostgreSQL database is, how its connections are set, and what is asked of the server before anything else.

use super::fault;
use crate::store::decode;
use crate::store::{OpenError, StoreError, migrations};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Row};
use std::str::FromStr;
use std::time::Duration;

/// Statements kept prepared by one connection.
const STATEMENTS_KEPT: usize = 160;
/// How long a caller waits for a connection before it is told that there is none.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// The oldest major version that this program is made for, as the server writes it.
const VERSION_MIN: i64 = 130_000;

/// Whether a URL names a PostgreSQL database.
pub(crate) fn is_url(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

/// Reads `postgres://USER@HOST/DATABASE` and its kin.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|error| OpenError::BadUrl { reason: error.to_string() })?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(OpenError::BadUrl { reason: "it names no database".to_owned() });
    }
    // Who it is, for an administrator who looks at the server's activity; a name in the URL goes before.
    let options = if options.get_application_name().is_some() { options } else { options.application_name("chitra") };
    // A batch is one statement of a hundred kilobytes: nothing for a log file.
    Ok(options.statement_cache_capacity(STATEMENTS_KEPT).disable_statement_logging())
}

/// Sets a new connection as all of ours are set.
async fn set(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("../sql/postgres/set_session.sql")).execute(connection).await.map(|_| ())
}

/// One connection outside any pool.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let connecting = async {
        let mut connection = options.connect().await?;
        set(&mut connection).await?;
        Ok(connection)
    };
    let late = |_| StoreError::Unavailable("the PostgreSQL server gave no connection in time".to_owned());
    tokio::time::timeout(ACQUIRE_TIMEOUT, connecting).await.map_err(late)?.map_err(|e| fault(&e))
}

/// Sets a connection as the committer's is set beside that.
pub(super) async fn set_committer(mut connection: PgConnection) -> Result<PgConnection, StoreError> {
    let plans = sqlx::query(include_str!("../sql/postgres/set_committer.sql"));
    plans.execute(&mut connection).await.map_err(|e| fault(&e))?;
    Ok(connection)
}

/// A connection for the committer.
pub(super) async fn connect_committer(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    set_committer(connect(options).await?).await
}

/// A pool that connects when it is asked.
pub(super) fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A round trip before each statement; reads that meet a dead connection are tried again instead.
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(set(connection)))
        .connect_lazy_with(options)
}

/// Brings a database up to this program's schema. The database itself is the administrator's to make. Two that migrate at once wait for
/// each other.
pub(crate) async fn migrate(url: &str) -> Result<(), OpenError> {
    let mut connection = connect(&options(url)?).await?;
    check_server(&mut connection).await?;
    migrations::apply_postgres(&mut connection).await?;
    connection.close().await.map_err(|e| fault(&e).into())
}

/// Whether a database has nothing of ours yet.
pub(crate) async fn is_fresh(url: &str) -> Result<bool, OpenError> {
    let mut connection = connect(&options(url)?).await?;
    let migrated = migrations::was_migrated(&mut connection).await?;
    connection.close().await.map_err(|e| fault(&e))?;
    Ok(!migrated)
}

/// Finds what would go wrong later: an encoding that cannot hold all names of places, an old server, a server that does not keep its word.
pub(super) async fn check_server(connection: &mut PgConnection) -> Result<(), OpenError> {
    let query = sqlx::query(include_str!("../sql/postgres/server_facts.sql"));
    let row = query.fetch_one(connection).await.map_err(|e| fault(&e))?;
    let encoding = decode::text(&row, 0)?;
    if encoding != "UTF8" {
        let reason = format!("its encoding is {encoding}; create it with ENCODING 'UTF8' TEMPLATE template0");
        return Err(OpenError::UnfitServer { reason });
    }
    let version: i64 = row.try_get(1).map_err(|e| fault(&e))?;
    if version < VERSION_MIN {
        let reason = format!("the server is PostgreSQL {}; 13 or newer is needed", version / 10_000);
        return Err(OpenError::UnfitServer { reason });
    }
    if decode::text(&row, 2)? != "on" {
        tracing::warn!("the PostgreSQL server runs with fsync off: a power loss can take or damage what it answered");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_known_and_no_other() {
        assert!(is_url("postgres://chitra@db.example/chitra") && is_url("postgresql:///chitra"));
        assert!(!is_url("sqlite:postgres:") && !is_url("mysql://chitra@db/chitra"));
    }

    #[test]
    fn a_url_that_names_no_database_is_refused() {
        let refused = options("postgres://chitra@localhost/").unwrap_err();
        assert!(refused.to_string().contains("names no database"), "{refused}");
    }

    #[test]
    fn a_mistyped_tls_mode_is_refused_without_the_password() {
        let refused = options("postgres://chitra:secret@localhost/chitra?sslmode=verify").unwrap_err().to_string();
        assert!(refused.contains("verify") && !refused.contains("secret"), "{refused}");
    }
}
