//! Looking many things up in one statement each, on whichever connection. Each answer has its question's number.

use super::arrays::Arrays;
use super::fault;
use super::query;
use crate::store::batch::Answers;
use crate::store::decode::{place, request, text, unsigned, vault_record};
use crate::store::judge::Place;
use crate::store::registry::VaultRecord;
use crate::store::runs;
use crate::store::{LogId, RecordedRequest, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// How an answer is read from its row, whose first column is the question's number.
type Read<A> = fn(&PgRow) -> Result<A, StoreError>;

/// Looks up in one log through one connection, and counts the statements.
pub(super) struct Lookup<'a> {
    pub connection: &'a mut PgConnection,
    pub log_id: LogId,
    pub statements: u64,
}

impl<'a> Lookup<'a> {
    pub const fn new(connection: &'a mut PgConnection, log_id: LogId) -> Self {
        Self { connection, log_id, statements: 0 }
    }

    pub async fn stream_revisions(&mut self, streams: &[&str]) -> Result<Answers<u64>, StoreError> {
        let asked = Arrays::of(streams, |stream, v| _ = v.text(stream));
        self.ask(include_str!("../sql/postgres/stream_revisions.sql"), asked, |row| unsigned(row, 1)).await
    }

    pub async fn event_places(&mut self, events: &[(&str, Uuid)]) -> Result<Answers<Place>, StoreError> {
        let asked = Arrays::of(events, |(stream, id), v| _ = v.text(stream).id(*id));
        self.ask(include_str!("../sql/postgres/event_places.sql"), asked, |row| place(row, 1)).await
    }

    pub async fn claim_holders(&mut self, claims: &[(&str, &[u8])]) -> Result<Answers<String>, StoreError> {
        let asked = Arrays::of(claims, |(kind, key), v| _ = v.text(kind).bytes(key));
        self.ask(include_str!("../sql/postgres/claim_holders.sql"), asked, |row| text(row, 1)).await
    }

    /// Who holds keys of one kind. Of many keys only those are asked for in whose run any is held.
    pub async fn claims_held(&mut self, kind: &str, keys: &[Vec<u8>]) -> Result<Answers<String>, StoreError> {
        if !runs::are_many(keys) {
            let claims: Vec<(&str, &[u8])> = keys.iter().map(|key| (kind, key.as_slice())).collect();
            return self.claim_holders(&claims).await;
        }
        let runs = runs::runs(keys);
        let ends =
            Arrays::of(runs.iter().map(|run| runs::ends(keys, run)), |(from, to), v| _ = v.bytes(from).bytes(to));
        self.statements += 1;
        let query = query::rows(include_str!("../sql/postgres/claims_between.sql"), self.log_id, ends)?.bind(kind);
        let mut asked = Vec::new();
        for row in query.fetch_all(&mut *self.connection).await.map_err(|e| fault(&e))? {
            let run = usize::try_from(unsigned(&row, 0)?).ok().and_then(|number| runs.get(number));
            asked.extend(run.into_iter().flatten().copied());
        }
        let claims: Vec<(&str, &[u8])> = asked.iter().map(|number| (kind, keys[*number].as_slice())).collect();
        let found = self.claim_holders(&claims).await?;
        Ok(found.into_iter().filter_map(|(number, stream)| Some((*asked.get(number)?, stream))).collect())
    }

    pub async fn requests(&mut self, requests: &[(&str, &str)]) -> Result<Answers<RecordedRequest>, StoreError> {
        let asked = Arrays::of(requests, |(caller, key), v| _ = v.text(caller).text(key));
        self.ask(include_str!("../sql/postgres/recorded_requests.sql"), asked, |row| request(row, 1)).await
    }

    pub async fn wrapped_keys(&mut self, subjects: &[Uuid]) -> Result<Answers<Vec<u8>>, StoreError> {
        let asked = Arrays::of(subjects, |subject, v| _ = v.id(*subject));
        let read: Read<Vec<u8>> = |row| row.try_get(1).map_err(|e| fault(&e));
        self.ask(include_str!("../sql/postgres/wrapped_keys.sql"), asked, read).await
    }

    pub async fn vault_records(&mut self, record_refs: &[Uuid]) -> Result<Answers<VaultRecord>, StoreError> {
        let asked = Arrays::of(record_refs, |record_ref, v| _ = v.id(*record_ref));
        self.ask(include_str!("../sql/postgres/vault_records.sql"), asked, |row| vault_record(row, 1)).await
    }

    async fn ask<A>(&mut self, sql: &'static str, asked: Arrays, read: Read<A>) -> Result<Answers<A>, StoreError> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        self.statements += 1;
        let rows = query::rows(sql, self.log_id, asked)?.fetch_all(&mut *self.connection).await;
        let answer = |row: &PgRow| Ok((usize::try_from(unsigned(row, 0)?).unwrap_or(usize::MAX), read(row)?));
        rows.map_err(|e| fault(&e))?.iter().map(answer).collect()
    }
}
