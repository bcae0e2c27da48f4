//! Writing what a batch changes: a fixed number of statements, whatever its size, in one transaction with the checkpoint.

use crate::projections::beneficiaries::Folded;
use crate::projections::cell::{CellChanges, CellKey, Difference};
use crate::projections::desks::DeskRows;
use crate::projections::oversight::OversightRows;
use crate::projections::payments::{Changes, RowChange};
use crate::projections::{Projection, ProjectionError, block};
use crate::store::postgres::{self, Arrays, fault};
use crate::store::views::Step;
use crate::store::views::audit;
use crate::store::views::changes as notable;
use crate::store::views::decode::{Columns, corrupt};
use crate::store::views::digest;
use crate::store::views::encode::{self, RowValues};
use crate::store::{LogId, StoreError};
use jiff::civil::Date;
use sqlx::{PgConnection, PgPool, Postgres};
use std::collections::{BTreeMap, HashMap};

impl RowValues for Arrays {
    fn text(&mut self, value: &str) -> &mut Self {
        Self::text(self, value)
    }

    fn maybe(&mut self, value: Option<&str>) -> &mut Self {
        self.maybe_text(value)
    }

    fn number(&mut self, value: impl Into<i128>) -> &mut Self {
        Self::number(self, wide(value))
    }

    fn maybe_number(&mut self, value: Option<impl Into<i128>>) -> &mut Self {
        Self::maybe_number(self, value.map(wide))
    }

    fn bytes(&mut self, value: &[u8]) -> &mut Self {
        Self::bytes(self, value)
    }
}

/// What is beyond the range is beyond any log's end too.
fn wide(value: impl Into<i128>) -> i64 {
    i64::try_from(value.into()).unwrap_or(i64::MAX)
}

/// A transaction of a projection. Undone when dropped.
pub(super) struct Transaction {
    inner: sqlx::Transaction<'static, Postgres>,
    log_id: LogId,
}

impl Transaction {
    pub(super) async fn begin(pool: &PgPool, log_id: LogId) -> Result<Self, StoreError> {
        let begin = include_str!("../../sql/postgres/begin.sql");
        let inner = postgres::retried(|| async {
            let mut inner = pool.begin_with(begin).await.map_err(|e| fault(&e))?;
            let set = sqlx::query(include_str!("../../sql/postgres/set_projection.sql"));
            set.execute(&mut *inner).await.map_err(|e| fault(&e))?;
            Ok(inner)
        });
        Ok(Self { inner: inner.await?, log_id })
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(|e| fault(&e))
    }

    fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Runs a statement over rows; nothing for no rows.
    pub(super) async fn rows(&mut self, sql: &'static str, rows: Arrays) -> Result<(), StoreError> {
        if !rows.is_empty() {
            let statement = postgres::query_rows(sql, self.log_id, rows)?;
            statement.execute(self.connection()).await.map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    /// Moves the checkpoint, or fails when another server has: the row's lock makes the two come one after the other.
    pub(super) async fn advance(&mut self, name: &'static str, step: Step) -> Result<(), StoreError> {
        let statement = sqlx::query(include_str!("../../sql/projections_advance.sql"))
            .bind(self.log_id)
            .bind(name)
            .bind(signed(step.to.position)?)
            .bind(step.to.recorded_at_us)
            .bind(signed(step.from.position)?);
        let moved = statement.fetch_optional(self.connection()).await.map_err(|e| fault(&e))?;
        let gone = || StoreError::Rejected(format!("the projection {name} is not at {}", step.from.position));
        moved.map(|_| ()).ok_or_else(gone)
    }

    pub(super) async fn note_error(
        &mut self,
        projection: Projection,
        error: &ProjectionError,
    ) -> Result<(), StoreError> {
        let statement = sqlx::query(include_str!("../../sql/projections_fail.sql"))
            .bind(self.log_id)
            .bind(projection.name())
            .bind(signed(error.position)?)
            .bind(error.cause.to_string());
        statement.execute(self.connection()).await.map_err(|e| fault(&e))?;
        Ok(())
    }

    /// The checkpoint goes first: its row's lock is then held, and whoever wrote from it has ended.
    pub(super) async fn clear(&mut self, projection: Projection) -> Result<(), StoreError> {
        let statement =
            sqlx::query(include_str!("../../sql/projections_clear.sql")).bind(self.log_id).bind(projection.name());
        statement.execute(self.connection()).await.map_err(|e| fault(&e))?;
        for table in digest::tables(projection) {
            sqlx::query(table.clear).bind(self.log_id).execute(self.connection()).await.map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    pub(super) async fn beneficiaries(&mut self, folded: &Folded) -> Result<(), StoreError> {
        let rows = Arrays::of(&folded.rows, encode::beneficiary);
        self.rows(include_str!("../../sql/postgres/beneficiaries_upsert.sql"), rows).await?;
        let past = Arrays::of(&folded.past, encode::past_counted);
        self.rows(include_str!("../../sql/postgres/beneficiary_past_insert.sql"), past).await
    }

    pub(super) async fn oversight(&mut self, rows: &OversightRows) -> Result<(), StoreError> {
        let recoveries = Arrays::of(&rows.recoveries, encode::recovery);
        self.rows(include_str!("../../sql/postgres/recoveries_upsert.sql"), recoveries).await?;
        let approvals = Arrays::of(&rows.approvals, encode::approval);
        self.rows(include_str!("../../sql/postgres/approvals_upsert.sql"), approvals).await?;
        let cited = Arrays::of(&rows.cited, encode::cited);
        self.rows(include_str!("../../sql/postgres/cited_figures_insert.sql"), cited).await?;
        let audit = Arrays::of(&rows.audit, audit::entry);
        self.rows(include_str!("../../sql/postgres/audit_entries_insert.sql"), audit).await
    }

    pub(super) async fn tree(&mut self, rows: Arrays) -> Result<(), StoreError> {
        self.rows(include_str!("../../sql/postgres/tree_tiles_put.sql"), rows).await
    }

    pub(super) async fn desks(&mut self, rows: &DeskRows) -> Result<(), StoreError> {
        let desks = Arrays::of(&rows.desks, encode::desk);
        self.rows(include_str!("../../sql/postgres/desks_upsert.sql"), desks).await?;
        let days = Arrays::of(&rows.days, encode::desk_day);
        self.rows(include_str!("../../sql/postgres/desk_days_upsert.sql"), days).await
    }

    pub(super) async fn payments(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let chosen =
            |wanted: RowChange| changes.rows.iter().filter(move |(change, _)| *change == wanted).map(|(_, row)| row);
        let created = Arrays::of(chosen(RowChange::Created), encode::payment);
        self.rows(include_str!("../../sql/postgres/payments_insert.sql"), created).await?;
        let moved = Arrays::of(chosen(RowChange::Moved), encode::moved_payment);
        self.rows(include_str!("../../sql/postgres/payments_move.sql"), moved).await?;
        let corrected = Arrays::of(chosen(RowChange::Corrected), encode::payment);
        self.rows(include_str!("../../sql/postgres/payments_correct.sql"), corrected).await?;
        let attempts = Arrays::of(&changes.attempts, encode::attempt);
        self.rows(include_str!("../../sql/postgres/payment_attempts_insert.sql"), attempts).await?;
        let closed = Arrays::of(&changes.closed, encode::closed);
        self.rows(include_str!("../../sql/postgres/live_payments_close.sql"), closed).await?;
        let opened = Arrays::of(&changes.opened, encode::live);
        self.rows(include_str!("../../sql/postgres/live_payments_insert.sql"), opened).await?;
        let past = Arrays::of(&changes.past, encode::payment_past);
        self.rows(include_str!("../../sql/postgres/payment_past_insert.sql"), past).await?;
        let notable = Arrays::of(&changes.notable, notable::change);
        self.rows(include_str!("../../sql/postgres/payment_changes_insert.sql"), notable).await?;
        let refusals = Arrays::of(&changes.identity_refusals, encode::identity_refusal);
        self.rows(include_str!("../../sql/postgres/identity_refusals_insert.sql"), refusals).await?;
        let days = Arrays::of(&changes.days, encode::business_day);
        self.rows(include_str!("../../sql/postgres/business_days_put.sql"), days).await?;
        let cells = self.cells(&changes.cells).await?;
        self.differences(changes, &cells).await
    }

    /// Adds the batch's totals to the cells, numbering new ones in order; gives the number of each of the batch's cells.
    async fn cells(&mut self, changes: &CellChanges) -> Result<Vec<i64>, StoreError> {
        let known = self.known_cells(&changes.cells).await?;
        let sql = include_str!("../../sql/figure_cells_last.sql");
        let last = sqlx::query(sql).bind(self.log_id).fetch_one(self.connection()).await.map_err(|e| fault(&e))?;
        let mut last = Columns::of(&last).number()?;
        let (mut new, mut old) = (Arrays::default(), BTreeMap::new());
        let mut numbers = Vec::with_capacity(changes.cells.len());
        for (index, (key, total)) in changes.cells.iter().zip(changes.totals()).enumerate() {
            let number = known.get(&index).copied().unwrap_or_else(|| {
                last += 1;
                new.row(|v| {
                    encode::cell_key(key, v);
                    v.number(last).number(total.count).number(total.amount_minor);
                });
                last
            });
            if known.contains_key(&index) && !total.is_zero() {
                old.insert(number, total);
            }
            numbers.push(number);
        }
        self.rows(include_str!("../../sql/postgres/figure_cells_insert.sql"), new).await?;
        let old = Arrays::of(old, |(number, total), v| {
            v.number(number).number(total.count).number(total.amount_minor);
        });
        self.rows(include_str!("../../sql/postgres/figure_cells_add.sql"), old).await?;
        Ok(numbers)
    }

    async fn known_cells(&mut self, keys: &[CellKey]) -> Result<HashMap<usize, i64>, StoreError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = include_str!("../../sql/postgres/figure_cells_find.sql");
        let statement = postgres::query_rows(sql, self.log_id, Arrays::of(keys, encode::cell_key))?;
        let rows = statement.fetch_all(self.connection()).await.map_err(|e| fault(&e))?;
        let mut known = HashMap::with_capacity(rows.len());
        for row in &rows {
            let mut columns = Columns::of(row);
            known.insert(usize::try_from(columns.number()?).map_err(corrupt)?, columns.number()?);
        }
        Ok(known)
    }

    async fn differences(&mut self, changes: &Changes, cells: &[i64]) -> Result<(), StoreError> {
        let mut by_day: BTreeMap<(i64, Date), Difference> = BTreeMap::new();
        let mut days = changes.days.iter().peekable();
        for entry in &changes.cells.differences {
            while days.next_if(|day| day.last_position < entry.position).is_some() {}
            if let Some(day) = days.peek() {
                let sum = by_day.entry((cells[entry.cell], day.day)).or_default();
                *sum = sum.plus(entry.difference);
            }
        }
        let by_day = Arrays::of(by_day, |((cell, day), sum), v| {
            v.number(cell).date(Some(day)).number(sum.count).number(sum.amount_minor);
        });
        self.rows(include_str!("../../sql/postgres/figure_days_add.sql"), by_day).await?;
        self.blocks(&changes.cells, cells).await
    }

    /// Packs the differences by position. Only the first block of a batch can have been begun by an earlier one.
    async fn blocks(&mut self, changes: &CellChanges, cells: &[i64]) -> Result<(), StoreError> {
        let Some(first) = changes.differences.first() else { return Ok(()) };
        let first = block::block_of(first.position);
        let mut blocks: BTreeMap<u64, Vec<u8>> = read_blocks(self.log_id, first, first, self.connection()).await?;
        for entries in changes.differences.chunk_by(|a, b| a.position == b.position) {
            let position = entries[0].position;
            let packed: Vec<(i64, Difference)> =
                entries.iter().map(|entry| (cells[entry.cell], entry.difference)).collect();
            block::append(blocks.entry(block::block_of(position)).or_default(), position, &packed);
        }
        let blocks = Arrays::of(blocks, |(number, bytes), v| _ = v.number(wide(number)).bytes(&bytes));
        self.rows(include_str!("../../sql/postgres/figure_blocks_put.sql"), blocks).await?;
        let cycles = Arrays::of(changes.cycles(), |one, v| encode::figure_cycle(&one, v));
        self.rows(include_str!("../../sql/postgres/figure_cycles_put.sql"), cycles).await?;
        let blocks = Arrays::of(changes.cycle_blocks(), |one, v| encode::figure_cycle(&one, v));
        self.rows(include_str!("../../sql/postgres/figure_cycle_blocks_put.sql"), blocks).await
    }
}

/// Blocks by number, from the first to the last.
pub(super) async fn read_blocks(
    log_id: LogId,
    first: u64,
    last: u64,
    connection: &mut PgConnection,
) -> Result<BTreeMap<u64, Vec<u8>>, StoreError> {
    let statement = sqlx::query(include_str!("../../sql/figure_blocks_get.sql"));
    let statement = statement.bind(log_id).bind(signed(first)?).bind(signed(last)?);
    let rows = statement.fetch_all(connection).await.map_err(|e| fault(&e))?;
    let mut blocks = BTreeMap::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        blocks.insert(columns.unsigned()?, columns.bytes()?.to_vec());
    }
    Ok(blocks)
}

/// The database's integers are signed; positions stay far below.
pub(super) fn signed(position: u64) -> Result<i64, StoreError> {
    i64::try_from(position).map_err(corrupt)
}
