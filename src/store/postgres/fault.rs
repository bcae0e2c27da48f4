//! What an error of the driver means to the callers of the store. The only place that knows PostgreSQL's codes.

use crate::store::StoreError;
use crate::store::decode::store_row;

/// SQLSTATE classes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>) of statements that are wrong in themselves: data,
/// constraint, syntax and rights.
const REJECTED: [&str; 6] = ["0A", "21", "22", "23", "42", "44"];
/// Index or data corrupted.
const CORRUPT: [&str; 2] = ["XX001", "XX002"];
/// A value that another transaction made unique meanwhile: judged anew, it is found and answered.
const UNIQUE: &str = "23505";

/// Sorts an error of the driver. All that is not certainly wrong or corrupt may succeed later: lost connections (08, 57P01 to 57P03),
/// conflicts (40001, 40P01, 55P03), too many connections and full disks (53), a server that became read-only in a failover (25006).
pub(crate) fn fault(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let message = format!("{} (SQLSTATE {code})", database.message());
            if CORRUPT.contains(&code.as_ref()) {
                StoreError::Corrupt(message)
            } else if code != UNIQUE && REJECTED.iter().any(|class| code.starts_with(class)) {
                StoreError::Rejected(message)
            } else {
                StoreError::Unavailable(message)
            }
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt(error.to_string()),
        sqlx::Error::Encode(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } | sqlx::Error::TypeNotFound { .. } => {
            StoreError::Rejected(error.to_string())
        }
        sqlx::Error::PoolTimedOut => {
            StoreError::Unavailable("the PostgreSQL server gave no connection in time".to_owned())
        }
        sqlx::Error::PoolClosed => StoreError::Unavailable(super::CLOSED.to_owned()),
        other => StoreError::Unavailable(other.to_string()),
    }
}

store_row!(sqlx::postgres::PgRow, fault);
