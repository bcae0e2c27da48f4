//! From the check to closing: second person, threshold, advance, answer, conservation.

use super::*;

fn finding(blocking: bool) -> FindingCount {
    FindingCount { code: "beneficiary-deceased".to_owned(), blocking, items: 1 }
}

fn fit() -> Vec<ListEvent> {
    after(two_prepared(), [checked(Vec::new())])
}

fn out() -> Vec<ListEvent> {
    after(fit(), [submitted(700), acknowledged()])
}

fn big() -> Vec<ListEvent> {
    vec![opened(), added(0, vec![item(1, 600), item(2, 401)]), prepared(2, 1_001), checked(Vec::new())]
}

#[test]
fn the_same_findings_again_are_nothing_new() {
    let check = |findings| ListCommand::RecordCheck { findings, by: CLERK.to_owned() };
    then(&two_prepared(), &check(Vec::new()), checked(Vec::new()));
    nothing_new(&fit(), &check(Vec::new()));
    then(&fit(), &check(vec![finding(true)]), checked(vec![finding(true)]));
}

#[test]
fn a_second_person_approves() {
    then(&fit(), &approve(SECOND), approved());
}

#[test]
fn who_prepared_a_list_does_not_approve_it() {
    refused(&fit(), &approve(CLERK), ListRefusal::SecondPersonRequired);
}

#[test]
fn who_prepared_a_list_does_not_approve_it_with_another_key() {
    let command = ListCommand::Approve { control: Control::default(), by: SECOND.to_owned(), same_person: true };
    refused(&fit(), &command, ListRefusal::SecondPersonRequired);
}

#[test]
fn a_list_is_approved_once() {
    let given = after(fit(), [approved()]);
    nothing_new(&given, &approve(SECOND));
    refused(&given, &approve("k-third"), ListRefusal::AlreadyApproved);
}

#[test]
fn what_was_not_checked_is_neither_approved_nor_sent() {
    refused(&two_prepared(), &approve(SECOND), ListRefusal::NotChecked);
    refused(&two_prepared(), &ListCommand::Submit(submit()), ListRefusal::NotChecked);
}

#[test]
fn what_must_be_mended_is_neither_approved_nor_sent() {
    let given = after(two_prepared(), [checked(vec![finding(true), finding(false)])]);
    refused(&given, &approve(SECOND), ListRefusal::HasFindings { items: 1 });
    refused(&given, &ListCommand::Submit(submit()), ListRefusal::HasFindings { items: 1 });
}

#[test]
fn a_warning_stops_nothing() {
    let given = after(two_prepared(), [checked(vec![finding(false)])]);
    then(&given, &approve(SECOND), approved());
}

#[test]
fn the_approver_may_count_too() {
    let command = ListCommand::Approve {
        control: Control { count: Some(3), sum: None },
        by: SECOND.to_owned(),
        same_person: false,
    };
    refused(&fit(), &command, ListRefusal::ControlCount { counted: 3, actual: 2 });
}

#[test]
fn a_small_list_goes_out_without_a_second_person() {
    then(&fit(), &ListCommand::Submit(submit()), submitted(700));
}

#[test]
fn a_list_above_the_limit_needs_a_second_person() {
    refused(&big(), &ListCommand::Submit(submit()), ListRefusal::ApprovalRequired { above_minor: APPROVAL_ABOVE });
    then(&after(big(), [approved()]), &ListCommand::Submit(submit()), submitted(1_001));
}

#[test]
fn what_became_unfit_since_the_check_is_not_sent() {
    let command = ListCommand::Submit(Submit { blocking_items: 2, ..submit() });
    refused(&fit(), &command, ListRefusal::HasFindings { items: 2 });
}

#[test]
fn the_advance_is_the_sum_of_the_list() {
    let with = |sum| ListCommand::Submit(Submit { advanced: Some(vnd(sum)), ..submit() });
    refused(&fit(), &with(699), ListRefusal::AdvanceDiffers { sum_minor: 700 });
    then(&fit(), &with(700), submitted(700));
}

#[test]
fn a_list_that_lost_its_items_is_not_sent() {
    let given = after(two_prepared(), [removed(1, 300, CLERK), removed(2, 400, CLERK), checked(Vec::new())]);
    refused(&given, &ListCommand::Submit(submit()), ListRefusal::Empty);
}

#[test]
fn the_agent_answers_once() {
    let answer = |answer, agent_ref: Option<&str>| ListCommand::Acknowledge {
        answer,
        agent_ref: agent_ref.map(str::to_owned),
        by: "b".to_owned(),
    };
    then(&after(fit(), [submitted(700)]), &answer(AgentAnswer::Accepted, None), acknowledged());
    nothing_new(&out(), &answer(AgentAnswer::Accepted, None));
    refused(&out(), &answer(AgentAnswer::Rejected, None), ListRefusal::AlreadyAcknowledged);
    refused(&out(), &answer(AgentAnswer::Accepted, Some("other")), ListRefusal::AlreadyAcknowledged);
}

#[test]
fn advanced_is_paid_and_handed_back() {
    then(&out(), &reconcile(400), reconciled());
    let unbalanced = |handed_back_minor, difference_minor| ListRefusal::NotBalanced {
        advanced_minor: 700,
        paid_minor: 300,
        handed_back_minor,
        difference_minor,
    };
    refused(&out(), &reconcile(399), unbalanced(399, 1));
    refused(&out(), &reconcile(401), unbalanced(401, -1));
    refused(&out(), &reconcile(-1), unbalanced(-1, 401));
}

