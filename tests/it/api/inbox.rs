//! The inbox: a life told in every order, twice and over two servers, has one effect; nothing is lost; each sees what is theirs.

use crate::support::app::TestApp;
use crate::support::banks::{bank, camt053, camt054, entry, item, item_on, message, pacs004, pain002, token};
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD};
use chitra::app::App;
use chitra::app::access::{Principal, Role};
use chitra::app::aggregate::inbox_stream;
use chitra::app::banks::{inbox_id, receipt};
use chitra::app::execute::{Begin, Beside};
use chitra::app::verify::Check;
use chitra::clock::Clock;
use chitra::domain::ids::VaultRef;
use chitra::domain::inbox::{BankMessageReceived, Inbox, InboxCommand};
use chitra::projections::Projection;
use chitra::proof::Verifier;
use chitra::vault::own::BANK_MESSAGE;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

on_every_engine! {
    the_messages_of_each_life_end_alike_in_every_order_twice_and_on_two_servers,
    one_message_sent_to_two_servers_at_once_has_one_effect,
    a_message_that_a_crash_left_without_verdicts_is_judged_from_its_kept_bytes,
    a_left_over_message_that_cannot_be_judged_keeps_no_other_waiting,
    what_broke_off_half_way_is_finished_and_counts_what_it_did,
    an_answer_is_signed_and_holds_the_log_to_the_message,
    messages_and_items_are_listed_for_whom_they_concern,
    an_item_is_on_the_worklist_until_somebody_dealt_with_it,
    a_verification_compares_the_kept_bytes_with_what_came,
}

/// The orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for order in orders(count - 1) {
        for place in 0..count {
            let mut longer = order.clone();
            longer.insert(place, count - 1);
            all.push(longer);
        }
    }
    all
}

/// What a bank tells of one payment in the end, and its messages in the order of their making. `n` tells tellings apart.
fn lives(id: &str, n: &str) -> Vec<(&'static str, Vec<String>)> {
    let json_of =
        |name: &str, status: &str, day: &str| message(&format!("{name}-{n}"), &[item_on(id, status, day)]).to_string();
    let mut back = item_on(id, "returned", "2025-03-07");
    back["amount"] = json!("5000000");
    let booked = entry(id, ("DBIT", "5000000", "2025-03-04"), "FT-1");
    vec![
        (
            "settled",
            vec![
                pain002(&format!("A-{n}"), id, ("ACSP", "2025-03-03")),
                camt054(&format!("B-{n}"), &booked),
                camt053(&format!("C-{n}"), &booked),
            ],
        ),
        (
            "returned",
            vec![
                json_of("D", "accepted", "2025-03-03"),
                json_of("E", "settled", "2025-03-04"),
                message(&format!("F-{n}"), &[back]).to_string(),
            ],
        ),
        (
            "returned",
            vec![
                camt054(&format!("G-{n}"), &booked),
                pacs004(&format!("H-{n}"), id, ("5000000", "2025-03-07")),
                camt054(&format!("I-{n}"), &entry(id, ("CRDT", "5000000", "2025-03-07"), "FT-9")),
            ],
        ),
        (
            "rejected",
            vec![
                pain002(&format!("J-{n}"), id, ("ACCP", "2025-03-03")),
                json_of("K", "RJCT", "2025-03-04"),
                pain002(&format!("L-{n}"), id, ("RJCT", "2025-03-04")),
            ],
        ),
        (
            "settled",
            vec![
                json_of("M", "RCVD", "2025-03-03"),
                json_of("N", "BLCK", "2025-03-03"),
                json_of("O", "ACCC", "2025-03-04"),
                camt053(&format!("P-{n}"), &booked),
            ],
        ),
    ]
}

