//! Any number of repeats of a request has one effect, and a refused request burns no key.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, rejected, settled, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    a_repeat_of_any_write_gets_the_first_answer_and_appends_nothing,
    the_same_key_with_another_body_is_refused_and_names_the_first_object,
    the_same_key_on_another_path_is_another_input,
    a_write_without_a_key_is_refused,
    a_refused_request_burns_no_key,
    two_callers_may_use_the_same_key,
    eight_requests_with_one_key_at_once_have_one_effect,
    a_repeat_gets_its_first_answer_even_when_the_facts_moved,
    a_repeat_of_what_changed_nothing_is_a_replay_too,
}

async fn a_repeat_of_any_write_gets_the_first_answer_and_appends_nothing(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    let at = |deed: &str| format!("/v1/payments/{payment}/{deed}");
    let of = |deed: &str| format!("/v1/beneficiaries/{person}/{deed}");
    let writes: Vec<(String, Value)> = vec![
        ("/v1/beneficiaries".to_owned(), by_account("TK-2", WARD)),
        (of("move"), json!({"unit": "20359", "effective_on": "2025-03-10"})),
        (of("method"), json!({"channel": "cash_desk"})),
        ("/v1/payments".to_owned(), with(pension("P-2", "TK-1"), &json!({"cycle": "2025-02"}))),
        (at("hold"), json!({"cause": "name differs"})),
        (at("release"), json!({})),
        (at("accept"), json!({"agent_ref": "B-1"})),
        (at("correct"), json!({"due_on": "2025-03-06", "ground": "slip"})),
        (at("settle"), settled("2025-03-05")),
        (
            at("return"),
            json!({"returned_on": "2025-03-07", "reason_code": "AC04", "evidence": {"kind": "camt.054", "reference": "R"}}),
        ),
        (at("reissue"), json!({"channel": "cash_desk", "reason": "account closed"})),
        (at("fail"), json!({"cause": "unclaimed"})),
        (at("cancel"), json!({"reason": "asked by the person"})),
        (of("death"), json!({"died_on": "2025-03-01", "source": "family"})),
    ];
    for (path, body) in writes {
        let key = test.fresh();
        let first = test.supervisor().post(&path, &key, &body).await.is(201);
        assert!(!first.replayed(), "{path}");
        let head = test.head().await;
        let again = test.supervisor().post(&path, &key, &body).await.is(201);
        assert!(again.replayed(), "{path}");
        assert_eq!(
            (&again.body, again.header("location"), again.header("etag")),
            (&first.body, first.header("location"), first.header("etag"))
        );
        assert_eq!(test.head().await, head, "{path} appended on repeat");
    }
}

async fn the_same_key_with_another_body_is_refused_and_names_the_first_object(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let first = test.supervisor().post("/v1/payments", "k", &pension("P-1", "TK-1")).await.json(201);
    let other = with(pension("P-1", "TK-1"), &json!({"amount": "5000001"}));
    let refused = test.supervisor().post("/v1/payments", "k", &other).await.refused(422, "idempotency-key-reused");
    assert_eq!(refused.body["first_object"], first["payment_id"]);
}

async fn the_same_key_on_another_path_is_another_input(test: TestApp) {
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    test.supervisor().post(&format!("/v1/payments/{one}/accept"), "k", &json!({})).await.is(201);
    let refused = test.supervisor().post(&format!("/v1/payments/{two}/accept"), "k", &json!({})).await;
    assert_eq!(refused.refused(422, "idempotency-key-reused").body["first_object"], one.as_str());
    assert_eq!(test.payment(&two).await["status"], "instructed");
}

async fn a_write_without_a_key_is_refused(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let head = test.head().await;
    for (path, body) in [
        ("/v1/beneficiaries".to_owned(), by_account("TK-2", WARD)),
        ("/v1/payments".to_owned(), pension("P-2", "TK-1")),
        (format!("/v1/payments/{payment}/settle"), settled("2025-03-05")),
        ("/v1/imports?kind=payments".to_owned(), json!({})),
    ] {
        test.supervisor().post_without_key(&path, &body).await.refused(400, "idempotency-key-missing");
    }
    let too_long = "k".repeat(256);
    for key in [too_long.as_str(), "two words", " "] {
        test.supervisor()
            .post("/v1/payments", key, &pension("P-2", "TK-1"))
            .await
            .refused(400, "idempotency-key-missing");
    }
    assert_eq!(test.head().await, head);
    let longest = "k".repeat(255);
    test.supervisor()
        .post("/v1/payments", &longest, &with(pension("P-2", "TK-1"), &json!({"cycle": "2025-04"})))
        .await
        .is(201);
}

async fn a_refused_request_burns_no_key(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let bad = with(pension("P-1", "TK-1"), &json!({"amount": "0.5"}));
    test.supervisor().post("/v1/payments", "k", &bad).await.refused(422, "invalid-input");
    let dead = with(pension("P-1", "TK-1"), &json!({"amount": "0"}));
    test.supervisor().post("/v1/payments", "k", &dead).await.refused(422, "amount-not-positive");
    let answer = test.supervisor().post("/v1/payments", "k", &pension("P-1", "TK-1")).await.is(201);
    assert!(!answer.replayed());
}

async fn two_callers_may_use_the_same_key(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    test.supervisor().post("/v1/payments", "k", &pension("P-1", "TK-1")).await.is(201);
    let other = with(pension("P-2", "TK-1"), &json!({"cycle": "2025-04"}));
    test.as_role(Role::Clerk).post("/v1/payments", "k", &other).await.is(201);
}

async fn eight_requests_with_one_key_at_once_have_one_effect(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let head = test.head().await;
    let (client, body) = (test.supervisor(), pension("P-1", "TK-1"));
    let answers = futures_util::future::join_all((0..8).map(|_| client.post("/v1/payments", "k", &body))).await;
    let mut made: Vec<&str> = Vec::new();
    for answer in &answers {
        match answer.status {
            201 => made.push(answer.body["payment_id"].as_str().unwrap()),
            _ => assert_eq!(
                (answer.status, &answer.body["code"]),
                (409, &json!("request-in-progress")),
                "{}",
                answer.text()
            ),
        }
    }
    made.dedup();
    assert_eq!(made.len(), 1, "one payment, whoever asks");
    assert_eq!(test.types_after(head).await, ["PaymentInstructed"]);
}

async fn a_repeat_gets_its_first_answer_even_when_the_facts_moved(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let first = test.supervisor().post("/v1/payments", "k", &pension("P-1", "TK-1")).await.json(201);
    let death = json!({"died_on": "2025-01-10", "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), "d", &death).await.is(201);
    let again = test.supervisor().post("/v1/payments", "k", &pension("P-1", "TK-1")).await.is(201);
    assert!(again.replayed());
    assert_eq!(again.body, first);
}

async fn a_repeat_of_what_changed_nothing_is_a_replay_too(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "reject", &rejected()).await.is(201);
    let path = format!("/v1/payments/{payment}/reject");
    let head = test.head().await;
    let second = test.supervisor().post(&path, "k", &rejected()).await.is(200);
    assert_eq!((second.body["changed"].as_bool(), second.replayed()), (Some(false), false));
    let again = test.supervisor().post(&path, "k", &rejected()).await.is(200);
    assert!(again.replayed());
    assert_eq!(test.head().await, head);
}
