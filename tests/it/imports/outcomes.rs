//! Files of outcomes.

use super::{issues, three_payments, upload};
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::settled;
use serde_json::json;

on_every_engine! {
    outcomes_of_every_kind_are_recorded,
    settled_and_then_returned_stand_in_one_file,
    an_outcome_that_the_log_has_already_is_unchanged,
    an_outcome_is_found_by_its_end_to_end_id,
    an_unknown_reference_is_refused,
    a_contradiction_is_refused_and_says_where_the_payment_stands,
    another_amount_than_ordered_is_a_warning_and_waits,
}

async fn outcomes_of_every_kind_are_recorded(test: TestApp) {
    three_payments(&test).await;
    let content = "
        payment_reference | status       | date       | reason
        P-1               | accepted     | 2025-03-04 |
        P-1               | Thành công   | 05/03/2025 |
        P-2               | Từ chối      | 2025-03-04 | AC01
        P-3               | Chưa nhận    | 2025-03-25 |";
    let report = upload(&test, "kind=outcomes", content).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["errors"]), (&json!(4), &json!(0)));
    let list = test.read("/v1/payments").await;
    let of = |row: usize, member: &str| list["payments"][row][member].clone();
    assert_eq!((of(0, "status"), of(0, "settled_on")), (json!("settled"), json!("2025-03-05")));
    assert_eq!(
        (of(1, "status"), of(1, "reason_class"), of(1, "reason_code")),
        (json!("rejected"), json!("account_data"), json!("AC01"))
    );
    assert_eq!((of(2, "status"), of(2, "reason_class")), (json!("failed"), json!("unclaimed")));
}

async fn settled_and_then_returned_stand_in_one_file(test: TestApp) {
    three_payments(&test).await;
    let content = "
        payment_reference | status   | date       | reason
        P-1               | settled  | 2025-03-05 |
        P-2               | settled  | 2025-03-05 |
        P-1               | returned | 2025-03-07 | AC04";
    assert_eq!(upload(&test, "kind=outcomes", content).await.json(201)["recorded_rows"], 3);
    let list = test.read("/v1/payments").await;
    assert_eq!(
        (&list["payments"][0]["status"], &list["payments"][1]["status"]),
        (&json!("returned"), &json!("settled"))
    );
    // The same told again in another file, a row longer: the old rows say nothing new.
    let longer = format!("{content}\n        P-3 | settled | 2025-03-06 |");
    let report = upload(&test, "kind=outcomes", &longer).await.json(201);
    assert_eq!(
        (&report["recorded_rows"], &report["unchanged_rows"], &report["errors"]),
        (&json!(1), &json!(3), &json!(0))
    );
}

async fn an_outcome_that_the_log_has_already_is_unchanged(test: TestApp) {
    three_payments(&test).await;
    let id =
        test.read("/v1/payments?payment_reference=P-1").await["payments"][0]["payment_id"].as_str().unwrap().to_owned();
    test.deed(&id, "settle", &settled("2025-03-05")).await.is(201);
    let content = "payment_reference | status | date\n P-1 | settled | 2025-03-05\n P-2 | settled | 2025-03-05";
    let report = upload(&test, "kind=outcomes", content).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["unchanged_rows"]), (&json!(1), &json!(1)));
    let repeated = "payment_reference | status | date\n P-3 | rejected | 2025-03-05\n P-3 | rejected | 2025-03-05";
    let report = upload(&test, "kind=outcomes", repeated).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["unchanged_rows"]), (&json!(1), &json!(1)));
}

async fn an_outcome_is_found_by_its_end_to_end_id(test: TestApp) {
    three_payments(&test).await;
    let id = test.read("/v1/payments?payment_reference=P-2").await["payments"][0]["end_to_end_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let content = format!("end_to_end_id | status | date\n {id} | settled | 2025-03-05");
    upload(&test, "kind=outcomes", &content).await.is(201);
    assert_eq!(test.read("/v1/payments?payment_reference=P-2").await["payments"][0]["status"], "settled");
    let content = "end_to_end_id | status | date\n 123 | settled | 2025-03-05";
    assert_eq!(
        issues(&upload(&test, "kind=outcomes", content).await.json(422)),
        ["2 end_to_end_id end-to-end-id-invalid"]
    );
}

async fn an_unknown_reference_is_refused(test: TestApp) {
    three_payments(&test).await;
    let content = "payment_reference | status | date\n P-9 | settled | 2025-03-05\n P-1 | paid | 2025-03-05\n | settled | 2025-03-05";
    let report = upload(&test, "kind=outcomes", content).await.json(422);
    assert_eq!(
        issues(&report),
        ["2 payment_reference payment-unknown", "3 status code-unknown", "4 payment_reference cell-missing"]
    );
    assert_eq!(report["issues"][0]["found"], "P-9");
}

async fn a_contradiction_is_refused_and_says_where_the_payment_stands(test: TestApp) {
    three_payments(&test).await;
    let id =
        test.read("/v1/payments?payment_reference=P-1").await["payments"][0]["payment_id"].as_str().unwrap().to_owned();
    test.settle(&id, "2025-03-05").await.is(201);
    let head = test.head().await;
    let content = "payment_reference | status | date | reason\n P-1 | rejected | 2025-03-06 | AC01\n P-1 | settled | 2025-03-06 |\n P-2 | returned | 2025-03-06 | AC04";
    let report = upload(&test, "kind=outcomes", content).await.json(422);
    assert_eq!(
        issues(&report),
        ["2 status impossible-order", "3 status second-settlement", "4 status transition-not-allowed"]
    );
    assert!(report["issues"][0]["message"].as_str().unwrap().contains("settled"));
    assert_eq!(test.head().await, head);
}

async fn another_amount_than_ordered_is_a_warning_and_waits(test: TestApp) {
    three_payments(&test).await;
    let content = "payment_reference | status | date | amount\n P-1 | settled | 2025-03-05 | 4999999\n P-2 | settled | 2025-03-05 | 6.500.000";
    let report = upload(&test, "kind=outcomes&dry_run=true", content).await.json(200);
    assert_eq!(issues(&report), ["2 amount amount-differs"]);
    assert_eq!((&report["errors"], &report["warnings"]), (&json!(0), &json!(1)), "{report}");
    upload(&test, "kind=outcomes", content).await.is(201);
    let list = test.read("/v1/payments?held=true").await;
    assert_eq!(list["payments"][0]["payment_reference"], "P-1");
}
