//! What a store can answer instead of a result: conflict, unavailable or corrupt. Never business rules.

/// The store itself failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot answer now; the same call may succeed later.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// What is stored contradicts itself.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// The call is wrong in itself; a defect of ours.
    #[error("the store refused the statement: {0}")]
    Rejected(String),
}

/// Why one append was refused. The others of its batch are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream is not where the writer expected it. `actual: None` means that there is no such stream.
    #[error("the stream {stream} is at {actual:?}")]
    WrongExpectedVersion { stream: String, actual: Option<u64> },
    /// Some of the event ids are in the stream already and some are not.
    #[error("the stream {stream} holds some of these events but not all")]
    CorruptedIdempotency { stream: String },
    /// Another stream holds a claim that this append would take.
    #[error("the claim {kind} is held by {stream}")]
    ClaimTaken { kind: &'static str, stream: String },
    /// The idempotency key was used before.
    #[error("the idempotency key was used before")]
    RequestRecorded(Box<super::RecordedRequest>),
    /// A stream that the append looked at has moved since.
    #[error("the stream {stream} is no longer where it was seen")]
    SeenMoved { stream: String },
    /// It follows an append that was refused.
    #[error("the append before it was refused")]
    BeforeRefused,
    /// Nothing to append and no request to record, a name or payload over its limit.
    #[error("the append is not valid: {0}")]
    Invalid(&'static str),
    /// The store itself failed; nothing of this append is recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No engine knows this kind of URL.
    #[error(
        "no engine for a database URL that begins with {scheme:?}; known are sqlite:PATH, sqlite::memory: and postgres://USER@HOST/DATABASE"
    )]
    UnknownScheme { scheme: String },
    /// The URL has a mistake. `reason` does not repeat the password.
    #[error(
        "the database URL cannot be used: {reason}; write postgres://USER@HOST/DATABASE, with ?sslmode=verify-full for a server elsewhere"
    )]
    BadUrl { reason: String },
    /// The server or the database is not one that this program can use.
    #[error("this PostgreSQL database cannot be used: {reason}")]
    UnfitServer { reason: String },
    /// The database is missing, empty, or older than this program.
    #[error("the database is not migrated; run `chitra migrate` first")]
    NotMigrated,
    /// A newer program has migrated the database.
    #[error("the database has schema version {found}, and this program knows no later one than {known}")]
    NewerSchema { found: i64, known: i64 },
    /// A migration that was applied is not the one this program knows by that number.
    #[error("the database was migrated with another text of migration {version}")]
    ForeignMigration { version: i64 },
    /// Another process appends to this log or runs its projections.
    #[error("the database is in use for writing by {holder}")]
    HeldBy { holder: String },
    /// The store itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
