//! Why a payment was refused or came back: codes stand in the log, an agent's own words in the vault, for those who act on them.

use crate::support::app::{TestApp, spawn_app};
use crate::support::engine::Engine;
use crate::support::files::csv;
use crate::support::on_both_engines;
use crate::support::verbs::{WARD, pension, returned, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_both_engines!(
    the_agents_words_are_shown_to_those_who_manage_payments_alone,
    words_in_the_place_of_a_code_go_to_the_vault_and_the_code_says_so,
    a_code_that_nobody_knows_is_kept_as_it_is,
    a_file_may_say_the_reason_in_words_of_the_profile_or_its_own,
    a_failure_for_another_reason_than_the_known_ones_is_not_guessed,
    a_note_that_stays_for_ever_has_no_long_number_in_it,
);

/// The reason of the payment's last event as stored, and the words beside it as a role reads them.
async fn last(test: &TestApp, payment: &str, role: Role) -> (Value, Value) {
    let read = test.as_role(role).get(&format!("/v1/payments/{payment}")).await.json(200);
    let entry = read["timeline"].as_array().unwrap().last().unwrap().clone();
    (entry["data"]["reason"].clone(), entry["words"].clone())
}

async fn the_agents_words_are_shown_to_those_who_manage_payments_alone(engine: Engine) {
    let test = spawn_app(engine).await;
    let payment = test.pension_of("TK-1", WARD).await;
    let body =
        json!({"reason_code": "BE01", "reason_text": "chủ tài khoản là Trần Văn B", "rejected_on": "2025-03-04"});
    test.deed(&payment, "reject", &body).await.is(201);
    for (role, words) in [
        (Role::Supervisor, json!("chủ tài khoản là Trần Văn B")),
        (Role::Clerk, json!("chủ tài khoản là Trần Văn B")),
        (Role::Bank, Value::Null),
        (Role::Auditor, Value::Null),
    ] {
        let (reason, found) = last(&test, &payment, role).await;
        assert_eq!(found, words, "{}", role.as_str());
        assert_eq!((&reason["code"], &reason["class"]), (&json!("BE01"), &json!("identity")));
        assert!(reason["text_ref"].is_string() && reason.get("text").is_none(), "{reason}");
    }
}

async fn words_in_the_place_of_a_code_go_to_the_vault_and_the_code_says_so(engine: Engine) {
    let test = spawn_app(engine).await;
    let payment = test.pension_of("TK-1", WARD).await;
    let body = json!({"reason_code": "Nguyen Thi A", "reason_system": "vcb", "reason_text": "0071000345678"});
    test.deed(&payment, "reject", &body).await.is(201);
    let (reason, words) = last(&test, &payment, Role::Clerk).await;
    assert_eq!((&reason["system"], &reason["code"]), (&json!("vcb"), &json!("NARR")));
    assert_eq!(words, json!("Nguyen Thi A: 0071000345678"));
    for event in test.events_after(0).await {
        let data = String::from_utf8_lossy(&event.data).into_owned();
        assert!(!data.contains("Nguyen") && !data.contains("0071000345678"), "{data}");
    }
}

async fn a_code_that_nobody_knows_is_kept_as_it_is(engine: Engine) {
    let test = spawn_app(engine).await;
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-04").await.is(201);
    test.deed(&payment, "return", &with(returned("2025-03-06"), &json!({"reason_code": "VCB-017"}))).await.is(201);
    let (reason, words) = last(&test, &payment, Role::Clerk).await;
    assert_eq!((&reason["code"], &reason["class"], words), (&json!("VCB-017"), &json!("unknown"), Value::Null));
    assert!(reason.get("text_ref").is_none(), "{reason}");
}

async fn a_file_may_say_the_reason_in_words_of_the_profile_or_its_own(engine: Engine) {
    let test = spawn_app(engine).await;
    let mut payments = Vec::new();
    for number in 1..=4 {
        payments.push(test.pension_of(&format!("TK-{number}"), WARD).await);
    }
    let outcomes = "
        payment_reference | status   | date       | reason
        P-TK-1            | rejected | 2025-03-04 | Tài khoản đã đóng
        P-TK-2            | rejected | 2025-03-04 | AC04
        P-TK-3            | rejected | 2025-03-04 | gọi bà Sáu 0905
        P-TK-4            | failed   | 2025-03-04 | Không phản hồi";
    test.supervisor().upload("kind=outcomes", &test.fresh(), csv(outcomes)).await.is(201);
    let mut found = Vec::new();
    for payment in &payments[..3] {
        let (reason, words) = last(&test, payment, Role::Clerk).await;
        found.push((reason["system"].clone(), reason["code"].clone(), reason["class"].clone(), words));
    }
    let row = |system: &str, code: &str, class: &str, words: Value| (json!(system), json!(code), json!(class), words);
    assert_eq!(
        found,
        [
            row("agency", "closed_account", "account_state", Value::Null),
            row("iso20022", "AC04", "account_state", Value::Null),
            row("agency", "NARR", "unknown", json!("gọi bà Sáu 0905")),
        ]
    );
    let failed = test.payment(&payments[3]).await;
    assert_eq!(failed["timeline"][1]["data"]["cause"], "no_answer");
}

async fn a_failure_for_another_reason_than_the_known_ones_is_not_guessed(engine: Engine) {
    let test = spawn_app(engine).await;
    test.pension_of("TK-1", WARD).await;
    let outcomes = "payment_reference | status | date | reason\n P-TK-1 | failed | 2025-03-04 | bận việc";
    let report = test.supervisor().upload("kind=outcomes", &test.fresh(), csv(outcomes)).await.json(422);
    let issue = &report["issues"][0];
    assert_eq!(
        (&issue["row"], &issue["column"], &issue["code"]),
        (&json!(2), &json!("reason"), &json!("code-unknown"))
    );
    assert!(issue["message"].as_str().unwrap().contains("no_answer, unclaimed or not_sendable"), "{issue}");
}

async fn a_note_that_stays_for_ever_has_no_long_number_in_it(engine: Engine) {
    let test = spawn_app(engine).await;
    let payment = test.pension_of("TK-1", WARD).await;
    let number = "CCCD 049 155 000 012";
    for (deed, body, field) in [
        ("hold", json!({"cause": number}), "cause"),
        ("hold", json!({"cause": "name differs", "note": number}), "note"),
        ("cancel", json!({"reason": number}), "reason"),
        ("reissue", json!({"channel": "cash_desk", "reason": number}), "reason"),
        ("correct", json!({"due_on": "2025-03-05", "ground": number}), "ground"),
    ] {
        let answer = test.deed(&payment, deed, &body).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), [format!("/{field} text-has-a-number")]);
    }
    test.instruct(&with(pension("P-2", "TK-1"), &json!({"cycle": "2025-02"}))).await;
    test.deed(&payment, "hold", &json!({"cause": "call back on 2025-04-02 about decision 118/QD"})).await.is(201);
}
