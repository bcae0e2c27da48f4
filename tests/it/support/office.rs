//! An office that runs the program: a folder with its database, commands, and a server in a process of its own.

use crate::support::engine::Engine;
use crate::support::postgres::{self, Database};
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to get ready.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A folder with a database that was migrated.
pub struct Office {
    folder: PathBuf,
    /// The database's URL, seen from the folder.
    url: String,
    _own: Option<TempDir>,
    database: Option<Database>,
}

const IN_THE_FOLDER: &str = "sqlite:log.sqlite";

impl Office {
    /// In a folder of its own.
    pub fn new() -> Self {
        let own = tempfile::tempdir().unwrap();
        let (folder, url) = (own.path().to_owned(), IN_THE_FOLDER.to_owned());
        let office = Self { folder, url, _own: Some(own), database: None };
        office.migrate();
        office
    }

    /// In a folder of its own, with a database of an engine.
    pub async fn on(engine: Engine) -> Self {
        if engine != Engine::Postgres {
            return Self::new();
        }
        let (own, database) = (tempfile::tempdir().unwrap(), postgres::shared().blank("").await);
        let (folder, url) = (own.path().to_owned(), database.url.clone());
        let office = Self { folder, url, _own: Some(own), database: Some(database) };
        office.migrate();
        office
    }

    /// The same with an empty database.
    pub async fn blank(engine: Engine) -> Self {
        let own = tempfile::tempdir().unwrap();
        let folder = own.path().to_owned();
        let database = if engine == Engine::Postgres { Some(postgres::shared().blank("").await) } else { None };
        let url = database.as_ref().map_or_else(|| IN_THE_FOLDER.to_owned(), |database| database.url.clone());
        Self { folder, url, _own: Some(own), database }
    }

    /// In a folder that belongs to somebody else.
    pub fn at(folder: &Path) -> Self {
        let url = IN_THE_FOLDER.to_owned();
        let office = Self { folder: folder.to_owned(), url, _own: None, database: None };
        office.migrate();
        office
    }

    fn migrate(&self) {
        let migrated = self.run(&["migrate"]);
        assert!(migrated.status.success(), "{}", text(&migrated.stderr));
        assert_eq!(text(&migrated.stdout), "");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn write(&self, name: &str, content: &str) -> String {
        fs::write(self.path(name), content).unwrap();
        self.path(name).display().to_string()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// The same under another program, such as `strace`.
    fn command_under(&self, above: &[&str], arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_chitra");
        let mut command = match above.split_first() {
            None => Command::new(program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command.current_dir(&self.folder).env_clear();
        // Load tests ask with one key for many clients.
        command.env("CHITRA_KEY_REQUESTS_PER_SECOND", "0");
        // Where it lies by default for SQLite.
        if self.database.is_some() {
            command.env("CHITRA_MASTER_KEY_FILE", "log.sqlite.master-key");
        }
        command.arg("--database").arg(&self.url).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A command that ends, run by another program.
    pub fn run_under(&self, above: &[&str], arguments: &[&str]) -> Output {
        self.command_under(above, arguments).output().unwrap()
    }

    /// What a command prints, if it does what it was asked.
    pub fn result(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// A server that answers, and its address.
    pub fn serve(&self) -> (Serving, String) {
        self.serve_under(&[])
    }

    /// A server that answers, run by another program. It says so by a file; while that is not there, the child must be alive.
    pub fn serve_under(&self, above: &[&str]) -> (Serving, String) {
        // Neither on the database's disk, which may be about to fail.
        let beside = tempfile::tempdir().unwrap();
        let (ready, log) = (beside.path().join("ready"), beside.path().join("log"));
        let mut command = self.command_under(above, &["serve", "--listen", "127.0.0.1:0", "--ready-file"]);
        command.arg(&ready).stderr(File::create(&log).unwrap());
        let mut serving = Serving { child: command.spawn().unwrap(), beside };
        let deadline = Instant::now() + READY_WITHIN;
        while !ready.exists() {
            let ended = serving.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "no server ({ended:?}): {}", serving.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        (serving, fs::read_to_string(ready).unwrap().trim().to_owned())
    }
}

/// A server of ours, stopped with the test.
pub struct Serving {
    child: Child,
    beside: TempDir,
}

impl Serving {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.beside.path().join("log")).unwrap()
    }

    fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Asks it to end; it goes on meanwhile.
    pub fn ask_to_end(&self) {
        self.signal("-TERM");
    }

    /// Stands still from now on, wherever it is. What it asked of the kernel before is finished.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Asks it to end, and waits.
    pub fn terminate(&mut self) -> ExitStatus {
        self.ask_to_end();
        self.wait()
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends it as a crash does: nothing of it runs any more when this returns.
    pub fn crash(&mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.child.wait().unwrap().signal(), Some(9), "it was there to be killed: {}", self.log());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _stopped_already = self.child.kill();
        let _gone = self.child.wait();
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
