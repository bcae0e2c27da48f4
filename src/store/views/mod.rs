//! The store of projections' rows: what it must answer, in types of the domain and of the projections. Engines implement it.

mod advance;
pub mod audit;
mod changes;
mod decode;
mod digest;
mod encode;
mod filters;
mod inbox;
mod kept;
mod lists;
mod postgres;
mod sqlite;

pub use advance::{AdvanceError, advance};
pub use audit::{AuditFilter, AuditStore};
pub use changes::{ChangeFilter, ChangePage, ChangeStore, ChangeSum};
pub use inbox::{InboxStore, MessageFilter, UnitActivity, WaitingFilter};
pub(super) use kept::Kept;
pub use lists::{FunnelRow, ListFilter, ListStore, StandingItem};
pub(super) use postgres::Owner;

use super::{LogId, StoreError};
use crate::domain::approval::ApprovalState;
use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::ids::{
    ApprovalId, BankId, BeneficiaryId, BenefitType, ChannelCode, DeskId, EndToEndId, ListId, PaymentId,
    PaymentReference, RecoveryId, UnitKey,
};
use crate::domain::payment::{AttemptState, PaymentKind};
use crate::domain::period::Month;
use crate::domain::recovery::RecoveryState;
use crate::projections::beneficiaries::{BeneficiaryRow, Folded};
use crate::projections::desks::{DeskDayRow, DeskRow, DeskRows};
use crate::projections::figures::{CellRow, FigureRead};
use crate::projections::identity::{IdentityCell, IdentityRead};
use crate::projections::oversight::{ApprovalRow, CitedRow, OversightRows, RecoveryRow};
use crate::projections::payments::{Changes, LiveRow, PaymentRow, Person};
use crate::projections::{Checkpoint, Projection, ProjectionError};
use crate::proof::tile::{TileId, Tiles};
use async_trait::async_trait;
use jiff::civil::Date;

/// The largest number of rows of one page of a list.
pub const LIST_LIMIT_MAX: u32 = 1_000;

/// Where a projection stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What its rows contain.
    pub checkpoint: Checkpoint,
    /// The event that it stopped at and why, while it is stopped.
    pub error: Option<(u64, String)>,
    /// Which building of its rows this is: one more each time that they are cleared.
    pub generation: i64,
}

/// From which checkpoint to which a batch leads. The rows were folded from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub from: Checkpoint,
    pub to: Checkpoint,
}

/// An answer with the checkpoint that it was read at, in one snapshot of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<T> {
    pub checkpoint: Checkpoint,
    pub answer: T,
}

/// Which payments to list. An empty list and `None` are no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentFilter {
    /// Exactly these units; a scope is given as all units below it.
    pub units: Option<Vec<UnitKey>>,
    pub benefit_types: Vec<BenefitType>,
    pub states: Vec<AttemptState>,
    pub channels: Vec<ChannelCode>,
    pub banks: Vec<BankId>,
    pub cycle: Option<Month>,
    pub reference: Option<PaymentReference>,
    /// Latest attempt due before this day.
    pub due_before: Option<Date>,
    pub beneficiary: Option<BeneficiaryId>,
    pub held: Option<bool>,
    /// Only those that ask for somebody: rejected, failed, returned or held. An index has them, so that few are found among many.
    pub in_trouble: bool,
    pub kinds: Vec<PaymentKind>,
    /// On this list, and not taken off again.
    pub list: Option<ListId>,
    /// Of these alone an attempt came to nothing, whatever came after it.
    pub troubled: bool,
}

/// Which beneficiaries to list. An empty list and `None` are no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeopleFilter {
    /// Exactly these units, by the one with the latest day of effect.
    pub units: Option<Vec<UnitKey>>,
    /// Of the payout method chosen last.
    pub channels: Vec<ChannelCode>,
    /// Those whose result of matching somebody has to look into, with any of these results.
    pub identity: Vec<IdentityStatus>,
    /// Those on whose behalf somebody may receive until a day: from the first to before the second.
    pub authorised_until: Option<(Date, Date)>,
}

