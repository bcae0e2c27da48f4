//! Payment lists that are always empty.

use super::NullStore;
use super::views::empty;
use crate::domain::ids::ListId;
use crate::projections::lists::{LeftOutRow, ListChanges, ListRow};
use crate::store::StoreError;
use crate::store::views::{FunnelRow, ListFilter, ListStore, Page, Snapshot, StandingItem, Step};
use async_trait::async_trait;

#[async_trait]
impl ListStore for NullStore {
    async fn apply_lists(&self, _changes: &ListChanges, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }

    async fn lists(&self, _ids: &[ListId]) -> Result<Vec<ListRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn list_lists(&self, _filter: &ListFilter, _page: Page) -> Result<Snapshot<Vec<ListRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn list_items(&self, _list: ListId, _page: Page) -> Result<Snapshot<Vec<StandingItem>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn list_left_out(&self, _list: ListId, _page: Page) -> Result<Snapshot<Vec<LeftOutRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }

    async fn list_funnel(&self, _list: ListId) -> Result<Snapshot<Vec<FunnelRow>>, StoreError> {
        Ok(empty(Vec::new()))
    }
}
