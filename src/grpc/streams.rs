//! The service Streams: finds the caller and hands each call on.

use super::convert::{expected, read_name};
use super::proto::client::streams::streams_server::Streams;
use super::proto::client::streams::{
    AppendReq, AppendResp, BatchAppendReq, DeleteReq, DeleteResp, ReadReq, TombstoneReq, TombstoneResp, delete_req,
    delete_resp, tombstone_req, tombstone_resp,
};
use super::server::Doors;
use super::status::{self, invalid};
use super::{append, batch, identity, read};
use crate::app::eventstore::StreamState;
use crate::app::eventstore::delete::Deletion;
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};

/// The service, over one log.
pub(super) struct StreamsService(pub Arc<Doors>);

#[tonic::async_trait]
impl Streams for StreamsService {
    type ReadStream = read::Answers;
    type BatchAppendStream = batch::Answers;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let options = request.into_inner().options.ok_or_else(|| invalid("The options are missing."))?;
        read::read(&self.0, caller, options).await.map(Response::new)
    }

    async fn append(&self, request: Request<Streaming<AppendReq>>) -> Result<Response<AppendResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        append::append(&self.0, caller, request.into_inner()).await.map(Response::new)
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        Ok(Response::new(batch::answers(&self.0, caller, request.into_inner())))
    }

    async fn delete(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let options = request.into_inner().options.ok_or_else(|| invalid("The options are missing."))?;
        let stream = read_name(options.stream_identifier.as_ref())?;
        let expected = expected!(delete_req::options::ExpectedStreamRevision, options.expected_stream_revision)?;
        let deleted = self.0.app.delete_stream(&caller, (&stream, expected), Deletion::Soft).await;
        let position = deleted.map_err(status::of)?;
        let position = delete_resp::Position { commit_position: position, prepare_position: position };
        Ok(Response::new(DeleteResp { position_option: Some(delete_resp::PositionOption::Position(position)) }))
    }

    async fn tombstone(&self, request: Request<TombstoneReq>) -> Result<Response<TombstoneResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let options = request.into_inner().options.ok_or_else(|| invalid("The options are missing."))?;
        let stream = read_name(options.stream_identifier.as_ref())?;
        let expected = expected!(tombstone_req::options::ExpectedStreamRevision, options.expected_stream_revision)?;
        let ended = self.0.app.delete_stream(&caller, (&stream, expected), Deletion::Final).await;
        let position = ended.map_err(status::of)?;
        let position = tombstone_resp::Position { commit_position: position, prepare_position: position };
        Ok(Response::new(TombstoneResp { position_option: Some(tombstone_resp::PositionOption::Position(position)) }))
    }
}