#[test]
fn nothing_is_reconciled_or_closed_while_an_item_has_no_outcome() {
    let open = Outcome { open: Tally { items: 1, sum_minor: 400 }, unpaid: Tally::default(), ..outcome() };
    let reconcile = ListCommand::Reconcile { outcome: open, handed_back: vnd(400), by: CLERK.to_owned() };
    refused(&out(), &reconcile, ListRefusal::ItemsOpen { items: 1 });
    let close = ListCommand::Close { outcome: open, by: CLERK.to_owned() };
    refused(&after(out(), [reconciled()]), &close, ListRefusal::ItemsOpen { items: 1 });
}

#[test]
fn every_item_has_its_outcome() {
    let one = Outcome { unpaid: Tally::default(), ..outcome() };
    let command = ListCommand::Reconcile { outcome: one, handed_back: vnd(400), by: CLERK.to_owned() };
    refused(&out(), &command, ListRefusal::ControlCount { counted: 1, actual: 2 });
}

#[test]
fn money_of_another_currency_is_not_handed_back() {
    let euro = Money { minor: 400, currency: Currency::parse("EUR").unwrap() };
    let command = ListCommand::Reconcile { outcome: outcome(), handed_back: euro, by: CLERK.to_owned() };
    refused(&out(), &command, ListRefusal::OtherCurrency);
}

#[test]
fn a_return_after_the_reconciliation_is_reconciled_again_before_closing() {
    let given = after(out(), [reconciled()]);
    let none_paid = Outcome { paid: Tally::default(), unpaid: Tally { items: 2, sum_minor: 700 }, ..outcome() };
    let close = |outcome| ListCommand::Close { outcome, by: CLERK.to_owned() };
    refused(&given, &close(none_paid), ListRefusal::MovedSinceReconciled);
    let again = ListCommand::Reconcile { outcome: none_paid, handed_back: vnd(700), by: CLERK.to_owned() };
    assert!(matches!(when(&given, &again), Decision::Events(events) if events.len() == 1));
    then(&given, &close(outcome()), closed());
}

#[test]
fn what_the_agent_refused_as_a_whole_is_taken_back() {
    let answered = |answer| {
        let event = ListAcknowledged { answer, agent_ref: None, by: "b".to_owned() };
        after(fit(), [submitted(700), ListEvent::Acknowledged(event)])
    };
    let remove = |number| ListCommand::RemoveItems {
        payments: vec![payment(number)],
        paid: None,
        reason: "gone".to_owned(),
        by: CLERK.to_owned(),
    };
    let back =
        |handed_back| ListCommand::Withdraw { reason: "wrong month".to_owned(), handed_back, by: CLERK.to_owned() };
    let withdraw = back(Some(vnd(700)));
    then(&answered(AgentAnswer::Rejected), &remove(1), removed(1, 300, CLERK));
    refused(&answered(AgentAnswer::Rejected), &withdraw, ListRefusal::NotEmpty { items: 2 });
    let empty = after(answered(AgentAnswer::Rejected), [removed(1, 300, CLERK), removed(2, 400, CLERK)]);
    let all = ListWithdrawn { reason: "wrong month".to_owned(), handed_back: Some(vnd(700)), by: CLERK.to_owned() };
    then(&empty, &withdraw, ListEvent::Withdrawn(all));
    for (some, difference_minor) in [(None, 700), (Some(699), 1), (Some(701), -1)] {
        let (advanced_minor, paid_minor, handed_back_minor) = (700, 0, some.unwrap_or(0));
        let short = ListRefusal::NotBalanced { advanced_minor, paid_minor, handed_back_minor, difference_minor };
        refused(&empty, &back(some.map(vnd)), short);
    }
    for answer in [AgentAnswer::Accepted, AgentAnswer::Partly] {
        for command in [remove(1), withdraw.clone()] {
            let Decision::Refused(found) = decide(&PaymentList::replay(&answered(answer)), &command) else {
                panic!("{answer:?}");
            };
            assert_eq!(found.code(), "list-step-not-allowed");
        }
    }
}

#[test]
fn what_the_list_paid_stays_on_it() {
    let paid = |payments: Vec<PaymentId>| ListCommand::RemoveItems {
        payments,
        paid: Some(payment(1)),
        reason: "gone".to_owned(),
        by: CLERK.to_owned(),
    };
    let event = ListAcknowledged { answer: AgentAnswer::Rejected, agent_ref: None, by: "b".to_owned() };
    let refused_list = after(fit(), [submitted(700), ListEvent::Acknowledged(event)]);
    refused(&refused_list, &paid(vec![payment(1), payment(2)]), ListRefusal::ItemPaid(payment(1)));
    refused(&two_prepared(), &paid(vec![payment(1)]), ListRefusal::ItemPaid(payment(1)));
    // What was only taken, and has not gone out, goes as it came.
    let mut taken = two_prepared();
    taken[0] = ListEvent::Opened(ListOpened { origin: Origin::Existing, ..opening() });
    then(&taken, &paid(vec![payment(1)]), removed(1, 300, CLERK));
}
