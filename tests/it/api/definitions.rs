//! One month under different published definitions, and why they differ, in numbers that add up.

use crate::api::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, in_cash, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    one_log_gives_both_published_rates_and_says_why_they_differ,
    settled_stands_beside_ordered_and_amount_beside_people,
    urban_is_told_by_the_day_due_and_by_another,
    definitions_are_refused_clearly,
}

fn figure<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let found = answer["definitions"].as_array().unwrap().iter().find(|one| one["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not in {answer}"))
}

fn part(share: &Value) -> (i64, i64) {
    (share["numerator"].as_i64().unwrap(), share["denominator"].as_i64().unwrap())
}

/// Somebody with settled payments of March, each of a benefit through a channel.
async fn paid(test: &TestApp, person: &str, unit: &str, benefits: &[(&str, &str)]) {
    test.register(&in_cash(person, unit)).await;
    for (benefit, channel) in benefits {
        let order = with(
            pension(&format!("{person}-{benefit}"), person),
            &json!({"benefit_type": benefit, "channel": channel, "bank": if *channel == "account" { json!("vcb") } else { Value::Null },
                "account": if *channel == "account" { json!(crate::support::verbs::account_of(person)) } else { Value::Null }}),
        );
        let id = test.instruct(&order).await;
        test.settle(&id, "2025-03-05").await.is(201);
    }
}

/// 81.5 % and 86 % for one month (domain: the published rates of July 2025): 163 of 200 people on monthly benefits in the whole country, and
/// 43 of 50 urban people on any benefit of social insurance and unemployment.
async fn one_log_gives_both_published_rates_and_says_why_they_differ(test: TestApp) {
    for number in 0..39 {
        paid(&test, &format!("UA-{number}"), WARD, &[("pension", "account")]).await;
    }
    for number in 0..4 {
        paid(&test, &format!("UU-{number}"), WARD, &[("unemployment", "account")]).await;
    }
    for number in 0..6 {
        paid(&test, &format!("UC-{number}"), WARD, &[("pension", "cash_desk")]).await;
    }
    // By account for the pension, in cash for a sick leave: cashless in one, mixed in the other.
    paid(&test, "UM-0", WARD, &[("pension", "account"), ("sickness", "cash_desk")]).await;
    for number in 0..123 {
        paid(&test, &format!("RA-{number}"), COMMUNE, &[("pension", "account")]).await;
    }
    for number in 0..31 {
        paid(&test, &format!("RC-{number}"), COMMUNE, &[("pension", "cash_desk")]).await;
    }
    let target = "A1/monthly+short_term+one_off+unemployment/urban";
    let answer = test.read("/v1/adoption/definitions?cycle=2025-03&base=A1/monthly").await;
    let (monthly, urban) = (figure(&answer, "A1/monthly"), figure(&answer, target));
    assert_eq!(monthly["share"], json!({"numerator": 163, "denominator": 200, "ratio": "0.815000"}));
    assert_eq!(urban["share"], json!({"numerator": 43, "denominator": 50, "ratio": "0.860000"}));
    assert_eq!(monthly["difference"], Value::Null);
    let why = &urban["difference"];
    assert_eq!(why["points"], "4.50");
    assert_eq!(
        why["benefits_added"],
        json!(["sickness", "maternity", "convalescence", "lump_sum", "survivor_lump", "funeral", "unemployment"])
    );
    assert_eq!(why["benefits_left_out"], json!([]));
    let cells = why["people"].as_array().unwrap();
    let people = |base: &str, here: &str| {
        cells.iter().find(|cell| cell["base"] == base && cell["here"] == here).unwrap()["people"].as_i64().unwrap()
    };
    assert_eq!((people("cashless", "none"), people("cash", "none")), (123, 31), "the rural are not counted");
    assert_eq!(
        (people("none", "cashless"), people("none", "cash")),
        (4, 0),
        "who has unemployment benefits alone joins"
    );
    assert_eq!((people("cashless", "cashless"), people("cash", "cash"), people("cashless", "mixed")), (39, 6, 1));
    let sum = |keep: fn(&Value) -> bool| {
        cells.iter().filter(|cell| keep(cell)).map(|cell| cell["people"].as_i64().unwrap()).sum::<i64>()
    };
    let moved = (
        sum(|c| c["here"] == "cashless" && c["base"] != "cashless")
            - sum(|c| c["base"] == "cashless" && c["here"] != "cashless"),
        sum(|c| c["base"] == "none") - sum(|c| c["here"] == "none"),
    );
    let (before, after) = (part(&monthly["share"]), part(&urban["share"]));
    assert_eq!((before.0 + moved.0, before.1 + moved.1), after, "what is explained adds up to the difference");
    for one in answer["definitions"].as_array().unwrap().iter().filter(|one| one["difference"]["people"].is_array()) {
        let cells = one["difference"]["people"].as_array().unwrap();
        let count = |keep: &dyn Fn(&Value) -> bool| {
            cells.iter().filter(|cell| keep(cell)).map(|cell| cell["people"].as_i64().unwrap()).sum::<i64>()
        };
        let here = (count(&|c| c["here"] == "cashless"), count(&|c| c["here"] != "none"));
        assert_eq!(
            (here, (count(&|c| c["base"] == "cashless"), count(&|c| c["base"] != "none"))),
            (part(&one["share"]), before),
            "{}",
            one["id"]
        );
    }
}

