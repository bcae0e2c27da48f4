//! Where groups begin, what of the log they are told, and how several consumers share a group.

use super::*;
use crate::support::on_every_engine;
use chitra::grpc::proto::client::persistent_subscriptions::all_options;
use read_req::options::FilterOptions;
use read_req::options::filter_options::{Expression, Filter};
use std::collections::BTreeSet;

on_every_engine!(
    a_group_begins_where_it_is_told,
    a_group_of_the_log_is_told_what_its_filter_wants,
    links_are_followed_where_that_is_asked,
    each_event_goes_to_one_of_several_consumers,
    a_pinned_stream_goes_to_one_consumer,
    a_correlation_goes_to_one_consumer,
    a_group_goes_on_into_what_comes,
);

fn of_log(from: Option<all_options::AllOption>, filter: Option<&str>) -> create_req::options::StreamOption {
    let filter = filter.map(|prefix| {
        let prefix = vec![prefix.to_owned()];
        all_options::FilterOption::Filter(FilterOptions {
            filter: Some(Filter::StreamIdentifier(Expression { regex: String::new(), prefix })),
            window: None,
            checkpoint_interval_multiplier: 1,
        })
    });
    create_req::options::StreamOption::All(AllOptions { all_option: from, filter_option: filter })
}

const fn at(position: u64) -> all_options::AllOption {
    all_options::AllOption::Position(all_options::Position { commit_position: position, prepare_position: position })
}

async fn a_group_begins_where_it_is_told(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for number in 1..=3 {
        caller.appended("s", number).await;
    }
    let end = |stream: &str| {
        create_req::options::StreamOption::Stream(StreamOptions {
            stream_identifier: Some(name(stream)),
            revision_option: Some(stream_options::RevisionOption::End(Empty {})),
        })
    };
    let groups = [
        ("start", of_stream("s", None), "0"),
        ("second", of_stream("s", Some(1)), "1"),
        ("later", of_stream("s", Some(4)), "4"),
        ("end", end("s"), "-1"),
    ];
    for (group, of, start_from) in groups {
        caller.make(group, of, usual()).await.unwrap();
        assert_eq!(caller.info("s", group).await.unwrap().start_from, start_from);
    }
    // The end is where it was when the group was made, though nobody consumes yet.
    caller.appended("s", 4).await;
    caller.appended("s", 5).await;
    for (group, first) in [("start", 0), ("second", 1), ("later", 4), ("end", 3)] {
        let mut consumer = caller.consume(Some("s"), group, 9).await.unwrap();
        let expected: Vec<_> = (first..5).map(|number| (number, 0)).collect();
        consumer.told(&expected).await;
        consumer.hears_nothing().await;
    }
    assert_eq!(caller.make("end", end("empty"), usual()).await, Ok(()));
    let mut early = caller.consume(Some("empty"), "end", 9).await.unwrap();
    caller.appended("empty", 6).await;
    early.told(&[(0, 0)]).await;
}

async fn a_group_of_the_log_is_told_what_its_filter_wants(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream) in (1..).zip(["a-1", "b-1", "a-2", "b-1"]) {
        caller.appended(stream, number).await;
    }
    let positions = async |group: &str, count: usize| {
        let mut consumer = caller.consume(None, group, 20).await.unwrap();
        let mut found = Vec::new();
        for _ in 0..count {
            let (event, _) = consumer.event().await.unwrap();
            found.push(event.event.unwrap().commit_position);
        }
        consumer.hears_nothing().await;
        found
    };
    caller.make("a", of_log(None, Some("a-")), usual()).await.unwrap();
    assert_eq!(positions("a", 2).await, [1, 3]);
    caller.make("from", of_log(Some(at(3)), None), usual()).await.unwrap();
    // What groups keep for themselves is not told: each place that is written down would be news for the next.
    assert_eq!(positions("from", 2).await, [3, 4]);
    caller.make("end", of_log(Some(all_options::AllOption::End(Empty {})), None), usual()).await.unwrap();
    caller.appended("a-3", 5).await;
    let head = test.head().await;
    assert_eq!(positions("end", 1).await, [head]);
    let list: Vec<_> = caller.list(Some("$all")).await.unwrap();
    assert_eq!(list, ["$all::a", "$all::end", "$all::from"]);
    let odd = create_req::options::StreamOption::All(AllOptions {
        all_option: None,
        filter_option: Some(all_options::FilterOption::Filter(FilterOptions {
            filter: Some(Filter::EventType(Expression { regex: "(".to_owned(), prefix: Vec::new() })),
            ..FilterOptions::default()
        })),
    });
    assert_eq!(caller.make("odd", odd, usual()).await, Err("InvalidArgument".to_owned()));
}

