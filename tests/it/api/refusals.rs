//! What is not ordered, and why.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, rejected, returned, with};
use serde_json::{Value, json};

on_every_engine! {
    a_month_named_twice_is_refused,
    nothing_is_done_to_what_is_cancelled,
    a_month_is_ordered_once_until_the_payment_is_cancelled,
    a_supplement_may_be_ordered_beside_a_payment,
    a_payment_that_came_back_still_holds_its_month,
    a_reference_names_one_payment,
    a_fraction_of_a_dong_is_refused,
    an_amount_of_nothing_or_above_the_limit_is_refused,
    months_after_the_month_of_death_are_refused,
    a_unit_that_was_closed_before_the_due_date_is_refused_with_its_successors,
    a_unit_of_another_level_is_refused,
    an_unknown_person_is_refused,
    a_person_is_named_in_one_way,
    an_outcome_of_an_attempt_that_is_not_there_is_refused,
}

async fn order(test: &TestApp, body: &Value) -> crate::support::client::Answer {
    test.supervisor().post("/v1/payments", &test.fresh(), body).await
}

async fn a_month_is_ordered_once_until_the_payment_is_cancelled(test: TestApp) {
    let first = test.pension_of("TK-1", WARD).await;
    let head = test.head().await;
    let second = pension("P-2", "TK-1");
    let answer = order(&test, &second).await.refused(409, "duplicate-benefit-month");
    assert_eq!(answer.body["held_by"], first.as_str());
    assert_eq!(test.head().await, head);
    let other_benefit = with(pension("P-3", "TK-1"), &json!({"benefit_type": "disability"}));
    order(&test, &other_benefit).await.is(201);
    test.deed(&first, "cancel", &json!({"reason": "wrong list"})).await.is(201);
    order(&test, &second).await.is(201);
}

async fn a_supplement_may_be_ordered_beside_a_payment(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let arrears = with(pension("P-2", "TK-1"), &json!({"supplement": true, "amount": "200000"}));
    assert_eq!(order(&test, &arrears).await.json(201)["supplement"], true);
}

async fn a_payment_that_came_back_still_holds_its_month(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    test.deed(&payment, "return", &returned("2025-03-07")).await.is(201);
    order(&test, &pension("P-2", "TK-1")).await.refused(409, "duplicate-benefit-month");
}

async fn a_reference_names_one_payment(test: TestApp) {
    let first = test.pension_of("TK-1", WARD).await;
    let second = with(pension("P-TK-1", "TK-1"), &json!({"cycle": "2025-04"}));
    let answer = order(&test, &second).await.refused(409, "payment-reference-taken");
    assert_eq!(answer.body["held_by"], first.as_str());
}

async fn a_fraction_of_a_dong_is_refused(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    for amount in ["5000000.5", "0.1"] {
        let answer = order(&test, &with(pension("P-1", "TK-1"), &json!({"amount": amount}))).await;
        assert_eq!(answer.refused(422, "invalid-input").errors(), ["/amount amount-has-fraction"]);
    }
    for amount in ["5,000,000", "1.000.000", "1e6", " 5", "", "-5.5", "99999999999999999999"] {
        order(&test, &with(pension("P-1", "TK-1"), &json!({"amount": amount}))).await.refused(422, "invalid-input");
    }
    assert_eq!(
        order(&test, &with(pension("P-1", "TK-1"), &json!({"amount": "5000000.00"}))).await.json(201)["amount"],
        "5000000"
    );
}

async fn an_amount_of_nothing_or_above_the_limit_is_refused(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    for (amount, code) in
        [("0", "amount-not-positive"), ("-1", "amount-not-positive"), ("2000000001", "amount-too-large")]
    {
        let answer = order(&test, &with(pension("P-1", "TK-1"), &json!({"amount": amount}))).await.refused(422, code);
        assert_eq!(answer.errors(), [format!("/amount {code}")]);
    }
    order(&test, &with(pension("P-1", "TK-1"), &json!({"amount": "2000000000"}))).await.is(201);
}

