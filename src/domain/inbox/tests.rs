//! A bank's message: one rule a test.

use super::*;
use crate::domain::decision::Decision;
use crate::domain::ids::{BankId, VaultRef};
use uuid::Uuid;

fn message(sha256: &str) -> BankMessageReceived {
    BankMessageReceived {
        bank: BankId::parse("vcb").unwrap(),
        key_id: "k1".to_owned(),
        scheme: "jws".to_owned(),
        format: "json".to_owned(),
        version: None,
        sha256: sha256.to_owned(),
        bytes: 10,
        items: 3,
        body_ref: VaultRef::from_uuid(Uuid::from_u128(7)),
        statements: Vec::new(),
    }
}

fn receive(sha256: &str) -> InboxCommand {
    InboxCommand::Receive(message(sha256))
}

fn waiting(item: u64) -> QuarantinedItem {
    QuarantinedItem {
        item,
        of_item: None,
        cause: "bad-reference".to_owned(),
        payment_id: None,
        unit_key: None,
        end_to_end_id: None,
        body_ref: None,
        sha256: None,
        rest: None,
    }
}

fn judge(quarantined: &[u64]) -> InboxCommand {
    let quarantined = quarantined.iter().map(|item| waiting(*item)).collect();
    InboxCommand::Judge(Judged { applied: 1, no_op: 1, quarantined, ..Judged::default() })
}

fn resolve(item: u64) -> InboxCommand {
    InboxCommand::Resolve { item, reason: "asked the bank".to_owned() }
}

fn after(commands: &[InboxCommand]) -> Inbox {
    let mut inbox = Inbox::default();
    for command in commands {
        if let Decision::Events(events) = decide(&inbox, command) {
            for event in &events {
                inbox.evolve(event);
            }
        }
    }
    inbox
}

#[test]
fn the_same_message_again_changes_nothing() {
    let inbox = after(&[receive("a")]);
    assert_eq!(inbox.received, Some(message("a")));
    assert_eq!(decide(&inbox, &receive("a")), Decision::NoOp);
    let later_key = BankMessageReceived { key_id: "k2".to_owned(), ..message("a") };
    assert_eq!(decide(&inbox, &InboxCommand::Receive(later_key)), Decision::NoOp, "signed anew, the same message");
}

#[test]
fn another_message_under_the_same_id_waits_for_a_person_and_replaces_nothing() {
    let inbox = after(&[receive("a"), receive("b")]);
    assert_eq!(inbox.received.as_ref().unwrap().sha256, "a");
    assert_eq!(inbox.quarantined[&0].item.cause, "message-id-reused");
    assert_eq!(inbox.quarantined[&0].item.sha256.as_deref(), Some("b"));
}

#[test]
fn each_further_message_under_the_id_waits_too_behind_the_last_item() {
    let inbox = after(&[receive("a"), receive("b"), receive("c"), receive("b"), receive("c"), judge(&[2, 3])]);
    assert_eq!(inbox.quarantined.keys().copied().collect::<Vec<_>>(), [0, 2, 3, 4]);
    assert_eq!(inbox.quarantined[&4].item.sha256.as_deref(), Some("c"));
    assert_eq!((inbox.waiting(), inbox.keeps("c"), inbox.keeps("d")), (4, true, false));
}

#[test]
fn another_message_waits_although_somebody_dealt_with_the_one_before_which_does_not_wait_again() {
    let inbox = after(&[receive("a"), receive("b"), resolve(0), receive("b"), receive("c")]);
    assert_eq!((inbox.waiting(), inbox.quarantined[&4].resolved.is_none()), (1, true));
}

#[test]
fn beyond_the_bound_no_further_message_is_kept() {
    let bodies: Vec<InboxCommand> = (0..20).map(|number| receive(&format!("{number}"))).collect();
    let inbox = after(&bodies);
    assert_eq!((inbox.others().count(), inbox.waiting()), (OTHERS_KEPT_MAX, OTHERS_KEPT_MAX));
    assert!(inbox.keeps("8") && !inbox.keeps("9"));
}

