//! The migrations of each engine, embedded in the program: applying them, and telling whether a database has had them all.

use super::sqlite::{Location, fault};
use super::{OpenError, StoreError};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Row, SqlSafeStr, SqliteConnection};

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
];

/// Applies the migrations that a database has not had yet; creates the database when there is none.
/// Refused while another process writes to it.
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    match Location::parse(url)? {
        Location::Memory => Ok(()),
        Location::File(path) => super::sqlite::migrate_file(&path).await,
    }
}

fn migrator(part: Part) -> Migrator {
    let own = SQLITE.iter().filter(|(_, _, of, _)| *of == part);
    let migration = |(version, name, _, sql): &(i64, &'static str, Part, &'static str)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    };
    Migrator::with_migrations(own.map(migration).collect())
}

/// Applies to an open file.
pub(super) async fn apply(part: Part, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    migrator(part).run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => OpenError::NewerSchema { found, known: latest() },
        MigrateError::VersionMismatch(version) => OpenError::ForeignMigration { version },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => fault(&error).into(),
        other => StoreError::Rejected(other.to_string()).into(),
    })
}

fn latest() -> i64 {
    SQLITE.last().map_or(0, |(version, ..)| *version)
}

/// Checks that a file has had all of this program's migrations, as this program knows them, and no later ones.
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
    fn the_numbers_of_the_migrations_have_no_gaps() {
        let versions: Vec<i64> = SQLITE.iter().map(|(version, ..)| *version).collect();
        assert_eq!(versions, (1..=latest()).collect::<Vec<_>>());
    }
}