async fn told(test: &TestApp, twin: &App, body: &str) -> Value {
    let token = token(test, "vcb", body.as_bytes());
    let headers = [("x-jws-signature", token.as_str())];
    let vcb = bank("vcb");
    let at_twin = async {
        let known = twin.check_bank_headers(&vcb, &headers).await?;
        twin.bank_callback((&vcb, known), &headers, body.as_bytes().to_vec()).await
    };
    let (here, there) = tokio::join!(test.bank_sends("vcb", body.as_bytes()), at_twin);
    let answer = here.json(202);
    assert_eq!(there.unwrap().id.to_string(), answer["inbox_id"]);
    answer
}

/// How often each kind of event stands in a payment's stream.
async fn kinds(test: &TestApp, payment: &str) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for event in test.app.read_whole_stream(&format!("payment-{payment}")).await.unwrap() {
        *kinds.entry(event.event_type).or_insert(0) += 1;
    }
    kinds
}

async fn the_messages_of_each_life_end_alike_in_every_order_twice_and_on_two_servers(test: TestApp) {
    test.register_bank("vcb").await;
    let twin = test.twin().await;
    let mut number = 0;
    for life in 0..lives("", "").len() {
        for order in orders(lives("", "")[life].1.len()) {
            number += 1;
            let payment = test.pension_of(&format!("TK-{number}"), WARD).await;
            let id = test.end_to_end_id(&payment).await;
            let (end, messages) = lives(&id, &number.to_string()).swap_remove(life);
            for place in order.iter().chain(&order) {
                let answer = told(&test, &twin, &messages[*place]).await;
                assert_eq!(answer["waiting"], 0, "life {life} told as {order:?}: {answer}");
            }
            assert_eq!(test.status_of(&payment).await, end, "life {life} told as {order:?}");
            let kinds = kinds(&test, &payment).await;
            assert!(kinds.values().all(|count| *count == 1), "life {life} told as {order:?}: {kinds:?}");
        }
    }
}

async fn one_message_sent_to_two_servers_at_once_has_one_effect(test: TestApp) {
    test.register_bank("vcb").await;
    let twin = test.twin().await;
    let mut items = Vec::new();
    for number in 0..12 {
        let payment = test.pension_of(&format!("TK-{number}"), WARD).await;
        items.push(item(&test.end_to_end_id(&payment).await, "settled"));
    }
    let body = message("M1", &items).to_string();
    let before = test.head().await;
    let (one, two) = tokio::join!(told(&test, &twin, &body), told(&test, &twin, &body));
    assert_eq!((&one["inbox_id"], &one["sha256"]), (&two["inbox_id"], &two["sha256"]));
    let mut types = test.types_after(before).await;
    types.sort();
    types.dedup();
    assert_eq!(types, ["BankMessageApplied", "BankMessageReceived", "PaymentSettled"]);
    assert_eq!(test.head().await, before + 14, "once each");
    assert_eq!(told(&test, &twin, &body).await["applied"], 12);
}

/// Keeps a message as a server does that goes down right after.
async fn keep(app: &Arc<App>, message_id: &str, body: &[u8]) {
    let id = inbox_id(&bank("vcb"), message_id);
    let (body_ref, vault) = app.vault.seal_own(id.as_uuid(), BANK_MESSAGE, body).await.unwrap();
    let received = BankMessageReceived {
        bank: bank("vcb"),
        key_id: "vcb-1".to_owned(),
        scheme: "jws".to_owned(),
        format: "json".to_owned(),
        version: None,
        sha256: chitra::app::hex::hex(ring::digest::digest(&ring::digest::SHA256, body).as_ref()),
        bytes: body.len() as u64,
        items: 2,
        body_ref: VaultRef::from_uuid(body_ref),
        statements: Vec::new(),
    };
    let request = app.own_request(&Principal::local("bank:vcb"), "keep");
    let command = InboxCommand::Receive(received);
    let (stream, beside) = (inbox_stream(id), Beside { claims: Vec::new(), vault });
    app.execute((&stream, Begin::Existing), &request, beside, |_: &Inbox| Ok(command.clone())).await.unwrap();
}

