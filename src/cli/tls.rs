//! TLS of `serve`: the pair of a port, looking for new ones, and when a port may do without.

use super::Failure;
use crate::app::certificates::{Certificates, Looked};
use crate::config::Settings;
use clap::Args;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// Flags of `serve` that say how safe its ports and its database are.
#[derive(Debug, Clone, Default, Args)]
pub struct TlsArguments {
    /// Speak TLS on the port of the API with this certificate and its chain, PEM. Taken anew when the file changes, or at SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A proxy before this server ends TLS: without it or a certificate, nothing but a loopback address is listened on
    #[arg(long)]
    pub behind_proxy: bool,
    /// Serve a database that may lose at a power failure what was answered (PostgreSQL with fsync off): for trying out only
    #[arg(long)]
    pub allow_forgetting: bool,
}

/// How often the files are looked at by themselves.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// The pair that the settings name for the port of the API.
pub(super) fn of_settings(settings: &Settings) -> Result<Option<Arc<Certificates>>, Failure> {
    pair((settings.tls_cert.as_deref(), "--tls-cert"), (settings.tls_key.as_deref(), "--tls-key"))
}

/// A pair of files, of which both or none are named.
pub(super) fn pair(
    (certificate, certificate_flag): (Option<&Path>, &str),
    (key, key_flag): (Option<&Path>, &str),
) -> Result<Option<Arc<Certificates>>, Failure> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Certificates::load(certificate, key)?)),
        (Some(_), None) => Err(Failure(format!("{certificate_flag} is named, and {key_flag} is not: TLS needs both"))),
        (None, Some(_)) => Err(Failure(format!("{key_flag} is named, and {certificate_flag} is not: TLS needs both"))),
    }
}

/// Refuses a port that other machines reach in clear, unless somebody says that TLS ends before it.
pub(super) fn check_not_in_clear(
    listener: &TcpListener,
    certificates: Option<&Arc<Certificates>>,
    settings: &Settings,
) -> Result<(), Failure> {
    let address = listener.local_addr()?;
    if certificates.is_some() || settings.behind_proxy || address.ip().is_loopback() {
        return Ok(());
    }
    Err(Failure(format!(
        "{address} can be reached from other machines, and keys and names would go there in clear: name a certificate with --tls-cert and --tls-key, listen on 127.0.0.1, or say --behind-proxy if a proxy before it ends TLS"
    )))
}

/// Looks for new pairs every minute, and when the process is told to (SIGHUP).
pub(super) fn follow(all: Vec<Arc<Certificates>>) -> Result<JoinHandle<()>, Failure> {
    let mut told = signal(SignalKind::hangup())?;
    Ok(tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = told.recv() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            for one in &all {
                look(one).await;
            }
        }
    }))
}

async fn look(certificates: &Arc<Certificates>) {
    let (path, was_refused) = (certificates.files().0.display().to_string(), certificates.is_refused());
    let looking = Arc::clone(certificates);
    match tokio::task::spawn_blocking(move || looking.look()).await {
        Ok(Ok(Looked::Changed)) => tracing::info!(path, "new connections are shown the certificate of {path}"),
        // A file that is away is told of at its first look, like one that is bad.
        Ok(Err(error)) if !was_refused => {
            tracing::error!(%error, "the new certificate is not taken, the one before is shown on: {error}");
        }
        Ok(Ok(Looked::Same | Looked::Refused) | Err(_)) => {}
        Err(error) => tracing::error!(%error, "looking at {path} ended badly"),
    }
}
