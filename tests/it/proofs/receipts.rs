//! Receipts: what they prove without the server, and that nothing of them can be changed.

use super::witnesses::witness_of;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, settled};
use chitra::app::access::Role;
use chitra::app::proofs::receipt::{BadReceipt, verify};
use serde_json::{Value, json};

on_every_engine! {
    a_receipt_shows_a_payments_events_without_the_server,
    a_receipt_in_which_anything_was_changed_shows_nothing,
    a_receipt_waits_for_the_checkpoint,
    a_receipt_is_for_those_who_may_read_the_payment,
}

async fn a_paid_pension(test: &TestApp, person: &str) -> String {
    let payment = test.pension_of(person, WARD).await;
    test.deed(&payment, "settle", &settled("2025-03-05")).await.is(201);
    payment
}

async fn a_receipt_shows_a_payments_events_without_the_server(test: TestApp) {
    let (log, payment) = (test.vkey().await, a_paid_pension(&test, "TK-1").await);
    a_paid_pension(&test, "TK-2").await;
    let witness = witness_of(&test, &log);
    test.signed().await;
    let path = format!("/v1/payments/{payment}/receipt");
    let alone = test.supervisor().get(&path).await.is(200);
    assert_eq!(alone.header("content-disposition"), format!("attachment; filename=\"receipt-{payment}.json\""));
    let (receipt, shown) = verify(&alone.text(), &log, &[]).unwrap();
    assert_eq!((receipt.payment_id.to_string(), shown.checkpoint.size), (payment.clone(), test.head().await));
    let types: Vec<&str> = receipt.events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["PaymentInstructed", "PaymentSettled"]);
    let not_cosigned = BadReceipt::NotCosigned("witness.example/w1".to_owned());
    assert_eq!(verify(&alone.text(), &log, std::slice::from_ref(&witness.key)), Err(not_cosigned));
    assert_eq!(test.asks(&witness.asked()).await, []);
    // One that is cosigned goes before a newer one that is not.
    let cosigned_size = test.head().await;
    a_paid_pension(&test, "TK-3").await;
    test.signed().await;
    let cosigned = test.supervisor().get(&path).await.is(200).text();
    let (_, shown) = verify(&cosigned, &log, std::slice::from_ref(&witness.key)).unwrap();
    assert_eq!((shown.checkpoint.size, shown.cosigned_at_s.len()), (cosigned_size, 1));
}

/// Each text and number of a value changed in turn, and each entry of a list left out, doubled or swapped.
fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(members) => {
            let within = |(name, member): (&String, &Value)| {
                changes(member)
                    .into_iter()
                    .map(|other| {
                        let mut changed = value.clone();
                        changed[name] = other;
                        changed
                    })
                    .collect::<Vec<_>>()
            };
            members.iter().flat_map(within).collect()
        }
        Value::Array(items) => {
            let mut all: Vec<Value> = (0..items.len())
                .flat_map(|at| {
                    changes(&items[at]).into_iter().map(move |other| {
                        let mut changed = items.clone();
                        changed[at] = other;
                        json!(changed)
                    })
                })
                .collect();
            for at in 0..items.len() {
                let (mut fewer, mut more) = (items.clone(), items.clone());
                fewer.remove(at);
                more.insert(at, items[at].clone());
                all.extend([json!(fewer), json!(more)]);
            }
            if items.len() > 1 {
                let mut swapped = items.clone();
                swapped.swap(0, 1);
                all.push(json!(swapped));
            }
            all
        }
        Value::String(text) => vec![json!(format!("{text} ")), json!(text.replacen(['1', 'a', 'e'], "0", 1) + "x")],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1)],
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

async fn a_receipt_in_which_anything_was_changed_shows_nothing(test: TestApp) {
    let (log, payment) = (test.vkey().await, a_paid_pension(&test, "TK-1").await);
    a_paid_pension(&test, "TK-2").await;
    test.signed().await;
    let receipt = test.supervisor().get(&format!("/v1/payments/{payment}/receipt")).await.json(200);
    verify(&receipt.to_string(), &log, &[]).unwrap();
    let changed = changes(&receipt);
    assert!(changed.len() > 40, "{}", changed.len());
    for other in &changed {
        // The last event alone can be left out: a receipt shows what was, not that nothing came after.
        let is_shorter =
            other["events"].as_array().is_some_and(|events| events.len() == 1 && events[0] == receipt["events"][0]);
        assert_eq!(verify(&other.to_string(), &log, &[]).is_ok(), is_shorter, "{other}");
    }
    let others = test.twin().await;
    assert_eq!(others.log_signer().await.unwrap().verifier(), &log);
    let stranger = chitra::proof::Signer::new(log.name(), chitra::proof::note::Kind::Text, &[9; 32]).unwrap();
    assert!(matches!(verify(&receipt.to_string(), stranger.verifier(), &[]), Err(BadReceipt::NotSigned(_))));
}

async fn a_receipt_waits_for_the_checkpoint(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let path = format!("/v1/payments/{payment}/receipt");
    test.supervisor().get(&path).await.refused(404, "no-checkpoint-yet");
    let signed = test.signed().await.size;
    test.deed(&payment, "settle", &settled("2025-03-05")).await.is(201);
    let waits = test.supervisor().get(&path).await.refused(503, "not-signed-yet");
    assert_eq!((waits.header("retry-after"), waits.body["as_of_position"].as_u64()), ("1", Some(signed)));
    test.signed().await;
    test.supervisor().get(&path).await.is(200);
}

async fn a_receipt_is_for_those_who_may_read_the_payment(test: TestApp) {
    let payment = a_paid_pension(&test, "TK-1").await;
    test.signed().await;
    let path = format!("/v1/payments/{payment}/receipt");
    test.nobody().get(&path).await.refused(401, "unauthenticated");
    for role in [Role::Analyst, Role::Operator] {
        test.as_role(role).get(&path).await.refused(403, "role-not-allowed");
    }
    for role in [Role::Clerk, Role::Auditor, Role::Bank] {
        test.as_role(role).get(&path).await.is(200);
    }
    let elsewhere = test.key(Role::Clerk, Some("D503"), None).await;
    test.with_key(&elsewhere).get(&path).await.refused(403, "out-of-your-units");
    let other_bank = test.key(Role::Bank, None, Some("bidv")).await;
    test.with_key(&other_bank).get(&path).await.refused(403, "out-of-your-units");
    test.supervisor().get("/v1/payments/no-id/receipt").await.refused(404, "not-found");
    let unknown = "/v1/payments/01900000-0000-7000-8000-000000000001/receipt";
    test.supervisor().get(unknown).await.refused(404, "not-found");
}
