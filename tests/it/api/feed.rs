//! The event feed: pages that never change, and the log as it grows.

use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

on_every_engine! {
    pages_lead_on_and_a_full_page_never_changes,
    a_page_is_filtered_by_type_and_category,
    a_live_feed_gives_what_is_there_and_then_what_comes,
    a_live_feed_goes_on_after_the_last_event_that_was_seen,
    a_live_feed_ends_when_the_server_stops,
}

async fn pages_lead_on_and_a_full_page_never_changes(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let client = test.supervisor();
    let page = client.get("/v1/events?limit=2").await.is(200);
    assert_eq!(page.body["events"].as_array().unwrap().len(), 2);
    assert!(page.header("cache-control").contains("immutable"));
    assert_eq!(page.header("link"), "</v1/events?after=2&limit=2>; rel=\"next\"");
    let event = &page.body["events"][0];
    assert_eq!(
        (&event["position"], &event["revision"], &event["type"]),
        (&json!(1), &json!(0), &json!("BeneficiaryRegistered"))
    );
    assert_eq!(event["metadata"]["source"], "api");
    let etag = page.header("etag").to_owned();

    let last = client.get("/v1/events?after=2&limit=2").await.is(200);
    assert_eq!(last.body["events"].as_array().unwrap().len(), 1);
    assert_eq!((last.header("link"), last.header("cache-control")), ("", "private, no-cache"));
    let last_etag = last.header("etag").to_owned();

    test.pension_of("TK-2", WARD).await;
    let same = client.get_with("/v1/events?limit=2", ("if-none-match", &etag)).await.is(304);
    assert!(same.bytes.is_empty());
    assert_eq!(client.get("/v1/events?limit=2").await.body["events"], page.body["events"]);
    client.get_with("/v1/events?after=2&limit=2", ("if-none-match", &last_etag)).await.is(200);
}

async fn a_page_is_filtered_by_type_and_category(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let types = async |query: &str| -> Vec<String> {
        let page = test.supervisor().get(&format!("/v1/events?{query}")).await.json(200);
        page["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types("category=payment").await, ["PaymentInstructed"]);
    assert_eq!(types("category=beneficiary").await, ["BeneficiaryRegistered", "PayoutMethodChosen"]);
    assert_eq!(types("type=PayoutMethodChosen").await, ["PayoutMethodChosen"]);
    assert_eq!(types("category=payment&type=PayoutMethodChosen").await, [""; 0]);
    let answer = test.supervisor().get("/v1/events?type=a%20b&limit=1001").await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/limit invalid-value", "/type invalid-value"]);
}

/// Reads frames of a live feed as they come.
struct Feed {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = Vec<u8>>>>,
    read: String,
}

impl Feed {
    async fn open(client: &Client, path: &str, last_event_id: Option<&str>) -> Self {
        let mut request = client.request(Method::GET, path).header("accept", "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let bytes = Box::pin(response.bytes_stream().map(|piece| piece.unwrap().to_vec()));
        Self { bytes, read: String::new() }
    }

    /// It comes to its end.
    async fn ends(mut self) {
        let end = async { while self.bytes.next().await.is_some() {} };
        assert!(tokio::time::timeout(Duration::from_mins(1), end).await.is_ok(), "the feed goes on");
    }

    /// The next frame's id, type and data.
    async fn next(&mut self) -> (u64, String, Value) {
        loop {
            if let Some((frame, rest)) = self.read.split_once("\n\n") {
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
                let found =
                    (line("id: ").parse().unwrap(), line("event: "), serde_json::from_str(&line("data: ")).unwrap());
                let rest = rest.to_owned();
                self.read = rest;
                return found;
            }
            self.read.push_str(std::str::from_utf8(&self.bytes.next().await.unwrap()).unwrap());
        }
    }
}

async fn a_live_feed_gives_what_is_there_and_then_what_comes(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let mut feed = Feed::open(&test.supervisor(), "/v1/events", None).await;
    assert_eq!(feed.next().await.1, "BeneficiaryRegistered");
    assert_eq!(feed.next().await.1, "PayoutMethodChosen");
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    let (position, event_type, data) = feed.next().await;
    assert_eq!((position, event_type.as_str()), (3, "PaymentInstructed"));
    assert_eq!(data["data"]["payment_id"], payment.as_str());
    let page = test.supervisor().get("/v1/events?after=2").await.json(200);
    assert_eq!(page["events"][0], data, "the live feed shows what the pages show");
}

async fn a_live_feed_goes_on_after_the_last_event_that_was_seen(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let mut feed = Feed::open(&test.supervisor(), "/v1/events?category=payment", Some("1")).await;
    assert_eq!(feed.next().await.0, 3);
    let mut feed = Feed::open(&test.supervisor(), "/v1/events?after=1", None).await;
    assert_eq!(feed.next().await.0, 2);
}

async fn a_live_feed_ends_when_the_server_stops(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let mut feed = Feed::open(&test.supervisor(), "/v1/events", None).await;
    assert_eq!(feed.next().await.0, 1);
    test.app.stopping.begin();
    feed.ends().await;
    // And whoever comes now is not kept.
    Feed::open(&test.supervisor(), "/v1/events", None).await.ends().await;
}
