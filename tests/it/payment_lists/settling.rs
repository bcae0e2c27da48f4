//! From the check to closing.

use super::*;
use crate::support::app::spawn_tavaria;
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, rejected, returned, settled};
use chitra::app::keys::NewKey;

on_every_engine! {
    a_list_goes_its_whole_way_and_every_dong_is_accounted_for,
    an_item_paid_by_another_amount_than_the_lists_leaves_no_money_unexplained,
    a_big_list_needs_a_second_person,
    what_must_be_mended_stops_a_list_until_it_is_taken_off,
    what_happens_after_the_check_is_found_when_the_list_goes_out,
    an_account_that_bounced_last_month_is_named_before_it_bounces_again,
    money_that_is_not_accounted_for_is_not_reconciled,
    money_that_comes_back_late_is_reconciled_again,
    what_was_sent_is_neither_changed_nor_withdrawn,
    a_bank_acknowledges_its_own_lists_alone,
    a_step_repeated_gives_its_first_answer,
    late_money_of_an_item_counts_as_paid,
}

async fn a_list_goes_its_whole_way_and_every_dong_is_accounted_for(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    let checked = test.step(&list, "check", &json!({"control_count": 2, "control_sum": "10000000"})).await.json(201);
    assert_eq!(checked["check"], json!({"blocking_items": 0, "counts": [], "findings": []}));
    let sent = test.step(&list, "submit", &json!({"advanced": "10000000"})).await.json(201);
    assert_eq!((&sent["status"], &sent["advanced"]), (&json!("submitted"), &json!("10000000")));
    let bank = test.as_role(Role::Bank);
    let path = format!("/v1/lists/{list}/acknowledge");
    let answer = json!({"answer": "partly", "agent_ref": "VCB-114"});
    assert_eq!(bank.post(&path, "ack", &answer).await.json(201)["status"], "acknowledged");

    test.settle(&one, "2025-03-05").await.is(201);
    test.deed(&two, "reject", &rejected()).await.is(201);
    let view = test.list(&list).await;
    let funnel = json!([{"status": "rejected", "items": 1, "sum": "5000000"}, {"status": "settled", "items": 1, "sum": "5000000"}]);
    assert_eq!(view["funnel"], funnel);
    let reconciled = test.step(&list, "reconcile", &json!({"handed_back": "5000000"})).await.json(201);
    assert_eq!(reconciled["paid"], json!({"items": 1, "sum": "5000000"}));
    assert_eq!(reconciled["unpaid"], json!({"items": 1, "sum": "5000000"}));
    assert_eq!(test.step(&list, "close", &json!({})).await.json(201)["status"], "closed");
    assert_eq!(test.list(&list).await["handed_back"], "5000000");
    test.is_sound().await;
}

/// Conservation of each list: what an item was paid beyond the list's money is the recovery's, and what less is handed back.
async fn an_item_paid_by_another_amount_than_the_lists_leaves_no_money_unexplained(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let of = |amount: &str| with(settled("2025-03-05"), &json!({"amount": amount}));
    test.deed(&one, "settle", &of("5300000")).await.refused(409, "amount-differs");
    test.deed(&two, "settle", &of("4900000")).await.refused(409, "amount-differs");
    for payment in [&one, &two] {
        let supplement = (*payment == two).then_some("BS-1");
        let body = json!({"resolution": "made_good", "reason": "asked", "supplement_reference": supplement});
        test.deed(payment, "resolve", &with(body, &json!({}))).await.is(201);
    }
    let short = test.step(&list, "reconcile", &json!({"handed_back": "0"})).await;
    short.refused(422, "list-not-balanced");
    let reconciled = test.step(&list, "reconcile", &json!({"handed_back": "100000"})).await.json(201);
    assert_eq!(reconciled["paid"], json!({"items": 2, "sum": "9900000"}), "of the list's money");
    assert_eq!(test.step(&list, "close", &json!({})).await.json(201)["status"], "closed");
    let found = test.read("/v1/recoveries").await["recoveries"].as_array().unwrap().clone();
    let told: Vec<_> = found.iter().map(|one| (&one["ground"], &one["amount"])).collect();
    assert_eq!(told, [(&json!("paid_too_much"), &json!("300000"))], "the rest of what the agent paid");
    test.is_sound().await;
}

