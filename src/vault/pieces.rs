//! Bytes of a subject of its own that nobody holds whole: sealed piece by piece as they are read, and opened so. Each piece is bound to its
//! record, its number and whether it is the last, so that none can be swapped, repeated, left out or cut off; the record itself says how
//! many there are.

use super::VaultError;
use super::own::MESSAGES;
use super::person::PersonKey;
use super::service::{Vault, VaultServiceError};
use crate::store::VaultRow;
use crate::store::pieces::VaultPiece;
use std::sync::Arc;
use uuid::Uuid;

/// Plain bytes of every piece but the last.
pub const PIECE_BYTES: usize = 256 << 10;

/// Kind of a record whose bytes are in pieces. What it holds itself: their number and the length of all.
const LONG_MESSAGE: &str = "bank_message_long";

/// How bytes are kept.
pub enum Kept {
    /// In their record.
    Whole(Vec<u8>),
    Pieces(KeptPieces),
}

/// Bytes in pieces, with the key that opens them.
#[derive(Clone)]
pub struct KeptPieces {
    key: Arc<PersonKey>,
    record_ref: Uuid,
    count: u32,
}

impl KeptPieces {
    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }
}

/// Bytes being sealed. Nothing counts before [`Self::end`]'s rows are recorded.
pub struct Sealing {
    key: Arc<PersonKey>,
    key_row: Option<VaultRow>,
    record_ref: Uuid,
    count: u32,
    bytes: u64,
    has_ended: bool,
}

impl Sealing {
    /// The record's reference.
    #[must_use]
    pub const fn record_ref(&self) -> Uuid {
        self.record_ref
    }
}

impl Vault {
    /// Begins to seal bytes of a subject.
    pub async fn begin_pieces(&self, subject: Uuid) -> Result<Sealing, VaultServiceError> {
        let known = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let (key, key_row) = if let Some(wrapped) = known {
            (self.person_key(subject, &wrapped).await?, None)
        } else {
            let new = self.new_person(subject)?;
            (new.key, Some(new.key_row))
        };
        let record_ref = self.clock.opaque_id();
        Ok(Sealing { key: Arc::new(key), key_row, record_ref, count: 0, bytes: 0, has_ended: false })
    }

    /// Seals the next pieces, each of [`PIECE_BYTES`] but the last of all, and writes them.
    pub async fn put_pieces(
        &self,
        sealing: &mut Sealing,
        (pieces, is_end): (&[Vec<u8>], bool),
    ) -> Result<(), VaultServiceError> {
        let mut rows = Vec::with_capacity(pieces.len());
        for (index, plain) in pieces.iter().enumerate() {
            let is_last = is_end && index + 1 == pieces.len();
            if sealing.has_ended || plain.is_empty() || (plain.len() != PIECE_BYTES && !is_last) {
                return Err(VaultServiceError::Form);
            }
            let place = (sealing.record_ref, sealing.count, is_last);
            let ciphertext = sealing.key.seal_piece(LONG_MESSAGE, place, plain, self.clock.as_ref())?;
            let (subject, written_at_us) = (sealing.key.subject(), self.clock.now_us());
            let (record_ref, number) = (sealing.record_ref, sealing.count);
            rows.push(VaultPiece { subject, record_ref, number, written_at_us, ciphertext });
            sealing.count = sealing.count.checked_add(1).ok_or(VaultServiceError::Form)?;
            sealing.bytes += plain.len() as u64;
            sealing.has_ended = is_last;
        }
        Ok(self.registry.put_pieces(&rows).await?)
    }

    /// The rows to be recorded with the event that names the record.
    pub fn end_pieces(&self, sealing: &mut Sealing) -> Result<Vec<VaultRow>, VaultServiceError> {
        if !sealing.has_ended {
            return Err(VaultServiceError::Form);
        }
        let mut told = sealing.count.to_be_bytes().to_vec();
        told.extend_from_slice(&sealing.bytes.to_be_bytes());
        let row = self.seal(&sealing.key, LONG_MESSAGE, sealing.record_ref, &told)?;
        Ok(sealing.key_row.take().into_iter().chain([row]).collect())
    }

    /// Gives up what was sealed.
    pub async fn drop_pieces(&self, sealing: &Sealing) -> Result<(), VaultServiceError> {
        Ok(self.registry.drop_pieces(sealing.key.subject(), sealing.record_ref).await?)
    }

    /// Takes away pieces that began to be written before an instant and belong to nothing: a crash left them. How many records they were of.
    pub async fn sweep_pieces(&self, before_us: i64) -> Result<u64, VaultServiceError> {
        let strays = self.registry.stray_pieces(before_us).await?;
        for (subject, record_ref) in &strays {
            self.registry.drop_pieces(*subject, *record_ref).await?;
        }
        Ok(strays.len() as u64)
    }

    /// What is kept under a reference, as one record of a kind or in pieces: of a subject, or as a message. `None` when it is not there any
    /// more.
    pub async fn open_kept(
        &self,
        subject: Uuid,
        kind: &'static str,
        record_ref: Uuid,
    ) -> Result<Option<Kept>, VaultServiceError> {
        let record = self.registry.vault_records(&[record_ref]).await?.into_iter().flatten().next();
        let Some(record) = record else { return Ok(None) };
        if record.subject == MESSAGES {
            return Ok(Some(Kept::Whole(self.messages.open(kind, record_ref, &record.ciphertext)?)));
        }
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let Some(wrapped) = wrapped else { return Ok(None) };
        let key = self.person_key(subject, &wrapped).await?;
        if record.kind != LONG_MESSAGE {
            return Ok(Some(Kept::Whole(key.open(kind, record_ref, &record.ciphertext)?)));
        }
        let told = key.open(LONG_MESSAGE, record_ref, &record.ciphertext)?;
        let count = told.first_chunk::<4>().filter(|_| told.len() == 12).ok_or(VaultServiceError::Form)?;
        let count = u32::from_be_bytes(*count);
        Ok(Some(Kept::Pieces(KeptPieces { key: Arc::new(key), record_ref, count })))
    }

    /// One of the pieces, from 0.
    pub async fn open_piece(&self, kept: &KeptPieces, number: u32) -> Result<Vec<u8>, VaultServiceError> {
        let sealed = self.registry.vault_piece(kept.key.subject(), kept.record_ref, number).await?;
        // One that is gone is a change, as one that is another is.
        let sealed = sealed.ok_or(VaultError::CannotOpen)?;
        let place = (kept.record_ref, number, number.checked_add(1) == Some(kept.count));
        Ok(kept.key.open_piece(LONG_MESSAGE, place, &sealed)?)
    }
}
