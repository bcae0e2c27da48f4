//! What was ordered and what came of it; who moved between cash and account; who has a cashless method.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, settled, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    a_first_attempt_counts_where_it_was_whatever_came_after,
    first_attempts_hold_as_of_any_position,
    who_receives_on_behalf_of_another_is_a_share_of_live_payments,
    people_move_between_cycles_and_some_fall_back_for_a_reason,
    who_is_registered_is_not_who_is_paid,
    figures_of_movers_are_refused_clearly,
}

/// Orders a month's pension and settles it, through the channel of the person's method.
async fn paid(test: &TestApp, person: &str, cycle: &str) -> String {
    let order =
        with(pension(&format!("{person}-{cycle}"), person), &json!({"cycle": cycle, "benefit_months": [cycle]}));
    let id = test.instruct(&order).await;
    test.settle(&id, &format!("{cycle}-05")).await.is(201);
    id
}

async fn refused_then_in_cash(test: &TestApp, person: &str) -> String {
    let id = test.instruct(&pension(&format!("{person}-2025-03"), person)).await;
    test.deed(&id, "reject", &rejected()).await.is(201);
    test.deed(&id, "reissue", &json!({"channel": "cash_desk", "reason": "account to be corrected"})).await.is(201);
    test.settle(&id, "2025-03-09").await.is(201);
    id
}

/// A numerator and a denominator.
fn part(share: &Value) -> (i64, i64) {
    (share["numerator"].as_i64().unwrap(), share["denominator"].as_i64().unwrap())
}

async fn a_first_attempt_counts_where_it_was_whatever_came_after(test: TestApp) {
    for (person, unit) in [("TK-A", WARD), ("TK-B", COMMUNE), ("TK-C", HOI_AN)] {
        test.register(&by_account(person, unit)).await;
    }
    test.register(&in_cash("TK-D", WARD)).await;
    paid(&test, "TK-A", "2025-03").await;
    refused_then_in_cash(&test, "TK-B").await;
    paid(&test, "TK-D", "2025-03").await;
    let open = test.instruct(&pension("TK-C-2025-03", "TK-C")).await;

    let all = test.read("/v1/first-attempts?cycle=2025-03").await["groups"][0].clone();
    assert_eq!(part(&all["people"]), (3, 4), "A5: an account was ordered for three of four");
    assert_eq!((&all["amount"]["numerator"], &all["amount"]["denominator"]), (&json!("15000000"), &json!("20000000")));
    assert_eq!(part(&all["success"]), (1, 3), "S1: B is paid, but not at first; C is not yet");
    assert_eq!(part(&all["fell_back"]), (1, 3), "S3");
    let by_channel = test.read("/v1/first-attempts?cycle=2025-03&group_by=channel").await["groups"].clone();
    let channels: Vec<&Value> = by_channel.as_array().unwrap().iter().map(|g| &g["group"]["channel"]).collect();
    assert_eq!(channels, ["account", "cash_desk"], "B's is the account that was ordered");
    assert_eq!(part(&by_channel[0]["payments"]), (3, 3));
    let adoption = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    assert_eq!(part(&adoption["people"]), (1, 3), "what was intended is not what came about");

    test.deed(&open, "cancel", &json!({"reason": "duplicate"})).await.is(201);
    let all = test.read("/v1/first-attempts?cycle=2025-03").await["groups"][0].clone();
    assert_eq!((part(&all["people"]), part(&all["success"])), ((2, 3), (1, 2)), "what is cancelled is in neither");
    let csv = test.supervisor().get("/v1/first-attempts?cycle=2025-03&format=csv").await.is(200).text();
    assert!(csv.contains("2,3,0.666667,2,3,0.666667,1,2,0.500000,1,2,0.500000,0,3,0.000000"), "{csv}");
}

