//! What readers of published figures are answered: when a cycle is published, what is kept back, and what they may not ask.

use crate::support::app::{TestApp, spawn_with};
use crate::support::client::Client;
use crate::support::engine::Engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, returned};
use crate::support::{on_both_engines, on_every_engine};
use chitra::app::access::Role;
use chitra::domain::profile::Profile;
use serde_json::{Value, json};

on_every_engine! {
    a_cycle_is_published_as_it_stood_at_the_end_of_its_month,
    a_unit_is_kept_back_with_what_would_give_it_away,
    no_question_is_finer_than_what_is_published,
    figures_that_are_not_published_are_refused,
    a_file_has_empty_cells_and_says_of_what,
    outcomes_are_told_by_units_and_cycles_alone,
}
on_both_engines! {
    a_profile_without_small_cells_shows_all_to_analysts,
}

/// March 2025: 7 by account and 6 in cash in Hoi An; 6 and 5 in a ward of Tam Ky, 2 by account in a commune beside it.
pub async fn scene(test: &TestApp) -> Vec<String> {
    let mut paid = Vec::new();
    for (unit, by_bank, at_desk) in [(HOI_AN, 7, 6), (WARD, 6, 5), (COMMUNE, 2, 0)] {
        for number in 0..by_bank + at_desk {
            let person = format!("{unit}-{number}");
            let body = if number < by_bank { by_account(&person, unit) } else { in_cash(&person, unit) };
            test.register(&body).await;
            let payment = test.instruct(&pension(&format!("P-{person}"), &person)).await;
            test.settle(&payment, "2025-03-05").await.is(201);
            paid.push(payment);
        }
    }
    test.read("/v1/adoption").await;
    paid
}

async fn ask(test: &TestApp, caller: &Client, query: &str) -> Value {
    caller.get(&format!("/v1/adoption?{query}&min_position={}", test.head().await)).await.json(200)
}

fn people(group: &Value) -> (Option<i64>, Option<i64>, bool) {
    let share = &group["people"];
    (share["numerator"].as_i64(), share["denominator"].as_i64(), share["suppressed"] == true)
}

async fn a_cycle_is_published_as_it_stood_at_the_end_of_its_month(test: TestApp) {
    let paid = scene(&test).await;
    let analyst = test.as_role(Role::Analyst);
    let month_end = test.head().await;
    let now = ask(&test, &analyst, "cycle=2025-03").await;
    assert_eq!(people(&now["groups"][0]), (None, None, true), "March is not over");
    assert_eq!(ask(&test, &analyst, "group_by=cycle").await["groups"], json!([]));
    test.days_pass(4);
    test.deed(&paid[0], "return", &returned("2025-04-02")).await.is(201);
    for query in
        ["cycle=2025-03", "cycle=2025-03&as_of=2025-04-02T12:00:00%2B07:00", "cycle=2025-03&as_of_day=2025-04-04"]
    {
        let published = ask(&test, &analyst, query).await;
        assert_eq!(people(&published["groups"][0]), (Some(15), Some(26), false), "{query}");
        assert_eq!(published["as_of_position"], month_end, "{query}");
    }
    let live = test.read("/v1/adoption?cycle=2025-03").await;
    assert_eq!(live["groups"][0]["people"]["denominator"], 25, "others see that one came back");
    let before = ask(&test, &analyst, &format!("cycle=2025-03&as_of_position={}", month_end - 1)).await;
    assert_eq!(people(&before["groups"][0]), (None, None, true), "as of then it was not published");
    let series = ask(&test, &analyst, "group_by=cycle").await;
    assert_eq!(series["groups"][0]["group"], json!({"cycle": "2025-03"}));
    assert_eq!(people(&series["groups"][0]), (Some(15), Some(26), false));
    assert_eq!(series["groups"][0]["people"]["mixed"], Value::Null);
}

