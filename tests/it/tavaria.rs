//! The fictional country from end to end: its own identifiers, money with decimals, mobile money. Nothing of Vietnam is asked for.

use crate::support::app::{TestApp, spawn_tavaria};
use crate::support::client::Answer;
use crate::support::engine::Engine;
use crate::support::files::{csv, ndjson, xlsx};
use crate::support::on_both_engines;
use crate::support::verbs::with;
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};
use std::io::Cursor;

on_both_engines!(
    a_person_is_registered_found_and_paid_by_the_citizen_number,
    a_scheme_of_another_country_is_refused_with_the_names_of_this_one,
    office_files_name_people_by_the_citizen_number_in_every_format,
    a_file_with_a_foreign_or_wrong_identifier_is_refused_and_shows_none_of_it,
    template_reference_and_document_are_those_of_the_country,
    back_pay_and_top_ups_reach_as_far_as_this_country_says,
);

fn by_phone(citizen: &str) -> Value {
    json!({"citizen_no": citizen, "unit": "N1", "channel": "mobile_money", "bank": "tavcell", "account": "5550001"})
}

fn grant(reference: &str, citizen: &str, amount: &str) -> Value {
    json!({"payment_reference": reference, "citizen_no": citizen, "benefit_type": "family_grant", "cycle": "2025-03", "amount": amount})
}

async fn post(test: &TestApp, path: &str, body: &Value) -> Answer {
    test.supervisor().post(path, &test.fresh(), body).await
}

/// The adoption figures of March, of the whole country.
async fn adoption(test: &TestApp) -> Value {
    test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone()
}

async fn a_person_is_registered_found_and_paid_by_the_citizen_number(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    let id = test.register(&by_phone("T1234567")).await;
    let found =
        test.supervisor().post_without_key("/v1/beneficiaries/search", &json!({"citizen_no": "T1234567"})).await;
    assert_eq!(found.json(200)["beneficiary_id"], id.as_str());
    let path = format!("/v1/beneficiaries/{id}/identifiers");
    post(&test, &path, &json!({"citizen_no": "T7654321", "valid_from": "2025-03-01"})).await.is(201);
    let found =
        test.supervisor().post_without_key("/v1/beneficiaries/search", &json!({"citizen_no": "T7654321"})).await;
    assert_eq!(found.json(200)["beneficiary_id"], id.as_str());
    test.register(&json!({"citizen_no": "T1234568", "unit": "S1", "channel": "voucher"})).await;
    for (reference, citizen, amount) in [("W-1", "T1234567", "120.50"), ("W-2", "T1234568", "79.50")] {
        let payment = test.instruct(&grant(reference, citizen, amount)).await;
        test.settle(&payment, "2025-03-28").await.is(201);
    }
    let figures = adoption(&test).await;
    let people = &figures["people"];
    assert_eq!(
        (&people["numerator"], &people["denominator"], &people["ratio"]),
        (&json!(1), &json!(2), &json!("0.500000"))
    );
    let amount = json!({"numerator": "120.50", "denominator": "200.00", "ratio": "0.602500", "currency": "TVR"});
    assert_eq!(figures["amount"], amount);
}

async fn a_scheme_of_another_country_is_refused_with_the_names_of_this_one(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    test.register(&by_phone("T1234567")).await;
    let message = |answer: &Answer| answer.body["errors"][0]["message"].as_str().unwrap().to_owned();

    let foreign = with(by_phone("T1234568"), &json!({"personal_id": "049155000012"}));
    let answer = post(&test, "/v1/beneficiaries", &foreign).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/personal_id unknown-field"]);
    assert!(message(&answer).contains("citizen_no, beneficiary_ref"), "{}", answer.text());

    let nobody = with(by_phone("T1234568"), &json!({"citizen_no": null}));
    let answer = post(&test, "/v1/beneficiaries", &nobody).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/citizen_no missing"]);
    assert!(message(&answer).contains("citizen_no, beneficiary_ref"), "{}", answer.text());

    let to_nobody = with(grant("W-1", "T1234567", "1.00"), &json!({"citizen_no": null}));
    let answer = post(&test, "/v1/payments", &to_nobody).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/beneficiary_id missing"]);
    assert!(message(&answer).contains("citizen_no, beneficiary_ref"), "{}", answer.text());

    let twice = with(grant("W-1", "T1234567", "1.00"), &json!({"beneficiary_ref": "CARD-1"}));
    let answer = post(&test, "/v1/payments", &twice).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/beneficiary_id named-twice"]);

    let short = post(&test, "/v1/beneficiaries", &by_phone("T12")).await.refused(422, "invalid-input");
    assert_eq!(short.errors(), ["/citizen_no identifier-length"]);

    let both = json!({"citizen_no": "T1234567", "beneficiary_ref": "CARD-1"});
    let answer = test.supervisor().post_without_key("/v1/beneficiaries/search", &both).await;
    assert!(message(&answer.refused(422, "invalid-input")).contains("citizen_no, beneficiary_ref"));
}

