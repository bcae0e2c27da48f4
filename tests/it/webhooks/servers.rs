//! Servers that come and go: nothing is lost with one that dies, and of two on one database one sends.

use super::month;
use crate::support::app::{MASTER, TestApp};
use crate::support::engine::Engine;
use crate::support::on_every_durable_engine;
use crate::support::webhooks::{Arrived, Receiver, sending, until};
use chitra::app::App;
use chitra::clock::Clock;
use chitra::compose::{Opening, compose};
use chitra::store::OpenMode;
use chitra::store::views::Task;
use chitra::vault::MasterKey;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

on_every_durable_engine!(a_server_that_dies_in_the_middle_loses_nothing, what_waits_is_known_after_a_restart);

async fn a_server_that_dies_in_the_middle_loses_nothing(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url})).await;
    let kinds = month(&test).await;
    let mut seen = 0;
    while seen < kinds.len() {
        // Killed after each message, whether or not it had written down that it was taken.
        let sending = sending(&test.app);
        receiver.wait_for(receiver.seen().len() + 1).await;
        sending.kill();
        seen = receiver.seen().iter().map(Arrived::position).collect::<BTreeSet<_>>().len();
        // It writes what it knows at the latest when it looks for more: let some get that far.
        let last = sending_to_its_end(&test).await;
        last.stop().await;
        seen = seen.max(receiver.seen().iter().map(Arrived::position).collect::<BTreeSet<_>>().len());
    }
    let last = receiver.seen().iter().map(Arrived::position).max().unwrap();
    let sending = sending(&test.app);
    test.delivery_is(&entry, last, "delivered").await;
    sending.stop().await;
    let told: BTreeSet<u64> = receiver.seen().iter().map(Arrived::position).collect();
    assert_eq!(told.len(), kinds.len());
    assert_eq!(test.deliveries(&entry).await.len(), kinds.len());
}

async fn sending_to_its_end(test: &TestApp) -> chitra::app::webhooks::deliverer::Deliverer {
    let sending = sending(&test.app);
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    sending
}

async fn what_waits_is_known_after_a_restart(test: TestApp) {
    let receiver = Receiver::new().await;
    receiver.answer_all(500);
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled"]})).await;
    let first = sending(&test.app);
    month(&test).await;
    receiver.wait_for(2).await;
    until("both wait", async || test.webhook_now(&entry).await["pending"] == 2).await;
    first.kill();
    receiver.answer_all(200);
    let second = sending(&test.app);
    test.seconds_pass(5);
    let all = receiver.wait_for(4).await;
    assert_eq!([all[2].position(), all[3].position()], [all[0].position(), all[1].position()]);
    test.delivery_is(&entry, all[1].position(), "delivered").await;
    assert_eq!(test.deliveries(&entry).await[0]["tries"], 2);
    second.stop().await;
}

/// Another server on the same database.
async fn another(test: &TestApp) -> Arc<App> {
    compose(Opening {
        url: test.home.url.clone(),
        mode: OpenMode::Writer { holder: "another".to_owned() },
        master: MasterKey::parse(MASTER).unwrap(),
        profile: Arc::clone(&test.app.profile),
        clock: Arc::clone(&test.clock) as Arc<dyn Clock>,
        runs_projections: true,
    })
    .await
    .unwrap()
}

/// SQLite has no second server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_one_sends_and_the_other_goes_on_when_it_dies() {
    let test = crate::support::app::spawn_app(Engine::Postgres).await;
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled", "payment.returned"]})).await;
    let first = sending(&test.app);
    let payment = test.pension_of("QN-0", crate::support::verbs::WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    receiver.wait_for(1).await;
    let other = another(&test).await;
    let second = sending(&other);
    month(&test).await;
    let seen = receiver.wait_for(4).await;
    test.delivery_is(&entry, seen[3].position(), "delivered").await;
    // Each once, though two servers look.
    assert_eq!(seen.iter().map(Arrived::position).collect::<BTreeSet<_>>().len(), 4);
    assert!(!other.views.own_task(Task::Delivery).await.unwrap());
    // The first one dies: its session ends, and nothing else tells the second.
    first.kill();
    test.app.views.disown_task(Task::Delivery).await;
    let late = test.pension_of("QN-9", crate::support::verbs::WARD).await;
    test.settle(&late, "2025-03-06").await.is(201);
    let all = receiver.wait_for(5).await;
    assert_eq!(all.iter().map(Arrived::position).collect::<BTreeSet<_>>().len(), 5);
    assert!(!test.app.views.own_task(Task::Delivery).await.unwrap());
    second.stop().await;
    other.store.close().await;
}

/// A server whose session ended writes nothing over what the next one wrote.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_is_written_by_whoever_knows_its_version() {
    use chitra::store::deliveries::WebhookPlace;
    for engine in [Engine::SqliteFile, Engine::Postgres] {
        let test = crate::support::app::spawn_app(engine).await;
        let webhook = uuid::Uuid::from_u128(7);
        let place =
            |version| WebhookPlace { webhook, position: version, seen_revision: 0, failing_since_us: None, version };
        let put = async |version| test.app.registry.put_webhook_place(&place(version), &[]).await.unwrap();
        assert_eq!(
            [put(1).await, put(2).await, put(2).await, put(1).await, put(4).await, put(3).await],
            [true, true, false, false, false, true]
        );
        assert_eq!(test.app.registry.webhook_place(webhook).await.unwrap(), Some(place(3)));
    }
}
