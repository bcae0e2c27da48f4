//! Why a command to a desk is refused. One stable code per variant; the HTTP status is not decided here.

use crate::domain::money::Money;
use crate::domain::period::Month;
use jiff::civil::Date;

/// A refusal. `Display` says what is wrong and how to mend it. Amounts are shown by the door, which knows the currency's digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskRefusal {
    #[error("there is no such desk")]
    NotRegistered,
    #[error("this desk is registered already")]
    AlreadyRegistered,
    #[error("the day is liquidated up to {to}; record it on a later day")]
    DayLiquidated { to: Date },
    #[error("the desk holds {} minor units less than this needs; record what it was handed first", missing.minor)]
    CashShort { missing: Money },
    #[error("the book says {} minor units are held, {} were counted; record what is missing, or count again", expected.minor, counted.minor)]
    CashDiffers { expected: Money, counted: Money },
    #[error("this kind of desk does not pay through the payment's channel; reissue it to cash at this kind of desk")]
    ChannelNotPaidHere,
    #[error("the payment goes through another agent than the desk's; pay it there, or reissue it")]
    OtherAgent,
    #[error(
        "{day} lies outside the payment window of this desk, {from} to {to}; pay at a desk whose window it is, or hand the list back"
    )]
    OutsideWindow { day: Date, from: Date, to: Date },
    #[error("this kind of desk has no payment window in this cycle")]
    NoWindow,
    #[error("the beneficiary died on {died_on}; only an heir may collect")]
    HeirMustCollect { died_on: Date },
    #[error("an heir collects what the dead left; report the death first")]
    NoDeathReported,
    #[error("the beneficiary died on {died_on}; an heir is paid months up to {last_month} only")]
    MonthsAfterDeath { died_on: Date, last_month: Month },
    #[error("the payment window of this cycle lasts to {last_day}; the list goes back after it")]
    WindowStillOpen { last_day: Date },
    #[error("nobody is left on the list: no open cash payment of this cycle in the desk's unit")]
    NothingUnpaid,
    #[error("this evidence was used for another entry of this desk")]
    EvidenceUsed,
    #[error("the amount must be more than 0")]
    AmountNotPositive,
    #[error("the payment is {standing}: only an open attempt is paid; reissue or release it first")]
    PaymentNotOpen { standing: &'static str },
    #[error(
        "nobody collected this person's cash for {months} months in a row; find the person and pay or cancel these first, or pay into an account"
    )]
    UnclaimedHalted { months: u32 },
}

impl DeskRefusal {
    /// The stable code used in problem documents.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRegistered => "desk-not-found",
            Self::AlreadyRegistered => "desk-already-registered",
            Self::DayLiquidated { .. } => "desk-day-liquidated",
            Self::CashShort { .. } => "desk-cash-short",
            Self::CashDiffers { .. } => "desk-cash-differs",
            Self::ChannelNotPaidHere => "channel-not-paid-here",
            Self::OtherAgent => "desk-of-another-agent",
            Self::OutsideWindow { .. } => "outside-payment-window",
            Self::NoWindow => "no-payment-window",
            Self::HeirMustCollect { .. } => "heir-must-collect",
            Self::NoDeathReported => "no-death-reported",
            Self::MonthsAfterDeath { .. } => "months-after-death",
            Self::WindowStillOpen { .. } => "payment-window-open",
            Self::NothingUnpaid => "nothing-unpaid",
            Self::EvidenceUsed => "evidence-used",
            Self::AmountNotPositive => "amount-not-positive",
            Self::PaymentNotOpen { .. } => "payment-not-open",
            Self::UnclaimedHalted { .. } => "unclaimed-halted",
        }
    }

    /// True when the refusal comes from the desk's state (HTTP 409), false when from a fact in the command (422).
    #[must_use]
    pub const fn is_by_state(&self) -> bool {
        matches!(
            self,
            Self::AlreadyRegistered
                | Self::DayLiquidated { .. }
                | Self::CashShort { .. }
                | Self::CashDiffers { .. }
                | Self::NothingUnpaid
                | Self::EvidenceUsed
                | Self::PaymentNotOpen { .. }
        )
    }

    /// The field of the request that the refusal is about.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotRegistered | Self::AlreadyRegistered => None,
            Self::DayLiquidated { .. } | Self::OutsideWindow { .. } | Self::WindowStillOpen { .. } => Some("date"),
            Self::CashShort { .. } | Self::AmountNotPositive => Some("amount"),
            Self::CashDiffers { .. } => Some("counted"),
            Self::ChannelNotPaidHere
            | Self::OtherAgent
            | Self::MonthsAfterDeath { .. }
            | Self::PaymentNotOpen { .. } => Some("payment_id"),
            Self::HeirMustCollect { .. } | Self::NoDeathReported => Some("collected_by"),
            Self::NoWindow | Self::NothingUnpaid => Some("cycle"),
            Self::EvidenceUsed => Some("evidence"),
            Self::UnclaimedHalted { .. } => Some("channel"),
        }
    }
}
