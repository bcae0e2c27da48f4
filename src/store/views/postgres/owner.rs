//! Which server runs a projection: the one that holds its advisory lock. The lock is the session's, so that the server gives it to
//! another one when its owner dies. Two that both believe to own it cannot both write: the checkpoint is checked in each transaction.

use crate::projections::Projection;
use crate::store::postgres::{connect_owner, fault};
use crate::store::views::Task;
use crate::store::{LogId, StoreError};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::Mutex;

/// "chitra" in the upper bytes of every lock's number, against meeting other programs' locks in the same database.
const TAG: i64 = 0x6368_6974 << 32;
/// How long a rebuild waits for the owner to finish its batch and let go: it looks once a second when nothing happens.
const SEIZE_TRIES: u32 = 150;
const SEIZE_PAUSE: Duration = Duration::from_millis(100);

/// The connection that holds the locks of this process.
pub(crate) struct Owner {
    options: PgConnectOptions,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    connection: Option<PgConnection>,
    locks: HashSet<i64>,
}

/// The lock of whoever does a task.
const fn number(task: Task) -> i64 {
    match task {
        Task::Delivery => 18,
        Task::Groups => 20,
    }
}

fn numbered(log_id: LogId, number: i64) -> i64 {
    TAG | i64::from(log_id.unsigned_abs() & 0x00ff_ffff) << 8 | number
}

/// The lock of whoever runs a projection, and the one of whoever wants it for a rebuild.
fn locks(log_id: LogId, projection: Projection) -> (i64, i64) {
    let number = match projection {
        Projection::Payments => 0,
        Projection::Beneficiaries => 2,
        Projection::Tree => 4,
        Projection::Lists => 6,
        Projection::Desks => 8,
        Projection::Inbox => 10,
        Projection::Oversight => 16,
    };
    let own = numbered(log_id, number);
    (own, own + 1)
}

impl Owner {
    pub fn new(options: PgConnectOptions) -> Self {
        Self { options, held: Mutex::default() }
    }

    /// Takes the projection if nobody has it, or finds that this process still has it. Lets go when somebody wants it for a rebuild.
    pub async fn own(&self, log_id: LogId, projection: Projection) -> Result<bool, StoreError> {
        let (lock, wanted) = locks(log_id, projection);
        let mut held = self.held.lock().await;
        let rebuilds = held.locks.contains(&wanted);
        if !rebuilds && !held.ask(&self.options, include_str!("../../sql/postgres/owner_unwanted.sql"), wanted).await? {
            held.give(&self.options, lock).await?;
            return Ok(false);
        }
        held.take(&self.options, lock).await
    }

    /// Takes a task if nobody has it, or finds that this process still has it.
    pub async fn own_task(&self, log_id: LogId, task: Task) -> Result<bool, StoreError> {
        let lock = numbered(log_id, number(task));
        let mut held = self.held.lock().await;
        if held.locks.contains(&lock) {
            // Asked of the server, which may have ended the session and given the lock away.
            let unwanted = include_str!("../../sql/postgres/owner_unwanted.sql");
            held.ask(&self.options, unwanted, lock).await?;
        }
        held.take(&self.options, lock).await
    }

    /// Lets another server have a task.
    pub async fn disown_task(&self, log_id: LogId, task: Task) {
        // A connection that fails is given up, and its locks with it.
        let _given_either_way = self.held.lock().await.give(&self.options, numbered(log_id, number(task))).await;
    }

    /// Lets go, so that another server may try.
    pub async fn disown(&self, log_id: LogId, projection: Projection) {
        let (lock, wanted) = locks(log_id, projection);
        let mut held = self.held.lock().await;
        for lock in [lock, wanted] {
            // A connection that fails is given up, and its locks with it.
            let _given_either_way = held.give(&self.options, lock).await;
        }
    }

    /// Takes it from whoever has it; false when the owner does not let go.
    pub async fn seize(&self, log_id: LogId, projection: Projection) -> Result<bool, StoreError> {
        let (lock, wanted) = locks(log_id, projection);
        for _ in 0..SEIZE_TRIES {
            let mut held = self.held.lock().await;
            if held.take(&self.options, wanted).await? && held.take(&self.options, lock).await? {
                return Ok(true);
            }
            drop(held);
            tokio::time::sleep(SEIZE_PAUSE).await;
        }
        self.disown(log_id, projection).await;
        Ok(false)
    }

    pub async fn close(&self) {
        let mut held = self.held.lock().await;
        held.locks.clear();
        let Some(mut connection) = held.connection.take() else { return };
        // The end of a session takes its time, and others wait for the locks.
        let given = sqlx::query(include_str!("../../sql/postgres/owner_give_all.sql")).execute(&mut connection).await;
        if let Err(error) = given.map(|_| ()).and(connection.close().await) {
            tracing::debug!(%error, "the connection that owned projections was gone before it was closed");
        }
    }
}

impl Held {
    /// One question about a lock. A failure ends the connection, and with it all of its locks.
    async fn ask(&mut self, options: &PgConnectOptions, sql: &'static str, lock: i64) -> Result<bool, StoreError> {
        let mut connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            self.locks.clear();
            connect_owner(options).await?
        };
        let answer = sqlx::query_scalar(sql).bind(lock).fetch_one(&mut connection).await;
        match answer {
            Ok(answer) => {
                self.connection = Some(connection);
                Ok(answer)
            }
            Err(error) => {
                self.locks.clear();
                Err(fault(&error))
            }
        }
    }

    /// Session locks are counted: one that is held is not taken again.
    async fn take(&mut self, options: &PgConnectOptions, lock: i64) -> Result<bool, StoreError> {
        if self.connection.is_some() && self.locks.contains(&lock) {
            return Ok(true);
        }
        let taken = self.ask(options, include_str!("../../sql/postgres/owner_take.sql"), lock).await?;
        if taken {
            self.locks.insert(lock);
        }
        Ok(taken)
    }

    async fn give(&mut self, options: &PgConnectOptions, lock: i64) -> Result<(), StoreError> {
        if self.locks.remove(&lock) {
            self.ask(options, include_str!("../../sql/postgres/owner_give.sql"), lock).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_projections_or_logs_share_a_lock() {
        let mut seen = HashSet::new();
        for log_id in 1..50 {
            assert!(seen.insert(numbered(log_id, number(Task::Delivery))));
            assert!(seen.insert(numbered(log_id, number(Task::Groups))));
            for projection in Projection::ALL {
                let (own, wanted) = locks(log_id, projection);
                assert!(seen.insert(own) && seen.insert(wanted));
            }
        }
    }
}
