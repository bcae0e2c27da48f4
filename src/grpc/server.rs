//! Puts the services together and serves them on a port of their own, until they are stopped.

use super::features::FeaturesService;
use super::gossip::GossipService;
use super::persistent::PersistentService;
use super::proto::client::gossip::gossip_server::GossipServer;
use super::proto::client::persistent_subscriptions::persistent_subscriptions_server::PersistentSubscriptionsServer;
use super::proto::client::server_features::server_features_server::ServerFeaturesServer;
use super::proto::client::streams::streams_server::StreamsServer;
use super::proto::v2::streams::streams_service_server::StreamsServiceServer;
use super::session::SessionService;
use super::streams::StreamsService;
use super::tls;
use crate::app::App;
use crate::app::eventstore::groups::keeper::Groups;
use crate::app::eventstore::tail::Tail;
use crate::app::limits::Limits;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use uuid::Uuid;

/// The largest message that is taken: an append of the largest size, with what is around it.
const MESSAGE_BYTES_MAX: usize = 17 * 1024 * 1024;
/// How many calls one connection has at a time: clients keep one for all of their subscriptions.
const CALLS_MAX: u32 = 2000;
/// How often a silent connection is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// How long calls may take to end after the server was asked to stop.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// How the protocol is served.
#[derive(Default)]
pub struct GrpcOptions {
    /// How it speaks TLS. Without it there is none.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Anybody may call without a key: in a sandbox only.
    pub is_open: bool,
    /// Shared with the API's port.
    pub limits: Arc<Limits>,
}

/// What all services share.
pub(super) struct Doors {
    pub app: Arc<App>,
    pub tail: Arc<Tail>,
    pub groups: Arc<Groups>,
    pub is_open: bool,
    pub limits: Arc<Limits>,
    /// Becomes true when the server stops, so that subscriptions end.
    pub stop: watch::Receiver<bool>,
    /// Which server this is, as long as it runs.
    pub instance: Uuid,
}

/// A server that listens, and where.
pub struct GrpcServing {
    pub address: SocketAddr,
    groups: Arc<Groups>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl GrpcServing {
    /// Takes no more calls, ends subscriptions, and returns when the other calls are answered.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.groups.ended().await;
        let abort = self.task.abort_handle();
        match tokio::time::timeout(STOP_WITHIN, self.task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(%error, "the event store protocol ended with a failure: {error}"),
            Ok(Err(error)) => tracing::error!(%error, "the event store protocol broke off: {error}"),
            Err(_) => abort.abort(),
        }
    }
}

/// Why it cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum GrpcError {
    #[error("the event store protocol cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

/// Serves on a listener, in the background.
pub fn serve(app: Arc<App>, listener: TcpListener, options: GrpcOptions) -> Result<GrpcServing, GrpcError> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let incoming = TcpIncoming::from(tokio::net::TcpListener::from_std(listener)?).with_nodelay(Some(true));
    let (stop, stopped) = watch::channel(false);
    let instance = app.clock.opaque_id();
    let tail = Tail::new(Arc::clone(&app.store));
    let groups = Groups::new(Arc::clone(&app), Arc::clone(&tail), stopped.clone());
    let shared = Arc::clone(&groups);
    let GrpcOptions { tls, is_open, limits } = options;
    let doors = Arc::new(Doors { app, tail, groups: shared, is_open, limits, stop: stopped.clone(), instance });
    let mut server = Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .max_concurrent_streams(Some(CALLS_MAX))
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(4 * 1024 * 1024);
    let streams = StreamsServer::new(StreamsService(Arc::clone(&doors))).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let sessions =
        StreamsServiceServer::new(SessionService(Arc::clone(&doors))).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let router = server
        .add_service(streams)
        .add_service(sessions)
        .add_service(ServerFeaturesServer::new(FeaturesService))
        .add_service(GossipServer::new(GossipService { doors: Arc::clone(&doors), address }))
        .add_service(PersistentSubscriptionsServer::new(PersistentService(doors)));
    let mut signal = stopped;
    let until_stopped = async move {
        let _ = signal.wait_for(|stopped| *stopped).await;
    };
    let task = match tls {
        Some(tls) => tokio::spawn(router.serve_with_incoming_shutdown(tls::accepted(incoming, tls), until_stopped)),
        None => tokio::spawn(router.serve_with_incoming_shutdown(incoming, until_stopped)),
    };
    Ok(GrpcServing { address, groups, stop, task })
}
