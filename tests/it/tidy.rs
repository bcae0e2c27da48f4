//! Checks the house rules that no compiler checks: who imports whom, what stands where, how long things are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 400;

/// Everything of ours: for what puts the house together or describes it.
const ALL: &[&str] = &[
    "app",
    "banks",
    "bench",
    "cli",
    "clock",
    "compose",
    "config",
    "domain",
    "files",
    "grpc",
    "http",
    "openapi",
    "pages",
    "projections",
    "proof",
    "store",
    "telemetry",
    "vault",
];

/// Which modules a module may import beside itself. The same table stands in ARCHITECTURE.md.
const IMPORTS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("files", &["domain"]),
    ("banks", &["domain"]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("telemetry", &["domain"]),
    ("projections", &["domain"]),
    ("proof", &[]),
    ("store", &["domain", "projections", "proof"]),
    // Keys are random, and only the clock draws random bytes.
    ("vault", &["domain", "store", "clock"]),
    ("app", &["domain", "files", "banks", "projections", "proof", "store", "vault", "clock", "config"]),
    ("pages", &["app", "domain"]),
    // The document is made from the table of routes, and served by it.
    ("http", &["app", "domain", "config", "openapi", "pages"]),
    ("grpc", &["app"]),
    ("openapi", ALL),
    ("bench", ALL),
    ("compose", ALL),
    ("cli", ALL),
    ("lib", ALL),
    ("main", ALL),
];

/// What a module must not contain, beside what every module must not.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("domain", &["async", "await", "tokio", "tracing", "f32", "f64", "reqwest", "SystemTime", "Instant::now"]),
    ("files", &["async", "await", "tokio"]),
    ("banks", &["async", "await", "tokio", "f32", "f64", "SystemTime", "Instant::now"]),
    ("projections", &["async", "await", "tokio", "f32", "f64"]),
    ("proof", &["async", "await", "tokio", "tracing", "f32", "f64", "reqwest", "SystemTime", "Instant::now"]),
    ("store", &["StatusCode", "f32", "f64"]),
    ("vault", &["f32", "f64"]),
    ("app", &["StatusCode"]),
    ("pages", &["async", "await", "tokio", "f32", "f64"]),
];

/// What only one module may contain.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("actix_web", &["http"]),
    ("tonic", &["grpc"]),
    ("prost", &["grpc"]),
    ("StatusCode", &["http"]),
    ("clap", &["cli"]),
    ("std::env::var", &["config"]),
    ("uuid::Uuid::new_v4", &["clock"]),
];

pub struct Source {
    /// From the repository's root, with `/`.
    pub path: String,
    text: String,
}

impl Source {
    /// The module of a file in `src`: its first folder, or its own name.
    fn module(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        Some(rest.split_once('/').map_or_else(|| rest.trim_end_matches(".rs"), |(folder, _)| folder))
    }

    pub fn is_of(&self, modules: &[&str]) -> bool {
        self.module().is_some_and(|module| modules.contains(&module))
    }

    /// The lines of code, without comments.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(|line| line.split("//").next().unwrap_or("")).filter(|line| !line.trim().is_empty())
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, ending, found);
        } else if path.extension().is_some_and(|found| found == ending) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

/// Every Rust file of ours.
pub fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches"] {
        walk(&root().join(folder), "rs", &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Whether a word stands in a line as a word of its own.
fn has_word(line: &str, word: &str) -> bool {
    let in_a_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line[..at].chars().next_back(), line[at + word.len()..].chars().next());
        !before.is_some_and(in_a_name) && !after.is_some_and(in_a_name)
    })
}

