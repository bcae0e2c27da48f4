//! The store of projections' rows on SQLite. Statements are in `store/sql`; rows go in and keys are asked for as JSON arrays.

mod attempts;
mod audit;
mod changes;
mod cube;
mod digest;
mod figures;
mod inbox;
mod json;
mod lists;
mod oversight;
mod parameters;
mod people;
mod write;

use super::decode::Columns;
use super::digest::tables;
use super::encode::{self, RowValues};
use super::{
    ApprovalFilter, FoundAttempt, LIST_LIMIT_MAX, Page, PaymentFilter, PeopleFilter, Progress, RecoveryFilter,
    Snapshot, Step, TableDigest, ViewStore, filters,
};
use crate::domain::ids::{
    ApprovalId, BankId, BeneficiaryId, BenefitType, ChannelCode, DeskId, EndToEndId, PaymentId, PaymentReference,
    RecoveryId, UnitKey,
};
use crate::projections::beneficiaries::{BeneficiaryRow, Folded};
use crate::projections::desks::{DeskDayRow, DeskRow, DeskRows};
use crate::projections::figures::{CellRow, FigureRead};
use crate::projections::identity::{IdentityCell, IdentityRead};
use crate::projections::oversight::{ApprovalRow, CitedRow, OversightRows, RecoveryRow};
use crate::projections::payments::{Changes, LiveRow, PaymentRow, Person};
use crate::projections::{Checkpoint, Projection, ProjectionError};
use crate::proof::tile::{TileId, Tiles};
use crate::store::sqlite::{SqliteStore, fault};
use crate::store::{LogId, StoreError};
use async_trait::async_trait;
use json::Rows;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, SqliteConnection};
use write::Transaction;

const LIST_PAYMENTS: &str = include_str!("../../sql/payments_list.sql");
const IDENTITY_FIGURES: &str = include_str!("../../sql/identity_figures.sql");
const LIST_BENEFICIARIES: &str = include_str!("../../sql/beneficiaries_list.sql");
const LIST_DESKS: &str = include_str!("../../sql/desks_list.sql");

#[async_trait]
impl ViewStore for SqliteStore {
    async fn progress(&self, projection: Projection) -> Result<Progress, StoreError> {
        let mut connection = self.views_reader().acquire().await.map_err(|e| fault(&e))?;
        progress(self.log_id(), projection.name(), &mut connection).await
    }

    async fn apply_payments(&self, changes: &Changes, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.advance(Projection::Payments.name(), step).await?;
        transaction.payments(changes).await?;
        transaction.commit().await
    }

    async fn apply_beneficiaries(&self, folded: &Folded, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.advance(Projection::Beneficiaries.name(), step).await?;
        transaction.beneficiaries(folded).await?;
        transaction.commit().await
    }

    async fn apply_tree(&self, tiles: &Tiles, step: Step) -> Result<(), StoreError> {
        let rows = Rows::of(&tiles.iter().collect::<Vec<_>>(), |(id, bytes), v| encode::tile(**id, bytes, v));
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.advance(Projection::Tree.name(), step).await?;
        transaction.tree(rows).await?;
        transaction.commit().await
    }

    fn log_number(&self) -> LogId {
        self.log_id()
    }

    async fn tree_tiles(&self, tiles: &[TileId]) -> Result<Tiles, StoreError> {
        let mut connection = self.views_reader().acquire().await.map_err(|e| fault(&e))?;
        let mut found = Tiles::new();
        for id in tiles {
            let statement = sqlx::query(include_str!("../../sql/tree_tiles_get.sql")).bind(self.log_id());
            let statement = statement.bind(i64::from(id.level)).bind(write::signed(id.number)?);
            let row = statement.fetch_optional(&mut *connection).await.map_err(|e| fault(&e))?;
            if let Some(row) = row {
                found.insert(*id, Columns::of(&row).bytes()?.to_vec());
            }
        }
        Ok(found)
    }

    async fn apply_desks(&self, rows: &DeskRows, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.advance(Projection::Desks.name(), step).await?;
        transaction.desks(rows).await?;
        transaction.commit().await
    }

