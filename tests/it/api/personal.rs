//! Personal data: masked in passing, revealed for a purpose that is recorded, handed out whole, and erased so that figures stay.

use crate::support::app::{TestApp, spawn_app};
use crate::support::client::Answer;
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_both_engines!(
    what_is_held_is_shown_masked_to_those_who_may_see_that_it_is_held,
    a_reveal_is_answered_again_for_a_quarter_of_an_hour_and_is_one_event,
    a_reveal_needs_kinds_and_a_purpose_and_a_role_and_a_unit,
    nobody_is_erased_while_payments_are_under_way,
    an_erasure_that_broke_off_is_finished_by_the_next,
    only_a_supervisor_of_the_unit_erases_and_hands_out,
);

const NUMBER: &str = "049255123412";
const NAME: &str = "Đặng Thị Tám";
const ACCOUNT: &str = "0071000345678";

on_every_engine!(
    an_erased_person_is_found_by_nobody_and_all_figures_stay,
    a_reveal_is_recorded_with_its_purpose_and_without_the_data,
    everything_held_on_a_person_is_handed_out_and_that_is_recorded,
);

async fn tam(test: &TestApp) -> String {
    let person = json!({"personal_id": NUMBER, "beneficiary_ref": "TK-8", "name": NAME, "account": ACCOUNT});
    test.register(&with(by_account("TK-8", WARD), &person)).await
}

/// A person with one settled pension.
async fn paid(test: &TestApp) -> (String, String) {
    let id = tam(test).await;
    let payment = test.instruct(&pension("P-8", "TK-8")).await;
    test.settle(&payment, "2025-03-04").await.is(201);
    (id, payment)
}

fn look() -> Value {
    json!({"kinds": ["name", "account"], "purpose": "payment_problem", "note": "bank says the name is Đặng T. Tám"})
}

async fn post(test: &TestApp, role: Role, (id, deed): (&str, &str), body: &Value) -> Answer {
    test.as_role(role).post(&format!("/v1/beneficiaries/{id}/{deed}"), &test.fresh(), body).await
}

async fn erase(test: &TestApp, id: &str) -> Answer {
    post(test, Role::Supervisor, (id, "erase"), &json!({"ground": "retention_ended", "note": "118/QD"})).await
}

