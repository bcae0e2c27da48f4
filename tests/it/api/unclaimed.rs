//! Cash that nobody collects: the figure, and the halt after months of it.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, in_cash, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    cash_is_halted_after_six_months_that_nobody_collected,
    unclaimed_cash_is_a_share_of_all_cash,
}

/// A cash pension of a month, and whether it was collected.
async fn month(test: &TestApp, month: &str) -> String {
    let order = with(pension(&format!("P-{month}"), "TK-1"), &json!({"cycle": month, "benefit_months": [month]}));
    test.instruct(&order).await
}

async fn cash_is_halted_after_six_months_that_nobody_collected(test: TestApp) {
    test.register(&in_cash("TK-1", WARD)).await;
    let mut ids = Vec::new();
    for name in ["2024-08", "2024-09", "2024-10", "2024-11", "2024-12", "2025-01"] {
        let id = month(&test, name).await;
        test.deed(&id, "fail", &json!({"cause": "unclaimed"})).await.is(201);
        ids.push(id);
    }
    let found = test.read("/v1/unclaimed?unit=20341").await;
    assert_eq!((&found["people_halted"], &found["unclaimed_months_max"]), (&json!(1), &json!(6)));
    let february = with(pension("P-2025-02", "TK-1"), &json!({"cycle": "2025-02"}));
    let refused = test.supervisor().post("/v1/payments", "f", &february).await.refused(422, "unclaimed-halted");
    assert_eq!(refused.errors(), ["/channel unclaimed-halted"]);
    // The person was found: one of them is paid after all, and the row is broken.
    test.deed(&ids[5], "reissue", &json!({"channel": "cash_desk", "reason": "was in hospital"})).await.is(201);
    test.read("/v1/payments").await;
    test.supervisor().post("/v1/payments", "f", &february).await.is(201);
    assert_eq!(test.read("/v1/unclaimed").await["people_halted"], 0);
}

async fn unclaimed_cash_is_a_share_of_all_cash(test: TestApp) {
    let mut ids = Vec::new();
    for name in ["TK-1", "TK-2", "TK-3"] {
        test.register(&in_cash(name, WARD)).await;
        ids.push(test.instruct(&pension(&format!("P-{name}"), name)).await);
    }
    test.pension_of("TK-9", WARD).await;
    let before = test.head().await;
    test.deed(&ids[0], "fail", &json!({"cause": "unclaimed"})).await.is(201);
    let found = test.read("/v1/unclaimed?cycle=2025-03&group_by=unit").await;
    let group = &found["groups"][0];
    assert_eq!(group["attempts"], json!({"numerator": 1, "denominator": 3, "ratio": "0.333333"}));
    assert_eq!(group["amount"]["numerator"], "5000000");
    let then = test.read(&format!("/v1/unclaimed?as_of_position={before}")).await;
    assert_eq!((&then["groups"][0]["attempts"]["numerator"], &then["people_halted"]), (&json!(0), &Value::Null));
    let csv = test.supervisor().get("/v1/unclaimed?format=csv").await.is(200).text();
    assert!(csv.contains("1,3,0.333333,5000000,15000000"), "{csv}");
    test.as_role(Role::Bank).get("/v1/unclaimed").await.refused(403, "role-not-allowed");
    test.nobody().get("/v1/unclaimed").await.refused(401, "unauthenticated");
}
