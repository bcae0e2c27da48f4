//! Four eyes: what one person asks for and another must consent to.

use crate::support::app::{TestApp, spawn_tavaria};
use crate::support::client::{Answer, Client};
use crate::support::engine::Engine;
use crate::support::on_every_engine_strictly;
use crate::support::verbs::{WARD, by_account, pension, settled};
use chitra::app::access::Role;
use chitra::app::keys::NewKey;
use chitra::domain::approval::event::ApprovalGranted;
use chitra::domain::approval::{Approval, ApprovalEvent};
use chitra::store::{Append, StreamState};
use serde_json::{Value, json};

on_every_engine_strictly! {
    a_correction_waits_until_another_person_consents,
    nobody_consents_to_what_they_asked_for,
    what_is_not_possible_is_not_asked_for,
    what_is_not_possible_any_more_fails_and_is_not_tried_again,
    a_request_can_be_declined_and_taken_back,
    consent_that_comes_too_late_is_refused,
    a_write_off_waits_too,
    consent_that_broke_off_is_carried_out_by_whoever_follows_the_log,
    a_clerk_asks_and_a_supervisor_of_the_unit_consents,
    approvals_are_listed_by_state,
    erasing_waits_until_another_supervisor_of_the_unit_consents,
    erasing_fails_when_a_payment_came_under_way_meanwhile,
    an_operator_sees_and_decides_nothing_of_the_units,
}

fn by(amount: &str) -> Value {
    json!({"amount": amount, "ground": "slip of the pen"})
}

async fn ask(test: &TestApp, payment: &str, key: &str) -> Answer {
    test.supervisor().post(&format!("/v1/payments/{payment}/correct"), key, &by("5100000")).await
}

async fn second(test: &TestApp) -> Client {
    test.with_key(&test.key(Role::Supervisor, None, None).await)
}

async fn grant(client: &Client, test: &TestApp, approval: &Value) -> Answer {
    let id = approval["approval_id"].as_str().unwrap();
    client.post(&format!("/v1/approvals/{id}/grant"), &test.fresh(), &json!({})).await
}

async fn a_correction_waits_until_another_person_consents(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let waits = ask(&test, &payment, "ask").await.is(202);
    let id = waits.body["approval_id"].as_str().unwrap().to_owned();
    assert_eq!(waits.header("location"), format!("/v1/approvals/{id}"));
    assert_eq!((&waits.body["status"], &waits.body["action"]), (&json!("pending"), &json!("correct_payment")));
    assert_eq!(test.payment(&payment).await["amount"], "5000000");
    let again = ask(&test, &payment, "ask").await.is(202);
    assert!(again.replayed());
    assert_eq!(again.body["approval_id"], waits.body["approval_id"]);
    let other = test.supervisor().post(&format!("/v1/payments/{payment}/correct"), "ask", &by("1")).await;
    other.refused(422, "idempotency-key-reused");

    let head = second(&test).await;
    let path = format!("/v1/approvals/{id}/grant");
    let granted = head.post(&path, "yes", &json!({"note": "compared"})).await.json(201);
    assert_eq!((&granted["status"], &granted["failure"]), (&json!("used"), &Value::Null));
    assert_eq!(test.payment(&payment).await["amount"], "5100000");
    let repeated = head.post(&path, "yes", &json!({"note": "compared"})).await.is(201);
    assert!(repeated.replayed());
    assert_eq!(head.post(&path, "yes-again", &json!({})).await.json(200)["status"], "used");
    assert_eq!(test.payment(&payment).await["revision"], 1, "it was carried out once");
    // The same request gives its first answer, though nothing waits any more.
    assert!(ask(&test, &payment, "ask").await.is(202).replayed());
}

async fn nobody_consents_to_what_they_asked_for(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let new = || NewKey { role: Role::Supervisor, unit: None, bank: None, label: String::new(), expires_at_us: None };
    let (one, other) = (test.key_of("Lan", new()).await, test.key_of(" LAN ", new()).await);
    let path = format!("/v1/payments/{payment}/correct");
    let waits = test.with_key(&one).post(&path, "ask", &by("5100000")).await.json(202);
    for key in [one, other] {
        let refused = grant(&test.with_key(&key), &test, &waits).await.refused(403, "second-person-required");
        assert_eq!(refused.errors(), [" second-person-required"]);
    }
    grant(&second(&test).await, &test, &waits).await.is(201);
}

async fn what_is_not_possible_is_not_asked_for(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    ask(&test, &payment, "k").await.refused(409, "amount-after-settlement");
    let path = format!("/v1/payments/{payment}/correct");
    let nothing = json!({"benefit_months": ["2025-03"], "ground": "slip"});
    test.supervisor().post(&path, "n", &nothing).await.refused(422, "nothing-to-correct");
    let stale = json!({"payment_reference": "P-X", "ground": "slip"});
    let request = test.supervisor().request(reqwest::Method::POST, &path).header("If-Match", "\"9\"");
    let request = request.header("Idempotency-Key", "m").json(&stale);
    crate::support::client::send(request).await.refused(412, "revision-moved");
}

