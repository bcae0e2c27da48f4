//! Every state by every command.

use super::*;

/// What a cell says.
#[derive(Debug, Clone, Copy)]
enum Cell {
    Becomes(RecoveryState),
    NoOp,
    Refused(&'static str),
}
use Cell::{Becomes, NoOp};
use RecoveryState::{Demanded, Found, Lapsed, Received, WrittenOff};

const CLOSED: Cell = Cell::Refused("recovery-closed");
const NONE: Cell = Cell::Refused("recovery-not-found");

/// In the state, or nothing yet.
fn in_state(state: Option<RecoveryState>) -> Recovery {
    let mut commands = Vec::new();
    commands.extend(state.map(|_| find(1000)));
    match state {
        None | Some(Found) => {}
        Some(Demanded) => commands.push(demand("L1")),
        Some(Received) => commands.push(receive(1000, "C1")),
        Some(WrittenOff) => commands.push(write_off()),
        Some(Lapsed) => commands.push(LAPSE),
    }
    given(&commands)
}

fn check(state: Option<RecoveryState>, command: &RecoveryCommand, cell: Cell) {
    let before = in_state(state);
    let decision = when(&before, command);
    match (cell, decision) {
        (Becomes(expected), Decision::Events(events)) => {
            let mut after = before;
            for event in &events {
                after.evolve(event);
            }
            assert_eq!(after.found.unwrap().state, expected, "{state:?} {command:?}");
        }
        (NoOp, Decision::NoOp) => {}
        (Cell::Refused(code), Decision::Refused(refusal)) => assert_eq!(refusal.code(), code),
        (cell, decision) => panic!("{state:?} {command:?}: expected {cell:?}, got {decision:?}"),
    }
}

#[test]
fn every_state_by_every_command() {
    let states = [None, Some(Found), Some(Demanded), Some(Received), Some(WrittenOff), Some(Lapsed)];
    let rows: [(RecoveryCommand, [Cell; 6]); 8] = [
        (find(1000), [Becomes(Found), NoOp, NoOp, NoOp, NoOp, Becomes(Found)]),
        // More than was thought is to be asked for anew.
        (find(1500), [Becomes(Found), Becomes(Found), Becomes(Found), Becomes(Found), Becomes(Found), Becomes(Found)]),
        (
            find(500),
            [Becomes(Found), Becomes(Found), Becomes(Found), Becomes(Received), Becomes(WrittenOff), Becomes(Found)],
        ),
        (LAPSE, [NoOp, Becomes(Lapsed), Becomes(Lapsed), Becomes(Lapsed), Becomes(Lapsed), NoOp]),
        (demand("L2"), [NONE, Becomes(Demanded), Becomes(Demanded), CLOSED, CLOSED, CLOSED]),
        (receive(1000, "C2"), [NONE, Becomes(Received), Becomes(Received), CLOSED, CLOSED, CLOSED]),
        (receive(400, "C2"), [NONE, Becomes(Found), Becomes(Demanded), CLOSED, CLOSED, CLOSED]),
        (write_off(), [NONE, Becomes(WrittenOff), Becomes(WrittenOff), CLOSED, NoOp, CLOSED]),
    ];
    for (command, cells) in rows {
        for (state, cell) in states.into_iter().zip(cells) {
            check(state, &command, cell);
        }
    }
}

#[test]
fn parts_add_up_and_never_to_more_than_the_amount() {
    let state = given(&[find(1000), receive(400, "C1"), receive(500, "C2")]);
    let found = state.found.as_ref().unwrap();
    assert_eq!((found.received_minor(), found.outstanding_minor(), found.state), (900, 100, Found));
    let refusal = RecoveryRefusal::TooMuch { outstanding_minor: 100 };
    assert_eq!(when(&state, &receive(101, "C3")), Decision::Refused(refusal));
    let state = given(&[find(1000), receive(400, "C1"), receive(500, "C2"), receive(100, "C3")]);
    assert_eq!(state.found.unwrap().state, Received);
}

#[test]
fn a_receipt_counts_once() {
    let state = given(&[find(1000), receive(400, "C1")]);
    assert_eq!(when(&state, &receive(400, "C1")), Decision::NoOp);
    assert_eq!(when(&state, &receive(300, "C1")), Decision::Refused(RecoveryRefusal::ReceiptUsed));
    let all = given(&[find(1000), receive(1000, "C1")]);
    assert_eq!(when(&all, &receive(1000, "C1")), Decision::NoOp);
}

#[test]
fn nothing_and_other_money_are_no_receipts() {
    let state = given(&[find(1000)]);
    assert_eq!(when(&state, &receive(0, "C1")), Decision::Refused(RecoveryRefusal::AmountNotPositive));
    let euro = Money { minor: 10, currency: Currency::parse("EUR").unwrap() };
    let command = RecoveryCommand::Receive { amount: euro, received_on: ON, evidence: evidence("C1") };
    let expected = Currency::parse("VND").unwrap();
    assert_eq!(when(&state, &command), Decision::Refused(RecoveryRefusal::OtherCurrency { expected }));
}

#[test]
fn the_same_letter_is_nothing_new_and_another_one_a_reminder() {
    let state = given(&[find(1000), demand("L1")]);
    assert_eq!(when(&state, &demand("L1")), Decision::NoOp);
    assert!(matches!(when(&state, &demand("L2")), Decision::Events(_)));
}

#[test]
fn what_is_written_off_is_what_is_outstanding() {
    let state = given(&[find(1000), receive(400, "C1")]);
    let event =
        RecoveryWrittenOff { amount: dong(600), written_off_on: ON, reason: "no heirs".to_owned(), approval_id: None };
    assert_eq!(when(&state, &write_off()), Decision::Events(vec![RecoveryEvent::WrittenOff(event)]));
    let found = given(&[find(1000), receive(400, "C1"), write_off()]).found.unwrap();
    assert_eq!((found.outstanding_minor(), found.written_off_minor), (0, 600));
}

#[test]
fn a_lapse_says_what_is_to_be_paid_back() {
    let state = given(&[find(1000), receive(400, "C1")]);
    let event = RecoveryLapsed { lapsed_on: ON, refund: Some(dong(400)) };
    assert_eq!(when(&state, &LAPSE), Decision::Events(vec![RecoveryEvent::Lapsed(event)]));
    let nothing = RecoveryLapsed { lapsed_on: ON, refund: None };
    assert_eq!(when(&given(&[find(1000)]), &LAPSE), Decision::Events(vec![RecoveryEvent::Lapsed(nothing)]));
}

#[test]
fn a_smaller_amount_leaves_what_came_in_too_much_to_be_paid_back() {
    let found = given(&[find(1000), receive(800, "C1"), find(500)]).found.unwrap();
    assert_eq!((found.state, found.outstanding_minor(), found.refund_minor), (Received, 0, 300));
}

#[test]
fn after_a_lapse_it_begins_anew() {
    let found = given(&[find(1000), receive(400, "C1"), LAPSE, find(1000)]).found.unwrap();
    assert_eq!((found.state, found.outstanding_minor(), found.refund_minor), (Found, 1000, 0));
}

#[test]
fn a_replay_gives_the_state_and_a_stream_that_begins_amiss_gives_none() {
    let mut state = given(&[find(1000)]);
    let Decision::Events(events) = when(&state, &demand("L1")) else { panic!("a demand is possible") };
    assert_eq!(Recovery::replay(&events), Recovery::default());
    for event in &events {
        state.evolve(event);
    }
    assert_eq!(state.found.unwrap().state, Demanded);
}
