//! Given what a log knows, when appends are judged in turn, then these answers. No store is needed.

use super::*;
use crate::store::{RequestKey, Seen};

type Answer = Result<WriteResult, AppendError>;

const BEFORE: i64 = 1_000;
const NOW: i64 = 2_000;

fn id(number: u8) -> Uuid {
    Uuid::from_bytes([number; 16])
}

fn event(number: u8) -> EventData {
    EventData {
        event_id: id(number),
        event_type: "T".to_owned(),
        schema_version: 1,
        data: vec![number],
        metadata: Vec::new(),
    }
}

fn append(stream: &str, expected: StreamState, ids: &[u8]) -> Append {
    Append::events(stream, expected, ids.iter().map(|number| event(*number)).collect())
}

/// A log whose stream `s` holds these events; positions are revisions and 101.
fn known(ids: &[u8]) -> Known<'static> {
    let mut known = Known::default();
    for (number, revision) in ids.iter().zip(0..) {
        known.events.insert(("s", id(*number)), Place { revision, position: revision + 101, recorded_at_us: BEFORE });
        known.streams.insert("s", revision);
    }
    known
}

fn judge_all(known: Known<'static>, appends: &[Append]) -> Vec<Answer> {
    // The judge borrows the appends' keys; a test's own known keys live for ever.
    let mut judge = Judge::new(known, 201, NOW);
    appends.iter().map(|append| judge.judge(append)).collect()
}

fn judge_one(ids: &[u8], expected: StreamState, given: &[u8]) -> Answer {
    judge_all(known(ids), &[append("s", expected, given)]).remove(0)
}

fn wrong(actual: Option<u64>) -> Answer {
    Err(AppendError::WrongExpectedVersion { stream: "s".to_owned(), actual })
}

