//! How far a key reaches: a clerk's units, a bank's payments.

use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, settled, with};
use chitra::app::access::Role;
use serde_json::json;

on_every_engine! {
    a_clerk_of_tam_ky_neither_reads_nor_writes_hoi_an,
    a_clerk_lists_and_counts_own_units_only,
    a_correction_may_not_carry_a_payment_out_of_the_callers_units,
    a_clerk_of_the_successor_sees_what_was_inherited,
    a_split_unit_is_seen_by_who_holds_all_its_parts_alone,
    a_bank_reports_on_its_own_payments_only,
    a_bank_lists_its_own_payments_only,
    the_feed_is_not_cut_by_unit_and_so_not_shown_to_a_key_with_one,
}

async fn clerk_of(test: &TestApp, unit: &str) -> Client {
    test.with_key(&test.key(Role::Clerk, Some(unit), None).await)
}

async fn a_clerk_of_tam_ky_neither_reads_nor_writes_hoi_an(test: TestApp) {
    let clerk = clerk_of(&test, "D502").await;
    let other = test.register(&by_account("HA-1", HOI_AN)).await;
    let payment = test.instruct(&pension("P-HA-1", "HA-1")).await;
    let before = test.head().await;

    clerk.get(&format!("/v1/beneficiaries/{other}")).await.refused(403, "out-of-your-units");
    clerk.get(&format!("/v1/payments/{payment}")).await.refused(403, "out-of-your-units");
    clerk.get(&format!("/v1/payments?unit={HOI_AN}")).await.refused(403, "out-of-your-units");
    clerk.get(&format!("/v1/adoption?unit={HOI_AN}")).await.refused(403, "out-of-your-units");
    clerk.post("/v1/beneficiaries", "r", &by_account("HA-2", HOI_AN)).await.refused(403, "out-of-your-units");
    clerk
        .post("/v1/payments", "i", &with(pension("P-2", "HA-1"), &json!({"cycle": "2025-04"})))
        .await
        .refused(403, "out-of-your-units");
    clerk
        .post(&format!("/v1/payments/{payment}/settle"), "s", &settled("2025-03-05"))
        .await
        .refused(403, "out-of-your-units");
    clerk
        .post(&format!("/v1/payments/{payment}/cancel"), "c", &json!({"reason": "no"}))
        .await
        .refused(403, "out-of-your-units");
    clerk
        .post(&format!("/v1/payments/{payment}/reissue"), "n", &json!({"reason": "no"}))
        .await
        .refused(403, "out-of-your-units");
    let death = json!({"died_on": "2025-03-01", "source": "family"});
    clerk.post(&format!("/v1/beneficiaries/{other}/death"), "d", &death).await.refused(403, "out-of-your-units");
    assert_eq!(test.head().await, before, "nothing was recorded");

    clerk.post("/v1/beneficiaries", "own", &by_account("TK-1", WARD)).await.is(201);
    clerk.post("/v1/payments", "own-2", &pension("P-TK-1", "TK-1")).await.is(201);
}

async fn a_clerk_lists_and_counts_own_units_only(test: TestApp) {
    let own = test.pension_of("TK-1", WARD).await;
    let other = test.pension_of("HA-1", HOI_AN).await;
    for payment in [&own, &other] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    let clerk = clerk_of(&test, "D502").await;
    let seen = format!("min_position={}", test.head().await);

    let list = clerk.get(&format!("/v1/payments?{seen}")).await.json(200);
    assert_eq!(list["payments"].as_array().unwrap().len(), 1);
    assert_eq!(list["payments"][0]["payment_id"], own.as_str());
    let figure = clerk.get(&format!("/v1/adoption?{seen}")).await.json(200);
    assert_eq!(figure["groups"][0]["people"]["denominator"], 1);
    let all = test.read("/v1/adoption").await;
    assert_eq!(all["groups"][0]["people"]["denominator"], 2);
}

async fn a_correction_may_not_carry_a_payment_out_of_the_callers_units(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let supervisor = test.with_key(&test.key(Role::Supervisor, Some("D502"), None).await);
    let path = format!("/v1/payments/{payment}/correct");
    supervisor.post(&path, "out", &json!({"unit": HOI_AN, "ground": "slip"})).await.refused(403, "out-of-your-units");
    let moved = supervisor.post(&path, "in", &json!({"unit": COMMUNE, "ground": "slip"})).await.json(201);
    assert_eq!(moved["unit"], "C20359");
}

