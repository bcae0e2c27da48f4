//! Office files into the log. Pass 1 checks every row against the log and the other rows and records nothing; pass 2 appends bounded
//! chunks between `ImportStarted` and `ImportCompleted`, with ids that a resume repeats.

pub mod answers;
pub mod authorised;
pub mod beneficiaries;
pub mod chunks;
pub mod duplicates;
pub mod identity;
pub mod ids;
pub mod kept;
pub mod known;
pub mod outcomes;
pub mod parse;
pub mod payments;
pub mod record;
pub mod report;
pub mod reverse;
pub mod row_set;
pub mod run;
pub mod source;
pub mod verdict;

use crate::app::access::Principal;
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportKind, ImportMode};
use crate::store::RequestKey;

pub use report::{ImportReport, ImportStatus};
pub use run::ImportAnswer;
pub use source::Source;

/// What is asked of an import.
#[derive(Debug, Clone)]
pub struct ImportOrder {
    pub principal: Principal,
    pub kind: ImportKind,
    pub mode: ImportMode,
    /// Check only, record nothing.
    pub dry_run: bool,
    pub control_count: Option<u64>,
    /// In minor units.
    pub control_sum_minor: Option<i64>,
    /// The idempotency key; an import from the command line is its file.
    pub request: Option<RequestKey>,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Pass 1: so many rows checked.
    Checking { rows: u64 },
    /// Pass 2: so many rows done, of all.
    Recording { rows: u64, of: u64 },
}

/// Told of the progress, from time to time.
pub type OnProgress<'a> = &'a (dyn Fn(Stage) + Send + Sync);

/// The name of an import's stream.
#[must_use]
pub fn import_stream(id: ImportId) -> String {
    format!("import-{id}")
}

/// The import that a stream's name names.
#[must_use]
pub fn import_of_stream(stream: &str) -> Option<ImportId> {
    ImportId::parse(stream.strip_prefix("import-")?).ok()
}

/// The word for a kind.
#[must_use]
pub const fn kind_word(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Payments => "payments",
        ImportKind::Outcomes => "outcomes",
        ImportKind::Beneficiaries => "beneficiaries",
        ImportKind::Identity => "identity",
    }
}

/// Reads the word.
#[must_use]
pub fn kind_of_word(word: &str) -> Option<ImportKind> {
    ImportKind::ALL.into_iter().find(|kind| kind_word(*kind) == word)
}
