//! Reads a table of PostgreSQL for its digest.

use crate::store::postgres::fault;
use crate::store::views::TableDigest;
use crate::store::views::digest::{Table, TableHash};
use crate::store::{LogId, StoreError};
use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{Column, PgConnection, Row, TypeInfo};

/// Reads a table row by row: memory stays flat.
pub(super) async fn digest(
    log_id: LogId,
    table: &Table,
    connection: &mut PgConnection,
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

fn add(hash: &mut TableHash, row: &PgRow, column: usize) -> Result<(), sqlx::Error> {
    match row.try_column(column)?.type_info().name() {
        "INT8" => hash.number(row.try_get(column)?),
        "TEXT" => hash.text(row.try_get::<Option<&str>, _>(column)?.map(str::as_bytes)),
        _ => hash.bytes(row.try_get(column)?),
    }
    Ok(())
}
