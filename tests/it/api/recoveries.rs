//! Money that is out beyond what is owed: found by itself, asked back, received, given up, and gone when the money came back.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, by_account, pension, returned, settled, with};
use chitra::app::access::Role;
use chitra::app::oversight::Cause;
use chitra::domain::ids::PaymentId;
use serde_json::{Value, json};
use uuid::Uuid;

on_every_engine! {
    march_is_recovered_when_a_death_in_february_is_told_late,
    a_settlement_that_comes_after_the_death_was_recorded_is_recovered,
    what_is_open_for_months_after_death_is_held,
    of_two_months_only_the_one_after_death_is_recovered,
    money_that_is_out_twice_is_recovered_once_however_often_it_is_looked_at,
    a_return_ends_the_recovery_and_says_what_is_to_be_paid_back,
    a_recovery_that_was_received_whole_returns_the_payment,
    money_of_a_cancelled_payment_whose_month_another_has_is_recovered,
    parts_are_received_and_never_more_than_is_outstanding,
    what_is_outstanding_is_written_off,
    a_person_finds_what_the_records_do_not_tell,
    nobody_acts_on_recoveries_of_other_units,
    what_is_missing_or_wrong_is_told_at_once,
    months_after_death_are_not_corrected_into_an_open_payment,
    suspended_months_are_not_corrected_into_an_open_payment,
    a_person_is_handed_out_with_recoveries_and_not_erased_while_one_is_open,
}

async fn death(test: &TestApp, person: &str, died_on: &str) {
    let body = json!({"died_on": died_on, "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), &test.fresh(), &body).await.is(201);
}

async fn recoveries(test: &TestApp) -> Vec<Value> {
    test.read("/v1/recoveries").await["recoveries"].as_array().unwrap().clone()
}

/// The only recovery.
async fn recovery(test: &TestApp) -> Value {
    let mut all = recoveries(test).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.pop().unwrap()
}

async fn act(test: &TestApp, recovery: &Value, deed: &str, body: &Value) -> crate::support::client::Answer {
    let id = recovery["recovery_id"].as_str().unwrap();
    test.supervisor().post(&format!("/v1/recoveries/{id}/{deed}"), &test.fresh(), body).await
}

fn receipt(reference: &str, amount: &str) -> Value {
    json!({"amount": amount, "received_on": "2025-03-28", "evidence": {"kind": "receipt", "reference": reference}})
}

/// Someone whose pension of March was settled; the person and the payment.
async fn paid(test: &TestApp) -> (String, String) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    (person, payment)
}

async fn march_is_recovered_when_a_death_in_february_is_told_late(test: TestApp) {
    let (person, payment) = paid(&test).await;
    assert_eq!(recoveries(&test).await.len(), 0);
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    for (member, expected) in [
        ("payment_id", json!(payment)),
        ("ground", json!("paid_after_death")),
        ("months", json!(["2025-03"])),
        ("amount", json!("5000000")),
        ("outstanding", json!("5000000")),
        ("status", json!("found")),
        ("unit", json!("C20341")),
        ("attempt", json!(1)),
    ] {
        assert_eq!(found[member], expected, "{member}");
    }
    let id = found["recovery_id"].as_str().unwrap();
    let events =
        test.app.store.read_stream(&format!("recovery-{id}"), None, chitra::store::Direction::Forwards, 10).await;
    let metadata: Value = serde_json::from_slice(&events.unwrap()[0].metadata).unwrap();
    assert_eq!((&metadata["actor"], &metadata["source"]), (&json!("chitra"), &json!("process")));
    assert!(metadata["causation_id"].is_string(), "it says which event it follows from");
}

async fn a_settlement_that_comes_after_the_death_was_recorded_is_recovered(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    death(&test, &person, "2025-02-27").await;
    assert_eq!(recoveries(&test).await.len(), 0);
    test.settle(&payment, "2025-03-05").await.is(201);
    assert_eq!(recovery(&test).await["ground"], "paid_after_death");
}

async fn what_is_open_for_months_after_death_is_held(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let march = test.instruct(&pension("P-1", "TK-1")).await;
    let february = with(pension("P-2", "TK-1"), &json!({"benefit_months": ["2025-02"]}));
    let february = test.instruct(&february).await;
    death(&test, &person, "2025-02-27").await;
    test.read("/v1/recoveries").await;
    assert_eq!(test.payment(&march).await["held"], true);
    assert_eq!(test.payment(&february).await["held"], false, "the month of death is owed");
    let held = test.read("/v1/payments?held=true").await;
    assert_eq!(held["payments"].as_array().unwrap().len(), 1);
    assert_eq!(held["payments"][0]["payment_id"], march.as_str());
    test.deed(&march, "release", &json!({})).await.refused(422, "beneficiary-deceased");
    test.deed(&march, "cancel", &json!({"reason": "died"})).await.is(201);
}

async fn of_two_months_only_the_one_after_death_is_recovered(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let two = json!({"benefit_months": ["2025-02", "2025-03"], "amount": "10000001"});
    let payment = test.instruct(&with(pension("P-1", "TK-1"), &two)).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    assert_eq!((&found["months"], &found["amount"]), (&json!(["2025-03"]), &json!("5000000")));
    act(&test, &found, "receive", &receipt("C-1", "5000000")).await.is(201);
    test.read("/v1/recoveries").await;
    assert_eq!(test.payment(&payment).await["status"], "settled", "February was owed and stays paid");
}

/// A payment whose attempts 1 and 2 are both out.
async fn paid_twice(test: &TestApp) -> String {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "fail", &json!({"cause": "no_answer"})).await.is(201);
    test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "no answer"})).await.is(201);
    let paid = json!({"settled_on": "2025-03-10", "evidence": {"kind": "receipt", "reference": "C72-17"}});
    test.deed(&payment, "settle", &paid).await.is(201);
    test.deed(&payment, "settle", &with(settled("2025-03-05"), &json!({"attempt": 1}))).await.is(201);
    payment
}

