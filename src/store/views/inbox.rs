//! What the store must answer of banks' messages, and its rows to and from values.

use super::decode::Columns;
use super::encode::RowValues;
use super::filters::with_filters;
use super::{Page, Snapshot, Step};
use crate::domain::ids::{BankId, InboxId, PaymentId, UnitKey};
use crate::domain::period::Month;
use crate::projections::inbox::{InboxChanges, MessageRow, ResolvedItem, WaitingRow};
use crate::projections::payments::PaymentRow;
use crate::store::StoreError;
use crate::store::decode::StoreRow;
use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::json;

/// Which messages. `None` and `false` are no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageFilter {
    pub bank: Option<BankId>,
    pub format: Option<String>,
    /// Those with an item that has no verdict yet.
    pub unjudged: bool,
    /// Those with an item that waits for a person.
    pub waiting: bool,
}

/// Which items that wait, or waited. `None` and `false` are no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingFilter {
    /// Exactly these units; items without a payment are in none.
    pub units: Option<Vec<UnitKey>>,
    pub bank: Option<BankId>,
    pub message: Option<InboxId>,
    /// Only those that nobody dealt with yet.
    pub waiting: bool,
}

/// What a unit's payments of a cycle say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitActivity {
    pub unit_key: UnitKey,
    pub payments: u64,
    pub open: u64,
    /// The first day on which an open one was due.
    pub first_open_due: Option<Date>,
    /// When one was heard of last, in microseconds since the Unix epoch.
    pub last_us: i64,
}

/// The part of [`super::ViewStore`] that is about banks' messages, and who is silent.
#[async_trait]
pub trait InboxStore: Send + Sync + 'static {
    /// Writes what a batch changes, with the new checkpoint, in one transaction. Rejected when the projection is no longer at
    /// `step.from`.
    async fn apply_inbox(&self, changes: &InboxChanges, step: Step) -> Result<(), StoreError>;

    /// Messages by id, in no particular order.
    async fn bank_messages(&self, ids: &[InboxId]) -> Result<Vec<MessageRow>, StoreError>;

    /// A page of messages, in the order in which they came.
    async fn list_bank_messages(
        &self,
        filter: &MessageFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<MessageRow>>, StoreError>;

    /// The newest message of a bank, of one format or of any.
    async fn last_bank_message(&self, bank: &BankId, format: Option<&str>) -> Result<Option<MessageRow>, StoreError>;

    /// A page of messages that came before a position, of one bank or of any, the newest first.
    async fn newest_bank_messages(
        &self,
        bank: Option<&BankId>,
        (before, limit): (u64, u32),
    ) -> Result<Snapshot<Vec<MessageRow>>, StoreError>;

    /// A page of items that wait, in the order in which they began to.
    async fn list_bank_items(
        &self,
        filter: &WaitingFilter,
        page: Page,
    ) -> Result<Snapshot<Vec<WaitingRow>>, StoreError>;

    /// Payments that stand as settled through a bank, or came back after, by the day on which they settled and then their id. One page,
    /// after a place in that order.
    async fn settled_by_bank(
        &self,
        bank: &BankId,
        days: (Date, Date),
        after: Option<(Date, PaymentId)>,
    ) -> Result<Vec<PaymentRow>, StoreError>;

    /// What the payments of a cycle say, by unit.
    async fn unit_activity(&self, cycle: Month) -> Result<Vec<UnitActivity>, StoreError>;
}

/// The statement of the list of messages with the lines of the filters that are set.
pub(super) fn list_messages(sql: &str, filter: &MessageFilter) -> String {
    with_filters(sql, |name| match name {
        "bank" => filter.bank.is_some(),
        "format" => filter.format.is_some(),
        "unjudged" => filter.unjudged,
        "waiting" => filter.waiting,
        _ => true,
    })
}

