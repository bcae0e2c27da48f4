//! A provider over HTTP: what it says of itself, its keys, and a code redeemed. What it said is kept for a while; secrets go by TLS, or to this
//! machine.

use crate::app::hex;
use crate::app::oidc::settings::{OidcSettings, may_be_asked};
use crate::app::oidc::token::Jwk;
use crate::app::outgoing;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Mutex;

/// What a provider said is believed for so long.
const KEPT_US: i64 = 600 * 1_000_000;
/// Its keys are asked for anew no more often than this, whatever tokens come.
const ASKED_EVERY_US: i64 = 10 * 1_000_000;
const TIME_MAX: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: u64 = 512 * 1024;

/// A provider that gives no good answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Away {
    #[error("the provider does not answer: {0}")]
    Silent(String),
    #[error("the provider's answer is none: {0}")]
    Strange(String),
    #[error("the provider does not take the code: {0}")]
    Code(String),
    #[error("keys_file: {0}")]
    KeysFile(String),
}

/// What it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Endpoints {
    issuer: String,
    #[serde(rename = "authorization_endpoint")]
    pub authorization: String,
    #[serde(rename = "token_endpoint")]
    token: String,
    #[serde(rename = "jwks_uri")]
    keys: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// What it said, and when.
#[derive(Default)]
struct Said {
    endpoints: Option<(i64, Arc<Endpoints>)>,
    keys: Option<(i64, Arc<Vec<Jwk>>)>,
}

/// A key of a kind that is not known here is no fault of the others.
fn known(set: KeySet) -> Vec<Jwk> {
    set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect()
}

/// The keys of a file: a set as `jwks_uri` gives it.
pub fn keys_of(bytes: &[u8]) -> Result<Vec<Jwk>, String> {
    let keys = known(serde_json::from_slice(bytes).map_err(|error| format!("it is no set of keys (JWKS): {error}"))?);
    if keys.is_empty() { Err("there is no public key in it".to_owned()) } else { Ok(keys) }
}

/// One provider.
pub struct Provider {
    issuer: String,
    /// Where its keys are when it is not asked for them.
    keys_file: Option<PathBuf>,
    said: Mutex<Said>,
}

impl Provider {
    #[must_use]
    pub fn new(issuer: &str, keys_file: Option<PathBuf>) -> Self {
        Self { issuer: issuer.to_owned(), keys_file, said: Mutex::new(Said::default()) }
    }

    /// What it says of itself.
    pub async fn endpoints(&self, now_us: i64) -> Result<Arc<Endpoints>, Away> {
        let mut said = self.said.lock().await;
        self.endpoints_of(&mut said, now_us).await
    }

    async fn endpoints_of(&self, said: &mut Said, now_us: i64) -> Result<Arc<Endpoints>, Away> {
        if let Some((at, endpoints)) = &said.endpoints
            && now_us - at < KEPT_US
        {
            return Ok(Arc::clone(endpoints));
        }
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let endpoints: Endpoints = read(ask(address).await?)?;
        if endpoints.issuer != self.issuer {
            return Err(Away::Strange("it calls itself another issuer".to_owned()));
        }
        for address in [&endpoints.authorization, &endpoints.token, &endpoints.keys] {
            if !may_be_asked(address) {
                return Err(Away::Strange("one of its addresses is without TLS".to_owned()));
            }
        }
        let endpoints = Arc::new(endpoints);
        said.endpoints = Some((now_us, Arc::clone(&endpoints)));
        Ok(endpoints)
    }

    /// Its keys; anew when one is missing and they were not asked for just now.
    pub async fn keys(&self, now_us: i64, anew: bool) -> Result<Arc<Vec<Jwk>>, Away> {
        let mut said = self.said.lock().await;
        let kept_us = if anew { ASKED_EVERY_US } else { KEPT_US };
        if let Some((at, keys)) = &said.keys
            && now_us - at < kept_us
        {
            return Ok(Arc::clone(keys));
        }
        let keys = if let Some(file) = &self.keys_file {
            let bytes = tokio::fs::read(file).await.map_err(|error| Away::KeysFile(error.to_string()))?;
            keys_of(&bytes).map_err(Away::KeysFile)?
        } else {
            let address = self.endpoints_of(&mut said, now_us).await?.keys.clone();
            known(read(ask(address).await?)?)
        };
        let keys = Arc::new(keys);
        said.keys = Some((now_us, Arc::clone(&keys)));
        Ok(keys)
    }

    /// The ID token for a code.
    pub async fn redeem(
        &self,
        settings: &OidcSettings,
        (code, verifier): (&str, &str),
        now_us: i64,
    ) -> Result<String, Away> {
        let address = self.endpoints(now_us).await?.token.clone();
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &settings.redirect()),
            ("client_id", &settings.client_id),
            ("code_verifier", verifier),
        ]);
        let secret = settings.client_secret.as_ref().map(|secret| {
            let pair = format!("{}:{}", encoded(&settings.client_id), encoded(&secret.0));
            format!("Basic {}", STANDARD.encode(pair))
        });
        let (status, bytes) = on_a_thread(move || {
            let mut request = AGENT.post(&address).header("accept", "application/json");
            if let Some(secret) = secret {
                request = request.header("authorization", secret);
            }
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            answer(request.send(body.as_bytes()))
        })
        .await?;
        let told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if !(200..300).contains(&status) {
            let error: String = told["error"].as_str().unwrap_or("no error named").chars().take(60).collect();
            return Err(Away::Code(format!("{status}, {error}")));
        }
        let token = told["id_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| Away::Strange("there is no id_token in it".to_owned()))
    }
}

/// Follows nothing: a secret goes where it was meant to.
static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| ureq::Agent::new_with_config(outgoing::settings(TIME_MAX)));

type Answered = Result<(u16, Vec<u8>), Away>;

fn answer(answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answered {
    let silent = |error: ureq::Error| Away::Silent(error.to_string());
    let mut response = answered.map_err(silent)?;
    let bytes = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(silent)?;
    Ok((response.status().as_u16(), bytes))
}

async fn on_a_thread(asked: impl FnOnce() -> Answered + Send + 'static) -> Answered {
    tokio::task::spawn_blocking(asked).await.map_err(|error| Away::Silent(error.to_string()))?
}

async fn ask(address: String) -> Answered {
    on_a_thread(move || answer(AGENT.get(&address).header("accept", "application/json").call())).await
}

fn read<T: DeserializeOwned>((status, bytes): (u16, Vec<u8>)) -> Result<T, Away> {
    if status != 200 {
        return Err(Away::Silent(format!("status {status}")));
    }
    serde_json::from_slice(&bytes).map_err(|error| Away::Strange(error.to_string()))
}

/// Pairs as forms have them.
#[must_use]
pub fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, text)| format!("{name}={}", encoded(text))).collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    hex::percent(text, b"-._~")
}
