//! The overview as each reader may see it, its way down, what it gives away as files, and that it is not older than asked.

use super::browser::Browser;
use crate::api::published::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use chitra::app::access::Role;
use chitra::app::outlines::Outlines;
use serde_json::json;

on_every_engine!(
    the_overview_shows_the_figures_that_the_api_answers,
    an_address_that_cannot_be_read_is_told_what_to_mend,
    a_reader_of_published_figures_sees_those_alone,
    outcomes_as_published_stand_on_the_page_of_an_analyst,
    an_overview_is_not_older_than_asked,
    a_clerk_sees_the_own_unit_alone,
    units_stand_on_the_map_that_was_brought_along,
);

/// Two pensions of March in a ward of Tam Ky, one of them settled; their ids.
pub async fn paid(test: &TestApp) -> [String; 2] {
    let payments = [test.pension_of("QN-1", WARD).await, test.pension_of("QN-2", WARD).await];
    test.settle(&payments[0], "2025-03-04").await.is(201);
    payments
}

async fn the_overview_shows_the_figures_that_the_api_answers(test: TestApp) {
    paid(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    browser.get("/").await.leads_to("/overview");
    let head = test.head().await;
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200);
    let figures = test.supervisor().get("/v1/adoption?cycle=2025-03").await.json(200);
    let people = &figures["groups"][0]["people"];
    assert_eq!(people["denominator"], json!(1));
    page.says("1 of 1 people").says("100.00 %").says("1 of 2 payments").says("50.00 %");
    page.says(&format!("As of event {head}")).says("/v1/adoption?cycle=2025-03&#38;as_of_position=");
    assert!(page.bytes.len() < 150_000);
    // Down to the unit that paid, by the address that the page gives.
    let link = page.text.split('"').find(|part| part.starts_with("/overview?") && part.contains("unit=")).unwrap();
    let link = link.replace("&#38;", "&");
    browser.get(&link).await.is(200).says("crumbs");
    let csv = browser.get("/download/adoption?cycle=2025-03&group_by=unit_level:commune&format=csv").await.is(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    csv.says("people_ratio").says("1.000000");
    browser.get("/download/assessment?cycle=2025-03&format=xlsx").await.is(200);
    let list = browser.get("/download/payments?cycle=2025-03&format=csv").await.is(200);
    list.says("P-QN-1").says("P-QN-2");
    browser.language = "vi";
    browser.get("/overview?cycle=2025-03").await.is(200).says("Tổng quan").says("100,00 %").keeps_back("Trend");
}

async fn an_address_that_cannot_be_read_is_told_what_to_mend(test: TestApp) {
    let mut browser = Browser::signed_in(&test, Role::Auditor).await;
    for (query, field) in [("cycle=May", "cycle"), ("unit=nowhere", "unit"), ("benefit_group=gold", "benefit_group")] {
        let page = browser.get(&format!("/overview?{query}")).await.is(422);
        page.says(&format!("<code>{field}</code>")).says("invalid-input");
    }
    browser.get("/overview?as_of=999999").await.is(422).says("position-beyond-head");
    browser.get("/overview?colour=red").await.is(422).says("colour");
    // Nobody was paid yet: a page all the same.
    browser.get("/overview").await.is(200).says("–");
}

async fn a_reader_of_published_figures_sees_those_alone(test: TestApp) {
    paid(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Analyst).await;
    browser.get("/").await.leads_to("/overview");
    let page = browser.get("/overview").await.is(200);
    page.says("published figures").keeps_back("1 of 1 people").keeps_back("Why attempts").keeps_back("/payments?");
    browser.get("/download/assessment?cycle=2025-03&format=csv").await.is(403);
    browser.get("/download/payments?format=csv").await.is(403);
    browser.get("/payments").await.is(403);
    browser.get("/operations").await.is(403);
}

async fn outcomes_as_published_stand_on_the_page_of_an_analyst(test: TestApp) {
    scene(&test).await;
    test.days_pass(1);
    let mut browser = Browser::signed_in(&test, Role::Analyst).await;
    let asked = format!("cycle=2025-03&min_position={}", test.head().await);
    let page = browser.get(&format!("/overview?{asked}")).await.is(200);
    page.says("15 of 15 payments").says("/v1/outcomes?cycle=2025-03").keeps_back("Why attempts");
    let page = browser.get(&format!("/overview?unit=20359&{asked}")).await.is(200);
    page.keeps_back("2 of 2").keeps_back("/v1/outcomes?");
    let page = browser.get(&format!("/overview?benefit_group=monthly&{asked}")).await.is(200);
    page.keeps_back("/v1/outcomes?");
}

async fn an_overview_is_not_older_than_asked(test: TestApp) {
    let payments = paid(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let before = test.head().await;
    browser.get(&format!("/overview?cycle=2025-03&min_position={before}")).await.is(200).says("1 of 2 payments");
    test.settle(&payments[1], "2025-03-05").await.is(201);
    let head = test.head().await;
    assert!(head > before);
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200);
    page.says("2 of 2 payments").says(&format!("data-position=\"{head}\""));
    // The state that was shown first is there for ever.
    let page = browser.get(&format!("/overview?cycle=2025-03&as_of={before}")).await.is(200);
    page.says("1 of 2 payments").says(&format!("data-position=\"{before}\""));
    browser.get(&format!("/overview?min_position={}", head + 1)).await.is(422).says("position-beyond-head");
}

async fn units_stand_on_the_map_that_was_brought_along(test: TestApp) {
    paid(&test).await;
    let other = test.pension_of("QN-3", "20359").await;
    test.settle(&other, "2025-03-05").await.is(201);
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let path = format!("/overview?cycle=2025-03&min_position={}", test.head().await);
    browser.get(&path).await.is(200).says("class=\"tile ").keeps_back("class=\"map\"");
    let ring = json!([[108.4, 15.5], [108.5, 15.5], [108.5, 15.6], [108.4, 15.5]]);
    let feature = json!({"type": "Feature", "properties": {"code": WARD}, "geometry": {"type": "Polygon", "coordinates": [ring]}});
    let text = json!({"type": "FeatureCollection", "features": [feature]}).to_string();
    let today = test.app.profile.business_day(test.app.clock.now_us());
    let outlines = Outlines::parse(text.as_bytes(), &test.app.profile, today).unwrap();
    assert!(test.app.outlines.set(outlines).is_ok());
    let page = browser.get(&path).await.is(200);
    page.says("<svg class=\"map\"").says("<path class=\"su\" d=\"M");
    // What has no outline stands beside it, and nothing twice.
    assert_eq!((page.text.matches("<path class=\"s").count(), page.text.matches("class=\"tile ").count()), (1, 1));
    page.says("unit=C20341").says(">Map · ").keeps_back("Map of tiles");
}

async fn a_clerk_sees_the_own_unit_alone(test: TestApp) {
    paid(&test).await;
    let head = test.head().await;
    let other = test.key(Role::Clerk, Some("P48"), None).await;
    let mut browser = Browser::with_key(&test, &other).await;
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200);
    page.keeps_back("1 of 1 people");
    browser.get("/payments?cycle=2025-03").await.is(200).keeps_back("P-QN-1");
    browser.get("/overview?unit=P49").await.is(403);
}
