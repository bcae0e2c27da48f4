//! `chitra serve --sandbox`: what an integrator does first, as `docs/banks.md` says it, and that a sandbox and a log are never taken for each
//! other.

use crate::support::app::spawn_tavaria;
use crate::support::banks::{key, pair, token_of};
use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use chitra::clock::{Clock, SystemClock};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Child;
use std::time::Duration;

on_both_engines!(
    a_sandbox_is_filled_once_and_its_first_callback_settles_a_payment,
    a_sandboxes_bank_is_played_and_the_record_follows,
    a_sandbox_and_a_log_are_not_taken_for_each_other,
);

/// The names and values that a new sandbox prints.
type Facts = BTreeMap<String, String>;

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _stopped_already = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// Serves a sandbox of the office's, and answers what it printed.
fn served(office: &Office, more: &[&str]) -> (Running, Facts) {
    let (ready, printed) = (office.path("ready"), office.path("printed"));
    let _none_before = fs::remove_file(&ready);
    let fixed = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--ready-file", "ready"];
    let mut command = office.command(&[&fixed[..], more].concat());
    command.stdout(File::create(&printed).unwrap()).stderr(File::create(office.path("log")).unwrap());
    let mut running = Running(command.spawn().unwrap());
    while !ready.exists() {
        let ended = running.0.try_wait().unwrap();
        assert!(ended.is_none(), "{ended:?}: {}", fs::read_to_string(office.path("log")).unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
    let lines = fs::read_to_string(printed).unwrap();
    let facts = lines.lines().filter_map(|line| line.split_once('='));
    (running, facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// A sandbox in an empty database, started with a bank's key.
async fn sandbox(engine: Engine) -> (Office, Running, Facts) {
    let office = Office::blank(engine).await;
    let public = office.write("bank.jwk", &key("test-1", &pair("bank")).material);
    let (running, facts) = served(&office, &["--bank-key", &public]);
    (office, running, facts)
}

struct Answer {
    status: StatusCode,
    is_marked: bool,
    body: Value,
}

async fn ask(
    facts: &Facts,
    (method, path): (&str, &str),
    key: Option<&str>,
    more: &[(&str, &str)],
    body: &str,
) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), format!("{}{path}", facts["C"])).body(body.to_owned());
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let is_marked = answer.headers().get("x-chitra-sandbox").is_some_and(|value| value == "true");
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    Answer { status, is_marked, body: serde_json::from_slice(&bytes).unwrap_or_default() }
}

async fn status_of(facts: &Facts, payment: &str) -> Value {
    let path = format!("/v1/payments/{}", facts[payment]);
    ask(facts, ("GET", &path), Some(&facts["CLERK_KEY"]), &[], "").await.body["status"].clone()
}

/// A sandbox's /docs has a script of this host, and a policy that lets nothing else run.
async fn the_docs_can_be_tried(facts: &Facts) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let page = client.get(format!("{}/docs", facts["C"])).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && policy.contains("connect-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text().await.unwrap();
    let script = text.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(script.starts_with("/assets/") && text.matches("<script").count() == 1, "{script}");
    let script = client.get(format!("{}{script}", facts["C"])).send().await.unwrap();
    assert_eq!(
        (script.status().as_u16(), &script.headers()["content-type"]),
        (200, &"text/javascript; charset=utf-8".parse().unwrap())
    );
}

async fn a_sandbox_is_filled_once_and_its_first_callback_settles_a_payment(engine: Engine) {
    let (office, serving, facts) = sandbox(engine).await;
    assert!(facts["CLERK_KEY"].starts_with("test_"), "{facts:?}");
    let now = SystemClock.now();
    let item = json!({"end_to_end_id": facts["END_TO_END_ID_1"], "status": "settled"});
    let body = json!({"message_id": "M-1", "created_at": now.to_string(), "items": [item]}).to_string();
    let token = token_of(&facts["KEY_ID"], &pair("bank"), (now.as_second(), body.as_bytes()));
    let path = format!("/v1/bank-callbacks/{}", facts["BANK"]);
    let answer = ask(&facts, ("POST", &path), None, &[("x-jws-signature", &token)], &body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["applied"]), (202, &json!(1)), "{}", answer.body);
    assert_eq!(status_of(&facts, "PAYMENT_1").await, "settled");
    // One operator does alone there what waits for another one in a log.
    let more = key("test-2", &pair("another")).material;
    let more = json!({"key_id": "test-2", "algorithm": "EdDSA", "key": more}).to_string();
    let path = format!("/v1/banks/{}/keys", facts["BANK"]);
    let added =
        ask(&facts, ("POST", &path), Some(&facts["OPERATOR_KEY"]), &[("idempotency-key", "key-2")], &more).await;
    assert_eq!(added.status.as_u16(), 201, "{}", added.body);
    for path in ["/healthz", "/v1/payments", "/no/such", "/sign-in"] {
        assert!(ask(&facts, ("GET", path), None, &[], "").await.is_marked, "{path}");
    }
    the_docs_can_be_tried(&facts).await;
    drop(serving);
    // Again: the same sandbox, whose keys are not shown twice.
    let (_serving, again) = served(&office, &[]);
    assert_eq!(again.keys().collect::<Vec<_>>(), ["C"]);
    let facts: Facts = facts.into_iter().chain(again).collect();
    assert_eq!(status_of(&facts, "PAYMENT_1").await, "settled");
}

