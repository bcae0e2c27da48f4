//! The program as a stranger runs it: what it prints, how it exits, how it stops.

use crate::support::office::{Office, text};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const PEOPLE: &str = "beneficiary_ref,unit,channel,effective_month\nTK-1,20350,cash_desk,2025-08\n";

#[test]
fn migrate_makes_the_database_and_a_master_key_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::new();
    assert!(office.path("log.sqlite").exists());
    let key = office.path("log.sqlite.master-key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&key).unwrap();
    office.result(&["migrate"]);
    assert_eq!(fs::read(&key).unwrap(), before, "migrating again keeps the key");
}

#[test]
fn keys_create_prints_the_key_alone_and_list_never_shows_it() {
    let office = Office::new();
    let key = office.result(&["keys", "create", "--role", "clerk", "--unit", "20350", "--label", "ward"]);
    assert_eq!(key.lines().count(), 1);
    let parts: Vec<&str> = key.trim().split('_').collect();
    assert_eq!((parts.len(), parts[0], parts[2].len()), (3, "chitra", 64));
    let list = office.result(&["keys", "list"]);
    assert!(list.contains(parts[1]) && list.contains("clerk") && !list.contains(parts[2]), "{list}");
    let json: serde_json::Value = serde_json::from_str(&office.result(&["keys", "list", "--json"])).unwrap();
    assert_eq!(json[0]["unit"], "C20350@20250701");
}

#[test]
fn wrong_usage_exits_with_2_and_a_refusal_with_1() {
    let office = Office::new();
    for (arguments, code) in [
        (&["keys", "create", "--role", "king"][..], 2),
        (&["keys", "create", "--role", "bank"], 2),
        (&["import", "x.csv"], 2),
        (&["fly"], 2),
        (&["keys", "create", "--role", "clerk", "--unit", "00000"], 1),
        (&["keys", "create", "--role", "operator", "--unit", "20350"], 1),
        (&["keys", "revoke", "000000000000"], 1),
        (&["import", "--kind", "payments", "no-such-file.csv"], 1),
    ] {
        let output = office.run(arguments);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(code), ""), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} says why");
    }
}

#[test]
fn a_dry_run_exits_with_0_or_1_and_records_nothing() {
    let office = Office::new();
    let good = office.write("good.csv", PEOPLE);
    let bad = office.write("bad.csv", &PEOPLE.replace("20350", "99999"));
    let empty = office.write("empty.csv", "");
    for (file, code) in [(&good, 0), (&bad, 1), (&empty, 1)] {
        let output = office.run(&["import", "--dry-run", "--kind", "beneficiaries", file]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    }
    let output = office.run(&["import", "--dry-run", "--kind", "beneficiaries", &bad]);
    assert!(text(&output.stderr).contains("row 2, unit: "), "{}", text(&output.stderr));
    let report: serde_json::Value =
        serde_json::from_str(&office.result(&["import", "--json", "--kind", "beneficiaries", &good])).unwrap();
    assert_eq!(
        (&report["recorded_rows"], &report["unchanged_rows"]),
        (&1.into(), &0.into()),
        "the dry run had recorded nothing"
    );
    let again: serde_json::Value =
        serde_json::from_str(&office.result(&["import", "--json", "--kind", "beneficiaries", &good])).unwrap();
    assert_eq!(again["import_id"], report["import_id"], "the same file has one effect");
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
}

#[test]
fn errors_to_writes_the_file_back_with_its_errors() {
    let office = Office::new();
    let bad = office.write("bad.csv", &PEOPLE.replace("20350", "99999"));
    let output = office.run(&["import", "--kind", "beneficiaries", "--errors-to", "mend.csv", &bad]);
    assert_eq!(output.status.code(), Some(1));
    assert!(fs::read_to_string(office.path("mend.csv")).unwrap().contains("_errors"));
}

/// The status of a request with a key.
async fn status(address: &str, path: &str, key: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client
        .get(format!("{address}{path}"))
        .header("authorization", format!("Bearer {key}"))
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_answers_is_alone_sees_keys_and_stops_cleanly() {
    let office = Office::new();
    let key = office.result(&["keys", "create", "--role", "auditor"]).trim().to_owned();
    let (mut serving, address) = office.serve();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    assert_eq!(status(&address, "/healthz", "").await, 200);
    assert_eq!(status(&address, "/v1/payments", &key).await, 200);

    let second = office.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let reason = text(&second.stderr);
    assert!(
        reason.contains(&serving.id().to_string()) && reason.contains("chitra serve"),
        "the holder is named: {reason}"
    );

    let people = office.write("people.csv", PEOPLE);
    let supervisor = office.result(&["keys", "create", "--role", "supervisor"]).trim().to_owned();
    office.result(&["import", "--kind", "beneficiaries", "--server", &address, "--key", &supervisor, &people]);
    assert!(
        !office.run(&["import", "--kind", "beneficiaries", &people]).status.success(),
        "a second writer is refused"
    );
    office.result(&["verify"]);

    office.result(&["keys", "revoke", key.split('_').nth(1).unwrap()]);
    let revoked_at = Instant::now();
    while status(&address, "/v1/payments", &key).await != 401 {
        assert!(revoked_at.elapsed() < Duration::from_secs(10), "a revoked key still opens");
    }
    assert!(serving.terminate().success());
    assert!(Path::new(&office.path("log.sqlite")).exists());
    office.serve().0.terminate();
}
