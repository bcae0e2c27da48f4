//! Lists of recoveries, approvals and cited figures on SQLite.

use super::json::Rows;
use super::write::signed;
use crate::domain::ids::UnitKey;
use crate::store::sqlite::fault;
use crate::store::views::encode::RowValues;
use crate::store::views::{ApprovalFilter, LIST_LIMIT_MAX, Page, RecoveryFilter, filters};
use crate::store::{LogId, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, SqliteConnection};

const RECOVERIES: &str = include_str!("../../sql/recoveries_list.sql");
const APPROVALS: &str = include_str!("../../sql/approvals_list.sql");
const CITED: &str = include_str!("../../sql/cited_figures_list.sql");

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> String {
    Rows::list(|v| values.for_each(|value| _ = v.text(value)))
}

pub(super) async fn list_recoveries(
    log_id: LogId,
    filter: &RecoveryFilter,
    page: Page,
    connection: &mut SqliteConnection,
) -> Result<Vec<SqliteRow>, StoreError> {
    let statement = sqlx::query(AssertSqlSafe(filters::list_recoveries(RECOVERIES, filter)))
        .bind(log_id)
        .bind(filter.units.as_ref().map(|units| texts(units.iter().map(UnitKey::as_str))))
        .bind(texts(filter.states.iter().map(|state| state.as_str())))
        .bind(filter.payment.map(|id| id.as_uuid().as_bytes().to_vec()))
        .bind(filter.beneficiary.map(|id| id.as_uuid().as_bytes().to_vec()))
        .bind(signed(page.after)?)
        .bind(page.limit.min(LIST_LIMIT_MAX));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}

pub(super) async fn list_approvals(
    log_id: LogId,
    filter: &ApprovalFilter,
    page: Page,
    connection: &mut SqliteConnection,
) -> Result<Vec<SqliteRow>, StoreError> {
    let statement = sqlx::query(AssertSqlSafe(filters::list_approvals(APPROVALS, filter)))
        .bind(log_id)
        .bind(filter.units.as_ref().map(|units| texts(units.iter().map(UnitKey::as_str))))
        .bind(filters::recorded_state(filter))
        .bind(filter.now_us)
        .bind(signed(page.after)?)
        .bind(page.limit.min(LIST_LIMIT_MAX));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}

pub(super) async fn list_cited(
    log_id: LogId,
    units: Option<&[UnitKey]>,
    page: Page,
    connection: &mut SqliteConnection,
) -> Result<Vec<SqliteRow>, StoreError> {
    let kept = |name: &str| name != "units" || units.is_some();
    let statement = sqlx::query(AssertSqlSafe(filters::with_filters(CITED, kept)))
        .bind(log_id)
        .bind(units.map(|units| texts(units.iter().map(UnitKey::as_str))))
        .bind(signed(page.after)?)
        .bind(page.limit.min(LIST_LIMIT_MAX));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}
