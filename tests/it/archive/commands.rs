//! The four commands as an operator runs them.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs;
use std::io::Read;

const PEOPLE: &str =
    "beneficiary_ref,unit,channel,effective_month\nTK-1,20350,cash_desk,2025-08\nTK-2,20350,cash_desk,2025-08\n";

fn office_with_people() -> Office {
    let office = Office::new();
    let people = office.write("people.csv", PEOPLE);
    office.result(&["import", "--kind", "beneficiaries", &people]);
    office
}

/// What a check finds, without the number of checkpoints: a server that ran in between signed some.
fn verified(office: &Office) -> Value {
    let mut found: Value = serde_json::from_str(&office.result(&["verify", "--json"])).unwrap();
    assert!(found.as_object_mut().unwrap().remove("checkpoints").is_some());
    found
}

/// Another office, with the first one's master key.
fn office_with_the_key_of(first: &Office) -> Office {
    let other = Office::new();
    fs::remove_file(other.path("log.sqlite")).unwrap();
    fs::copy(first.path("log.sqlite.master-key"), other.path("log.sqlite.master-key")).unwrap();
    other
}

#[test]
fn a_backup_beside_a_server_is_restored_and_verified_with_the_same_digest() {
    let office = office_with_people();
    let (_serving, _) = office.serve();
    let other = office_with_the_key_of(&office);
    let file = other.path("one.backup").display().to_string();
    let said: Value = serde_json::from_str(&office.result(&["backup", "--json", &file])).unwrap();
    let expected = verified(&office);
    assert_eq!((&said["position"], &said["log_digest"]), (&expected["head"], &expected["log_digest"]));
    assert_eq!(said["bytes"], fs::metadata(&file).unwrap().len());
    let restored: Value = serde_json::from_str(&other.result(&["restore", "--verify", "--json", &file])).unwrap();
    let mut of_the_copy = restored["verified"].clone();
    assert!(of_the_copy.as_object_mut().unwrap().remove("checkpoints").is_some());
    assert_eq!(of_the_copy, expected);
    assert_eq!(restored["rows"], said["rows"]);
    other.result(&["rebuild", "--check"]);
    let people = other.write("people.csv", PEOPLE);
    let again: Value =
        serde_json::from_str(&other.result(&["import", "--json", "--kind", "beneficiaries", &people])).unwrap();
    assert_eq!(again["recorded_rows"], 2, "the first report, given again");
    assert_eq!(verified(&other)["log_digest"], expected["log_digest"], "the same file has no second effect");
}

#[test]
fn a_backup_holds_no_master_key_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let office = office_with_people();
    office.result(&["backup", "one.backup"]);
    assert_eq!(fs::metadata(office.path("one.backup")).unwrap().permissions().mode() & 0o777, 0o600);
    let key = fs::read_to_string(office.path("log.sqlite.master-key")).unwrap();
    let raw: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&key.trim()[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let mut plain = Vec::new();
    GzDecoder::new(fs::File::open(office.path("one.backup")).unwrap()).read_to_end(&mut plain).unwrap();
    for bytes in [key.trim().as_bytes(), &raw] {
        assert!(!plain.windows(bytes.len()).any(|window| window == bytes), "the master key is in the backup");
    }
}

