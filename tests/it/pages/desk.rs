//! The desk, and the forms of pages: what is done by them, what is refused, what is sent twice, and who may do what.

use super::browser::{Browser, Page};
use crate::support::app::{TestApp, spawn_strict};
use crate::support::banks::{item, message};
use crate::support::engine::Engine;
use crate::support::verbs::{COMMUNE, WARD, rejected};
use crate::support::{on_both_engines, on_every_engine};
use chitra::app::access::Role;
use serde_json::json;

on_every_engine!(
    a_clerk_reissues_from_the_desk_and_the_row_is_gone,
    a_form_that_is_refused_says_why_and_changes_nothing,
    a_form_that_comes_too_late_says_why_in_the_readers_language,
    a_form_sent_twice_is_one_deed_and_a_changed_one_is_refused,
    a_form_that_another_moved_ahead_of_is_refused,
    a_form_does_what_the_role_allows_and_no_more,
    an_item_of_a_bank_is_dealt_with_at_the_desk,
);

on_both_engines!(another_persons_request_is_consented_to_and_never_ones_own);

/// The fields of the form of an operation as the page gives them, with some filled in.
pub fn filled(page: &Page, operation: &str, given: &[(&str, &str)]) -> Vec<(String, String)> {
    let sign = format!("name=\"operation\" value=\"{operation}\"");
    let form = page.text.split("<form").find(|form| form.contains(&sign));
    let form = form.unwrap_or_else(|| panic!("there is no form for {operation} in {}", page.text));
    let form = form.split("</form>").next().unwrap();
    let mut fields: Vec<(String, String)> = Vec::new();
    for input in form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\"")) {
        let of = |name: &str| input.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        fields.push((of("name").unwrap().to_owned(), of("value").unwrap_or_default().replace("&#38;", "&")));
    }
    for (name, value) in given {
        assert!(form.contains(&format!("name=\"{name}\"")), "the form has no field {name}: {form}");
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

pub fn texts(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A pension that the bank refused; its id.
async fn refused(test: &TestApp, person: &str, unit: &str) -> String {
    let payment = test.pension_of(person, unit).await;
    test.deed(&payment, "reject", &rejected()).await.is(201);
    payment
}

async fn a_clerk_reissues_from_the_desk_and_the_row_is_gone(test: TestApp) {
    let payment = refused(&test, "QN-1", WARD).await;
    refused(&test, "QN-2", COMMUNE).await;
    let key = test.key(Role::Clerk, Some("C20341"), None).await;
    let mut browser = Browser::with_key(&test, &key).await;
    browser.get("/").await.leads_to("/desk");
    let head = test.head().await;
    let page = browser.get(&format!("/desk?min_position={head}")).await.is(200);
    // The own unit's alone, in words, with the code beside.
    page.says("P-QN-1").keeps_back("P-QN-2").says("the account number is wrong").says(">AC01<").says("1 to do");
    let fields = filled(&page, "reissuePayment", &[("channel", "cash_desk"), ("reason", "account closed")]);
    let answer = browser.post("/act", &texts(&fields)).await;
    let head = test.head().await;
    let back = answer.leads_to(&format!("/desk?recorded=reissuePayment&min_position={head}"));
    let page = browser.get(back.header("location")).await.is(200);
    page.says(&format!("Recorded: Reissue (event {head})")).keeps_back("P-QN-1").says("Nothing is left to do");
    let now = test.payment(&payment).await;
    assert_eq!(now["attempts"][1]["channel"], json!("cash_desk"));
    browser.language = "vi";
    browser.get(back.header("location")).await.is(200).says("Đã ghi nhận: Chi lại").keeps_back("Recorded");
    browser.get("/desk?kind=odd").await.is(422).says("<code>kind</code>");
    browser.get(&format!("/desk?unit={COMMUNE}")).await.is(403);
}

async fn a_form_that_is_refused_says_why_and_changes_nothing(test: TestApp) {
    let payment = refused(&test, "QN-1", WARD).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    let head = test.head().await;
    // Without a reason; with a number of a person in it; to a bank that is none.
    let empty = filled(&page, "reissuePayment", &[("channel", "cash_desk")]);
    let told = browser.post("/act", &texts(&empty)).await.is(422);
    told.says("<code>reason</code>").says("missing").says(&format!("href=\"/payments/{payment}\""));
    let number = filled(&page, "cancelPayment", &[("reason", "see 049155000012")]);
    browser
        .post("/act", &texts(&number))
        .await
        .is(422)
        .says("there is a number of 9 digits")
        .keeps_back("049155000012");
    browser.language = "vi";
    let told = browser.post("/act", &texts(&empty)).await.is(422);
    told.says("thiếu; cần").says("Quay lại trang trước");
    // Not of this session, not an operation of pages, not at an address.
    let mut foreign = filled(&page, "cancelPayment", &[("reason", "asked")]);
    foreign.retain(|(name, _)| name != "form_token");
    browser.post("/act", &texts(&foreign)).await.is(403).says("form-not-ours");
    for (name, value) in [("operation", "erasePersonalData"), ("operation", "readPayment"), ("path.id", "../x")] {
        let mut odd = filled(&page, "cancelPayment", &[("reason", "asked")]);
        odd.iter_mut().filter(|(found, _)| found == name).for_each(|(_, text)| value.clone_into(text));
        browser.post("/act", &texts(&odd)).await.is(404);
    }
    let mut keyless = filled(&page, "cancelPayment", &[("reason", "asked")]);
    keyless.retain(|(name, _)| name != "form_id");
    browser.post("/act", &texts(&keyless)).await.is(400);
    browser.get("/act").await.is(405);
    assert_eq!(test.head().await, head);
}

async fn a_form_that_comes_too_late_says_why_in_the_readers_language(test: TestApp) {
    let payment = refused(&test, "QN-1", WARD).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    test.deed(&payment, "cancel", &json!({"reason": "asked"})).await.is(201);
    let late = filled(&page, "reissuePayment", &[("channel", "cash_desk"), ("reason", "asked")]);
    for (language, reason) in [("en", "the object moved: its revision is"), ("vi", "đối tượng đã thay đổi, phiên bản")]
    {
        browser.language = language;
        let told = browser.post("/act", &texts(&late)).await.is(412).says("revision-moved").text.clone();
        assert!(told.contains(&format!("<p class=\"reason\">{reason}")), "{told}");
    }
    let reissue = json!({"channel": "cash_desk", "reason": "asked"});
    let api = test.deed(&payment, "reissue", &reissue).await.json(409);
    assert_eq!(
        (&api["code"], &api["detail_vi"]),
        (&json!("payment-already-cancelled"), &json!("khoản chi trả đã bị hủy"))
    );
}

async fn a_form_sent_twice_is_one_deed_and_a_changed_one_is_refused(test: TestApp) {
    let payment = refused(&test, "QN-1", WARD).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    let fields = filled(&page, "cancelPayment", &[("reason", "asked")]);
    let first = browser.post("/act", &texts(&fields)).await;
    let head = test.head().await;
    let there = first.leads_to(&format!("/payments/{payment}?recorded=cancelPayment&min_position={head}"));
    browser.post("/act", &texts(&fields)).await.leads_to(there.header("location"));
    assert_eq!(test.head().await, head);
    let mut other = fields.clone();
    other.iter_mut().filter(|(name, _)| name == "reason").for_each(|(_, text)| "something else".clone_into(text));
    browser.post("/act", &texts(&other)).await.is(422).says("idempotency-key-reused");
    assert_eq!(test.head().await, head);
    let page = browser.get(there.header("location")).await.is(200);
    page.says("Recorded: Cancel the payment").says("Cancelled by the agency.").says("asked");
    // Nobody leads the browser elsewhere.
    let payment = refused(&test, "QN-2", WARD).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    let mut fields = filled(&page, "cancelPayment", &[("reason", "asked")]);
    fields.iter_mut().filter(|(name, _)| name == "back").for_each(|(_, text)| "//evil.example".clone_into(text));
    let answer = browser.post("/act", &texts(&fields)).await;
    assert!(answer.header("location").starts_with("/?recorded=cancelPayment"), "{}", answer.header("location"));
}

async fn a_form_that_another_moved_ahead_of_is_refused(test: TestApp) {
    let payment = refused(&test, "QN-1", WARD).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    let fields = filled(&page, "cancelPayment", &[("reason", "asked")]);
    test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "closed"})).await.is(201);
    browser.post("/act", &texts(&fields)).await.is(412).says("revision-moved");
    assert_eq!(test.payment(&payment).await["status"], json!("instructed"));
}

