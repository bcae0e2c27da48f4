//! Signatures: made here with fixed keys (those of RFC 7515 and RFC 8037 among them), checked by the code under test.

mod accepted;
mod counted;
mod damaged;
mod keys;
mod refused_tokens;
mod refused_webhooks;

use super::encoding::{from_base64url, to_base64url};
use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

pub(super) const NOW: i64 = 1_757_000_000;
pub(super) const BODY: &[u8] = br#"{"message_id":"M1","items":[]}"#;
pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// RFC 7515, appendix A.3.
const RFC_7515: [&str; 3] = [
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
];
/// RFC 8037, appendix A.
const RFC_8037: [&str; 2] =
    ["nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"];

/// Who signs.
pub(super) enum Signer {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Secret(Vec<u8>),
    Nobody,
}

impl Signer {
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec(),
            Self::EdDsa(pair) => pair.sign(bytes).as_ref().to_vec(),
            Self::Secret(secret) => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
                ring::hmac::sign(&key, bytes).as_ref().to_vec()
            }
            Self::Nobody => Vec::new(),
        }
    }

    fn public(&self) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair.public_key().as_ref().to_vec(),
            Self::EdDsa(pair) => pair.public_key().as_ref().to_vec(),
            Self::Secret(_) | Self::Nobody => Vec::new(),
        }
    }
}

pub(super) fn es256() -> Signer {
    let [d, x, y] = RFC_7515.map(|text| from_base64url(text).unwrap());
    let point = [vec![4], x, y].concat();
    let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    Signer::Es256(EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, &point, &random).unwrap())
}

pub(super) fn ed25519() -> Signer {
    let [d, x] = RFC_8037.map(|text| from_base64url(text).unwrap());
    Signer::EdDsa(Ed25519KeyPair::from_seed_and_public_key(&d, &x).unwrap())
}

/// Another bank's pair of the same algorithm.
pub(super) fn stranger(algorithm: Algorithm) -> Signer {
    match algorithm {
        Algorithm::Es256 => {
            let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
            let pair = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
            Signer::Es256(EcdsaKeyPair::from_pkcs8(kind, pair.as_ref(), &random).unwrap())
        }
        Algorithm::EdDsa => Signer::EdDsa(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()),
        Algorithm::HmacSha256 => Signer::Secret(vec![7; 32]),
    }
}

pub(super) fn signer(algorithm: Algorithm) -> Signer {
    match algorithm {
        Algorithm::Es256 => es256(),
        Algorithm::EdDsa => ed25519(),
        Algorithm::HmacSha256 => Signer::Secret(STANDARD.decode(&SECRET[6..]).unwrap()),
    }
}

pub(super) fn jwk(signer: &Signer) -> String {
    let public = signer.public();
    match signer {
        Signer::Es256(_) => {
            let (x, y) = (to_base64url(&public[1..33]), to_base64url(&public[33..]));
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#)
        }
        _ => format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, to_base64url(&public)),
    }
}

pub(super) fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The keys of one bank: one of each algorithm in force, and for each algorithm one of each way of not being in force, all by the same pair.
pub(super) fn keys() -> Vec<Key> {
    let now = instant(NOW);
    let in_force = Validity::default();
    let disabled = Validity { disabled: true, ..in_force };
    let expired = Validity { until: Some(now), ..in_force };
    let early = Validity { from: Some(instant(NOW + 1)), ..in_force };
    let mut keys = Vec::new();
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let text = jwk(&signer(algorithm));
        let states = [("", in_force), ("-disabled", disabled), ("-expired", expired), ("-early", early)];
        for (state, validity) in states {
            let id = format!("{}{state}", algorithm.as_str());
            keys.push(Key::parse(&id, algorithm, &text, validity).unwrap());
        }
    }
    keys.push(Key::parse("secret", Algorithm::HmacSha256, SECRET, in_force).unwrap());
    keys
}

/// A message to be sent, perhaps a bad one.
#[derive(Clone)]
pub(super) struct Sent {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub at: i64,
}

impl Sent {
    pub fn verify_with(&self, keys: &[Key]) -> Result<Verified, SignatureError> {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        verify(&Signed { headers: &headers, body: &self.body }, keys, &ClockWindow::at(instant(self.at)))
    }

    pub fn code(&self) -> &'static str {
        self.verify_with(&keys()).map_or_else(SignatureError::code, |_| "ACCEPTED")
    }
}

/// A token's header and how it is signed.
pub(super) struct Draft {
    pub header: String,
    pub b64: bool,
    pub signer: Signer,
}

impl Draft {
    pub fn good(algorithm: Algorithm, b64: bool) -> Self {
        let name = algorithm.as_str();
        let crit = if b64 { "" } else { r#","b64":false,"crit":["b64"]"# };
        let header = format!(r#"{{"alg":"{name}","kid":"{name}","iat":{NOW}{crit}}}"#);
        Self { header, b64, signer: signer(algorithm) }
    }

    pub fn token(&self) -> String {
        let header = to_base64url(self.header.as_bytes());
        let signature = self.signer.sign(&signing_input(&header, BODY, self.b64));
        format!("{header}..{}", to_base64url(&signature))
    }

    pub fn sent(&self) -> Sent {
        sent_token(&self.token())
    }
}

pub(super) fn sent_token(token: &str) -> Sent {
    Sent { headers: vec![(JWS_HEADER.to_owned(), token.to_owned())], body: BODY.to_vec(), at: NOW }
}

/// A message by Standard Webhooks.
pub(super) fn webhook(id: &str, second: i64, signer: &Signer) -> Sent {
    let signed = [id.as_bytes(), b".", second.to_string().as_bytes(), b".", BODY].concat();
    let tag = STANDARD.encode(signer.sign(&signed));
    let headers =
        [("webhook-id", id), ("webhook-timestamp", &second.to_string()), ("webhook-signature", &format!("v1,{tag}"))];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Sent { headers, body: BODY.to_vec(), at: NOW }
}
