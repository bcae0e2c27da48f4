//! The agency's signed answer to a bank's message: that it came, to the byte, which events of the log say so, and what became of its items.
//! Both sides can prove it later; `chitra banks verify-answer` checks it without the server.

use super::inbox::{EventProof, InboxView};
use crate::app::App;
use crate::app::error::AppError;
use crate::app::hex::hex;
use crate::domain::ids::{BankId, InboxId};
use crate::domain::inbox::BankMessageApplied;
use crate::proof::note::{Note, Verifier};
use crate::proof::{decimal, hash_from_base64, to_base64};
use sha2::{Digest, Sha256};

/// The second line of the text. A checkpoint has a number there: neither can be taken for the other.
const HEADING: &str = "bank message";

/// What the agency signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankReceipt {
    /// The log's name.
    pub origin: String,
    pub bank: BankId,
    pub id: InboxId,
    /// Of the message's exact bytes, in hex.
    pub sha256: String,
    pub received: EventProof,
    pub judged: EventProof,
    pub verdicts: BankMessageApplied,
}

/// Why an answer does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    #[error("it is no signed answer to a bank's message")]
    Form,
    #[error("it is not signed by this log's key")]
    NotSigned,
    #[error("it is about other bytes than these")]
    OtherMessage,
}

fn event(name: &str, proof: &EventProof) -> String {
    format!("{name} {} {}\n", proof.position, to_base64(&proof.leaf_hash))
}

fn read_event(line: &str, name: &str) -> Option<EventProof> {
    let (position, hash) = line.strip_prefix(name)?.strip_prefix(' ')?.split_once(' ')?;
    Some(EventProof { position: decimal(position)?, leaf_hash: hash_from_base64(hash)? })
}

impl BankReceipt {
    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { origin, bank, id, sha256, received, judged, verdicts } = self;
        let (received, judged) = (event("received", received), event("judged", judged));
        let BankMessageApplied { applied, no_op, quarantined, .. } = verdicts;
        format!(
            "{origin}\n{HEADING}\nbank {bank}\ninbox {id}\nsha256 {sha256}\n{received}{judged}verdicts {applied} {no_op} {quarantined}\n"
        )
    }

    /// Reads the text.
    #[must_use]
    pub fn parse_text(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
        let [origin, HEADING, bank, id, sha256, received, judged, verdicts] = lines[..] else { return None };
        let counts: Option<Vec<u64>> = verdicts.strip_prefix("verdicts ")?.split(' ').map(decimal).collect();
        let [applied, no_op, quarantined] = counts?[..] else { return None };
        let read = Self {
            origin: origin.to_owned(),
            bank: BankId::parse(bank.strip_prefix("bank ")?).ok()?,
            id: InboxId::parse(id.strip_prefix("inbox ")?).ok()?,
            sha256: sha256.strip_prefix("sha256 ")?.to_owned(),
            received: read_event(received, "received")?,
            judged: read_event(judged, "judged")?,
            verdicts: BankMessageApplied { applied, no_op, quarantined, of_whole: None },
        };
        (read.to_text() == text).then_some(read)
    }
}

/// Checks a signed answer, and that it is about the bytes with this hash if one is given.
pub fn verify(note: &str, log: &Verifier, sha256: Option<&str>) -> Result<BankReceipt, BadAnswer> {
    let note = Note::parse(note).map_err(|_| BadAnswer::Form)?;
    let receipt = BankReceipt::parse_text(note.text()).ok_or(BadAnswer::Form)?;
    if receipt.origin != log.name() || !note.is_signed_by(log) {
        return Err(BadAnswer::NotSigned);
    }
    if sha256.is_some_and(|sha256| sha256 != receipt.sha256) {
        return Err(BadAnswer::OtherMessage);
    }
    Ok(receipt)
}

