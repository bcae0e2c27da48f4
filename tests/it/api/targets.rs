//! Targets of units: set and withdrawn as events, and how far each is from being reached.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, pension, with};
use chitra::app::access::Role;
use chitra::domain::profile::Profile;
use serde_json::{Value, json};

on_every_engine! {
    a_target_is_told_with_gap_pace_and_what_is_needed,
    a_unit_without_a_target_has_those_of_the_unit_above_and_the_nation,
    a_target_counts_from_when_it_was_set_until_it_is_withdrawn,
    the_assessment_shows_the_units_own_targets,
    a_target_is_set_once_and_repeats_have_one_effect,
    targets_are_set_within_ones_units,
    targets_are_refused_clearly,
    a_unit_has_so_many_targets_at_most,
}

fn target(members: &Value) -> Value {
    let body = json!({"unit": "D502", "indicator": "A1", "value": "0.8", "by_date": "2025-06-30", "legal_basis": "Kế hoạch 12/KH-UBND"});
    with(body, members)
}

async fn set(test: &TestApp, members: &Value) -> Value {
    test.supervisor().post("/v1/targets", &test.fresh(), &target(members)).await.json(201)
}

/// Ten people of the ward; so many of them by account, the others in cash.
async fn paid(test: &TestApp, cycle: &str, by_account: usize) {
    for person in 0..10 {
        let channel = if person < by_account { "account" } else { "cash_desk" };
        let order = json!({"cycle": cycle, "benefit_months": [cycle], "channel": channel});
        let id = test.instruct(&with(pension(&format!("{person}-{cycle}"), &format!("P-{person}")), &order)).await;
        test.settle(&id, &format!("{cycle}-05")).await.is(201);
    }
}

async fn people(test: &TestApp) {
    for person in 0..10 {
        test.register(&by_account(&format!("P-{person}"), WARD)).await;
    }
}

fn line<'a>(answer: &'a Value, id: &Value) -> &'a Value {
    answer["targets"].as_array().unwrap().iter().find(|line| line["target_id"] == *id).unwrap()
}

async fn a_target_is_told_with_gap_pace_and_what_is_needed(test: TestApp) {
    people(&test).await;
    for (cycle, by_account) in [("2025-01", 4), ("2025-02", 5), ("2025-03", 6)] {
        paid(&test, cycle, by_account).await;
    }
    let id = set(&test, &json!({})).await["target_id"].clone();
    let amount = set(&test, &json!({"indicator": "A2", "value": "0.600000"})).await["target_id"].clone();
    let seen = test.supervisor().get("/v1/targets?unit=D502").await.json(200);
    line(&seen, &amount);
    let answer = test.read("/v1/targets?unit=D502").await;
    assert_eq!(
        (&answer["cycle"], &answer["unit"]),
        (&json!("2025-03"), &json!("D502")),
        "the last cycle with payments"
    );
    let told = line(&answer, &id);
    assert_eq!(
        (&told["origin"], &told["value"], &told["unit_name"]),
        (&json!("own"), &json!("0.8"), &json!("Thành phố Tam Kỳ"))
    );
    assert_eq!(told["reached"], json!({"numerator": 6, "denominator": 10, "ratio": "0.600000"}));
    assert_eq!(told["gap_points"], "-20.00");
    assert_eq!(
        told["pace"],
        json!({"outlook": "at", "points_per_month": "10.00", "points_needed": "6.67", "month": "2025-05", "soonest": "2025-05", "latest": "2025-05"})
    );
    assert_eq!(
        told["trend"][0],
        json!({"cycle": "2025-01", "rate": {"numerator": 4, "denominator": 10, "ratio": "0.400000"}})
    );
    let reached = line(&answer, &amount);
    assert_eq!(
        (&reached["pace"]["outlook"], &reached["reached"]["numerator"]),
        (&json!("reached"), &json!("30000000"))
    );
    let february = test.read("/v1/targets?unit=D502&cycle=2025-02").await;
    assert_eq!(line(&february, &id)["gap_points"], "-30.00");
    let csv = test.supervisor().get("/v1/targets?unit=D502&format=csv").await.is(200).text();
    assert!(csv.contains("target_id,code,origin,") && csv.contains(",A1,,,0.8,2025-06-30,"), "{csv}");
}

