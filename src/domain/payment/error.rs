//! Why a command to a payment is refused. One stable code per variant; the HTTP status is not decided here.

use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use jiff::civil::Date;

/// A refusal. `Display` says what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentRefusal {
    #[error("there is no such payment")]
    NotInstructed,
    #[error("this payment is already instructed")]
    AlreadyInstructed,
    #[error("attempt {attempt} does not exist; the latest is {latest}")]
    NoSuchAttempt { attempt: u32, latest: u32 },
    #[error("the payment is already settled; a return must be recorded before it can be paid again")]
    AlreadySettled,
    #[error(
        "attempt {attempt} was given up, but its money went out on {settled_on}: nothing may be paid, released or cancelled until its return is recorded"
    )]
    LateMoneyOut { attempt: u32, settled_on: Date },
    #[error("the payment is cancelled")]
    AlreadyCancelled,
    #[error("{action} is not possible while attempt {attempt} is {state}")]
    NotPossible { action: &'static str, attempt: u32, state: AttemptState },
    #[error("the amount must be more than 0")]
    AmountNotPositive,
    #[error("the amount is above the largest allowed for one payment")]
    AmountTooLarge,
    #[error("the payment's currency is {expected}")]
    OtherCurrency { expected: crate::domain::money::Currency },
    #[error("the amount of a settled payment cannot be corrected; record a recovery or a supplement")]
    AmountAfterSettlement,
    #[error("the beneficiary died on {died_on}; months after {last_month} are not payable")]
    BeneficiaryDeceased { died_on: Date, last_month: Month },
    #[error("the unit is not in force on {due_on}; name the unit that is")]
    UnitNotInForce { due_on: Date },
    #[error("the payout method takes effect from {effective_month}; this cycle still uses the one before")]
    MethodNotEffectiveYet { effective_month: Month },
    #[error("channel {channel} needs an account: send bank and account, or name a channel that needs none")]
    AccountMissing { channel: String },
    #[error("at least one benefit month is needed, each named once")]
    BenefitMonths,
    #[error("the correction changes nothing")]
    NothingToCorrect,
    #[error("the benefit is suspended from {from_month} ({legal_ground}); {month} is not payable until it is resumed")]
    BenefitSuspended { month: Month, from_month: Month, legal_ground: String },
    #[error(
        "another amount than was ordered was reported for attempt {attempt}: say first what is true of it (POST /v1/payments/{{id}}/resolve)"
    )]
    ContradictionOpen { attempt: u32 },
    #[error("nothing that was reported of this payment contradicts its order")]
    NothingContradicted,
    #[error(
        "the report of attempt {attempt} that waits, or what its resolution makes good, is not what was asked for: read the payment and ask anew"
    )]
    ContradictionChanged { attempt: u32 },
    #[error("{month} was suspended and is owed since the benefit was resumed: order it as arrears (kind: arrears)")]
    OwedAsArrears { month: Month },
    #[error("{month} lies after the cycle {cycle}: only what is due by then can be in arrears; order it as regular")]
    ArrearsAhead { month: Month, cycle: Month },
    #[error("{month} lies too far back: a payment of kind {kind} in this cycle may reach back to {first}")]
    MonthTooFarBack { kind: &'static str, month: Month, first: Month },
    #[error("a payment of kind {kind} may have {most} benefit months at most; order the others apart")]
    TooManyMonths { kind: &'static str, most: u16 },
    #[error("an account must be the beneficiary's own; pay payee self, or another payee in cash")]
    PayeeNotAllowed,
    #[error(
        "no authorisation was in force on that day: record it first (POST /v1/beneficiaries/{{id}}/authorisations)"
    )]
    AuthorisationMissing,
    #[error("the last authorisation ran out on {last_day}; record a new one first")]
    AuthorisationExpired { last_day: Date },
}

impl PaymentRefusal {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotInstructed => "payment-not-found",
            Self::AlreadyInstructed => "payment-already-instructed",
            Self::NoSuchAttempt { .. } => "no-such-attempt",
            Self::AlreadySettled => "payment-already-settled",
            Self::LateMoneyOut { .. } => "late-money-out",
            Self::AlreadyCancelled => "payment-already-cancelled",
            Self::NotPossible { .. } => "transition-not-allowed",
            Self::AmountNotPositive => "amount-not-positive",
            Self::AmountTooLarge => "amount-too-large",
            Self::OtherCurrency { .. } => "currency-differs",
            Self::AmountAfterSettlement => "amount-after-settlement",
            Self::BeneficiaryDeceased { .. } => "beneficiary-deceased",
            Self::UnitNotInForce { .. } => "unit-not-in-force",
            Self::MethodNotEffectiveYet { .. } => "method-not-effective-yet",
            Self::AccountMissing { .. } => "account-missing",
            Self::BenefitMonths => "benefit-months-invalid",
            Self::NothingToCorrect => "nothing-to-correct",
            Self::BenefitSuspended { .. } => "benefit-suspended",
            Self::ContradictionOpen { .. } => "contradiction-open",
            Self::NothingContradicted => "nothing-contradicted",
            Self::ContradictionChanged { .. } => "contradiction-changed",
            Self::OwedAsArrears { .. } => "owed-as-arrears",
            Self::ArrearsAhead { .. } => "arrears-ahead",
            Self::MonthTooFarBack { .. } => "month-too-far-back",
            Self::TooManyMonths { .. } => "too-many-months",
            Self::PayeeNotAllowed => "payee-not-allowed",
            Self::AuthorisationMissing => "authorisation-missing",
            Self::AuthorisationExpired { .. } => "authorisation-expired",
        }
    }

    /// True when the refusal comes from the payment's state (HTTP 409), false when from a fact in the command (422).
    #[must_use]
    pub const fn is_by_state(&self) -> bool {
        matches!(
            self,
            Self::AlreadyInstructed
                | Self::AlreadySettled
                | Self::LateMoneyOut { .. }
                | Self::AlreadyCancelled
                | Self::NotPossible { .. }
                | Self::NoSuchAttempt { .. }
                | Self::AmountAfterSettlement
                | Self::ContradictionOpen { .. }
                | Self::NothingContradicted
                | Self::ContradictionChanged { .. }
        )
    }

    /// The field of the request that the refusal is about, for the report's pointer.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::AmountNotPositive
            | Self::AmountTooLarge
            | Self::OtherCurrency { .. }
            | Self::AmountAfterSettlement => Some("amount"),
            Self::BeneficiaryDeceased { .. }
            | Self::BenefitMonths
            | Self::BenefitSuspended { .. }
            | Self::OwedAsArrears { .. }
            | Self::ArrearsAhead { .. }
            | Self::MonthTooFarBack { .. }
            | Self::TooManyMonths { .. } => Some("benefit_months"),
            Self::PayeeNotAllowed | Self::AuthorisationMissing | Self::AuthorisationExpired { .. } => Some("payee"),
            Self::UnitNotInForce { .. } => Some("unit"),
            Self::MethodNotEffectiveYet { .. } => Some("channel"),
            Self::AccountMissing { .. } => Some("account"),
            Self::NoSuchAttempt { .. } => Some("attempt"),
            Self::NotInstructed
            | Self::AlreadyInstructed
            | Self::AlreadySettled
            | Self::LateMoneyOut { .. }
            | Self::AlreadyCancelled
            | Self::NotPossible { .. }
            | Self::ContradictionOpen { .. }
            | Self::NothingContradicted
            | Self::ContradictionChanged { .. }
            | Self::NothingToCorrect => None,
        }
    }
}
