//! Banks' signed messages: kept, judged item by item, once, whatever comes how often and in which order.

use crate::support::app::{TestApp, spawn_app};
use crate::support::client::{Answer, send};
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chitra::app::access::{Principal, Role};
use chitra::app::banks::registry::NewBankKey;
use chitra::banks::signature::{Algorithm, signing_input};
use chitra::domain::ids::BankId;
use reqwest::Method;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

on_every_engine! {
    a_signed_report_is_applied_item_by_item_and_its_verdicts_can_be_read,
    the_same_message_again_changes_nothing_on_any_server,
    another_message_under_the_same_id_is_kept_and_waits_until_somebody_deals_with_it,
    a_banks_key_reaches_its_own_payments_alone,
    a_message_that_is_not_the_banks_leaves_nothing_behind,
    an_operator_registers_banks_and_keys_and_no_secret_comes_back,
}

fn bank(id: &str) -> BankId {
    BankId::parse(id).unwrap()
}

/// A key pair of a bank of its own.
fn pair(id: &str) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[u8::try_from(id.len()).unwrap(); 32]).unwrap()
}

async fn register(test: &TestApp, id: &str) {
    let request = |deed: &str| test.app.own_request(&Principal::local("operator"), deed);
    test.app.register_bank(&request("register"), &bank(id), None).await.unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair(id).public_key().as_ref());
    let key = NewBankKey {
        key_id: format!("{id}-1"),
        algorithm: Algorithm::EdDsa,
        material: format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#),
        valid_from: None,
        valid_to: None,
    };
    test.app.add_bank_key(&request("key"), &bank(id), key).await.unwrap();
}