async fn money_that_is_out_twice_is_recovered_once_however_often_it_is_looked_at(test: TestApp) {
    let payment = paid_twice(&test).await;
    let found = recovery(&test).await;
    assert_eq!((&found["ground"], &found["attempt"]), (&json!("paid_twice"), &json!(1)));
    let head = test.head().await;
    // Another process that knows nothing of what was done, and the same one again, at once.
    let twin = test.twin().await;
    let id = PaymentId::parse(&payment).unwrap();
    let cause = Cause { event_id: Uuid::from_u128(1), correlation_id: Uuid::from_u128(1) };
    for _ in 0..3 {
        let (here, there) = tokio::join!(test.app.reconcile(id, cause), twin.reconcile(id, cause));
        assert_eq!((here.unwrap(), there.unwrap()), (0, 0));
    }
    assert_eq!(test.head().await, head, "nothing was written again");
    assert_eq!(recoveries(&test).await.len(), 1);
    assert_eq!(test.payment(&payment).await["status"], "settled");
}

async fn a_return_ends_the_recovery_and_says_what_is_to_be_paid_back(test: TestApp) {
    let payment = paid_twice(&test).await;
    let found = recovery(&test).await;
    act(&test, &found, "receive", &receipt("C-1", "2000000")).await.is(201);
    test.deed(&payment, "return", &with(returned("2025-03-20"), &json!({"attempt": 1}))).await.is(201);
    let ended = recovery(&test).await;
    assert_eq!(
        (&ended["status"], &ended["outstanding"], &ended["refund"]),
        (&json!("lapsed"), &json!("0"), &json!("2000000"))
    );
    act(&test, &ended, "receive", &receipt("C-2", "1")).await.refused(409, "recovery-closed");
}

async fn a_recovery_that_was_received_whole_returns_the_payment(test: TestApp) {
    let (person, payment) = paid(&test).await;
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    let body = json!({"received_on": "2025-03-28", "evidence": {"kind": "receipt", "reference": "C-1"}});
    assert_eq!(act(&test, &found, "receive", &body).await.json(201)["outstanding"], "0");
    let after = recovery(&test).await;
    assert_eq!((&after["status"], &after["refund"]), (&json!("received"), &json!("0")));
    let read = test.payment(&payment).await;
    assert_eq!(read["status"], "returned");
    assert_eq!(read["timeline"][2]["source"], "process");
    let adoption = test.read("/v1/adoption?cycle=2025-03").await;
    assert_eq!(adoption["groups"][0]["amount"]["denominator"], "0", "nothing of it is live any more");
}

