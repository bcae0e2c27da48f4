//! What opens something to a bank, or changes what its messages come to, waits for another operator; what closes does not.

use crate::support::app::TestApp;
use crate::support::banks::{bank, call, key, message, pair, token};
use crate::support::client::{Answer, Client};
use crate::support::on_every_engine_strictly;
use chitra::app::access::Role;
use chitra::app::keys::NewKey;
use chitra::domain::approval::event::ApprovalGranted;
use chitra::domain::approval::{Approval, ApprovalEvent};
use chitra::store::{Append, StreamState};
use serde_json::{Value, json};

on_every_engine_strictly! {
    a_bank_is_registered_and_its_key_added_once_another_operator_consents,
    nobody_consents_with_a_key_of_the_same_person_or_without_the_role,
    a_key_is_disabled_by_one_operator_at_once,
    what_was_asked_of_an_entry_that_has_changed_fails,
    a_shared_secret_and_an_account_stand_in_no_event_and_go_when_declined,
    consent_that_comes_too_late_or_to_a_revoked_asker_is_refused,
    consent_to_a_bank_that_broke_off_is_carried_out_by_whoever_follows_the_log,
    the_lists_of_units_and_of_operators_are_apart,
}

const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ACCOUNT: &str = "1100229988776";

async fn other(test: &TestApp) -> Client {
    test.with_key(&test.key(Role::Operator, None, None).await)
}

async fn grant(client: &Client, test: &TestApp, asked: &Value) -> Answer {
    let id = asked["approval_id"].as_str().unwrap();
    client.post(&format!("/v1/approvals/{id}/grant"), &test.fresh(), &json!({})).await
}

async fn decline(client: &Client, test: &TestApp, asked: &Value) -> Answer {
    let id = asked["approval_id"].as_str().unwrap();
    client.post(&format!("/v1/approvals/{id}/decline"), &test.fresh(), &json!({"reason": "not agreed"})).await
}

async fn ask(test: &TestApp, path: &str, body: &Value) -> Value {
    test.as_role(Role::Operator).post(path, &test.fresh(), body).await.json(202)
}

/// Asks and has it consented to.
async fn change(test: &TestApp, path: &str, body: &Value) -> Value {
    let asked = ask(test, path, body).await;
    let granted = grant(&other(test).await, test, &asked).await.json(201);
    assert_eq!((&granted["status"], &granted["failure"]), (&json!("used"), &Value::Null), "{path}");
    granted
}

/// A bank's first key, as it is sent.
fn own_key(id: &str) -> Value {
    json!({"key_id": format!("{id}-1"), "algorithm": "EdDSA", "key": key("k", &pair(id)).material})
}

fn orders() -> Value {
    json!({"form": "pain.001.001.09", "payer": "BHXH", "account": ACCOUNT})
}

async fn banks(test: &TestApp) -> Value {
    test.as_role(Role::Operator).get("/v1/banks").await.json(200)["banks"].clone()
}

async fn a_bank_is_registered_and_its_key_added_once_another_operator_consents(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let register = json!({"bank": "vcb"});
    let asked = operator.post("/v1/banks", "b", &register).await.is(202);
    let id = asked.body["approval_id"].as_str().unwrap().to_owned();
    assert_eq!(asked.header("location"), format!("/v1/approvals/{id}"));
    assert_eq!((&asked.body["action"], &asked.body["object"]), (&json!("change_bank"), &json!("bank-vcb")));
    assert_eq!((&asked.body["unit"], &asked.body["amount"]), (&Value::Null, &Value::Null));
    assert!(operator.post("/v1/banks", "b", &register).await.is(202).replayed());
    operator.post("/v1/banks", "b", &json!({"bank": "bidv"})).await.refused(422, "idempotency-key-reused");
    // What is not possible yet is not asked for.
    operator.post("/v1/banks/vcb/keys", "k", &own_key("vcb")).await.refused(404, "bank-not-registered");
    assert_eq!(banks(&test).await, json!([]));
    let granted = grant(&other(&test).await, &test, &asked.body).await.json(201);
    assert_eq!(granted["status"], "used");
    assert_eq!(grant(&other(&test).await, &test, &asked.body).await.json(200)["status"], "used");
    assert_eq!(banks(&test).await[0]["bank"], "vcb");
    assert_eq!(test.app.read_whole_stream("bank-vcb").await.unwrap().len(), 1, "it was carried out once");
    // The same again changes nothing and waits for nobody.
    operator.post("/v1/banks", "c", &register).await.is(200);

    let asked = ask(&test, "/v1/banks/vcb/keys", &own_key("vcb")).await;
    let body = message("M1", &[]).to_string().into_bytes();
    let signed = token(&test, "vcb", &body);
    call(&test, "vcb", (&signed, &body)).await.refused(401, "signature-key-unknown");
    grant(&other(&test).await, &test, &asked).await.is(201);
    call(&test, "vcb", (&signed, &body)).await.is(202);
    // In the audit both stand as changes of the bank, by the one who asked.
    let lines = test
        .as_role(Role::Auditor)
        .get(&format!("/v1/audit?kind=bank_change&min_position={}", test.head().await))
        .await;
    let lines = lines.json(200)["entries"].clone();
    assert_eq!(lines.as_array().unwrap().iter().filter(|line| line["actor"] == asked["requested_by"]).count(), 2);
}

