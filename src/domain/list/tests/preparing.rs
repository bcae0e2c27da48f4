//! From the first item to a prepared list: chunks, what items have in common, control sums, taking items off, withdrawing.

use super::*;
use crate::domain::ids::{AgentCode, ChannelCode};
use crate::domain::list::CHUNK_ITEMS_MAX;

fn add(chunk: u32, items: Vec<Candidate>) -> ListCommand {
    ListCommand::AddItems { chunk, items, left_out: Vec::new() }
}

fn remove(payments: &[u128]) -> ListCommand {
    let payments = payments.iter().map(|number| payment(*number)).collect();
    ListCommand::RemoveItems { payments, paid: None, reason: "gone".to_owned(), by: CLERK.to_owned() }
}

#[test]
fn a_chunk_brings_its_items_and_those_left_out() {
    let command = ListCommand::AddItems { chunk: 0, items: vec![candidate(1, 300)], left_out: vec![left_out(2)] };
    let event = ListItemsAdded { chunk: 0, items: vec![item(1, 300)], left_out: vec![left_out(2)] };
    then(&[opened()], &command, ListEvent::ItemsAdded(event));
}

#[test]
fn a_chunk_that_was_added_is_not_added_again() {
    nothing_new(&[opened(), added(0, vec![item(1, 300)])], &add(0, vec![candidate(1, 300)]));
}

#[test]
fn no_chunk_is_passed_over() {
    refused(&[opened()], &add(1, vec![candidate(1, 1)]), ListRefusal::ChunkOutOfOrder { found: 1, expected: 0 });
}

#[test]
fn a_chunk_has_a_bounded_size() {
    let items: Vec<Candidate> = (0..=CHUNK_ITEMS_MAX as u128).map(|number| candidate(number, 1)).collect();
    refused(&[opened()], &add(0, items), ListRefusal::ChunkTooLarge);
}

#[test]
fn a_payment_stands_on_a_list_once() {
    refused(&[opened()], &add(0, vec![candidate(1, 1), candidate(1, 1)]), ListRefusal::ItemTwice(payment(1)));
    let given = [opened(), added(0, vec![item(1, 1)])];
    refused(&given, &add(1, vec![candidate(1, 1)]), ListRefusal::ItemTwice(payment(1)));
}

#[test]
fn a_list_has_one_agent_one_channel_one_cycle_and_one_currency() {
    let with = |change: &dyn Fn(&mut Candidate)| {
        let mut other = candidate(1, 1);
        change(&mut other);
        add(0, vec![other])
    };
    let cases: [(&str, ListCommand); 4] = [
        ("agent", with(&|c| c.agent = AgentCode::parse("post").unwrap())),
        ("channel", with(&|c| c.channel = ChannelCode::parse("wallet").unwrap())),
        ("cycle", with(&|c| c.cycle = Month::new(2025, 4).unwrap())),
        ("currency", with(&|c| c.currency = Currency::parse("EUR").unwrap())),
    ];
    for (what, command) in cases {
        refused(&[opened()], &command, ListRefusal::OtherRoute { payment: payment(1), what });
    }
}

#[test]
fn an_item_has_an_amount() {
    refused(&[opened()], &add(0, vec![candidate(1, 0)]), ListRefusal::AmountNotPositive(payment(1)));
}

#[test]
fn a_sum_that_cannot_be_counted_is_refused() {
    refused(&[opened()], &add(0, vec![candidate(1, i64::MAX), candidate(2, 1)]), ListRefusal::SumTooLarge);
}

#[test]
fn preparing_says_count_and_sum_of_the_items() {
    let given = [opened(), added(0, vec![item(1, 300)]), added(1, vec![item(2, 400)])];
    then(&given, &ListCommand::Seal { control: Control::default() }, prepared(2, 700));
}

#[test]
fn a_list_of_nobody_is_not_prepared() {
    refused(&[opened()], &ListCommand::Seal { control: Control::default() }, ListRefusal::Empty);
}

#[test]
fn what_was_counted_apart_must_agree() {
    let given = [opened(), added(0, vec![item(1, 300)])];
    let seal = |count, sum| ListCommand::Seal { control: Control { count, sum } };
    refused(&given, &seal(Some(2), None), ListRefusal::ControlCount { counted: 2, actual: 1 });
    refused(&given, &seal(None, Some(vnd(301))), ListRefusal::ControlSum { counted_minor: 301, actual_minor: 300 });
    let euro = Money { minor: 300, currency: Currency::parse("EUR").unwrap() };
    refused(&given, &seal(None, Some(euro)), ListRefusal::OtherCurrency);
    then(&given, &seal(Some(1), Some(vnd(300))), prepared(1, 300));
}

#[test]
fn an_item_comes_off_with_its_amount() {
    then(&two_prepared(), &remove(&[1]), removed(1, 300, CLERK));
    let state = PaymentList::replay(&after(two_prepared(), [removed(1, 300, CLERK)]));
    let list = state.opened.unwrap();
    assert_eq!((list.item_count(), list.sum_minor), (1, 400));
}

#[test]
fn only_what_is_on_the_list_comes_off() {
    refused(&two_prepared(), &remove(&[7]), ListRefusal::ItemUnknown(payment(7)));
    refused(&two_prepared(), &remove(&[1, 1]), ListRefusal::ItemTwice(payment(1)));
    nothing_new(&two_prepared(), &remove(&[]));
}

#[test]
fn not_too_many_items_come_off_in_one_step() {
    let many: Vec<u128> = (0..=CHUNK_ITEMS_MAX as u128).collect();
    refused(&two_prepared(), &remove(&many), ListRefusal::ChunkTooLarge);
}

#[test]
fn taking_an_item_off_voids_check_and_approval() {
    let given = after(two_prepared(), [checked(Vec::new()), approved(), removed(1, 300, SECOND)]);
    let list = PaymentList::replay(&given).opened.unwrap();
    assert_eq!((list.stage, list.checked, list.approved_by), (crate::domain::list::Stage::Prepared, None, None));
    // Who changed the list may not approve it any more.
    refused(&after(given, [checked(Vec::new())]), &approve(SECOND), ListRefusal::SecondPersonRequired);
}

#[test]
fn a_list_is_withdrawn_when_nothing_is_left_on_it() {
    let withdraw = ListCommand::Withdraw { reason: "wrong month".to_owned(), handed_back: None, by: CLERK.to_owned() };
    refused(&two_prepared(), &withdraw, ListRefusal::NotEmpty { items: 2 });
    then(&after(two_prepared(), [removed(1, 300, CLERK), removed(2, 400, CLERK)]), &withdraw, withdrawn());
    then(&[opened()], &withdraw, withdrawn());
}

#[test]
fn a_list_knows_its_units_and_whether_it_goes_to_one_bank() {
    let list = PaymentList::replay(&two_prepared()).opened.unwrap();
    assert_eq!(list.units().len(), 1);
    assert_eq!(list.only_bank(), BankId::parse("vcb").ok().as_ref());
    let mut other = item(3, 1);
    other.bank = None;
    let list = PaymentList::replay(&[opened(), added(0, vec![item(1, 1), other])]).opened.unwrap();
    assert_eq!(list.only_bank(), None);
}
