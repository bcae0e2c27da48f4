//! The service `PersistentSubscriptions`: there are none.

use super::identity;
use super::proto::client::persistent_subscriptions::persistent_subscriptions_server::PersistentSubscriptions;
use super::proto::client::persistent_subscriptions::{ListReq, ListResp};
use super::server::Doors;
use super::status;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub(super) struct PersistentService(pub Arc<Doors>);

#[tonic::async_trait]
impl PersistentSubscriptions for PersistentService {
    async fn list(&self, request: Request<ListReq>) -> Result<Response<ListResp>, Status> {
        let caller = identity::caller(&self.0, request.metadata()).await?;
        caller.check_reader().map_err(status::of)?;
        let none = Status::not_found("There are no persistent subscriptions.");
        let trailers = [
            ("exception", "persistent-subscription-does-not-exist".to_owned()),
            ("stream-name", String::new()),
            ("group-name", String::new()),
        ];
        Err(status::with(none, &trailers))
    }
}
