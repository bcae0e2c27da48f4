//! The event store on SQLite: opening it, its parts, and the store's contract. The SQL is in `store/sql`.

mod archive;
mod at_once;
mod checkpoints;
mod connect;
mod deliveries;
mod fault;
mod lender;
mod lookup;
mod notes;
mod packed;
mod pieces;
mod read;
mod recent;
mod registry;
mod rows;
mod sessions;
mod transaction;
mod wal;

pub(super) use connect::{Location, migrate_file};
pub(crate) use fault::fault;
pub(crate) use lender::Lent;
pub(super) use rows::{Parameters, RowsSql, rows_query};

use super::committer::{Committer, WriteCounts};
use super::migrations::Part;
use super::views::Kept;
use super::{
    Append, AppendError, ClaimSums, Direction, EventStore, Head, LogId, OpenError, OpenMode, OpenOptions,
    RecordedEvent, RecordedRequest, Store, StoreError, Subscription, WriteResult, migrations,
};
use async_trait::async_trait;
use connect::WriterLock;
use lender::Lender;
use lookup::Lookup;
use read::Reader;
use recent::Recent;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqlitePoolOptions, SqliteSynchronous};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use transaction::SqliteLog;

/// How long a look-up waits for its turn between two commits. Those of single appends are shorter, and those of a bulk load are not.
const BETWEEN_COMMITS: Duration = Duration::from_millis(5);

/// So many streams are looked up between two commits: what requests ask for together. An import asks for more, and would hold up others.
const FEW_STREAMS: usize = 256;

/// One log in a SQLite database.
pub struct SqliteStore {
    reader: Reader,
    writer: Arc<Lender>,
    recent: Arc<Recent>,
    views: Views,
    /// `None` beside a server.
    committer: Option<Committer>,
    head: watch::Receiver<u64>,
    /// Beside a server nobody tells of commits, and subscriptions look for themselves; the sender keeps them from ending.
    _quiet: Option<watch::Sender<u64>>,
    statements: Arc<AtomicU64>,
    held: Mutex<Held>,
}

/// The file of the projections' tables.
struct Views {
    reader: SqlitePool,
    lookups: Lender,
    writer: Lender,
    kept: Kept,
}

/// What is given back when the store is closed.
#[derive(Debug, Default)]
struct Held {
    lock: Option<WriterLock>,
    folder: Option<TempDir>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("log_id", &self.reader.log_id).finish_non_exhaustive()
    }
}

/// Opens the store that a URL names: `sqlite:PATH` (migrated before) or `sqlite::memory:` (empty, gone when closed).
pub async fn open(url: &str, options: OpenOptions) -> Result<Arc<SqliteStore>, OpenError> {
    let mut held = Held::default();
    let durable = match Location::parse(url)? {
        Location::File(path) => Some(path),
        Location::Memory => None,
    };
    let path = match &durable {
        Some(path) => path.clone(),
        None => scratch(&mut held).await?,
    };
    if !path.exists() {
        return Err(OpenError::NotMigrated);
    }
    let views_path = connect::views_path(&path);
    if !views_path.exists() {
        return Err(OpenError::NotMigrated);
    }
    match &options.mode {
        OpenMode::Writer { holder } => held.lock = Some(WriterLock::take(&path, holder)?),
        OpenMode::Beside => connect::settle_without_server(&path).await?,
    }
    let settles = |path: &Path| (held.lock.is_some() && durable.is_some()).then(|| path.to_owned());
    // FULL: the WAL is synced at each commit; NORMAL would lose acknowledged events on power loss. It may lose the last rows of the
    // views, whole transactions with their checkpoints, and the projections go on from there. Nothing in memory outlives the process.
    let synced = |wanted| if durable.is_some() { wanted } else { SqliteSynchronous::Off };
    let writer = Lender::new(connect::writing(&path, synced(SqliteSynchronous::Full)), settles(&path));
    let views = Views {
        reader: reading_pool(&views_path, options.readers),
        lookups: Lender::new(connect::reading(&views_path), None),
        writer: Lender::new(connect::writing(&views_path, synced(SqliteSynchronous::Normal)), settles(&views_path)),
        kept: Kept::default(),
    };
    let pool = reading_pool(&path, options.readers);
    migrations::check(Part::Log, &mut *pool.acquire().await.map_err(|e| fault(&e))?).await?;
    migrations::check(Part::Views, &mut *views.reader.acquire().await.map_err(|e| fault(&e))?).await?;
    let reader = Reader { pool, log_id: options.log_id };
    Ok(Arc::new(start(reader, (Arc::new(writer), views), options, held).await?))
}