async fn first_attempts_hold_as_of_any_position(test: TestApp) {
    test.register(&by_account("TK-A", WARD)).await;
    test.register(&in_cash("TK-D", WARD)).await;
    let of = |unit: &str, at: u64| format!("/v1/first-attempts?unit={unit}&as_of_position={at}");
    let moved = test.instruct(&pension("TK-A-1", "TK-A")).await;
    let cancelled = test.instruct(&pension("TK-D-1", "TK-D")).await;
    let ordered = test.head().await;
    let body = json!({"unit": COMMUNE, "ground": "clerical"});
    test.deed(&moved, "correct", &body).await.is(201);
    let corrected = test.head().await;
    test.deed(&cancelled, "cancel", &json!({"reason": "duplicate"})).await.is(201);
    let last = test.head().await;
    let people = async |path: String| part(&test.read(&path).await["groups"][0]["people"]);
    assert_eq!(people(of(WARD, ordered)).await, (1, 2));
    assert_eq!(people(of(WARD, corrected)).await, (0, 1), "the order moved to the commune");
    assert_eq!(people(of(COMMUNE, corrected)).await, (1, 1));
    assert_eq!(people(of(WARD, last)).await, (0, 0));
    assert_eq!(people(of(COMMUNE, last)).await, (1, 1));
    assert_eq!(people(of(COMMUNE, ordered)).await, (0, 0));
    assert_eq!(people(of(WARD, ordered - 1)).await, (1, 1), "before the second was ordered");
}

async fn who_receives_on_behalf_of_another_is_a_share_of_live_payments(test: TestApp) {
    for person in ["TK-A", "TK-B"] {
        test.register(&in_cash(person, WARD)).await;
    }
    paid(&test, "TK-A", "2025-03").await;
    let id = test.instruct(&pension("TK-B-1", "TK-B")).await;
    test.allow(&id, "authorised").await;
    test.deed(&id, "settle", &with(settled("2025-03-06"), &json!({"collected_by": "authorised"}))).await.is(201);
    let all = test.read("/v1/first-attempts?cycle=2025-03").await["groups"][0].clone();
    assert_eq!(part(&all["through_others"]), (1, 2));
}

async fn people_move_between_cycles_and_some_fall_back_for_a_reason(test: TestApp) {
    for person in ["STAYS", "REFUSED", "GOES"] {
        test.register(&by_account(person, WARD)).await;
    }
    for person in ["JOINS", "ON-FILE", "CASH"] {
        test.register(&in_cash(person, HOI_AN)).await;
    }
    let cycles = |person: &'static str| person;
    for person in ["STAYS", "REFUSED", "GOES", "JOINS", "ON-FILE", "CASH"].map(cycles) {
        paid(&test, person, "2025-01").await;
    }
    for (person, to) in [("JOINS", "account"), ("GOES", "cash_desk")] {
        change(&test, person, to, "2025-02").await;
    }
    // What was only ordered and taken back is no payment of a cycle.
    let order = with(pension("CASH-2025-02", "CASH"), &json!({"cycle": "2025-02", "benefit_months": ["2025-02"]}));
    let id = test.instruct(&order).await;
    test.deed(&id, "cancel", &json!({"reason": "duplicate"})).await.is(201);
    for person in ["STAYS", "GOES", "JOINS", "ON-FILE", "CASH"] {
        paid(&test, person, "2025-03").await;
    }
    refused_then_in_cash(&test, "REFUSED").await;
    change(&test, "ON-FILE", "account", "2025-04").await;

    let found = test.read("/v1/movers?cycle=2025-03").await;
    assert_eq!(found["before"], "2025-01", "the last cycle with payments; there is none in February");
    let all = &found["groups"][0];
    assert_eq!(part(&all["to_cashless"]), (1, 6), "A7");
    assert_eq!(part(&all["to_cash"]), (2, 6));
    assert_eq!(
        all["fell_back"],
        json!([
            {"ordered_in_cash": true, "class": null, "system": null, "code": null, "people": 1},
            {"ordered_in_cash": false, "class": "account_data", "system": "iso20022", "code": "AC01", "people": 1},
        ])
    );
    assert_eq!(part(&all["cash_with_account"]), (2, 4), "REFUSED has an account still, and ON-FILE has one by now");
    let cell = |from: &str, to: &str| {
        let cells = all["people"].as_array().unwrap();
        cells.iter().find(|cell| cell["before"] == from && cell["now"] == to).unwrap()["people"].as_i64().unwrap()
    };
    assert_eq!((cell("cashless", "cashless"), cell("cash", "cash"), cell("none", "cash")), (1, 2, 0));
    assert_eq!(all["people"].as_array().unwrap().iter().filter_map(|cell| cell["people"].as_i64()).sum::<i64>(), 6);

    let by_district = test.read("/v1/movers?cycle=2025-03&group_by=unit_level:district").await["groups"].clone();
    assert_eq!(by_district[0]["group"]["unit"], "D502");
    assert_eq!((part(&by_district[0]["to_cash"]), part(&by_district[1]["to_cashless"])), ((2, 3), (1, 3)));
    let then = test.read("/v1/movers?cycle=2025-03&before=2025-02").await["groups"][0].clone();
    assert_eq!(part(&then["to_cash"]), (0, 0), "nobody was paid in February");
    let past = test.read(&format!("/v1/movers?cycle=2025-03&as_of_position={}", test.head().await)).await;
    assert_eq!((part(&past["groups"][0]["to_cash"]), &past["groups"][0]["fell_back"]), ((2, 6), &Value::Null));
    let csv = test.supervisor().get("/v1/movers?cycle=2025-03&format=csv").await.is(200).text();
    assert!(
        csv.contains("cashless_to_cashless,cashless_to_cash,") && csv.contains("in_both,cash_with_account"),
        "{csv}"
    );
    let first = test.read("/v1/movers?cycle=2025-01").await;
    assert_eq!((&first["before"], &first["groups"]), (&Value::Null, &json!([])), "before the first nobody was paid");
}

