//! Where a SQLite database is, how its connections are set, and the lock that keeps a second writing process out.

use super::{fault, wal};
use crate::store::migrations::Part;
use crate::store::{OpenError, StoreError, migrations};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another process, such as one that changes keys beside a server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Kibibytes (negative, as SQLite wants them) of pages that one connection keeps: memory stays flat whatever the log's size.
const WRITER_CACHE: &str = "-32000";
const READER_CACHE: &str = "-4000";
/// Bytes of the file that a reading connection maps: each commit makes SQLite forget its cached pages, and mapped ones are not copied
/// again. Bounded, since mapped pages count as the process's memory.
const READER_MAPPED: &str = "33554432";
/// Bytes of a page, fixed when the database is created: an event of 2 kB still lies in its page of the log's tree. With SQLite's 4096 it
/// would take an overflow page of its own from 1 kB on, and a bulk import runs at a third of the speed (measured).
const PAGE_BYTES: u32 = 8192;
/// Pages in the WAL at which a commit moves them into the database: large, since each move syncs twice.
const CHECKPOINT_PAGES: &str = "8000";
/// The WAL is cut back to this many bytes after a long reader let it grow.
const WAL_BYTES_KEPT: &str = "67108864";
/// Rows that a connection's thread finds ahead of whoever reads them.
const ROWS_BUFFERED: usize = 256;
/// Statements kept prepared by one connection.
const STATEMENTS_KEPT: usize = 160;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    File(PathBuf),
    /// Gone when the store is closed.
    Memory,
}

impl Location {
    /// Reads `sqlite:PATH`, `sqlite://PATH` or `sqlite::memory:`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let unknown = || OpenError::UnknownScheme { scheme: url.split(':').next().unwrap_or_default().to_owned() };
        let rest = url.strip_prefix("sqlite:").ok_or_else(unknown)?;
        match rest.strip_prefix("//").unwrap_or(rest) {
            "" => Err(unknown()),
            ":memory:" => Ok(Self::Memory),
            path => Ok(Self::File(path.into())),
        }
    }
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        // What a statement keeps aside goes to no file.
        .pragma("temp_store", "MEMORY")
        .statement_cache_capacity(STATEMENTS_KEPT)
        // A batch is one statement of a hundred kilobytes: nothing for a log file.
        .disable_statement_logging()
}

/// Settings of the one connection that writes to a file.
pub(super) fn writing(path: &Path, synchronous: SqliteSynchronous) -> SqliteConnectOptions {
    common(path)
        .page_size(PAGE_BYTES)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("cache_size", WRITER_CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", WAL_BYTES_KEPT)
        .row_buffer_size(ROWS_BUFFERED)
}

/// Settings of connections that read. They may be the first ones to look at a WAL, which takes the right to write files.
pub(super) fn reading(path: &Path) -> SqliteConnectOptions {
    common(path)
        .pragma("query_only", "ON")
        .pragma("cache_size", READER_CACHE)
        .pragma("mmap_size", READER_MAPPED)
        .row_buffer_size(ROWS_BUFFERED)
}

/// The file of the projections' tables, beside the log's. A file of its own: its writes share neither the lock nor the WAL of the
/// appends, and whatever becomes of it can be built again from the log.
pub(super) fn views_path(database: &Path) -> PathBuf {
    beside(database, "-views")
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

/// Creates the database's files if there are none, and brings them up to this program's schema.
pub(crate) async fn migrate_file(path: &Path) -> Result<(), OpenError> {
    let _lock = WriterLock::take(path, "chitra migrate")?;
    for (part, path) in [(Part::Log, path.to_owned()), (Part::Views, views_path(path))] {
        let options = writing(&path, SqliteSynchronous::Full).create_if_missing(true);
        let mut connection = options.connect().await.map_err(|e| fault(&e))?;
        wal::settle(&mut connection, &path).await?;
        migrations::apply(part, &mut connection).await?;
        connection.close().await.map_err(|e| fault(&e))?;
    }
    Ok(())
}

/// Makes durable what a server that died has left in the WALs, unless another one runs and has done so. For those who come beside a
/// server: they recover like everybody, and the last to close moves what it saw into the database.
pub(super) async fn settle_without_server(path: &Path) -> Result<(), OpenError> {
    let files = [path.to_owned(), views_path(path)];
    if !files.iter().any(|file| wal::is_left(file)) {
        return Ok(());
    }
    let _lock = match WriterLock::take(path, "a command that recovers the database") {
        Ok(lock) => lock,
        Err(OpenError::HeldBy { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    for file in files {
        let mut connection = writing(&file, SqliteSynchronous::Full).connect().await.map_err(|e| fault(&e))?;
        wal::settle(&mut connection, &file).await?;
        connection.close().await.map_err(|e| fault(&e))?;
    }
    Ok(())
}

/// The right to append and to run projections, held by one process. The operating system gives it back when the process ends,
/// however it ends.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Not by closing alone: a child that was begun at this moment, and has not become its program yet, has the file open too.
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the right to write was not given back before its file was closed");
        }
    }
}

impl WriterLock {
    /// Takes the right, or tells who has it.
    pub fn take(database: &Path, holder: &str) -> Result<Self, OpenError> {
        let path = lock_path(database);
        let failed = |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::HeldBy { holder: holder_of(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(failed(error).into()),
        }
        file.set_len(0).map_err(failed)?;
        write!(file, "{holder} (process {})", std::process::id()).map_err(failed)?;
        Ok(Self { file })
    }
}

fn holder_of(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(1024).read_to_string(&mut text));
    if read.is_err() || text.is_empty() { "another process".to_owned() } else { text }
}

/// Beside the database itself, whichever link it was opened through.
fn lock_path(database: &Path) -> PathBuf {
    beside(&std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()), ".lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_memory_are_read_from_the_url() {
        assert_eq!(Location::parse("sqlite:data/chitra.sqlite"), Ok(Location::File("data/chitra.sqlite".into())));
        assert_eq!(Location::parse("sqlite:///var/chitra.sqlite"), Ok(Location::File("/var/chitra.sqlite".into())));
        assert_eq!(Location::parse("sqlite::memory:"), Ok(Location::Memory));
    }

    #[test]
    fn an_unknown_scheme_is_named_without_the_rest_of_the_url() {
        let refusal = Location::parse("mysql://user:secret@host/db").unwrap_err();
        assert_eq!(refusal, OpenError::UnknownScheme { scheme: "mysql".to_owned() });
        assert!(!refusal.to_string().contains("secret"));
    }

    #[test]
    fn a_url_without_a_path_is_refused() {
        assert!(Location::parse("sqlite:").is_err());
        assert!(Location::parse("sqlite://").is_err());
    }

    #[test]
    fn the_second_to_take_the_lock_is_told_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.sqlite");
        let _first = WriterLock::take(&database, "chitra serve").unwrap();
        let Err(OpenError::HeldBy { holder }) = WriterLock::take(&database, "chitra import") else {
            panic!("the lock was given twice");
        };
        assert!(holder.starts_with("chitra serve (process "), "{holder}");
    }

    #[test]
    fn a_lock_that_was_given_back_can_be_taken() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.sqlite");
        drop(WriterLock::take(&database, "chitra serve").unwrap());
        assert!(WriterLock::take(&database, "chitra import").is_ok());
    }
}
