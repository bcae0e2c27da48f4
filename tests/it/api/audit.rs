//! The audit: who used the log, who was turned away, what those did who run it, and who may read that.

use crate::support::app::{DAY_US, TestApp};
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account};
use chitra::app::access::Role;
use chitra::clock::Clock;
use chitra::domain::audit::Act;
use serde_json::{Value, json};

on_every_engine!(
    a_refusal_is_a_line_with_key_operation_and_code_and_no_address,
    many_refusals_of_one_key_are_one_line_a_minute,
    a_key_s_uses_are_counted_by_day,
    a_look_at_personal_data_is_a_line_with_its_purpose,
    what_was_done_beside_a_server_comes_into_the_log_once,
    the_audit_is_read_by_auditors_and_operators_alone,
    the_audit_is_paged_filtered_and_given_as_a_file,
    nothing_is_written_while_a_request_runs,
);

/// What the audit says, newest first.
async fn lines(test: &TestApp, query: &str) -> Vec<Value> {
    let head = test.head().await;
    let path = format!("/v1/audit?min_position={head}&limit=1000{query}");
    let answer = test.as_role(Role::Auditor).get(&path).await.json(200);
    answer["entries"].as_array().unwrap().clone()
}

fn key_id(key: &str) -> &str {
    key.split('_').nth(1).unwrap()
}

async fn a_refusal_is_a_line_with_key_operation_and_code_and_no_address(test: TestApp) {
    let analyst = test.key(Role::Analyst, None, None).await;
    test.with_key(&analyst).get("/v1/payments").await.refused(403, "role-not-allowed");
    test.nobody().get("/v1/payments/0198a000-0000-7000-8000-000000000000").await.refused(401, "unauthenticated");
    test.app.write_noticed(false).await;
    let refused = lines(&test, "&kind=refusal").await;
    assert_eq!(refused.len(), 2, "{refused:?}");
    let of = |code: &str| refused.iter().find(|line| line["code"] == code).unwrap().clone();
    let known = of("role-not-allowed");
    assert_eq!((&known["actor"], &known["operation"]), (&json!(key_id(&analyst)), &json!("listPayments")));
    let unknown = of("unauthenticated");
    assert_eq!((&unknown["actor"], &unknown["operation"]), (&Value::Null, &json!("readPayment")));
    let text =
        test.events_after(0).await.into_iter().map(|event| String::from_utf8(event.data).unwrap()).collect::<String>();
    assert!(!text.contains("127.0.0.1") && !text.contains("0198a000"), "{text}");
    assert!(text.contains("address_hash"), "{text}");
}