async fn a_clerk_of_the_successor_sees_what_was_inherited(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let successor = {
        let units = &test.app.profile.units;
        units.successors("C20341").next().unwrap().successor.as_str().to_owned()
    };
    let clerk = clerk_of(&test, &successor).await;
    assert_eq!(clerk.get(&format!("/v1/payments/{payment}")).await.json(200)["unit"], "C20341");
    let list = clerk.get(&format!("/v1/payments?min_position={}", test.head().await)).await.json(200);
    assert_eq!(list["payments"].as_array().unwrap().len(), 1);
}

/// Hoa Lien (C20296) was split between two communes of the new Da Nang.
async fn a_split_unit_is_seen_by_who_holds_all_its_parts_alone(test: TestApp) {
    let payment = test.pension_of("HL-1", "20296").await;
    let position = format!("min_position={}", test.head().await);
    for (scope, sees) in
        [("C20194@20250701", false), ("C20197@20250701", false), ("P48@20250701", true), ("P48", true), ("P49", false)]
    {
        let clerk = clerk_of(&test, scope).await;
        let read = clerk.get(&format!("/v1/payments/{payment}")).await;
        assert_eq!(read.status, if sees { 200 } else { 403 }, "{scope}: {}", read.text());
        let list = clerk.get(&format!("/v1/payments?{position}")).await.json(200);
        assert_eq!(list["payments"].as_array().unwrap().len(), usize::from(sees), "{scope}");
        let figures = clerk.get(&format!("/v1/settlement?cycle=2025-03&{position}")).await.json(200);
        let counted = figures["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["instructed"]["payments"].as_i64().unwrap_or(0))
            .sum::<i64>();
        assert_eq!(counted, i64::from(sees), "{scope}: {figures}");
    }
}

async fn a_bank_reports_on_its_own_payments_only(test: TestApp) {
    let own = test.pension_of("TK-1", WARD).await;
    test.register(&with(by_account("TK-2", WARD), &json!({"bank": "bidv"}))).await;
    let other = test.instruct(&pension("P-TK-2", "TK-2")).await;
    test.register(&in_cash("TK-3", WARD)).await;
    let cash = test.instruct(&pension("P-TK-3", "TK-3")).await;
    let bank = test.as_role(Role::Bank);

    bank.post(&format!("/v1/payments/{own}/accept"), "a", &json!({})).await.is(201);
    bank.post(&format!("/v1/payments/{own}/settle"), "b", &settled("2025-03-05")).await.is(201);
    assert_eq!(test.payment(&own).await["timeline"][1]["source"], "bank");
    for payment in [&other, &cash] {
        bank.get(&format!("/v1/payments/{payment}")).await.refused(403, "out-of-your-units");
        bank.post(&format!("/v1/payments/{payment}/reject"), "c", &rejected()).await.refused(403, "out-of-your-units");
    }
    bank.post(&format!("/v1/payments/{own}/cancel"), "d", &json!({"reason": "no"}))
        .await
        .refused(403, "role-not-allowed");
}

async fn a_bank_lists_its_own_payments_only(test: TestApp) {
    let own = test.pension_of("TK-1", WARD).await;
    test.register(&with(by_account("TK-2", WARD), &json!({"bank": "bidv"}))).await;
    test.instruct(&pension("P-TK-2", "TK-2")).await;
    let bank = test.as_role(Role::Bank);
    let seen = format!("min_position={}", test.head().await);

    let list = bank.get(&format!("/v1/payments?{seen}")).await.json(200);
    assert_eq!(list["payments"].as_array().unwrap().len(), 1);
    assert_eq!(list["payments"][0]["payment_id"], own.as_str());
    bank.get(&format!("/v1/payments?{seen}&bank=bidv")).await.refused(403, "out-of-your-units");
}

async fn the_feed_is_not_cut_by_unit_and_so_not_shown_to_a_key_with_one(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    clerk_of(&test, "D502").await.get("/v1/events").await.refused(403, "role-not-allowed");
    test.as_role(Role::Clerk).get("/v1/events").await.is(200);
}
