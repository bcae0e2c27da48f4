//! Killed at any moment under load: what was answered is there once, and the same requests get the same answers.

use super::chance::Chance;
use super::load::{Acknowledged, Caller, Load, Tally};
use super::record::Record;
use super::{open_for_business, rounds};
use crate::support::engine::Engine;
use crate::support::office::Office;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Requests sent again after each crash: the last ones, which were nearest to it.
const REPEATED: usize = 60;

/// Sends requests of before again: those that were answered get the same answer, the others one effect.
pub async fn repeat(caller: &Caller, tally: &mut Tally) {
    for first in tally.acknowledged.iter().rev().take(REPEATED) {
        let again = caller.order(first.number).await.unwrap().unwrap();
        assert_eq!(again, Acknowledged { replayed: true, ..first.clone() });
    }
    for number in std::mem::take(&mut tally.unanswered) {
        let order = caller.order(number).await.unwrap().unwrap();
        tally.acknowledged.push(Acknowledged { replayed: false, ..order });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_crash_is_there_once_on_sqlite() {
    what_was_answered_before_a_crash_is_there_once(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_crash_is_there_once_on_postgresql() {
    what_was_answered_before_a_crash_is_there_once(Engine::Postgres).await;
}

async fn what_was_answered_before_a_crash_is_there_once(engine: Engine) {
    let mut chance = Chance::of_this_run("crash");
    let office = Office::on(engine).await;
    let key = open_for_business(&office);
    let numbers = Arc::new(AtomicU64::new(0));
    let mut tally = Tally::default();
    for round in 0..rounds(4) {
        let (mut serving, address) = office.serve();
        repeat(&Caller::new(&address, &key), &mut tally).await;
        let mut load = Load::start(&address, &key, &numbers);
        load.recorded(20 + chance.below(150)).await;
        // Somewhere between two signals: in a batch, in a projection's commit, in an answer.
        tokio::time::sleep(Duration::from_micros(chance.below(30_000))).await;
        serving.crash();
        tally.take(load.end().await);
        assert_eq!(tally.refused, [], "round {round}");
        assert!(!tally.unanswered.is_empty(), "nobody was waiting when the server died");
        let problems = Record::of(&office).problems(&tally.acknowledged);
        assert!(problems.is_empty(), "round {round}: {problems:?}");
    }
    let (mut serving, address) = office.serve();
    repeat(&Caller::new(&address, &key), &mut tally).await;
    assert!(serving.terminate().success());
    let record = Record::of(&office);
    assert_eq!(record.problems(&tally.acknowledged), Vec::<String>::new());
    assert_eq!(record.count(), tally.acknowledged.len(), "every order has been answered by now");
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
}
