//! Why a command to a recovery is refused. One stable code per variant; the HTTP status is not decided here.

use crate::domain::money::Currency;
use crate::domain::recovery::state::RecoveryState;

/// A refusal. `Display` says what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryRefusal {
    #[error("there is no such recovery")]
    NotFound,
    #[error("the recovery is {state}; nothing is outstanding")]
    Closed { state: RecoveryState },
    #[error("only {outstanding_minor} (minor units) are outstanding; record no more than that")]
    TooMuch { outstanding_minor: i64 },
    #[error("the amount must be more than 0")]
    AmountNotPositive,
    #[error("the recovery's currency is {expected}")]
    OtherCurrency { expected: Currency },
    #[error("no money of this attempt is with the beneficiary; there is nothing to recover")]
    NothingOut,
    #[error("the payment does not pay these months; name some of its own")]
    OtherMonths,
    #[error("this receipt was recorded before with another amount or day; name the receipt of this money")]
    ReceiptUsed,
}

impl RecoveryRefusal {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "recovery-not-found",
            Self::Closed { .. } => "recovery-closed",
            Self::TooMuch { .. } => "recovery-amount-too-large",
            Self::AmountNotPositive => "amount-not-positive",
            Self::OtherCurrency { .. } => "currency-differs",
            Self::ReceiptUsed => "recovery-receipt-used",
            Self::NothingOut => "recovery-nothing-out",
            Self::OtherMonths => "recovery-other-months",
        }
    }

    /// True when the refusal comes from the recovery's state (HTTP 409), false when from a fact in the command (422).
    #[must_use]
    pub const fn is_by_state(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::ReceiptUsed | Self::NothingOut)
    }

    /// The field of the request that the refusal is about.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::TooMuch { .. } | Self::AmountNotPositive | Self::OtherCurrency { .. } => Some("amount"),
            Self::ReceiptUsed => Some("evidence"),
            Self::OtherMonths => Some("months"),
            Self::NothingOut => Some("attempt"),
            Self::NotFound | Self::Closed { .. } => None,
        }
    }
}