fn reading_pool(path: &Path, connections: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(connections.max(1))
        .test_before_acquire(false)
        .connect_lazy_with(connect::reading(path))
}

/// A database in a folder of its own that goes with the store. Not SQLite's own `:memory:`: its connections share one cache with
/// table locks, so that readers and the writer would get in each other's way as they never do in a file.
async fn scratch(held: &mut Held) -> Result<PathBuf, OpenError> {
    let failed = |error: std::io::Error| StoreError::Unavailable(format!("no temporary folder: {error}"));
    let folder = tempfile::Builder::new().prefix("chitra-").tempdir().map_err(failed)?;
    let path = folder.path().join("memory.sqlite");
    held.folder = Some(folder);
    migrate_file(&path).await?;
    Ok(path)
}

async fn start(
    reader: Reader,
    (writer, views): (Arc<Lender>, Views),
    options: OpenOptions,
    held: Held,
) -> Result<SqliteStore, StoreError> {
    let statements = Arc::new(AtomicU64::new(0));
    let recent = Arc::new(Recent::default());
    let (teller, seen) = watch::channel(0);
    let (committer, quiet) = match options.mode {
        OpenMode::Beside => (None, Some(teller)),
        OpenMode::Writer { .. } => {
            let create = sqlx::query(include_str!("../sql/create_head.sql")).bind(options.log_id);
            create.execute(&mut *writer.lend().await?).await.map_err(|e| fault(&e))?;
            teller.send_replace(reader.head().await?.position);
            let log = SqliteLog {
                writer: Arc::clone(&writer),
                recent: Arc::clone(&recent),
                log_id: options.log_id,
                statements: Arc::clone(&statements),
            };
            (Some(Committer::start(log, options.now, teller)), None)
        }
    };
    let held = Mutex::new(held);
    Ok(SqliteStore { reader, writer, recent, views, committer, head: seen, _quiet: quiet, statements, held })
}

impl SqliteStore {
    /// The log that this store reads and writes.
    pub const fn log_id(&self) -> LogId {
        self.reader.log_id
    }

    /// Connections for reading; they refuse to write.
    pub(crate) const fn reader(&self) -> &SqlitePool {
        &self.reader.pool
    }

    /// The one connection for writing, lent in the order of asking. Begin with `BEGIN IMMEDIATE`, hold it for one short transaction,
    /// and never wait for anything else meanwhile: appends wait for it.
    pub(crate) async fn writer(&self) -> Result<Lent<'_>, StoreError> {
        self.writer.lend().await
    }

    /// The writing connection in between two commits, for a short look-up: its pages are those that it wrote, while every other connection
    /// has to forget all of its own after each commit. Whoever asks is about to append, and would wait for the commit anyway; not for a long
    /// one, which is `None`.
    async fn between_commits(&self) -> Option<Result<Lent<'_>, StoreError>> {
        self.committer.as_ref()?;
        tokio::time::timeout(BETWEEN_COMMITS, self.writer.lend()).await.ok()
    }

    /// Connections for reading the views.
    pub(crate) const fn views_reader(&self) -> &SqlitePool {
        &self.views.reader
    }

    /// One connection for look-ups in the views that gather, one after the other: its pages stay known from one to the next, where each of a
    /// pool's connections reads them anew.
    pub(crate) async fn views_lookups(&self) -> Result<Lent<'_>, StoreError> {
        self.views.lookups.lend().await
    }

    /// What is kept of figures.
    pub(in crate::store) const fn kept(&self) -> &Kept {
        &self.views.kept
    }

    /// The one connection for writing the views.
    pub(crate) async fn views_writer(&self) -> Result<Lent<'_>, StoreError> {
        self.views.writer.lend().await
    }
}

