//! Events of payments and persons from outside: what the REST API would do is done, and what it would refuse is refused for the same reason.

use super::*;
use crate::support::client::Answer;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, rejected, returned, settled};
use chitra::domain::ids::{EndToEndId, PaymentId};
use serde_json::{Value, json};

on_every_engine!(
    a_chain_of_events_has_the_effect_of_the_requests,
    every_cell_of_the_table_answers_as_the_rest_api_does,
    roles_units_and_banks_are_those_of_the_request,
);

/// What an append answers, with the code of the refusal.
pub(super) async fn tell(caller: &Caller, stream: &str, event: &append_req::ProposedMessage) -> Appended {
    tell_all(caller, stream, any(), std::slice::from_ref(event)).await
}

pub(super) async fn tell_all(
    caller: &Caller,
    stream: &str,
    expected: Expected,
    events: &[append_req::ProposedMessage],
) -> Appended {
    match caller.send(stream, expected, events).await {
        Err(status) => {
            let code = status.metadata().get("reason-code").map(|code| code.to_str().unwrap().to_owned());
            if let Some(code) = &code {
                assert_eq!(kind(&status), "access-denied");
                assert!(status.message().contains(code.as_str()), "{}", status.message());
            }
            Appended::Refused(code.unwrap_or_else(|| kind(&status)))
        }
        Ok(answer) => place(answer),
    }
}

pub(super) fn event(number: u128, event_type: &str, data: &Value) -> append_req::ProposedMessage {
    proposed(number, event_type, &data.to_string())
}

pub(super) fn refused(code: &str) -> Appended {
    Appended::Refused(code.to_owned())
}

pub(super) fn stream_of(payment: &str) -> String {
    format!("payment-{payment}")
}

/// The same caller with another key.
pub(super) async fn with_key(test: &TestApp, key: &str) -> Caller {
    let mut caller = call(test, None).await;
    caller.authorization = Some(format!("Bearer {key}"));
    caller
}

/// An event's data, told of another payment.
pub(super) fn told_of(data: &[u8], from: &str, to: &str) -> Value {
    let id = |text: &str| PaymentId::parse(text).unwrap();
    let mut text = String::from_utf8(data.to_vec()).unwrap().replace(from, to);
    for attempt in 1..4 {
        let [old, new] = [from, to].map(|payment| EndToEndId::of(id(payment), attempt));
        text = text.replace(old.as_str(), new.as_str());
    }
    serde_json::from_str(&text).unwrap()
}

pub(super) async fn events_of(test: &TestApp, stream: &str) -> Vec<chitra::store::RecordedEvent> {
    test.events_after(0).await.into_iter().filter(|event| event.stream == stream).collect()
}

pub(super) fn body_of(data: &[u8]) -> Value {
    serde_json::from_slice(data).unwrap()
}

async fn a_chain_of_events_has_the_effect_of_the_requests(test: TestApp) {
    let (one, other) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let caller = call(&test, Some(Role::Supervisor)).await;
    let reissue = json!({"channel": "cash_desk", "due_on": "2025-03-10", "reason": "account closed"});
    let deeds = [
        ("hold", json!({"cause": "name differs", "note": "ask the ward"})),
        ("release", json!({})),
        ("accept", json!({"agent_ref": "B-1", "raw_status": "ACCP"})),
        ("settle", settled("2025-03-05")),
        ("return", returned("2025-03-07")),
        ("reissue", reissue),
        ("settle", json!({"settled_on": "2025-03-10", "evidence": {"kind": "receipt", "reference": "C72-17"}})),
    ];
    for (number, (deed, body)) in (1..).zip(deeds) {
        test.deed(&one, deed, &body).await.is(201);
        let made = events_of(&test, &stream_of(&one)).await.pop().unwrap();
        let sent = event(number, &made.event_type, &told_of(&made.data, &one, &other));
        let answer = tell(&caller, &stream_of(&other), &sent).await;
        let own = events_of(&test, &stream_of(&other)).await.pop().unwrap();
        assert_eq!(answer, Appended::At(made.revision, own.position), "{deed}");
        assert_eq!(own.event_id, Uuid::from_u128(number));
        assert_eq!((&own.event_type, body_of(&own.data)), (&made.event_type, told_of(&made.data, &one, &other)));
        let (envelope, by_rest) = (body_of(&own.metadata), body_of(&made.metadata));
        assert_eq!(envelope["source"], "event_store");
        let id = caller.authorization.as_ref().unwrap().split('_').nth(1).unwrap();
        assert_eq!(envelope["actor"], id);
        assert_eq!(envelope["config_version"], by_rest["config_version"]);
    }
    let read = |id: &str| {
        let id = id.to_owned();
        let test = &test;
        async move { test.payment(&id).await }
    };
    let (by_rest, by_grpc) = (read(&one).await, read(&other).await);
    for member in ["status", "attempt", "channel", "due_on", "held", "revision"] {
        assert_eq!(by_rest[member], by_grpc[member], "{member}");
    }
    let listed = test.read("/v1/payments").await;
    let states: Vec<&Value> = listed["payments"].as_array().unwrap().iter().map(|row| &row["status"]).collect();
    assert_eq!(states, ["settled", "settled"]);
    let figure = test.read("/v1/adoption").await;
    assert_eq!(figure["groups"][0]["people"]["denominator"], 2);
}

