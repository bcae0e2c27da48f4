//! What changed since a position: kinds with their sums, the payments, and the figures that moved.

use crate::api::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, returned, with};
use chitra::app::access::Role;
use chitra::projections::Projection;
use serde_json::{Value, json};

on_every_engine! {
    what_changed_is_told_by_kind_with_the_figures_that_moved,
    each_kind_of_change_is_told,
    changes_narrow_and_come_in_pages,
    recoveries_and_deaths_are_told_with_their_payment,
    a_rebuild_tells_the_same_changes,
    changes_are_refused_clearly,
}

async fn since(test: &TestApp, position: u64, more: &str) -> Value {
    test.read(&format!("/v1/changes?since={position}{more}")).await
}

fn kinds(answer: &Value) -> Vec<(String, i64, String)> {
    let one = |sum: &Value| {
        let text = |name: &str| sum[name].as_str().unwrap().to_owned();
        (text("kind"), sum["payments"].as_i64().unwrap(), text("amount"))
    };
    answer["kinds"].as_array().unwrap().iter().map(one).collect()
}

fn told(kind: &str, payments: i64, amount: &str) -> (String, i64, String) {
    (kind.to_owned(), payments, amount.to_owned())
}

async fn what_changed_is_told_by_kind_with_the_figures_that_moved(test: TestApp) {
    let before = scene(&test).await;
    let answer = since(&test, before, "").await;
    assert_eq!(kinds(&answer), [told("returned", 1, "7000000")]);
    assert_eq!((&answer["since"], &answer["since_time"]), (&json!(before), &json!("2025-03-31T03:00:00Z")));
    let row = &answer["changes"][0];
    assert_eq!(
        (&row["position"], &row["kind"], &row["unit"]),
        (&json!(before + 1), &json!("returned"), &json!("C20398"))
    );
    assert_eq!(
        (&row["amount"], &row["channel"], &row["recorded_at"]),
        (&json!("7000000"), &json!("account"), &json!("2025-04-04T03:00:00Z"))
    );
    let cycle = &answer["cycles"][0];
    assert_eq!(cycle["cycle"], "2025-03");
    let then = test.read(&format!("/v1/adoption?cycle=2025-03&as_of_position={before}")).await["groups"][0].clone();
    let now = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    for name in ["people", "amount", "payments", "completeness"] {
        assert_eq!((&cycle["before"][name], &cycle["now"][name]), (&then[name], &now[name]), "{name}");
    }
    let unit = &answer["units"][0];
    assert_eq!(
        (&unit["unit"], &unit["kinds"], answer["units"].as_array().unwrap().len()),
        (&json!("C20398"), &answer["kinds"], 1)
    );
    assert_eq!(cycle["points"], json!({"people": "-10.00", "amount": "-10.97", "payments": "-5.36"}));
    let nothing = since(&test, test.head().await, "").await;
    assert_eq!((&nothing["kinds"], &nothing["cycles"], &nothing["changes"]), (&json!([]), &json!([]), &json!([])));
}

async fn each_kind_of_change_is_told(test: TestApp) {
    for person in ["TK-A", "TK-B", "TK-C", "TK-D", "TK-E"] {
        test.register(&by_account(person, WARD)).await;
    }
    let on_time = json!({"cycle": "2025-04", "benefit_months": ["2025-04"], "due_on": "2025-04-02"});
    let order = async |person: &str| test.instruct(&with(pension(&format!("P-{person}"), person), &on_time)).await;
    let (a, b, c, d) = (order("TK-A").await, order("TK-B").await, order("TK-C").await, order("TK-D").await);
    let before = test.head().await;
    test.deed(&a, "accept", &json!({"raw_status": "ACSP"})).await.is(201);
    test.deed(&a, "reject", &with(rejected(), &json!({"rejected_on": "2025-03-31"}))).await.is(201);
    test.deed(&b, "reject", &with(rejected(), &json!({"rejected_on": "2025-03-31"}))).await.is(201);
    test.deed(&c, "correct", &json!({"amount": "4000000", "ground": "clerical"})).await.is(201);
    test.deed(&c, "cancel", &json!({"reason": "duplicate"})).await.is(201);
    let late = json!({"cycle": "2025-03", "benefit_months": ["2025-03"], "due_on": "2025-03-28"});
    test.instruct(&with(pension("P-TK-E", "TK-E"), &late)).await;
    test.days_pass(40);
    test.settle(&d, "2025-05-02").await.is(201);
    test.deed(&d, "return", &returned("2025-05-06")).await.is(201);
    assert_eq!(
        kinds(&since(&test, before, "").await),
        [
            told("ordered_late", 1, "5000000"),
            told("settled_after_month", 1, "5000000"),
            told("returned", 1, "5000000"),
            told("rejected_after_acceptance", 1, "5000000"),
            told("corrected", 1, "4000000"),
            told("cancelled", 1, "4000000"),
        ],
        "what was rejected at once is no surprise, and what settled in its month neither"
    );
}