    async fn note_error(&self, projection: Projection, error: &ProjectionError) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.note_error(projection, error).await?;
        transaction.commit().await
    }

    async fn clear(&self, projection: Projection) -> Result<(), StoreError> {
        let tables: Vec<&'static str> = tables(projection).iter().map(|table| table.clear).collect();
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.clear(projection, &tables).await?;
        transaction.commit().await
    }

    async fn digests(&self, projection: Projection) -> Result<Snapshot<Vec<TableDigest>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), projection.name(), &mut snapshot).await?.checkpoint;
        let mut digests = Vec::new();
        for table in tables(projection) {
            digests.push(digest::digest(self.log_id(), table, &mut snapshot).await?);
        }
        Ok(Snapshot { checkpoint, answer: digests })
    }

    async fn live_payments(&self, people: &[Person]) -> Result<Vec<LiveRow>, StoreError> {
        let keys = Rows::of(people, |(cycle, beneficiary), v| {
            v.text(&cycle.to_string()).id(beneficiary.as_uuid());
        });
        self.find(include_str!("../../sql/live_payments_open.sql"), keys, |row| Columns::of(row).live()).await
    }

    async fn payments(&self, ids: &[PaymentId]) -> Result<Vec<PaymentRow>, StoreError> {
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.id(id.as_uuid())));
        self.find(include_str!("../../sql/payments_by_id.sql"), keys, |row| Columns::of(row).payment()).await
    }

    async fn payments_in_trouble_of(&self, people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError> {
        let keys = Rows::list(|v| people.iter().for_each(|id| _ = v.id(id.as_uuid())));
        let sql = include_str!("../../sql/payments_in_trouble_of.sql");
        self.find(sql, keys, |row| Columns::of(row).payment()).await
    }

    async fn payments_by_reference(&self, references: &[PaymentReference]) -> Result<Vec<PaymentRow>, StoreError> {
        let keys = Rows::list(|v| references.iter().for_each(|reference| _ = v.text(reference.as_str())));
        self.find(include_str!("../../sql/payments_by_reference.sql"), keys, |row| Columns::of(row).payment()).await
    }

    async fn attempts_by_end_to_end_id(&self, ids: &[EndToEndId]) -> Result<Vec<FoundAttempt>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.text(id.as_str())));
        let query = sqlx::query(include_str!("../../sql/attempts_by_end_to_end_id.sql")).bind(self.log_id()).bind(keys);
        let mut connection = self.views_lookups().await?;
        let row = query.fetch_one(&mut *connection).await;
        attempts::decode(&row.map_err(|error| {
            connection.give_up();
            fault(&error)
        })?)
    }

    async fn list_payments(&self, filter: &PaymentFilter, page: Page) -> Result<Snapshot<Vec<PaymentRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Payments.name(), &mut snapshot).await?.checkpoint;
        let rows = list_payments(self.log_id(), filter, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).payment()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }

    async fn beneficiaries(&self, ids: &[BeneficiaryId]) -> Result<Vec<BeneficiaryRow>, StoreError> {
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.id(id.as_uuid())));
        if keys == "[]" {
            return Ok(Vec::new());
        }
        let statement = sqlx::query(include_str!("../../sql/beneficiaries_by_id.sql")).bind(self.log_id()).bind(keys);
        people::decode(&statement.fetch_one(self.views_reader()).await.map_err(|e| fault(&e))?)
    }

    async fn list_beneficiaries(
        &self,
        filter: &PeopleFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<BeneficiaryRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Beneficiaries.name(), &mut snapshot).await?.checkpoint;
        let texts = |values: &mut dyn Iterator<Item = &str>| Rows::list(|v| values.for_each(|value| _ = v.text(value)));
        let statement = sqlx::query(AssertSqlSafe(filters::list_people(LIST_BENEFICIARIES, filter)))
            .bind(self.log_id())
            .bind(filter.units.as_ref().map(|units| texts(&mut units.iter().map(UnitKey::as_str))))
            .bind(texts(&mut filter.channels.iter().map(ChannelCode::as_str)))
            .bind(texts(&mut filter.identity.iter().map(|status| status.as_str())))
            .bind(filter.authorised_until.map(|(from, _)| from.to_string()))
            .bind(filter.authorised_until.map(|(_, before)| before.to_string()))
            .bind(write::signed(page.after)?)
            .bind(page.limit.min(LIST_LIMIT_MAX));
        let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
        let answer = rows.iter().map(|row| Columns::of(row).beneficiary()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }

    async fn recoveries(&self, ids: &[RecoveryId]) -> Result<Vec<RecoveryRow>, StoreError> {
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.id(id.as_uuid())));
        self.find(include_str!("../../sql/recoveries_by_id.sql"), keys, |row| Columns::of(row).recovery()).await
    }

    async fn approvals(&self, ids: &[ApprovalId]) -> Result<Vec<ApprovalRow>, StoreError> {
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.id(id.as_uuid())));
        self.find(include_str!("../../sql/approvals_by_id.sql"), keys, |row| Columns::of(row).approval()).await
    }

    async fn list_recoveries(
        &self,
        filter: &RecoveryFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<RecoveryRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let rows = oversight::list_recoveries(self.log_id(), filter, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).recovery()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }

    async fn list_approvals(
        &self,
        filter: &ApprovalFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<ApprovalRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let rows = oversight::list_approvals(self.log_id(), filter, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).approval()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }

    async fn list_cited_figures(
        &self,
        units: Option<&[UnitKey]>,
        page: Page,
    ) -> Result<Snapshot<Vec<CitedRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Oversight.name(), &mut snapshot).await?.checkpoint;
        let rows = oversight::list_cited(self.log_id(), units, page, &mut snapshot).await?;
        let answer = rows.iter().map(|row| Columns::of(row).cited()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }

    async fn dead_beneficiaries(&self) -> Result<Vec<BeneficiaryId>, StoreError> {
        let statement = sqlx::query(include_str!("../../sql/beneficiaries_dead.sql")).bind(self.log_id());
        let rows = statement.fetch_all(self.views_reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(|row| Columns::of(row).beneficiary_id()).collect()
    }

    async fn marked(&self, name: &'static str) -> Result<Checkpoint, StoreError> {
        let mut connection = self.views_reader().acquire().await.map_err(|e| fault(&e))?;
        Ok(progress(self.log_id(), name, &mut connection).await?.checkpoint)
    }

    async fn apply_oversight(&self, rows: &OversightRows, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.advance(Projection::Oversight.name(), step).await?;
        transaction.oversight(rows).await?;
        transaction.commit().await
    }

    async fn mark(&self, name: &'static str, step: Step) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(self.views_writer().await?, self.log_id()).await?;
        transaction.advance(name, step).await?;
        transaction.commit().await
    }

    async fn desks(&self, ids: &[DeskId]) -> Result<Vec<DeskRow>, StoreError> {
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.id(id.as_uuid())));
        self.find(include_str!("../../sql/desks_by_id.sql"), keys, |row| Columns::of(row).desk()).await
    }

    async fn desk_days(&self, ids: &[DeskId]) -> Result<Vec<DeskDayRow>, StoreError> {
        let keys = Rows::list(|v| ids.iter().for_each(|id| _ = v.id(id.as_uuid())));
        self.find(include_str!("../../sql/desk_days_by_desk.sql"), keys, |row| Columns::of(row).desk_day()).await
    }

    async fn list_desks(&self, units: Option<&[UnitKey]>, page: Page) -> Result<Snapshot<Vec<DeskRow>>, StoreError> {
        let mut snapshot = self.views_reader().begin().await.map_err(|e| fault(&e))?;
        let checkpoint = progress(self.log_id(), Projection::Desks.name(), &mut snapshot).await?.checkpoint;
        let units = units.map(|units| Rows::list(|v| units.iter().for_each(|unit| _ = v.text(unit.as_str()))));
        let kept = |name: &str| name != "units" || units.is_some();
        let statement = sqlx::query(AssertSqlSafe(filters::with_filters(LIST_DESKS, kept)))
            .bind(self.log_id())
            .bind(units)
            .bind(write::signed(page.after)?)
            .bind(page.limit.min(LIST_LIMIT_MAX));
        let rows = statement.fetch_all(&mut *snapshot).await.map_err(|e| fault(&e))?;
        let answer = rows.iter().map(|row| Columns::of(row).desk()).collect::<Result<_, _>>()?;
        Ok(Snapshot { checkpoint, answer })
    }

    async fn identity_figures(&self, read: &IdentityRead) -> Result<Vec<IdentityCell>, StoreError> {
        let types = Rows::list(|v| read.benefit_types.iter().for_each(|code| _ = v.text(code.as_str())));
        let units = read.units.as_deref().unwrap_or_default();
        let units = Rows::list(|v| units.iter().for_each(|key| _ = v.text(key.as_str())));
        let statement = sqlx::query(AssertSqlSafe(filters::identity_figures(IDENTITY_FIGURES, read)))
            .bind(self.log_id())
            .bind(write::signed(read.position)?)
            .bind(types)
            .bind(units);
        let rows = statement.fetch_all(self.views_reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(|row| Columns::of(row).identity_cell()).collect()
    }

    async fn figures(&self, reads: &[FigureRead]) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError> {
        cube::answer(self, reads).await
    }

    async fn figures_anew(&self, reads: &[FigureRead]) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError> {
        figures::anew(self, reads).await
    }
}

