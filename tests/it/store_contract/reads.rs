//! Reading a stream, reading the log, following it.

use super::{append, write};
use crate::support::engine::{BEGIN_US, Home, Store};
use chitra::store::{Direction, Head, RecordedEvent, StreamState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

async fn with_five(home: &Home) -> Store {
    let store = home.open().await;
    write(&store, "other", StreamState::Any, [100]).await.unwrap();
    write(&store, "s", StreamState::Any, 1..=5).await.unwrap();
    store
}

fn revisions(events: &[RecordedEvent]) -> Vec<u64> {
    assert!(events.iter().all(|event| event.stream == "s"));
    events.iter().map(|event| event.revision).collect()
}

fn positions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position).collect()
}

pub async fn a_stream_reads_forwards_from_a_revision_inclusive(home: Home) {
    let store = with_five(&home).await;
    for (from, limit, expected) in [
        (None, 10, vec![0, 1, 2, 3, 4]),
        (Some(0), 2, vec![0, 1]),
        (Some(3), 10, vec![3, 4]),
        (Some(4), 1, vec![4]),
        (Some(5), 10, vec![]),
        (Some(u64::MAX), 10, vec![]),
        (None, u32::MAX, vec![0, 1, 2, 3, 4]),
    ] {
        let events = store.read_stream("s", from, Direction::Forwards, limit).await.unwrap();
        assert_eq!(revisions(&events), expected, "from {from:?} limit {limit}");
    }
}

pub async fn a_stream_reads_backwards_from_a_revision_inclusive(home: Home) {
    let store = with_five(&home).await;
    for (from, limit, expected) in [
        (None, 10, vec![4, 3, 2, 1, 0]),
        (Some(u64::MAX), 1, vec![4]),
        (Some(3), 2, vec![3, 2]),
        (Some(0), 10, vec![0]),
    ] {
        let events = store.read_stream("s", from, Direction::Backwards, limit).await.unwrap();
        assert_eq!(revisions(&events), expected, "from {from:?} limit {limit}");
    }
}

pub async fn a_stream_that_never_was_reads_as_empty(home: Home) {
    let store = with_five(&home).await;
    for direction in [Direction::Forwards, Direction::Backwards] {
        assert_eq!(store.read_stream("nobody", None, direction, 10).await, Ok(vec![]));
    }
}

pub async fn several_streams_are_read_each_once_and_in_order(home: Home) {
    let store = with_five(&home).await;
    let asked = ["s", "nobody", "other", "s"].map(str::to_owned);
    let events = store.read_streams(&asked).await.unwrap();
    let found: Vec<(&str, u64)> = events.iter().map(|event| (event.stream.as_str(), event.revision)).collect();
    assert_eq!(found, [("other", 0), ("s", 0), ("s", 1), ("s", 2), ("s", 3), ("s", 4)]);
    assert_eq!(store.read_streams(&[]).await, Ok(vec![]));
}

/// Whatever a store keeps of what it read.
pub async fn streams_that_are_read_again_are_as_the_log_is_then(home: Home) {
    let store = with_five(&home).await;
    let read = async |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let events = store.read_streams(&names).await.unwrap();
        events.iter().map(|event| format!("{} {}", event.stream, event.revision)).collect::<Vec<_>>()
    };
    let of = |stream: &str, count: u64| (0..count).map(|number| format!("{stream} {number}")).collect::<Vec<_>>();
    let append =
        async |stream: &str, expected: StreamState, number: u128| write(&store, stream, expected, [number]).await;
    for _ in 0..3 {
        assert_eq!(read(&["s"]).await, of("s", 5));
        assert_eq!(read(&["new"]).await, of("new", 0));
    }
    // In one go, after a look, and refused.
    append("s", StreamState::Revision(4), 901).await.unwrap();
    assert_eq!(read(&["s"]).await, of("s", 6));
    append("s", StreamState::Any, 902).await.unwrap();
    assert_eq!(read(&["s"]).await, of("s", 7));
    append("s", StreamState::Revision(0), 903).await.unwrap_err();
    append("new", StreamState::NoStream, 904).await.unwrap();
    // Some were read before and some not, and one is asked for twice.
    assert_eq!(read(&["s", "other", "new", "s"]).await, [of("new", 1), of("other", 1), of("s", 7)].concat());
    append("new", StreamState::StreamExists, 905).await.unwrap();
    assert_eq!(read(&["s", "other", "new"]).await, [of("new", 2), of("other", 1), of("s", 7)].concat());
    // What was kept of a stream that begins is not that it was not there.
    assert_eq!(read(&["late"]).await, of("late", 0));
    append("late", StreamState::Any, 906).await.unwrap();
    assert_eq!(read(&["late", "new"]).await, [of("late", 1), of("new", 2)].concat());
}

