//! Who gets in, what stands in the list of methods, and calls that are wrong in themselves.

use super::*;
use crate::support::on_every_engine;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chitra::grpc::proto::client::gossip::gossip_client::GossipClient;
use chitra::grpc::proto::client::gossip::member_info::VNodeState;
use chitra::grpc::proto::client::server_features::SupportedMethod;
use chitra::grpc::proto::client::server_features::server_features_client::ServerFeaturesClient;
use chitra::grpc::proto::client::streams::{BatchAppendReq, batch_append_req, batch_append_resp};
use serde_json::json;
use tonic::Code;

on_every_engine!(
    nobody_calls_without_a_key,
    a_key_reads_and_appends_by_its_role,
    streams_of_ours_are_read_and_not_written_to,
    a_stream_s_list_says_who_may,
    a_batch_is_answered_once_with_one_detail,
    calls_that_are_wrong_in_themselves_say_so,
    only_what_is_served_is_listed_and_one_server_leads,
);

async fn nobody_calls_without_a_key(test: TestApp) {
    let mut caller = call(&test, None).await;
    let key = test.key(Role::Clerk, None, None).await;
    let [_, id, secret] = key.splitn(3, '_').collect::<Vec<_>>()[..] else { panic!("{key}") };
    let basic = |id: &str, secret: &str| Some(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
    let refused = [
        None,
        Some("Bearer nothing".to_owned()),
        Some("Digest x".to_owned()),
        basic(id, "wrong"),
        Some("Basic ?".to_owned()),
    ];
    for authorization in refused {
        caller.authorization = authorization;
        assert_eq!(caller.read("s").await, Read::Refused("not-authenticated".to_owned()));
        assert_eq!(
            caller.append("s", any(), &[proposed(1, "T", "{}")]).await,
            Appended::Refused("not-authenticated".to_owned())
        );
    }
    caller.authorization = basic(id, secret);
    assert_eq!(caller.read("s").await, Read::NotFound);
    // Those who were turned away are in the audit, as one line of one place.
    test.app.write_noticed(false).await;
    let path = format!("/v1/audit?kind=refusal&min_position={}", test.head().await);
    let told = test.as_role(Role::Auditor).get(&path).await.json(200);
    let lines: Vec<_> =
        told["entries"].as_array().unwrap().iter().map(|line| (&line["operation"], &line["count"])).collect();
    assert_eq!(lines, [(&json!("event_store_protocol"), &json!(10))]);
}

async fn a_key_reads_and_appends_by_its_role(test: TestApp) {
    for (role, reads, appends) in [
        (Role::Clerk, true, true),
        (Role::Supervisor, true, true),
        (Role::Auditor, true, false),
        (Role::Analyst, false, false),
        (Role::Bank, false, false),
        (Role::Operator, false, false),
    ] {
        let caller = call(&test, Some(role)).await;
        let stream = format!("of-{role}");
        assert_eq!(caller.read(&stream).await == Read::NotFound, reads, "{role}");
        let appended = caller.append(&stream, any(), &[proposed(1, "T", "{}")]).await;
        assert_eq!(matches!(appended, Appended::At(..)), appends, "{role}");
    }
    let mut caller = call(&test, None).await;
    caller.authorization = Some(format!("Bearer {}", test.key(Role::Clerk, Some("D502"), None).await));
    assert_eq!(caller.read("s").await, Read::Refused("access-denied".to_owned()), "a key of a unit reads no whole log");
}

async fn streams_of_ours_are_read_and_not_written_to(test: TestApp) {
    let caller = call(&test, Some(Role::Supervisor)).await;
    let denied = "access-denied".to_owned();
    for stream in ["payment-1", "$$payment-1", "beneficiary-1", "$ce-payment"] {
        let appended = caller.append(stream, any(), &[proposed(1, "T", "{}")]).await;
        assert_eq!(appended, Appended::Refused(denied.clone()), "{stream}");
        assert_eq!(
            caller.delete(stream, delete_req::options::ExpectedStreamRevision::Any(Empty {})).await,
            Err(denied.clone())
        );
        assert_eq!(
            caller.end(stream, tombstone_req::options::ExpectedStreamRevision::Any(Empty {})).await,
            Err(denied.clone())
        );
    }
    assert_eq!(test.head().await, 0, "nothing was written");
}

async fn a_stream_s_list_says_who_may(test: TestApp) {
    let (clerk, supervisor) = (call(&test, Some(Role::Clerk)).await, call(&test, Some(Role::Supervisor)).await);
    clerk.appended("s", 1).await;
    let list = proposed(2, "$metadata", "{\"$acl\":{\"$r\":\"auditor\",\"$w\":[],\"$mw\":[]}}");
    assert!(matches!(clerk.append("$$s", any(), &[list]).await, Appended::At(..)));
    let denied = "access-denied".to_owned();
    assert_eq!(clerk.read("s").await, Read::Refused(denied.clone()));
    assert_eq!(clerk.append("s", any(), &[proposed(3, "T", "{}")]).await, Appended::Refused(denied.clone()));
    assert_eq!(clerk.append("$$s", any(), &[proposed(4, "$metadata", "{}")]).await, Appended::Refused(denied));
    assert_eq!(call(&test, Some(Role::Auditor)).await.read("s").await, Read::Events(vec![0]));
    assert_eq!(supervisor.read("s").await, Read::Events(vec![0]));
}

fn batch(correlation: u128, stream: &str, numbers: &[u128], is_final: bool) -> BatchAppendReq {
    use batch_append_req::options::ExpectedStreamPosition;
    let options = batch_append_req::Options {
        stream_identifier: Some(name(stream)),
        expected_stream_position: Some(ExpectedStreamPosition::NoStream(())),
        deadline_option: None,
    };
    let event = |number: &u128| {
        let append_req::ProposedMessage { id, metadata, custom_metadata, data } = proposed(*number, "T", "{}");
        batch_append_req::ProposedMessage { id, metadata, custom_metadata, data }
    };
    BatchAppendReq {
        correlation_id: Some(Id { value: Some(id::Value::String(Uuid::from_u128(correlation).to_string())) }),
        options: Some(options),
        proposed_messages: numbers.iter().map(event).collect(),
        is_final,
    }
}

async fn a_batch_is_answered_once_with_one_detail(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let late = BatchAppendReq {
        options: batch(4, "late", &[], true).options.map(|options| batch_append_req::Options {
            deadline_option: Some(
                batch_append_req::options::DeadlineOption::Deadline(prost_types::Duration::default()),
            ),
            ..options
        }),
        ..batch(4, "late", &[9], true)
    };
    let parts = [
        batch(1, "s", &[1, 2], false),
        batch(2, "t", &[3], true),
        batch(1, "s", &[4], true),
        batch(3, "s", &[5], true),
        late,
        batch(5, "payment-1", &[6], true),
    ];
    let mut answers =
        caller.streams().batch_append(caller.request(futures_util::stream::iter(parts))).await.unwrap().into_inner();
    let mut found = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        assert!(answer.stream_identifier.is_some() && answer.expected_stream_position.is_some());
        let told = match answer.result.unwrap() {
            batch_append_resp::Result::Success(success) => format!("{:?}", success.current_revision_option.unwrap()),
            batch_append_resp::Result::Error(error) => error.details.unwrap().type_url,
        };
        found.push((answer.correlation_id.unwrap().value.unwrap(), told));
    }
    let id = |number: u128| id::Value::String(Uuid::from_u128(number).to_string());
    let detail = |name: &str| format!("type.googleapis.com/event_store.client.{name}");
    let expected = [
        (id(2), "CurrentRevision(0)".to_owned()),
        (id(1), "CurrentRevision(2)".to_owned()),
        (id(3), detail("WrongExpectedVersion")),
        (id(4), detail("Timeout")),
        (id(5), detail("AccessDenied")),
    ];
    assert_eq!(found, expected);
    assert_eq!(caller.read("s").await, Read::Events(vec![0, 1, 2]));
    assert_eq!(caller.read("late").await, Read::NotFound);
}

