//! The yardsticks: what each engine does with the same rows when nothing stands between sqlx and it. No rules, no checks, no code of
//! the store; the tables are the equal ones that the migrations make.

mod postgres;
mod sqlite;

pub use postgres::{create_schema, drop_schema, tables};

use crate::store::{Direction, EventStore, RecordedEvent, StoreError};
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::time::{Duration, Instant};

/// Events of one page of a scan, and rows of one statement of a bulk insert.
pub const PAGE: u32 = 1_000;

/// A database, bare.
pub enum Bare {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// Why a yardstick could not be laid.
#[derive(Debug, thiserror::Error)]
pub enum BareError {
    #[error("the bare database: {0}")]
    Sql(#[from] sqlx::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the bare database's URL names no engine")]
    Engine,
}

/// How many people were paid in a commune, how many of them without cash, and how much.
pub type Paid = (String, i64, i64, i64);

impl Bare {
    /// Opens a database that was migrated before.
    pub async fn open(url: &str) -> Result<Self, BareError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(Box::new(sqlite::connect(path).await?)));
        }
        if url.starts_with("postgres") {
            return Ok(Self::Postgres(Box::new(postgres::connect(url).await?)));
        }
        Err(BareError::Engine)
    }

    /// One event, one durable commit.
    pub async fn one(&mut self, event: &RecordedEvent) -> Result<(), BareError> {
        self.page(std::slice::from_ref(event)).await
    }

    /// Many events in one durable commit.
    pub async fn page(&mut self, events: &[RecordedEvent]) -> Result<(), BareError> {
        match self {
            Self::Sqlite(connection) => {
                sqlite::begin(connection).await?;
                sqlite::insert(connection, events).await?;
                sqlite::commit(connection).await?;
            }
            Self::Postgres(connection) if events.len() == 1 => postgres::insert_one(connection, &events[0]).await?,
            Self::Postgres(connection) => {
                let mut copy = postgres::begin_copy(connection).await?;
                copy.send(postgres::rows(events)).await?;
                copy.send(postgres::END).await?;
                copy.finish().await?;
            }
        }
        Ok(())
    }

    /// The same, as few exchanges with the engine as it takes.
    pub async fn together(&mut self, events: &[RecordedEvent]) -> Result<(), BareError> {
        match self {
            Self::Sqlite(connection) => sqlite::insert_at_once(connection, events).await?,
            Self::Postgres(connection) => postgres::insert_many(connection, events).await?,
        }
        Ok(())
    }

    /// Copies all events of a type after a position out of a log, in one transaction. How many, and how long the copying took: reading
    /// them is not in the time.
    pub async fn copy(
        &mut self,
        log: &dyn EventStore,
        after: u64,
        event_type: &str,
    ) -> Result<(u64, Duration), BareError> {
        match self {
            Self::Sqlite(connection) => {
                let begun = Instant::now();
                sqlite::begin(connection).await?;
                let (mut spent, mut count, mut after) = (begun.elapsed(), 0, after);
                while let Some(page) = page_of(log, &mut after, event_type).await? {
                    let begun = Instant::now();
                    sqlite::insert(connection, &page).await?;
                    spent += begun.elapsed();
                    count += page.len() as u64;
                }
                let begun = Instant::now();
                sqlite::commit(connection).await?;
                Ok((count, spent + begun.elapsed()))
            }
            Self::Postgres(connection) => {
                let begun = Instant::now();
                let mut copy = postgres::begin_copy(connection).await?;
                let (mut spent, mut count, mut after) = (begun.elapsed(), 0, after);
                while let Some(page) = page_of(log, &mut after, event_type).await? {
                    // Making the bytes is a part of inserting them, as binding is on SQLite.
                    let begun = Instant::now();
                    copy.send(postgres::rows(&page)).await?;
                    spent += begun.elapsed();
                    count += page.len() as u64;
                }
                let begun = Instant::now();
                copy.send(postgres::END).await?;
                copy.finish().await?;
                Ok((count, spent + begun.elapsed()))
            }
        }
    }

    /// Reads all events, page by page, and looks at nothing but the position. How many there are.
    pub async fn scan(&mut self) -> Result<u64, BareError> {
        let (mut after, mut count) = (0, 0);
        loop {
            let (last, found) = match self {
                Self::Sqlite(connection) => sqlite::scan_page(connection, after).await?,
                Self::Postgres(connection) => postgres::scan_page(connection, after).await?,
            };
            let Some(last) = last else { return Ok(count) };
            (after, count) = (last, count + found as u64);
        }
    }

    /// Adoption of a cycle by commune, straight from the events of a log in which no payment was returned or corrected.
    pub async fn adoption(&mut self, cycle: &str) -> Result<Vec<Paid>, BareError> {
        Ok(match self {
            Self::Sqlite(connection) => sqlite::adoption(connection, cycle).await?,
            Self::Postgres(connection) => postgres::adoption(connection, cycle).await?,
        })
    }

    /// Gives the planner the statistics that a database in use has; the migrations do on SQLite.
    pub async fn analyze(&mut self) -> Result<(), BareError> {
        if let Self::Postgres(connection) = self {
            postgres::analyze(connection).await?;
        }
        Ok(())
    }

    pub async fn close(self) -> Result<(), BareError> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}

/// The next page's events of a type, perhaps none; `None` at the end of the log.
async fn page_of(
    log: &dyn EventStore,
    after: &mut u64,
    event_type: &str,
) -> Result<Option<Vec<RecordedEvent>>, StoreError> {
    let mut page = log.read_all(Some(*after), Direction::Forwards, PAGE).await?;
    let Some(last) = page.last() else { return Ok(None) };
    *after = last.position;
    page.retain(|event| event.event_type == event_type);
    Ok(Some(page))
}

/// A place as SQL has it.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
