//! Making, changing, ending and listing groups, and who may.

use super::*;
use crate::support::on_every_engine;

on_every_engine!(
    a_group_is_made_once_changed_and_ended,
    settings_that_cannot_be_are_refused,
    an_older_client_makes_a_group_of_its_own_fields,
    consumers_are_told_when_their_group_changes_or_ends,
    there_are_no_more_consumers_than_the_settings_say,
    what_is_told_of_a_group_is_so,
    groups_are_kept_by_who_appends_and_consumed_by_who_reads,
    a_stream_s_list_holds_for_its_groups,
);

const NONE: &str = "persistent-subscription-does-not-exist";

async fn a_group_is_made_once_changed_and_ended(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    assert_eq!(caller.list(None).await, Err(NONE.to_owned()));
    assert_eq!(caller.make("g", of_stream("s", None), usual()).await, Ok(()));
    assert_eq!(caller.make("g", of_stream("s", None), usual()).await, Err("persistent-subscription-exists".to_owned()));
    assert_eq!(caller.make("g", of_stream("t", None), usual()).await, Ok(()));
    assert_eq!(caller.list(None).await, Ok(vec!["s::g".to_owned(), "t::g".to_owned()]));
    assert_eq!(caller.list(Some("t")).await, Ok(vec!["t::g".to_owned()]));
    assert_eq!(caller.list(Some("u")).await, Err(NONE.to_owned()));
    let changed = Settings { max_retry_count: 7, consumer_strategy: String::new(), ..usual() };
    assert_eq!(caller.change("s", "g", changed.clone()).await, Ok(()));
    let info = caller.info("s", "g").await.unwrap();
    assert_eq!((info.max_retry_count, info.named_consumer_strategy.as_str()), (7, "DispatchToSingle"));
    assert_eq!(caller.change("s", "h", changed).await, Err(NONE.to_owned()));
    assert_eq!(caller.unmake("s", "g").await, Ok(()));
    assert_eq!(caller.unmake("s", "g").await, Err(NONE.to_owned()));
    assert_eq!(caller.info("s", "g").await.map(|_| ()), Err(NONE.to_owned()));
    assert_eq!(caller.replay("s", "g", None).await, Err(NONE.to_owned()));
    assert_eq!(caller.consume(Some("s"), "g", 5).await.map(|_| ()), Err(NONE.to_owned()));
    // All of it is in the log, and another server reads it there.
    caller.serving.stop().await;
    let again = call(&test, Some(Role::Clerk)).await;
    assert_eq!(again.list(None).await, Ok(vec!["t::g".to_owned()]));
    assert_eq!(again.read("$persistentsubscriptionconfig").await, Read::Events(vec![0, 1, 2, 3]));
}

async fn settings_that_cannot_be_are_refused(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let failed = Err("persistent-subscription-failed".to_owned());
    for settings in [
        Settings { consumer_strategy: "Fastest".to_owned(), ..usual() },
        Settings { history_buffer_size: 10, read_batch_size: 10, ..usual() },
        Settings { min_checkpoint_count: 5, max_checkpoint_count: 4, ..usual() },
    ] {
        assert_eq!(caller.make("g", of_stream("s", None), settings).await, failed);
    }
    assert_eq!(caller.make(&"g".repeat(220), of_stream("s", None), usual()).await, failed);
    let negative = Settings { max_retry_count: -1, ..usual() };
    assert_eq!(caller.make("g", of_stream("s", None), negative).await, Err("InvalidArgument".to_owned()));
    assert_eq!(caller.make("", of_stream("s", None), usual()).await, Err("InvalidArgument".to_owned()));
    let nothing = create_req::Options { group_name: "g".to_owned(), ..create_req::Options::default() };
    assert_eq!(caller.make_of(nothing).await, Err("InvalidArgument".to_owned()));
    assert_eq!(test.head().await, 0, "nothing was written");
}

async fn an_older_client_makes_a_group_of_its_own_fields(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for number in 1..=3 {
        caller.appended("s", number).await;
    }
    let older = |group: &str, revision| create_req::Options {
        stream_identifier: Some(name("s")),
        group_name: group.to_owned(),
        settings: Some(Settings {
            revision,
            consumer_strategy: String::new(),
            named_consumer_strategy: settings::ConsumerStrategy::Pinned.into(),
            message_timeout: Some(settings::MessageTimeout::MessageTimeoutTicks(250_000_000)),
            ..usual()
        }),
        ..create_req::Options::default()
    };
    assert_eq!(caller.make_of(older("g", 1)).await, Ok(()));
    let info = caller.info("s", "g").await.unwrap();
    assert_eq!((info.named_consumer_strategy.as_str(), info.message_timeout_milliseconds), ("Pinned", 25_000));
    assert_eq!(info.start_from, "1");
    caller.consume(Some("s"), "g", 9).await.unwrap().told(&[(1, 0), (2, 0)]).await;
    assert_eq!(caller.make_of(older("h", u64::MAX)).await, Ok(()));
    assert_eq!(caller.info("s", "h").await.unwrap().start_from, "-1");
    let mut late = caller.consume(Some("s"), "h", 9).await.unwrap();
    caller.appended("s", 4).await;
    late.told(&[(3, 0)]).await;
}

async fn consumers_are_told_when_their_group_changes_or_ends(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.make("g", of_stream("s", None), usual()).await.unwrap();
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    assert_eq!(caller.change("s", "g", usual()).await, Ok(()));
    assert_eq!(consumer.next().await, Err("persistent-subscription-dropped".to_owned()));
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    caller.appended("s", 1).await;
    consumer.told(&[(0, 0)]).await;
    consumer.ack(&[0]);
    assert_eq!(caller.unmake("s", "g").await, Ok(()));
    assert_eq!(consumer.next().await, Err("persistent-subscription-dropped".to_owned()));
    // Another one of the same name begins anew.
    caller.make("g", of_stream("s", None), usual()).await.unwrap();
    let mut consumer = caller.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(0, 0)]).await;
    let restarted = caller.groups().restart_subsystem(caller.request(Empty {})).await;
    assert!(restarted.is_ok());
    assert_eq!(consumer.next().await, Err("Unavailable".to_owned()));
    let Caller { serving, .. } = caller;
    serving.stop().await;
}

