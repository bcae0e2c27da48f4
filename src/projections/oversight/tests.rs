//! Rows of recoveries and approvals: what their events say, in whatever batches they come.

use super::*;
use crate::domain::approval::event::{ApprovalGranted, ApprovalUsed};
use crate::domain::codec::{self, DomainEvent};
use crate::domain::money::Currency;
use crate::domain::recovery::event::{RecoveryLapsed, RecoveryWrittenOff};
use jiff::civil::date;
use uuid::Uuid;

fn dong(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn found(amount: i64) -> RecoveryEvent {
    let text = include_str!("../../../tests/fixtures/events/OverpaymentFound.v1.json");
    match codec::decode("OverpaymentFound", 1, text.as_bytes()).unwrap().unwrap() {
        DomainEvent::Recovery(RecoveryEvent::Found(mut event)) => {
            event.recovery_id = recovery_id();
            event.amount = dong(amount);
            RecoveryEvent::Found(event)
        }
        other => panic!("{other:?}"),
    }
}

fn recovery_id() -> RecoveryId {
    RecoveryId::from_uuid(Uuid::from_u128(5))
}

fn received(amount: i64) -> RecoveryEvent {
    let evidence = Evidence { kind: "receipt".to_owned(), reference: amount.to_string() };
    RecoveryEvent::Received(RecoveryReceived { amount: dong(amount), received_on: date(2025, 5, 2), evidence })
}

fn demanded() -> RecoveryEvent {
    let due_on = Some(date(2025, 6, 1));
    RecoveryEvent::Demanded(RecoveryDemanded { demanded_on: date(2025, 5, 1), due_on, reference: "118".to_owned() })
}

fn facts(events: Vec<RecoveryEvent>) -> Vec<Fact> {
    let fact = |(revision, event)| Fact {
        position: 10 + revision,
        revision,
        recorded_at_us: 7,
        subject: Subject::Recovery(recovery_id(), event),
    };
    (0..).zip(events).map(fact).collect()
}

fn life() -> Vec<Fact> {
    let lapsed = RecoveryEvent::Lapsed(RecoveryLapsed { lapsed_on: date(2025, 5, 3), refund: Some(dong(900)) });
    let written_off = RecoveryEvent::WrittenOff(RecoveryWrittenOff {
        amount: dong(300),
        written_off_on: date(2025, 5, 9),
        reason: "no estate".to_owned(),
        approval_id: None,
    });
    facts(vec![
        found(1000),
        demanded(),
        received(400),
        received(500),
        found(800),
        lapsed,
        found(1000),
        received(700),
        written_off,
    ])
}

#[test]
fn a_row_holds_what_its_events_say() {
    let row = fold(&life()[..4], OversightRows::default()).unwrap().recoveries.pop().unwrap();
    assert_eq!((row.state, row.received_minor, row.outstanding_minor()), (RecoveryState::Demanded, 900, 100));
    assert_eq!((row.demanded_on, row.due_on), (Some(date(2025, 5, 1)), Some(date(2025, 6, 1))));
    let row = fold(&life()[..5], OversightRows::default()).unwrap().recoveries.pop().unwrap();
    assert_eq!((row.state, row.refund_minor, row.outstanding_minor()), (RecoveryState::Received, 100, 0));
    let row = fold(&life(), OversightRows::default()).unwrap().recoveries.pop().unwrap();
    assert_eq!((row.state, row.received_minor, row.written_off_minor), (RecoveryState::WrittenOff, 700, 300));
    assert_eq!((row.revision, row.found_position, row.last_position), (8, 10, 18));
}

#[test]
fn any_batches_give_the_same_row() {
    let facts = life();
    for cut in 1..facts.len() {
        let rows = fold(&facts[..cut], OversightRows::default()).unwrap();
        assert_eq!(fold(&facts[cut..], rows), fold(&facts, OversightRows::default()), "cut at {cut}");
    }
}

#[test]
fn the_row_stands_where_the_rules_say() {
    let facts = life();
    for end in 1..=facts.len() {
        let row = fold(&facts[..end], OversightRows::default()).unwrap().recoveries.pop().unwrap();
        let events: Vec<RecoveryEvent> = facts[..end]
            .iter()
            .filter_map(|fact| match &fact.subject {
                Subject::Recovery(_, event) => Some(event.clone()),
                Subject::Payment(..)
                | Subject::Beneficiary(..)
                | Subject::Approval(..)
                | Subject::Desk(..)
                | Subject::List(..)
                | Subject::Inbox(..)
                | Subject::Figure(..)
                | Subject::Audit(..) => None,
            })
            .collect();
        let state = Recovery::replay(&events).found.unwrap();
        assert_eq!(
            (row.state, row.received_minor, row.written_off_minor, row.refund_minor, row.amount),
            (state.state, state.received_minor(), state.written_off_minor, state.refund_minor, state.amount),
            "after {end}"
        );
    }
}

#[test]
fn a_stream_that_does_not_begin_with_its_first_event_stops_the_projection() {
    let error = fold(&life()[1..], OversightRows::default()).unwrap_err();
    assert_eq!(error, Cause::MissingRow(format!("recovery-{}", recovery_id())).at(11));
}

fn approval_facts() -> Vec<Fact> {
    let text = include_str!("../../../tests/fixtures/events/ApprovalRequested.v1.json");
    let Some(DomainEvent::Approval(requested)) = codec::decode("ApprovalRequested", 1, text.as_bytes()).unwrap() else {
        panic!("the sample is a request")
    };
    let ApprovalEvent::Requested(request) = &requested else { panic!("the sample is a request") };
    let id = request.approval_id;
    let granted = ApprovalEvent::Granted(ApprovalGranted { granted_by: "head".to_owned(), note: None });
    let used = ApprovalEvent::Used(ApprovalUsed { stream: "payment-1".to_owned(), revision: 1, position: 12 });
    let fact = |(revision, event)| Fact {
        position: 10 + revision,
        revision,
        recorded_at_us: 7,
        subject: Subject::Approval(id, event),
    };
    (0..).zip([requested.clone(), granted, used]).map(fact).collect()
}

#[test]
fn an_approval_goes_from_pending_to_used_and_expires_by_the_time() {
    let facts = approval_facts();
    let rows = fold(&facts[..1], OversightRows::default()).unwrap();
    let row = &rows.approvals[0];
    assert_eq!((row.state, row.action), (ApprovalState::Pending, ApprovableAction::CorrectPayment));
    assert_eq!(row.state_at(row.expires_at_us), ApprovalState::Pending);
    assert_eq!(row.state_at(row.expires_at_us + 1), ApprovalState::Expired);
    let after = fold(&facts[1..], rows.clone()).unwrap();
    assert_eq!(after, fold(&facts, OversightRows::default()).unwrap());
    assert_eq!(
        (after.approvals[0].state, after.approvals[0].decided_by.as_deref()),
        (ApprovalState::Used, Some("head"))
    );
    let twice = [facts[0].clone(), facts[0].clone()];
    assert!(matches!(fold(&twice, OversightRows::default()).unwrap_err().cause, Cause::SecondCreation(_)));
}
