//! What holds for any order of steps: count and sum are the items', and the money of a reconciled list is accounted for.

use super::*;
use crate::domain::list::Stage;
use proptest::prelude::*;

fn step() -> impl Strategy<Value = ListCommand> {
    let by = || prop_oneof![Just(CLERK.to_owned()), Just(SECOND.to_owned())];
    prop_oneof![
        4 => (0..4_u32, prop::collection::vec((0..12_u128, -1..900_i64), 0..4)).prop_map(|(chunk, items)| {
            let items = items.into_iter().map(|(number, amount)| candidate(number, amount)).collect();
            ListCommand::AddItems { chunk, items, left_out: Vec::new() }
        }),
        2 => Just(ListCommand::Seal { control: Control::default() }),
        2 => (prop::collection::vec(0..12_u128, 0..3), by()).prop_map(|(numbers, by)| {
            let payments = numbers.into_iter().map(payment).collect();
            ListCommand::RemoveItems { payments, paid: None, reason: "gone".to_owned(), by }
        }),
        2 => by().prop_map(|by| ListCommand::RecordCheck { findings: Vec::new(), by }),
        2 => by().prop_map(|by| approve(&by)),
        2 => Just(ListCommand::Submit(submit())),
        1 => Just(ListCommand::Acknowledge { answer: AgentAnswer::Partly, agent_ref: None, by: "b".to_owned() }),
        1 => by().prop_map(|by| ListCommand::Withdraw { reason: "no".to_owned(), handed_back: None, by }),
    ]
}

proptest! {
    #[test]
    fn count_and_sum_are_always_those_of_the_items(steps in prop::collection::vec(step(), 0..40)) {
        let mut state = PaymentList::replay(&[opened()]);
        let mut hands = vec![CLERK.to_owned()];
        for command in &steps {
            let Decision::Events(events) = decide(&state, command) else { continue };
            for event in &events {
                state.evolve(event);
                if let ListEvent::ItemsRemoved(e) = event {
                    hands.push(e.by.clone());
                }
            }
            let list = state.opened.as_ref().unwrap();
            prop_assert_eq!(list.sum_minor, list.items.values().map(|item| item.amount_minor).sum::<i64>());
            prop_assert!(list.approved_by.as_ref().is_none_or(|by| !hands.contains(by)));
            if list.stage == Stage::Submitted {
                prop_assert_eq!(list.advanced, Some(list.control_sum()));
                prop_assert!(list.sum_minor <= APPROVAL_ABOVE || list.approved_by.is_some());
            }
        }
    }
}