async fn there_are_no_more_consumers_than_the_settings_say(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let settings = Settings { max_subscriber_count: 2, ..usual() };
    caller.make("g", of_stream("s", None), settings).await.unwrap();
    let first = caller.consume(Some("s"), "g", 1).await.unwrap();
    let _second = caller.consume(Some("s"), "g", 1).await.unwrap();
    let full = caller.consume(Some("s"), "g", 1).await.map(|_| ());
    assert_eq!(full, Err("maximum-subscribers-reached".to_owned()));
    drop(first);
    until(async || caller.info("s", "g").await.unwrap().connections.len() == 1).await;
    assert!(caller.consume(Some("s"), "g", 1).await.is_ok());
}

async fn what_is_told_of_a_group_is_so(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.make("g", of_stream("s", None), usual()).await.unwrap();
    for number in 1..=6 {
        caller.appended("s", number).await;
    }
    let before = caller.info("s", "g").await.unwrap();
    assert_eq!((before.connections.len(), before.last_checkpointed_event_position.as_str()), (0, ""));
    let mut consumer = caller.consume(Some("s"), "g", 3).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0)]).await;
    consumer.ack(&[0]);
    consumer.told(&[(3, 0)]).await;
    consumer.nack(1, Action::Park);
    consumer.told(&[(4, 0)]).await;
    until(async || caller.info("s", "g").await.unwrap().last_checkpointed_event_position == "1").await;
    let info = caller.info("s", "g").await.unwrap();
    assert_eq!((info.event_source.as_str(), info.group_name.as_str(), info.status.as_str()), ("s", "g", "Live"));
    assert_eq!((info.total_in_flight_messages, info.outstanding_messages_count), (3, 3));
    assert_eq!((info.read_buffer_count, info.retry_buffer_count, info.parked_message_count), (1, 0, 1));
    assert_eq!((info.total_items, info.last_known_event_position.as_str()), (5, "5"));
    let connection = &info.connections[0];
    assert_eq!((connection.in_flight_messages, connection.available_slots, connection.total_items), (3, 0, 5));
    assert!(!connection.username.is_empty() && connection.from.starts_with("127.0.0.1:"), "{connection:?}");
    assert_eq!((info.buffer_size, info.live_buffer_size, info.read_batch_size), (50, 50, 10));
    assert_eq!(
        (info.max_check_point_count, info.min_check_point_count, info.check_point_after_milliseconds),
        (1, 1, 10)
    );
}

async fn groups_are_kept_by_who_appends_and_consumed_by_who_reads(test: TestApp) {
    let clerk = call(&test, Some(Role::Clerk)).await;
    clerk.make("g", of_stream("s", None), usual()).await.unwrap();
    clerk.appended("s", 1).await;
    let denied = Err("access-denied".to_owned());
    for (role, reads, keeps) in [
        (Some(Role::Supervisor), true, true),
        (Some(Role::Auditor), true, false),
        (Some(Role::Analyst), false, false),
        (Some(Role::Bank), false, false),
        (Some(Role::Operator), false, false),
    ] {
        let mut other = call(&test, role).await;
        // One server has the groups: all call that one.
        other.channel = clerk.channel.clone();
        assert_eq!(other.list(None).await.is_ok(), reads, "{role:?}");
        assert_eq!(other.info("s", "g").await.is_ok(), reads, "{role:?}");
        assert_eq!(other.consume(Some("s"), "g", 1).await.is_ok(), reads, "{role:?}");
        let group = format!("{role:?}");
        assert_eq!(other.make(&group, of_stream("s", None), usual()).await.is_ok(), keeps, "{role:?}");
        if !keeps {
            assert_eq!(other.change("s", "g", usual()).await, denied);
            assert_eq!(other.replay("s", "g", None).await, denied);
            assert_eq!(other.unmake("s", "g").await, denied);
        }
    }
    let mut nobody = call(&test, None).await;
    nobody.channel = clerk.channel.clone();
    assert_eq!(nobody.list(None).await, Err("not-authenticated".to_owned()));
}

async fn a_stream_s_list_holds_for_its_groups(test: TestApp) {
    let supervisor = call(&test, Some(Role::Supervisor)).await;
    let mut clerk = call(&test, Some(Role::Clerk)).await;
    clerk.channel = supervisor.channel.clone();
    supervisor.appended("s", 1).await;
    supervisor.make("g", of_stream("s", None), usual()).await.unwrap();
    let list = proposed(2, "$metadata", "{\"$acl\":{\"$r\":\"auditor\"}}");
    assert!(matches!(supervisor.append("$$s", any(), &[list]).await, Appended::At(..)));
    let denied = "access-denied".to_owned();
    assert_eq!(clerk.consume(Some("s"), "g", 1).await.map(|_| ()), Err(denied.clone()));
    assert_eq!(clerk.info("s", "g").await.map(|_| ()), Err(denied.clone()));
    assert_eq!(clerk.make("h", of_stream("s", None), usual()).await, Err(denied.clone()));
    assert_eq!(clerk.replay("s", "g", None).await, Err(denied));
    assert_eq!(clerk.list(None).await, Err(NONE.to_owned()), "who may not read the stream is not told of its groups");
    assert!(supervisor.consume(Some("s"), "g", 1).await.is_ok());
}
