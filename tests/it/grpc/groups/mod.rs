//! Persistent subscriptions, on every engine: a consumer made of the protocol's messages.

mod consuming;
mod keeping;
mod killed;
mod servers;
mod settling;

use super::*;
use chitra::grpc::proto::client::persistent_subscriptions::persistent_subscriptions_client::PersistentSubscriptionsClient;
use chitra::grpc::proto::client::persistent_subscriptions::read_req::nack::Action;
use chitra::grpc::proto::client::persistent_subscriptions::read_resp::read_event::Count;
use chitra::grpc::proto::client::persistent_subscriptions::{
    AllOptions, CreateReq, DeleteReq as EndReq, GetInfoReq, ListReq, ReadReq as ConsumeReq, ReadResp as ConsumeResp,
    ReplayParkedReq, Settings, StreamOptions, SubscriptionInfo, UpdateReq, create_req, delete_req as end_req,
    get_info_req, list_req, read_req as consume_req, read_resp as consume_resp, replay_parked_req, settings,
    stream_options, update_req,
};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::Streaming;

/// What published clients send, with a place written down after each event.
pub fn usual() -> Settings {
    Settings {
        max_retry_count: 3,
        min_checkpoint_count: 1,
        max_checkpoint_count: 1,
        live_buffer_size: 50,
        read_batch_size: 10,
        history_buffer_size: 50,
        message_timeout: Some(settings::MessageTimeout::MessageTimeoutMs(30_000)),
        checkpoint_after: Some(settings::CheckpointAfter::CheckpointAfterMs(10)),
        consumer_strategy: "RoundRobin".to_owned(),
        ..Settings::default()
    }
}

/// From the beginning of a stream.
pub fn of_stream(stream: &str, revision: Option<u64>) -> create_req::options::StreamOption {
    create_req::options::StreamOption::Stream(StreamOptions {
        stream_identifier: Some(name(stream)),
        revision_option: revision.map(stream_options::RevisionOption::Revision),
    })
}

impl<S> Caller<S> {
    pub fn groups(&self) -> PersistentSubscriptionsClient<Channel> {
        PersistentSubscriptionsClient::new(self.channel.clone())
    }

    /// Makes a group.
    pub async fn make(
        &self,
        group: &str,
        of: create_req::options::StreamOption,
        settings: Settings,
    ) -> Result<(), String> {
        let options = create_req::Options {
            stream_option: Some(of),
            stream_identifier: None,
            group_name: group.to_owned(),
            settings: Some(settings),
        };
        self.make_of(options).await
    }

    pub async fn make_of(&self, options: create_req::Options) -> Result<(), String> {
        let made = self.groups().create(self.request(CreateReq { options: Some(options) })).await;
        made.map(|_| ()).map_err(|status| kind(&status))
    }

    pub async fn change(&self, stream: &str, group: &str, settings: Settings) -> Result<(), String> {
        let of = StreamOptions { stream_identifier: Some(name(stream)), revision_option: None };
        let options = update_req::Options {
            stream_option: Some(update_req::options::StreamOption::Stream(of)),
            stream_identifier: None,
            group_name: group.to_owned(),
            settings: Some(settings),
        };
        let changed = self.groups().update(self.request(UpdateReq { options: Some(options) })).await;
        changed.map(|_| ()).map_err(|status| kind(&status))
    }

    pub async fn unmake(&self, stream: &str, group: &str) -> Result<(), String> {
        let stream_option = Some(end_req::options::StreamOption::StreamIdentifier(name(stream)));
        let options = end_req::Options { stream_option, group_name: group.to_owned() };
        let ended = self.groups().delete(self.request(EndReq { options: Some(options) })).await;
        ended.map(|_| ()).map_err(|status| kind(&status))
    }

    pub async fn info(&self, stream: &str, group: &str) -> Result<SubscriptionInfo, String> {
        let stream_option = Some(get_info_req::options::StreamOption::StreamIdentifier(name(stream)));
        let options = get_info_req::Options { stream_option, group_name: group.to_owned() };
        let found = self.groups().get_info(self.request(GetInfoReq { options: Some(options) })).await;
        found.map(|found| found.into_inner().subscription_info.unwrap()).map_err(|status| kind(&status))
    }

    /// The names of all groups, or of those of a stream.
    pub async fn list(&self, stream: Option<&str>) -> Result<Vec<String>, String> {
        use list_req::options::ListOption;
        let list_option = match stream {
            None => ListOption::ListAllSubscriptions(Empty {}),
            Some(stream) => ListOption::ListForStream(list_req::StreamOption {
                stream_option: Some(list_req::stream_option::StreamOption::Stream(name(stream))),
            }),
        };
        let options = list_req::Options { list_option: Some(list_option) };
        let found = self.groups().list(self.request(ListReq { options: Some(options) })).await;
        let found = found.map_err(|status| kind(&status))?.into_inner().subscriptions;
        Ok(found.into_iter().map(|found| format!("{}::{}", found.event_source, found.group_name)).collect())
    }