#[test]
fn each_module_imports_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(module) = file.module().map(str::to_owned) else { continue };
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: the module {module} is not in the table", file.path));
            continue;
        };
        for (line, imported) in
            file.lines().flat_map(|line| line.split("crate::").skip(1).map(move |rest| (line, rest)))
        {
            let name: String = imported.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if ALL.contains(&name.as_str()) && name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: {}", file.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_imports_in_the_architecture_is_the_checked_one() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (module, allowed) in IMPORTS.iter().filter(|(_, allowed)| *allowed != ALL) {
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        let row = format!("| {module} | {allowed} |");
        assert!(text.contains(&row), "ARCHITECTURE.md lacks the row {row}");
    }
}

#[test]
fn words_stand_only_where_they_belong() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(module) = file.module() else { continue };
        let own = FORBIDDEN.iter().filter(|(name, _)| *name == module).flat_map(|(_, words)| words.iter().copied());
        let others = ONLY_IN.iter().filter(|(_, modules)| !modules.contains(&module)).map(|(word, _)| *word);
        let words: Vec<&str> = own.chain(others).collect();
        for line in file.lines() {
            wrong.extend(
                words
                    .iter()
                    .filter(|word| has_word(line, word))
                    .map(|word| format!("{}: {word} in {}", file.path, line.trim())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_stands_only_in_the_store() {
    let statements = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "UPDATE SET ", "PRAGMA "];
    for file in sources().iter().filter(|file| file.module().is_some_and(|module| module != "store")) {
        for line in file.lines() {
            assert!(!statements.iter().any(|statement| line.contains(statement)), "{}: {line}", file.path);
        }
    }
}

#[test]
fn files_are_short_and_say_first_what_they_hold() {
    for file in sources() {
        let lines = file.text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines; {LINES_MAX} are allowed", file.path);
        assert!(file.text.starts_with("//! "), "{} does not begin with what it holds", file.path);
    }
}

#[test]
fn each_statement_is_used() {
    let mut statements = Vec::new();
    walk(&root().join("src/store/sql"), "sql", &mut statements);
    let code: String = sources().into_iter().filter(|file| file.is_of(&["store"])).map(|file| file.text).collect();
    assert!(!statements.is_empty());
    for statement in statements {
        let name = statement.path.rsplit('/').next().unwrap();
        // A macro may put the name together from a table and a deed.
        let in_parts = name.match_indices('_').any(|(at, _)| {
            let (table, deed) = name.split_at(at);
            code.contains(&format!("\"{table}\"")) && code.contains(&format!("\"{deed}\""))
        });
        assert!(in_parts || code.contains(&format!("/{name}\"")), "nobody uses {}", statement.path);
    }
}

/// The names of an engine's migrations, in order.
fn migrations(engine: &str) -> Option<BTreeSet<String>> {
    let folder = std::fs::read_dir(root().join("migrations").join(engine)).ok()?;
    Some(folder.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect())
}

#[test]
fn migrations_are_numbered_without_gaps_and_the_same_on_each_engine() {
    let sqlite = migrations("sqlite").unwrap();
    for (number, name) in sqlite.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", number + 1)), "{name} is not number {}", number + 1);
    }
    for engine in std::fs::read_dir(root().join("migrations")).unwrap() {
        let engine = engine.unwrap().file_name().to_string_lossy().into_owned();
        assert_eq!(migrations(&engine).as_ref(), Some(&sqlite), "{engine}");
    }
}

#[test]
fn each_event_has_a_golden_sample_of_every_version() {
    for stored in chitra::domain::codec::ALL {
        for version in 1..=stored.latest_version {
            let sample = root().join(format!("tests/fixtures/events/{}.v{version}.json", stored.name));
            assert!(sample.exists(), "{} is missing", sample.display());
        }
    }
}

#[test]
fn a_note_of_work_to_do_names_its_issue() {
    for file in sources() {
        for line in file.text.lines() {
            for word in [concat!("TO", "DO"), concat!("FIX", "ME")] {
                let numbered =
                    line.split(word).nth(1).is_none_or(|rest| rest.trim_start_matches(['(', ' ']).starts_with('#'));
                assert!(numbered, "{}: {}", file.path, line.trim());
            }
        }
    }
}
