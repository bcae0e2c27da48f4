//! The assessment of a cycle: one position, the same figures as asked one by one, three sheets in two languages.

use super::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, by_account, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

/// A commune of Tay Giang (district D504).
const TAY_GIANG: &str = "20437";

on_every_engine! {
    an_assessment_has_the_figures_that_are_asked_one_by_one,
    ranked_units_have_the_figures_that_are_asked_and_silent_ones_are_named,
    units_of_one_rate_share_a_rank_and_each_has_the_one_before,
    smoothed_rates_rank_many_people_above_one,
    reasons_come_with_who_acts_and_by_when,
    an_assessment_of_a_position_stays_the_same_for_ever,
    what_changed_since_a_day_is_told,
    the_page_speaks_both_languages_and_stands_alone,
    an_assessment_comes_as_csv_xlsx_and_ndjson,
    an_assessment_is_of_the_callers_units_and_wants_a_known_level,
    a_cycle_without_payments_is_assessed_as_empty,
}

async fn an_assessment_has_the_figures_that_are_asked_one_by_one(test: TestApp) {
    scene(&test).await;
    let found = test.read("/v1/assessment?cycle=2025-03").await;
    let adoption = test.read("/v1/adoption?cycle=2025-03").await;
    let group = &adoption["groups"][0];
    for figure in ["people", "amount", "payments", "completeness"] {
        assert_eq!(found["headline"][figure], group[figure], "{figure}");
    }
    assert_eq!(found["as_of_position"], adoption["as_of_position"]);
    let settlement = test.read("/v1/settlement?cycle=2025-03").await;
    let group = &settlement["groups"][0];
    for figure in ["instructed", "funnel", "timeliness", "held", "completeness"] {
        assert_eq!(found["settlement"][figure], group[figure], "{figure}");
    }
    let root = found["log_root"].as_str().unwrap();
    assert!(root.len() == 64 && root != "0".repeat(64));
    let target = &found["targets"][0];
    let urban = test.read("/v1/adoption?cycle=2025-03&urban=true").await;
    assert_eq!(target["reached"]["denominator"], urban["groups"][0]["people"]["denominator"]);
    assert_eq!((target["indicator"].as_str(), target["value"].as_str()), (Some("A4"), Some("0.60")));
    assert_eq!((&target["pace"]["outlook"], &target["pace"]["points_per_month"]), (&json!("reached"), &Value::Null));
    assert_eq!(found["trend"].as_array().unwrap().len(), 1);
    let first = test.read("/v1/first-attempts?cycle=2025-03").await["groups"][0].clone();
    for figure in ["success", "fell_back", "through_others"] {
        assert_eq!(found["first_attempts"][figure], first[figure], "{figure}");
    }
    assert_eq!(found["first_attempts"]["people"]["denominator"], first["people"]["denominator"]);
    assert_eq!(found["registered"], test.read("/v1/registered").await["groups"][0]["registered"]);
    assert_eq!(found["moved"], Value::Null, "nobody was paid before");
    assert_eq!(found["before"], Value::Null);
}

async fn ranked_units_have_the_figures_that_are_asked_and_silent_ones_are_named(test: TestApp) {
    scene(&test).await;
    let found = test.read("/v1/assessment?cycle=2025-03").await;
    assert_eq!(found["level"], "district");
    let ranking = found["ranking"].as_array().unwrap();
    let asked = test.read("/v1/adoption?cycle=2025-03&group_by=unit_level:district").await;
    for group in asked["groups"].as_array().unwrap() {
        let line = ranking.iter().find(|line| line["unit"] == group["group"]["unit"]).unwrap();
        assert_eq!(line["now"]["people"], group["people"]);
    }
    // Quang Nam had 17 districts then.
    let silent = found["silent"].as_array().unwrap();
    assert_eq!(ranking.len() + silent.len(), 17);
    assert_eq!(found["assessable_units"]["denominator"], 17);
    let communes = test.read("/v1/assessment?cycle=2025-03&unit=D502&level=commune").await;
    assert_eq!(communes["level"], "commune");
    assert!(communes["ranking"].as_array().unwrap().iter().all(|line| line["unit"] != "D502"));
    let tiles = found["tiles"].as_array().unwrap();
    assert!(tiles.len() >= 3 && tiles.iter().all(|tile| tile["above"].as_str().is_some_and(|name| !name.is_empty())));
}

