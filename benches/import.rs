//! Import of a payment file by the program, against a bare insert of the same event bytes. Prints; judges nothing.
//! `cargo bench --bench import`; `CHITRA_BENCH_ROWS` sets its size.

#![expect(clippy::unwrap_used, reason = "a load program stops when anything fails")]

mod common;

use common::{median, payments, peak_kilobytes, ratio, run, say, setting};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows of one statement of the bare insert.
const ROWS: usize = 1000;
const COLUMNS: usize = 11;

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .page_size(8192)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "8000")
        .pragma("cache_size", "-16000")
        .disable_statement_logging()
}

/// What one import came to.
struct Imported {
    /// Until all is durable and the file's last event is written: the figures follow, here as on a server.
    rate: u64,
    /// Until the program has ended, with all figures caught up.
    rate_with_figures: u64,
    /// Of all projections, from the last event written to the end of the program.
    projections: u64,
    /// The largest resident memory that was seen.
    peak_kilobytes: u64,
}

/// Runs the import. When its last event is written is asked of the database itself, by another connection.
async fn import((database, path): (&str, &Path), file: &Path, rows: u64) -> Imported {
    let mut watcher = options(path).connect().await.unwrap();
    let begun = Instant::now();
    let mut command = common::chitra(database);
    command.args(["import", "--kind", "payments"]).arg(file).stdout(Stdio::null());
    let mut child = common::Running(command.spawn().unwrap());
    let (mut peak, mut rate, mut written) = (0, 0, begun);
    let before: i64 = sqlx::query_scalar("SELECT next_position FROM log_head").fetch_one(&mut watcher).await.unwrap();
    let done = before + i64::try_from(rows).unwrap() + 2;
    let status = loop {
        peak = peak_kilobytes(child.0.id()).unwrap_or(0).max(peak);
        if rate == 0 {
            let head: i64 =
                sqlx::query_scalar("SELECT next_position FROM log_head").fetch_one(&mut watcher).await.unwrap();
            if head == done {
                (rate, written) = (per_second(rows, begun), Instant::now());
            }
        }
        match child.0.try_wait().unwrap() {
            Some(status) => break status,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert!(status.success());
    let (rate_with_figures, projections) = (per_second(rows, begun), per_second(rows, written));
    Imported { rate, rate_with_figures, projections, peak_kilobytes: peak }
}

fn per_second(events: u64, since: Instant) -> u64 {
    u64::try_from(u128::from(events) * 1_000_000 / since.elapsed().as_micros().max(1)).unwrap()
}

/// Copies the payments' events, as they were recorded, into an equal table in one transaction. Reading them is not in the time.
async fn bare(source: &Path, target: &Path) -> u64 {
    let mut from = options(source).connect().await.unwrap();
    let mut into = options(target).connect().await.unwrap();
    let table: String =
        sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = 'events'").fetch_one(&mut from).await.unwrap();
    sqlx::query(AssertSqlSafe(table)).execute(&mut into).await.unwrap();
    let (mut after, mut spent, mut count) = (0_i64, Duration::ZERO, 0_u64);
    let begun = Instant::now();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut into).await.unwrap();
    spent += begun.elapsed();
    loop {
        let sql = "SELECT log_id, position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
            FROM events WHERE log_id = 1 AND position > ?1 AND event_type = 'PaymentInstructed' ORDER BY position LIMIT ?2";
        let page = sqlx::query(sql).bind(after).bind(i64::try_from(ROWS).unwrap()).fetch_all(&mut from).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.get(1);
        let begun = Instant::now();
        insert(&mut into, &page).await;
        spent += begun.elapsed();
        count += page.len() as u64;
    }
    let begun = Instant::now();
    sqlx::query("COMMIT").execute(&mut into).await.unwrap();
    spent += begun.elapsed();
    into.close().await.unwrap();
    u64::try_from(u128::from(count) * 1_000_000 / spent.as_micros().max(1)).unwrap()
}

async fn insert(into: &mut SqliteConnection, page: &[sqlx::sqlite::SqliteRow]) {
    let row = format!("({})", ["?"; COLUMNS].join(","));
    let sql: Arc<str> = format!("INSERT INTO events VALUES {}", vec![row; page.len()].join(",")).into();
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in page {
        query = query.bind(row.get::<i64, _>(0)).bind(row.get::<i64, _>(1)).bind(row.get::<String, _>(2));
        query = query.bind(row.get::<i64, _>(3)).bind(row.get::<Vec<u8>, _>(4)).bind(row.get::<String, _>(5));
        query = query.bind(row.get::<i64, _>(6)).bind(row.get::<i64, _>(7)).bind(row.get::<Vec<u8>, _>(8));
        query = query.bind(row.get::<Vec<u8>, _>(9)).bind(row.get::<Vec<u8>, _>(10));
    }
    query.execute(into).await.unwrap();
}

#[tokio::main]
async fn main() {
    let (rows, rounds) = (setting("CHITRA_BENCH_ROWS", 200_000), setting("CHITRA_BENCH_ROUNDS", 3));
    let people = (rows / 2).max(1);
    let folder = common::folder();
    let base = folder.path().join("base.sqlite");
    let at = |path: &Path| format!("sqlite:{}", path.display());
    run(&at(&base), &["migrate"]);
    let begun = Instant::now();
    run(
        &at(&base),
        &["import", "--kind", "beneficiaries", common::beneficiaries(folder.path(), people).to_str().unwrap()],
    );
    say(&format!("{people} beneficiaries imported, {} rows/s", per_second(people, begun)));
    let file = payments(folder.path(), (rows, people));
    let (mut rates, mut with_figures, mut bare_rates, mut most) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut caught_up = Vec::new();
    for round in 1..=rounds {
        let (full, equal) = (folder.path().join("full.sqlite"), folder.path().join("bare.sqlite"));
        for ending in ["", "-views", ".master-key"] {
            let of = |path: &Path| format!("{}{ending}", path.display());
            std::fs::copy(of(&base), of(&full)).unwrap();
        }
        let Imported { rate, rate_with_figures, projections, peak_kilobytes } =
            import((&at(&full), &full), &file, rows).await;
        let bare_rate = bare(&full, &equal).await;
        let peak = peak_kilobytes / 1024;
        say(&format!(
            "round {round}: import {rate} events/s, projections {projections}, with figures {rate_with_figures}, peak {peak} MB; bare insert {bare_rate} events/s"
        ));
        rates.push(rate);
        caught_up.push(projections);
        with_figures.push(rate_with_figures);
        bare_rates.push(bare_rate);
        most = most.max(peak);
        for path in [&full, &equal] {
            for ending in ["", "-wal", "-shm", "-views", "-views-wal", "-views-shm"] {
                let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
            }
        }
    }
    let (with_claims, alone) = (median(rates), median(bare_rates));
    let (whole, caught_up) = (median(with_figures), median(caught_up));
    say(&format!(
        "{rows} rows, median of {rounds}: import {with_claims} events/s (with figures {whole}), bare insert {alone} events/s, ratio {}, peak {most} MB",
        ratio(with_claims, alone)
    ));
    say(&format!(
        "projections catch up at {caught_up} events/s, {} of the import's rate",
        ratio(caught_up, with_claims)
    ));
}
