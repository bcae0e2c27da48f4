//! Two stores on one database: their appends stand in one order, and an effect is had once whichever of them is asked.

use super::faults::ENDS_ALL;
use super::{append, server};
use crate::support::engine::{Engine, Home};
use chitra::domain::claims::ClaimChange;
use chitra::store::{AppendError, Direction, SharedStore};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

async fn positions(store: &SharedStore) -> Vec<u64> {
    let events = store.read_all(None, Direction::Forwards, 10_000).await.unwrap();
    events.iter().map(|event| event.position).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_of_two_servers_interleave_without_gaps_and_readers_of_both_see_all_in_order() {
    let home = Home::new(Engine::Postgres).await;
    let servers = [server(&home.url).await, server(&home.url).await];
    let mut readers = Vec::new();
    for store in &servers {
        let mut subscription = store.subscribe(0).await.unwrap();
        readers.push(tokio::spawn(async move {
            let mut seen: Vec<u64> = Vec::new();
            while seen.len() < 800 {
                seen.extend(subscription.next().await.unwrap().iter().map(|event| event.position));
            }
            seen
        }));
    }
    let mut writers = Vec::new();
    for writer in 0..16_u128 {
        let store = servers[usize::try_from(writer % 2).unwrap()].clone();
        writers.push(tokio::spawn(async move {
            for number in 0..50 {
                store.append_to_stream(append(&format!("s-{}", writer / 4), writer * 100 + number)).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let all: Vec<u64> = (1..=800).collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), all);
    }
    assert_eq!(positions(&servers[0]).await, all);
    let commits = servers.iter().map(|store| store.write_counts().commits);
    assert!(
        commits.clone().all(|commits| commits > 1),
        "only one of the servers wrote: {:?}",
        commits.collect::<Vec<_>>()
    );
}

/// A trigger sees what the session is set to that appends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_of_an_append_is_kept_also_by_a_connection_that_comes_after_a_lost_one() {
    let home = Home::new(Engine::Postgres).await;
    home.execute(
        "CREATE TABLE sessions_seen (pid integer PRIMARY KEY, plans text NOT NULL);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             INSERT INTO sessions_seen VALUES (pg_backend_pid(), current_setting('plan_cache_mode')) ON CONFLICT DO NOTHING;
             RETURN NULL;
         END $$;
         CREATE TRIGGER see AFTER INSERT ON requests FOR EACH ROW EXECUTE FUNCTION see()",
    )
    .await;
    let store = server(&home.url).await;
    store.append_to_stream(append("s", 1)).await.unwrap();
    home.execute(ENDS_ALL).await;
    store.append_to_stream(append("s", 2)).await.unwrap();
    let (_, seen) = home.rows("SELECT plans FROM sessions_seen").await;
    assert_eq!(seen, vec![vec![Value::from("force_generic_plan")]; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_at_two_servers_at_once_has_one_effect() {
    let home = Home::new(Engine::Postgres).await;
    let servers = [server(&home.url).await, server(&home.url).await];
    for number in 0..40 {
        let (one, other) = tokio::join!(
            servers[0].append_to_stream(append("s", number)),
            servers[1].append_to_stream(append("s", number))
        );
        let answers = [one, other];
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        let told = answers.iter().filter(|answer| matches!(answer, Err(AppendError::RequestRecorded(_)))).count();
        assert_eq!((won, told), (1, 1), "{answers:?}");
    }
    assert_eq!(positions(&servers[1]).await, (1..=40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_is_held_by_one_stream_whichever_server_was_asked() {
    let home = Home::new(Engine::Postgres).await;
    let servers = [server(&home.url).await, server(&home.url).await];
    for number in 0..40_u128 {
        let with_claim = |side: u128| {
            let mut append = append(&format!("s-{side}-{number}"), number * 2 + side);
            append.claims = vec![ClaimChange { kind: "month", key: number.to_be_bytes().to_vec(), take: true }];
            append
        };
        let (one, other) =
            tokio::join!(servers[0].append_to_stream(with_claim(0)), servers[1].append_to_stream(with_claim(1)));
        let refused = [&one, &other].into_iter().filter(|answer| matches!(answer, Err(AppendError::ClaimTaken { .. })));
        assert_eq!((refused.count(), one.is_ok() || other.is_ok()), (1, true), "{one:?} {other:?}");
    }
    let streams: BTreeSet<String> = servers[0]
        .read_all(None, Direction::Forwards, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.stream)
        .collect();
    assert_eq!(streams.len(), 40);
}

/// Well below the second after which a server looks for itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_hears_of_the_others_commits_without_looking() {
    let home = Home::new(Engine::Postgres).await;
    let (here, there) = (server(&home.url).await, server(&home.url).await);
    let mut quickest = Duration::MAX;
    for number in 0..10 {
        let mut head = there.watch_head();
        let appended = here.append_to_stream(append("s", number)).await.unwrap().position;
        let begun = tokio::time::Instant::now();
        head.wait_for(|position| *position >= appended).await.unwrap();
        quickest = quickest.min(begun.elapsed());
    }
    assert!(quickest < Duration::from_millis(250), "{quickest:?}");
}

/// With notifications lost, a second is enough.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hears_nothing_looks_for_itself() {
    let home = Home::new(Engine::Postgres).await;
    let (here, there) = (server(&home.url).await, server(&home.url).await);
    let mut admin = crate::support::postgres::connect(&home.url).await;
    let mut head = there.watch_head();
    // Written behind both servers' backs, as by one that died before it could tell.
    let first = here.append_to_stream(append("s", 1)).await.unwrap().position;
    head.wait_for(|position| *position >= first).await.unwrap();
    let silent = "UPDATE log_head SET next_position = next_position + 5";
    crate::support::postgres::run_sql(&mut admin, silent).await;
    let seen = tokio::time::timeout(Duration::from_secs(20), head.wait_for(|position| *position >= first + 5)).await;
    assert!(seen.is_ok(), "the head was not looked at");
}
