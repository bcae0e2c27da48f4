//! Messages by Standard Webhooks that must not be accepted. Each names the code that answers it.

use super::*;

type Case = (&'static str, &'static str, fn() -> Sent);

fn good() -> Sent {
    webhook("msg_1", NOW, &signer(Algorithm::HmacSha256))
}

fn header(place: usize, change: impl Fn(&str) -> String) -> Sent {
    let mut sent = good();
    let changed = change(&sent.headers[place].1);
    assert_ne!(changed, sent.headers[place].1);
    sent.headers[place].1 = changed;
    sent
}

fn tag(change: impl Fn(&mut Vec<u8>)) -> Sent {
    header(2, |text| {
        let mut bytes = STANDARD.decode(&text[3..]).unwrap();
        change(&mut bytes);
        format!("v1,{}", STANDARD.encode(bytes))
    })
}

fn body(change: impl Fn(&mut Vec<u8>)) -> Sent {
    let mut sent = good();
    change(&mut sent.body);
    sent
}

fn without(place: usize) -> Sent {
    let mut sent = good();
    sent.headers.remove(place);
    sent
}

pub(super) const CASES: &[Case] = &[
    ("a byte of the body changed", "signature-wrong", || body(|body| body[3] ^= 1)),
    ("a byte more", "signature-wrong", || body(|body| body.push(b' '))),
    ("a byte less", "signature-wrong", || body(|body| body.truncate(body.len() - 1))),
    ("no body", "signature-wrong", || body(Vec::clear)),
    ("another secret", "signature-wrong", || webhook("msg_1", NOW, &stranger(Algorithm::HmacSha256))),
    ("an empty secret", "signature-wrong", || webhook("msg_1", NOW, &Signer::Secret(Vec::new()))),
    ("the secret's text as secret", "signature-wrong", || {
        webhook("msg_1", NOW, &Signer::Secret(SECRET.as_bytes().to_vec()))
    }),
    ("a public key as secret", "signature-wrong", || webhook("msg_1", NOW, &Signer::Secret(es256().public()))),
    ("the id changed", "signature-wrong", || header(0, |id| format!("{id}2"))),
    ("the id in upper case", "signature-wrong", || header(0, str::to_uppercase)),
    ("the id empty", "signature-malformed", || header(0, |_| String::new())),
    ("the id with a dot", "signature-malformed", || webhook("msg.1", NOW, &signer(Algorithm::HmacSha256))),
    ("the id with a space", "signature-malformed", || webhook("msg 1", NOW, &signer(Algorithm::HmacSha256))),
    ("the id beyond all length", "signature-malformed", || {
        webhook(&"m".repeat(257), NOW, &signer(Algorithm::HmacSha256))
    }),
    ("the time moved", "signature-wrong", || header(1, |_| (NOW + 1).to_string())),
    ("the time moved back into the window", "signature-wrong", || {
        let mut sent = webhook("msg_1", NOW - 3600, &signer(Algorithm::HmacSha256));
        sent.headers[1].1 = NOW.to_string();
        sent
    }),
    ("the time with a sign", "signature-malformed", || header(1, |text| format!("+{text}"))),
    ("the time with a space", "signature-malformed", || header(1, |text| format!(" {text}"))),
    ("the time with a fraction", "signature-malformed", || header(1, |text| format!("{text}.0"))),
    ("the time in words", "signature-malformed", || header(1, |_| "now".to_owned())),
    ("the time empty", "signature-malformed", || header(1, |_| String::new())),
    ("the time in RFC 3339", "signature-malformed", || header(1, |_| "2025-09-04T15:33:20Z".to_owned())),
    ("the time in milliseconds", "signature-malformed", || header(1, |text| format!("{text}000"))),
    ("too old", "signature-outside-window", || webhook("msg_1", NOW - 301, &signer(Algorithm::HmacSha256))),
    ("in the future", "signature-outside-window", || webhook("msg_1", NOW + 301, &signer(Algorithm::HmacSha256))),
    ("replayed after the window", "signature-outside-window", || Sent { at: NOW + 301, ..good() }),
    ("replayed a day later", "signature-outside-window", || Sent { at: NOW + 86_400, ..good() }),
    ("without id", "signature-malformed", || without(0)),
    ("without time", "signature-malformed", || without(1)),
    ("without signature", "signature-malformed", || without(2)),
    ("id twice", "signature-ambiguous", || twice(0)),
    ("time twice", "signature-ambiguous", || twice(1)),
    ("signature twice", "signature-ambiguous", || twice(2)),
    ("signature empty", "signature-malformed", || header(2, |_| String::new())),
    ("signature of another version", "signature-malformed", || header(2, |text| text.replacen("v1,", "v2,", 1))),
    ("signature without version", "signature-malformed", || header(2, |text| text[3..].to_owned())),
    ("version in upper case", "signature-malformed", || header(2, |text| text.replacen('v', "V", 1))),
    ("signature in hex", "signature-malformed", || header(2, |_| format!("v1,{}", "ab".repeat(32)))),
    ("signature in base64url", "signature-malformed", || header(2, |_| "v1,-_".to_owned() + &"A".repeat(42))),
    ("signature cut", "signature-malformed", || header(2, |text| text[..text.len() - 4].to_owned())),
    ("signature without padding", "signature-malformed", || header(2, |text| text.trim_end_matches('=').to_owned())),
    ("a byte of the signature less", "signature-malformed", || tag(|bytes| bytes.truncate(31))),
    ("a byte of the signature more", "signature-malformed", || tag(|bytes| bytes.push(0))),
    ("the first bit turned", "signature-wrong", || tag(|bytes| bytes[0] ^= 0x80)),
    ("the last bit turned", "signature-wrong", || tag(|bytes| bytes[31] ^= 1)),
    ("zeros", "signature-wrong", || tag(|bytes| bytes.fill(0))),
    ("nine entries", "signature-malformed", || header(2, |text| [text; 9].join(" "))),
    ("a bad entry before the good one", "signature-malformed", || header(2, |text| format!("v1,x {text}"))),
];

fn twice(place: usize) -> Sent {
    let mut sent = good();
    sent.headers.push(sent.headers[place].clone());
    sent
}

#[test]
fn no_altered_webhook_is_accepted() {
    assert_eq!(good().code(), "ACCEPTED");
    let wrong: Vec<String> = CASES
        .iter()
        .map(|(name, expected, make)| (name, expected, make().code()))
        .filter(|(_, expected, code)| code != *expected)
        .map(|(name, expected, code)| format!("{name}: {code}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(CASES.len() >= 45);
}

#[test]
fn a_bank_without_a_secret_in_force_cannot_be_signed_for_by_one() {
    assert_eq!(good().verify_with(&keys()[..8]), Err(SignatureError::KeyUnknown));
    let disabled = Validity { disabled: true, ..Validity::default() };
    let key = Key::parse("secret", Algorithm::HmacSha256, SECRET, disabled).unwrap();
    assert_eq!(good().verify_with(&[key]), Err(SignatureError::KeyNotInForce));
}
