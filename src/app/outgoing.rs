//! How the server asks others over HTTP: with the machine's own roots of trust, by no proxy, following nobody anywhere else.

use rustls_native_certs::load_native_certs;
use std::sync::Arc;
use std::time::Duration;
use ureq::config::Config;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How much an answer's headers may hold.
const HEADER_BYTES_MAX: usize = 16 * 1_024;

/// The settings of a client whose requests take `time_max` at most. A status of any kind is an answer.
#[must_use]
pub fn settings(time_max: Duration) -> Config {
    let roots = load_native_certs();
    for error in &roots.errors {
        tracing::warn!(error = %error, "a root of trust of this machine cannot be read");
    }
    let roots: Vec<_> = roots.certs.iter().map(|root| Certificate::from_der(root.as_ref()).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_response_header_size(HEADER_BYTES_MAX)
        .user_agent(concat!("chitra/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(time_max))
        .build()
}