fn values(answer: &Value, kind: &str) -> Vec<String> {
    let mut all: Vec<String> =
        answer[kind].as_array().unwrap().iter().map(|record| record["value"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

async fn what_is_held_is_shown_masked_to_those_who_may_see_that_it_is_held(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let path = format!("/v1/beneficiaries/{id}/personal");
    for role in [Role::Clerk, Role::Supervisor, Role::Auditor] {
        let answer = test.as_role(role).get(&path).await.is(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(values(&answer.body, "names"), ["Đ****"]);
        assert_eq!(values(&answer.body, "identifiers"), ["**-8", "049*******12"]);
        assert_eq!(values(&answer.body, "accounts"), ["****5678"]);
        assert_eq!(answer.body["accounts"][0]["bank"], "vcb");
    }
    for role in [Role::Analyst, Role::Bank, Role::Operator] {
        test.as_role(role).get(&path).await.refused(403, "role-not-allowed");
    }
    test.nobody().get(&path).await.refused(401, "unauthenticated");
}

async fn a_reveal_is_recorded_with_its_purpose_and_without_the_data(test: TestApp) {
    let id = tam(&test).await;
    let before = test.head().await;
    let answer = post(&test, Role::Clerk, (&id, "reveal"), &look()).await.is(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(values(&answer.body, "names"), [NAME]);
    assert_eq!(values(&answer.body, "accounts"), [ACCOUNT]);
    assert_eq!(values(&answer.body, "identifiers"), Vec::<String>::new(), "not asked for");
    let events = test.events_after(before).await;
    assert_eq!(events.len(), 1);
    let (event, data) = (&events[0], serde_json::from_slice::<Value>(&events[0].data).unwrap());
    assert_eq!((event.event_type.as_str(), event.stream.clone()), ("PersonalDataRevealed", format!("personal-{id}")));
    assert_eq!((&data["purpose"], &data["kinds"]), (&json!("payment_problem"), &json!(["name", "account"])));
    let written = String::from_utf8_lossy(&[event.data.clone(), event.metadata.clone()].concat()).into_owned();
    for planted in [NAME, ACCOUNT, "Đặng", NUMBER] {
        assert!(!written.contains(planted), "{written}");
    }
    let noted = test.app.vault.holdings(id.parse().unwrap()).await.unwrap().unwrap().purposes;
    assert_eq!(noted[0].value, "bank says the name is Đặng T. Tám");
    assert_eq!(data["purpose_ref"], json!(noted[0].record_ref));
}

async fn a_reveal_is_answered_again_for_a_quarter_of_an_hour_and_is_one_event(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let path = format!("/v1/beneficiaries/{id}/reveal");
    let first = test.supervisor().post(&path, "look", &look()).await.is(201);
    let head = test.head().await;
    let again = test.supervisor().post(&path, "look", &look()).await.is(201);
    assert!(again.replayed() && again.body["names"] == first.body["names"], "{}", again.text());
    let other = with(look(), &json!({"kinds": ["identifier"]}));
    test.supervisor().post(&path, "look", &other).await.refused(422, "idempotency-key-reused");
    test.days_pass(1);
    test.supervisor().post(&path, "look", &look()).await.refused(403, "reveal-expired");
    assert_eq!(test.head().await, head);
}

async fn a_reveal_needs_kinds_and_a_purpose_and_a_role_and_a_unit(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let head = test.head().await;
    for (body, errors) in [
        (json!({}), vec!["/kinds missing", "/purpose missing"]),
        (with(look(), &json!({"kinds": []})), vec!["/kinds invalid-value"]),
        (with(look(), &json!({"kinds": ["name", "name"]})), vec!["/kinds invalid-value"]),
        (with(look(), &json!({"kinds": ["words"]})), vec!["/kinds invalid-value"]),
        (with(look(), &json!({"purpose": "curiosity"})), vec!["/purpose invalid-value"]),
        (with(look(), &json!({"purpose": "other", "note": null})), vec!["/note missing"]),
    ] {
        let answer = post(&test, Role::Supervisor, (&id, "reveal"), &body).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), errors, "{body}");
    }
    for role in [Role::Analyst, Role::Bank, Role::Auditor, Role::Operator] {
        post(&test, role, (&id, "reveal"), &look()).await.refused(403, "role-not-allowed");
    }
    let elsewhere = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    let path = format!("/v1/beneficiaries/{id}");
    elsewhere.post(&format!("{path}/reveal"), "a", &look()).await.refused(403, "out-of-your-units");
    elsewhere.get(&format!("{path}/personal")).await.refused(403, "out-of-your-units");
    let nobody = "00000000-0000-4000-8000-000000000001";
    post(&test, Role::Clerk, (nobody, "reveal"), &look()).await.refused(404, "not-found");
    test.supervisor()
        .post_without_key(&format!("{path}/reveal"), &look())
        .await
        .refused(400, "idempotency-key-missing");
    assert_eq!(test.head().await, head, "what was refused is recorded nowhere");
}

async fn an_erased_person_is_found_by_nobody_and_all_figures_stay(test: TestApp) {
    let (id, payment) = paid(&test).await;
    test.pension_of("TK-9", COMMUNE).await;
    let figures = "/v1/adoption?cycle=2025-03&group_by=channel";
    let before = test.read(figures).await;
    let erased = erase(&test, &id).await.json(201);
    assert_eq!((&erased["erased"], &erased["changed"]), (&json!(true), &json!(true)));
    assert_eq!(test.read(figures).await["groups"], before["groups"]);
    assert_eq!(test.payment(&payment).await["status"], "settled");

    let search = json!({"personal_id": NUMBER});
    let found = test.supervisor().post_without_key("/v1/beneficiaries/search", &search).await;
    assert_eq!(found.refused(422, "invalid-input").errors(), ["/personal_id beneficiary-unknown"]);
    let personal = test.supervisor().get(&format!("/v1/beneficiaries/{id}/personal")).await.json(200);
    assert_eq!((&personal["erased"], values(&personal, "names").len()), (&json!(true), 0));
    assert!(test.app.vault.holdings(id.parse().unwrap()).await.unwrap().is_none());
    assert_eq!(test.app.registry.vault_records_of(id.parse().unwrap()).await.unwrap(), []);

    post(&test, Role::Supervisor, (&id, "reveal"), &look()).await.refused(409, "beneficiary-erased");
    let method = json!({"channel": "account", "bank": "vcb", "account": ACCOUNT});
    post(&test, Role::Supervisor, (&id, "method"), &method).await.refused(409, "beneficiary-erased");
    let order = with(pension("P-9", ""), &json!({"beneficiary_ref": null, "beneficiary_id": id, "cycle": "2025-02"}));
    test.supervisor().post("/v1/payments", &test.fresh(), &order).await.refused(409, "beneficiary-erased");

    let head = test.head().await;
    let again = erase(&test, &id).await.json(200);
    assert_eq!((again["changed"].clone(), test.head().await), (json!(false), head), "nothing more happens");
    let anew = tam(&test).await;
    assert_ne!(anew, id, "the identifiers are free, and the person is another one");
    let verified = test.app.verify(&|_, _| ()).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn nobody_is_erased_while_payments_are_under_way(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let payment = test.instruct(&pension("P-8", "TK-8")).await;
    erase(&test, &id).await.refused(409, "payments-open");
    assert!(test.app.vault.holdings(id.parse().unwrap()).await.unwrap().is_some());
    test.deed(&payment, "cancel", &json!({"reason": "ordered twice"})).await.is(201);
    erase(&test, &id).await.is(201);
}

async fn an_erasure_that_broke_off_is_finished_by_the_next(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let key = test.app.registry.wrapped_keys(&[id.parse().unwrap()]).await.unwrap().remove(0).unwrap();
    erase(&test, &id).await.is(201);
    // As if the machine had stopped between the event and the destruction.
    let row = chitra::store::VaultRow::Key { subject: id.parse().unwrap(), wrapped_key: key };
    let mut append = chitra::store::Append::events("orders-1", chitra::store::StreamState::Any, Vec::new());
    append.vault.push(row);
    append.request = Some(chitra::store::RequestKey {
        caller: "a test".to_owned(),
        idempotency_key: "back".to_owned(),
        input_hash: [0; 32],
    });
    test.app.store.append_to_stream(append).await.unwrap();
    assert!(test.app.vault.holdings(id.parse().unwrap()).await.unwrap().is_some());
    erase(&test, &id).await.is(200);
    assert!(test.app.vault.holdings(id.parse().unwrap()).await.unwrap().is_none());
}

async fn only_a_supervisor_of_the_unit_erases_and_hands_out(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let body = json!({"ground": "legal_order"});
    let path = format!("/v1/beneficiaries/{id}");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Supervisor) {
        post(&test, role, (&id, "erase"), &body).await.refused(403, "role-not-allowed");
        let answer = test.as_role(role).get(&format!("{path}/export?purpose=audit")).await;
        answer.refused(403, "role-not-allowed");
    }
    let elsewhere = test.with_key(&test.key(Role::Supervisor, Some("D503"), None).await);
    elsewhere.post(&format!("{path}/erase"), "a", &body).await.refused(403, "out-of-your-units");
    elsewhere.get(&format!("{path}/export?purpose=audit")).await.refused(403, "out-of-your-units");
    for (body, errors) in [
        (json!({}), vec!["/ground missing"]),
        (json!({"ground": "whim"}), vec!["/ground invalid-value"]),
        (json!({"ground": "legal_order", "note": NUMBER}), vec!["/note text-has-a-number"]),
    ] {
        let answer = post(&test, Role::Supervisor, (&id, "erase"), &body).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), errors);
    }
    let answer = test.supervisor().get(&format!("{path}/export")).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/purpose missing"]);
    let moved = with(by_account("TK-7", HOI_AN), &json!({"name": NAME}));
    let own = test.register(&moved).await;
    elsewhere.get(&format!("/v1/beneficiaries/{own}/export?purpose=audit")).await.is(200);
}

async fn everything_held_on_a_person_is_handed_out_and_that_is_recorded(test: TestApp) {
    let (id, payment) = paid(&test).await;
    let back = json!({"returned_on": "2025-03-07", "reason_code": "BE01", "reason_text": "tên khác: Tám Đ.",
        "evidence": {"kind": "camt.054", "reference": "BACK-8"}});
    test.deed(&payment, "return", &back).await.is(201);
    post(&test, Role::Clerk, (&id, "reveal"), &look()).await.is(201);
    test.pension_of("TK-9", WARD).await;
    let before = test.head().await;
    let answer = test.supervisor().get(&format!("/v1/beneficiaries/{id}/export?purpose=person_asks")).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let held = &answer.body["vault"];
    assert_eq!(values(held, "names"), [NAME]);
    assert_eq!(values(held, "identifiers"), [NUMBER, "TK-8"]);
    assert_eq!(values(held, "accounts"), [ACCOUNT]);
    assert_eq!(values(held, "words"), ["tên khác: Tám Đ."]);
    assert_eq!(values(held, "purposes"), ["bank says the name is Đặng T. Tám"]);
    let types = |events: &Value| -> Vec<String> {
        events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    let of_person = ["BeneficiaryRegistered", "PayoutMethodChosen", "PersonalDataRevealed", "PersonalDataExported"];
    assert_eq!(types(&answer.body["events"]), of_person);
    let payments = answer.body["payments"].as_array().unwrap();
    assert_eq!((payments.len(), &payments[0]["payment_id"]), (1, &json!(payment)), "nobody else's");
    let life = ["PaymentInstructed", "PaymentSettled", "PaymentReturned"];
    assert_eq!(types(&payments[0]["timeline"]), life);
    assert_eq!(payments[0]["timeline"][2]["words"], "tên khác: Tám Đ.");
    let recorded = test.events_after(before).await;
    assert_eq!(recorded.len(), 1);
    let data: Value = serde_json::from_slice(&recorded[0].data).unwrap();
    let said = json!({"beneficiary_id": id, "purpose": "person_asks", "vault_records": 6, "payments": 1});
    assert_eq!((recorded[0].event_type.as_str(), data), ("PersonalDataExported", said));
}