/// The same of the list of items.
pub(super) fn list_items(sql: &str, filter: &WaitingFilter) -> String {
    with_filters(sql, |name| match name {
        "units" => filter.units.is_some(),
        "bank" => filter.bank.is_some(),
        "message" => filter.message.is_some(),
        "waiting" => filter.waiting,
        _ => true,
    })
}

/// A place in the order of `payments_settled.sql`: the day in text, the id in bytes.
pub(super) fn place((from, _): (Date, Date), after: Option<(Date, PaymentId)>) -> (String, Vec<u8>) {
    match after {
        Some((day, id)) => (day.to_string(), id.as_uuid().as_bytes().to_vec()),
        None => (from.to_string(), Vec::new()),
    }
}

/// The columns of `bank_messages`.
pub(super) fn message(row: &MessageRow, v: &mut impl RowValues) {
    v.id(row.inbox_id.as_uuid()).text(row.bank.as_str()).text(&row.format).maybe(row.version.as_deref());
    v.text(&row.sha256).number(row.bytes).number(row.items).flag(row.judged);
    v.number(row.applied).number(row.no_op).number(row.quarantined).number(row.waiting).number(row.received_at_us);
    v.maybe((!row.statements.is_empty()).then(|| json!(row.statements).to_string()).as_deref());
    v.number(row.revision).number(row.received_position).number(row.last_position).number(row.updated_at_us);
}

/// The columns of `bank_items`.
pub(super) fn waiting(row: &WaitingRow, v: &mut impl RowValues) {
    v.id(row.inbox_id.as_uuid()).number(row.item).number(row.place).text(row.bank.as_str()).text(&row.cause);
    v.maybe(row.payment_id.map(|id| id.to_string()).as_deref()).maybe(row.unit_key.as_ref().map(UnitKey::as_str));
    v.number(row.since_us).flag(row.resolved);
}

/// An item's key.
pub(super) fn resolved(row: &ResolvedItem, v: &mut impl RowValues) {
    v.id(row.inbox_id.as_uuid()).number(row.item);
}

impl<R: StoreRow> Columns<'_, R> {
    /// The columns of `bank_messages`.
    pub(super) fn bank_message(&mut self) -> Result<MessageRow, StoreError> {
        Ok(MessageRow {
            inbox_id: InboxId::from_uuid(self.id()?),
            bank: self.word()?,
            format: self.text()?.to_owned(),
            version: self.maybe()?.map(str::to_owned),
            sha256: self.text()?.to_owned(),
            bytes: self.unsigned()?,
            items: self.unsigned()?,
            judged: self.flag()?,
            applied: self.unsigned()?,
            no_op: self.unsigned()?,
            quarantined: self.unsigned()?,
            waiting: self.unsigned()?,
            received_at_us: self.number()?,
            statements: match self.maybe()? {
                Some(text) => serde_json::from_str(text)
                    .map_err(|error| StoreError::Corrupt(format!("the numbers of a bank's statements: {error}")))?,
                None => Vec::new(),
            },
            revision: self.unsigned()?,
            received_position: self.unsigned()?,
            last_position: self.unsigned()?,
            updated_at_us: self.number()?,
        })
    }

    /// The columns of `bank_items`.
    pub(super) fn bank_item(&mut self) -> Result<WaitingRow, StoreError> {
        Ok(WaitingRow {
            inbox_id: InboxId::from_uuid(self.id()?),
            item: self.unsigned()?,
            place: self.unsigned()?,
            bank: self.word()?,
            cause: self.text()?.to_owned(),
            payment_id: self.maybe_word()?,
            unit_key: self.maybe_word()?,
            since_us: self.number()?,
            resolved: self.flag()?,
        })
    }

    /// The columns of `unit_activity.sql`.
    pub(super) fn unit_activity(&mut self) -> Result<UnitActivity, StoreError> {
        Ok(UnitActivity {
            unit_key: self.word()?,
            payments: self.unsigned()?,
            open: self.unsigned()?,
            first_open_due: self.maybe_word()?,
            last_us: self.number()?,
        })
    }
}