async fn months_after_the_month_of_death_are_refused(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let death = json!({"died_on": "2025-02-10", "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), "d", &death).await.is(201);
    let answer = order(&test, &pension("P-1", "TK-1")).await.refused(422, "beneficiary-deceased");
    assert_eq!(answer.errors(), ["/benefit_months beneficiary-deceased"]);
    order(&test, &with(pension("P-2", "TK-1"), &json!({"benefit_months": ["2025-02"]}))).await.is(201);
}

async fn a_unit_that_was_closed_before_the_due_date_is_refused_with_its_successors(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    for unit in ["20338", "C20338"] {
        let answer =
            order(&test, &with(pension("P-1", "TK-1"), &json!({"unit": unit}))).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), ["/unit unit-not-in-force"]);
        let message = answer.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("2024-12-31") && message.contains("C20347@20250101"), "{message}");
    }
    let in_time = json!({"unit": "20338", "cycle": "2024-12", "due_on": "2024-12-05", "channel": "cash_desk"});
    assert_eq!(order(&test, &with(pension("P-1", "TK-1"), &in_time)).await.json(201)["unit"], "C20338");
}

async fn a_unit_of_another_level_is_refused(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let answer =
        order(&test, &with(pension("P-1", "TK-1"), &json!({"unit": "D502"}))).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/unit unit-wrong-level"]);
}

async fn an_unknown_person_is_refused(test: TestApp) {
    let answer = order(&test, &pension("P-1", "TK-1")).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/beneficiary_ref beneficiary-unknown"]);
    let by_id = with(
        pension("P-1", "TK-1"),
        &json!({"beneficiary_ref": null, "beneficiary_id": "0198a000-0000-4000-8000-000000000000"}),
    );
    let answer = order(&test, &by_id).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/beneficiary_id beneficiary-unknown"]);
}

async fn a_person_is_named_in_one_way(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let both = with(pension("P-1", "TK-1"), &json!({"beneficiary_id": person}));
    assert_eq!(order(&test, &both).await.refused(422, "invalid-input").errors(), ["/beneficiary_id named-twice"]);
    let by_id = with(pension("P-1", "TK-1"), &json!({"beneficiary_id": person, "beneficiary_ref": null}));
    order(&test, &by_id).await.is(201);
}

async fn an_outcome_of_an_attempt_that_is_not_there_is_refused(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let second = with(rejected(), &json!({"attempt": 2}));
    let answer = test.deed(&payment, "reject", &second).await.refused(409, "no-such-attempt");
    assert_eq!(answer.errors(), ["/attempt no-such-attempt"]);
    let incomplete = test.deed(&payment, "settle", &json!({"attempt": 0})).await.refused(422, "invalid-input");
    assert_eq!(incomplete.errors(), ["/attempt invalid-value", "/evidence missing", "/settled_on missing"]);
    let incomplete =
        test.deed(&payment, "return", &json!({"evidence": {"kind": "x"}})).await.refused(422, "invalid-input");
    assert_eq!(incomplete.errors(), ["/evidence invalid-value", "/reason_code missing", "/returned_on missing"]);
    let unknown = test.deed(&payment, "fail", &json!({"cause": "tired"})).await.refused(422, "invalid-input");
    assert_eq!(unknown.errors(), ["/cause invalid-value"]);
}

async fn a_month_named_twice_is_refused(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let twice = with(pension("P-1", "TK-1"), &json!({"benefit_months": ["2025-03", "2025-03"]}));
    order(&test, &twice).await.refused(422, "benefit-months-invalid");
}

async fn nothing_is_done_to_what_is_cancelled(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "cancel", &json!({"reason": "ordered twice"})).await.is(201);
    test.deed(&payment, "hold", &json!({"cause": "who is it?"})).await.refused(409, "payment-already-cancelled");
}
