//! Keys over HTTP: made, given another secret and revoked by operators; what opens waits for another one where the profile says so.

use crate::support::app::{TestApp, spawn_app};
use crate::support::client::{Answer, Client};
use crate::support::engine::Engine;
use crate::support::{on_both_engines, on_every_engine_strictly};
use chitra::app::access::Role;
use chitra::app::keys::{NewKey, Vouched};
use serde_json::{Value, json};

on_every_engine_strictly! {
    a_key_opens_once_another_operator_consented_and_its_asker_took_the_secret,
    a_secret_is_taken_once_and_by_whoever_asked,
    a_next_secret_waits_and_the_one_before_opens_until_the_overlap_ends,
    a_key_is_revoked_by_one_operator_at_once,
    a_declined_key_never_opens,
    nobody_makes_a_key_for_themselves_alone,
    neither_secret_nor_label_stands_in_the_log,
}

on_both_engines! {
    where_one_operator_does_alone_the_key_is_in_the_answer_once,
    what_a_key_cannot_be_is_refused,
}

const LABEL: &str = "Nguyễn Thị Quầy Hai";

fn clerk() -> Value {
    json!({"role": "clerk", "unit": "D502", "label": LABEL, "expires": "90d"})
}

async fn other(test: &TestApp) -> Client {
    test.with_key(&test.key(Role::Operator, None, None).await)
}

async fn grant(client: &Client, test: &TestApp, asked: &Value) -> Answer {
    let id = asked["approval_id"].as_str().unwrap();
    client.post(&format!("/v1/approvals/{id}/grant"), &test.fresh(), &json!({})).await
}

fn key_of(asked: &Value) -> String {
    asked["command"]["key_id"].as_str().unwrap().to_owned()
}

async fn take(client: &Client, test: &TestApp, asked: &Value) -> Answer {
    let path = format!("/v1/keys/{}/secret", key_of(asked));
    client.post(&path, &test.fresh(), &json!({"approval_id": asked["approval_id"]})).await
}

/// A key as operators see it.
async fn seen(test: &TestApp, key_id: &str) -> Value {
    let all = test.as_role(Role::Operator).get("/v1/keys").await.is(200);
    assert_eq!(all.header("cache-control"), "no-store");
    let all = all.body["keys"].as_array().unwrap().clone();
    all.into_iter().find(|key| key["key_id"] == *key_id).unwrap()
}

/// What the audit says of a key: acts, in order.
async fn acts(test: &TestApp, key_id: &str) -> Vec<String> {
    let path = format!("/v1/audit?kind=operator_act&limit=500&min_position={}", test.head().await);
    let lines = test.as_role(Role::Auditor).get(&path).await.json(200)["entries"].clone();
    let mut acts: Vec<(u64, String)> = lines
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["object"] == *key_id)
        .map(|line| (line["position"].as_u64().unwrap(), line["operation"].as_str().unwrap().to_owned()))
        .collect();
    acts.sort();
    acts.into_iter().map(|(_, act)| act).collect()
}

async fn a_key_opens_once_another_operator_consented_and_its_asker_took_the_secret(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let asked = operator.post("/v1/keys", "c", &clerk()).await.json(202);
    let key_id = key_of(&asked);
    assert_eq!((&asked["action"], &asked["object"]), (&json!("change_key"), &json!(format!("key-{key_id}"))));
    assert!(operator.post("/v1/keys", "c", &clerk()).await.is(202).replayed());
    assert_eq!(seen(&test, &key_id).await["status"], "waiting");
    take(&operator, &test, &asked).await.refused(409, "approval-not-used");
    let head = other(&test).await;
    // Whoever consents sees whose key it is to be.
    let id = asked["approval_id"].as_str().unwrap();
    assert_eq!(head.get(&format!("/v1/approvals/{id}")).await.json(200)["label"], LABEL);
    assert_eq!(grant(&head, &test, &asked).await.json(201)["status"], "used");
    assert_eq!(seen(&test, &key_id).await["status"], "waiting");
    let taken = take(&operator, &test, &asked).await.is(201);
    assert_eq!(taken.header("cache-control"), "no-store");
    let key = taken.body["key"].as_str().unwrap();
    assert!(key.starts_with(&format!("chitra_{key_id}_")));
    test.with_key(key).get("/v1/payments").await.is(200);
    let seen = seen(&test, &key_id).await;
    assert_eq!((&seen["status"], &seen["role"], &seen["unit"]), (&json!("valid"), &json!("clerk"), &json!("D502")));
    assert_eq!((&seen["former_secret_until"], &seen["label"]), (&Value::Null, &json!(LABEL)));
    assert_eq!(acts(&test, &key_id).await, ["key_created", "key_secret_taken"]);
    test.days_pass(91);
    test.with_key(key).get("/v1/payments").await.refused(401, "key-expired");
}

