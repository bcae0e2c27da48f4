//! The migrations of each engine, embedded in the program: applying them, and telling whether a database has had them all.

use super::sqlite::{Location, fault};
use super::{OpenError, StoreError, postgres};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, Row, SqlSafeStr, SqliteConnection};

/// The two files of a SQLite database: what was promised to somebody, and what can be built again from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Log,
    Views,
}

/// Number, name, file and text of each migration for SQLite, in their order. Those of another engine have the same numbers and names.
const SQLITE: &[(i64, &str, Part, &str)] = &[
    (1, "log", Part::Log, include_str!("../../migrations/sqlite/0001_log.sql")),
    (2, "views", Part::Views, include_str!("../../migrations/sqlite/0002_views.sql")),
    (3, "import_reports", Part::Log, include_str!("../../migrations/sqlite/0003_import_reports.sql")),
    (4, "report_events", Part::Log, include_str!("../../migrations/sqlite/0004_report_events.sql")),
    (5, "report_views", Part::Views, include_str!("../../migrations/sqlite/0005_report_views.sql")),
    (6, "checkpoints", Part::Log, include_str!("../../migrations/sqlite/0006_checkpoints.sql")),
    (7, "tree", Part::Views, include_str!("../../migrations/sqlite/0007_tree.sql")),
    (8, "worklist", Part::Views, include_str!("../../migrations/sqlite/0008_worklist.sql")),
    (9, "desks", Part::Views, include_str!("../../migrations/sqlite/0009_desks.sql")),
    (10, "lists", Part::Views, include_str!("../../migrations/sqlite/0010_lists.sql")),
    (11, "people", Part::Views, include_str!("../../migrations/sqlite/0011_people.sql")),
    (12, "oversight", Part::Views, include_str!("../../migrations/sqlite/0012_oversight.sql")),
    (13, "lists_and_desks", Part::Views, include_str!("../../migrations/sqlite/0013_lists_and_desks.sql")),
    (14, "inbox", Part::Views, include_str!("../../migrations/sqlite/0014_inbox.sql")),
    (15, "kinds", Part::Views, include_str!("../../migrations/sqlite/0015_kinds.sql")),
    (16, "identity", Part::Views, include_str!("../../migrations/sqlite/0016_identity.sql")),
    (17, "contradicted", Part::Views, include_str!("../../migrations/sqlite/0017_contradicted.sql")),
    (18, "first_attempts", Part::Views, include_str!("../../migrations/sqlite/0018_first_attempts.sql")),
    (19, "statements", Part::Views, include_str!("../../migrations/sqlite/0019_statements.sql")),
    (20, "webhooks", Part::Log, include_str!("../../migrations/sqlite/0020_webhooks.sql")),
    (21, "cited_figures", Part::Views, include_str!("../../migrations/sqlite/0021_cited_figures.sql")),
    (22, "figure_cycles", Part::Views, include_str!("../../migrations/sqlite/0022_figure_cycles.sql")),
    (23, "payment_changes", Part::Views, include_str!("../../migrations/sqlite/0023_payment_changes.sql")),
    (24, "sessions", Part::Log, include_str!("../../migrations/sqlite/0024_sessions.sql")),
    (25, "vault_pieces", Part::Log, include_str!("../../migrations/sqlite/0025_vault_pieces.sql")),
    (26, "key_life", Part::Log, include_str!("../../migrations/sqlite/0026_key_life.sql")),
    (27, "audit_notes", Part::Log, include_str!("../../migrations/sqlite/0027_audit_notes.sql")),
    (28, "audit_entries", Part::Views, include_str!("../../migrations/sqlite/0028_audit_entries.sql")),
    (29, "approvals", Part::Views, include_str!("../../migrations/sqlite/0029_approvals.sql")),
];

