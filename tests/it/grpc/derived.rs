//! `$ce-` and `$et-`: streams of links that follow from the log.

use super::*;
use crate::support::on_every_engine;
use read_req::options::{CountOption, ReadDirection, StreamOption, StreamOptions, SubscriptionOptions, stream_options};
use std::time::Duration;
use tonic::Streaming;

on_every_engine!(
    a_category_is_read_both_ways_from_any_number,
    a_type_links_to_its_events_wherever_they_are,
    our_own_streams_have_categories_too,
    links_to_what_is_no_longer_shown_lead_nowhere,
    a_follower_of_a_category_is_told_each_event_once,
    a_long_category_keeps_its_numbers,
    nobody_writes_to_a_category,
);

/// The links, as `number data`, or what they lead to as `number revision@stream`.
async fn links(caller: &Caller, options: read_req::Options) -> Vec<String> {
    let messages = caller.read_messages(options).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let shown = |message: &read_resp::Content| match message {
        read_resp::Content::Event(read) => match (&read.event, &read.link) {
            (Some(link), None) => format!("{} {}", link.stream_revision, text(&link.data)),
            (Some(event), Some(link)) => {
                let stream = text(&event.stream_identifier.as_ref().unwrap().stream_name);
                assert_eq!(event.commit_position, link.commit_position);
                format!("{} {}@{stream}", link.stream_revision, event.stream_revision)
            }
            (None, link) => format!("{} nothing", link.as_ref().unwrap().stream_revision),
        },
        other => panic!("{other:?}"),
    };
    messages.iter().map(shown).collect()
}

fn from(stream: &str, revision: u64, direction: ReadDirection, count: u64) -> read_req::Options {
    read_req::Options {
        stream_option: Some(StreamOption::Stream(StreamOptions {
            stream_identifier: Some(name(stream)),
            revision_option: Some(stream_options::RevisionOption::Revision(revision)),
        })),
        read_direction: direction.into(),
        count_option: Some(CountOption::Count(count)),
        ..reading(stream, false)
    }
}

async fn some(caller: &Caller) {
    for (number, stream) in (1..).zip(["a-1", "b-1", "a-2", "alone", "a-1", "a-2"]) {
        caller.appended(stream, number).await;
    }
}

async fn a_category_is_read_both_ways_from_any_number(test: TestApp) {
    let caller = call(&test, Some(Role::Auditor)).await;
    assert_eq!(caller.read("$ce-a").await, Read::NotFound);
    let clerk = call(&test, Some(Role::Clerk)).await;
    some(&clerk).await;
    let all = ["0 0@a-1", "1 0@a-2", "2 1@a-1", "3 1@a-2"];
    assert_eq!(links(&caller, reading("$ce-a", false)).await, all);
    assert_eq!(links(&caller, reading("$ce-a", true)).await, all);
    assert_eq!(links(&caller, from("$ce-a", 1, ReadDirection::Forwards, 2)).await, all[1..3]);
    let mut back = all;
    back.reverse();
    assert_eq!(links(&caller, from("$ce-a", u64::MAX, ReadDirection::Backwards, 9)).await, back);
    assert_eq!(links(&caller, from("$ce-a", 2, ReadDirection::Backwards, 2)).await, back[1..3]);
    assert_eq!(links(&caller, from("$ce-a", 4, ReadDirection::Forwards, 9)).await, [] as [&str; 0]);
    assert_eq!(caller.read("$ce-alone").await, Read::NotFound, "a name without a dash has no category");
    let link = &caller.read_messages(reading("$ce-a", false)).await.unwrap()[0];
    assert_eq!(event_of(link).metadata["type"], "$>");
    let again = &caller.read_messages(reading("$ce-a", false)).await.unwrap()[0];
    assert_eq!(event_of(link).id, event_of(again).id, "a link has one id for ever");
    assert_eq!(call(&test, Some(Role::Analyst)).await.read("$ce-a").await, Read::Refused("access-denied".to_owned()));
}

async fn a_type_links_to_its_events_wherever_they_are(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream, event_type) in [(1, "a-1", "T"), (2, "b-1", "U"), (3, "alone", "T"), (4, "a-1", "U")] {
        assert!(matches!(caller.append(stream, any(), &[proposed(number, event_type, "{}")]).await, Appended::At(..)));
    }
    assert!(matches!(caller.append("$$a-1", any(), &[proposed(5, "$metadata", "{}")]).await, Appended::At(..)));
    assert_eq!(links(&caller, reading("$et-T", true)).await, ["0 0@a-1", "1 0@alone"]);
    assert_eq!(links(&caller, reading("$et-U", false)).await, ["0 0@b-1", "1 1@a-1"]);
    assert_eq!(caller.read("$et-$metadata").await, Read::NotFound, "what the server writes is not linked to");
}

