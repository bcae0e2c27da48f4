//! Writing what a batch changes: a fixed number of statements, whatever its size, in one transaction with the checkpoint.

use super::json::Rows;
use crate::projections::beneficiaries::Folded;
use crate::projections::cell::{CellChanges, CellKey, Difference};
use crate::projections::desks::DeskRows;
use crate::projections::oversight::OversightRows;
use crate::projections::payments::{AttemptRow, Changes, PaymentRow, RowChange};
use crate::projections::{Projection, ProjectionError, block};
use crate::store::sqlite::{Lent, Parameters, RowsSql, fault, rows_query};
use crate::store::views::Step;
use crate::store::views::audit;
use crate::store::views::changes as notable;
use crate::store::views::decode::{Columns, corrupt};
use crate::store::views::encode::{self, RowValues};
use crate::store::{LogId, StoreError};
use jiff::civil::Date;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, HashMap};

static INSERT_PAYMENTS: RowsSql = RowsSql::new(include_str!("../../sql/payments_insert.sql"));
/// Payments of one statement, whose parameters SQLite bounds.
const CREATED_MAX: usize = 512;

/// A transaction on the writing connection. Undone when dropped: a caller that is cancelled must not leave it open for the next.
pub(super) struct Transaction<'a> {
    writer: Lent<'a>,
    log_id: LogId,
    open: bool,
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.writer.give_up();
        }
    }
}

