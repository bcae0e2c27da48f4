//! Who is let in: no key, bad keys, revoked keys, and every role against every operation of the table.

use crate::support::app::{DAY_US, TestApp};
use crate::support::client::{Answer, Client, send};
use crate::support::on_every_engine;
use chitra::app::access::{Action, Reach, Role, reach};
use chitra::app::keys::{NewKey, Rotated, Vouched};
use chitra::clock::Clock;
use chitra::http::operation::{Effect, Input, Method, Operation};
use chitra::http::routes::OPERATIONS;
use serde_json::json;

on_every_engine! {
    without_a_key_only_health_documents_and_what_is_signed_answer,
    a_role_without_a_grant_is_refused_by_every_operation,
    a_text_that_is_no_key_is_refused,
    a_revoked_key_is_refused,
    the_word_bearer_may_be_written_small,
    a_key_whose_time_is_over_is_told_so_to_its_holder_alone,
    a_rotated_key_opens_with_both_secrets_until_the_overlap_ends,
    a_key_that_is_over_is_rotated_only_with_a_new_end,
    the_last_use_of_a_key_is_written_down_now_and_then,
}

/// Calls an operation as simply as it can be called; objects that it names do not exist.
async fn call(client: &Client, operation: &Operation) -> Answer {
    let path = operation
        .path
        .replace("{id}", "0198a000-0000-7000-8000-000000000000")
        .replace("{bank}", "vcb")
        .replace("{key}", "000000000000");
    let method = match operation.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let request = client.request(method, &path).header("idempotency-key", format!("matrix-{}", operation.id));
    send(match operation.input {
        Input::Nothing => request,
        Input::Json(_) => request.json(&json!({})),
        Input::File => request.body("a,b\n1,2\n"),
    })
    .await
}

async fn without_a_key_only_health_documents_and_what_is_signed_answer(test: TestApp) {
    let mut open = Vec::new();
    for operation in OPERATIONS {
        let answer = call(&test.nobody(), operation).await;
        if operation.effect == Effect::Signed {
            answer.refused(401, "signature-missing");
        } else if operation.action.is_none() {
            // Nothing is signed before the first event.
            let expected = if operation.id == "checkpoint" { 404 } else { 200 };
            assert_eq!(answer.status, expected, "{}", operation.id);
            open.push(operation.path);
        } else {
            let answer = answer.refused(401, "unauthenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{}", operation.id);
        }
    }
    let apart = ["/v1/log/vkey", "/v1/log/checkpoint", "/metrics"];
    assert_eq!(open, [&["/healthz", "/readyz", "/openapi.json", "/docs"][..], &apart[..]].concat());
    assert_eq!(test.head().await, 0);
}

async fn a_role_without_a_grant_is_refused_by_every_operation(test: TestApp) {
    for role in Role::ALL {
        for operation in OPERATIONS {
            let Some(action) = operation.action else { continue };
            let answer = call(&test.as_role(role), operation).await;
            if reach(role, action) == Reach::Nothing {
                answer.refused(403, "role-not-allowed");
            } else if answer.status == 403 {
                // Figures that are not published are not for who reads published ones.
                assert_eq!((role, action), (Role::Analyst, Action::ReadFigures), "{}", operation.id);
                answer.refused(403, "published-figures-only");
            } else {
                assert!(![401, 403].contains(&answer.status), "{role} {}: {}", operation.id, answer.text());
                assert!(answer.status < 500, "{role} {}: {}", operation.id, answer.text());
            }
        }
    }
    assert_eq!(test.head().await, 0, "nothing was recorded");
}

async fn a_text_that_is_no_key_is_refused(test: TestApp) {
    let good = test.key(Role::Auditor, None, None).await;
    test.with_key(&good).get("/v1/payments").await.is(200);
    let (id, secret) = good.rsplit_once('_').unwrap();
    let other_secret = format!("{id}_{}", "0".repeat(64));
    let other_id = format!("chitra_{}_{secret}", "0".repeat(12));
    let longer = format!("{good}_more");
    for key in ["", "chitra", "chitra_a_b", &good.to_uppercase(), &other_secret, &other_id, &longer] {
        test.with_key(key).get("/v1/payments").await.refused(401, "unauthenticated");
    }
    let basic =
        test.nobody().request(reqwest::Method::GET, "/v1/payments").header("authorization", format!("Basic {good}"));
    send(basic).await.refused(401, "unauthenticated");
}

async fn a_revoked_key_is_refused(test: TestApp) {
    let key = test.key(Role::Auditor, None, None).await;
    let key_id = key.split('_').nth(1).unwrap();
    assert!(test.app.keys.revoke(key_id).await.unwrap());
    test.with_key(&key).get("/v1/payments").await.refused(401, "unauthenticated");
    assert!(!test.app.keys.revoke(key_id).await.unwrap(), "it is revoked already");
}

