//! An endpoint that is overloaded says so, and is left alone as long as it asks, within our own longest pause.

use super::month;
use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::webhooks::{Arrived, Receiver, sending, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_durable_engine!(
    an_endpoint_that_asks_for_a_pause_hears_nothing_until_it_is_over,
    an_endpoint_cannot_ask_for_more_than_the_longest_pause,
);

fn at(all: &[Value], position: u64) -> Value {
    all.iter().find(|one| one["position"] == position).cloned().unwrap_or(Value::Null)
}

async fn an_endpoint_that_asks_for_a_pause_hears_nothing_until_it_is_over(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url})).await;
    let mut refusals = 1;
    receiver.answer(move |one| {
        if one.kind() != "webhook.ping" && refusals > 0 {
            refusals -= 1;
            return (429, "900".to_owned());
        }
        (200, String::new())
    });
    let sending = sending(&test.app);
    let kinds = month(&test).await;
    let refused = receiver.wait_for(1).await[0].position();
    until("the pause that was asked for", async || {
        at(&test.deliveries(&entry).await, refused)["next_try_at"] == "2025-03-31T03:15:00Z"
    })
    .await;
    // The others wait too, past the pause that our own plan would make; what a person asks for goes out.
    test.seconds_pass(899);
    test.webhook_deed(&entry, "ping", &json!({})).await.is(201);
    let seen = receiver.wait_for(2).await;
    assert_eq!((seen.len(), seen[1].kind()), (2, "webhook.ping"));
    test.seconds_pass(1);
    let seen = receiver.wait_for(2 + kinds.len()).await;
    // Each once more or for the first time; in which order, is the look's at the clock.
    let told: BTreeSet<u64> = seen[2..].iter().map(Arrived::position).collect();
    assert_eq!((told.contains(&refused), told.len(), seen.len()), (true, kinds.len(), 2 + kinds.len()));
    test.delivery_is(&entry, refused, "delivered").await;
    sending.stop().await;
}

async fn an_endpoint_cannot_ask_for_more_than_the_longest_pause(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url})).await;
    receiver.answer(|_| (503, "Mon, 31 Mar 2036 03:00:00 GMT".to_owned()));
    let sending = sending(&test.app);
    month(&test).await;
    let refused = receiver.wait_for(1).await[0].position();
    until("the longest pause", async || {
        at(&test.deliveries(&entry).await, refused)["next_try_at"] == "2025-03-31T13:00:00Z"
    })
    .await;
    sending.stop().await;
}