async fn a_form_does_what_the_role_allows_and_no_more(test: TestApp) {
    let payment = refused(&test, "QN-1", WARD).await;
    let mut supervisor = Browser::signed_in(&test, Role::Supervisor).await;
    let path = format!("/payments/{payment}");
    let page = supervisor.get(&path).await.is(200);
    page.says("value=\"reissuePayment\"").keeps_back("value=\"settlePayment\"").keeps_back("value=\"payAtDesk\"");
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    let read = auditor.get(&path).await.is(200);
    read.says("Rejected: the account number is wrong.").keeps_back("name=\"operation\"");
    let head = test.head().await;
    auditor.get(&format!("/desk?min_position={head}")).await.is(200).says("P-QN-1").keeps_back("name=\"operation\"");
    let token = read.form_token();
    let forged = [
        ("form_token", token.as_str()),
        ("form_id", "x-1"),
        ("operation", "cancelPayment"),
        ("path.id", payment.as_str()),
        ("reason", "asked"),
    ];
    auditor.post("/act", &forged).await.is(403).says("role-not-allowed");
    let key = test.key(Role::Clerk, Some("C20359"), None).await;
    let mut other = Browser::with_key(&test, &key).await;
    let token = other.get("/desk").await.is(200).form_token();
    let mut forged = forged;
    forged[0].1 = &token;
    other.post("/act", &forged).await.is(403).says("out-of-your-units");
    assert_eq!(test.head().await, head);
    for role in [Role::Analyst, Role::Bank, Role::Operator] {
        Browser::signed_in(&test, role).await.get("/desk").await.is(403);
    }
}

