//! Connections on their way in by TLS: hands are shaken beside each other, and nobody takes long over it.

use futures_util::{Stream, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Handshakes at a time; more wait to be accepted.
const HANDSHAKES_MAX: usize = 256;
/// How long one may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);

/// The connections that came to speak TLS; the others are dropped.
pub(super) fn accepted(
    incoming: impl Stream<Item = std::io::Result<TcpStream>>,
    tls: Arc<rustls::ServerConfig>,
) -> impl Stream<Item = std::io::Result<TlsStream<TcpStream>>> {
    let acceptor = TlsAcceptor::from(tls);
    incoming
        .map(move |connection| {
            let acceptor = acceptor.clone();
            async move {
                // A connection that is gone already is no reason to accept no more.
                let shaken = tokio::time::timeout(HANDSHAKE_WITHIN, acceptor.accept(connection.ok()?)).await;
                shaken.ok()?.ok()
            }
        })
        .buffer_unordered(HANDSHAKES_MAX)
        .filter_map(|connection| std::future::ready(connection.map(Ok)))
}
