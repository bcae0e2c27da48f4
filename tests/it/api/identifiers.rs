//! Identifiers of a registered person: further ones with their dates, ended ones, and those that never were the person's.

use crate::support::app::{TestApp, spawn_app};
use crate::support::client::Answer;
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, in_cash, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_both_engines!(
    what_looks_odd_is_a_warning_and_what_is_wrong_is_refused,
    the_old_number_alone_is_a_warning_once_the_personal_id_took_its_place,
    who_may_not_change_a_person_adds_and_ends_no_identifier_and_a_repeat_has_one_effect,
);

const OLD: &str = "049155000012";
const NEW: &str = "049155000099";
const SI: &str = "4900123456";

on_every_engine!(
    a_person_is_found_by_every_identifier_that_was_ever_the_persons,
    an_identifier_recorded_in_error_is_destroyed_and_free_for_whose_it_is,
    the_log_and_the_claims_stay_whole,
);

/// A woman born in the fifties with a personal id and a reference.
async fn tam(test: &TestApp) -> String {
    let person = json!({"personal_id": OLD, "sex": "female", "birth_year": 1955});
    test.register(&with(in_cash("TK-8", WARD), &person)).await
}

async fn add(test: &TestApp, id: &str, body: &Value) -> Answer {
    test.supervisor().post(&format!("/v1/beneficiaries/{id}/identifiers"), &test.fresh(), body).await
}

async fn end(test: &TestApp, id: &str, body: &Value) -> Answer {
    test.supervisor().post(&format!("/v1/beneficiaries/{id}/identifiers/end"), &test.fresh(), body).await
}

async fn search(test: &TestApp, by: &Value) -> Answer {
    test.supervisor().post_without_key("/v1/beneficiaries/search", by).await
}

/// The person's identifiers as masked: by scheme and in the order of values.
async fn on_file(test: &TestApp, id: &str) -> Vec<Value> {
    let seen = test.supervisor().get(&format!("/v1/beneficiaries/{id}/personal")).await.json(200);
    let mut all = seen["identifiers"].as_array().unwrap().clone();
    all.sort_by_key(|one| format!("{}{}", one["scheme"], one["value"]));
    all
}

async fn reference_of(test: &TestApp, id: &str, value: &str) -> Value {
    let all = on_file(test, id).await;
    all.iter().find(|one| one["value"] == value).unwrap_or_else(|| panic!("{value} is not in {all:?}"))["record_ref"]
        .clone()
}

async fn a_person_is_found_by_every_identifier_that_was_ever_the_persons(test: TestApp) {
    let id = tam(&test).await;
    let added = add(&test, &id, &json!({"personal_id": NEW, "valid_from": "2025-03-01"})).await.is(201);
    assert_eq!(added.body["warnings"], json!([]));
    let known = &added.body["identifiers"][0];
    assert_eq!(
        (&known["scheme"], &known["valid_from"], &known["ended"]),
        (&json!("personal_id"), &json!("2025-03-01"), &Value::Null)
    );
    assert!(!added.text().contains(NEW), "{}", added.text());
    let old = reference_of(&test, &id, "049*******12").await;
    let over = json!({"identifier_ref": old, "reason": "replaced", "valid_to": "2025-02-28"});
    let ended = end(&test, &id, &over).await.is(201);
    assert_eq!(ended.body["identifiers"][1]["ended"], "replaced");
    let again = end(&test, &id, &over).await.is(200);
    assert_eq!(again.body["changed"], false);
    for number in [OLD, NEW] {
        assert_eq!(search(&test, &json!({"personal_id": number})).await.json(200)["beneficiary_id"], id.as_str());
    }
    let seen = on_file(&test, &id).await;
    let told: Vec<_> =
        seen.iter().map(|one| (&one["value"], &one["valid_from"], &one["valid_to"], &one["in_force"])).collect();
    assert_eq!(
        told,
        [
            (&json!("**-8"), &Value::Null, &Value::Null, &json!(true)),
            (&json!("049*******12"), &Value::Null, &json!("2025-02-28"), &json!(false)),
            (&json!("049*******99"), &json!("2025-03-01"), &Value::Null, &json!(true)),
        ]
    );
    // A payment file may still name the old number.
    let order = json!({"payment_reference": "P-1", "personal_id": OLD, "benefit_type": "pension", "cycle": "2025-03", "amount": "5000000"});
    test.instruct(&order).await;
}

