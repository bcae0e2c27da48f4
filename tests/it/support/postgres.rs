//! PostgreSQL servers of the tests' own: one that all tests share, each with a database for itself, and more for tests that break them.
//! A server goes with the process that started it, however that ends.

use chitra::store::migrations;
use serde_json::{Map, Value};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr, Statement};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// What the servers are set to. Durable as in earnest, and small: tests open many pools on few rows.
const SETTINGS: &str = "
listen_addresses = ''
max_connections = 400
shared_buffers = 64MB
fsync = on
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
logging_collector = off
log_min_messages = warning
";

/// A running server.
pub struct Cluster {
    /// Removed by the watchdog, since the files belong to another user.
    folder: PathBuf,
    port: u16,
    databases: AtomicU64,
    template: OnceCell<()>,
    /// Its standard input is open as long as this process lives; then it stops the server and removes its files.
    _watchdog: Child,
    dropper: Mutex<Sender<String>>,
}

/// The server that the tests share.
pub fn shared() -> &'static Cluster {
    static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start);
    &SHARED
}

/// The folder of the server's programs.
fn programs() -> PathBuf {
    let folder = PathBuf::from("/usr/lib/postgresql/15/bin");
    assert!(
        folder.join("initdb").exists(),
        "PostgreSQL 15 is missing ({} is not there): install the Debian package postgresql-15, or run scripts/test, which does",
        folder.display()
    );
    folder
}

/// PostgreSQL refuses to run as root: then its programs run as the user that Debian made for it.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    id(&["-u"]) == 0
}

fn id(arguments: &[&str]) -> u32 {
    let found = Command::new("id").args(arguments).output().unwrap();
    String::from_utf8(found.stdout).unwrap().trim().parse().unwrap()
}

fn run(mut command: Command) {
    let done = command.stdin(Stdio::null()).output().unwrap();
    let said = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{command:?}: {said:?}");
}

/// Certificates of the tests' own: a server's, its authority's, and another authority's, with the port to serve on.
pub struct Tls {
    pub port: u16,
    pub authority: PathBuf,
    pub other_authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

fn openssl(folder: &Path, words: &str) {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(words.split(' '));
    run(command);
}

impl Tls {
    /// Makes them in a folder. The server is called localhost, and nothing else.
    pub fn make(folder: &Path) -> Self {
        let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc";
        for name in ["authority", "other-authority"] {
            openssl(
                folder,
                &format!(
                    "req -x509 {new_key} -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name} -addext basicConstraints=critical,CA:TRUE"
                ),
            );
        }
        openssl(
            folder,
            &format!(
                "req {new_key} -keyout server.key -out server.csr -subj /CN=localhost -addext subjectAltName=DNS:localhost"
            ),
        );
        openssl(
            folder,
            "x509 -req -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 -out server.crt -copy_extensions copy",
        );
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self {
            port,
            authority: folder.join("authority.crt"),
            other_authority: folder.join("other-authority.crt"),
            certificate: folder.join("server.crt"),
            key: folder.join("server.key"),
        }
    }

    /// Puts them into a cluster that takes no connection over the network without TLS; its settings.
    fn install(&self, data: &Path) -> String {
        for (from, name) in [(&self.certificate, "server.crt"), (&self.key, "server.key")] {
            let file = data.join(name);
            std::fs::copy(from, &file).unwrap();
            std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            if is_root() {
                chown(&file, Some(id(&["-u", "postgres"])), Some(id(&["-g", "postgres"]))).unwrap();
            }
        }
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n";
        std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
        format!("listen_addresses = 'localhost'\nport = {}\nssl = on\n", self.port)
    }
}

impl Cluster {
    /// Makes and starts a server of one's own.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// The same, on a port and with TLS.
    pub fn start_with_tls(tls: &Tls) -> Self {
        Self::start_with(Some(tls))
    }

