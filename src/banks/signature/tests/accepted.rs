//! What must be accepted: every scheme, both keys while a bank changes over, headers in any case.

use super::*;

const KINDS: [(Algorithm, bool); 4] =
    [(Algorithm::Es256, true), (Algorithm::Es256, false), (Algorithm::EdDsa, true), (Algorithm::EdDsa, false)];

#[test]
fn a_good_token_of_each_kind_is_accepted_and_names_its_key() {
    for (algorithm, b64) in KINDS {
        let verified = Draft::good(algorithm, b64).sent().verify_with(&keys()).unwrap();
        assert_eq!(verified.key_id, algorithm.as_str());
        assert_eq!((verified.scheme, verified.signed_at), (Scheme::Jws, instant(NOW)));
    }
}

#[test]
fn headers_are_found_in_any_case() {
    for (algorithm, b64) in KINDS {
        for name in ["X-JWS-Signature", "X-JWS-SIGNATURE", "x-Jws-sIGNATURE"] {
            let mut sent = Draft::good(algorithm, b64).sent();
            name.clone_into(&mut sent.headers[0].0);
            assert_eq!(sent.code(), "ACCEPTED", "{name}");
        }
    }
    let mut sent = webhook("msg_1", NOW, &signer(Algorithm::HmacSha256));
    for (name, _) in &mut sent.headers {
        name.make_ascii_uppercase();
    }
    assert_eq!(sent.code(), "ACCEPTED");
}

#[test]
fn the_clock_may_be_five_minutes_off_in_each_direction() {
    for at in [NOW - 300, NOW - 1, NOW, NOW + 300] {
        for (algorithm, b64) in KINDS {
            // The key itself expires at NOW in no case here.
            let sent = Sent { at, ..Draft::good(algorithm, b64).sent() };
            assert_eq!(sent.code(), "ACCEPTED", "{at}");
        }
        assert_eq!(Sent { at, ..webhook("msg_1", NOW, &signer(Algorithm::HmacSha256)) }.code(), "ACCEPTED");
    }
}

#[test]
fn members_that_are_not_critical_may_stand_in_the_header() {
    let header = format!(
        r#"{{"typ":"JOSE","cty":"application/json","alg":"EdDSA","kid":"EdDSA","iat":{NOW},"crit":["iat"],"x":1}}"#
    );
    let draft = Draft { header, b64: true, signer: ed25519() };
    assert_eq!(draft.sent().code(), "ACCEPTED");
}

#[test]
fn both_keys_are_valid_while_a_bank_changes_over() {
    let (old, new) = (ed25519(), stranger(Algorithm::EdDsa));
    let (from, until) = (Some(instant(NOW - 10)), Some(instant(NOW + 10)));
    let of = |id: &str, signer: &Signer, validity| Key::parse(id, Algorithm::EdDsa, &jwk(signer), validity).unwrap();
    let keys = [
        of("EdDSA", &old, Validity { until, ..Validity::default() }),
        of("new", &new, Validity { from, ..Validity::default() }),
    ];
    let by_old = Draft::good(Algorithm::EdDsa, true).sent();
    let header = format!(r#"{{"alg":"EdDSA","kid":"new","iat":{NOW}}}"#);
    let by_new = Draft { header, b64: true, signer: new }.sent();
    assert!(by_old.verify_with(&keys).is_ok());
    assert_eq!(by_new.verify_with(&keys).unwrap().key_id, "new");
    let later = Sent { at: NOW + 10, ..by_old };
    assert_eq!(later.verify_with(&keys), Err(SignatureError::KeyNotInForce));
    let earlier = Sent { at: NOW - 11, ..by_new };
    assert_eq!(earlier.verify_with(&keys), Err(SignatureError::KeyNotInForce));
}

#[test]
fn the_published_vector_of_standard_webhooks_is_accepted() {
    let headers = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    let message = Signed { headers: &headers, body: br#"{"test": 2432232314}"# };
    let verified = verify(&message, &keys(), &ClockWindow::at(instant(1_614_265_330))).unwrap();
    assert_eq!((verified.key_id.as_str(), verified.scheme), ("secret", Scheme::Webhook));
}

#[test]
fn one_good_entry_among_several_is_enough() {
    let mut sent = webhook("msg_1", NOW, &signer(Algorithm::HmacSha256));
    let other = STANDARD.encode([1; 32]);
    sent.headers[2].1 = format!("v1a,abcdef v1,{other} {}", sent.headers[2].1);
    assert_eq!(sent.code(), "ACCEPTED");
}

#[test]
fn the_signature_of_rfc_7515_is_verified() {
    let signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature =
        from_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
            .unwrap();
    assert!(keys()[0].verifies(signed.as_bytes(), &signature));
}

#[test]
fn the_signature_of_rfc_8037_is_verified() {
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature =
        from_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            .unwrap();
    let key = keys().into_iter().find(|key| key.id() == "EdDSA").unwrap();
    assert!(key.verifies(signed.as_bytes(), &signature));
}
