//! Every statement of the store is one that the engine takes, and none of the log's walks more of a table than it answers with.

use crate::support::engine::{Engine, Home};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, SqlSafeStr, SqliteConnection};
use std::path::PathBuf;

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

async fn connect(home: &Home) -> SqliteConnection {
    let path = home.url.trim_start_matches("sqlite:");
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    connection.execute(AssertSqlSafe(format!("ATTACH '{path}-views' AS views"))).await.unwrap();
    connection
}

#[tokio::test]
async fn every_statement_is_one_that_the_engine_takes() {
    let home = Home::new(Engine::SqliteFile).await;
    let mut connection = connect(&home).await;
    let files = files();
    assert!(files.len() > 20);
    for file in files {
        let sql = std::fs::read_to_string(&file).unwrap();
        let prepared = connection.prepare(AssertSqlSafe(sql).into_sql_str()).await;
        assert!(prepared.is_ok(), "{}: {:?}", file.display(), prepared.err());
    }
}

/// Statements that take or find rows of the log and the vault by key, and run for every batch or request.
const BY_KEY: &[&str] = &[
    "claim_holders",
    "delete_vault_key",
    "event_places",
    "find_api_key",
    "read_all_backwards",
    "read_all_forwards",
    "read_claimed_streams",
    "read_stream_backwards",
    "read_stream_forwards",
    "recorded_requests",
    "release_claims",
    "revoke_api_key",
    "stream_revisions",
    "take_positions_continued",
    "vault_meta",
    "vault_records",
    "vault_records_of_subject",
    "wrapped_keys",
];

/// A statement over rows runs with many of them, and one row can have a better plan than two.
fn with_two_rows(sql: &str) -> String {
    let Some((before, rest)) = sql.split_once("VALUES (") else {
        return sql.to_owned();
    };
    let (row, after) = rest.split_once(')').unwrap();
    format!("{before}VALUES ({row}), ({row}){after}")
}

#[tokio::test]
async fn a_statement_by_key_searches_an_index_by_more_than_the_log() {
    let home = Home::new(Engine::SqliteFile).await;
    let mut connection = connect(&home).await;
    for name in BY_KEY {
        let file = files().into_iter().find(|file| file.file_stem().is_some_and(|stem| stem == *name)).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", with_two_rows(&std::fs::read_to_string(file).unwrap()));
        let plan: Vec<String> = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(3))
            .collect();
        let searches: Vec<_> = plan.iter().filter(|step| step.starts_with("SEARCH ")).collect();
        assert!(!searches.is_empty(), "{name} searches nothing: {plan:?}");
        assert!(searches.iter().all(|step| !step.ends_with("(log_id=?)")), "{name} walks the whole log: {plan:?}");
        let walks = |step: &String| {
            step.starts_with("SCAN ")
                && !["asked", "given", "CONSTANT", "VALUES"].iter().any(|word| step.contains(word))
        };
        assert!(!plan.iter().any(walks), "{name} walks a whole table: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{name} sorts: {plan:?}");
    }
}