async fn what_is_not_possible_any_more_fails_and_is_not_tried_again(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let waits = ask(&test, &payment, "k").await.json(202);
    test.deed(&payment, "settle", &settled("2025-03-05")).await.is(201);
    let head = second(&test).await;
    let failed = grant(&head, &test, &waits).await.json(201);
    assert_eq!((&failed["status"], &failed["failure"]), (&json!("failed"), &json!("amount-after-settlement")));
    grant(&head, &test, &waits).await.refused(409, "approval-closed");
    assert_eq!(test.payment(&payment).await["amount"], "5000000");
}

async fn a_request_can_be_declined_and_taken_back(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let head = second(&test).await;
    for (key, client) in [("one", &head), ("two", &test.supervisor())] {
        let waits = ask(&test, &payment, key).await.json(202);
        let id = waits["approval_id"].as_str().unwrap();
        let path = format!("/v1/approvals/{id}/decline");
        let declined = client.post(&path, &test.fresh(), &json!({"reason": "the first is right"})).await.json(201);
        assert_eq!(declined["status"], "declined");
        grant(&head, &test, &waits).await.refused(409, "approval-closed");
    }
    let missing = head.post("/v1/approvals/0198a000-0000-7000-8000-000000000000/grant", "g", &json!({})).await;
    missing.refused(404, "not-found");
    head.get("/v1/approvals/x").await.refused(404, "not-found");
}

async fn consent_that_comes_too_late_is_refused(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let waits = ask(&test, &payment, "k").await.json(202);
    test.days_pass(15);
    let head = second(&test).await;
    grant(&head, &test, &waits).await.refused(409, "approval-expired");
    let id = waits["approval_id"].as_str().unwrap();
    assert_eq!(head.get(&format!("/v1/approvals/{id}")).await.json(200)["status"], "expired");
    assert_eq!(test.read("/v1/approvals?status=expired").await["approvals"].as_array().unwrap().len(), 1);
    assert_eq!(test.read("/v1/approvals?status=pending").await["approvals"], json!([]));
}

