//! Which keys can be registered.

use super::*;

fn parse(algorithm: Algorithm, text: &str) -> Result<Key, KeyError> {
    Key::parse("k", algorithm, text, Validity::default())
}

#[test]
fn pem_and_jwk_give_the_same_key() {
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
    let from_pem = parse(Algorithm::EdDsa, pem).unwrap();
    assert_eq!(from_pem.bytes(), parse(Algorithm::EdDsa, &jwk(&ed25519())).unwrap().bytes());
    let point = signer(Algorithm::Es256).public();
    let prefix = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = STANDARD.encode([&prefix[..], &point].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\r\n{}\r\n{}\r\n-----END PUBLIC KEY-----", &der[..64], &der[64..]);
    assert_eq!(parse(Algorithm::Es256, &pem).unwrap().bytes(), &point[..]);
}

#[test]
fn a_key_of_another_algorithm_is_refused() {
    for (algorithm, text) in [(Algorithm::Es256, jwk(&ed25519())), (Algorithm::EdDsa, jwk(&es256()))] {
        assert!(matches!(parse(algorithm, &text), Err(KeyError::PublicKey { .. })));
    }
}

#[test]
fn private_keys_are_refused_by_name() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n-----END PRIVATE KEY-----";
    assert_eq!(parse(Algorithm::EdDsa, pem).unwrap_err(), KeyError::PrivateKey);
    let with_d = jwk(&ed25519()).replace('}', r#","d":"nWGxne"}"#);
    assert_eq!(parse(Algorithm::EdDsa, &with_d).unwrap_err(), KeyError::PrivateKey);
}

#[test]
fn points_that_verify_anything_are_refused() {
    let mut one = [0_u8; 32];
    one[0] = 1;
    let mut minus_one = [0xff_u8; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut zero_with_sign = [0_u8; 32];
    zero_with_sign[31] = 0x80;
    for point in [[0; 32], one, minus_one, zero_with_sign] {
        let text = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, to_base64url(&point));
        assert_eq!(parse(Algorithm::EdDsa, &text).unwrap_err(), KeyError::WeakKey);
    }
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    let texts = [
        "",
        "{}",
        "{",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "11qYAYKx",
    ];
    for text in texts {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            assert!(matches!(parse(algorithm, text), Err(KeyError::PublicKey { .. })), "{text}");
        }
    }
}

#[test]
fn a_secret_has_24_to_64_bytes() {
    let of = |bytes: usize| parse(Algorithm::HmacSha256, &STANDARD.encode(vec![1; bytes])).is_ok();
    assert_eq!([23, 24, 64, 65].map(of), [false, true, true, false]);
    assert!(parse(Algorithm::HmacSha256, SECRET).is_ok());
    assert_eq!(parse(Algorithm::HmacSha256, "not base64").unwrap_err(), KeyError::Secret);
}

#[test]
fn an_id_of_a_key_is_short_and_plain() {
    let long = "a".repeat(65);
    for id in ["", "a b", "é", "a\n", &long] {
        assert_eq!(Key::parse(id, Algorithm::HmacSha256, SECRET, Validity::default()).unwrap_err(), KeyError::Id);
    }
}

#[test]
fn a_key_shows_nothing_of_its_secret() {
    assert_eq!(format!("{:?}", keys()[8]), r#"Key { id: "secret", algorithm: HmacSha256, .. }"#);
}
