//! Reading the log with filters and places, and following it into what comes.

use super::*;
use crate::support::on_every_engine;
use read_req::options::filter_options::{Expression, Filter, Window};
use read_req::options::{
    AllOptions, CountOption, FilterOption, FilterOptions, Position, ReadDirection, StreamOption, SubscriptionOptions,
    all_options,
};
use tonic::{Code, Streaming};

on_every_engine!(
    the_log_is_read_from_a_place_and_before_one,
    a_filter_wants_what_it_names,
    a_follower_of_the_log_is_told_all_once_and_where_the_search_is,
    a_follower_of_a_stream_is_told_of_its_end,
    subscriptions_end_when_the_server_stops,
);

fn log(from: Option<u64>, direction: ReadDirection) -> read_req::Options {
    let at = from.map(|position| Position { commit_position: position, prepare_position: position });
    let all_option = at.map(all_options::AllOption::Position);
    read_req::Options {
        stream_option: Some(StreamOption::All(AllOptions { all_option })),
        read_direction: direction.into(),
        ..reading("s", false)
    }
}

fn filter(regex: &str, prefixes: &[&str], multiplier: u32) -> FilterOption {
    let prefix = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
    FilterOption::Filter(FilterOptions {
        filter: Some(Filter::StreamIdentifier(Expression { regex: regex.to_owned(), prefix })),
        window: Some(Window::Max(4)),
        checkpoint_interval_multiplier: multiplier,
    })
}

fn positions(messages: &[read_resp::Content]) -> Vec<u64> {
    messages.iter().map(|message| event_of(message).commit_position).collect()
}

async fn the_log_is_read_from_a_place_and_before_one(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for number in 1..=5 {
        caller.appended("s", number).await;
    }
    let read = async |from, direction| positions(&caller.read_messages(log(from, direction)).await.unwrap());
    assert_eq!(read(None, ReadDirection::Forwards).await, [1, 2, 3, 4, 5]);
    assert_eq!(read(Some(3), ReadDirection::Forwards).await, [3, 4, 5]);
    assert_eq!(read(Some(0), ReadDirection::Forwards).await, [1, 2, 3, 4, 5]);
    assert_eq!(read(Some(99), ReadDirection::Forwards).await, [] as [u64; 0]);
    assert_eq!(read(None, ReadDirection::Backwards).await, [5, 4, 3, 2, 1]);
    assert_eq!(read(Some(3), ReadDirection::Backwards).await, [2, 1]);
    assert_eq!(read(Some(1), ReadDirection::Backwards).await, [] as [u64; 0]);
    assert_eq!(read(Some(u64::MAX), ReadDirection::Backwards).await, [5, 4, 3, 2, 1]);
    let two = read_req::Options { count_option: Some(CountOption::Count(2)), ..log(None, ReadDirection::Backwards) };
    assert_eq!(positions(&caller.read_messages(two).await.unwrap()), [5, 4]);
}

async fn a_filter_wants_what_it_names(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream) in (1..).zip(["a-1", "b-1", "a-2", "c-1", "ab"]) {
        caller.appended(stream, number).await;
    }
    let read = async |filter| {
        let options = read_req::Options { filter_option: Some(filter), ..log(None, ReadDirection::Forwards) };
        caller.read_messages(options).await.map(|messages| positions(&messages)).map_err(|status| status.code())
    };
    assert_eq!(read(filter("", &["a-", "c"], 1)).await, Ok(vec![1, 3, 4]));
    assert_eq!(read(filter("^(?!a-).*", &[], 1)).await, Ok(vec![2, 4, 5]));
    assert_eq!(read(filter("b", &[], 1)).await, Ok(vec![2, 5]));
    assert_eq!(read(filter("(", &[], 1)).await, Err(Code::InvalidArgument));
    assert_eq!(read(filter("", &[], 1)).await, Err(Code::InvalidArgument));
    let of_stream = read_req::Options { filter_option: Some(filter("a", &[], 1)), ..reading("a-1", false) };
    assert_eq!(caller.read_messages(of_stream).await.unwrap_err().code(), Code::InvalidArgument);
}