async fn a_write_off_waits_too(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    let death = json!({"died_on": "2025-02-27", "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), "d", &death).await.is(201);
    let found = test.read("/v1/recoveries").await["recoveries"][0].clone();
    let path = format!("/v1/recoveries/{}/write-off", found["recovery_id"].as_str().unwrap());
    let waits = test.supervisor().post(&path, "w", &json!({"reason": "no estate"})).await.json(202);
    assert_eq!((&waits["action"], &waits["amount"]), (&json!("write_off_recovery"), &json!("5000000")));
    assert!(test.supervisor().post(&path, "w", &json!({"reason": "no estate"})).await.is(202).replayed());
    assert_eq!(grant(&second(&test).await, &test, &waits).await.json(201)["status"], "used");
    let found = test.read("/v1/recoveries?status=written_off").await["recoveries"][0].clone();
    assert_eq!((&found["outstanding"], &found["written_off"]), (&json!("0"), &json!("5000000")));
    test.supervisor().post(&path, "x", &json!({"reason": "again"})).await.is(200);
}

/// The consent is in the log, and the process died before it carried the command out.
async fn consent_that_broke_off_is_carried_out_by_whoever_follows_the_log(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let waits = ask(&test, &payment, "k").await.json(202);
    let stream = format!("approval-{}", waits["approval_id"].as_str().unwrap());
    let granted = ApprovalEvent::Granted(ApprovalGranted { granted_by: "head".to_owned(), note: None });
    let event = chitra::app::execute::event_data::<Approval>(&granted, uuid::Uuid::from_u128(77), b"{}".to_vec());
    test.app.store.append_to_stream(Append::events(&stream, StreamState::Revision(0), vec![event])).await.unwrap();
    for _ in 0..100 {
        if test.payment(&payment).await["amount"] == "5100000" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(test.payment(&payment).await["amount"], "5100000");
    test.read("/v1/recoveries").await;
    assert_eq!(test.payment(&payment).await["revision"], 1);
}

async fn a_clerk_asks_and_a_supervisor_of_the_unit_consents(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let waits = clerk.post(&format!("/v1/payments/{payment}/correct"), "c", &by("5100000")).await.json(202);
    let clerk_two = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    grant(&clerk_two, &test, &waits).await.refused(403, "role-not-allowed");
    let elsewhere = test.with_key(&test.key(Role::Supervisor, Some("D503"), None).await);
    grant(&elsewhere, &test, &waits).await.refused(403, "out-of-your-units");
    let id = waits["approval_id"].as_str().unwrap();
    let decline = format!("/v1/approvals/{id}/decline");
    clerk_two.post(&decline, "n", &json!({"reason": "no"})).await.refused(403, "out-of-your-units");
    assert_eq!(elsewhere.get("/v1/approvals").await.json(200)["approvals"], json!([]));
    let head = test.with_key(&test.key(Role::Supervisor, Some("D502"), None).await);
    assert_eq!(grant(&head, &test, &waits).await.json(201)["status"], "used");
    test.nobody().get("/v1/approvals").await.refused(401, "unauthenticated");
    test.as_role(Role::Analyst).get("/v1/approvals").await.refused(403, "role-not-allowed");
}

async fn approvals_are_listed_by_state(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let first = ask(&test, &payment, "one").await.json(202);
    ask(&test, &payment, "two").await.is(202);
    grant(&second(&test).await, &test, &first).await.is(201);
    let used = test.read("/v1/approvals?status=used").await;
    assert_eq!(used["approvals"][0]["approval_id"], first["approval_id"]);
    let page = test.read("/v1/approvals?limit=1").await;
    assert_eq!(page["approvals"].as_array().unwrap().len(), 1);
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(test.read(&format!("/v1/approvals?cursor={next}")).await["approvals"].as_array().unwrap().len(), 1);
    let wrong = test.supervisor().get("/v1/approvals?status=gone").await.refused(422, "invalid-input");
    assert_eq!(wrong.errors(), ["/status invalid-value"]);
    let csv = test.supervisor().get("/v1/approvals?format=csv").await.is(200);
    assert!(csv.text().contains("correct_payment"));
}

fn erasure() -> Value {
    json!({"ground": "retention_ended", "note": "118/QD"})
}

/// Whether the vault holds anything on a person.
async fn is_held(test: &TestApp, person: &str) -> bool {
    test.app.vault.holdings(person.parse().unwrap()).await.unwrap().is_some()
}

async fn erasing_waits_until_another_supervisor_of_the_unit_consents(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{person}/erase");
    let asker = test.with_key(&test.key(Role::Supervisor, Some("D502"), None).await);
    let waits = asker.post(&path, "e", &erasure()).await.json(202);
    assert_eq!((&waits["action"], &waits["amount"]), (&json!("erase_personal"), &Value::Null));
    assert_eq!(waits["object"], json!(format!("beneficiary-{person}")));
    assert!(asker.post(&path, "e", &erasure()).await.is(202).replayed());
    assert!(is_held(&test, &person).await, "nothing is destroyed before somebody consents");
    grant(&asker, &test, &waits).await.refused(403, "second-person-required");
    let elsewhere = test.with_key(&test.key(Role::Supervisor, Some("D503"), None).await);
    grant(&elsewhere, &test, &waits).await.refused(403, "out-of-your-units");
    let listed = test.read("/v1/worklist?kind=approval").await;
    assert_eq!(listed["items"][0]["object_id"], waits["approval_id"]);
    let granted = grant(&second(&test).await, &test, &waits).await.json(201);
    assert_eq!((&granted["status"], &granted["failure"]), (&json!("used"), &Value::Null));
    assert!(!is_held(&test, &person).await);
    let erased = test.types_after(0).await.into_iter().filter(|event| event == "PersonalDataErased").count();
    assert_eq!(erased, 1);
    // Again: it was erased before, which waits for nobody.
    asker.post(&path, "again", &erasure()).await.is(200);
    let stale = test.supervisor().post_if_match(&path, ("m", "\"9\""), &erasure()).await;
    stale.refused(412, "revision-moved");
}

async fn erasing_fails_when_a_payment_came_under_way_meanwhile(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{person}/erase");
    let waits = test.supervisor().post(&path, "e", &erasure()).await.json(202);
    test.instruct(&pension("P-1", "TK-1")).await;
    let failed = grant(&second(&test).await, &test, &waits).await.json(201);
    assert_eq!((&failed["status"], &failed["failure"]), (&json!("failed"), &json!("payments-open")));
    assert!(is_held(&test, &person).await);
    // What is not possible is not asked for.
    test.supervisor().post(&path, "f", &erasure()).await.refused(409, "payments-open");
}

async fn an_operator_sees_and_decides_nothing_of_the_units(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let waits = ask(&test, &payment, "one").await.json(202);
    let operator = test.as_role(Role::Operator);
    let id = waits["approval_id"].as_str().unwrap();
    assert_eq!(operator.get("/v1/approvals").await.json(200)["approvals"], json!([]));
    operator.get(&format!("/v1/approvals/{id}")).await.refused(403, "out-of-your-units");
    operator.get("/v1/approvals?unit=D502").await.refused(403, "out-of-your-units");
    grant(&operator, &test, &waits).await.refused(403, "out-of-your-units");
    let decline = format!("/v1/approvals/{id}/decline");
    operator.post(&decline, "n", &json!({"reason": "no"})).await.refused(403, "out-of-your-units");
}

#[tokio::test]
async fn another_country_lets_one_person_correct_small_amounts() {
    let test = spawn_tavaria(Engine::SqliteMemory).await;
    test.register(&json!({"beneficiary_ref": "CARD-1", "unit": "N1", "channel": "mobile_money", "bank": "tavcell", "account": "5550001"})).await;
    let order = json!({"payment_reference": "W-1", "beneficiary_ref": "CARD-1", "benefit_type": "family_grant", "cycle": "2025-03", "amount": "120.50"});
    let payment = test.instruct(&order).await;
    let small = json!({"amount": "121.00", "ground": "slip"});
    test.deed(&payment, "correct", &small).await.is(201);
    let large = json!({"amount": "10000.00", "ground": "slip"});
    test.deed(&payment, "correct", &large).await.is(202);
}