async fn money_of_a_cancelled_payment_whose_month_another_has_is_recovered(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "cancel", &json!({"reason": "asked"})).await.is(201);
    test.instruct(&pension("P-2", "TK-1")).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    assert_eq!(recovery(&test).await["ground"], "paid_after_cancellation");
}

async fn parts_are_received_and_never_more_than_is_outstanding(test: TestApp) {
    let (person, _) = paid(&test).await;
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    let letter = json!({"demanded_on": "2025-03-20", "due_on": "2025-04-20", "reference": "118/BHXH"});
    assert_eq!(act(&test, &found, "demand", &letter).await.json(201)["status"], "demanded");
    assert_eq!(act(&test, &found, "demand", &letter).await.json(200)["changed"], false);
    let part = act(&test, &found, "receive", &receipt("C-1", "3000000")).await.json(201);
    assert_eq!((&part["status"], &part["outstanding"]), (&json!("demanded"), &json!("2000000")));
    assert_eq!(act(&test, &found, "receive", &receipt("C-1", "3000000")).await.json(200)["changed"], false);
    act(&test, &found, "receive", &receipt("C-1", "1")).await.refused(409, "recovery-receipt-used");
    let more = act(&test, &found, "receive", &receipt("C-2", "2000001")).await;
    assert_eq!(more.refused(422, "recovery-amount-too-large").errors(), ["/amount recovery-amount-too-large"]);
    act(&test, &found, "receive", &receipt("C-2", "0")).await.refused(422, "amount-not-positive");
    let whole = act(&test, &found, "receive", &receipt("C-2", "2000000")).await.json(201);
    assert_eq!(whole["status"], "received");
    act(&test, &found, "demand", &json!({"reference": "119/BHXH"})).await.refused(409, "recovery-closed");
    let id = found["recovery_id"].as_str().unwrap();
    let read = test.supervisor().get(&format!("/v1/recoveries/{id}")).await.json(200);
    assert_eq!(read["receipts"].as_array().unwrap().len(), 2);
    let listed = test.read("/v1/recoveries?status=found").await;
    assert_eq!(listed["recoveries"], json!([]));
}

async fn what_is_outstanding_is_written_off(test: TestApp) {
    let (person, payment) = paid(&test).await;
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    act(&test, &found, "receive", &receipt("C-1", "1000000")).await.is(201);
    let gone = act(&test, &found, "write-off", &json!({"reason": "no estate"})).await.json(201);
    assert_eq!(
        (&gone["status"], &gone["written_off"], &gone["outstanding"]),
        (&json!("written_off"), &json!("4000000"), &json!("0"))
    );
    assert_eq!(act(&test, &found, "write-off", &json!({"reason": "again"})).await.json(200)["changed"], false);
    test.read("/v1/recoveries").await;
    assert_eq!(test.payment(&payment).await["status"], "settled");
    // Where the profile asks for no second person, a clerk cannot do it alone.
    let id = found["recovery_id"].as_str().unwrap();
    let clerk = test.as_role(Role::Clerk);
    let path = format!("/v1/recoveries/{id}/write-off");
    clerk.post(&path, "c", &json!({"reason": "x"})).await.refused(403, "role-not-allowed");
}

