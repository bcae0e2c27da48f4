//! The cube of figures in SQLite, for slices that are kept in memory: which positions changed a cycle, and its cells then.

use super::figures;
use super::json::Rows;
use super::write::signed;
use crate::domain::period::Month;
use crate::projections::block::{self, Between};
use crate::projections::cell::Tally;
use crate::projections::figures::{CellRow, FigureRead, Source};
use crate::projections::{Checkpoint, Projection};
use crate::store::sqlite::{SqliteStore, fault};
use crate::store::views::Snapshot;
use crate::store::views::decode::{Columns, corrupt};
use crate::store::views::encode::RowValues;
use crate::store::views::kept::{self, Cells, Changes, Cube, State};
use crate::store::{LogId, StoreError};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use jiff::civil::Date;
use sqlx::SqliteConnection;

/// Answers reads, from what is kept where that is enough.
pub(super) async fn answer(
    store: &SqliteStore,
    reads: &[FigureRead],
) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError> {
    let log_id = store.log_id();
    if reads.iter().all(|read| read.source == Source::Cells) {
        let mut connection = store.views_reader().acquire().await.map_err(|e| fault(&e))?;
        let (state, checkpoint) = state(log_id, &mut connection).await?;
        if let Some(answer) = store.kept().remembered(state, reads) {
            return Ok(Snapshot { checkpoint, answer });
        }
    }
    let mut snapshot = store.views_reader().begin().await.map_err(|e| fault(&e))?;
    let (state, checkpoint) = state(log_id, &mut snapshot).await?;
    let mut answer = Vec::with_capacity(reads.len());
    for read in reads {
        let mut cube = Reading { log_id, connection: &mut snapshot };
        answer.push(match read.source {
            Source::Cells => kept::answer(store.kept(), state, read, &mut cube).await?,
            _ => figures::read((log_id, state.position), read, cube.connection).await?,
        });
    }
    Ok(Snapshot { checkpoint, answer })
}

async fn state(log_id: LogId, connection: &mut SqliteConnection) -> Result<(State, Checkpoint), StoreError> {
    let statement = sqlx::query(include_str!("../../sql/projections_get.sql"));
    let statement = statement.bind(log_id).bind(Projection::Payments.name());
    let row = statement.fetch_optional(connection).await.map_err(|e| fault(&e))?;
    row.as_ref().map_or(Ok((State::default(), Checkpoint::default())), |row| Columns::of(row).state())
}

struct Reading<'c> {
    log_id: LogId,
    connection: &'c mut SqliteConnection,
}

fn tallies_of(tallies: &[Tally]) -> String {
    Rows::list(|v| tallies.iter().for_each(|tally| _ = v.text(tally.as_str())))
}

fn cycles_of(cycles: &[Month]) -> String {
    Rows::list(|v| cycles.iter().for_each(|cycle| _ = v.text(&cycle.to_string())))
}

#[async_trait]
impl Cube for Reading<'_> {
    async fn changes(&mut self) -> Result<Changes, StoreError> {
        let statement = sqlx::query(include_str!("../../sql/figure_cycles_get.sql")).bind(self.log_id);
        let rows = statement.fetch_all(&mut *self.connection).await.map_err(|e| fault(&e))?;
        rows.iter().map(|row| Columns::of(row).cycle_change()).collect()
    }

    async fn last_of(&mut self, day: Date) -> Result<u64, StoreError> {
        let statement = sqlx::query(include_str!("../../sql/business_days_until.sql")).bind(self.log_id);
        let row = statement.bind(day.to_string()).fetch_one(&mut *self.connection).await.map_err(|e| fault(&e))?;
        Columns::of(&row).unsigned()
    }

    async fn cells(&mut self, tallies: &[Tally], cycles: &[Month]) -> Result<Cells, StoreError> {
        let statement = sqlx::query(include_str!("../../sql/figure_cells_of.sql")).bind(self.log_id);
        let statement = statement.bind(tallies_of(tallies)).bind(cycles_of(cycles));
        let rows = statement.fetch_all(&mut *self.connection).await.map_err(|e| fault(&e))?;
        kept::by_cycle(rows.iter().map(|row| Columns::of(row).cell()))
    }

    async fn cells_at(&mut self, tallies: &[Tally], cycles: &[Month], position: u64) -> Result<Cells, StoreError> {
        let Some((before_day, later)) = self.parts(cycles, position).await? else { return Ok(Cells::new()) };
        let statement = sqlx::query(include_str!("../../sql/figure_cells_before.sql")).bind(self.log_id);
        let statement = statement.bind(tallies_of(tallies)).bind(cycles_of(cycles)).bind(before_day);
        let rows = statement.fetch_all(&mut *self.connection).await.map_err(|e| fault(&e))?;
        kept::by_cycle(rows.iter().map(|row| Columns::of(row).cell_before(&later)))
    }
}

impl Reading<'_> {
    /// The day before which days count whole, and the differences from it to a position; `None` before the first day.
    async fn parts(&mut self, cycles: &[Month], position: u64) -> Result<Option<(String, Between)>, StoreError> {
        let statement = sqlx::query(include_str!("../../sql/business_days_at.sql")).bind(self.log_id);
        let statement = statement.bind(signed(position)?);
        let Some(row) = statement.fetch_optional(&mut *self.connection).await.map_err(|e| fault(&e))? else {
            return Ok(None);
        };
        let mut columns = Columns::of(&row);
        let (day, first) = (columns.text()?.to_owned(), columns.unsigned()?);
        let mut later = Between::new(first, position);
        let statement = sqlx::query(include_str!("../../sql/figure_blocks_of.sql")).bind(self.log_id);
        let statement = statement.bind(cycles_of(cycles));
        let statement = statement.bind(signed(block::block_of(first))?).bind(signed(block::block_of(position))?);
        let mut blocks = statement.fetch(&mut *self.connection);
        while let Some(row) = blocks.try_next().await.map_err(|e| fault(&e))? {
            let mut columns = Columns::of(&row);
            let number = columns.unsigned()?;
            later.add(number, columns.bytes()?).map_err(corrupt)?;
        }
        drop(blocks);
        Ok(Some((day, later)))
    }
}
