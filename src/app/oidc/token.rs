//! Tokens of a provider (JWT): the one algorithm that is expected, the provider's key, and who made the token for whom and until when. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The longest token that is looked at.
const LENGTH_MAX: usize = 16 * 1024;

/// How tokens are signed. What a token asks for is compared with the one that is expected, never followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Rs256, Self::Es256, Self::EdDsa].into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

/// One key of a provider's set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What a token must be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub algorithm: Algorithm,
    pub issuer: &'a str,
    pub audience: &'a str,
    /// Of a sign-in: what we asked with.
    pub nonce: Option<&'a str>,
    /// Seconds since the Unix epoch.
    pub now: i64,
    pub skew_seconds: i64,
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("it is no token")]
    Form,
    #[error("it is not signed by the algorithm that is expected")]
    Algorithm,
    #[error("the provider has no such key")]
    KeyUnknown,
    #[error("the signature is not the provider's")]
    Signature,
    #[error("another issuer made it")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("its time is over")]
    Expired,
    #[error("its time has not come")]
    NotYet,
    #[error("it is not the answer to this sign-in")]
    Nonce,
    #[error("it names nobody")]
    Subject,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The claims of a token that is what it must be.
pub fn verify(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Map<String, Value>, TokenError> {
    if token.len() > LENGTH_MAX {
        return Err(TokenError::Form);
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Form);
    };
    let header: Header = read(head)?;
    if header.alg != expected.algorithm.as_str() || header.crit.is_some() {
        return Err(TokenError::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Form)?;
    let signed = &token[..head.len() + 1 + body.len()];
    let mut known = keys.iter().filter(|key| key.fits(expected.algorithm, header.kid.as_deref())).peekable();
    if known.peek().is_none() {
        return Err(TokenError::KeyUnknown);
    }
    if !known.any(|key| key.made(expected.algorithm, (signed.as_bytes(), &signature))) {
        return Err(TokenError::Signature);
    }
    let claims: Map<String, Value> = read(body)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn read<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Form)
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), TokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // Whole seconds; some providers write a fraction, which is cut off.
    let second = |name: &str| {
        let value = claims.get(name)?;
        value.as_i64().or_else(|| value.to_string().split('.').next()?.parse().ok())
    };
    if text("iss") != Some(expected.issuer) {
        return Err(TokenError::Issuer);
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_azp = text("azp").is_none_or(|party| party == expected.audience);
    let is_ours = audiences.contains(&expected.audience);
    if !is_ours || (expected.nonce.is_some() && (!is_azp || (audiences.len() > 1 && text("azp").is_none()))) {
        return Err(TokenError::Audience);
    }
    if second("exp").is_none_or(|end| end.saturating_add(expected.skew_seconds) <= expected.now) {
        return Err(TokenError::Expired);
    }
    let begins = |name: &str| second(name).is_none_or(|at| at.saturating_sub(expected.skew_seconds) <= expected.now);
    if !begins("nbf") || !begins("iat") {
        return Err(TokenError::NotYet);
    }
    if expected.nonce.is_some() && text("nonce") != expected.nonce {
        return Err(TokenError::Nonce);
    }
    if text("sub").is_none_or(|subject| subject.is_empty() || subject.len() > 255) {
        return Err(TokenError::Subject);
    }
    Ok(())
}

impl Jwk {
    fn fits(&self, algorithm: Algorithm, kid: Option<&str>) -> bool {
        let kind = match algorithm {
            Algorithm::Rs256 => self.kty == "RSA",
            Algorithm::Es256 => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
            Algorithm::EdDsa => self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519"),
        };
        let is_named = kid.is_none() || self.kid.as_deref() == kid;
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        kind && is_named && signs && self.alg.as_deref().is_none_or(|own| own == algorithm.as_str())
    }

