//! What the store must answer of changes since a position, and how rows become values and values rows.

use super::decode::Columns;
use super::encode::RowValues;
use super::filters::with_filters;
use super::{Page, Snapshot};
use crate::domain::ids::{BeneficiaryId, PaymentId, UnitKey};
use crate::domain::period::Month;
use crate::projections::figures::Sum;
use crate::projections::payments::{ChangeKind, ChangeRow, PaymentRow};
use crate::store::StoreError;
use crate::store::decode::StoreRow;
use async_trait::async_trait;

/// Which changes. An empty list and `None` are no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeFilter {
    /// Exactly these units.
    pub units: Option<Vec<UnitKey>>,
    pub cycle: Option<Month>,
    pub kinds: Vec<ChangeKind>,
    /// After this position; a page goes on from its own.
    pub since: u64,
}

/// How many of a kind in a cycle and unit, and their amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSum {
    pub kind: ChangeKind,
    pub cycle: Month,
    pub unit_key: UnitKey,
    pub sum: Sum,
}

/// Sums over all that the filter leaves, and a page of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePage {
    pub sums: Vec<ChangeSum>,
    pub rows: Vec<ChangeRow>,
}

/// The part of [`super::ViewStore`] that is about what changed since a position.
#[async_trait]
pub trait ChangeStore: Send + Sync + 'static {
    /// Sums and a page, in one snapshot.
    async fn changes_since(&self, filter: &ChangeFilter, page: Page) -> Result<Snapshot<ChangePage>, StoreError>;

    /// The payment ordered last for each of these people.
    async fn payments_ordered_last(&self, people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError>;
}

/// The statement with the lines of the filters that are set.
pub(super) fn statement(sql: &str, filter: &ChangeFilter) -> String {
    with_filters(sql, |name| match name {
        "units" => filter.units.is_some(),
        "cycle" => filter.cycle.is_some(),
        "kinds" => !filter.kinds.is_empty(),
        _ => true,
    })
}

/// The columns of `payment_changes`.
pub(super) fn change(row: &ChangeRow, v: &mut impl RowValues) {
    v.number(row.position).number(row.recorded_at_us).text(row.kind.as_str()).id(row.payment_id.as_uuid());
    v.text(&row.cycle.to_string()).text(row.unit_key.as_str()).text(row.benefit_type.as_str());
    v.text(row.channel.as_str()).number(row.amount_minor);
}

impl<R: StoreRow> Columns<'_, R> {
    /// The columns of `payment_changes`.
    pub(super) fn change(&mut self) -> Result<ChangeRow, StoreError> {
        Ok(ChangeRow {
            position: self.unsigned()?,
            recorded_at_us: self.number()?,
            kind: self.word()?,
            payment_id: PaymentId::from_uuid(self.id()?),
            cycle: self.word()?,
            unit_key: self.word()?,
            benefit_type: self.word()?,
            channel: self.word()?,
            amount_minor: self.number()?,
        })
    }

    /// The columns of `payment_changes_sums.sql`.
    pub(super) fn change_sum(&mut self) -> Result<ChangeSum, StoreError> {
        let (kind, cycle, unit_key) = (self.word()?, self.word()?, self.word()?);
        Ok(ChangeSum { kind, cycle, unit_key, sum: Sum { count: self.number()?, amount_minor: self.number()? } })
    }
}
