//! Finding a person by an identifier without storing it: keyed hashes. The key survives a change of the master key, the hashes with it.

use super::VaultError;
use super::aead::{Secret, bind};
use super::master::MasterKey;
use crate::clock::Clock;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const WRAP_PURPOSE: &str = "chitra/vault/lookup-key/1";

/// What the keys of the look-up hashes, of the requests' input hashes and of banks' messages are made of; random, stored wrapped by the
/// master key.
pub struct LookupKey {
    secret: Secret,
    identifiers: Hmac<Sha256>,
    inputs: Hmac<Sha256>,
}

impl LookupKey {
    /// Draws a new one. Once for a log: with another key no stored hash is found again.
    #[must_use]
    pub fn generate(clock: &dyn Clock) -> Self {
        Self::of(Secret::generate(clock))
    }

    fn of(secret: Secret) -> Self {
        let identifiers = keyed(&hmac_sha256(secret.bytes(), &[b"chitra/vault/identifiers/1"]));
        let inputs = keyed(&hmac_sha256(secret.bytes(), &[b"chitra/vault/request-inputs/1"]));
        Self { secret, identifiers, inputs }
    }

    /// The key that banks' messages are sealed with.
    pub(super) fn messages(&self) -> Secret {
        Secret::new(hmac_sha256(self.secret.bytes(), &[b"chitra/vault/bank-messages/1"]))
    }

    /// The key as it may be stored: wrapped by the master key and bound to the log.
    pub fn wrap(&self, master: &MasterKey, log_id: i32, clock: &dyn Clock) -> Result<Vec<u8>, VaultError> {
        master.wrap(clock, &bind(WRAP_PURPOSE, log_id, &[]), &self.secret)
    }

    /// Opens a stored key.
    pub fn unwrap(master: &MasterKey, log_id: i32, wrapped: &[u8]) -> Result<Self, VaultError> {
        Ok(Self::of(master.unwrap(&bind(WRAP_PURPOSE, log_id, &[]), wrapped)?))
    }

    /// The hash under which an identifier is found. The value must be normalised: one identifier, one spelling.
    #[must_use]
    pub fn lookup_hash(&self, scheme: &str, normalised_value: &str) -> [u8; 32] {
        let length = u32::try_from(scheme.len()).unwrap_or(u32::MAX).to_be_bytes();
        finish(&self.identifiers, &[&length, scheme.as_bytes(), normalised_value.as_bytes()])
    }

    /// The hash of a request's inputs, stored to tell a repeat from a reuse. Keyed, because the inputs may hold an
    /// account number, and a plain hash of so few digits could be reversed by trying them all.
    #[must_use]
    pub fn input_hash(&self, inputs: &[u8]) -> [u8; 32] {
        finish(&self.inputs, &[inputs])
    }
}

impl std::fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LookupKey").field(&self.secret).finish()
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of 32 bytes")
}

fn finish(keyed: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed.clone();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

pub(super) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    finish(&keyed(key), parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn key() -> LookupKey {
        LookupKey::of(Secret::new([7; 32]))
    }

    #[test]
    fn the_keyed_hash_is_hmac_sha_256_of_rfc_4231() {
        // Test case 2 of RFC 4231: a short key is the same as the key filled up with zeros.
        let mut secret = [0_u8; 32];
        secret[..4].copy_from_slice(b"Jefe");
        let hash = hmac_sha256(&secret, &[b"what do ya want ", b"for nothing?"]);
        let first = 0x5bdc_c146_bf60_754e_6a04_2426_0895_75c7_u128.to_be_bytes();
        let rest = 0x5a00_3f08_9d27_3983_9dec_58b9_64ec_3843_u128.to_be_bytes();
        assert_eq!(hash.as_slice(), [first, rest].concat());
    }

    #[test]
    fn the_same_identifier_has_the_same_hash_and_any_other_another() {
        let hash = key().lookup_hash("personal_id", "049123456712");
        assert_eq!(hash, key().lookup_hash("personal_id", "049123456712"));
        assert_ne!(hash, key().lookup_hash("personal_id", "049123456713"));
        assert_ne!(hash, key().lookup_hash("si_number", "049123456712"));
        assert_ne!(hash, LookupKey::of(Secret::new([8; 32])).lookup_hash("personal_id", "049123456712"));
    }

    #[test]
    fn the_border_between_scheme_and_value_counts() {
        assert_ne!(key().lookup_hash("ab", "c"), key().lookup_hash("a", "bc"));
    }

    #[test]
    fn hashes_of_inputs_and_of_identifiers_never_meet() {
        let mut same = 1_u32.to_be_bytes().to_vec();
        same.extend_from_slice(b"a1");
        assert_ne!(key().input_hash(&same), key().lookup_hash("a", "1"));
        assert_eq!(key().input_hash(b"x"), key().input_hash(b"x"));
    }

    #[test]
    fn a_wrapped_key_opens_only_with_its_master_key_and_for_its_log() {
        let master = MasterKey::generate(&SystemClock);
        let wrapped = key().wrap(&master, 1, &SystemClock).unwrap();
        let opened = LookupKey::unwrap(&master, 1, &wrapped).unwrap();
        assert_eq!(opened.lookup_hash("a", "1"), key().lookup_hash("a", "1"));
        assert!(matches!(LookupKey::unwrap(&master, 2, &wrapped), Err(VaultError::CannotOpen)));
        assert!(matches!(
            LookupKey::unwrap(&MasterKey::generate(&SystemClock), 1, &wrapped),
            Err(VaultError::CannotOpen)
        ));
    }

    #[test]
    fn debug_output_shows_no_secret() {
        assert_eq!(format!("{:?}", key()), "LookupKey([secret])");
    }
}
