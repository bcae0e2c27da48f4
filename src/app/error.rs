//! What a use case can answer instead of a result. `http/problem` maps each to one status.

use crate::app::lists::Plan;
use crate::banks::ReadError;
use crate::banks::signature::SignatureError;
use crate::domain::approval::ApprovalRefusal;
use crate::domain::bank::BankRefusal;
use crate::domain::beneficiary::BeneficiaryRefusal;
use crate::domain::decision::QuarantineCause;
use crate::domain::desk::DeskRefusal;
use crate::domain::figure::FigureRefusal;
use crate::domain::inbox::InboxRefusal;
use crate::domain::list::ListRefusal;
use crate::domain::payment::PaymentRefusal;
use crate::domain::recovery::RecoveryRefusal;
use crate::domain::target::TargetRefusal;
use crate::domain::webhook::WebhookRefusal;
use crate::store::StoreError;
use std::borrow::Cow;

/// One thing wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldIssue {
    /// The field's name; the API makes a JSON pointer of it, an import a column.
    pub field: Cow<'static, str>,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and how to mend it.
    pub message: String,
    /// The same in Vietnamese.
    pub message_vi: String,
}

impl FieldIssue {
    /// An issue with its sentence in both languages.
    #[must_use]
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<String>,
        message_vi: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), code, message: message.into(), message_vi: message_vi.into() }
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// Fields that cannot be taken as they are; all of them.
    #[error("the input has {}", count(.0.len()))]
    Invalid(Vec<FieldIssue>),
    /// A payment's rule refuses.
    #[error(transparent)]
    Payment(#[from] PaymentRefusal),
    /// A beneficiary's rule refuses.
    #[error(transparent)]
    Beneficiary(#[from] BeneficiaryRefusal),
    /// A recovery's rule refuses.
    #[error(transparent)]
    Recovery(#[from] RecoveryRefusal),
    /// A rule of four eyes refuses.
    #[error(transparent)]
    Approval(#[from] ApprovalRefusal),
    /// A desk's rule refuses.
    #[error(transparent)]
    Desk(#[from] DeskRefusal),
    /// A list's rule refuses.
    #[error(transparent)]
    List(#[from] ListRefusal),
    /// A rule of a bank's entry refuses.
    #[error(transparent)]
    Bank(#[from] BankRefusal),
    /// A rule of a bank's message refuses.
    #[error(transparent)]
    Inbox(#[from] InboxRefusal),
    /// A webhook's rule refuses.
    #[error(transparent)]
    Webhook(#[from] WebhookRefusal),
    /// A figure cannot be cited.
    #[error(transparent)]
    Figure(#[from] FigureRefusal),
    /// A rule of targets refuses.
    #[error(transparent)]
    Target(#[from] TargetRefusal),
    /// The message's signature is not the bank's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The bank's message cannot be read.
    #[error(transparent)]
    Message(#[from] ReadError),
    /// The report contradicts what is recorded.
    #[error("{}", .0.fate())]
    Quarantine(QuarantineCause),
    /// A step was to be done as planned, and would now be another.
    #[error("the log has moved since the plan was made: the step would now append other events")]
    PlanChanged(Box<Plan>),
    /// Another payment or person holds what this one would take.
    #[error("{message}")]
    Taken { code: &'static str, message: String, holder: String },
    /// No such thing, or not within the caller's reach: the two are not told apart.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The caller's role or units do not allow it.
    #[error("{message}")]
    Forbidden { code: &'static str, message: &'static str },
    /// The idempotency key was used before with other inputs.
    #[error("this Idempotency-Key was used before with other inputs; the first use made {first_object}")]
    IdempotencyKeyReused { first_object: String },
    /// The first request with this idempotency key is still running.
    #[error("the first request with this Idempotency-Key is still running")]
    RequestInProgress,
    /// `If-Match` named a revision that is no longer the latest.
    #[error("the object moved: its revision is {current}")]
    RevisionMoved { current: u64 },
    /// Too many others wrote to the same stream at the same time.
    #[error("too many writers at once; try again")]
    Contended,
    /// The projection has not come to `min_position` in time.
    #[error("the figures stand at position {at}; position {asked} was asked")]
    NotCaughtUp { at: u64, asked: u64 },
    /// A position that the log does not have yet.
    #[error("the log ends at position {head}; position {asked} was asked")]
    BeyondHead { head: u64, asked: u64 },
    /// The log signed nothing of itself so far.
    #[error("no checkpoint was signed yet: a log signs within a minute of its first event, while `chitra serve` runs")]
    NoCheckpointYet,
    /// The newest checkpoint does not cover what a proof is asked of.
    #[error(
        "the newest checkpoint covers {size} events, and the event at {position} comes after; try again within a minute"
    )]
    NotSignedYet { size: u64, position: u64 },
    /// The file as a whole cannot be taken.
    #[error("{message}")]
    File { code: &'static str, message: String, message_vi: String },
    /// A projection stopped.
    #[error("the projection {name} stopped: {reason}")]
    ProjectionStopped { name: &'static str, reason: String },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect of ours; the text is for the log, not for the caller.
    #[error("internal: {0}")]
    Internal(String),
}

impl AppError {
    /// The code of a refusal; `None` for what may be different when tried again.
    #[must_use]
    pub const fn refusal_code(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(_) => Some("invalid-input"),
            Self::Payment(refusal) => Some(refusal.code()),
            Self::Beneficiary(refusal) => Some(refusal.code()),
            Self::Recovery(refusal) => Some(refusal.code()),
            Self::Approval(refusal) => Some(refusal.code()),
            Self::Desk(refusal) => Some(refusal.code()),
            Self::List(refusal) => Some(refusal.code()),
            Self::Bank(refusal) => Some(refusal.code()),
            Self::Inbox(refusal) => Some(refusal.code()),
            Self::Webhook(refusal) => Some(refusal.code()),
            Self::Figure(refusal) => Some(refusal.code()),
            Self::Target(refusal) => Some(refusal.code()),
            Self::Signature(error) => Some(error.code()),
            Self::Message(error) => Some(error.code()),
            Self::Quarantine(cause) => Some(cause.code()),
            Self::Taken { code, .. } | Self::Forbidden { code, .. } => Some(*code),
            Self::NotFound(_) => Some("not-found"),
            Self::IdempotencyKeyReused { .. }
            | Self::RequestInProgress
            | Self::RevisionMoved { .. }
            | Self::PlanChanged(_)
            | Self::NoCheckpointYet
            | Self::NotSignedYet { .. }
            | Self::Contended
            | Self::NotCaughtUp { .. }
            | Self::BeyondHead { .. }
            | Self::File { .. }
            | Self::ProjectionStopped { .. }
            | Self::Store(_)
            | Self::Internal(_) => None,
        }
    }
}

fn count(errors: usize) -> String {
    if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") }
}

impl From<crate::vault::VaultError> for AppError {
    fn from(error: crate::vault::VaultError) -> Self {
        Self::Internal(format!("the vault: {error}"))
    }
}

impl From<crate::vault::service::VaultServiceError> for AppError {
    fn from(error: crate::vault::service::VaultServiceError) -> Self {
        use crate::vault::service::VaultServiceError as E;
        match error {
            E::Store(error) => Self::Store(error),
            // Another server may have the new key, and this one after a restart.
            E::MasterChanged => Self::Store(StoreError::Unavailable(error.to_string())),
            E::Crypto(error) => error.into(),
            E::Erased => Self::Beneficiary(BeneficiaryRefusal::Erased),
            E::Form => Self::Internal(error.to_string()),
        }
    }
}
