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
    #[error("{count} recoveries of money paid to the beneficiary are open; erase once it is back or written off")]
    RecoveriesOpen { count: u64 },
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
    #[error("the person has no such account; read the beneficiary for the account_ref of each payout method")]
    NoSuchAccount,
    #[error("the check lies in the future")]
    CheckInFuture,
    #[error("an authorisation is given to another person: send payee authorised or guardian")]
    AuthorisationOfOneself,
    #[error("the authorisation ends before it begins")]
    AuthorisationEndsBeforeItBegins,
    #[error("the authorisation may hold until {latest} at the latest; send that day or an earlier one as valid_to")]
    AuthorisationTooLong { latest: Date },
    #[error("the authorisation must be certified; send certified: true once the certificate was seen")]
    AuthorisationNotCertified,
    #[error("the person gave no such authorisation; read the beneficiary for the authorised_ref of each")]
    NoSuchAuthorisation,
    #[error("this authorisation ended on {ended_on} already")]
    AuthorisationEnded { ended_on: Date },
    #[error("no authorisation is in force on {on}: record it first (POST /v1/beneficiaries/{{id}}/authorisations)")]
    AuthorisationMissing { on: Date },
    #[error("the last authorisation ran out on {last_day}; record a new one first")]
    AuthorisationExpired { last_day: Date },
    #[error("an account must be the beneficiary's own; choose payee self, or cash for another payee")]
    PayeeNotAllowed,
    #[error("suspended from {from_month} already; resume it first, or name an earlier month")]
    AlreadySuspended { from_month: Month },
    #[error("this is not suspended; when all benefits are, resume all and suspend again what is to stay so")]
    NotSuspended,
    #[error("the suspension begins in {from_month}; name that month or a later one")]
    ResumedBeforeSuspended { from_month: Month },
    #[error("a mismatch names at least one field that differs")]
    MismatchOfNothing,
    #[error("nobody is a duplicate of oneself; name the other beneficiary")]
    DuplicateOfOneself,
    #[error("a later check of {checked_on} is recorded already; the latest counts")]
    LaterIdentityCheck { checked_on: Date },
    #[error("payment at home is for people of {from_age} and over, and for others on a ground: {grounds}")]
    NotForHome { from_age: u8, grounds: String },
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
            Self::RecoveriesOpen { .. } => "recoveries-open",
            Self::IdentifierDates { .. } => "identifier-dates-reversed",
            Self::IdentifierSchemeEnded { .. } => "identifier-scheme-ended",
            Self::IdentifierHeld { .. } => "identifier-held",
            Self::IdentifierEnded { .. } => "identifier-ended",
            Self::LastIdentifier => "last-identifier",
            Self::NoSuchAccount => "account-unknown",
            Self::CheckInFuture => "check-in-future",
            Self::AuthorisationOfOneself => "authorisation-of-oneself",
            Self::AuthorisationEndsBeforeItBegins => "authorisation-ends-before-it-begins",
            Self::AuthorisationTooLong { .. } => "authorisation-too-long",
            Self::AuthorisationNotCertified => "authorisation-not-certified",
            Self::NoSuchAuthorisation => "authorisation-unknown",
            Self::AuthorisationEnded { .. } => "authorisation-ended",
            Self::AuthorisationMissing { .. } => "authorisation-missing",
            Self::AuthorisationExpired { .. } => "authorisation-expired",
            Self::PayeeNotAllowed => "payee-not-allowed",
            Self::AlreadySuspended { .. } => "already-suspended",
            Self::NotSuspended => "not-suspended",
            Self::ResumedBeforeSuspended { .. } => "resumed-before-suspended",
            Self::MismatchOfNothing => "mismatch-of-nothing",
            Self::DuplicateOfOneself => "duplicate-of-oneself",
            Self::LaterIdentityCheck { .. } => "later-identity-check",
            Self::NotForHome { .. } => "not-for-home",
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
                | Self::RecoveriesOpen { .. }
                | Self::IdentifierHeld { .. }
                | Self::IdentifierEnded { .. }
                | Self::LastIdentifier
                | Self::AuthorisationEnded { .. }
                | Self::AlreadySuspended { .. }
                | Self::NotSuspended
                | Self::LaterIdentityCheck { .. }
        )
    }

    /// The field of the request that the refusal is about.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnitNotInForce { .. } => Some("unit"),
            Self::EffectiveMonthTooEarly { .. } => Some("effective_month"),
            Self::AccountMissing { .. } => Some("account"),
            Self::IdentifierSchemeEnded { .. } => Some("valid_from"),
            Self::DeathInFuture | Self::OtherDeathRecorded { .. } => Some("died_on"),
            Self::NoSuchAccount => Some("account_ref"),
            Self::CheckInFuture => Some("checked_at"),
            Self::AuthorisationOfOneself
            | Self::PayeeNotAllowed
            | Self::AuthorisationMissing { .. }
            | Self::AuthorisationExpired { .. } => Some("payee"),
            Self::IdentifierDates { .. }
            | Self::AuthorisationEndsBeforeItBegins
            | Self::AuthorisationTooLong { .. } => Some("valid_to"),
            Self::AuthorisationNotCertified => Some("certified"),
            Self::NoSuchAuthorisation => Some("authorised_ref"),
            Self::ResumedBeforeSuspended { .. } => Some("from_month"),
            Self::MismatchOfNothing => Some("fields"),
            Self::DuplicateOfOneself => Some("duplicate_of"),
            Self::NotForHome { .. } => Some("home_ground"),
            Self::NotRegistered
            | Self::AlreadyRegistered
            | Self::Deceased { .. }
            | Self::Erased
            | Self::PaymentsOpen { .. }
            | Self::RecoveriesOpen { .. }
            | Self::IdentifierHeld { .. }
            | Self::IdentifierEnded { .. }
            | Self::LastIdentifier
            | Self::AuthorisationEnded { .. }
            | Self::AlreadySuspended { .. }
            | Self::NotSuspended
            | Self::LaterIdentityCheck { .. } => None,
        }
    }
}
