//! What an error of the driver means to the callers of the store. The only place that knows SQLite's codes.

use crate::store::StoreError;
use crate::store::decode::store_row;

/// SQLite's primary result codes (<https://sqlite.org/rescode.html>) for a damaged file.
const CORRUPT: [i32; 2] = [11, 26];
/// Those for a statement that is wrong in itself: error, mismatch, misuse, range, constraint, too big.
const REJECTED: [i32; 6] = [1, 18, 19, 20, 21, 25];

/// Sorts an error of the driver.
pub(crate) fn fault(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0) & 0xff;
            let message = database.message().to_owned();
            if CORRUPT.contains(&code) {
                StoreError::Corrupt(message)
            } else if REJECTED.contains(&code) {
                StoreError::Rejected(message)
            } else {
                StoreError::Unavailable(message)
            }
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt(error.to_string()),
        sqlx::Error::Encode(_) | sqlx::Error::Protocol(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            StoreError::Rejected(error.to_string())
        }
        other => StoreError::Unavailable(other.to_string()),
    }
}

store_row!(sqlx::sqlite::SqliteRow, fault);
