//! A payment's page: its life in words, what is next, the person masked and revealed, and the search by a number.

use super::browser::Browser;
use super::desk::{filled, texts};
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, rejected, returned, with};
use chitra::app::access::Role;
use serde_json::json;

on_every_engine!(
    a_payment_tells_its_life_and_what_is_next,
    a_pensioner_is_told_where_the_money_was,
    a_person_is_found_by_a_number_that_stands_in_no_address,
    personal_data_are_masked_until_a_purpose_is_recorded,
    a_bank_sees_its_own_payments_and_nobody,
    a_number_of_a_person_is_added_from_the_page,
    an_open_page_is_told_that_figures_moved,
);

const NUMBER: &str = "049155000012";
const NAME: &str = "Đặng Thị Tám";

/// A pension that the bank refused; its id.
async fn refused(test: &TestApp) -> String {
    test.register(&with(by_account("QN-1", WARD), &json!({"name": NAME, "personal_id": NUMBER}))).await;
    let payment = test.instruct(&pension("P-1", "QN-1")).await;
    test.deed(&payment, "reject", &rejected()).await.is(201);
    payment
}

async fn a_payment_tells_its_life_and_what_is_next(test: TestApp) {
    let payment = refused(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    page.says("Ordered: 5,000,000 VND by Bank account, Vietcombank, due 2025-03-05.");
    page.says("Rejected: the account number is wrong.").says(">AC01<").says("<time>2025-03-04</time>");
    // The playbook's words for a wrong account, and who acts.
    page.says("Clerk of the unit, by").says("Vietcombank");
    browser.language = "vi";
    browser
        .get(&format!("/payments/{payment}"))
        .await
        .is(200)
        .says("Bị từ chối: số tài khoản không đúng.")
        .says("5.000.000 VND");
    let head = test.head().await;
    let list = browser.get(&format!("/payments?status=rejected&cycle=2025-03&min_position={head}")).await.is(200);
    list.says(&format!("/payments/{payment}")).says("P-1");
    browser.get(&format!("/payments?status=settled&min_position={head}")).await.is(200).keeps_back("P-1<");
    browser.get("/payments?status=odd").await.is(422).says("<code>status</code>");
    browser.get("/payments/nothing").await.is(404);
    browser.get("/payments/01890000-0000-7000-8000-000000000000").await.is(404);
}

async fn a_pensioner_is_told_where_the_money_was(test: TestApp) {
    let payment = test.pension_of("QN-1", WARD).await;
    test.settle(&payment, "2025-03-04").await.is(201);
    test.deed(&payment, "return", &returned("2025-03-06")).await.is(201);
    test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "called on the 7th"})).await.is(201);
    test.allow(&payment, "authorised").await;
    let receipt = json!({"settled_on": "2025-03-09", "collected_by": "authorised", "evidence": {"kind": "desk_receipt", "reference": "R-7"}});
    test.deed(&payment, "settle", &receipt).await.is(201);
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    let told = [
        "Paid by Bank account, Vietcombank.",
        "The money came back: account closed.",
        "Reissued by Cash at a desk, due ",
        "called on the 7th",
        "Paid in cash, collected by an authorised person.",
        "attempt 2 · ",
        "R-7",
    ];
    let mut at = 0;
    for words in told {
        at += page.text[at..].find(words).unwrap_or_else(|| panic!("no {words:?} after byte {at} of {}", page.text));
    }
    browser.language = "vi";
    let page = browser.get(&format!("/payments/{payment}")).await.is(200);
    page.says("Tiền bị trả lại: tài khoản đã đóng.").says("Đã nhận tiền mặt: người được ủy quyền nhận.");
    page.keeps_back("Reissued").keeps_back("cash_desk");
}

