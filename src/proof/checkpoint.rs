//! Checkpoints (C2SP tlog-checkpoint): the size and root of a log at one moment, as the text of a signed note.

use super::note::{Note, NoteError, Signer, Verifier};
use super::tree::Hash;
use super::{decimal, hash_from_base64, to_base64};

/// How far a log had come, and the root of its tree there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's own name, the same for ever.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(&self.root))
    }

    /// Reads the text of a note. Lines after the third are allowed and say nothing to us.
    #[must_use]
    pub fn parse_text(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
        let [origin, size, root, ..] = lines[..] else { return None };
        if lines.iter().any(|line| line.is_empty()) {
            return None;
        }
        Some(Self { origin: origin.to_owned(), size: decimal(size)?, root: hash_from_base64(root)? })
    }

    /// Reads a note whose text is a checkpoint; whether it is signed is still to be asked.
    pub fn parse(note: &str) -> Result<(Self, Note), NoteError> {
        let note = Note::parse(note)?;
        let checkpoint = Self::parse_text(note.text()).ok_or(NoteError::Note)?;
        Ok((checkpoint, note))
    }

    /// Reads a checkpoint that a log signed under its own name.
    pub fn open(note: &str, log: &Verifier) -> Result<(Self, Note), NoteError> {
        let (checkpoint, note) = Self::parse(note)?;
        if checkpoint.origin == log.name() && note.is_signed_by(log) {
            Ok((checkpoint, note))
        } else {
            Err(NoteError::NotSigned("the log's key"))
        }
    }

    /// Signs it.
    #[must_use]
    pub fn sign(&self, log: &Signer) -> Note {
        let mut note = Note::new(self.to_text());
        let signature = log.sign(note.text(), 0);
        note.add(signature);
        note
    }
}
