//! The one connection that writes, lent in turn to the committer, the projections and the registry.

use super::fault;
use crate::store::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::ops::{Deref, DerefMut};
use tokio::sync::{Mutex, MutexGuard};

/// When a commit is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Before it is answered: for all that was promised to somebody.
    AtOnce,
    /// With the next commit that is: for rows that the log can give again. The WAL is one file, written in order, so that a power loss
    /// takes whole transactions from its end, and the next append's sync takes all before it to the disk.
    WithNext,
}

/// Lends the writing connection in the order of asking.
#[derive(Debug)]
pub(super) struct Writer {
    options: SqliteConnectOptions,
    /// False where nothing outlives the process anyway: then nothing is ever synced.
    durable: bool,
    slot: Mutex<Slot>,
}

#[derive(Debug)]
enum Slot {
    /// With what it is set to; `None` while that is being changed.
    Open(Box<SqliteConnection>, Option<Durability>),
    /// Not connected yet, or given up after a failure: the next one to ask connects anew.
    Empty,
    Closed,
}

/// The writing connection, until this is dropped. Hold it for one short transaction: appends wait meanwhile.
#[derive(Debug)]
pub(crate) struct WriterGuard<'a> {
    slot: MutexGuard<'a, Slot>,
}

impl Writer {
    pub fn new(options: SqliteConnectOptions, durable: bool) -> Self {
        Self { options, durable, slot: Mutex::new(Slot::Empty) }
    }

    pub async fn lend(&self, wanted: Durability) -> Result<WriterGuard<'_>, StoreError> {
        let mut slot = self.slot.lock().await;
        match *slot {
            Slot::Open(..) => {}
            Slot::Empty => {
                let connection = self.options.connect().await.map_err(|e| fault(&e))?;
                *slot = Slot::Open(Box::new(connection), Some(Durability::AtOnce));
            }
            Slot::Closed => return Err(StoreError::Unavailable("it is closed".to_owned())),
        }
        if let (Slot::Open(connection, set), true) = (&mut *slot, self.durable) {
            ensure(connection, set, wanted).await?;
        }
        Ok(WriterGuard { slot })
    }

    /// Moves the WAL into the database and closes the connection for good.
    pub async fn close(&self) -> Result<(), StoreError> {
        let mut slot = self.slot.lock().await;
        let Slot::Open(mut connection, _) = std::mem::replace(&mut *slot, Slot::Closed) else {
            return Ok(());
        };
        sqlx::query(include_str!("../sql/checkpoint.sql")).execute(connection.as_mut()).await.map_err(|e| fault(&e))?;
        connection.close().await.map_err(|e| fault(&e))
    }
}

/// Sets the connection as wanted. Whoever is cancelled in between leaves it unset, and the next one sets it anew.
async fn ensure(
    connection: &mut SqliteConnection,
    set: &mut Option<Durability>,
    wanted: Durability,
) -> Result<(), StoreError> {
    if *set == Some(wanted) {
        return Ok(());
    }
    *set = None;
    let sql = match wanted {
        Durability::AtOnce => include_str!("../sql/synchronous_full.sql"),
        Durability::WithNext => include_str!("../sql/synchronous_normal.sql"),
    };
    sqlx::query(sql).execute(connection).await.map_err(|e| fault(&e))?;
    *set = Some(wanted);
    Ok(())
}

impl WriterGuard<'_> {
    /// Closes the connection, which undoes whatever was not committed; the next one to ask gets a new one.
    pub fn give_up(&mut self) {
        *self.slot = Slot::Empty;
    }
}

impl Deref for WriterGuard<'_> {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "a guard is made with an open connection and gives it up only when it goes")]
    fn deref(&self) -> &SqliteConnection {
        match &*self.slot {
            Slot::Open(connection, _) => Some(connection),
            Slot::Empty | Slot::Closed => None,
        }
        .expect("the guard holds an open connection")
    }
}

impl DerefMut for WriterGuard<'_> {
    #[expect(clippy::expect_used, reason = "a guard is made with an open connection and gives it up only when it goes")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut *self.slot {
            Slot::Open(connection, _) => Some(connection),
            Slot::Empty | Slot::Closed => None,
        }
        .expect("the guard holds an open connection")
    }
}
