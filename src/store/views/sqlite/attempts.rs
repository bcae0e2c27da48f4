//! Attempts as SQLite hands them over: in one row, each column with a value of all of them, one a line.

use super::super::decode::{corrupt, word};
use super::fault;
use crate::domain::ids::PaymentId;
use crate::store::StoreError;
use crate::store::views::FoundAttempt;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// Reads all attempts of the row.
pub(super) fn decode(row: &SqliteRow) -> Result<Vec<FoundAttempt>, StoreError> {
    let column = |number: usize| row.try_get::<Option<&str>, _>(number).map_err(|e| fault(&e));
    let (Some(ids), Some(payments), Some(attempts)) = (column(0)?, column(1)?, column(2)?) else {
        // None was found.
        return Ok(Vec::new());
    };
    let (mut payments, mut attempts) = (payments.split('\n'), attempts.split('\n'));
    let missing = || corrupt("an attempt with too few values");
    ids.split('\n')
        .map(|id| found(id, payments.next().ok_or_else(missing)?, attempts.next().ok_or_else(missing)?))
        .collect()
}

fn found(id: &str, payment: &str, attempt: &str) -> Result<FoundAttempt, StoreError> {
    let payment_id = PaymentId::from_uuid(Uuid::try_parse(payment).map_err(corrupt)?);
    Ok(FoundAttempt { end_to_end_id: word(id)?, payment_id, attempt: attempt.parse().map_err(corrupt)? })
}