/// Which recoveries to list. An empty list and `None` are no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryFilter {
    pub units: Option<Vec<UnitKey>>,
    pub states: Vec<RecoveryState>,
    pub payment: Option<PaymentId>,
    pub beneficiary: Option<BeneficiaryId>,
}

/// Whether what is listed belongs to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Belonging {
    /// Either way.
    #[default]
    Any,
    Units,
    /// Banks and keys.
    NoUnit,
}

/// Which approvals to list. `None` is no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApprovalFilter {
    pub units: Option<Vec<UnitKey>>,
    pub belonging: Belonging,
    pub state: Option<ApprovalState>,
    /// What has expired depends on the time of asking.
    pub now_us: i64,
}

/// A page of a list: rows after a place, in the order of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The last row's `instructed_position` (`registered_position` for people); 0 for the first page.
    pub after: u64,
    /// At most so many rows, capped at [`LIST_LIMIT_MAX`].
    pub limit: u32,
}

/// An attempt found by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAttempt {
    pub end_to_end_id: EndToEndId,
    pub payment_id: PaymentId,
    /// Which of the payment's attempts it is; not always the latest.
    pub attempt: u32,
}

/// A digest over all rows of one table in the order of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {
    pub table: &'static str,
    pub rows: u64,
    /// SHA-256.
    pub digest: [u8; 32],
}

/// What one process does beside projections, of several on one database. Nobody wants it for a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Sending to webhooks.
    Delivery,
    /// Groups of consumers of the event store protocol.
    Groups,
}

/// Rows of projections: written by [`advance`] alone, read by everybody. Answers for many keys come in no particular order, and keys
/// that are unknown have no row in them.
#[async_trait]
pub trait ViewStore: ListStore + InboxStore + ChangeStore + AuditStore {
    /// Where a projection stands.
    async fn progress(&self, projection: Projection) -> Result<Progress, StoreError>;

    /// Writes what a batch changes, with the new checkpoint, in one transaction. Rejected when the projection is no longer at
    /// `step.from`.
    async fn apply_payments(&self, changes: &Changes, step: Step) -> Result<(), StoreError>;

    /// The same for beneficiaries' rows.
    async fn apply_beneficiaries(&self, folded: &Folded, step: Step) -> Result<(), StoreError>;

    /// The same for the tree's tiles.
    async fn apply_tree(&self, tiles: &Tiles, step: Step) -> Result<(), StoreError>;

    /// The log whose rows these are.
    fn log_number(&self) -> LogId;

    /// Tiles of the tree; those that there are not have no entry.
    async fn tree_tiles(&self, tiles: &[TileId]) -> Result<Tiles, StoreError>;
    /// The same for desks' rows.
    async fn apply_desks(&self, rows: &DeskRows, step: Step) -> Result<(), StoreError>;

    /// Notes the event that a projection stopped at. The next batch that is applied takes the note away.
    async fn note_error(&self, projection: Projection, error: &ProjectionError) -> Result<(), StoreError>;

    /// Empties a projection's tables, so that it begins again at the start of the log.
    async fn clear(&self, projection: Projection) -> Result<(), StoreError>;

    /// Takes a projection to run it, or finds that this process still has it; false while another process runs it, or wants it for a
    /// rebuild. Where only one process writes at all, that one has every projection.
    async fn own(&self, _projection: Projection) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Lets another process run a projection.
    async fn disown(&self, _projection: Projection) {}

    /// Takes a task, or finds that this process still has it; false while another process has it.
    async fn own_task(&self, _task: Task) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Lets another process have a task.
    async fn disown_task(&self, _task: Task) {}

    /// Takes a projection from whichever process runs it, for a rebuild; false when that one does not let go. To be given back by
    /// [`Self::disown`].
    async fn seize(&self, _projection: Projection) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// A digest of each of a projection's tables, all in one snapshot.
    async fn digests(&self, projection: Projection) -> Result<Snapshot<Vec<TableDigest>>, StoreError>;

