//! What an operator and an integrator run for banks, as processes: the folder watched, what is expected of a bank, and the simulator.

use crate::support::banks::{key, pair, token_of};
use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use chitra::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both_engines!(
    a_file_that_is_dropped_counts_while_the_folder_is_watched_and_the_watch_ends_when_asked,
    a_simulated_bank_falls_short_when_it_is_answered_otherwise_than_it_planned,
    what_is_expected_of_a_bank_is_said_at_its_registration,
    bombs_and_endless_bodies_are_refused_and_the_servers_memory_stays_flat,
    orders_are_arranged_taken_and_recalled_on_the_command_line,
    a_simulated_bank_asks_for_its_open_payments_by_its_key,
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

/// The most memory that a process has had so far, in KB.
fn peak_kb(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn now_s() -> i64 {
    SystemClock.now_us() / 1_000_000
}

/// The month of today.
fn this_month() -> String {
    let now = jiff::Timestamp::from_microsecond(SystemClock.now_us()).unwrap();
    now.to_string()[..7].to_owned()
}

/// The head of a signed message whose body is framed as said.
fn head(body: &[u8], framing: &str) -> String {
    let token = token_of("k1", &pair("vcb"), (now_s(), body));
    format!("POST /v1/bank-callbacks/vcb HTTP/1.1\r\nhost: chitra\r\nx-jws-signature: {token}\r\n{framing}\r\n\r\n")
}

async fn told(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 8192];
    let read = tokio::time::timeout(Duration::from_mins(1), stream.read(&mut answer)).await;
    let length = read.unwrap().unwrap_or(0);
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

async fn bombs_and_endless_bodies_are_refused_and_the_servers_memory_stays_flat(engine: Engine) {
    /// The bodies that a server takes in at a time, 64 MB, with what it takes to check them: 2 GB are far beyond.
    const ROOM_KB: u64 = 160 << 10;
    let office = Office::on(engine).await;
    office.result(&["banks", "add", "vcb"]);
    let public = office.write("k1.jwk", &key("k1", &pair("vcb")).material);
    office.result(&["banks", "key", "vcb", "k1", "--algorithm", "EdDSA", "--key", &public]);
    let (serving, address) = office.serve();
    let address = address.trim_start_matches("http://").to_owned();
    let before = peak_kb(serving.id());
    let document = |inside: &str| {
        format!("<Document><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId></GrpHdr>{inside}</CstmrPmtStsRpt></Document>")
    };
    let entity = |n: u32| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let lol = (1..30).map(entity).collect::<Vec<_>>().concat();
    let deep = 1_000_000;
    let bombs = [
        (format!("<!DOCTYPE x [<!ENTITY l0 \"lol\">{lol}]>{}", document("&l29;")), "message-doctype"),
        (document(&"<a>".repeat(deep)), "message-too-deep"),
        (format!("{{\"message_id\":\"1\",\"items\":{}{}}}", "[".repeat(deep), "]".repeat(deep)), "message-"),
        (document(&format!("<TxSts>{}</TxSts>", "A".repeat(15 << 20))), "message-"),
    ];
    for (body, code) in bombs {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = head(body.as_bytes(), &format!("content-length: {}", body.len()));
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        let answer = told(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 4") && answer.contains(code), "{code}: {answer}");
    }
    // 2 GB announced, then 2 GB that nobody announced.
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head(b"", "content-length: 2147483648").as_bytes()).await.unwrap();
    let answer = told(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("chitra inbox watch"), "{answer}");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head(b"", "transfer-encoding: chunked").as_bytes()).await.unwrap();
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    let mut sent_mb = 0;
    let (mut reader, mut writer) = stream.split();
    let mut answer = vec![0; 8192];
    let length = loop {
        tokio::select! {
            biased;
            read = reader.read(&mut answer) => break read.unwrap_or(0),
            written = writer.write_all(&chunk) => {
                sent_mb += 1;
                assert!(sent_mb < 2_048, "2 GB were taken");
                if written.is_err() {
                    break reader.read(&mut answer).await.unwrap_or(0);
                }
            }
        }
    };
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    let grown = peak_kb(serving.id()).saturating_sub(before);
    assert!(sent_mb < 256 && grown < ROOM_KB, "{sent_mb} MB were taken, and {grown} KB more of memory");
    let list = read(&format!("http://{address}"), "/healthz", "none").await;
    assert!(list.is_object(), "it goes on: {list}");
}

/// A commune of Da Nang since the reform of July 2025.
const COMMUNE: &str = "C20194@20250701";

/// An office with people who are paid through a bank that takes orders, and payments of this month; the key of its clerk.
async fn paying(engine: Engine, people: usize) -> (Office, String) {
    let office = Office::on(engine).await;
    let key = office.result(&["keys", "create", "--role", "clerk"]).trim().to_owned();
    office.result(&["banks", "add", "vcb"]);
    let (_serving, address) = office.serve();
    let cycle = this_month();
    for number in 0..people {
        let person = json!({"beneficiary_ref": format!("TK-{number}"), "name": "Đặng Thị Tám", "unit": COMMUNE, "channel": "account",
            "bank": "vcb", "account": format!("00712345{number:02}"), "effective_month": "2025-08"});
        posted(&address, "/v1/beneficiaries", &key, &person).await;
        let payment = json!({"payment_reference": format!("P-{number}"), "beneficiary_ref": format!("TK-{number}"),
            "benefit_type": "pension", "cycle": cycle, "amount": "5000000"});
        posted(&address, "/v1/payments", &key, &payment).await;
    }
    (office, key)
}

fn key_of(request: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, request.as_bytes()).to_string()
}