async fn a_person_is_found_by_a_number_that_stands_in_no_address(test: TestApp) {
    refused(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let form = browser.get("/payments").await.is(200).form_token();
    let asked = [("form_token", form.as_str()), ("scheme", "personal_id"), ("number", NUMBER)];
    let answer = browser.post("/payments/find", &asked).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let there = answer.header("location").to_owned();
    assert!(there.starts_with("/payments?beneficiary_id=") && !there.contains(NUMBER), "{there}");
    let head = test.head().await;
    browser.get(&format!("{there}&min_position={head}")).await.is(200).says("P-1").keeps_back(NUMBER);
    for (scheme, number) in [("personal_id", "049155000099"), ("personal_id", "x"), ("odd", NUMBER)] {
        let asked = [("form_token", form.as_str()), ("scheme", scheme), ("number", number)];
        browser.post("/payments/find", &asked).await.is(404).says("Nobody in your reach").keeps_back(NUMBER);
    }
    browser.post("/payments/find", &[("scheme", "personal_id"), ("number", NUMBER)]).await.is(403);
}

async fn personal_data_are_masked_until_a_purpose_is_recorded(test: TestApp) {
    let payment = refused(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Clerk).await;
    let path = format!("/payments/{payment}");
    let page = browser.get(&path).await.is(200);
    page.says("049*******12").keeps_back(NUMBER).keeps_back(NAME);
    let form = page.form_token();
    let form_id = page.text.split("name=\"form_id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let head = test.head().await;
    let reveal = format!("{path}/reveal");
    let of = |purpose: &str| -> Vec<(String, String)> {
        let fields = [("form_token", form.as_str()), ("form_id", form_id.as_str()), ("purpose", purpose)];
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    for wrong in ["curiosity", "other"] {
        let fields = of(wrong);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        browser.post(&reveal, &fields).await.is(422).keeps_back(NAME);
    }
    browser.post(&reveal, &[("purpose", "payment_problem")]).await.is(403).keeps_back(NAME);
    assert_eq!(test.head().await, head, "nothing was shown, nothing is recorded");
    let fields = of("payment_problem");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let shown = browser.post(&reveal, &fields).await.is(200);
    shown.says(NAME).says(NUMBER).says("the look is recorded");
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(test.types_after(head).await, ["PersonalDataRevealed"]);
    // Sent twice, it is one look.
    browser.post(&reveal, &fields).await.is(200).says(NAME);
    assert_eq!(test.head().await, head + 1);
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    let page = auditor.get(&path).await.is(200);
    page.says("049*******12").keeps_back(NAME).keeps_back("/reveal");
    let token = page.form_token();
    auditor.post(&reveal, &[("form_token", &token), ("form_id", "1"), ("purpose", "audit")]).await.is(403);
}

async fn a_bank_sees_its_own_payments_and_nobody(test: TestApp) {
    let payment = refused(&test).await;
    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    let path = format!("/payments/{payment}");
    bank.get(&path).await.is(200).says("P-1").keeps_back("049*").keeps_back(NAME).keeps_back("/reveal");
    let key = test.key(Role::Bank, None, Some("agribank")).await;
    let mut other = Browser::with_key(&test, &key).await;
    other.get(&path).await.is(403).keeps_back("P-1<");
    for role in [Role::Analyst, Role::Operator] {
        Browser::signed_in(&test, role).await.get(&path).await.is(403);
    }
}

async fn an_open_page_is_told_that_figures_moved(test: TestApp) {
    use futures_util::StreamExt;
    let payment = refused(&test).await;
    let browser = Browser::signed_in(&test, Role::Supervisor).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let cookie = format!("chitra={}", browser.cookies["chitra"]);
    let request = http.get(format!("http://{}/live", test.address())).header("cookie", cookie);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut told = answer.bytes_stream();
    let mut text = String::new();
    // What was there when the page opened, then what came.
    while !text.contains("event: moved") {
        text.push_str(&String::from_utf8_lossy(&told.next().await.unwrap().unwrap()));
    }
    test.deed(&payment, "cancel", &json!({"reason": "asked"})).await.is(201);
    let head = test.head().await;
    while !text.contains(&format!("{{\"position\":{head}}}")) {
        text.push_str(&String::from_utf8_lossy(&told.next().await.unwrap().unwrap()));
    }
    assert!(!text.contains("P-1"), "{text}");
    let nobody = http.get(format!("http://{}/live", test.address())).send().await.unwrap();
    assert!(nobody.url().path().starts_with("/sign-in"));
}

async fn a_number_of_a_person_is_added_from_the_page(test: TestApp) {
    test.register(&by_account("QN-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "QN-1")).await;
    let mut clerk = Browser::signed_in(&test, Role::Clerk).await;
    let page = clerk.get(&format!("/payments/{payment}")).await.is(200);
    let wrong = filled(&page, "addIdentifier", &[("scheme", "personal_id"), ("number", "12")]);
    clerk.post("/act", &texts(&wrong)).await.is(422).says("<code>personal_id</code>");
    let given = [("scheme", "personal_id"), ("number", NUMBER), ("valid_from", "2025-01-01")];
    let answer = clerk.post("/act", &texts(&filled(&page, "addIdentifier", &given))).await.is(303);
    assert!(answer.header("location").starts_with(&format!("/payments/{payment}?recorded=addIdentifier")));
    assert!(!answer.header("location").contains(NUMBER));
    let page = clerk.get(answer.header("location")).await.is(200);
    page.says("Recorded: Add a number of the person").keeps_back(NUMBER);
    let form = page.form_token();
    let found =
        clerk.post("/payments/find", &[("form_token", &form), ("scheme", "personal_id"), ("number", NUMBER)]).await;
    assert!(found.header("location").starts_with("/payments?beneficiary_id="), "{}", found.text);
    // Whoever only looks has no such form.
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    auditor.get(&format!("/payments/{payment}")).await.is(200).keeps_back("addIdentifier");
}
