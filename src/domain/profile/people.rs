//! What a profile decides about people: who may have an account, who is paid at home, how long authorisations hold, why benefits are
//! suspended, and what is compared with the population database.

use super::load::{Document, ProfileError, wrong};
use super::spec::Labels;
use crate::domain::beneficiary::authorisation::AuthorisationRules;
use crate::domain::ids::{ChannelCode, GroundCode, IdentityField};
use crate::domain::payment::event::Payee;
use jiff::civil::Date;
use serde::Deserialize;

/// What becomes of a number that is hardly an account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Refuse,
    Warn,
}

/// A code with its label.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundSpec {
    pub code: GroundCode,
    pub labels: Labels,
}

/// Another payee than the beneficiary who may have an account, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountPayeeSpec {
    pub payee: Payee,
    pub from: Date,
}

/// Who is paid at home.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeSpec {
    /// The channels that come to the door.
    pub channels: Vec<ChannelCode>,
    /// From this age on everybody may ask for it.
    pub from_age: u8,
    /// The ground that is recorded for them.
    pub age_ground: GroundCode,
    /// Grounds of others.
    pub grounds: Vec<GroundSpec>,
}

/// How long authorisations hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorisationSpec {
    pub months_max: u8,
    pub must_be_certified: bool,
    #[serde(default)]
    pub in_force_from: Option<Date>,
    #[serde(default)]
    pub old_until: Option<Date>,
    /// So many days before its last one an authorisation is on the worklist.
    #[serde(default = "notice_days")]
    pub notice_days: u8,
}

const fn notice_days() -> u8 {
    30
}

/// The rules of payout methods.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayoutSpec {
    /// A card's number given as an account's.
    pub card_numbers: Severity,
    /// A wallet, or a number with a wallet's issuer number, given as a bank account.
    pub wallet_numbers: Severity,
    #[serde(default)]
    pub account_payees: Vec<AccountPayeeSpec>,
    #[serde(default)]
    pub home: Option<HomeSpec>,
    pub authorisations: AuthorisationSpec,
}

/// Why benefits are suspended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspensionSpec {
    pub grounds: Vec<GroundSpec>,
}

/// What is compared with the population database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// Beside the schemes of identifiers.
    pub fields: Vec<IdentityField>,
    /// Why somebody is left out of matching.
    pub exclusions: Vec<GroundSpec>,
}

impl PayoutSpec {
    /// Whether a payee may have an account on a day.
    #[must_use]
    pub fn allows_account_of(&self, payee: Payee, on: Date) -> bool {
        payee == Payee::Beneficiary || self.account_payees.iter().any(|spec| spec.payee == payee && spec.from <= on)
    }

    /// The rule for a channel that comes to the door.
    #[must_use]
    pub fn home_rule(&self, channel: &ChannelCode) -> Option<&HomeSpec> {
        self.home.as_ref().filter(|home| home.channels.contains(channel))
    }
}

impl AuthorisationSpec {
    /// The same for a decision.
    #[must_use]
    pub fn rules(&self) -> AuthorisationRules {
        AuthorisationRules {
            months_max: i32::from(self.months_max),
            must_be_certified: self.must_be_certified,
            in_force_from: self.in_force_from,
            old_until: self.old_until,
        }
    }
}

impl HomeSpec {
    /// The grounds' codes, for messages.
    #[must_use]
    pub fn ground_list(&self) -> String {
        list(&self.grounds)
    }
}

/// The codes of grounds, for messages.
#[must_use]
pub fn list(grounds: &[GroundSpec]) -> String {
    grounds.iter().map(|spec| spec.code.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn check(document: &Document) -> Result<(), ProfileError> {
    let payout = &document.payout;
    if payout.authorisations.months_max == 0 {
        return wrong("payout.authorisations", "months_max", "must be more than 0");
    }
    if payout.account_payees.iter().any(|spec| spec.payee == Payee::Beneficiary) {
        return wrong("payout", "account_payees", "the beneficiary may always have an account; name others");
    }
    let home_grounds = payout.home.as_ref().map_or(&[][..], |home| &home.grounds);
    let lists = [
        ("payout.home", home_grounds),
        ("suspensions", document.suspensions.grounds.as_slice()),
        ("identity", document.identity.exclusions.as_slice()),
    ];
    for (table, grounds) in lists {
        for (index, spec) in grounds.iter().enumerate() {
            if grounds[..index].iter().any(|other| other.code == spec.code) {
                return wrong(table, "code", format!("{} is used twice", spec.code));
            }
            if let Some(missing) = document.languages.iter().find(|language| !spec.labels.0.contains_key(*language)) {
                return wrong(table, format!("labels of {}", spec.code), format!("the language {missing} is missing"));
            }
        }
    }
    if let Some(home) = &payout.home {
        let known = |code: &&ChannelCode| document.channels.iter().any(|channel| channel.code == **code);
        if let Some(code) = home.channels.iter().find(|code| !known(code)) {
            return wrong("payout.home", "channels", format!("{code} is not a channel"));
        }
        if home.grounds.iter().any(|spec| spec.code == home.age_ground) {
            return wrong("payout.home", "age_ground", "is also the ground of others");
        }
    }
    Ok(())
}
