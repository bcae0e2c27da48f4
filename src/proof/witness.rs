//! What a witness decides (C2SP tlog-witness, `add-checkpoint`): it cosigns a checkpoint only if it extends the last one that it cosigned.

use super::checkpoint::Checkpoint;
use super::note::{Note, Verifier};
use super::tree::{Hash, empty_root};
use super::{decimal, hash_from_base64, path, to_base64};

/// A request to cosign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the caller believes the witness has seen.
    pub old_size: u64,
    /// From there to the checkpoint.
    pub proof: Vec<Hash>,
    pub checkpoint: Checkpoint,
    pub note: Note,
}

impl AddCheckpoint {
    /// Reads a request's body.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old_size = decimal(lines.next()?.strip_prefix("old ")?)?;
        let proof: Vec<Hash> = lines.map(hash_from_base64).collect::<Option<_>>()?;
        let (checkpoint, note) = Checkpoint::parse(note).ok()?;
        (proof.len() <= path::HASHES_MAX).then_some(Self { old_size, proof, checkpoint, note })
    }

    /// The request's body.
    #[must_use]
    pub fn to_text(&self) -> String {
        let head =
            self.proof.iter().fold(format!("old {}\n", self.old_size), |text, hash| text + &to_base64(hash) + "\n");
        format!("{head}\n{}", self.note.to_text())
    }
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The body is not what the protocol says, or the old size is larger than the new one.
    Malformed,
    /// The witness watches no log of this name.
    UnknownLog,
    /// No key of the log signed it.
    NotSigned,
    /// The witness has seen another size than the caller believes.
    OtherSize(u64),
    /// The same size with another root: the log shows two histories.
    OtherRoot(u64),
    /// The proof does not lead from what was seen to the checkpoint.
    NotAnExtension,
}

/// Judges a request against the keys of the logs that are watched and the last checkpoint of this log that was cosigned. To be cosigned, the
/// checkpoint must be kept before the answer goes out.
pub fn judge(request: &AddCheckpoint, logs: &[Verifier], seen: Option<&Checkpoint>) -> Result<(), Refusal> {
    let checkpoint = &request.checkpoint;
    let mut keys = logs.iter().filter(|log| log.name() == checkpoint.origin).peekable();
    if keys.peek().is_none() {
        return Err(Refusal::UnknownLog);
    }
    if !keys.any(|key| request.note.is_signed_by(key)) {
        return Err(Refusal::NotSigned);
    }
    if request.old_size > checkpoint.size {
        return Err(Refusal::Malformed);
    }
    let (size, root) = seen.map_or_else(|| (0, empty_root()), |seen| (seen.size, seen.root));
    if request.old_size != size {
        return Err(Refusal::OtherSize(size));
    }
    if size == checkpoint.size && root != checkpoint.root {
        return Err(Refusal::OtherRoot(size));
    }
    let extends = path::extends((size, &root), (checkpoint.size, &checkpoint.root), &request.proof);
    if extends { Ok(()) } else { Err(Refusal::NotAnExtension) }
}
