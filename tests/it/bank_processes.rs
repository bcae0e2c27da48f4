//! What an operator and an integrator run for banks, as processes: the folder watched, what is expected of a bank, and the simulator.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use serde_json::{Value, json};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

on_both_engines!(
    a_file_that_is_dropped_counts_while_the_folder_is_watched_and_the_watch_ends_when_asked,
    a_simulated_bank_falls_short_when_it_is_answered_otherwise_than_it_planned,
    what_is_expected_of_a_bank_is_said_at_its_registration,
);

/// How long a file may lie there.
const TAKEN_WITHIN: Duration = Duration::from_mins(1);

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _stopped_already = self.0.kill();
        let _gone = self.0.wait();
    }
}

async fn read(address: &str, path: &str, key: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{address}{path}")).header("authorization", format!("Bearer {key}"));
    serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
}

async fn a_file_that_is_dropped_counts_while_the_folder_is_watched_and_the_watch_ends_when_asked(engine: Engine) {
    let office = Office::on(engine).await;
    let key = office.result(&["keys", "create", "--role", "auditor"]).trim().to_owned();
    office.result(&["banks", "add", "vcb"]);
    fs::create_dir_all(office.path("files/vcb")).unwrap();
    let watching = office.command(&["inbox", "watch", "files"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut watching = Running(watching.unwrap());
    let body =
        json!({"message_id": "M1", "items": [{"end_to_end_id": "x", "status": "settled", "date": "2025-03-04"}]});
    office.write("files/vcb/report.json.part", &body.to_string());
    fs::rename(office.path("files/vcb/report.json.part"), office.path("files/vcb/report.json")).unwrap();
    office.write("files/vcb/note.txt", "hello");
    let dropped = Instant::now();
    let gone = || {
        let (taken, refused) = ("files/.done/vcb/report.json", "files/.failed/vcb/note.txt.reason.txt");
        office.path(taken).exists() && office.path(refused).exists()
    };
    while !gone() {
        assert_eq!(watching.0.try_wait().unwrap(), None, "it goes on watching");
        assert!(dropped.elapsed() < TAKEN_WITHIN, "the file lies there");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-TERM", &watching.0.id().to_string()]).status().unwrap().success());
    let ended = watching.0.wait().unwrap();
    assert_eq!(ended.code(), Some(0), "it ends as asked");
    let (_serving, address) = office.serve();
    let mut inbox = read(&address, "/v1/inbox", &key).await;
    // The server's rows follow the log.
    while inbox["messages"][0]["judged"] != true && dropped.elapsed() < TAKEN_WITHIN {
        tokio::time::sleep(Duration::from_millis(50)).await;
        inbox = read(&address, "/v1/inbox", &key).await;
    }
    let message = &inbox["messages"][0];
    assert_eq!(
        (&message["judged"], &message["waiting"], &message["items"]),
        (&json!(true), &json!(1), &json!(1)),
        "{inbox}"
    );
}

/// A key pair as `openssl` writes it: the private half's file and the public one's.
fn key_pair(office: &Office) -> (String, String) {
    let (private, public) = (office.path("bank.pem"), office.path("bank.pub"));
    let openssl = |arguments: &[&str]| {
        assert!(Command::new("openssl").args(arguments).output().unwrap().status.success(), "{arguments:?}");
    };
    let (private, public) = (private.display().to_string(), public.display().to_string());
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &private]);
    openssl(&["pkey", "-in", &private, "-pubout", "-out", &public]);
    (private, public)
}

async fn a_simulated_bank_falls_short_when_it_is_answered_otherwise_than_it_planned(engine: Engine) {
    let office = Office::on(engine).await;
    let (private, public) = key_pair(&office);
    office.result(&["banks", "add", "vcb"]);
    office.result(&["banks", "key", "vcb", "k1", "--algorithm", "EdDSA", "--key", &public]);
    let (_serving, address) = office.serve();
    let first = include_str!("../fixtures/banks/pain.001.001.09.xml");
    let second = office.write("second.xml", &first.replace("4a213f6d", "5b213f6d"));
    let first = office.write("first.xml", first);
    let play = |key_id: &str, orders: &str| {
        let fixed = ["bank-simulator", "--server", &address, "--bank", "vcb", "--key", &private];
        let more = ["--key-id", key_id, "--pain001", orders, "--seed", "5"];
        let percents = ["silent=0", "lost=0", "forged=100", "slow=0"].map(|percent| ["--percent", percent]).concat();
        let output = office.run(&[&fixed[..], &more[..], &percents[..]].concat());
        let last: Value = serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap();
        (output.status.code(), last)
    };
    // One seed, and orders of two days: the second day's messages are no repetitions of the first's.
    for orders in [&first, &second, &first] {
        let (code, last) = play("k1", orders);
        assert_eq!((code, &last["unforeseen"]), (Some(0), &json!(0)), "{last}");
        assert!(last["answers"]["401"].as_u64().unwrap() > 0, "{last}");
    }
    let (code, last) = play("k2", &first);
    assert_eq!((code, last["answers"]["202"].is_null()), (Some(1), true), "{last}");
    assert!(last["unforeseen"].as_u64().unwrap() > 0, "{last}");
}

async fn what_is_expected_of_a_bank_is_said_at_its_registration(engine: Engine) {
    let office = Office::on(engine).await;
    office.result(&["banks", "add", "vcb", "--expect", "camt.053@08:00", "--expect", "any@17:30/every_day"]);
    let listed: Value = serde_json::from_str(&office.result(&["banks", "list"])).unwrap();
    let expected = json!([
        {"format": "camt.053", "by": "08:00", "days": "working_days"},
        {"format": null, "by": "17:30", "days": "every_day"},
    ]);
    assert!(listed.to_string().contains(&expected.to_string()), "{listed}");
    // What is not said anew stays; what is wrong changes nothing.
    for wrong in ["camt.053", "camt.053@8:00", "camt.999@08:00", "any@17:30/sundays", "@08:00"] {
        let output = office.run(&["banks", "add", "vcb", "--expect", wrong]);
        assert_eq!(output.status.code(), Some(1), "{wrong}");
        assert!(text(&output.stderr).contains("expected FORMAT@HH:MM"), "{}", text(&output.stderr));
    }
    office.result(&["banks", "add", "vcb"]);
    assert_eq!(serde_json::from_str::<Value>(&office.result(&["banks", "list"])).unwrap(), listed);
}
