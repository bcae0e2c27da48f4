//! The integrators' pages: whose keys and messages one sees, whether the lines of the page work as they stand, what forms do to banks' keys and
//! to endpoints.

use super::browser::{Browser, Page};
use super::desk::{filled, texts};
use crate::support::app::TestApp;
use crate::support::banks::{item, message};
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use crate::support::webhooks::{Receiver, sending};
use chitra::app::access::Role;
use chitra::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::process::Command;

on_every_engine!(
    a_bank_sees_its_own_keys_and_messages_alone,
    the_lines_of_the_page_are_a_callback_that_is_taken,
    an_operator_registers_a_bank_and_ends_a_key,
    what_an_endpoint_was_sent_is_shown_and_sent_again,
);

async fn a_bank_sees_its_own_keys_and_messages_alone(test: TestApp) {
    let payment = test.pension_of("QN-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    for bank in ["vcb", "agribank"] {
        test.register_bank(bank).await;
    }
    let items = [item(&id, "settled"), item("NO-SUCH-PAYMENT", "settled")];
    let ours = test.bank_reports("vcb", &message("M-1", &items)).await;
    let ours = ours.json(202)["inbox_id"].as_str().unwrap().to_owned();
    let theirs = test.bank_reports("agribank", &message("M-1", &[item("NO-SUCH-PAYMENT", "settled")])).await;
    let theirs = theirs.json(202)["inbox_id"].as_str().unwrap().to_owned();
    let head = test.head().await;

    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    let page = bank.get(&format!("/integration?min_position={head}")).await.is(200);
    page.says("vcb-1").says("In force").says(&ours).keeps_back("agribank").keeps_back(&theirs);
    page.keeps_back("addBankKey").keeps_back("registerBank").keeps_back("whsec_");
    page.says("Waits for a person").says("A first signed callback");
    let told = bank.get(&format!("/integration/messages/{ours}")).await.is(200);
    told.says("names no payment of ours").says(">bad-reference<").says("<dt>Applied</dt><dd>1</dd>");
    bank.get(&format!("/integration/messages/{theirs}")).await.is(403).keeps_back("agribank");
    bank.get("/integration?bank=agribank").await.is(422).says("<code>bank</code>");
    bank.get("/integration/messages/nothing").await.is(404);
    bank.language = "vi";
    bank.get("/integration").await.is(200).says("Khóa đã đăng ký").keeps_back("Registered keys");

    let mut operator = Browser::signed_in(&test, Role::Operator).await;
    let page = operator.get(&format!("/integration?bank=agribank&min_position={head}")).await.is(200);
    // The machine's keeper sees keys, and no message.
    page.says("agribank-1").says("addBankKey").keeps_back(&theirs).says("END-TO-END-ID-OF-A-PAYMENT");
    operator.get(&format!("/integration/messages/{theirs}")).await.is(403);
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    let page = auditor.get(&format!("/integration?min_position={head}")).await.is(200);
    page.says(&ours).says(&theirs).keeps_back("vcb-1").keeps_back("addBankKey");
    // The newest stands first.
    assert!(page.text.find(&theirs) < page.text.find(&ours));
    Browser::signed_in(&test, Role::Analyst).await.get("/integration").await.is(403);
}

