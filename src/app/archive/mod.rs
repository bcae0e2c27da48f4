//! A whole log out of the store and into it: archives (all that is kept) and lines (the events alone). Knows no engine.

pub mod backup;
mod cells;
mod check;
mod claims;
mod container;
pub mod export;
pub mod import_log;
mod lines;
pub mod restore;

pub use container::{Closing, FORMAT_VERSION};

use crate::store::StoreError;

/// Why an archive or a list of lines was not written or not taken. `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is not an archive of ours, or no longer what was written.
    #[error("the file cannot be used: {0}; nothing was recorded")]
    Archive(String),
    /// The log that is to be copied contradicts itself.
    #[error("the log is damaged at position {position}: {problem}; `chitra verify` says more")]
    Damaged { position: u64, problem: &'static str },
    /// A line that is not an event, or not the next one.
    #[error("line {line}: {problem}; nothing was recorded")]
    Line { line: u64, problem: String },
    /// What is filled must be empty.
    #[error(
        "the database already holds {table}: a log can only go into a database that is empty; name another one with --database"
    )]
    NotEmpty { table: String },
    #[error("the archive is of log {found}, and this program keeps log {expected}")]
    OtherLog { found: i32, expected: i32 },
    #[error("the digest of these events is {found}, not {expected}; nothing was recorded")]
    Digest { found: String, expected: String },
}

/// An error of the store while it is filled: what it refuses to record is the file's fault.
fn of_file(error: StoreError) -> ArchiveError {
    match error {
        StoreError::Rejected(problem) | StoreError::Corrupt(problem) => ArchiveError::Archive(problem),
        unavailable @ StoreError::Unavailable(_) => unavailable.into(),
    }
}