/// While others read it all the time.
pub async fn an_append_that_was_answered_is_in_every_stream_read_after_it(home: Home) {
    let (store, done) = (with_five(&home).await, Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, done) = (Arc::clone(&store), Arc::clone(&done));
            tokio::spawn(async move {
                let (mut last, mut reads) = (0, 0_u64);
                while !done.load(Ordering::Relaxed) {
                    let found = store.read_streams(&["s".to_owned()]).await.unwrap().len();
                    assert!(found >= last, "{found} events after {last}");
                    (last, reads) = (found, reads + 1);
                    // What is answered without waiting must not keep others from their turn.
                    tokio::task::yield_now().await;
                }
                reads
            })
        })
        .collect();
    for number in 0..100_u64 {
        // By turns as it is assumed to be, and after a look.
        let expected = if number % 3 == 0 { StreamState::Any } else { StreamState::Revision(4 + number) };
        write(&store, "s", expected, [1_000 + u128::from(number)]).await.unwrap();
        let found = store.read_streams(&["s".to_owned()]).await.unwrap();
        assert_eq!(revisions(&found), (0..6 + number).collect::<Vec<_>>());
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
}

pub async fn the_log_reads_forwards_after_a_position(home: Home) {
    let store = with_five(&home).await;
    for (after, limit, expected) in [
        (None, 10, vec![1, 2, 3, 4, 5, 6]),
        (Some(0), 2, vec![1, 2]),
        (Some(2), 2, vec![3, 4]),
        (Some(6), 10, vec![]),
        (Some(u64::MAX), 10, vec![]),
    ] {
        let events = store.read_all(after, Direction::Forwards, limit).await.unwrap();
        assert_eq!(positions(&events), expected, "after {after:?} limit {limit}");
    }
}

/// Pages are of more than one part, and no part hides what is behind a hole that somebody made.
pub async fn a_long_page_is_whole_and_positions_that_are_missing_shorten_none(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::NoStream, 0..200).await.unwrap();
    for (after, limit) in [(0, 200), (0, 130), (1, 64), (63, 65), (137, 1_000)] {
        let expected: Vec<u64> = (after + 1..=200).take(limit as usize).collect();
        let events = store.read_all(Some(after), Direction::Forwards, limit).await.unwrap();
        assert_eq!(positions(&events), expected, "after {after} limit {limit}");
    }
    if home.url.contains(":memory:") {
        return;
    }
    home.execute("DELETE FROM events WHERE position BETWEEN 3 AND 150").await;
    let events = store.read_all(Some(0), Direction::Forwards, 10).await.unwrap();
    assert_eq!(positions(&events), [1, 2, 151, 152, 153, 154, 155, 156, 157, 158]);
}

pub async fn the_log_reads_backwards_before_a_position(home: Home) {
    let store = with_five(&home).await;
    for (before, limit, expected) in [
        (None, 2, vec![6, 5]),
        (Some(u64::MAX), 1, vec![6]),
        (Some(4), 10, vec![3, 2, 1]),
        (Some(1), 10, vec![]),
        (Some(0), 10, vec![]),
    ] {
        let events = store.read_all(before, Direction::Backwards, limit).await.unwrap();
        assert_eq!(positions(&events), expected, "before {before:?} limit {limit}");
    }
}

pub async fn a_limit_of_zero_reads_nothing(home: Home) {
    let store = with_five(&home).await;
    assert_eq!(store.read_all(None, Direction::Forwards, 0).await, Ok(vec![]));
    assert_eq!(store.read_stream("s", None, Direction::Forwards, 0).await, Ok(vec![]));
}

pub async fn a_subscription_gives_what_is_there_and_then_what_comes(home: Home) {
    let store = with_five(&home).await;
    let mut subscription = store.subscribe(0).await.unwrap();
    assert_eq!(positions(&subscription.next().await.unwrap()), vec![1, 2, 3, 4, 5, 6]);
    assert_eq!(subscription.page().await, Ok(None));
    let (page, written) = tokio::join!(subscription.next(), store.append_to_stream(append("s", StreamState::Any, [7])));
    assert_eq!(positions(&page.unwrap()), vec![written.unwrap().position]);
    assert_eq!(subscription.position(), 7);
}

pub async fn a_subscription_begins_after_its_position(home: Home) {
    let store = with_five(&home).await;
    let mut subscription = store.subscribe(4).await.unwrap();
    assert_eq!(positions(&subscription.next().await.unwrap()), vec![5, 6]);
}

pub async fn the_head_is_the_last_events(home: Home) {
    let store = home.open().await;
    assert_eq!(store.head().await, Ok(Head { position: 0, recorded_at_us: 0 }));
    let mut watched = store.watch_head();
    write(&store, "s", StreamState::Any, [1, 2]).await.unwrap();
    assert_eq!(store.head().await, Ok(Head { position: 2, recorded_at_us: BEGIN_US }));
    // Whoever watches is woken soon, not before the answer.
    let seen = tokio::time::timeout(Duration::from_secs(30), watched.wait_for(|head| *head == 2)).await;
    assert_eq!(seen.map(|seen| seen.map(|head| *head).ok()), Ok(Some(2)));
}
