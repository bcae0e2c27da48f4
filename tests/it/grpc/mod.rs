//! The event store protocol over gRPC, on every engine, by a client made of the same messages.

mod corners;
mod derived;
mod domain;
mod domain_rules;
mod doors;
mod follow;
mod groups;
mod idle;
mod limits;
mod place;
mod v2;

use crate::support::app::TestApp;
use chitra::app::access::Role;
use chitra::grpc::proto::client::streams::streams_client::StreamsClient;
use chitra::grpc::proto::client::streams::{
    AppendReq, DeleteReq, ReadReq, ReadResp, TombstoneReq, append_req, append_resp, delete_req, read_req, read_resp,
    tombstone_req,
};
use chitra::grpc::proto::client::{Empty, StreamIdentifier, Uuid as Id, uuid as id};
use chitra::grpc::server::{GrpcOptions, GrpcServing, serve};
use std::net::TcpListener;
use std::sync::Arc;
use tonic::transport::Channel;
use tonic::{Request, Status};
use uuid::Uuid;

pub use append_req::options::ExpectedStreamRevision as Expected;

/// A caller of the protocol's port.
pub struct Caller<S = GrpcServing> {
    pub channel: Channel,
    /// The value of its `authorization` header.
    pub authorization: Option<String>,
    /// Who serves it: this process, or another one.
    pub serving: S,
}

/// Serves the protocol and calls it with the key of a role, or without one.
pub async fn call(test: &TestApp, role: Option<Role>) -> Caller {
    call_with(test, role, GrpcOptions::default()).await
}

async fn call_with(test: &TestApp, role: Option<Role>, options: GrpcOptions) -> Caller {
    let authorization = match role {
        Some(role) => Some(format!("Bearer {}", test.key(role, None, (role == Role::Bank).then_some("vcb")).await)),
        None => None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let serving = serve(Arc::clone(&test.app), listener, options).unwrap();
    let channel = Channel::from_shared(format!("http://{}", serving.address)).unwrap().connect().await.unwrap();
    Caller { channel, authorization, serving }
}

pub const fn any() -> Expected {
    Expected::Any(Empty {})
}

pub const fn no_stream() -> Expected {
    Expected::NoStream(Empty {})
}

pub const fn exists() -> Expected {
    Expected::StreamExists(Empty {})
}

pub fn name(stream: &str) -> StreamIdentifier {
    StreamIdentifier { stream_name: stream.as_bytes().to_vec().into() }
}

/// An event of this number, the same each time.
pub fn proposed(number: u128, event_type: &str, data: &str) -> append_req::ProposedMessage {
    let metadata = [("type", event_type), ("content-type", "application/json")];
    append_req::ProposedMessage {
        id: Some(Id { value: Some(id::Value::String(Uuid::from_u128(number).to_string())) }),
        metadata: metadata.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        custom_metadata: Vec::new().into(),
        data: data.as_bytes().to_vec().into(),
    }
}

/// What became of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// The revision and the position of the last event.
    At(u64, u64),
    /// The stream is elsewhere: its revision.
    Wrong(Option<u64>),
    /// The trailer that says why.
    Refused(String),
}

/// Why a call was refused, by its trailer or its code.
pub fn kind(status: &Status) -> String {
    let typed = status.metadata().get("exception").map(|value| value.to_str().unwrap().to_owned());
    typed.unwrap_or_else(|| format!("{:?}", status.code()))
}

/// What a read answers, shortly: revisions, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    Events(Vec<u64>),
    NotFound,
    Refused(String),
}

