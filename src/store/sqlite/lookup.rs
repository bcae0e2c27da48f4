//! Looking many things up in few statements, on whichever connection. Each statement answers with the question's number.

use super::fault;
use super::rows::{Parameters, ROWS_MAX, RowsSql, rows_query};
use crate::store::batch::Answers;
use crate::store::decode::{place, request, text, unsigned, vault_record};
use crate::store::judge::Place;
use crate::store::registry::VaultRecord;
use crate::store::{LogId, RecordedRequest, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

/// How an answer is read from its row, whose first column is the question's number.
type Read<A> = fn(&SqliteRow) -> Result<A, StoreError>;

static STREAM_REVISIONS: RowsSql = RowsSql::new(include_str!("../sql/stream_revisions.sql"));
static EVENT_PLACES: RowsSql = RowsSql::new(include_str!("../sql/event_places.sql"));
static CLAIM_HOLDERS: RowsSql = RowsSql::new(include_str!("../sql/claim_holders.sql"));
static RECORDED_REQUESTS: RowsSql = RowsSql::new(include_str!("../sql/recorded_requests.sql"));
static WRAPPED_KEYS: RowsSql = RowsSql::new(include_str!("../sql/wrapped_keys.sql"));
static VAULT_RECORDS: RowsSql = RowsSql::new(include_str!("../sql/vault_records.sql"));

/// Looks up in one log through one connection, and counts the statements.
pub(super) struct Lookup<'a> {
    pub connection: &'a mut SqliteConnection,
    pub log_id: LogId,
    pub statements: u64,
}

impl<'a> Lookup<'a> {
    pub const fn new(connection: &'a mut SqliteConnection, log_id: LogId) -> Self {
        Self { connection, log_id, statements: 0 }
    }

    pub async fn stream_revisions(&mut self, streams: &[&str]) -> Result<Answers<u64>, StoreError> {
        self.ask(&STREAM_REVISIONS, streams, |p, stream| p.add(*stream), |row| unsigned(row, 1)).await
    }

    pub async fn event_places(&mut self, events: &[(&str, Uuid)]) -> Result<Answers<Place>, StoreError> {
        let bind = |p: &mut Parameters, (stream, id): &(&str, Uuid)| {
            p.add(*stream);
            p.add(id.as_bytes().to_vec());
        };
        self.ask(&EVENT_PLACES, events, bind, |row| place(row, 1)).await
    }

    pub async fn claim_holders(&mut self, claims: &[(&str, &[u8])]) -> Result<Answers<String>, StoreError> {
        let bind = |p: &mut Parameters, (kind, key): &(&str, &[u8])| {
            p.add(*kind);
            p.add(*key);
        };
        self.ask(&CLAIM_HOLDERS, claims, bind, |row| text(row, 1)).await
    }

    pub async fn requests(&mut self, requests: &[(&str, &str)]) -> Result<Answers<RecordedRequest>, StoreError> {
        let bind = |p: &mut Parameters, (caller, key): &(&str, &str)| {
            p.add(*caller);
            p.add(*key);
        };
        self.ask(&RECORDED_REQUESTS, requests, bind, |row| request(row, 1)).await
    }

    pub async fn wrapped_keys(&mut self, subjects: &[Uuid]) -> Result<Answers<Vec<u8>>, StoreError> {
        self.ask(&WRAPPED_KEYS, subjects, bind_id, |row| row.try_get(1).map_err(|e| fault(&e))).await
    }

    pub async fn vault_records(&mut self, record_refs: &[Uuid]) -> Result<Answers<VaultRecord>, StoreError> {
        self.ask(&VAULT_RECORDS, record_refs, bind_id, |row| vault_record(row, 1)).await
    }

    async fn ask<Q: Sync, A>(
        &mut self,
        sql: &RowsSql,
        questions: &[Q],
        bind: impl Fn(&mut Parameters, &Q) + Copy,
        read: Read<A>,
    ) -> Result<Answers<A>, StoreError> {
        let mut answers = Vec::new();
        for (chunk, first) in questions.chunks(ROWS_MAX).zip((0..).step_by(ROWS_MAX)) {
            let query = rows_query(sql, chunk.iter(), |_| {}, bind, |p| p.add(self.log_id))?;
            self.statements += 1;
            for row in query.fetch_all(&mut *self.connection).await.map_err(|e| fault(&e))? {
                let number = usize::try_from(unsigned(&row, 0)?).unwrap_or(usize::MAX).saturating_add(first);
                answers.push((number, read(&row)?));
            }
        }
        Ok(answers)
    }
}

fn bind_id(parameters: &mut Parameters, id: &Uuid) {
    parameters.add(id.as_bytes().to_vec());
}