    pub async fn replay(&self, stream: &str, group: &str, stop_at: Option<i64>) -> Result<(), String> {
        use replay_parked_req::options::{StopAtOption, StreamOption};
        let options = replay_parked_req::Options {
            group_name: group.to_owned(),
            stream_option: Some(StreamOption::StreamIdentifier(name(stream))),
            stop_at_option: Some(stop_at.map_or(StopAtOption::NoLimit(Empty {}), StopAtOption::StopAt)),
        };
        let replayed = self.groups().replay_parked(self.request(ReplayParkedReq { options: Some(options) })).await;
        replayed.map(|_| ()).map_err(|status| kind(&status))
    }

    /// Joins a group of a stream, or of the log where none is named.
    pub async fn consume(&self, stream: Option<&str>, group: &str, buffer_size: i32) -> Result<Consumer, String> {
        use consume_req::options::StreamOption;
        let options = consume_req::Options {
            stream_option: Some(
                stream.map_or(StreamOption::All(Empty {}), |stream| StreamOption::StreamIdentifier(name(stream))),
            ),
            group_name: group.to_owned(),
            buffer_size,
            uuid_option: None,
        };
        let (sender, receiver) = mpsc::unbounded_channel();
        sender.send(ConsumeReq { content: Some(consume_req::Content::Options(options)) }).unwrap();
        let messages =
            futures_util::stream::unfold(receiver, |mut receiver: mpsc::UnboundedReceiver<ConsumeReq>| async {
                receiver.recv().await.map(|message| (message, receiver))
            });
        let answers = self.groups().read(self.request(messages)).await.map_err(|status| kind(&status))?;
        let mut consumer = Consumer { sender, answers: answers.into_inner(), held: BTreeMap::new() };
        let first = consumer.answers.message().await.map_err(|status| kind(&status))?.unwrap().content.unwrap();
        let consume_resp::Content::SubscriptionConfirmation(confirmed) = first else { panic!("{first:?}") };
        assert_eq!(confirmed.subscription_id, format!("{}::{group}", stream.unwrap_or("$all")));
        Ok(consumer)
    }
}

/// A consumer, and the ids of what it was handed.
pub struct Consumer {
    sender: mpsc::UnboundedSender<ConsumeReq>,
    pub answers: Streaming<ConsumeResp>,
    held: BTreeMap<u64, Id>,
}

impl Consumer {
    /// The next event: its revision, and how often it was handed out before. Or why there is none.
    pub async fn next(&mut self) -> Result<(u64, i32), String> {
        let (event, retries) = self.event().await?;
        let original = event.link.as_ref().or(event.event.as_ref()).unwrap();
        let number = event.event.as_ref().unwrap().stream_revision;
        self.held.insert(number, original.id.clone().unwrap());
        Ok((number, retries))
    }

    /// The same with all that it has.
    pub async fn event(&mut self) -> Result<(consume_resp::ReadEvent, i32), String> {
        let message = tokio::time::timeout(Duration::from_secs(20), self.answers.message()).await.unwrap();
        match message.map_err(|status| kind(&status))?.map(|message| message.content.unwrap()) {
            Some(consume_resp::Content::Event(event)) => match event.count {
                Some(Count::RetryCount(retries)) => Ok((event, retries)),
                other => panic!("{other:?}"),
            },
            None => Err("end".to_owned()),
            other => panic!("{other:?}"),
        }
    }

    /// Expects these events.
    pub async fn told(&mut self, expected: &[(u64, i32)]) {
        for expected in expected {
            assert_eq!(self.next().await.as_ref(), Ok(expected));
        }
    }

    /// Nothing comes for a while.
    pub async fn hears_nothing(&mut self) {
        let message = tokio::time::timeout(Duration::from_millis(300), self.answers.message()).await;
        assert!(message.is_err(), "{message:?}");
    }

    fn ids(&self, numbers: &[u64]) -> Vec<Id> {
        numbers.iter().map(|number| self.held[number].clone()).collect()
    }

    pub fn ack(&self, numbers: &[u64]) {
        let ack = consume_req::Ack { id: Vec::new().into(), ids: self.ids(numbers) };
        self.sender.send(ConsumeReq { content: Some(consume_req::Content::Ack(ack)) }).unwrap();
    }

    pub fn nack(&self, number: u64, action: Action) {
        let (ids, reason) = (self.ids(&[number]), "It is odd.".to_owned());
        let nack = consume_req::Nack { id: Vec::new().into(), ids, action: action.into(), reason };
        self.sender.send(ConsumeReq { content: Some(consume_req::Content::Nack(nack)) }).unwrap();
    }
}

/// Looks until something holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not come to hold");
}
