//! Lists of recoveries and approvals on PostgreSQL.

use super::write::signed;
use crate::domain::ids::UnitKey;
use crate::store::postgres::fault;
use crate::store::views::{ApprovalFilter, LIST_LIMIT_MAX, Page, RecoveryFilter, filters};
use crate::store::{LogId, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection};

const RECOVERIES: &str = include_str!("../../sql/postgres/recoveries_list.sql");
const APPROVALS: &str = include_str!("../../sql/postgres/approvals_list.sql");

fn keys(units: Option<&Vec<UnitKey>>) -> Option<Vec<&str>> {
    units.map(|units| units.iter().map(UnitKey::as_str).collect())
}

pub(super) async fn list_recoveries(
    log_id: LogId,
    filter: &RecoveryFilter,
    page: Page,
    connection: &mut PgConnection,
) -> Result<Vec<PgRow>, StoreError> {
    let statement = sqlx::query(AssertSqlSafe(filters::list_recoveries(RECOVERIES, filter)))
        .bind(log_id)
        .bind(keys(filter.units.as_ref()))
        .bind(filter.states.iter().map(|state| state.as_str()).collect::<Vec<_>>())
        .bind(filter.payment.map(|id| id.as_uuid().as_bytes().to_vec()))
        .bind(filter.beneficiary.map(|id| id.as_uuid().as_bytes().to_vec()))
        .bind(signed(page.after)?)
        .bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}

pub(super) async fn list_approvals(
    log_id: LogId,
    filter: &ApprovalFilter,
    page: Page,
    connection: &mut PgConnection,
) -> Result<Vec<PgRow>, StoreError> {
    let statement = sqlx::query(AssertSqlSafe(filters::list_approvals(APPROVALS, filter)))
        .bind(log_id)
        .bind(keys(filter.units.as_ref()))
        .bind(filters::recorded_state(filter))
        .bind(filter.now_us)
        .bind(signed(page.after)?)
        .bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}
