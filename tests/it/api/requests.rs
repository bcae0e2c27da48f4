//! What every request has in common: paths, methods, bodies, headers, parameters, positions.

use crate::support::app::TestApp;
use crate::support::client::send;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, settled, with};
use reqwest::Method;
use serde_json::json;

on_every_engine! {
    a_path_that_is_not_there_is_404,
    a_method_that_a_path_does_not_take_is_405,
    an_object_that_is_not_there_is_404,
    a_form_that_is_not_offered_is_406,
    a_body_above_the_limit_is_413,
    a_body_that_is_not_a_json_object_is_refused,
    every_answer_carries_a_request_id_and_a_usable_one_of_the_caller_is_kept,
    an_unknown_field_is_refused,
    all_errors_of_a_body_are_told_at_once,
    unknown_repeated_and_unreadable_parameters_are_told_at_once,
    a_stale_if_match_is_412_with_the_current_revision,
    an_if_match_that_is_no_revision_is_400,
    a_read_waits_for_the_position_it_asks,
    a_position_that_the_log_does_not_have_is_refused,
    numbers_beyond_what_a_log_can_hold_are_refused_and_break_nothing,
}

async fn a_path_that_is_not_there_is_404(test: TestApp) {
    for path in ["/nothing", "/v1", "/v1/payment", "/v1/payments/x/y/z"] {
        test.supervisor().get(path).await.refused(404, "no-such-path");
    }
}

async fn a_method_that_a_path_does_not_take_is_405(test: TestApp) {
    for (method, path) in [
        (Method::DELETE, "/v1/payments"),
        (Method::PUT, "/v1/adoption"),
        (Method::POST, "/v1/adoption"),
        (Method::GET, "/v1/payments/x/settle"),
    ] {
        send(test.supervisor().request(method, path)).await.refused(405, "method-not-allowed");
    }
}

async fn an_object_that_is_not_there_is_404(test: TestApp) {
    let id = "0198a000-0000-7000-8000-000000000000";
    for path in ["payments", "beneficiaries", "imports"] {
        for id in [id, "not-an-id"] {
            test.supervisor().get(&format!("/v1/{path}/{id}")).await.refused(404, "not-found");
        }
    }
    for (path, body) in [
        (format!("/v1/payments/{id}/settle"), settled("2025-03-05")),
        (format!("/v1/payments/{id}/reissue"), json!({"reason": "x"})),
        (format!("/v1/beneficiaries/{id}/death"), json!({"died_on": "2025-03-01", "source": "family"})),
        (format!("/v1/imports/{id}/reverse"), json!({"reason": "x"})),
    ] {
        test.supervisor().post(&path, &test.fresh(), &body).await.refused(404, "not-found");
    }
}

async fn a_form_that_is_not_offered_is_406(test: TestApp) {
    for path in ["/v1/payments", "/v1/adoption", "/v1/settlement", "/v1/units"] {
        test.supervisor().get_with(path, ("accept", "application/pdf")).await.refused(406, "not-acceptable");
        test.supervisor().get_with(path, ("accept", "application/pdf, text/csv;q=0.5")).await.is(200);
    }
}

async fn a_body_above_the_limit_is_413(test: TestApp) {
    let body = json!({"payment_reference": "x".repeat(300 * 1024)});
    test.supervisor().post("/v1/payments", "k", &body).await.refused(413, "body-too-large");
    test.supervisor().post("/v1/beneficiaries/search", "k", &body).await.refused(413, "body-too-large");
    assert_eq!(test.head().await, 0);
}

async fn a_body_that_is_not_a_json_object_is_refused(test: TestApp) {
    for text in ["", "{", "[]", "null", "\"x\"", "{\"a\":1}{}", "\u{feff}{}"] {
        let request = test.supervisor().request(Method::POST, "/v1/payments").header("idempotency-key", "k");
        let answer = send(request.body(text)).await.refused(422, "invalid-input");
        assert_eq!(answer.errors().len(), 1, "{text}");
    }
}

async fn every_answer_carries_a_request_id_and_a_usable_one_of_the_caller_is_kept(test: TestApp) {
    for path in ["/healthz", "/v1/payments", "/nothing"] {
        assert_eq!(test.supervisor().get(path).await.header("x-request-id").len(), 32, "{path}");
    }
    let kept = test.supervisor().get_with("/v1/payments/x", ("x-request-id", "office-7")).await;
    assert_eq!(kept.refused(404, "not-found").body["request_id"], "office-7");
    for unusable in ["a b", "<script>", &"x".repeat(65)] {
        let answer = test.supervisor().get_with("/v1/payments", ("x-request-id", unusable)).await;
        assert_eq!(answer.header("x-request-id").len(), 32);
    }
}

