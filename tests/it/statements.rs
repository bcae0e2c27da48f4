//! Every statement of the store is one that its engine takes, and none walks more of a table than it answers with.

use crate::support::engine::{Engine, Home};
use crate::support::postgres;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, SqlSafeStr, SqliteConnection};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/sql")
}

fn files_in(folder: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// SQLite's own statements, and those of both engines.
fn files() -> Vec<PathBuf> {
    files_in(folder())
}

/// What only SQLite has; every other statement without a twin in `postgres/` is one for both.
const SQLITE_ALONE: &[&str] = &[
    "checkpoint",
    "claims_held",
    "database_file",
    "database_size",
    "insert_claims",
    "insert_events_alike",
    "read_parts",
    "secure_delete_off",
    "secure_delete_on",
    "synchronous",
    "take_positions_continued",
    "take_positions_expected",
    "wal_frames",
];

/// PostgreSQL's own statements, and those of both engines.
fn postgres_files() -> Vec<PathBuf> {
    let own = files_in(folder().join("postgres"));
    let names: Vec<_> = own.iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    let is_shared = |path: &PathBuf| {
        let alone = SQLITE_ALONE.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name));
        !alone && !names.iter().any(|name| path.file_name().unwrap() == name)
    };
    files().into_iter().filter(is_shared).chain(own.iter().cloned()).collect()
}

async fn connect(home: &Home) -> SqliteConnection {
    let path = home.url.trim_start_matches("sqlite:");
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    connection.execute(AssertSqlSafe(format!("ATTACH '{path}-views' AS views"))).await.unwrap();
    connection
}

#[tokio::test]
async fn every_statement_is_one_that_sqlite_takes() {
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
    "checkpoints_after",
    "claim_holders",
    "claims_between",
    "claims_held",
    "cosign_checkpoint",
    "delete_pieces_of_record",
    "delete_session",
    "delete_vault_key",
    "delete_vault_meta",
    "delete_vault_pieces",
    "delete_vault_record",
    "delete_vault_records",
    "event_places",
    "find_api_key",
    "find_session",
    "read_all_backwards",
    "read_all_forwards",
    "read_claimed_streams",
    "read_parts",
    "read_stream_backwards",
    "read_stream_forwards",
    "recorded_requests",
    "release_claims",
    "replace_vault_meta",
    "revoke_api_key",
    "rewrap_key",
    "stream_revisions",
    "stray_vault_pieces",
    "take_positions_continued",
    "touch_session",
    "tree_tiles_get",
    "vault_meta",
    "vault_piece",
    "vault_records",
    "vault_records_of_subject",
    "webhook_deliveries_forget",
    "webhook_deliveries_list",
    "webhook_deliveries_pending",
    "webhook_delivery",
    "webhook_place",
    "webhook_place_forget",
    "wrapped_keys",
    "wrapped_keys_after",
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
                && !["asked", "found", "given", "parts", "CONSTANT", "VALUES"].iter().any(|word| step.contains(word))
        };
        assert!(!plan.iter().any(walks), "{name} walks a whole table: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{name} sorts: {plan:?}");
    }
}

#[tokio::test]
async fn every_statement_is_one_that_postgresql_takes() {
    let home = Home::new(Engine::Postgres).await;
    let mut connection = postgres::connect(&home.url).await;
    let files = postgres_files();
    assert!(files.len() > 80);
    for file in files {
        let sql = std::fs::read_to_string(&file).unwrap();
        let prepared = connection.prepare(AssertSqlSafe(sql).into_sql_str()).await;
        assert!(prepared.is_ok(), "{}: {:?}", file.display(), prepared.err());
    }
}

/// Statements of PostgreSQL alone and of projections that find their rows by keys.
const VIEWS_BY_KEY: &[&str] = &[
    "attempts_by_end_to_end_id",
    "beneficiaries_by_id",
    "desk_days_by_desk",
    "desks_by_id",
    "figure_blocks_get",
    "figure_cells_add",
    "figure_cells_find",
    "live_payments_close",
    "list_items_remove",
    "lists_by_id",
    "live_payments_open",
    "payments_by_id",
    "payments_by_reference",
    "payments_in_trouble_of",
    "payments_correct",
    "payments_move",
    "projections_get",
    "read_streams",
    "vault_records_of_subjects",
    "write_at_once",
];

/// A plan that is made once, on empty tables without statistics, and kept while they grow: the worst case is a new database.
#[tokio::test]
async fn on_postgresql_a_plan_made_on_empty_tables_searches_by_key() {
    let home = Home::new(Engine::Postgres).await;
    let mut connection = postgres::connect(&home.url).await;
    let read = |name: &str| std::fs::read_to_string(folder().join("postgres").join(name)).unwrap();
    postgres::run_sql(&mut connection, &read("set_session.sql")).await;
    postgres::run_sql(&mut connection, "SET plan_cache_mode = force_generic_plan").await;
    for name in BY_KEY.iter().chain(VIEWS_BY_KEY).filter(|name| !SQLITE_ALONE.contains(name)) {
        let file =
            postgres_files().into_iter().find(|file| file.file_stem().is_some_and(|stem| stem == *name)).unwrap();
        let sql = std::fs::read_to_string(file).unwrap();
        let parameters = (1..40).filter(|number| sql.contains(&format!("${number}"))).count();
        let nulls = vec!["NULL"; parameters].join(", ");
        postgres::run_sql(&mut connection, &format!("PREPARE p_{name} AS {sql}")).await;
        let explain = AssertSqlSafe(format!("EXPLAIN (COSTS OFF) EXECUTE p_{name} ({nulls})"));
        let rows = sqlx::raw_sql(explain).fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0).trim().to_owned()).collect();
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{name} walks a table: {plan:#?}");
        // The head's table has one row for each log.
        let conditions =
            plan.windows(2).filter(|steps| steps[1].starts_with("Index Cond") && !steps[0].contains("log_head"));
        let conditions: Vec<_> = conditions.map(|steps| &steps[1]).collect();
        assert!(!conditions.is_empty(), "{name} searches nothing: {plan:#?}");
        assert!(conditions.iter().all(|step| step.contains(" AND ")), "{name} walks the whole log: {plan:#?}");
    }
}

/// The planner's worst mood: it believes that whatever comes in order comes cheaply, and that a limit ends it soon. Streams were once
/// looked for along the whole log.
#[tokio::test]
async fn on_postgresql_streams_are_searched_by_name_whatever_the_planner_believes() {
    let home = Home::new(Engine::Postgres).await;
    let mut connection = postgres::connect(&home.url).await;
    let folder = folder().join("postgres");
    for setting in ["enable_sort", "enable_bitmapscan", "enable_seqscan"] {
        postgres::run_sql(&mut connection, &format!("SET {setting} = off")).await;
    }
    postgres::run_sql(&mut connection, "SET plan_cache_mode = force_generic_plan").await;
    for name in ["read_streams", "read_claimed_streams"] {
        let sql = std::fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap();
        let parameters = (1..9).filter(|number| sql.contains(&format!("${number}"))).count();
        postgres::run_sql(&mut connection, &format!("PREPARE w_{name} AS {sql}")).await;
        let nulls = vec!["NULL"; parameters].join(", ");
        let explain = AssertSqlSafe(format!("EXPLAIN (COSTS OFF) EXECUTE w_{name} ({nulls})"));
        let rows = sqlx::raw_sql(explain).fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
        let searches = plan.iter().filter(|step| step.contains("Index Cond") && step.contains("stream_id ="));
        assert!(searches.count() == 1, "{name} walks the log: {plan:#?}");
    }
}