async fn a_big_list_needs_a_second_person(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    test.instruct(&with(pension("P-1", "TK-1"), &json!({"amount": "600000000"}))).await;
    // Prepared by somebody with two keys, who may approve it with neither.
    let key_of = async |label: &str| {
        let new =
            NewKey { role: Role::Supervisor, unit: None, bank: None, label: label.to_owned(), expires_at_us: None };
        test.with_key(&test.app.keys.create(new).await.unwrap())
    };
    let (own, other) = (key_of("Trần Thị Bảy").await, key_of(" trần thị bảy").await);
    let prepared = own.post("/v1/lists", "p", &march()).await.json(201);
    let list = prepared["list_id"].as_str().unwrap().to_owned();
    let approve = format!("/v1/lists/{list}/approve");
    test.clerk().post(&approve, "c", &json!({})).await.refused(403, "role-not-allowed");
    test.step(&list, "submit", &json!({})).await.refused(409, "list-not-checked");
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.refused(409, "list-approval-required");
    for key in [&own, &other] {
        key.post(&approve, "own", &json!({})).await.refused(403, "second-person-required");
    }
    let second = test.with_key(&test.key(Role::Supervisor, None, None).await);
    second.post(&approve, "n", &json!({"control_count": 2})).await.refused(422, "control-count-differs");
    let approved = second.post(&approve, "a", &json!({"control_sum": "600000000"})).await.json(201);
    assert_eq!(approved["status"], "approved");
    let third = test.with_key(&test.key(Role::Supervisor, None, None).await);
    third.post(&approve, "t", &json!({})).await.refused(409, "list-already-approved");
    test.step(&list, "submit", &json!({})).await.is(201);
    test.is_sound().await;
}

async fn what_must_be_mended_stops_a_list_until_it_is_taken_off(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.deed(&one, "hold", &json!({"cause": "who is it?"})).await.is(201);
    let found = test.step(&list, "check", &json!({})).await.json(201);
    assert_eq!(found["check"]["blocking_items"], 1);
    assert_eq!(found["check"]["findings"][0]["code"], "payment-held");
    assert_eq!(found["check"]["findings"][0]["payment_id"], one.as_str());
    test.step(&list, "submit", &json!({})).await.refused(409, "list-has-findings");
    test.supervisor()
        .post(&format!("/v1/lists/{list}/approve"), "a", &json!({}))
        .await
        .refused(409, "list-has-findings");
    let off = json!({"payments": [one], "reason": "held"});
    let shorter = test.step(&list, "remove", &off).await.json(201);
    assert_eq!((&shorter["items"], &shorter["control_sum"]), (&json!(1), &json!("5000000")));
    test.step(&list, "submit", &json!({})).await.refused(409, "list-not-checked");
    test.step(&list, "remove", &off).await.refused(422, "list-item-unknown");
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.is(201);
    let on_it = test.read(&format!("/v1/payments?list={list}")).await;
    assert_eq!(on_it["payments"].as_array().unwrap().len(), 1);
    assert_eq!(on_it["payments"][0]["payment_id"], two.as_str());
    // It was ordered before the list, and stands: it may go on another one.
    assert_eq!(test.payment(&one).await["status"], "instructed");
    test.is_sound().await;
}