async fn a_secret_is_taken_once_and_by_whoever_asked(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let asked = operator.post("/v1/keys", "c", &clerk()).await.json(202);
    let head = other(&test).await;
    grant(&head, &test, &asked).await.is(201);
    take(&head, &test, &asked).await.refused(403, "secret-of-another");
    let path = format!("/v1/keys/{}/secret", key_of(&asked));
    let body = json!({"approval_id": asked["approval_id"]});
    operator.post(&path, "s", &body).await.is(201);
    for key in ["s", "t"] {
        operator.post(&path, key, &body).await.refused(409, "key-secret-shown");
    }
    let nobodys = json!({"approval_id": "0198a000-0000-7000-8000-000000000000"});
    operator.post(&path, "u", &nobodys).await.refused(404, "not-found");
    operator.post("/v1/keys/000000000000/secret", "v", &body).await.refused(404, "not-found");
    // Consent is good for as long as the request was.
    let asked = operator.post("/v1/keys", "d", &clerk()).await.json(202);
    grant(&head, &test, &asked).await.is(201);
    test.days_pass(8);
    take(&operator, &test, &asked).await.refused(409, "approval-expired");
}

async fn a_next_secret_waits_and_the_one_before_opens_until_the_overlap_ends(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let first = test.key(Role::Clerk, None, None).await;
    let key_id = first.split('_').nth(1).unwrap();
    let path = format!("/v1/keys/{key_id}/rotate");
    let asked = operator.post(&path, "r", &json!({"overlap": "2d"})).await.json(202);
    test.days_pass(3);
    grant(&other(&test).await, &test, &asked).await.is(201);
    test.with_key(&first).get("/v1/payments").await.is(200);
    // The overlap begins when the secret is taken.
    let next = take(&operator, &test, &asked).await.json(201);
    let next = next["key"].as_str().unwrap();
    for key in [next, &first] {
        test.with_key(key).get("/v1/payments").await.is(200);
    }
    test.days_pass(2);
    test.with_key(next).get("/v1/payments").await.is(200);
    test.with_key(&first).get("/v1/payments").await.refused(401, "unauthenticated");
    assert_eq!(acts(&test, key_id).await, ["key_rotation_granted", "key_rotated"]);
}

async fn a_key_is_revoked_by_one_operator_at_once(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let key = test.key(Role::Clerk, None, None).await;
    let key_id = key.split('_').nth(1).unwrap();
    let path = format!("/v1/keys/{key_id}/revoke");
    let asked = operator.post(&format!("/v1/keys/{key_id}/rotate"), "r", &json!({})).await.json(202);
    let revoked = operator.post(&path, "v", &json!({})).await.json(201);
    assert_eq!((&revoked["status"], &revoked["changed"]), (&json!("revoked"), &json!(true)));
    test.with_key(&key).get("/v1/payments").await.refused(401, "unauthenticated");
    assert_eq!(operator.post(&path, "v", &json!({})).await.json(200)["changed"], json!(false));
    operator.post("/v1/keys/000000000000/revoke", "w", &json!({})).await.refused(404, "not-found");
    // What waited for it is not possible any more.
    let failed = grant(&other(&test).await, &test, &asked).await.json(201);
    assert_eq!((&failed["status"], &failed["failure"]), (&json!("failed"), &json!("key-revoked")));
    operator.post(&format!("/v1/keys/{key_id}/rotate"), "x", &json!({})).await.refused(409, "key-revoked");
    assert_eq!(acts(&test, key_id).await, ["key_revoked"]);
}

async fn a_declined_key_never_opens(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let asked = operator.post("/v1/keys", "c", &clerk()).await.json(202);
    let key_id = key_of(&asked);
    operator.post(&format!("/v1/keys/{key_id}/rotate"), "r", &json!({})).await.refused(409, "key-waits");
    let path = format!("/v1/approvals/{}/decline", asked["approval_id"].as_str().unwrap());
    other(&test).await.post(&path, "n", &json!({"reason": "not ours"})).await.is(201);
    assert_eq!(seen(&test, &key_id).await["status"], "revoked");
    grant(&other(&test).await, &test, &asked).await.refused(409, "approval-closed");
    take(&operator, &test, &asked).await.refused(409, "approval-not-used");
}

