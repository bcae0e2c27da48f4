//! What SQLite recovered from a WAL is written again and synced before anything builds on it: it may be in the kernel's memory alone.
//!
//! A process whose sync fails answers with a failure and dies. The kernel counts the pages of a failed sync as clean: whoever reads the
//! WAL next finds a whole commit, and no later sync brings it to the disk. What is committed behind it is lost with the next power cut,
//! because a WAL ends where its chain of checksums breaks. Written again, the pages are dirty, and a sync is a sync. In a process that
//! lives on nothing of the kind can happen: SQLite writes the next commit over the frames of the failed one.

use super::fault;
use crate::store::StoreError;
use sqlx::{Row, SqliteConnection};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Layout of the file: <https://sqlite.org/fileformat2.html#the_write_ahead_log>.
const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const MAGIC_LITTLE_ENDIAN: u32 = 0x377f_0682;
const MAGIC_BIG_ENDIAN: u32 = 0x377f_0683;
const PAGE_BYTES_MAX: usize = 65_536;

/// The WAL of a database: beside the file itself, whichever link that is opened through.
fn path_of(database: &Path) -> PathBuf {
    let mut name = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()).into_os_string();
    name.push("-wal");
    name.into()
}

/// Whether there is something that a recovery could have found.
pub(super) fn is_left(database: &Path) -> bool {
    std::fs::metadata(path_of(database)).is_ok_and(|file| file.len() > HEADER_BYTES as u64)
}

/// Makes durable whatever the connection sees in the WAL. Until this has succeeded nothing may be written through it.
pub(super) async fn settle(connection: &mut SqliteConnection, database: &Path) -> Result<(), StoreError> {
    if !is_left(database) {
        return Ok(());
    }
    // This recovers, if nobody did so before.
    let seen = sqlx::query(include_str!("../sql/wal_frames.sql")).fetch_one(&mut *connection).await;
    let frames: i64 = seen.and_then(|row| row.try_get(1)).map_err(|e| fault(&e))?;
    if frames <= 0 {
        return Ok(());
    }
    // Nobody else writes meanwhile.
    sqlx::query(include_str!("../sql/begin.sql")).execute(&mut *connection).await.map_err(|e| fault(&e))?;
    let path = path_of(database);
    let written = tokio::task::spawn_blocking(move || write_again(&path, frames)).await;
    sqlx::query(include_str!("../sql/roll_back.sql")).execute(&mut *connection).await.map_err(|e| fault(&e))?;
    let failed = |error: io::Error| {
        StoreError::Unavailable(format!(
            "what is in the write-ahead log of {} cannot be made durable: {error}",
            database.display()
        ))
    };
    written.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(failed)
}

/// Writes the first frames again as they are, and syncs. Each must be the one that was recovered: a page that fell out of the kernel's
/// memory since comes back from the disk as it was before.
fn write_again(path: &Path, frames: i64) -> io::Result<()> {
    let changed = || io::Error::new(io::ErrorKind::InvalidData, "it is not on the disk as it was read before");
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut header = [0_u8; HEADER_BYTES];
    file.read_exact(&mut header)?;
    let chain = match word(&header, 0) {
        MAGIC_LITTLE_ENDIAN => Checksum { of: u32::from_le_bytes, sums: (0, 0) },
        MAGIC_BIG_ENDIAN => Checksum { of: u32::from_be_bytes, sums: (0, 0) },
        _ => return Err(changed()),
    };
    let page_bytes = usize::try_from(word(&header, 8)).unwrap_or(usize::MAX);
    let mut chain = chain.over(&header[..24]);
    if page_bytes > PAGE_BYTES_MAX || !chain.is(&header[24..]) {
        return Err(changed());
    }
    put_back(&mut file, &header)?;
    let mut frame = vec![0_u8; FRAME_HEADER_BYTES + page_bytes];
    for _ in 0..frames {
        file.read_exact(&mut frame)?;
        chain = chain.over(&frame[..8]).over(&frame[FRAME_HEADER_BYTES..]);
        if frame[8..16] != header[16..24] || !chain.is(&frame[16..24]) {
            return Err(changed());
        }
        put_back(&mut file, &frame)?;
    }
    file.sync_all()?;
    // Its name in the folder, too.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Writes what was read last where it was read.
fn put_back(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Current(-i64::try_from(bytes.len()).unwrap_or(0)))?;
    file.write_all(bytes)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The chain of checksums over a WAL.
#[derive(Clone, Copy)]
struct Checksum {
    of: fn([u8; 4]) -> u32,
    sums: (u32, u32),
}

impl Checksum {
    /// Over a whole number of pairs of words.
    fn over(mut self, bytes: &[u8]) -> Self {
        for pair in bytes.chunks_exact(8) {
            let (first, second) = ([pair[0], pair[1], pair[2], pair[3]], [pair[4], pair[5], pair[6], pair[7]]);
            self.sums.0 = self.sums.0.wrapping_add((self.of)(first)).wrapping_add(self.sums.1);
            self.sums.1 = self.sums.1.wrapping_add((self.of)(second)).wrapping_add(self.sums.0);
        }
        self
    }

    fn is(&self, stored: &[u8]) -> bool {
        (word(stored, 0), word(stored, 4)) == self.sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
    use sqlx::{ConnectOptions, Connection};

    /// A database whose WAL holds some commits, with a connection that keeps it so.
    async fn left_behind(folder: &Path) -> (PathBuf, SqliteConnection) {
        let path = folder.join("a.sqlite");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap();
        for sql in ["CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        (path, connection)
    }

    async fn frames(connection: &mut SqliteConnection) -> i64 {
        sqlx::query(include_str!("../sql/wal_frames.sql")).fetch_one(connection).await.unwrap().get(1)
    }

    #[tokio::test]
    async fn what_is_in_the_wal_is_written_again_as_it_is_and_the_database_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut connection) = left_behind(folder.path()).await;
        assert!(is_left(&path) && frames(&mut connection).await >= 4);
        let before = std::fs::read(path_of(&path)).unwrap();
        settle(&mut connection, &path).await.unwrap();
        assert_eq!(std::fs::read(path_of(&path)).unwrap(), before);
        sqlx::query("INSERT INTO t VALUES (3)").execute(&mut connection).await.unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT sum(n) FROM t").fetch_one(&mut connection).await.unwrap();
        assert_eq!(rows, 6);
    }

    #[tokio::test]
    async fn a_wal_that_is_no_longer_what_was_recovered_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut connection) = left_behind(folder.path()).await;
        let whole = std::fs::read(path_of(&path)).unwrap();
        let frames = frames(&mut connection).await;
        for at in [0, 9, 25, HEADER_BYTES + 2, HEADER_BYTES + 9, HEADER_BYTES + 17, HEADER_BYTES + 100, whole.len() - 1]
        {
            let mut changed = whole.clone();
            changed[at] ^= 0x40;
            std::fs::write(path_of(&path), changed).unwrap();
            assert!(write_again(&path_of(&path), frames).is_err(), "byte {at}");
        }
        std::fs::write(path_of(&path), &whole[..whole.len() - 1]).unwrap();
        assert!(write_again(&path_of(&path), frames).is_err(), "cut off");
        std::fs::write(path_of(&path), &whole).unwrap();
        write_again(&path_of(&path), frames).unwrap();
    }

    #[tokio::test]
    async fn a_database_that_was_closed_has_nothing_to_settle() {
        let folder = tempfile::tempdir().unwrap();
        let (path, connection) = left_behind(folder.path()).await;
        connection.close().await.unwrap();
        assert!(!is_left(&path));
        let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        settle(&mut connection, &path).await.unwrap();
    }
}
