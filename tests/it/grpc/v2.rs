//! Appends to several streams at once: all of it or nothing, with what is expected, checks, sizes, and the details of refusals.

use super::domain::{body_of, events_of, happenings, stream_of, told_of};
use super::*;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, settled};
use chitra::grpc::proto::v2::streams::errors::{
    AppendConsistencyViolationErrorDetails, AppendRecordSizeExceededErrorDetails,
    AppendTransactionSizeExceededErrorDetails, StreamRevisionConflictErrorDetails, consistency_violation,
};
use chitra::grpc::proto::v2::streams::streams_service_client::StreamsServiceClient;
use chitra::grpc::proto::v2::streams::{
    AppendRecord, AppendRecordsRequest, AppendRecordsResponse, AppendRequest, AppendSessionResponse, ConsistencyCheck,
    SchemaFormat, SchemaInfo, consistency_check,
};
use prost::Message;
use prost_types::value::Kind;
use serde_json::json;
use std::time::Duration;
use tonic::Code;

on_every_engine!(
    all_streams_are_appended_to_or_none_is,
    what_is_expected_of_each_stream_is_held,
    a_deleted_stream_goes_on_and_an_ended_one_does_not,
    sizes_and_streams_that_stand_twice_are_refused_with_their_details,
    checks_of_other_streams_are_held,
    a_check_holds_until_the_records_are_written,
    records_come_back_as_events,
    streams_of_ours_are_decided_beside_others,
    who_may_append_is_who_may_append_alone,
);

