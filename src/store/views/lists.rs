//! What the store must answer of payment lists, and its rows to and from values.

use super::decode::{Columns, corrupt};
use super::encode::{RowValues, json};
use super::{Page, Snapshot, Step};
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, ChannelCode, ListId, PaymentId, PaymentReference, UnitKey};
use crate::domain::list::Stage;
use crate::domain::list::event::{AgentAnswer, Tally};
use crate::domain::payment::AttemptState;
use crate::domain::period::Month;
use crate::projections::lists::{ItemRow, LeftOutRow, ListChanges, ListRow, Removal};
use crate::store::StoreError;
use crate::store::decode::StoreRow;
use async_trait::async_trait;

/// Which lists. `None` is no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListFilter {
    pub cycle: Option<Month>,
    pub stage: Option<Stage>,
    pub channel: Option<ChannelCode>,
    pub agent: Option<AgentCode>,
}

/// An item with where its attempt stands; `None` while the payment's row is behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingItem {
    pub item: ItemRow,
    pub reference: Option<PaymentReference>,
    pub status: Option<AttemptState>,
}

/// How many items of a list stand in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunnelRow {
    /// `None`: the payment's row is behind.
    pub status: Option<AttemptState>,
    pub tally: Tally,
}

/// The part of [`super::ViewStore`] that is about payment lists.
#[async_trait]
pub trait ListStore: Send + Sync + 'static {
    /// Writes what a batch changes, with the new checkpoint, in one transaction. Rejected when the projection is no longer at
    /// `step.from`.
    async fn apply_lists(&self, changes: &ListChanges, step: Step) -> Result<(), StoreError>;

    /// Lists by id, in no particular order.
    async fn lists(&self, ids: &[ListId]) -> Result<Vec<ListRow>, StoreError>;

    /// A page of lists, in the order in which they were opened.
    async fn list_lists(&self, filter: &ListFilter, page: Page) -> Result<Snapshot<Vec<ListRow>>, StoreError>;

    /// A page of a list's items, with those that came off, from a place on.
    async fn list_items(&self, list: ListId, page: Page) -> Result<Snapshot<Vec<StandingItem>>, StoreError>;

    /// A page of those left out, from a place on.
    async fn list_left_out(&self, list: ListId, page: Page) -> Result<Snapshot<Vec<LeftOutRow>>, StoreError>;

    /// How many of a list's items stand where.
    async fn list_funnel(&self, list: ListId) -> Result<Snapshot<Vec<FunnelRow>>, StoreError>;
}

/// The columns of `lists`.
pub(super) fn list(row: &ListRow, v: &mut impl RowValues) {
    v.id(row.list_id.as_uuid()).text(&row.cycle.to_string()).text(row.channel.as_str()).text(row.agent.as_str());
    v.text(row.currency.as_str()).text(json(&row.origin).trim_matches('"')).text(&json(&row.previous));
    v.text(&row.prepared_by).text(row.stage.as_str());
    v.number(row.item_count).number(row.sum_minor).number(row.left_out);
    v.text(&json(&row.units)).text(&json(&row.banks)).maybe_number(row.blocking);
    v.maybe(row.approved_by.as_deref()).maybe(row.answer.map(AgentAnswer::as_str)).maybe_number(row.advanced_minor);
    v.maybe_number(row.paid.map(|tally| tally.items)).maybe_number(row.paid.map(|tally| tally.sum_minor));
    v.maybe_number(row.unpaid.map(|tally| tally.items)).maybe_number(row.unpaid.map(|tally| tally.sum_minor));
    v.maybe_number(row.handed_back_minor).number(row.revision);
    v.number(row.opened_position).number(row.last_position).number(row.opened_at_us).number(row.updated_at_us);
}

/// The columns of `list_items`.
pub(super) fn item(row: &ItemRow, v: &mut impl RowValues) {
    v.id(row.list_id.as_uuid()).number(row.place).id(row.payment_id.as_uuid()).number(row.attempt);
    v.id(row.beneficiary_id.as_uuid()).text(row.benefit_type.as_str()).text(row.unit_key.as_str());
    v.maybe(row.bank.as_ref().map(BankId::as_str)).number(row.amount_minor).maybe(row.removed.as_deref());
}

