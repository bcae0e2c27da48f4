//! `chitra bench`: how fast this machine's engines are through chitra, each number beside a yardstick that was measured in the same run,
//! in turn with it. Measures; judges nothing but whether a target is met.

mod appends;
mod beneath;
mod callbacks;
mod events;
pub mod figures;
mod files;
mod growth;
mod journal;
mod load;
mod memory;
mod overload;
mod place;
// With the load programs, where the raw SQL is: no module of `src` but the store has any.
#[path = "../../benches/yardsticks/mod.rs"]
mod yardsticks;

pub use place::Engine;

use crate::store::null::Beneath;
use figures::Measured;
use place::{Ground, Place};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Every place that a run may make.
const PLACES: [&str; 13] = [
    "append",
    "append_bare",
    "append_rows",
    "append_store",
    "callback",
    "overload",
    "group",
    "log",
    "log_bare",
    "log_store",
    "growth",
    "growth_bare",
    "memory",
];

/// Why a run could not go on.
#[derive(Debug)]
pub struct BenchError(pub String);

impl<E: std::fmt::Display> From<E> for BenchError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Append,
    Callback,
    Overload,
    GroupCommit,
    Import,
    Projection,
    ReadAll,
    Query,
    Growth,
    Memory,
}

impl Measure {
    pub const ALL: [Self; 10] = [
        Self::Append,
        Self::Callback,
        Self::Overload,
        Self::GroupCommit,
        Self::Import,
        Self::Projection,
        Self::ReadAll,
        Self::Query,
        Self::Growth,
        Self::Memory,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Callback => "callback",
            Self::Overload => "overload",
            Self::GroupCommit => "group_commit",
            Self::Import => "import",
            Self::Projection => "projection",
            Self::ReadAll => "read_all",
            Self::Query => "query",
            Self::Growth => "growth",
            Self::Memory => "memory",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == text)
    }
}

/// How much is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub name: &'static str,
    /// Of which the median counts.
    pub rounds: u64,
    /// Of one side of one round, where time is what is given.
    pub time: Duration,
    /// Of an import.
    pub rows: u64,
    /// Of the import that a server's memory is looked at with.
    pub memory_rows: u64,
    /// To whom single payments are ordered.
    pub people: u64,
    /// Events at which the rate of appends is compared.
    pub growth: (u64, u64),
    /// Events of one round there.
    pub growth_window: u64,
    pub only: Vec<Measure>,
}

impl Plan {
    /// Within a minute.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            name: "quick",
            rounds: 3,
            time: Duration::from_millis(250),
            rows: 4_000,
            memory_rows: 4_000,
            people: 1_000,
            growth: (5_000, 20_000),
            growth_window: 1_000,
            only: Measure::ALL.to_vec(),
        }
    }

    #[must_use]
    pub fn normal() -> Self {
        Self {
            name: "normal",
            rounds: 3,
            time: Duration::from_secs(4),
            rows: 200_000,
            memory_rows: 200_000,
            people: 20_000,
            growth: (100_000, 1_000_000),
            growth_window: 20_000,
            only: Measure::ALL.to_vec(),
        }
    }

    /// The sizes that the targets were set for.
    #[must_use]
    pub fn full() -> Self {
        let growth = (100_000, 10_000_000);
        let time = Duration::from_secs(10);
        Self { name: "full", rows: 1_000_000, memory_rows: 10_000_000, growth, time, ..Self::normal() }
    }
}

/// One run, as its measurements see it.
struct Run<'r> {
    plan: &'r Plan,
    ground: &'r Ground,
    tell: &'r (dyn Fn(&str) + Send + Sync),
}

impl Run<'_> {
    fn tell(&self, text: &str) {
        (self.tell)(text);
    }

    fn wants(&self, measure: Measure) -> bool {
        self.plan.only.contains(&measure)
    }

    async fn place(&self, engine: &Engine, name: &'static str) -> Result<Place<'_>, BenchError> {
        Place::new(self.ground, engine, name).await
    }

    async fn measure(&self, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
        let mut found = Vec::new();
        if self.wants(Measure::Append) {
            found.extend(appends::over_http(self, engine).await?);
        }
        if self.wants(Measure::Callback) {
            found.push(callbacks::over_http(self, engine).await?);
        }
        if self.wants(Measure::Overload) {
            found.extend(overload::overload(self, engine).await?);
        }
        if self.wants(Measure::GroupCommit) {
            found.extend(appends::group_commit(self, engine).await?);
        }
        if [Measure::Import, Measure::Projection, Measure::ReadAll, Measure::Query].iter().any(|one| self.wants(*one)) {
            found.extend(journal::journal(self, engine).await?);
        }
        if self.wants(Measure::Growth) {
            found.extend(growth::growth(self, engine).await?);
        }
        if self.wants(Measure::Memory) {
            found.extend(memory::memory(self, engine).await?);
        }
        Ok(found)
    }
}

/// Measures an engine with the program at `program`. Everything temporary is below `folder` or in the engine's database, and goes.
pub async fn run(
    plan: &Plan,
    engine: &Engine,
    (program, folder): (PathBuf, &Path),
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Vec<Measured>, BenchError> {
    let ground = Ground::new(program, folder)?;
    let run = Run { plan, ground: &ground, tell };
    let measured = tokio::select! {
        measured = run.measure(engine) => measured,
        _ = tokio::signal::ctrl_c() => Err(BenchError("stopped before all was measured".to_owned())),
    };
    place::clear(engine, &PLACES).await?;
    measured
}

/// What the server that records nothing has beneath it: nothing, or what its flags name.
pub async fn beneath(rows: Option<&str>, appends: Option<&str>) -> Result<Option<Arc<dyn Beneath>>, BenchError> {
    Ok(match (rows, appends) {
        (Some(url), _) => Some(Arc::new(beneath::Rows::into(url).await?)),
        (None, Some(url)) => Some(Arc::new(beneath::Appends::into(url).await?)),
        (None, None) => None,
    })
}

/// A database that somebody needs must not be measured on.
pub async fn check(engine: &Engine) -> Result<(), BenchError> {
    let Engine::Postgres(url) = engine else { return Ok(()) };
    if url.contains("options") {
        return Err(BenchError(
            "the URL of the scratch database must not set options: the measurements set the search path there"
                .to_owned(),
        ));
    }
    let tables = yardsticks::tables(url).await?;
    if tables.is_empty() {
        return Ok(());
    }
    Err(BenchError(format!(
        "{} is not empty: it has {} and perhaps more. Make a scratch database: createdb chitra_bench",
        crate::store::shown(url),
        tables.join(", ")
    )))
}