async fn calls_that_are_wrong_in_themselves_say_so(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut nameless = proposed(1, "T", "{}");
    nameless.metadata.remove("type");
    let lacking = Appended::Refused("missing-required-metadata-property".to_owned());
    assert_eq!(caller.append("s", any(), &[nameless]).await, lacking);
    let large = proposed(2, "T", &format!("\"{}\"", "x".repeat(1024 * 1024)));
    let too_large = Appended::Refused("maximum-append-event-size-exceeded".to_owned());
    assert_eq!(caller.append("s", any(), &[large]).await, too_large);
    let half: Vec<_> = (0..17).map(|number| proposed(number, "T", &format!("\"{}\"", "x".repeat(1_000_000)))).collect();
    assert_eq!(caller.append("s", any(), &half).await, Appended::Refused("maximum-append-size-exceeded".to_owned()));
    assert_eq!(caller.append("", any(), &[]).await, Appended::Refused("InvalidArgument".to_owned()));
    let without = [
        read_req::Options { uuid_option: None, ..reading("s", false) },
        read_req::Options { count_option: None, ..reading("s", false) },
        read_req::Options { stream_option: None, ..reading("s", false) },
    ];
    for options in without {
        assert_eq!(caller.read_messages(options).await.unwrap_err().code(), Code::InvalidArgument);
    }
    assert_eq!(test.head().await, 0, "nothing was written");
}

async fn only_what_is_served_is_listed_and_one_server_leads(test: TestApp) {
    let caller = call(&test, None).await;
    let mut features = ServerFeaturesClient::new(caller.channel.clone());
    let supported = features.get_supported_methods(Empty {}).await.unwrap().into_inner();
    assert_eq!(supported.event_store_server_version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
    for method in &supported.methods {
        assert_eq!(method.method_name, method.method_name.to_lowercase());
        let is_of_groups = method.service_name.ends_with(".persistentsubscriptions");
        let sources: &[&str] =
            if is_of_groups && method.method_name != "restartsubsystem" { &["stream", "all"] } else { &[] };
        assert!(!is_of_groups || method.features == sources, "{method:?}");
    }
    // Node's and Rust's clients go elsewhere unless they find all of these.
    for needed in ["create", "update", "delete", "read", "getinfo", "list", "replayparked", "restartsubsystem"] {
        let is_needed = |method: &&SupportedMethod| {
            method.method_name == needed && method.service_name.ends_with(".persistentsubscriptions")
        };
        assert_eq!(supported.methods.iter().filter(is_needed).count(), 1, "{needed}");
    }
    let members = GossipClient::new(caller.channel.clone()).read(Empty {}).await.unwrap().into_inner().members;
    let [member] = &members[..] else { panic!("{members:?}") };
    let place = member.http_end_point.as_ref().unwrap();
    assert_eq!((member.state, member.is_alive), (i32::from(VNodeState::Leader), true));
    assert_eq!(format!("{}:{}", place.address, place.port), caller.serving.address.to_string());
}
