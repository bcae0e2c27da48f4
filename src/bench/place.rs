//! Where things are measured: a database of its own for each measurement, and the program itself as a child process on it.

use super::BenchError;
use super::yardsticks;
use crate::app::App;
use crate::clock::SystemClock;
use crate::compose::{self, Opening};
use crate::domain::profile::Profile;
use crate::store::{OpenMode, OpenOptions, SharedStore, migrations, open};
use crate::vault::MasterKey;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to answer.
const START_MAX: Duration = Duration::from_mins(1);
/// What the environment must not change in a child.
const UNSET: [&str; 5] =
    ["CHITRA_MASTER_KEY", "CHITRA_MASTER_KEY_FILE", "CHITRA_PROFILE", "CHITRA_CONFIG", "CHITRA_WORKERS"];

/// The folder for everything temporary, and the program.
pub struct Ground {
    folder: TempDir,
    program: PathBuf,
}

impl Ground {
    /// A folder that goes when this is dropped.
    pub fn new(program: PathBuf, parent: &Path) -> Result<Self, BenchError> {
        let folder = tempfile::Builder::new().prefix("chitra-bench-").tempdir_in(parent);
        let folder = folder.map_err(|error| BenchError(format!("{}: {error}", parent.display())))?;
        Ok(Self { folder, program })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for name in UNSET {
            command.env_remove(name);
        }
        // Away from a settings file of the user's.
        // What is measured is the server, not what it lets one key ask.
        command.env("CHITRA_KEY_REQUESTS_PER_SECOND", "0");
        command.current_dir(self.folder()).stdin(Stdio::null()).args(["--log", "warn"]);
        command
    }

    /// Starts the server that records nothing.
    pub async fn null_server(&self) -> Result<Server, BenchError> {
        let mut command = self.command();
        command.arg("bench-null-server");
        Server::start(command, self.folder().join("null.ready")).await
    }
}

/// An engine to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    /// With the URL of a database that was empty.
    Postgres(String),
}

impl Engine {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The schemas that places make in a PostgreSQL database, all known by name so that they can be dropped whatever happened.
    fn schema(name: &str) -> String {
        format!("chitra_bench_{name}")
    }
}

/// One database, migrated and empty.
pub struct Place<'g> {
    ground: &'g Ground,
    engine: Engine,
    name: &'static str,
    pub url: String,
    key: PathBuf,
}

impl<'g> Place<'g> {
    pub async fn new(ground: &'g Ground, engine: &Engine, name: &'static str) -> Result<Self, BenchError> {
        let key = ground.folder().join(format!("{}-{name}.key", engine.name()));
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", ground.folder().join(format!("{name}.sqlite")).display()),
            Engine::Postgres(url) => {
                yardsticks::create_schema(url, &Engine::schema(name)).await?;
                let joint = if url.contains('?') { '&' } else { '?' };
                format!("{url}{joint}options[search_path]={}", Engine::schema(name))
            }
        };
        migrations::migrate(&url).await?;
        MasterKey::create_file(&key, &SystemClock)?;
        Ok(Self { ground, engine: engine.clone(), name, url, key })
    }

    /// Takes the database away, so that the disk holds one at a time.
    pub async fn remove(self) -> Result<(), BenchError> {
        match &self.engine {
            Engine::Postgres(url) => yardsticks::drop_schema(url, &Engine::schema(self.name)).await?,
            Engine::Sqlite => {
                let prefix = format!("{}.sqlite", self.name);
                for entry in std::fs::read_dir(self.ground.folder())? {
                    let entry = entry?;
                    if entry.file_name().to_string_lossy().starts_with(&prefix) {
                        std::fs::remove_file(entry.path())?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The program on this database.
    fn command(&self) -> Command {
        let mut command = self.ground.command();
        command.args(["--database", &self.url, "--master-key-file"]).arg(&self.key);
        command
    }

    /// Runs the program to its end and answers what it printed.
    pub async fn run(&self, arguments: &[&str]) -> Result<String, BenchError> {
        let mut command = self.command();
        command.args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).trim().to_owned());
        Err(BenchError(format!("chitra {} failed: {}", arguments.join(" "), said.join(" "))))
    }

    /// Starts the server on it.
    pub async fn serve(&self) -> Result<Server, BenchError> {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Server::start(command, self.ground.folder().join(format!("{}-{}.ready", self.engine.name(), self.name))).await
    }

    /// Starts the server that records nothing with this database beneath it: as bare rows, or through the store's appends.
    pub async fn null_over(&self, flag: &str) -> Result<Server, BenchError> {
        let mut command = self.ground.command();
        command.args(["bench-null-server", flag, &self.url]);
        Server::start(command, self.ground.folder().join(format!("{}-{}.ready", self.engine.name(), self.name))).await
    }

    /// Opens it in this process, without a runner.
    pub async fn app(&self) -> Result<Arc<App>, BenchError> {
        let opening = Opening {
            url: self.url.clone(),
            mode: OpenMode::Writer { holder: "`chitra bench`".to_owned() },
            master: MasterKey::read_file(&self.key)?,
            profile: Arc::new(Profile::vietnam()),
            clock: Arc::new(SystemClock),
            runs_projections: false,
        };
        Ok(compose::compose(opening).await?)
    }

    /// Opens its store alone.
    pub async fn store(&self) -> Result<SharedStore, BenchError> {
        store_at(&self.url).await
    }
}

/// Opens a store alone, in a database that was migrated before.
pub async fn store_at(url: &str) -> Result<SharedStore, BenchError> {
    use crate::clock::Clock;
    let mode = OpenMode::Writer { holder: "`chitra bench`".to_owned() };
    Ok(open(url, OpenOptions::new(mode, Arc::new(|| SystemClock.now_us()))).await?)
}

/// Drops what the places of a run have made in a database, also after a failure.
pub async fn clear(engine: &Engine, names: &[&str]) -> Result<(), BenchError> {
    if let Engine::Postgres(url) = engine {
        for name in names {
            yardsticks::drop_schema(url, &Engine::schema(name)).await?;
        }
    }
    Ok(())
}

/// A server as a child process; asked to end when this goes, and waited for.
pub struct Server {
    child: Child,
    /// `host:port`.
    pub address: String,
}

impl Server {
    async fn start(mut command: Command, ready: PathBuf) -> Result<Self, BenchError> {
        let _none_before = std::fs::remove_file(&ready);
        let said = ready.with_extension("stderr");
        command.arg("--ready-file").arg(&ready).stdout(Stdio::null()).stderr(std::fs::File::create(&said)?);
        let mut server = Self { child: command.spawn()?, address: String::new() };
        let begun = Instant::now();
        while begun.elapsed() < START_MAX {
            if let Ok(text) = std::fs::read_to_string(&ready) {
                text.trim().trim_start_matches("http://").clone_into(&mut server.address);
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                let said = std::fs::read_to_string(&said).unwrap_or_default();
                return Err(BenchError(format!("the server ended before it answered: {status}: {}", said.trim())));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(BenchError("the server does not answer".to_owned()))
    }

    /// A line of the operating system's account of the process, in kilobytes: `VmRSS` now, `VmHWM` the most so far. Linux only.
    pub fn kilobytes(&self, line: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let found = status.lines().find(|found| found.starts_with(line))?;
        found.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The standard library can only kill; a database wants to be closed.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_err() {
            let _gone_already = self.child.kill();
        }
        let _ended = self.child.wait();
    }
}
