//! The rules of four eyes as a specification: every state by every command, and who may consent.

use crate::domain::approval::event::{
    ApprovableCommand, ApprovalEvent, ApprovalGranted, ApprovalRequested, ApprovalUsed, RequestedCorrection,
};
use crate::domain::approval::state::{Approval, ApprovalState};
use crate::domain::approval::{ApprovalCommand, ApprovalRefusal, decide};
use crate::domain::decision::Decision;
use crate::domain::ids::{ApprovalId, PaymentId, UnitKey};
use crate::domain::money::{Currency, Money};
use ApprovalState::{Declined, Failed, Granted, Pending, Used};
use jiff::Timestamp;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const LATER: Timestamp = Timestamp::constant(1_000_000, 0);

fn dong(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn requested(amount: i64) -> ApprovalRequested {
    ApprovalRequested {
        approval_id: ApprovalId::from_uuid(Uuid::from_u128(3)),
        command: ApprovableCommand::CorrectPayment {
            payment_id: PaymentId::from_uuid(Uuid::from_u128(7)),
            correction: RequestedCorrection::Amount(dong(amount)),
            ground: "typing error".to_owned(),
        },
        unit_key: UnitKey::parse("C1").ok(),
        amount: Some(dong(amount)),
        requested_by: "clerk".to_owned(),
        expires_at: Timestamp::constant(1_000, 0),
    }
}

fn request(amount: i64) -> ApprovalCommand {
    ApprovalCommand::Request(Box::new(requested(amount)))
}

fn grant(by: &str, same_person: bool) -> ApprovalCommand {
    ApprovalCommand::Grant { granted_by: by.to_owned(), same_person, note: None }
}

fn decline() -> ApprovalCommand {
    ApprovalCommand::Decline { declined_by: "head".to_owned(), reason: "wrong month".to_owned() }
}

fn used() -> ApprovalCommand {
    ApprovalCommand::Use(ApprovalUsed { stream: "payment-7".to_owned(), revision: 3, position: 9 })
}

fn fail() -> ApprovalCommand {
    ApprovalCommand::Fail { code: "payment-already-settled".to_owned() }
}

fn given(commands: &[ApprovalCommand]) -> Approval {
    let mut state = Approval::default();
    for command in commands {
        match decide(&state, command, NOW) {
            Decision::Events(events) => events.iter().for_each(|event| state.evolve(event)),
            other => panic!("the given {command:?} is not accepted: {other:?}"),
        }
    }
    state
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Becomes(ApprovalState),
    NoOp,
    Refused(&'static str),
}
use Cell::{Becomes, NoOp};
const NONE: Cell = Cell::Refused("approval-not-found");
const CLOSED: Cell = Cell::Refused("approval-closed");
const EXPIRED: Cell = Cell::Refused("approval-expired");
const EXISTS: Cell = Cell::Refused("approval-exists");

#[test]
fn every_state_by_every_command() {
    let states = [
        (Vec::new(), NOW),
        (vec![request(1)], NOW),
        (vec![request(1)], LATER),
        (vec![request(1), grant("head", false)], NOW),
        (vec![request(1), grant("head", false), used()], NOW),
        (vec![request(1), grant("head", false), fail()], NOW),
        (vec![request(1), decline()], NOW),
    ];
    let rows: [(ApprovalCommand, [Cell; 7]); 6] = [
        (request(1), [Becomes(Pending), NoOp, NoOp, NoOp, NoOp, NoOp, NoOp]),
        (request(2), [Becomes(Pending), EXISTS, EXISTS, EXISTS, EXISTS, EXISTS, EXISTS]),
        (grant("head", false), [NONE, Becomes(Granted), EXPIRED, NoOp, NoOp, CLOSED, CLOSED]),
        (decline(), [NONE, Becomes(Declined), EXPIRED, CLOSED, CLOSED, CLOSED, NoOp]),
        (used(), [NONE, CLOSED, CLOSED, Becomes(Used), NoOp, NoOp, CLOSED]),
        (fail(), [NONE, CLOSED, CLOSED, Becomes(Failed), NoOp, NoOp, CLOSED]),
    ];
    for (command, cells) in rows {
        for ((before, now), cell) in states.iter().zip(cells) {
            let state = given(before);
            match (cell, decide(&state, &command, *now)) {
                (Becomes(expected), Decision::Events(events)) => {
                    let mut after = state;
                    for event in &events {
                        after.evolve(event);
                    }
                    assert_eq!(after.requested.unwrap().recorded, expected, "{command:?}");
                }
                (NoOp, Decision::NoOp) => {}
                (Cell::Refused(code), Decision::Refused(refusal)) => assert_eq!(refusal.code(), code, "{command:?}"),
                (cell, decision) => panic!("{before:?} {command:?}: expected {cell:?}, got {decision:?}"),
            }
        }
    }
}

#[test]
fn nobody_consents_to_what_they_asked_for() {
    let state = given(&[request(1)]);
    let refused = Decision::Refused(ApprovalRefusal::SecondPersonRequired);
    assert_eq!(decide(&state, &grant("clerk", false), NOW), refused);
    assert_eq!(decide(&state, &grant("other-key", true), NOW), refused, "two keys of one person are one person");
    let granted = ApprovalGranted { granted_by: "head".to_owned(), note: None };
    assert_eq!(decide(&state, &grant("head", false), NOW), Decision::Events(vec![ApprovalEvent::Granted(granted)]));
}

#[test]
fn whoever_asked_may_take_it_back() {
    let own = ApprovalCommand::Decline { declined_by: "clerk".to_owned(), reason: "a slip".to_owned() };
    assert!(matches!(decide(&given(&[request(1)]), &own, NOW), Decision::Events(_)));
}

#[test]
fn consent_that_was_given_in_time_does_not_expire() {
    let state = given(&[request(1), grant("head", false)]);
    assert!(matches!(decide(&state, &used(), LATER), Decision::Events(_)));
}

#[test]
fn a_stream_that_does_not_begin_with_a_request_gives_nothing() {
    let mut state = Approval::default();
    state.evolve(&ApprovalEvent::Granted(ApprovalGranted { granted_by: "head".to_owned(), note: None }));
    assert_eq!(state, Approval::default());
}

#[test]
fn a_command_keeps_exactly_what_was_asked() {
    let text = r#"{"command":"correct_payment","payment_id":"00000000-0000-0000-0000-000000000007","correction":{"what":"amount","to":{"minor":5,"currency":"VND"}},"ground":"typing error"}"#;
    let command = requested(5).command;
    assert_eq!(serde_json::to_string(&command).unwrap(), text);
    assert_eq!(serde_json::from_str::<ApprovableCommand>(text).unwrap(), command);
}

/// Commands as they stand in the log, with what each is and what it is about.
const STORED: [(&str, &str, &str); 6] = [
    (
        r#"{"command":"erase_personal","beneficiary_id":"00000000-0000-0000-0000-000000000007","ground":"legal_order","note":"118/QD"}"#,
        "erase_personal",
        "beneficiary-00000000-0000-0000-0000-000000000007",
    ),
    (r#"{"command":"register_bank","after":{"bank":"vcb","mapping":"[statuses]"}}"#, "change_bank", "bank-vcb"),
    (
        r#"{"command":"add_bank_key","bank":"vcb","key":{"key_id":"1","algorithm":"HS256","secret_ref":"00000000-0000-0000-0000-000000000009"}}"#,
        "change_bank",
        "bank-vcb",
    ),
    (
        r#"{"command":"arrange_orders","bank":"vcb","after":{"form":"table","payer":"BHXH","charset":"utf8","batch_booking":false}}"#,
        "change_bank",
        "bank-vcb",
    ),
    (
        r#"{"command":"create_key","key_id":"0f1e2d3c4b5a","role":"bank","bank":"vcb","expires_at":"2027-01-01T00:00:00Z"}"#,
        "change_key",
        "key-0f1e2d3c4b5a",
    ),
    (r#"{"command":"rotate_key","key_id":"0f1e2d3c4b5a","overlap_days":7}"#, "change_key", "key-0f1e2d3c4b5a"),
];

#[test]
fn every_command_reads_back_and_says_what_it_is_and_what_it_is_about() {
    for (text, action, object) in STORED {
        let command: ApprovableCommand = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&command).unwrap(), text);
        assert_eq!((command.action().as_str(), command.object().as_str()), (action, object));
        assert!(!command.action().has_amount());
    }
}

#[test]
fn what_belongs_to_no_unit_is_about_no_money_and_waits_all_the_same() {
    let request = ApprovalRequested {
        command: serde_json::from_str(STORED[5].0).unwrap(),
        unit_key: None,
        amount: None,
        ..requested(1)
    };
    let stored = serde_json::to_value(&request).unwrap();
    assert!(stored.get("unit_key").is_none() && stored.get("amount").is_none());
    assert_eq!(serde_json::from_value::<ApprovalRequested>(stored).unwrap(), request);
    let state = given(&[ApprovalCommand::Request(Box::new(request))]);
    let refused = Decision::Refused(ApprovalRefusal::SecondPersonRequired);
    assert_eq!(decide(&state, &grant("clerk", false), NOW), refused);
    assert!(matches!(decide(&state, &grant("head", false), NOW), Decision::Events(_)));
}