impl SqliteStore {
    /// Rows for many keys in one statement.
    async fn find<T>(
        &self,
        sql: &'static str,
        keys: String,
        decode: fn(&SqliteRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        if keys == "[]" {
            return Ok(Vec::new());
        }
        let statement = sqlx::query(sql).bind(self.log_id()).bind(keys);
        let rows = statement.fetch_all(self.views_reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(decode).collect()
    }
}

async fn progress(
    log_id: LogId,
    name: &'static str,
    connection: &mut SqliteConnection,
) -> Result<Progress, StoreError> {
    let statement = sqlx::query(include_str!("../../sql/projections_get.sql")).bind(log_id).bind(name);
    let Some(row) = statement.fetch_optional(connection).await.map_err(|e| fault(&e))? else {
        return Ok(Progress::default());
    };
    let mut columns = Columns::of(&row);
    let checkpoint = Checkpoint { position: columns.unsigned()?, recorded_at_us: columns.number()? };
    let error_position = columns.maybe_unsigned()?;
    let error = error_position.zip(columns.maybe()?.map(str::to_owned));
    let generation = columns.number()?;
    Ok(Progress { checkpoint, error, generation })
}

async fn list_payments(
    log_id: LogId,
    filter: &PaymentFilter,
    page: Page,
    connection: &mut SqliteConnection,
) -> Result<Vec<SqliteRow>, StoreError> {
    let texts = |values: &mut dyn Iterator<Item = &str>| Rows::list(|v| values.for_each(|value| _ = v.text(value)));
    let statement = sqlx::query(AssertSqlSafe(filters::list_payments(LIST_PAYMENTS, filter)))
        .bind(log_id)
        .bind(filter.units.as_ref().map(|units| texts(&mut units.iter().map(UnitKey::as_str))))
        .bind(texts(&mut filter.benefit_types.iter().map(BenefitType::as_str)))
        .bind(texts(&mut filter.states.iter().map(|state| state.as_str())))
        .bind(texts(&mut filter.channels.iter().map(ChannelCode::as_str)))
        .bind(texts(&mut filter.banks.iter().map(BankId::as_str)))
        .bind(filter.cycle.map(|cycle| cycle.to_string()))
        .bind(filter.reference.as_ref().map(PaymentReference::as_str))
        .bind(filter.due_before.map(|day| day.to_string()))
        .bind(filter.beneficiary.map(|id| id.as_uuid().as_bytes().to_vec()))
        .bind(filter.held)
        .bind(filter.list.map(|id| id.as_uuid().as_bytes().to_vec()))
        .bind(texts(&mut filter.kinds.iter().map(|kind| kind.as_str())))
        .bind(write::signed(page.after)?)
        .bind(page.limit.min(LIST_LIMIT_MAX));
    statement.fetch_all(connection).await.map_err(|e| fault(&e))
}

#[cfg(test)]
mod kept_figures;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;