/// The next message, shortly.
async fn next(subscription: &mut Streaming<ReadResp>) -> String {
    let message = tokio::time::timeout(std::time::Duration::from_secs(30), subscription.message());
    match message.await.unwrap() {
        Err(status) => kind(&status),
        Ok(None) => "end".to_owned(),
        Ok(Some(message)) => match message.content.unwrap() {
            read_resp::Content::Confirmation(_) => "confirmed".to_owned(),
            read_resp::Content::Checkpoint(at) => format!("checkpoint {}", at.commit_position),
            read_resp::Content::CaughtUp(caught_up) => match (caught_up.stream_revision, caught_up.position) {
                (Some(revision), None) => format!("caught up at revision {revision}"),
                (None, Some(position)) => format!("caught up at position {}", position.commit_position),
                other => format!("caught up {other:?}"),
            },
            event @ read_resp::Content::Event(_) => format!("event {}", event_of(&event).commit_position),
            other => panic!("{other:?}"),
        },
    }
}

async fn subscribe(caller: &Caller, options: read_req::Options) -> Streaming<ReadResp> {
    let options =
        read_req::Options { count_option: Some(CountOption::Subscription(SubscriptionOptions {})), ..options };
    caller.streams().read(caller.request(ReadReq { options: Some(options) })).await.unwrap().into_inner()
}

async fn told(subscription: &mut Streaming<ReadResp>, expected: &[&str]) {
    for expected in expected {
        assert_eq!(next(subscription).await, *expected);
    }
}

async fn a_follower_of_the_log_is_told_all_once_and_where_the_search_is(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream) in (1..).zip(["a", "b", "b", "a", "b", "b"]) {
        caller.appended(stream, number).await;
    }
    let wanted =
        read_req::Options { filter_option: Some(filter("^a$", &[], 1)), ..log(Some(1), ReadDirection::Forwards) };
    let mut follower = subscribe(&caller, wanted).await;
    told(&mut follower, &["confirmed", "event 4", "checkpoint 5", "checkpoint 6", "caught up at position 6"]).await;
    for (number, stream) in (7..).zip(["b", "a", "b", "b"]) {
        caller.appended(stream, number).await;
    }
    told(&mut follower, &["event 8", "checkpoint 10"]).await;
    let all = log(Some(9), ReadDirection::Forwards);
    told(&mut subscribe(&caller, all).await, &["confirmed", "event 10", "caught up at position 10"]).await;
    let backwards = read_req::Options {
        count_option: Some(CountOption::Subscription(SubscriptionOptions {})),
        ..log(None, ReadDirection::Backwards)
    };
    assert_eq!(caller.read_messages(backwards).await.unwrap_err().code(), Code::InvalidArgument);
    let never_told = read_req::Options {
        count_option: Some(CountOption::Subscription(SubscriptionOptions {})),
        filter_option: Some(filter("a", &[], 0)),
        ..log(None, ReadDirection::Forwards)
    };
    assert_eq!(caller.read_messages(never_told).await.unwrap_err().code(), Code::InvalidArgument);
}

async fn a_follower_of_a_stream_is_told_of_its_end(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut early = subscribe(&caller, reading("s", false)).await;
    told(&mut early, &["confirmed", "caught up (None, None)"]).await;
    caller.appended("s", 1).await;
    caller.appended("other", 2).await;
    caller.appended("s", 3).await;
    told(&mut early, &["event 1", "event 3"]).await;
    let mut late = subscribe(&caller, reading("s", false)).await;
    told(&mut late, &["confirmed", "event 1", "event 3", "caught up at revision 1"]).await;
    assert_eq!(caller.end("s", tombstone_req::options::ExpectedStreamRevision::Any(Empty {})).await, Ok(()));
    for follower in [&mut early, &mut late] {
        told(follower, &["stream-deleted"]).await;
    }
}

async fn subscriptions_end_when_the_server_stops(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut follower = subscribe(&caller, log(None, ReadDirection::Forwards)).await;
    told(&mut follower, &["confirmed", "caught up (None, None)"]).await;
    let Caller { serving, .. } = caller;
    let ((), last) = tokio::join!(serving.stop(), next(&mut follower));
    assert_eq!(last, "Unavailable");
}