async fn another_persons_request_is_consented_to_and_never_ones_own(engine: Engine) {
    // With the profile as it is delivered.
    let test = spawn_strict(engine).await;
    let payment = test.pension_of("QN-1", WARD).await;
    let key = test.key(Role::Clerk, None, None).await;
    let mut clerk = Browser::with_key(&test, &key).await;
    let page = clerk.get(&format!("/payments/{payment}")).await.is(200);
    let fields = filled(&page, "correctPayment", &[("amount", "6000000"), ("ground", "decision 12")]);
    let answer = clerk.post("/act", &texts(&fields)).await;
    let there = answer.header("location").to_owned();
    assert!(there.ends_with("&waits=1"), "{there} {}", answer.text);
    clerk.get(&there).await.is(200).says("once a second person consents").says("5,000,000 VND");
    let head = test.head().await;
    let desk = format!("/desk?kind=approval&min_position={head}");
    clerk.get(&desk).await.is(200).says("You asked for this").keeps_back("value=\"grantApproval\"");
    let mut supervisor = Browser::signed_in(&test, Role::Supervisor).await;
    let page = supervisor.get(&desk).await.is(200);
    page.says("Correct a payment").says("decision 12").keeps_back("You asked for this");
    let fields = filled(&page, "grantApproval", &[("note", "seen")]);
    let answer = supervisor.post("/act", &texts(&fields)).await;
    let there = answer.header("location").to_owned();
    supervisor.get(&there).await.is(200).says("Recorded: Consent").keeps_back("decision 12");
    supervisor.get(&format!("/payments/{payment}")).await.is(200).says("6,000,000 VND").says("Amount corrected");
}

async fn an_item_of_a_bank_is_dealt_with_at_the_desk(test: TestApp) {
    test.register_bank("vcb").await;
    test.bank_reports("vcb", &message("M-1", &[item("0195a3c01c0070008000000000000001", "settled")])).await.is(202);
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let head = test.head().await;
    let page = browser.get(&format!("/desk?kind=bank_item&min_position={head}")).await.is(200);
    page.says("names no payment of ours").says("bad-reference").says("value=\"judgeInbox\"");
    let fields = filled(&page, "resolveInbox", &[("reason", "the bank took it back")]);
    let answer = browser.post("/act", &texts(&fields)).await;
    let there = answer.header("location").to_owned();
    browser.get(&there).await.is(200).says("Recorded: Dealt with").keeps_back("bad-reference");
}
