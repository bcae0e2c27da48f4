//! The service `PersistentSubscriptions`: finds the caller and hands each call on.

mod info;
mod options;
mod read;

use super::convert::read_name;
use super::identity;
use super::proto::client::Empty;
use super::proto::client::persistent_subscriptions::persistent_subscriptions_server::PersistentSubscriptions;
use super::proto::client::persistent_subscriptions::{
    CreateReq, CreateResp, DeleteReq, DeleteResp, GetInfoReq, GetInfoResp, ListReq, ListResp, ReadReq, ReplayParkedReq,
    ReplayParkedResp, UpdateReq, UpdateResp, delete_req, get_info_req, list_req, replay_parked_req,
};
use super::server::Doors;
use super::status::{self, invalid};
use crate::app::eventstore::groups::settings::ALL;
use options::{Source, name_of};
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};

/// The service.
pub(super) struct PersistentService(pub Arc<Doors>);

/// A group's name, out of any of the messages that name one.
macro_rules! named {
    ($($form:ident)::+, $options:expr) => {{
        use $($form)::+ as Form;
        let stream = match $options.stream_option {
            Some(Form::StreamIdentifier(stream)) => Some(Source::Stream(stream)),
            Some(Form::All(_)) => Some(Source::Log),
            None => None,
        };
        name_of(stream, $options.group_name)
    }};
}

fn missing() -> Status {
    invalid("The options are missing.")
}

#[tonic::async_trait]
impl PersistentSubscriptions for PersistentService {
    type ReadStream = read::Answers;

    async fn create(&self, request: Request<CreateReq>) -> Result<Response<CreateResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let (name, settings) = options::of_create(request.into_inner().options.ok_or_else(missing)?)?;
        self.0.groups.create(&caller, name, settings).await.map_err(status::of_group)?;
        Ok(Response::new(CreateResp {}))
    }

    async fn update(&self, request: Request<UpdateReq>) -> Result<Response<UpdateResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let (name, settings) = options::of_update(request.into_inner().options.ok_or_else(missing)?)?;
        self.0.groups.update(&caller, name, settings).await.map_err(status::of_group)?;
        Ok(Response::new(UpdateResp {}))
    }

    async fn delete(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let options = request.into_inner().options.ok_or_else(missing)?;
        let name = named!(delete_req::options::StreamOption, options)?;
        self.0.groups.delete(&caller, name).await.map_err(status::of_group)?;
        Ok(Response::new(DeleteResp {}))
    }

    async fn read(&self, request: Request<Streaming<ReadReq>>) -> Result<Response<Self::ReadStream>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        read::answers(&self.0, caller, request).await.map(Response::new)
    }

    async fn get_info(&self, request: Request<GetInfoReq>) -> Result<Response<GetInfoResp>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        let options = request.into_inner().options.ok_or_else(missing)?;
        let name = named!(get_info_req::options::StreamOption, options)?;
        let found = self.0.groups.info(&caller, &name).await.map_err(status::of_group)?;
        Ok(Response::new(GetInfoResp { subscription_info: Some(info::shown(found)) }))
    }

    async fn replay_parked(&self, request: Request<ReplayParkedReq>) -> Result<Response<ReplayParkedResp>, Status> {
        use replay_parked_req::options::StopAtOption;
        let caller = identity::caller(&self.0, &request).await?;
        let options = request.into_inner().options.ok_or_else(missing)?;
        let stop_at = match options.stop_at_option {
            Some(StopAtOption::StopAt(number)) => {
                Some(u64::try_from(number).map_err(|_| invalid("A replay stops at a number from 0 on."))?)
            }
            Some(StopAtOption::NoLimit(_)) | None => None,
        };
        let name = named!(replay_parked_req::options::StreamOption, options)?;
        self.0.groups.replay(&caller, &name, stop_at).await.map_err(status::of_group)?;
        Ok(Response::new(ReplayParkedResp {}))
    }

    async fn list(&self, request: Request<ListReq>) -> Result<Response<ListResp>, Status> {
        use list_req::options::ListOption;
        use list_req::stream_option::StreamOption;
        let caller = identity::caller(&self.0, &request).await?;
        let option = request.into_inner().options.ok_or_else(missing)?.list_option;
        let source = match option.ok_or_else(|| invalid("Which persistent subscriptions is missing."))? {
            ListOption::ListAllSubscriptions(_) => None,
            ListOption::ListForStream(of) => match of.stream_option {
                Some(StreamOption::Stream(stream)) => Some(read_name(Some(&stream))?),
                Some(StreamOption::All(_)) => Some(ALL.to_owned()),
                None => return Err(invalid("Which stream is missing.")),
            },
        };
        let found = self.0.groups.list(&caller, source.as_deref()).await.map_err(status::of_group)?;
        if found.is_empty() {
            return Err(status::no_group(&source.unwrap_or_default(), ""));
        }
        Ok(Response::new(ListResp { subscriptions: found.into_iter().map(info::shown).collect() }))
    }

    async fn restart_subsystem(&self, request: Request<Empty>) -> Result<Response<Empty>, Status> {
        let caller = identity::caller(&self.0, &request).await?;
        self.0.groups.restart(&caller).await.map_err(status::of_group)?;
        Ok(Response::new(Empty {}))
    }
}