async fn change(test: &TestApp, person: &str, to: &str, from: &str) {
    let found =
        test.supervisor().post("/v1/beneficiaries/search", &test.fresh(), &json!({"beneficiary_ref": person})).await;
    let id = found.json(200)["beneficiary_id"].as_str().unwrap().to_owned();
    let mut body = json!({"channel": to, "effective_month": from, "requested_on": "2025-01-02"});
    if to == "account" {
        body["bank"] = json!("vcb");
        body["account"] = json!(crate::support::verbs::account_of(person));
    }
    test.supervisor().post(&format!("/v1/beneficiaries/{id}/method"), &test.fresh(), &body).await.is(201);
}

async fn who_is_registered_is_not_who_is_paid(test: TestApp) {
    test.register(&by_account("TK-A", WARD)).await;
    let before = test.head().await;
    test.register(&in_cash("TK-B", WARD)).await;
    test.register(&by_account("TK-C", HOI_AN)).await;
    let all = test.read("/v1/registered").await;
    assert_eq!(part(&all["groups"][0]["registered"]), (2, 3), "A6");
    assert_eq!(part(&test.read("/v1/registered?unit=D502").await["groups"][0]["registered"]), (1, 2));
    let then = test.read(&format!("/v1/registered?as_of_position={before}")).await;
    assert_eq!(part(&then["groups"][0]["registered"]), (1, 1));
    let by_unit = test.read("/v1/registered?group_by=unit").await["groups"].as_array().unwrap().len();
    assert_eq!(by_unit, 2);
    let csv = test.supervisor().get("/v1/registered?group_by=unit&format=csv").await.is(200).text();
    assert!(csv.contains("unit,unit_name,registered_numerator,"), "{csv}");
}

async fn figures_of_movers_are_refused_clearly(test: TestApp) {
    let refused = test.supervisor().get("/v1/movers").await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/cycle invalid-value"]);
    let refused = test.supervisor().get("/v1/movers?cycle=2025-03&group_by=bank").await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/group_by invalid-value"]);
    let refused = test.supervisor().get("/v1/movers?cycle=2025-03&before=2025-03").await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/before invalid-value"]);
    for path in ["/v1/first-attempts", "/v1/movers?cycle=2025-03", "/v1/registered"] {
        test.nobody().get(path).await.refused(401, "unauthenticated");
        test.as_role(Role::Bank).get(path).await.refused(403, "role-not-allowed");
        let clerk = test.with_key(&test.key(Role::Clerk, Some(HOI_AN), None).await);
        let joint = if path.contains('?') { '&' } else { '?' };
        clerk.get(&format!("{path}{joint}unit={WARD}")).await.refused(403, "out-of-your-units");
        test.as_role(Role::Auditor).get(path).await.is(200);
    }
}