/// The same for the message itself.
pub fn verify_for(note: &str, log: &Verifier, message: Option<&[u8]>) -> Result<BankReceipt, BadAnswer> {
    let sha256 = message.map(|bytes| hex(&Sha256::digest(bytes)));
    verify(note, log, sha256.as_deref())
}

impl App {
    /// The signed answer about a message; `None` while it is being judged. The same for the same message, whenever it is asked.
    pub async fn bank_receipt(&self, view: &InboxView) -> Result<Option<String>, AppError> {
        let (Some(received), Some(judged), Some(verdicts)) = (&view.state.received, view.judged, &view.state.applied)
        else {
            return Ok(None);
        };
        let signer = self.log_signer().await?;
        let receipt = BankReceipt {
            origin: signer.verifier().name().to_owned(),
            bank: received.bank.clone(),
            id: view.id,
            sha256: received.sha256.clone(),
            received: view.received,
            judged,
            verdicts: verdicts.clone(),
        };
        let mut note = Note::new(receipt.to_text());
        let signature = signer.sign(note.text(), 0);
        note.add(signature);
        Ok(Some(note.to_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::Checkpoint;
    use crate::proof::note::{Kind, Signer};
    use uuid::Uuid;

    fn signer(name: &str) -> Signer {
        Signer::new(name, Kind::Text, &[7; 32]).unwrap()
    }

    fn receipt() -> BankReceipt {
        BankReceipt {
            origin: "bhxh.example.vn/log1".to_owned(),
            bank: BankId::parse("vcb").unwrap(),
            id: InboxId::from_uuid(Uuid::from_u128(1)),
            sha256: "ab".repeat(32),
            received: EventProof { position: 7, leaf_hash: [1; 32] },
            judged: EventProof { position: 9, leaf_hash: [2; 32] },
            verdicts: BankMessageApplied { applied: 2, no_op: 1, quarantined: 0, of_whole: None },
        }
    }

    fn signed(text: String, signer: &Signer) -> String {
        let mut note = Note::new(text);
        let signature = signer.sign(note.text(), 0);
        note.add(signature);
        note.to_text()
    }

    #[test]
    fn an_answer_that_the_log_signed_holds_for_its_message_alone() {
        let log = signer("bhxh.example.vn/log1");
        let note = signed(receipt().to_text(), &log);
        let hash = "ab".repeat(32);
        assert_eq!(verify(&note, log.verifier(), Some(&hash)), Ok(receipt()));
        assert_eq!(verify(&note, log.verifier(), Some("00")), Err(BadAnswer::OtherMessage));
        let changed = note.replace("judged 9", "judged 8");
        assert_eq!(verify(&changed, log.verifier(), None), Err(BadAnswer::NotSigned));
        assert_eq!(verify(&note, signer("elsewhere.example/log").verifier(), None), Err(BadAnswer::NotSigned));
        let other = Signer::new("bhxh.example.vn/log1", Kind::Text, &[8; 32]).unwrap();
        assert_eq!(verify(&note, other.verifier(), None), Err(BadAnswer::NotSigned));
    }

    #[test]
    fn what_the_log_signs_otherwise_is_no_answer_and_an_answer_is_no_checkpoint() {
        let log = signer("bhxh.example.vn/log1");
        let checkpoint = Checkpoint { origin: "bhxh.example.vn/log1".to_owned(), size: 3, root: [3; 32] };
        assert_eq!(verify(&checkpoint.sign(&log).to_text(), log.verifier(), None), Err(BadAnswer::Form));
        assert_eq!(Checkpoint::parse_text(&receipt().to_text()), None);
        for text in ["", "x", "x\n\n", "x\nbank message\n\n"] {
            assert_eq!(verify(text, log.verifier(), None), Err(BadAnswer::Form), "{text:?}");
        }
        let longer = receipt().to_text() + "more\n";
        assert_eq!(verify(&signed(longer, &log), log.verifier(), None), Err(BadAnswer::Form));
    }
}