async fn our_own_streams_have_categories_too(test: TestApp) {
    let caller = call(&test, Some(Role::Auditor)).await;
    test.pension_of("TK-1", crate::support::verbs::WARD).await;
    let registered = links(&caller, reading("$ce-beneficiary", true)).await;
    assert!(!registered.is_empty() && registered[0].starts_with("0 0@beneficiary-"), "{registered:?}");
    let instructed = links(&caller, reading("$et-PaymentInstructed", true)).await;
    assert_eq!(instructed.len(), 1);
    assert!(instructed[0].starts_with("0 0@payment-"), "{instructed:?}");
}

async fn links_to_what_is_no_longer_shown_lead_nowhere(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    some(&caller).await;
    let any_end = tombstone_req::options::ExpectedStreamRevision::Any(Empty {});
    assert_eq!(caller.end("a-2", any_end).await, Ok(()));
    let cut = proposed(20, "$metadata", "{\"$tb\":1}");
    assert!(matches!(caller.append("$$a-1", any(), &[cut]).await, Appended::At(..)));
    let found = links(&caller, reading("$ce-a", true)).await;
    assert_eq!(found, ["0 nothing", "1 nothing", "2 1@a-1", "3 nothing"]);
}

async fn follow(caller: &Caller, stream: &str, after: Option<u64>, resolve_links: bool) -> Streaming<ReadResp> {
    let options = read_req::Options {
        stream_option: Some(StreamOption::Stream(StreamOptions {
            stream_identifier: Some(name(stream)),
            revision_option: after.map(stream_options::RevisionOption::Revision),
        })),
        count_option: Some(CountOption::Subscription(SubscriptionOptions {})),
        ..reading(stream, resolve_links)
    };
    caller.streams().read(caller.request(ReadReq { options: Some(options) })).await.unwrap().into_inner()
}

async fn next(follower: &mut Streaming<ReadResp>) -> String {
    let message = tokio::time::timeout(Duration::from_secs(20), follower.message()).await.unwrap();
    match message.unwrap().unwrap().content.unwrap() {
        read_resp::Content::Confirmation(_) => "confirmed".to_owned(),
        read_resp::Content::CaughtUp(at) => format!("caught up {:?}", at.stream_revision),
        read_resp::Content::Event(read) => {
            let link = read.link.or(read.event).unwrap();
            format!("{}", link.stream_revision)
        }
        other => panic!("{other:?}"),
    }
}

async fn a_follower_of_a_category_is_told_each_event_once(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    some(&caller).await;
    let mut early = follow(&caller, "$ce-new", None, false).await;
    let mut whole = follow(&caller, "$ce-a", None, true).await;
    let mut rest = follow(&caller, "$ce-a", Some(1), false).await;
    for expected in ["confirmed", "0", "1", "2", "3", "caught up Some(3)"] {
        assert_eq!(next(&mut whole).await, expected);
    }
    for expected in ["confirmed", "2", "3", "caught up Some(3)"] {
        assert_eq!(next(&mut rest).await, expected);
    }
    for expected in ["confirmed", "caught up None"] {
        assert_eq!(next(&mut early).await, expected);
    }
    for number in 0..20_u128 {
        let stream = ["a-9", "b-9", "new-1", "a-1"][usize::try_from(number % 4).unwrap()];
        caller.appended(stream, 100 + number).await;
    }
    for number in 4..14 {
        assert_eq!(next(&mut whole).await, format!("{number}"));
        assert_eq!(next(&mut rest).await, format!("{number}"));
    }
    for number in 0..5 {
        assert_eq!(next(&mut early).await, format!("{number}"));
    }
}

async fn a_long_category_keeps_its_numbers(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut expected = Vec::new();
    for round in 0..30_u128 {
        let events: Vec<_> = (0..40).map(|number| proposed(round * 100 + number + 1, "T", "{}")).collect();
        let stream = format!("{}-{}", if round % 3 == 0 { "b" } else { "a" }, round % 7);
        assert!(matches!(caller.append(&stream, any(), &events).await, Appended::At(..)));
    }
    for event in test.events_after(0).await {
        if event.stream.starts_with("a-") {
            expected.push(format!("{} {}@{}", expected.len(), event.revision, event.stream));
        }
    }
    assert_eq!(expected.len(), 800);
    assert_eq!(links(&caller, reading("$ce-a", false)).await, expected);
    assert_eq!(links(&caller, from("$ce-a", 333, ReadDirection::Forwards, 70)).await, expected[333..403]);
    // Another server finds the same numbers.
    let twin = test.twin().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let serving = serve(twin, listener, GrpcOptions::default()).unwrap();
    let channel = Channel::from_shared(format!("http://{}", serving.address)).unwrap().connect().await.unwrap();
    let other = Caller { channel, authorization: caller.authorization.clone(), serving };
    assert_eq!(links(&other, reading("$ce-a", true)).await, expected);
}

async fn nobody_writes_to_a_category(test: TestApp) {
    let caller = call(&test, Some(Role::Supervisor)).await;
    for stream in ["$ce-a", "$et-T", "$$$ce-a"] {
        let appended = caller.append(stream, any(), &[proposed(1, "T", "{}")]).await;
        assert_eq!(appended, Appended::Refused("access-denied".to_owned()), "{stream}");
    }
}