async fn a_message_that_a_crash_left_without_verdicts_is_judged_from_its_kept_bytes(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let body = message("M1", &[item(&id, "ACSP"), item(&id, "settled")]).to_string();
    keep(&test.app, "M1", body.as_bytes()).await;
    test.app.wait_for(Projection::Inbox, Some(test.head().await)).await.unwrap();
    assert_eq!(test.app.judge_leftovers().await.unwrap(), 0, "whoever took it in may be at it");
    test.clock.set_us(test.clock.now_us() + 61_000_000);
    let left = test.read("/v1/inbox?judged=false").await;
    assert_eq!((left["messages"].as_array().unwrap().len(), &left["messages"][0]["applied"]), (1, &Value::Null));
    assert_eq!(test.app.judge_leftovers().await.unwrap(), 1);
    assert_eq!(test.status_of(&payment).await, "settled");
    let head = test.head().await;
    assert_eq!(test.app.judge_leftovers().await.unwrap(), 0);
    let again = test.bank_sends("vcb", body.as_bytes()).await.json(202);
    assert_eq!((&again["applied"], test.head().await), (&json!(2), head));
    let listed = test.read("/v1/inbox").await;
    assert_eq!((&listed["messages"][0]["judged"], &listed["messages"][0]["applied"]), (&json!(true), &json!(2)));
}

async fn a_left_over_message_that_cannot_be_judged_keeps_no_other_waiting(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let body = message("M2", &[item(&test.end_to_end_id(&payment).await, "settled")]).to_string();
    keep(&test.app, "M1", b"what was kept is no message").await;
    keep(&test.app, "M2", body.as_bytes()).await;
    test.app.wait_for(Projection::Inbox, Some(test.head().await)).await.unwrap();
    test.clock.set_us(test.clock.now_us() + 61_000_000);
    assert_eq!(test.app.judge_leftovers().await.unwrap(), 1);
    assert_eq!(test.status_of(&payment).await, "settled");
}

/// The message was kept and its first item applied, under the key that the item has; then the server went down. Of a short message, which
/// writes no keys, the event alone tells.
async fn what_broke_off_half_way_is_finished_and_counts_what_it_did(test: TestApp) {
    test.register_bank("vcb").await;
    for (message_id, keeps_keys) in [("M1", true), ("M2", false)] {
        if keeps_keys || !test.home.url.contains(":memory:") {
            break_off(&test, message_id, keeps_keys).await;
        }
    }
}

