//! Who is let in: no key, bad keys, revoked keys, and every role against every operation of the table.

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client, send};
use crate::support::on_every_engine;
use chitra::app::access::{Action, Reach, Role, reach};
use chitra::http::operation::{Effect, Input, Method, Operation};
use chitra::http::routes::OPERATIONS;
use serde_json::json;

on_every_engine! {
    without_a_key_only_health_documents_and_what_is_signed_answer,
    a_role_without_a_grant_is_refused_by_every_operation,
    a_text_that_is_no_key_is_refused,
    a_revoked_key_is_refused,
    the_word_bearer_may_be_written_small,
}

/// Calls an operation as simply as it can be called; objects that it names do not exist.
async fn call(client: &Client, operation: &Operation) -> Answer {
    let path = operation.path.replace("{id}", "0198a000-0000-7000-8000-000000000000").replace("{bank}", "vcb");
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
