//! Reports of another amount than was ordered: recorded at once, on the worklist, and resolved by a person so that no money is lost.

use crate::support::app::{TestApp, spawn_strict};
use crate::support::client::Answer;
use crate::support::engine::Engine;
use crate::support::files::csv;
use crate::support::verbs::{WARD, pension, settled, with};
use crate::support::{on_both_engines, on_every_engine};
use chitra::app::access::{Principal, Role};
use chitra::app::execute::{RequestKey, WriteRequest};
use chitra::app::inputs::{InstructInput, PersonName, Route};
use chitra::app::oversight::contradictions::ResolveInput;
use chitra::domain::envelope::Source;
use chitra::domain::ids::{BeneficiaryId, BenefitType, PaymentId, PaymentReference};
use chitra::domain::money::Money;
use chitra::domain::payment::PaymentKind;
use chitra::domain::payment::event::Resolution;
use chitra::domain::period::Month;
use serde_json::{Value, json};

on_every_engine! {
    another_amount_is_on_record_and_on_the_worklist_until_it_is_resolved,
    a_dismissed_report_lets_the_payment_go_on,
    a_hold_outlives_a_dismissed_report,
    who_died_while_a_report_waited_is_not_paid_when_it_is_dismissed,
    what_was_paid_too_much_is_recovered,
    what_is_missing_is_ordered_as_a_supplement_by_the_same_request,
    a_supplement_that_cannot_be_ordered_resolves_nothing,
    a_resolution_that_broke_off_after_its_supplement_is_finished_by_the_same_request_or_refused,
    a_difference_may_be_let_be,
    money_beside_what_another_attempt_paid_is_on_record_and_recovered_as_a_whole,
    of_a_cancelled_payment_whose_month_another_pays_nothing_is_ordered,
    only_what_is_contradicted_is_resolved_and_nobody_else_goes_on,
    a_resolution_is_of_supervisors_of_the_unit,
    a_row_of_another_amount_is_recorded_with_a_warning,
}

on_both_engines!(
    a_resolution_waits_for_a_second_person_where_a_correction_does,
    what_was_consented_to_is_done_or_nothing,
);

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
    let told = ["PaymentInstructed", "PaymentContradictionResolved", "PaymentCorrected", "PaymentSettled"];
    assert_eq!(types, told, "what is missing is ordered before anything is resolved");
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

