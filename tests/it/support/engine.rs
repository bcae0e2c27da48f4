//! The engines that the store's contract holds on, and a place for a test's database on each.

use crate::support::postgres::{self, Database};
use chitra::clock::{Clock, SimulatedClock};
use chitra::store::{OpenError, OpenMode, OpenOptions, SharedStore, migrations, open};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Row, SqliteConnection, TypeInfo, ValueRef};
use std::sync::Arc;
use tempfile::TempDir;

/// The time at which every test begins.
pub const BEGIN_US: i64 = 1_763_900_000_000_000;

/// A store of any engine, as the tests see it.
pub type Store = SharedStore;

/// An engine under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    SqliteMemory,
    SqliteFile,
    Postgres,
}

/// A test's own database.
pub struct Home {
    pub url: String,
    /// Stands still until the test moves it.
    pub clock: Arc<SimulatedClock>,
    _folder: Option<TempDir>,
    pub database: Option<Database>,
}

impl Home {
    /// An empty, migrated database.
    pub async fn new(engine: Engine) -> Self {
        let clock = Arc::new(SimulatedClock::new(BEGIN_US, 1));
        match engine {
            Engine::SqliteMemory => Self { url: "sqlite::memory:".to_owned(), clock, _folder: None, database: None },
            Engine::SqliteFile => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("chitra.sqlite").display());
                migrations::migrate(&url).await.unwrap();
                Self { url, clock, _folder: Some(folder), database: None }
            }
            Engine::Postgres => Self::on(postgres::shared().database().await),
        }
    }

    /// A database of a server.
    pub fn on(database: Database) -> Self {
        let clock = Arc::new(SimulatedClock::new(BEGIN_US, 1));
        Self { url: database.url.clone(), clock, _folder: None, database: Some(database) }
    }

    /// The same with another database's URL.
    pub fn at(self, url: String) -> Self {
        Self { url, ..self }
    }

    async fn connect(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.url.trim_start_matches("sqlite:")).connect().await.unwrap()
    }

    /// Runs statements, written for both engines, behind the store's back.
    pub async fn execute(&self, sql: &str) {
        if self.database.is_some() {
            return postgres::run_sql(&mut postgres::connect(&self.url).await, sql).await;
        }
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connect().await).await.unwrap();
    }

    /// Bytes as they stand in a statement.
    pub fn literal(&self, bytes: &[u8]) -> String {
        let hex = chitra::app::hex::hex(bytes);
        if self.database.is_some() { format!("'\\x{hex}'::bytea") } else { format!("x'{hex}'") }
    }

    /// As an analyst connects, to both files.
    async fn connect_to_views(&self) -> SqliteConnection {
        let log = self.url.trim_start_matches("sqlite:");
        let mut connection = SqliteConnectOptions::new().filename(format!("{log}-views")).connect().await.unwrap();
        sqlx::query("ATTACH ? AS log").bind(log).execute(&mut connection).await.unwrap();
        connection
    }

    /// The analysts' views, sorted.
    pub async fn views(&self) -> Vec<String> {
        let of_postgres = "SELECT viewname AS name FROM pg_views WHERE viewname LIKE 'report%' ORDER BY viewname";
        let of_sqlite = "SELECT name FROM (SELECT name, type FROM main.sqlite_schema UNION ALL SELECT name, type FROM log.sqlite_schema) \
            WHERE type = 'view' AND name LIKE 'report%' ORDER BY name";
        let sql = if self.database.is_some() { of_postgres } else { of_sqlite };
        let (_, rows) = self.rows(sql).await;
        rows.into_iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
    }

    /// What a query of an analyst answers: the names of its columns, and its rows as JSON.
    pub async fn rows(&self, sql: &str) -> (Vec<String>, Vec<Vec<Value>>) {
        if self.database.is_some() {
            return postgres::rows(&mut postgres::connect(&self.url).await, sql).await;
        }
        let mut connection = self.connect_to_views().await;
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap();
        let names = rows.first().map(|row| row.columns().iter().map(|column| column.name().to_owned()).collect());
        (names.unwrap_or_default(), rows.iter().map(|row| (0..row.len()).map(|at| json(row, at)).collect()).collect())
    }

    /// Opens it for writing.
    pub async fn open(&self) -> Store {
        self.open_as(OpenMode::Writer { holder: "the test".to_owned() }).await.unwrap()
    }

    /// Opens it in a mode.
    pub async fn open_as(&self, mode: OpenMode) -> Result<Store, OpenError> {
        let clock = Arc::clone(&self.clock);
        open(&self.url, OpenOptions::new(mode, Arc::new(move || clock.now_us()))).await
    }
}

fn json(row: &SqliteRow, at: usize) -> Value {
    let kind = row.try_get_raw(at).unwrap().type_info().name().to_owned();
    match kind.as_str() {
        "NULL" => Value::Null,
        "INTEGER" => row.get::<i64, _>(at).into(),
        "REAL" => row.get::<f64, _>(at).into(),
        "TEXT" => row.get::<String, _>(at).into(),
        other => panic!("column {at} is {other}"),
    }
}