async fn what_happens_after_the_check_is_found_when_the_list_goes_out(test: TestApp) {
    let [one, _] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    let person = test.payment(&one).await["beneficiary_id"].as_str().unwrap().to_owned();
    let death = json!({"died_on": "2025-02-10", "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), "d", &death).await.is(201);
    test.step(&list, "submit", &json!({})).await.refused(409, "list-has-findings");
    let found = test.step(&list, "check", &json!({})).await.json(201);
    // What is open for months after the death is held too, as soon as the process that follows the log has come to it.
    let codes: Vec<&str> =
        found["check"]["counts"].as_array().unwrap().iter().map(|count| count["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"beneficiary-deceased"), "{codes:?}");
    assert!(codes.iter().all(|code| ["beneficiary-deceased", "payment-held"].contains(code)), "{codes:?}");
}

async fn an_account_that_bounced_last_month_is_named_before_it_bounces_again(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    for payment in [&one, &two] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    test.days_pass(4);
    test.deed(&one, "return", &returned("2025-03-07")).await.is(201);
    let reissue = json!({"channel": "cash_desk", "due_on": "2025-03-10", "reason": "account closed"});
    test.deed(&one, "reissue", &reissue).await.is(201);
    let next = test.prepared(&april(&list, &json!({}))).await;
    let found = test.step(&next, "check", &json!({})).await.json(201);
    let counts = json!([{"code": "known-bad-account", "blocking": false, "items": 1}]);
    assert_eq!((&found["check"]["counts"], &found["check"]["blocking_items"]), (&counts, &json!(0)));
    assert_eq!(found["check"]["findings"][0]["beneficiary_id"], test.payment(&one).await["beneficiary_id"]);
    // A warning stops nothing.
    test.step(&next, "submit", &json!({})).await.is(201);
}

async fn money_that_is_not_accounted_for_is_not_reconciled(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({"advanced": "9999999"})).await.refused(422, "list-advance-differs");
    test.step(&list, "acknowledge", &json!({"answer": "accepted"})).await.refused(409, "list-step-not-allowed");
    test.step(&list, "submit", &json!({})).await.is(201);
    test.step(&list, "reconcile", &json!({"handed_back": "0"})).await.refused(409, "list-step-not-allowed");
    test.step(&list, "acknowledge", &json!({"answer": "accepted"})).await.is(201);
    test.step(&list, "acknowledge", &json!({"answer": "rejected"})).await.refused(409, "list-already-acknowledged");
    test.settle(&one, "2025-03-05").await.is(201);
    test.step(&list, "reconcile", &json!({"handed_back": "5000000"})).await.refused(409, "list-items-open");
    test.deed(&two, "reject", &rejected()).await.is(201);
    let refused = test.step(&list, "reconcile", &json!({"handed_back": "4000000"})).await;
    let refused = refused.refused(422, "list-not-balanced");
    assert_eq!(refused.errors(), ["/handed_back list-not-balanced"]);
    assert_eq!(
        test.step(&list, "reconcile", &json!({})).await.refused(422, "invalid-input").errors(),
        ["/handed_back missing"]
    );
    test.step(&list, "close", &json!({})).await.refused(409, "list-step-not-allowed");
}

async fn money_that_comes_back_late_is_reconciled_again(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    for payment in [&one, &two] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    test.step(&list, "reconcile", &json!({"handed_back": "0"})).await.is(201);
    test.days_pass(4);
    test.deed(&one, "return", &returned("2025-03-07")).await.is(201);
    test.step(&list, "close", &json!({})).await.refused(409, "list-moved-since-reconciled");
    test.step(&list, "reconcile", &json!({"handed_back": "5000000"})).await.is(201);
    test.step(&list, "close", &json!({})).await.is(201);
    // What comes back after the closing is the payment's own story; the list's account is of its day, and verify knows that.
    test.deed(&two, "return", &returned("2025-03-08")).await.is(201);
    test.is_sound().await;
}

async fn what_was_sent_is_neither_changed_nor_withdrawn(test: TestApp) {
    let [one, _] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    test.step(&list, "remove", &json!({"payments": [one], "reason": "no"})).await.refused(409, "list-step-not-allowed");
    test.step(&list, "withdraw", &json!({"reason": "no"})).await.refused(409, "list-step-not-allowed");
    let missing = "/v1/lists/01960000-0000-7000-8000-000000000000";
    test.clerk().get(missing).await.refused(404, "not-found");
    test.clerk().post(&format!("{missing}/check"), "m", &json!({})).await.refused(404, "not-found");
}

async fn a_bank_acknowledges_its_own_lists_alone(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.is(201);
    let path = format!("/v1/lists/{list}/acknowledge");
    let answer = json!({"answer": "accepted"});
    let other = test.with_key(&test.key(Role::Bank, None, Some("bidv")).await);
    other.post(&path, "o", &answer).await.refused(403, "out-of-your-units");
    test.nobody().post(&path, "n", &answer).await.refused(401, "unauthenticated");
    let bank = test.as_role(Role::Bank);
    bank.post(&format!("/v1/lists/{list}/check"), "c", &json!({})).await.refused(403, "role-not-allowed");
    bank.post(&path, "b", &answer).await.is(201);
    let seen = format!("/v1/lists?min_position={}", test.head().await);
    assert_eq!(bank.get(&seen).await.json(200)["lists"].as_array().unwrap().len(), 1);
    assert_eq!(other.get(&seen).await.json(200)["lists"], json!([]));
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    clerk.get(&format!("/v1/lists/{list}")).await.refused(403, "out-of-your-units");
    clerk.post(&path, "x", &answer).await.refused(403, "out-of-your-units");
    // A list with one item of another district is nobody's of one district alone.
    test.pension_of("HA-1", HOI_AN).await;
    let mixed = json!({"cycle": "2025-03", "channel": "account", "open_payments": true, "unit": "D503"});
    clerk.post("/v1/lists", "own", &mixed).await.is(201);
    clerk.post("/v1/lists", "ward", &with(mixed, &json!({"unit": WARD}))).await.refused(403, "out-of-your-units");
}

async fn a_step_repeated_gives_its_first_answer(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    let path = format!("/v1/lists/{list}/check");
    let first = test.clerk().post(&path, "k", &json!({})).await.is(201);
    let again = test.clerk().post(&path, "k", &json!({})).await.is(201);
    assert!(again.replayed() && !first.replayed());
    assert_eq!(again.body["revision"], first.body["revision"]);
    test.clerk().post(&path, "k", &json!({"control_count": 2})).await.refused(422, "idempotency-key-reused");
    test.clerk().post_without_key(&path, &json!({})).await.refused(400, "idempotency-key-missing");
    let stale = test.clerk().post_if_match(&path, ("s", "\"0\""), &json!({})).await;
    stale.refused(412, "revision-moved");
    // The same again is nothing new.
    let same = test.clerk().post(&path, "other", &json!({})).await.is(200);
    assert_eq!(same.body["changed"], false);
}

async fn late_money_of_an_item_counts_as_paid(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    test.settle(&two, "2025-03-05").await.is(201);
    test.deed(&one, "fail", &json!({"cause": "no_answer"})).await.is(201);
    let reissue = json!({"channel": "cash_desk", "due_on": "2025-03-10", "reason": "no answer"});
    test.deed(&one, "reissue", &reissue).await.is(201);
    let late = with(settled("2025-03-05"), &json!({"attempt": 1}));
    test.deed(&one, "settle", &late).await.is(201);
    test.step(&list, "reconcile", &json!({"handed_back": "5000000"})).await.refused(422, "list-not-balanced");
    test.step(&list, "reconcile", &json!({"handed_back": "0"})).await.is(201);
    test.is_sound().await;
}

#[tokio::test]
async fn a_list_of_the_other_country_goes_its_way_too() {
    let test = spawn_tavaria(Engine::Postgres).await;
    let unit =
        test.app.profile.units.iter().find(|unit| unit.level == "ward" && unit.valid_to.is_none()).unwrap().key.clone();
    let person = json!({"citizen_no": "T1234567", "unit": unit, "channel": "voucher", "effective_month": "2025-01"});
    test.register(&person).await;
    let order = json!({"payment_reference": "W-1", "citizen_no": "T1234567", "benefit_type": "family_grant", "cycle": "2025-03", "amount": "12.50"});
    let payment = test.instruct(&order).await;
    let list = test.prepared(&json!({"cycle": "2025-03", "channel": "voucher", "open_payments": true})).await;
    assert_eq!(test.list(&list).await["control_sum"], "12.50");
    test.sent(&list).await;
    test.settle(&payment, "2025-03-31").await.is(201);
    test.step(&list, "reconcile", &json!({"handed_back": "0"})).await.is(201);
    test.step(&list, "close", &json!({})).await.is(201);
    test.is_sound().await;
}