/// A status with its first detail: the last word of its type, and its bytes.
#[derive(Clone, PartialEq, Message)]
struct Rich {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

fn detail(status: &Status) -> (String, Vec<u8>) {
    let rich = Rich::decode(status.details()).unwrap();
    assert_eq!((rich.code, rich.message.as_str()), (i32::from(status.code()), status.message()));
    let [any] = &rich.details[..] else { panic!("{rich:?}") };
    let name = any.type_url.strip_prefix("type.googleapis.com/kurrentdb.protocol.v2.streams.errors.").unwrap();
    (name.to_owned(), any.value.clone())
}

fn record(number: u128, data: &str) -> AppendRecord {
    AppendRecord {
        record_id: Some(Uuid::from_u128(number).to_string()),
        schema: Some(SchemaInfo { format: SchemaFormat::Json.into(), name: "T".to_owned(), id: None }),
        data: data.as_bytes().to_vec().into(),
        ..AppendRecord::default()
    }
}

fn to(stream: &str, expected: impl Into<Option<i64>>, numbers: &[u128]) -> AppendRequest {
    let records = numbers.iter().map(|number| record(*number, "{}")).collect();
    AppendRequest { stream: stream.to_owned(), records, expected_revision: expected.into() }
}

async fn session(caller: &Caller, requests: Vec<AppendRequest>) -> Result<AppendSessionResponse, Status> {
    let mut client = StreamsServiceClient::new(caller.channel.clone());
    let answer = client.append_session(caller.request(futures_util::stream::iter(requests))).await?;
    Ok(answer.into_inner())
}

async fn records(
    caller: &Caller,
    records: Vec<(&str, AppendRecord)>,
    checks: &[(&str, i64)],
) -> Result<AppendRecordsResponse, Status> {
    let records =
        records.into_iter().map(|(stream, record)| AppendRecord { stream: stream.to_owned(), ..record }).collect();
    let check = |(stream, state): &(&str, i64)| {
        let stream_state = consistency_check::StreamStateCheck { stream: (*stream).to_owned(), expected_state: *state };
        ConsistencyCheck { r#type: Some(consistency_check::Type::StreamState(stream_state)) }
    };
    let request = AppendRecordsRequest { records, checks: checks.iter().map(check).collect() };
    let mut client = StreamsServiceClient::new(caller.channel.clone());
    Ok(client.append_records(caller.request(request)).await?.into_inner())
}

/// Stream, revision and position of each part.
fn places(answer: &AppendSessionResponse) -> Vec<(&str, i64, Option<i64>)> {
    answer.output.iter().map(|part| (part.stream.as_str(), part.stream_revision, part.position)).collect()
}

fn conflict(status: &Status) -> (String, i64, i64) {
    assert_eq!(status.code(), Code::FailedPrecondition);
    let (name, value) = detail(status);
    assert_eq!(name, "StreamRevisionConflictErrorDetails", "{status:?}");
    let found = StreamRevisionConflictErrorDetails::decode(value.as_slice()).unwrap();
    (found.stream, found.expected_revision, found.actual_revision)
}

async fn all_streams_are_appended_to_or_none_is(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let refused = session(&caller, vec![to("a", -1, &[1, 2]), to("b", 5, &[3])]).await.unwrap_err();
    assert_eq!(conflict(&refused), ("b".to_owned(), 5, -1));
    assert_eq!((caller.read("a").await, test.head().await), (Read::NotFound, 0));
    let both = || vec![to("a", -1, &[1, 2]), to("b", None, &[3])];
    let first = session(&caller, both()).await.unwrap();
    assert_eq!((places(&first), first.position), (vec![("a", 1, Some(2)), ("b", 0, Some(3))], 3));
    assert_eq!(session(&caller, both()).await.unwrap(), first, "the same again");
    let partly = session(&caller, vec![to("a", -1, &[1, 2]), to("b", None, &[4])]).await.unwrap_err();
    assert_eq!(partly.code(), Code::FailedPrecondition);
    let behind = session(&caller, vec![to("c", -1, &[5]), to("a", 0, &[6])]).await.unwrap_err();
    assert_eq!(conflict(&behind), ("a".to_owned(), 0, 1));
    assert_eq!(caller.read("c").await, Read::NotFound);
    assert_eq!(test.head().await, 3);
}

async fn what_is_expected_of_each_stream_is_held(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    caller.appended("s", 1).await;
    let metadata = proposed(2, "$metadata", "{\"$maxCount\":5}");
    assert!(matches!(caller.append("$$described", any(), &[metadata]).await, Appended::At(..)));
    for (stream, expected, actual) in [("s", -1, 0), ("s", 3, 0), ("free", -4, -1), ("free", 0, -1)] {
        let refused = session(&caller, vec![to("other", -2, &[9]), to(stream, expected, &[10])]).await.unwrap_err();
        assert_eq!(conflict(&refused), (stream.to_owned(), expected, actual));
    }
    let taken = vec![to("s", 0, &[11]), to("described", -4, &[12]), to("free", -1, &[13]), to("$$s", -2, &[14])];
    let answer = session(&caller, taken).await.unwrap();
    let revisions: Vec<i64> = answer.output.iter().map(|part| part.stream_revision).collect();
    assert_eq!(revisions, [1, 0, 0, 0]);
    for wrong in [vec![], vec![to("s", -3, &[20])], vec![to("s", -2, &[])], vec![to("", -2, &[21])]] {
        let refused = session(&caller, wrong).await.unwrap_err();
        assert!(matches!(refused.code(), Code::InvalidArgument | Code::FailedPrecondition), "{refused:?}");
    }
    let twice = session(&caller, vec![to("s", -2, &[30, 30])]).await.unwrap_err();
    assert_eq!(twice.code(), Code::InvalidArgument);
}

async fn a_deleted_stream_goes_on_and_an_ended_one_does_not(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream) in [(1, "deleted"), (2, "ended")] {
        caller.appended(stream, number).await;
    }
    caller.delete("deleted", delete_req::options::ExpectedStreamRevision::Any(Empty {})).await.unwrap();
    caller.end("ended", tombstone_req::options::ExpectedStreamRevision::Any(Empty {})).await.unwrap();
    let head = test.head().await;
    let ended = session(&caller, vec![to("deleted", -1, &[3]), to("ended", -2, &[4])]).await.unwrap_err();
    assert_eq!((ended.code(), detail(&ended).0.as_str()), (Code::FailedPrecondition, "StreamTombstonedErrorDetails"));
    let gone = session(&caller, vec![to("deleted", -4, &[3])]).await.unwrap_err();
    assert_eq!(detail(&gone).0, "StreamDeletedErrorDetails");
    assert_eq!((caller.read("deleted").await, test.head().await), (Read::NotFound, head));
    let answer = session(&caller, vec![to("free", -1, &[5]), to("deleted", -1, &[6])]).await.unwrap();
    assert_eq!(places(&answer)[1].1, 1);
    assert_eq!(caller.read("deleted").await, Read::Events(vec![1]));
}

async fn sizes_and_streams_that_stand_twice_are_refused_with_their_details(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let large = |number, bytes: usize| record(number, &format!("\"{}\"", "x".repeat(bytes)));
    let of = |stream: &str, records| AppendRequest { stream: stream.to_owned(), records, expected_revision: None };
    let refused = session(&caller, vec![to("a", -2, &[1]), of("b", vec![large(2, 1024 * 1024)])]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let (name, value) = detail(&refused);
    assert_eq!(name, "AppendRecordSizeExceededErrorDetails");
    let found = AppendRecordSizeExceededErrorDetails::decode(value.as_slice()).unwrap();
    assert_eq!((found.stream.as_str(), found.record_id), ("b", Uuid::from_u128(2).to_string()));
    assert!(found.size > found.max_size && found.max_size == 1024 * 1024);
    let half = |stream: &str, from: u128| of(stream, (from..from + 9).map(|number| large(number, 1_000_000)).collect());
    let refused = session(&caller, vec![half("a", 10), half("b", 20)]).await.unwrap_err();
    assert_eq!(refused.code(), Code::Aborted);
    let (name, value) = detail(&refused);
    assert_eq!(name, "AppendTransactionSizeExceededErrorDetails");
    let found = AppendTransactionSizeExceededErrorDetails::decode(value.as_slice()).unwrap();
    assert!(found.size > found.max_size && found.max_size == 16 * 1024 * 1024);
    let twice = session(&caller, vec![to("a", -2, &[1]), to("b", -2, &[2]), to("a", -2, &[3])]).await.unwrap_err();
    assert_eq!((twice.code(), detail(&twice).0.as_str()), (Code::Aborted, "StreamAlreadyInAppendSessionErrorDetails"));
    assert_eq!(test.head().await, 0);
}

async fn checks_of_other_streams_are_held(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    for (number, stream) in [(1, "stock"), (2, "deleted"), (3, "ended")] {
        caller.appended(stream, number).await;
    }
    caller.delete("deleted", delete_req::options::ExpectedStreamRevision::Any(Empty {})).await.unwrap();
    caller.end("ended", tombstone_req::options::ExpectedStreamRevision::Any(Empty {})).await.unwrap();
    let head = test.head().await;
    for (stream, wrong, actual) in [
        ("stock", -1, 0),
        ("stock", 4, 0),
        ("nothing", -4, -1),
        ("nothing", 0, -1),
        ("deleted", -4, -10),
        ("ended", -2, -100),
        ("stock", -10, 0),
        ("a", 0, -1),
    ] {
        let asked = vec![("a", record(5, "{}")), ("b", record(6, "{}"))];
        let refused = records(&caller, asked, &[("stock", 0), (stream, wrong)]).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        let (name, value) = detail(&refused);
        assert_eq!(name, "AppendConsistencyViolationErrorDetails");
        let found = AppendConsistencyViolationErrorDetails::decode(value.as_slice()).unwrap().violations;
        let [violation] = &found[..] else { panic!("{found:?}") };
        let Some(consistency_violation::Type::StreamState(state)) = &violation.r#type else { panic!("{found:?}") };
        assert_eq!((violation.check_index, state.stream.as_str()), (1, stream));
        assert_eq!((state.expected_state, state.actual_state), (wrong, actual), "{stream}");
    }
    assert_eq!(test.head().await, head, "nothing was written");
    let asked = vec![("a", record(5, "{}")), ("b", record(6, "{}")), ("a", record(7, "{}"))];
    let hold =
        [("stock", 0), ("stock", -4), ("nothing", -1), ("deleted", -10), ("deleted", -1), ("ended", -100), ("a", -1)];
    let answer = records(&caller, asked, &hold).await.unwrap();
    let revisions: Vec<(&str, i64)> =
        answer.revisions.iter().map(|part| (part.stream.as_str(), part.revision)).collect();
    assert_eq!((revisions, answer.position), (vec![("a", 1), ("b", 0)], i64::try_from(head).unwrap() + 3));
    assert_eq!(records(&caller, vec![], &[]).await.unwrap_err().code(), Code::InvalidArgument);
}

async fn a_check_holds_until_the_records_are_written(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut written = 0;
    for round in 0..30_u128 {
        let (watched, target) = (format!("w-{round}"), format!("t-{round}"));
        caller.appended(&watched, 10_000 + round).await;
        let event = [proposed(20_000 + round, "T", "{}")];
        let check = [(watched.as_str(), 0)];
        let checked = records(&caller, vec![(&target, record(30_000 + round, "{}"))], &check);
        // Longer and longer, so that whoever is slower comes first at last.
        let late = Duration::from_millis(if round < 10 { 0 } else { 1 << ((round - 10) / 2) });
        let moved = async {
            tokio::time::sleep(late).await;
            caller.append(&watched, any(), &event).await
        };
        let answer = if round % 2 == 0 { tokio::join!(checked, moved).0 } else { tokio::join!(moved, checked).1 };
        let events = test.events_after(0).await;
        let place = |stream: &str| events.iter().rev().find(|event| event.stream == stream).map(|event| event.position);
        match answer {
            Ok(_) => {
                written += 1;
                assert!(place(&target) < place(&watched), "it was written after the stream had moved");
            }
            Err(refused) => assert_eq!((refused.code(), place(&target)), (Code::FailedPrecondition, None)),
        }
    }
    assert!(written > 0, "a check never held");
}

async fn records_come_back_as_events(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let text = |text: &str| prost_types::Value { kind: Some(Kind::StringValue(text.to_owned())) };
    let plain = AppendRecord { properties: [("who".to_owned(), text("me"))].into(), ..record(1, "{\"a\":1}") };
    let bytes = AppendRecord {
        record_id: None,
        schema: Some(SchemaInfo {
            format: SchemaFormat::Avro.into(),
            name: "Packed".to_owned(),
            id: Some("7".to_owned()),
        }),
        data: vec![0, 255].into(),
        ..AppendRecord::default()
    };
    let unknown = AppendRecord { schema: None, ..record(3, "{}") };
    assert_eq!(records(&caller, vec![("s", unknown)], &[]).await.unwrap_err().code(), Code::InvalidArgument);
    records(&caller, vec![("s", plain), ("s", bytes)], &[]).await.unwrap();
    let messages = caller.read_messages(reading("s", false)).await.unwrap();
    let [plain, packed] = &messages[..] else { panic!("{messages:?}") };
    let (plain, packed) = (event_of(plain), event_of(packed));
    assert_eq!((plain.metadata["type"].as_str(), plain.metadata["content-type"].as_str()), ("T", "application/json"));
    assert_eq!((&plain.data[..], body_of(&plain.custom_metadata)), (&b"{\"a\":1}"[..], json!({"who": "me"})));
    assert_eq!(packed.metadata["content-type"], "application/octet-stream");
    assert_eq!((packed.metadata["type"].as_str(), &packed.data[..]), ("Packed", &[0, 255][..]));
    let kept = json!({"$schema.format": "SCHEMA_FORMAT_AVRO", "$schema.id": "7"});
    assert_eq!(body_of(&packed.custom_metadata), kept);
}

async fn streams_of_ours_are_decided_beside_others(test: TestApp) {
    let (one, other) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let caller = call(&test, Some(Role::Clerk)).await;
    let of = |payment: &str, cell: usize, number: u128| {
        let (_, _, event_type, data) = happenings(payment).swap_remove(cell);
        let schema = SchemaInfo { format: SchemaFormat::Json.into(), name: event_type.to_owned(), id: None };
        let record = AppendRecord { schema: Some(schema), ..record(number, &data.to_string()) };
        AppendRequest { stream: stream_of(payment), records: vec![record], expected_revision: Some(0) }
    };
    let head = test.head().await;
    let illegal = session(&caller, vec![to("note", -1, &[1]), of(&one, 1, 2), of(&other, 5, 3)]).await.unwrap_err();
    assert_eq!(
        (kind(&illegal).as_str(), illegal.message().contains("transition-not-allowed")),
        ("access-denied", true)
    );
    let elsewhere = AppendRequest { expected_revision: Some(7), ..of(&other, 1, 3) };
    let refused = session(&caller, vec![to("note", -1, &[1]), of(&one, 1, 2), elsewhere]).await.unwrap_err();
    assert_eq!(conflict(&refused), (stream_of(&other), 7, 0));
    assert_eq!(test.head().await, head, "nothing was written");
    let all = || vec![to("note", -1, &[1]), of(&one, 1, 2), of(&other, 1, 3)];
    let answer = session(&caller, all()).await.unwrap();
    let revisions: Vec<i64> = answer.output.iter().map(|part| part.stream_revision).collect();
    assert_eq!(revisions, [0, 1, 1]);
    assert_eq!(session(&caller, all()).await.unwrap(), answer, "the same again");
    let repeated_alone = session(&caller, vec![of(&one, 1, 2), to("new", -1, &[9])]).await.unwrap_err();
    assert_eq!(repeated_alone.code(), Code::FailedPrecondition);
    let own = events_of(&test, &stream_of(&one)).await.pop().unwrap();
    test.settle(&other, "2025-03-06").await;
    assert_eq!(own.event_id, Uuid::from_u128(2));
    let by_rest = settled("2025-03-06")["evidence"].clone();
    assert_eq!(told_of(&own.data, &one, &other)["evidence"], by_rest);
    let listed = test.read("/v1/payments").await;
    assert!(listed["payments"].as_array().unwrap().iter().all(|row| row["status"] == "settled"));
}

async fn who_may_append_is_who_may_append_alone(test: TestApp) {
    let clerk = call(&test, Some(Role::Clerk)).await;
    let list = proposed(1, "$metadata", "{\"$acl\":{\"$w\":\"supervisor\"}}");
    assert!(matches!(clerk.append("$$kept", any(), &[list]).await, Appended::At(..)));
    for (role, streams) in [
        (Role::Auditor, vec!["a"]),
        (Role::Bank, vec!["a"]),
        (Role::Clerk, vec!["a", "kept"]),
        (Role::Clerk, vec!["a", "list-1"]),
        (Role::Clerk, vec!["a", "$ce-payment"]),
        (Role::Clerk, vec!["a", "$$payment-1"]),
    ] {
        let caller = call(&test, Some(role)).await;
        let parts = (10..).zip(&streams).map(|(number, stream)| to(stream, -2, &[number])).collect();
        assert_eq!(kind(&session(&caller, parts).await.unwrap_err()), "access-denied", "{role} {streams:?}");
    }
    let bank = call(&test, Some(Role::Bank)).await;
    let payment = test.pension_of("TK-1", WARD).await;
    let (_, _, event_type, data) = happenings(&payment).swap_remove(1);
    let schema = SchemaInfo { format: SchemaFormat::Json.into(), name: event_type.to_owned(), id: None };
    let settle = AppendRecord { schema: Some(schema), ..record(30, &data.to_string()) };
    let stream = stream_of(&payment);
    let checked = records(&bank, vec![(&stream, settle.clone())], &[("a", -1)]).await.unwrap_err();
    assert_eq!(kind(&checked), "access-denied", "a bank reads no stream");
    assert_eq!(records(&bank, vec![(&stream, settle)], &[]).await.unwrap().revisions[0].revision, 1);
    assert_eq!(clerk.read("a").await, Read::NotFound);
}