async fn recoveries_and_deaths_are_told_with_their_payment(test: TestApp) {
    test.register(&by_account("TK-A", WARD)).await;
    let nobody = test.register(&by_account("TK-B", WARD)).await;
    let id = test.instruct(&pension("P-TK-A", "TK-A")).await;
    test.settle(&id, "2025-03-05").await.is(201);
    let before = test.head().await;
    test.days_pass(4);
    let person = test.payment(&id).await["beneficiary_id"].as_str().unwrap().to_owned();
    for one in [person, nobody] {
        let body = json!({"died_on": "2025-02-10", "source": "family"});
        test.supervisor().post(&format!("/v1/beneficiaries/{one}/death"), &test.fresh(), &body).await.is(201);
    }
    let found = test.read("/v1/recoveries").await["recoveries"][0]["amount"].clone();
    let answer = since(&test, before, "").await;
    assert_eq!(
        kinds(&answer),
        [told("recovery_found", 1, found.as_str().unwrap()), told("death_reported", 1, "5000000")]
    );
    let changes = answer["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "who was never paid is no change of any payment");
    assert!(
        changes.iter().all(|change| change["payment_id"] == json!(id) && change["unit"] == json!(format!("C{WARD}")))
    );
}

async fn changes_narrow_and_come_in_pages(test: TestApp) {
    for (person, unit) in [("TK-A", WARD), ("TK-B", COMMUNE), ("HA-C", HOI_AN)] {
        test.register(&in_cash(person, unit)).await;
        let id = test.instruct(&pension(&format!("P-{person}"), person)).await;
        test.deed(&id, "cancel", &json!({"reason": "duplicate"})).await.is(201);
    }
    let count = async |more: &str| since(&test, 0, more).await["changes"].as_array().unwrap().len();
    assert_eq!(count("&kind=cancelled").await, 3);
    assert_eq!(count("&kind=cancelled&unit=D502").await, 2);
    assert_eq!(count("&kind=cancelled&cycle=2025-03").await, 3);
    assert_eq!((count("&kind=cancelled&cycle=2025-04").await, count("&kind=returned,corrected").await), (0, 0));
    let page = since(&test, 0, "&kind=cancelled&limit=2").await;
    assert_eq!(kinds(&page), [told("cancelled", 3, "15000000")], "the sums are of all, not of the page");
    let next = format!("&kind=cancelled&limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = since(&test, 0, &next).await;
    assert_eq!((rest["changes"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    let own = clerk.get("/v1/changes?since=0&kind=cancelled").await.json(200);
    assert_eq!(own["changes"].as_array().unwrap().len(), 1);
    let csv = test.supervisor().get("/v1/changes?since=0&format=csv").await.is(200).text();
    assert!(csv.contains("position,recorded_at,kind,payment_id,cycle,unit,"), "{csv}");
}

async fn a_rebuild_tells_the_same_changes(test: TestApp) {
    scene(&test).await;
    let before = since(&test, 0, "").await;
    assert!(!before["changes"].as_array().unwrap().is_empty());
    test.app.rebuild(Projection::Payments, |_| {}).await.unwrap();
    assert_eq!(since(&test, 0, "").await, before);
}

async fn changes_are_refused_clearly(test: TestApp) {
    for (query, error) in [
        ("", "/since missing"),
        ("?since=-1", "/since invalid-value"),
        ("?since=0&cycle=March", "/cycle invalid-value"),
        ("?since=0&kind=moon", "/kind invalid-value"),
        ("?since=0&kind=returned,returned", "/kind invalid-value"),
        ("?since=0&group_by=unit", "/group_by unknown-parameter"),
    ] {
        let refused = test.supervisor().get(&format!("/v1/changes{query}")).await;
        assert_eq!(refused.refused(422, "invalid-input").errors(), [error], "{query}");
    }
    test.supervisor().get("/v1/changes?since=1000000").await.refused(422, "position-beyond-head");
    let path = "/v1/changes?since=0";
    test.nobody().get(path).await.refused(401, "unauthenticated");
    for role in [Role::Bank, Role::Operator] {
        test.as_role(role).get(path).await.refused(403, "role-not-allowed");
    }
    test.as_role(Role::Analyst).get(path).await.refused(403, "published-figures-only");
    test.as_role(Role::Auditor).get(path).await.is(200);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    clerk.get(&format!("{path}&unit={WARD}")).await.refused(403, "out-of-your-units");
}
