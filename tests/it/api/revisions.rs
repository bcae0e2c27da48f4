//! The revision triangle: what was published of a cycle at the end of each month, and what changed since.

use crate::api::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, in_cash, pension};
use chitra::app::access::Role;
use chitra::clock::Clock;
use serde_json::{Value, json};

on_every_engine! {
    a_return_revises_what_was_published,
    a_closed_column_never_changes,
    a_month_ends_in_the_profiles_time_zone,
    revisions_narrow_to_a_unit_and_come_as_files,
    revisions_are_refused_clearly,
}

fn column(answer: &Value, cycle: usize, months_after: usize) -> Value {
    answer["cycles"][cycle]["revisions"][months_after].clone()
}

async fn a_return_revises_what_was_published(test: TestApp) {
    let published = scene(&test).await;
    let answer = test.read("/v1/adoption/revisions?cycle=2025-03").await;
    assert_eq!(answer["cycles"].as_array().unwrap().len(), 1);
    assert_eq!(answer["cycles"][0]["cycle"], "2025-03");
    assert_eq!(
        answer["cycles"][0]["revisions"].as_array().unwrap().len(),
        2,
        "March and April have begun, May has not"
    );
    let first = column(&answer, 0, 0);
    assert_eq!((&first["day"], &first["closed"]), (&json!("2025-03-31"), &json!(true)));
    assert_eq!(first["as_of_position"], published);
    assert_eq!(first["change"], Value::Null, "before it nothing was published");
    let people = json!({"numerator": 3, "denominator": 6, "ratio": "0.500000", "cashless": 3, "cash": 2, "mixed": 1});
    assert_eq!(first["people"], people);
    let then = test.read("/v1/adoption?cycle=2025-03&as_of_day=2025-03-31").await["groups"][0].clone();
    let now = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    let second = column(&answer, 0, 1);
    for name in ["people", "amount", "payments", "completeness"] {
        assert_eq!((&first[name], &second[name]), (&then[name], &now[name]), "{name}");
    }
    assert_eq!((&second["day"], &second["closed"]), (&json!("2025-04-30"), &json!(false)));
    assert_eq!(
        second["change"],
        json!({
            "people": {"numerator": -1, "denominator": -1, "points": "-10.00"},
            "amount": {"numerator": "-7000000", "denominator": "-7000000", "points": "-10.97"},
            "payments": {"numerator": -1, "denominator": -1, "points": "-5.36"},
        }),
        "one of seven millions came back in April"
    );
}

async fn a_closed_column_never_changes(test: TestApp) {
    scene(&test).await;
    let before = test.read("/v1/adoption/revisions?cycle=2025-03").await;
    test.register(&in_cash("LATE", WARD)).await;
    test.days_pass(40);
    let late = test.instruct(&pension("P-LATE", "LATE")).await;
    test.settle(&late, "2025-05-14").await.is(201);
    let after = test.read("/v1/adoption/revisions?cycle=2025-03").await;
    assert_eq!(column(&before, 0, 0), column(&after, 0, 0));
    let april = column(&after, 0, 1);
    assert_eq!((&april["closed"], &april["people"]), (&json!(true), &column(&before, 0, 1)["people"]));
    let may = column(&after, 0, 2);
    assert_eq!(may["change"]["people"], json!({"numerator": 0, "denominator": 1, "points": "-6.67"}));
    let short = test.read("/v1/adoption/revisions?cycle=2025-03&months=1").await;
    assert_eq!(short["cycles"][0]["revisions"].as_array().unwrap().len(), 2);
    let as_then = test.read("/v1/adoption/revisions?cycle=2025-03&as_of_day=2025-04-04").await;
    assert_eq!(column(&as_then, 0, 1)["people"], april["people"]);
    assert_eq!(as_then["cycles"][0]["revisions"].as_array().unwrap().len(), 2, "May was not known in April");
}

