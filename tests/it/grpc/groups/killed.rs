//! A server with a group is killed: what its consumers settled stays settled, and the rest is handed out by the next server.

use super::*;
use crate::support::engine::{Engine, Home};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// The program on one database.
struct Place {
    home: Home,
    folder: TempDir,
    key: String,
}

/// A server that dies with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _killed_already = self.0.kill();
        let _gone = self.0.wait();
    }
}

fn wait_for(file: &Path, child: &mut Child) -> String {
    let begun = Instant::now();
    loop {
        match std::fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
        assert!(child.try_wait().unwrap().is_none(), "the server ended");
        assert!(begun.elapsed() < Duration::from_mins(1), "the server does not get ready");
    }
}

impl Place {
    async fn new(engine: Engine) -> Self {
        let mut place =
            Self { home: Home::new(engine).await, folder: tempfile::tempdir().unwrap(), key: String::new() };
        // The first one makes the master key.
        place.result(&["migrate"]);
        place.key = place.result(&["keys", "create", "--role", "clerk"]);
        place
    }

    fn result(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chitra"));
        command.current_dir(self.folder.path()).env_clear().env("CHITRA_DATABASE", &self.home.url);
        command.args(["--master-key-file", "key"]).args(arguments);
        command
    }

    async fn serve(&self, ready: &str) -> Caller<Running> {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--ready-file", ready];
        let child = self.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut serving = Running(child);
        let told = wait_for(&self.folder.path().join(ready), &mut serving.0);
        let address = told.lines().nth(1).unwrap().replace("grpc://", "http://");
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        Caller { channel, authorization: Some(format!("Bearer {}", self.key)), serving }
    }
}

async fn a_killed_server_s_group_goes_on_from_what_was_settled(engine: Engine) {
    let place = Place::new(engine).await;
    let caller = place.serve("first").await;
    for number in 0..10 {
        caller.appended("s", number).await;
    }
    assert_eq!(caller.make("g", of_stream("s", Some(0)), usual()).await, Ok(()));
    let mut consumer = caller.consume(Some("s"), "g", 6).await.unwrap();
    consumer.told(&[(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]).await;
    consumer.ack(&[0, 1, 2]);
    consumer.nack(3, Action::Park);
    // Settled beyond one that is not.
    consumer.ack(&[5]);
    until(async || {
        let info = caller.info("s", "g").await.unwrap();
        (info.last_checkpointed_event_position.as_str(), info.parked_message_count) == ("3", 1)
    })
    .await;
    let Caller { mut serving, .. } = caller;
    serving.0.kill().unwrap();
    serving.0.wait().unwrap();
    // What was on its way may come, then nobody is there.
    while consumer.next().await.is_ok() {}

    let caller = place.serve("second").await;
    let mut consumer = caller.consume(Some("s"), "g", 20).await.unwrap();
    // At least once: what was settled after the place that was written down comes again.
    consumer.told(&[(4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0)]).await;
    consumer.ack(&[4, 5, 6, 7, 8, 9]);
    until(async || caller.info("s", "g").await.unwrap().last_checkpointed_event_position == "9").await;
    assert_eq!(caller.replay("s", "g", None).await, Ok(()));
    consumer.told(&[(3, 0)]).await;
    consumer.ack(&[3]);
    until(async || caller.info("s", "g").await.unwrap().parked_message_count == 0).await;
    consumer.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_file() {
    a_killed_server_s_group_goes_on_from_what_was_settled(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    a_killed_server_s_group_goes_on_from_what_was_settled(Engine::Postgres).await;
}