async fn break_off(test: &TestApp, message_id: &str, keeps_keys: bool) {
    let payment = test.pension_of(&format!("TK-1-{message_id}"), WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let other = test.pension_of(&format!("TK-2-{message_id}"), WARD).await;
    let items = [item(&id, "settled"), item(&test.end_to_end_id(&other).await, "settled")];
    let body = message(message_id, &items).to_string();
    // What the first item comes to, as another message of the same content would do it.
    keep(&test.app, message_id, body.as_bytes()).await;
    let key = format!("{}-1", inbox_id(&bank("vcb"), message_id));
    let mut request = test.app.own_request(&Principal::local("bank:vcb"), "settle");
    "bank:vcb".clone_into(&mut request.idempotency.caller);
    request.idempotency.input_hash = test.app.vault.input_hash(&[key.as_bytes()]);
    request.idempotency.idempotency_key.clone_from(&key);
    let report = chitra::app::reports::Report::Settle {
        attempt: Some(1),
        settled_on: jiff::civil::date(2025, 3, 4),
        amount: None,
        evidence: chitra::domain::payment::event::Evidence { kind: "bank".to_owned(), reference: format!("id:{id}") },
        collected_by: None,
    };
    let payment_id = chitra::domain::ids::PaymentId::parse(&payment).unwrap();
    test.app.report(&request, payment_id, report).await.unwrap();
    if !keeps_keys {
        test.home.execute(&format!("DELETE FROM requests WHERE idempotency_key = '{key}'")).await;
    }
    let answer = test.bank_sends("vcb", body.as_bytes()).await.json(202);
    assert_eq!((&answer["applied"], &answer["no_op"]), (&json!(2), &json!(0)), "{answer}");
    assert_eq!((test.status_of(&payment).await, test.status_of(&other).await), (json!("settled"), json!("settled")));
}

async fn an_answer_is_signed_and_holds_the_log_to_the_message(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let body = message("M1", &[item(&test.end_to_end_id(&payment).await, "settled")]).to_string();
    let answer = test.bank_sends("vcb", body.as_bytes()).await.json(202);
    let note = answer["receipt"].as_str().unwrap();
    let vkey = test.nobody().get("/v1/log/vkey").await;
    let log = Verifier::parse(vkey.text().trim()).unwrap();
    let receipt = receipt::verify_for(note, &log, Some(body.as_bytes())).unwrap();
    assert_eq!(
        (receipt.id.to_string(), receipt.verdicts.applied),
        (answer["inbox_id"].as_str().unwrap().to_owned(), 1)
    );
    for proof in [receipt.received, receipt.judged] {
        let event = test.events_after(proof.position - 1).await.swap_remove(0);
        assert_eq!((event.leaf_hash, event.stream), (proof.leaf_hash, format!("inbox-{}", receipt.id)));
    }
    assert!(receipt::verify_for(note, &log, Some(b"other")).is_err());
    let again = test.bank_sends("vcb", body.as_bytes()).await.json(202);
    assert_eq!(again["receipt"], answer["receipt"], "the same answer for the same message");
}

async fn messages_and_items_are_listed_for_whom_they_concern(test: TestApp) {
    test.register_bank("vcb").await;
    test.register_bank("bidv").await;
    let (ward, town) = (test.pension_of("TK-1", WARD).await, test.pension_of("HA-1", HOI_AN).await);
    let (ward_id, town_id) = (test.end_to_end_id(&ward).await, test.end_to_end_id(&town).await);
    let nobody = item("0195a3c01c0070008000000000000001", "settled");
    let items = [item(&ward_id, "PAID"), item(&town_id, "PAID"), nobody];
    let answer = test.bank_reports("vcb", &message("M1", &items)).await.json(202);
    test.bank_reports("bidv", &message("M1", &[item(&ward_id, "settled")])).await.is(202);
    let path = answer["verdicts"].as_str().unwrap();
    let seen = format!("min_position={}", test.head().await);

    let all = test.read("/v1/inbox/items").await;
    let causes: Vec<&str> = all["items"].as_array().unwrap().iter().map(|row| row["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, ["status-unknown", "status-unknown", "bad-reference", "not-your-payment"]);
    let page = test.read("/v1/inbox/items?limit=3").await;
    let rest = test.read(&format!("/v1/inbox/items?limit=3&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!((page["items"].as_array().unwrap().len(), &rest["items"][0]["bank"]), (3, &json!("bidv")));
    let messages = test.read("/v1/inbox?bank=vcb&waiting=true&message_format=json").await;
    assert_eq!((messages["messages"].as_array().unwrap().len(), &messages["messages"][0]["waiting"]), (1, &json!(3)));
    assert_eq!(test.read("/v1/inbox?message_format=camt.053").await["messages"], json!([]));
    let file = test.supervisor().get("/v1/inbox/items?format=csv").await.is(200);
    assert_eq!(file.text().lines().count(), 5, "{}", file.text());

    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let own = clerk.get(&format!("/v1/inbox/items?{seen}")).await.json(200);
    assert_eq!((own["items"].as_array().unwrap().len(), &own["items"][0]["payment_id"]), (1, &json!(ward)));
    clerk.get(&format!("/v1/inbox/items?unit={HOI_AN}")).await.refused(403, "out-of-your-units");
    clerk.get("/v1/inbox").await.refused(403, "out-of-your-units");
    let read = clerk.get(path).await.json(200);
    assert_eq!((read["quarantined"].as_array().unwrap().len(), &read["quarantined"][0]["item"]), (1, &json!(1)));
    let resolve = format!("{path}/resolve");
    for (item, key) in [(2, "r2"), (3, "r3")] {
        let body = json!({"item": item, "reason": "asked the bank"});
        clerk.post(&resolve, key, &body).await.refused(403, "out-of-your-units");
    }
    clerk.post(&resolve, "r1", &json!({"item": 1, "reason": "asked the bank"})).await.is(201);
    let stranger = test.with_key(&test.key(Role::Clerk, Some("D505"), None).await);
    stranger.get(path).await.refused(403, "out-of-your-units");

    let (vcb, bidv) = (test.as_role(Role::Bank), test.with_key(&test.key(Role::Bank, None, Some("bidv")).await));
    for (of, count) in [(&vcb, 1), (&bidv, 1)] {
        let listed = of.get(&format!("/v1/inbox?{seen}")).await.json(200);
        assert_eq!(listed["messages"].as_array().unwrap().len(), count);
    }
    bidv.get("/v1/inbox?bank=vcb").await.refused(403, "out-of-your-units");
    bidv.get("/v1/inbox/items?bank=vcb").await.refused(403, "out-of-your-units");
    vcb.post(&resolve, "rb", &json!({"item": 2, "reason": "x"})).await.refused(403, "role-not-allowed");
    test.as_role(Role::Analyst).get("/v1/inbox").await.refused(403, "role-not-allowed");
    test.nobody().get("/v1/inbox/items").await.refused(401, "unauthenticated");
    test.supervisor().get("/v1/inbox?message_format=mt940").await.refused(422, "invalid-input");
}

async fn an_item_is_on_the_worklist_until_somebody_dealt_with_it(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let items = [item(&id, "PAID"), item("0195a3c01c0070008000000000000001", "settled")];
    let answer = test.bank_reports("vcb", &message("M1", &items)).await.json(202);
    let list = test.read("/v1/worklist?kind=bank_item").await;
    let found = list["items"].as_array().unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0]["payment_id"], &found[0]["reason_code"]), (&json!(payment), &json!("status-unknown")));
    assert_eq!((&found[1]["unit"], &found[1]["reason_system"]), (&Value::Null, &json!("vcb")));
    let resolve = found[0]["actions"][0]["href"].as_str().unwrap().to_owned();
    assert_eq!(resolve, format!("{}/resolve", answer["verdicts"].as_str().unwrap()));
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let seen = format!("min_position={}", test.head().await);
    let own = clerk.get(&format!("/v1/worklist?kind=bank_item&{seen}")).await.json(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    clerk.post(&resolve, "r1", &json!({"item": 1, "reason": "paid, says the bank"})).await.is(201);
    let rest = test.read("/v1/worklist?kind=bank_item").await;
    assert_eq!(
        (rest["items"].as_array().unwrap().len(), &rest["items"][0]["reason_code"]),
        (1, &json!("bad-reference"))
    );
}

async fn a_verification_compares_the_kept_bytes_with_what_came(test: TestApp) {
    test.register_bank("vcb").await;
    let answer = test.bank_reports("vcb", &message("M1", &[item("nobodys", "settled")])).await.json(202);
    test.app.wait_for(Projection::Inbox, Some(test.head().await)).await.unwrap();
    let clean = test.app.verify(&|_, _| {}).await.unwrap();
    assert_eq!(clean.findings.count(Check::Messages), 0);
    let id = inbox_id(&bank("vcb"), "M1");
    let (state, _) = test.app.load::<Inbox>(&inbox_stream(id)).await.unwrap().unwrap();
    let kept = state.received.unwrap().body_ref.as_uuid();
    let record = test.app.registry.vault_records(&[kept]).await.unwrap().pop().unwrap().unwrap();
    assert!(test.app.registry.destroy_record(record.subject, kept).await.unwrap());
    let found = test.app.verify(&|_, _| {}).await.unwrap();
    let finding = &found.findings.first(Check::Messages)[0];
    assert_eq!((&finding.message[..], json!(id)), ("the bytes that came are not kept", answer["inbox_id"].clone()));
}