async fn a_month_ends_in_the_profiles_time_zone(test: TestApp) {
    test.register(&in_cash("TK-A", WARD)).await;
    test.register(&in_cash("TK-B", WARD)).await;
    let (a, b) = (test.instruct(&pension("P-A", "TK-A")).await, test.instruct(&pension("P-B", "TK-B")).await);
    // 23:30 in Vietnam is March still; 00:30 is April, though March in Greenwich.
    test.clock.set_us(test.clock.now_us() + 13 * 3_600_000_000 + 1_800_000_000);
    test.settle(&a, "2025-03-31").await.is(201);
    let march = test.head().await;
    test.clock.set_us(test.clock.now_us() + 3_600_000_000);
    test.settle(&b, "2025-03-31").await.is(201);
    let answer = test.read("/v1/adoption/revisions").await;
    assert_eq!(answer["cycles"].as_array().unwrap().len(), 1, "cycles without payments are in no row");
    assert_eq!((&answer["cycle_from"], &answer["cycle_to"]), (&json!("2024-05"), &json!("2025-04")));
    let first = column(&answer, 0, 0);
    assert_eq!((&first["as_of_position"], &first["payments"]["denominator"]), (&json!(march), &json!(1)));
    assert_eq!(column(&answer, 0, 1)["payments"]["denominator"], 2);
}

async fn revisions_narrow_to_a_unit_and_come_as_files(test: TestApp) {
    scene(&test).await;
    let hoi_an = test.read(&format!("/v1/adoption/revisions?unit={HOI_AN}&cycle_from=2025-02&cycle_to=2025-04")).await;
    assert_eq!(hoi_an["filters"], json!({"unit": "C20398", "cycle_from": "2025-02", "cycle_to": "2025-04"}));
    assert_eq!((&hoi_an["cycle_from"], &hoi_an["cycle_to"]), (&json!("2025-02"), &json!("2025-04")));
    assert_eq!(hoi_an["cycles"].as_array().unwrap().len(), 1);
    assert_eq!(column(&hoi_an, 0, 0)["people"]["denominator"], 2);
    assert_eq!(column(&hoi_an, 0, 1)["people"]["denominator"], 1);
    let path = format!("/v1/adoption/revisions?cycle=2025-03&min_position={}&format=", test.head().await);
    let csv = test.supervisor().get(&format!("{path}csv")).await.is(200);
    assert_eq!(csv.header("x-as-of-position"), test.head().await.to_string());
    let csv = csv.text();
    assert!(csv.contains("cycle,months_after,day,closed,as_of_position,as_of_time,people_numerator,people_denominator,people_ratio,people_change_numerator,"), "{csv}");
    assert!(csv.contains("2025-03,1,2025-04-30,false,"), "{csv}");
    assert!(csv.contains(",2,5,0.400000,-1,-1,-10.00,12000000,"), "{csv}");
    test.supervisor().get(&format!("{path}xlsx")).await.is(200);
    let lines = test.supervisor().get(&format!("{path}ndjson")).await.is(200).text();
    assert_eq!(lines.lines().count(), 2);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("C20359"), None).await);
    let own = clerk.get("/v1/adoption/revisions?cycle=2025-03").await.json(200);
    assert_eq!(column(&own, 0, 1)["people"]["denominator"], 3);
    let nowhere = test.with_key(&test.key(Role::Clerk, Some("GONE"), None).await);
    for path in ["/v1/adoption/revisions", "/v1/adoption", "/v1/settlement", "/v1/targets"] {
        nowhere.get(path).await.refused(403, "out-of-your-units");
    }
}

async fn revisions_are_refused_clearly(test: TestApp) {
    for (query, error) in [
        ("cycle=2025-03&cycle_from=2025-01", "/cycle invalid-value"),
        ("cycle_from=2025-04&cycle_to=2025-03", "/cycle_from invalid-value"),
        ("cycle_from=2015-01&cycle_to=2025-03", "/cycle_from invalid-value"),
        ("months=37", "/months invalid-value"),
        ("months=some", "/months invalid-value"),
        ("group_by=unit", "/group_by unknown-parameter"),
    ] {
        let refused = test.supervisor().get(&format!("/v1/adoption/revisions?{query}")).await;
        assert_eq!(refused.refused(422, "invalid-input").errors(), [error], "{query}");
    }
    let path = "/v1/adoption/revisions";
    test.nobody().get(path).await.refused(401, "unauthenticated");
    test.as_role(Role::Bank).get(path).await.refused(403, "role-not-allowed");
    let clerk = test.with_key(&test.key(Role::Clerk, Some(HOI_AN), None).await);
    clerk.get(&format!("{path}?unit={WARD}")).await.refused(403, "out-of-your-units");
    test.as_role(Role::Analyst).get(path).await.refused(403, "published-figures-only");
    test.as_role(Role::Auditor).get(path).await.is(200);
}
