//! Every event that an endpoint hears of is delivered at least once, whatever it answers before it takes it, and whoever dies meanwhile.

use crate::support::app::{TestApp, spawn_app};
use crate::support::engine::Engine;
use crate::support::verbs::WARD;
use crate::support::webhooks::until;
use async_trait::async_trait;
use chitra::app::webhooks::deliverer::Deliverer;
use chitra::app::webhooks::sender::{Answer, Outgoing, Sender};
use chitra::domain::webhook::RetryAfter;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Answers by the dice, and takes a message at its seventh try at the latest.
struct Moody {
    dice: Mutex<u64>,
    tries: Mutex<BTreeMap<String, u32>>,
    taken: Mutex<Vec<String>>,
}

impl Moody {
    fn new(seed: u64) -> Self {
        Self { dice: Mutex::new(seed), tries: Mutex::default(), taken: Mutex::default() }
    }

    fn throw(&self, sides: u64) -> u64 {
        let mut dice = self.dice.lock().unwrap();
        *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*dice >> 33) % sides
    }
}

#[async_trait]
impl Sender for Moody {
    async fn send(&self, message: Outgoing) -> Answer {
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let count = tries.entry(message.id.clone()).or_default();
            *count += 1;
            *count
        };
        let takes = tries >= 7 || self.throw(3) == 0;
        if takes {
            self.taken.lock().unwrap().push(message.id);
            return Answer { status: Some(200), ..Answer::default() };
        }
        match self.throw(4) {
            0 => Answer { failure: Some("timeout"), ..Answer::default() },
            1 => Answer { status: Some(301), ..Answer::default() },
            2 => {
                let retry_after = Some(RetryAfter::In(SignedDuration::from_mins(90)));
                Answer { status: Some(429), retry_after, ..Answer::default() }
            }
            _ => Answer { status: Some(500), ..Answer::default() },
        }
    }
}

async fn lives_with(test: &TestApp, seed: u64) {
    let moody = Arc::new(Moody::new(seed));
    let entry = test.webhook(&json!({"url": "https://moody.example/"})).await;
    let from = test.head().await;
    let mut sending = Some(Deliverer::start(&test.app, Arc::clone(&moody) as Arc<dyn Sender>));
    for person in 0..4 {
        let payment = test.pension_of(&format!("QN-{seed}-{person}"), WARD).await;
        test.settle(&payment, "2025-03-05").await.is(201);
        if moody.throw(3) == 0
            && let Some(dead) = sending.take()
        {
            dead.kill();
            sending = Some(Deliverer::start(&test.app, Arc::clone(&moody) as Arc<dyn Sender>));
        }
    }
    let events = test.events_after(from).await;
    let heard = |event: &&chitra::store::RecordedEvent| event.stream.starts_with("payment-");
    let expected: BTreeSet<String> = events.iter().filter(heard).map(|event| event.event_id.to_string()).collect();
    assert_eq!(expected.len(), 8);
    let all_taken = async || {
        test.seconds_pass(2_700);
        let taken: BTreeSet<String> = moody.taken.lock().unwrap().iter().cloned().collect();
        taken == expected
    };
    until("every event is delivered", all_taken).await;
    until("nothing waits", async || test.webhook_now(&entry).await["pending"] == 0).await;
    sending.unwrap().stop().await;
    test.webhook_deed(&entry, "remove", &json!({})).await.is(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_delivered_whatever_the_endpoint_answers() {
    for engine in [Engine::SqliteMemory, Engine::Postgres] {
        let test = spawn_app(engine).await;
        for seed in 1..=6 {
            lives_with(&test, seed).await;
        }
    }
}