fn partial() -> Answer {
    Err(AppendError::CorruptedIdempotency { stream: "s".to_owned() })
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with answers")]
fn written(revision: u64, first_position: u64, position: u64) -> Answer {
    Ok(WriteResult { revision, first_position, position, recorded_at_us: NOW, already_recorded: false })
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with answers")]
fn original(revision: u64, first_position: u64, position: u64) -> Answer {
    Ok(WriteResult { revision, first_position, position, recorded_at_us: BEFORE, already_recorded: true })
}

#[test]
fn a_new_stream_is_written_with_no_stream_and_with_any() {
    for expected in [StreamState::NoStream, StreamState::Any] {
        assert_eq!(judge_one(&[], expected, &[1, 2]), written(1, 201, 202));
    }
}

#[test]
fn a_stream_that_must_exist_and_does_not_is_refused() {
    for expected in [StreamState::StreamExists, StreamState::Revision(0)] {
        assert_eq!(judge_one(&[], expected, &[1]), wrong(None));
    }
}

#[test]
fn an_existing_stream_is_continued_with_any_exists_and_its_revision() {
    for expected in [StreamState::Any, StreamState::StreamExists, StreamState::Revision(1)] {
        assert_eq!(judge_one(&[1, 2], expected, &[3]), written(2, 201, 201));
    }
}

#[test]
fn a_revision_ahead_of_the_stream_is_refused() {
    assert_eq!(judge_one(&[1, 2], StreamState::Revision(2), &[3]), wrong(Some(1)));
    assert_eq!(judge_one(&[1, 2], StreamState::Revision(u64::MAX), &[3]), wrong(Some(1)));
}

#[test]
fn other_events_at_an_old_revision_are_refused() {
    assert_eq!(judge_one(&[1, 2], StreamState::Revision(0), &[3]), wrong(Some(1)));
    assert_eq!(judge_one(&[1, 2], StreamState::NoStream, &[3]), wrong(Some(1)));
}

#[test]
fn the_same_events_at_their_old_revision_get_their_original_place() {
    assert_eq!(judge_one(&[1, 2, 3], StreamState::Revision(0), &[2]), original(1, 102, 102));
    assert_eq!(judge_one(&[1, 2, 3], StreamState::NoStream, &[1, 2]), original(1, 101, 102));
}

#[test]
fn the_same_events_at_another_old_revision_are_refused() {
    assert_eq!(judge_one(&[1, 2, 3], StreamState::Revision(0), &[3]), wrong(Some(2)));
}

#[test]
fn old_events_with_a_new_one_after_them_are_a_corrupted_repeat() {
    assert_eq!(judge_one(&[1, 2], StreamState::NoStream, &[1, 9]), partial());
    assert_eq!(judge_one(&[1, 2], StreamState::NoStream, &[1, 2, 3]), partial());
    assert_eq!(judge_one(&[1, 2, 3], StreamState::Revision(0), &[2, 9]), partial());
}

#[test]
fn a_new_event_with_old_ones_after_it_is_refused_as_wrong_version() {
    assert_eq!(judge_one(&[1, 2], StreamState::NoStream, &[9, 2]), wrong(Some(1)));
}

#[test]
fn the_current_revision_with_an_event_that_the_stream_holds_is_a_wrong_version() {
    assert_eq!(judge_one(&[1, 2], StreamState::Revision(1), &[2]), wrong(Some(1)));
    assert_eq!(judge_one(&[1, 2], StreamState::Revision(1), &[3, 1]), wrong(Some(1)));
}

#[test]
fn any_and_exists_with_all_events_there_get_their_original_place() {
    for expected in [StreamState::Any, StreamState::StreamExists] {
        assert_eq!(judge_one(&[1, 2, 3], expected, &[2, 3]), original(2, 102, 103));
        assert_eq!(judge_one(&[1, 2, 3], expected, &[1]), original(0, 101, 101));
    }
}

#[test]
fn any_and_exists_with_some_events_there_are_a_corrupted_repeat() {
    for expected in [StreamState::Any, StreamState::StreamExists] {
        assert_eq!(judge_one(&[1, 2], expected, &[2, 3]), partial());
        assert_eq!(judge_one(&[1, 2], expected, &[3, 2]), partial());
    }
}

#[test]
fn an_append_sees_those_before_it_in_the_batch() {
    let batch = [
        append("s", StreamState::NoStream, &[1]),
        append("s", StreamState::Revision(0), &[2]),
        append("s", StreamState::NoStream, &[3]),
        append("s", StreamState::NoStream, &[1, 2]),
    ];
    let answers = judge_all(Known::default(), &batch);
    let repeated = Ok(WriteResult { already_recorded: true, ..written(1, 201, 202).unwrap() });
    assert_eq!(answers, vec![written(0, 201, 201), written(1, 202, 202), wrong(Some(1)), repeated]);
}

#[test]
fn a_refused_append_takes_no_position() {
    let batch = [
        append("a", StreamState::Any, &[1]),
        append("s", StreamState::Revision(7), &[2]),
        append("b", StreamState::Any, &[3]),
    ];
    assert_eq!(judge_all(Known::default(), &batch), vec![written(0, 201, 201), wrong(None), written(0, 202, 202)]);
}

#[test]
fn one_id_may_stand_in_two_streams() {
    let batch = [append("a", StreamState::NoStream, &[1]), append("b", StreamState::NoStream, &[1])];
    assert_eq!(judge_all(Known::default(), &batch), vec![written(0, 201, 201), written(0, 202, 202)]);
}

fn claiming(stream: &str, number: u8, changes: &[(u8, bool)]) -> Append {
    let claim = |(key, take): &(u8, bool)| ClaimChange { kind: "kind", key: vec![*key], take: *take };
    Append { claims: changes.iter().map(claim).collect(), ..append(stream, StreamState::Any, &[number]) }
}

fn taken_by(stream: &str) -> AppendError {
    AppendError::ClaimTaken { kind: "kind", stream: stream.to_owned() }
}

/// Which appends were accepted, and who refused the others.
fn claimed(batch: &[Append]) -> Vec<Option<AppendError>> {
    judge_all(Known::default(), batch).into_iter().map(Result::err).collect()
}

#[test]
fn a_claim_that_another_stream_took_in_the_batch_is_refused() {
    let batch = [claiming("a", 1, &[(7, true)]), claiming("b", 2, &[(7, true)])];
    assert_eq!(claimed(&batch), vec![None, Some(taken_by("a"))]);
}

#[test]
fn a_stream_may_take_what_it_holds_already() {
    assert_eq!(claimed(&[claiming("a", 1, &[(7, true)]), claiming("a", 2, &[(7, true)])]), vec![None, None]);
}

#[test]
fn a_released_claim_can_be_taken_by_another_later_in_the_batch() {
    let batch = [claiming("a", 1, &[(7, true)]), claiming("a", 2, &[(7, false)]), claiming("b", 3, &[(7, true)])];
    assert_eq!(claimed(&batch), vec![None, None, None]);
}

#[test]
fn a_claim_is_released_only_by_the_stream_that_holds_it() {
    let batch = [claiming("a", 1, &[(7, true)]), claiming("b", 2, &[(7, false)]), claiming("c", 3, &[(7, true)])];
    assert_eq!(claimed(&batch), vec![None, None, Some(taken_by("a"))]);
}

#[test]
fn a_refused_append_leaves_the_claims_as_they_were() {
    let batch = [
        claiming("a", 1, &[(7, true)]),
        claiming("b", 2, &[(5, true), (7, true)]),
        claiming("c", 3, &[(5, true)]),
        claiming("a", 4, &[(7, false), (5, true)]),
        claiming("d", 5, &[(7, true)]),
    ];
    assert_eq!(claimed(&batch), vec![None, Some(taken_by("a")), None, Some(taken_by("c")), Some(taken_by("a"))]);
}

#[test]
fn release_and_take_keep_their_order_within_an_append() {
    let batch = [claiming("a", 1, &[(7, true), (7, false)]), claiming("b", 2, &[(7, true)])];
    assert_eq!(claimed(&batch), vec![None, None]);
    let batch = [claiming("a", 1, &[(7, false), (7, true)]), claiming("b", 2, &[(7, true)])];
    assert_eq!(claimed(&batch), vec![None, Some(taken_by("a"))]);
}

fn requesting(mut append: Append, key: &str) -> Append {
    append.request = Some(RequestKey { caller: "me".to_owned(), idempotency_key: key.to_owned(), input_hash: [3; 32] });
    append
}

#[test]
fn the_second_request_with_a_key_is_told_of_the_first_before_its_version_is_looked_at() {
    let batch = [
        requesting(append("s", StreamState::NoStream, &[1, 2]), "k"),
        requesting(append("t", StreamState::Revision(9), &[1]), "k"),
    ];
    let recorded = RecordedRequest {
        input_hash: [3; 32],
        stream: "s".to_owned(),
        first_position: Some(201),
        event_count: 2,
        revision: 1,
        position: 202,
    };
    let answers = judge_all(Known::default(), &batch);
    assert_eq!(answers, vec![written(1, 201, 202), Err(AppendError::RequestRecorded(Box::new(recorded)))]);
}

#[test]
fn a_refused_request_leaves_its_key_free() {
    let batch = [
        requesting(append("s", StreamState::StreamExists, &[1]), "k"),
        requesting(append("s", StreamState::NoStream, &[1]), "k"),
    ];
    assert_eq!(judge_all(Known::default(), &batch), vec![wrong(None), written(0, 201, 201)]);
}

#[test]
fn a_request_without_events_is_placed_at_the_head_and_at_the_streams_revision() {
    let batch = [append("t", StreamState::Any, &[9]), requesting(append("s", StreamState::Revision(1), &[]), "k")];
    assert_eq!(judge_all(known(&[1, 2]), &batch), vec![written(0, 201, 201), written(1, 201, 201)]);
}

#[test]
fn a_vault_row_that_is_there_already_is_refused() {
    let with_key = |number| Append {
        vault: vec![VaultRow::Key { subject: id(7), wrapped_key: vec![1] }],
        ..append("s", StreamState::Any, &[number])
    };
    let answers = judge_all(Known::default(), &[with_key(1), with_key(2)]);
    assert!(answers[0].is_ok());
    assert!(matches!(answers[1], Err(AppendError::Invalid(_))));
}

#[test]
fn names_events_and_payloads_have_limits() {
    let invalid = |append: &Append| matches!(validate(append), Err(AppendError::Invalid(_)));
    let sized = |bytes: usize| {
        let mut append = append("s", StreamState::Any, &[1]);
        append.events[0].data = vec![0; bytes];
        append.events[0].metadata = vec![0; 1];
        append
    };
    assert!(!invalid(&sized(EVENT_BYTES_MAX - 1)));
    assert!(invalid(&sized(EVENT_BYTES_MAX)));
    assert!(!invalid(&append(&"s".repeat(255), StreamState::Any, &[1])));
    assert!(invalid(&append(&"s".repeat(256), StreamState::Any, &[1])));
    assert!(invalid(&append("", StreamState::Any, &[1])));
    assert!(invalid(&append("a\0b", StreamState::Any, &[1])));
    assert!(invalid(&append("s", StreamState::Any, &[])));
    assert!(invalid(&append("s", StreamState::Any, &[1, 1])));
    let many = |count| Append::events("s", StreamState::Any, (0..count).map(numbered).collect());
    assert!(!invalid(&many(10_000)));
    assert!(invalid(&many(10_001)));
}

fn numbered(number: u128) -> EventData {
    EventData { event_id: Uuid::from_u128(number), ..event(0) }
}

#[test]
fn what_an_append_saw_elsewhere_is_compared_with_the_batch_before_it() {
    let seeing = |number, last| {
        let seen = vec![Seen { stream: "s".to_owned(), last }];
        Append { seen, ..append("t", StreamState::Any, &[number]) }
    };
    let batch = [seeing(10, Some(0)), append("s", StreamState::Any, &[11]), seeing(12, Some(0)), seeing(13, Some(1))];
    let refused: Vec<_> = judge_all(known(&[1]), &batch).into_iter().map(Result::err).collect();
    assert_eq!(refused, vec![None, None, Some(AppendError::SeenMoved { stream: "s".to_owned() }), None]);
}

#[test]
fn what_is_bound_together_leaves_nothing_behind_when_one_of_it_is_refused() {
    let bound = |append: Append| Append { together: true, ..append };
    let taking = |stream: &str, number| claiming(stream, number, &[(7, true)]);
    let appends = [
        append("t", StreamState::NoStream, &[1]),
        bound(taking("u", 2)),
        bound(append("s", StreamState::NoStream, &[3])),
        // It sees neither the stream nor the claim of those before it.
        append("t", StreamState::NoStream, &[4]),
        bound(taking("v", 5)),
        bound(append("t", StreamState::Revision(0), &[6])),
    ];
    let mut judge = Judge::new(known(&[9]), 201, NOW);
    let answers = in_turn(&appends, &mut judge);
    let before = || Err(AppendError::BeforeRefused);
    assert_eq!(answers[..3], [before(), before(), wrong(Some(0))]);
    assert_eq!(answers[3..], [written(0, 201, 201), written(0, 202, 202), written(1, 203, 203)]);
}
