//! An import of one office file, as stored in stream `import-<id>`: what was begun, how it ended, whether it was reversed.

use crate::domain::ids::ImportId;
use serde::{Deserialize, Serialize};

/// What kind of rows a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    Payments,
    Outcomes,
    Beneficiaries,
    /// Results of matching with the population database.
    Identity,
}

impl ImportKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Payments, Self::Outcomes, Self::Beneficiaries, Self::Identity];

    /// The columns that a file of the kind may have beside the profile's identifiers.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Payments => &[
                "payment_reference",
                "benefit_type",
                "benefit_months",
                "cycle",
                "amount",
                "unit",
                "channel",
                "agent",
                "bank",
                "account",
                "due_on",
                "kind",
            ],
            Self::Outcomes => &["payment_reference", "end_to_end_id", "status", "date", "amount", "reason"],
            Self::Beneficiaries => &[
                "name",
                "sex",
                "birth_year",
                "unit",
                "channel",
                "bank",
                "account",
                "effective_month",
                "payee",
                "home_ground",
                "authorised_name",
                "authorised_id",
                "authorised_certified",
                "authorised_from",
                "authorised_to",
            ],
            Self::Identity => {
                &["status", "fields", "duplicate_of", "excluded_reason", "source", "checked_on", "request_ref"]
            }
        }
    }

    /// Whether its rows name people.
    #[must_use]
    pub const fn names_people(self) -> bool {
        matches!(self, Self::Payments | Self::Beneficiaries | Self::Identity)
    }
}

/// Whether one bad row stops the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Any error ends the import with nothing recorded.
    All,
    /// Good rows are recorded, bad rows reported.
    ValidRows,
}

/// One event of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportEvent {
    Started(ImportStarted),
    Completed(ImportCompleted),
    Reversed(ImportReversed),
}

/// Pass 2 begins. `started_at` and `seed` make every id of the import repeatable, so that a resume repeats them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportStarted {
    pub import_id: ImportId,
    pub kind: ImportKind,
    pub mode: ImportMode,
    /// SHA-256 of the file's bytes, in hex.
    pub file_digest: String,
    pub rows: u64,
    /// Sum of the valid rows' amounts in minor units (payments only).
    pub control_sum_minor: Option<i64>,
    pub started_at_us: i64,
    pub seed: u64,
}

/// Pass 2 ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCompleted {
    pub recorded_rows: u64,
    /// Rows that changed nothing because what they say was recorded already.
    pub unchanged_rows: u64,
    pub refused_rows: u64,
    pub recorded_sum_minor: Option<i64>,
    /// With mode `all`: the log moved between the passes and the import's own events were reversed.
    pub reversed: bool,
}

/// The import's own events were reversed, as far as each payment's state allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReversed {
    pub reason: String,
    pub cancelled_payments: u64,
    pub kept_payments: u64,
}
