//! Lists of recoveries, approvals and cited figures on PostgreSQL.

use super::progress;
use super::write::signed;
use crate::domain::ids::UnitKey;
use crate::projections::Projection;
use crate::projections::oversight::{ApprovalRow, CitedRow, RecoveryRow};
use crate::store::postgres::{PostgresStore, fault, retried};
use crate::store::views::decode::Columns;
use crate::store::views::{ApprovalFilter, LIST_LIMIT_MAX, Page, RecoveryFilter, Snapshot, filters};
use crate::store::{LogId, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection};

const RECOVERIES: &str = include_str!("../../sql/postgres/recoveries_list.sql");
const APPROVALS: &str = include_str!("../../sql/postgres/approvals_list.sql");
const CITED: &str = include_str!("../../sql/postgres/cited_figures_list.sql");

fn keys(units: Option<&Vec<UnitKey>>) -> Option<Vec<&str>> {
    units.map(|units| units.iter().map(UnitKey::as_str).collect())
}

async fn list_recoveries(
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

async fn list_approvals(
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

async fn list_cited(
    log_id: LogId,
    units: Option<&[UnitKey]>,
    page: Page,
    connection: &mut PgConnection,
) -> Result<Vec<PgRow>, StoreError> {
    let kept = |name: &str| name != "units" || units.is_some();
    let statement = sqlx::query(AssertSqlSafe(filters::with_filters(CITED, kept)))
        .bind(log_id)
        .bind(units.map(|units| units.iter().map(UnitKey::as_str).collect::<Vec<_>>()))
        .bind(signed(page.after)?)
        .bind(i64::from(page.limit.min(LIST_LIMIT_MAX)));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}

pub(super) async fn recoveries(
    store: &PostgresStore,
    filter: &RecoveryFilter,
    page: Page,
) -> Result<Snapshot<Vec<RecoveryRow>>, StoreError> {
    retried(|| async {
        let mut snapshot = store.snapshot().await?;
        let checkpoint = progress(store.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let rows = list_recoveries(store.log_id(), filter, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).recovery()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    })
    .await
}

pub(super) async fn approvals(
    store: &PostgresStore,
    filter: &ApprovalFilter,
    page: Page,
) -> Result<Snapshot<Vec<ApprovalRow>>, StoreError> {
    retried(|| async {
        let mut snapshot = store.snapshot().await?;
        let checkpoint = progress(store.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let rows = list_approvals(store.log_id(), filter, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).approval()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    })
    .await
}

pub(super) async fn cited_figures(
    store: &PostgresStore,
    units: Option<&[UnitKey]>,
    page: Page,
) -> Result<Snapshot<Vec<CitedRow>>, StoreError> {
    retried(|| async {
        let mut snapshot = store.snapshot().await?;
        let checkpoint = progress(store.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let rows = list_cited(store.log_id(), units, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).cited()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    })
    .await
}