/// How a payment comes into each state, and what can be reported of it there: the request, and the event that it makes where it can.
fn to_states() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    vec![
        ("instructed", vec![]),
        ("accepted", vec![("accept", json!({}))]),
        ("settled", vec![("settle", settled("2025-03-05"))]),
        ("rejected", vec![("reject", rejected())]),
        ("failed", vec![("fail", json!({"cause": "no_answer", "deadline": "2025-03-25"}))]),
        ("returned", vec![("settle", settled("2025-03-05")), ("return", returned("2025-03-07"))]),
        ("cancelled", vec![("cancel", json!({"reason": "ordered twice"}))]),
    ]
}

pub(super) fn happenings(payment: &str) -> Vec<(&'static str, Value, &'static str, Value)> {
    let money = json!({"minor": 5_000_000, "currency": "VND"});
    let reason = |code: &str, class: &str| json!({"system": "iso20022", "code": code, "class": class});
    let next = EndToEndId::of(PaymentId::parse(payment).unwrap(), 2);
    let reissued = json!({"new_attempt": 2, "from_channel": "account", "to_channel": "cash_desk", "agent": "post",
        "end_to_end_id": next.as_str(), "due_on": "2025-03-10", "payee": "self", "reason": "account closed"});
    vec![
        ("accept", json!({}), "PaymentAccepted", json!({"attempt": 1, "accepted_at": "2025-03-04T02:15:00Z"})),
        (
            "settle",
            settled("2025-03-06"),
            "PaymentSettled",
            json!({"attempt": 1, "settled_on": "2025-03-06", "amount": money, "evidence": settled("2025-03-06")["evidence"]}),
        ),
        (
            "reject",
            rejected(),
            "PaymentRejected",
            json!({"attempt": 1, "reason": reason("AC01", "account_data"), "rejected_on": "2025-03-04"}),
        ),
        (
            "fail",
            json!({"cause": "no_answer", "deadline": "2025-03-25"}),
            "PaymentFailed",
            json!({"attempt": 1, "cause": "no_answer", "deadline": "2025-03-25"}),
        ),
        (
            "return",
            returned("2025-03-08"),
            "PaymentReturned",
            json!({"attempt": 1, "returned_on": "2025-03-08", "amount": money, "reason": reason("AC04", "account_state"),
                "evidence": returned("2025-03-08")["evidence"]}),
        ),
        (
            "reissue",
            json!({"channel": "cash_desk", "due_on": "2025-03-10", "reason": "account closed"}),
            "PaymentReissued",
            reissued,
        ),
        (
            "cancel",
            json!({"reason": "ordered twice"}),
            "PaymentCancelled",
            json!({"attempt": 1, "reason": "ordered twice", "by": "agency"}),
        ),
    ]
}