async fn a_unit_without_a_target_has_those_of_the_unit_above_and_the_nation(test: TestApp) {
    people(&test).await;
    paid(&test, "2025-03", 6).await;
    let district = set(&test, &json!({})).await["target_id"].clone();
    let urban = set(&test, &json!({"urban": true})).await["target_id"].clone();
    let ward = set(&test, &json!({"unit": WARD, "value": "0.9"})).await["target_id"].clone();
    let of = |answer: &Value| {
        let lines = answer["targets"].as_array().unwrap().iter();
        lines.map(|line| (line["target_id"].clone(), line["origin"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let told = |id: &Value, origin: &str| (id.clone(), origin.to_owned());
    let answer = test.read(&format!("/v1/targets?unit={WARD}")).await;
    assert_eq!(of(&answer), [told(&ward, "own"), told(&urban, "above"), told(&Value::Null, "profile")]);
    let inherited = line(&answer, &urban);
    assert_eq!(
        (&inherited["set_for"], &inherited["unit"]),
        (&json!("D502"), &json!("C20341")),
        "held against the ward"
    );
    assert_eq!(inherited["reached"]["denominator"], 10);
    let commune = test.read(&format!("/v1/targets?unit={COMMUNE}")).await;
    assert_eq!(of(&commune), [told(&district, "above"), told(&urban, "above"), told(&Value::Null, "profile")]);
    assert_eq!(line(&commune, &district)["pace"]["outlook"], "unknown", "nobody was paid there");
    let nation = Profile::vietnam().targets[0].code.clone();
    assert_eq!(commune["targets"][2]["code"], nation);
    let all = test.read("/v1/targets").await;
    assert_eq!(all["targets"].as_array().unwrap().len(), 4);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    assert_eq!(of(&clerk.get("/v1/targets").await.json(200)), [told(&Value::Null, "profile")]);
}

async fn a_target_counts_from_when_it_was_set_until_it_is_withdrawn(test: TestApp) {
    let before = test.head().await;
    let id = set(&test, &json!({})).await["target_id"].clone();
    let while_set = test.head().await;
    let path = format!("/v1/targets/{}/withdraw", id.as_str().unwrap());
    let key = test.fresh();
    let reason = json!({"reason": "thay bằng kế hoạch mới"});
    let withdrawn = test.supervisor().post(&path, &key, &reason).await.json(201);
    assert_eq!((&withdrawn["withdrawn"], &withdrawn["changed"]), (&json!(true), &json!(true)));
    assert!(test.supervisor().post(&path, &key, &reason).await.is(201).replayed());
    test.supervisor().post(&path, &key, &json!({"reason": "khác"})).await.refused(422, "idempotency-key-reused");
    let again = test.supervisor().post(&path, &test.fresh(), &reason).await.json(200);
    assert_eq!(again["changed"], false, "it is withdrawn already");
    let count = async |position: u64| {
        let found = test.read(&format!("/v1/targets?unit=D502&as_of_position={position}")).await;
        found["targets"].as_array().unwrap().iter().filter(|line| line["origin"] == "own").count()
    };
    assert_eq!((count(before).await, count(while_set).await, count(while_set + 1).await), (0, 1, 0));
    assert_eq!(test.types_after(before).await, ["TargetSet", "TargetWithdrawn"]);
    let anew = set(&test, &json!({})).await["target_id"].clone();
    assert_ne!(anew, id);
}

async fn the_assessment_shows_the_units_own_targets(test: TestApp) {
    people(&test).await;
    paid(&test, "2025-03", 6).await;
    let id = set(&test, &json!({"legal_basis": "Nghị quyết 7 của huyện"})).await["target_id"].clone();
    let answer = test.read("/v1/assessment?cycle=2025-03&unit=D502").await;
    let targets = answer["targets"].as_array().unwrap();
    assert_eq!(
        (&targets[0]["code"], &targets[0]["origin"], &targets[0]["set_for"]),
        (&id, &json!("own"), &json!("D502"))
    );
    assert_eq!(targets[0]["gap_points"], "-20.00");
    assert_eq!((targets.len(), &targets[1]["origin"]), (2, &json!("profile")), "the nation's stays");
    let ward = test.read(&format!("/v1/assessment?cycle=2025-03&unit={WARD}")).await;
    assert_eq!((&ward["targets"][0]["code"], &ward["targets"][0]["origin"]), (&id, &json!("above")));
    let page = test.supervisor().get("/v1/assessment?cycle=2025-03&unit=D502&lang=vi&format=html").await.is(200).text();
    assert!(page.contains("Nghị quyết 7 của huyện"), "it stands on the page");
}

async fn a_target_is_set_once_and_repeats_have_one_effect(test: TestApp) {
    let key = test.fresh();
    let first = test.supervisor().post("/v1/targets", &key, &target(&json!({}))).await;
    assert_eq!(first.header("location"), "/v1/targets?unit=D502");
    let first = first.json(201);
    assert_eq!((&first["unit_name"], &first["urban"]), (&json!("Thành phố Tam Kỳ"), &Value::Null));
    set(&test, &json!({"by_date": "2025-05-31"})).await;
    let again = test.supervisor().post("/v1/targets", &key, &target(&json!({}))).await.is(201);
    assert!(again.replayed());
    assert_eq!(again.json(201), first);
    let other = test.supervisor().post("/v1/targets", &key, &target(&json!({"value": "0.7"}))).await;
    other.refused(422, "idempotency-key-reused");
    let twice = test.supervisor().post("/v1/targets", &test.fresh(), &target(&json!({"value": "0.9"}))).await;
    let twice = twice.refused(409, "target-already-set");
    assert!(twice.json(409)["detail"].as_str().unwrap().contains(first["target_id"].as_str().unwrap()));
}

async fn targets_are_set_within_ones_units(test: TestApp) {
    let body = target(&json!({}));
    test.nobody().post("/v1/targets", "k", &body).await.refused(401, "unauthenticated");
    for role in [Role::Clerk, Role::Analyst, Role::Bank, Role::Auditor] {
        test.as_role(role).post("/v1/targets", "k", &body).await.refused(403, "role-not-allowed");
    }
    let own = test.with_key(&test.key(Role::Supervisor, Some("D503"), None).await);
    own.post("/v1/targets", &test.fresh(), &body).await.refused(403, "out-of-your-units");
    own.post("/v1/targets", &test.fresh(), &target(&json!({"unit": HOI_AN}))).await.is(201);
    let set = test.as_role(Role::Operator).post("/v1/targets", &test.fresh(), &body).await.json(201);
    let path = format!("/v1/targets/{}/withdraw", set["target_id"].as_str().unwrap());
    let reason = json!({"reason": "nhầm"});
    test.nobody().post(&path, "k", &reason).await.refused(401, "unauthenticated");
    test.as_role(Role::Clerk).post(&path, "k", &reason).await.refused(403, "role-not-allowed");
    own.post(&path, &test.fresh(), &reason).await.refused(403, "out-of-your-units");
    test.nobody().get("/v1/targets").await.refused(401, "unauthenticated");
    test.as_role(Role::Bank).get("/v1/targets").await.refused(403, "role-not-allowed");
    own.get("/v1/targets?unit=D502").await.refused(403, "out-of-your-units");
    test.as_role(Role::Analyst).get("/v1/targets?unit=D502").await.refused(403, "published-figures-only");
    test.as_role(Role::Auditor).get("/v1/targets?unit=D502").await.is(200);
}

async fn targets_are_refused_clearly(test: TestApp) {
    let post = async |members: Value| test.supervisor().post("/v1/targets", &test.fresh(), &target(&members)).await;
    for (members, code) in [
        (json!({"indicator": "S2"}), "target-indicator-unknown"),
        (json!({"value": "80"}), "target-out-of-range"),
        (json!({"value": "0"}), "target-out-of-range"),
        (json!({"value": "-0.1"}), "target-out-of-range"),
        (json!({"by_date": "2025-03-30"}), "target-date-past"),
    ] {
        let refused = post(members.clone()).await.refused(422, code);
        assert_eq!(refused.errors().len(), 1, "{members}");
    }
    for (members, error) in [
        (json!({"value": 0.8}), "/value invalid-value"),
        (json!({"value": "80%"}), "/value invalid-value"),
        (json!({"unit": null}), "/unit missing"),
        (json!({"unit": "nowhere"}), "/unit code-unknown"),
        (json!({"unit": "D502", "by_date": "2025-07-31"}), "/unit unit-not-in-force"),
        (json!({"benefit_groups": ["moon"]}), "/benefit_groups code-unknown"),
        (json!({"urban": "yes"}), "/urban invalid-value"),
        (json!({"by_date": "soon"}), "/by_date invalid-value"),
        (json!({"legal_basis": "049155000012"}), "/legal_basis text-has-a-number"),
        (json!({"moon": 1}), "/moon unknown-field"),
    ] {
        assert_eq!(post(members.clone()).await.refused(422, "invalid-input").errors(), [error], "{members}");
    }
    let nowhere = "/v1/targets/01960000-0000-7000-8000-0000000000e1/withdraw";
    test.supervisor().post(nowhere, &test.fresh(), &json!({"reason": "nhầm"})).await.refused(404, "not-found");
    test.supervisor().get("/v1/targets?cycle=March").await.refused(422, "invalid-input");
    test.supervisor()
        .post_without_key("/v1/targets", &target(&json!({})))
        .await
        .refused(400, "idempotency-key-missing");
}

async fn a_unit_has_so_many_targets_at_most(test: TestApp) {
    for year in 2026..2126 {
        set(&test, &json!({"unit": "P48@20250701", "by_date": format!("{year}-12-31")})).await;
    }
    let more = target(&json!({"unit": "P48@20250701", "by_date": "2126-12-31"}));
    test.supervisor().post("/v1/targets", &test.fresh(), &more).await.refused(409, "target-too-many");
}