async fn nobody_consents_with_a_key_of_the_same_person_or_without_the_role(test: TestApp) {
    let new = || NewKey { role: Role::Operator, unit: None, bank: None, label: String::new(), expires_at_us: None };
    let (one, same) = (test.key_of("Minh", new()).await, test.key_of(" MINH ", new()).await);
    let asker = test.with_key(&one);
    let asked = asker.post("/v1/banks", "b", &json!({"bank": "vcb"})).await.json(202);
    for client in [&asker, &test.with_key(&same)] {
        grant(client, &test, &asked).await.refused(403, "second-person-required");
    }
    grant(&test.supervisor(), &test, &asked).await.refused(403, "out-of-your-units");
    for role in [Role::Clerk, Role::Auditor, Role::Analyst, Role::Bank] {
        grant(&test.as_role(role), &test, &asked).await.refused(403, "role-not-allowed");
    }
    assert_eq!(banks(&test).await, json!([]));
    grant(&other(&test).await, &test, &asked).await.is(201);
}

async fn a_key_is_disabled_by_one_operator_at_once(test: TestApp) {
    change(&test, "/v1/banks", &json!({"bank": "vcb"})).await;
    change(&test, "/v1/banks/vcb/keys", &own_key("vcb")).await;
    let operator = test.as_role(Role::Operator);
    operator.post("/v1/banks/vcb/disable-key", "d", &json!({"key_id": "vcb-1"})).await.is(201);
    let body = message("M1", &[]).to_string().into_bytes();
    call(&test, "vcb", (&token(&test, "vcb", &body), &body)).await.refused(401, "signature-key-not-in-force");
    // It does not come back by a second person's consent either.
    let again = json!({"key_id": "vcb-2", "algorithm": "EdDSA", "key": own_key("vcb")["key"]});
    operator.post("/v1/banks/vcb/keys", "k", &again).await.refused(409, "bank-key-registered");
}

async fn what_was_asked_of_an_entry_that_has_changed_fails(test: TestApp) {
    change(&test, "/v1/banks", &json!({"bank": "vcb"})).await;
    let first = json!({"bank": "vcb", "expected": [{"by": "08:00", "days": "every_day"}]});
    let second = json!({"bank": "vcb", "expected": [{"by": "09:00", "days": "every_day"}]});
    let (one, two) = (ask(&test, "/v1/banks", &first).await, ask(&test, "/v1/banks", &second).await);
    assert_eq!(one["command"]["before"]["bank"], "vcb", "whoever consents sees what it was and what it is to be");
    let head = other(&test).await;
    assert_eq!(grant(&head, &test, &one).await.json(201)["status"], "used");
    let failed = grant(&head, &test, &two).await.json(201);
    assert_eq!((&failed["status"], &failed["failure"]), (&json!("failed"), &json!("bank-changed")));
    assert_eq!(banks(&test).await[0]["expected"][0]["by"], "08:00");
    // The same of orders; and a key whose id was given meanwhile.
    let table = json!({"form": "table", "payer": "BHXH"});
    let (one, two) =
        (ask(&test, "/v1/banks/vcb/orders", &orders()).await, ask(&test, "/v1/banks/vcb/orders", &table).await);
    grant(&head, &test, &one).await.is(201);
    assert_eq!(grant(&head, &test, &two).await.json(201)["failure"], "bank-changed");
    let taken = json!({"key_id": "vcb-1", "algorithm": "HS256", "key": SECRET});
    let (one, two) =
        (ask(&test, "/v1/banks/vcb/keys", &own_key("vcb")).await, ask(&test, "/v1/banks/vcb/keys", &taken).await);
    grant(&head, &test, &one).await.is(201);
    assert_eq!(grant(&head, &test, &two).await.json(201)["failure"], "bank-key-id-taken");
}

