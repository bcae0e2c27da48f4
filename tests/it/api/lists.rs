//! Lists of payments: filters, pages, forms, and the reference data that filters take.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_engine! {
    each_filter_finds_its_payments,
    pages_follow_one_another_without_gaps_or_repeats,
    a_list_comes_as_csv_xlsx_and_ndjson,
    units_are_listed_by_day_level_and_parent,
    the_code_lists_and_indicators_are_served,
}

/// Three payments that differ in all that can be filtered.
async fn three(test: &TestApp) {
    test.pension_of("TK-1", WARD).await;
    test.register(&in_cash("TK-2", COMMUNE)).await;
    let cash = with(
        pension("P-TK-2", "TK-2"),
        &json!({"benefit_type": "disability", "cycle": "2025-02", "due_on": "2025-02-10"}),
    );
    test.instruct(&cash).await;
    test.register(&with(by_account("HA-1", HOI_AN), &json!({"bank": "bidv"}))).await;
    let rejected_one = test.instruct(&pension("P-HA-1", "HA-1")).await;
    test.deed(&rejected_one, "reject", &rejected()).await.is(201);
}

fn references(list: &Value) -> Vec<&str> {
    list["payments"].as_array().unwrap().iter().map(|row| row["payment_reference"].as_str().unwrap()).collect()
}

async fn each_filter_finds_its_payments(test: TestApp) {
    three(&test).await;
    let all: &[&str] = &["P-TK-1", "P-TK-2", "P-HA-1"];
    for (filter, expected) in [
        ("", all),
        ("unit=20341", &["P-TK-1"]),
        ("unit=D502", &["P-TK-1", "P-TK-2"]),
        ("unit=P49", all),
        ("benefit_type=disability", &["P-TK-2"]),
        ("cycle=2025-03", &["P-TK-1", "P-HA-1"]),
        ("status=rejected", &["P-HA-1"]),
        ("channel=cash_desk", &["P-TK-2"]),
        ("bank=BIDV", &["P-HA-1"]),
        ("due_before=2025-03-01", &["P-TK-2"]),
        ("payment_reference=P-TK-1", &["P-TK-1"]),
        ("cycle=2025-03&bank=vcb&unit=D502", &["P-TK-1"]),
        ("cycle=2025-03&channel=cash_desk", &[]),
    ] {
        let list = test.read(&format!("/v1/payments?{filter}")).await;
        assert_eq!(references(&list), expected, "{filter}");
    }
    let person = test.read("/v1/payments?payment_reference=P-TK-2").await["payments"][0]["beneficiary_id"].clone();
    let list = test.read(&format!("/v1/payments?beneficiary_id={}", person.as_str().unwrap())).await;
    assert_eq!(references(&list), ["P-TK-2"]);
}

async fn pages_follow_one_another_without_gaps_or_repeats(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let mut ordered = BTreeSet::new();
    for month in 1..=7 {
        let reference = format!("P-{month}");
        test.instruct(&with(
            pension(&reference, "TK-1"),
            &json!({"cycle": format!("2024-{month:02}"), "channel": "cash_desk"}),
        ))
        .await;
        ordered.insert(reference);
    }
    test.read("/v1/payments").await;
    let mut path = "/v1/payments?limit=3&channel=cash_desk".to_owned();
    let (mut seen, mut pages) = (BTreeSet::new(), 0);
    loop {
        let page = test.supervisor().get(&path).await.is(200);
        pages += 1;
        for reference in references(&page.body) {
            assert!(seen.insert(reference.to_owned()), "{reference} came twice");
        }
        let link = page.header("link");
        let Some(next) = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")) else {
            assert_eq!(page.body["next_cursor"], Value::Null);
            break;
        };
        assert!(next.contains(page.body["next_cursor"].as_str().unwrap()));
        next.clone_into(&mut path);
    }
    assert_eq!((seen, pages), (ordered, 3));
}

async fn a_list_comes_as_csv_xlsx_and_ndjson(test: TestApp) {
    three(&test).await;
    test.read("/v1/payments").await;
    let csv = test.supervisor().get_with("/v1/payments", ("accept", "text/csv")).await.is(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("x-as-of-position"), test.head().await.to_string());
    let content = csv.text();
    let lines: Vec<&str> = content.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("payment_id,payment_reference,"), "{}", lines[0]);
    let ndjson = test.supervisor().get("/v1/payments?format=ndjson").await.is(200);
    let first: Value = serde_json::from_str(ndjson.text().lines().next().unwrap()).unwrap();
    assert_eq!(first["payment_reference"], "P-TK-1");
    let xlsx = test.supervisor().get("/v1/payments?format=xlsx").await.is(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    assert!(xlsx.header("content-disposition").contains("payments.xlsx"));
}

async fn units_are_listed_by_day_level_and_parent(test: TestApp) {
    let count = async |query: &str| {
        test.supervisor().get(&format!("/v1/units?{query}")).await.json(200)["units"].as_array().unwrap().len()
    };
    assert_eq!(count("on=2024-06-01&level=commune&under=P49").await, 241);
    assert_eq!(count("on=2025-03-01&level=commune&under=P49").await, 233);
    assert_eq!(count("on=2025-03-01&level=district&under=P49").await, 17);
    assert_eq!(count("on=2025-07-01&level=commune").await, 94);
    assert_eq!(count("on=2025-07-01&level=district").await, 0);
    let answer = test.supervisor().get("/v1/units?under=X1").await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/under code-unknown"]);
}

async fn the_code_lists_and_indicators_are_served(test: TestApp) {
    let codes = test.supervisor().get("/v1/reference").await.json(200);
    assert_eq!(codes["currency"], json!({"code": "VND", "exponent": 0}));
    let account = codes["channels"].as_array().unwrap().iter().find(|channel| channel["code"] == "account").unwrap();
    assert_eq!(account["cashless"], true);
    let indicators = test.supervisor().get("/v1/indicators").await.json(200);
    let ids: Vec<&str> =
        indicators["indicators"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    for id in ["A1", "A2", "A3", "C1"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    let template = test.supervisor().get("/v1/imports/template.xlsx").await.is(200);
    assert!(template.bytes.starts_with(b"PK"));
}
