//! Asked to end under load: whoever was accepted is answered, and what was answered is there.

use super::chance::Chance;
use super::load::{Load, Tally};
use super::{open_for_business, record::Record, rounds};
use crate::support::engine::Engine;
use crate::support::office::Office;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_asked_to_end_under_load_answers_whom_it_has_accepted_on_sqlite() {
    a_server_that_is_asked_to_end_under_load_answers_whom_it_has_accepted(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_asked_to_end_under_load_answers_whom_it_has_accepted_on_postgresql() {
    a_server_that_is_asked_to_end_under_load_answers_whom_it_has_accepted(Engine::Postgres).await;
}

async fn a_server_that_is_asked_to_end_under_load_answers_whom_it_has_accepted(engine: Engine) {
    let mut chance = Chance::of_this_run("stop");
    let office = Office::on(engine).await;
    let key = open_for_business(&office);
    let numbers = Arc::new(AtomicU64::new(0));
    let mut tally = Tally::default();
    for round in 0..rounds(3) {
        let (mut serving, address) = office.serve();
        let mut load = Load::start(&address, &key, &numbers);
        load.recorded(20 + chance.below(100)).await;
        tokio::time::sleep(Duration::from_micros(chance.below(20_000))).await;
        serving.ask_to_end();
        tally.take(load.end().await);
        let status = serving.wait();
        assert_eq!(status.code(), Some(0), "round {round}: {}", serving.log());
        assert_eq!(tally.refused, [], "round {round}");
        let record = Record::of(&office);
        assert_eq!(record.problems(&tally.acknowledged), Vec::<String>::new());
        // What was recorded was answered: nobody is left in doubt whose request had an effect.
        let in_doubt: Vec<u64> = tally.unanswered.drain(..).filter(|number| record.has(*number)).collect();
        assert_eq!(in_doubt, Vec::<u64>::new(), "round {round}: recorded and not answered");
        assert_eq!(record.count(), tally.acknowledged.len());
    }
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
}
