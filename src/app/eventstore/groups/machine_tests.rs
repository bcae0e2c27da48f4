//! The rules of a group: given what was read and who is there, when something happens, then who has what.

use super::consumers::ConsumerId;
use super::machine::{Item, Machine, Nack, Place};
use super::progress::Progress;
use super::replay::Replay;
use super::settings::{GroupSettings, Strategy};
use proptest::prelude::{Just, Strategy as _, prop, prop_assert_eq, prop_oneof, proptest};
use std::collections::BTreeMap;
use uuid::Uuid;

fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(1, number)
}

fn item(number: u64) -> Item<()> {
    Item { place: Place::Source(number), id: id(number), pin: number % 5, retries: 0, bytes: 10, event: () }
}

fn group(events: u64, settings: GroupSettings) -> Machine<()> {
    let mut machine = Machine::new(settings, Progress::from(0, 0), Replay::new(0, 0));
    (0..events).for_each(|number| machine.read(item(number)));
    machine
}

fn retries(count: u32) -> GroupSettings {
    GroupSettings { max_retry_count: count, message_timeout_ms: 1000, ..GroupSettings::default() }
}

/// Who gets which event at an instant, with how often it was handed out before.
fn given(machine: &mut Machine<()>, now_us: i64) -> Vec<(ConsumerId, Place, u32)> {
    machine.hand_out(now_us).into_iter().map(|(to, item)| (to, item.place, item.retries)).collect()
}

use Place::{Parked, Source};

#[test]
fn a_consumer_has_no_more_than_its_buffer() {
    let mut machine = group(5, GroupSettings::default());
    assert!(given(&mut machine, 0).is_empty(), "nobody is there");
    assert!(machine.join(1, 2));
    assert_eq!(given(&mut machine, 0), [(1, Source(0), 0), (1, Source(1), 0)]);
    assert!(given(&mut machine, 0).is_empty());
    assert_eq!(machine.ack(1, &[id(0)]), [Source(0)]);
    assert_eq!(given(&mut machine, 0), [(1, Source(2), 0)]);
}

#[test]
fn an_event_is_settled_once() {
    let mut machine = group(2, GroupSettings::default());
    machine.join(1, 9);
    given(&mut machine, 0);
    assert_eq!(machine.ack(1, &[id(0), id(0), id(7)]), [Source(0)]);
    assert!(machine.ack(2, &[id(1)]).is_empty(), "another consumer's event");
    assert_eq!(machine.progress.settled_before(), 1);
}

#[test]
fn what_is_retried_too_often_is_parked_and_settled_when_it_is() {
    let mut machine = group(1, retries(1));
    machine.join(1, 9);
    for before in [0, 1] {
        assert_eq!(given(&mut machine, 0), [(1, Source(0), before)]);
        assert!(machine.nack(1, &[id(0)], (Nack::Retry, "")).is_empty());
    }
    assert!(given(&mut machine, 0).is_empty());
    let parked = machine.take_to_park();
    assert_eq!(parked.len(), 1);
    assert!(machine.take_to_park().is_empty(), "each is given out once");
    assert_eq!(machine.progress.settled_before(), 0, "not before it is written");
    assert!(machine.parked(Source(0)));
    assert!(!machine.parked(Source(0)));
    assert_eq!((machine.progress.settled_before(), machine.bytes()), (1, 0));
}

#[test]
fn what_ends_its_consumers_is_parked_when_it_did_so_too_often() {
    let mut machine = group(2, retries(1));
    for (consumer, before) in [(1, 0), (2, 1)] {
        machine.join(consumer, 1);
        assert_eq!(given(&mut machine, 0), [(consumer, Source(0), before)]);
        machine.leave(consumer);
    }
    machine.join(3, 1);
    assert_eq!(given(&mut machine, 0), [(3, Source(1), 0)]);
    assert_eq!(machine.take_to_park().len(), 1);
}

#[test]
fn a_consumer_parks_and_skips_what_it_names() {
    let mut machine = group(3, GroupSettings::default());
    machine.join(1, 9);
    given(&mut machine, 0);
    assert!(machine.nack(1, &[id(0)], (Nack::Park, "It is odd.")).is_empty());
    assert_eq!(machine.nack(1, &[id(1)], (Nack::Skip, "")), [Source(1)]);
    assert_eq!(machine.take_to_park()[0].1, "A consumer asked for it. It is odd.");
    machine.parked(Source(0));
    assert_eq!(machine.progress.settled_before(), 2);
}

