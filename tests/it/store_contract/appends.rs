//! Appends to one stream: expected versions, limits, what a batch is, and what is stored.

use super::{append, event, id, write, wrong};
use crate::support::engine::{BEGIN_US, Home, Store};
use chitra::store::{Append, AppendError, Direction, EventData, Seen, StreamState, VaultRow, WriteResult, leaf};

pub async fn a_new_stream_begins_at_revision_0_and_position_1(home: Home) {
    let store = home.open().await;
    let expected =
        WriteResult { revision: 0, first_position: 1, position: 1, recorded_at_us: BEGIN_US, already_recorded: false };
    assert_eq!(write(&store, "s", StreamState::NoStream, [1]).await, Ok(expected));
}

pub async fn no_stream_refuses_an_existing_stream(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap();
    assert_eq!(write(&store, "s", StreamState::NoStream, [3]).await, Err(wrong("s", Some(1))));
}

pub async fn stream_exists_refuses_a_missing_stream(home: Home) {
    let store = home.open().await;
    assert_eq!(write(&store, "s", StreamState::StreamExists, [1]).await, Err(wrong("s", None)));
    write(&store, "s", StreamState::Any, [1]).await.unwrap();
    assert_eq!(write(&store, "s", StreamState::StreamExists, [2]).await.unwrap().revision, 1);
}

pub async fn a_revision_refuses_a_stream_that_is_elsewhere(home: Home) {
    let store = home.open().await;
    assert_eq!(write(&store, "s", StreamState::Revision(0), [1]).await, Err(wrong("s", None)));
    write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap();
    assert_eq!(write(&store, "s", StreamState::Revision(0), [3]).await, Err(wrong("s", Some(1))));
    assert_eq!(write(&store, "s", StreamState::Revision(2), [3]).await, Err(wrong("s", Some(1))));
    assert_eq!(write(&store, "s", StreamState::Revision(1), [3]).await.unwrap().revision, 2);
}

pub async fn any_takes_a_stream_wherever_it_is(home: Home) {
    let store = home.open().await;
    for number in 1..=3 {
        let result = write(&store, "s", StreamState::Any, [number]).await.unwrap();
        assert_eq!(u128::from(result.revision) + 1, number);
    }
}

pub async fn several_events_of_an_append_stand_together(home: Home) {
    let store = home.open().await;
    write(&store, "other", StreamState::Any, [100]).await.unwrap();
    let result = write(&store, "s", StreamState::NoStream, 1..=5).await.unwrap();
    assert_eq!((result.revision, result.first_position, result.position), (4, 2, 6));
    let events = store.read_stream("s", None, Direction::Forwards, 10).await.unwrap();
    let places: Vec<_> = events.iter().map(|event| (event.event_id, event.revision, event.position)).collect();
    assert_eq!(places, (1..=5).map(|n: u64| (id(n.into()), n - 1, n + 1)).collect::<Vec<_>>());
}

pub async fn a_bad_append_leaves_its_neighbours_alone(home: Home) {
    let store = home.open().await;
    let answers = store
        .append_batch(vec![
            append("a", StreamState::NoStream, [1]),
            append("b", StreamState::Revision(7), [2]),
            append("a", StreamState::Revision(0), [3]),
            append("", StreamState::Any, [4]),
            append("c", StreamState::NoStream, [5]),
        ])
        .await;
    let positions: Vec<_> = answers.iter().map(|answer| answer.as_ref().map(|result| result.position)).collect();
    assert_eq!((positions[0], positions[2], positions[4]), (Ok(1), Ok(2), Ok(3)));
    assert_eq!(answers[1], Err(wrong("b", None)));
    assert!(matches!(answers[3], Err(AppendError::Invalid(_))));
    assert_eq!(store.head().await.unwrap().position, 3);
}

