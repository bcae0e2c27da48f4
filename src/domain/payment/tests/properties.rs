//! What holds whatever anybody asks, in whatever order.

use super::*;
use crate::domain::payment::command::CorrectionRequest;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashSet;

fn reports() -> impl Strategy<Value = PaymentCommand> {
    let attempt = proptest::option::of(0_u32..5);
    let amount = prop_oneof![4 => Just(5_000_000_i64), 1 => Just(1_i64)];
    let reference = prop_oneof![Just("S1"), Just("S2"), Just("S3")];
    (attempt, amount, reference, 0..5).prop_map(|(attempt, amount, reference, kind)| {
        let command = match kind {
            0 => accept(),
            1 => settle_with(dong(amount), reference),
            2 => reject(),
            3 => return_with(dong(amount)),
            _ => fail(),
        };
        attempt.map_or(command.clone(), |number| about(number, command))
    })
}

fn commands() -> impl Strategy<Value = PaymentCommand> {
    let correction = prop_oneof![
        (1_i64..3).prop_map(|times| CorrectionRequest::Amount(dong(times * 5_000_000))),
        (1_i8..28).prop_map(|day| CorrectionRequest::DueOn(date(2025, 3, day))),
    ];
    prop_oneof![
        8 => reports(),
        3 => prop_oneof![Just(reissue()), Just(PaymentCommand::Reissue(Box::new(reissue_by(by_account()))))],
        1 => any::<bool>().prop_map(cancel),
        1 => prop_oneof![Just(hold()), Just(release())],
        1 => correction.prop_map(|correction| PaymentCommand::Correct { correction, ground: "typing error".to_owned(), known: nothing_known() }),
        1 => Just(ordered()),
    ]
}

/// Money that is known to be with the beneficiary, counted from the events alone and not from the state.
fn live_settlements(events: &[PaymentEvent]) -> usize {
    let mut live = HashSet::new();
    for event in events {
        if let PaymentEvent::Settled(e) = event {
            assert!(live.insert(e.attempt), "attempt {} settled twice", e.attempt);
        } else if let PaymentEvent::Returned(e) = event {
            live.remove(&e.attempt);
        }
    }
    live.len()
}

fn live_through(commands: &[PaymentCommand]) -> Life {
    let mut life = given(&[ordered()]);
    for command in commands {
        life = life.when(command).life;
        assert!(live_settlements(&life.events) <= 1, "paid twice: {:?}", life.events);
        let open = life.state.instructed.as_ref().unwrap().attempts.iter().filter(|a| !a.state.is_final()).count();
        assert!(open <= 1, "two attempts open");
    }
    life
}

proptest! {
    #[test]
    fn nobody_is_paid_twice_and_at_most_one_attempt_is_open(commands in vec(commands(), 0..40)) {
        live_through(&commands);
    }

    #[test]
    fn attempt_numbers_have_no_gap_and_end_to_end_ids_are_unique(commands in vec(commands(), 0..40)) {
        let payment = live_through(&commands).state.instructed.unwrap();
        let numbers: Vec<u32> = payment.attempts.iter().map(|attempt| attempt.number).collect();
        let expected: Vec<u32> = (1..).take(numbers.len()).collect();
        prop_assert_eq!(numbers, expected);
        let ids: HashSet<_> = payment.attempts.iter().map(|attempt| attempt.end_to_end_id.clone()).collect();
        prop_assert_eq!(ids.len(), payment.attempts.len());
    }

    #[test]
    fn a_replay_gives_the_state_of_the_life(commands in vec(commands(), 0..40)) {
        let life = live_through(&commands);
        prop_assert_eq!(Payment::replay(&life.events), life.state);
    }

    #[test]
    fn a_report_repeated_at_once_adds_nothing(commands in vec(commands(), 0..20), report in reports()) {
        let once = live_through(&commands).when(&report).life;
        let twice = once.clone().when(&report).life;
        prop_assert_eq!(once.events, twice.events);
    }

    #[test]
    fn settled_money_is_the_amount_ordered(commands in vec(commands(), 0..40)) {
        let life = live_through(&commands);
        let ordered = life.state.instructed.unwrap().amount;
        for event in &life.events {
            if let PaymentEvent::Settled(e) = event {
                prop_assert_eq!(e.amount, ordered);
            }
        }
    }

    #[test]
    fn any_stored_order_of_events_folds_without_a_panic(commands in vec(commands(), 0..30), seed in any::<u64>()) {
        let mut events = live_through(&commands).events;
        let length = u64::try_from(events.len()).unwrap();
        events.rotate_left(usize::try_from(seed % length).unwrap());
        prop_assert!(Payment::replay(&events).instructed.is_some());
    }
}

/// All orders of a few messages.
fn orders(messages: &[PaymentCommand]) -> Vec<Vec<PaymentCommand>> {
    let Some((first, rest)) = messages.split_first() else { return vec![Vec::new()] };
    let insert = |order: Vec<PaymentCommand>| {
        (0..=order.len()).map(move |place| {
            let mut longer = order.clone();
            longer.insert(place, first.clone());
            longer
        })
    };
    orders(rest).into_iter().flat_map(insert).collect()
}

/// What is refused is tried again when something else was applied, as an inbox does.
fn delivered(mut waiting: Vec<PaymentCommand>) -> AttemptState {
    let mut life = given(&[ordered()]);
    loop {
        let before = waiting.len();
        waiting.retain(|message| {
            life = life.clone().when(message).life;
            matches!(decide(&life.state, message, NOW), Decision::Refused(_))
        });
        if waiting.len() == before {
            return life.state.instructed.unwrap().latest().state;
        }
    }
}

#[test]
fn a_banks_messages_end_in_the_same_state_in_any_order() {
    let stories = [
        (vec![accept(), settle()], AttemptState::Settled),
        (vec![accept(), reject()], AttemptState::Rejected),
        (vec![accept(), settle(), return_with(dong(5_000_000))], AttemptState::Returned),
        (vec![accept(), accept(), settle(), settle(), return_with(dong(5_000_000))], AttemptState::Returned),
    ];
    for (messages, expected) in stories {
        for order in orders(&messages) {
            assert_eq!(delivered(order.clone()), expected, "{order:?}");
        }
    }
}
