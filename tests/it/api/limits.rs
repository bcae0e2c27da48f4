//! What the door takes at a time: beyond it, an answer at once that says when to come again; nobody's place is held by one who sends nothing.

use crate::pages::browser::Browser;
use crate::support::app::{TestApp, spawn_limited};
use crate::support::engine::Engine;
use chitra::app::access::Role;
use chitra::app::limits::LimitSettings;
use chitra::app::limits::buckets::Rate;
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A rate that gives next to nothing after its burst while a test runs.
const fn burst(burst: u32) -> Rate {
    Rate { per_second: 1, burst }
}

async fn limited(limits: LimitSettings) -> TestApp {
    spawn_limited(Engine::SqliteMemory, limits).await
}

/// The value of a line of the metrics.
async fn metric(test: &TestApp, name: &str) -> u64 {
    let text = test.nobody().get("/metrics").await.is(200).text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    line.trim().parse().unwrap()
}

#[tokio::test]
async fn a_key_that_asks_too_much_waits_and_others_do_not() {
    let test = limited(LimitSettings { of_key: Some(burst(3)), ..LimitSettings::default() }).await;
    let auditor = test.as_role(Role::Auditor);
    for _ in 0..3 {
        auditor.get("/v1/payments").await.is(200);
    }
    let turned = auditor.get("/v1/payments").await.refused(429, "rate-limited");
    assert_eq!(turned.header("retry-after"), "1");
    test.supervisor().get("/v1/payments").await.is(200);
    test.nobody().get("/healthz").await.is(200);
    assert_eq!(metric(&test, "chitra_requests_turned_away_total{code=\"rate-limited\"}").await, 1);
}

#[tokio::test]
async fn an_address_with_too_many_bad_keys_and_signatures_is_turned_away_but_known_keys_are_not() {
    let test = limited(LimitSettings { failures_of_address: Some(burst(4)), ..LimitSettings::default() }).await;
    test.as_role(Role::Auditor).get("/v1/payments").await.is(200);
    let wrong = format!("chitra_0123456789ab_{}", "0".repeat(64));
    test.with_key(&wrong).get("/v1/payments").await.refused(401, "unauthenticated");
    test.nobody().get("/v1/payments").await.refused(401, "unauthenticated");
    test.nobody().post_without_key("/v1/bank-callbacks/vcb", &json!({})).await.refused(401, "signature-missing");
    assert_eq!(test.nobody().get("/sign-in").await.status, 200);
    test.with_key(&wrong).get("/v1/payments").await.refused(401, "unauthenticated");
    let turned = test.with_key(&wrong).get("/v1/payments").await.refused(429, "too-many-failures");
    assert_eq!(turned.header("retry-after"), "1");
    test.nobody().post_without_key("/v1/bank-callbacks/vcb", &json!({})).await.refused(429, "too-many-failures");
    test.as_role(Role::Auditor).get("/v1/payments").await.is(200);
    assert_eq!(metric(&test, "chitra_requests_turned_away_total{code=\"too-many-failures\"}").await, 2);
}

#[tokio::test]
async fn whoever_sends_too_many_wrong_keys_to_the_sign_in_reads_so_on_a_page() {
    let test = limited(LimitSettings { failures_of_address: Some(burst(2)), ..LimitSettings::default() }).await;
    let mut browser = Browser::new(&test);
    let form = browser.get("/sign-in").await.is(200).form_token();
    let sent = [("form_token", form.as_str()), ("key", "chitra")];
    for _ in 0..2 {
        browser.post("/sign-in", &sent).await.is(401);
    }
    let turned = browser.post("/sign-in", &sent).await.is(429);
    assert_eq!((turned.header("content-type"), turned.header("retry-after")), ("text/html; charset=utf-8", "1"));
    turned.says("too-many-failures").says("<html");
    assert!(turned.header("content-security-policy").contains("default-src 'none'"));
    // Pages are still shown.
    browser.get("/sign-in").await.is(200);
}

