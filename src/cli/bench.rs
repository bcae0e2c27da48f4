//! `chitra bench`: which machine this is, the table of what was measured on it, and the server that records nothing.

use super::{Failure, Outcome, output, serve};
use crate::bench::figures::{Measured, thousandths};
use crate::bench::{self, BenchError, Engine, Measure, Plan};
use crate::clock::SystemClock;
use crate::compose::{self, Opening};
use crate::config::Settings;
use crate::domain::profile::Profile;
use crate::store::{OpenMode, null};
use crate::vault::MasterKey;
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// Flags of `bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// Small sizes, within a minute: to see that all works, not to compare machines
    #[arg(long)]
    pub quick: bool,
    /// The sizes of the targets: a million rows imported, ten million for the memory and the growth; hours, and 60 GB of disk
    #[arg(long, conflicts_with = "quick")]
    pub full: bool,
    /// Rows of the imports, instead of what the size says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    pub rows: Option<u64>,
    /// Measure PostgreSQL too, in this empty scratch database
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// Only these, joined by commas
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = ["append", "callback", "overload", "group_commit", "import", "projection", "read_all", "query", "growth", "memory"]
    )]
    pub only: Vec<String>,
    /// Where SQLite's temporary folder is made; not in memory, where a commit costs nothing [default: the working folder]
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub folder: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures and prints.
pub async fn bench(arguments: &BenchArguments) -> Result<Outcome, Failure> {
    let plan = plan(arguments);
    let folder = std::fs::canonicalize(&arguments.folder)
        .map_err(|error| Failure(format!("{}: {error}", arguments.folder.display())))?;
    let machine = machine(&folder);
    if machine["file_system"] == "tmpfs" {
        output::message("this folder is in memory, where a durable commit costs nothing: name another with --folder");
    }
    if cfg!(unoptimized) {
        output::message("this is a debug build: its numbers say nothing. Build with --release");
    }
    let program = std::env::current_exe()?;
    let mut engines = vec![Engine::Sqlite];
    engines.extend(arguments.postgres.clone().map(Engine::Postgres));
    let mut found = Vec::new();
    // The scratch database is looked at before a long run on SQLite, not after it.
    for engine in &engines {
        bench::check(engine).await.map_err(|BenchError(reason)| Failure(reason))?;
    }
    for engine in engines {
        let tell = |text: &str| output::message(&format!("{}: {text}", engine.name()));
        let measured = bench::run(&plan, &engine, (program.clone(), &folder), &tell).await;
        found.push((engine.name(), measured.map_err(|BenchError(reason)| Failure(reason))?));
    }
    if arguments.json {
        output::result(&to_json(&machine, (&plan, &found)).to_string());
    } else {
        output::result(&table(&machine, (&plan, &found)));
    }
    Ok(Outcome::Done)
}

fn plan(arguments: &BenchArguments) -> Plan {
    let mut plan = match (arguments.quick, arguments.full) {
        (true, _) => Plan::quick(),
        (_, true) => Plan::full(),
        _ => Plan::normal(),
    };
    if let Some(rows) = arguments.rows {
        (plan.rows, plan.memory_rows) = (rows, rows);
    }
    if !arguments.only.is_empty() {
        plan.only = arguments.only.iter().filter_map(|name| Measure::parse(name)).collect();
    }
    plan
}

/// What the numbers depend on.
fn machine(folder: &Path) -> Value {
    let line = |file: &str, key: &str, mark: char| {
        let text = std::fs::read_to_string(file).ok()?;
        let line =
            text.lines().find(|line| line.starts_with(key))?.split_once(mark)?.1.trim().trim_matches('"').to_owned();
        Some(line)
    };
    json!({
        "cpu": line("/proc/cpuinfo", "model name", ':').unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "system": line("/etc/os-release", "PRETTY_NAME=", '=').unwrap_or_else(|| std::env::consts::OS.to_owned()),
        "folder": folder,
        "file_system": file_system(folder),
        "build": if cfg!(unoptimized) { "debug" } else { "release" },
    })
}

/// The kind of the file system that a folder is on: the longest mount point that it begins with.
fn file_system(folder: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>()).filter(|fields| fields.len() > 2);
    let around = fields.filter(|fields| folder.starts_with(fields[1]));
    around.max_by_key(|fields| fields[1].len()).map(|fields| fields[2].to_owned())
}

fn to_json(machine: &Value, (plan, found): (&Plan, &[(&str, Vec<Measured>)])) -> Value {
    let mut all = json!({"machine": machine, "size": plan.name, "sqlite": null, "postgres": null});
    for (engine, measured) in found {
        let by_name: Map<String, Value> =
            measured.iter().map(|measured| (measured.key.to_owned(), measured.to_json())).collect();
        all[*engine] = Value::Object(by_name);
    }
    all
}

fn table(machine: &Value, (plan, found): (&Plan, &[(&str, Vec<Measured>)])) -> String {
    let text = |name: &str| machine[name].as_str().map_or_else(|| machine[name].to_string(), str::to_owned);
    let mut lines = vec![format!(
        "{}, {} cores, {}; {} on {}; {} build, {} size",
        text("cpu"),
        text("cores"),
        text("system"),
        text("folder"),
        text("file_system"),
        text("build"),
        plan.name
    )];
    for (engine, measured) in found {
        lines.extend([String::new(), (*engine).to_owned()]);
        lines.push(row(["", "ours", "yardstick", "", "ratio", "target", ""]));
        for one in measured {
            let met = if one.target.is_met(one.ratio) { "met" } else { "MISSED" };
            let cells = [one.key, &one.ours.to_string(), &one.yardstick.to_string(), one.unit];
            let [key, ours, yardstick, unit] = cells;
            lines.push(row([key, ours, yardstick, unit, &thousandths(one.ratio), &one.target.to_string(), met]));
            let note = if one.note.is_empty() { String::new() } else { format!(" ({})", one.note) };
            lines.push(format!("    {}, against {}{note}", one.what, one.against));
        }
    }
    if found.iter().all(|(engine, _)| *engine != "postgres") {
        lines.extend([
            String::new(),
            "postgres: not measured; name an empty scratch database with --postgres URL".to_owned(),
        ]);
    }
    lines.join("\n")
}

fn row([key, ours, yardstick, unit, ratio, target, met]: [&str; 7]) -> String {
    format!("  {key:<14} {ours:>10} {yardstick:>10} {unit:<10} {ratio:>8}  {target:<9} {met}").trim_end().to_owned()
}

/// Serves a store that stores nothing, for the comparison alone; or with so much beneath it.
pub async fn null_server(
    settings: &Settings,
    ready_file: &Path,
    (rows_into, appends_into): (Option<String>, Option<String>),
) -> Result<Outcome, Failure> {
    let opening = Opening {
        url: null::URL.to_owned(),
        mode: OpenMode::Beside,
        master: MasterKey::generate(&SystemClock),
        profile: Arc::new(Profile::vietnam()),
        clock: Arc::new(SystemClock),
        runs_projections: true,
    };
    let beneath = bench::beneath(rows_into.as_deref(), appends_into.as_deref()).await;
    let app = compose::compose_null(opening, beneath.map_err(|BenchError(reason)| Failure(reason))?).await?;
    let listener = serve::bind("127.0.0.1:0")?;
    let chores = serve::Chores::default();
    serve::run(app, listener, serve::door(settings)?, chores, |addresses| serve::ready(Some(ready_file), addresses))
        .await
}
