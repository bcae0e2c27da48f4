//! The log's order while many write and many read. Races are provoked by numbers, never by waiting.

use super::{append, take, write};
use crate::support::engine::{BEGIN_US, Home, Store};
use chitra::store::{AppendError, Direction, RecordedEvent, StreamState};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const WRITERS: u128 = 16;
const APPENDS: u128 = 40;

/// Writers that use streams of their own and one that they all fight for; answers how many events each has written.
fn writers(store: &Store) -> Vec<JoinHandle<u64>> {
    (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut written = 0;
                for turn in 0..APPENDS {
                    written += one_turn(&store, writer, turn).await;
                }
                written
            })
        })
        .collect()
}

async fn one_turn(store: &Store, writer: u128, turn: u128) -> u64 {
    let first = (writer * APPENDS + turn) * 10;
    let own = append(&format!("own-{writer}"), StreamState::Any, first..first + 1 + turn % 3);
    let count = own.events.len() as u64;
    store.append_to_stream(own).await.unwrap();
    rolled_back(store, writer, first + 5).await;
    let last = store.read_stream("shared", None, Direction::Backwards, 1).await.unwrap();
    let expected = last.first().map_or(StreamState::NoStream, |event| StreamState::Revision(event.revision));
    match store.append_to_stream(append("shared", expected, [first + 9])).await {
        Ok(_) => count + 1,
        Err(AppendError::WrongExpectedVersion { .. }) => count,
        Err(other) => panic!("{other}"),
    }
}

/// Appends that are judged and taken back: of a stream that is elsewhere, and of a claim that the first writer holds.
async fn rolled_back(store: &Store, writer: u128, number: u128) {
    let own = format!("own-{writer}");
    let refused = store.append_to_stream(append(&own, StreamState::NoStream, [number])).await;
    assert!(matches!(refused, Err(AppendError::WrongExpectedVersion { .. })), "{refused:?}");
    let mut claiming = append(&format!("claim-{writer}"), StreamState::Any, [number]);
    claiming.claims = vec![take("contested", b"key")];
    let refused = store.append_to_stream(claiming).await;
    assert!(matches!(refused, Err(AppendError::ClaimTaken { .. })), "{refused:?}");
}

/// Somebody holds what the writers contest.
async fn hold_the_claim(store: &Store) {
    let mut holder = append("holder", StreamState::NoStream, [u128::MAX]);
    holder.claims = vec![take("contested", b"key")];
    store.append_to_stream(holder).await.unwrap();
}

async fn total(writers: Vec<JoinHandle<u64>>) -> u64 {
    let mut total = 0;
    for writer in writers {
        total += writer.await.unwrap();
    }
    total
}

fn assert_gapless(events: &[RecordedEvent]) {
    let mut next: HashMap<&str, u64> = HashMap::new();
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, position);
        let revision = next.entry(&event.stream).or_default();
        assert_eq!(event.revision, *revision, "in {}", event.stream);
        *revision += 1;
    }
}

pub async fn positions_have_no_gaps_under_many_writers_with_conflicts(home: Home) {
    let store = home.open().await;
    hold_the_claim(&store).await;
    let written = 1 + total(writers(&store)).await;
    let events = store.read_all(None, Direction::Forwards, 10_000).await.unwrap();
    assert_eq!(events.len() as u64, written);
    assert_gapless(&events);
    let most = WRITERS * APPENDS * 3;
    assert!(u128::from(written) < most, "the writers had no conflict, so that the case shows nothing");
}

/// Follows the log as a subscriber until told where it ends.
async fn subscribed(store: Store, mut end: watch::Receiver<u64>) -> Vec<RecordedEvent> {
    let mut subscription = store.subscribe(0).await.unwrap();
    let mut seen = Vec::new();
    while subscription.position() < *end.borrow() {
        tokio::select! {
            page = subscription.next() => seen.extend(page.unwrap()),
            changed = end.changed() => changed.unwrap(),
        }
    }
    seen
}

/// Follows the log by reading on behind the last event seen, a few at a time.
async fn polled(store: Store, end: watch::Receiver<u64>, limit: u32) -> Vec<RecordedEvent> {
    let mut seen: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = seen.last().map(|event| event.position);
        if after.unwrap_or(0) >= *end.borrow() {
            return seen;
        }
        let page = store.read_all(after, Direction::Forwards, limit).await.unwrap();
        assert!(page.len() <= limit as usize);
        seen.extend(page);
        tokio::task::yield_now().await;
    }
}

/// Eight tails beside sixteen writers, with conflicts and rollbacks in between. `durability/skipping.rs` shows that readers of a plain
/// sequence would skip under such writers.
pub async fn tailing_readers_see_every_event_once_in_order_while_many_write(home: Home) {
    let store = home.open().await;
    let (sender, end) = watch::channel(u64::MAX);
    let mut readers: Vec<JoinHandle<Vec<RecordedEvent>>> = Vec::new();
    for limit in [1, 2, 7, 1_000] {
        readers.push(tokio::spawn(subscribed(Arc::clone(&store), end.clone())));
        readers.push(tokio::spawn(polled(Arc::clone(&store), end.clone(), limit)));
    }
    hold_the_claim(&store).await;
    let written = 1 + total(writers(&store)).await;
    sender.send_replace(written);
    for reader in readers {
        let seen = reader.await.unwrap();
        assert_eq!(seen.len() as u64, written);
        assert_gapless(&seen);
    }
}

pub async fn recorded_at_never_decreases_when_the_clock_goes_back(home: Home) {
    let store = home.open().await;
    let mut times = Vec::new();
    for (offset, number) in [(10, 1), (-500, 2), (-1, 3), (11, 4)] {
        home.clock.set_us(BEGIN_US + offset);
        times.push(write(&store, "s", StreamState::Any, [number]).await.unwrap().recorded_at_us - BEGIN_US);
    }
    assert_eq!(times, vec![10, 10, 10, 11]);
    let stored = store.read_stream("s", None, Direction::Forwards, 10).await.unwrap();
    assert_eq!(stored.iter().map(|event| event.recorded_at_us - BEGIN_US).collect::<Vec<_>>(), times);
}
