//! The calendar and what is late by it.

use crate::support::app::{TestApp, spawn_tavaria};
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, WARD, in_cash, pension, settled, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    the_days_of_a_cycle_come_with_their_reasons,
    a_cycle_before_tet_pays_two_months_unless_others_are_named,
    what_is_late_is_counted_by_unit_and_no_longer_once_it_is_final,
    what_was_late_at_an_earlier_position_can_be_asked_later,
    lateness_stays_within_the_units_of_the_key,
}

fn day<'a>(calendar: &'a Value, kind: &str, code: &str) -> &'a Value {
    let days = calendar["days"].as_array().unwrap();
    days.iter().find(|day| day["kind"] == kind && day["code"] == code).unwrap()
}

async fn the_days_of_a_cycle_come_with_their_reasons(test: TestApp) {
    let april = test.as_role(Role::Analyst).get("/v1/calendar?cycle=2025-04&unit=20341").await.json(200);
    assert_eq!(april["unit"], "C20341");
    let due = day(&april, "due", "account");
    assert_eq!(
        (&due["from"], &due["planned_from"], &due["reason"]),
        (&json!("2025-04-08"), &json!("2025-04-05"), &json!("weekend"))
    );
    assert_eq!(due["reason_text"], "2025-04-05 is a Saturday: put off to 2025-04-08");
    assert_eq!(due["reason_text_vi"], "2025-04-05 là thứ Bảy: lùi sang 2025-04-08");
    assert_eq!(day(&april, "cut_off", "method_change")["to"], "2025-03-20");
    assert_eq!(day(&april, "cut_off", "social_pension_list")["labels"]["en"], "List and money of the social pension");
    assert_eq!(day(&april, "window", "post_offices")["reason"], "planned");
    assert_eq!(day(&april, "unpaid_list", "unpaid_list")["channels"], json!(["cash_desk", "home_delivery"]));
    let tet = test.supervisor().get("/v1/calendar?cycle=2025-01").await.json(200);
    assert_eq!(
        tet["together"],
        json!([{"benefit_groups": ["monthly"], "benefit_months": ["2025-01", "2025-02"], "paid_with": null}])
    );
    let csv = test.supervisor().get("/v1/calendar?cycle=2025-04&format=csv").await.is(200).text();
    assert!(csv.contains("due,account,Bank account / Tài khoản ngân hàng,2025-04-08"), "{csv}");
    assert_eq!(test.supervisor().get("/v1/calendar").await.refused(422, "invalid-input").errors(), ["/cycle missing"]);
    test.supervisor().get("/v1/calendar?cycle=2025-04&unit=nowhere").await.refused(422, "invalid-input");
    test.nobody().get("/v1/calendar?cycle=2025-04").await.refused(401, "unauthenticated");
}

async fn a_cycle_before_tet_pays_two_months_unless_others_are_named(test: TestApp) {
    test.register(&in_cash("TK-1", WARD)).await;
    let tet = with(pension("P-1", "TK-1"), &json!({"cycle": "2025-01", "amount": "10000000"}));
    let id = test.instruct(&tet).await;
    let payment = test.supervisor().get(&format!("/v1/payments/{id}")).await.json(200);
    assert_eq!(payment["benefit_months"], json!(["2025-01", "2025-02"]));
    let again = with(pension("P-2", "TK-1"), &json!({"cycle": "2025-02"}));
    test.supervisor().post("/v1/payments", &test.fresh(), &again).await.refused(409, "duplicate-benefit-month");
    test.register(&in_cash("TK-2", WARD)).await;
    let one = with(pension("P-3", "TK-2"), &json!({"cycle": "2025-01", "benefit_months": ["2025-01"]}));
    let id = test.instruct(&one).await;
    let payment = test.supervisor().get(&format!("/v1/payments/{id}")).await.json(200);
    assert_eq!(payment["benefit_months"], json!(["2025-01"]));
}

