//! Every cell of the table of transitions, each a test of its own, reached through `decide`.

use super::{accept, cancel, decide, dong, fail, in_state, reissue, reject, return_with, settle_with};
use crate::domain::decision::Decision;
use crate::domain::decision::QuarantineCause::{self, ImpossibleOrder, LateSettlement, SecondSettlement};
use crate::domain::payment::command::PaymentCommand;
use crate::domain::payment::state::AttemptState::{
    self, Accepted, Cancelled, Failed, Instructed, Rejected, Returned, Settled,
};
use crate::domain::payment::transition::Happening;

/// What a cell says, in the words of the table.
#[derive(Clone, Copy)]
enum Cell {
    Becomes(AttemptState),
    NextAttempt,
    NoOp,
    Quarantine(QuarantineCause),
    Refused(&'static str),
}
use Cell::{Becomes, NextAttempt, NoOp, Quarantine};

const X: Cell = Cell::Refused("transition-not-allowed");
const SETTLED: Cell = Cell::Refused("payment-already-settled");
const CANCELLED: Cell = Cell::Refused("payment-already-cancelled");

fn command(happening: Happening) -> PaymentCommand {
    match happening {
        Happening::Accepted => accept(),
        // Other evidence than that of the settled state: the repeat has its own test.
        Happening::Settled => settle_with(dong(5_000_000), "S2"),
        Happening::Rejected => reject(),
        Happening::Failed => fail(),
        Happening::Returned => return_with(dong(5_000_000)),
        Happening::Reissued => reissue(),
        Happening::Cancelled => cancel(false),
    }
}

fn check(state: AttemptState, happening: Happening, cell: Cell) {
    let answer = in_state(state).when(&command(happening));
    match cell {
        Becomes(expected) => {
            answer.then_latest_is(expected);
        }
        NextAttempt => {
            let life = answer.then_latest_is(Instructed);
            assert_eq!(life.state.instructed.unwrap().latest().number, 2);
        }
        NoOp => answer.then_nothing_new(),
        Quarantine(cause) => answer.then_quarantined(cause),
        Cell::Refused(code) => match answer.decision {
            Decision::Refused(refusal) => assert_eq!(refusal.code(), code),
            other => panic!("expected a refusal, got {other:?}"),
        },
    }
}

macro_rules! cells {
    ($($name:ident: $state:expr, $happening:ident => $cell:expr;)*) => {
        $(#[test] fn $name() { check($state, Happening::$happening, $cell); })*

        const LISTED: &[(AttemptState, Happening)] = &[$(($state, Happening::$happening)),*];
    };
}

cells! {
    instructed_and_accepted: Instructed, Accepted => Becomes(Accepted);
    instructed_and_settled: Instructed, Settled => Becomes(Settled);
    instructed_and_rejected: Instructed, Rejected => Becomes(Rejected);
    instructed_and_failed: Instructed, Failed => Becomes(Failed);
    instructed_and_returned: Instructed, Returned => X;
    instructed_and_reissued: Instructed, Reissued => X;
    instructed_and_cancelled: Instructed, Cancelled => Becomes(Cancelled);

    accepted_and_accepted: Accepted, Accepted => NoOp;
    accepted_and_settled: Accepted, Settled => Becomes(Settled);
    accepted_and_rejected: Accepted, Rejected => Becomes(Rejected);
    accepted_and_failed: Accepted, Failed => Becomes(Failed);
    accepted_and_returned: Accepted, Returned => Becomes(Returned);
    accepted_and_reissued: Accepted, Reissued => X;
    accepted_and_cancelled_without_a_recall: Accepted, Cancelled => X;

    settled_and_accepted: Settled, Accepted => NoOp;
    settled_and_settled_with_other_evidence: Settled, Settled => Quarantine(SecondSettlement);
    settled_and_rejected: Settled, Rejected => Quarantine(ImpossibleOrder);
    settled_and_failed: Settled, Failed => SETTLED;
    settled_and_returned: Settled, Returned => Becomes(Returned);
    settled_and_reissued: Settled, Reissued => SETTLED;
    settled_and_cancelled: Settled, Cancelled => SETTLED;

    rejected_and_accepted: Rejected, Accepted => Quarantine(ImpossibleOrder);
    rejected_and_settled: Rejected, Settled => Becomes(Settled);
    rejected_and_rejected: Rejected, Rejected => NoOp;
    rejected_and_failed: Rejected, Failed => X;
    rejected_and_returned: Rejected, Returned => X;
    rejected_and_reissued: Rejected, Reissued => NextAttempt;
    rejected_and_cancelled: Rejected, Cancelled => Becomes(Cancelled);

    failed_and_accepted: Failed, Accepted => Quarantine(ImpossibleOrder);
    failed_and_settled: Failed, Settled => Becomes(Settled);
    failed_and_rejected: Failed, Rejected => NoOp;
    failed_and_failed: Failed, Failed => NoOp;
    failed_and_returned: Failed, Returned => X;
    failed_and_reissued: Failed, Reissued => NextAttempt;
    failed_and_cancelled: Failed, Cancelled => Becomes(Cancelled);

    returned_and_accepted: Returned, Accepted => X;
    returned_and_settled: Returned, Settled => Quarantine(LateSettlement);
    returned_and_rejected: Returned, Rejected => NoOp;
    returned_and_failed: Returned, Failed => X;
    returned_and_returned: Returned, Returned => NoOp;
    returned_and_reissued: Returned, Reissued => NextAttempt;
    returned_and_cancelled: Returned, Cancelled => Becomes(Cancelled);

    cancelled_and_accepted: Cancelled, Accepted => Quarantine(ImpossibleOrder);
    cancelled_and_settled: Cancelled, Settled => Becomes(Settled);
    cancelled_and_rejected: Cancelled, Rejected => NoOp;
    cancelled_and_failed: Cancelled, Failed => CANCELLED;
    cancelled_and_returned: Cancelled, Returned => CANCELLED;
    cancelled_and_reissued: Cancelled, Reissued => CANCELLED;
    cancelled_and_cancelled: Cancelled, Cancelled => NoOp;
}

#[test]
fn no_cell_of_the_table_is_without_a_test() {
    for state in AttemptState::ALL {
        for happening in Happening::ALL {
            let times = LISTED.iter().filter(|cell| **cell == (state, happening)).count();
            assert_eq!(times, 1, "{state} and {happening:?}");
        }
    }
    assert_eq!(LISTED.len(), 49);
}

#[test]
fn what_the_table_does_not_apply_changes_no_state() {
    for (state, happening) in LISTED {
        let before = in_state(*state);
        let decision = decide(&before.state, &command(*happening), super::NOW);
        if !matches!(decision, Decision::Events(_)) {
            let after = before.clone().when(&command(*happening)).life;
            assert_eq!(after.state, before.state);
        }
    }
}
