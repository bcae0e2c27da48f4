//! A group as a pure state machine: what was read, who has what, what comes back, what is parked, and how far everything is settled. It
//! never reads, writes or waits: whoever runs it does.

use super::consumers::{Consumer, ConsumerId};
use super::progress::Progress;
use super::replay::Replay;
use super::settings::GroupSettings;
use super::strategy::chosen;
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

/// What the events of one group have at most in bytes before it reads no further.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Why an event was parked that nobody settled.
const TOO_OFTEN: &str = "It was handed out as often as the group's settings allow.";

/// Where an event of a group comes from, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Parked before, and replayed.
    Parked(u64),
    Source(u64),
}

/// An event on its way through a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<E> {
    pub place: Place,
    /// What consumers name it by.
    pub id: Uuid,
    /// What decides to whom it is pinned.
    pub pin: u64,
    /// How often it was handed out before.
    pub retries: u32,
    pub bytes: usize,
    pub event: E,
}

#[derive(Debug, Clone)]
struct InFlight<E> {
    item: Item<E>,
    consumer: ConsumerId,
    /// When it comes back by itself.
    until_us: Option<i64>,
}

/// What a consumer says of an event that it does not settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nack {
    /// Hand it out again, unless that was done too often.
    Retry,
    Park,
    Skip,
    /// Hand it to others: this consumer takes no more.
    Stop,
}

/// A group at work.
#[derive(Debug, Clone)]
pub struct Machine<E> {
    pub settings: GroupSettings,
    pub progress: Progress,
    pub replay: Replay,
    pub consumers: Vec<Consumer>,
    turn: usize,
    /// Read, and not handed out yet.
    fresh: VecDeque<Item<E>>,
    /// To be handed out again, before what is fresh; with whoever had it last.
    again: VecDeque<(Item<E>, Option<ConsumerId>)>,
    in_flight: BTreeMap<Place, InFlight<E>>,
    /// To be parked, and being parked.
    to_park: VecDeque<(Item<E>, String)>,
    parking: BTreeMap<Place, usize>,
    bytes: usize,
    /// Events handed out.
    pub total: u64,
    pub since_asked: u64,
}

impl<E: Clone> Machine<E> {
    #[must_use]
    pub const fn new(settings: GroupSettings, progress: Progress, replay: Replay) -> Self {
        Self {
            settings,
            progress,
            replay,
            consumers: Vec::new(),
            turn: 0,
            fresh: VecDeque::new(),
            again: VecDeque::new(),
            in_flight: BTreeMap::new(),
            to_park: VecDeque::new(),
            parking: BTreeMap::new(),
            bytes: 0,
            total: 0,
            since_asked: 0,
        }
    }

