//! A bank's keys: what they are, when they are in force, and how they check a signature. Public keys come as PEM or as JWK.

use super::encoding::{from_base64, from_base64url};
use jiff::Timestamp;
use ring::{hmac, signature};
use serde::Deserialize;
use std::fmt;
use zeroize::Zeroizing;

/// The algorithms that keys can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// A shared secret (Standard Webhooks).
    HmacSha256,
}

impl Algorithm {
    /// The name used in JSON, headers and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::HmacSha256 => "HS256",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Es256, Self::EdDsa, Self::HmacSha256].into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

/// When a key may be used. Keys overlap while a bank changes from one to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    pub from: Option<Timestamp>,
    /// The first instant at which it is no longer valid.
    pub until: Option<Timestamp>,
    pub disabled: bool,
}

impl Validity {
    /// Whether the key may be used at an instant.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.disabled && self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// A key that cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a key's id has 1 to 64 characters of A-Z, a-z, 0-9, and . _ : -")]
    Id,
    #[error("the public key is neither PEM (BEGIN PUBLIC KEY) nor JWK of the algorithm {algorithm}")]
    PublicKey { algorithm: &'static str },
    #[error("this public key verifies signatures that nobody made; take another")]
    WeakKey,
    #[error("a private key must never leave its owner: register the public one, and make a new pair")]
    PrivateKey,
    #[error("a secret is base64 of 24 to 64 bytes, with or without whsec_ before it")]
    Secret,
}

/// A key of a bank.
#[derive(Clone)]
pub struct Key {
    id: String,
    validity: Validity,
    material: Material,
}

#[derive(Clone)]
enum Material {
    /// An uncompressed point.
    Es256([u8; POINT_LENGTH]),
    EdDsa([u8; ED25519_LENGTH]),
    Secret(Zeroizing<Vec<u8>>),
}

const POINT_LENGTH: usize = 65;
const ED25519_LENGTH: usize = 32;
const ID_LENGTH_MAX: usize = 64;
const SECRET_LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// What stands before the key in its DER form.
const ES256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl Key {
    /// A public key from PEM or JWK, or a secret; whatever the algorithm takes.
    pub fn parse(id: &str, algorithm: Algorithm, text: &str, validity: Validity) -> Result<Self, KeyError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
        if id.is_empty() || id.len() > ID_LENGTH_MAX || !id.bytes().all(allowed) {
            return Err(KeyError::Id);
        }
        let material = match algorithm {
            Algorithm::HmacSha256 => secret(text.trim())?,
            Algorithm::Es256 | Algorithm::EdDsa => public_key(algorithm, text.trim())?,
        };
        Ok(Self { id: id.to_owned(), validity, material })
    }

    /// Its id, which a signature names.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its algorithm, the only one that it verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match &self.material {
            Material::Es256(_) => Algorithm::Es256,
            Material::EdDsa(_) => Algorithm::EdDsa,
            Material::Secret(_) => Algorithm::HmacSha256,
        }
    }

    /// When it is in force.
    #[must_use]
    pub const fn validity(&self) -> &Validity {
        &self.validity
    }

    /// The bytes of the key, public or secret: for a keyed hash of them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.material {
            Material::Es256(point) => point,
            Material::EdDsa(point) => point,
            Material::Secret(secret) => secret,
        }
    }

    /// Whether it made this signature over these bytes.
    pub(super) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Es256(point) => signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                .verify(signed, signature)
                .is_ok(),
            Material::EdDsa(point) => {
                signature::UnparsedPublicKey::new(&signature::ED25519, point).verify(signed, signature).is_ok()
            }
            Material::Secret(secret) => {
                hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed, signature).is_ok()
            }
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

fn secret(text: &str) -> Result<Material, KeyError> {
    let bytes = from_base64(text.strip_prefix("whsec_").unwrap_or(text)).map(Zeroizing::new).ok_or(KeyError::Secret)?;
    if SECRET_LENGTH.contains(&bytes.len()) { Ok(Material::Secret(bytes)) } else { Err(KeyError::Secret) }
}

fn public_key(algorithm: Algorithm, text: &str) -> Result<Material, KeyError> {
    if text.contains("PRIVATE KEY") {
        return Err(KeyError::PrivateKey);
    }
    let wrong = KeyError::PublicKey { algorithm: algorithm.as_str() };
    let bytes = if text.starts_with('{') { jwk(algorithm, text)? } else { pem(algorithm, text) };
    let bytes = bytes.ok_or(wrong)?;
    match algorithm {
        Algorithm::Es256 => {
            let point = <[u8; POINT_LENGTH]>::try_from(bytes).map_err(|_| wrong)?;
            if point[0] == 4 { Ok(Material::Es256(point)) } else { Err(wrong) }
        }
        Algorithm::EdDsa => {
            let point = <[u8; ED25519_LENGTH]>::try_from(bytes).map_err(|_| wrong)?;
            if is_small_order(&point) { Err(KeyError::WeakKey) } else { Ok(Material::EdDsa(point)) }
        }
        Algorithm::HmacSha256 => Err(wrong),
    }
}

fn pem(algorithm: Algorithm, text: &str) -> Option<Vec<u8>> {
    let inner = text.strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let inner: String = inner.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = from_base64(&inner)?;
    let prefix: &[u8] = match algorithm {
        Algorithm::Es256 => &ES256_PREFIX,
        Algorithm::EdDsa => &ED25519_PREFIX,
        Algorithm::HmacSha256 => return None,
    };
    der.strip_prefix(prefix).map(<[u8]>::to_vec)
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    d: Option<serde::de::IgnoredAny>,
}

fn jwk(algorithm: Algorithm, text: &str) -> Result<Option<Vec<u8>>, KeyError> {
    let Ok(key) = serde_json::from_str::<Jwk>(text) else { return Ok(None) };
    if key.d.is_some() {
        return Err(KeyError::PrivateKey);
    }
    let x = from_base64url(&key.x).filter(|x| x.len() == ED25519_LENGTH);
    let y = key.y.as_deref().and_then(from_base64url).filter(|y| y.len() == ED25519_LENGTH);
    Ok(match (algorithm, key.kty.as_str(), key.crv.as_str(), x, y) {
        (Algorithm::Es256, "EC", "P-256", Some(x), Some(y)) => Some([vec![4], x, y].concat()),
        (Algorithm::EdDsa, "OKP", "Ed25519", Some(x), None) => Some(x),
        _ => None,
    })
}

/// Points of small order verify signatures over any message. The sign bit does not matter.
fn is_small_order(point: &[u8; ED25519_LENGTH]) -> bool {
    const ORDER_8: [[u8; ED25519_LENGTH]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let mut bare = *point;
    bare[ED25519_LENGTH - 1] &= 0x7f;
    let middle = &bare[1..ED25519_LENGTH - 1];
    let zero_or_one = bare[0] <= 1 && middle.iter().all(|b| *b == 0) && bare[31] == 0;
    // 2^255 - 20, - 19 and - 18: minus one, and zero and one written another way.
    let near_prime = (0xec..=0xee).contains(&bare[0]) && middle.iter().all(|b| *b == 0xff) && bare[31] == 0x7f;
    zero_or_one || near_prime || ORDER_8.contains(&bare)
}
