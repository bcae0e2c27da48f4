//! Flags of `serve` for the event store protocol, and what they come to.

use super::{Failure, serve, tls};
use crate::app::certificates::Certificates;
use crate::app::limits::Limits;
use crate::grpc::server::GrpcOptions;
use clap::Args;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

/// How the event store protocol is served.
#[derive(Debug, Clone, Default, Args)]
pub struct GrpcArguments {
    /// Serve the event store protocol (EventStoreDB, KurrentDB) over gRPC, too; port 0 takes a free one, and the address is a second line
    /// of the ready file
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:2113")]
    pub grpc: Option<String>,
    /// Its certificate with the chain, PEM [default: that of the API's port]. Without one it is served on this machine alone (loopback)
    #[arg(long, value_name = "FILE", requires_all = ["grpc", "grpc_tls_key"])]
    pub grpc_tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM
    #[arg(long, value_name = "FILE", requires_all = ["grpc", "grpc_tls_cert"])]
    pub grpc_tls_key: Option<PathBuf>,
    /// Let anybody read and append without a key; only in a sandbox
    #[arg(long, requires_all = ["grpc", "sandbox"])]
    pub grpc_open: bool,
}

/// A listener for the protocol and how it is served there.
pub struct GrpcDoor {
    pub listener: TcpListener,
    pub options: GrpcOptions,
    /// What it shows, if that is not what the API's port shows.
    pub certificates: Option<Arc<Certificates>>,
}

impl GrpcArguments {
    /// Binds what the flags ask for; nothing without `--grpc`. What the API's port shows is shown here too, unless there is something else.
    pub(super) fn door(
        &self,
        shown: Option<&Arc<Certificates>>,
        limits: &Arc<Limits>,
    ) -> Result<Option<GrpcDoor>, Failure> {
        let Some(address) = &self.grpc else { return Ok(None) };
        let certificates = tls::pair(
            (self.grpc_tls_cert.as_deref(), "--grpc-tls-cert"),
            (self.grpc_tls_key.as_deref(), "--grpc-tls-key"),
        )?;
        let tls = certificates.as_ref().or(shown).map(|shown| shown.server_config(&[b"h2"])).transpose()?;
        let tls = tls.map(Arc::new);
        let listener = serve::bind(address)?;
        if tls.is_none() && !self.grpc_open && !listener.local_addr()?.ip().is_loopback() {
            return Err(Failure(format!(
                "--grpc {address} can be reached from other machines, and keys would go there in clear: name a certificate with --grpc-tls-cert and --grpc-tls-key, or listen on 127.0.0.1"
            )));
        }
        let options = GrpcOptions { tls, is_open: self.grpc_open, limits: Arc::clone(limits) };
        Ok(Some(GrpcDoor { listener, options, certificates }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(address: &str) -> GrpcArguments {
        GrpcArguments { grpc: Some(address.to_owned()), ..GrpcArguments::default() }
    }

    #[test]
    fn keys_go_over_no_network_in_clear() {
        let refused = asked("0.0.0.0:0").door(None, &Arc::default()).err().unwrap();
        assert!(refused.0.contains("--grpc-tls-cert"), "{}", refused.0);
        assert!(asked("127.0.0.1:0").door(None, &Arc::default()).unwrap().is_some());
        assert!(GrpcArguments { grpc_open: true, ..asked("0.0.0.0:0") }.door(None, &Arc::default()).unwrap().is_some());
        assert!(GrpcArguments::default().door(None, &Arc::default()).unwrap().is_none());
    }

    #[test]
    fn a_certificate_that_is_not_there_is_named() {
        let (grpc_tls_cert, grpc_tls_key) =
            (Some(PathBuf::from("/nowhere/cert.pem")), Some(PathBuf::from("/nowhere/key.pem")));
        let refused = GrpcArguments { grpc_tls_cert, grpc_tls_key, ..asked("0.0.0.0:0") }
            .door(None, &Arc::default())
            .err()
            .unwrap();
        assert!(refused.0.contains("/nowhere/cert.pem"), "{}", refused.0);
    }
}