#[test]
fn a_message_is_judged_once() {
    let inbox = after(&[receive("a"), judge(&[2])]);
    let counts = BankMessageApplied { applied: 1, no_op: 1, quarantined: 1, of_whole: None };
    assert_eq!((inbox.applied.as_ref(), inbox.waiting()), (Some(&counts), 1));
    assert_eq!(decide(&inbox, &judge(&[])), Decision::NoOp);
}

#[test]
fn what_never_came_is_neither_judged_nor_resolved() {
    for command in [judge(&[]), resolve(1)] {
        assert_eq!(decide(&Inbox::default(), &command), Decision::Refused(InboxRefusal::NotReceived));
    }
}

#[test]
fn an_item_that_waits_is_resolved_once() {
    let inbox = after(&[receive("a"), judge(&[2, 3]), resolve(2)]);
    assert_eq!(inbox.waiting(), 1);
    assert_eq!(decide(&inbox, &resolve(2)), Decision::NoOp);
    assert_eq!(decide(&inbox, &resolve(1)), Decision::Refused(InboxRefusal::NotQuarantined));
}

#[test]
fn many_items_wait_in_events_of_500() {
    let all: Vec<u64> = (1..=1201).collect();
    let Decision::Events(events) = decide(&after(&[receive("a")]), &judge(&all)) else { panic!("not decided") };
    assert_eq!(events.len(), 4);
    assert_eq!(after(&[receive("a"), judge(&all)]).waiting(), 1201);
}

#[test]
fn payments_of_a_whole_file_wait_behind_all_else_and_count_as_the_item_about_them() {
    let part = |of_item| QuarantinedItem { of_item: Some(of_item), ..waiting(0) };
    let of_whole = Some(OfWhole { applied: 1, no_op: 0, quarantined: 2 });
    let (quarantined, parts) = (vec![waiting(1)], vec![part(3), part(3)]);
    let judged = InboxCommand::Judge(Judged { applied: 0, no_op: 1, quarantined, parts, of_whole, rest: None });
    let inbox = after(&[receive("a"), receive("b"), receive("c"), judged, resolve(12)]);
    assert_eq!(inbox.quarantined.keys().copied().collect::<Vec<_>>(), [0, 1, 4, 11, 12]);
    let counts = BankMessageApplied { applied: 0, no_op: 1, quarantined: 2, of_whole };
    assert_eq!((inbox.applied.as_ref(), inbox.items_that_waited(), inbox.waiting()), (Some(&counts), 2, 4));
}

fn again(items: &[(u64, AgainVerdict)], parts: &[u64]) -> InboxCommand {
    let items = items.iter().map(|(item, verdict)| ItemJudgedAgain { item: *item, verdict: *verdict }).collect();
    let part = |of_item: &u64| QuarantinedItem { of_item: Some(*of_item), ..waiting(0) };
    InboxCommand::JudgeAgain(JudgedAgain { items, parts: parts.iter().map(part).collect(), rests: Vec::new() })
}

#[test]
fn an_item_judged_again_waits_no_more_and_once() {
    let inbox = after(&[receive("a"), judge(&[2, 3]), again(&[(2, AgainVerdict::Applied)], &[])]);
    assert_eq!((inbox.waiting(), inbox.items_that_waited()), (1, 2));
    assert_eq!(inbox.quarantined[&2].judged_again, Some(AgainVerdict::Applied));
    assert_eq!(decide(&inbox, &again(&[(2, AgainVerdict::NoOp)], &[])), Decision::NoOp);
    assert_eq!(decide(&inbox, &resolve(2)), Decision::NoOp, "nobody needs to deal with it");
    let resolved = after(&[receive("a"), judge(&[2]), resolve(2)]);
    assert_eq!(decide(&resolved, &again(&[(2, AgainVerdict::Applied)], &[])), Decision::NoOp, "somebody has");
}