pub async fn what_follows_a_refused_append_is_refused_and_what_stood_before_it_stands(home: Home) {
    let store = home.open().await;
    let follows = |append: Append| Append { follows: true, ..append };
    let chain = |stream: &str, expected, first: u128| {
        let next = [append("s", expected, [first + 1]), append(stream, StreamState::Revision(0), [first + 2])];
        let mut chain = vec![append(stream, StreamState::NoStream, [first])];
        chain.extend(next.map(follows));
        chain.push(append("other", StreamState::Any, [first + 3]));
        chain
    };
    let positions = |answers: Vec<Result<WriteResult, AppendError>>| -> Vec<Result<u64, AppendError>> {
        answers.into_iter().map(|answer| answer.map(|result| result.position)).collect()
    };
    let whole = store.append_batch(chain("a", StreamState::NoStream, 10)).await;
    assert_eq!(positions(whole), [Ok(1), Ok(2), Ok(3), Ok(4)]);
    let broken = store.append_batch(chain("b", StreamState::NoStream, 20)).await;
    assert_eq!(positions(broken), [Ok(5), Err(wrong("s", Some(0))), Err(AppendError::BeforeRefused), Ok(6)]);
    let mut invalid = chain("c", StreamState::Revision(0), 30);
    invalid[0].stream = String::new();
    let invalid = positions(store.append_batch(invalid).await);
    assert!(matches!(invalid[0], Err(AppendError::Invalid(_))));
    assert_eq!(invalid[1..], [Err(AppendError::BeforeRefused), Err(AppendError::BeforeRefused), Ok(7)]);
    let nothing_before = store.append_to_stream(follows(append("d", StreamState::NoStream, [40]))).await;
    assert!(matches!(nothing_before, Err(AppendError::Invalid(_))));
    assert_eq!(store.head().await.unwrap().position, 7);
}

pub async fn appends_that_are_bound_together_all_count_or_none_does(home: Home) {
    let store = home.open().await;
    let bound = |append: Append| Append { together: true, ..append };
    let pair = |first: (&str, u128), second: (&str, u128), expected| {
        let first = append(first.0, StreamState::Any, [first.1]);
        vec![first, bound(append(second.0, expected, [second.1])), append("other", StreamState::Any, [first_free()])]
    };
    let short = |answers: Vec<Result<WriteResult, AppendError>>| -> Vec<Result<(u64, bool), AppendError>> {
        let short = |result: WriteResult| (result.position, result.already_recorded);
        answers.into_iter().map(|answer| answer.map(short)).collect()
    };
    let before = || Err(AppendError::BeforeRefused);
    let both = short(store.append_batch(pair(("a", 1), ("b", 2), StreamState::NoStream)).await);
    assert_eq!(both, [Ok((1, false)), Ok((2, false)), Ok((3, false))]);
    let conflict = short(store.append_batch(pair(("c", 3), ("b", 4), StreamState::NoStream)).await);
    assert_eq!(conflict, [before(), Err(wrong("b", Some(0))), Ok((4, false))]);
    assert_eq!(store.read_stream("c", None, Direction::Forwards, 9).await.unwrap(), []);
    let again = short(store.append_batch(pair(("a", 1), ("b", 2), StreamState::NoStream)).await);
    assert_eq!(again, [Ok((1, true)), Ok((2, true)), Ok((5, false))], "all of it stands already");
    let partly = short(store.append_batch(pair(("a", 1), ("b", 5), StreamState::Any)).await);
    let corrupted = AppendError::CorruptedIdempotency { stream: "b".to_owned() };
    assert_eq!(partly, [before(), Err(corrupted), Ok((6, false))], "one stands already and one would be new");
    let mut invalid = pair(("d", 6), ("", 7), StreamState::Any);
    invalid.push(bound(append("e", StreamState::Any, [8])));
    let invalid = store.append_batch(invalid).await;
    assert_eq!(invalid[0], Err(AppendError::BeforeRefused));
    assert!(matches!(invalid[1], Err(AppendError::Invalid(_))));
    let alone = store.append_to_stream(bound(append("d", StreamState::NoStream, [40]))).await;
    assert!(matches!(alone, Err(AppendError::Invalid(_))));
    assert_eq!(store.read_stream("d", None, Direction::Forwards, 9).await.unwrap(), []);
}

