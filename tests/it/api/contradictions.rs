//! Reports of another amount than was ordered: recorded at once, on the worklist, and resolved by a person so that no money is lost.

use crate::support::app::{TestApp, spawn_strict};
use crate::support::client::Answer;
use crate::support::engine::Engine;
use crate::support::files::csv;
use crate::support::verbs::{WARD, settled, with};
use crate::support::{on_both_engines, on_every_engine};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    another_amount_is_on_record_and_on_the_worklist_until_it_is_resolved,
    a_dismissed_report_lets_the_payment_go_on,
    a_hold_outlives_a_dismissed_report,
    who_died_while_a_report_waited_is_not_paid_when_it_is_dismissed,
    what_was_paid_too_much_is_recovered,
    what_is_missing_is_ordered_as_a_supplement_by_the_same_request,
    a_supplement_that_cannot_be_ordered_resolves_nothing,
    a_difference_may_be_let_be,
    only_what_is_contradicted_is_resolved_and_nobody_else_goes_on,
    a_resolution_is_of_supervisors_of_the_unit,
    a_row_of_another_amount_is_recorded_with_a_warning,
}

on_both_engines!(a_resolution_waits_for_a_second_person_where_a_correction_does);

/// A pension of 5,000,000 of which another amount was reported as paid.
async fn reported(test: &TestApp, amount: &str) -> String {
    let payment = test.pension_of("TK-1", WARD).await;
    let body = with(settled("2025-03-05"), &json!({"amount": amount}));
    test.deed(&payment, "settle", &body).await.refused(409, "amount-differs");
    payment
}

async fn resolve(test: &TestApp, payment: &str, body: &Value) -> Answer {
    test.deed(payment, "resolve", &with(json!({"reason": "asked the bank"}), body)).await
}

async fn sound(test: &TestApp) {
    test.read("/v1/recoveries").await;
    test.caught_up().await;
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn items(test: &TestApp) -> Vec<Value> {
    test.read("/v1/worklist?kind=amount_differs").await["items"].as_array().unwrap().clone()
}

async fn another_amount_is_on_record_and_on_the_worklist_until_it_is_resolved(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let read = test.payment(&payment).await;
    assert_eq!((&read["status"], &read["held"]), (&json!("instructed"), &json!(true)));
    let evidence = json!({"kind": "camt.054", "reference": "ENTRY-2025-03-05"});
    let open = json!({"attempt": 1, "amount": "4900000", "settled_on": "2025-03-05", "evidence": evidence});
    assert_eq!(read["contradiction"], open);
    assert!(read["timeline"][1]["text"].as_str().unwrap().contains("4900000 VND reported as paid"));
    let work = items(&test).await;
    assert_eq!((work.len(), &work[0]["payment_id"]), (1, &json!(payment)));
    assert_eq!(work[0]["actions"][0]["operation"], "resolvePayment", "{}", work[0]);
    // The same letter again, under its own key and another, records nothing more and settles nothing.
    let head = test.head().await;
    let body = with(settled("2025-03-05"), &json!({"amount": "4900000"}));
    test.deed(&payment, "settle", &body).await.refused(409, "amount-differs");
    assert_eq!(test.head().await, head);
    let path = format!("/v1/payments/{payment}/settle");
    let other = with(settled("2025-03-06"), &json!({"amount": "4900000"}));
    test.supervisor().post(&path, "k", &other).await.refused(409, "second-settlement");
    resolve(&test, &payment, &json!({"resolution": "accepted"})).await.is(201);
    assert_eq!(items(&test).await, Vec::<Value>::new());
}

async fn a_dismissed_report_lets_the_payment_go_on(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let path = format!("/v1/payments/{payment}/resolve");
    let body = json!({"resolution": "dismissed", "reason": "slip of the pen"});
    let first = test.supervisor().post(&path, "k", &body).await.json(201);
    assert_eq!((&first["held"], &first["contradiction"]), (&json!(false), &Value::Null));
    assert!(test.supervisor().post(&path, "k", &body).await.is(201).replayed());
    let other = with(body, &json!({"resolution": "accepted"}));
    test.supervisor().post(&path, "k", &other).await.refused(422, "idempotency-key-reused");
    assert_eq!(test.settle(&payment, "2025-03-05").await.json(201)["status"], "settled");
    sound(&test).await;
}

async fn a_hold_outlives_a_dismissed_report(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "hold", &json!({"cause": "fraud"})).await.is(201);
    let body = with(settled("2025-03-05"), &json!({"amount": "4900000"}));
    test.deed(&payment, "settle", &body).await.refused(409, "amount-differs");
    assert_eq!(items(&test).await.len(), 1);
    resolve(&test, &payment, &json!({"resolution": "dismissed"})).await.is(201);
    let read = test.payment(&payment).await;
    assert_eq!((&read["held"], &read["contradiction"]), (&json!(true), &Value::Null));
    let rows = test.read("/v1/payments?held=true").await["payments"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 1, "the row says so too");
    let work = test.read("/v1/worklist?kind=held").await["items"].as_array().unwrap().len();
    assert_eq!((work, items(&test).await.len()), (1, 0));
    test.deed(&payment, "release", &json!({})).await.is(201);
    assert_eq!(test.payment(&payment).await["held"], false);
    sound(&test).await;
}

