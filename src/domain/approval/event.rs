//! What can happen to an approval, as stored in stream `approval-<id>`. Facts in the past tense; stored for ever.

use crate::domain::ids::{ApprovalId, PaymentId, PaymentReference, RecoveryId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::event::{PaymentContradicted, Resolution};
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One event of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalEvent {
    /// A person asked for what another must consent to.
    Requested(Box<ApprovalRequested>),
    /// Another person consented.
    Granted(ApprovalGranted),
    /// It was refused, or taken back by whoever asked.
    Declined(ApprovalDeclined),
    /// The command was carried out. Once.
    Used(ApprovalUsed),
    /// The command was not possible any more when the consent came.
    Failed(ApprovalFailed),
}

/// What may need a second person. A profile says which of them do, and from which amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovableAction {
    CorrectPayment,
    WriteOffRecovery,
}

impl ApprovableAction {
    /// All actions.
    pub const ALL: [Self; 2] = [Self::CorrectPayment, Self::WriteOffRecovery];

    /// The word in JSON, SQL and profiles.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CorrectPayment => "correct_payment",
            Self::WriteOffRecovery => "write_off_recovery",
        }
    }
}

/// The command that is carried out on consent, with exactly what was asked. It holds nothing personal; what would be must be sealed in
/// the vault and referred to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum ApprovableCommand {
    CorrectPayment {
        payment_id: PaymentId,
        correction: RequestedCorrection,
        ground: String,
    },
    WriteOffRecovery {
        recovery_id: RecoveryId,
        reason: String,
    },
    /// To say what is true of a report of another amount. Needs whatever a correction needs: it changes the payment's amount.
    ResolveContradiction {
        payment_id: PaymentId,
        /// The report of which it is said: its attempt, its amount, its day and its proof.
        report: Box<PaymentContradicted>,
        resolution: Resolution,
        /// What is made good or let be, in minor units: reported less ordered; 0 where all that was reported is too much.
        difference_minor: i64,
        reason: String,
        /// The reference of the supplement that pays what is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supplement_reference: Option<PaymentReference>,
    },
}

impl ApprovableCommand {
    /// What it does.
    #[must_use]
    pub const fn action(&self) -> ApprovableAction {
        match self {
            Self::CorrectPayment { .. } | Self::ResolveContradiction { .. } => ApprovableAction::CorrectPayment,
            Self::WriteOffRecovery { .. } => ApprovableAction::WriteOffRecovery,
        }
    }

    /// The stream that it is about.
    #[must_use]
    pub fn object(&self) -> String {
        match self {
            Self::CorrectPayment { payment_id, .. } | Self::ResolveContradiction { payment_id, .. } => {
                format!("payment-{payment_id}")
            }
            Self::WriteOffRecovery { recovery_id, .. } => format!("recovery-{recovery_id}"),
        }
    }
}

/// The field of a payment to correct, with its new value as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "to", rename_all = "snake_case")]
pub enum RequestedCorrection {
    Amount(Money),
    BenefitMonths(Vec<Month>),
    /// A unit's key, or a code that names one.
    Unit(String),
    DueOn(Date),
    Reference(PaymentReference),
}

/// A person asked for what another must consent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRequested {
    pub approval_id: ApprovalId,
    pub command: ApprovableCommand,
    /// Where the object belongs: who may consent follows from it.
    pub unit_key: UnitKey,
    /// The money that it is about.
    pub amount: Money,
    /// The key of whoever asked.
    pub requested_by: String,
    /// Consent after this comes too late.
    pub expires_at: Timestamp,
}

/// Another person consented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalGranted {
    pub granted_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// It was refused, or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalDeclined {
    pub declined_by: String,
    pub reason: String,
}

/// The command was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalUsed {
    /// Where its events stand.
    pub stream: String,
    pub revision: u64,
    pub position: u64,
}

/// The command was not possible any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalFailed {
    /// The code of the refusal.
    pub code: String,
}