async fn posted(address: &str, path: &str, key: &str, body: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{address}{path}")).header("authorization", format!("Bearer {key}"));
    let request =
        request.header("idempotency-key", key_of(&format!("{path} {body}"))).header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
}

async fn orders_are_arranged_taken_and_recalled_on_the_command_line(engine: Engine) {
    let (office, key) = paying(engine, 2).await;
    let account = office.write("account.txt", "1100 0000 01\n");
    let arrange = ["banks", "arrange", "vcb", "--form", "pain.001.001.09", "--payer", "BHXH", "--account", &account];
    assert!(!office.run(&arrange[..7]).status.success(), "without an account there is no pain.001");
    office.result(&arrange);
    let cycle = this_month();
    let list = {
        let (_serving, address) = office.serve();
        let asked = json!({"cycle": cycle, "channel": "account", "open_payments": true});
        let list = posted(&address, "/v1/lists", &key, &asked).await["list_id"].as_str().unwrap().to_owned();
        posted(&address, &format!("/v1/lists/{list}/check"), &key, &json!({})).await;
        posted(&address, &format!("/v1/lists/{list}/submit"), &key, &json!({})).await;
        list
    };
    let to = office.path("order.xml").display().to_string();
    office.result(&["banks", "order", &list, "--bank", "vcb", "--to", &to]);
    let order = fs::read_to_string(&to).unwrap();
    assert!(order.contains("<NbOfTxs>2</NbOfTxs>") && order.contains("1100000001"), "{order}");
    let again = office.run(&["banks", "order", &list, "--bank", "vcb"]);
    assert_eq!(text(&again.stdout), order, "the same, whenever it is asked for");
    assert!(text(&again.stderr).contains("2 payments, 10000000 VND"), "{}", text(&again.stderr));
    assert!(
        !office.run(&["banks", "order", &list, "--bank", "vcb", "--to", &to]).status.success(),
        "no file is replaced"
    );
    let read = office.result(&["banks", "read", &to]);
    let payments: Vec<Value> = read.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(payments.iter().filter(|line| line["end_to_end_id"].is_string()).count(), 2, "{read}");
    for (arguments, reason) in [
        (["banks", "order", "x", "--bank", "vcb"], "no list's id"),
        (["banks", "order", &list, "--bank", "nobody"], "nobody"),
        (["banks", "order", &list, "--bank", "bidv"], "not registered"),
    ] {
        let output = office.run(&arguments);
        assert!(!output.status.success() && text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    }
    let recall = ["banks", "recall", &list, "--bank", "vcb", "--reason"];
    let nothing = office.run(&[&recall[..], &["CUST"]].concat());
    assert!(
        !nothing.status.success() && text(&nothing.stderr).contains("nothing on the list"),
        "{}",
        text(&nothing.stderr)
    );
    assert!(!office.run(&[&recall[..], &["cust"]].concat()).status.success());
    let held = {
        let (_serving, address) = office.serve();
        let payments =
            read_until(&address, "/v1/payments", &key, |page| page["payments"].as_array().unwrap().len() == 2).await;
        let id = payments["payments"][0]["payment_id"].as_str().unwrap().to_owned();
        posted(&address, &format!("/v1/payments/{id}/hold"), &key, &json!({"cause": "death_reported"})).await;
        id
    };
    let note = office.result(&[&recall[..], &["CUST"]].concat());
    assert!(note.contains("camt.055.001.08") && note.contains("<NbOfTxs>1</NbOfTxs>"), "{note}");
    let named = office.result(&[&recall[..], &["CUST", "--payment", &held]].concat());
    let id = |note: &str| note.split("<OrgnlEndToEndId>").nth(1).unwrap()[..32].to_owned();
    assert_eq!(id(&note), id(&named));
    let stopped = office.run(&["banks", "order", &list, "--bank", "vcb"]);
    assert!(
        !stopped.status.success() && text(&stopped.stderr).contains("without_stopped"),
        "{}",
        text(&stopped.stderr)
    );
    let other = office.run(&["banks", "order", &list, "--bank", "vcb", "--without-stopped"]);
    assert!(!other.status.success() && text(&other.stderr).contains("instead"), "{}", text(&other.stderr));
    let other = office.result(&["banks", "order", &list, "--bank", "vcb", "--without-stopped", "--instead"]);
    assert!(other.contains("<NbOfTxs>1</NbOfTxs>"), "{other}");
    office.result(&["verify"]);
}

/// Reads until the rows have followed.
async fn read_until(address: &str, path: &str, key: &str, enough: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let found = read(address, path, key).await;
        if enough(&found) {
            return found;
        }
        assert!(begun.elapsed() < TAKEN_WITHIN, "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_simulated_bank_asks_for_its_open_payments_by_its_key(engine: Engine) {
    let (office, clerk) = paying(engine, 3).await;
    let (private, public) = key_pair(&office);
    office.result(&["banks", "key", "vcb", "k1", "--algorithm", "EdDSA", "--key", &public]);
    let own = office.result(&["keys", "create", "--role", "bank", "--bank", "vcb"]).trim().to_owned();
    let (_serving, address) = office.serve();
    read_until(&address, "/v1/payments", &clerk, |page| page["payments"].as_array().unwrap().len() == 3).await;
    let play = |key: &str| {
        let fixed = ["bank-simulator", "--server", &address, "--bank", "vcb", "--key", &private, "--key-id", "k1"];
        let none = ["rejected", "returned", "partial", "silent", "contradictory", "late", "forged", "slow"];
        let percents: Vec<String> = none.iter().map(|name| format!("{name}=0")).collect();
        let percents = percents.iter().flat_map(|percent| ["--percent", percent.as_str()]);
        let more: Vec<&str> = ["--api-key", key, "--seed", "3"].into_iter().chain(percents).collect();
        office.run(&[&fixed[..], &more[..]].concat())
    };
    let refused = play("chitra_000000000000_0000");
    assert!(
        !refused.status.success() && text(&refused.stderr).contains("does not list payments"),
        "{}",
        text(&refused.stderr)
    );
    let output = play(&own);
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((output.status.code(), lines.len()), (Some(0), 4), "{lines:?}{}", text(&output.stderr));
    assert!(lines[..3].iter().all(|line| line["end"] == "settled"), "{lines:?}");
    let settled = |page: &Value| page["payments"].as_array().unwrap().iter().all(|row| row["status"] == "settled");
    read_until(&address, "/v1/payments", &clerk, settled).await;
}
