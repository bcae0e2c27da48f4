//! Rows of projections that are always empty.

use super::NullStore;
use super::banks::Banks;
use crate::domain::ids::{
    ApprovalId, BeneficiaryId, DeskId, EndToEndId, PaymentId, PaymentReference, RecoveryId, UnitKey,
};
use crate::projections::beneficiaries::{BeneficiaryRow, Folded};
use crate::projections::desks::{DeskDayRow, DeskRow, DeskRows};
use crate::projections::figures::{CellRow, FigureRead};
use crate::projections::identity::{IdentityCell, IdentityRead};
use crate::projections::oversight::{ApprovalRow, CitedRow, OversightRows, RecoveryRow};
use crate::projections::payments::{Changes, LiveRow, PaymentRow, Person};
use crate::projections::{Checkpoint, Projection, ProjectionError};
use crate::proof::tile::{TileId, Tiles};
use crate::store::views::{
    ApprovalFilter, FoundAttempt, Page, PaymentFilter, PeopleFilter, Progress, RecoveryFilter, Snapshot, Step,
    TableDigest, ViewStore,
};
use crate::store::{LogId, StoreError};
use async_trait::async_trait;

pub(super) fn empty<T>(answer: T) -> Snapshot<T> {
    Snapshot { checkpoint: Checkpoint::default(), answer }
}

#[async_trait]
impl ViewStore for NullStore {
    async fn progress(&self, _projection: Projection) -> Result<Progress, StoreError> {
        Ok(Progress::default())
    }

    async fn apply_payments(&self, _changes: &Changes, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn apply_beneficiaries(&self, _folded: &Folded, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn apply_tree(&self, _tiles: &Tiles, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    fn log_number(&self) -> LogId {
        1
    }

    async fn tree_tiles(&self, _tiles: &[TileId]) -> Result<Tiles, StoreError> {
        Ok(Tiles::new())
    }

    async fn note_error(&self, _projection: Projection, _error: &ProjectionError) -> Result<(), StoreError> {
        Ok(())
    }

    async fn clear(&self, _projection: Projection) -> Result<(), StoreError> {
        Ok(())
    }

    async fn digests(&self, _projection: Projection) -> Result<Snapshot<Vec<TableDigest>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn live_payments(&self, _people: &[Person]) -> Result<Vec<LiveRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn payments(&self, _ids: &[PaymentId]) -> Result<Vec<PaymentRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn payments_in_trouble_of(&self, _people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn payments_by_reference(&self, _references: &[PaymentReference]) -> Result<Vec<PaymentRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn attempts_by_end_to_end_id(&self, ids: &[EndToEndId]) -> Result<Vec<FoundAttempt>, StoreError> {
        Ok(ids.iter().filter_map(Banks::find).collect())
    }

    async fn list_payments(
        &self,
        _filter: &PaymentFilter,
        _page: Page,
    ) -> Result<Snapshot<Vec<PaymentRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn beneficiaries(&self, _ids: &[BeneficiaryId]) -> Result<Vec<BeneficiaryRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn list_beneficiaries(
        &self,
        _filter: &PeopleFilter,
        _page: Page,
    ) -> Result<Snapshot<Vec<BeneficiaryRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn apply_oversight(&self, _rows: &OversightRows, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn recoveries(&self, _ids: &[RecoveryId]) -> Result<Vec<RecoveryRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn approvals(&self, _ids: &[ApprovalId]) -> Result<Vec<ApprovalRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn list_recoveries(
        &self,
        _filter: &RecoveryFilter,
        _page: Page,
    ) -> Result<Snapshot<Vec<RecoveryRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn list_approvals(
        &self,
        _filter: &ApprovalFilter,
        _page: Page,
    ) -> Result<Snapshot<Vec<ApprovalRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn list_cited_figures(
        &self,
        _units: Option<&[UnitKey]>,
        _page: Page,
    ) -> Result<Snapshot<Vec<CitedRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn dead_beneficiaries(&self) -> Result<Vec<BeneficiaryId>, StoreError> {
        Ok(Vec::new())
    }

    async fn marked(&self, _name: &'static str) -> Result<Checkpoint, StoreError> {
        Ok(Checkpoint::default())
    }

    async fn mark(&self, _name: &'static str, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn apply_desks(&self, _rows: &DeskRows, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn desks(&self, _ids: &[DeskId]) -> Result<Vec<DeskRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn desk_days(&self, _ids: &[DeskId]) -> Result<Vec<DeskDayRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn list_desks(&self, _units: Option<&[UnitKey]>, _page: Page) -> Result<Snapshot<Vec<DeskRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn identity_figures(&self, _read: &IdentityRead) -> Result<Vec<IdentityCell>, StoreError> {
        Ok(Vec::new())
    }

    async fn figures(&self, reads: &[FigureRead]) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError> {
        Ok(empty(vec![Vec::new(); reads.len()]))
    }
}