async fn many_refusals_of_one_key_are_one_line_a_minute(test: TestApp) {
    let analyst = test.as_role(Role::Analyst);
    for _ in 0..3 {
        analyst.get("/v1/payments").await.refused(403, "role-not-allowed");
        test.app.write_noticed(false).await;
    }
    assert_eq!(lines(&test, "&kind=refusal").await.len(), 1, "the first is told at once, the others wait");
    test.clock.set_us(test.clock.now_us() + 60_000_000);
    test.app.write_noticed(false).await;
    let told = lines(&test, "&kind=refusal").await;
    let counts: Vec<_> = told.iter().map(|line| line["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [2, 1]);
}

async fn a_key_s_uses_are_counted_by_day(test: TestApp) {
    let key = test.key(Role::Clerk, None, None).await;
    let query = format!("&kind=key_use&actor={}", key_id(&key));
    for _ in 0..2 {
        test.with_key(&key).get("/v1/payments").await.is(200);
    }
    test.app.write_noticed(false).await;
    test.with_key(&key).get("/v1/payments").await.is(200);
    test.app.write_noticed(false).await;
    assert_eq!(lines(&test, &query).await.len(), 1);
    test.app.write_noticed(true).await;
    let used = lines(&test, &query).await;
    let counts: Vec<_> = used.iter().map(|line| line["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [1, 2]);
    assert_eq!(used[0]["about"], "on=2025-03-31&role=clerk");
    test.clock.set_us(test.clock.now_us() + DAY_US);
    test.with_key(&key).get("/v1/payments").await.is(200);
    test.app.write_noticed(false).await;
    assert_eq!(lines(&test, &query).await[0]["about"], "on=2025-04-01&role=clerk", "another day is told at once");
}

async fn a_look_at_personal_data_is_a_line_with_its_purpose(test: TestApp) {
    let clerk = test.key(Role::Clerk, None, None).await;
    let beneficiary = test.register(&by_account("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{beneficiary}/reveal");
    let body = json!({"kinds": ["account"], "purpose": "identity_check"});
    test.with_key(&clerk).post(&path, &test.fresh(), &body).await.is(201);
    let reads = lines(&test, "&kind=personal_read").await;
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0]["actor"], key_id(&clerk));
    assert_eq!((&reads[0]["object"], &reads[0]["purpose"]), (&json!(beneficiary), &json!("identity_check")));
}

async fn what_was_done_beside_a_server_comes_into_the_log_once(test: TestApp) {
    let about = [("role", "clerk".to_owned())];
    test.app.note_act(Act::KeyCreated, Some("0f1e2d3c4b5a"), &about).await;
    assert_eq!(test.head().await, 0, "the log is another process's to write");
    test.app.write_noticed(false).await;
    test.app.write_noticed(true).await;
    let acts = lines(&test, "&kind=operator_act&operation=key_created").await;
    assert_eq!(acts.len(), 1);
    assert_eq!((&acts[0]["actor"], &acts[0]["object"]), (&json!("command-line"), &json!("0f1e2d3c4b5a")));
    assert_eq!(acts[0]["about"], "role=clerk");
    let notes = test.app.registry.audit_notes(10).await.unwrap();
    assert!(notes.is_empty(), "{notes:?}");
}

async fn the_audit_is_read_by_auditors_and_operators_alone(test: TestApp) {
    for role in Role::ALL {
        let answer = test.as_role(role).get("/v1/audit").await;
        match role {
            Role::Auditor | Role::Operator => _ = answer.is(200),
            _ => _ = answer.refused(403, "role-not-allowed"),
        }
    }
    let of_a_unit = test.key(Role::Auditor, Some("D502"), None).await;
    test.with_key(&of_a_unit).get("/v1/audit").await.refused(403, "role-not-allowed");
}

async fn the_audit_is_paged_filtered_and_given_as_a_file(test: TestApp) {
    let began = test.clock.now();
    for number in 0..5 {
        test.app.note_act(Act::ProjectionRebuilt, Some(&format!("p{number}")), &[]).await;
        test.app.write_noticed(false).await;
        test.clock.set_us(test.clock.now_us() + 1_000_000);
    }
    let all = lines(&test, "&kind=operator_act").await;
    let objects: Vec<_> = all.iter().map(|line| line["object"].as_str().unwrap()).collect();
    assert_eq!(objects, ["p4", "p3", "p2", "p1", "p0"], "newest first");
    let auditor = test.as_role(Role::Auditor);
    let first = auditor.get("/v1/audit?kind=operator_act&limit=2").await.json(200);
    let next = first["next_cursor"].as_str().unwrap();
    let second = auditor.get(&format!("/v1/audit?kind=operator_act&limit=2&cursor={next}")).await.json(200);
    assert_eq!(
        second["entries"].as_array().unwrap().iter().map(|line| &line["object"]).collect::<Vec<_>>(),
        ["p2", "p1"]
    );
    let later = began + jiff::SignedDuration::from_secs(2);
    assert_eq!(lines(&test, &format!("&kind=operator_act&from={later}")).await.len(), 3);
    assert_eq!(lines(&test, &format!("&kind=operator_act&until={later}")).await.len(), 2);
    assert_eq!(lines(&test, "&actor=nobody-of-this-name").await.len(), 0);
    let file = auditor.get("/v1/audit?kind=operator_act&format=csv").await.is(200);
    assert_eq!(file.text().lines().count(), 6);
    let long = format!("actor={}", "x".repeat(101));
    for wrong in ["kind=gossip", "from=yesterday", "cursor=7", &long] {
        auditor.get(&format!("/v1/audit?{wrong}")).await.refused(422, "invalid-input");
    }
}

async fn nothing_is_written_while_a_request_runs(test: TestApp) {
    test.as_role(Role::Analyst).get("/v1/payments").await.refused(403, "role-not-allowed");
    test.as_role(Role::Clerk).get("/v1/payments").await.is(200);
    assert_eq!(test.head().await, 0);
    test.app.write_noticed(true).await;
    assert_eq!(test.types_after(0).await.iter().filter(|name| *name == "AccessRefused").count(), 1);
}
