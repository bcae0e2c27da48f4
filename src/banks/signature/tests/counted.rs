//! All vectors in one count: how many were tried, by each scheme, and how many false ones were accepted, which is none.

use super::refused_tokens::{Base, CRITICAL, HEADERS, SENT};
use super::refused_webhooks::CASES;
use super::*;
use std::io::Write;

/// Vectors of each scheme that must be there.
const TOKENS_MIN: usize = 400;
const WEBHOOKS_MIN: usize = 45;

/// A message of another bank: signed with its own key, which is good there.
fn of_another_bank(algorithm: Algorithm) -> Sent {
    let header = format!(r#"{{"alg":"{0}","kid":"{0}","iat":{NOW}}}"#, algorithm.as_str());
    Draft { header, b64: true, signer: stranger(algorithm) }.sent()
}

#[test]
fn of_all_vectors_no_false_one_is_accepted() {
    let (mut tokens, mut good, mut accepted) = (0, 0, Vec::new());
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        for base in [Base { algorithm, b64: true }, Base { algorithm, b64: false }] {
            for (name, _, make) in HEADERS.iter().chain(CRITICAL).chain(SENT) {
                tokens += 1;
                if make(&base).verify_with(&keys()).is_ok() {
                    accepted.push(format!("{algorithm:?} {name}"));
                }
            }
            let sent = Draft::good(algorithm, base.b64).sent();
            assert_eq!(sent.code(), "ACCEPTED", "a check that refuses everything proves nothing");
            good += 1;
        }
        tokens += 1;
        if of_another_bank(algorithm).verify_with(&keys()).is_ok() {
            accepted.push(format!("{algorithm:?} of another bank"));
        }
        let own = Key::parse(algorithm.as_str(), algorithm, &jwk(&stranger(algorithm)), Validity::default());
        assert!(own.is_ok_and(|key| key.id() == algorithm.as_str()));
    }
    for (name, _, make) in CASES {
        if make().verify_with(&keys()).is_ok() {
            accepted.push(format!("webhook {name}"));
        }
    }
    assert_eq!(webhook("msg_1", NOW, &signer(Algorithm::HmacSha256)).code(), "ACCEPTED");
    let (webhooks, accepted_count) = (CASES.len(), accepted.len());
    let good = good + 1;
    let counts = format!(
        "{tokens} tokens and {webhooks} webhooks that must be refused, {good} good ones: {accepted_count} false accepts"
    );
    writeln!(std::io::stderr(), "{counts}").unwrap();
    assert!(accepted.is_empty(), "{accepted:?}");
    assert!(tokens >= TOKENS_MIN && webhooks >= WEBHOOKS_MIN, "{tokens} {webhooks}");
}