#[test]
fn a_consumer_that_stops_gets_no_more_and_settles_what_it_has() {
    let mut machine = group(4, GroupSettings::default());
    machine.join(1, 2);
    given(&mut machine, 0);
    machine.nack(1, &[id(0)], (Nack::Stop, ""));
    assert!(given(&mut machine, 0).is_empty());
    assert_eq!(machine.ack(1, &[id(1)]), [Source(1)]);
    machine.join(2, 9);
    assert_eq!(given(&mut machine, 0), [(2, Source(0), 0), (2, Source(2), 0), (2, Source(3), 0)]);
}

#[test]
fn what_takes_too_long_comes_back_and_a_late_answer_counts_while_nobody_else_has_it() {
    let mut machine = group(2, retries(5));
    machine.join(1, 9);
    given(&mut machine, 0);
    machine.tick(999_999);
    assert_eq!(machine.waiting(), (0, 0));
    machine.tick(1_000_000);
    assert_eq!(machine.waiting(), (0, 2));
    assert_eq!(machine.ack(1, &[id(0)]), [Source(0)], "late, and still good");
    machine.stop(1);
    machine.join(2, 9);
    assert_eq!(given(&mut machine, 1_000_000), [(2, Source(1), 1)]);
    assert!(machine.ack(1, &[id(1)]).is_empty(), "the other one has it now");
    assert_eq!(machine.ack(2, &[id(1)]), [Source(1)]);
}

#[test]
fn what_a_consumer_had_goes_to_others_in_order_when_it_leaves() {
    let mut machine = group(4, GroupSettings::default());
    machine.join(1, 3);
    given(&mut machine, 0);
    machine.leave(1);
    machine.join(2, 9);
    let expected = [(2, Source(0), 1), (2, Source(1), 1), (2, Source(2), 1), (2, Source(3), 0)];
    assert_eq!(given(&mut machine, 0), expected);
}

#[test]
fn there_are_no_more_consumers_than_may_be() {
    let mut machine = group(0, GroupSettings { max_subscriber_count: 2, ..GroupSettings::default() });
    assert!(machine.join(1, 1) && machine.join(2, 1));
    assert!(!machine.join(3, 1));
    machine.leave(1);
    assert!(machine.join(3, 1));
}

#[test]
fn a_group_reads_no_more_than_it_may_hold() {
    let settings = GroupSettings { history_buffer_size: 3, live_buffer_size: 1, ..GroupSettings::default() };
    let mut machine = group(3, settings);
    assert!(!machine.has_room());
    machine.join(1, 1);
    given(&mut machine, 0);
    assert!(machine.has_room());
    let large = Item { bytes: 64 * 1024 * 1024, ..item(3) };
    machine.read(large);
    machine.ack(1, &[id(0)]);
    given(&mut machine, 0);
    assert!(!machine.has_room(), "by bytes");
}

#[test]
fn two_events_of_one_id_are_with_a_consumer_one_after_the_other() {
    let mut machine = group(0, GroupSettings::default());
    machine.read(item(0));
    machine.read(Item { id: id(0), ..item(1) });
    machine.join(1, 9);
    assert_eq!(given(&mut machine, 0), [(1, Source(0), 0)]);
    machine.ack(1, &[id(0)]);
    assert_eq!(given(&mut machine, 0), [(1, Source(1), 0)]);
}

#[test]
fn what_is_replayed_stays_parked_until_it_is_settled() {
    let mut machine = group(1, GroupSettings::default());
    machine.replay = Replay::new(2, 4);
    assert_eq!(machine.replay.wanted(), Some((2, 4)));
    for number in [2, 3] {
        machine.read(Item { place: Parked(number), ..item(100 + number) });
    }
    assert_eq!(machine.replay.wanted(), None);
    machine.join(1, 9);
    assert_eq!(given(&mut machine, 0), [(1, Parked(2), 0), (1, Parked(3), 0), (1, Source(0), 0)]);
    machine.ack(1, &[id(103)]);
    assert_eq!((machine.replay.due(false), machine.replay.due(true)), (None, None));
    machine.ack(1, &[id(102)]);
    assert_eq!(machine.replay.due(false), Some(4));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Join(usize),
    Leave(usize),
    Read,
    Ack(usize),
    Nack(usize, u8),
    Time,
    Park,
}

