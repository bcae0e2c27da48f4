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
use crate::store::{LogId, RecordedEvent, StoreError};
use sqlx::error::ErrorKind;

/// Fails on a claim that somebody holds.
static INSERT_CLAIMS: RowsSql = RowsSql::new(include_str!("../sql/insert_claims.sql"));
static INSERT_EVENTS_ALIKE: RowsSql = RowsSql::new(include_str!("../sql/insert_events_alike.sql"));
/// Fewer events than this are not worth a statement of their own.
const ALIKE_MIN: usize = 64;
/// Both set the head to NULL, which its column refuses, when the log is not as assumed.
const TAKE_POSITIONS: &str = include_str!("../sql/take_positions_expected.sql");
static TAKE_POSITIONS_CONTINUED: RowsSql = RowsSql::new(include_str!("../sql/take_positions_continued.sql"));

/// Sends a batch, from BEGIN to COMMIT; on a clash, nothing is written.
pub(super) async fn write(
    mut transaction: SqliteTransaction<'_>,
    exchanges: Vec<Exchange>,
) -> Result<AtOnce, StoreError> {
    for exchange in exchanges {
        if let Err(error) = transaction.run(exchange).await {
            if is_clash(&error) {
                // The statements say OR ROLLBACK: SQLite has undone the transaction, and needs no journal of its own to undo one statement.
                transaction.finished = true;
                return Ok(AtOnce::Clash);
            }
            // The transaction is dropped unfinished, which closes the connection and so undoes what was begun.
            return Err(fault(&error));
        }
    }
    transaction.finished = true;
    Ok(AtOnce::Written)
}

/// Somebody was quicker, or repeats himself.
fn is_clash(error: &sqlx::Error) -> bool {
    let kind = error.as_database_error().map(sqlx::error::DatabaseError::kind);
    matches!(kind, Some(ErrorKind::UniqueViolation | ErrorKind::NotNullViolation))
}

/// All that is sent for a batch, in this order.
pub(super) fn exchanges(log_id: LogId, mut rows: BatchRows) -> Vec<Exchange> {
    let mut statements = Statements { log_id, next: Exchange::default(), before: Vec::new() };
    // IMMEDIATE: the write lock is taken before anything is read.
    statements.next.add(include_str!("../sql/begin.sql"), |_| {});
    statements.take_positions(&mut rows);
    statements.events(rows.events, rows.recorded_at_us);
    statements.rows(&INSERT_CLAIMS, rows.taken, |_| {}, bind_claim);
    statements.rows(&INSERT_REQUESTS, rows.requests, |_| {}, bind_request);
    let (keys, records) = vault_rows(rows.vault);
    statements.rows(&INSERT_VAULT_KEYS, keys, |_| {}, bind_vault_key);
    statements.rows(&INSERT_VAULT_RECORDS, records, |_| {}, bind_vault_record);
    statements.next.add(include_str!("../sql/commit.sql"), |_| {});
    statements.flush();
    statements.before
}

struct Statements {
    log_id: LogId,
    /// What goes next, together.
    next: Exchange,
    before: Vec<Exchange>,
}

impl Statements {
    fn take_positions(&mut self, rows: &mut BatchRows) {
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
            return;
        };
        self.checked(first, (expected, next), recorded_at_us);
        for part in parts {
            self.checked(part, (next, next), recorded_at_us);
        }
    }

    /// Moves the head from one place to the other if these streams stand where their writers saw them.
    fn checked(&mut self, streams: &[(String, u64)], (from, to): (i64, i64), recorded_at_us: i64) {
        let log_id = self.log_id;
        self.room_for(streams.len());
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
        self.room_for(streams.len());
    }

    /// Those of a list of payments are alike in half of their columns, which then are bound once.
    fn events(&mut self, events: Vec<RecordedEvent>, recorded_at_us: i64) {
        let mut rest = events.into_iter();
        while rest.len() > 0 {
            let chunk: Vec<RecordedEvent> = rest.by_ref().take(ROWS_MAX).collect();
            match chunk.first() {
                Some(first) if chunk.len() >= ALIKE_MIN && chunk.iter().all(|event| is_alike(event, first)) => {
                    let shared = shared(first, recorded_at_us);
                    self.rows(&INSERT_EVENTS_ALIKE, chunk, shared, bind_alike);
                }
                _ => self.rows(&INSERT_EVENTS, chunk, |p| p.add(recorded_at_us), bind_event),
            }
        }
    }

    /// The log's number is the first parameter, and after it what `before` adds.
    fn rows<T>(
        &mut self,
        sql: &RowsSql,
        rows: Vec<T>,
        before: impl Fn(&mut Parameters),
        bind: impl Fn(&mut Parameters, T),
    ) {
        let log_id = self.log_id;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk: Vec<T> = rows.by_ref().take(ROWS_MAX).collect();
            let count = chunk.len();
            self.room_for(count);
            let fixed = |p: &mut Parameters| {
                p.add(log_id);
                before(p);
            };
            self.next.add_rows(sql, chunk.into_iter(), &bind, (fixed, |_: &mut Parameters| {}));
            self.room_for(count);
        }
    }

    /// A statement of many rows goes alone: every sequence of sizes in one exchange is a text that is kept prepared.
    fn room_for(&mut self, rows: usize) {
        if rows > EXCHANGE_ROWS_MAX {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.next.statements > 0 {
            self.before.push(std::mem::take(&mut self.next));
        }
    }
}

/// Whether two events differ in nothing but their stream, id, content and place.
fn is_alike(one: &RecordedEvent, other: &RecordedEvent) -> bool {
    one.event_type == other.event_type
        && one.schema_version == other.schema_version
        && one.revision == other.revision
        && one.metadata == other.metadata
}

/// Adds what events that are alike share; their positions follow one another.
fn shared(first: &RecordedEvent, recorded_at_us: i64) -> impl Fn(&mut Parameters) + use<> {
    let (position, revision) = (signed(first.position), signed(first.revision));
    let (event_type, schema_version) = (first.event_type.clone(), i64::from(first.schema_version));
    let metadata = first.metadata.clone();
    move |p| {
        p.add(recorded_at_us);
        p.add(position);
        p.add(event_type.as_str());
        p.add(schema_version);
        p.add(revision);
        p.add(metadata.as_slice());
    }
}

fn bind_alike(parameters: &mut Parameters, event: RecordedEvent) {
    parameters.add(event.stream);
    parameters.add(event.event_id.as_bytes().to_vec());
    parameters.add(event.data);
    parameters.add(event.leaf_hash.to_vec());
}