#[tokio::test]
async fn beyond_its_places_the_server_says_so_at_once_and_stays_alive() {
    let test = limited(LimitSettings { requests_at_once: 1, requests_waiting: 0, ..LimitSettings::default() }).await;
    let supervisor = test.supervisor();
    let (mut taken, mut turned) = (0, 0);
    while turned == 0 {
        let asked = (0..64).map(|_| supervisor.get("/v1/payments"));
        for answer in join_all(asked).await {
            if answer.status == 200 {
                taken += 1;
            } else {
                assert_eq!(answer.refused(503, "overloaded").header("retry-after"), "1");
                turned += 1;
            }
        }
    }
    assert!(taken > 0, "whoever has the place is served");
    assert_eq!(metric(&test, "chitra_requests_turned_away_total{code=\"overloaded\"}").await, turned);
    supervisor.get("/v1/payments").await.is(200);
    test.nobody().get("/readyz").await.is(200);
}

#[tokio::test]
async fn of_ten_times_as_much_as_has_room_each_is_done_once_or_told_when_to_come_again() {
    const ROOM: usize = 4;
    let test = limited(LimitSettings { requests_at_once: ROOM, requests_waiting: 0, ..LimitSettings::default() }).await;
    let supervisor = test.supervisor();
    let mut waiting: Vec<usize> = (0..10 * ROOM).collect();
    let (mut rounds, mut turned) = (0, 0);
    while !waiting.is_empty() {
        let asked = waiting.iter().map(|number| {
            let body = json!({"beneficiary_ref": format!("TK-{number}"), "unit": "20341", "channel": "cash_desk"});
            let supervisor = supervisor.clone();
            async move { supervisor.post("/v1/beneficiaries", &format!("k-{number}"), &body).await }
        });
        let answers = join_all(asked).await;
        let before = waiting.len();
        waiting = waiting
            .into_iter()
            .zip(answers)
            .filter_map(|(number, answer)| {
                if answer.status == 201 {
                    return None;
                }
                let refused = answer.refused(503, "overloaded");
                assert_eq!((refused.header("retry-after"), refused.header("connection")), ("1", ""), "it is kept");
                Some(number)
            })
            .collect();
        assert!(waiting.len() + ROOM <= before.max(ROOM), "as many are done as there are places");
        turned += waiting.len();
        rounds += 1;
    }
    assert!(turned > 0, "there was not room for all");
    let registered = test.types_after(0).await.into_iter().filter(|kind| kind == "BeneficiaryRegistered").count();
    assert_eq!(registered, 10 * ROOM, "each was recorded once, however often it came: {rounds} rounds");
    assert_eq!(metric(&test, "chitra_requests_turned_away_total{code=\"overloaded\"}").await, turned as u64);
}

#[tokio::test]
async fn a_crowd_is_served_one_after_the_other() {
    let test = limited(LimitSettings {
        requests_at_once: 1,
        waiting_within: Duration::from_mins(2),
        ..LimitSettings::default()
    })
    .await;
    let supervisor = test.supervisor();
    for answer in join_all((0..100).map(|_| supervisor.get("/v1/payments"))).await {
        answer.is(200);
    }
    assert_eq!(metric(&test, "chitra_requests_turned_away_total{code=\"overloaded\"}").await, 0);
}

#[tokio::test]
async fn a_body_that_does_not_come_holds_no_place() {
    let test = limited(LimitSettings { requests_at_once: 1, ..LimitSettings::default() }).await;
    let key = test.key(Role::Supervisor, None, None).await;
    let head = format!(
        "POST /v1/beneficiaries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
    );
    let mut half = TcpStream::connect(test.address()).await.unwrap();
    half.write_all(format!("{head}{{\"a\"").as_bytes()).await.unwrap();
    // Time enough to be let in, if it would be.
    for _ in 0..20 {
        test.supervisor().get("/v1/payments").await.is(200);
    }
    half.write_all(b": \"bcde\"").await.unwrap();
    let mut answer = vec![0; 12];
    half.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 422", "once it is whole it is read");
}
