//! The audit of a log that records nothing.

use super::NullStore;
use crate::projections::Checkpoint;
use crate::projections::audit::AuditRow;
use crate::store::StoreError;
use crate::store::views::audit::{AuditFilter, AuditStore};
use crate::store::views::{Page, Snapshot};
use async_trait::async_trait;

#[async_trait]
impl AuditStore for NullStore {
    async fn list_audit(&self, _filter: &AuditFilter, _page: Page) -> Result<Snapshot<Vec<AuditRow>>, StoreError> {
        Ok(Snapshot { checkpoint: Checkpoint::default(), answer: Vec::new() })
    }
}
