//! What lets a log be a shard: every table is keyed, and every unique key begins with `log_id` (docs/scaling.md).

use crate::support::engine::{Engine, Home};
use crate::support::postgres;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row};

/// Of the library that runs migrations, and of SQLite's ANALYZE: the same for all logs of a database.
const OF_NO_LOG: &[&str] = &["_sqlx_migrations", "sqlite_stat1", "sqlite_stat4"];

/// Tables with the columns of each of their unique keys, as `table|first,second,...`; `table|` is a table without a key.
const OF_SQLITE: &str = "
SELECT m.name || '|' || coalesce((
    SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name, '{schema}') ORDER BY seqno)
), '') AS one
FROM {schema}.sqlite_schema AS m
LEFT JOIN pragma_index_list(m.name, '{schema}') AS l ON l.\"unique\" = 1
WHERE m.type = 'table'
UNION ALL
SELECT m.name || '|' || c.name FROM {schema}.sqlite_schema AS m
JOIN pragma_table_info(m.name, '{schema}') AS c ON c.pk = 1
WHERE m.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name, '{schema}') AS l WHERE l.origin = 'pk')";

const OF_POSTGRES: &str = "
SELECT t.relname || '|' || coalesce((
    SELECT string_agg(a.attname, ',' ORDER BY k.place)
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number
), '') AS one
FROM pg_class AS t
JOIN pg_namespace AS n ON n.oid = t.relnamespace
LEFT JOIN pg_index AS i ON i.indrelid = t.oid AND i.indisunique
WHERE t.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";

async fn keys(home: &Home) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if home.database.is_some() {
        let mut connection = postgres::connect(&home.url).await;
        let rows = sqlx::raw_sql(AssertSqlSafe(OF_POSTGRES)).fetch_all(&mut connection).await.unwrap();
        found.extend(rows.iter().map(|row| row.get::<String, _>("one")));
    } else {
        let path = home.url.trim_start_matches("sqlite:");
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("ATTACH '{path}-views' AS views"))).execute(&mut connection).await.unwrap();
        for schema in ["main", "views"] {
            let sql = AssertSqlSafe(OF_SQLITE.replace("{schema}", schema));
            let rows = sqlx::raw_sql(sql).fetch_all(&mut connection).await.unwrap();
            found.extend(rows.iter().map(|row| row.get::<String, _>("one")));
        }
    }
    found.retain(|one| !OF_NO_LOG.iter().any(|name| one.starts_with(&format!("{name}|"))));
    // SQLite has no index for a key that is one whole number.
    let keyed: Vec<String> = found.iter().filter(|one| !one.ends_with('|')).cloned().collect();
    found.retain(|one| !one.ends_with('|') || !keyed.iter().any(|key| key.starts_with(one.as_str())));
    found
}

/// Those that would stand in the way of keeping each log on a server of its own.
fn in_the_way(keys: &[String]) -> Vec<&str> {
    let leads =
        |key: &&String| key.split_once('|').is_some_and(|(_, columns)| columns.split(',').next() == Some("log_id"));
    keys.iter().filter(|key| !leads(key)).map(String::as_str).collect()
}

async fn every_unique_key_begins_with_the_log(engine: Engine) {
    let home = Home::new(engine).await;
    let found = keys(&home).await;
    assert!(found.len() > 40, "{} keys: {found:?}", found.len());
    assert_eq!(in_the_way(&found), Vec::<&str>::new());
    // What a migration could bring is found: a key of its own, one that has the log last, and a table without any.
    home.execute("CREATE TABLE odd_alone (id BIGINT PRIMARY KEY, log_id BIGINT NOT NULL)").await;
    home.execute("CREATE TABLE odd_last (log_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (id, log_id))").await;
    home.execute("CREATE TABLE odd_bare (log_id BIGINT NOT NULL)").await;
    home.execute("CREATE TABLE odd_more (log_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (log_id, id))").await;
    home.execute("CREATE UNIQUE INDEX odd_index ON odd_more (id)").await;
    let found = keys(&home).await;
    let mut odd = in_the_way(&found);
    odd.sort_unstable();
    assert_eq!(odd, ["odd_alone|id", "odd_bare|", "odd_last|id,log_id", "odd_more|id"]);
}

#[tokio::test]
async fn on_sqlite_every_unique_key_begins_with_the_log() {
    every_unique_key_begins_with_the_log(Engine::SqliteFile).await;
}

#[tokio::test]
async fn on_postgresql_every_unique_key_begins_with_the_log() {
    every_unique_key_begins_with_the_log(Engine::Postgres).await;
}

/// What only one server could hand out, or what would run beside the statements that a reader sees.
#[test]
fn no_migration_makes_a_sequence_a_trigger_or_a_key_to_another_table() {
    let folder = format!("{}/migrations", env!("CARGO_MANIFEST_DIR"));
    let mut read = 0;
    for engine in ["sqlite", "postgres"] {
        for file in std::fs::read_dir(format!("{folder}/{engine}")).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().map(|line| line.split("--").next().unwrap_or("")).collect::<Vec<_>>().join(" ");
            let words: Vec<_> = code.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_uppercase).collect();
            for word in ["SERIAL", "BIGSERIAL", "SEQUENCE", "AUTOINCREMENT", "TRIGGER", "REFERENCES", "IDENTITY"] {
                assert!(!words.iter().any(|one| one == word), "{} has {word}", path.display());
            }
            read += 1;
        }
    }
    assert!(read >= 48);
}
