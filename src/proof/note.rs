//! Signed notes (C2SP signed-note) with Ed25519: a text, and lines with signatures of named keys.

use super::{from_base64, to_base64};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// A longer note is not read.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// More signatures are not read.
const SIGNATURES_MAX: usize = 64;
const DASH: &str = "\u{2014} ";

/// What is signed, as the byte in a key's id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The note's text.
    Text,
    /// The text with a time and a heading: a witness's cosignature (C2SP tlog-cosignature).
    Cosignature,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Text => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// A key's name as it stands in notes: not empty, no spaces, no plus.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, kind: Kind, public: &[u8]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', kind.byte()]);
    hasher.update(public);
    let hash: [u8; 32] = hasher.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Text that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error(
        "a verifier key is NAME+ID+KEY: the name, eight hexadecimal digits, and base64 of an Ed25519 key that the id belongs to"
    )]
    VerifierKey,
    #[error(
        "this is no signed note: text, an empty line, then lines that begin with a dash, a name and a signature in base64"
    )]
    Note,
    #[error("the note is not signed by {0}")]
    NotSigned(&'static str),
}

/// A public key with its name, as `vkey` texts give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    id: [u8; 4],
    kind: Kind,
    public: [u8; 32],
}

impl Verifier {
    /// Reads a `vkey`: `NAME+ID+KEY`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let broken = NoteError::VerifierKey;
        // Base64 has pluses of its own.
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(broken) };
        let bytes = from_base64(key).ok_or(broken)?;
        let (kind, public) = bytes.split_first().ok_or(broken)?;
        let kind = match kind {
            0x01 => Kind::Text,
            0x04 => Kind::Cosignature,
            _ => return Err(broken),
        };
        let public: [u8; 32] = public.try_into().map_err(|_| broken)?;
        let verifier = Self { id: key_id(name, kind, &public), name: name.to_owned(), kind, public };
        if is_name(name) && hex(verifier.id) == id { Ok(verifier) } else { Err(broken) }
    }

    /// The `vkey` text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut key = vec![self.kind.byte()];
        key.extend_from_slice(&self.public);
        format!("{}+{}+{}", self.name, hex(self.id), to_base64(&key))
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sixteen hexadecimal digits that tell this key from others, whatever its name.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash: [u8; 32] = Sha256::digest(self.public).into();
        hash[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    fn made(&self, signature: &Signature) -> bool {
        signature.name == self.name && signature.id == self.id
    }

    fn accepts(&self, text: &str, signature: &Signature) -> bool {
        let verifies =
            |message: &[u8], bytes: &[u8]| UnparsedPublicKey::new(&ED25519, self.public).verify(message, bytes).is_ok();
        match self.kind {
            Kind::Text => verifies(text.as_bytes(), &signature.bytes),
            Kind::Cosignature => match time_of(&signature.bytes) {
                Some((time, bytes)) => verifies(cosigned(time, text).as_bytes(), bytes),
                None => false,
            },
        }
    }
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// What a cosignature is over: the heading, the time, and the whole text.
fn cosigned(time_s: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

/// A cosignature's time, in seconds since the Unix epoch, and its Ed25519 signature.
fn time_of(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = bytes.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    (i64::try_from(time).is_ok() && signature.len() == 64).then_some((time, signature))
}

/// A private key with its name. Never printed.
pub struct Signer {
    verifier: Verifier,
    pair: Ed25519KeyPair,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Signer").field(&self.verifier.to_text()).finish()
    }
}

impl Signer {
    /// From the 32 secret bytes of RFC 8032; `None` for a name that no note can have.
    #[must_use]
    pub fn new(name: &str, kind: Kind, seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public: [u8; 32] = pair.public_key().as_ref().try_into().ok()?;
        let verifier = Verifier { name: name.to_owned(), id: key_id(name, kind, &public), kind, public };
        is_name(name).then_some(Self { verifier, pair })
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Signs a text. The time, in seconds since the Unix epoch, stands in cosignatures only.
    #[must_use]
    pub fn sign(&self, text: &str, time_s: u64) -> Signature {
        let bytes = match self.verifier.kind {
            Kind::Text => self.pair.sign(text.as_bytes()).as_ref().to_vec(),
            Kind::Cosignature => {
                let signature = self.pair.sign(cosigned(time_s, text).as_bytes());
                [&time_s.to_be_bytes()[..], signature.as_ref()].concat()
            }
        };
        Signature { name: self.verifier.name.clone(), id: self.verifier.id, bytes }
    }
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl Signature {
    /// The line with its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        let bytes = [&self.id[..], &self.bytes].concat();
        format!("{DASH}{} {}\n", self.name, to_base64(&bytes))
    }

    /// Reads a line without its end.
    #[must_use]
    pub fn parse_line(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = from_base64(signature)?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !bytes.is_empty()).then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }
}

/// A text and its signatures. Reading one says nothing of whether they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Ends with a line's end.
    text: String,
    pub signatures: Vec<Signature>,
}

impl Note {
    /// A text that nobody signed yet.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self { text, signatures: Vec::new() }
    }

    /// Reads a note.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let strange = |c: char| c < '\u{20}' && c != '\n';
        if note.len() > NOTE_BYTES_MAX || note.contains(strange) {
            return Err(NoteError::Note);
        }
        let split = note.rfind("\n\n").ok_or(NoteError::Note)?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Note)?;
        let signatures: Option<Vec<Signature>> = lines.split('\n').map(Signature::parse_line).collect();
        let signatures = signatures.filter(|signatures| signatures.len() <= SIGNATURES_MAX).ok_or(NoteError::Note)?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The note in full.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.signatures.iter().fold(format!("{}\n", self.text), |text, signature| text + &signature.to_line())
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a signature in place of one that the same key made before.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|old| (&old.name, old.id) != (&signature.name, signature.id));
        self.signatures.push(signature);
    }

    /// Whether a key signed it. Every signature that claims to be the key's must hold.
    #[must_use]
    pub fn is_signed_by(&self, verifier: &Verifier) -> bool {
        let mut own = self.signatures.iter().filter(|signature| verifier.made(signature)).peekable();
        own.peek().is_some() && own.all(|signature| verifier.accepts(&self.text, signature))
    }

    /// When a witness cosigned it, in seconds since the Unix epoch; `None` if it did not, or the cosignature does not hold.
    #[must_use]
    pub fn cosigned_at(&self, verifier: &Verifier) -> Option<u64> {
        if verifier.kind != Kind::Cosignature || !self.is_signed_by(verifier) {
            return None;
        }
        let own = self.signatures.iter().find(|signature| verifier.made(signature))?;
        time_of(&own.bytes).map(|(time, _)| time)
    }
}