impl Store for SqliteStore {
    fn write_counts(&self) -> WriteCounts {
        self.committer.as_ref().map_or_else(WriteCounts::default, Committer::counts)
    }

    fn write_statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

pub(super) fn beside() -> StoreError {
    StoreError::Rejected("a store that was opened beside a server takes no appends".to_owned())
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn append_to_stream(&self, append: Append) -> Result<WriteResult, AppendError> {
        let answer = self.append_batch(vec![append]).await.pop();
        answer.unwrap_or_else(|| Err(StoreError::Unavailable("the append was not answered".to_owned()).into()))
    }

    async fn append_batch(&self, appends: Vec<Append>) -> Vec<Result<WriteResult, AppendError>> {
        match &self.committer {
            Some(committer) => committer.submit(appends).await,
            None => appends.iter().map(|_| Err(beside().into())).collect(),
        }
    }

    async fn read_stream(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.reader.stream(stream, from, direction, limit).await
    }

    async fn read_streams(&self, streams: &[String]) -> Result<Vec<RecordedEvent>, StoreError> {
        if streams.len() > FEW_STREAMS {
            let mut connection = self.reader().acquire().await.map_err(|e| fault(&e))?;
            return self.reader.streams(&mut connection, streams).await;
        }
        let (mut events, others) = self.recent.known(streams);
        if others.is_empty() {
            return Ok(events);
        }
        let found = if let Some(writer) = self.between_commits().await {
            let mut writer = writer?;
            let found = self.reader.streams(&mut writer, &others).await?;
            // While the connection is lent: nobody appends in between.
            self.recent.keep(&found);
            found
        } else {
            let mut connection = self.reader().acquire().await.map_err(|e| fault(&e))?;
            self.reader.streams(&mut connection, &others).await?
        };
        events.extend(found);
        events.sort_unstable_by(|one, other| (&one.stream, one.revision).cmp(&(&other.stream, other.revision)));
        Ok(events)
    }

    async fn read_all(
        &self,
        after: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.reader.all(after, direction, limit).await
    }

    async fn read_by_stream(&self, after: Option<(&str, u64)>, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.reader.by_stream(after, limit).await
    }

    async fn claim_sums(&self) -> Result<(Head, ClaimSums), StoreError> {
        self.reader.claim_sums().await
    }

    async fn subscribe(&self, after: u64) -> Result<Subscription, StoreError> {
        Ok(Subscription::new(Arc::new(self.reader.clone()), self.head.clone(), after))
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.reader.head().await
    }

    fn watch_head(&self) -> watch::Receiver<u64> {
        self.head.clone()
    }

    async fn find_request(&self, caller: &str, idempotency_key: &str) -> Result<Option<RecordedRequest>, StoreError> {
        let mut connection = self.reader().acquire().await.map_err(|e| fault(&e))?;
        let answers = Lookup::new(&mut connection, self.log_id()).requests(&[(caller, idempotency_key)]).await?;
        Ok(answers.into_iter().next().map(|(_, record)| record))
    }

    async fn find_claims(&self, kind: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<String>>, StoreError> {
        self.reader.claims(kind, keys).await
    }

    async fn read_claimed_streams(
        &self,
        kind: &str,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError> {
        let claims: Vec<(&str, &[u8])> = keys.iter().map(|key| (kind, key.as_slice())).collect();
        if let Some(writer) = self.between_commits().await {
            return self.reader.claimed_streams(&mut *writer?, &claims).await;
        }
        let mut connection = self.reader().acquire().await.map_err(|e| fault(&e))?;
        self.reader.claimed_streams(&mut connection, &claims).await
    }

    async fn close(&self) {
        if let Some(committer) = &self.committer {
            committer.close().await;
        }
        // Readers first: the WAL can only be emptied when nobody reads from it.
        self.reader.pool.close().await;
        self.views.reader.close().await;
        for lender in [&self.views.lookups, self.writer.as_ref(), &self.views.writer] {
            if let Err(error) = lender.close().await {
                tracing::error!(%error, "a file was closed without emptying its WAL: {error}");
            }
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Held::default();
    }
}

#[cfg(test)]
mod tests;
