//! What can be asked of a beneficiary. Facts that rules need stand in the command.

use crate::domain::beneficiary::event::{Cohort, PersonalDataErased};
use crate::domain::beneficiary::identifiers::{AddIdentifier, EndIdentifier};
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, VaultRef};
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
    /// `open_payments`: payments whose latest attempt is still under way, which need the account.
    Erase {
        event: PersonalDataErased,
        open_payments: u64,
    },
    AddIdentifier(AddIdentifier),
    EndIdentifier(EndIdentifier),
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
}