async fn links_are_followed_where_that_is_asked(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.appended("s", 1).await;
    caller.appended("s", 2).await;
    for (number, target) in [(10, "1@s"), (11, "9@s"), (12, "0@s")] {
        assert!(matches!(caller.append("links", any(), &[proposed(number, "$>", target)]).await, Appended::At(..)));
    }
    let settings = Settings { resolve_links: true, ..usual() };
    caller.make("g", of_stream("links", None), settings).await.unwrap();
    let mut consumer = caller.consume(Some("links"), "g", 9).await.unwrap();
    let (event, _) = consumer.event().await.unwrap();
    let (linked, link) = (event.event.unwrap(), event.link.unwrap());
    assert_eq!((linked.stream_revision, link.stream_revision), (1, 0));
    consumer.held.insert(1, link.id.unwrap());
    // The second one points to nothing, and is passed over.
    consumer.told(&[(0, 0)]).await;
    consumer.ack(&[0, 1]);
    until(async || caller.info("links", "g").await.unwrap().last_checkpointed_event_position == "2").await;
    caller.make("h", of_stream("links", None), usual()).await.unwrap();
    let mut other = caller.consume(Some("links"), "h", 9).await.unwrap();
    other.told(&[(0, 0), (1, 0), (2, 0)]).await;
}

/// What each of several consumers was told within a while, by the events' positions.
async fn shared(consumers: &mut [Consumer]) -> Vec<Vec<(u64, String)>> {
    let mut all = Vec::new();
    for consumer in consumers {
        let mut told = Vec::new();
        while let Ok(found) = tokio::time::timeout(Duration::from_millis(400), consumer.event()).await {
            let event = found.unwrap().0.event.unwrap();
            let stream = String::from_utf8(event.stream_identifier.unwrap().stream_name.to_vec()).unwrap();
            told.push((event.commit_position, stream));
        }
        all.push(told);
    }
    all
}

async fn each_event_goes_to_one_of_several_consumers(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.make("turns", of_stream("s", None), usual()).await.unwrap();
    let single = Settings { consumer_strategy: "DispatchToSingle".to_owned(), ..usual() };
    caller.make("single", of_stream("s", None), single).await.unwrap();
    for (group, expected) in [("turns", [4, 4, 4]), ("single", [5, 5, 2])] {
        let mut consumers = Vec::new();
        for _ in 0..3 {
            consumers.push(caller.consume(Some("s"), group, 5).await.unwrap());
        }
        if group == "turns" {
            for number in 1..=12 {
                caller.appended("s", number).await;
            }
        }
        let told = shared(&mut consumers).await;
        let all: BTreeSet<u64> = told.iter().flatten().map(|(position, _)| *position).collect();
        assert_eq!(all.len(), 12, "each is told once");
        let mut counts: Vec<usize> = told.iter().map(Vec::len).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(counts, expected, "{group}");
        // Who leaves gives what it had to the others, as far as they have room.
        drop(consumers.remove(0));
        let left = told[0].len().min(10 - told[1].len() - told[2].len());
        let taken: usize = shared(&mut consumers).await.iter().map(Vec::len).sum();
        assert_eq!(taken, left, "{group}");
    }
}

