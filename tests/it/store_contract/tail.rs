//! The log's end as its followers share it: whoever reads first, each gets what the store would give.

use super::write;
use crate::support::engine::{Engine, Home, Store};
use chitra::app::tail::Tail;
use chitra::store::{Direction, RecordedEvent, SharedEventStore, StoreError, StreamState};
use std::sync::Arc;

/// As followers have it.
fn shared(store: &Store) -> SharedEventStore {
    Arc::<dyn chitra::store::Store>::clone(store)
}

fn positions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position).collect()
}

async fn read(tail: &Tail, store: &SharedEventStore, after: u64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
    Ok(tail.read(store, after, limit).await?.into_iter().map(Arc::unwrap_or_clone).collect())
}

pub async fn followers_get_what_the_store_gives_whoever_reads_first(home: Home) {
    let store = home.open().await;
    let tail = Tail::default();
    assert_eq!(read(&tail, &shared(&store), 0, 10).await, Ok(vec![]));
    // A walk without luck in it: each number follows from the one before.
    let (mut turn, mut next) = (7_u64, 0);
    for _ in 0..300 {
        turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let one = turn >> 33;
        if one % 3 == 0 {
            let count = u128::from(one % 5 + 1);
            write(&store, "s", StreamState::Any, next..next + count).await.unwrap();
            next += count;
        }
        let head = store.head().await.unwrap().position;
        let after = match one % 7 {
            0 => 0,
            1 => head,
            2 => head + 1,
            3 => u64::MAX,
            _ => head.saturating_sub(one % 40),
        };
        let limit = u32::try_from(one % 13 + 1).unwrap();
        let expected = store.read_all(Some(after), Direction::Forwards, limit).await;
        assert_eq!(read(&tail, &shared(&store), after, limit).await, expected, "after {after} limit {limit} of {head}");
    }
}

pub async fn what_one_follower_read_is_not_fetched_again_for_another(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::Any, 0..5).await.unwrap();
    let tail = Tail::default();
    let first = read(&tail, &shared(&store), 0, 10).await.unwrap();
    assert_eq!(positions(&first), [1, 2, 3, 4, 5]);
    if home.url.contains(":memory:") {
        return;
    }
    home.execute("UPDATE events SET event_type = 'Other' WHERE position = 3").await;
    assert_eq!(read(&tail, &shared(&store), 0, 10).await.unwrap(), first);
    assert_eq!(read(&tail, &shared(&store), 2, 1).await.unwrap(), first[2..3]);
    assert_ne!(store.read_all(Some(0), Direction::Forwards, 10).await.unwrap(), first);
}

pub async fn a_log_that_was_put_back_is_read_again(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::Any, 0..5).await.unwrap();
    let tail = Tail::default();
    assert_eq!(read(&tail, &shared(&store), 0, 10).await.unwrap().len(), 5);
    // What has the place of the log now: shorter, as long, longer, with other events.
    for count in [3, 5, 8] {
        let other = Home::new(Engine::SqliteMemory).await;
        let now = other.open().await;
        write(&now, "s", StreamState::Any, 100..100 + count).await.unwrap();
        let expected = now.read_all(Some(0), Direction::Forwards, 10).await;
        for after in [5, 2, 0] {
            let page = read(&tail, &shared(&now), after, 10).await;
            assert_eq!(page, now.read_all(Some(after), Direction::Forwards, 10).await, "{count} events, after {after}");
        }
        assert_eq!(read(&tail, &shared(&now), 0, 10).await, expected);
        // And the first one is back.
        assert_eq!(read(&tail, &shared(&store), 5, 10).await, Ok(vec![]));
        assert_eq!(read(&tail, &shared(&store), 0, 10).await, store.read_all(Some(0), Direction::Forwards, 10).await);
    }
}
