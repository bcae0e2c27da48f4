//! Which consumer of a group gets an event.

use super::consumers::Consumer;
use super::settings::Strategy;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The consumer that gets an event, as its place among all; `None` when it has to wait. `turn` is whose turn it is, for those who take turns.
pub(super) fn chosen<E>(
    strategy: Strategy,
    consumers: &[Consumer],
    turn: &mut usize,
    item: &super::machine::Item<E>,
) -> Option<usize> {
    let takes = |at: usize| consumers.get(at).is_some_and(|consumer| consumer.takes(item.id));
    match strategy {
        Strategy::DispatchToSingle => (0..consumers.len()).find(|at| takes(*at)),
        Strategy::RoundRobin => {
            let found = (0..consumers.len()).map(|step| (*turn + step) % consumers.len()).find(|at| takes(*at))?;
            *turn = found + 1;
            Some(found)
        }
        Strategy::Pinned | Strategy::PinnedByCorrelation => pinned(consumers, item.pin).filter(|at| takes(*at)),
    }
}

/// The same consumer for the same pin as long as it stays, whoever else comes or goes: the one whose number goes with it best.
fn pinned(consumers: &[Consumer], pin: u64) -> Option<usize> {
    let active = consumers.iter().enumerate().filter(|(_, consumer)| !consumer.is_stopped);
    active.max_by_key(|(_, consumer)| (hash(&(pin, consumer.id)), consumer.id)).map(|(at, _)| at)
}

/// The number that a stream or a correlation is pinned by.
pub fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::machine::{Item, Place};
    use super::*;
    use uuid::Uuid;

    fn item(number: u64, pin: u64) -> Item<()> {
        Item { place: Place::Source(number), id: Uuid::from_u64_pair(1, number), pin, retries: 0, bytes: 1, event: () }
    }

    fn three() -> Vec<Consumer> {
        (1..=3).map(|id| Consumer::new(id, 2)).collect()
    }

    #[test]
    fn a_single_one_gets_all_until_it_is_full() {
        let (mut consumers, mut turn) = (three(), 0);
        let mut found = Vec::new();
        for number in 0..5 {
            let item = item(number, 0);
            let at = chosen(Strategy::DispatchToSingle, &consumers, &mut turn, &item).unwrap();
            consumers[at].give(item.id, item.place);
            found.push(at);
        }
        assert_eq!(found, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn they_take_turns_and_who_is_full_is_passed_over() {
        let (mut consumers, mut turn) = (three(), 0);
        consumers[1].give(Uuid::from_u128(7), Place::Source(90));
        consumers[1].give(Uuid::from_u128(8), Place::Source(91));
        let mut found = Vec::new();
        for number in 0..5 {
            let item = item(number, 0);
            let at = chosen(Strategy::RoundRobin, &consumers, &mut turn, &item);
            if let Some(at) = at {
                consumers[at].give(item.id, item.place);
            }
            found.push(at);
        }
        assert_eq!(found, [Some(0), Some(2), Some(0), Some(2), None]);
    }

    #[test]
    fn a_pinned_stream_stays_where_it_is_when_another_leaves() {
        let all = three();
        let of = |consumers: &[Consumer], pin| pinned(consumers, pin).map(|at| consumers[at].id);
        let before: Vec<_> = (0..200).map(|pin| of(&all, pin).unwrap()).collect();
        for id in 1..=3 {
            assert!(before.iter().filter(|found| **found == id).count() > 30, "each has its share");
        }
        let fewer: Vec<Consumer> = vec![Consumer::new(1, 2), Consumer::new(3, 2)];
        for (pin, before) in (0..200).zip(before) {
            assert!(before == 2 || of(&fewer, pin) == Some(before), "{pin}");
        }
    }

    #[test]
    fn a_pinned_event_waits_for_its_consumer() {
        let (mut consumers, mut turn) = (three(), 0);
        let at = pinned(&consumers, 5).unwrap();
        consumers[at].give(Uuid::from_u128(7), Place::Source(90));
        consumers[at].give(Uuid::from_u128(8), Place::Source(91));
        assert_eq!(chosen(Strategy::Pinned, &consumers, &mut turn, &item(1, 5)), None);
    }
}