    fn made(&self, algorithm: Algorithm, (signed, signature): (&[u8], &[u8])) -> bool {
        let part = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref().unwrap_or_default()).ok();
        match algorithm {
            Algorithm::Rs256 => {
                let (Some(n), Some(e)) = (part(&self.n), part(&self.e)) else { return false };
                let n: Vec<u8> = n.into_iter().skip_while(|byte| *byte == 0).collect();
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
            Algorithm::Es256 => {
                let (Some(x), Some(y)) = (part(&self.x), part(&self.y)) else { return false };
                let point = [&[4][..], &x, &y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
            }
            Algorithm::EdDsa => {
                let Some(x) = part(&self.x) else { return false };
                UnparsedPublicKey::new(&ED25519, x).verify(signed, signature).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::json;

    const NOW: i64 = 1_750_000_000;

    fn pair() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn keys() -> Vec<Jwk> {
        let x = URL_SAFE_NO_PAD.encode(pair().public_key().as_ref());
        serde_json::from_value(json!([{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x, "use": "sig", "more": 1}]))
            .unwrap()
    }

    fn token(head: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(pair().sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    fn good() -> Value {
        json!({"iss": "https://i", "aud": "us", "sub": "s", "exp": NOW + 60, "iat": NOW, "nonce": "n"})
    }

    fn judged(token: &str) -> Result<(), TokenError> {
        let expected = Expected {
            algorithm: Algorithm::EdDsa,
            issuer: "https://i",
            audience: "us",
            nonce: Some("n"),
            now: NOW,
            skew_seconds: 10,
        };
        verify(token, &keys(), &expected).map(|_| ())
    }

    fn with(name: &str, value: Value) -> Result<(), TokenError> {
        let mut claims = good();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value;
        }
        judged(&token(&json!({"alg": "EdDSA", "kid": "one"}), &claims))
    }

    #[test]
    fn a_token_is_taken_from_its_issuer_for_us_and_in_its_time() {
        assert_eq!(with("more", json!("x")), Ok(()));
        for other in [json!("https://i/"), json!("https://other"), Value::Null, json!(["https://i"])] {
            assert_eq!(with("iss", other), Err(TokenError::Issuer));
        }
        for other in [json!("them"), json!(["them"]), json!([]), Value::Null, json!(["us", "them"])] {
            assert_eq!(with("aud", other), Err(TokenError::Audience));
        }
        assert_eq!(with("aud", json!(["us"])), Ok(()));
        assert_eq!(with("azp", json!("them")), Err(TokenError::Audience));
        for (end, is_good) in [(NOW - 9, true), (NOW - 10, false), (NOW - 3_600, false), (i64::MIN, false)] {
            assert_eq!(with("exp", json!(end)).is_ok(), is_good, "{end}");
        }
        assert_eq!(with("exp", Value::Null), Err(TokenError::Expired));
        assert_eq!(with("exp", json!("soon")), Err(TokenError::Expired));
        assert_eq!(with("nbf", json!(NOW + 11)), Err(TokenError::NotYet));
        assert_eq!(with("iat", json!(NOW + 11)), Err(TokenError::NotYet));
        for other in [json!("m"), Value::Null, json!(1)] {
            assert_eq!(with("nonce", other), Err(TokenError::Nonce));
        }
        assert_eq!(with("sub", json!("")), Err(TokenError::Subject));
        assert_eq!(with("sub", Value::Null), Err(TokenError::Subject));
    }

    #[test]
    fn the_algorithm_is_the_one_expected_whatever_a_token_says() {
        for head in [
            json!({"alg": "none"}),
            json!({"alg": "HS256", "kid": "one"}),
            json!({"alg": "ES256", "kid": "one"}),
            json!({"alg": "EdDSA", "kid": "one", "crit": ["b64"]}),
        ] {
            assert_eq!(judged(&token(&head, &good())), Err(TokenError::Algorithm), "{head}");
        }
        let unsigned = token(&json!({"alg": "EdDSA", "kid": "one"}), &good());
        let unsigned = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
        assert_eq!(judged(&unsigned), Err(TokenError::Signature));
        assert_eq!(judged(&token(&json!({"alg": "EdDSA", "kid": "two"}), &good())), Err(TokenError::KeyUnknown));
        assert_eq!(judged(&token(&json!({"alg": "EdDSA"}), &good())), Ok(()));
    }

    #[test]
    fn what_is_changed_or_no_token_is_refused() {
        let whole = token(&json!({"alg": "EdDSA", "kid": "one"}), &good());
        let mut claims = good();
        claims["sub"] = json!("somebody else");
        let parts: Vec<&str> = whole.split('.').collect();
        let changed = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2]);
        assert_eq!(judged(&changed), Err(TokenError::Signature));
        for text in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", &format!("{whole}.x"), &"x".repeat(20_000)] {
            assert_eq!(judged(text), Err(TokenError::Form), "{text}");
        }
    }

    #[test]
    fn a_signature_by_rsa_is_checked() {
        let key: Jwk = serde_json::from_str(include_str!("../../../tests/fixtures/oidc/rsa.jwk")).unwrap();
        let text = include_str!("../../../tests/fixtures/oidc/rsa.token").trim();
        let expected = Expected {
            algorithm: Algorithm::Rs256,
            issuer: "https://i",
            audience: "us",
            nonce: None,
            now: NOW,
            skew_seconds: 0,
        };
        assert_eq!(verify(text, std::slice::from_ref(&key), &expected).unwrap()["sub"], json!("s"));
        let other = Jwk { n: Some(URL_SAFE_NO_PAD.encode([0xc5; 256])), ..key };
        assert_eq!(verify(text, &[other], &expected), Err(TokenError::Signature));
    }
}