fn step() -> impl proptest::strategy::Strategy<Value = Step> {
    prop_oneof![
        (1..4_usize).prop_map(Step::Join),
        (0..8_usize).prop_map(Step::Leave),
        Just(Step::Read),
        Just(Step::Read),
        (0..8_usize).prop_map(Step::Ack),
        (0..8_usize).prop_map(Step::Ack),
        (0..8_usize, 0..3_u8).prop_map(|(at, kind)| Step::Nack(at, kind)),
        Just(Step::Time),
        Just(Step::Park),
    ]
}

/// What happens to a group, and what has become of each event: parked, skipped or settled, once.
struct Life {
    machine: Machine<()>,
    became: BTreeMap<Place, &'static str>,
    next: u64,
    now_us: i64,
    joined: ConsumerId,
}

impl Life {
    fn becomes(&mut self, places: Vec<Place>, what: &'static str) {
        for place in places {
            assert_eq!(self.became.insert(place, what), None, "{place:?} is settled once");
        }
    }

    /// The consumer at a place, and one of the events that it has.
    fn held(&self, at: usize) -> Option<(ConsumerId, Uuid)> {
        let consumer = self.machine.consumers.get(at % self.machine.consumers.len().max(1))?;
        consumer.in_flight.keys().nth(at % consumer.in_flight.len().max(1)).map(|id| (consumer.id, *id))
    }

    fn park(&mut self) {
        for (item, _) in self.machine.take_to_park() {
            assert!(self.machine.parked(item.place));
            self.becomes(vec![item.place], "parked");
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Join(buffer) => {
                self.joined += 1;
                self.machine.join(self.joined, buffer);
            }
            Step::Leave(at) => {
                if let Some(consumer) = self.machine.consumers.get(at) {
                    self.machine.leave(consumer.id);
                }
            }
            Step::Read if self.machine.has_room() => {
                self.machine.read(item(self.next));
                self.next += 1;
            }
            Step::Read => {}
            Step::Ack(at) => {
                if let Some((from, id)) = self.held(at) {
                    let settled = self.machine.ack(from, &[id]);
                    self.becomes(settled, "settled");
                }
            }
            Step::Nack(at, kind) => {
                if let Some((from, id)) = self.held(at) {
                    let nack = [Nack::Retry, Nack::Park, Nack::Skip][usize::from(kind)];
                    let skipped = self.machine.nack(from, &[id], (nack, ""));
                    self.becomes(skipped, "skipped");
                }
            }
            Step::Time => {
                self.now_us += 600_000;
                self.machine.tick(self.now_us);
            }
            Step::Park => self.park(),
        }
        self.machine.hand_out(self.now_us);
        self.holds();
    }

    fn holds(&self) {
        let mut with = BTreeMap::new();
        for consumer in &self.machine.consumers {
            assert!(consumer.in_flight.len() <= consumer.buffer);
            for place in consumer.in_flight.values() {
                assert_eq!(with.insert(*place, consumer.id), None, "one consumer at a time");
                assert!(!self.became.contains_key(place), "what is settled is with nobody");
            }
        }
        let first_open = (0..self.next).find(|number| !self.became.contains_key(&Source(*number)));
        assert_eq!(self.machine.progress.settled_before(), first_open.unwrap_or(self.next));
    }
}

proptest! {
    #[test]
    fn each_event_is_settled_parked_or_skipped_once_and_the_place_stops_before_the_first_that_is_not(
        steps in prop::collection::vec(step(), 1..200),
        strategy in prop::sample::select(vec![
            Strategy::DispatchToSingle, Strategy::RoundRobin, Strategy::Pinned, Strategy::PinnedByCorrelation,
        ]),
    ) {
        let settings = GroupSettings { strategy, history_buffer_size: 10, live_buffer_size: 1, ..retries(2) };
        let mut life =
            Life { machine: group(0, settings), became: BTreeMap::new(), next: 0, now_us: 0, joined: 0 };
        for step in steps {
            life.take(step);
        }
        // In the end somebody settles all that is left.
        for consumer in life.machine.consumers.clone() {
            life.machine.leave(consumer.id);
        }
        life.take(Step::Join(3));
        while life.held(0).is_some() {
            life.take(Step::Ack(0));
        }
        life.park();
        prop_assert_eq!(life.became.len() as u64, life.next);
        prop_assert_eq!(life.machine.progress.settled_before(), life.next);
        prop_assert_eq!((life.machine.bytes(), life.machine.in_flight(), life.machine.waiting()), (0, 0, (0, 0)));
    }
}
