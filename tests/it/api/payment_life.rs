//! One payment's whole life, as a clerk sees it.

use crate::support::app::{TestApp, spawn_tavaria};
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, rejected, returned, settled, with};
use serde_json::{Value, json};

on_both_engines!(another_country_has_its_own_money_channels_and_calendar,);

on_every_engine! {
    an_order_takes_what_it_does_not_say_from_the_person_and_the_calendar,
    a_pension_comes_back_and_is_paid_in_cash,
    a_payment_is_found_by_every_attempts_end_to_end_id,
    held_is_set_apart_and_released_to_where_it_stood,
    a_repeated_settlement_changes_nothing_and_another_is_quarantined,
    money_of_an_attempt_that_was_given_up_settles_the_payment,
    money_of_a_cancelled_payment_settles_it_while_its_month_is_free,
    money_of_a_cancelled_payment_is_too_much_when_another_has_its_month,
    a_stopped_attempt_is_recalled_and_the_late_money_pays,
    late_money_stops_the_next_attempt_until_it_is_back,
    a_settlement_of_the_amount_in_decimals_is_the_same_amount,
    a_rejection_after_the_settlement_is_quarantined,
    a_return_before_the_settlement_notice_infers_it,
    nobody_is_paid_again_before_the_money_came_back,
    an_accepted_payment_is_cancelled_only_with_the_recall_confirmed,
    a_correction_mends_one_field_at_a_time,
    the_amount_is_not_corrected_after_settlement,
    a_cycle_can_pay_two_months,
}

async fn an_order_takes_what_it_does_not_say_from_the_person_and_the_calendar(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let answer = test.supervisor().post("/v1/payments", "k", &pension("P-1", "TK-1")).await.is(201);
    let id = answer.body["payment_id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/payments/{id}"));
    for (member, expected) in [
        ("unit", json!("C20341")),
        ("urban", json!(true)),
        ("channel", json!("account")),
        ("agent", json!("bank")),
        ("bank", json!("vcb")),
        ("benefit_months", json!(["2025-03"])),
        ("amount", json!("5000000")),
        ("currency", json!("VND")),
        ("due_on", json!("2025-03-05")),
        ("status", json!("instructed")),
        ("attempt", json!(1)),
        ("revision", json!(0)),
    ] {
        assert_eq!(answer.body[member], expected, "{member}");
    }
    assert_eq!(answer.body["end_to_end_id"].as_str().unwrap().len(), 32, "ISO 20022 takes 35 characters at most");
}

async fn a_pension_comes_back_and_is_paid_in_cash(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "accept", &json!({"agent_ref": "B-1", "raw_status": "ACCP"})).await.is(201);
    test.settle(&payment, "2025-03-05").await.is(201);
    test.days_pass(4);
    test.deed(&payment, "return", &returned("2025-03-07")).await.is(201);
    let reissue = json!({"channel": "cash_desk", "due_on": "2025-03-10", "reason": "account closed"});
    let reissued = test.deed(&payment, "reissue", &reissue).await.json(201);
    assert_eq!(
        (&reissued["attempt"], &reissued["status"], &reissued["agent"]),
        (&json!(2), &json!("instructed"), &json!("post"))
    );
    let paid = json!({"settled_on": "2025-03-10", "collected_by": "authorised", "evidence": {"kind": "receipt", "reference": "C72-17"}});
    test.allow(&payment, "authorised").await;
    test.deed(&payment, "settle", &paid).await.is(201);

    let read = test.payment(&payment).await;
    let texts: Vec<&str> =
        read["timeline"].as_array().unwrap().iter().map(|entry| entry["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        [
            "instructed: 5000000 VND by account, Vietcombank, due 2025-03-05",
            "attempt 1 accepted by the paying agent",
            "attempt 1 settled on 2025-03-05 (camt.054 ENTRY-2025-03-05)",
            "attempt 1 came back on 2025-03-07: AC04",
            "reissued as attempt 2 by cash_desk, due 2025-03-10: account closed",
            "attempt 2 settled on 2025-03-10, collected by an authorised person (receipt C72-17)",
        ]
    );
    assert_eq!(read["timeline"][3]["text_vi"], "lần chi 1 bị trả lại ngày 2025-03-07: AC04");
    assert_eq!(read["timeline"][0]["recorded_at"], "2025-03-31T03:00:00Z");
    assert_eq!(read["timeline"][3]["recorded_at"], "2025-04-04T03:00:00Z");
    let states: Vec<&Value> = read["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["status"]).collect();
    assert_eq!(states, ["returned", "settled"]);
    assert_eq!(read["revision"], 5);
    let listed = &test.read("/v1/payments").await["payments"][0];
    for member in ["status", "attempt", "channel", "end_to_end_id", "revision", "due_on"] {
        assert_eq!(listed[member], read[member], "the list agrees with the stream on {member}");
    }
}

