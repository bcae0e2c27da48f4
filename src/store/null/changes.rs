//! Nothing ever changed.

use super::NullStore;
use crate::domain::ids::BeneficiaryId;
use crate::projections::Checkpoint;
use crate::projections::payments::PaymentRow;
use crate::store::StoreError;
use crate::store::views::{ChangeFilter, ChangePage, ChangeStore, Page, Snapshot};
use async_trait::async_trait;

#[async_trait]
impl ChangeStore for NullStore {
    async fn changes_since(&self, _filter: &ChangeFilter, _page: Page) -> Result<Snapshot<ChangePage>, StoreError> {
        Ok(Snapshot { checkpoint: Checkpoint::default(), answer: ChangePage::default() })
    }

    async fn payments_ordered_last(&self, _people: &[BeneficiaryId]) -> Result<Vec<PaymentRow>, StoreError> {
        Ok(Vec::new())
    }
}