/// The columns of `list_left_out`.
pub(super) fn left_out(row: &LeftOutRow, v: &mut impl RowValues) {
    v.id(row.list_id.as_uuid()).number(row.place).id(row.beneficiary_id.as_uuid()).text(row.benefit_type.as_str());
    v.maybe(row.unit_key.as_ref().map(UnitKey::as_str))
        .number(row.amount_minor)
        .text(&row.reason)
        .maybe(row.note.as_deref());
}

/// An item's key and why it came off.
pub(super) fn removal(row: &Removal, v: &mut impl RowValues) {
    v.id(row.list_id.as_uuid()).id(row.payment_id.as_uuid()).text(&row.reason);
}

impl<R: StoreRow> Columns<'_, R> {
    fn tally(&mut self) -> Result<Option<Tally>, StoreError> {
        let (items, sum_minor) = (self.maybe_unsigned()?, self.maybe_number()?);
        Ok(items.zip(sum_minor).map(|(items, sum_minor)| Tally { items, sum_minor }))
    }

    /// The columns of `lists`.
    pub(super) fn list(&mut self) -> Result<ListRow, StoreError> {
        Ok(ListRow {
            list_id: ListId::from_uuid(self.id()?),
            cycle: self.word()?,
            channel: self.word()?,
            agent: self.word()?,
            currency: self.word()?,
            origin: self.word()?,
            previous: self.json()?.unwrap_or_default(),
            prepared_by: self.text()?.to_owned(),
            stage: self.word()?,
            item_count: self.unsigned()?,
            sum_minor: self.number()?,
            left_out: self.unsigned()?,
            units: self.json()?.unwrap_or_default(),
            banks: self.json()?.unwrap_or_default(),
            blocking: self.maybe_unsigned()?,
            approved_by: self.maybe()?.map(str::to_owned),
            answer: self.maybe_word()?,
            advanced_minor: self.maybe_number()?,
            paid: self.tally()?,
            unpaid: self.tally()?,
            handed_back_minor: self.maybe_number()?,
            revision: self.unsigned()?,
            opened_position: self.unsigned()?,
            last_position: self.unsigned()?,
            opened_at_us: self.number()?,
            updated_at_us: self.number()?,
        })
    }

    /// The columns of `list_items`, then the payment's reference and status.
    pub(super) fn standing_item(&mut self) -> Result<StandingItem, StoreError> {
        let item = ItemRow {
            list_id: ListId::from_uuid(self.id()?),
            place: self.unsigned()?,
            payment_id: PaymentId::from_uuid(self.id()?),
            attempt: u32::try_from(self.number()?).map_err(corrupt)?,
            beneficiary_id: BeneficiaryId::from_uuid(self.id()?),
            benefit_type: self.word()?,
            unit_key: self.word()?,
            bank: self.maybe_word()?,
            amount_minor: self.number()?,
            removed: self.maybe()?.map(str::to_owned),
        };
        Ok(StandingItem { item, reference: self.maybe_word()?, status: self.maybe_word()? })
    }

    /// The columns of `list_left_out`.
    pub(super) fn left_out(&mut self) -> Result<LeftOutRow, StoreError> {
        Ok(LeftOutRow {
            list_id: ListId::from_uuid(self.id()?),
            place: self.unsigned()?,
            beneficiary_id: BeneficiaryId::from_uuid(self.id()?),
            benefit_type: self.word()?,
            unit_key: self.maybe_word()?,
            amount_minor: self.number()?,
            reason: self.text()?.to_owned(),
            note: self.maybe()?.map(str::to_owned),
        })
    }

    /// A status, how many and how much.
    pub(super) fn funnel(&mut self) -> Result<FunnelRow, StoreError> {
        let status = self.maybe_word()?;
        Ok(FunnelRow { status, tally: Tally { items: self.unsigned()?, sum_minor: self.number()? } })
    }
}