async fn a_pinned_stream_goes_to_one_consumer(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for number in 0..30 {
        caller.appended(&format!("p-{}", number % 10), number + 1).await;
    }
    let settings = Settings { consumer_strategy: "Pinned".to_owned(), ..usual() };
    caller.make("g", of_log(None, Some("p-")), settings).await.unwrap();
    let mut first = caller.consume(None, "g", 1).await.unwrap();
    let (event, _) = first.event().await.unwrap();
    assert_eq!(event.event.unwrap().commit_position, 1);
    let mut consumers =
        vec![caller.consume(None, "g", 50).await.unwrap(), caller.consume(None, "g", 50).await.unwrap()];
    drop(first);
    let told = shared(&mut consumers).await;
    assert_eq!(told.iter().map(Vec::len).sum::<usize>(), 30);
    let streams = |told: &[(u64, String)]| told.iter().map(|(_, stream)| stream.clone()).collect::<BTreeSet<_>>();
    let (one, other) = (streams(&told[0]), streams(&told[1]));
    assert_eq!(one.len() + other.len(), 10 + one.intersection(&other).count());
    assert!(one.intersection(&other).count() <= 10 && !one.is_empty() && !other.is_empty());
}

async fn a_correlation_goes_to_one_consumer(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for number in 0..20_u128 {
        let metadata = format!("{{\"$correlationId\":\"c{}\"}}", number % 5).into_bytes();
        let event = append_req::ProposedMessage { custom_metadata: metadata.into(), ..proposed(number + 1, "T", "{}") };
        assert!(matches!(caller.append(&format!("p-{number}"), any(), &[event]).await, Appended::At(..)));
    }
    let settings = Settings { consumer_strategy: "PinnedByCorrelation".to_owned(), ..usual() };
    caller.make("g", of_log(Some(all_options::AllOption::End(Empty {})), Some("p-")), settings).await.unwrap();
    let mut consumers = Vec::new();
    for _ in 0..2 {
        consumers.push(caller.consume(None, "g", 50).await.unwrap());
    }
    for number in 0..20_u128 {
        let metadata = format!("{{\"$correlationId\":\"c{}\"}}", number % 5).into_bytes();
        let event =
            append_req::ProposedMessage { custom_metadata: metadata.into(), ..proposed(number + 50, "T", "{}") };
        assert!(matches!(caller.append(&format!("p-{number}"), any(), &[event]).await, Appended::At(..)));
    }
    let told = shared(&mut consumers).await;
    let correlations = |told: &[(u64, String)]| {
        told.iter()
            .map(|(_, stream)| stream.trim_start_matches("p-").parse::<u64>().unwrap() % 5)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(told.iter().map(Vec::len).sum::<usize>(), 20);
    assert_eq!(correlations(&told[0]).intersection(&correlations(&told[1])).count(), 0);
}

async fn a_group_goes_on_into_what_comes(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let settings = Settings { history_buffer_size: 20, live_buffer_size: 5, ..usual() };
    caller.make("g", of_stream("s", None), settings).await.unwrap();
    for number in 0..100 {
        caller.appended("s", number + 1).await;
    }
    let mut consumer = caller.consume(Some("s"), "g", 7).await.unwrap();
    for number in 0..200_u64 {
        if number % 2 == 0 {
            caller.appended("s", u128::from(number) + 1000).await;
        }
        assert_eq!(consumer.next().await, Ok((number, 0)));
        consumer.ack(&[number]);
        if number % 20 == 0 {
            let info = caller.info("s", "g").await.unwrap();
            assert!(info.total_in_flight_messages <= 7 && info.read_buffer_count <= 20, "{info:?}");
        }
    }
    until(async || caller.info("s", "g").await.unwrap().last_checkpointed_event_position == "199").await;
}
