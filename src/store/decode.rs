//! Reading rows of any engine into the store's types. What does not fit is a damaged database, never a panic.

use super::StoreError;
use super::judge::Place;
use super::registry::{ApiKey, StoredReport, VaultRecord};
use super::{Head, RecordedEvent, RecordedRequest};
use uuid::Uuid;

/// A row of any engine: the kinds of values that our tables hold, by column.
pub(super) trait StoreRow {
    fn number(&self, column: usize) -> Result<Option<i64>, StoreError>;
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError>;
    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, StoreError>;
}

/// Makes a driver's row a [`StoreRow`].
macro_rules! store_row {
    ($row:ty, $fault:path) => {
        impl $crate::store::decode::StoreRow for $row {
            fn number(&self, column: usize) -> Result<Option<i64>, $crate::store::StoreError> {
                sqlx::Row::try_get(self, column).map_err(|error| $fault(&error))
            }

            fn text(&self, column: usize) -> Result<Option<&str>, $crate::store::StoreError> {
                sqlx::Row::try_get(self, column).map_err(|error| $fault(&error))
            }

            fn bytes(&self, column: usize) -> Result<Option<&[u8]>, $crate::store::StoreError> {
                sqlx::Row::try_get(self, column).map_err(|error| $fault(&error))
            }
        }
    };
}

pub(super) use store_row;

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is not what was written"))
}

/// The log's head; a database that was migrated and never opened for writing has none yet.
pub(super) fn head_or_start(row: Option<&impl StoreRow>) -> Result<Head, StoreError> {
    row.map_or(Ok(Head { position: 0, recorded_at_us: 0 }), head)
}

pub(super) fn signed_number(row: &impl StoreRow, index: usize) -> Result<i64, StoreError> {
    row.number(index)?.ok_or_else(|| corrupt("a number"))
}

pub(super) fn bytes(row: &impl StoreRow, index: usize) -> Result<&[u8], StoreError> {
    row.bytes(index)?.ok_or_else(|| corrupt("a value"))
}

/// A count or a place, stored as a signed number and never negative.
pub(super) fn unsigned(row: &impl StoreRow, index: usize) -> Result<u64, StoreError> {
    u64::try_from(signed_number(row, index)?).map_err(|_| corrupt("a number"))
}

pub(super) fn text(row: &impl StoreRow, index: usize) -> Result<String, StoreError> {
    row.text(index)?.map(str::to_owned).ok_or_else(|| corrupt("a text"))
}

pub(super) fn hash(row: &impl StoreRow, index: usize) -> Result<[u8; 32], StoreError> {
    bytes(row, index)?.try_into().map_err(|_| corrupt("a hash"))
}

pub(super) fn id(row: &impl StoreRow, index: usize) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes(row, index)?).map_err(|_| corrupt("an id"))
}

pub(super) fn place(row: &impl StoreRow, from: usize) -> Result<Place, StoreError> {
    Ok(Place {
        revision: unsigned(row, from)?,
        position: unsigned(row, from + 1)?,
        recorded_at_us: signed_number(row, from + 2)?,
    })
}

pub(super) fn head(row: &impl StoreRow) -> Result<Head, StoreError> {
    let next = unsigned(row, 0)?;
    Ok(Head {
        position: next.checked_sub(1).ok_or_else(|| corrupt("the log's head"))?,
        recorded_at_us: signed_number(row, 1)?,
    })
}

pub(super) fn event(row: &impl StoreRow) -> Result<RecordedEvent, StoreError> {
    Ok(RecordedEvent {
        position: unsigned(row, 0)?,
        stream: text(row, 1)?,
        revision: unsigned(row, 2)?,
        event_id: id(row, 3)?,
        event_type: text(row, 4)?,
        schema_version: signed_number(row, 5)?.try_into().map_err(|_| corrupt("a schema version"))?,
        recorded_at_us: signed_number(row, 6)?,
        data: bytes(row, 7)?.to_vec(),
        metadata: bytes(row, 8)?.to_vec(),
        leaf_hash: hash(row, 9)?,
    })
}

pub(super) fn request(row: &impl StoreRow, from: usize) -> Result<RecordedRequest, StoreError> {
    let first_position = row.number(from + 2)?;
    Ok(RecordedRequest {
        input_hash: hash(row, from)?,
        stream: text(row, from + 1)?,
        first_position: first_position.map(u64::try_from).transpose().map_err(|_| corrupt("a position"))?,
        event_count: unsigned(row, from + 3)?.try_into().map_err(|_| corrupt("a count"))?,
        revision: unsigned(row, from + 4)?,
        position: unsigned(row, from + 5)?,
    })
}

pub(super) fn vault_record(row: &impl StoreRow, from: usize) -> Result<VaultRecord, StoreError> {
    Ok(VaultRecord {
        record_ref: id(row, from)?,
        subject: id(row, from + 1)?,
        kind: text(row, from + 2)?,
        ciphertext: bytes(row, from + 3)?.to_vec(),
    })
}

pub(super) fn wrapped_key(row: &impl StoreRow) -> Result<(Uuid, Vec<u8>), StoreError> {
    Ok((id(row, 0)?, bytes(row, 1)?.to_vec()))
}

fn maybe_text(row: &impl StoreRow, index: usize) -> Result<Option<String>, StoreError> {
    Ok(row.text(index)?.map(str::to_owned))
}

pub(super) fn api_key(row: &impl StoreRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        key_id: text(row, 0)?,
        secret_hash: hash(row, 1)?,
        role: text(row, 2)?,
        unit_key: maybe_text(row, 3)?,
        bank: maybe_text(row, 4)?,
        label: text(row, 5)?,
        created_at_us: signed_number(row, 6)?,
        revoked_at_us: row.number(7)?,
        expires_at_us: row.number(8)?,
        used_at_us: row.number(9)?,
        former: match (row.bytes(10)?, row.number(11)?) {
            (Some(_), Some(until_us)) => Some((hash(row, 10)?, until_us)),
            _ => None,
        },
    })
}

pub(super) fn import_report(row: &impl StoreRow) -> Result<StoredReport, StoreError> {
    Ok(StoredReport { import_id: id(row, 0)?, actor: text(row, 1)?, report: bytes(row, 2)?.to_vec() })
}

/// A position or revision as the database stores it. What is beyond its range is beyond any log's end too.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