async fn a_payment_is_found_by_every_attempts_end_to_end_id(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "reject", &rejected()).await.is(201);
    test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "wrong account"})).await.is(201);
    let attempts = test.payment(&payment).await["attempts"].clone();
    assert_ne!(attempts[0]["end_to_end_id"], attempts[1]["end_to_end_id"]);
    for attempt in attempts.as_array().unwrap() {
        let found =
            test.read(&format!("/v1/payments?end_to_end_id={}", attempt["end_to_end_id"].as_str().unwrap())).await;
        assert_eq!(found["payments"][0]["payment_id"], payment.as_str());
    }
    let nothing = test.read(&format!("/v1/payments?end_to_end_id={}", "0".repeat(32))).await;
    assert_eq!(nothing["payments"], json!([]));
}

async fn held_is_set_apart_and_released_to_where_it_stood(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "accept", &json!({})).await.is(201);
    let held = test.deed(&payment, "hold", &json!({"cause": "name differs", "note": "ask the ward"})).await.json(201);
    assert_eq!((&held["status"], &held["held"]), (&json!("accepted"), &json!(true)));
    let released = test.deed(&payment, "release", &json!({})).await.json(201);
    assert_eq!((&released["status"], &released["held"]), (&json!("accepted"), &json!(false)));
    test.deed(&payment, "release", &json!({})).await.refused(409, "transition-not-allowed");
}

async fn a_repeated_settlement_changes_nothing_and_another_is_quarantined(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    let head = test.head().await;
    assert_eq!(test.settle(&payment, "2025-03-05").await.json(200)["changed"], false);
    test.settle(&payment, "2025-03-06").await.refused(409, "second-settlement");
    assert_eq!(test.head().await, head);
    test.deed(&payment, "return", &returned("2025-03-07")).await.is(201);
    assert_eq!(test.settle(&payment, "2025-03-05").await.json(200)["changed"], false);
    test.settle(&payment, "2025-03-06").await.refused(409, "late-settlement");
}

async fn money_of_an_attempt_that_was_given_up_settles_the_payment(test: TestApp) {
    for (person, deed, body) in [("TK-1", "fail", json!({"cause": "no_answer"})), ("TK-2", "reject", rejected())] {
        let payment = test.pension_of(person, WARD).await;
        test.deed(&payment, deed, &body).await.is(201);
        assert_eq!(test.settle(&payment, "2025-03-05").await.json(201)["status"], "settled");
        let again = json!({"channel": "cash_desk", "reason": "no answer"});
        test.deed(&payment, "reissue", &again).await.refused(409, "payment-already-settled");
        assert_eq!(test.settle(&payment, "2025-03-05").await.json(200)["changed"], false);
        test.settle(&payment, "2025-03-06").await.refused(409, "second-settlement");
        let listed = test.read(&format!("/v1/payments?payment_reference=P-{person}")).await;
        assert_eq!(listed["payments"][0]["status"], "settled");
    }
}

/// A pension that was cancelled, and whose money the bank paid out all the same.
async fn cancelled(test: &TestApp) -> String {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "cancel", &json!({"reason": "asked"})).await.is(201);
    payment
}

async fn money_of_a_cancelled_payment_settles_it_while_its_month_is_free(test: TestApp) {
    let payment = cancelled(&test).await;
    assert_eq!(test.settle(&payment, "2025-03-05").await.json(201)["status"], "settled");
    let again = test.supervisor().post("/v1/payments", "k", &pension("P-2", "TK-1")).await;
    let answer = again.refused(409, "duplicate-benefit-month");
    assert_eq!(answer.body["held_by"], payment.as_str());
    test.caught_up().await;
}

