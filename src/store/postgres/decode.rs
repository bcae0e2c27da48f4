//! Reading rows into the store's types. What does not fit is a damaged database, never a panic.

use super::fault;
use crate::store::judge::Place;
use crate::store::registry::{ApiKey, StoredReport, VaultRecord};
use crate::store::{Head, RecordedEvent, RecordedRequest, StoreError};
use sqlx::Row;
use sqlx::decode::Decode;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::types::Type;
use uuid::Uuid;

fn column<'r, T: Decode<'r, Postgres> + Type<Postgres>>(row: &'r PgRow, index: usize) -> Result<T, StoreError> {
    row.try_get(index).map_err(|error| fault(&error))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is not what was written"))
}

/// A count or a place, stored as a signed number and never negative.
pub(super) fn unsigned(row: &PgRow, index: usize) -> Result<u64, StoreError> {
    u64::try_from(column::<i64>(row, index)?).map_err(|_| corrupt("a number"))
}

pub(super) fn text(row: &PgRow, index: usize) -> Result<String, StoreError> {
    column(row, index)
}

pub(super) fn hash(row: &PgRow, index: usize) -> Result<[u8; 32], StoreError> {
    column::<&[u8]>(row, index)?.try_into().map_err(|_| corrupt("a hash"))
}

pub(super) fn id(row: &PgRow, index: usize) -> Result<Uuid, StoreError> {
    Uuid::from_slice(column::<&[u8]>(row, index)?).map_err(|_| corrupt("an id"))
}

pub(super) fn place(row: &PgRow, from: usize) -> Result<Place, StoreError> {
    Ok(Place {
        revision: unsigned(row, from)?,
        position: unsigned(row, from + 1)?,
        recorded_at_us: column(row, from + 2)?,
    })
}

pub(super) fn head(row: &PgRow) -> Result<Head, StoreError> {
    let next = unsigned(row, 0)?;
    Ok(Head {
        position: next.checked_sub(1).ok_or_else(|| corrupt("the log's head"))?,
        recorded_at_us: column(row, 1)?,
    })
}

pub(super) fn event(row: &PgRow) -> Result<RecordedEvent, StoreError> {
    Ok(RecordedEvent {
        position: unsigned(row, 0)?,
        stream: column(row, 1)?,
        revision: unsigned(row, 2)?,
        event_id: id(row, 3)?,
        event_type: column(row, 4)?,
        schema_version: column::<i64>(row, 5)?.try_into().map_err(|_| corrupt("a schema version"))?,
        recorded_at_us: column(row, 6)?,
        data: column(row, 7)?,
        metadata: column(row, 8)?,
        leaf_hash: hash(row, 9)?,
    })
}

pub(super) fn request(row: &PgRow, from: usize) -> Result<RecordedRequest, StoreError> {
    let first_position: Option<i64> = column(row, from + 2)?;
    Ok(RecordedRequest {
        input_hash: hash(row, from)?,
        stream: column(row, from + 1)?,
        first_position: first_position.map(u64::try_from).transpose().map_err(|_| corrupt("a position"))?,
        event_count: unsigned(row, from + 3)?.try_into().map_err(|_| corrupt("a count"))?,
        revision: unsigned(row, from + 4)?,
        position: unsigned(row, from + 5)?,
    })
}

pub(super) fn vault_record(row: &PgRow, from: usize) -> Result<VaultRecord, StoreError> {
    Ok(VaultRecord {
        record_ref: id(row, from)?,
        subject: id(row, from + 1)?,
        kind: column(row, from + 2)?,
        ciphertext: column(row, from + 3)?,
    })
}

pub(super) fn api_key(row: &PgRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        key_id: column(row, 0)?,
        secret_hash: hash(row, 1)?,
        role: column(row, 2)?,
        unit_key: column(row, 3)?,
        bank: column(row, 4)?,
        label: column(row, 5)?,
        created_at_us: column(row, 6)?,
        revoked_at_us: column(row, 7)?,
    })
}

pub(super) fn import_report(row: &PgRow) -> Result<StoredReport, StoreError> {
    Ok(StoredReport { import_id: id(row, 0)?, actor: column(row, 1)?, report: column(row, 2)? })
}

/// A position or revision as the database stores it. What is beyond its range is beyond any log's end too.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
