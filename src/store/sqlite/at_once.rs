//! Writing a batch without asking first: the tables' own keys tell whether the log is as the judging assumed. A small batch is one
//! exchange with the database's thread, from BEGIN to COMMIT; the statements of a large one go each on its own.

use super::fault;
use super::rows::{EXCHANGE_ROWS_MAX, Exchange, Parameters, ROWS_MAX, RowsSql};
use super::transaction::{
    INSERT_EVENTS, INSERT_REQUESTS, INSERT_VAULT_KEYS, INSERT_VAULT_RECORDS, SqliteTransaction, bind_claim, bind_event,
    bind_request, bind_vault_key, bind_vault_record, vault_rows,
};
use crate::store::batch::{AtOnce, BatchRows};
use crate::store::decode::signed;
use crate::store::{LogId, StoreError};
use sqlx::error::ErrorKind;

/// Fails on a claim that somebody holds.
static INSERT_CLAIMS: RowsSql = RowsSql::new(include_str!("../sql/insert_claims.sql"));
/// Both set the head to NULL, which its column refuses, when the log is not as assumed.
const TAKE_POSITIONS: &str = include_str!("../sql/take_positions_expected.sql");
static TAKE_POSITIONS_CONTINUED: RowsSql = RowsSql::new(include_str!("../sql/take_positions_continued.sql"));

/// Writes and commits a batch; on a clash, nothing is written.
pub(super) async fn write(mut transaction: SqliteTransaction<'_>, rows: BatchRows) -> Result<AtOnce, StoreError> {
    let mut statements =
        Statements { log_id: transaction.log_id(), transaction: &mut transaction, next: Exchange::default() };
    match statements.send(rows).await {
        Ok(()) => {
            transaction.finished = true;
            Ok(AtOnce::Written)
        }
        Err(error) if is_clash(&error) => {
            // The statements say OR ROLLBACK: SQLite has undone the transaction, and needs no journal of its own to undo one statement.
            transaction.finished = true;
            Ok(AtOnce::Clash)
        }
        // The transaction is dropped unfinished, which closes the connection and so undoes what was begun.
        Err(error) => Err(fault(&error)),
    }
}

/// Somebody was quicker, or repeats himself.
fn is_clash(error: &sqlx::Error) -> bool {
    let kind = error.as_database_error().map(sqlx::error::DatabaseError::kind);
    matches!(kind, Some(ErrorKind::UniqueViolation | ErrorKind::NotNullViolation))
}

struct Statements<'t, 'a> {
    log_id: LogId,
    transaction: &'t mut SqliteTransaction<'a>,
    /// What goes next, together.
    next: Exchange,
}

impl Statements<'_, '_> {
    async fn send(&mut self, mut rows: BatchRows) -> Result<(), sqlx::Error> {
        // IMMEDIATE: the write lock is taken before anything is read.
        self.next.add(include_str!("../sql/begin.sql"), |_| {});
        self.take_positions(&mut rows).await?;
        let recorded_at_us = rows.recorded_at_us;
        self.rows(&INSERT_EVENTS, rows.events, |p| p.add(recorded_at_us), bind_event).await?;
        self.rows(&INSERT_CLAIMS, rows.taken, |_| {}, bind_claim).await?;
        self.rows(&INSERT_REQUESTS, rows.requests, |_| {}, bind_request).await?;
        let (keys, records) = vault_rows(rows.vault);
        self.rows(&INSERT_VAULT_KEYS, keys, |_| {}, bind_vault_key).await?;
        self.rows(&INSERT_VAULT_RECORDS, records, |_| {}, bind_vault_record).await?;
        self.next.add(include_str!("../sql/commit.sql"), |_| {});
        self.flush().await
    }

    async fn take_positions(&mut self, rows: &mut BatchRows) -> Result<(), sqlx::Error> {
        let log_id = self.log_id;
        let expected = signed(rows.position_before + 1);
        let next = signed(rows.position_before + 1 + u64::try_from(rows.events.len()).unwrap_or(u64::MAX));
        let recorded_at_us = rows.recorded_at_us;
        let continued = std::mem::take(&mut rows.continued);
        // More streams than one statement takes: each part checks its own, and only the first moves the head.
        let mut parts = continued.chunks(ROWS_MAX);
        let Some(first) = parts.next() else {
            self.next.add(TAKE_POSITIONS, |p| {
                p.add(expected);
                p.add(next);
                p.add(recorded_at_us);
                p.add(log_id);
            });
            return Ok(());
        };
        self.checked(first, (expected, next), recorded_at_us).await?;
        for part in parts {
            self.checked(part, (next, next), recorded_at_us).await?;
        }
        Ok(())
    }

    /// Moves the head from one place to the other if these streams stand where their writers saw them.
    async fn checked(
        &mut self,
        streams: &[(String, u64)],
        (from, to): (i64, i64),
        recorded_at_us: i64,
    ) -> Result<(), sqlx::Error> {
        let log_id = self.log_id;
        self.room_for(streams.len()).await?;
        self.next.add_rows(
            &TAKE_POSITIONS_CONTINUED,
            streams.iter(),
            |p, (stream, revision)| {
                p.add(stream.as_str());
                p.add(signed(*revision));
            },
            (
                |p: &mut Parameters| p.add(from),
                |p: &mut Parameters| {
                    p.add(log_id);
                    p.add(to);
                    p.add(recorded_at_us);
                    p.add(log_id);
                },
            ),
        );
        self.room_for(streams.len()).await
    }

    /// The log's number is the first parameter, and after it what `before` adds.
    async fn rows<T>(
        &mut self,
        sql: &RowsSql,
        rows: Vec<T>,
        before: impl Fn(&mut Parameters),
        bind: impl Fn(&mut Parameters, T),
    ) -> Result<(), sqlx::Error> {
        let log_id = self.log_id;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk: Vec<T> = rows.by_ref().take(ROWS_MAX).collect();
            let count = chunk.len();
            self.room_for(count).await?;
            let fixed = |p: &mut Parameters| {
                p.add(log_id);
                before(p);
            };
            self.next.add_rows(sql, chunk.into_iter(), &bind, (fixed, |_: &mut Parameters| {}));
            self.room_for(count).await?;
        }
        Ok(())
    }

    /// A statement of many rows goes alone: every sequence of sizes in one exchange is a text that is kept prepared.
    async fn room_for(&mut self, rows: usize) -> Result<(), sqlx::Error> {
        if rows > EXCHANGE_ROWS_MAX { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), sqlx::Error> {
        let exchange = std::mem::take(&mut self.next);
        if exchange.statements > 0 { self.transaction.run(exchange).await } else { Ok(()) }
    }
}
