//! Every stage against every step: what is taken, what is a repeat, what is refused.

use super::*;
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::list::Stage;

fn given(stage: Option<Stage>) -> Vec<ListEvent> {
    let empty = || vec![opened(), added(0, vec![item(1, 700)]), prepared(1, 700), removed(1, 700, CLERK)];
    let fit = || after(two_prepared(), [checked(Vec::new())]);
    match stage {
        None => Vec::new(),
        Some(Stage::Preparing) => vec![opened(), added(0, vec![item(1, 300), item(2, 400)])],
        Some(Stage::Prepared) => fit(),
        Some(Stage::Approved) => after(fit(), [approved()]),
        Some(Stage::Submitted) => after(fit(), [approved(), submitted(700)]),
        Some(Stage::Acknowledged) => after(fit(), [approved(), submitted(700), acknowledged()]),
        Some(Stage::Reconciled) => after(fit(), [approved(), submitted(700), acknowledged(), reconciled()]),
        Some(Stage::Closed) => after(fit(), [approved(), submitted(700), acknowledged(), reconciled(), closed()]),
        Some(Stage::Withdrawn) => after(empty(), [withdrawn()]),
    }
}

fn steps() -> [(&'static str, ListCommand); 12] {
    let by = || CLERK.to_owned();
    let reason = || "gone".to_owned();
    [
        ("open", ListCommand::Open(opening())),
        ("add", ListCommand::AddItems { chunk: 1, items: vec![candidate(3, 5)], left_out: Vec::new() }),
        ("seal", ListCommand::Seal { control: Control::default() }),
        ("remove", ListCommand::RemoveItems { payments: vec![payment(1)], paid: None, reason: reason(), by: by() }),
        (
            "check",
            ListCommand::RecordCheck {
                findings: vec![FindingCount { code: "x".to_owned(), blocking: false, items: 1 }],
                by: by(),
            },
        ),
        ("approve", approve(SECOND)),
        ("submit", ListCommand::Submit(submit())),
        ("acknowledge", ListCommand::Acknowledge { answer: AgentAnswer::Accepted, agent_ref: None, by: by() }),
        ("reconcile", reconcile(400)),
        ("close", ListCommand::Close { outcome: outcome(), by: by() }),
        ("withdraw", ListCommand::Withdraw { reason: reason(), handed_back: None, by: by() }),
        (
            "show",
            ListCommand::Show {
                order: None,
                form: "items".to_owned(),
                bank: None,
                item_count: 1,
                kinds: vec![DataKind::Name],
                purpose: Purpose::Audit,
                by: by(),
            },
        ),
    ]
}

/// `+` an event, `.` a repeat that changes nothing, a code for a refusal. Columns as in [`steps`].
const TABLE: [(Option<Stage>, [&str; 12]); 9] = {
    const NONE: &str = "list-not-found";
    const NO: &str = "list-step-not-allowed";
    const TWICE: &str = "list-already-opened";
    const FULL: &str = "list-not-empty";
    [
        (None, ["+", NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE]),
        (Some(Stage::Preparing), [TWICE, "+", "+", "+", NO, NO, NO, NO, NO, NO, FULL, NO]),
        (Some(Stage::Prepared), [TWICE, NO, ".", "+", "+", "+", "+", NO, NO, NO, FULL, "+"]),
        (Some(Stage::Approved), [TWICE, NO, NO, "+", "+", ".", "+", NO, NO, NO, FULL, "+"]),
        (Some(Stage::Submitted), [TWICE, NO, NO, NO, NO, NO, ".", "+", NO, NO, NO, "+"]),
        (Some(Stage::Acknowledged), [TWICE, NO, NO, NO, NO, NO, NO, ".", "+", NO, NO, "+"]),
        (Some(Stage::Reconciled), [TWICE, NO, NO, NO, NO, NO, NO, NO, ".", "+", NO, "+"]),
        (Some(Stage::Closed), [TWICE, NO, NO, NO, NO, NO, NO, NO, NO, ".", NO, "+"]),
        (Some(Stage::Withdrawn), [TWICE, NO, NO, NO, NO, NO, NO, NO, NO, NO, ".", "+"]),
    ]
};

#[test]
fn each_step_is_taken_only_in_its_stages() {
    assert_eq!(TABLE.map(|(stage, _)| stage)[1..], Stage::ALL.map(Some));
    for (stage, row) in TABLE {
        let state = PaymentList::replay(&given(stage));
        assert_eq!(state.opened.as_ref().map(|list| list.stage), stage);
        for ((name, command), expected) in steps().into_iter().zip(row) {
            let found = match decide(&state, &command) {
                Decision::Events(events) => {
                    assert_eq!(events.len(), 1);
                    "+"
                }
                Decision::NoOp => ".",
                Decision::Refused(refusal) => refusal.code(),
                Decision::Quarantine(cause) => panic!("a list quarantines nothing: {cause:?}"),
            };
            assert_eq!(found, expected, "{name} while {stage:?}");
        }
    }
}

#[test]
fn a_stage_is_read_by_its_word() {
    for stage in Stage::ALL {
        assert_eq!(Stage::parse(stage.as_str()), Some(stage));
    }
    assert_eq!(Stage::parse("open"), None);
}
