//! A database that goes away in the middle of a load, and comes back: what was answered is there once, and nothing else is.

use super::proxy::{KEYS, Proxy};
use crate::support::app::{TestApp, spawn_at};
use crate::support::client::Answer;
use crate::support::engine::{Engine, Home};
use crate::support::postgres::{self, Cluster, connect, run_sql};
use crate::support::verbs::{WARD, in_cash};
use chitra::domain::profile::Profile;
use sqlx::Row;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const CLIENTS: u64 = 8;
/// Ends every other session of the database.
pub const ENDS_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// A server of the test's own, so that nobody else's test meets its faults.
fn cluster() -> &'static Cluster {
    Box::leak(Box::new(Cluster::start()))
}

async fn register(test: &TestApp, reference: &str) -> Answer {
    test.supervisor().post("/v1/beneficiaries", reference, &in_cash(reference, WARD)).await
}

/// Registers people until told to stop, each until it is answered, with the same key as long as it is not.
async fn load(test: Arc<TestApp>, client: u64, stop: Arc<AtomicBool>, done: Arc<AtomicU64>) -> (Vec<String>, u64) {
    let (mut answered, mut refused) = (Vec::new(), 0);
    for number in 0.. {
        let reference = format!("F-{client}-{number}");
        loop {
            let answer = register(&test, &reference).await;
            match answer.status {
                201 => break,
                503 => {
                    assert_eq!(answer.header("retry-after"), "1", "{}", answer.text());
                    refused += 1;
                }
                _ => panic!("{}", answer.text()),
            }
        }
        answered.push(reference);
        done.fetch_add(1, Ordering::SeqCst);
        if stop.load(Ordering::SeqCst) {
            break;
        }
    }
    (answered, refused)
}

/// Runs a load, does something to the database again and again in the middle of it, and compares the log with what was answered.
async fn under_load<F: Future<Output = ()>>(test: TestApp, times: u32, fault: impl Fn() -> F) -> Arc<TestApp> {
    let test = Arc::new(test);
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(load(Arc::clone(&test), client, Arc::clone(&stop), Arc::clone(&done))))
        .collect();
    let served = async |more: u64| {
        let before = done.load(Ordering::SeqCst);
        while done.load(Ordering::SeqCst) < before + more {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    for _ in 0..times {
        served(3 * CLIENTS).await;
        fault().await;
    }
    served(3 * CLIENTS).await;
    stop.store(true, Ordering::SeqCst);
    let mut expected = 0;
    for client in clients {
        expected += client.await.unwrap().0.len();
    }
    let mut registered: BTreeMap<String, u32> = BTreeMap::new();
    let mut position = 0;
    for event in test.events_after(0).await {
        position += 1;
        assert_eq!(event.position, position, "positions have gaps");
        if event.event_type == "BeneficiaryRegistered" {
            *registered.entry(event.stream).or_default() += 1;
        }
    }
    assert!(registered.values().all(|count| *count == 1), "somebody was registered twice");
    assert_eq!(registered.len(), expected, "what was answered and what is in the log differ");
    test.caught_up().await;
    let listed = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(listed.findings.is_empty(), "{:?}", listed.findings);
    test
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_and_restarts_under_load_loses_and_doubles_nothing() {
    let cluster = cluster();
    let test = spawn_at(Home::on(cluster.database().await), Profile::vietnam()).await;
    under_load(test, 2, || async { tokio::task::block_in_place(|| cluster.crash_and_restart()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_ended_under_load_lose_and_double_nothing() {
    let cluster = cluster();
    let home = Home::on(cluster.database().await);
    let url = home.url.clone();
    let test = spawn_at(home, Profile::vietnam()).await;
    under_load(test, 12, || async { run_sql(&mut connect(&url).await, ENDS_ALL).await }).await;
}

/// As after a failover to a server that is still a standby.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_server_is_answered_503_and_reads_go_on_until_it_takes_writes_again() {
    let cluster = cluster();
    let home = Home::on(cluster.database().await);
    let (url, name) = (home.url.clone(), home.database.as_ref().unwrap().name.clone());
    let test = spawn_at(home, Profile::vietnam()).await;
    register(&test, "R-1").await.is(201);
    let set = async |value: &str| {
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
        run_sql(&mut cluster.admin().await, &sql).await;
        run_sql(&mut connect(&url).await, ENDS_ALL).await;
    };
    set("on").await;
    let refused = register(&test, "R-2").await.refused(503, "store-unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    test.supervisor().get("/v1/payments").await.is(200);
    // Who was turned away meanwhile is told of when the log takes events again, once.
    test.nobody().get("/v1/payments").await.refused(401, "unauthenticated");
    for _ in 0..2 {
        test.app.write_noticed(false).await;
    }
    set("off").await;
    for _ in 0..2 {
        test.app.write_noticed(false).await;
    }
    let told = test.events_after(0).await.into_iter().filter(|event| event.event_type == "AccessRefused").count();
    assert_eq!(told, 1);
    let answer = register(&test, "R-2").await.is(201);
    assert!(!answer.replayed(), "the refused try had an effect");
    assert_eq!(registered(&test).await, 2);
    test.caught_up().await;
}

/// The session ends inside the commit: a deferred trigger runs there, and ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_did_not_come_through_is_made_again() {
    let home = Home::new(Engine::Postgres).await;
    let mut admin = connect(&home.url).await;
    run_sql(
        &mut admin,
        "CREATE SEQUENCE tries;
         CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('tries') <= 3 THEN
                 PERFORM pg_terminate_backend(pg_backend_pid());
                 PERFORM pg_sleep(1);
             END IF;
             RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON requests DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION lose()",
    )
    .await;
    let test = spawn_at(home, Profile::vietnam()).await;
    assert!(!register(&test, "L-1").await.is(201).replayed());
    let tries: i64 = sqlx::query("SELECT last_value FROM tries").fetch_one(&mut admin).await.unwrap().get(0);
    assert!(tries > 3, "nothing was lost: {tries}");
    assert_eq!(registered(&test).await, 1);
}

/// The commit is done, and its answer never arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_came_through_without_an_answer_is_not_made_again() {
    let home = Home::new(Engine::Postgres).await;
    let name = home.database.as_ref().unwrap().name.clone();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(&postgres::shared().socket(), folder.path());
    let home = home.at(format!("postgres:///{name}?host={}&user=chitra", folder.path().display()));
    let test = spawn_at(home, Profile::vietnam()).await;
    for number in 0..5 {
        proxy.losses.store(1, Ordering::SeqCst);
        let answer = register(&test, &format!("{KEYS}{number}")).await.is(201);
        assert!(!answer.replayed(), "the first answer is as if nothing had been lost");
        assert_eq!(proxy.losses.load(Ordering::SeqCst), 0, "nothing was lost");
        assert_eq!(registered(&test).await, number + 1);
    }
    test.caught_up().await;
}

async fn registered(test: &TestApp) -> usize {
    test.types_after(0).await.iter().filter(|name| *name == "BeneficiaryRegistered").count()
}