async fn a_sandboxes_bank_is_played_and_the_record_follows(engine: Engine) {
    let (_office, _serving, facts) = sandbox(engine).await;
    let clerk = facts["CLERK_KEY"].clone();
    let play = async |payment: &str, deed: &str, key: &str, body: &str| {
        let path = format!("/v1/sandbox/payments/{}/{deed}", facts[payment]);
        ask(&facts, ("POST", &path), Some(&clerk), &[("idempotency-key", key)], body).await
    };
    let first = play("PAYMENT_1", "settle", "k1", "{}").await;
    assert_eq!((first.status.as_u16(), &first.body["applied"]), (202, &json!(1)), "{}", first.body);
    let again = play("PAYMENT_1", "settle", "k1", "{}").await;
    assert_eq!((again.status.as_u16(), &again.body["revision"]), (202, &first.body["revision"]), "once");
    let other = play("PAYMENT_1", "return", "k1", "{}").await;
    assert_eq!((other.status.as_u16(), &other.body["code"]), (409, &json!("message-id-reused")));
    assert_eq!(play("PAYMENT_1", "return", "k2", r#"{"reason":"AC06"}"#).await.body["applied"], 1);
    assert_eq!(play("PAYMENT_2", "reject", "k3", "").await.body["applied"], 1);
    let contradiction = play("PAYMENT_3", "settle", "k4", r#"{"amount":"5"}"#).await;
    assert_eq!(contradiction.status.as_u16(), 202, "{}", contradiction.body);
    for (payment, status) in [("PAYMENT_1", "returned"), ("PAYMENT_2", "rejected"), ("PAYMENT_4", "instructed")] {
        assert_eq!(status_of(&facts, payment).await, status, "{payment}");
    }
    assert_eq!(play("PAYMENT_4", "forget", "k5", "{}").await.status.as_u16(), 404);
    let refused = play("PAYMENT_4", "settle", "k6", r#"{"date":"yesterday"}"#).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (422, &json!("invalid-input")));
    let path = format!("/v1/sandbox/payments/{}/settle", facts["PAYMENT_4"]);
    let with = |key: &'static str| [("idempotency-key", key)];
    assert_eq!(ask(&facts, ("POST", &path), None, &with("k7"), "{}").await.status.as_u16(), 401);
    assert_eq!(ask(&facts, ("POST", &path), Some(&facts["ANALYST_KEY"]), &with("k8"), "{}").await.status.as_u16(), 403);
    assert_eq!(
        ask(&facts, ("POST", &path), Some(&clerk), &[], "{}").await.status.as_u16(),
        400,
        "without a key for it"
    );
    assert_eq!(ask(&facts, ("POST", &path), Some(&facts["BANK_KEY"]), &with("k9"), "{}").await.body["applied"], 1);
    // In cash, no bank reports.
    let held = play("PAYMENT_2", "settle", "k10", "{}").await;
    assert_eq!(held.status.as_u16(), 202, "{}", held.body);
    let reissue = format!("/v1/payments/{}/reissue", facts["PAYMENT_5"]);
    assert_eq!(play("PAYMENT_5", "reject", "k11", "{}").await.body["applied"], 1);
    let cash = r#"{"channel":"cash_desk","reason":"account closed"}"#;
    let json = [("idempotency-key", "k12"), ("content-type", "application/json")];
    let reissued = ask(&facts, ("POST", &reissue), Some(&clerk), &json, cash).await;
    assert_eq!(reissued.status.as_u16(), 201, "{}", reissued.body);
    let refused = play("PAYMENT_5", "settle", "k13", "{}").await;
    assert_eq!(refused.body["errors"][0]["code"], "payment-not-through-a-bank", "{}", refused.body);
}

async fn a_sandbox_and_a_log_are_not_taken_for_each_other(engine: Engine) {
    let (office, serving, facts) = sandbox(engine).await;
    let made = office.result(&["keys", "create", "--role", "clerk"]);
    assert!(made.starts_with("test_"), "{made}");
    drop(serving);
    let plain = office.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(!plain.status.success() && text(&plain.stderr).contains("a sandbox's"), "{}", text(&plain.stderr));
    let wrong = office.run(&["serve", "--bank-key", "bank.jwk"]);
    assert!(!wrong.status.success(), "it goes with --sandbox only");
    let log = Office::on(engine).await;
    log.result(&["banks", "add", "vcb"]);
    let refused = log.run(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
    assert!(!refused.status.success(), "a log is no sandbox");
    assert!(text(&refused.stderr).contains("no sandbox"), "{}", text(&refused.stderr));
    let key = log.result(&["keys", "create", "--role", "clerk"]);
    let key = key.trim();
    let (_serving, address) = log.serve();
    let there: Facts = [("C".to_owned(), address)].into_iter().collect();
    let answer = ask(&there, ("GET", "/v1/payments"), Some(&facts["CLERK_KEY"]), &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.is_marked), (401, false));
    for (token, status) in [(key.to_owned(), 200), (key.replacen("chitra_", "test_", 1), 401)] {
        let answer = ask(&there, ("GET", "/v1/payments"), Some(&token), &[], "").await;
        assert_eq!(answer.status.as_u16(), status, "a key is of the one kind of log");
    }
    let path = "/v1/sandbox/payments/0195a3c0-1c00-7000-8000-000000000001/settle";
    let answer = ask(&there, ("POST", path), Some(&facts["CLERK_KEY"]), &[("idempotency-key", "k")], "{}").await;
    assert_eq!(answer.status.as_u16(), 404, "no other server has it");
}

#[tokio::test]
async fn a_sandbox_can_be_made_of_another_countrys_profile() {
    let test = spawn_tavaria(Engine::SqliteMemory).await;
    let filled = test.app.fill_sandbox().await.unwrap();
    assert_eq!((filled.bank.as_str(), filled.payments.len()), ("tavcell", 5));
}
