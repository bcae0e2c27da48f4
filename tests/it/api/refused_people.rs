//! What is refused about people whoever asks: numbers that are no accounts, deeds on the dead and the erased, imports that cannot be undone.

use crate::support::app::TestApp;
use crate::support::client::Answer;
use crate::support::files::csv;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, in_cash, with};
use serde_json::{Value, json};

on_every_engine! {
    a_number_that_is_no_account_is_refused_wherever_it_is_sent,
    another_holders_name_is_a_warning_and_stands_on_record,
    nothing_more_is_chosen_given_or_suspended_for_the_dead,
    nothing_more_is_recorded_of_the_erased,
    people_are_not_unregistered_by_reversing_their_file,
}

async fn change(test: &TestApp, person: &str, deed: &str, body: &Value) -> Answer {
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/{deed}"), &test.fresh(), body).await
}

async fn a_number_that_is_no_account_is_refused_wherever_it_is_sent(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    for (number, code) in [("123", "account-length"), ("00112233-é", "account-characters")] {
        let account = json!({"account": number});
        let register = with(by_account("TK-2", WARD), &account);
        let method = json!({"channel": "account", "bank": "vcb", "account": number});
        let order = json!({"payment_reference": "P-1", "beneficiary_ref": "TK-1", "benefit_type": "pension", "cycle": "2025-03",
            "amount": "5000000", "channel": "account", "bank": "vcb", "account": number});
        for answer in [
            test.supervisor().post("/v1/beneficiaries", &test.fresh(), &register).await,
            change(&test, &person, "method", &method).await,
            test.supervisor().post("/v1/payments", &test.fresh(), &order).await,
        ] {
            let refused = answer.refused(422, "invalid-input");
            assert_eq!(refused.errors(), [format!("/account {code}")]);
            assert!(!refused.text().contains(number), "the number is not repeated: {}", refused.text());
        }
    }
}

async fn another_holders_name_is_a_warning_and_stands_on_record(test: TestApp) {
    let person = test.register(&with(by_account("TK-1", WARD), &json!({"name": "Đặng Thị Tám"}))).await;
    let answer =
        change(&test, &person, "account-check", &json!({"holder_name": "NGUYEN VAN BA", "source": "vcb"})).await;
    let answer = answer.json(201);
    assert_eq!(answer["warnings"][0]["code"], "account-holder-differs");
    assert_eq!(answer["account_checks"][0]["name_match"], "different");
}

async fn nothing_more_is_chosen_given_or_suspended_for_the_dead(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    change(&test, &person, "death", &json!({"died_on": "2025-03-30", "source": "family"})).await.is(201);
    let right = json!({"payee": "authorised", "name": "Lê Thị Chín", "certified": true, "valid_from": "2025-03-01", "valid_to": "2025-12-31"});
    for (deed, body) in [
        ("method", json!({"channel": "cash_desk"})),
        ("authorisations", right),
        ("suspend", json!({"legal_ground": "declared_missing", "from_month": "2025-04"})),
    ] {
        change(&test, &person, deed, &body).await.refused(409, "beneficiary-deceased");
    }
    let other = json!({"died_on": "2025-03-29", "source": "court"});
    change(&test, &person, "death", &other).await.refused(409, "other-death-recorded");
    let ahead = test.register(&in_cash("TK-2", WARD)).await;
    let tomorrow = json!({"died_on": "2025-04-01", "source": "family"});
    change(&test, &ahead, "death", &tomorrow).await.refused(422, "death-in-future");
}

async fn nothing_more_is_recorded_of_the_erased(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    change(&test, &person, "erase", &json!({"ground": "registered_in_error"})).await.is(201);
    let right = json!({"payee": "guardian", "name": "Lê Thị Chín", "valid_from": "2025-03-01"});
    for (deed, body) in [
        ("move", json!({"unit": WARD, "effective_on": "2025-03-31"})),
        ("method", json!({"channel": "cash_desk"})),
        ("authorisations", right),
        ("suspend", json!({"legal_ground": "declared_missing", "from_month": "2025-04"})),
        ("resume", json!({"from_month": "2025-04"})),
        ("identity", json!({"status": "verified", "source": "population_database", "checked_on": "2025-03-20"})),
        ("identifiers", json!({"personal_id": "049155000123"})),
        ("reveal", json!({"kinds": ["name"], "purpose": "audit"})),
    ] {
        let answer = change(&test, &person, deed, &body).await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (409, Some("beneficiary-erased")),
            "{deed}: {}",
            answer.text()
        );
    }
}

async fn people_are_not_unregistered_by_reversing_their_file(test: TestApp) {
    let file = "beneficiary_ref | unit  | channel\n TK-1 | 20341 | cash_desk";
    let report = test.supervisor().upload("kind=beneficiaries", &test.fresh(), csv(file)).await.json(201);
    let path = format!("/v1/imports/{}/reverse", report["import_id"].as_str().unwrap());
    let refused = test.supervisor().post(&path, &test.fresh(), &json!({"reason": "another month"})).await;
    assert!(refused.text().contains("not-reversible"), "{}", refused.text());
    assert_eq!(refused.status / 100, 4);
}