/// An id that was not used before.
fn first_free() -> u128 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1000);
    u128::from(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

pub async fn an_append_counts_only_where_the_streams_that_it_saw_still_stand(home: Home) {
    let store = home.open().await;
    let seeing = |stream: &str, number, last| {
        let seen = vec![Seen { stream: "seen".to_owned(), last }];
        Append { seen, ..append(stream, StreamState::Any, [number]) }
    };
    let moved = || Err(AppendError::SeenMoved { stream: "seen".to_owned() });
    store.append_to_stream(seeing("a", 1, None)).await.unwrap();
    store.append_to_stream(append("seen", StreamState::Any, [2])).await.unwrap();
    assert_eq!(store.append_to_stream(seeing("a", 3, None)).await, moved());
    assert_eq!(store.append_to_stream(seeing("a", 3, Some(1))).await, moved());
    store.append_to_stream(seeing("a", 3, Some(0))).await.unwrap();
    // What was recorded before is answered, wherever the other stream is now.
    assert!(store.append_to_stream(seeing("a", 1, None)).await.unwrap().already_recorded);
    // In one transaction the appends before count.
    let together = vec![append("seen", StreamState::Any, [4]), seeing("b", 5, Some(0)), seeing("b", 6, Some(1))];
    let answers = store.append_batch(together).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert_eq!(answers[1], moved());
    assert_eq!(store.head().await.unwrap().position, 5);
}

/// Appends of one event each, alike but for content and stream.
fn load(numbers: std::ops::Range<u128>) -> Vec<Append> {
    numbers.map(|number| append(&format!("s-{number:06}"), StreamState::NoStream, [number])).collect()
}

/// Hands several loads over at the same time, in this order.
async fn hand_over(store: &Store, loads: Vec<Vec<Append>>) -> Vec<Result<WriteResult, AppendError>> {
    let answers = loads.into_iter().map(|load| store.append_batch(load));
    futures_util::future::join_all(answers).await.into_iter().flatten().collect()
}

pub async fn loads_that_follow_each_other_come_back_as_they_were_given(home: Home) {
    let store = home.open().await;
    write(&store, "before", StreamState::NoStream, [1_000_000]).await.unwrap();
    let loads = vec![load(0..2_000), load(2_000..4_000), load(4_000..6_000), load(6_000..6_100)];
    let given: Vec<Append> = loads.iter().flatten().cloned().collect();
    let answers = hand_over(&store, loads).await;
    for ((append, answer), position) in given.iter().zip(&answers).zip(2..) {
        assert_eq!(answer.as_ref().map(|result| (result.position, result.revision)), Ok((position, 0)));
        let stored = store.read_stream(&append.stream, None, Direction::Forwards, 2).await.unwrap();
        let [stored] = stored.as_slice() else { panic!("{} has {} events", append.stream, stored.len()) };
        assert_eq!((stored.position, stored.event_id), (position, append.events[0].event_id));
        assert_eq!((&stored.data, &stored.metadata), (&append.events[0].data, &append.events[0].metadata));
        assert_eq!(stored.leaf_hash, leaf::of_recorded(store.log_id(), stored));
    }
    assert_eq!(store.head().await.unwrap().position, 6_101);
}

pub async fn a_bad_append_of_a_load_is_refused_alone_and_the_loads_behind_it_follow(home: Home) {
    let store = home.open().await;
    write(&store, "s-001000", StreamState::NoStream, [1_000_000]).await.unwrap();
    let answers = hand_over(&store, vec![load(0..2_000), load(2_000..4_000), load(4_000..6_000)]).await;
    let (mut refused, mut position) = (0, 1);
    for answer in answers {
        match answer {
            Ok(result) => {
                position += 1;
                assert_eq!(result.position, position);
            }
            Err(error) => {
                refused += 1;
                assert_eq!(error, wrong("s-001000", Some(0)));
            }
        }
    }
    assert_eq!((refused, position, store.head().await.unwrap().position), (1, 6_000, 6_000));
}

pub async fn an_append_over_a_limit_is_refused_and_leaves_nothing(home: Home) {
    let store = home.open().await;
    let large = EventData { data: vec![b'x'; 1024 * 1024 + 1], metadata: Vec::new(), ..event(1) };
    for append in [
        append(&"s".repeat(256), StreamState::Any, [1]),
        append("s", StreamState::Any, []),
        append("s", StreamState::Any, [1, 1]),
        append("s", StreamState::Any, 0..10_001),
        Append::events("s", StreamState::Any, vec![event(2), large]),
    ] {
        assert!(matches!(store.append_to_stream(append).await, Err(AppendError::Invalid(_))));
    }
    assert_eq!(store.head().await.unwrap().position, 0);
}

pub async fn the_largest_append_is_taken(home: Home) {
    let store = home.open().await;
    let result = write(&store, &"s".repeat(255), StreamState::NoStream, 0..10_000).await.unwrap();
    assert_eq!((result.revision, result.position), (9_999, 10_000));
    let large = EventData { data: vec![b'x'; 1024 * 1024], metadata: Vec::new(), ..event(1) };
    store.append_to_stream(Append::events("large", StreamState::Any, vec![large.clone()])).await.unwrap();
    let stored = store.read_stream("large", None, Direction::Forwards, 1).await.unwrap();
    assert_eq!(stored[0].data, large.data);
}

pub async fn what_is_stored_has_its_leaf_hash(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::NoStream, 1..=20).await.unwrap();
    home.clock.set_us(BEGIN_US + 1);
    write(&store, "t", StreamState::NoStream, 21..=30).await.unwrap();
    let events = store.read_all(None, Direction::Forwards, 100).await.unwrap();
    assert_eq!(events.len(), 30);
    for event in events {
        assert_eq!(event.leaf_hash, leaf::of_recorded(store.log_id(), &event), "position {}", event.position);
    }
}

