//! Why an event is not taken to a stream of ours, in the codes of the REST API.

use super::StreamsError;
use crate::app::error::AppError;
use crate::store::StoreError;

/// Why an event is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code that the REST API would answer, or one of this door.
    pub code: &'static str,
    pub reason: String,
}

impl Refusal {
    #[must_use]
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl From<Refusal> for StreamsError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { code: refusal.code, reason: refusal.reason }
    }
}

impl From<AppError> for StreamsError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => Self::Store(error),
            AppError::Invalid(issues) => {
                let told: Vec<String> =
                    issues.iter().map(|issue| format!("/{} {}: {}", issue.field, issue.code, issue.message)).collect();
                Self::Refused { code: "invalid-input", reason: told.join("; ") }
            }
            AppError::Internal(what) => Self::Store(StoreError::Corrupt(what)),
            error => match error.refusal_code() {
                Some(code) => Self::Refused { code, reason: error.to_string() },
                None => Self::Contended { stream: "named".to_owned() },
            },
        }
    }
}