async fn every_cell_of_the_table_answers_as_the_rest_api_does(test: TestApp) {
    let caller = call(&test, Some(Role::Supervisor)).await;
    let (mut allowed, mut repeated, mut denied) = (0, 0, 0);
    let mut number = 0;
    for (state, way) in to_states() {
        for cell in 0..7 {
            number += 1;
            let one = test.pension_of(&format!("R-{number}"), WARD).await;
            let other = test.pension_of(&format!("G-{number}"), WARD).await;
            for (deed, body) in &way {
                test.deed(&one, deed, body).await.is(201);
                test.deed(&other, deed, body).await.is(201);
            }
            let (deed, body, event_type, data) = happenings(&other).swap_remove(cell);
            let place = format!("{deed} while {state}");
            let before = events_of(&test, &stream_of(&other)).await.pop().unwrap();
            let answer: Answer = test.deed(&one, deed, &body).await;
            let made = events_of(&test, &stream_of(&one)).await.pop().unwrap();
            let id = u128::from(made.position) << 64;
            match answer.status {
                201 if answer.body["changed"] == true => {
                    let sent = event(id, &made.event_type, &told_of(&made.data, &one, &other));
                    let told = tell(&caller, &stream_of(&other), &sent).await;
                    assert!(
                        matches!(told, Appended::At(revision, _) if revision == made.revision),
                        "{place}: {told:?}"
                    );
                    allowed += 1;
                }
                200 => {
                    let told = tell(&caller, &stream_of(&other), &event(id, event_type, &data)).await;
                    assert_eq!(told, Appended::At(before.revision, before.position), "{place}");
                    repeated += 1;
                }
                _ => {
                    let code = answer.body["code"].as_str().unwrap().to_owned();
                    let told = tell(&caller, &stream_of(&other), &event(id, event_type, &data)).await;
                    assert_eq!(told, Appended::Refused(code), "{place}");
                    assert_eq!(events_of(&test, &stream_of(&other)).await.pop().unwrap(), before, "{place}");
                    denied += 1;
                }
            }
        }
    }
    assert_eq!(allowed + repeated + denied, 49);
    assert!(allowed >= 18 && repeated >= 5 && denied >= 15, "{allowed} {repeated} {denied}");
}

async fn roles_units_and_banks_are_those_of_the_request(test: TestApp) {
    let keys = [
        (Role::Clerk, None, None),
        (Role::Clerk, Some("D502"), None),
        (Role::Clerk, Some("D503"), None),
        (Role::Supervisor, None, None),
        (Role::Supervisor, Some("D502"), None),
        (Role::Supervisor, Some("D503"), None),
        (Role::Auditor, None, None),
        (Role::Analyst, None, None),
        (Role::Operator, None, None),
        (Role::Bank, None, Some("vcb")),
        (Role::Bank, None, Some("bidv")),
    ];
    let mut number = 0;
    let mut found = Vec::new();
    for (role, unit, bank) in keys {
        let key = test.key(role, unit, bank).await;
        let (by_rest, caller) = (test.with_key(&key), with_key(&test, &key).await);
        for cell in [1, 6] {
            number += 1;
            let one = test.pension_of(&format!("R-{number}"), WARD).await;
            let other = test.pension_of(&format!("G-{number}"), WARD).await;
            let (deed, body, event_type, data) = happenings(&other).swap_remove(cell);
            let answer = by_rest.post(&format!("/v1/payments/{one}/{deed}"), &test.fresh(), &body).await;
            let told = tell(&caller, &stream_of(&other), &event(number, event_type, &data)).await;
            match answer.status {
                201 => assert!(matches!(told, Appended::At(1, _)), "{role} {unit:?} {bank:?} {deed}: {told:?}"),
                _ => {
                    assert_eq!(told, refused(answer.body["code"].as_str().unwrap()), "{role} {unit:?} {bank:?} {deed}");
                }
            }
            found.push(answer.status == 201);
        }
        number += 1;
        let person = test.register(&by_account(&format!("TK-{number}"), WARD)).await;
        let suspended =
            json!({"legal_ground": "cannot_be_verified", "from_month": format!("2026-{:02}", number % 12 + 1)});
        let told =
            tell(&caller, &format!("beneficiary-{person}"), &event(number, "BenefitSuspended", &suspended)).await;
        let may = role == Role::Supervisor && unit != Some("D503");
        assert_eq!(matches!(told, Appended::At(..)), may, "{role}: {told:?}");
    }
    assert_eq!(
        found.iter().filter(|allowed| **allowed).count(),
        9,
        "clerks and supervisors twice, a bank once: {found:?}"
    );
}
