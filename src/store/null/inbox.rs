//! Banks' messages that are never there.

use super::NullStore;
use super::views::empty;
use crate::domain::ids::{BankId, InboxId, PaymentId};
use crate::domain::period::Month;
use crate::projections::inbox::{InboxChanges, MessageRow, WaitingRow};
use crate::projections::payments::PaymentRow;
use crate::store::StoreError;
use crate::store::views::{InboxStore, MessageFilter, Page, Snapshot, Step, UnitActivity, WaitingFilter};
use async_trait::async_trait;
use jiff::civil::Date;

#[async_trait]
impl InboxStore for NullStore {
    async fn apply_inbox(&self, _changes: &InboxChanges, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn bank_messages(&self, _ids: &[InboxId]) -> Result<Vec<MessageRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn list_bank_messages(
        &self,
        _filter: &MessageFilter,
        _page: Page,
    ) -> Result<Snapshot<Vec<MessageRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn last_bank_message(&self, _bank: &BankId, _format: Option<&str>) -> Result<Option<MessageRow>, StoreError> {
        Ok(None)
    }

    async fn newest_bank_messages(
        &self,
        _bank: Option<&BankId>,
        _page: (u64, u32),
    ) -> Result<Snapshot<Vec<MessageRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn list_bank_items(
        &self,
        _filter: &WaitingFilter,
        _page: Page,
    ) -> Result<Snapshot<Vec<WaitingRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn settled_by_bank(
        &self,
        _bank: &BankId,
        _days: (Date, Date),
        _after: Option<(Date, PaymentId)>,
    ) -> Result<Vec<PaymentRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn unit_activity(&self, _cycle: Month) -> Result<Vec<UnitActivity>, StoreError> {
        Ok(Vec::new())
    }
}
