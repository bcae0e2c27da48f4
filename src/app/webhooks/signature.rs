//! Standard Webhooks, the sender's side: HMAC-SHA-256 over `id.timestamp.body`, and secrets to do it with.

use crate::clock::Clock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";
const SECRET_LENGTH: usize = 32;

/// A new secret, as its holder gets it.
pub fn new_secret(clock: &dyn Clock) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; SECRET_LENGTH]);
    clock.fill_secret(bytes.as_mut());
    Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(bytes.as_ref())))
}

/// The key that a secret's text stands for.
#[must_use]
pub fn key(secret: &str) -> Option<hmac::Key> {
    let bytes = Zeroizing::new(STANDARD.decode(secret.trim().strip_prefix(PREFIX)?).ok()?);
    (!bytes.is_empty()).then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// The header `webhook-signature`: one entry for each secret.
#[must_use]
pub fn sign(keys: &[hmac::Key], (id, timestamp): (&str, i64), body: &str) -> String {
    let signed = format!("{id}.{timestamp}.{body}");
    let entry = |key: &hmac::Key| format!("v1,{}", STANDARD.encode(hmac::sign(key, signed.as_bytes())));
    keys.iter().map(entry).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimulatedClock;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn a_signature_is_the_one_of_the_specification() {
        let of = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let signature = sign(&[key(SECRET).unwrap()], of, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs_once() {
        let keys = [key(SECRET).unwrap(), key("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap()];
        let both = sign(&keys, ("id", 1), "{}");
        assert_eq!(both, format!("{} {}", sign(&keys[..1], ("id", 1), "{}"), sign(&keys[1..], ("id", 1), "{}")));
    }

    #[test]
    fn a_new_secret_is_32_random_bytes_in_the_form_that_receivers_take() {
        let clock = SimulatedClock::new(0, 1);
        let (first, second) = (new_secret(&clock), new_secret(&clock));
        assert_ne!(*first, *second);
        assert_eq!(STANDARD.decode(first.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
        assert!(key(&first).is_some());
    }

    #[test]
    fn what_is_no_secret_is_no_key() {
        for text in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_a"] {
            assert!(key(text).is_none(), "{text}");
        }
    }
}
