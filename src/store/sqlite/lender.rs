//! One connection to a file, lent in turn: those that write, the log's to the committer and the registry and the views' to the projections;
//! and one for look-ups in the views.

use super::{fault, wal};
use crate::store::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use tokio::sync::{Mutex, MutexGuard};

/// Lends its connection in the order of asking.
#[derive(Debug)]
pub(super) struct Lender {
    options: SqliteConnectOptions,
    /// The database whose WAL each new connection settles; `None` where nothing is durable, or a server has settled it.
    settles: Option<PathBuf>,
    slot: Mutex<Slot>,
}

#[derive(Debug)]
enum Slot {
    Open(Box<SqliteConnection>),
    /// Not connected yet, or given up after a failure: the next one to ask connects anew.
    Empty,
    Closed,
}

/// The connection, until this is dropped. Hold it for one short transaction: others wait meanwhile, appends for that of the log.
#[derive(Debug)]
pub(crate) struct Lent<'a> {
    slot: MutexGuard<'a, Slot>,
}

impl Lender {
    pub fn new(options: SqliteConnectOptions, settles: Option<PathBuf>) -> Self {
        Self { options, settles, slot: Mutex::new(Slot::Empty) }
    }

    pub async fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let mut slot = self.slot.lock().await;
        match *slot {
            Slot::Open(..) => {}
            Slot::Empty => {
                let mut connection = self.options.connect().await.map_err(|e| fault(&e))?;
                if let Some(database) = &self.settles {
                    wal::settle(&mut connection, database).await?;
                }
                *slot = Slot::Open(Box::new(connection));
            }
            Slot::Closed => return Err(StoreError::Unavailable("it is closed".to_owned())),
        }
        Ok(Lent { slot })
    }

    /// Moves the WAL into the database and closes the connection for good.
    pub async fn close(&self) -> Result<(), StoreError> {
        let mut slot = self.slot.lock().await;
        let Slot::Open(mut connection) = std::mem::replace(&mut *slot, Slot::Closed) else {
            return Ok(());
        };
        sqlx::query(include_str!("../sql/checkpoint.sql")).execute(connection.as_mut()).await.map_err(|e| fault(&e))?;
        connection.close().await.map_err(|e| fault(&e))
    }
}

impl Lent<'_> {
    /// Closes the connection, which undoes whatever was not committed; the next one to ask gets a new one.
    pub fn give_up(&mut self) {
        *self.slot = Slot::Empty;
    }
}

impl Deref for Lent<'_> {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "a guard is made with an open connection and gives it up only when it goes")]
    fn deref(&self) -> &SqliteConnection {
        match &*self.slot {
            Slot::Open(connection) => Some(connection),
            Slot::Empty | Slot::Closed => None,
        }
        .expect("the guard holds an open connection")
    }
}

impl DerefMut for Lent<'_> {
    #[expect(clippy::expect_used, reason = "a guard is made with an open connection and gives it up only when it goes")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut *self.slot {
            Slot::Open(connection) => Some(connection),
            Slot::Empty | Slot::Closed => None,
        }
        .expect("the guard holds an open connection")
    }
}
