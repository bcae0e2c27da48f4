//! What can happen to a beneficiary, as stored in stream `beneficiary-<id>`. No name, no number: those are in the vault.

use crate::domain::beneficiary::identifiers::{IdentifierAdded, IdentifierEnded};
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, ChannelCode, UnitKey, VaultRef};
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
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
