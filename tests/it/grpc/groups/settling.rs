//! What becomes of events: acknowledged, tried again, parked, skipped, replayed; and the place that is kept.

use super::*;
use crate::support::on_every_engine;
use consume_req::Content;

on_every_engine!(
    what_is_acknowledged_is_not_told_again_and_the_rest_is,
    an_event_is_tried_as_often_as_the_settings_say_and_then_parked,
    a_consumer_parks_skips_and_stops,
    what_takes_too_long_is_told_again,
    what_was_parked_is_replayed_up_to_a_number,
    a_replay_outlives_the_server,
    a_consumer_that_does_not_read_is_sent_away,
    a_stopped_consumer_settles_what_it_has,
    a_group_of_a_category_parks_and_replays,
);

/// A stream with events, and a group from its beginning.
async fn group(test: &TestApp, events: u128, settings: Settings) -> Caller {
    let caller = call(test, Some(Role::Clerk)).await;
    for number in 1..=events {
        caller.appended("s", number).await;
    }
    caller.make("g", of_stream("s", None), settings).await.unwrap();
    caller
}

/// The data and the reason of each link to what was parked.
async fn parked(caller: &Caller) -> Vec<(String, String)> {
    let messages = caller.read_messages(reading("$persistentsubscription-s::g-parked", false)).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let of = |message: &read_resp::Content| {
        let link = event_of(message);
        assert_eq!(link.metadata["type"], "$>");
        let metadata: serde_json::Value = serde_json::from_slice(&link.custom_metadata).unwrap();
        (text(&link.data), metadata["reason"].as_str().unwrap().to_owned())
    };
    messages.iter().map(of).collect()
}

async fn settled(caller: &Caller, position: &str) {
    until(async || caller.info("s", "g").await.unwrap().last_checkpointed_event_position == position).await;
}

async fn what_is_acknowledged_is_not_told_again_and_the_rest_is(test: TestApp) {
    let caller = group(&test, 6, Settings { min_checkpoint_count: 100, max_checkpoint_count: 100, ..usual() }).await;
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]).await;
    consumer.ack(&[0, 1, 2, 4]);
    until(async || caller.info("s", "g").await.unwrap().total_in_flight_messages == 2).await;
    // The server writes down where the group is when it stops, however few events that are.
    let Caller { serving, .. } = caller;
    let ((), last) = tokio::join!(serving.stop(), consumer.next());
    assert_eq!(last, Err("Unavailable".to_owned()));
    let caller = call(&test, Some(Role::Clerk)).await;
    assert_eq!(caller.info("s", "g").await.unwrap().last_checkpointed_event_position, "2");
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    // Revision 4 was acknowledged behind one that was not: it comes again, and nothing before that does.
    consumer.told(&[(3, 0), (4, 0), (5, 0)]).await;
    consumer.hears_nothing().await;
}

async fn an_event_is_tried_as_often_as_the_settings_say_and_then_parked(test: TestApp) {
    let caller = group(&test, 2, usual()).await;
    let mut consumer = caller.consume(Some("s"), "g", 1).await.unwrap();
    for (retries, action) in (0..).zip([Action::Retry, Action::Unknown, Action::Retry, Action::Retry]) {
        consumer.told(&[(0, retries)]).await;
        consumer.nack(0, action);
    }
    consumer.told(&[(1, 0)]).await;
    settled(&caller, "0").await;
    let found = parked(&caller).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "0@s");
    assert_eq!(caller.info("s", "g").await.unwrap().parked_message_count, 1);
}

