//! Results of matching a person with the population database: what they are and which of them are taken. No number and no name.

use crate::domain::beneficiary::error::BeneficiaryRefusal;
use crate::domain::beneficiary::event::BeneficiaryEvent;
use crate::domain::beneficiary::state::Registered;
use crate::domain::ids::{BeneficiaryId, GroundCode, IdentityField};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What the population database says of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum IdentityResult {
    /// Asked, not answered yet.
    Pending,
    Verified,
    /// Found, with fields that differ.
    Mismatch {
        fields: Vec<IdentityField>,
    },
    NotFound,
    /// The same person as another beneficiary.
    Duplicate {
        of: BeneficiaryId,
    },
    /// Recorded there as dead; no report of a death by itself.
    DeceasedInPopulationDb,
    /// Not to be matched, for a ground of the profile.
    Excluded {
        reason: GroundCode,
    },
}

/// The result without what belongs to it: a word for SQL, filters and figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentityStatus {
    Pending,
    Verified,
    Mismatch,
    NotFound,
    Duplicate,
    DeceasedInPopulationDb,
    Excluded,
}

impl IdentityStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Verified,
        Self::Mismatch,
        Self::NotFound,
        Self::Duplicate,
        Self::DeceasedInPopulationDb,
        Self::Excluded,
    ];

    /// Those that somebody has to look into.
    pub const TO_LOOK_INTO: [Self; 4] = [Self::Mismatch, Self::NotFound, Self::Duplicate, Self::DeceasedInPopulationDb];

    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Mismatch => "mismatch",
            Self::NotFound => "not_found",
            Self::Duplicate => "duplicate",
            Self::DeceasedInPopulationDb => "deceased_in_population_db",
            Self::Excluded => "excluded",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl IdentityResult {
    /// The result's word.
    #[must_use]
    pub const fn status(&self) -> IdentityStatus {
        match self {
            Self::Pending => IdentityStatus::Pending,
            Self::Verified => IdentityStatus::Verified,
            Self::Mismatch { .. } => IdentityStatus::Mismatch,
            Self::NotFound => IdentityStatus::NotFound,
            Self::Duplicate { .. } => IdentityStatus::Duplicate,
            Self::DeceasedInPopulationDb => IdentityStatus::DeceasedInPopulationDb,
            Self::Excluded { .. } => IdentityStatus::Excluded,
        }
    }
}

/// A result of matching was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityMatchRecorded {
    pub result: IdentityResult,
    /// Who answered.
    pub source: String,
    pub checked_on: Date,
    /// The question's number with whoever answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_ref: Option<String>,
}

/// The latest check counts; one of the same day recorded later takes the place of the earlier.
pub(super) fn record(
    person: &Registered,
    event: &IdentityMatchRecorded,
) -> Result<Option<BeneficiaryEvent>, BeneficiaryRefusal> {
    match &event.result {
        IdentityResult::Mismatch { fields } if fields.is_empty() => return Err(BeneficiaryRefusal::MismatchOfNothing),
        IdentityResult::Duplicate { of } if *of == person.beneficiary_id => {
            return Err(BeneficiaryRefusal::DuplicateOfOneself);
        }
        IdentityResult::Pending
        | IdentityResult::Verified
        | IdentityResult::Mismatch { .. }
        | IdentityResult::NotFound
        | IdentityResult::Duplicate { .. }
        | IdentityResult::DeceasedInPopulationDb
        | IdentityResult::Excluded { .. } => {}
    }
    match &person.identity {
        Some(known) if known == event => Ok(None),
        Some(known) if event.checked_on < known.checked_on => {
            Err(BeneficiaryRefusal::LaterIdentityCheck { checked_on: known.checked_on })
        }
        Some(_) | None => Ok(Some(BeneficiaryEvent::IdentityMatched(event.clone()))),
    }
}
