//! What the API's limits mean at this port: they are the same ones.

use super::place::Place;
use super::*;
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use chitra::app::limits::buckets::Rate;
use chitra::app::limits::{LimitSettings, Limits, Turned};
use futures_util::future::join_all;
use std::time::Duration;

on_every_engine!(
    a_key_that_calls_too_often_is_told_when_to_come_again,
    an_address_of_too_many_wrong_keys_is_turned_away_but_known_keys_are_not,
);

/// A rate that gives next to nothing after its burst while a test runs.
fn limits(of_key: Option<u32>, failures: Option<u32>) -> Arc<Limits> {
    let rate = |burst| Rate { per_second: 1, burst };
    let (of_key, failures_of_address) = (of_key.map(rate), failures.map(rate));
    Arc::new(Limits::new(&LimitSettings { of_key, failures_of_address, ..LimitSettings::default() }))
}

async fn a_key_that_calls_too_often_is_told_when_to_come_again(test: TestApp) {
    let limits = limits(Some(3), None);
    let options = GrpcOptions { limits: Arc::clone(&limits), ..GrpcOptions::default() };
    let mut caller = call_with(&test, Some(Role::Auditor), options).await;
    for _ in 0..3 {
        assert_eq!(caller.read("s").await, Read::NotFound);
    }
    let turned = caller.read_messages(reading("s", false)).await.unwrap_err();
    assert_eq!(turned.code(), tonic::Code::ResourceExhausted);
    let trailer = |name: &str| turned.metadata().get(name).and_then(|value| value.to_str().ok());
    assert_eq!(trailer("exception"), Some("rate-limited"));
    assert_eq!((trailer("retry-after"), trailer("grpc-retry-pushback-ms")), (Some("1"), Some("1000")));
    let key = test.key(Role::Supervisor, None, None).await;
    caller.authorization = Some(format!("Bearer {key}"));
    assert_eq!(caller.read("s").await, Read::NotFound, "another key has its own");
    assert_eq!(limits.turned(Turned::RateLimited), 1);
}

async fn an_address_of_too_many_wrong_keys_is_turned_away_but_known_keys_are_not(test: TestApp) {
    let options = GrpcOptions { limits: limits(None, Some(2)), ..GrpcOptions::default() };
    let mut caller = call_with(&test, Some(Role::Auditor), options).await;
    let good = caller.authorization.clone();
    assert_eq!(caller.read("s").await, Read::NotFound);
    caller.authorization = Some(format!("Bearer chitra_0123456789ab_{}", "0".repeat(64)));
    for _ in 0..2 {
        assert_eq!(caller.read("s").await, Read::Refused("not-authenticated".to_owned()));
    }
    assert_eq!(caller.read("s").await, Read::Refused("too-many-failures".to_owned()));
    caller.authorization = good;
    assert_eq!(caller.read("s").await, Read::NotFound);
}

/// Uses up what a key has over REST, then calls the port of the protocol once.
async fn a_key_has_one_number_for_both_ports(engine: Engine) {
    let place = Place::new(engine, &[("CHITRA_KEY_REQUESTS_PER_SECOND", "1")]).await;
    let caller = place.serve("ready").await;
    let rest = reqwest::Client::new();
    let asked = || {
        let request = rest.get(format!("{}/v1/payments", caller.serving.rest));
        let request = request.header("authorization", caller.authorization.as_deref().unwrap());
        async move { request.send().await.unwrap().status().as_u16() }
    };
    for _ in 0..20 {
        let answers = join_all((0..8).map(|_| asked())).await;
        if answers.contains(&429) && caller.read("s").await == Read::Refused("rate-limited".to_owned()) {
            return;
        }
        // A second had passed in between. A number of this port's own would be rested by then, each time.
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    panic!("the port of the protocol counts for itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_program_on_sqlite() {
    a_key_has_one_number_for_both_ports(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_program_on_postgres() {
    a_key_has_one_number_for_both_ports(Engine::Postgres).await;
}