async fn a_consumer_parks_skips_and_stops(test: TestApp) {
    let caller = group(&test, 4, usual()).await;
    let mut consumer = caller.consume(Some("s"), "g", 3).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0)]).await;
    consumer.nack(0, Action::Park);
    consumer.nack(1, Action::Skip);
    consumer.told(&[(3, 0)]).await;
    settled(&caller, "1").await;
    assert_eq!(parked(&caller).await, [("0@s".to_owned(), "A consumer asked for it. It is odd.".to_owned())]);
    consumer.nack(2, Action::Stop);
    let mut other = caller.consume(Some("s"), "g", 3).await.unwrap();
    other.told(&[(2, 0)]).await;
    consumer.hears_nothing().await;
    consumer.ack(&[3]);
    other.ack(&[2]);
    settled(&caller, "3").await;
}

async fn what_takes_too_long_is_told_again(test: TestApp) {
    let timeout = Some(settings::MessageTimeout::MessageTimeoutMs(5000));
    let caller = group(&test, 1, Settings { max_retry_count: 1, message_timeout: timeout, ..usual() }).await;
    let mut consumer = caller.consume(Some("s"), "g", 2).await.unwrap();
    consumer.told(&[(0, 0)]).await;
    let later = |us: i64| test.clock.set_us(test.app.clock.now_us() + us);
    later(4_999_999);
    consumer.hears_nothing().await;
    later(1);
    consumer.told(&[(0, 1)]).await;
    later(5_000_000);
    until(async || caller.info("s", "g").await.unwrap().parked_message_count == 1).await;
    assert_eq!(parked(&caller).await[0].0, "0@s");
    settled(&caller, "0").await;
}

async fn what_was_parked_is_replayed_up_to_a_number(test: TestApp) {
    let caller = group(&test, 4, usual()).await;
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0), (3, 0)]).await;
    for number in 0..4 {
        consumer.nack(number, Action::Park);
    }
    until(async || caller.info("s", "g").await.unwrap().parked_message_count == 4).await;
    assert_eq!(caller.replay("s", "g", Some(-1)).await, Err("InvalidArgument".to_owned()));
    assert_eq!(caller.replay("s", "g", Some(2)).await, Ok(()));
    let (event, retries) = consumer.event().await.unwrap();
    let (linked, link) = (event.event.unwrap(), event.link.unwrap());
    assert_eq!((linked.stream_revision, link.stream_revision, retries), (0, 0, 0));
    assert_eq!(link.stream_identifier.unwrap(), name("$persistentsubscription-s::g-parked"));
    consumer.held.insert(0, link.id.unwrap());
    consumer.told(&[(1, 0)]).await;
    consumer.hears_nothing().await;
    assert_eq!(caller.info("s", "g").await.unwrap().parked_message_count, 2);
    consumer.ack(&[0]);
    consumer.nack(1, Action::Park);
    until(async || caller.info("s", "g").await.unwrap().parked_message_count == 3).await;
    // What is parked again comes last; what is settled is no longer shown.
    until(async || parked(&caller).await.len() == 3).await;
    let targets: Vec<String> = parked(&caller).await.into_iter().map(|(target, _)| target).collect();
    assert_eq!(targets, ["2@s", "3@s", "1@s"]);
    assert_eq!(caller.replay("s", "g", None).await, Ok(()));
    consumer.told(&[(2, 0), (3, 0), (1, 0)]).await;
    consumer.ack(&[1, 2, 3]);
    until(async || parked(&caller).await.is_empty()).await;
    assert_eq!(caller.info("s", "g").await.unwrap().parked_message_count, 0);
}

async fn a_replay_outlives_the_server(test: TestApp) {
    let caller = group(&test, 3, usual()).await;
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0)]).await;
    consumer.ack(&[2]);
    for number in [0, 1] {
        consumer.nack(number, Action::Park);
    }
    until(async || caller.info("s", "g").await.unwrap().parked_message_count == 2).await;
    drop(consumer);
    assert_eq!(caller.replay("s", "g", None).await, Ok(()), "nobody consumes now");
    caller.serving.stop().await;
    let caller = call(&test, Some(Role::Clerk)).await;
    assert_eq!(caller.info("s", "g").await.unwrap().parked_message_count, 0);
    let mut consumer = caller.consume(Some("s"), "g", 1).await.unwrap();
    consumer.told(&[(0, 0)]).await;
    consumer.ack(&[0]);
    consumer.told(&[(1, 0)]).await;
    caller.serving.stop().await;
    // The one that was not settled comes again, and the one that was does not.
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(1, 0)]).await;
    consumer.hears_nothing().await;
}

