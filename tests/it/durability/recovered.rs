//! Orders whose sync failed, found by a server that starts after a crash: on the disk before they are shown or built upon, or no server.

use super::disk::{Disk, failing};
use super::load::Caller;
use super::open_for_business;
use super::record::Record;
use crate::support::office::{Office, text};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const SYNCS: &str = "fsync,fdatasync";
const ALWAYS: &str = "error=EIO:when=1+";
/// The first sync of a new WAL is that of its header.
const BUT_THE_FIRST: &str = "error=EIO:when=2+";
const ORDER: u64 = 7;

fn words(of: &[String]) -> Vec<&str> {
    of.iter().map(String::as_str).collect()
}

/// A server whose syncs of the log fail takes one order, answers that it could not, and dies. The order is in the WAL, and on no disk.
async fn left_by_a_failed_sync(disk: &Disk, office: &Office) -> String {
    let key = open_for_business(office);
    disk.sync();
    let under = failing(BUT_THE_FIRST, SYNCS, &[office.path("log.sqlite-wal")]);
    let (mut serving, address) = office.serve_under(&words(&under));
    let refused = Caller::new(&address, &key).order(ORDER).await.unwrap().unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (503, "store-unavailable"), "{}", serving.log());
    serving.crash();
    assert!(fs::metadata(office.path("log.sqlite-wal")).unwrap().len() > 0, "there is something to recover");
    key
}

/// Calls on a file as `strace` has noted them: bytes written, and whether the last call was a sync that went well.
fn noted(trace: &Path) -> (u64, bool) {
    let lines = fs::read_to_string(trace).unwrap();
    let done = |line: &str| line.rsplit_once(" = ").and_then(|(_, result)| result.trim().parse::<u64>().ok());
    let written = lines.lines().filter(|line| line.contains("write")).filter_map(done).sum();
    let last =
        lines.lines().rfind(|line| line.contains("write(") || line.contains("write64(") || line.contains("sync("));
    (written, last.is_some_and(|line| line.contains("sync(") && done(line) == Some(0)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_found_after_a_failed_sync_survives_a_power_cut() {
    let Some(disk) = Disk::new(64).await else { return };
    let office = Office::at(&disk.path());
    let key = left_by_a_failed_sync(&disk, &office).await;
    let (beside, wal) = (tempfile::tempdir().unwrap(), office.path("log.sqlite-wal"));
    let (trace, left) = (beside.path().join("trace"), fs::metadata(&wal).unwrap().len());
    let output = format!("--output={}", trace.display());
    let path = format!("--trace-path={}", wal.display());
    let under = ["strace", "-D", "-f", "-qq", &output, "--trace=pwrite64,write,fsync,fdatasync", &path];
    let (mut serving, _) = office.serve_under(&under);
    // Whoever asks now is told that it is there.
    assert!(Record::of(&office).has(ORDER), "the order was not recovered: this test would find nothing");
    serving.freeze();
    disk.cut();
    serving.crash();
    let begun = Instant::now();
    while !noted(&trace).1 && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (written, synced) = noted(&trace);
    assert!(written >= left && synced, "{written} of {left} bytes were written again, synced: {synced}");
    disk.restart();
    assert!(Record::of(&office).has(ORDER), "what was shown is lost");
    let (mut serving, address) = office.serve();
    let order = Caller::new(&address, &key).order(ORDER).await.unwrap().unwrap();
    assert!(order.replayed, "the same request has one effect");
    assert!(serving.terminate().success());
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_starts_on_a_log_that_cannot_be_made_durable() {
    let Some(disk) = Disk::new(64).await else { return };
    let office = Office::at(&disk.path());
    let key = left_by_a_failed_sync(&disk, &office).await;
    let under = failing(ALWAYS, SYNCS, &[office.path("log.sqlite-wal")]);
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify"], &["keys", "list"], &["migrate"]] {
        let ended = office.run_under(&words(&under), command);
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{command:?}: {said}");
        assert!(said.contains("cannot be made durable"), "{command:?}: {said}");
    }
    // The disk is in order again.
    let (mut serving, address) = office.serve();
    let caller = Caller::new(&address, &key);
    assert!(caller.order(ORDER).await.unwrap().is_ok() && caller.order(ORDER + 1).await.unwrap().is_ok());
    assert!(serving.terminate().success());
    assert_eq!(Record::of(&office).count(), 2);
    office.result(&["verify"]);
}
