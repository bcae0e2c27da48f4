//! What can happen to an approval, as stored in stream `approval-<id>`. Facts in the past tense; stored for ever.

use crate::domain::bank::{BankKeyAdded, BankOrdersArranged, BankRegistered};
use crate::domain::beneficiary::event::ErasureGround;
use crate::domain::ids::{ApprovalId, BankId, BeneficiaryId, PaymentId, PaymentReference, RecoveryId, UnitKey};
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
    ErasePersonal,
    /// What opens something to a bank or changes what its messages mean; what closes is never waited for.
    ChangeBank,
    /// The same of keys: a new one, or the next secret of one.
    ChangeKey,
}

impl ApprovableAction {
    /// All actions.
    pub const ALL: [Self; 5] =
        [Self::CorrectPayment, Self::WriteOffRecovery, Self::ErasePersonal, Self::ChangeBank, Self::ChangeKey];

    /// The word in JSON, SQL and profiles.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CorrectPayment => "correct_payment",
            Self::WriteOffRecovery => "write_off_recovery",
            Self::ErasePersonal => "erase_personal",
            Self::ChangeBank => "change_bank",
            Self::ChangeKey => "change_key",
        }
    }

    /// Whether it is about an amount of money, from which a profile may want a second person.
    #[must_use]
    pub const fn has_amount(self) -> bool {
        matches!(self, Self::CorrectPayment | Self::WriteOffRecovery)
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
    /// To destroy what the vault holds on a person.
    ErasePersonal {
        beneficiary_id: BeneficiaryId,
        ground: ErasureGround,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// To register a bank, or to change what its codes mean and what is expected of it.
    RegisterBank {
        /// As it was when it was asked for: of another entry nobody said anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<BankRegistered>>,
        after: Box<BankRegistered>,
    },
    /// To take messages that are signed with one more key. A shared secret is in the vault.
    AddBankKey {
        bank: BankId,
        key: Box<BankKeyAdded>,
    },
    /// To send orders to a bank in another way, or from another account of the agency's, which is in the vault.
    ArrangeOrders {
        bank: BankId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<BankOrdersArranged>>,
        after: Box<BankOrdersArranged>,
    },
    /// To give somebody a key. What people call it stays with the keys: it may be a name. So does its secret, which is made when it is taken.
    CreateKey {
        key_id: String,
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit_key: Option<UnitKey>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bank: Option<BankId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// To give a key its next secret.
    RotateKey {
        key_id: String,
        /// For how many days the secret before is good, too.
        overlap_days: u32,
        /// When it expires from then on; as before when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
}

impl ApprovableCommand {
    /// What it does.
    #[must_use]
    pub const fn action(&self) -> ApprovableAction {
        match self {
            Self::CorrectPayment { .. } | Self::ResolveContradiction { .. } => ApprovableAction::CorrectPayment,
            Self::WriteOffRecovery { .. } => ApprovableAction::WriteOffRecovery,
            Self::ErasePersonal { .. } => ApprovableAction::ErasePersonal,
            Self::RegisterBank { .. } | Self::AddBankKey { .. } | Self::ArrangeOrders { .. } => {
                ApprovableAction::ChangeBank
            }
            Self::CreateKey { .. } | Self::RotateKey { .. } => ApprovableAction::ChangeKey,
        }
    }

    /// The stream that it is about; a key has none, and is named like one.
    #[must_use]
    pub fn object(&self) -> String {
        match self {
            Self::CorrectPayment { payment_id, .. } | Self::ResolveContradiction { payment_id, .. } => {
                format!("payment-{payment_id}")
            }
            Self::WriteOffRecovery { recovery_id, .. } => format!("recovery-{recovery_id}"),
            Self::ErasePersonal { beneficiary_id, .. } => format!("beneficiary-{beneficiary_id}"),
            Self::RegisterBank { after, .. } => format!("bank-{}", after.bank),
            Self::AddBankKey { bank, .. } | Self::ArrangeOrders { bank, .. } => format!("bank-{bank}"),
            Self::CreateKey { key_id, .. } | Self::RotateKey { key_id, .. } => format!("key-{key_id}"),
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
    /// Where the object belongs: who may consent follows from it. Banks and keys belong to no unit: operators consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_key: Option<UnitKey>,
    /// The money that it is about, if it is about any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
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
