//! Sealing and opening of bytes with XChaCha20-Poly1305. Knows nothing of persons or records.

use super::VaultError;
use crate::clock::Clock;
use chacha20poly1305::aead::Payload;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};

/// First byte of everything sealed, so that another cipher can come later beside the old one.
const FORMAT: u8 = 1;
const NONCE_LENGTH: usize = 24;
const TAG_LENGTH: usize = 16;

/// Seals under a fresh random nonce (192 bits are long enough to draw at random for ever): format, nonce, ciphertext, tag.
pub(super) fn seal(key: &[u8; 32], clock: &dyn Clock, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE_LENGTH];
    clock.fill_secret(&mut nonce);
    let cipher = XChaCha20Poly1305::new(key.into());
    let payload = Payload { msg: plaintext, aad };
    let ciphertext = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| VaultError::CannotOpen)?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LENGTH + ciphertext.len());
    sealed.push(FORMAT);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Opens what [`seal`] made with the same key and associated data.
pub(super) fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    if sealed.len() < 1 + NONCE_LENGTH + TAG_LENGTH || sealed[0] != FORMAT {
        return Err(VaultError::CannotOpen);
    }
    let (nonce, ciphertext) = sealed[1..].split_at(NONCE_LENGTH);
    let nonce = XNonce::try_from(nonce).map_err(|_| VaultError::CannotOpen)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&nonce, Payload { msg: ciphertext, aad }).map_err(|_| VaultError::CannotOpen)
}

/// Associated data: a purpose and parts, each with its length before it, so that no two lists of parts read alike.
pub(super) fn bind(purpose: &str, log_id: i32, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len() + 4).sum::<usize>();
    let mut bytes = Vec::with_capacity(purpose.len() + 8 + length);
    push_part(&mut bytes, purpose.as_bytes());
    bytes.extend_from_slice(&log_id.to_be_bytes());
    for part in parts {
        push_part(&mut bytes, part);
    }
    bytes
}

fn push_part(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}

/// 32 secret bytes that are wiped when dropped and that no message ever shows.
pub(super) struct Secret(zeroize::Zeroizing<[u8; 32]>);

impl Secret {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(zeroize::Zeroizing::new(bytes))
    }

    pub(super) fn generate(clock: &dyn Clock) -> Self {
        let mut secret = Self::new([0; 32]);
        clock.fill_secret(secret.0.as_mut());
        secret
    }

    /// From opened bytes, which are wiped.
    pub(super) fn from_opened(opened: Vec<u8>) -> Result<Self, VaultError> {
        let opened = zeroize::Zeroizing::new(opened);
        <[u8; 32]>::try_from(opened.as_slice()).map(Self::new).map_err(|_| VaultError::CannotOpen)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}