/// Number, name and text of each migration for PostgreSQL.
const POSTGRES: &[(i64, &str, &str)] = &[
    (1, "log", include_str!("../../migrations/postgres/0001_log.sql")),
    (2, "views", include_str!("../../migrations/postgres/0002_views.sql")),
    (3, "import_reports", include_str!("../../migrations/postgres/0003_import_reports.sql")),
    (4, "report_events", include_str!("../../migrations/postgres/0004_report_events.sql")),
    (5, "report_views", include_str!("../../migrations/postgres/0005_report_views.sql")),
    (6, "checkpoints", include_str!("../../migrations/postgres/0006_checkpoints.sql")),
    (7, "tree", include_str!("../../migrations/postgres/0007_tree.sql")),
    (8, "worklist", include_str!("../../migrations/postgres/0008_worklist.sql")),
    (9, "desks", include_str!("../../migrations/postgres/0009_desks.sql")),
    (10, "lists", include_str!("../../migrations/postgres/0010_lists.sql")),
    (11, "people", include_str!("../../migrations/postgres/0011_people.sql")),
    (12, "oversight", include_str!("../../migrations/postgres/0012_oversight.sql")),
    (13, "lists_and_desks", include_str!("../../migrations/postgres/0013_lists_and_desks.sql")),
    (14, "inbox", include_str!("../../migrations/postgres/0014_inbox.sql")),
    (15, "kinds", include_str!("../../migrations/postgres/0015_kinds.sql")),
    (16, "identity", include_str!("../../migrations/postgres/0016_identity.sql")),
    (17, "contradicted", include_str!("../../migrations/postgres/0017_contradicted.sql")),
    (18, "first_attempts", include_str!("../../migrations/postgres/0018_first_attempts.sql")),
    (19, "statements", include_str!("../../migrations/postgres/0019_statements.sql")),
    (20, "webhooks", include_str!("../../migrations/postgres/0020_webhooks.sql")),
    (21, "cited_figures", include_str!("../../migrations/postgres/0021_cited_figures.sql")),
    (22, "figure_cycles", include_str!("../../migrations/postgres/0022_figure_cycles.sql")),
    (23, "payment_changes", include_str!("../../migrations/postgres/0023_payment_changes.sql")),
    (24, "sessions", include_str!("../../migrations/postgres/0024_sessions.sql")),
    (25, "vault_pieces", include_str!("../../migrations/postgres/0025_vault_pieces.sql")),
    (26, "key_life", include_str!("../../migrations/postgres/0026_key_life.sql")),
    (27, "audit_notes", include_str!("../../migrations/postgres/0027_audit_notes.sql")),
    (28, "audit_entries", include_str!("../../migrations/postgres/0028_audit_entries.sql")),
    (29, "approvals", include_str!("../../migrations/postgres/0029_approvals.sql")),
];

/// Applies the migrations that a database has not had yet. Creates a SQLite database when there is none, and is refused while another
/// process writes to it.
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    if postgres::is_url(url) {
        return postgres::migrate(url).await;
    }
    match Location::parse(url)? {
        Location::Memory => Ok(()),
        Location::File(path) => super::sqlite::migrate_file(&path).await,
    }
}

/// Whether a database was never migrated: there is none, or it has nothing of ours.
pub async fn is_fresh(url: &str) -> Result<bool, OpenError> {
    if postgres::is_url(url) {
        return postgres::is_fresh(url).await;
    }
    match Location::parse(url)? {
        Location::Memory => Ok(false),
        Location::File(path) => Ok(!path.exists()),
    }
}

fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

fn migrator(part: Part) -> Migrator {
    let own = SQLITE.iter().filter(|(_, _, of, _)| *of == part);
    Migrator::with_migrations(own.map(|(version, name, _, sql)| migration(*version, name, sql)).collect())
}

fn postgres_migrator() -> Migrator {
    Migrator::with_migrations(POSTGRES.iter().map(|(version, name, sql)| migration(*version, name, sql)).collect())
}

/// Applies to an open file of SQLite's.
pub(super) async fn apply(part: Part, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    migrator(part).run_direct(None, connection, false).await.map_err(|error| refusal(error, fault))
}

/// Applies to an open PostgreSQL database, under its own lock: two that migrate at once do it one after the other.
pub(super) async fn apply_postgres(connection: &mut PgConnection) -> Result<(), OpenError> {
    postgres_migrator().run_direct(None, connection, false).await.map_err(|error| refusal(error, postgres::fault))
}

