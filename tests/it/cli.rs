//! The program as a stranger runs it: what it prints, how it exits, how it stops.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

on_both_engines!(
    migrate_makes_the_database_and_a_master_key_that_only_its_owner_reads,
    a_key_that_systemd_hands_over_may_be_its_groups_to_read,
    health_tells_whether_the_server_is_ready,
    keys_create_prints_the_key_alone_and_list_never_shows_it,
    keys_have_an_end_and_are_rotated_beside_a_server,
    wrong_usage_exits_with_2_and_a_refusal_with_1,
    a_dry_run_exits_with_0_or_1_and_records_nothing,
    errors_to_writes_the_file_back_with_its_errors,
    a_server_answers_is_alone_sees_keys_and_stops_cleanly,
    what_is_done_on_the_command_line_stands_in_the_audit,
    a_person_is_handed_out_and_erased_on_the_command_line,
    a_cycle_is_assessed_without_a_server_and_beside_one,
    a_target_is_set_listed_and_withdrawn_on_the_command_line,
);

const PEOPLE: &str = "beneficiary_ref,unit,channel,effective_month\nTK-1,20350,cash_desk,2025-08\n";

async fn migrate_makes_the_database_and_a_master_key_that_only_its_owner_reads(engine: Engine) {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::on(engine).await;
    assert_eq!(office.path("log.sqlite").exists(), engine == Engine::SqliteFile);
    let key = office.path("log.sqlite.master-key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&key).unwrap();
    office.result(&["migrate"]);
    assert_eq!(fs::read(&key).unwrap(), before, "migrating again keeps the key");
}

async fn a_key_that_systemd_hands_over_may_be_its_groups_to_read(engine: Engine) {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::on(engine).await;
    let folder = office.path("credentials");
    fs::create_dir(&folder).unwrap();
    let key = folder.join("master-key");
    fs::copy(office.path("log.sqlite.master-key"), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o440)).unwrap();
    let asked = ["--master-key-file", key.to_str().unwrap(), "vault", "status"];
    let refused = office.run(&asked);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stdout));
    let handed = format!("CREDENTIALS_DIRECTORY={}", folder.display());
    let read = office.run_under(&["env", &handed], &asked);
    assert_eq!(read.status.code(), Some(0), "{}", text(&read.stderr));
}

async fn health_tells_whether_the_server_is_ready(engine: Engine) {
    let office = Office::on(engine).await;
    let nobody = office.run(&["health", "--server", "http://127.0.0.1:1"]);
    assert_eq!((nobody.status.code(), text(&nobody.stdout)), (Some(1), String::new()));
    let (serving, address) = office.serve();
    assert_eq!(office.result(&["health", "--server", &address]), "ready\n");
    let listen = address.trim_start_matches("http://127.0.0.1");
    let everywhere = format!("CHITRA_LISTEN=0.0.0.0{listen}");
    let ready = office.run_under(&["env", &everywhere], &["health"]);
    assert_eq!((ready.status.code(), text(&ready.stdout)), (Some(0), "ready\n".to_owned()));
    drop(serving);
}

async fn keys_create_prints_the_key_alone_and_list_never_shows_it(engine: Engine) {
    let office = Office::on(engine).await;
    let key = office.result(&["keys", "create", "--role", "clerk", "--unit", "20350", "--label", "ward"]);
    assert_eq!(key.lines().count(), 1);
    let parts: Vec<&str> = key.trim().split('_').collect();
    assert_eq!((parts.len(), parts[0], parts[2].len()), (3, "chitra", 64));
    let list = office.result(&["keys", "list"]);
    assert!(list.contains(parts[1]) && list.contains("clerk") && !list.contains(parts[2]), "{list}");
    let json: serde_json::Value = serde_json::from_str(&office.result(&["keys", "list", "--json"])).unwrap();
    assert_eq!(json[0]["unit"], "C20350@20250701");
}

