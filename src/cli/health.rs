//! `chitra health`: whether a running server is ready, for containers that have no other program to ask with.

use super::{Failure, Outcome, output};
use crate::config::Settings;
use clap::Args;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A server that does not say so by then is not ready.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Flags of `health`.
#[derive(Debug, Args)]
pub struct HealthArguments {
    /// The server's address [default: http:// or, with a certificate in the settings, https://, and what they have it listen on]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// Asks `GET /readyz` and prints its status: exit code 0 when it is ready, 1 when a projection stopped or nobody answers.
pub async fn health(settings: &Settings, arguments: &HealthArguments) -> Result<Outcome, Failure> {
    let scheme = if settings.tls_cert.is_some() { "https" } else { "http" };
    let server = arguments.server.clone().unwrap_or_else(|| format!("{scheme}://{}", reached(&settings.listen)));
    let url = format!("{}/readyz", server.trim_end_matches('/'));
    // A server's certificate has its public name; this machine's own port is asked without it, and nothing secret goes there.
    let is_own = arguments.server.is_none();
    let (ready, status) = tokio::task::spawn_blocking(move || ask(&url, is_own)).await??;
    output::result(&status);
    Ok(if ready { Outcome::Done } else { Outcome::FallsShort })
}

/// Where a listener is reached from its own machine: one that takes every address has none of its own.
fn reached(listen: &str) -> String {
    match listen.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_unspecified() => {
            let ip = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
            SocketAddr::new(ip, address.port()).to_string()
        }
        _ => listen.to_owned(),
    }
}

/// Whom this machine trusts.
fn roots() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    found.certs.iter().map(|root| Certificate::from_der(root.as_ref()).to_owned()).collect()
}

fn ask(url: &str, is_own: bool) -> Result<(bool, String), Failure> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots())))
        .disable_verification(is_own)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(ANSWER_WITHIN));
    let agent: ureq::Agent = config.build().into();
    let mut response = agent.get(url).call().map_err(|error| Failure(format!("{url}: {error}")))?;
    let ready = response.status().is_success();
    let body: Value = serde_json::from_str(&response.body_mut().read_to_string()?)?;
    let status = body["status"].as_str().ok_or_else(|| Failure(format!("{url} is no server of chitra")))?;
    Ok((ready, status.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::reached;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_its_own_machine() {
        assert_eq!(reached("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reached("[::]:8080"), "[::1]:8080");
        assert_eq!(reached("10.0.0.7:8080"), "10.0.0.7:8080");
        assert_eq!(reached("localhost:8080"), "localhost:8080");
    }
}