async fn the_word_bearer_may_be_written_small(test: TestApp) {
    let key = test.key(Role::Auditor, None, None).await;
    let request =
        test.nobody().request(reqwest::Method::GET, "/v1/payments").header("authorization", format!("bearer {key}"));
    send(request).await.is(200);
}

/// A key with an end, and its id.
async fn ending(test: &TestApp, expires_at_us: Option<i64>) -> (String, String) {
    let new = NewKey { role: Role::Auditor, unit: None, bank: None, label: "ending".to_owned(), expires_at_us };
    let key = test.app.keys.create(new).await.unwrap();
    let key_id = key.split('_').nth(1).unwrap().to_owned();
    (key, key_id)
}

async fn a_key_whose_time_is_over_is_told_so_to_its_holder_alone(test: TestApp) {
    let (key, key_id) = ending(&test, Some(test.clock.now_us() + DAY_US)).await;
    test.with_key(&key).get("/v1/payments").await.is(200);
    test.days_pass(1);
    let answer = test.with_key(&key).get("/v1/payments").await.refused(401, "key-expired");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let guessed = format!("chitra_{key_id}_{}", "0".repeat(64));
    test.with_key(&guessed).get("/v1/payments").await.refused(401, "unauthenticated");
    assert!(test.app.keys.revoke(&key_id).await.unwrap());
    test.with_key(&key).get("/v1/payments").await.refused(401, "unauthenticated");
}

async fn a_rotated_key_opens_with_both_secrets_until_the_overlap_ends(test: TestApp) {
    let (first, key_id) = ending(&test, None).await;
    let rotated =
        |done| if let Rotated::Done { text, former_until_us } = done { (text, former_until_us) } else { panic!() };
    let (second, until) = rotated(test.app.keys.rotate(&key_id, 7 * DAY_US, None).await.unwrap());
    assert_eq!(until, test.clock.now_us() + 7 * DAY_US);
    assert_eq!(second.split('_').nth(1), Some(key_id.as_str()), "who acts is the same");
    assert_ne!(first, second);
    for key in [&first, &second] {
        test.with_key(key).get("/v1/payments").await.is(200);
    }
    test.days_pass(7);
    test.with_key(&first).get("/v1/payments").await.refused(401, "unauthenticated");
    test.with_key(&second).get("/v1/payments").await.is(200);
    // A third secret leaves the first one no time, and without overlap the second one none either.
    let (third, _) = rotated(test.app.keys.rotate(&key_id, 0, None).await.unwrap());
    test.with_key(&second).get("/v1/payments").await.refused(401, "unauthenticated");
    test.with_key(&third).get("/v1/payments").await.is(200);
}

async fn a_key_that_is_over_is_rotated_only_with_a_new_end(test: TestApp) {
    let (first, key_id) = ending(&test, Some(test.clock.now_us() + DAY_US)).await;
    test.days_pass(2);
    assert_eq!(test.app.keys.rotate(&key_id, DAY_US, None).await.unwrap(), Rotated::Expired);
    let end = test.clock.now_us() + 5 * DAY_US;
    let Rotated::Done { text, .. } = test.app.keys.rotate(&key_id, DAY_US, Some(end)).await.unwrap() else { panic!() };
    test.with_key(&text).get("/v1/payments").await.is(200);
    // What was over does not open again because the key does.
    test.with_key(&first).get("/v1/payments").await.refused(401, "unauthenticated");
    test.days_pass(5);
    test.with_key(&text).get("/v1/payments").await.refused(401, "key-expired");
    assert_eq!(test.app.keys.rotate("000000000000", DAY_US, None).await.unwrap(), Rotated::NoSuchKey);
    let vouched =
        Vouched { key_id: "oidc-1".to_owned(), role: Role::Auditor, unit: None, bank: None, label: "x".to_owned() };
    test.app.keys.vouch(vouched).await.unwrap();
    assert_eq!(test.app.keys.rotate("oidc-1", DAY_US, None).await.unwrap(), Rotated::NoSecret);
}

async fn the_last_use_of_a_key_is_written_down_now_and_then(test: TestApp) {
    let (key, key_id) = ending(&test, None).await;
    let used = async || {
        let keys = test.app.keys.list().await.unwrap();
        keys.into_iter().find(|one| one.key_id == key_id).unwrap().used_at_us
    };
    let began = test.clock.now_us();
    test.with_key(&key).get("/v1/payments").await.is(200);
    assert_eq!(used().await, None, "no request waits for it");
    test.app.keys.write_uses(false).await.unwrap();
    assert_eq!(used().await, Some(began));
    test.clock.set_us(began + 60_000_000);
    test.with_key(&key).get("/v1/payments").await.is(200);
    test.app.keys.write_uses(false).await.unwrap();
    assert_eq!(used().await, Some(began), "a minute later is too soon for another write");
    test.app.keys.write_uses(true).await.unwrap();
    assert_eq!(used().await, Some(began + 60_000_000), "at the end all is written");
    assert_eq!(test.head().await, 0, "no event for it");
}