async fn units_of_one_rate_share_a_rank_and_each_has_the_one_before(test: TestApp) {
    for (person, unit) in [("TK-1", WARD), ("HA-1", HOI_AN), ("TG-1", TAY_GIANG), ("TG-2", TAY_GIANG)] {
        test.register(&by_account(person, unit)).await;
    }
    let paid = async |person: &str, cycle: &str, channel: &str| {
        let members = json!({"cycle": cycle, "channel": channel});
        let order = with(pension(&format!("{cycle}-{person}"), person), &members);
        let payment = test.instruct(&order).await;
        test.settle(&payment, &format!("{cycle}-07")).await.is(201);
    };
    // In February Tay Giang led and nobody of Hoi An was paid; in March the two towns share the first place.
    for (person, channel) in [("TG-1", "account"), ("TG-2", "account"), ("TK-1", "cash_desk")] {
        paid(person, "2025-02", channel).await;
    }
    for (person, channel) in [("TG-1", "account"), ("TG-2", "cash_desk"), ("TK-1", "account"), ("HA-1", "account")] {
        paid(person, "2025-03", channel).await;
    }
    let found = test.read("/v1/assessment?cycle=2025-03").await;
    let line = |line: &Value| json!([line["unit"], line["rank"], line["rank_before"], line["now"]["people"]["ratio"]]);
    let ranking: Vec<Value> = found["ranking"].as_array().unwrap().iter().map(line).collect();
    let expected =
        [json!(["D503", 1, null, "1.000000"]), json!(["D502", 1, 2, "1.000000"]), json!(["D504", 3, 1, "0.500000"])];
    assert_eq!(ranking, expected, "by rank, then by name: Hoi An before Tam Ky, and Tay Giang last");
}

async fn smoothed_rates_rank_many_people_above_one(test: TestApp) {
    let people =
        [("TK-1", WARD), ("TK-2", WARD), ("TK-3", WARD), ("HA-1", HOI_AN), ("TG-1", TAY_GIANG), ("TG-2", TAY_GIANG)];
    for (person, unit) in people {
        test.register(&by_account(person, unit)).await;
        let channel = if person == "TG-2" { "cash_desk" } else { "account" };
        let order = with(pension(&format!("P-{person}"), person), &json!({"channel": channel}));
        let payment = test.instruct(&order).await;
        test.settle(&payment, "2025-03-05").await.is(201);
    }
    let ranking = async |query: &str| {
        let found = test.read(&format!("/v1/assessment?cycle=2025-03{query}")).await;
        let line = |line: &Value| json!([line["unit"], line["rank"], line["smoothed_ratio"]]);
        let lines: Vec<Value> = found["ranking"].as_array().unwrap().iter().map(line).collect();
        (found["smoothing_people"].clone(), lines)
    };
    let as_they_are = [json!(["D503", 1, null]), json!(["D502", 1, null]), json!(["D504", 3, null])];
    assert_eq!(ranking("").await, (Value::Null, as_they_are.to_vec()));
    // Five of six people in all; each unit is given six more: (3 + 5) / 9, (1 + 5) / 7, (1 + 5) / 8.
    let smoothed = [json!(["D502", 1, "0.888889"]), json!(["D503", 2, "0.857143"]), json!(["D504", 3, "0.750000"])];
    assert_eq!(ranking("&smoothing=6").await, (json!(6), smoothed.to_vec()));
    let asked = "/v1/assessment?cycle=2025-03&smoothing=6";
    for (tongue, word) in [("vi", "88,89"), ("en", "88.89")] {
        let page = test.supervisor().get(&format!("{asked}&format=html&lang={tongue}")).await.is(200).text();
        assert!(page.contains(word), "{page}");
    }
    let csv = test.supervisor().get(&format!("{asked}&format=csv")).await.is(200).text();
    assert!(csv.contains("smoothed 0.888889"), "{csv}");
    for wrong in ["0", "-1", "100001", "some"] {
        let path = format!("/v1/assessment?cycle=2025-03&smoothing={wrong}");
        let answer = test.supervisor().get(&path).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), ["/smoothing invalid-value"]);
    }
}

