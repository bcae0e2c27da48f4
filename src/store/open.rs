//! Opening a store of any engine by its URL, and what any engine's store is.

use super::archive::Archives;
use super::committer::{NowUs, WriteCounts};
use super::registry::Registry;
use super::views::ViewStore;
use super::{EventStore, LogId, OpenError, postgres, sqlite};
use std::sync::Arc;

/// What a process may do with a database that others may have open too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenMode {
    /// Append and run projections. On SQLite one process at a time, and `holder` is what a second one is told, for example
    /// `chitra serve`; on PostgreSQL any number of processes share the database.
    Writer { holder: String },
    /// Read and manage keys, beside a running server or without one.
    Beside,
}

/// How to open a store.
#[derive(Clone)]
pub struct OpenOptions {
    pub log_id: LogId,
    pub mode: OpenMode,
    /// Where `recorded_at` comes from.
    pub now: NowUs,
    /// Reading connections at most.
    pub readers: u32,
}

impl OpenOptions {
    /// Log 1 with four reading connections.
    pub const fn new(mode: OpenMode, now: NowUs) -> Self {
        Self { log_id: 1, mode, now, readers: 4 }
    }
}

impl std::fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenOptions").field("log_id", &self.log_id).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// A store of any engine, whole.
pub trait Store: EventStore + ViewStore + Registry + Archives + std::fmt::Debug {
    /// What this process has committed.
    fn write_counts(&self) -> WriteCounts;

    /// Statements that this process has sent for its appends.
    fn write_statements(&self) -> u64;
}

/// A shared store of any engine.
pub type SharedStore = Arc<dyn Store>;

/// Opens the store that a URL names: `sqlite:PATH` or `postgres://...` (migrated before), or `sqlite::memory:` (empty, gone when closed).
pub async fn open(url: &str, options: OpenOptions) -> Result<SharedStore, OpenError> {
    if postgres::is_url(url) {
        return Ok(postgres::open(url, options).await?);
    }
    Ok(sqlite::open(url, options).await?)
}

/// A URL as it may be shown: without the password.
#[must_use]
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let place = match place.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => place.to_owned(),
    };
    let is_open = |part: &&str| !part.starts_with("password=");
    let query: Vec<&str> = query.into_iter().flat_map(|query| query.split('&')).filter(is_open).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{scheme}://{place}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, expected) in [
            ("sqlite:chitra.sqlite", "sqlite:chitra.sqlite"),
            ("postgres://chitra:s3cr@t@db.example:5432/chitra", "postgres://chitra@db.example:5432/chitra"),
            ("postgres://db/chitra?user=a&password=b&sslmode=require", "postgres://db/chitra?user=a&sslmode=require"),
            ("postgres:///chitra?host=/run/postgresql", "postgres:///chitra?host=/run/postgresql"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
