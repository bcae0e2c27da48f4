//! Disks that are full or fail: callers are told, nothing is half done, and the server goes on when the disk does.

use super::chance::Chance;
use super::crash::repeat;
use super::disk::{Disk, failing};
use super::load::{Caller, Load, Tally};
use super::{open_for_business, record::Record, rounds};
use crate::support::office::Office;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// How long projections may take to find the disk in order again.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// All refusals say that the database does not answer, and to try again.
fn assert_unavailable(tally: &Tally) {
    for refused in &tally.refused {
        let found = (refused.status, refused.content_type.as_str(), refused.code.as_str(), refused.retry_after);
        assert_eq!(found, (503, "application/problem+json", "store-unavailable", true), "{refused:?}");
    }
}

/// Sends what was refused again, until it is answered.
async fn complete(caller: &Caller, tally: &mut Tally) {
    let refused: Vec<u64> = tally.refused.drain(..).map(|refused| refused.number).collect();
    tally.unanswered.extend(refused);
    repeat(caller, tally).await;
}

async fn assert_ready(caller: &Caller) {
    let begun = Instant::now();
    while caller.status("/readyz").await != 200 {
        assert!(begun.elapsed() < READY_WITHIN, "a projection does not follow any more");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn assert_whole(office: &Office, tally: &Tally) {
    let record = Record::of(office);
    assert_eq!(record.problems(&tally.acknowledged), Vec::<String>::new());
    assert_eq!(record.count(), tally.acknowledged.len(), "something was recorded that nobody was told of");
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_the_server_goes_on_when_there_is_room() {
    for _ in 0..rounds(1) {
        // Room that the WAL once had it keeps, and can be written to when the disk is full: each round has a new disk.
        let Some(disk) = Disk::new(64).await else { return };
        let office = Office::at(&disk.path());
        let key = open_for_business(&office);
        let numbers = Arc::new(AtomicU64::new(0));
        let (mut serving, address) = office.serve();
        let caller = Caller::new(&address, &key);
        let mut tally = Tally::default();
        for _ in 0..2 {
            let mut load = Load::start(&address, &key, &numbers);
            load.recorded(30).await;
            let filler = disk.fill();
            load.refused(20).await;
            let of_full = load.stop().await;
            assert_eq!(of_full.unanswered, Vec::<u64>::new(), "everybody is answered");
            tally.take(of_full);
            assert_unavailable(&tally);
            filler.remove();
            disk.sync();
            complete(&caller, &mut tally).await;
            assert_ready(&caller).await;
        }
        assert!(serving.terminate().success());
        assert_whole(&office, &tally);
    }
}

/// Calls that fail now and then, for a while of load; then the server goes on without failures, after a crash. A commit is one sync
/// and some tens of writes: `every` says how many calls there are between two failures, at least.
async fn fails_now_and_then(what: &str, calls: &str, every: u64) {
    let mut chance = Chance::of_this_run(what);
    let Some(disk) = Disk::new(256).await else { return };
    let office = Office::at(&disk.path());
    let key = open_for_business(&office);
    let numbers = Arc::new(AtomicU64::new(0));
    let mut tally = Tally::default();
    let files =
        ["log.sqlite", "log.sqlite-wal", "log.sqlite-views", "log.sqlite-views-wal"].map(|name| office.path(name));
    for _ in 0..rounds(2) {
        let when = format!("{what}:when={}+{}", every + chance.below(every), every + chance.below(every));
        let under = failing(&when, calls, &files);
        let (mut serving, address) = office.serve_under(&under.iter().map(String::as_str).collect::<Vec<_>>());
        let mut load = Load::start(&address, &key, &numbers);
        load.both(60, 60).await;
        let of_round = load.stop().await;
        assert_eq!(of_round.unanswered, Vec::<u64>::new(), "everybody is answered: {}", serving.log());
        tally.take(of_round);
        assert_unavailable(&tally);
        serving.crash();
        let problems = Record::of(&office).problems(&tally.acknowledged);
        assert!(problems.is_empty(), "{when}: {problems:?}");
        let (mut serving, address) = office.serve();
        let caller = Caller::new(&address, &key);
        complete(&caller, &mut tally).await;
        assert_ready(&caller).await;
        assert!(serving.terminate().success());
    }
    assert_whole(&office, &tally);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_is_told_and_leaves_nothing_half_done() {
    fails_now_and_then("error=EIO", "fsync,fdatasync", 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_fails_is_told_and_leaves_nothing_half_done() {
    fails_now_and_then("error=EIO", "pwrite64,write", 150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_without_room_is_told_and_leaves_nothing_half_done() {
    fails_now_and_then("error=ENOSPC", "pwrite64,write", 150).await;
}
