//! Several servers on one PostgreSQL database, and what happens when the database or one of them goes away.

mod faults;
mod own_tls;
mod owners;
mod processes;
mod proxy;
mod stores;
mod tls;

use crate::support::engine::BEGIN_US;
use chitra::clock::{Clock, SimulatedClock};
use chitra::store::{Append, EventData, OpenMode, OpenOptions, RequestKey, SharedStore, StreamState, open};
use std::sync::Arc;
use uuid::Uuid;

/// A server's store: pools and a committer of its own.
pub async fn server(url: &str) -> SharedStore {
    let clock = SimulatedClock::new(BEGIN_US, 1);
    let mode = OpenMode::Writer { holder: "the test".to_owned() };
    open(url, OpenOptions::new(mode, Arc::new(move || clock.now_us()))).await.unwrap()
}

/// One event of a stream, under an idempotency key of the same number.
pub fn append(stream: &str, number: u128) -> Append {
    let event = EventData {
        event_id: Uuid::from_u128(number),
        event_type: "Happened".to_owned(),
        schema_version: 1,
        data: format!("{{\"n\":{number}}}").into_bytes(),
        metadata: b"{}".to_vec(),
    };
    let request =
        RequestKey { caller: "test".to_owned(), idempotency_key: format!("key-{number}"), input_hash: [1; 32] };
    Append { request: Some(request), ..Append::events(stream, StreamState::Any, vec![event]) }
}