async fn a_consumer_that_does_not_read_is_sent_away(test: TestApp) {
    let timeout = Some(settings::MessageTimeout::MessageTimeoutMs(1000));
    let settings = Settings { max_retry_count: 1000, message_timeout: timeout, ..usual() };
    let caller = call(&test, Some(Role::Clerk)).await;
    let data = format!("\"{}\"", "x".repeat(900_000));
    for number in 1..=4 {
        assert!(matches!(caller.append("s", any(), &[proposed(number, "T", &data)]).await, Appended::At(..)));
    }
    caller.make("g", of_stream("s", None), settings).await.unwrap();
    let mut consumer = caller.consume(Some("s"), "g", 4).await.unwrap();
    // The connection takes a while until it is full; each time the same four events come back, and no more are held.
    for _ in 0..60 {
        test.clock.set_us(test.app.clock.now_us() + 1_000_000);
        tokio::time::sleep(Duration::from_millis(100)).await;
        let info = caller.info("s", "g").await.unwrap();
        assert!(info.total_in_flight_messages <= 4, "{info:?}");
        if info.connections.is_empty() {
            break;
        }
    }
    let last = loop {
        if let Err(why) = consumer.next().await {
            break why;
        }
    };
    assert_eq!(last, "Aborted");
}

async fn a_stopped_consumer_settles_what_it_has(test: TestApp) {
    let caller = group(&test, 3, usual()).await;
    let mut consumer = caller.consume(Some("s"), "g", 2).await.unwrap();
    consumer.told(&[(0, 0), (1, 0)]).await;
    consumer.sender.send(ConsumeReq { content: Some(Content::Stop(consume_req::Stop {})) }).unwrap();
    consumer.ack(&[0]);
    settled(&caller, "0").await;
    consumer.hears_nothing().await;
    consumer.ack(&[1]);
    settled(&caller, "1").await;
    let again = consume_req::Options::default();
    consumer.sender.send(ConsumeReq { content: Some(Content::Options(again)) }).unwrap();
    assert_eq!(consumer.next().await, Err("InvalidArgument".to_owned()));
}

async fn a_group_of_a_category_parks_and_replays(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream) in (1..).zip(["a-1", "b-1", "a-2", "a-1"]) {
        caller.appended(stream, number).await;
    }
    let settings = Settings { resolve_links: true, ..usual() };
    caller.make("g", of_stream("$ce-a", None), settings).await.unwrap();
    let mut consumer = caller.consume(Some("$ce-a"), "g", 9).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (event, _) = consumer.event().await.unwrap();
        let (event, link) = (event.event.unwrap(), event.link.unwrap());
        consumer.held.insert(link.stream_revision, link.id.unwrap());
        seen.push((link.stream_revision, event.commit_position));
    }
    assert_eq!(seen, [(0, 1), (1, 3), (2, 4)]);
    consumer.ack(&[0, 2]);
    consumer.nack(1, Action::Park);
    until(async || caller.info("$ce-a", "g").await.unwrap().last_checkpointed_event_position == "2").await;
    let last = test.events_after(0).await.into_iter().rfind(|event| event.event_type == "$>").unwrap();
    assert_eq!(last.stream, "$persistentsubscription-$ce-a::g-parked");
    assert_eq!(caller.replay("$ce-a", "g", None).await, Ok(()));
    let (event, _) = consumer.event().await.unwrap();
    assert_eq!(event.event.unwrap().commit_position, 3);
    caller.appended("a-9", 5).await;
    let (event, _) = consumer.event().await.unwrap();
    assert_eq!(event.link.unwrap().stream_revision, 3);
}
