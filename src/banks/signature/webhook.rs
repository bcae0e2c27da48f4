//! Standard Webhooks: HMAC-SHA-256 over `id.timestamp.body` with a shared secret. No key is named, so all of the bank's in force are tried.

use super::encoding::from_base64;
use super::key::Algorithm;
use super::{ClockWindow, Key, SignatureError, Signed, one_header};
use jiff::Timestamp;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// Its three headers.
pub(super) const HEADERS: [&str; 3] = [ID, TIMESTAMP, SIGNATURE];

const ID_LENGTH_MAX: usize = 256;
const SIGNATURES_MAX: usize = 8;
const TAG_LENGTH: usize = 32;

/// Signatures of the right form, by one of the bank's secrets that are in force.
pub(super) struct Named<'a> {
    id: &'a str,
    timestamp: &'a str,
    tags: Vec<Vec<u8>>,
    in_force: Vec<&'a Key>,
    pub signed_at: Timestamp,
}

impl Named<'_> {
    /// The id of the secret that made one over this body.
    pub fn verify(&self, body: &[u8]) -> Result<String, SignatureError> {
        let signed = [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", body].concat();
        let made = |key: &&&Key| self.tags.iter().any(|tag| key.verifies(&signed, tag));
        self.in_force.iter().find(made).map(|key| key.id().to_owned()).ok_or(SignatureError::Wrong)
    }
}

pub(super) fn named<'a>(
    message: &Signed<'a>,
    keys: &'a [Key],
    clock: &ClockWindow,
) -> Result<Named<'a>, SignatureError> {
    let [id, timestamp, signatures] = HEADERS.map(|name| one_header(message, name));
    let (Some(id), Some(timestamp), Some(signatures)) = (id?, timestamp?, signatures?) else {
        return Err(SignatureError::Malformed("one of webhook-id, webhook-timestamp and webhook-signature is missing"));
    };
    // A dot in the id would let a part of it pass for the time.
    let id_allowed = id.bytes().all(|b| b.is_ascii_graphic() && b != b'.');
    if id.is_empty() || id.len() > ID_LENGTH_MAX || !id_allowed {
        return Err(SignatureError::Malformed("webhook-id must be 1 to 256 visible characters without a dot"));
    }
    let signed_at = instant(timestamp).ok_or(SignatureError::Malformed("webhook-timestamp is not whole seconds"))?;
    let tags = tags(signatures)?;
    let secrets = || keys.iter().filter(|key| key.algorithm() == Algorithm::HmacSha256);
    if secrets().next().is_none() {
        return Err(SignatureError::KeyUnknown);
    }
    let in_force: Vec<&Key> = secrets().filter(|key| key.validity().holds(clock.now)).collect();
    if in_force.is_empty() {
        return Err(SignatureError::KeyNotInForce);
    }
    Ok(Named { id, timestamp, tags, in_force, signed_at })
}

/// Whole seconds since 1970, in plain digits.
fn instant(text: &str) -> Option<Timestamp> {
    let plain = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    Timestamp::from_second(text.parse().ok().filter(|_| plain)?).ok()
}

/// The signatures of version 1 in a list; other versions are other schemes'.
fn tags(list: &str) -> Result<Vec<Vec<u8>>, SignatureError> {
    let tags: Option<Vec<Vec<u8>>> =
        list.split(' ').filter_map(|entry| entry.strip_prefix("v1,")).take(SIGNATURES_MAX + 1).map(tag).collect();
    match tags {
        Some(tags) if tags.is_empty() => Err(SignatureError::Malformed("webhook-signature has no entry v1,...")),
        Some(tags) if tags.len() > SIGNATURES_MAX => {
            Err(SignatureError::Malformed("webhook-signature has too many entries"))
        }
        Some(tags) => Ok(tags),
        None => Err(SignatureError::Malformed("a v1 entry is not base64 of 32 bytes")),
    }
}

fn tag(text: &str) -> Option<Vec<u8>> {
    from_base64(text).filter(|tag| tag.len() == TAG_LENGTH)
}
