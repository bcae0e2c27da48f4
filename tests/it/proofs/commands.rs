//! The commands as people run them: a log's key, a witness in a process of its own, a checkpoint kept elsewhere, a receipt on another machine.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PEOPLE: &str = "beneficiary_ref,unit,channel,effective_month\nTK-1,20350,cash_desk,2025-08\n";
const PAYMENTS: &str = "payment_reference,beneficiary_ref,benefit_type,cycle,amount,unit,channel\n\
    P-1,TK-1,pension,2025-09,1000000,20350,cash_desk\nP-2,TK-1,pension,2025-10,1000000,20350,cash_desk\n";

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _stopped_already = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// Starts `chitra` in an empty folder, with nothing but its arguments, and waits for its ready file.
fn start(folder: &Path, arguments: &[&str]) -> (Process, String) {
    let ready = folder.join(format!("ready-{}", arguments[0]));
    let _none_yet = fs::remove_file(&ready);
    let mut command = Command::new(env!("CARGO_BIN_EXE_chitra"));
    command.current_dir(folder).env_clear().args(arguments).arg("--ready-file").arg(&ready);
    let mut process = Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let deadline = Instant::now() + Duration::from_mins(1);
    while !ready.exists() {
        let ended = process.0.try_wait().unwrap();
        assert!(ended.is_none() && Instant::now() < deadline, "{arguments:?} did not start: {ended:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    (process, fs::read_to_string(&ready).unwrap().trim().to_owned())
}

async fn get(url: &str, key: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).header("authorization", format!("Bearer {key}")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// What a cosigned checkpoint is, once there is one over so many events.
async fn cosigned(address: &str, size: u64) -> String {
    for _ in 0..600 {
        let (status, note) = get(&format!("{address}/v1/log/checkpoint?cosigned=true"), "").await;
        if status == 200 && note.lines().nth(1) == Some(&size.to_string()) {
            return note;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no checkpoint over {size} events was cosigned");
}

async fn from_key_to_receipt(engine: Engine) {
    let office = Office::on(engine).await;
    let log_key = office.result(&["log-key", "--origin", "bhxh.example.vn/log1"]).trim().to_owned();
    assert!(log_key.starts_with("bhxh.example.vn/log1+"), "{log_key}");
    assert_eq!(office.result(&["log-key"]).trim(), log_key);
    for (origin, part) in [("other.example", "a name is for ever"), ("two words", "without spaces")] {
        let refused = office.run(&["log-key", "--origin", origin]);
        assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains(part), "{refused:?}");
    }
    office.result(&["import", "--kind", "beneficiaries", &office.write("people.csv", PEOPLE)]);
    office.result(&["import", "--kind", "payments", &office.write("payments.csv", PAYMENTS)]);
    let key = office.result(&["keys", "create", "--role", "supervisor"]).trim().to_owned();

    let elsewhere = tempfile::tempdir().unwrap();
    let witness = [
        "witness",
        "--log-vkey",
        &log_key,
        "--state",
        "state",
        "--name",
        "witness.example.vn/w1",
        "--listen",
        "127.0.0.1:0",
    ];
    let (_witness, witness_address) = start(elsewhere.path(), &witness);
    let witness_key = get(&format!("{witness_address}/vkey"), "").await.1.trim().to_owned();
    fs::write(office.path("chitra.toml"), format!("witnesses = [\"{witness_key} {witness_address}\"]\n")).unwrap();
    let (mut serving, address) = office.serve();
    let events: serde_json::Value = serde_json::from_str(&get(&format!("{address}/v1/events"), &key).await.1).unwrap();
    let head = events["as_of_position"].as_u64().unwrap();
    let kept = elsewhere.path().join("kept.checkpoint");
    fs::write(&kept, cosigned(&address, head).await).unwrap();
    let payment =
        events["events"].as_array().unwrap().iter().find(|event| event["type"] == "PaymentInstructed").unwrap();
    let payment = payment["data"]["payment_id"].as_str().unwrap();
    let (status, receipt) = get(&format!("{address}/v1/payments/{payment}/receipt"), &key).await;
    assert_eq!(status, 200, "{receipt}");
    fs::write(elsewhere.path().join("receipt.json"), &receipt).unwrap();

    let kept = kept.display().to_string();
    let against = ["verify", "--checkpoint", &kept, "--log-vkey", &log_key, "--witness-vkey", &witness_key];
    assert!(office.result(&against).contains("ok      checkpoints"), "beside the server");
    assert!(serving.terminate().success());
    check_receipt(elsewhere.path(), &receipt, (&log_key, &witness_key));
    check_checkpoint(&office, (&kept, &log_key, &witness_key));
}

/// A receipt is checked where there is neither server nor database.
fn check_receipt(folder: &Path, receipt: &str, (log_key, witness_key): (&str, &str)) {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_chitra")).current_dir(folder).env_clear().args(arguments).output().unwrap()
    };
    let good = ["verify-receipt", "receipt.json", "--log-vkey", log_key, "--witness-vkey", witness_key];
    let shown = run(&good);
    let out = text(&shown.stdout);
    assert!(shown.status.success() && out.contains("PaymentInstructed"), "{out}{}", text(&shown.stderr));
    assert!(out.contains("cosigned by witness.example.vn/w1"), "{out}");
    let json: serde_json::Value = serde_json::from_slice(&run(&[&good[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(
        (&json["origin"], &json["cosigned"][0]["witness"]),
        (&"bhxh.example.vn/log1".into(), &"witness.example.vn/w1".into())
    );
    fs::write(folder.join("forged.json"), receipt.replace("1000000", "2000000")).unwrap();
    for (arguments, part) in [
        (&["verify-receipt", "forged.json", "--log-vkey", log_key][..], "is not in the log that was signed"),
        (&["verify-receipt", "receipt.json", "--log-vkey", witness_key], "not signed by the log"),
        (&["verify-receipt", "receipt.json", "--log-vkey", "x"], "--log-vkey: a verifier key is"),
        (&["verify-receipt", "receipt.json", "--log-vkey", log_key, "--witness-vkey", log_key], "not cosigned"),
        (&["verify-receipt", "none.json", "--log-vkey", log_key], "none.json"),
    ] {
        let refused = run(arguments);
        let reason = text(&refused.stderr);
        assert!(refused.status.code() == Some(1) && reason.contains(part), "{arguments:?}: {reason}");
        assert_eq!(text(&refused.stdout), "");
    }
    assert_eq!(run(&["verify-receipt", "receipt.json"]).status.code(), Some(2), "no key, no proof");
    let again = ["witness", "--log-vkey", log_key, "--state", "state", "--listen", "127.0.0.1:0"];
    let second = run(&again);
    assert!(second.status.code() == Some(1) && text(&second.stderr).contains("another process uses"), "{second:?}");
}

fn check_checkpoint(office: &Office, (kept, log_key, witness_key): (&str, &str, &str)) {
    let json: serde_json::Value =
        serde_json::from_str(&office.result(&["verify", "--json", "--checkpoint", kept])).unwrap();
    assert!(json["checkpoints"].as_u64().unwrap() > 0, "{json}");
    let other = log_key.replace("log1", "log2");
    for (arguments, part) in [
        (&["verify", "--checkpoint", kept, "--log-vkey", &other][..], "--log-vkey: a verifier key is"),
        (&["verify", "--checkpoint", kept, "--log-vkey", witness_key], "not signed by"),
        (&["verify", "--checkpoint", kept, "--witness-vkey", log_key], "is not cosigned by"),
        (&["verify", "--checkpoint", "none"], "none"),
    ] {
        let refused = office.run(arguments);
        let reason = text(&refused.stderr);
        assert!(refused.status.code() == Some(1) && reason.contains(part), "{arguments:?}: {reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_logs_key_to_a_receipt_on_sqlite() {
    from_key_to_receipt(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_logs_key_to_a_receipt_on_postgresql() {
    from_key_to_receipt(Engine::Postgres).await;
}