async fn nobody_makes_a_key_for_themselves_alone(test: TestApp) {
    let new = || NewKey { role: Role::Operator, unit: None, bank: None, label: String::new(), expires_at_us: None };
    let (one, same) = (test.key_of("Minh", new()).await, test.key_of("minh", new()).await);
    let asked = test.with_key(&one).post("/v1/keys", "c", &clerk()).await.json(202);
    for key in [&one, &same] {
        grant(&test.with_key(key), &test, &asked).await.refused(403, "second-person-required");
    }
    grant(&test.supervisor(), &test, &asked).await.refused(403, "out-of-your-units");
    // Revoked, the asker gets nothing any more: neither consent nor secret.
    grant(&other(&test).await, &test, &asked).await.is(201);
    assert!(test.app.keys.revoke(one.split('_').nth(1).unwrap()).await.unwrap());
    take(&test.with_key(&one), &test, &asked).await.refused(401, "unauthenticated");
    take(&test.with_key(&same), &test, &asked).await.refused(403, "secret-of-another");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Operator) {
        test.as_role(role).get("/v1/keys").await.refused(403, "role-not-allowed");
        test.as_role(role).post("/v1/keys", "x", &clerk()).await.refused(403, "role-not-allowed");
    }
}

async fn neither_secret_nor_label_stands_in_the_log(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let asked = operator.post("/v1/keys", "c", &clerk()).await.json(202);
    grant(&other(&test).await, &test, &asked).await.is(201);
    let key = take(&operator, &test, &asked).await.json(201)["key"].as_str().unwrap().to_owned();
    let secret = key.rsplit('_').next().unwrap();
    let found = test.app.registry.find_api_key(&key_of(&asked)).await.unwrap().unwrap();
    let hash = chitra::app::hex::hex(&found.secret_hash);
    let listed = operator.get("/v1/keys").await.text();
    for planted in [secret, hash.as_str()] {
        assert!(!listed.contains(planted));
    }
    for event in test.events_after(0).await {
        let text = String::from_utf8_lossy(&event.data).into_owned() + &String::from_utf8_lossy(&event.metadata);
        for planted in [secret, hash.as_str(), LABEL] {
            assert!(!text.contains(planted), "{planted} in {}", event.event_type);
        }
    }
}

async fn where_one_operator_does_alone_the_key_is_in_the_answer_once(engine: Engine) {
    let test = spawn_app(engine).await;
    let operator = test.as_role(Role::Operator);
    let made = operator.post("/v1/keys", "c", &clerk()).await.is(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let (key_id, key) = (made.body["key_id"].as_str().unwrap(), made.body["key"].as_str().unwrap());
    test.with_key(key).get("/v1/payments").await.is(200);
    operator.post("/v1/keys", "c", &clerk()).await.refused(409, "key-secret-shown");
    operator
        .post("/v1/keys", "c", &json!({"role": "clerk", "label": "b"}))
        .await
        .refused(422, "idempotency-key-reused");
    let path = format!("/v1/keys/{key_id}/rotate");
    let next = operator.post(&path, "r", &json!({"overlap": "0d", "expires": "10d"})).await.json(201);
    operator.post(&path, "r", &json!({"overlap": "0d", "expires": "10d"})).await.refused(409, "key-secret-shown");
    test.with_key(key).get("/v1/payments").await.refused(401, "unauthenticated");
    test.with_key(next["key"].as_str().unwrap()).get("/v1/payments").await.is(200);
    test.days_pass(11);
    operator.post(&path, "s", &json!({})).await.refused(409, "key-over");
    operator.post(&path, "t", &json!({"expires": "10d"})).await.is(201);
    assert_eq!(acts(&test, key_id).await, ["key_created", "key_rotated", "key_rotated"]);
}

async fn what_a_key_cannot_be_is_refused(engine: Engine) {
    let test = spawn_app(engine).await;
    let operator = test.as_role(Role::Operator);
    for (number, (body, errors)) in [
        (json!({}), vec!["/label missing", "/role missing"]),
        (json!({"role": "king", "label": "a"}), vec!["/role invalid-value"]),
        (json!({"role": "bank", "label": "a"}), vec!["/bank missing"]),
        (json!({"role": "clerk", "label": "a", "bank": "vcb"}), vec!["/bank key-reach-invalid"]),
        (json!({"role": "operator", "label": "a", "unit": "D502"}), vec!["/unit key-reach-invalid"]),
        (json!({"role": "clerk", "label": " "}), vec!["/label invalid-value"]),
        (json!({"role": "clerk", "label": "a", "expires": "2020-01-01"}), vec!["/expires invalid-value"]),
        (json!({"role": "clerk", "label": "a", "unit": "nowhere"}), vec!["/unit code-unknown"]),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = operator.post("/v1/keys", &format!("k{number}"), &body).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), errors);
    }
    let one = Vouched {
        key_id: "oidc-somebody".to_owned(),
        role: Role::Clerk,
        unit: None,
        bank: None,
        label: "a".to_owned(),
    };
    test.app.keys.vouch(one).await.unwrap();
    operator.post("/v1/keys/oidc-somebody/rotate", "o", &json!({})).await.refused(409, "key-without-secret");
    let answer = operator.post("/v1/keys/oidc-somebody/rotate", "p", &json!({"overlap": "91d"})).await;
    assert_eq!(answer.refused(422, "invalid-input").errors(), ["/overlap invalid-value"]);
}
