//! Detached JSON Web Signatures (RFC 7515, appendix F; RFC 7797): `header..signature`, the body being the payload.

use super::encoding::{from_base64url, to_base64url};
use super::key::Algorithm;
use super::{ClockWindow, Key, SignatureError};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// The header that carries the signature.
pub const JWS_HEADER: &str = "x-jws-signature";

const LENGTH_MAX: usize = 4096;
/// What a critical header may ask for: what is understood and checked here.
const UNDERSTOOD: [&str; 2] = ["b64", "iat"];

#[derive(Deserialize)]
struct Protected {
    alg: String,
    kid: String,
    /// When it was signed, in seconds since 1970.
    iat: i64,
    #[serde(default, deserialize_with = "present")]
    b64: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<Vec<String>>,
    // Keys come from the registry alone.
    #[serde(default)]
    jwk: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    jku: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    x5c: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    x5u: Option<serde::de::IgnoredAny>,
}

/// A member that may be absent but not null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A token of the right form, by a key of the bank that is in force.
pub(super) struct Named<'a> {
    header_text: &'a str,
    header: Protected,
    signature: Vec<u8>,
    key: &'a Key,
}

impl Named<'_> {
    /// The id of the key that made it over this body.
    pub fn verify(&self, body: &[u8]) -> Result<String, SignatureError> {
        let signed = signing_input(self.header_text, body, self.header.b64.unwrap_or(true));
        if self.key.verifies(&signed, &self.signature) {
            Ok(self.header.kid.clone())
        } else {
            Err(SignatureError::Wrong)
        }
    }

    pub fn signed_at(&self) -> Result<Timestamp, SignatureError> {
        Timestamp::from_second(self.header.iat).map_err(|_| SignatureError::Malformed("iat is no time"))
    }
}

pub(super) fn named<'a>(token: &'a str, keys: &'a [Key], clock: &ClockWindow) -> Result<Named<'a>, SignatureError> {
    if token.len() > LENGTH_MAX {
        return Err(SignatureError::Malformed("it is longer than 4096 characters"));
    }
    let mut parts = token.split('.');
    let (Some(header_text), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(SignatureError::Malformed("it has not the form header..signature"));
    };
    if !payload.is_empty() {
        return Err(SignatureError::Malformed("the payload must be detached: header..signature"));
    }
    let header = protected(header_text)?;
    let key = keys.iter().find(|key| key.id() == header.kid).ok_or(SignatureError::KeyUnknown)?;
    if key.algorithm() == Algorithm::HmacSha256 || key.algorithm().as_str() != header.alg {
        return Err(SignatureError::OtherAlgorithm);
    }
    if !key.validity().holds(clock.now) {
        return Err(SignatureError::KeyNotInForce);
    }
    let signature = from_base64url(signature).ok_or(SignatureError::Malformed("the signature is not base64url"))?;
    Ok(Named { header_text, header, signature, key })
}

/// The bytes that are signed: the header, a dot, and the body, in base64url unless `b64` is false.
#[must_use]
pub fn signing_input(header: &str, body: &[u8], b64: bool) -> Vec<u8> {
    if b64 {
        return format!("{header}.{}", to_base64url(body)).into_bytes();
    }
    [header.as_bytes(), b".", body].concat()
}

fn protected(text: &str) -> Result<Protected, SignatureError> {
    let bytes = from_base64url(text).ok_or(SignatureError::Malformed("the header is not base64url"))?;
    let malformed =
        SignatureError::Malformed("the header must be a JSON object with alg, kid and iat (in seconds), each once");
    if bytes.first() != Some(&b'{') {
        return Err(malformed);
    }
    // A member of ours that stands twice is an error of the parser.
    let header: Protected = serde_json::from_slice(&bytes).map_err(|_| malformed)?;
    if [&header.jwk, &header.jku, &header.x5c, &header.x5u].iter().any(|member| member.is_some()) {
        return Err(SignatureError::NotAccepted("a key in the header; keys come from the registry"));
    }
    let critical = header.crit.as_deref().unwrap_or_default();
    if header.crit.is_some() && critical.is_empty() {
        return Err(SignatureError::Malformed("crit is empty"));
    }
    if critical.iter().any(|name| !UNDERSTOOD.contains(&name.as_str())) {
        return Err(SignatureError::NotAccepted("crit asks for what is not understood here"));
    }
    let names_b64 = critical.iter().filter(|name| *name == "b64").count();
    let names_iat = critical.iter().filter(|name| *name == "iat").count();
    if names_b64 > 1 || names_iat > 1 {
        return Err(SignatureError::Malformed("crit names a member twice"));
    }
    if header.b64.is_some() != (names_b64 == 1) {
        return Err(SignatureError::Malformed("b64 and crit must go together"));
    }
    Ok(header)
}
