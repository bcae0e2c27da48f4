//! What comes in from banks and is not plain: bodies that nobody vouches for, too many of them, one id for many messages, whole files
//! refused, what comes too late, and payments that have moved on.

use crate::support::app::TestApp;
use crate::support::banks::{bank, call, document, item, item_on, key, message, pacs004, pair, token, token_of};
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use chitra::app::App;
use chitra::app::access::{Principal, Role};
use chitra::domain::ids::BankId;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_every_engine! {
    what_the_headers_alone_refuse_is_refused_before_its_body_comes,
    a_key_that_is_disabled_while_a_body_comes_opens_it_no_more,
    keys_that_are_added_and_disabled_count_at_once_on_every_server,
    each_other_message_under_an_id_is_kept_and_waits_also_after_one_was_dealt_with,
    a_rejection_of_a_whole_file_waits_unless_each_of_its_payments_is_named_as_rejected,
    a_return_that_cannot_be_recorded_leaves_no_acceptance_behind,
    a_bank_that_a_payment_left_neither_holds_nor_cancels_it,
    a_short_message_of_news_alone_is_kept_applied_and_judged_in_one_commit,
    a_message_whose_items_are_in_each_others_way_goes_on_where_the_first_exchange_ended,
}

/// A request whose head is there, and of its body so much.
async fn begin(test: &TestApp, token: &str, (declared, sent): (usize, &[u8])) -> TcpStream {
    let mut stream = TcpStream::connect(test.address()).await.unwrap();
    let head = format!(
        "POST /v1/bank-callbacks/vcb HTTP/1.1\r\nhost: chitra\r\nx-jws-signature: {token}\r\ncontent-length: {declared}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(sent).await.unwrap();
    stream
}

async fn what_the_headers_alone_refuse_is_refused_before_its_body_comes(test: TestApp) {
    test.register_bank("vcb").await;
    let now = test.app.clock.now().as_second();
    let of = |key: &str, at: i64| token_of(key, &pair("vcb"), (at, b""));
    for (token, code) in [
        (of("vcb-9", now), "signature-key-unknown"),
        (of("vcb-1", now - 301), "signature-outside-window"),
        ("x".to_owned(), "signature-malformed"),
    ] {
        // An answer while the body is still to come.
        let mut stream = begin(&test, &token, (16 << 20, b"{")).await;
        let mut answer = vec![0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await;
        let length = read.unwrap().unwrap();
        let text = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(text.starts_with("HTTP/1.1 401") && text.contains(code), "{text}");
    }
}

async fn a_key_that_is_disabled_while_a_body_comes_opens_it_no_more(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let body = message("M1", &[item(&test.end_to_end_id(&payment).await, "settled")]).to_string();
    let token = token(&test, "vcb", body.as_bytes());
    let (first, rest) = body.as_bytes().split_at(20);
    let mut stream = begin(&test, &token, (body.len(), first)).await;
    // The headers are looked at now, and what is known of the bank then is too old when the rest comes.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let request = test.app.own_request(&Principal::local("operator"), "disable");
    test.app.disable_bank_key(&request, &BankId::parse("vcb").unwrap(), "vcb-1").await.unwrap();
    let head = test.head().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    stream.write_all(rest).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(text.starts_with("HTTP/1.1 401"), "{text}");
    assert_eq!((test.head().await, test.status_of(&payment).await), (head, json!("instructed")));
}

async fn keys_that_are_added_and_disabled_count_at_once_on_every_server(test: TestApp) {
    test.register_bank("vcb").await;
    let (vcb, twin) = (bank("vcb"), test.twin().await);
    let request = |deed: &str| test.app.own_request(&Principal::local("operator"), deed);
    let token_by = |id: &str, pair: &Ed25519KeyPair| token_of(id, pair, (test.app.clock.now().as_second(), b"{}"));
    let opens =
        async |app: &App, token: &str| app.check_bank_headers(&vcb, &[("x-jws-signature", token)]).await.is_ok();
    let old = token_by("vcb-1", &pair("vcb"));
    // Both have just looked at the bank.
    assert!(opens(&test.app, &old).await && opens(&twin, &old).await);
    let second = pair("vcb, second");
    test.app.add_bank_key(&request("second"), &vcb, key("vcb-2", &second)).await.unwrap();
    test.app.disable_bank_key(&request("disable"), &vcb, "vcb-1").await.unwrap();
    let new = token_by("vcb-2", &second);
    for app in [&test.app, &twin] {
        assert!(!opens(app, &old).await && opens(app, &new).await);
    }
}

async fn each_other_message_under_an_id_is_kept_and_waits_also_after_one_was_dealt_with(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let body = |status: &str| message("M1", &[item(&id, status), item("x", "settled")]);
    let first = test.bank_reports("vcb", &body("ACSP")).await.json(202);
    let verdicts = first["verdicts"].as_str().unwrap();
    let others: Vec<String> = (0..9).map(|number| format!("X{number:03}")).collect();
    let clerk = test.as_role(Role::Clerk);
    test.bank_reports("vcb", &body(&others[0])).await.refused(409, "message-id-reused");
    let resolve = json!({"item": 0, "reason": "the bank knows"});
    clerk.post(&format!("{verdicts}/resolve"), "r", &resolve).await.is(201);
    for status in &others[1..8] {
        test.bank_reports("vcb", &body(status)).await.refused(409, "message-id-reused");
    }
    let head = test.head().await;
    test.bank_reports("vcb", &body(&others[0])).await.refused(409, "message-id-reused");
    test.bank_reports("vcb", &body(&others[8])).await.refused(409, "message-id-reused-not-kept");
    assert_eq!(test.head().await, head, "told before, or not kept");
    let read = clerk.get(verdicts).await.json(200);
    let items: Vec<(u64, &str, bool)> = read["quarantined"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["item"].as_u64().unwrap(), item["cause"].as_str().unwrap(), item["resolved"].is_null()))
        .collect();
    assert_eq!((items.len(), items[0]), (9, (0, "message-id-reused", false)));
    assert_eq!(items[1], (2, "bad-reference", true), "the first message's own item keeps its place");
    assert!(items[2..].iter().all(|(_, cause, waits)| (*cause, *waits) == ("message-id-reused", true)), "{items:?}");
    let mut hashes: Vec<&str> =
        read["quarantined"].as_array().unwrap().iter().filter_map(|i| i["sha256"].as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!((hashes.len(), &read["waiting"]), (8, &json!(8)));
    test.read("/v1/inbox/items").await;
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

/// A payment of a report, and its status if it has one.
type Listed<'a> = (&'a str, Option<&'a str>);

/// A status report of a file of ours: how many payments it had, and what is said of some.
fn refused_file(id: &str, original: Option<u64>, listed: &[Listed<'_>]) -> String {
    let original = original.map(|count| format!("<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs>")).unwrap_or_default();
    let one = |(id, status): &Listed<'_>| {
        let status = status.map(|status| format!("<TxSts>{status}</TxSts>")).unwrap_or_default();
        format!("<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId>{status}</TxInfAndSts>")
    };
    let listed: String = listed.iter().map(one).collect();
    let inside = format!(
        "<OrgnlGrpInfAndSts><OrgnlMsgId>OURS</OrgnlMsgId>{original}<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>{listed}</OrgnlPmtInfAndSts>"
    );
    document("pain.002.001.10", id, &inside)
}

async fn a_rejection_of_a_whole_file_waits_unless_each_of_its_payments_is_named_as_rejected(test: TestApp) {
    test.register_bank("vcb").await;
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let (id_one, id_two) = (test.end_to_end_id(&one).await, test.end_to_end_id(&two).await);
    let rejected = (id_one.as_str(), Some("RJCT"));
    let cases: [(Option<u64>, Vec<Listed<'_>>); 5] = [
        (Some(2), vec![]),
        (Some(2), vec![(&id_one, None), (&id_two, None)]),
        (Some(2), vec![rejected, (&id_two, None)]),
        (Some(2), vec![rejected, (&id_two, Some("RCVD"))]),
        (None, vec![rejected]),
    ];
    for (number, (original, listed)) in cases.iter().enumerate() {
        let text = refused_file(&format!("M{number}"), *original, listed);
        let answer = test.bank_sends("vcb", text.as_bytes()).await.json(202);
        assert_eq!(answer["waiting"], 1, "{number}: {answer}");
        assert_eq!(answer["quarantined"][0]["cause"], "whole-file-rejected", "{number}");
    }
    assert_eq!(test.status_of(&two).await, "instructed");
    let text = refused_file("M9", Some(2), &[rejected, (&id_two, Some("RJCT"))]);
    let answer = test.bank_sends("vcb", text.as_bytes()).await.json(202);
    assert_eq!(answer["waiting"], 0, "each is named: {answer}");
    assert_eq!((test.status_of(&one).await, test.status_of(&two).await), (json!("rejected"), json!("rejected")));
}

async fn a_return_that_cannot_be_recorded_leaves_no_acceptance_behind(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let head = test.head().await;
    let future = pacs004("R1", &id, ("5000000", "2025-05-07"));
    let answer = test.bank_sends("vcb", future.as_bytes()).await.json(202);
    assert_eq!((&answer["waiting"], test.status_of(&payment).await), (&json!(1), json!("instructed")), "{answer}");
    assert!(test.types_after(head).await.iter().all(|name| name.starts_with("BankMessage")));
    let head = test.head().await;
    let known = pacs004("R2", &id, ("5000000", "2025-03-07"));
    test.bank_sends("vcb", known.as_bytes()).await.is(202);
    let types: Vec<String> =
        test.types_after(head).await.into_iter().filter(|name| name.starts_with("Payment")).collect();
    assert_eq!(
        (types, test.status_of(&payment).await),
        (vec!["PaymentAccepted".into(), "PaymentReturned".into()], json!("returned"))
    );
}

async fn a_bank_that_a_payment_left_neither_holds_nor_cancels_it(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    test.bank_reports("vcb", &message("M1", &[item(&id, "RJCT")])).await.is(202);
    let reissue = json!({"channel": "cash_desk", "due_on": "2025-04-10", "reason": "account closed"});
    test.deed(&payment, "reissue", &reissue).await.is(201);
    let items = [item_on(&id, "BLCK", "2025-03-30"), item_on(&id, "CANC", "2025-03-30")];
    let answer = test.bank_reports("vcb", &message("M2", &items)).await.json(202);
    let causes: Vec<&Value> = answer["quarantined"].as_array().unwrap().iter().map(|item| &item["cause"]).collect();
    assert_eq!(causes, ["held-by-bank", "cancelled-by-bank"]);
    let read = test.payment(&payment).await;
    assert_eq!(
        (&read["status"], &read["held"], &read["attempts"][1]["status"]),
        (&json!("instructed"), &json!(false), &json!("instructed"))
    );
    let body = message("M3", &[item(&id, "BLCK")]).to_string();
    call(&test, "vcb", (&token(&test, "vcb", body.as_bytes()), body.as_bytes())).await.is(202);
    assert_eq!(test.payment(&payment).await["held"], false);
}

async fn a_short_message_of_news_alone_is_kept_applied_and_judged_in_one_commit(test: TestApp) {
    test.register_bank("vcb").await;
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let items = [item(&test.end_to_end_id(&one).await, "settled"), item(&test.end_to_end_id(&two).await, "accepted")];
    let (before, mut head) = (test.head().await, test.app.store.watch_head());
    let until = before + 4;
    let seen = tokio::spawn(async move {
        let mut seen = vec![*head.borrow_and_update()];
        while seen.last().is_some_and(|last| *last < until) {
            head.changed().await.unwrap();
            seen.push(*head.borrow_and_update());
        }
        seen
    });
    let answer = test.bank_reports("vcb", &message("M1", &items)).await.json(202);
    assert_eq!((&answer["applied"], &answer["position"]), (&json!(2), &json!(until)), "{answer}");
    assert_eq!(seen.await.unwrap(), [before, until], "nobody saw it half applied");
    let kinds = ["BankMessageReceived", "PaymentSettled", "PaymentAccepted", "BankMessageApplied"];
    assert_eq!(test.types_after(before).await, kinds);
    let again = test.bank_reports("vcb", &message("M1", &items)).await.json(202);
    assert_eq!((again, test.head().await), (answer, until));
}

async fn a_message_whose_items_are_in_each_others_way_goes_on_where_the_first_exchange_ended(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let first = test.end_to_end_id(&payment).await;
    test.bank_reports("vcb", &message("M1", &[item(&first, "RJCT")])).await.is(202);
    let reissue = json!({"channel": "account", "bank": "vcb", "account": "0123456789", "due_on": "2025-04-10", "reason": "again"});
    test.deed(&payment, "reissue", &reissue).await.is(201);
    let read = test.as_role(Role::Clerk).get(&format!("/v1/payments/{payment}")).await.json(200);
    let second = read["attempts"][1]["end_to_end_id"].as_str().unwrap();
    let head = test.head().await;
    // Each is decided on the payment as it stands before the message.
    let items = [item_on(second, "accepted", "2025-03-30"), item_on(&first, "settled", "2025-03-30")];
    let answer = test.bank_reports("vcb", &message("M2", &items)).await.json(202);
    assert_eq!((&answer["applied"], &answer["waiting"]), (&json!(2), &json!(0)), "{answer}");
    let kinds = ["BankMessageReceived", "PaymentAccepted", "PaymentSettledLate", "BankMessageApplied"];
    assert_eq!(test.types_after(head).await, kinds);
}