async fn money_of_a_cancelled_payment_is_too_much_when_another_has_its_month(test: TestApp) {
    let payment = cancelled(&test).await;
    test.instruct(&pension("P-2", "TK-1")).await;
    assert_eq!(test.settle(&payment, "2025-03-05").await.json(201)["status"], "cancelled");
    let late = test.payment(&payment).await["timeline"][2].clone();
    assert_eq!((&late["type"], &late["data"]["reinstated"]), (&json!("PaymentSettledLate"), &Value::Null));
    test.caught_up().await;
    test.deed(&payment, "return", &returned("2025-03-07")).await.is(201);
    assert_eq!(test.payment(&payment).await["status"], "cancelled");
    test.caught_up().await;
}

async fn a_stopped_attempt_is_recalled_and_the_late_money_pays(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "fail", &json!({"cause": "no_answer"})).await.is(201);
    test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "no answer"})).await.is(201);
    test.deed(&payment, "accept", &json!({})).await.is(201);
    test.deed(&payment, "settle", &with(settled("2025-03-05"), &json!({"attempt": 1}))).await.is(201);
    let recall = json!({"reason": "paid into the account after all"});
    test.deed(&payment, "cancel", &recall).await.refused(409, "transition-not-allowed");
    let confirmed = with(recall, &json!({"recall_confirmed": true}));
    test.deed(&payment, "cancel", &confirmed).await.is(201);
    let read = test.payment(&payment).await;
    assert_eq!(
        (&read["status"], &read["attempt"], &read["channel"]),
        (&json!("settled"), &json!(1), &json!("account"))
    );
    let listed = &test.read("/v1/payments").await["payments"][0];
    for member in ["status", "attempt", "channel", "end_to_end_id", "due_on", "revision"] {
        assert_eq!(listed[member], read[member], "the list agrees with the stream on {member}");
    }
    assert_eq!(listed["settled_on"], "2025-03-05");
    let again = test.supervisor().post("/v1/payments", "k", &pension("P-2", "TK-1")).await;
    again.refused(409, "duplicate-benefit-month");
}

async fn late_money_stops_the_next_attempt_until_it_is_back(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "fail", &json!({"cause": "no_answer"})).await.is(201);
    test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "no answer"})).await.is(201);
    let first = json!({"attempt": 1});
    test.deed(&payment, "settle", &with(settled("2025-03-05"), &first)).await.is(201);
    let stopped = test.payment(&payment).await;
    assert_eq!((&stopped["status"], &stopped["held"]), (&json!("instructed"), &json!(true)));
    test.deed(&payment, "release", &json!({})).await.refused(409, "late-money-out");
    let back = json!({"attempt": 1, "returned_on": "2025-03-07", "reason_code": "AC04", "evidence": {"kind": "statement", "reference": "R-1"}});
    test.deed(&payment, "return", &back).await.is(201);
    test.deed(&payment, "release", &json!({})).await.is(201);
    test.settle(&payment, "2025-03-08").await.is(201);
    assert_eq!(test.payment(&payment).await["status"], "settled");
    // The list is a projection: it has followed through all of this.
    test.caught_up().await;
}

async fn a_settlement_of_the_amount_in_decimals_is_the_same_amount(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let body = with(settled("2025-03-05"), &json!({"amount": "5000000.00"}));
    test.deed(&payment, "settle", &body).await.is(201);
}

async fn a_rejection_after_the_settlement_is_quarantined(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    test.deed(&payment, "reject", &rejected()).await.refused(409, "impossible-order");
}

async fn a_return_before_the_settlement_notice_infers_it(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "return", &returned("2025-03-07")).await.refused(409, "transition-not-allowed");
    test.deed(&payment, "accept", &json!({})).await.is(201);
    assert_eq!(test.deed(&payment, "return", &returned("2025-03-07")).await.json(201)["status"], "returned");
    let last = test.payment(&payment).await["timeline"][2]["data"].clone();
    assert_eq!(last["settlement_inferred"], true);
}

async fn nobody_is_paid_again_before_the_money_came_back(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let reissue = json!({"channel": "cash_desk", "reason": "in a hurry"});
    test.deed(&payment, "reissue", &reissue).await.refused(409, "transition-not-allowed");
    test.settle(&payment, "2025-03-05").await.is(201);
    test.deed(&payment, "reissue", &reissue).await.refused(409, "payment-already-settled");
    test.deed(&payment, "cancel", &json!({"reason": "no"})).await.refused(409, "payment-already-settled");
}

