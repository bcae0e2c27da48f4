//! Payment lists through pages: each step as a plan first, then exactly that; two people; what is printed.

use super::browser::{Browser, Page};
use super::desk::{filled, texts};
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, with};
use chitra::app::access::Role;
use serde_json::json;

on_every_engine!(
    a_list_goes_its_whole_way_by_two_people,
    a_plan_records_nothing_and_holds_or_is_refused,
    a_list_is_printed_masked_and_with_a_purpose_in_full,
    lists_are_for_whom_they_concern,
    one_item_is_taken_off_a_list,
);

/// Plans a step by the form of a page; the plan's page.
async fn planned(browser: &mut Browser, page: &Page, (step, given): (&str, &[(&str, &str)])) -> Page {
    browser.post("/lists/plan", &texts(&filled(page, step, given))).await.is(200)
}

/// Plans a step and does it; the list's page afterwards.
async fn done(browser: &mut Browser, page: &Page, (step, given): (&str, &[(&str, &str)])) -> Page {
    let plan = planned(browser, page, (step, given)).await;
    let answer = browser.post("/act", &texts(&filled(&plan, step, &[]))).await;
    assert_eq!(answer.status, 303, "{step}: {}", answer.text);
    let there = answer.header("location").to_owned();
    browser.get(&there).await.is(200)
}

async fn a_list_goes_its_whole_way_by_two_people(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&with(pension("P-1", "TK-1"), &json!({"amount": "600000000"}))).await;
    let mut clerk = Browser::signed_in(&test, Role::Clerk).await;
    let mut supervisor = Browser::signed_in(&test, Role::Supervisor).await;
    let head = test.head().await;
    let lists = clerk.get(&format!("/lists?min_position={head}")).await.is(200);
    let asked = [("cycle", "2025-03"), ("channel", "account")];
    let plan = planned(&mut clerk, &without(&lists, "cycle"), ("prepareList", &asked)).await;
    plan.says("After it the list has 1 items, 600,000,000 VND in all.").says("List opened");
    let answer = clerk.post("/act", &texts(&filled(&plan, "prepareList", &[]))).await;
    let there = answer.header("location").split('?').next().unwrap().to_owned();
    let page = clerk.get(answer.header("location")).await.is(200);
    page.says("Recorded: Prepare a list")
        .says("The list is not checked")
        .says("P-1")
        .keeps_back("value=\"submitList\"");
    let head = test.head().await;
    clerk.get(&format!("/desk?kind=list&min_position={head}")).await.is(200).says(&format!("href=\"{there}\""));
    let page = done(&mut clerk, &page, ("checkList", &[("control_count", "1"), ("control_sum", "600000000")])).await;
    // Above the limit: a second person, and a clerk is none.
    page.says("You prepared this list").keeps_back("value=\"approveList\"").keeps_back("value=\"submitList\"");
    let seen = supervisor.get(&format!("{there}?min_position={}", test.head().await)).await.is(200);
    let wrong = filled(&seen, "approveList", &[("control_count", "2")]);
    supervisor.post("/lists/plan", &texts(&wrong)).await.is(422).says("control-count-differs");
    let page = done(&mut supervisor, &seen, ("approveList", &[])).await;
    page.says("Approved").says("value=\"submitList\"");
    let page = clerk.get(&format!("{there}?min_position={}", test.head().await)).await.is(200);
    let page = done(&mut clerk, &page, ("submitList", &[])).await;
    let page = done(&mut clerk, &page, ("acknowledgeList", &[("answer", "accepted")])).await;
    page.says("It can be reconciled once every item has an outcome");
    let early = filled(&page, "reconcileList", &[("handed_back", "0")]);
    clerk.post("/lists/plan", &texts(&early)).await.is(409).says("list-items-open");
    clerk.language = "vi";
    let told = clerk.post("/lists/plan", &texts(&early)).await.is(409);
    told.says("còn 1 khoản chưa có kết quả");
    clerk.language = "en";
    test.settle_amount(&payment, "600000000").await;
    let page = clerk.get(&format!("{there}?min_position={}", test.head().await)).await.is(200);
    page.says("name=\"handed_back\"").says("value=\"0\"");
    let page = done(&mut clerk, &page, ("reconcileList", &[("handed_back", "0")])).await;
    let page = done(&mut clerk, &page, ("closeList", &[])).await;
    page.says("Recorded: Close the list").says("<span class=\"chip good\">Closed</span>").says("value=\"prepareList\"");
    clerk.language = "vi";
    clerk.get(&there).await.is(200).says("Đã đóng").says("Đối chiếu").keeps_back("Closed");
    clerk.language = "en";
    // The next cycle's follows on this one.
    let follows = [("cycle", "2025-04"), ("channel", "account")];
    let plan = planned(&mut clerk, &page, ("prepareList", &follows)).await;
    plan.says("Orders").says("600,000,000 VND in all");
}

/// A page without what it knows of a field, for a browser in which it was changed.
fn without(page: &Page, field: &str) -> Page {
    let text = page.text.replace(&format!("type=\"hidden\" name=\"{field}\""), &format!("name=\"{field}\""));
    Page { status: page.status, headers: page.headers.clone(), bytes: text.clone().into_bytes(), text }
}

