//! People: registered under a pseudonym, found by identifier, moved, paid another way, reported dead.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, in_cash, pension, with};
use serde_json::json;

on_every_engine! {
    a_registered_person_is_read_back_without_anything_personal,
    a_person_is_found_by_any_identifier,
    an_identifier_belongs_to_one_person,
    a_person_needs_an_identifier,
    an_identifier_that_has_lost_its_zeros_is_refused,
    a_personal_id_that_contradicts_the_record_is_a_warning,
    a_card_number_is_not_an_account,
    a_spreadsheets_number_is_not_an_account,
    a_channel_that_needs_an_account_is_refused_without_one,
    a_person_moves_and_later_payments_follow,
    a_method_asked_after_the_cut_off_takes_effect_a_month_later,
    a_method_asked_too_early_is_refused,
    a_death_is_recorded_once_and_another_date_is_a_conflict,
    a_death_in_the_future_is_refused,
}

async fn a_registered_person_is_read_back_without_anything_personal(test: TestApp) {
    let body = with(
        by_account("TK-0001", WARD),
        &json!({"name": "Nguyễn Thị Hoa", "personal_id": "049155000123", "sex": "female", "birth_year": 1955}),
    );
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &body).await.is(201);
    let id = answer.body["beneficiary_id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/beneficiaries/{id}"));
    assert_eq!(answer.header("etag"), "\"1\"", "registered, and the method chosen");
    let read = test.supervisor().get(&format!("/v1/beneficiaries/{id}")).await.is(200);
    assert_eq!(read.body["units"], json!([{"unit": "C20341", "from": null}]));
    assert_eq!(read.body["methods"][0]["channel"], "account");
    assert_eq!(read.body["methods"][0]["bank"], "vcb");
    assert_eq!(read.body["methods"][0]["effective_month"], "2024-01");
    for planted in ["Nguyễn", "049155000123", "TK-0001", body["account"].as_str().unwrap()] {
        assert!(!answer.text().contains(planted) && !read.text().contains(planted), "{planted}");
    }
}

async fn a_person_is_found_by_any_identifier(test: TestApp) {
    let body = with(by_account("TK-1", WARD), &json!({"personal_id": "049155000123", "si_number": "4900123456"}));
    let id = test.register(&body).await;
    for search in
        [json!({"beneficiary_ref": "TK-1"}), json!({"personal_id": "049155000123"}), json!({"si_number": "4900123456"})]
    {
        let found = test.supervisor().post_without_key("/v1/beneficiaries/search", &search).await.json(200);
        assert_eq!(found["beneficiary_id"], id.as_str());
    }
    let nobody = json!({"beneficiary_ref": "TK-2"});
    let answer =
        test.supervisor().post_without_key("/v1/beneficiaries/search", &nobody).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/beneficiary_ref beneficiary-unknown"]);
    let both = json!({"beneficiary_ref": "TK-1", "si_number": "4900123456"});
    let answer =
        test.supervisor().post_without_key("/v1/beneficiaries/search", &both).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/ one-identifier"]);
}

async fn an_identifier_belongs_to_one_person(test: TestApp) {
    let first = test.register(&with(in_cash("TK-1", WARD), &json!({"personal_id": "049155000123"}))).await;
    let head = test.head().await;
    let second = with(in_cash("TK-2", WARD), &json!({"personal_id": "049155000123"}));
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &second).await.refused(409, "identifier-taken");
    assert_eq!(answer.body["held_by"], first.as_str());
    assert_eq!(test.head().await, head);
}

async fn a_person_needs_an_identifier(test: TestApp) {
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &json!({"unit": WARD, "name": "A"})).await;
    assert_eq!(answer.refused(422, "invalid-input").errors(), ["/beneficiary_ref missing"]);
}

async fn an_identifier_that_has_lost_its_zeros_is_refused(test: TestApp) {
    let body = with(in_cash("TK-1", WARD), &json!({"personal_id": "49155000123", "si_number": "49A0123456"}));
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/personal_id identifier-length", "/si_number identifier-characters"]);
    assert!(!answer.text().contains("49155000123"));
}

async fn a_personal_id_that_contradicts_the_record_is_a_warning(test: TestApp) {
    let body = with(in_cash("TK-1", WARD), &json!({"personal_id": "049155000123", "sex": "male", "birth_year": 1960}));
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &body).await.json(201);
    let codes: Vec<&str> = answer["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
}