async fn keys_have_an_end_and_are_rotated_beside_a_server(engine: Engine) {
    let office = Office::on(engine).await;
    let first = office.result(&["keys", "create", "--role", "auditor", "--expires", "30d"]);
    let key_id = first.split('_').nth(1).unwrap();
    let (serving, address) = office.serve();
    let read = async |key: &str| status(&address, "/v1/payments", key.trim()).await;
    assert_eq!(read(&first).await, 200);
    let second = office.result(&["keys", "rotate", key_id]);
    assert_eq!(second.lines().count(), 1);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!((read(&first).await, read(&second).await), (200, 200));
    let third = office.result(&["keys", "rotate", key_id, "--overlap", "0d", "--expires", "2d"]);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!((read(&second).await, read(&third).await), (401, 200));
    drop(serving);
    let json: serde_json::Value = serde_json::from_str(&office.result(&["keys", "list", "--json"])).unwrap();
    assert!(json[0]["expires_at"].is_string() && json[0]["former_secret_until"].is_string(), "{json}");
    for wrong in [["--expires", "soon"], ["--overlap", "91d"], ["--expires", "2020-01-01"]] {
        let refused = office.run(&["keys", "rotate", key_id, wrong[0], wrong[1]]);
        assert_ne!(refused.status.code(), Some(0), "{wrong:?}");
    }
}

