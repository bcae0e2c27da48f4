//! Sends one message to one endpoint: within a time, only to addresses that are allowed, without following anybody anywhere else.

use super::address::{Network, may_reach};
use crate::app::outgoing;
use crate::domain::webhook::RetryAfter;
use async_trait::async_trait;
use std::io::{self, Read};
use std::time::Duration;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// How long a whole try may take.
const TIME_MAX: Duration = Duration::from_secs(15);
/// How much of an answer is read.
const ANSWER_BYTES_MAX: u64 = 1_024;
/// How much of it is kept.
const ANSWER_CHARACTERS_MAX: usize = 300;

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub url: String,
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub timestamp: i64,
    /// `webhook-signature`
    pub signature: String,
    pub body: String,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status of HTTP, if there was an answer.
    pub status: Option<u16>,
    /// How the answer begins.
    pub text: String,
    /// Why there was none.
    pub failure: Option<&'static str>,
    /// What an endpoint that is overloaded (429, 503) asked for.
    pub retry_after: Option<RetryAfter>,
}

impl Answer {
    /// Whether the endpoint took the message.
    #[must_use]
    pub fn took(&self) -> bool {
        self.failure.is_none() && self.status.is_some_and(|status| (200..300).contains(&status))
    }

    fn failed(failure: &'static str) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

/// Whatever brings messages to endpoints.
#[async_trait]
pub trait Sender: Send + Sync + 'static {
    async fn send(&self, message: Outgoing) -> Answer;
}

/// By HTTP, with the machine's own roots of trust.
pub struct HttpSender {
    agent: ureq::Agent,
}

/// Asks the machine, and takes only addresses that may be reached. What is answered is what is connected to, so that a name which leads
/// elsewhere a moment later gains nothing.
#[derive(Debug)]
struct Checked {
    networks: Vec<Network>,
    inner: DefaultResolver,
}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let plain = uri.scheme_str() != Some("https");
        let mut allowed = self.empty();
        for address in &self.inner.resolve(uri, config, timeout)? {
            if may_reach(address.ip(), plain, &self.networks) {
                allowed.push(*address);
            }
        }
        if allowed.is_empty() {
            return Err(ureq::Error::Io(io::Error::from(io::ErrorKind::PermissionDenied)));
        }
        Ok(allowed)
    }
}

impl HttpSender {
    /// Sends to the public network by TLS, and to these networks.
    #[must_use]
    pub fn new(networks: Vec<Network>) -> Self {
        Self::within(networks, TIME_MAX)
    }

    /// The same, giving each try so long.
    #[must_use]
    pub fn within(networks: Vec<Network>, time_max: Duration) -> Self {
        let config = outgoing::settings(time_max);
        let resolver = Checked { networks, inner: DefaultResolver::default() };
        Self { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver) }
    }
}

#[async_trait]
impl Sender for HttpSender {
    /// On a thread of its own, which nobody waits for when the server stops.
    async fn send(&self, message: Outgoing) -> Answer {
        let agent = self.agent.clone();
        let (teller, answer) = tokio::sync::oneshot::channel();
        let sending = std::thread::Builder::new().name("webhook".to_owned()).spawn(move || {
            // Whoever waited may have gone.
            let _told_if_possible = teller.send(post(&agent, &message));
        });
        if sending.is_err() {
            return Answer::failed("no_thread");
        }
        answer.await.unwrap_or_else(|_| Answer::failed("broken"))
    }
}

fn post(agent: &ureq::Agent, message: &Outgoing) -> Answer {
    let request = agent
        .post(&message.url)
        .header("content-type", "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", message.timestamp.to_string())
        .header("webhook-signature", &message.signature);
    match request.send(message.body.as_bytes()) {
        Ok(mut response) => {
            let status = response.status().as_u16();
            let mut bytes = Vec::new();
            // The status is the answer; a body that breaks off says nothing more.
            let _as_far_as_it_came = response.body_mut().as_reader().take(ANSWER_BYTES_MAX).read_to_end(&mut bytes);
            let retry_after = asked_pause(&response).filter(|_| matches!(status, 429 | 503));
            Answer { status: Some(status), text: beginning(&bytes), failure: None, retry_after }
        }
        Err(error) => Answer::failed(failure(&error)),
    }
}

fn asked_pause<T>(response: &ureq::http::Response<T>) -> Option<RetryAfter> {
    RetryAfter::parse(response.headers().get("retry-after")?.to_str().ok()?)
}

/// As text on one line.
fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ANSWER_CHARACTERS_MAX).collect()
}

/// Why there was no answer, in few words: an error's own text may hold the address.
fn failure(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timeout",
        ureq::Error::HostNotFound => "no_such_host",
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => "address_not_allowed",
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => "tls",
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "no_connection",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => "tls",
        _ => "no_answer_of_http",
    }
}