async fn a_person_finds_what_the_records_do_not_tell(test: TestApp) {
    let (_, payment) = paid(&test).await;
    let supervisor = test.supervisor();
    let finding = json!({"payment_id": payment, "ground": "wrong_amount", "amount": "500000"});
    let found = supervisor.post("/v1/recoveries", "find", &finding).await.is(201);
    assert_eq!(found.body["status"], "found");
    assert!(supervisor.post("/v1/recoveries", "find", &finding).await.is(201).replayed());
    supervisor
        .post("/v1/recoveries", "find", &with(finding.clone(), &json!({"amount": "1"})))
        .await
        .refused(422, "idempotency-key-reused");
    let rest = json!({"payment_id": payment, "ground": "not_entitled"});
    supervisor.post("/v1/recoveries", "k2", &rest).await.refused(422, "recovery-amount-too-large");
    let other = with(rest.clone(), &json!({"months": ["2025-04"], "amount": "1"}));
    supervisor.post("/v1/recoveries", "k3", &other).await.refused(422, "recovery-other-months");
    let nothing = with(rest.clone(), &json!({"amount": "0"}));
    supervisor.post("/v1/recoveries", "k4", &nothing).await.refused(422, "amount-not-positive");
    let open = test.instruct(&with(pension("P-2", "TK-1"), &json!({"cycle": "2025-04"}))).await;
    let early = json!({"payment_id": open, "ground": "not_entitled"});
    supervisor.post("/v1/recoveries", "k5", &early).await.refused(409, "recovery-nothing-out");
    let nobodys = with(rest.clone(), &json!({"payment_id": "0197d1a2-5c3e-7f10-8a44-1f0b2c3d4e5f"}));
    supervisor.post("/v1/recoveries", "k7", &nobodys).await.refused(404, "not-found");
    let automatic = with(rest, &json!({"ground": "paid_twice"}));
    let answer = supervisor.post("/v1/recoveries", "k6", &automatic).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/ground invalid-value"]);
    // It lapses by itself when the payment comes back.
    test.deed(&payment, "return", &returned("2025-03-20")).await.is(201);
    assert_eq!(recovery(&test).await["status"], "lapsed");
}

async fn nobody_acts_on_recoveries_of_other_units(test: TestApp) {
    let (person, payment) = paid(&test).await;
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    let id = found["recovery_id"].as_str().unwrap();
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    for deed in ["demand", "receive", "write-off"] {
        let body = match deed {
            "demand" => json!({"reference": "1"}),
            "receive" => receipt("C-1", "1"),
            _ => json!({"reason": "x"}),
        };
        let answer = clerk.post(&format!("/v1/recoveries/{id}/{deed}"), &test.fresh(), &body).await;
        answer.refused(403, "out-of-your-units");
    }
    clerk.get(&format!("/v1/recoveries/{id}")).await.refused(403, "out-of-your-units");
    let finding = json!({"payment_id": payment, "ground": "not_entitled"});
    clerk.post("/v1/recoveries", "f", &finding).await.refused(403, "out-of-your-units");
    clerk.get("/v1/recoveries?unit=D502").await.refused(403, "out-of-your-units");
    assert_eq!(clerk.get("/v1/recoveries").await.json(200)["recoveries"], json!([]));
    assert_eq!(test.read(&format!("/v1/recoveries?unit={HOI_AN}")).await["recoveries"], json!([]));
    for (role, path) in
        [(Role::Analyst, "/v1/recoveries"), (Role::Bank, "/v1/recoveries"), (Role::Operator, "/v1/recoveries")]
    {
        test.as_role(role).get(path).await.refused(403, "role-not-allowed");
    }
    let auditor = test.as_role(Role::Auditor);
    auditor.get(&format!("/v1/recoveries/{id}")).await.is(200);
    auditor
        .post(&format!("/v1/recoveries/{id}/demand"), "a", &json!({"reference": "1"}))
        .await
        .refused(403, "role-not-allowed");
    test.nobody().get("/v1/recoveries").await.refused(401, "unauthenticated");
}

async fn what_is_missing_or_wrong_is_told_at_once(test: TestApp) {
    let id = "0198a000-0000-5000-8000-000000000000";
    let supervisor = test.supervisor();
    supervisor.get(&format!("/v1/recoveries/{id}")).await.refused(404, "not-found");
    supervisor
        .post(&format!("/v1/recoveries/{id}/demand"), "d", &json!({"reference": "1"}))
        .await
        .refused(404, "not-found");
    supervisor
        .post(&format!("/v1/recoveries/{id}/write-off"), "w", &json!({"reason": "x"}))
        .await
        .refused(404, "not-found");
    let answer = supervisor.post(&format!("/v1/recoveries/{id}/receive"), "r", &json!({})).await;
    assert_eq!(answer.refused(422, "invalid-input").errors(), ["/evidence missing", "/received_on missing"]);
    let answer = supervisor.post("/v1/recoveries", "f", &json!({"months": ["x"]})).await;
    let errors = answer.refused(422, "invalid-input").errors();
    assert_eq!(errors, ["/ground missing", "/months invalid-value", "/payment_id missing"]);
    let answer = supervisor.get("/v1/recoveries?status=gone&payment_id=x").await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/payment_id invalid-value", "/status invalid-value"]);
    let (person, _) = paid(&test).await;
    death(&test, &person, "2025-02-27").await;
    let found = recovery(&test).await;
    let future = with(receipt("C-1", "1"), &json!({"received_on": "2026-01-01"}));
    let answer = act(&test, &found, "receive", &future).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/received_on date-in-future"]);
}