async fn wrong_usage_exits_with_2_and_a_refusal_with_1(engine: Engine) {
    let office = Office::on(engine).await;
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

async fn a_dry_run_exits_with_0_or_1_and_records_nothing(engine: Engine) {
    let office = Office::on(engine).await;
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

async fn errors_to_writes_the_file_back_with_its_errors(engine: Engine) {
    let office = Office::on(engine).await;
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

async fn a_server_answers_is_alone_sees_keys_and_stops_cleanly(engine: Engine) {
    let office = Office::on(engine).await;
    let key = office.result(&["keys", "create", "--role", "auditor"]).trim().to_owned();
    let (mut serving, address) = office.serve();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    assert_eq!(status(&address, "/healthz", "").await, 200);
    assert_eq!(status(&address, "/v1/payments", &key).await, 200);

    let is_alone = engine == Engine::SqliteFile;
    if is_alone {
        let second = office.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(second.status.code(), Some(1));
        let reason = text(&second.stderr);
        assert!(
            reason.contains(&serving.id().to_string()) && reason.contains("chitra serve"),
            "the holder is named: {reason}"
        );
    }

    let people = office.write("people.csv", PEOPLE);
    let supervisor = office.result(&["keys", "create", "--role", "supervisor"]).trim().to_owned();
    office.result(&["import", "--kind", "beneficiaries", "--server", &address, "--key", &supervisor, &people]);
    let second = office.run(&["import", "--kind", "beneficiaries", &people]);
    assert_eq!(second.status.success(), !is_alone, "a second writer is refused on SQLite alone");
    office.result(&["verify"]);

    office.result(&["keys", "revoke", key.split('_').nth(1).unwrap()]);
    let revoked_at = Instant::now();
    while status(&address, "/v1/payments", &key).await != 401 {
        assert!(revoked_at.elapsed() < Duration::from_secs(10), "a revoked key still opens");
    }
    assert!(serving.terminate().success());
    office.serve().0.terminate();
}

/// The acts that the audit has of the command line, with what it says about them.
async fn acts(address: &str, key: &str) -> BTreeMap<String, Value> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let path = format!("{address}/v1/audit?kind=operator_act&limit=100");
    let answer = client.get(path).header("authorization", format!("Bearer {key}")).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let lines = answer["entries"].as_array().unwrap().iter();
    lines.map(|line| (line["operation"].as_str().unwrap().to_owned(), line.clone())).collect()
}

async fn what_is_done_on_the_command_line_stands_in_the_audit(engine: Engine) {
    let office = Office::on(engine).await;
    let people = office.write("people.csv", PEOPLE);
    office.result(&["import", "--kind", "beneficiaries", &people]);
    let key = office.result(&["keys", "create", "--role", "auditor"]).trim().to_owned();
    office.result(&["verify"]);
    office.result(&["export", "log.ndjson"]);
    office.result(&["rebuild"]);
    let (mut serving, address) = office.serve();
    let begun = Instant::now();
    let found = loop {
        let found = acts(&address, &key).await;
        if ["key_created", "log_verified", "log_exported", "projection_rebuilt"]
            .iter()
            .all(|act| found.contains_key(*act))
        {
            break found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let about = found["log_verified"]["about"].as_str().unwrap();
    assert!(about.starts_with("findings=0&to_position="), "{about}");
    assert_eq!(found["log_verified"]["actor"], "command-line");
    assert!(serving.terminate().success());
}

/// The pseudonym of the one person, as a server answers it.
async fn person_of(office: &Office) -> String {
    let key = office.result(&["keys", "create", "--role", "supervisor"]).trim().to_owned();
    let (mut serving, address) = office.serve();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let search =
        client.post(format!("{address}/v1/beneficiaries/search")).header("authorization", format!("Bearer {key}"));
    let found = search.json(&serde_json::json!({"beneficiary_ref": "TK-1"})).send().await.unwrap();
    let found: serde_json::Value = found.json().await.unwrap();
    assert!(serving.terminate().success());
    found["beneficiary_id"].as_str().unwrap().to_owned()
}

async fn a_person_is_handed_out_and_erased_on_the_command_line(engine: Engine) {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::on(engine).await;
    let people = office.write("people.csv", PEOPLE);
    office.result(&["import", "--kind", "beneficiaries", &people]);
    let id = person_of(&office).await;
    let document: serde_json::Value = serde_json::from_str(&office.result(&["person", "export", &id])).unwrap();
    assert_eq!(document["events"].as_array().unwrap().last().unwrap()["type"], "PersonalDataExported");
    let held = document["vault"]["identifiers"].as_array().unwrap().len();
    assert!(held > 0, "{document}");
    assert_eq!(office.result(&["person", "export", &id, "--to", "person.json"]), "");
    assert_eq!(fs::metadata(office.path("person.json")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!office.run(&["person", "export", &id, "--to", "person.json"]).status.success(), "never overwritten");

    let erase = ["person", "erase", &id, "--ground", "legal_order"];
    let noted = [&erase[..], &["--note", "049155000012"]].concat();
    assert_eq!(office.run(&noted).status.code(), Some(1));
    for word in ["are erased", "were erased before"] {
        let output = office.run(&erase);
        assert!(output.status.success() && text(&output.stderr).contains(word), "{}", text(&output.stderr));
    }
    let document: serde_json::Value = serde_json::from_str(&office.result(&["person", "export", &id])).unwrap();
    assert_eq!((&document["erased"], &document["vault"]["identifiers"]), (&true.into(), &serde_json::json!([])));
    office.result(&["verify"]);
    office.result(&["rebuild", "--check"]);
    let output = office.run(&["person", "erase", "nobody", "--ground", "legal_order"]);
    assert!(text(&output.stderr).contains("/v1/beneficiaries/search"), "{}", text(&output.stderr));
}

const PAYMENTS: &str =
    "payment_reference,beneficiary_ref,benefit_type,cycle,amount\nP-1,TK-1,pension,2025-08,5000000\n";
const OUTCOMES: &str = "payment_reference,status,date\nP-1,settled,2025-08-04\n";

async fn a_cycle_is_assessed_without_a_server_and_beside_one(engine: Engine) {
    let office = Office::on(engine).await;
    for (kind, rows) in [("beneficiaries", PEOPLE), ("payments", PAYMENTS), ("outcomes", OUTCOMES)] {
        let file = office.write(&format!("{kind}.csv"), rows);
        office.result(&["import", "--kind", kind, &file]);
    }
    let json = ["report", "assessment", "--cycle", "2025-08", "--format", "json"];
    let found: serde_json::Value = serde_json::from_str(&office.result(&json)).unwrap();
    assert_eq!(
        found["headline"]["payments"],
        serde_json::json!({"numerator": 0, "denominator": 1, "ratio": "0.000000"})
    );
    assert_eq!(found["headline"]["people"]["cash"], 1);
    assert_eq!(found["headline"]["completeness"]["ratio"], "1.000000");
    let smoothed = office.result(&[&json[..], &["--smoothing", "10"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&smoothed).unwrap()["smoothing_people"], 10);
    office.result(&["report", "assessment", "--cycle", "2025-08", "--lang", "en", "--to", "page.html"]);
    let page = fs::read_to_string(office.path("page.html")).unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("0.00 %") && page.contains("0 / 1 people"), "{page}");
    for (arguments, reason) in [
        (&["report", "assessment", "--cycle", "August"][..], "a month is written YYYY-MM"),
        (&["report", "assessment", "--cycle", "2025-08", "--unit", "99999"], "no unit has this key or code"),
        (&["report", "assessment", "--cycle", "2025-08", "--as-of-position", "99999"], "99999"),
        (&["report", "assessment", "--cycle", "2025-08", "--as-of", "2025-08-31T00:00:00"], "add its offset"),
        (&["report", "assessment", "--cycle", "2025-08", "--as-of", "2000-01-01"], "before the log"),
    ] {
        let output = office.run(arguments);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""), "{arguments:?}");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    }
    let instant = found["as_of_time"].as_str().unwrap();
    let then = office.result(&["report", "assessment", "--cycle", "2025-08", "--format", "json", "--as-of", instant]);
    let then: serde_json::Value = serde_json::from_str(&then).unwrap();
    assert_eq!((&then["as_of_position"], &then["headline"]), (&found["as_of_position"], &found["headline"]));
    let (mut serving, _) = office.serve();
    let beside: serde_json::Value = serde_json::from_str(&office.result(&json)).unwrap();
    assert_eq!(beside["headline"], found["headline"]);
    assert!(serving.terminate().success());
}

async fn a_target_is_set_listed_and_withdrawn_on_the_command_line(engine: Engine) {
    let office = Office::on(engine).await;
    let set = ["targets", "set", "--unit", "48", "--indicator", "A1", "--by", "2099-12-31", "--legal-basis", "KH 12"];
    let id = office.result(&[&set[..], &["--value", "0.85", "--benefit-groups", "monthly,unemployment"]].concat());
    let listed = office.result(&["targets", "list", "--unit", "48"]);
    let row = listed.lines().find(|line| line.starts_with(id.trim())).unwrap();
    assert!(
        row.contains(",own,P48@20250701,") && row.contains(",monthly unemployment,,0.85,2099-12-31,KH 12,"),
        "{row}"
    );
    let json: serde_json::Value = serde_json::from_str(&office.result(&["targets", "list", "--json"])).unwrap();
    assert_eq!(
        (&json["targets"][0]["target_id"], &json["targets"][0]["pace"]["outlook"]),
        (&id.trim().into(), &"unknown".into())
    );
    for (arguments, says) in [
        (
            [&set[..], &["--value", "0.85", "--benefit-groups", "monthly,unemployment"]].concat(),
            "withdraw that one first",
        ),
        ([&set[..], &["--value", "85"]].concat(), "0.8 is 80 %"),
        (vec!["targets", "withdraw", "x", "--reason", "r"], "is no target's id"),
        (vec!["targets", "list", "--unit", "nowhere"], "--unit nowhere"),
    ] {
        let output = office.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
    }
    office.result(&["targets", "withdraw", id.trim(), "--reason", "KH 13"]);
    assert!(!office.result(&["targets", "list", "--unit", "48"]).contains(id.trim()));
}
