//! Why a command to a beneficiary is refused. One stable code per variant.

use crate::domain::ids::SchemeCode;
use crate::domain::period::Month;
use jiff::civil::Date;

/// A refusal. `Display` says what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeneficiaryRefusal {
    #[error("there is no such beneficiary")]
    NotRegistered,
    #[error("this beneficiary is already registered")]
    AlreadyRegistered,
    #[error("the beneficiary died on {died_on}")]
    Deceased { died_on: Date },
    #[error("the date of death lies in the future")]
    DeathInFuture,
    #[error("another date of death is recorded: {recorded}; a correction needs a second person")]
    OtherDeathRecorded { recorded: Date },
    #[error("the unit is not in force on {on}; name the unit that is")]
    UnitNotInForce { on: Date },
    #[error("after the cut-off day a method takes effect from {earliest_month} at the earliest")]
    EffectiveMonthTooEarly { earliest_month: Month },
    #[error("channel {channel} needs an account: send bank and account, or name a channel that needs none")]
    AccountMissing { channel: String },
    #[error("this beneficiary's personal data were erased; register the person anew if there is something to pay")]
    Erased,
    #[error("{count} of the beneficiary's payments are under way; erase once they are settled, given up or cancelled")]
    PaymentsOpen { count: u64 },
    #[error("the last day of an identifier cannot lie before its first, {from}")]
    IdentifierDates { from: Date },
    #[error("{scheme} was given out until {ended_on}; later numbers are of {}", replacement(.replaced_by.as_ref()))]
    IdentifierSchemeEnded { scheme: SchemeCode, ended_on: Date, replaced_by: Option<SchemeCode> },
    #[error("this {scheme} is recorded for this beneficiary already; end the record first if its dates are wrong")]
    IdentifierHeld { scheme: SchemeCode },
    #[error("this identifier ended on {on}; add it again if the beneficiary has it again")]
    IdentifierEnded { on: Date },
    #[error("this is the only identifier the beneficiary is found by; add the right one first, then end this")]
    LastIdentifier,
}

fn replacement(scheme: Option<&SchemeCode>) -> String {
    scheme.map_or_else(|| "other schemes".to_owned(), ToString::to_string)
}

impl BeneficiaryRefusal {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRegistered => "beneficiary-not-found",
            Self::AlreadyRegistered => "beneficiary-already-registered",
            Self::Deceased { .. } => "beneficiary-deceased",
            Self::DeathInFuture => "death-in-future",
            Self::OtherDeathRecorded { .. } => "other-death-recorded",
            Self::UnitNotInForce { .. } => "unit-not-in-force",
            Self::EffectiveMonthTooEarly { .. } => "method-not-effective-yet",
            Self::AccountMissing { .. } => "account-missing",
            Self::Erased => "beneficiary-erased",
            Self::PaymentsOpen { .. } => "payments-open",
            Self::IdentifierDates { .. } => "identifier-dates-reversed",
            Self::IdentifierSchemeEnded { .. } => "identifier-scheme-ended",
            Self::IdentifierHeld { .. } => "identifier-held",
            Self::IdentifierEnded { .. } => "identifier-ended",
            Self::LastIdentifier => "last-identifier",
        }
    }

    /// True when the refusal comes from the beneficiary's state (HTTP 409), false when from a fact in the command (422).
    #[must_use]
    pub const fn is_by_state(&self) -> bool {
        matches!(
            self,
            Self::AlreadyRegistered
                | Self::OtherDeathRecorded { .. }
                | Self::Deceased { .. }
                | Self::Erased
                | Self::PaymentsOpen { .. }
                | Self::IdentifierHeld { .. }
                | Self::IdentifierEnded { .. }
                | Self::LastIdentifier
        )
    }

    /// The field of the request that the refusal is about.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnitNotInForce { .. } => Some("unit"),
            Self::EffectiveMonthTooEarly { .. } => Some("effective_month"),
            Self::AccountMissing { .. } => Some("account"),
            Self::IdentifierDates { .. } => Some("valid_to"),
            Self::IdentifierSchemeEnded { .. } => Some("valid_from"),
            Self::DeathInFuture | Self::OtherDeathRecorded { .. } => Some("died_on"),
            Self::NotRegistered
            | Self::AlreadyRegistered
            | Self::Deceased { .. }
            | Self::Erased
            | Self::PaymentsOpen { .. }
            | Self::IdentifierHeld { .. }
            | Self::IdentifierEnded { .. }
            | Self::LastIdentifier => None,
        }
    }
}
