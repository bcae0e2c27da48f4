//! The log as a Merkle tree (RFC 6962): roots, proofs, signed checkpoints and cosignatures, and what a witness decides. Pure: no SQL, no
//! HTTP, no async, no clock, no chance. Knows nothing of payments; a leaf is 32 bytes.

pub mod checkpoint;
pub mod note;
pub mod path;
pub mod tile;
pub mod tree;
pub mod witness;

#[cfg(test)]
mod tests;

pub use checkpoint::Checkpoint;
pub use note::{Note, Signer, Verifier};
pub use tree::{Frontier, Hash};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes as the standard base64 of RFC 4648, section 4, which all C2SP texts use.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads [`to_base64`]; nothing but the one spelling of each value is taken.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads a hash in base64.
#[must_use]
pub fn hash_from_base64(text: &str) -> Option<Hash> {
    from_base64(text)?.try_into().ok()
}

/// Reads a decimal number as C2SP writes it: digits only, no leading zero but in `0` itself.
#[must_use]
pub fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