async fn reasons_come_with_who_acts_and_by_when(test: TestApp) {
    scene(&test).await;
    let found = test.read("/v1/assessment?cycle=2025-03").await;
    let reasons = found["settlement"]["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 2);
    for reason in reasons {
        assert!(reason["who"].is_string() && reason["working_days"].is_number(), "{reason}");
        assert!(reason["labels"]["vi"].is_string() && reason["labels"]["en"].is_string(), "{reason}");
    }
}

async fn an_assessment_of_a_position_stays_the_same_for_ever(test: TestApp) {
    let before = scene(&test).await;
    let path = format!("/v1/assessment?cycle=2025-03&as_of_position={before}");
    let first = test.supervisor().get(&path).await.json(200);
    assert_eq!(first["as_of_position"], before);
    assert_eq!(first["headline"]["payments"], json!({"numerator": 5, "denominator": 8, "ratio": "0.625000"}));
    test.days_pass(3);
    test.pension_of("TK-9", "20359").await;
    test.caught_up().await;
    assert_eq!(test.supervisor().get(&path).await.json(200), first);
}

async fn what_changed_since_a_day_is_told(test: TestApp) {
    scene(&test).await;
    let found = test.read("/v1/assessment?cycle=2025-03&since=2025-04-03").await;
    let since = &found["since"];
    assert_eq!(since["rates"]["payments"]["denominator"], 8);
    assert_eq!((since["returned"].as_u64(), since["rejected"].as_u64()), (Some(0), Some(1)));
    let page = test.supervisor().get("/v1/assessment?cycle=2025-03&since=2025-04-03&format=html&lang=en").await;
    let page = page.is(200).text();
    assert!(page.contains("What changed since 2025-04-03") && page.contains("returned since: 1"), "{page}");
}

async fn the_page_speaks_both_languages_and_stands_alone(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let browser = test.supervisor().get_with("/v1/assessment?cycle=2025-03", ("Accept", "text/html,*/*;q=0.8")).await;
    let vietnamese = browser.is(200).text();
    assert!(vietnamese.starts_with("<!doctype html><html lang=\"vi\">"));
    assert!(vietnamese.contains("Đánh giá chi trả không dùng tiền mặt") && vietnamese.contains("40,00 %"));
    let english = test.supervisor().get("/v1/assessment?cycle=2025-03&format=html&lang=en").await.is(200).text();
    assert!(english.contains("Assessment of cashless payment") && english.contains("40.00 %"));
    for page in [&vietnamese, &english] {
        assert_eq!(page.matches("<section class=\"sheet\">").count(), 3);
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("<script"),
            "needs nothing from elsewhere"
        );
        let root = page.split("<code>").nth(1).unwrap();
        assert_eq!(root.find('<'), Some(64));
    }
    let refused = test.supervisor().get("/v1/assessment?cycle=2025-03&lang=fr").await;
    refused.refused(422, "invalid-input");
}

async fn an_assessment_comes_as_csv_xlsx_and_ndjson(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let csv = test.supervisor().get("/v1/assessment?cycle=2025-03&format=csv").await.is(200);
    assert!(csv.header("x-as-of-position").parse::<u64>().is_ok());
    let text = csv.text();
    let line = |start: &str| text.lines().find(|line| line.contains(start)).unwrap_or_default().to_owned();
    assert!(line("headline,2025-03,,A1").contains("2,5,0.400000"), "{text}");
    assert!(line("headline,2025-03,,A2").contains("12000000,22000000,0.545455"), "{text}");
    for line in test.supervisor().get("/v1/assessment?cycle=2025-03&format=ndjson").await.is(200).text().lines() {
        assert!(serde_json::from_str::<Value>(line).unwrap()["section"].is_string());
    }
    let xlsx = test.supervisor().get("/v1/assessment?cycle=2025-03&format=xlsx").await.is(200);
    assert!(xlsx.header("content-disposition").contains("assessment.xlsx"));
}

async fn an_assessment_is_of_the_callers_units_and_wants_a_known_level(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    let own = clerk.get("/v1/assessment?cycle=2025-03").await.json(200);
    assert_eq!(own["headline"]["people"]["denominator"], 1);
    assert_eq!(own["level"], "commune");
    clerk.get("/v1/assessment?cycle=2025-03&unit=D502").await.refused(403, "out-of-your-units");
    test.as_role(Role::Operator).get("/v1/assessment?cycle=2025-03").await.refused(403, "role-not-allowed");
    assert_eq!(
        test.as_role(Role::Auditor).get("/v1/assessment?cycle=2025-03").await.json(200)["headline"]["people"]["denominator"],
        5
    );
    test.supervisor().get("/v1/assessment?cycle=2025-03&level=galaxy").await.refused(422, "invalid-input");
    test.supervisor().get("/v1/assessment").await.refused(422, "invalid-input");
}

async fn a_cycle_without_payments_is_assessed_as_empty(test: TestApp) {
    let found = test.read("/v1/assessment?cycle=2025-03").await;
    assert_eq!(found["headline"]["people"]["ratio"], Value::Null);
    assert_eq!(found["ranking"], json!([]));
    let page = test.supervisor().get("/v1/assessment?cycle=2025-03&format=html&lang=en").await.is(200).text();
    assert!(page.contains("–"));
}
