//! What a bank's item is kept back for, over HTTP: each cause by a message that has it, and nothing happens to the payment.

use crate::support::app::TestApp;
use crate::support::banks::{camt054, document, entry, item};
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use serde_json::{Value, json};

on_every_engine! {
    an_item_that_does_not_say_enough_waits_for_a_person,
    a_status_of_a_whole_file_without_payments_waits_for_a_person,
}

/// The causes of what waits, in the order of their items.
async fn causes(test: &TestApp) -> Vec<String> {
    let waiting = test.read("/v1/inbox/items").await;
    let cause = |row: &Value| row["cause"].as_str().unwrap().to_owned();
    waiting["items"].as_array().unwrap().iter().map(cause).collect()
}

async fn an_item_that_does_not_say_enough_waits_for_a_person(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let mut undated = item(&id, "settled");
    undated.as_object_mut().unwrap().remove("date");
    let undated = json!({"message_id": "M1", "items": [undated]});
    test.bank_reports("vcb", &undated).await.is(202);
    let booked = entry(&id, ("DBIT", "5000000", "2025-03-04"), "FT-1");
    let other_currency = booked.replace("Ccy=\"VND\"", "Ccy=\"USD\"");
    let two = booked.replace("</TxDtls>", "</TxDtls><TxDtls><Refs><EndToEndId>x</EndToEndId></Refs></TxDtls>");
    test.bank_sends("vcb", camt054("M2", &other_currency).as_bytes()).await.is(202);
    test.bank_sends("vcb", camt054("M3", &two).as_bytes()).await.is(202);
    assert_eq!(causes(&test).await, ["date-missing", "amount-unreadable", "amount-missing", "bad-reference"]);
    assert_eq!(test.payment(&payment).await["status"], "instructed");
}

async fn a_status_of_a_whole_file_without_payments_waits_for_a_person(test: TestApp) {
    test.register_bank("vcb").await;
    let of = |id: &str, status: &str| {
        let inside =
            format!("<OrgnlGrpInfAndSts><OrgnlMsgId>L1</OrgnlMsgId><GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts>");
        document("pain.002.001.10", id, &inside)
    };
    for (id, status) in [("M1", "RJCT"), ("M2", "ACCC")] {
        test.bank_sends("vcb", of(id, status).as_bytes()).await.is(202);
    }
    assert_eq!(causes(&test).await, ["whole-file-rejected", "whole-file-status"]);
}
