//! The audit's page: who may look, by which day, kind, key and operation, and the same lines as a file.

use super::browser::{Browser, Page};
use crate::support::app::{DAY_US, TestApp};
use crate::support::on_every_engine;
use chitra::app::access::Role;
use chitra::clock::Clock;
use chitra::domain::audit::Act;

on_every_engine!(
    an_auditor_and_an_operator_look_at_the_audit_and_nobody_else,
    lines_are_chosen_by_day_kind_key_and_operation_and_taken_as_a_file,
    a_page_of_lines_leads_to_the_older_ones,
);

async fn an_auditor_and_an_operator_look_at_the_audit_and_nobody_else(test: TestApp) {
    for role in [Role::Auditor, Role::Operator] {
        let mut browser = Browser::signed_in(&test, role).await;
        browser.get("/audit").await.is(200).says("Nothing of the kind was recorded.").says("href=\"/audit\"");
        browser.get("/operations").await.is(200).says("<a href=\"/audit\">");
    }
    for role in [Role::Clerk, Role::Supervisor, Role::Analyst, Role::Bank] {
        let mut browser = Browser::signed_in(&test, role).await;
        for path in ["/audit", "/download/audit?format=csv"] {
            browser.get(path).await.is(403).keeps_back("href=\"/audit\"");
        }
    }
    // Whoever examines one unit sees that unit's records, not who used the log.
    let key = test.key(Role::Auditor, Some("D502"), None).await;
    Browser::with_key(&test, &key).await.get("/audit").await.is(403);
}

/// Two refusals of an analyst, one a day, and the analyst's key.
async fn refused_on_two_days(test: &TestApp) -> (String, [String; 2]) {
    let key = test.key(Role::Analyst, None, None).await;
    let mut days = Vec::new();
    for path in ["/v1/payments", "/v1/worklist"] {
        days.push(test.app.profile.business_day(test.clock.now_us()).to_string());
        test.with_key(&key).get(path).await.refused(403, "role-not-allowed");
        test.app.write_noticed(true).await;
        test.clock.set_us(test.clock.now_us() + DAY_US);
    }
    let id = key.split('_').nth(1).unwrap().to_owned();
    (id, [days.remove(0), days.remove(0)])
}

async fn lines_are_chosen_by_day_kind_key_and_operation_and_taken_as_a_file(test: TestApp) {
    let (key, [first, second]) = refused_on_two_days(&test).await;
    let head = test.head().await;
    let mut browser = Browser::signed_in(&test, Role::Auditor).await;
    let mut seen = async |query: &str| {
        let page = browser.get(&format!("/audit?min_position={head}&{query}")).await.is(200);
        (page.text.contains(">listPayments<"), page.text.contains(">worklist<"))
    };
    assert_eq!(seen("").await, (true, true));
    assert_eq!(seen(&format!("from={first}&until={first}")).await, (true, false), "the last day counts whole");
    assert_eq!(seen(&format!("from={second}")).await, (false, true));
    assert_eq!(seen(&format!("until={second}&kind=refusal&actor={key}")).await, (true, true));
    assert_eq!(seen("kind=bank_change").await, (false, false));
    assert_eq!(seen("actor=nobody").await, (false, false));
    assert_eq!(seen("operation=listPayments&from=&until=&kind=&actor=").await, (true, false));
    let page = browser.get(&format!("/audit?from={second}&kind=refusal")).await.is(200);
    page.says(&format!("value=\"{second}\"")).says("<option value=\"refusal\" selected>").says("Refused");
    let file = page.text.split("href=\"/download/audit").nth(1).unwrap().split('"').next().unwrap();
    let file = format!("/download/audit{}", file.replace("&amp;", "&").replace("&#38;", "&"));
    let table = browser.get(&file).await.is(200);
    table.says(",refusal,").says("worklist").keeps_back("listPayments");
    for query in ["from=yesterday", "kind=all", "until=2026-02-30", "since=2026-01-01"] {
        browser.get(&format!("/audit?{query}")).await.is(422).says("<code>");
    }
}

async fn a_page_of_lines_leads_to_the_older_ones(test: TestApp) {
    for number in 0..101 {
        test.app.note_act(Act::ProjectionRebuilt, Some(&format!("p{number}")), &[]).await;
    }
    for _ in 0..3 {
        test.app.write_noticed(true).await;
    }
    let head = test.head().await;
    let mut browser = Browser::signed_in(&test, Role::Operator).await;
    let page = browser.get(&format!("/audit?kind=operator_act&min_position={head}")).await.is(200);
    let older = page.text.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    assert!(older.starts_with("/audit?kind=operator_act&cursor="), "{older}");
    let rest = browser.get(&older).await.is(200);
    let lines = |page: &Page| page.text.matches("<code>projection_rebuilt</code>").count();
    assert_eq!((lines(&page), lines(&rest)), (100, 1));
    rest.says("<code>p0</code>").keeps_back("data-live-part").keeps_back("rel=\"next\"");
}