fn token(test: &TestApp, id: &str, body: &[u8]) -> String {
    let iat = test.app.clock.now().as_second();
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","kid":"{id}-1","iat":{iat}}}"#));
    let signature = pair(id).sign(&signing_input(&header, body, true));
    format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

async fn call(test: &TestApp, id: &str, (token, body): (&str, &[u8])) -> Answer {
    let request = test.nobody().request(Method::POST, &format!("/v1/bank-callbacks/{id}"));
    send(request.header("X-JWS-Signature", token).body(body.to_vec())).await
}

async fn report(test: &TestApp, id: &str, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    call(test, id, (&token(test, id, &body), &body)).await
}

async fn end_to_end_id(test: &TestApp, payment: &str) -> String {
    let read = test.as_role(Role::Clerk).get(&format!("/v1/payments/{payment}")).await.json(200);
    read["attempts"][0]["end_to_end_id"].as_str().unwrap().to_owned()
}

async fn status(test: &TestApp, payment: &str) -> Value {
    test.as_role(Role::Clerk).get(&format!("/v1/payments/{payment}")).await.json(200)["status"].clone()
}

fn message(id: &str, items: &[Value]) -> Value {
    json!({"message_id": id, "created_at": "2025-03-05T10:00:00+07:00", "items": items})
}

fn item(id: &str, status: &str) -> Value {
    json!({"end_to_end_id": id, "status": status, "date": "2025-03-04"})
}

async fn a_signed_report_is_applied_item_by_item_and_its_verdicts_can_be_read(test: TestApp) {
    register(&test, "vcb").await;
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let (id_one, id_two) = (end_to_end_id(&test, &one).await, end_to_end_id(&test, &two).await);
    let mut rejected = item(&id_two, "RJCT");
    rejected["reason"] = json!({"code": "AC04", "text": "account of NGUYEN THI A is closed"});
    let unknown = item(&id_two, "PAID");
    let nobody = item("0195a3c01c0070008000000000000001", "settled");
    let items = [item(&id_one, "ACSP"), item(&id_one, "settled"), rejected, unknown, nobody, item(&id_one, "RCVD")];
    let answer = report(&test, "vcb", &message("M1", &items)).await.json(202);
    assert_eq!((&answer["applied"], &answer["no_op"], &answer["waiting"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!(answer["quarantined"][0]["cause"], "status-unknown");
    assert_eq!(answer["quarantined"][0]["payment_id"], json!(two));
    assert_eq!(
        (&answer["quarantined"][1]["item"], &answer["quarantined"][1]["cause"]),
        (&json!(5), &json!("bad-reference"))
    );
    assert_eq!((status(&test, &one).await, status(&test, &two).await), (json!("settled"), json!("rejected")));
    let verdicts = answer["verdicts"].as_str().unwrap();
    for role in [Role::Clerk, Role::Auditor, Role::Bank] {
        assert_eq!(test.as_role(role).get(verdicts).await.json(200), answer);
    }
    test.as_role(Role::Analyst).get(verdicts).await.refused(403, "role-not-allowed");
    let other = test.key(Role::Bank, None, Some("bidv")).await;
    test.with_key(&other).get(verdicts).await.refused(403, "out-of-your-units");
    for event in test.events_after(0).await {
        assert!(!String::from_utf8_lossy(&event.data).contains("NGUYEN"), "{}", event.event_type);
    }
}

async fn the_same_message_again_changes_nothing_on_any_server(test: TestApp) {
    register(&test, "vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = end_to_end_id(&test, &payment).await;
    let message = message("M1", &[item(&id, "accepted"), item(&id, "settled")]);
    let first = report(&test, "vcb", &message).await.json(202);
    let head = test.head().await;
    for _ in 0..3 {
        assert_eq!(report(&test, "vcb", &message).await.json(202), first);
    }
    let twin = test.twin().await;
    let body = message.to_string().into_bytes();
    let token = token(&test, "vcb", &body);
    let again = twin.bank_callback(&bank("vcb"), &[("x-jws-signature", token.as_str())], &body).await.unwrap();
    assert_eq!((again.position, test.head().await), (first["position"].as_u64().unwrap(), head));
    let notice = json!({"message_id": "M2", "items": [item(&id, "settled"), item(&id, "accepted")]});
    let other = report(&test, "vcb", &notice).await.json(202);
    assert_eq!((&other["applied"], &other["no_op"]), (&json!(0), &json!(2)), "told before, by another message");
}

async fn another_message_under_the_same_id_is_kept_and_waits_until_somebody_deals_with_it(test: TestApp) {
    register(&test, "vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = end_to_end_id(&test, &payment).await;
    let first = report(&test, "vcb", &message("M1", &[item(&id, "ACSP")])).await.json(202);
    report(&test, "vcb", &message("M1", &[item(&id, "settled")])).await.refused(409, "message-id-reused");
    assert_eq!(status(&test, &payment).await, "accepted", "the second is not applied");
    let verdicts = first["verdicts"].as_str().unwrap();
    let read = test.as_role(Role::Clerk).get(verdicts).await.json(200);
    assert_eq!((&read["quarantined"][0]["item"], &read["waiting"]), (&json!(0), &json!(1)));
    let path = format!("{verdicts}/resolve");
    let body = json!({"item": 0, "reason": "the bank sent it anew as M2"});
    let clerk = test.as_role(Role::Clerk);
    test.as_role(Role::Auditor).post(&path, "r0", &body).await.refused(403, "role-not-allowed");
    clerk.post(&path, "r1", &json!({"item": 7, "reason": "x"})).await.refused(409, "item-not-quarantined");
    clerk.post(&path, "r2", &json!({"item": 0, "reason": "see 0123456789"})).await.refused(422, "invalid-input");
    let nothing = "/v1/inbox/0198a000-0000-7000-8000-000000000000/resolve";
    clerk.post(nothing, "r3", &body).await.refused(404, "message-not-found");
    let resolved = clerk.post(&path, "r4", &body).await.json(201);
    assert_eq!((&resolved["waiting"], &resolved["quarantined"][0]["resolved"]), (&json!(0), &body["reason"]));
    let again = clerk.post(&path, "r4", &body).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    clerk.post(&path, "r4", &json!({"item": 0, "reason": "other"})).await.refused(422, "idempotency-key-reused");
}

async fn a_banks_key_reaches_its_own_payments_alone(test: TestApp) {
    register(&test, "vcb").await;
    register(&test, "bidv").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = end_to_end_id(&test, &payment).await;
    let answer = report(&test, "bidv", &message("M1", &[item(&id, "settled")])).await.json(202);
    assert_eq!(answer["quarantined"][0]["cause"], "not-your-payment");
    assert_eq!(answer["quarantined"][0]["payment_id"], Value::Null);
    assert_eq!(status(&test, &payment).await, "instructed");
    let body = message("M2", &[item(&id, "settled")]).to_string().into_bytes();
    let of_bidv = token(&test, "bidv", &body);
    call(&test, "vcb", (&of_bidv, &body)).await.refused(401, "signature-key-unknown");
    let request = test.app.own_request(&Principal::local("operator"), "key");
    let x = URL_SAFE_NO_PAD.encode(pair("bidv").public_key().as_ref());
    let stolen = NewBankKey {
        key_id: "vcb-2".to_owned(),
        algorithm: Algorithm::EdDsa,
        material: format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#),
        valid_from: None,
        valid_to: None,
    };
    assert!(test.app.add_bank_key(&request, &bank("vcb"), stolen).await.is_err(), "one key, one bank");
}

async fn a_message_that_is_not_the_banks_leaves_nothing_behind(test: TestApp) {
    register(&test, "vcb").await;
    let head = test.head().await;
    let body = message("M1", &[]).to_string().into_bytes();
    let good = token(&test, "vcb", &body);
    let nobody = test.nobody();
    let plain = nobody.request(Method::POST, "/v1/bank-callbacks/vcb").body(body.clone());
    send(plain).await.refused(401, "signature-missing");
    call(&test, "vcb", (&good, b"{}")).await.refused(401, "signature-wrong");
    call(&test, "bidv", (&good, &body)).await.refused(401, "signature-key-unknown");
    call(&test, "NO BANK", (&good, &body)).await.refused(404, "not-found");
    for (text, code) in [("{", "message-truncated"), ("<!DOCTYPE x><x/>", "message-doctype"), ("", "message-empty")] {
        let signed = token(&test, "vcb", text.as_bytes());
        call(&test, "vcb", (&signed, text.as_bytes())).await.refused(422, code);
    }
    let request = test.app.own_request(&Principal::local("operator"), "disable");
    assert_eq!(test.head().await, head);
    test.app.disable_bank_key(&request, &bank("vcb"), "vcb-1").await.unwrap();
    call(&test, "vcb", (&good, &body)).await.refused(401, "signature-key-not-in-force");
}

async fn an_operator_registers_banks_and_keys_and_no_secret_comes_back(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let key = json!({"key_id": "s1", "algorithm": "HS256", "key": secret});
    operator.post("/v1/banks/vcb/keys", "k0", &key).await.refused(404, "bank-not-registered");
    operator.post("/v1/banks/nobody/keys", "k1", &key).await.refused(404, "not-found");
    operator.post("/v1/banks", "b0", &json!({"bank": "nobody"})).await.refused(422, "invalid-input");
    let wrong = json!({"bank": "vcb", "mapping": "[entries]\ncredit = \"settled\""});
    operator.post("/v1/banks", "b1", &wrong).await.refused(422, "invalid-input");
    test.as_role(Role::Supervisor)
        .post("/v1/banks", "b2", &json!({"bank": "vcb"}))
        .await
        .refused(403, "role-not-allowed");
    operator.post("/v1/banks", "b3", &json!({"bank": "vcb"})).await.is(201);
    assert_eq!(
        operator.post("/v1/banks", "b3", &json!({"bank": "vcb"})).await.is(201).header("idempotent-replayed"),
        "true"
    );
    operator.post("/v1/banks", "b3", &json!({"bank": "bidv"})).await.refused(422, "idempotency-key-reused");
    operator.post("/v1/banks", "b4", &json!({"bank": "vcb"})).await.is(200);
    operator.post("/v1/banks/vcb/keys", "k2", &key).await.is(201);
    operator
        .post("/v1/banks/vcb/keys", "k3", &json!({"key_id": "s1", "algorithm": "HS256", "key": secret}))
        .await
        .refused(409, "bank-key-id-taken");
    let short = json!({"key_id": "s2", "algorithm": "HS256", "key": "AAAA"});
    operator.post("/v1/banks/vcb/keys", "k4", &short).await.refused(422, "invalid-input");
    let empty = json!({"key_id": "s3", "algorithm": "HS256", "key": secret, "valid_from": "2025-01-02T00:00:00Z", "valid_to": "2025-01-01T00:00:00Z"});
    operator.post("/v1/banks/vcb/keys", "k5", &empty).await.refused(422, "bank-key-validity-empty");
    let listed = operator.get("/v1/banks").await.is(200);
    assert!(
        !listed.text().contains(secret) && listed.body["banks"][0]["keys"][0]["key_id"] == "s1",
        "{}",
        listed.text()
    );
    for event in test.events_after(0).await {
        assert!(!String::from_utf8_lossy(&event.data).contains(secret), "{}", event.event_type);
    }
    let body = br#"{"message_id":"M1","items":[]}"#;
    let at = test.app.clock.now().as_second();
    let signer = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &STANDARD.decode(secret).unwrap());
    let tag = ring::hmac::sign(&signer, &[format!("msg_1.{at}.").as_bytes(), &body[..]].concat());
    let signed = || {
        let request = test.nobody().request(Method::POST, "/v1/bank-callbacks/vcb").body(body.to_vec());
        let request = request.header("webhook-id", "msg_1").header("webhook-timestamp", at.to_string());
        request.header("webhook-signature", format!("v1,{}", STANDARD.encode(tag.as_ref())))
    };
    assert_eq!(send(signed()).await.json(202)["items"], 0);
    operator.post("/v1/banks/vcb/disable-key", "d0", &json!({"key_id": "s9"})).await.refused(404, "bank-key-not-found");
    operator.post("/v1/banks/vcb/disable-key", "d1", &json!({"key_id": "s1"})).await.is(201);
    send(signed()).await.refused(401, "signature-key-not-in-force");
}

/// A payment's whole life, told in every order: accepted, settled, returned.
#[tokio::test]
async fn the_messages_of_a_life_end_alike_in_every_order() {
    let test = spawn_app(Engine::SqliteMemory).await;
    register(&test, "vcb").await;
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (number, order) in orders.iter().enumerate() {
        let payment = test.pension_of(&format!("TK-{number}"), WARD).await;
        let id = end_to_end_id(&test, &payment).await;
        let mut back = item(&id, "returned");
        (back["date"], back["amount"]) = (json!("2025-03-06"), json!("5000000"));
        let told = [item(&id, "accepted"), item(&id, "settled"), back];
        for place in order {
            let name = format!("M-{number}-{place}");
            report(&test, "vcb", &message(&name, &[told[*place].clone()])).await.is(202);
        }
        assert_eq!(status(&test, &payment).await, "returned", "{order:?}");
    }
}