async fn a_unit_is_kept_back_with_what_would_give_it_away(test: TestApp) {
    scene(&test).await;
    test.days_pass(1);
    let analyst = test.as_role(Role::Analyst);
    let of = async |query: &str| ask(&test, &analyst, &format!("cycle=2025-03&{query}")).await;
    assert_eq!(people(&of("unit=D502").await["groups"][0]), (Some(8), Some(13), false));
    assert_eq!(people(&of("unit=20359").await["groups"][0]), (None, None, true), "two people");
    assert_eq!(
        people(&of("unit=20341").await["groups"][0]),
        (None, None, true),
        "eleven, but the district less eleven is two"
    );
    assert_eq!(people(&of("unit=20398").await["groups"][0]), (Some(7), Some(13), false));
    assert_eq!(people(&of("unit=20344").await["groups"][0]), (None, None, true), "nobody looks like few");
    let communes = of("unit=D502&group_by=unit_level:commune").await;
    let groups = communes["groups"].as_array().unwrap();
    assert!(groups.len() > 10 && groups.iter().all(|group| people(group).2), "{communes}");
    let ward = of("unit=20398&group_by=channel").await;
    let account = &ward["groups"][0];
    assert_eq!(account["group"]["channel"], "account");
    assert_eq!(
        account["payments"],
        json!({"numerator": 7, "denominator": 7, "ratio": "1.000000", "suppressed": false})
    );
    assert_eq!(people(account), (None, None, true), "by channel, people would tell who is paid both ways");
    let key = test.key(Role::Analyst, Some("D502"), None).await;
    let own = ask(&test, &test.with_key(&key), "cycle=2025-03&group_by=unit_level:district").await;
    assert_eq!(people(&own["groups"][0]), (Some(8), Some(13), false), "whoever asks, the same is published");
    test.with_key(&key).get("/v1/adoption?cycle=2025-03&unit=D503").await.refused(403, "out-of-your-units");
}

async fn no_question_is_finer_than_what_is_published(test: TestApp) {
    let analyst = test.as_role(Role::Analyst);
    for (query, error) in [
        ("", "/cycle published-by-cycle"),
        ("group_by=channel", "/cycle published-by-cycle"),
        ("cycle=2025-03&group_by=channel,benefit_type", "/group_by too-fine-for-your-role"),
        ("cycle=2025-03&group_by=benefit_type&bank=vcb", "/group_by too-fine-for-your-role"),
        ("cycle=2025-03&urban=true&benefit_type=pension", "/group_by too-fine-for-your-role"),
        ("cycle=2025-03&urban=true&channel=account", "/group_by too-fine-for-your-role"),
    ] {
        let refused = analyst.get(&format!("/v1/adoption?{query}")).await.refused(422, "invalid-input");
        assert_eq!(refused.errors(), [error], "{query}");
        test.as_role(Role::Auditor).get(&format!("/v1/adoption?{query}")).await.is(200);
    }
}

async fn figures_that_are_not_published_are_refused(test: TestApp) {
    for path in [
        "/v1/settlement",
        "/v1/late",
        "/v1/unclaimed",
        "/v1/first-attempts",
        "/v1/movers?cycle=2025-03",
        "/v1/registered",
        "/v1/identity",
        "/v1/assessment?cycle=2025-03",
    ] {
        test.as_role(Role::Analyst).get(path).await.refused(403, "published-figures-only");
        test.as_role(Role::Auditor).get(path).await.is(200);
    }
}