async fn a_shared_secret_and_an_account_stand_in_no_event_and_go_when_declined(test: TestApp) {
    change(&test, "/v1/banks", &json!({"bank": "vcb"})).await;
    let secret = json!({"key_id": "s1", "algorithm": "HS256", "key": SECRET});
    let asked = ask(&test, "/v1/banks/vcb/keys", &secret).await;
    let sealed: uuid::Uuid = asked["command"]["key"]["secret_ref"].as_str().unwrap().parse().unwrap();
    let held = async || test.app.registry.vault_records(&[sealed]).await.unwrap()[0].is_some();
    assert!(held().await);
    assert_eq!(decline(&test.as_role(Role::Operator), &test, &asked).await.json(201)["status"], "declined");
    assert!(!held().await, "what nobody consented to is destroyed");
    let other_secret = json!({"key_id": "s2", "algorithm": "HS256", "key": SECRET});
    change(&test, "/v1/banks/vcb/keys", &other_secret).await;
    let granted = change(&test, "/v1/banks/vcb/orders", &orders()).await;
    let listed = banks(&test).await;
    assert_eq!((&listed[0]["keys"][0]["key_id"], &listed[0]["orders"]["has_account"]), (&json!("s2"), &json!(true)));
    // Of two ways with one account the account stays, whatever becomes of the second.
    let again = json!({"form": "pain.001.001.11", "payer": "BHXH"});
    let asked = ask(&test, "/v1/banks/vcb/orders", &again).await;
    decline(&other(&test).await, &test, &asked).await.is(201);
    let account = granted["command"]["after"]["account_ref"].as_str().unwrap().parse().unwrap();
    assert!(test.app.registry.vault_records(&[account]).await.unwrap()[0].is_some());
    for planted in [SECRET, ACCOUNT] {
        for event in test.events_after(0).await {
            assert!(!String::from_utf8_lossy(&event.data).contains(planted), "{planted} in {}", event.event_type);
        }
        assert!(!listed.to_string().contains(planted) && !granted.to_string().contains(planted));
    }
    let at = test.app.known_bank(&bank("vcb")).await.unwrap().unwrap();
    assert_eq!(at.keys.len(), 1, "the secret that was consented to opens");
}

async fn consent_that_comes_too_late_or_to_a_revoked_asker_is_refused(test: TestApp) {
    let asked = ask(&test, "/v1/banks", &json!({"bank": "vcb"})).await;
    let gone = test.key(Role::Operator, None, None).await;
    let key_id = gone.split('_').nth(1).unwrap();
    let of_gone = test.with_key(&gone).post("/v1/banks", "g", &json!({"bank": "bidv"})).await.json(202);
    assert!(test.app.keys.revoke(key_id).await.unwrap());
    let head = other(&test).await;
    grant(&head, &test, &of_gone).await.refused(409, "approval-asker-revoked");
    assert_eq!(decline(&head, &test, &of_gone).await.json(201)["status"], "declined");
    test.days_pass(8);
    grant(&head, &test, &asked).await.refused(409, "approval-expired");
    assert_eq!(banks(&test).await, json!([]));
    let path = format!("/v1/approvals?status=expired&min_position={}", test.head().await);
    assert_eq!(head.get(&path).await.json(200)["approvals"][0]["object"], "bank-vcb");
}

/// The consent is in the log, and the process died before it carried the change out.
async fn consent_to_a_bank_that_broke_off_is_carried_out_by_whoever_follows_the_log(test: TestApp) {
    let asked = ask(&test, "/v1/banks", &json!({"bank": "vcb"})).await;
    let stream = format!("approval-{}", asked["approval_id"].as_str().unwrap());
    let granted = ApprovalEvent::Granted(ApprovalGranted { granted_by: "another".to_owned(), note: None });
    let event = chitra::app::execute::event_data::<Approval>(&granted, uuid::Uuid::from_u128(77), b"{}".to_vec());
    test.app.store.append_to_stream(Append::events(&stream, StreamState::Revision(0), vec![event])).await.unwrap();
    for _ in 0..100 {
        if banks(&test).await != json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(banks(&test).await[0]["bank"], "vcb");
    test.read("/v1/recoveries").await;
    assert_eq!(test.app.read_whole_stream("bank-vcb").await.unwrap().len(), 1);
}

async fn the_lists_of_units_and_of_operators_are_apart(test: TestApp) {
    let asked = ask(&test, "/v1/banks", &json!({"bank": "vcb"})).await;
    let path = format!("/v1/approvals/{}", asked["approval_id"].as_str().unwrap());
    let listed = async |client: Client| {
        let page = client.get(&format!("/v1/approvals?min_position={}", test.head().await)).await.json(200);
        page["approvals"].as_array().unwrap().len()
    };
    for role in [Role::Operator, Role::Auditor] {
        assert_eq!(listed(test.as_role(role)).await, 1, "{role}");
        test.as_role(role).get(&path).await.is(200);
    }
    let auditor_of_a_unit = test.with_key(&test.key(Role::Auditor, Some("D502"), None).await);
    for client in [test.supervisor(), test.as_role(Role::Clerk), auditor_of_a_unit] {
        assert_eq!(listed(client.clone()).await, 0);
        client.get(&path).await.refused(403, "out-of-your-units");
    }
    assert_eq!(test.read("/v1/worklist?kind=approval").await["items"], json!([]));
    let csv = test.as_role(Role::Operator).get("/v1/approvals?format=csv").await.is(200);
    assert!(csv.text().contains("change_bank,bank-vcb,,,"), "{}", csv.text());
}
