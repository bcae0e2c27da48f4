//! Banks' signed messages: kept, judged item by item, once, whatever comes how often and in which order.

use crate::support::app::TestApp;
use crate::support::banks::{bank, call, item, key, message, pair, token, token_of};
use crate::support::client::send;
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chitra::app::access::{Principal, Role};
use chitra::app::banks::registry::NewBankKey;
use reqwest::Method;
use serde_json::{Value, json};

on_every_engine! {
    a_signed_report_is_applied_item_by_item_and_its_verdicts_can_be_read,
    the_same_message_again_changes_nothing_on_any_server,
    another_message_under_the_same_id_is_kept_and_waits_until_somebody_deals_with_it,
    a_banks_key_reaches_its_own_payments_alone,
    a_message_that_is_not_the_banks_leaves_nothing_behind,
    both_keys_hold_while_a_bank_changes_from_one_to_the_next,
    what_a_bank_keeps_back_is_held_and_what_it_took_back_is_cancelled,
    an_operator_registers_banks_and_keys_and_no_secret_comes_back,
}

async fn a_signed_report_is_applied_item_by_item_and_its_verdicts_can_be_read(test: TestApp) {
    test.register_bank("vcb").await;
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let (id_one, id_two) = (test.end_to_end_id(&one).await, test.end_to_end_id(&two).await);
    let mut rejected = item(&id_two, "RJCT");
    rejected["reason"] = json!({"code": "AC04", "text": "account of NGUYEN THI A is closed"});
    let unknown = item(&id_two, "PAID");
    let nobody = item("0195a3c01c0070008000000000000001", "settled");
    let items = [item(&id_one, "ACSP"), item(&id_one, "settled"), rejected, unknown, nobody, item(&id_one, "RCVD")];
    let answer = test.bank_reports("vcb", &message("M1", &items)).await.json(202);
    assert_eq!((&answer["applied"], &answer["no_op"], &answer["waiting"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!(answer["quarantined"][0]["cause"], "status-unknown");
    assert_eq!(answer["quarantined"][0]["payment_id"], json!(two));
    assert_eq!(
        (&answer["quarantined"][1]["item"], &answer["quarantined"][1]["cause"]),
        (&json!(5), &json!("bad-reference"))
    );
    assert_eq!((test.status_of(&one).await, test.status_of(&two).await), (json!("settled"), json!("rejected")));
    let verdicts = answer["verdicts"].as_str().unwrap();
    for role in [Role::Clerk, Role::Auditor, Role::Bank] {
        assert_eq!(test.as_role(role).get(verdicts).await.json(200), answer);
    }
    test.as_role(Role::Analyst).get(verdicts).await.refused(403, "role-not-allowed");
    let other = test.key(Role::Bank, None, Some("bidv")).await;
    test.with_key(&other).get(verdicts).await.refused(403, "out-of-your-units");
    for event in test.events_after(0).await {
        assert!(!String::from_utf8_lossy(&event.data).contains("NGUYEN"), "{}", event.event_type);
    }
}

async fn the_same_message_again_changes_nothing_on_any_server(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let message = message("M1", &[item(&id, "accepted"), item(&id, "settled")]);
    let first = test.bank_reports("vcb", &message).await.json(202);
    let head = test.head().await;
    for _ in 0..3 {
        assert_eq!(test.bank_reports("vcb", &message).await.json(202), first);
    }
    let twin = test.twin().await;
    let body = message.to_string().into_bytes();
    let token = token(&test, "vcb", &body);
    let (vcb, headers) = (bank("vcb"), [("x-jws-signature", token.as_str())]);
    let known = twin.check_bank_headers(&vcb, &headers).await.unwrap();
    let again = twin.bank_callback((&vcb, known), &headers, body).await.unwrap();
    assert_eq!((again.position, test.head().await), (first["position"].as_u64().unwrap(), head));
    let notice = json!({"message_id": "M2", "items": [item(&id, "settled"), item(&id, "accepted")]});
    let other = test.bank_reports("vcb", &notice).await.json(202);
    assert_eq!((&other["applied"], &other["no_op"]), (&json!(0), &json!(2)), "told before, by another message");
}

async fn another_message_under_the_same_id_is_kept_and_waits_until_somebody_deals_with_it(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let first = test.bank_reports("vcb", &message("M1", &[item(&id, "ACSP")])).await.json(202);
    test.bank_reports("vcb", &message("M1", &[item(&id, "settled")])).await.refused(409, "message-id-reused");
    assert_eq!(test.status_of(&payment).await, "accepted", "the second is not applied");
    let verdicts = first["verdicts"].as_str().unwrap();
    let read = test.as_role(Role::Clerk).get(verdicts).await.json(200);
    assert_eq!((&read["quarantined"][0]["item"], &read["waiting"]), (&json!(0), &json!(1)));
    let path = format!("{verdicts}/resolve");
    let body = json!({"item": 0, "reason": "the bank sent it anew as M2"});
    let clerk = test.as_role(Role::Clerk);
    test.as_role(Role::Auditor).post(&path, "r0", &body).await.refused(403, "role-not-allowed");
    clerk.post(&path, "r1", &json!({"item": 7, "reason": "x"})).await.refused(409, "item-not-quarantined");
    clerk.post(&path, "r2", &json!({"item": 0, "reason": "see 0123456789"})).await.refused(422, "invalid-input");
    let nothing = "/v1/inbox/0198a000-0000-7000-8000-000000000000/resolve";
    clerk.post(nothing, "r3", &body).await.refused(404, "message-not-found");
    let resolved = clerk.post(&path, "r4", &body).await.json(201);
    assert_eq!((&resolved["waiting"], &resolved["quarantined"][0]["resolved"]), (&json!(0), &body["reason"]));
    let again = clerk.post(&path, "r4", &body).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    clerk.post(&path, "r4", &json!({"item": 0, "reason": "other"})).await.refused(422, "idempotency-key-reused");
}

async fn a_banks_key_reaches_its_own_payments_alone(test: TestApp) {
    test.register_bank("vcb").await;
    test.register_bank("bidv").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let answer = test.bank_reports("bidv", &message("M1", &[item(&id, "settled")])).await.json(202);
    assert_eq!(answer["quarantined"][0]["cause"], "not-your-payment");
    assert_eq!(answer["quarantined"][0]["payment_id"], Value::Null);
    assert_eq!(test.status_of(&payment).await, "instructed");
    let body = message("M2", &[item(&id, "settled")]).to_string().into_bytes();
    let of_bidv = token(&test, "bidv", &body);
    call(&test, "vcb", (&of_bidv, &body)).await.refused(401, "signature-key-unknown");
    let request = test.app.own_request(&Principal::local("operator"), "key");
    let stolen = NewBankKey { key_id: "vcb-2".to_owned(), ..key("vcb-2", &pair("bidv")) };
    assert!(test.app.add_bank_key(&request, &bank("vcb"), stolen).await.is_err(), "one key, one bank");
}

async fn a_message_that_is_not_the_banks_leaves_nothing_behind(test: TestApp) {
    test.register_bank("vcb").await;
    let head = test.head().await;
    let body = message("M1", &[]).to_string().into_bytes();
    let good = token(&test, "vcb", &body);
    let nobody = test.nobody();
    let plain = nobody.request(Method::POST, "/v1/bank-callbacks/vcb").body(body.clone());
    send(plain).await.refused(401, "signature-missing");
    call(&test, "vcb", (&good, b"{}")).await.refused(401, "signature-wrong");
    call(&test, "bidv", (&good, &body)).await.refused(401, "signature-key-unknown");
    call(&test, "NO BANK", (&good, &body)).await.refused(404, "not-found");
    for (text, code) in [("{", "message-truncated"), ("<!DOCTYPE x><x/>", "message-doctype"), ("", "message-empty")] {
        let signed = token(&test, "vcb", text.as_bytes());
        call(&test, "vcb", (&signed, text.as_bytes())).await.refused(422, code);
    }
    let request = test.app.own_request(&Principal::local("operator"), "disable");
    assert_eq!(test.head().await, head);
    test.app.disable_bank_key(&request, &bank("vcb"), "vcb-1").await.unwrap();
    call(&test, "vcb", (&good, &body)).await.refused(401, "signature-key-not-in-force");
}

async fn an_operator_registers_banks_and_keys_and_no_secret_comes_back(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let key = json!({"key_id": "s1", "algorithm": "HS256", "key": secret});
    operator.post("/v1/banks/vcb/keys", "k0", &key).await.refused(404, "bank-not-registered");
    operator.post("/v1/banks/nobody/keys", "k1", &key).await.refused(404, "not-found");
    operator.post("/v1/banks", "b0", &json!({"bank": "nobody"})).await.refused(422, "invalid-input");
    let wrong = json!({"bank": "vcb", "mapping": "[entries]\ncredit = \"settled\""});
    operator.post("/v1/banks", "b1", &wrong).await.refused(422, "invalid-input");
    test.as_role(Role::Supervisor)
        .post("/v1/banks", "b2", &json!({"bank": "vcb"}))
        .await
        .refused(403, "role-not-allowed");
    operator.post("/v1/banks", "b3", &json!({"bank": "vcb"})).await.is(201);
    assert_eq!(
        operator.post("/v1/banks", "b3", &json!({"bank": "vcb"})).await.is(201).header("idempotent-replayed"),
        "true"
    );
    operator.post("/v1/banks", "b3", &json!({"bank": "bidv"})).await.refused(422, "idempotency-key-reused");
    operator.post("/v1/banks", "b4", &json!({"bank": "vcb"})).await.is(200);
    operator.post("/v1/banks/vcb/keys", "k2", &key).await.is(201);
    operator
        .post("/v1/banks/vcb/keys", "k3", &json!({"key_id": "s1", "algorithm": "HS256", "key": secret}))
        .await
        .refused(409, "bank-key-id-taken");
    let short = json!({"key_id": "s2", "algorithm": "HS256", "key": "AAAA"});
    operator.post("/v1/banks/vcb/keys", "k4", &short).await.refused(422, "invalid-input");
    let other = "NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let empty = json!({"key_id": "s3", "algorithm": "HS256", "key": other, "valid_from": "2025-01-02T00:00:00Z", "valid_to": "2025-01-01T00:00:00Z"});
    operator.post("/v1/banks/vcb/keys", "k5", &empty).await.refused(422, "bank-key-validity-empty");
    let listed = operator.get("/v1/banks").await.is(200);
    assert!(
        !listed.text().contains(secret) && listed.body["banks"][0]["keys"][0]["key_id"] == "s1",
        "{}",
        listed.text()
    );
    for event in test.events_after(0).await {
        assert!(!String::from_utf8_lossy(&event.data).contains(secret), "{}", event.event_type);
    }
    let body = br#"{"message_id":"M1","items":[]}"#;
    let at = test.app.clock.now().as_second();
    let signer = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &STANDARD.decode(secret).unwrap());
    let tag = ring::hmac::sign(&signer, &[format!("msg_1.{at}.").as_bytes(), &body[..]].concat());
    let signed = || {
        let request = test.nobody().request(Method::POST, "/v1/bank-callbacks/vcb").body(body.to_vec());
        let request = request.header("webhook-id", "msg_1").header("webhook-timestamp", at.to_string());
        request.header("webhook-signature", format!("v1,{}", STANDARD.encode(tag.as_ref())))
    };
    assert_eq!(send(signed()).await.json(202)["items"], 0);
    operator.post("/v1/banks/vcb/disable-key", "d0", &json!({"key_id": "s9"})).await.refused(404, "bank-key-not-found");
    operator.post("/v1/banks/vcb/disable-key", "d1", &json!({"key_id": "s1"})).await.is(201);
    send(signed()).await.refused(401, "signature-key-not-in-force");
}

async fn both_keys_hold_while_a_bank_changes_from_one_to_the_next(test: TestApp) {
    test.register_bank("vcb").await;
    let (start, hour) = (test.app.clock.now(), jiff::SignedDuration::from_hours(1));
    let next = NewBankKey {
        valid_from: Some(start + hour),
        valid_to: Some(start + hour * 3),
        ..key("vcb-next", &pair("vcb-next"))
    };
    let request = test.app.own_request(&Principal::local("operator"), "next");
    test.app.add_bank_key(&request, &bank("vcb"), next).await.unwrap();
    let body = br#"{"message_id":"M1","items":[]}"#;
    for (hours, first, second) in [(0, 202, 401), (1, 202, 202), (2, 202, 202), (3, 202, 401)] {
        test.clock.set_us((start + hour * hours).as_microsecond());
        let now = test.app.clock.now().as_second();
        let old = token_of("vcb-1", &pair("vcb"), (now, body));
        let new = token_of("vcb-next", &pair("vcb-next"), (now, body));
        assert_eq!(call(&test, "vcb", (&old, body)).await.status, first, "after {hours} hours, the old key");
        assert_eq!(call(&test, "vcb", (&new, body)).await.status, second, "after {hours} hours, the new key");
        let swapped = token_of("vcb-1", &pair("vcb-next"), (now, body));
        call(&test, "vcb", (&swapped, body)).await.refused(401, "signature-wrong");
    }
    let late = token_of("vcb-1", &pair("vcb"), (test.app.clock.now().as_second() - 301, body));
    call(&test, "vcb", (&late, body)).await.refused(401, "signature-outside-window");
}

async fn what_a_bank_keeps_back_is_held_and_what_it_took_back_is_cancelled(test: TestApp) {
    test.register_bank("vcb").await;
    let (kept, taken) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let (kept_id, taken_id) = (test.end_to_end_id(&kept).await, test.end_to_end_id(&taken).await);
    let items = [item(&kept_id, "ACSP"), item(&kept_id, "BLCK"), item(&taken_id, "ACSP"), item(&taken_id, "CANC")];
    let answer = test.bank_reports("vcb", &message("M1", &items)).await.json(202);
    assert_eq!((&answer["applied"], &answer["waiting"]), (&json!(4), &json!(0)), "{answer}");
    let read = test.payment(&kept).await;
    assert_eq!((&read["status"], &read["attempts"][0]["held"]), (&json!("accepted"), &json!(true)));
    assert_eq!(test.status_of(&taken).await, "cancelled");
    let held = test.payment(&kept).await;
    let last = held["timeline"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["source"], &last["actor"]), (&json!("bank"), &json!("bank:vcb")));
    let list = test.read("/v1/worklist?kind=held").await;
    assert_eq!(list["items"][0]["payment_id"], json!(kept));
    test.deed(&kept, "release", &json!({})).await.is(201);
    test.settle(&kept, "2025-03-05").await.is(201);
    // Of money that is out, neither can be: a person is asked.
    let late = [json!({"end_to_end_id": kept_id, "status": "BLCK", "date": "2025-03-06"}), item(&kept_id, "CANC")];
    let answer = test.bank_reports("vcb", &message("M2", &late)).await.json(202);
    let causes: Vec<_> = answer["quarantined"].as_array().unwrap().iter().map(|item| item["cause"].clone()).collect();
    assert_eq!(causes, ["held-by-bank", "cancelled-by-bank"]);
    assert_eq!(test.status_of(&kept).await, "settled");
    // Told late, it is no news.
    let early = json!({"end_to_end_id": kept_id, "status": "BLCK", "date": "2025-03-03"});
    let answer = test.bank_reports("vcb", &message("M3", &[early])).await.json(202);
    assert_eq!((&answer["no_op"], &answer["waiting"]), (&json!(1), &json!(0)));
}
