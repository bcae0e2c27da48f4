//! Asking witnesses to cosign the newest checkpoint (C2SP tlog-witness). Plain HTTP: cosignatures prove themselves, whoever carries them.

use super::StoredCheckpoint;
use crate::app::App;
use crate::app::error::AppError;
use crate::projections::Projection;
use crate::proof::note::{Kind, Signature};
use crate::proof::witness::AddCheckpoint;
use crate::proof::{Checkpoint, Note, Verifier, decimal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ureq::http::header::CONTENT_TYPE;

const TIMEOUT: Duration = Duration::from_secs(5);
/// The first try finds out what the witness saw, the second proves from there; more is for one that is asked by others too.
const TRIES_MAX: u32 = 3;
const SIZE: &str = "text/x.tlog.size";

/// A witness that is asked.
#[derive(Debug)]
pub struct AskedWitness {
    verifier: Verifier,
    url: String,
    /// The size that it cosigned last, as far as we know.
    seen: AtomicU64,
}

/// Why there is no cosignature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unasked {
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// Somebody showed it more of this log than there is.
    #[error("it cosigned {seen} events of this log, which has {head}: the log was cut, put back or copied")]
    Ahead { seen: u64, head: u64 },
    /// A newer checkpoint was cosigned meanwhile.
    #[error("it cosigned a newer checkpoint")]
    Overtaken,
    /// It saw another history.
    #[error("it refuses with {status}: {detail}")]
    Refused { status: u16, detail: String },
    #[error("its answer holds no cosignature that fits its key")]
    NoCosignature,
    #[error(transparent)]
    App(#[from] AppError),
}

impl Unasked {
    /// Whether the witness saw what this log does not hold.
    #[must_use]
    pub const fn is_contradiction(&self) -> bool {
        match self {
            Self::Ahead { .. } => true,
            Self::Refused { status, .. } => matches!(*status, 409 | 422),
            Self::Unreachable(_) | Self::Overtaken | Self::NoCosignature | Self::App(_) => false,
        }
    }
}

impl AskedWitness {
    /// Reads `VKEY URL`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = "expected the witness's verifier key and its address, \"NAME+ID+KEY http://host:port\"";
        let (key, url) = text.trim().split_once(' ').ok_or(expected)?;
        let verifier = Verifier::parse(key).map_err(|error| error.to_string())?;
        if verifier.kind() != Kind::Cosignature {
            return Err("this is a log's key, not a witness's".to_owned());
        }
        let url = url.trim().trim_end_matches('/');
        if !url.starts_with("http://") {
            return Err(format!("a witness's address begins with http://, not {url}"));
        }
        Ok(Self { verifier, url: url.to_owned(), seen: AtomicU64::new(0) })
    }

    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    async fn cosign(&self, app: &App, checkpoint: &Checkpoint, note: &Note) -> Result<Signature, Unasked> {
        for _ in 0..TRIES_MAX {
            let old_size = self.seen.load(Ordering::Relaxed);
            if old_size > checkpoint.size {
                let head = app.store.head().await.map_err(AppError::from)?.position;
                // What it saw may be another's newer checkpoint of this same log; next time we ask from there.
                let ahead = old_size > head;
                return Err(if ahead { Unasked::Ahead { seen: old_size, head } } else { Unasked::Overtaken });
            }
            let proof = app.consistency_proof(old_size, checkpoint.size).await?.hashes;
            let request = AddCheckpoint { old_size, proof, checkpoint: checkpoint.clone(), note: note.clone() };
            match self.post(request.to_text()).await? {
                (200, _, text) => {
                    self.seen.store(checkpoint.size, Ordering::Relaxed);
                    return self.cosignature(note, &text).ok_or(Unasked::NoCosignature);
                }
                (409, kind, text) if kind.starts_with(SIZE) => match decimal(text.trim_end()) {
                    Some(size) if size != old_size => self.seen.store(size, Ordering::Relaxed),
                    _ => return Err(Unasked::Refused { status: 409, detail: text }),
                },
                (status, _, text) => return Err(Unasked::Refused { status, detail: text.trim_end().to_owned() }),
            }
        }
        Err(Unasked::Overtaken)
    }

    /// The one line of the answer that this witness's key made over the note.
    fn cosignature(&self, note: &Note, answer: &str) -> Option<Signature> {
        answer.lines().filter_map(Signature::parse_line).find(|signature| {
            let mut with = Note::new(note.text().to_owned());
            with.add(signature.clone());
            with.cosigned_at(&self.verifier).is_some()
        })
    }

    /// Status, kind and text of the answer.
    async fn post(&self, body: String) -> Result<(u16, String, String), Unasked> {
        let url = format!("{}/add-checkpoint", self.url);
        let send = move || {
            let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT));
            let agent: ureq::Agent = config.build().into();
            let mut response = agent.post(&url).header(CONTENT_TYPE, "text/plain").send(body.as_str())?;
            let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
            let (status, kind) = (response.status().as_u16(), kind.to_owned());
            let text = response.body_mut().with_config().limit(64 * 1024).read_to_string()?;
            Ok::<_, ureq::Error>((status, kind, text))
        };
        let sent = tokio::task::spawn_blocking(send).await;
        let unreachable = |reason: String| Unasked::Unreachable(reason);
        sent.map_err(|error| unreachable(error.to_string()))?.map_err(|error| unreachable(error.to_string()))
    }
}

/// What came of asking: each witness that did not answer with a cosignature, and why.
pub type Missing = Vec<(String, Unasked)>;

impl App {
    /// Asks each witness that has not cosigned the newest checkpoint, if this process signs; keeps what they answer.
    pub async fn ask_witnesses(&self, witnesses: &[Arc<AskedWitness>]) -> Result<Missing, AppError> {
        let Some(stored) = self.registry.last_checkpoint(false).await? else { return Ok(Missing::new()) };
        let read = std::str::from_utf8(&stored.note).ok().and_then(|note| Checkpoint::parse(note).ok());
        let Some((checkpoint, mut note)) = read else { return Ok(Missing::new()) };
        let is_missing = |witness: &&Arc<AskedWitness>| note.cosigned_at(&witness.verifier).is_none();
        let asked: Vec<_> = witnesses.iter().filter(is_missing).collect();
        if asked.is_empty() || !self.views.own(Projection::Tree).await? {
            return Ok(Missing::new());
        }
        let answers = asked.iter().map(|witness| witness.cosign(self, &checkpoint, &note));
        let answers = futures_util::future::join_all(answers).await;
        let mut missing = Missing::new();
        for (witness, answer) in asked.into_iter().zip(answers) {
            match answer {
                Ok(signature) => note.add(signature),
                Err(error) => missing.push((witness.verifier.name().to_owned(), error)),
            }
        }
        let cosigned = witnesses.iter().filter(|witness| note.cosigned_at(&witness.verifier).is_some()).count();
        let cosignatures = u32::try_from(cosigned).unwrap_or(u32::MAX);
        if cosignatures > stored.cosignatures {
            let note = note.to_text().into_bytes();
            self.registry.cosign_checkpoint(&StoredCheckpoint { cosignatures, note, ..stored }).await?;
        }
        Ok(missing)
    }
}