impl<S> Caller<S> {
    pub fn streams(&self) -> StreamsClient<Channel> {
        StreamsClient::new(self.channel.clone())
    }

    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(value) = &self.authorization {
            request.metadata_mut().insert("authorization", value.parse().unwrap());
        }
        request
    }

    /// Sends an append.
    pub async fn send(
        &self,
        stream: &str,
        expected: Expected,
        events: &[append_req::ProposedMessage],
    ) -> Result<append_resp::Result, Status> {
        let options =
            append_req::Options { stream_identifier: Some(name(stream)), expected_stream_revision: Some(expected) };
        let first = AppendReq { content: Some(append_req::Content::Options(options)) };
        let rest = events
            .iter()
            .cloned()
            .map(|event| AppendReq { content: Some(append_req::Content::ProposedMessage(event)) });
        let messages: Vec<AppendReq> = std::iter::once(first).chain(rest).collect();
        let answer = self.streams().append(self.request(futures_util::stream::iter(messages))).await?;
        Ok(answer.into_inner().result.unwrap())
    }

    pub async fn append(&self, stream: &str, expected: Expected, events: &[append_req::ProposedMessage]) -> Appended {
        match self.send(stream, expected, events).await {
            Err(status) => Appended::Refused(kind(&status)),
            Ok(answer) => place(answer),
        }
    }

    /// Appends one event and expects it to be taken.
    pub async fn appended(&self, stream: &str, number: u128) -> u64 {
        match self.append(stream, any(), &[proposed(number, "T", "{}")]).await {
            Appended::At(_, position) => position,
            other => panic!("{other:?}"),
        }
    }

    /// The messages of a read, up to its end.
    pub async fn read_messages(&self, options: read_req::Options) -> Result<Vec<read_resp::Content>, Status> {
        let mut answer = self.streams().read(self.request(ReadReq { options: Some(options) })).await?.into_inner();
        let mut messages = Vec::new();
        while let Some(ReadResp { content }) = answer.message().await? {
            messages.push(content.unwrap());
        }
        Ok(messages)
    }

    pub async fn read(&self, stream: &str) -> Read {
        match self.read_messages(reading(stream, false)).await {
            Err(status) => Read::Refused(kind(&status)),
            Ok(messages) if matches!(messages[..], [read_resp::Content::StreamNotFound(_)]) => Read::NotFound,
            Ok(messages) => Read::Events(messages.iter().map(|message| event_of(message).stream_revision).collect()),
        }
    }

    pub async fn delete(
        &self,
        stream: &str,
        expected: delete_req::options::ExpectedStreamRevision,
    ) -> Result<(), String> {
        let options =
            delete_req::Options { stream_identifier: Some(name(stream)), expected_stream_revision: Some(expected) };
        let answer = self.streams().delete(self.request(DeleteReq { options: Some(options) })).await;
        answer.map(|_| ()).map_err(|status| kind(&status))
    }

    pub async fn end(
        &self,
        stream: &str,
        expected: tombstone_req::options::ExpectedStreamRevision,
    ) -> Result<(), String> {
        let options =
            tombstone_req::Options { stream_identifier: Some(name(stream)), expected_stream_revision: Some(expected) };
        let answer = self.streams().tombstone(self.request(TombstoneReq { options: Some(options) })).await;
        answer.map(|_| ()).map_err(|status| kind(&status))
    }
}

/// Where an append stands.
pub fn place(answer: append_resp::Result) -> Appended {
    use append_resp::success::{CurrentRevisionOption, PositionOption};
    use append_resp::wrong_expected_version::CurrentRevisionOption as Current;
    match answer {
        append_resp::Result::Success(success) => {
            let Some(CurrentRevisionOption::CurrentRevision(revision)) = success.current_revision_option else {
                panic!("{success:?}")
            };
            let Some(PositionOption::Position(position)) = success.position_option else { panic!("{success:?}") };
            assert_eq!(position.commit_position, position.prepare_position);
            Appended::At(revision, position.commit_position)
        }
        append_resp::Result::WrongExpectedVersion(wrong) => match wrong.current_revision_option.unwrap() {
            Current::CurrentRevision(revision) => Appended::Wrong(Some(revision)),
            Current::CurrentNoStream(_) => Appended::Wrong(None),
        },
    }
}

/// The event of a message; the one that a link points to, if it was followed.
pub fn event_of(message: &read_resp::Content) -> &read_resp::read_event::RecordedEvent {
    match message {
        read_resp::Content::Event(read) => read.event.as_ref().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Reads all of a stream.
pub fn reading(stream: &str, resolve_links: bool) -> read_req::Options {
    use read_req::options::{CountOption, FilterOption, StreamOption, StreamOptions, UuidOption, uuid_option};
    read_req::Options {
        stream_option: Some(StreamOption::Stream(StreamOptions {
            stream_identifier: Some(name(stream)),
            revision_option: None,
        })),
        count_option: Some(CountOption::Count(u64::MAX)),
        filter_option: Some(FilterOption::NoFilter(Empty {})),
        uuid_option: Some(UuidOption { content: Some(uuid_option::Content::String(Empty {})) }),
        resolve_links,
        ..read_req::Options::default()
    }
}
