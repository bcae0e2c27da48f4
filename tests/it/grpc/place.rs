//! The program as a process of its own on one database, served and called over the protocol by a clerk's key.

use super::Caller;
use crate::support::engine::{Engine, Home};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tonic::transport::Channel;

/// The program on one database.
pub struct Place {
    home: Home,
    folder: TempDir,
    key: String,
    environment: &'static [(&'static str, &'static str)],
}

/// A server that dies with the test.
pub struct Running {
    pub child: Child,
    /// The API's address.
    pub rest: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _killed_already = self.child.kill();
        let _gone = self.child.wait();
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
    pub async fn new(engine: Engine, environment: &'static [(&'static str, &'static str)]) -> Self {
        let (home, folder) = (Home::new(engine).await, tempfile::tempdir().unwrap());
        let mut place = Self { home, folder, key: String::new(), environment };
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
        command.envs(self.environment.iter().copied()).args(["--master-key-file", "key"]).args(arguments);
        command
    }

    pub async fn serve(&self, ready: &str) -> Caller<Running> {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--ready-file", ready];
        let child = self.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut serving = Running { child, rest: String::new() };
        let told = wait_for(&self.folder.path().join(ready), &mut serving.child);
        let [rest, grpc] = told.lines().collect::<Vec<_>>()[..] else { panic!("{told}") };
        rest.clone_into(&mut serving.rest);
        let address = grpc.replace("grpc://", "http://");
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        Caller { channel, authorization: Some(format!("Bearer {}", self.key)), serving }
    }
}