    /// Whether it may read one event more.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.fresh.len() + self.again.len() < self.settings.buffer() && self.bytes < BYTES_MAX
    }

    /// An event was read.
    pub fn read(&mut self, item: Item<E>) {
        self.bytes += item.bytes;
        match item.place {
            Place::Source(number) => {
                self.progress.read(number);
                self.fresh.push_back(item);
            }
            Place::Parked(number) => {
                self.replay.read(number);
                self.again.push_back((item, None));
            }
        }
    }

    /// Nobody wants the event at a place, or it is no more.
    pub fn pass(&mut self, place: Place) {
        match place {
            Place::Source(number) => self.progress.pass(number),
            Place::Parked(number) => self.replay.pass(number),
        }
    }

    /// A consumer comes; false when there are as many as there may be.
    pub fn join(&mut self, id: ConsumerId, buffer: usize) -> bool {
        let is_free = self.consumers.len() < self.settings.subscribers_max();
        if is_free {
            self.consumers.push(Consumer::new(id, buffer));
        }
        is_free
    }

    /// A consumer goes: what it has is handed out again, in order, or parked where that was done too often.
    pub fn leave(&mut self, id: ConsumerId) {
        let Some(at) = self.consumers.iter().position(|consumer| consumer.id == id) else { return };
        let consumer = self.consumers.remove(at);
        if at < self.turn {
            self.turn -= 1;
        }
        let mut places: Vec<Place> = consumer.in_flight.into_values().collect();
        places.sort_unstable();
        for place in places.into_iter().rev() {
            let Some(InFlight { mut item, .. }) = self.in_flight.remove(&place) else { continue };
            if item.retries >= self.settings.max_retry_count {
                // An event that ends its consumers would end them for ever.
                self.park(item, TOO_OFTEN.to_owned());
            } else {
                item.retries += 1;
                self.again.push_front((item, None));
            }
        }
    }

    /// A consumer takes no more, and settles what it has.
    pub fn stop(&mut self, id: ConsumerId) {
        if let Some(consumer) = self.consumer(id) {
            consumer.is_stopped = true;
        }
    }

    /// Hands out what can be handed out now.
    pub fn hand_out(&mut self, now_us: i64) -> Vec<(ConsumerId, Item<E>)> {
        let mut given = Vec::new();
        let again = std::mem::take(&mut self.again);
        for (item, last) in again {
            if let Some(item) = self.give(item, now_us, &mut given) {
                self.again.push_back((item, last));
            }
        }
        let mut waiting = VecDeque::new();
        while self.consumers.iter().any(|consumer| consumer.in_flight.len() < consumer.buffer && !consumer.is_stopped) {
            let Some(item) = self.fresh.pop_front() else { break };
            waiting.extend(self.give(item, now_us, &mut given));
        }
        waiting.append(&mut self.fresh);
        self.fresh = waiting;
        given
    }

    /// Gives an event to a consumer, or gives it back.
    fn give(&mut self, item: Item<E>, now_us: i64, given: &mut Vec<(ConsumerId, Item<E>)>) -> Option<Item<E>> {
        let found = chosen(self.settings.strategy, &self.consumers, &mut self.turn, &item);
        let Some(consumer) = found.and_then(|at| self.consumers.get_mut(at)) else { return Some(item) };
        consumer.give(item.id, item.place);
        self.total += 1;
        self.since_asked += 1;
        given.push((consumer.id, item.clone()));
        let until_us = self.settings.message_timeout_us().map(|timeout| now_us.saturating_add(timeout));
        self.in_flight.insert(item.place, InFlight { item, consumer: consumer.id, until_us });
        None
    }

    fn consumer(&mut self, id: ConsumerId) -> Option<&mut Consumer> {
        self.consumers.iter_mut().find(|consumer| consumer.id == id)
    }

    /// Takes from a consumer an event that it names; one too that came back from it and that nobody else has got meanwhile.
    fn take(&mut self, from: ConsumerId, id: Uuid) -> Option<Item<E>> {
        if let Some(place) = self.consumer(from).and_then(|consumer| consumer.in_flight.remove(&id)) {
            return self.in_flight.remove(&place).map(|in_flight| in_flight.item);
        }
        let at = self.again.iter().position(|(item, last)| item.id == id && *last == Some(from))?;
        self.again.remove(at).map(|(item, _)| item)
    }

    /// Events are settled; answers which of them this settled.
    pub fn ack(&mut self, from: ConsumerId, ids: &[Uuid]) -> Vec<Place> {
        let taken: Vec<Item<E>> = ids.iter().filter_map(|id| self.take(from, *id)).collect();
        for item in &taken {
            self.settle(item.place, item.bytes);
        }
        taken.into_iter().map(|item| item.place).collect()
    }

    fn settle(&mut self, place: Place, bytes: usize) {
        self.bytes -= bytes;
        match place {
            Place::Source(number) => self.progress.settle(number),
            Place::Parked(number) => self.replay.settle(number),
        }
    }

    /// Events are not settled, or not so; answers which of them are settled by being skipped.
    pub fn nack(&mut self, from: ConsumerId, ids: &[Uuid], (nack, reason): (Nack, &str)) -> Vec<Place> {
        let mut skipped = Vec::new();
        if nack == Nack::Stop {
            self.stop(from);
        }
        for id in ids {
            let Some(item) = self.take(from, *id) else { continue };
            match nack {
                Nack::Skip => {
                    self.settle(item.place, item.bytes);
                    skipped.push(item.place);
                }
                Nack::Park => self.park(item, format!("A consumer asked for it. {reason}").trim_end().to_owned()),
                Nack::Retry => self.again_or_parked(item, Some(from)),
                Nack::Stop => self.again.push_back((item, None)),
            }
        }
        skipped
    }

    fn again_or_parked(&mut self, mut item: Item<E>, last: Option<ConsumerId>) {
        if item.retries >= self.settings.max_retry_count {
            self.park(item, TOO_OFTEN.to_owned());
        } else {
            item.retries += 1;
            self.again.push_back((item, last));
        }
    }

    fn park(&mut self, item: Item<E>, reason: String) {
        self.parking.insert(item.place, item.bytes);
        self.to_park.push_back((item, reason));
    }

    /// What is to be parked now, each once: [`Self::parked`] is told when it is.
    pub fn take_to_park(&mut self) -> Vec<(Item<E>, String)> {
        self.to_park.drain(..).collect()
    }

    /// An event is parked for good, and settled by that.
    pub fn parked(&mut self, place: Place) -> bool {
        let bytes = self.parking.remove(&place);
        if let Some(bytes) = bytes {
            self.settle(place, bytes);
        }
        bytes.is_some()
    }

    /// Time goes by: what consumers have had for too long comes back.
    pub fn tick(&mut self, now_us: i64) {
        let is_over = |in_flight: &InFlight<E>| in_flight.until_us.is_some_and(|until| until <= now_us);
        let over: Vec<Place> =
            self.in_flight.iter().filter(|(_, held)| is_over(held)).map(|(place, _)| *place).collect();
        for place in over {
            let Some(InFlight { item, consumer: id, .. }) = self.in_flight.remove(&place) else { continue };
            if let Some(consumer) = self.consumer(id) {
                consumer.in_flight.remove(&item.id);
            }
            self.again_or_parked(item, Some(id));
        }
    }

    /// Events with consumers.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Events to be handed out for the first time, and again.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        (self.fresh.len(), self.again.len())
    }

    /// What all of its events have in bytes.
    #[cfg(test)]
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}