/// The process died between the two appends: the report still waits.
async fn a_resolution_that_broke_off_after_its_supplement_is_finished_by_the_same_request_or_refused(test: TestApp) {
    let payment = reported(&test, "4900000").await;
    let person = test.payment(&payment).await["beneficiary_id"].as_str().unwrap().to_owned();
    let request = |key: &str| WriteRequest {
        principal: Principal::local("the-test"),
        source: Source::Api,
        idempotency: RequestKey { caller: "the-test".into(), idempotency_key: key.into(), input_hash: [7; 32] },
        if_match: None,
        occurred_at: None,
    };
    let month = Month::parse("2025-03").unwrap();
    let supplement = |reference: &str| InstructInput {
        reference: PaymentReference::parse(reference).unwrap(),
        person: PersonName::Id(BeneficiaryId::parse(&person).unwrap()),
        benefit_type: BenefitType::parse("pension").unwrap(),
        benefit_months: vec![month],
        cycle: month,
        amount: Money { minor: 100_000, currency: test.app.profile.currency.currency },
        unit: None,
        route: Route::default(),
        due_on: None,
        kind: PaymentKind::Supplement,
    };
    let id = PaymentId::parse(&payment).unwrap();
    let input = |reference: &str| ResolveInput {
        resolution: Resolution::MadeGood,
        reason: "the bank kept a fee".into(),
        supplement_reference: PaymentReference::parse(reference).ok(),
    };
    // What was taken back since does not pay what is missing.
    let first = test.app.instruct(&request("a").beside("supplement"), supplement("BS-0")).await.unwrap();
    assert_eq!(items(&test).await.len(), 1, "it waits on");
    let ordered = first.stream.trim_start_matches("payment-").to_owned();
    test.deed(&ordered, "cancel", &json!({"reason": "nobody asked for it"})).await.is(201);
    let refused = test.app.resolve_contradiction(&request("a"), id, input("BS-0")).await.unwrap_err();
    assert_eq!(refused.refusal_code(), Some("contradiction-changed"));
    assert_eq!(items(&test).await.len(), 1, "it waits on");
    // Another one is finished by the same request.
    test.app.instruct(&request("b").beside("supplement"), supplement("BS-1")).await.unwrap();
    test.app.resolve_contradiction(&request("b"), id, input("BS-1")).await.unwrap();
    assert_eq!((test.payment(&payment).await["status"].clone(), items(&test).await), (json!("settled"), vec![]));
    let rows = test.read("/v1/payments?kind=supplement").await["payments"].as_array().unwrap().clone();
    let told: Vec<_> = rows.iter().map(|row| (&row["payment_reference"], &row["status"])).collect();
    assert_eq!(told, [(&json!("BS-0"), &json!("cancelled")), (&json!("BS-1"), &json!("instructed"))]);
    sound(&test).await;
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

/// Attempt 1 was given up, attempt 2 is settled, and then the bank says that it paid another amount by attempt 1.
async fn paid_twice(test: &TestApp) -> String {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "fail", &json!({"cause": "no_answer"})).await.is(201);
    test.deed(&payment, "reissue", &json!({"reason": "no word of it"})).await.is(201);
    let second = with(settled("2025-03-12"), &json!({"evidence": {"kind": "camt.054", "reference": "E-2"}}));
    test.deed(&payment, "settle", &second).await.is(201);
    let first = with(settled("2025-03-05"), &json!({"attempt": 1, "amount": "4900000"}));
    test.deed(&payment, "settle", &first).await.refused(409, "amount-differs");
    payment
}