async fn an_accepted_payment_is_cancelled_only_with_the_recall_confirmed(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "accept", &json!({})).await.is(201);
    test.deed(&payment, "cancel", &json!({"reason": "asked"})).await.refused(409, "transition-not-allowed");
    let cancelled =
        test.deed(&payment, "cancel", &json!({"reason": "asked", "recall_confirmed": true})).await.json(201);
    assert_eq!(cancelled["status"], "cancelled");
    test.deed(&payment, "accept", &json!({})).await.refused(409, "impossible-order");
}

async fn a_correction_mends_one_field_at_a_time(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let correct =
        async |body: Value| test.deed(&payment, "correct", &with(body, &json!({"ground": "slip of the pen"}))).await;
    assert_eq!(correct(json!({"amount": "5100000"})).await.json(201)["amount"], "5100000");
    assert_eq!(correct(json!({"unit": "20359"})).await.json(201)["unit"], "C20359");
    assert_eq!(correct(json!({"due_on": "2025-03-06"})).await.json(201)["due_on"], "2025-03-06");
    assert_eq!(correct(json!({"payment_reference": "P-X"})).await.json(201)["payment_reference"], "P-X");
    assert_eq!(correct(json!({"benefit_months": ["2025-02"]})).await.json(201)["benefit_months"], json!(["2025-02"]));
    assert_eq!(correct(json!({"amount": "5100000"})).await.json(200)["changed"], false);
    let both = correct(json!({"amount": "1", "unit": "20359"})).await.refused(422, "invalid-input");
    assert_eq!(both.errors(), ["/ one-correction"]);
    let texts = test.payment(&payment).await["timeline"].clone();
    assert_eq!(texts[1]["text"], "corrected amount 5000000 to 5100000: slip of the pen");
}

async fn the_amount_is_not_corrected_after_settlement(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    let answer = test.deed(&payment, "correct", &json!({"amount": "1", "ground": "slip"})).await;
    answer.refused(409, "amount-after-settlement");
    test.deed(&payment, "correct", &json!({"payment_reference": "P-X", "ground": "slip"})).await.is(201);
}

async fn a_cycle_can_pay_two_months(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let two_months = with(
        pension("P-1", "TK-1"),
        &json!({"cycle": "2025-01", "benefit_months": ["2025-01", "2025-02"], "amount": "10000000"}),
    );
    let payment = test.instruct(&two_months).await;
    let february = with(pension("P-2", "TK-1"), &json!({"cycle": "2025-02"}));
    let answer = test.supervisor().post("/v1/payments", "k", &february).await.refused(409, "duplicate-benefit-month");
    assert_eq!(answer.body["held_by"], payment.as_str());
    test.instruct(&pension("P-3", "TK-1")).await;
}

async fn another_country_has_its_own_money_channels_and_calendar(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    test.register(&json!({"beneficiary_ref": "CARD-1", "unit": "N1", "channel": "mobile_money", "bank": "tavcell", "account": "5550001"})).await;
    let grant = json!({"payment_reference": "W-1", "beneficiary_ref": "CARD-1", "benefit_type": "family_grant", "cycle": "2025-03", "amount": "120.50"});
    let answer = test.supervisor().post("/v1/payments", "k", &grant).await.json(201);
    assert_eq!((&answer["amount"], &answer["currency"]), (&json!("120.50"), &json!("TVR")));
    assert_eq!(
        (&answer["agent"], &answer["due_on"]),
        (&json!("telecom"), &json!("2025-03-30")),
        "Friday the 28th begins a weekend there"
    );
    let finer = with(grant.clone(), &json!({"payment_reference": "W-2", "amount": "120.505"}));
    let answer = test.supervisor().post("/v1/payments", "l", &finer).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/amount amount-has-fraction"]);
    // Code 1 is a ward of each canton.
    let code = with(grant, &json!({"payment_reference": "W-3", "cycle": "2025-04", "unit": "1"}));
    let answer = test.supervisor().post("/v1/payments", "m", &code).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/unit unit-ambiguous"]);
    assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("N1, S1"), "{}", answer.text());
}