    /// The open live intervals of people in their cycles.
    async fn live_payments(&self, people: &[Person]) -> Result<Vec<LiveRow>, StoreError>;

    /// Payments by id.
    async fn payments(&self, ids: &[PaymentId]) -> Result<Vec<PaymentRow>, StoreError>;

    /// Payments of these people that are in trouble: rejected, failed, returned or held.
    async fn payments_in_trouble_of(&self, people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError>;

    /// Payments by the agency's reference.
    async fn payments_by_reference(&self, references: &[PaymentReference]) -> Result<Vec<PaymentRow>, StoreError>;

    /// Attempts by their ids, in no particular order. An id that none has is not in the answer.
    async fn attempts_by_end_to_end_id(&self, ids: &[EndToEndId]) -> Result<Vec<FoundAttempt>, StoreError>;

    /// A page of payments.
    async fn list_payments(&self, filter: &PaymentFilter, page: Page) -> Result<Snapshot<Vec<PaymentRow>>, StoreError>;

    /// Beneficiaries by id.
    async fn beneficiaries(&self, ids: &[BeneficiaryId]) -> Result<Vec<BeneficiaryRow>, StoreError>;

    /// A page of beneficiaries.
    async fn list_beneficiaries(
        &self,
        filter: &PeopleFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<BeneficiaryRow>>, StoreError>;

    /// The same for the rows of recoveries and approvals.
    async fn apply_oversight(&self, rows: &OversightRows, step: Step) -> Result<(), StoreError>;

    /// Recoveries by id.
    async fn recoveries(&self, ids: &[RecoveryId]) -> Result<Vec<RecoveryRow>, StoreError>;

    /// Approvals by id.
    async fn approvals(&self, ids: &[ApprovalId]) -> Result<Vec<ApprovalRow>, StoreError>;

    /// A page of recoveries.
    async fn list_recoveries(
        &self,
        filter: &RecoveryFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<RecoveryRow>>, StoreError>;

    /// A page of approvals.
    async fn list_approvals(
        &self,
        filter: &ApprovalFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<ApprovalRow>>, StoreError>;

    /// A page of cited figures, of these units if given.
    async fn list_cited_figures(
        &self,
        units: Option<&[UnitKey]>,
        page: Page,
    ) -> Result<Snapshot<Vec<CitedRow>>, StoreError>;

    /// Everybody of whom a death is recorded.
    async fn dead_beneficiaries(&self) -> Result<Vec<BeneficiaryId>, StoreError>;

    /// How far something that follows the log without rows of its own has come.
    async fn marked(&self, name: &'static str) -> Result<Checkpoint, StoreError>;

    /// Moves that mark. Rejected when it is no longer at `step.from`.
    async fn mark(&self, name: &'static str, step: Step) -> Result<(), StoreError>;

    /// Desks by id.
    async fn desks(&self, ids: &[DeskId]) -> Result<Vec<DeskRow>, StoreError>;

    /// All days of these desks' books.
    async fn desk_days(&self, ids: &[DeskId]) -> Result<Vec<DeskDayRow>, StoreError>;

    /// A page of desks, of these units if given.
    async fn list_desks(&self, units: Option<&[UnitKey]>, page: Page) -> Result<Snapshot<Vec<DeskRow>>, StoreError>;
    /// How many people count as what, as of a position that both projections have come to.
    async fn identity_figures(&self, read: &IdentityRead) -> Result<Vec<IdentityCell>, StoreError>;

    /// Answers several reads of figures in one snapshot, in their order. What was read before is kept in memory.
    async fn figures(&self, reads: &[FigureRead]) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError>;

    /// The same from the rows alone: for whoever doubts them.
    async fn figures_anew(&self, reads: &[FigureRead]) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError> {
        self.figures(reads).await
    }
}
