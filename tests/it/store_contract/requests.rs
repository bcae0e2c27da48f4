//! Idempotency keys: the first use is recorded in its append's transaction, every later one is told of it.

use super::{append, request};
use crate::support::engine::Home;
use chitra::store::{Append, AppendError, RecordedRequest, StreamState};
use std::sync::Arc;

fn requesting(key: &str, append: Append) -> Append {
    Append { request: Some(request("clerk", key)), ..append }
}

pub async fn a_request_is_recorded_with_where_its_answer_stands(home: Home) {
    let store = home.open().await;
    store.append_to_stream(append("other", StreamState::Any, [100])).await.unwrap();
    store.append_to_stream(requesting("k", append("s", StreamState::NoStream, [1, 2]))).await.unwrap();
    let recorded = RecordedRequest {
        input_hash: [9; 32],
        stream: "s".to_owned(),
        first_position: Some(2),
        event_count: 2,
        revision: 1,
        position: 3,
    };
    assert_eq!(store.find_request("clerk", "k").await, Ok(Some(recorded)));
    assert_eq!(store.find_request("clerk", "l").await, Ok(None));
}

pub async fn a_second_request_with_the_key_is_told_of_the_first(home: Home) {
    let store = home.open().await;
    store.append_to_stream(requesting("k", append("s", StreamState::NoStream, [1]))).await.unwrap();
    let first = store.find_request("clerk", "k").await.unwrap().unwrap();
    let again = store.append_to_stream(requesting("k", append("t", StreamState::Revision(5), [2]))).await;
    assert_eq!(again, Err(AppendError::RequestRecorded(Box::new(first))));
    assert_eq!(store.head().await.unwrap().position, 1);
}

pub async fn a_request_that_changes_nothing_is_recorded(home: Home) {
    let store = home.open().await;
    store.append_to_stream(append("s", StreamState::NoStream, [1, 2])).await.unwrap();
    let result = store.append_to_stream(requesting("k", append("s", StreamState::Revision(1), []))).await.unwrap();
    assert_eq!((result.revision, result.first_position, result.position), (1, 2, 2));
    let recorded = store.find_request("clerk", "k").await.unwrap().unwrap();
    assert_eq!((recorded.first_position, recorded.event_count), (None, 0));
    assert_eq!((recorded.revision, recorded.position), (1, 2));
    let again = store.append_to_stream(requesting("k", append("s", StreamState::Revision(1), []))).await;
    assert_eq!(again, Err(AppendError::RequestRecorded(Box::new(recorded))));
    assert_eq!(store.head().await.unwrap().position, 2);
}

pub async fn of_many_requests_with_one_key_one_wins(home: Home) {
    let store = home.open().await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let store = Arc::clone(&store);
            let append = requesting("k", append(&format!("s-{number}"), StreamState::NoStream, [number]));
            tokio::spawn(async move { store.append_to_stream(append).await })
        })
        .collect();
    let (mut winners, mut told) = (Vec::new(), Vec::new());
    for (number, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(_) => winners.push(format!("s-{number}")),
            Err(AppendError::RequestRecorded(record)) => told.push(record.stream.clone()),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((winners.len(), told.len()), (1, 31));
    assert!(told.iter().all(|stream| *stream == winners[0]));
}

pub async fn two_callers_may_use_one_key(home: Home) {
    let store = home.open().await;
    for (caller, number) in [("clerk", 1), ("bank", 2)] {
        let append = Append { request: Some(request(caller, "k")), ..append("s", StreamState::Any, [number]) };
        assert!(store.append_to_stream(append).await.is_ok());
    }
}