async fn money_beside_what_another_attempt_paid_is_on_record_and_recovered_as_a_whole(test: TestApp) {
    let payment = paid_twice(&test).await;
    let over = json!({"resolution": "made_good", "supplement_reference": "BS-1"});
    let refused = resolve(&test, &payment, &over).await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/supplement_reference not-needed"]);
    let done = resolve(&test, &payment, &json!({"resolution": "made_good"})).await.json(201);
    assert_eq!((&done["status"], &done["amount"], &done["attempt"]), (&json!("settled"), &json!("5000000"), &json!(2)));
    let found = test.read("/v1/recoveries").await["recoveries"].as_array().unwrap().clone();
    let told: Vec<_> = found.iter().map(|one| (&one["ground"], &one["amount"], &one["attempt"])).collect();
    assert_eq!(told, [(&json!("paid_twice"), &json!("4900000"), &json!(1))]);
    sound(&test).await;
    let receive = json!({"received_on": "2025-03-28", "evidence": {"kind": "receipt", "reference": "C-1"}});
    let path = format!("/v1/recoveries/{}/receive", found[0]["recovery_id"].as_str().unwrap());
    test.supervisor().post(&path, &test.fresh(), &receive).await.is(201);
    sound(&test).await;
    let read = test.payment(&payment).await;
    let states: Vec<_> = read["attempts"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(states, [&json!("returned"), &json!("settled")]);
    let paid: Vec<_> = read["attempts"].as_array().unwrap().iter().map(|one| &one["paid_amount"]).collect();
    assert_eq!(paid, [&json!("4900000"), &json!("5000000")]);
    assert_eq!(test.read("/v1/adoption?cycle=2025-03").await["groups"][0]["amount"]["denominator"], "5000000");
}

async fn of_a_cancelled_payment_whose_month_another_pays_nothing_is_ordered(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "cancel", &json!({"reason": "ordered wrongly"})).await.is(201);
    test.instruct(&pension("P-2", "TK-1")).await;
    let body = with(settled("2025-03-05"), &json!({"amount": "4900000"}));
    test.deed(&payment, "settle", &body).await.refused(409, "amount-differs");
    let over = json!({"resolution": "made_good", "supplement_reference": "BS-1"});
    let head = test.head().await;
    let refused = resolve(&test, &payment, &over).await.refused(422, "invalid-input");
    assert_eq!((refused.errors(), test.head().await), (vec!["/supplement_reference not-needed".to_owned()], head));
    let done = resolve(&test, &payment, &json!({"resolution": "made_good"})).await.json(201);
    assert_eq!((&done["status"], &done["amount"]), (&json!("cancelled"), &json!("5000000")));
    assert_eq!(test.read("/v1/payments?kind=supplement").await["payments"], json!([]));
    let found = test.read("/v1/recoveries").await["recoveries"].as_array().unwrap().clone();
    let told: Vec<_> = found.iter().map(|one| (&one["ground"], &one["amount"])).collect();
    assert_eq!(told, [(&json!("paid_after_cancellation"), &json!("4900000"))]);
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
    let command = &waits["command"];
    assert_eq!(
        (&command["command"], &command["difference_minor"]),
        (&json!("resolve_contradiction"), &json!(-100_000))
    );
    let report = &command["report"];
    assert_eq!((&report["attempt"], &report["amount"]["minor"]), (&json!(1), &json!(4_900_000)));
    assert_eq!(test.payment(&payment).await["status"], "instructed");
    let path = format!("/v1/approvals/{}/grant", waits["approval_id"].as_str().unwrap());
    test.supervisor().post(&path, "own", &json!({})).await.refused(403, "second-person-required");
    let second = test.with_key(&test.key(Role::Supervisor, None, None).await);
    assert_eq!(second.post(&path, "yes", &json!({})).await.json(201)["status"], "used");
    assert_eq!(test.payment(&payment).await["status"], "settled");
    let rows = test.read("/v1/payments?kind=supplement").await["payments"].as_array().unwrap().clone();
    assert_eq!((rows.len(), &rows[0]["amount"]), (1, &json!("100000")));
}

async fn what_was_consented_to_is_done_or_nothing(engine: Engine) {
    let test = spawn_strict(engine).await;
    let payment = reported(&test, "4900000").await;
    let body = json!({"resolution": "made_good", "supplement_reference": "BS-1"});
    let waits = resolve(&test, &payment, &body).await.json(202);
    // Meanwhile the report turns out to be wrong, and another one comes: of that nobody was asked.
    let dismissed = resolve(&test, &payment, &json!({"resolution": "dismissed"})).await.json(202);
    let second = test.with_key(&test.key(Role::Supervisor, None, None).await);
    let grant = |waits: &Value| format!("/v1/approvals/{}/grant", waits["approval_id"].as_str().unwrap());
    assert_eq!(second.post(&grant(&dismissed), "a", &json!({})).await.json(201)["status"], "used");
    let evidence = json!({"kind": "camt.054", "reference": "ENTRY-2"});
    let other = with(settled("2025-03-05"), &json!({"amount": "1000000", "evidence": evidence}));
    test.deed(&payment, "settle", &other).await.refused(409, "amount-differs");
    let head = test.head().await;
    let answer = second.post(&grant(&waits), "b", &json!({})).await.json(201);
    assert_eq!(
        (&answer["status"], &answer["failure"]),
        (&json!("failed"), &json!("contradiction-changed")),
        "{answer}"
    );
    assert_eq!(test.types_after(head).await, ["ApprovalGranted", "ApprovalFailed"]);
    assert_eq!(items(&test).await.len(), 1, "it waits on");
    assert_eq!(test.read("/v1/payments?kind=supplement").await["payments"], json!([]));
    sound(&test).await;
}