async fn who_died_while_a_report_waited_is_not_paid_when_it_is_dismissed(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let person = test.payment(&payment).await["beneficiary_id"].as_str().unwrap().to_owned();
    let death = json!({"died_on": "2025-02-20", "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), "d", &death).await.is(201);
    resolve(&test, &payment, &json!({"resolution": "dismissed"})).await.is(201);
    sound(&test).await;
    assert_eq!(test.payment(&payment).await["held"], true, "nobody pays the dead");
    test.deed(&payment, "release", &json!({})).await.refused(422, "beneficiary-deceased");
}

async fn what_was_paid_too_much_is_recovered(test: TestApp) {
    let payment = reported(&test, "5300000").await;
    let answer = resolve(&test, &payment, &json!({"resolution": "made_good"})).await.json(201);
    assert_eq!((&answer["status"], &answer["amount"]), (&json!("settled"), &json!("5300000")));
    let recoveries = test.read("/v1/recoveries").await["recoveries"].as_array().unwrap().clone();
    assert_eq!(recoveries.len(), 1);
    let found = &recoveries[0];
    assert_eq!((&found["ground"], &found["amount"]), (&json!("paid_too_much"), &json!("300000")));
    sound(&test).await;
    let receive = json!({"received_on": "2025-03-28", "evidence": {"kind": "receipt", "reference": "C-1"}});
    let path = format!("/v1/recoveries/{}/receive", found["recovery_id"].as_str().unwrap());
    test.supervisor().post(&path, &test.fresh(), &receive).await.is(201);
    test.read("/v1/recoveries").await;
    assert_eq!(test.payment(&payment).await["status"], "settled", "what was owed stays paid");
    sound(&test).await;
}

async fn what_is_missing_is_ordered_as_a_supplement_by_the_same_request(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let path = format!("/v1/payments/{payment}/resolve");
    let body = json!({"resolution": "made_good", "reason": "the bank kept a fee", "supplement_reference": "BS-1"});
    let without = with(body.clone(), &json!({"supplement_reference": null}));
    let refused = test.supervisor().post(&path, "a", &without).await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/supplement_reference missing"]);
    let head = test.head().await;
    let done = test.supervisor().post(&path, "k", &body).await.json(201);
    assert_eq!((&done["status"], &done["amount"]), (&json!("settled"), &json!("4900000")));
    let types = test.types_after(head).await;
    assert_eq!(types[..3], ["PaymentContradictionResolved", "PaymentCorrected", "PaymentSettled"], "{types:?}");
    assert_eq!(types.iter().filter(|name| *name == "PaymentInstructed").count(), 1, "{types:?}");
    assert!(test.supervisor().post(&path, "k", &body).await.is(201).replayed());
    let rows = test.read("/v1/payments?kind=supplement").await["payments"].as_array().unwrap().clone();
    let told: Vec<_> = rows.iter().map(|row| (&row["payment_reference"], &row["amount"])).collect();
    assert_eq!(told, [(&json!("BS-1"), &json!("100000"))]);
    assert_eq!(rows[0]["benefit_months"], json!(["2025-03"]));
    sound(&test).await;
}

async fn a_supplement_that_cannot_be_ordered_resolves_nothing(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let head = test.head().await;
    let made_good = json!({"resolution": "made_good", "supplement_reference": "P-TK-1"});
    resolve(&test, &payment, &made_good).await.refused(409, "payment-reference-taken");
    let person = test.payment(&payment).await["beneficiary_id"].as_str().unwrap().to_owned();
    let suspend = json!({"legal_ground": "cannot_be_verified", "from_month": "2025-03"});
    assert_eq!(test.head().await, head);
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/suspend"), "s", &suspend).await.is(201);
    let head = test.head().await;
    let other = json!({"resolution": "made_good", "supplement_reference": "BS-1"});
    resolve(&test, &payment, &other).await.refused(422, "benefit-suspended");
    let over = json!({"resolution": "accepted", "supplement_reference": "BS-1"});
    let refused = resolve(&test, &payment, &over).await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/supplement_reference not-needed"]);
    assert_eq!(test.head().await, head);
    assert_eq!(items(&test).await.len(), 1, "it waits on");
}

async fn a_difference_may_be_let_be(test: TestApp) {
    let payment = reported(&test, "5000001").await;
    let answer = resolve(&test, &payment, &json!({"resolution": "accepted"})).await.json(201);
    assert_eq!((&answer["status"], &answer["amount"]), (&json!("settled"), &json!("5000001")));
    assert_eq!(test.read("/v1/recoveries").await["recoveries"], json!([]));
    let figures = test.read("/v1/adoption?cycle=2025-03").await;
    assert_eq!(figures["groups"][0]["amount"]["denominator"], "5000001");
    sound(&test).await;
}

async fn only_what_is_contradicted_is_resolved_and_nobody_else_goes_on(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    resolve(&test, &payment, &json!({"resolution": "accepted"})).await.refused(409, "nothing-contradicted");
    let refused = resolve(&test, &payment, &json!({"resolution": "forget"})).await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/resolution invalid-value"]);
    let body = with(settled("2025-03-05"), &json!({"amount": "4900000"}));
    test.deed(&payment, "settle", &body).await.refused(409, "amount-differs");
    test.deed(&payment, "release", &json!({})).await.refused(409, "contradiction-open");
    test.deed(&payment, "cancel", &json!({"reason": "x"})).await.refused(409, "contradiction-open");
    test.deed(&payment, "reissue", &json!({"reason": "x"})).await.refused(409, "contradiction-open");
    let amount = json!({"amount": "4900000", "ground": "slip"});
    test.deed(&payment, "correct", &amount).await.refused(409, "contradiction-open");
    test.deed("0195a3c0-1c00-7000-8000-00000000ffff", "resolve", &json!({"resolution": "accepted", "reason": "x"}))
        .await
        .refused(404, "not-found");
}

async fn a_resolution_is_of_supervisors_of_the_unit(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let path = format!("/v1/payments/{payment}/resolve");
    let body = json!({"resolution": "accepted", "reason": "x"});
    test.nobody().post(&path, "n", &body).await.refused(401, "unauthenticated");
    test.as_role(Role::Analyst).post(&path, "a", &body).await.refused(403, "role-not-allowed");
    test.as_role(Role::Clerk).post(&path, "c", &body).await.refused(403, "role-not-allowed");
    let elsewhere = test.key(Role::Supervisor, Some("D503"), None).await;
    test.with_key(&elsewhere).post(&path, "e", &body).await.refused(403, "out-of-your-units");
    let here = test.key(Role::Supervisor, Some("D502"), None).await;
    test.with_key(&here).post(&path, "h", &body).await.is(201);
}

async fn a_row_of_another_amount_is_recorded_with_a_warning(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let content = "payment_reference | status | date | amount\n P-TK-1 | settled | 2025-03-05 | 4.900.000";
    let report = test.supervisor().upload("kind=outcomes", &test.fresh(), csv(content)).await.json(201);
    assert_eq!(report["recorded_rows"], 1, "{report}");
    let warning = report["issues"][0].clone();
    assert_eq!((&warning["severity"], &warning["code"]), (&json!("warning"), &json!("amount-differs")), "{report}");
    assert_eq!(test.payment(&payment).await["contradiction"]["amount"], "4900000");
    let again = csv(&format!("{content}\n"));
    let report = test.supervisor().upload("kind=outcomes&filename=b.csv", &test.fresh(), again).await;
    assert!([200, 201].contains(&report.status), "{}", report.text());
    assert_eq!(items(&test).await.len(), 1);
}

async fn a_resolution_waits_for_a_second_person_where_a_correction_does(engine: Engine) {
    let test = spawn_strict(engine).await;
    let payment = reported(&test, "4900000").await;
    let body = json!({"resolution": "made_good", "supplement_reference": "BS-1"});
    let waits = resolve(&test, &payment, &body).await.json(202);
    assert_eq!((&waits["action"], &waits["amount"]), (&json!("correct_payment"), &json!("5000000")));
    assert_eq!(waits["command"]["command"], "resolve_contradiction");
    assert_eq!(test.payment(&payment).await["status"], "instructed");
    let path = format!("/v1/approvals/{}/grant", waits["approval_id"].as_str().unwrap());
    test.supervisor().post(&path, "own", &json!({})).await.refused(403, "second-person-required");
    let second = test.with_key(&test.key(Role::Supervisor, None, None).await);
    assert_eq!(second.post(&path, "yes", &json!({})).await.json(201)["status"], "used");
    assert_eq!(test.payment(&payment).await["status"], "settled");
    let rows = test.read("/v1/payments?kind=supplement").await["payments"].as_array().unwrap().clone();
    assert_eq!((rows.len(), &rows[0]["amount"]), (1, &json!("100000")));
}
