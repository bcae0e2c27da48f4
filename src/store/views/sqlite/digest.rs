//! Reads a table of SQLite for its digest.

use crate::store::sqlite::fault;
use crate::store::views::TableDigest;
use crate::store::views::digest::{Table, TableHash};
use crate::store::{LogId, StoreError};
use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, TypeInfo, ValueRef};

/// Reads a table row by row: memory stays flat.
pub(super) async fn digest(
    log_id: LogId,
    table: &Table,
    connection: &mut SqliteConnection,
) -> Result<TableDigest, StoreError> {
    let mut hash = TableHash::default();
    let mut rows = sqlx::query(table.read).bind(log_id).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(|e| fault(&e))? {
        for column in 0..row.len() {
            add(&mut hash, &row, column).map_err(|e| fault(&e))?;
        }
        hash.end_row();
    }
    Ok(hash.finish(table))
}

fn add(hash: &mut TableHash, row: &SqliteRow, column: usize) -> Result<(), sqlx::Error> {
    let value = row.try_get_raw(column)?;
    let (is_null, is_number) = (value.is_null(), value.type_info().name() == "INTEGER");
    let is_text = value.type_info().name() == "TEXT";
    if is_null {
        hash.number(None);
    } else if is_number {
        hash.number(Some(row.try_get_unchecked(column)?));
    } else if is_text {
        hash.text(Some(row.try_get_unchecked(column)?));
    } else {
        hash.bytes(Some(row.try_get_unchecked(column)?));
    }
    Ok(())
}
