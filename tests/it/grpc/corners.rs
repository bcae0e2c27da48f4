//! What becomes of a stream, and what it answers to each call then.

use super::*;
use crate::support::on_every_engine;
use delete_req::options::ExpectedStreamRevision as Deleted;
use futures_util::future::join_all;
use tombstone_req::options::ExpectedStreamRevision as Ended;

on_every_engine!(
    each_expected_form_is_held_to,
    the_same_events_again_are_answered_with_their_first_place,
    a_stream_that_never_was_answers_so,
    a_stream_of_metadata_alone_exists_and_has_no_events,
    a_deleted_stream_goes_on_where_it_ended,
    an_ended_stream_is_over,
    metadata_cut_what_a_stream_shows_and_not_the_log,
    an_append_and_the_end_of_a_stream_never_both_come_last,
    a_link_is_followed_where_that_is_asked,
);

async fn metadata(caller: &Caller, stream: &str, number: u128, data: &str) {
    let event = proposed(number, "$metadata", data);
    assert!(matches!(caller.append(&format!("$${stream}"), any(), &[event]).await, Appended::At(..)));
}

async fn each_expected_form_is_held_to(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let one = |number| [proposed(number, "T", "{}")];
    assert_eq!(caller.append("s", exists(), &one(1)).await, Appended::Wrong(None));
    assert_eq!(caller.append("s", Expected::Revision(0), &one(1)).await, Appended::Wrong(None));
    let first = test.head().await + 1;
    assert_eq!(caller.append("s", no_stream(), &one(1)).await, Appended::At(0, first));
    assert_eq!(caller.append("s", no_stream(), &one(2)).await, Appended::Wrong(Some(0)));
    assert_eq!(caller.append("s", Expected::Revision(1), &one(2)).await, Appended::Wrong(Some(0)));
    assert_eq!(caller.append("s", Expected::Revision(0), &one(2)).await, Appended::At(1, first + 1));
    assert_eq!(caller.append("s", exists(), &one(3)).await, Appended::At(2, first + 2));
    assert_eq!(
        caller.append("s", any(), &[proposed(4, "T", "{}"), proposed(5, "T", "[]")]).await,
        Appended::At(4, first + 4)
    );
    assert_eq!(caller.read("s").await, Read::Events(vec![0, 1, 2, 3, 4]));
}

async fn the_same_events_again_are_answered_with_their_first_place(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let two = [proposed(1, "T", "{}"), proposed(2, "T", "{}")];
    let first = caller.append("s", no_stream(), &two).await;
    caller.appended("s", 3).await;
    for expected in [no_stream(), any(), exists()] {
        assert_eq!(caller.append("s", expected, &two).await, first);
    }
    let mixed = [proposed(1, "T", "{}"), proposed(4, "T", "{}")];
    assert_eq!(caller.append("s", any(), &mixed).await, Appended::Refused("FailedPrecondition".to_owned()));
    assert_eq!(caller.append("s", Expected::Revision(2), &two).await, Appended::Wrong(Some(2)));
    assert!(matches!(caller.append("other", any(), &two).await, Appended::At(1, _)), "an id may stand in two streams");
}

async fn a_stream_that_never_was_answers_so(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    assert_eq!(caller.read("s").await, Read::NotFound);
    assert_eq!(caller.read("$$s").await, Read::NotFound);
    let wrong = Err("wrong-expected-version".to_owned());
    assert_eq!(caller.delete("s", Deleted::Any(Empty {})).await, wrong);
    assert_eq!(caller.delete("s", Deleted::NoStream(Empty {})).await, wrong);
    assert_eq!(caller.end("s", Ended::StreamExists(Empty {})).await, wrong);
    assert_eq!(caller.end("s", Ended::Any(Empty {})).await, Ok(()));
    assert_eq!(
        caller.append("s", no_stream(), &[proposed(1, "T", "{}")]).await,
        Appended::Refused("stream-deleted".to_owned())
    );
}

async fn a_stream_of_metadata_alone_exists_and_has_no_events(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (stream, number) in [("s", 1), ("t", 2), ("u", 3)] {
        metadata(&caller, stream, number, "{\"$maxCount\":5}").await;
        assert_eq!(caller.read(stream).await, Read::NotFound);
        assert_eq!(caller.read(&format!("$${stream}")).await, Read::Events(vec![0]));
    }
    assert!(matches!(caller.append("s", exists(), &[proposed(4, "T", "{}")]).await, Appended::At(0, _)));
    assert_eq!(caller.delete("t", Deleted::NoStream(Empty {})).await, Ok(()));
    assert_eq!(caller.end("u", Ended::NoStream(Empty {})).await, Ok(()));
    assert_eq!(caller.read("u").await, Read::Refused("stream-deleted".to_owned()));
}

