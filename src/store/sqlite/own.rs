//! A connection of its own for look-ups that come one after the other, each for many callers: its pages stay known from one to the next,
//! where those of a pool's connections are read anew by each of them, and nobody has to hand it back.

use super::fault;
use crate::store::StoreError;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::Mutex;

/// Lends its connection in the order of asking.
pub(in crate::store) struct Own {
    options: SqliteConnectOptions,
    slot: Mutex<Slot>,
}

enum Slot {
    Open(SqliteConnection),
    /// Not connected yet, or given up after a failure: the next one to ask connects anew.
    Empty,
    Closed,
}

impl Own {
    pub const fn new(options: SqliteConnectOptions) -> Self {
        Self { options, slot: Mutex::const_new(Slot::Empty) }
    }

    /// Asks for one row.
    pub async fn one(
        &self,
        query: sqlx::query::Query<'static, Sqlite, SqliteArguments>,
    ) -> Result<SqliteRow, StoreError> {
        let mut slot = self.slot.lock().await;
        // Taken out: unless it answers, the connection is given up.
        let mut connection = match std::mem::replace(&mut *slot, Slot::Empty) {
            Slot::Open(connection) => connection,
            Slot::Empty => self.options.connect().await.map_err(|e| fault(&e))?,
            Slot::Closed => {
                *slot = Slot::Closed;
                return Err(StoreError::Unavailable("it is closed".to_owned()));
            }
        };
        let row = query.fetch_one(&mut connection).await.map_err(|e| fault(&e))?;
        *slot = Slot::Open(connection);
        Ok(row)
    }

    pub async fn close(&self) {
        let slot = std::mem::replace(&mut *self.slot.lock().await, Slot::Closed);
        if let Slot::Open(connection) = slot
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a connection for look-ups did not close: {error}");
        }
    }
}
