//! Digests of tables: what two databases must agree in when their rows come from the same log.

use crate::projections::Projection;
use crate::store::sqlite::fault;
use crate::store::views::TableDigest;
use crate::store::{LogId, StoreError};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, TypeInfo, ValueRef};

/// A table's name, the statement that reads it in the order of its key, and the one that empties it.
pub(super) struct Table {
    name: &'static str,
    read: &'static str,
    pub(super) clear: &'static str,
}

macro_rules! table {
    ($name:literal) => {
        Table {
            name: $name,
            read: include_str!(concat!("../../sql/", $name, "_digest.sql")),
            clear: include_str!(concat!("../../sql/", $name, "_clear.sql")),
        }
    };
}

const PAYMENTS: &[Table] = &[
    table!("payments"),
    table!("payment_attempts"),
    table!("live_payments"),
    table!("figure_cells"),
    table!("figure_days"),
    table!("figure_blocks"),
    table!("business_days"),
];
const BENEFICIARIES: &[Table] = &[table!("beneficiaries")];

/// The tables of a projection, all of them.
pub(super) const fn tables(projection: Projection) -> &'static [Table] {
    match projection {
        Projection::Payments => PAYMENTS,
        Projection::Beneficiaries => BENEFICIARIES,
    }
}

/// Reads a table row by row: memory stays flat.
pub(super) async fn digest(
    log_id: LogId,
    table: &Table,
    connection: &mut SqliteConnection,
) -> Result<TableDigest, StoreError> {
    let mut hash = Sha256::new();
    let mut count = 0;
    let mut rows = sqlx::query(table.read).bind(log_id).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(|e| fault(&e))? {
        for column in 0..row.len() {
            add(&mut hash, &row, column).map_err(|e| fault(&e))?;
        }
        count += 1;
    }
    Ok(TableDigest { table: table.name, rows: count, digest: hash.finalize().into() })
}

/// A value's type, its length and its bytes, so that no two rows run into the same bytes. Numbers are big-endian.
fn add(hash: &mut Sha256, row: &SqliteRow, column: usize) -> Result<(), sqlx::Error> {
    let value = row.try_get_raw(column)?;
    if value.is_null() {
        hash.update([0]);
        return Ok(());
    }
    let is_number = value.type_info().name() == "INTEGER";
    if is_number {
        hash.update([1]);
        hash.update(row.try_get_unchecked::<i64, _>(column)?.to_be_bytes());
        return Ok(());
    }
    let is_text = value.type_info().name() == "TEXT";
    let bytes = row.try_get_unchecked::<&[u8], _>(column)?;
    hash.update([if is_text { 2 } else { 3 }]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
    Ok(())
}