#[test]
fn what_waits_for_another_cause_has_a_new_place_and_is_the_same_item() {
    let anew = again(&[(2, AgainVerdict::WaitsAnew)], &[2, 2, 9]);
    let inbox = after(&[receive("a"), receive("b"), judge(&[2, 3]), anew.clone(), anew]);
    assert_eq!(inbox.quarantined.keys().copied().collect::<Vec<_>>(), [0, 2, 3, 11, 12]);
    assert_eq!((inbox.waiting(), inbox.items_that_waited()), (4, 2));
    let then = again(&[(11, AgainVerdict::WaitsAnew), (12, AgainVerdict::Applied)], &[2]);
    if let Decision::Events(events) = decide(&inbox, &then) {
        let mut inbox = inbox;
        for event in &events {
            inbox.evolve(event);
        }
        assert_eq!(inbox.quarantined.keys().copied().collect::<Vec<_>>(), [0, 2, 3, 11, 12, 13]);
        assert_eq!((inbox.waiting(), inbox.items_that_waited()), (3, 2));
    } else {
        panic!("nothing was decided");
    }
}

#[test]
fn what_never_came_is_not_judged_again() {
    let refused = Decision::Refused(InboxRefusal::NotReceived);
    assert_eq!(decide(&Inbox::default(), &again(&[(1, AgainVerdict::Applied)], &[])), refused);
}

/// Of a message with `items` of them, all from 1 on that wait.
fn many(items: u64) -> Judged {
    let mut judged = Judged::default();
    for item in 1..=items {
        judged.wait(waiting(item));
    }
    judged
}

fn after_many(items: u64) -> Inbox {
    let message = BankMessageReceived { items, ..message("a") };
    after(&[InboxCommand::Receive(message), InboxCommand::Judge(many(items))])
}

#[test]
fn of_one_message_so_many_items_wait_by_themselves_and_the_others_together() {
    let max = WAITING_MAX as u64;
    let inbox = after_many(max);
    assert_eq!((inbox.waiting() as u64, inbox.items_that_waited()), (max, max));
    let inbox = after_many(max + 25);
    assert_eq!((inbox.waiting() as u64, inbox.items_that_waited()), (max + 1, max + 25));
    assert_eq!(inbox.applied.as_ref().unwrap().quarantined, max + 25, "each has its verdict");
    let (place, rest) = inbox.quarantined.last_key_value().unwrap();
    assert!(*place > max + 25, "behind the last item");
    assert_eq!((rest.item.cause.as_str(), rest.item.rest), (REST, Some(Rest { from: max + 1, items: 25 })));
}

#[test]
fn items_that_waited_together_wait_by_themselves_once_they_are_judged_again() {
    let max = WAITING_MAX as u64;
    let mut inbox = after_many(max + 25);
    let place = *inbox.quarantined.last_key_value().unwrap().0;
    let judged = Judged {
        applied: 22,
        quarantined: vec![waiting(max + 1), waiting(max + 7)],
        rest: Some(Rest { from: max + 9, items: 1 }),
        ..Judged::default()
    };
    let items = vec![ItemJudgedAgain { item: place, verdict: AgainVerdict::WaitsAnew }];
    let again = InboxCommand::JudgeAgain(JudgedAgain { items, parts: Vec::new(), rests: vec![(place, judged)] });
    let Decision::Events(events) = decide(&inbox, &again) else { panic!("nothing was decided") };
    for event in &events {
        inbox.evolve(event);
    }
    assert_eq!((inbox.waiting() as u64, inbox.items_that_waited()), (max + 3, max + 25));
    assert!(!inbox.quarantined[&place].waits() && inbox.quarantined[&(max + 7)].waits());
    let last = inbox.quarantined.last_key_value().unwrap();
    assert_eq!((*last.0, last.1.item.rest), (place + 1, Some(Rest { from: max + 9, items: 1 })));
    assert_eq!(decide(&inbox, &again), Decision::NoOp, "once");
}