async fn office_files_name_people_by_the_citizen_number_in_every_format(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    let people =
        |citizen: &str, rest: &str| format!("Citizen number | Ward | Way | bank | Telephone\n {citizen} | N1 | {rest}");
    let payments = |row: &str| format!("Warrant | Citizen number | Grant | Run | Crowns\n {row}");
    let outcomes = |row: &str| format!("Warrant | Result | Day\n {row}");
    for (number, (way, amount)) in [
        ("phone | tavcell | 5550001", "120.50"),
        ("mobile_money | tavcell | 5550002", "1,079.25"),
        ("voucher | | ", "0.25"),
    ]
    .into_iter()
    .enumerate()
    {
        let files = [
            ("beneficiaries", people(&format!("T123456{number}"), way)),
            (
                "payments",
                payments(&format!("W-{number} | T123456{number} | family_grant | 2025-03 | {}", quoted(amount))),
            ),
            ("outcomes", outcomes(&format!("W-{number} | settled | 2025-03-28"))),
        ];
        for (kind, text) in files {
            let bytes = [csv, xlsx, ndjson][number](&unquoted(&text, number));
            let report = test.supervisor().upload(&format!("kind={kind}"), &test.fresh(), bytes).await.json(201);
            assert_eq!(
                (&report["recorded_rows"], &report["errors"]),
                (&json!(1), &json!(0)),
                "{kind} {number}: {report}"
            );
        }
    }
    let figures = adoption(&test).await;
    let people = &figures["people"];
    assert_eq!(
        (&people["numerator"], &people["denominator"], &people["ratio"]),
        (&json!(2), &json!(3), &json!("0.666667"))
    );
    let amount = json!({"numerator": "1199.75", "denominator": "1200.00", "ratio": "0.999792", "currency": "TVR"});
    assert_eq!(figures["amount"], amount);
}

/// An amount with a comma, as CSV needs it.
fn quoted(amount: &str) -> String {
    format!("\"{amount}\"")
}

/// Only CSV has quotes around cells.
fn unquoted(text: &str, format: usize) -> String {
    if format == 0 { text.to_owned() } else { text.replace('"', "") }
}

async fn a_file_with_a_foreign_or_wrong_identifier_is_refused_and_shows_none_of_it(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    let upload = |text: &'static str| {
        let (caller, key) = (test.supervisor(), test.fresh());
        async move { caller.upload("kind=beneficiaries", &key, csv(text)).await }
    };
    let answer = upload("personal_id | unit\n 049155000012 | N1").await.refused(422, "unknown-column");
    assert!(answer.body["detail"].as_str().unwrap().contains("citizen_no, beneficiary_ref"), "{}", answer.text());

    let answer = upload("name | unit\n Ann | N1").await.refused(422, "missing-column");
    assert!(answer.body["detail"].as_str().unwrap().contains("citizen_no | beneficiary_ref"), "{}", answer.text());

    let report = upload("citizen_no | beneficiary_ref | unit\n T98765432100 | | N1\n | | N1").await.json(422);
    let issue = |number: usize| {
        let issue = &report["issues"][number];
        format!("{} {} {}", issue["row"], issue["column"].as_str().unwrap(), issue["code"].as_str().unwrap())
    };
    assert_eq!([issue(0), issue(1)], ["2 citizen_no identifier-length", "3 citizen_no cell-missing"]);
    assert!(!report.to_string().contains("T98765432100"), "{report}");
    assert!(report["issues"][1]["message"].as_str().unwrap().contains("citizen_no | beneficiary_ref"), "{report}");
}

async fn template_reference_and_document_are_those_of_the_country(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    let bytes = test.supervisor().get("/v1/imports/template.xlsx").await.is(200).bytes;
    let mut template = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = template.worksheet_range("beneficiaries").unwrap();
    let texts: Vec<String> = sheet.used_cells().map(|(_, _, cell)| cell.to_string()).collect();
    for text in ["citizen_no", "T1234567", "N1"] {
        assert!(texts.iter().any(|cell| cell == text), "{text}: {texts:?}");
    }
    assert!(!texts.iter().any(|cell| cell == "personal_id"), "{texts:?}");

    let payments = template.worksheet_range("payments").unwrap();
    assert!(payments.used_cells().any(|(row, _, cell)| row == 0 && *cell == Data::String("citizen_no".to_owned())));

    let reference = test.read("/v1/reference").await;
    let codes: Vec<&str> =
        reference["identifiers"].as_array().unwrap().iter().map(|i| i["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["citizen_no", "beneficiary_ref"]);

    // The document's own examples are taken as they are.
    let document = test.nobody().get("/openapi.json").await.json(200);
    for name in ["BeneficiaryRegistration", "BeneficiarySearch", "PaymentInstruction"] {
        let schema = &document["components"]["schemas"][name];
        assert!(schema["properties"]["citizen_no"].is_object(), "{name}");
        assert!(schema["properties"].get("personal_id").is_none(), "{name}");
        for field in schema["examples"][0].as_object().unwrap().keys() {
            assert!(schema["properties"].get(field).is_some(), "{name}: {field}");
        }
    }
    let example = &document["components"]["schemas"]["BeneficiaryRegistration"]["examples"][0];
    post(&test, "/v1/beneficiaries", example).await.is(201);
    let example = &document["components"]["schemas"]["PaymentInstruction"]["examples"][0];
    post(&test, "/v1/payments", example).await.is(201);
    let page = test.nobody().get("/docs").await.is(200).text();
    assert!(page.contains("citizen_no") && !page.contains("personal_id"));
}

async fn back_pay_and_top_ups_reach_as_far_as_this_country_says(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    test.register(&by_phone("T1234567")).await;
    let top_up = |amount| with(grant("W-1", "T1234567", amount), &json!({"kind": "supplement"}));
    post(&test, "/v1/payments", &top_up("1000.01")).await.refused(422, "amount-too-large");
    post(&test, "/v1/payments", &top_up("1000.00")).await.is(201);
    let back_pay = |months: &[&str]| {
        with(grant("W-2", "T1234567", "1000.01"), &json!({"kind": "arrears", "benefit_months": months}))
    };
    post(&test, "/v1/payments", &back_pay(&["2024-02"])).await.refused(422, "month-too-far-back");
    post(&test, "/v1/payments", &back_pay(&["2024-03"])).await.is(201);
}