async fn settled_stands_beside_ordered_and_amount_beside_people(test: TestApp) {
    scene(&test).await;
    let answer = test.read("/v1/adoption/definitions?cycle=2025-03").await;
    let adoption = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    let first = test.read("/v1/first-attempts?cycle=2025-03").await["groups"][0].clone();
    assert_eq!((&answer["base"], &answer["cycle"]), (&json!("A1"), &json!("2025-03")));
    for (id, served) in [
        ("A1", &adoption["people"]),
        ("A2", &adoption["amount"]),
        ("A3", &adoption["payments"]),
        ("A5", &first["people"]),
    ] {
        for member in ["numerator", "denominator", "ratio"] {
            assert_eq!(figure(&answer, id)["share"][member], served[member], "{id}");
        }
    }
    let amount = &figure(&answer, "A2")["difference"];
    assert_eq!((&amount["points"], &amount["people"]), (&json!("14.55"), &Value::Null), "money is no people");
    let mixed = test.read("/v1/adoption/definitions?cycle=2025-03&mixed_as_cashless=true").await;
    assert_eq!(part(&figure(&mixed, "A1")["share"]), (3, 5));
    let unit = test.read(&format!("/v1/adoption/definitions?cycle=2025-03&unit={HOI_AN}")).await;
    assert_eq!(part(&figure(&unit, "A1")["share"]), (1, 1));
    assert_eq!(part(&figure(&unit, "A1/urban")["share"]), (1, 1));
    let before = test.head().await - 1;
    let then = test.read(&format!("/v1/adoption/definitions?cycle=2025-03&as_of_position={before}")).await;
    assert_eq!((part(&figure(&then, "A1")["share"]), &then["as_of_position"]), ((3, 6), &json!(before)));
    let csv = test.supervisor().get("/v1/adoption/definitions?cycle=2025-03&format=csv").await.is(200).text();
    assert!(csv.contains("id,indicator,benefit_groups,area,numerator,") && csv.contains("A1/urban,A1,"), "{csv}");
}

async fn urban_is_told_by_the_day_due_and_by_another(test: TestApp) {
    // Three townships and a ward: what was urban on the day due may be a commune since 1 July.
    let units = &test.app.profile.units;
    let day = jiff::civil::date(2025, 7, 1);
    let turned = units.iter().find(|unit| {
        unit.urban == Some(true)
            && unit.level == "commune"
            && unit.in_force(jiff::civil::date(2024, 1, 1))
            && unit.in_force(jiff::civil::date(2025, 3, 1))
            && units.is_under(unit.key.as_str(), "P49")
            && matches!(units.roll_forward(unit.key.as_str(), day), chitra::domain::place::Rolled::Whole(unit) if unit.urban == Some(false))
    });
    let turned = turned.unwrap().key.to_string();
    paid(&test, "STAYS", WARD, &[("pension", "account")]).await;
    paid(&test, "TURNS", &turned, &[("pension", "cash_desk")]).await;
    paid(&test, "RURAL", COMMUNE, &[("pension", "account")]).await;
    let answer = test.read("/v1/adoption/definitions?cycle=2025-03&urban_on=2025-07-01&base=A1/urban").await;
    assert_eq!(part(&figure(&answer, "A1/urban")["share"]), (1, 2));
    let later = figure(&answer, "A1/urban@2025-07-01");
    let people = later["difference"]["people"].as_array().unwrap();
    let left = people.iter().find(|cell| cell["base"] == "cash" && cell["here"] == "none").unwrap();
    assert_eq!((&left["people"], &later["area"]), (&json!(1), &json!("urban_on")));
    let same_day = test.read("/v1/adoption/definitions?cycle=2025-03&urban_on=2025-03-03").await;
    assert_eq!(
        figure(&same_day, "A1/urban@2025-03-03")["share"],
        figure(&same_day, "A1/urban")["share"],
        "on a day of the month itself they are one"
    );
}

async fn definitions_are_refused_clearly(test: TestApp) {
    for (query, error) in [
        ("", "/cycle missing"),
        ("?cycle=March", "/cycle invalid-value"),
        ("?cycle=2025-03&urban_on=then", "/urban_on invalid-value"),
        ("?cycle=2025-03&base=A9", "/base invalid-value"),
        ("?cycle=2025-03&group_by=unit", "/group_by unknown-parameter"),
    ] {
        let refused = test.supervisor().get(&format!("/v1/adoption/definitions{query}")).await;
        assert_eq!(refused.refused(422, "invalid-input").errors(), [error], "{query}");
    }
    let path = "/v1/adoption/definitions?cycle=2025-03";
    test.nobody().get(path).await.refused(401, "unauthenticated");
    test.as_role(Role::Bank).get(path).await.refused(403, "role-not-allowed");
    let clerk = test.with_key(&test.key(Role::Clerk, Some("C20398"), None).await);
    clerk.get(&format!("{path}&unit={WARD}")).await.refused(403, "out-of-your-units");
    clerk.get(path).await.is(200);
    test.as_role(Role::Analyst).get(path).await.refused(403, "published-figures-only");
    test.as_role(Role::Auditor).get(path).await.is(200);
}
