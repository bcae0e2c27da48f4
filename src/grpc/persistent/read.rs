//! Read: a consumer of a group, which is handed events and says what became of them, on one call.

use super::super::convert::{IdForm, read_id, shown};
use super::super::proto::client::persistent_subscriptions::read_req::nack::Action;
use super::super::proto::client::persistent_subscriptions::read_req::{self, Options};
use super::super::proto::client::persistent_subscriptions::read_resp::read_event::{Count, Position};
use super::super::proto::client::persistent_subscriptions::read_resp::{self, ReadEvent, SubscriptionConfirmation};
use super::super::proto::client::persistent_subscriptions::{ReadReq, ReadResp};
use super::super::proto::client::streams::read_req::options::uuid_option;
use super::super::server::Doors;
use super::super::status::{self, invalid};
use super::options::{Source, name_of};
use crate::app::eventstore::groups::membership::{Given, Joining, Settling};
use crate::app::eventstore::groups::settings::BUFFER_MAX;
use crate::app::eventstore::groups::{Membership, Nack};
use crate::app::eventstore::rights::StreamCaller;
use futures_util::{Stream, stream};
use std::pin::Pin;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tonic::{Request, Status, Streaming};

/// What a consumer is told.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<ReadResp, Status>> + Send>>;

/// Joins the group that the first message names.
pub(super) async fn answers(
    doors: &Arc<Doors>,
    caller: StreamCaller,
    request: Request<Streaming<ReadReq>>,
) -> Result<Answers, Status> {
    let from = request.remote_addr().map(|address| address.to_string()).unwrap_or_default();
    let connection_name = request.metadata().get("connection-name").and_then(|name| name.to_str().ok());
    let connection_name = connection_name.unwrap_or("<unknown>").to_owned();
    let mut messages = request.into_inner();
    let Some(ReadReq { content: Some(read_req::Content::Options(options)) }) = messages.message().await? else {
        return Err(invalid("The options come first."));
    };
    let form = form(&options);
    let buffer = usize::try_from(options.buffer_size).unwrap_or(0).clamp(1, BUFFER_MAX as usize);
    let stream = options.stream_option.map(|option| match option {
        read_req::options::StreamOption::StreamIdentifier(stream) => Source::Stream(stream),
        read_req::options::StreamOption::All(_) => Source::Log,
    });
    let name = name_of(stream, options.group_name)?;
    let who = Joining { from, username: caller.actor().to_owned(), connection_name, buffer };
    let membership = doors.groups.join(&caller, &name, who).await.map_err(status::of_group)?;
    let settling = tokio::spawn(settle(messages, membership.settling.clone()));
    let confirmation = SubscriptionConfirmation { subscription_id: name.subscription_id() };
    let consuming = Consuming { membership, form, settling, confirmation: Some(confirmation), is_over: false };
    Ok(Box::pin(stream::unfold(consuming, |mut consuming| async move {
        if consuming.is_over {
            return None;
        }
        let answer = consuming.next().await;
        consuming.is_over = !matches!(answer, Some(Ok(_)));
        Some((answer?, consuming))
    })))
}

fn form(options: &Options) -> IdForm {
    match options.uuid_option.as_ref().and_then(|option| option.content.as_ref()) {
        Some(uuid_option::Content::String(_)) => IdForm::Text,
        Some(uuid_option::Content::Structured(_)) | None => IdForm::Structured,
    }
}

struct Consuming {
    membership: Membership,
    form: IdForm,
    settling: JoinHandle<Result<(), Status>>,
    confirmation: Option<SubscriptionConfirmation>,
    is_over: bool,
}

impl Drop for Consuming {
    fn drop(&mut self) {
        self.settling.abort();
    }
}

impl Consuming {
    /// The next message; `None` when the consumer has nothing more to say, and goes.
    async fn next(&mut self) -> Option<Result<ReadResp, Status>> {
        if let Some(confirmation) = self.confirmation.take() {
            return Some(Ok(ReadResp { content: Some(read_resp::Content::SubscriptionConfirmation(confirmation)) }));
        }
        tokio::select! {
            given = self.membership.next() => {
                let event = given.map(|given| event(given, self.form)).map_err(status::of_group);
                Some(event.map(|event| ReadResp { content: Some(read_resp::Content::Event(event)) }))
            }
            ended = &mut self.settling => match ended {
                Ok(Err(status)) => Some(Err(status)),
                Ok(Ok(())) | Err(_) => None,
            },
        }
    }
}

fn event((handed, retries): Given, form: IdForm) -> ReadEvent {
    let position = Position::CommitPosition(handed.original().position);
    ReadEvent {
        event: Some(shown(handed.event.clone(), form)),
        link: handed.link.clone().map(|link| shown(link, form)),
        position: Some(position),
        count: Some(Count::RetryCount(i32::try_from(retries).unwrap_or(i32::MAX))),
    }
}

/// Hands on what a consumer says of events, until it says no more.
async fn settle(mut messages: Streaming<ReadReq>, settling: Settling) -> Result<(), Status> {
    while let Some(ReadReq { content }) = messages.message().await? {
        match content {
            Some(read_req::Content::Ack(ack)) => {
                let ids = ack.ids.iter().map(|id| read_id(Some(id))).collect::<Result<_, _>>()?;
                settling.ack(ids).await;
            }
            Some(read_req::Content::Nack(nack)) => {
                let ids = nack.ids.iter().map(|id| read_id(Some(id))).collect::<Result<_, _>>()?;
                let what = match Action::try_from(nack.action) {
                    Ok(Action::Unknown | Action::Retry) => Nack::Retry,
                    Ok(Action::Park) => Nack::Park,
                    Ok(Action::Skip) => Nack::Skip,
                    Ok(Action::Stop) => Nack::Stop,
                    Err(_) => return Err(invalid("What is to become of the event is none of the protocol's actions.")),
                };
                settling.nack(ids, what, nack.reason).await;
            }
            Some(read_req::Content::Stop(_)) => settling.stop().await,
            Some(read_req::Content::Options(_)) | None => return Err(invalid("The options come once, at first.")),
        }
    }
    Ok(())
}