async fn a_deleted_stream_goes_on_where_it_ended(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (stream, number) in [("s", 10), ("t", 20), ("u", 30)] {
        caller.appended(stream, number).await;
        caller.appended(stream, number + 1).await;
        assert_eq!(caller.delete(stream, Deleted::Revision(0)).await, Err("wrong-expected-version".to_owned()));
        assert_eq!(caller.delete(stream, Deleted::Revision(1)).await, Ok(()));
        assert_eq!(caller.read(stream).await, Read::NotFound);
        assert_eq!(caller.delete(stream, Deleted::StreamExists(Empty {})).await, Err("stream-deleted".to_owned()));
    }
    let next = [proposed(40, "T", "{}")];
    assert_eq!(caller.append("s", exists(), &next).await, Appended::Refused("stream-deleted".to_owned()));
    assert!(matches!(caller.append("s", no_stream(), &next).await, Appended::At(2, _)));
    assert!(matches!(caller.append("t", any(), &next).await, Appended::At(2, _)));
    assert_eq!(caller.append("u", Expected::Revision(7), &next).await, Appended::Wrong(Some(1)));
    assert!(matches!(caller.append("u", Expected::Revision(1), &next).await, Appended::At(2, _)));
    for stream in ["s", "t", "u"] {
        assert_eq!(caller.read(stream).await, Read::Events(vec![2]));
        assert!(matches!(caller.append(stream, exists(), &[proposed(41, "T", "{}")]).await, Appended::At(3, _)));
        assert_eq!(caller.read(stream).await, Read::Events(vec![2, 3]));
    }
}

async fn an_ended_stream_is_over(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.appended("s", 1).await;
    metadata(&caller, "s", 2, "{}").await;
    assert_eq!(caller.end("s", Ended::Revision(3)).await, Err("wrong-expected-version".to_owned()));
    assert_eq!(caller.end("s", Ended::Revision(0)).await, Ok(()));
    let gone = "stream-deleted".to_owned();
    for stream in ["s", "$$s"] {
        assert_eq!(caller.read(stream).await, Read::Refused(gone.clone()));
    }
    for expected in [any(), no_stream(), exists(), Expected::Revision(0), Expected::Revision(1)] {
        assert_eq!(caller.append("s", expected, &[proposed(3, "T", "{}")]).await, Appended::Refused(gone.clone()));
    }
    assert_eq!(caller.delete("s", Deleted::Any(Empty {})).await, Err(gone.clone()));
    assert_eq!(caller.end("s", Ended::Any(Empty {})).await, Err(gone.clone()));
    metadata(&caller, "s", 4, "{}").await;
    assert_eq!(caller.append("s", any(), &[proposed(5, "T", "{}")]).await, Appended::Refused(gone));
    let forged = caller.append("t", any(), &[proposed(6, "$streamDeleted", "{}")]).await;
    assert_eq!(forged, Appended::Refused("access-denied".to_owned()));
}

async fn metadata_cut_what_a_stream_shows_and_not_the_log(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for number in 1..=5 {
        caller.appended("s", number).await;
    }
    metadata(&caller, "s", 10, "{\"$maxCount\":2}").await;
    assert_eq!(caller.read("s").await, Read::Events(vec![3, 4]));
    metadata(&caller, "s", 11, "{\"$tb\":4}").await;
    assert_eq!(caller.read("s").await, Read::Events(vec![4]));
    metadata(&caller, "s", 12, "{\"$tb\":9}").await;
    assert_eq!(caller.read("s").await, Read::Events(vec![]));
    metadata(&caller, "s", 13, "{\"$maxAge\":60}").await;
    assert_eq!(caller.read("s").await, Read::Events(vec![0, 1, 2, 3, 4]));
    test.clock.set_us(test.app.clock.now_us() + 61_000_000);
    caller.appended("s", 6).await;
    assert_eq!(caller.read("s").await, Read::Events(vec![5]));
    let of_stream = test.events_after(0).await.into_iter().filter(|event| event.stream == "s").count();
    assert_eq!(of_stream, 6);
}

async fn an_append_and_the_end_of_a_stream_never_both_come_last(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for round in 0..20_u128 {
        let stream = format!("s-{round}");
        caller.appended(&stream, 1000).await;
        let events: Vec<_> = (0..8).map(|number| [proposed(round * 100 + number, "T", "{}")]).collect();
        let appends = events.iter().map(|events| caller.append(&stream, any(), events));
        let end = caller.end(&stream, Ended::Any(Empty {}));
        let ended = if round % 2 == 0 {
            tokio::join!(join_all(appends), end).1
        } else {
            tokio::join!(end, join_all(appends)).0
        };
        assert_eq!(ended, Ok(()));
        let kinds: Vec<String> = test
            .events_after(0)
            .await
            .into_iter()
            .filter(|event| event.stream == stream)
            .map(|event| event.event_type)
            .collect();
        assert_eq!(kinds.iter().position(|kind| kind == "$streamDeleted"), Some(kinds.len() - 1), "{kinds:?}");
    }
}

async fn a_link_is_followed_where_that_is_asked(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.appended("s", 1).await;
    for (number, target) in [(10, "0@s"), (11, "7@s"), (12, "nonsense")] {
        assert!(matches!(caller.append("links", any(), &[proposed(number, "$>", target)]).await, Appended::At(..)));
    }
    let messages = caller.read_messages(reading("links", true)).await.unwrap();
    let read = |message: &read_resp::Content| match message {
        read_resp::Content::Event(read) => (
            read.event.as_ref().map(|event| event.stream_revision),
            read.link.as_ref().map(|link| link.stream_revision),
        ),
        other => panic!("{other:?}"),
    };
    let found: Vec<_> = messages.iter().map(read).collect();
    assert_eq!(found, [(Some(0), Some(0)), (None, Some(1)), (None, Some(2))]);
    let unfollowed = caller.read_messages(reading("links", false)).await.unwrap();
    assert_eq!(&*event_of(&unfollowed[0]).data, b"0@s");
}
