//! A receipt: one payment's events with the proofs that they are in the log, and the signed checkpoint, in one file that checks itself.

use super::StoredCheckpoint;
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::domain::ids::PaymentId;
use crate::proof::path::{self, includes};
use crate::proof::{Checkpoint, Verifier, hash_from_base64, to_base64};
use crate::store::leaf::{Leaf, leaf_hash};
use crate::store::{Direction, LogId, RecordedEvent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The form's name, in every receipt.
pub const FORMAT: &str = "chitra receipt 1";
/// A longer file is no receipt of one payment.
pub const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A receipt as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub format: String,
    pub log_id: LogId,
    pub payment_id: Uuid,
    pub events: Vec<ProvedEvent>,
    /// The signed note.
    pub checkpoint: String,
}

/// An event to the byte, and its way up to the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvedEvent {
    pub position: u64,
    pub stream: String,
    pub revision: u64,
    pub event_id: Uuid,
    #[serde(rename = "type")]
    pub event_type: String,
    pub schema_version: u16,
    pub recorded_at_us: i64,
    /// The stored text: the proof is of these bytes, and not of what they mean.
    pub data: String,
    pub metadata: String,
    /// In base64.
    pub hashes: Vec<String>,
}

/// What a receipt that holds shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub checkpoint: Checkpoint,
    /// When each of the asked witnesses cosigned, in seconds since the Unix epoch.
    pub cosigned_at_s: Vec<(String, u64)>,
}

/// Why a receipt shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReceipt {
    #[error("this is no receipt: {0}")]
    Form(String),
    #[error("its checkpoint is not signed by the log {0}")]
    NotSigned(String),
    #[error("its checkpoint is not cosigned by the witness {0}")]
    NotCosigned(String),
    #[error("the event at position {0} does not belong to the payment, or events before it are left out")]
    OtherEvent(u64),
    #[error("the event at position {0} is not in the log that was signed: the event or its proof was changed")]
    NotInTheLog(u64),
}

impl ProvedEvent {
    fn leaf(&self, log_id: LogId) -> [u8; 32] {
        leaf_hash(&Leaf {
            log_id,
            position: self.position,
            stream: &self.stream,
            revision: self.revision,
            event_id: self.event_id,
            event_type: &self.event_type,
            schema_version: self.schema_version,
            recorded_at_us: self.recorded_at_us,
            metadata: self.metadata.as_bytes(),
            data: self.data.as_bytes(),
        })
    }
}

/// Checks a receipt against keys that were got by another way. Needs no log.
pub fn verify(text: &str, log: &Verifier, witnesses: &[Verifier]) -> Result<(Receipt, Shown), BadReceipt> {
    let receipt: Receipt = serde_json::from_str(text).map_err(|error| BadReceipt::Form(error.to_string()))?;
    if receipt.format != FORMAT {
        return Err(BadReceipt::Form(format!("its format is {:?}, not {FORMAT:?}", receipt.format)));
    }
    if receipt.events.is_empty() {
        return Err(BadReceipt::Form("it holds no event".to_owned()));
    }
    let not_signed = |_| BadReceipt::NotSigned(log.name().to_owned());
    let (checkpoint, note) = Checkpoint::open(&receipt.checkpoint, log).map_err(not_signed)?;
    let mut cosigned_at_s = Vec::new();
    for witness in witnesses {
        let at = note.cosigned_at(witness).ok_or_else(|| BadReceipt::NotCosigned(witness.name().to_owned()))?;
        cosigned_at_s.push((witness.name().to_owned(), at));
    }
    let (stream, mut last) = (payment_stream(receipt.payment_id), 0);
    for (revision, event) in (0..).zip(&receipt.events) {
        if event.stream != stream || event.revision != revision || event.position <= last {
            return Err(BadReceipt::OtherEvent(event.position));
        }
        last = event.position;
        let hashes: Option<Vec<_>> = event.hashes.iter().map(|hash| hash_from_base64(hash)).collect();
        let hashes = hashes.ok_or_else(|| BadReceipt::Form("a hash is not 32 bytes in base64".to_owned()))?;
        let (leaf, tree) = (event.leaf(receipt.log_id), (checkpoint.size, &checkpoint.root));
        if !includes(&leaf, event.position - 1, tree, &hashes) {
            return Err(BadReceipt::NotInTheLog(event.position));
        }
    }
    Ok((receipt, Shown { checkpoint, cosigned_at_s }))
}

fn payment_stream(id: Uuid) -> String {
    format!("payment-{id}")
}

impl App {
    /// A payment's receipt, for whoever may read the payment: by the newest checkpoint that a witness cosigned, if it is new enough.
    pub async fn receipt(&self, principal: &Principal, id: PaymentId) -> Result<Receipt, AppError> {
        let view = self.read_payment(principal, id).await?;
        let stored = self.checkpoint_over(view.position).await?;
        let stream = payment_stream(id.as_uuid());
        let events = self.store.read_stream(&stream, None, Direction::Forwards, 1000).await?;
        self.tree_reaches(stored.size).await?;
        let mut proved = Vec::with_capacity(events.len());
        for event in events.into_iter().filter(|event| event.position <= stored.size) {
            let proof = path::inclusion(event.position - 1, stored.size).unwrap_or_default();
            let hashes = self.resolve(&proof).await?.iter().map(|hash| to_base64(hash)).collect();
            proved.push(proved_event(event, hashes)?);
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| not_text());
        Ok(Receipt {
            format: FORMAT.to_owned(),
            log_id: self.vault.log_id(),
            payment_id: id.as_uuid(),
            events: proved,
            checkpoint: text(stored.note)?,
        })
    }

    async fn checkpoint_over(&self, position: u64) -> Result<StoredCheckpoint, AppError> {
        let cosigned = self.registry.last_checkpoint(true).await?.filter(|checkpoint| checkpoint.size >= position);
        if let Some(cosigned) = cosigned {
            return Ok(cosigned);
        }
        let newest = self.checkpoint(false).await?;
        if newest.size < position {
            return Err(AppError::NotSignedYet { size: newest.size, position });
        }
        Ok(newest)
    }
}

fn not_text() -> AppError {
    AppError::Internal("an event or a checkpoint is not text".to_owned())
}

fn proved_event(event: RecordedEvent, hashes: Vec<String>) -> Result<ProvedEvent, AppError> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| not_text());
    Ok(ProvedEvent {
        position: event.position,
        stream: event.stream,
        revision: event.revision,
        event_id: event.event_id,
        event_type: event.event_type,
        schema_version: event.schema_version,
        recorded_at_us: event.recorded_at_us,
        data: text(event.data)?,
        metadata: text(event.metadata)?,
        hashes,
    })
}