impl<'a> Transaction<'a> {
    pub(super) async fn begin(writer: Lent<'a>, log_id: LogId) -> Result<Self, StoreError> {
        let mut transaction = Self { writer, log_id, open: true };
        sqlx::query(include_str!("../../sql/begin.sql"))
            .execute(&mut *transaction.writer)
            .await
            .map_err(|e| fault(&e))?;
        Ok(transaction)
    }

    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::query(include_str!("../../sql/commit.sql")).execute(&mut *self.writer).await.map_err(|e| fault(&e))?;
        self.open = false;
        Ok(())
    }

    fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.writer
    }

    /// Runs a statement whose second parameter are rows; nothing for no rows.
    pub(super) async fn rows(&mut self, sql: &'static str, rows: String) -> Result<(), StoreError> {
        if rows != "[]" {
            let statement = sqlx::query(sql).bind(self.log_id).bind(rows);
            statement.execute(self.connection()).await.map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    /// Moves the checkpoint, or fails when somebody else has.
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

    pub(super) async fn clear(&mut self, projection: Projection, tables: &[&'static str]) -> Result<(), StoreError> {
        for sql in tables.iter().copied() {
            sqlx::query(sql).bind(self.log_id).execute(self.connection()).await.map_err(|e| fault(&e))?;
        }
        let statement =
            sqlx::query(include_str!("../../sql/projections_clear.sql")).bind(self.log_id).bind(projection.name());
        statement.execute(self.connection()).await.map_err(|e| fault(&e))?;
        Ok(())
    }

    pub(super) async fn beneficiaries(&mut self, folded: &Folded) -> Result<(), StoreError> {
        let rows = Rows::of(&folded.rows, encode::beneficiary);
        self.rows(include_str!("../../sql/beneficiaries_upsert.sql"), rows).await?;
        let past = Rows::of(&folded.past, encode::past_counted);
        self.rows(include_str!("../../sql/beneficiary_past_insert.sql"), past).await
    }

    pub(super) async fn oversight(&mut self, rows: &OversightRows) -> Result<(), StoreError> {
        let recoveries = Rows::of(&rows.recoveries, encode::recovery);
        self.rows(include_str!("../../sql/recoveries_upsert.sql"), recoveries).await?;
        let approvals = Rows::of(&rows.approvals, encode::approval);
        self.rows(include_str!("../../sql/approvals_upsert.sql"), approvals).await?;
        let cited = Rows::of(&rows.cited, encode::cited);
        self.rows(include_str!("../../sql/cited_figures_insert.sql"), cited).await?;
        let audit = Rows::of(&rows.audit, audit::entry);
        self.rows(include_str!("../../sql/audit_entries_insert.sql"), audit).await
    }

    pub(super) async fn tree(&mut self, rows: String) -> Result<(), StoreError> {
        self.rows(include_str!("../../sql/tree_tiles_put.sql"), rows).await
    }

    pub(super) async fn desks(&mut self, rows: &DeskRows) -> Result<(), StoreError> {
        self.rows(include_str!("../../sql/desks_upsert.sql"), Rows::of(&rows.desks, encode::desk)).await?;
        self.rows(include_str!("../../sql/desk_days_upsert.sql"), Rows::of(&rows.days, encode::desk_day)).await
    }

    pub(super) async fn payments(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let chosen =
            |wanted: RowChange| changes.rows.iter().filter(move |(change, _)| *change == wanted).map(|(_, row)| row);
        let of = |wanted| Rows::of(chosen(wanted), encode::payment);
        self.created(chosen(RowChange::Created).collect()).await?;
        self.rows(
            include_str!("../../sql/payments_move.sql"),
            Rows::of(chosen(RowChange::Moved), encode::moved_payment),
        )
        .await?;
        self.rows(include_str!("../../sql/payments_correct.sql"), of(RowChange::Corrected)).await?;
        // Their ids are random: in the order of the key each page of the tree is visited once.
        let mut attempts: Vec<&AttemptRow> = changes.attempts.iter().collect();
        attempts.sort_unstable_by_key(|row| row.end_to_end_id.as_str());
        let attempts = Rows::of(attempts, encode::attempt);
        self.rows(include_str!("../../sql/payment_attempts_insert.sql"), attempts).await?;
        let closed = Rows::of(&changes.closed, encode::closed);
        self.rows(include_str!("../../sql/live_payments_close.sql"), closed).await?;
        let opened = Rows::of(&changes.opened, encode::live);
        self.rows(include_str!("../../sql/live_payments_insert.sql"), opened).await?;
        let past = Rows::of(&changes.past, encode::payment_past);
        self.rows(include_str!("../../sql/payment_past_insert.sql"), past).await?;
        let notable = Rows::of(&changes.notable, notable::change);
        self.rows(include_str!("../../sql/payment_changes_insert.sql"), notable).await?;
        let refusals = Rows::of(&changes.identity_refusals, encode::identity_refusal);
        self.rows(include_str!("../../sql/identity_refusals_insert.sql"), refusals).await?;
        self.rows(include_str!("../../sql/business_days_put.sql"), Rows::of(&changes.days, encode::business_day))
            .await?;
        let cells = self.cells(&changes.cells).await?;
        self.differences(changes, &cells).await
    }

    /// New payments have many columns: as parameters they cost half of what taking them out of JSON does.
    async fn created(&mut self, rows: Vec<&PaymentRow>) -> Result<(), StoreError> {
        for some in rows.chunks(CREATED_MAX) {
            let log_id = self.log_id;
            let bind = |p: &mut Parameters, row: &&PaymentRow| encode::payment(row, p);
            let query = rows_query(&INSERT_PAYMENTS, some.iter(), |p| p.add(log_id), bind, |_| {})?;
            query.execute(self.connection()).await.map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    /// Adds the batch's totals to the cells, numbering new ones in order; gives the number of each of the batch's cells.
    async fn cells(&mut self, changes: &CellChanges) -> Result<Vec<i64>, StoreError> {
        let known = self.known_cells(&changes.cells).await?;
        let sql = include_str!("../../sql/figure_cells_last.sql");
        let last = sqlx::query(sql).bind(self.log_id).fetch_one(self.connection()).await.map_err(|e| fault(&e))?;
        let mut last = Columns::of(&last).number()?;
        let (mut new, mut old) = (Rows::new(), BTreeMap::new());
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
        self.rows(include_str!("../../sql/figure_cells_insert.sql"), new.finish()).await?;
        let old = Rows::of(&old.into_iter().collect::<Vec<_>>(), |(number, total), v| {
            v.number(*number).number(total.count).number(total.amount_minor);
        });
        self.rows(include_str!("../../sql/figure_cells_add.sql"), old).await?;
        Ok(numbers)
    }

    async fn known_cells(&mut self, keys: &[CellKey]) -> Result<HashMap<usize, i64>, StoreError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = sqlx::query(include_str!("../../sql/figure_cells_find.sql"));
        let statement = statement.bind(self.log_id).bind(Rows::of(keys, encode::cell_key));
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
        let by_day = Rows::of(&by_day.into_iter().collect::<Vec<_>>(), |((cell, day), sum), v| {
            v.number(*cell).date(Some(*day)).number(sum.count).number(sum.amount_minor);
        });
        self.rows(include_str!("../../sql/figure_days_add.sql"), by_day).await?;
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
        let blocks = Rows::of(&blocks.into_iter().collect::<Vec<_>>(), |(number, bytes), v| {
            v.number(*number).bytes(bytes);
        });
        self.rows(include_str!("../../sql/figure_blocks_put.sql"), blocks).await?;
        let cycles = Rows::of(&changes.cycles().into_iter().collect::<Vec<_>>(), encode::figure_cycle);
        self.rows(include_str!("../../sql/figure_cycles_put.sql"), cycles).await?;
        let blocks = Rows::of(&changes.cycle_blocks(), encode::figure_cycle);
        self.rows(include_str!("../../sql/figure_cycle_blocks_put.sql"), blocks).await
    }
}

/// Blocks by number, from the first to the last.
pub(super) async fn read_blocks(
    log_id: LogId,
    first: u64,
    last: u64,
    connection: &mut SqliteConnection,
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

/// SQLite's integers are signed; positions stay far below.
pub(super) fn signed(position: u64) -> Result<i64, StoreError> {
    i64::try_from(position).map_err(corrupt)
}
