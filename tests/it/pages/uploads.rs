//! Files through pages: looked through, mended, recorded once after count and sum were seen, the file back, undone; and whose a file is.

use super::browser::{Browser, Page};
use super::desk::{filled, texts};
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, in_cash};
use chitra::app::access::Role;
use serde_json::json;

on_every_engine!(
    a_file_is_mended_confirmed_and_recorded_once,
    good_rows_are_recorded_without_the_others,
    a_file_that_is_no_form_or_of_another_page_is_not_kept,
    a_file_is_its_senders_alone,
    what_a_supervisor_undoes_is_cancelled,
    an_open_page_is_told_how_far_a_file_has_come,
);

const HEADER: &str = "payment_reference,beneficiary_ref,benefit_type,cycle,amount\n";
const GOOD: &str = "U-1,QN-1,pension,2025-03,3000000\nU-2,QN-2,pension,2025-03,2500000\n";
/// Nobody by that name, a fraction, and a benefit that is none.
const BAD: &str = "U-1,QN-9,pension,2025-03,3000000\nU-2,QN-2,pension,2025-03,2500000.50\nU-3,QN-1,gold,2025-03,1\nU-4,QN-1,pension,2025-03,3000000\n";

async fn people(test: &TestApp) {
    test.register(&in_cash("QN-1", WARD)).await;
    test.register(&in_cash("QN-2", WARD)).await;
}

/// Sends a file and waits until it stands still; its page, and where that is.
async fn sent(browser: &mut Browser, (kind, rows): (&str, &str)) -> (Page, String) {
    let token = browser.get("/uploads").await.is(200).form_token();
    let fields = [("form_token", token.as_str()), ("kind", kind), ("control_count", ""), ("control_sum", "")];
    let answer = browser.upload("/uploads", &fields, ("a.csv", format!("{HEADER}{rows}").as_bytes())).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let there = answer.header("location").to_owned();
    (standing(browser, &there).await, there)
}

