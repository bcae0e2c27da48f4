//! The program under test as a child process.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A folder on the disk that the build is on: `/tmp` is memory on many machines, where a sync costs nothing.
pub fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The program, on a database.
pub fn chitra(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chitra"));
    command.args(["--database", database, "--log", "warn"]).stdin(Stdio::null());
    command
}

/// Runs the program, which has its flags already, and answers what it printed.
pub fn run_by(mut command: Command, arguments: &[&str]) -> String {
    let output = command.args(arguments).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A child that is stopped when this goes, and waited for.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Starts the server and waits until it answers. Its address as `host:port`.
pub fn serve_by(mut command: Command, folder: &Path) -> (Running, String) {
    let ready = folder.join("ready");
    let _ = std::fs::remove_file(&ready);
    command.args(["serve", "--listen", "127.0.0.1:0", "--ready-file"]).arg(&ready);
    let child = Running(command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            return (child, text.trim().trim_start_matches("http://").to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the server does not answer");
}