#[test]
fn what_is_there_is_never_overwritten_and_nothing_half_done_is_left() {
    let office = office_with_people();
    let before = fs::read(office.path("people.csv")).unwrap();
    for arguments in [&["backup", "people.csv"][..], &["export", "people.csv"]] {
        let refused = office.run(arguments);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains("is there already"), "{}", text(&refused.stderr));
    }
    assert_eq!(fs::read(office.path("people.csv")).unwrap(), before);
    for arguments in [&["restore", "people.csv"][..], &["restore", "no-such.backup"], &["import-log", "no-such"]] {
        assert_eq!(office.run(arguments).status.code(), Some(1), "{arguments:?}");
    }
    assert_eq!(office.run(&["backup", "no-such-folder/x"]).status.code(), Some(1));
    assert_eq!(office.run(&["export", "--from", "0"]).status.code(), Some(2));
    let partial = |name: &str| name.ends_with(".partial");
    let left: Vec<_> = fs::read_dir(office.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| partial(name))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_restore_without_the_key_writes_nothing_and_with_another_key_says_so() {
    let office = office_with_people();
    let other = office_with_the_key_of(&office);
    let file = other.path("one.backup").display().to_string();
    office.result(&["backup", &file]);
    fs::remove_file(other.path("log.sqlite.master-key")).unwrap();
    let refused = other.run(&["restore", "--verify", &file]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("there is no master key"), "{}", text(&refused.stderr));
    assert!(!other.path("log.sqlite").exists(), "nothing was begun");
    fs::copy(Office::new().path("log.sqlite.master-key"), other.path("log.sqlite.master-key")).unwrap();
    let refused = other.run(&["restore", "--verify", &file]);
    let says = text(&refused.stderr);
    assert!(says.contains("is restored, but could not be verified") && says.contains("not the one"), "{says}");
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn an_export_goes_into_another_database_with_the_same_digest() {
    let office = office_with_people();
    let to_stdout = office.result(&["export"]);
    let to_file: Value = serde_json::from_str(&office.result(&["export", "--json", "log.ndjson"])).unwrap();
    assert_eq!(fs::read_to_string(office.path("log.ndjson")).unwrap(), to_stdout);
    let expected = verified(&office);
    assert_eq!((&to_file["log_digest"], &to_file["position"]), (&expected["log_digest"], &expected["head"]));
    let other = Office::new();
    let file = office.path("log.ndjson").display().to_string();
    let wrong = other.run(&["import-log", "--digest", &"0".repeat(64), &file]);
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stderr));
    let digest = expected["log_digest"].as_str().unwrap();
    let read: Value =
        serde_json::from_str(&other.result(&["import-log", "--json", "--digest", digest, &file])).unwrap();
    assert_eq!((&read["log_digest"], &read["events"]), (&expected["log_digest"], &expected["events"]));
    other.result(&["rebuild"]);
    assert_eq!(verified(&other)["log_digest"], expected["log_digest"]);
    assert_eq!(other.run(&["import-log", &file]).status.code(), Some(1), "it is no longer empty");
}

#[test]
fn figures_of_another_log_do_not_pass_for_the_restored_ones() {
    let office = office_with_people();
    let other = Office::new();
    let people = other.write("people.csv", &format!("{PEOPLE}TK-3,20350,cash_desk,2025-08\n"));
    other.result(&["import", "--kind", "beneficiaries", &people]);
    // Somebody makes room for the backup, and leaves the file with the figures where it is.
    fs::remove_file(other.path("log.sqlite")).unwrap();
    fs::copy(office.path("log.sqlite.master-key"), other.path("log.sqlite.master-key")).unwrap();
    let file = other.path("one.backup").display().to_string();
    office.result(&["backup", &file]);
    other.result(&["restore", &file]);
    other.result(&["rebuild", "--check"]);
    let (mut serving, _) = other.serve();
    assert!(serving.terminate().success());
    other.result(&["rebuild", "--check"]);
    // The server recorded that it began and ended; nothing else differs.
    assert_eq!(verified(&other)["checks"], verified(&office)["checks"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_and_an_export_move_an_office_to_postgresql_and_back_with_the_same_digest() {
    let office = office_with_people();
    let expected = verified(&office);
    let there = Office::on(Engine::Postgres).await;
    fs::copy(office.path("log.sqlite.master-key"), there.path("log.sqlite.master-key")).unwrap();
    let file = there.path("one.backup").display().to_string();
    office.result(&["backup", &file]);
    there.result(&["restore", "--verify", &file]);
    there.result(&["rebuild", "--check"]);
    assert_eq!(verified(&there), expected);
    let (_serving, _) = there.serve();
    let refused = there.run(&["restore", &file]);
    assert!(text(&refused.stderr).contains("already holds"), "{}", text(&refused.stderr));
    let back = office_with_the_key_of(&office);
    let file = back.path("two.backup").display().to_string();
    there.result(&["backup", &file]);
    back.result(&["restore", "--verify", &file]);
    assert_eq!(verified(&back), expected);
    let lines = there.write("log.ndjson", &office.result(&["export"]));
    assert_eq!(fs::read_to_string(&lines).unwrap(), there.result(&["export"]));
    let other = Office::on(Engine::Postgres).await;
    other.result(&["import-log", "--digest", expected["log_digest"].as_str().unwrap(), &lines]);
    other.result(&["rebuild"]);
    assert_eq!(verified(&other)["log_digest"], expected["log_digest"]);
}