    fn start_with(tls: Option<&Tls>) -> Self {
        let programs = programs();
        let folder = TempDir::with_prefix("chitra-pg-").unwrap().keep();
        if is_root() {
            chown(&folder, Some(id(&["-u", "postgres"])), Some(id(&["-g", "postgres"]))).unwrap();
        }
        let data = folder.join("data");
        let mut init = as_user(&programs.join("initdb"));
        init.args([
            "--username=chitra",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
            "--no-instructions",
            "--pgdata",
        ]);
        // A language whose order of letters is not that of bytes: what the program orders must not depend on it.
        init.arg(&data).args(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=vi"]);
        run(init);
        let more = tls.map(|tls| tls.install(&data)).unwrap_or_default();
        let settings = format!("{SETTINGS}unix_socket_directories = '{}'\n{more}", folder.display());
        let path = data.join("postgresql.conf");
        let all = std::fs::read_to_string(&path).unwrap() + &settings;
        std::fs::write(&path, all).unwrap();
        let watchdog = watch(&programs, &folder);
        let cluster = Self {
            databases: AtomicU64::new(0),
            template: OnceCell::new(),
            _watchdog: watchdog,
            dropper: Mutex::new(dropper(url(&folder, "postgres"))),
            port: tls.map_or(5432, |tls| tls.port),
            folder,
        };
        cluster.control(&["start"]);
        cluster
    }

    fn control(&self, words: &[&str]) {
        let mut command = as_user(&programs().join("pg_ctl"));
        command.args(words).args(["--wait", "--silent", "--timeout=60"]);
        command.arg("--pgdata").arg(self.folder.join("data")).arg("--log").arg(self.folder.join("server.log"));
        // The server inherits its output from pg_ctl and keeps it open: a pipe would never end.
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        let log = || std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        assert!(status.success(), "pg_ctl {words:?}: {}", log());
    }

    /// Ends the server as a power loss does, and starts it again.
    pub fn crash_and_restart(&self) {
        self.control(&["restart", "--mode=immediate"]);
    }

    /// The URL of a database, by the server's socket.
    pub fn url(&self, database: &str) -> String {
        let url = url(&self.folder, database);
        if self.port == 5432 { url } else { format!("{url}&port={}", self.port) }
    }

    /// An empty database of this name.
    pub async fn make_database(&self, name: &str) {
        run_sql(&mut self.admin().await, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    }

    /// Whether a database has a table.
    pub async fn has_table(&self, database: &str, table: &str) -> bool {
        let sql = "SELECT EXISTS (SELECT FROM pg_tables WHERE tablename = $1)";
        let mut connection = connect(&self.url(database)).await;
        sqlx::query_scalar(sql).bind(table).fetch_one(&mut connection).await.unwrap()
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// A connection as the administrator's.
    pub async fn admin(&self) -> PgConnection {
        connect(&self.url("postgres")).await
    }

    /// An empty database that no migration has touched, made with these options.
    pub async fn blank(&'static self, options: &str) -> Database {
        self.create(&format!("template0 {options}")).await
    }

    /// A migrated database.
    pub async fn database(&'static self) -> Database {
        let made = self.template.get_or_init(|| async {
            run_sql(&mut self.admin().await, "CREATE DATABASE migrated TEMPLATE template0").await;
            migrations::migrate(&self.url("migrated")).await.unwrap();
        });
        made.await;
        self.create("migrated").await
    }

    async fn create(&'static self, template: &str) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        // Half as long as through the server's own log.
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        run_sql(&mut self.admin().await, &sql).await;
        Database { url: self.url(&name), name, cluster: self }
    }
}

/// A test's own database; gone when this is dropped.
pub struct Database {
    pub url: String,
    pub name: String,
    pub cluster: &'static Cluster,
}

impl Drop for Database {
    fn drop(&mut self) {
        let _dropped_with_the_server = self.cluster.dropper.lock().unwrap().send(self.name.clone());
    }
}

fn url(folder: &Path, database: &str) -> String {
    format!("postgres:///{database}?host={}&user=chitra", folder.display())
}

/// A connection for what a test does behind the program's back.
pub async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().disable_statement_logging().connect().await.unwrap()
}

pub async fn run_sql(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// What a query answers: the names of its columns, and its rows as JSON.
pub async fn rows(connection: &mut PgConnection, sql: &str) -> (Vec<String>, Vec<Vec<Value>>) {
    let described = connection.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await.unwrap();
    let names: Vec<String> = described.columns().iter().map(|column| column.name().to_owned()).collect();
    let as_json = AssertSqlSafe(format!("SELECT row_to_json(answer)::text FROM ({sql}) AS answer"));
    let rows: Vec<String> = sqlx::query_scalar(as_json).fetch_all(connection).await.unwrap();
    let values = |row: &String| {
        let mut row: Map<String, Value> = serde_json::from_str(row).unwrap();
        names.iter().map(|name| row.remove(name).unwrap()).collect()
    };
    let rows = rows.iter().map(values).collect();
    (names, rows)
}

/// Stops the server and removes its files when this process has ended: a pipe closes then, whatever ended it. In a session of its own,
/// so that Ctrl-C does not end it before.
fn watch(programs: &Path, folder: &Path) -> Child {
    let script =
        "cat >/dev/null; \"$1/pg_ctl\" stop --mode=immediate --wait --silent --pgdata=\"$2/data\"; rm -rf \"$2\"";
    let mut shell = as_user(Path::new("setsid"));
    shell.args(["sh", "-c", script, "sh"]).arg(programs).arg(folder);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Drops databases in the background: some megabytes each, for hundreds of tests.
fn dropper(admin: String) -> Sender<String> {
    let (sender, receiver) = channel::<String>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        while let Ok(name) = receiver.recv() {
            runtime.block_on(async {
                let Ok(options) = PgConnectOptions::from_str(&admin) else { return };
                let Ok(mut connection) = options.connect().await else { return };
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _left_for_the_watchdog = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
                let _closed_either_way = connection.close().await;
            });
        }
    });
    sender
}