fn refusal(error: MigrateError, fault: fn(&sqlx::Error) -> StoreError) -> OpenError {
    match error {
        MigrateError::VersionMissing(found) => OpenError::NewerSchema { found, known: latest() },
        MigrateError::VersionMismatch(version) => OpenError::ForeignMigration { version },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => fault(&error).into(),
        other => StoreError::Rejected(other.to_string()).into(),
    }
}

fn latest() -> i64 {
    SQLITE.last().map_or(0, |(version, ..)| *version)
}

/// Checks that a file of SQLite's has had all of this program's migrations, as this program knows them, and no later ones.
pub(super) async fn check(part: Part, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let tables = sqlx::query(include_str!("sql/migration_table.sql"))
        .fetch_all(&mut *connection)
        .await
        .map_err(|e| fault(&e))?;
    if tables.is_empty() {
        return Err(OpenError::NotMigrated);
    }
    let rows =
        sqlx::query(include_str!("sql/applied_migrations.sql")).fetch_all(connection).await.map_err(|e| fault(&e))?;
    let mut applied = Vec::with_capacity(rows.len());
    for row in &rows {
        let version: i64 = row.try_get(0).map_err(|e| fault(&e))?;
        let checksum: Vec<u8> = row.try_get(1).map_err(|e| fault(&e))?;
        applied.push((version, checksum));
    }
    compare(&applied, &migrator(part))
}

/// Whether a PostgreSQL database had any migration.
pub(super) async fn was_migrated(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let table = sqlx::query(include_str!("sql/postgres/migration_table.sql"));
    let found = table.fetch_optional(connection).await.map_err(|error| postgres::fault(&error))?;
    Ok(found.is_some())
}

/// The same of a PostgreSQL database.
pub(super) async fn check_postgres(connection: &mut PgConnection) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| postgres::fault(&error);
    if !was_migrated(connection).await? {
        return Err(OpenError::NotMigrated);
    }
    let applied = sqlx::query_as(include_str!("sql/applied_migrations.sql"));
    let applied: Vec<(i64, Vec<u8>)> = applied.fetch_all(connection).await.map_err(failed)?;
    compare(&applied, &postgres_migrator())
}

fn compare(applied: &[(i64, Vec<u8>)], known: &Migrator) -> Result<(), OpenError> {
    let newest = applied.iter().map(|(version, _)| *version).max().unwrap_or(0);
    if newest > latest() {
        return Err(OpenError::NewerSchema { found: newest, known: latest() });
    }
    for migration in known.iter() {
        match applied.iter().find(|(version, _)| *version == migration.version) {
            None => return Err(OpenError::NotMigrated),
            Some((version, checksum)) if checksum.as_slice() != migration.checksum.as_ref() => {
                return Err(OpenError::ForeignMigration { version: *version });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied() -> Vec<(i64, Vec<u8>)> {
        migrator(Part::Log).iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect()
    }

    #[test]
    fn a_database_with_all_migrations_is_taken() {
        assert_eq!(compare(&applied(), &migrator(Part::Log)), Ok(()));
    }

    #[test]
    fn a_database_without_one_of_them_is_not_migrated() {
        let mut applied = applied();
        applied.pop();
        assert_eq!(compare(&applied, &migrator(Part::Log)), Err(OpenError::NotMigrated));
    }

    #[test]
    fn a_database_with_a_later_one_is_refused() {
        let mut applied = applied();
        applied.push((latest() + 1, vec![0]));
        assert_eq!(
            compare(&applied, &migrator(Part::Log)),
            Err(OpenError::NewerSchema { found: latest() + 1, known: latest() })
        );
    }

    #[test]
    fn a_database_with_another_text_of_a_migration_is_refused() {
        let mut applied = applied();
        applied[0].1.push(0);
        assert_eq!(compare(&applied, &migrator(Part::Log)), Err(OpenError::ForeignMigration { version: 1 }));
    }

    #[test]
    fn the_numbers_of_the_migrations_have_no_gaps_and_are_the_same_on_each_engine() {
        let sqlite: Vec<_> = SQLITE.iter().map(|(version, name, ..)| (*version, *name)).collect();
        let postgres: Vec<_> = POSTGRES.iter().map(|(version, name, _)| (*version, *name)).collect();
        assert_eq!(sqlite, postgres);
        let versions: Vec<i64> = sqlite.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=latest()).collect::<Vec<_>>());
    }
}
