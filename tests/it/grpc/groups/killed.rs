//! A server with a group is killed: what its consumers settled stays settled, and the rest is handed out by the next server.

use super::*;
use crate::grpc::place::Place;
use crate::support::engine::Engine;

async fn a_killed_server_s_group_goes_on_from_what_was_settled(engine: Engine) {
    let place = Place::new(engine, &[]).await;
    let caller = place.serve("first").await;
    for number in 0..10 {
        caller.appended("s", number).await;
    }
    assert_eq!(caller.make("g", of_stream("s", Some(0)), usual()).await, Ok(()));
    let mut consumer = caller.consume(Some("s"), "g", 6).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]).await;
    consumer.ack(&[0, 1, 2]);
    consumer.nack(3, Action::Park);
    // Settled beyond one that is not.
    consumer.ack(&[5]);
    until(async || {
        let info = caller.info("s", "g").await.unwrap();
        (info.last_checkpointed_event_position.as_str(), info.parked_message_count) == ("3", 1)
    })
    .await;
    let Caller { mut serving, .. } = caller;
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();
    // What was on its way may come, then nobody is there.
    while consumer.next().await.is_ok() {}

    let caller = place.serve("second").await;
    let mut consumer = caller.consume(Some("s"), "g", 20).await.unwrap();
    // At least once: what was settled after the place that was written down comes again.
    consumer.told(&[(4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0)]).await;
    consumer.ack(&[4, 5, 6, 7, 8, 9]);
    until(async || caller.info("s", "g").await.unwrap().last_checkpointed_event_position == "9").await;
    assert_eq!(caller.replay("s", "g", None).await, Ok(()));
    consumer.told(&[(3, 0)]).await;
    consumer.ack(&[3]);
    until(async || caller.info("s", "g").await.unwrap().parked_message_count == 0).await;
    consumer.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_file() {
    a_killed_server_s_group_goes_on_from_what_was_settled(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    a_killed_server_s_group_goes_on_from_what_was_settled(Engine::Postgres).await;
}