async fn a_plan_records_nothing_and_holds_or_is_refused(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let other = test.pension_of("TK-2", WARD).await;
    let mut clerk = Browser::signed_in(&test, Role::Clerk).await;
    let head = test.head().await;
    let lists = clerk.get(&format!("/lists?min_position={head}")).await.is(200);
    let asked = [("cycle", "2025-03"), ("channel", "account")];
    let plan = planned(&mut clerk, &lists, ("prepareList", &asked)).await;
    assert_eq!(test.head().await, head, "a plan records nothing");
    test.deed(&other, "cancel", &json!({"reason": "asked"})).await.is(201);
    let moved = test.head().await;
    clerk.post("/act", &texts(&filled(&plan, "prepareList", &[]))).await.is(409).says("plan-changed");
    assert_eq!(test.head().await, moved, "what moved meanwhile is not recorded");
    let lists = clerk.get(&format!("/lists?min_position={moved}")).await.is(200);
    let plan = planned(&mut clerk, &lists, ("prepareList", &asked)).await;
    let fields = filled(&plan, "prepareList", &[]);
    let first = clerk.post("/act", &texts(&fields)).await;
    let after = test.head().await;
    // Sent twice, it is one list.
    let again = clerk.post("/act", &texts(&fields)).await;
    assert_eq!((again.header("location"), test.head().await), (first.header("location"), after));
    let page = clerk.get(first.header("location")).await.is(200);
    page.says(&format!("/payments/{payment}")).keeps_back(&format!("/payments/{other}"));
    for (name, value) in [("operation", "settlePayment"), ("operation", "nothing"), ("path.id", "nothing")] {
        let mut odd = filled(&page, "checkList", &[]);
        odd.iter_mut().filter(|(found, _)| found == name).for_each(|(_, text)| value.clone_into(text));
        clerk.post("/lists/plan", &texts(&odd)).await.is(404);
    }
    let mut foreign = filled(&page, "checkList", &[]);
    foreign.retain(|(name, _)| name != "form_token");
    clerk.post("/lists/plan", &texts(&foreign)).await.is(403).says("form-not-ours");
    clerk.post("/lists/plan", &texts(&filled(&page, "withdrawList", &[]))).await.is(422).says("<code>reason</code>");
}

async fn a_list_is_printed_masked_and_with_a_purpose_in_full(test: TestApp) {
    const NAME: &str = "Đặng Thị Tám";
    test.register(&with(by_account("TK-1", WARD), &json!({"name": NAME}))).await;
    test.instruct(&pension("P-1", "TK-1")).await;
    let body = json!({"cycle": "2025-03", "channel": "account", "open_payments": true});
    let list = test.supervisor().post("/v1/lists", &test.fresh(), &body).await.json(201);
    let there = format!("/download/lists/{}", list["list_id"].as_str().unwrap());
    let mut clerk = Browser::signed_in(&test, Role::Clerk).await;
    let page = clerk.get(&format!("{there}/print?purpose=")).await.is(200);
    page.keeps_back(NAME);
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("style-src 'sha256-") && !policy.contains("unsafe") && !policy.contains("script"),
        "{policy}"
    );
    let head = test.head().await;
    clerk.get(&format!("{there}/print?purpose=payment_order")).await.is(200).says(NAME);
    assert_eq!(test.types_after(head).await.len(), 1, "the look is recorded");
    clerk.get(&format!("{there}/changes")).await.is(200).keeps_back(NAME);
    clerk.get(&format!("{there}/print?format=xlsx")).await.is(200);
}

async fn lists_are_for_whom_they_concern(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let body = json!({"cycle": "2025-03", "channel": "account", "open_payments": true});
    let list = test.supervisor().post("/v1/lists", &test.fresh(), &body).await.json(201);
    let there = format!("/lists/{}", list["list_id"].as_str().unwrap());
    let head = test.head().await;
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    auditor
        .get(&format!("{there}?min_position={head}"))
        .await
        .is(200)
        .keeps_back("name=\"operation\"")
        .says("There is no step for you");
    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    bank.get(&there).await.is(200).keeps_back("name=\"operation\"");
    let key = test.key(Role::Clerk, Some("C20359"), None).await;
    let mut elsewhere = Browser::with_key(&test, &key).await;
    elsewhere.get(&there).await.is(403);
    elsewhere.get(&format!("/lists?min_position={head}")).await.is(200).keeps_back(&there);
    for role in [Role::Analyst, Role::Operator] {
        Browser::signed_in(&test, role).await.get("/lists").await.is(403);
    }
    elsewhere.get("/lists/nothing").await.is(404);
    elsewhere.get("/lists?status=odd").await.is(422).says("<code>status</code>");
}

async fn one_item_is_taken_off_a_list(test: TestApp) {
    for person in ["TK-1", "TK-2"] {
        test.register(&by_account(person, WARD)).await;
        test.instruct(&pension(&format!("P-{person}"), person)).await;
    }
    let mut clerk = Browser::signed_in(&test, Role::Clerk).await;
    let lists = clerk.get(&format!("/lists?min_position={}", test.head().await)).await.is(200);
    let asked = [("cycle", "2025-03"), ("channel", "account")];
    let page = done(&mut clerk, &without(&lists, "cycle"), ("prepareList", &asked)).await;
    page.says("P-TK-1").says("P-TK-2");
    let head = test.head().await;
    let plan = planned(&mut clerk, &page, ("shortenList", &[("reason", "moved away")])).await;
    plan.says("After it the list has 1 items");
    assert_eq!(test.head().await, head, "a plan records nothing");
    let answer = clerk.post("/act", &texts(&filled(&plan, "shortenList", &[]))).await.is(303);
    let page = clerk.get(answer.header("location")).await.is(200);
    page.says("Recorded: Take it off the list").says(">Taken off<");
    // One is left to be taken off.
    assert_eq!(page.text.matches("value=\"shortenList\"").count(), 1);
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    let there = answer.header("location").split('?').next().unwrap().to_owned();
    auditor.get(&there).await.is(200).keeps_back("shortenList");
}