async fn an_identifier_recorded_in_error_is_destroyed_and_free_for_whose_it_is(test: TestApp) {
    let id = tam(&test).await;
    add(&test, &id, &json!({"personal_id": NEW})).await.is(201);
    let other = with(in_cash("TK-9", WARD), &json!({"personal_id": NEW}));
    test.supervisor().post("/v1/beneficiaries", &test.fresh(), &other).await.refused(409, "identifier-taken");
    let wrong = reference_of(&test, &id, "049*******99").await;
    let mistake = json!({"identifier_ref": wrong, "reason": "recorded_in_error"});
    end(&test, &id, &mistake).await.is(201);
    assert_eq!(on_file(&test, &id).await.len(), 2, "the number is gone");
    assert_eq!(end(&test, &id, &mistake).await.is(200).body["changed"], false);
    let theirs = test.register(&other).await;
    assert_eq!(search(&test, &json!({"personal_id": NEW})).await.json(200)["beneficiary_id"], theirs.as_str());
    // Twice on file, once withdrawn: still the person's.
    let own = reference_of(&test, &id, "049*******12").await;
    end(&test, &id, &json!({"identifier_ref": own, "reason": "expired"})).await.is(201);
    let again = add(&test, &id, &json!({"personal_id": OLD})).await.is(201);
    let latest = again.body["identifiers"].as_array().unwrap().last().unwrap()["identifier_ref"].clone();
    end(&test, &id, &json!({"identifier_ref": latest, "reason": "recorded_in_error"})).await.is(201);
    assert_eq!(search(&test, &json!({"personal_id": OLD})).await.json(200)["beneficiary_id"], id.as_str());
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn the_log_and_the_claims_stay_whole(test: TestApp) {
    let id = tam(&test).await;
    let before = test.head().await;
    add(&test, &id, &json!({"si_number": SI, "valid_to": "2025-07-31"})).await.is(201);
    let si = reference_of(&test, &id, "49******56").await;
    end(&test, &id, &json!({"identifier_ref": si, "reason": "replaced"})).await.is(201);
    assert_eq!(test.types_after(before).await, ["IdentifierAdded", "IdentifierEnded"]);
    for event in test.events_after(before).await {
        assert!(!String::from_utf8_lossy(&event.data).contains(SI));
    }
    test.caught_up().await;
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
    let erased = json!({"ground": "person_asked"});
    test.supervisor().post(&format!("/v1/beneficiaries/{id}/erase"), &test.fresh(), &erased).await.is(201);
    search(&test, &json!({"si_number": SI})).await.refused(422, "invalid-input");
    add(&test, &id, &json!({"personal_id": NEW})).await.refused(409, "beneficiary-erased");
    assert!(test.app.verify(&|_, _| {}).await.unwrap().findings.is_empty());
}

async fn what_looks_odd_is_a_warning_and_what_is_wrong_is_refused(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    // Digit 4 says a man, digits 5 and 6 say 1961.
    let odd = add(&test, &id, &json!({"personal_id": "049061000077"})).await.is(201);
    let codes: Vec<_> =
        odd.body["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["identifier-sex-differs", "identifier-birth-year-differs"]);
    for (body, pointer, code) in [
        (json!({"personal_id": "49155000099"}), "/personal_id", "identifier-length"),
        (json!({"personal_id": "04915500009x"}), "/personal_id", "identifier-characters"),
        (json!({"valid_from": "2025-03-01"}), "/", "one-identifier"),
        (json!({"personal_id": NEW, "si_number": SI}), "/", "one-identifier"),
        (json!({"personal_id": NEW, "valid_from": "03/2025"}), "/valid_from", "invalid-value"),
    ] {
        let refused = add(&test, &id, &body).await.refused(422, "invalid-input");
        assert_eq!(
            (refused.body["errors"][0]["pointer"].as_str(), refused.body["errors"][0]["code"].as_str()),
            (Some(pointer), Some(code))
        );
    }
    let reversed = json!({"personal_id": NEW, "valid_from": "2025-03-02", "valid_to": "2025-03-01"});
    add(&test, &id, &reversed).await.refused(422, "identifier-dates-reversed");
    add(&test, &id, &json!({"si_number": SI, "valid_from": "2025-08-01"}))
        .await
        .refused(422, "identifier-scheme-ended");
    add(&test, &id, &json!({"personal_id": OLD})).await.refused(409, "identifier-held");
    let own = reference_of(&test, &id, "049*******12").await;
    end(&test, &id, &json!({"identifier_ref": own, "reason": "expired", "valid_to": "2025-03-01"})).await.is(201);
    let later = json!({"identifier_ref": own, "reason": "expired", "valid_to": "2025-03-02"});
    end(&test, &id, &later).await.refused(409, "identifier-ended");
    let strange = json!({"identifier_ref": "00000000-0000-4000-8000-000000000001", "reason": "expired"});
    end(&test, &id, &strange).await.refused(404, "not-found");
    end(&test, &id, &json!({"identifier_ref": own, "reason": "lost"})).await.refused(422, "invalid-input");
    let alone = test.register(&in_cash("TK-10", WARD)).await;
    let only = reference_of(&test, &alone, "***10").await;
    end(&test, &alone, &json!({"identifier_ref": only, "reason": "recorded_in_error"}))
        .await
        .refused(409, "last-identifier");
}

async fn the_old_number_alone_is_a_warning_once_the_personal_id_took_its_place(engine: Engine) {
    let test = spawn_app(engine).await;
    test.days_pass(140);
    let made = with(in_cash("TK-8", "20350"), &json!({"si_number": SI}));
    let made = test.supervisor().post("/v1/beneficiaries", &test.fresh(), &made).await.is(201);
    assert_eq!(made.body["warnings"][0]["code"], "identifier-replaced");
    assert_eq!(on_file(&test, made.body["beneficiary_id"].as_str().unwrap()).await[1]["in_force"], false);
}

async fn who_may_not_change_a_person_adds_and_ends_no_identifier_and_a_repeat_has_one_effect(engine: Engine) {
    let test = spawn_app(engine).await;
    let id = tam(&test).await;
    let own = reference_of(&test, &id, "049*******12").await;
    let (adds, ends) =
        (format!("/v1/beneficiaries/{id}/identifiers"), format!("/v1/beneficiaries/{id}/identifiers/end"));
    let (new, over) = (json!({"personal_id": NEW}), json!({"identifier_ref": own, "reason": "replaced"}));
    for role in [Role::Analyst, Role::Bank, Role::Auditor, Role::Operator] {
        test.as_role(role).post(&adds, &test.fresh(), &new).await.refused(403, "role-not-allowed");
        test.as_role(role).post(&ends, &test.fresh(), &over).await.refused(403, "role-not-allowed");
    }
    test.nobody().post(&adds, "x", &new).await.refused(401, "unauthenticated");
    test.nobody().post(&ends, "x", &over).await.refused(401, "unauthenticated");
    // Of Hoi An.
    let elsewhere = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    elsewhere.post(&adds, "x", &new).await.refused(403, "out-of-your-units");
    elsewhere.post(&ends, "x", &over).await.refused(403, "out-of-your-units");
    test.supervisor().post_without_key(&adds, &new).await.refused(400, "idempotency-key-missing");

    for (path, body, other) in [
        (&adds, &new, json!({"personal_id": "049155000088"})),
        (&ends, &over, json!({"identifier_ref": own, "reason": "expired"})),
    ] {
        let key = test.fresh();
        let first = test.supervisor().post(path, &key, body).await.is(201);
        let before = test.head().await;
        let again = test.supervisor().post(path, &key, body).await.is(201);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(
            (&again.body["identifiers"], &again.body["position"]),
            (&first.body["identifiers"], &first.body["position"])
        );
        test.supervisor().post(path, &key, &other).await.refused(422, "idempotency-key-reused");
        assert_eq!(test.head().await, before);
    }
}