async fn a_card_number_is_not_an_account(test: TestApp) {
    // 16 digits that begin with Vietcombank's issuer number.
    let body = with(by_account("TK-1", WARD), &json!({"account": "9704361234567890"}));
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/account account-looks-like-a-card"]);
    assert!(!answer.text().contains("9704361234567890"));

    test.register(&in_cash("TK-2", WARD)).await;
    let body =
        with(pension("P-1", "TK-2"), &json!({"channel": "account", "bank": "vcb", "account": "9704361234567890"}));
    let answer = test.supervisor().post("/v1/payments", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/account account-looks-like-a-card"]);
}

async fn a_spreadsheets_number_is_not_an_account(test: TestApp) {
    let body = with(by_account("TK-1", WARD), &json!({"account": "1.23E+12"}));
    let answer = test.supervisor().post("/v1/beneficiaries", "k", &body).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/account account-spreadsheet-number"]);
}

async fn a_channel_that_needs_an_account_is_refused_without_one(test: TestApp) {
    let body = with(by_account("TK-1", WARD), &json!({"account": null}));
    test.supervisor().post("/v1/beneficiaries", "k", &body).await.refused(422, "account-missing");
    test.register(&in_cash("TK-2", WARD)).await;
    let body = with(pension("P-1", "TK-2"), &json!({"channel": "account", "bank": "vcb"}));
    test.supervisor().post("/v1/payments", "k", &body).await.refused(422, "account-missing");
}

async fn a_person_moves_and_later_payments_follow(test: TestApp) {
    let id = test.register(&by_account("TK-1", WARD)).await;
    let moved = json!({"unit": "20359", "effective_on": "2025-04-01"});
    test.supervisor().post(&format!("/v1/beneficiaries/{id}/move"), "m", &moved).await.is(201);
    for (cycle, unit) in [("2025-03", "C20341"), ("2025-04", "C20359")] {
        let body = with(pension(&format!("P-{cycle}"), "TK-1"), &json!({"cycle": cycle}));
        assert_eq!(test.supervisor().post("/v1/payments", &test.fresh(), &body).await.json(201)["unit"], unit);
    }
    let closed = json!({"unit": "20338", "effective_on": "2025-04-01"});
    let answer = test
        .supervisor()
        .post(&format!("/v1/beneficiaries/{id}/move"), "n", &closed)
        .await
        .refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/unit unit-not-in-force"]);
}

async fn a_method_asked_after_the_cut_off_takes_effect_a_month_later(test: TestApp) {
    let id = test.register(&in_cash("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{id}/method");
    let method =
        |asked: &str| json!({"channel": "account", "bank": "vcb", "account": "0011223344", "requested_on": asked});
    let first = test.supervisor().post(&path, "a", &method("2025-03-20")).await.json(201);
    assert_eq!(first["methods"][1]["effective_month"], "2025-04");
    let other = test.register(&in_cash("TK-2", WARD)).await;
    let path = format!("/v1/beneficiaries/{other}/method");
    let second = test.supervisor().post(&path, "b", &method("2025-03-21")).await.json(201);
    assert_eq!(second["methods"][1]["effective_month"], "2025-05");

    for (cycle, channel) in [("2025-03", "cash_desk"), ("2025-04", "account")] {
        let body = with(pension(&format!("P-{cycle}"), "TK-1"), &json!({"cycle": cycle}));
        assert_eq!(test.supervisor().post("/v1/payments", &test.fresh(), &body).await.json(201)["channel"], channel);
    }
}

async fn a_method_asked_too_early_is_refused(test: TestApp) {
    let id = test.register(&in_cash("TK-1", WARD)).await;
    let body = json!({"channel": "account", "bank": "vcb", "account": "0011223344", "requested_on": "2025-03-21", "effective_month": "2025-04"});
    let answer = test.supervisor().post(&format!("/v1/beneficiaries/{id}/method"), "a", &body).await;
    assert_eq!(answer.refused(422, "method-not-effective-yet").errors(), ["/effective_month method-not-effective-yet"]);
    let answer = test.supervisor().post(&format!("/v1/beneficiaries/{id}/method"), "b", &json!({"bank": "vcb"})).await;
    assert_eq!(answer.refused(422, "invalid-input").errors(), ["/channel missing"]);
}

async fn a_death_is_recorded_once_and_another_date_is_a_conflict(test: TestApp) {
    let id = test.register(&in_cash("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{id}/death");
    let death = |day: &str| json!({"died_on": day, "source": "family"});
    assert_eq!(test.supervisor().post(&path, "a", &death("2025-02-10")).await.json(201)["died_on"], "2025-02-10");
    let same = test.supervisor().post(&path, "b", &death("2025-02-10")).await.json(200);
    assert_eq!(same["changed"], false);
    test.supervisor().post(&path, "c", &death("2025-02-11")).await.refused(409, "other-death-recorded");
}

async fn a_death_in_the_future_is_refused(test: TestApp) {
    let id = test.register(&in_cash("TK-1", WARD)).await;
    let body = json!({"died_on": "2025-04-09", "source": "family"});
    let answer = test.supervisor().post(&format!("/v1/beneficiaries/{id}/death"), "a", &body).await;
    answer.refused(422, "death-in-future");
}