/// The page once nothing moves any more.
async fn standing(browser: &mut Browser, path: &str) -> Page {
    for _ in 0..600 {
        let page = browser.get(path).await.is(200);
        if !page.text.contains("data-progress") {
            return page;
        }
        // Without a script the page asks again by itself.
        page.says("<noscript><meta http-equiv=\"refresh\"");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{path} never comes to rest");
}

async fn a_file_is_mended_confirmed_and_recorded_once(test: TestApp) {
    people(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let head = test.head().await;
    let (page, there) = sent(&mut browser, ("payments", BAD)).await;
    page.says("The file must be mended").says("beneficiary-unknown").says("amount-has-fraction");
    page.says("code-unknown").keeps_back("value=\"all\"").says("value=\"payments\" selected");
    let back = browser.get(&format!("{there}/file")).await.is(200);
    assert!(back.header("content-type").starts_with("text/csv"));
    back.says("U-4").says("2500000.50");
    let head_of_file = back.text.lines().next().unwrap();
    assert!(head_of_file.split(',').count() > HEADER.split(',').count(), "{head_of_file}");
    browser.language = "vi";
    browser.get(&there).await.is(200).says("Tệp cần sửa").keeps_back("must be mended");
    browser.language = "en";
    assert_eq!(test.head().await, head, "nothing is recorded by a check");

    let (page, there) = sent(&mut browser, ("payments", GOOD)).await;
    page.says("The file is good").says("Record 2 payments, 5,500,000 VND in all?");
    assert_eq!(test.head().await, head);
    let token = page.form_token();
    let confirm = [("form_token", token.as_str()), ("mode", "all")];
    browser.post(&format!("{there}/confirm"), &[("mode", "all")]).await.is(403).says("form-not-ours");
    browser.post(&format!("{there}/confirm"), &[confirm[0], ("mode", "odd")]).await.is(422);
    for _ in 0..2 {
        browser.post(&format!("{there}/confirm"), &confirm).await.leads_to(&there);
    }
    let page = standing(&mut browser, &there).await;
    page.says("<h2 id=\"h-result\">Recorded</h2>").says("<dd>2</dd>").keeps_back("value=\"all\"");
    let events = test.types_after(head).await;
    assert_eq!(events.iter().filter(|name| *name == "PaymentInstructed").count(), 2, "{events:?}");
    assert_eq!(events.iter().filter(|name| *name == "ImportStarted").count(), 1, "{events:?}");
    // The same file once more has no more effect.
    let after = test.head().await;
    sent(&mut browser, ("payments", GOOD)).await;
    assert_eq!(test.head().await, after);
    browser.get("/uploads").await.is(200).says("/imports/").says("5,500,000 VND");
}

async fn good_rows_are_recorded_without_the_others(test: TestApp) {
    people(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let head = test.head().await;
    let (page, there) = sent(&mut browser, ("payments", BAD)).await;
    page.says("1 good rows are recorded; 3 wrong ones stay out.");
    let token = page.form_token();
    let confirm = [("form_token", token.as_str()), ("mode", "valid_rows")];
    browser.post(&format!("{there}/confirm"), &confirm).await.leads_to(&there);
    let page = standing(&mut browser, &there).await;
    page.says("beneficiary-unknown").says(&format!("{there}/file"));
    let events = test.types_after(head).await;
    assert_eq!(events.iter().filter(|name| *name == "PaymentInstructed").count(), 1, "{events:?}");
    // A figure of control that is not met stops the file as a whole.
    let token = browser.get("/uploads").await.is(200).form_token();
    let fields = [("form_token", token.as_str()), ("kind", "payments"), ("control_count", "7")];
    let rows = format!("{HEADER}U-7,QN-2,pension,2025-03,1\n");
    let answer = browser.upload("/uploads", &fields, ("a.csv", rows.as_bytes())).await;
    let there = answer.header("location").to_owned();
    let page = standing(&mut browser, &there).await;
    page.says("control-count-differs").keeps_back("value=\"valid_rows\"").keeps_back("value=\"all\"");
}

async fn a_file_that_is_no_form_or_of_another_page_is_not_kept(test: TestApp) {
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let token = browser.get("/uploads").await.is(200).form_token();
    let own = ("form_token", token.as_str());
    let file = ("a.csv", GOOD.as_bytes());
    browser.upload("/uploads", &[("kind", "payments")], file).await.is(403).says("form-not-ours");
    browser.upload("/uploads", &[own, ("kind", "gold")], file).await.is(422).says("<code>kind</code>");
    let odd = [own, ("kind", "payments"), ("control_sum", "1.5")];
    browser.upload("/uploads", &odd, file).await.is(422).says("<code>control_sum</code>");
    browser.upload("/uploads", &[own, ("kind", "payments")], ("", b"")).await.is(422).says("<code>file</code>");
    browser.post("/uploads", &[own, ("kind", "payments")]).await.is(400).says("body-unreadable");
    browser.origin = Some("https://evil.example".to_owned());
    browser.upload("/uploads", &[own, ("kind", "payments")], file).await.is(403).says("form-not-ours");
    browser.origin = None;
    // What is no table at all says so on its page.
    let broken = browser.upload("/uploads", &[own, ("kind", "payments")], ("a.xlsx", b"PK\x03\x04 no workbook")).await;
    let there = broken.header("location").to_owned();
    standing(&mut browser, &there).await.says("role=\"alert\"").says("name=\"file\"");
}

async fn a_file_is_its_senders_alone(test: TestApp) {
    people(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let (_, there) = sent(&mut browser, ("payments", GOOD)).await;
    let mut other = Browser::signed_in(&test, Role::Supervisor).await;
    for path in [there.clone(), format!("{there}/file"), format!("{there}/live")] {
        other.get(&path).await.is(404).keeps_back("U-1");
    }
    let token = other.get("/uploads").await.is(200).form_token();
    other.post(&format!("{there}/confirm"), &[("form_token", &token), ("mode", "all")]).await.is(404);
    for role in [Role::Analyst, Role::Auditor, Role::Bank, Role::Operator] {
        let mut reader = Browser::signed_in(&test, role).await;
        reader.get("/uploads").await.is(403);
        reader.get(&there).await.is(403);
    }
    // A clerk of another commune may look the file through; its rows are out of reach.
    let key = test.key(Role::Clerk, Some("C20359"), None).await;
    let mut clerk = Browser::with_key(&test, &key).await;
    sent(&mut clerk, ("payments", GOOD)).await.0.says("The file must be mended");
    browser.get("/uploads/nothing").await.is(404);
}

async fn what_a_supervisor_undoes_is_cancelled(test: TestApp) {
    people(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let (page, there) = sent(&mut browser, ("payments", GOOD)).await;
    let token = page.form_token();
    browser.post(&format!("{there}/confirm"), &[("form_token", &token), ("mode", "all")]).await.leads_to(&there);
    let page = standing(&mut browser, &there).await;
    page.says("Undo this file");
    let undo = filled(&page, "reverseImport", &[("reason", "the wrong month")]);
    let answer = browser.post("/act", &texts(&undo)).await;
    let back = answer.header("location").to_owned();
    assert!(back.starts_with("/imports/"), "{back} {}", answer.text);
    browser.get(&back).await.is(200).says("Undone").keeps_back("value=\"reverseImport\"");
    let list = test.read("/v1/payments?status=cancelled").await;
    assert_eq!(list["payments"].as_array().map(Vec::len), Some(2), "{list}");
    let mut clerk = Browser::signed_in(&test, Role::Clerk).await;
    clerk.get(&back).await.is(200).keeps_back("value=\"reverseImport\"");
    assert_eq!(list["payments"][0]["status"], json!("cancelled"));
}

async fn an_open_page_is_told_how_far_a_file_has_come(test: TestApp) {
    people(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let (_, there) = sent(&mut browser, ("payments", GOOD)).await;
    let told = browser.get(&format!("{there}/live")).await.is(200);
    assert_eq!(told.header("content-type"), "text/event-stream");
    told.says("event: done");
}
