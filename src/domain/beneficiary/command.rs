//! What can be asked of a beneficiary. Facts that rules need stand in the command.

use crate::domain::beneficiary::authorisation::AuthorisationRules;
use crate::domain::beneficiary::event::{
    AccountChecked, AuthorisationEnded, AuthorisationGranted, BenefitResumed, BenefitSuspended, Cohort,
    PersonalDataErased,
};
use crate::domain::beneficiary::identifiers::{AddIdentifier, EndIdentifier};
use crate::domain::beneficiary::identity::IdentityMatchRecorded;
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, GroundCode, VaultRef};
use crate::domain::payment::command::{ChannelFact, UnitFact};
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use jiff::civil::Date;

/// A command to one beneficiary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeneficiaryCommand {
    Register {
        beneficiary_id: BeneficiaryId,
        unit: UnitFact,
        registered_on: Date,
        cohort: Cohort,
    },
    Move {
        to_unit: UnitFact,
        effective_on: Date,
    },
    ChooseMethod(ChooseMethod),
    ReportDeath {
        died_on: Date,
        reported_on: Date,
        source: String,
    },
    /// `open_payments`: payments whose latest attempt is still under way, which need the account. `open_recoveries`: money that is to come
    /// back, from somebody whose name is needed to ask for it.
    Erase {
        event: PersonalDataErased,
        open_payments: u64,
        open_recoveries: u64,
    },
    AddIdentifier(AddIdentifier),
    EndIdentifier(EndIdentifier),
    CheckAccount(AccountChecked),
    GrantAuthorisation {
        event: AuthorisationGranted,
        rules: AuthorisationRules,
    },
    EndAuthorisation(AuthorisationEnded),
    Suspend(BenefitSuspended),
    Resume(BenefitResumed),
    RecordIdentity(IdentityMatchRecorded),
}

/// Choose how to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChooseMethod {
    pub channel: ChannelFact,
    pub agent: Option<AgentCode>,
    pub bank: Option<BankId>,
    pub account_ref: Option<VaultRef>,
    pub requested_on: Date,
    /// The month asked for; `None` takes the earliest allowed.
    pub effective_month: Option<Month>,
    /// The earliest month allowed by the profile's cut-off day for `requested_on` (looked up by the caller).
    pub earliest_month: Month,
    pub payee: Payee,
    /// Whether the profile lets this payee have an account on the day of the request.
    pub account_payee_allowed: bool,
    /// The rule for payment at home, if the channel is one.
    pub home: Option<HomeFact>,
}

/// Whether a person may be paid at home, as far as it was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeFact {
    /// From this age on everybody may.
    pub from_age: u8,
    /// The ground that stands in the event when the age is reached.
    pub age_ground: GroundCode,
    /// The person surely is of that age.
    pub old_enough: bool,
    /// Another ground that was stated; one of the profile's.
    pub ground: Option<GroundCode>,
    /// The profile's other grounds, for the refusal.
    pub grounds: String,
}
