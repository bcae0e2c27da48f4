//! The event store on PostgreSQL: opening it, its parts, and the store's contract. Any number of servers share one database.

mod archive;
mod arrays;
mod checkpoints;
mod connect;
mod deliveries;
mod fault;
mod heads;
mod lookup;
mod notes;
mod pieces;
mod query;
mod read;
mod registry;
mod rows;
mod sessions;
mod transaction;

pub(crate) use arrays::Arrays;
pub(crate) use connect::{connect as connect_owner, is_url};
pub(super) use connect::{is_fresh, migrate};
pub(crate) use fault::fault;
pub(crate) use query::{Query, retried, rows as query_rows};

use super::batch::in_order;
use super::committer::{Committer, WriteCounts};
use super::sqlite::beside;
use super::views::{Kept, Owner};
use super::{
    Append, AppendError, ClaimSums, Direction, EventStore, Head, LogId, OpenError, OpenMode, OpenOptions,
    RecordedEvent, RecordedRequest, Store, StoreError, Subscription, WriteResult, migrations,
};
use async_trait::async_trait;
use lookup::Lookup;
use read::Reader;
use sqlx::{PgConnection, PgPool};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use transaction::PostgresLog;

/// What a closed store answers.
const CLOSED: &str = "it is closed";
/// Connections for what is written beside the committer: projections, keys, notifications.
const WRITERS: u32 = 2;

/// One log in a PostgreSQL database.
pub struct PostgresStore {
    reader: Reader,
    /// The committer's connection.
    slot: Arc<tokio::sync::Mutex<Option<PgConnection>>>,
    /// `None` beside a server.
    committer: Option<Committer>,
    head: watch::Receiver<u64>,
    /// What tells other servers and hears of them; beside a server nobody does, and the sender keeps subscriptions from ending.
    background: Mutex<Background>,
    statements: Arc<AtomicU64>,
    owner: Owner,
    kept: Kept,
}

#[derive(Default)]
struct Background {
    tasks: Vec<JoinHandle<()>>,
    _quiet: Option<watch::Sender<u64>>,
}

impl Drop for Background {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("log_id", &self.reader.log_id).finish_non_exhaustive()
    }
}

/// Opens the store that a `postgres://` URL names; its database was made and migrated before.
pub async fn open(url: &str, options: OpenOptions) -> Result<Arc<PostgresStore>, OpenError> {
    let server = connect::options(url)?;
    let mut first = connect::connect(&server).await?;
    connect::check_server(&mut first).await?;
    migrations::check_postgres(&mut first).await?;
    let pool = connect::pool(server.clone(), options.readers.max(1) + WRITERS);
    let reader = Reader { pool, log_id: options.log_id };
    let slot = Arc::new(tokio::sync::Mutex::new(None));
    let statements = Arc::new(AtomicU64::new(0));
    let (teller, seen) = watch::channel(0);
    let (committer, background) = match options.mode {
        OpenMode::Beside => (None, Background { tasks: Vec::new(), _quiet: Some(teller) }),
        OpenMode::Writer { .. } => {
            let create = sqlx::query(include_str!("../sql/create_head.sql")).bind(options.log_id);
            create.execute(&mut first).await.map_err(|e| fault(&e))?;
            teller.send_replace(reader.head().await?.position);
            // The connection that looked is the one that will append.
            *slot.lock().await = Some(connect::set_committer(first).await?);
            let log = PostgresLog {
                options: server.clone(),
                log_id: options.log_id,
                slot: Arc::clone(&slot),
                statements: Arc::clone(&statements),
                others: AtomicU32::new(0),
            };
            let (told, committed) = watch::channel(0);
            let own = tokio::spawn(heads::announce(reader.clone(), committed.clone()));
            let others = heads::follow(reader.clone(), connect::pool(server.clone(), 1), teller.clone());
            let raising = tokio::spawn(raise_with(committed, teller));
            let tasks = vec![own, tokio::spawn(others), raising];
            (Some(Committer::start(log, options.now, told)), Background { tasks, _quiet: None })
        }
    };
    let background = Mutex::new(background);
    let owner = Owner::new(server);
    Ok(Arc::new(PostgresStore {
        reader,
        owner,
        kept: Kept::default(),
        slot,
        committer,
        head: seen,
        background,
        statements,
    }))
}

/// Passes this process's own commits on, beside those of others. Ends when the committer goes.
async fn raise_with(mut committed: watch::Receiver<u64>, head: watch::Sender<u64>) {
    while committed.changed().await.is_ok() {
        let position = *committed.borrow_and_update();
        heads::raise(&head, position);
    }
}

impl PostgresStore {
    /// The log that this store reads and writes.
    pub const fn log_id(&self) -> LogId {
        self.reader.log_id
    }

    /// Which projections this process runs.
    pub(crate) const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// What is kept of figures.
    pub(in crate::store) const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Connections for everything but appends.
    pub(crate) const fn pool(&self) -> &PgPool {
        &self.reader.pool
    }
}

impl Store for PostgresStore {
    fn write_counts(&self) -> WriteCounts {
        self.committer.as_ref().map_or_else(WriteCounts::default, Committer::counts)
    }

    fn write_statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl EventStore for PostgresStore {
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
        self.reader.streams(streams).await
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
        let answers = retried(|| async {
            let mut connection = self.pool().acquire().await.map_err(|e| fault(&e))?;
            Lookup::new(&mut connection, self.log_id()).requests(&[(caller, idempotency_key)]).await
        });
        Ok(answers.await?.into_iter().next().map(|(_, record)| record))
    }

    async fn find_claims(&self, kind: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<String>>, StoreError> {
        let answers = retried(|| async {
            let mut connection = self.pool().acquire().await.map_err(|e| fault(&e))?;
            Lookup::new(&mut connection, self.log_id()).claims_held(kind, keys).await
        });
        Ok(in_order(keys.len(), answers.await?))
    }

    async fn read_claimed_streams(
        &self,
        kind: &str,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError> {
        let claims: Vec<(&str, &[u8])> = keys.iter().map(|key| (kind, key.as_slice())).collect();
        self.reader.claimed_streams(&claims).await
    }

    async fn close(&self) {
        if let Some(committer) = &self.committer {
            committer.close().await;
        }
        self.background.lock().unwrap_or_else(PoisonError::into_inner).stop();
        transaction::close(&self.slot).await;
        self.owner.close().await;
        self.reader.pool.close().await;
    }
}

impl Background {
    fn stop(&mut self) {
        *self = Self::default();
    }
}