/// Two by account and one in cash in a ward, one by account in a commune.
async fn four(test: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for (name, unit) in [("TK-1", WARD), ("TK-2", WARD), ("TK-3", COMMUNE)] {
        ids.push(test.pension_of(name, unit).await);
    }
    test.register(&in_cash("TK-4", WARD)).await;
    ids.push(test.instruct(&pension("P-TK-4", "TK-4")).await);
    ids
}

async fn late(test: &TestApp, query: &str) -> Value {
    test.read(&format!("/v1/late?{query}")).await
}

async fn what_is_late_is_counted_by_unit_and_no_longer_once_it_is_final(test: TestApp) {
    let ids = four(&test).await;
    assert_eq!(late(&test, "cycle=2025-03&today=2025-03-05").await["groups"], json!([]), "the last day is not over");
    let found = late(&test, "cycle=2025-03&today=2025-03-12").await;
    assert_eq!(found["total"]["late"], json!({"payments": 3, "amount": "15000000"}));
    assert_eq!(found["total"]["open"]["payments"], 4, "cash is paid to the 25th");
    let ward = &found["groups"][0];
    assert_eq!((&ward["group"]["unit"], &ward["late"]["payments"]), (&json!("C20341"), &json!(2)));
    assert_eq!((&ward["oldest_last_day"], &ward["oldest_days"]), (&json!("2025-03-05"), &json!(7)));
    let ageing: Vec<&Value> = ward["ageing"].as_array().unwrap().iter().map(|bucket| &bucket["payments"]).collect();
    assert_eq!(ageing, [0, 0, 2, 0, 0]);
    assert_eq!(late(&test, "").await["total"]["late"]["payments"], 4, "today is the 31st");
    assert_eq!(late(&test, "channel=cash_desk").await["total"]["late"]["payments"], 1);
    test.deed(&ids[0], "settle", &settled("2025-03-31")).await.is(201);
    assert_eq!(late(&test, "unit=20341").await["total"]["late"]["payments"], 2);
    let csv = test.supervisor().get("/v1/late?format=csv").await.is(200).text();
    assert!(csv.contains("C20341"), "{csv}");
    assert_eq!(
        test.supervisor().get("/v1/late?group_by=bank").await.refused(422, "invalid-input").errors(),
        ["/group_by unknown-parameter"]
    );
}

async fn what_was_late_at_an_earlier_position_can_be_asked_later(test: TestApp) {
    let ids = four(&test).await;
    let before = test.head().await;
    for id in &ids {
        test.deed(id, "settle", &settled("2025-03-31")).await.is(201);
    }
    assert_eq!(late(&test, "").await["total"]["late"]["payments"], 0);
    let then = late(&test, &format!("as_of_position={before}")).await;
    assert_eq!((&then["total"]["late"]["payments"], &then["as_of_position"]), (&json!(4), &json!(before)));
}

async fn lateness_stays_within_the_units_of_the_key(test: TestApp) {
    four(&test).await;
    test.caught_up().await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("C20341"), None).await);
    let own = clerk.get("/v1/late").await.json(200);
    assert_eq!((own["groups"].as_array().unwrap().len(), &own["total"]["late"]["payments"]), (1, &json!(3)));
    clerk.get("/v1/late?unit=20359").await.refused(403, "out-of-your-units");
    test.as_role(Role::Bank).get("/v1/late").await.refused(403, "role-not-allowed");
    test.nobody().get("/v1/late").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_country_of_other_days_has_its_own_calendar() {
    let test = spawn_tavaria(Engine::SqliteMemory).await;
    let own = test.supervisor().get("/v1/calendar?cycle=2026-04&unit=S1").await.json(200);
    let window = day(&own, "window", "month_end");
    assert_eq!((&window["from"], &window["reason"]), (&json!("2026-04-05"), &json!("own_days")));
    assert_eq!(window["reason_text"], "Ferry timetable of spring 2026");
    assert_eq!(day(&own, "due", "voucher")["from"], "2026-04-07");
    let usual = test.supervisor().get("/v1/calendar?cycle=2026-04&unit=N1").await.json(200);
    assert_eq!(day(&usual, "due", "voucher")["from"], "2026-04-30");
}
