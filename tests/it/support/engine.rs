//! The engines that the store's contract holds on, and a place for a test's database on each.

use crate::support::postgres::{self, Database};
use chitra::clock::{Clock, SimulatedClock};
use chitra::store::{OpenError, OpenMode, OpenOptions, SharedStore, migrations, open};
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
