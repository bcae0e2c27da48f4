//! Signing a checkpoint: over the tree as it stands, and only if it extends the checkpoint signed before.

use super::{Hash, StoredCheckpoint};
use crate::app::App;
use crate::app::error::AppError;
use crate::projections::Projection;
use crate::proof::{Checkpoint, Verifier, path};
use crate::store::StoreError;

/// After so many events a checkpoint is due.
pub const EVENTS_MAX: u64 = 1_000;
/// And after so long, if there is any event since.
pub const AGE_MAX_US: i64 = 60_000_000;

/// Why no checkpoint is signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error(transparent)]
    App(#[from] AppError),
    /// What would be signed contradicts what was signed. A person must look: nothing is signed before the log is as it was.
    #[error("{0}")]
    Contradiction(String),
}

impl From<StoreError> for SignError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Which checkpoints to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When enough events came, or enough time passed.
    Due,
    /// When there is any event since the last one.
    Now,
}

impl App {
    /// Signs and stores a checkpoint if one is due and this process runs the tree. Answers the new one.
    pub async fn sign_checkpoint(&self, when: When) -> Result<Option<StoredCheckpoint>, SignError> {
        let last = self.registry.last_checkpoint(false).await?;
        self.not_cut(last.as_ref().map_or(0, |last| last.size)).await?;
        let progress = self.views.progress(Projection::Tree).await?;
        let (size, now_us) = (progress.checkpoint.position, self.clock.now_us());
        if progress.error.is_some() || !is_due(when, last.as_ref(), size, now_us) {
            return Ok(None);
        }
        // Of several servers on one database, the one that keeps the tree signs it.
        if !self.views.own(Projection::Tree).await? {
            return Ok(None);
        }
        let signer = self.log_signer().await?;
        let root = match &last {
            Some(last) => self.extended_root(last, size, signer.verifier()).await?,
            None => self.resolve(&[path::root(size)]).await?[0],
        };
        let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size, root };
        let note = checkpoint.sign(&signer).to_text().into_bytes();
        let stored = StoredCheckpoint { size, signed_at_us: now_us, cosignatures: 0, note };
        Ok(self.registry.put_checkpoint(&stored).await?.then_some(stored))
    }

    /// A log that is shorter than what was signed of it was cut, or put back from a backup.
    async fn not_cut(&self, signed: u64) -> Result<(), SignError> {
        let head = self.store.head().await?.position;
        if head >= signed {
            return Ok(());
        }
        Err(SignError::Contradiction(format!(
            "the log ends at {head}, but a checkpoint over {signed} events was signed: it was cut or put back"
        )))
    }

    /// The root of the tree of a size, if that tree begins with the one that was signed last.
    async fn extended_root(&self, last: &StoredCheckpoint, size: u64, log: &Verifier) -> Result<Hash, SignError> {
        let opened = std::str::from_utf8(&last.note).ok().and_then(|note| Checkpoint::open(note, log).ok());
        let Some((signed, _)) = opened.filter(|(signed, _)| signed.size == last.size) else {
            let size = last.size;
            return Err(SignError::Contradiction(format!(
                "the stored checkpoint over {size} events is not one that this log signed"
            )));
        };
        let proof = self.consistency_proof(signed.size, size).await?;
        if path::extends((signed.size, &signed.root), (size, &proof.to_root), &proof.hashes) {
            return Ok(proof.to_root);
        }
        Err(SignError::Contradiction(format!(
            "the tree of {size} events does not begin with the {} events that were signed: the log was changed",
            signed.size
        )))
    }
}

fn is_due(when: When, last: Option<&StoredCheckpoint>, size: u64, now_us: i64) -> bool {
    let Some(last) = last else { return size > 0 };
    let enough = size.saturating_sub(last.size) >= EVENTS_MAX;
    let long_ago = now_us.saturating_sub(last.signed_at_us) >= AGE_MAX_US;
    size > last.size && (when == When::Now || enough || long_ago)
}