async fn outcomes_are_told_by_units_and_cycles_alone(test: TestApp) {
    let paid = scene(&test).await;
    let (analyst, head) = (test.as_role(Role::Analyst), test.head().await);
    let of = async |query: &str| analyst.get(&format!("/v1/outcomes?{query}&min_position={head}")).await.json(200);
    let nothing = of("cycle=2025-03").await["groups"][0].clone();
    assert!(nothing["instructed"].is_null() && nothing["outcomes"].is_null(), "March is not over: {nothing}");
    test.days_pass(4);
    test.deed(&paid[0], "return", &returned("2025-04-02")).await.is(201);
    let all = of("cycle=2025-03").await;
    assert_eq!((&all["as_of_position"], &all["filters"]), (&json!(head), &json!({"cycle": "2025-03"})));
    let whole = &all["groups"][0];
    assert_eq!(whole["instructed"], json!({"payments": 26, "amount": "130000000"}));
    assert_eq!(whole["outcomes"][0], json!({"states": ["settled"], "payments": 26, "amount": "130000000"}));
    assert_eq!(whole["first_attempts"]["success"], json!({"numerator": 15, "denominator": 15, "ratio": "1.000000"}));
    assert_eq!(
        whole["settled_by_day"][0],
        json!({"day": 5, "settled": {"numerator": 26, "denominator": 26, "ratio": "1.000000"}})
    );
    assert_eq!(whole["reasons"]["rates"]["returned"]["numerator"], 0);
    assert_eq!(whole["through_others"]["denominator"], 26);
    let districts = of("cycle=2025-03&group_by=unit_level:district").await;
    let told = |unit: &str| {
        districts["groups"].as_array().unwrap().iter().find(|g| g["group"]["unit"] == unit).unwrap().clone()
    };
    assert_eq!(told("D502")["instructed"]["payments"], 13);
    let communes = of("cycle=2025-03&group_by=unit_level:commune,cycle&unit=D502").await;
    let groups = communes["groups"].as_array().unwrap();
    assert!(groups.len() > 10 && groups.iter().all(|group| group["instructed"].is_null()), "{communes}");
    assert_eq!(groups[0]["group"]["cycle"], "2025-03");
    let series = of("group_by=cycle").await;
    assert_eq!(series["groups"][0]["group"], json!({"cycle": "2025-03"}));
    let own = test.key(Role::Clerk, Some("C20359"), None).await;
    let own = test
        .with_key(&own)
        .get(&format!("/v1/outcomes?cycle=2025-03&group_by=unit_level:district&min_position={head}"))
        .await;
    let own = own.json(200)["groups"][0].clone();
    assert_eq!(
        (&own["group"]["unit"], &own["instructed"]),
        (&json!("D502"), &Value::Null),
        "a clerk's own commune has two"
    );
    let csv = analyst.get("/v1/outcomes?cycle=2025-03&format=csv").await.is(200).text();
    let line = csv.lines().nth(1).unwrap();
    assert!(line.starts_with("26,130000000,0,0,0,0,26,130000000,") && line.contains(",15,15,1.000000,"), "{csv}");
    for (query, error) in [
        ("cycle=2025-03&channel=account", "/group_by invalid-value"),
        ("cycle=2025-03&group_by=bank", "/group_by invalid-value"),
        ("cycle=2025-03&unit_basis=historical_district", "/group_by invalid-value"),
        ("group_by=unit_level:district", "/cycle published-by-cycle"),
    ] {
        let refused = analyst.get(&format!("/v1/outcomes?{query}")).await.refused(422, "invalid-input");
        assert_eq!(refused.errors(), [error], "{query}");
    }
    analyst.get("/v1/outcomes?cycle=2025-03&unit=nowhere").await.refused(422, "invalid-input");
    test.with_key(&test.key(Role::Analyst, Some("D502"), None).await)
        .get("/v1/outcomes?cycle=2025-03&unit=D503")
        .await
        .refused(403, "out-of-your-units");
    test.nobody().get("/v1/outcomes?cycle=2025-03").await.refused(401, "unauthenticated");
}

async fn a_file_has_empty_cells_and_says_of_what(test: TestApp) {
    scene(&test).await;
    test.days_pass(1);
    let analyst = test.as_role(Role::Analyst);
    let path =
        format!("/v1/adoption?cycle=2025-03&unit=20398&group_by=channel&format=csv&min_position={}", test.head().await);
    let file = analyst.get(&path).await.is(200).text();
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].ends_with(",suppressed"), "{file}");
    assert!(
        lines[1].starts_with("account,,,,,35000000,35000000,1.000000,7,7,1.000000")
            && lines[1].ends_with(",people completeness"),
        "{file}"
    );
    let path = "/v1/adoption?cycle=2025-03&unit=20359&format=csv";
    let file = analyst.get(path).await.is(200).text();
    assert!(file.lines().nth(1).unwrap().ends_with(",people amount payments completeness"), "{file}");
    assert!(!file.lines().nth(1).unwrap().contains(|c: char| c.is_ascii_digit()), "{file}");
}

async fn a_profile_without_small_cells_shows_all_to_analysts(engine: Engine) {
    let mut profile = Profile::vietnam();
    profile.second_person.clear();
    profile.figures.smallest_cell = 0;
    let test = spawn_with(engine, profile).await;
    scene(&test).await;
    let analyst = test.as_role(Role::Analyst);
    assert_eq!(people(&ask(&test, &analyst, "unit=20359").await["groups"][0]), (Some(2), Some(2), false));
    analyst.get("/v1/settlement").await.is(200);
}
