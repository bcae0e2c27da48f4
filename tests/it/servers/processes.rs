//! Two server processes on one database, one of which is killed.

use crate::support::engine::{Engine, Home};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The program on one database, with its key in a folder.
struct Office {
    folder: TempDir,
    url: String,
}

struct Serving {
    child: Child,
    address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _stopped_already = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Office {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chitra"));
        command.current_dir(self.folder.path()).env_clear().env("CHITRA_DATABASE", &self.url);
        command.args(["--master-key-file", "key"]).args(arguments);
        command
    }

    fn result(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn serve(&self, name: &str) -> Serving {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--ready-file", name]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut serving = Serving { child, address: String::new() };
        let ready = self.folder.path().join(name);
        wait_for(&ready, &mut serving.child);
        std::fs::read_to_string(ready).unwrap().trim().clone_into(&mut serving.address);
        serving
    }
}

fn wait_for(file: &Path, child: &mut Child) {
    let begun = Instant::now();
    while !file.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the server ended");
        assert!(begun.elapsed() < Duration::from_mins(1), "the server does not get ready");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A person is registered at one server; the figures of the other are asked for as of then. The status of the second answer.
async fn register_and_read(key: &str, reference: &str, (write_at, read_at): (&Serving, &Serving)) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = json!({"beneficiary_ref": reference, "unit": "20350"});
    let request = client.post(format!("{}/v1/beneficiaries", write_at.address)).bearer_auth(key);
    let answer = request.header("idempotency-key", reference).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
    let written: Value = answer.json().await.unwrap();
    let position = written["position"].as_u64().unwrap();
    let figures = format!("{}/v1/adoption?cycle=2025-09&min_position={position}", read_at.address);
    client.get(figures).bearer_auth(key).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_two_servers_is_killed_the_other_takes_its_projections_over() {
    let home = Home::new(Engine::Postgres).await;
    let office = Office { folder: tempfile::tempdir().unwrap(), url: home.url.clone() };
    office.result(&["migrate"]);
    let key = office.result(&["keys", "create", "--role", "supervisor"]);
    let mut first = office.serve("first");
    let second = office.serve("second");
    assert_eq!(register_and_read(&key, "A-1", (&first, &second)).await, 200);
    assert_eq!(register_and_read(&key, "A-2", (&second, &first)).await, 200);
    // The first one runs the projections, since it was there before.
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let mut answer = register_and_read(&key, "A-3", (&second, &second)).await;
    if answer == 503 {
        answer = register_and_read(&key, "A-4", (&second, &second)).await;
    }
    assert_eq!(answer, 200, "nobody took the projections over");
    let third = office.serve("third");
    assert_eq!(register_and_read(&key, "A-5", (&third, &second)).await, 200);
    drop((second, third));
    office.result(&["verify"]);
    office.result(&["rebuild"]);
    office.result(&["rebuild", "--check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_lets_go_of_whoever_follows_the_log() {
    let home = Home::new(Engine::SqliteFile).await;
    let office = Office { folder: tempfile::tempdir().unwrap(), url: home.url.clone() };
    office.result(&["migrate"]);
    let key = office.result(&["keys", "create", "--role", "supervisor"]);
    let mut serving = office.serve("one");
    assert_eq!(register_and_read(&key, "A-1", (&serving, &serving)).await, 200);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let followed = client.get(format!("{}/v1/events", serving.address)).bearer_auth(&key);
    let followed = followed.header("accept", "text/event-stream").send().await.unwrap();
    let mut pieces = followed.bytes_stream();
    assert!(pieces.next().await.unwrap().is_ok());
    let process = serving.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    // An answer that is cut off is an error; this one comes to its end.
    while let Some(piece) = pieces.next().await {
        piece.unwrap();
    }
    assert!(serving.child.wait().unwrap().success());
}
