//! Each projection is run by one server at a time: the others watch it, take over, and stand aside for a rebuild.

use super::{append, server};
use crate::support::app::MONDAY_US;
use crate::support::engine::{Engine, Home};
use crate::support::postgres::{connect, run_sql};
use chitra::app::App;
use chitra::app::runner::Runner;
use chitra::clock::{Clock, SimulatedClock};
use chitra::compose::{Opening, compose};
use chitra::domain::profile::Profile;
use chitra::projections::{Checkpoint, Projection};
use chitra::store::views::Step;
use chitra::store::{OpenMode, SharedStore, StoreError};
use chitra::vault::MasterKey;
use std::sync::Arc;

/// A whole server but for its door.
async fn app(url: &str, runs_projections: bool) -> Arc<App> {
    let clock = Arc::new(SimulatedClock::new(MONDAY_US, 1));
    let master = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
    compose(Opening {
        url: url.to_owned(),
        mode: OpenMode::Writer { holder: "the test".to_owned() },
        master: MasterKey::parse(master).unwrap(),
        profile: Arc::new(Profile::vietnam()),
        clock: clock as Arc<dyn Clock>,
        runs_projections,
    })
    .await
    .unwrap()
}

async fn write(app: &Arc<App>, numbers: std::ops::Range<u128>) -> u64 {
    let mut last = 0;
    for number in numbers {
        last = app.store.append_to_stream(append("other-1", number)).await.unwrap().position;
    }
    last
}

async fn reach(app: &Arc<App>, position: u64) {
    for projection in Projection::ALL {
        // Longer than one wait for `min_position`: a lost owner's connection is noticed first.
        let mut answer = app.wait_for(projection, Some(position)).await;
        for _ in 0..3 {
            if answer.is_err() {
                answer = app.wait_for(projection, Some(position)).await;
            }
        }
        answer.unwrap();
    }
}

fn step(from: u64, to: u64) -> Step {
    let at = |position| Checkpoint { position, recorded_at_us: 1 };
    Step { from: at(from), to: at(to) }
}

async fn owners(stores: &[SharedStore]) -> Vec<bool> {
    let mut owned = Vec::new();
    for store in stores {
        owned.push(store.own(Projection::Payments).await.unwrap());
    }
    owned
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_owns_a_projection_until_it_lets_go_or_closes() {
    let home = Home::new(Engine::Postgres).await;
    let stores = [server(&home.url).await, server(&home.url).await];
    assert_eq!(owners(&stores).await, [true, false]);
    assert_eq!(owners(&stores).await, [true, false]);
    stores[0].disown(Projection::Payments).await;
    assert!(stores[1].own(Projection::Payments).await.unwrap());
    assert_eq!(owners(&stores).await, [false, true]);
    stores[1].close().await;
    assert!(stores[0].own(Projection::Payments).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_lost_its_connection_knows_that_it_no_longer_owns() {
    let home = Home::new(Engine::Postgres).await;
    let stores = [server(&home.url).await, server(&home.url).await];
    assert_eq!(owners(&stores).await, [true, false]);
    let mut admin = connect(&home.url).await;
    run_sql(
        &mut admin,
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = \
         (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .await;
    let mut taken = false;
    while !taken {
        taken = stores[1].own(Projection::Payments).await.unwrap();
    }
    // The first question meets the dead connection, the next one a new session without the lock.
    let answers = [stores[0].own(Projection::Payments).await, stores[0].own(Projection::Payments).await];
    assert!(!answers.contains(&Ok(true)), "{answers:?}");
    assert_eq!(answers[1], Ok(false));
}

/// The lock says who should write; the checkpoint says who can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_write_from_one_checkpoint_one_is_refused() {
    let home = Home::new(Engine::Postgres).await;
    let stores = [server(&home.url).await, server(&home.url).await];
    for from in 0..10 {
        let nothing = chitra::projections::beneficiaries::Folded::default();
        let (one, other) = tokio::join!(
            stores[0].apply_beneficiaries(&nothing, step(from, from + 1)),
            stores[1].apply_beneficiaries(&nothing, step(from, from + 1))
        );
        let refused =
            [&one, &other].into_iter().filter(|answer| matches!(answer, Err(StoreError::Rejected(_)))).count();
        assert_eq!((refused, one.is_ok() || other.is_ok()), (1, true), "{one:?} {other:?}");
    }
    assert_eq!(stores[0].progress(Projection::Beneficiaries).await.unwrap().checkpoint.position, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_run_the_projections_waits_for_the_one_that_does() {
    let home = Home::new(Engine::Postgres).await;
    let (one, other) = (app(&home.url, true).await, app(&home.url, true).await);
    let runners = [Runner::start(&one), Runner::start(&other)];
    for round in 0..4 {
        let position = write(&one, round * 10..round * 10 + 5).await;
        reach(&other, position).await;
        let position = write(&other, round * 10 + 5..round * 10 + 10).await;
        reach(&one, position).await;
    }
    for runner in runners {
        runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_owner_stops_the_other_server_takes_over() {
    let home = Home::new(Engine::Postgres).await;
    let (one, other) = (app(&home.url, true).await, app(&home.url, true).await);
    let first = Runner::start(&one);
    let position = write(&one, 0..5).await;
    reach(&one, position).await;
    let second = Runner::start(&other);
    first.stop().await;
    one.store.close().await;
    let position = write(&other, 5..10).await;
    reach(&other, position).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_waits_for_the_server_that_runs_the_projections() {
    let home = Home::new(Engine::Postgres).await;
    let (serving, command) = (app(&home.url, true).await, app(&home.url, false).await);
    let runner = Runner::start(&serving);
    let position = write(&serving, 0..5).await;
    reach(&serving, position).await;
    let position = write(&command, 5..10).await;
    command.catch_up().await.unwrap();
    for projection in Projection::ALL {
        assert_eq!(command.views.progress(projection).await.unwrap().checkpoint.position, position);
    }
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_makes_the_running_servers_stand_aside_and_they_go_on_after_it() {
    let home = Home::new(Engine::Postgres).await;
    let (serving, command) = (app(&home.url, true).await, app(&home.url, false).await);
    let runner = Runner::start(&serving);
    let position = write(&serving, 0..50).await;
    reach(&serving, position).await;
    for projection in Projection::ALL {
        assert_eq!(command.rebuild(projection, |_| {}).await, Ok(position));
    }
    let position = write(&serving, 50..60).await;
    reach(&serving, position).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_was_begun_keeps_servers_from_running_the_projection() {
    let home = Home::new(Engine::Postgres).await;
    let stores = [server(&home.url).await, server(&home.url).await];
    assert_eq!(stores[1].seize(Projection::Payments).await, Ok(true));
    assert_eq!(stores[0].own(Projection::Payments).await, Ok(false));
    assert_eq!(stores[0].own(Projection::Beneficiaries).await, Ok(true));
    stores[1].disown(Projection::Payments).await;
    assert_eq!(stores[0].own(Projection::Payments).await, Ok(true));
}
