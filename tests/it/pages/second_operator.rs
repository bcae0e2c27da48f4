//! Four eyes of operators on pages: a form that waits says so, and the page of operations has what another operator decides.

use super::browser::Browser;
use super::desk::{filled, texts};
use crate::support::app::TestApp;
use crate::support::on_every_engine_strictly;
use chitra::app::access::Role;
use serde_json::json;

on_every_engine_strictly! {
    a_bank_that_one_operator_registers_waits_on_the_page_of_another,
    a_key_that_is_asked_for_shows_its_label_to_whoever_decides,
}

async fn a_bank_that_one_operator_registers_waits_on_the_page_of_another(test: TestApp) {
    let mut asker = Browser::signed_in(&test, Role::Operator).await;
    let page = asker.get("/integration").await.is(200);
    let answer = asker.post("/act", &texts(&filled(&page, "registerBank", &[("bank", "vcb")]))).await.is(303);
    let there = answer.header("location").to_owned();
    assert!(there.contains("&waits=1"), "{there}");
    asker.get(&there).await.is(200).says("once a second person consents").keeps_back("addBankKey");
    let own = asker.get("/operations").await.is(200);
    own.says("Change a bank").says("You asked for this").says("value=\"declineApproval\"");
    own.keeps_back("value=\"grantApproval\"");
    let key = test.key(Role::Operator, None, None).await;
    let mut other = Browser::with_key(&test, &key).await;
    let page = other.get("/operations").await.is(200);
    page.says("Change a bank").says("register_bank").keeps_back("You asked for this");
    let answer = other.post("/act", &texts(&filled(&page, "grantApproval", &[("note", "seen")]))).await.is(303);
    let there = answer.header("location").to_owned();
    other.get(&there).await.is(200).says("Recorded: Consent").says("Nothing waits.");
    asker.get("/integration").await.is(200).says("addBankKey");
    let mut auditor = Browser::signed_in(&test, Role::Auditor).await;
    auditor.get("/operations").await.is(200).keeps_back("What waits for a second operator");
}

async fn a_key_that_is_asked_for_shows_its_label_to_whoever_decides(test: TestApp) {
    let new = json!({"role": "clerk", "label": "Quầy <b>hai</b>"});
    test.as_role(Role::Operator).post("/v1/keys", "k", &new).await.is(202);
    let key = test.key(Role::Operator, None, None).await;
    let mut other = Browser::with_key(&test, &key).await;
    let page = other.get("/operations").await.is(200);
    page.says("Make or renew a key").says("Quầy &#60;b&#62;hai").keeps_back("<b>hai</b>").says(">Waits<");
    let answer =
        other.post("/act", &texts(&filled(&page, "declineApproval", &[("reason", "no such counter")]))).await.is(303);
    let there = answer.header("location").to_owned();
    other.get(&there).await.is(200).says("Nothing waits.").keeps_back(">Waits<");
}
