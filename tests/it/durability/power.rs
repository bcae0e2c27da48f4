//! Power cuts: what was answered is there when the power is back, and the same test finds the loss where nothing is synced.

use super::chance::Chance;
use super::crash::repeat;
use super::disk::{Disk, LYING_SYNCS};
use super::load::{Caller, Load, Tally};
use super::record::Record;
use super::{open_for_business, rounds};
use crate::support::office::Office;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqliteConnection};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

const MEBIBYTES: u64 = 256;
/// Time for answers that were sent to arrive, and for syncs that were begun to end.
const SETTLE: Duration = Duration::from_millis(100);

/// Serves under load until the power is cut in the middle of it; what was answered until then.
async fn serve_until_the_cut(
    disk: &Disk,
    under: &[&str],
    (office, key): (&Office, &str),
    chance: &mut Chance,
) -> Tally {
    let numbers = Arc::new(AtomicU64::new(Record::of(office).count() as u64 + 1_000 * chance.below(3)));
    let (mut serving, address) = office.serve_under(under);
    let mut load = Load::start(&address, key, &numbers);
    load.recorded(50 + chance.below(150)).await;
    tokio::time::sleep(Duration::from_micros(chance.below(20_000))).await;
    serving.freeze();
    tokio::time::sleep(SETTLE).await;
    disk.cut();
    serving.crash();
    load.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_after_a_power_cut() {
    let mut chance = Chance::of_this_run("power cut");
    let Some(disk) = Disk::new(MEBIBYTES).await else { return };
    let office = Office::at(&disk.path());
    let key = open_for_business(&office);
    let numbers = Arc::new(AtomicU64::new(0));
    let mut tally = Tally::default();
    for round in 0..rounds(3) {
        // The projections run too: their commits are not synced, and what is left of them must fit the log.
        let (mut serving, address) = office.serve();
        repeat(&Caller::new(&address, &key), &mut tally).await;
        let mut load = Load::start(&address, &key, &numbers);
        load.recorded(50 + chance.below(150)).await;
        tokio::time::sleep(Duration::from_micros(chance.below(30_000))).await;
        if round % 2 == 0 {
            // At one instant for all: what callers have by now is what was answered before the cut.
            serving.freeze();
            tokio::time::sleep(SETTLE).await;
            disk.cut();
        } else {
            // In the middle of it. The server lives on for a moment, and its callers are told that the database does not answer.
            load.note_the_end();
            disk.cut();
            tokio::time::sleep(Duration::from_millis(chance.below(200))).await;
        }
        serving.crash();
        let mut of_round = load.end().await;
        // The kernel may say that it has synced while its disk is being taken away; no power cut leaves time for such an answer.
        of_round.unanswered.extend(of_round.late.drain(..).map(|late| late.number));
        for refused in &of_round.refused {
            assert_eq!((refused.status, refused.code.as_str()), (503, "store-unavailable"), "{refused:?}");
        }
        tally.take(of_round);
        let refused: Vec<u64> = tally.refused.drain(..).map(|refused| refused.number).collect();
        tally.unanswered.extend(refused);
        disk.restart();
        let problems = Record::of(&office).problems(&tally.acknowledged);
        assert!(problems.is_empty(), "round {round}: {problems:?}");
        office.result(&["verify"]);
    }
    let (mut serving, address) = office.serve();
    repeat(&Caller::new(&address, &key), &mut tally).await;
    assert!(serving.terminate().success());
    let record = Record::of(&office);
    assert_eq!(record.problems(&tally.acknowledged), Vec::<String>::new());
    assert_eq!(record.count(), tally.acknowledged.len());
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
}

/// The control: the same program on a disk that says it has synced and has not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_only_says_it_has_synced_loses_what_was_answered() {
    let mut chance = Chance::of_this_run("lying disk");
    let Some(disk) = Disk::new(MEBIBYTES).await else { return };
    let office = Office::at(&disk.path());
    let key = open_for_business(&office);
    disk.sync();
    let tally = serve_until_the_cut(&disk, &LYING_SYNCS, (&office, &key), &mut chance).await;
    disk.restart();
    let lost = Record::of(&office).lost(&tally.acknowledged);
    assert!(
        !lost.is_empty(),
        "{} orders were answered and none lost: this test would find nothing",
        tally.acknowledged.len()
    );
}

async fn connect(disk: &Disk, synchronous: SqliteSynchronous) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(disk.path().join("plain.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .connect()
        .await
        .unwrap()
}

/// The control of the setting that appends run with, by SQLite alone.
#[tokio::test]
async fn commits_survive_a_power_cut_when_synchronous_is_full_and_not_when_it_is_normal() {
    const COMMITS: i64 = 50;
    for (synchronous, survives) in [(SqliteSynchronous::Full, true), (SqliteSynchronous::Normal, false)] {
        let Some(disk) = Disk::new(32).await else { return };
        let mut connection = connect(&disk, SqliteSynchronous::Full).await;
        sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut connection).await.unwrap();
        drop(connection);
        disk.sync();
        let mut connection = connect(&disk, synchronous).await;
        for number in 0..COMMITS {
            sqlx::query("INSERT INTO t VALUES (?)").bind(number).execute(&mut connection).await.unwrap();
        }
        disk.cut();
        drop(connection);
        // The connection's own thread closes the file a little later.
        tokio::time::sleep(Duration::from_millis(200)).await;
        disk.restart();
        let mut connection = connect(&disk, SqliteSynchronous::Full).await;
        let row = sqlx::query("SELECT COUNT(*) FROM t").fetch_one(&mut connection).await.unwrap();
        let there: i64 = row.get(0);
        assert_eq!(there == COMMITS, survives, "{there} of {COMMITS} with {synchronous:?}");
    }
}

/// Nothing syncs after these commands but they themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commands_made_is_there_after_a_power_cut() {
    let Some(disk) = Disk::new(MEBIBYTES).await else { return };
    let office = Office::at(&disk.path());
    let key = open_for_business(&office);
    office.result(&["backup", "one.backup"]);
    office.result(&["export", "log.ndjson"]);
    let verified = office.result(&["verify"]);
    disk.cut();
    disk.restart();
    assert_eq!(office.result(&["verify"]), verified);
    let (mut serving, address) = office.serve();
    Caller::new(&address, &key).order(0).await.unwrap().unwrap();
    assert!(serving.terminate().success());
    let restored = office.path("restored.sqlite").display().to_string();
    std::fs::copy(office.path("log.sqlite.master-key"), office.path("restored.sqlite.master-key")).unwrap();
    office.result(&["restore", "--verify", "one.backup", "--database", &format!("sqlite:{restored}")]);
    let again = office.path("again.sqlite").display().to_string();
    office.result(&["import-log", "log.ndjson", "--database", &format!("sqlite:{again}")]);
}