async fn months_after_death_are_not_corrected_into_an_open_payment(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let body = with(pension("P-1", "TK-1"), &json!({"benefit_months": ["2025-02"]}));
    let payment = test.instruct(&body).await;
    death(&test, &person, "2025-02-27").await;
    let correction = json!({"benefit_months": ["2025-03"], "ground": "slip of the pen"});
    test.deed(&payment, "correct", &correction).await.refused(422, "beneficiary-deceased");
    test.settle(&payment, "2025-03-05").await.is(201);
    test.deed(&payment, "correct", &correction).await.is(201);
    assert_eq!(recovery(&test).await["months"], json!(["2025-03"]));
    let back = json!({"benefit_months": ["2025-02"], "ground": "it was right"});
    test.deed(&payment, "correct", &back).await.is(201);
    assert_eq!(recovery(&test).await["status"], "lapsed");
}

async fn suspended_months_are_not_corrected_into_an_open_payment(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    let suspend = json!({"legal_ground": "cannot_be_verified", "from_month": "2025-04"});
    let path = |deed: &str| format!("/v1/beneficiaries/{person}/{deed}");
    test.supervisor().post(&path("suspend"), &test.fresh(), &suspend).await.is(201);
    let correct = json!({"benefit_months": ["2025-03", "2025-04"], "ground": "list of Tet"});
    let refused = test.deed(&payment, "correct", &correct).await.refused(422, "benefit-suspended");
    assert_eq!(refused.errors(), ["/benefit_months benefit-suspended"]);
    let resume = json!({"from_month": "2025-05", "arrears": true});
    test.supervisor().post(&path("resume"), &test.fresh(), &resume).await.is(201);
    test.deed(&payment, "correct", &correct).await.refused(422, "owed-as-arrears");
    let before = json!({"benefit_months": ["2025-02"], "ground": "slip"});
    test.deed(&payment, "correct", &before).await.is(201);
}

async fn a_person_is_handed_out_with_recoveries_and_not_erased_while_one_is_open(test: TestApp) {
    let (person, payment) = paid(&test).await;
    death(&test, &person, "2025-02-27").await;
    let path = format!("/v1/beneficiaries/{person}/erase");
    let erase = json!({"ground": "retention_ended"});
    // It is not opened yet, perhaps, but follows from the log.
    test.supervisor().post(&path, &test.fresh(), &erase).await.refused(409, "recoveries-open");
    let found = recovery(&test).await;
    test.supervisor().post(&path, &test.fresh(), &erase).await.refused(409, "recoveries-open");
    act(&test, &found, "receive", &receipt("C-1", "2000000")).await.is(201);

    let export = format!("/v1/beneficiaries/{person}/export?purpose=person_asks");
    let told = test.supervisor().get(&export).await.json(200)["recoveries"].as_array().unwrap().clone();
    assert_eq!(told.len(), 1);
    for (member, expected) in [
        ("recovery_id", found["recovery_id"].clone()),
        ("payment_id", json!(payment)),
        ("ground", json!("paid_after_death")),
        ("status", json!("found")),
        ("outstanding", json!("3000000")),
    ] {
        assert_eq!(told[0][member], expected, "{member}");
    }
    let types: Vec<&Value> = told[0]["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["OverpaymentFound", "RecoveryReceived"]);

    act(&test, &found, "receive", &receipt("C-2", "3000000")).await.is(201);
    test.read("/v1/recoveries").await;
    test.supervisor().post(&path, &test.fresh(), &erase).await.is(201);
    assert_eq!(test.supervisor().get(&export).await.json(200)["recoveries"][0]["status"], "received");
}
