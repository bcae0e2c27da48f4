//! What can happen to a beneficiary, as stored in stream `beneficiary-<id>`. No name, no number: those are in the vault.

use crate::domain::beneficiary::identifiers::{IdentifierAdded, IdentifierEnded};
use crate::domain::beneficiary::identity::IdentityMatchRecorded;
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, GroundCode, UnitKey, VaultRef};
use crate::domain::name::NameMatch;
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One event of a beneficiary. The stored type name is given by `domain::codec`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeneficiaryEvent {
    Registered(BeneficiaryRegistered),
    Moved(BeneficiaryMoved),
    PayoutMethodChosen(PayoutMethodChosen),
    Died(BeneficiaryDied),
    Erased(PersonalDataErased),
    IdentifierAdded(IdentifierAdded),
    IdentifierEnded(IdentifierEnded),
    AccountChecked(AccountChecked),
    AuthorisationGranted(AuthorisationGranted),
    AuthorisationEnded(AuthorisationEnded),
    Suspended(BenefitSuspended),
    Resumed(BenefitResumed),
    IdentityMatched(IdentityMatchRecorded),
}

/// Sex as the agency records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
}

/// Coarse facts for statistics that do not identify a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cohort {
    /// First year of the decade of birth: 1950 for 1950 to 1959.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_decade: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
}

/// A person became known under a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeneficiaryRegistered {
    pub beneficiary_id: BeneficiaryId,
    pub unit_key: UnitKey,
    #[serde(default)]
    pub cohort: Cohort,
}

/// The beneficiary belongs to another unit from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeneficiaryMoved {
    pub to_unit_key: UnitKey,
    pub effective_on: Date,
}

/// How to be paid from a month on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutMethodChosen {
    pub channel: ChannelCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    /// The account in the vault; never the number itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<VaultRef>,
    pub requested_on: Date,
    /// First cycle in which it applies.
    pub effective_month: Month,
    pub payee: Payee,
    /// Why the person is paid at home: old age, or a ground of the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_ground: Option<GroundCode>,
}

/// A death was reported. Months after the month of death are not payable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeneficiaryDied {
    pub died_on: Date,
    pub reported_on: Date,
    /// Where the report came from.
    pub source: String,
}

/// Why a person's data are destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureGround {
    /// The person asked, and no law keeps the data.
    PersonAsked,
    /// The time for which the data must be kept has passed.
    RetentionEnded,
    /// A court or another authority ordered it.
    LegalOrder,
    /// The person should never have been registered.
    RegisteredInError,
}

impl ErasureGround {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PersonAsked, Self::RetentionEnded, Self::LegalOrder, Self::RegisteredInError];

    /// The word in JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PersonAsked => "person_asked",
            Self::RetentionEnded => "retention_ended",
            Self::LegalOrder => "legal_order",
            Self::RegisteredInError => "registered_in_error",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == text)
    }
}

/// The person's key and records in the vault are destroyed with this event; the pseudonym, its payments and all figures stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalDataErased {
    pub ground: ErasureGround,
    /// The decision that orders it, for example its number. Kept for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The holder of an account was compared with the person. The names stay in the vault and with the bank; here is the result alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChecked {
    /// The account in the vault.
    pub account_ref: VaultRef,
    pub name_match: NameMatch,
    pub checked_at: Timestamp,
    /// Who answered: a bank, a look-up service.
    pub source: String,
}

/// Another person may receive on the beneficiary's behalf. Who it is stands in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorisationGranted {
    /// The record in the vault; also the name of this authorisation.
    pub authorised_ref: VaultRef,
    /// Authorised or guardian.
    pub payee: Payee,
    /// Certified by an authority; for a guardian: the decision was seen.
    pub certified: bool,
    pub valid_from: Date,
    /// Last day; a guardian's may be open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// An authorisation ended before its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorisationEnded {
    pub authorised_ref: VaultRef,
    /// The first day on which it no longer holds.
    pub ended_on: Date,
    pub reason: String,
}

/// A benefit is not to be paid for months from one on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenefitSuspended {
    /// Absent: all benefits of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit_type: Option<BenefitType>,
    pub legal_ground: GroundCode,
    /// The first month that is not payable.
    pub from_month: Month,
    /// The decision that orders it, for example its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A suspended benefit is payable again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenefitResumed {
    /// Absent: every suspension of the person ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit_type: Option<BenefitType>,
    /// The first month that is payable again as usual.
    pub from_month: Month,
    /// The suspended months are owed and may be paid as arrears.
    pub arrears: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
