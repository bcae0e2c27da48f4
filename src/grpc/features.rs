//! The service `ServerFeatures`: the methods that there are, and no others, since clients call what stands here.

use super::proto::client::Empty;
use super::proto::client::server_features::server_features_server::ServerFeatures;
use super::proto::client::server_features::{SupportedMethod, SupportedMethods};
use tonic::{Request, Response, Status};

/// The version of the protocol whose calls are served.
const VERSION: &str = "25.0.0";

const PERSISTENT: &str = "event_store.client.persistent_subscriptions.persistentsubscriptions";
/// What a group may be of.
const SOURCES: &[&str] = &["stream", "all"];

/// Service, method, and what it can beyond its first form. Names in lower case, as clients compare them.
const METHODS: &[(&str, &str, &[&str])] = &[
    ("event_store.client.streams.streams", "read", &["position", "events"]),
    ("event_store.client.streams.streams", "append", &[]),
    ("event_store.client.streams.streams", "batchappend", &["deadline_duration"]),
    ("event_store.client.streams.streams", "delete", &[]),
    ("event_store.client.streams.streams", "tombstone", &[]),
    ("kurrentdb.protocol.v2.streams.streamsservice", "appendsession", &[]),
    ("kurrentdb.protocol.v2.streams.streamsservice", "appendrecords", &[]),
    (PERSISTENT, "create", SOURCES),
    (PERSISTENT, "update", SOURCES),
    (PERSISTENT, "delete", SOURCES),
    (PERSISTENT, "read", SOURCES),
    (PERSISTENT, "getinfo", SOURCES),
    (PERSISTENT, "replayparked", SOURCES),
    (PERSISTENT, "list", SOURCES),
    (PERSISTENT, "restartsubsystem", &[]),
    ("event_store.client.gossip.gossip", "read", &[]),
    ("event_store.client.server_features.serverfeatures", "getsupportedmethods", &[]),
];

/// The service.
pub(super) struct FeaturesService;

#[tonic::async_trait]
impl ServerFeatures for FeaturesService {
    async fn get_supported_methods(&self, _: Request<Empty>) -> Result<Response<SupportedMethods>, Status> {
        let method = |(service, method, features): &(&str, &str, &[&str])| SupportedMethod {
            method_name: (*method).to_owned(),
            service_name: (*service).to_owned(),
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        };
        let methods = METHODS.iter().map(method).collect();
        Ok(Response::new(SupportedMethods { methods, event_store_server_version: VERSION.to_owned() }))
    }
}