/// Text of a page as a reader copies it.
fn copied(page: &Page, begins: &str) -> String {
    let text = page.text.split(begins).nth(1).unwrap().split("</code>").next().unwrap();
    let signs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    signs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

async fn bash(folder: &std::path::Path, lines: &str) -> String {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", lines]).current_dir(folder).env("NO_PROXY", "*").env("no_proxy", "*");
    let done = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(done.status.success(), "{lines}\n{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

async fn the_lines_of_the_page_are_a_callback_that_is_taken(test: TestApp) {
    test.clock.set_us(SystemClock.now_us());
    test.pension_of("QN-1", WARD).await;
    let mut operator = Browser::signed_in(&test, Role::Operator).await;
    let page = operator.get("/integration").await.is(200);
    let fields = filled(&page, "registerBank", &[("bank", "vcb")]);
    operator.post("/act", &texts(&fields)).await.is(303);
    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    for (number, algorithm) in ["EdDSA", "ES256", "HS256"].into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let key_id = format!("vcb-{}", number + 1);
        let make = match algorithm {
            "EdDSA" => copied(&bank.get("/integration").await.is(200), "<pre tabindex=\"0\"><code>"),
            "ES256" => "openssl ecparam -name prime256v1 -genkey -noout -out bank.pem\nopenssl pkey -in bank.pem -pubout -out bank.pub".to_owned(),
            _ => "echo \"whsec_$(openssl rand -base64 32)\" > bank.secret".to_owned(),
        };
        bash(folder.path(), &make).await;
        let file = if algorithm == "HS256" { "bank.secret" } else { "bank.pub" };
        // As browsers send lines.
        let key = std::fs::read_to_string(folder.path().join(file)).unwrap().replace('\n', "\r\n");
        let page = operator.get("/integration?bank=vcb").await.is(200);
        let given = [("key_id", key_id.as_str()), ("algorithm", algorithm), ("key", key.as_str())];
        operator.post("/act", &texts(&filled(&page, "addBankKey", &given))).await.is(303);

        let head = test.head().await;
        test.caught_up().await;
        let page = bank.get(&format!("/integration?min_position={head}")).await.is(200);
        page.says(&key_id).keeps_back("END-TO-END-ID-OF").keeps_back("No key of the bank is in force");
        let lines = copied(&page, "id=\"first-callback\"><code>");
        assert!(lines.contains(&format!("C=http://{}", test.address())), "{lines}");
        // A message has its second in its id: the next one must not have the same.
        let lines = lines.replace("TEST-%s", &format!("TEST-{number}-%s"));
        let answer = bash(folder.path(), &lines).await;
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}"));
        assert_eq!((&answer["no_op"], &answer["waiting"]), (&json!(1), &json!(0)), "{algorithm}: {answer}");
    }
}

async fn an_operator_registers_a_bank_and_ends_a_key(test: TestApp) {
    test.register_bank("vcb").await;
    let mut operator = Browser::signed_in(&test, Role::Operator).await;
    let page = operator.get("/integration?bank=vcb").await.is(200);
    let given = [
        ("key_id", "vcb-2"),
        ("algorithm", "EdDSA"),
        ("key", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"),
    ];
    let refused = operator.post("/act", &texts(&filled(&page, "addBankKey", &given))).await.is(422);
    refused.says("<code>key</code>").keeps_back("BEGIN PRIVATE");
    let fields = filled(&page, "disableBankKey", &[]);
    let answer = operator.post("/act", &texts(&fields)).await.is(303);
    assert!(answer.header("location").starts_with("/integration?bank=vcb&recorded=disableBankKey"));
    let page = operator.get(answer.header("location")).await.is(200);
    page.says("Disabled").keeps_back("In force").says("No key of the bank is in force").keeps_back("disableBankKey\">");
    // A bank's key has no such form, and the form of another does nothing in its hands.
    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    let token = bank.get("/integration").await.is(200).form_token();
    let mut fields = fields;
    for (name, value) in &mut fields {
        if name == "form_token" {
            value.clone_from(&token);
        }
    }
    bank.post("/act", &texts(&fields)).await.is(403).says("role-not-allowed");
}

async fn what_an_endpoint_was_sent_is_shown_and_sent_again(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry =
        test.webhook(&json!({"url": receiver.url, "types": ["payment.settled"], "description": "the ledger"})).await;
    let id = entry["webhook_id"].as_str().unwrap();
    let deliverer = sending(&test.app);
    let payment = test.pension_of("QN-1", WARD).await;
    test.settle(&payment, "2025-03-04").await.is(201);
    let position = test.head().await;
    test.delivery_is(&entry, position, "delivered").await;

    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let page = browser.get("/integration").await.is(200);
    page.says(id).says("kinds of messages: 1").keeps_back(entry["secret"].as_str().unwrap());
    let path = format!("/integration/webhooks/{id}");
    let page = browser.get(&path).await.is(200);
    page.says("the ledger").says("payment.settled").says("Delivered").says("Tries: 1").says("thanks").says(">200<");
    page.keeps_back(entry["secret"].as_str().unwrap());
    browser.get(&format!("{path}?status=given_up")).await.is(200).says("Nothing is as asked").keeps_back("Tries:");
    browser.get(&format!("{path}?status=odd")).await.is(422).says("<code>status</code>");
    let answer = browser.post("/act", &texts(&filled(&page, "resendDelivery", &[]))).await.is(303);
    assert!(answer.header("location").starts_with(&path), "{}", answer.header("location"));
    assert_eq!(receiver.wait_for(2).await[1].position(), position);
    let from = position.to_string();
    let fields = filled(&page, "replayWebhook", &[("from_position", from.as_str())]);
    browser.post("/act", &texts(&fields)).await.is(303);
    receiver.wait_for(3).await;
    browser.post("/act", &texts(&filled(&page, "pingWebhook", &[]))).await.is(303);
    assert_eq!(receiver.wait_for(4).await[3].kind(), "webhook.ping");
    browser.post("/act", &texts(&filled(&page, "disableWebhook", &[]))).await.is(303);
    let off = browser.get(&path).await.is(200);
    off.says("value=\"enableWebhook\"").keeps_back("value=\"pingWebhook\"").keeps_back("resendDelivery");
    let answer = browser.post("/act", &texts(&filled(&off, "removeWebhook", &[]))).await.is(303);
    browser.get(answer.header("location")).await.is(200).keeps_back(id);
    deliverer.stop().await;

    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    bank.get(&path).await.is(404);
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    auditor.get("/integration").await.is(200).keeps_back("pingWebhook");
}
