//! The same events once more: their original place, or a refusal, and never a second copy.

use super::{append, write, wrong};
use crate::support::engine::{BEGIN_US, Home};
use chitra::store::{AppendError, StreamState, WriteResult};
use std::sync::Arc;

pub async fn the_same_events_again_get_their_original_place_and_write_nothing(home: Home) {
    let store = home.open().await;
    write(&store, "other", StreamState::Any, [100]).await.unwrap();
    let first = write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap();
    write(&store, "s", StreamState::Any, [3]).await.unwrap();
    home.clock.set_us(BEGIN_US + 77);
    let repeated = WriteResult { already_recorded: true, ..first };
    for expected in [StreamState::NoStream, StreamState::Any, StreamState::StreamExists] {
        assert_eq!(write(&store, "s", expected, [1, 2]).await, Ok(repeated), "{expected:?}");
    }
    let third = write(&store, "s", StreamState::Revision(1), [3]).await.unwrap();
    assert_eq!((third.revision, third.position, third.already_recorded), (2, 4, true));
    assert_eq!(store.head().await.unwrap().position, 4);
}

pub async fn a_partial_repeat_is_refused_as_corrupted(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap();
    let partial = Err(AppendError::CorruptedIdempotency { stream: "s".to_owned() });
    assert_eq!(write(&store, "s", StreamState::NoStream, [1, 9]).await, partial);
    assert_eq!(write(&store, "s", StreamState::NoStream, [1, 2, 3]).await, partial);
    assert_eq!(write(&store, "s", StreamState::Any, [9, 2]).await, partial);
    assert_eq!(write(&store, "s", StreamState::StreamExists, [2, 9]).await, partial);
    assert_eq!(write(&store, "s", StreamState::NoStream, [9, 2]).await, Err(wrong("s", Some(1))));
    assert_eq!(store.head().await.unwrap().position, 2);
}

pub async fn the_current_revision_with_an_event_of_the_stream_is_a_wrong_version(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap();
    assert_eq!(write(&store, "s", StreamState::Revision(1), [2]).await, Err(wrong("s", Some(1))));
    assert_eq!(write(&store, "s", StreamState::Revision(1), [3, 1]).await, Err(wrong("s", Some(1))));
    assert_eq!(store.head().await.unwrap().position, 2);
}

pub async fn one_event_id_may_stand_in_two_streams(home: Home) {
    let store = home.open().await;
    write(&store, "a", StreamState::NoStream, [1]).await.unwrap();
    assert_eq!(write(&store, "b", StreamState::NoStream, [1]).await.unwrap().position, 2);
}

pub async fn many_writers_of_the_same_events_write_them_once(home: Home) {
    let store = home.open().await;
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(
                async move { store.append_to_stream(append("s", StreamState::NoStream, [1, 2, 3])).await.unwrap() },
            )
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        let result = task.await.unwrap();
        assert_eq!((result.revision, result.first_position, result.position), (2, 1, 3));
        written += u32::from(!result.already_recorded);
    }
    assert_eq!((written, store.head().await.unwrap().position), (1, 3));
}