pub async fn bytes_come_back_as_they_were_given(home: Home) {
    let store = home.open().await;
    let given = EventData {
        event_type: "Đã chi trả".to_owned(),
        schema_version: u16::MAX,
        data: (0..=255).collect(),
        metadata: Vec::new(),
        ..event(1)
    };
    store.append_to_stream(Append::events("dòng-1", StreamState::Any, vec![given.clone()])).await.unwrap();
    let stored = store.read_stream("dòng-1", None, Direction::Forwards, 1).await.unwrap().remove(0);
    let back = EventData {
        event_id: stored.event_id,
        event_type: stored.event_type,
        schema_version: stored.schema_version,
        data: stored.data,
        metadata: stored.metadata,
    };
    assert_eq!((stored.stream.as_str(), back), ("dòng-1", given));
}

pub async fn vault_rows_are_written_with_their_append_or_not_at_all(home: Home) {
    let store = home.open().await;
    let row = |number: u128, stream: &str, expected| Append {
        vault: vec![
            VaultRow::Key { subject: id(number), wrapped_key: vec![1] },
            VaultRow::Record {
                record_ref: id(number + 100),
                subject: id(number),
                kind: "name",
                ciphertext: vec![2, 3],
            },
        ],
        ..append(stream, expected, [number])
    };
    store.append_to_stream(row(1, "a", StreamState::NoStream)).await.unwrap();
    store.append_to_stream(row(2, "b", StreamState::StreamExists)).await.unwrap_err();
    assert_eq!(store.wrapped_keys(&[id(1), id(2)]).await.unwrap(), vec![Some(vec![1]), None]);
    let records = store.vault_records(&[id(101), id(102)]).await.unwrap();
    assert_eq!(
        records[0].as_ref().map(|record| (record.subject, record.ciphertext.clone())),
        Some((id(1), vec![2, 3]))
    );
    assert_eq!(records[1], None);
    let again = store.append_to_stream(row(1, "c", StreamState::NoStream)).await;
    assert!(matches!(again, Err(AppendError::Invalid(_))), "a person's key is never replaced: {again:?}");
}