async fn an_unknown_field_is_refused(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let body = with(settled("2025-03-05"), &json!({"settled_by": "me"}));
    let answer = test.deed(&payment, "settle", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/settled_by unknown-field"]);
    let body = with(by_account("TK-2", WARD), &json!({"a/b~c": 1}));
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/a~1b~0c unknown-field"], "a pointer escapes what RFC 6901 says");
}

async fn all_errors_of_a_body_are_told_at_once(test: TestApp) {
    let body = json!({"payment_reference": "has space", "benefit_type": 7, "cycle": "2025-13", "amount": 5, "due_on": "3.3.2025",
        "supplement": "yes", "benefit_months": ["2025-03", "x"], "extra": null});
    let answer = test.supervisor().post("/v1/payments", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(
        answer.errors(),
        [
            "/amount invalid-value",
            "/beneficiary_id missing",
            "/benefit_months invalid-value",
            "/benefit_type invalid-value",
            "/cycle invalid-value",
            "/due_on invalid-value",
            "/extra unknown-field",
            "/payment_reference invalid-value",
            "/supplement invalid-value",
        ]
    );
    test.register(&by_account("TK-1", WARD)).await;
    let body = with(pension("P-1", "TK-1"), &json!({"benefit_type": "gift", "unit": "99999", "bank": "nobank"}));
    let answer = test.supervisor().post("/v1/payments", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/bank code-unknown", "/benefit_type code-unknown", "/unit unit-unknown"]);
}

async fn unknown_repeated_and_unreadable_parameters_are_told_at_once(test: TestApp) {
    let path =
        "/v1/payments?limit=0&cycle=March&cycle=2025-03&status=lost&due_before=1&min_position=-1&sort=up&cursor=x";
    let answer = test.supervisor().get(path).await.refused(422, "invalid-input");
    assert_eq!(
        answer.errors(),
        [
            "/cursor invalid-value",
            "/cycle given-twice",
            "/due_before invalid-value",
            "/limit invalid-value",
            "/min_position invalid-value",
            "/sort unknown-parameter",
            "/status invalid-value",
        ]
    );
    let answer = test
        .supervisor()
        .get("/v1/adoption?group_by=unit_level:planet&urban=1&as_of_day=2025-03-01&as_of_position=1")
        .await;
    let answer = answer.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/as_of_day invalid-value", "/group_by invalid-value", "/urban invalid-value"]);
    let answer = test.supervisor().get("/v1/late?as_of=yesterday&urban=1").await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/as_of invalid-value", "/urban invalid-value"]);
}

async fn a_stale_if_match_is_412_with_the_current_revision(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let path = format!("/v1/payments/{payment}/accept");
    let read = test.supervisor().get(&format!("/v1/payments/{payment}")).await.is(200);
    assert_eq!(read.header("etag"), "\"0\"");
    let answer =
        test.supervisor().post_if_match(&path, ("a", "\"4\""), &json!({})).await.refused(412, "revision-moved");
    assert_eq!(answer.body["current_revision"], 0);
    let moved = test.supervisor().post_if_match(&path, ("b", "\"0\""), &json!({})).await.is(201);
    assert_eq!(moved.header("etag"), "\"1\"");
    let path = format!("/v1/payments/{payment}/settle");
    let answer = test
        .supervisor()
        .post_if_match(&path, ("c", "\"0\""), &settled("2025-03-05"))
        .await
        .refused(412, "revision-moved");
    assert_eq!(answer.body["current_revision"], 1);
    test.supervisor().post_if_match(&path, ("d", "*"), &settled("2025-03-05")).await.is(201);
}

async fn an_if_match_that_is_no_revision_is_400(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    for text in ["0", "\"x\"", "W/\"0\"", "\"0\", \"1\""] {
        let path = format!("/v1/payments/{payment}/accept");
        test.supervisor().post_if_match(&path, ("k", text), &json!({})).await.refused(400, "if-match-invalid");
    }
}

async fn a_read_waits_for_the_position_it_asks(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    for month in 1..=12 {
        let body = with(
            pension(&format!("P-{month}"), "TK-1"),
            &json!({"cycle": format!("2025-{month:02}"), "benefit_months": [format!("2025-{month:02}")], "unit": if month < 7 { "C20341" } else { "C20350@20250701" }}),
        );
        let written = test.supervisor().post("/v1/payments", &test.fresh(), &body).await.json(201);
        let position = written["position"].as_u64().unwrap();
        let list = test.supervisor().get(&format!("/v1/payments?min_position={position}")).await.json(200);
        assert_eq!(list["payments"].as_array().unwrap().len(), month);
        assert!(list["as_of_position"].as_u64().unwrap() >= position);
        assert_eq!(list["as_of_time"], "2025-03-31T03:00:00Z");
    }
}

async fn a_position_that_the_log_does_not_have_is_refused(test: TestApp) {
    for path in [
        "/v1/payments?min_position=1",
        "/v1/adoption?min_position=1",
        "/v1/settlement?as_of_position=1",
        "/v1/events?min_position=1",
    ] {
        test.supervisor().get(path).await.refused(422, "position-beyond-head");
    }
}

async fn numbers_beyond_what_a_log_can_hold_are_refused_and_break_nothing(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let (largest, beyond) = (u64::MAX, "18446744073709551616");
    for name in ["/v1/payments?min_position", "/v1/adoption?as_of_position", "/v1/events?min_position"] {
        test.supervisor().get(&format!("{name}={largest}")).await.refused(422, "position-beyond-head");
        test.supervisor().get(&format!("{name}={beyond}")).await.refused(422, "invalid-input");
    }
    let page = test.supervisor().get(&format!("/v1/events?after={largest}")).await.json(200);
    assert_eq!(page["events"], json!([]));
    // 3w5e11264sgsf in base 36 is 2^64 - 1.
    for cursor in ["p3w5e11264sgsf", "pzzzzzzzzzzzzzz"] {
        let answer =
            test.supervisor().get(&format!("/v1/payments?cursor={cursor}")).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), ["/cursor invalid-value"]);
    }
}
