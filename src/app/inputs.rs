//! What the doors hand to the use cases: typed, but not yet looked up. The API and the office files make the same inputs.

use crate::app::changes::GrantInput;
use crate::domain::beneficiary::event::Sex;
use crate::domain::ids::{
    AgentCode, BeneficiaryId, BenefitType, ChannelCode, GroundCode, PaymentReference, SchemeCode,
};
use crate::domain::money::Money;
use crate::domain::payment::event::Payee;
use crate::domain::payment::kind::PaymentKind;
use crate::domain::period::Month;
use jiff::civil::Date;

/// How a request names a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonName {
    /// Our pseudonym.
    Id(BeneficiaryId),
    /// An identifier of a scheme of the profile.
    Identifier { scheme: SchemeCode, value: String },
}

/// Where money goes: what a payment, a reissue or a payout method says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    pub channel: Option<ChannelCode>,
    pub agent: Option<AgentCode>,
    /// As written: an id, a code or a short name of the profile.
    pub bank: Option<String>,
    /// The account number as written; it goes to the vault.
    pub account: Option<String>,
    pub payee: Option<Payee>,
}

/// Order a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructInput {
    pub reference: PaymentReference,
    pub person: PersonName,
    pub benefit_type: BenefitType,
    pub benefit_months: Vec<Month>,
    pub cycle: Month,
    pub amount: Money,
    /// A unit key, or a code that names one unit on the due date; absent: the beneficiary's unit.
    pub unit: Option<String>,
    pub route: Route,
    /// Absent: the cycle's first transfer day by the profile's calendar.
    pub due_on: Option<Date>,
    pub kind: PaymentKind,
}

/// Open a new attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReissueInput {
    pub route: Route,
    pub due_on: Option<Date>,
    pub reason: String,
}

/// Register a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterInput {
    /// Identifiers as (scheme, value as written).
    pub identifiers: Vec<(SchemeCode, String)>,
    pub name: Option<String>,
    pub sex: Option<Sex>,
    pub birth_year: Option<i16>,
    pub unit: String,
    /// How the person is paid, if the request says.
    pub method: Option<MethodInput>,
    /// Who receives on the person's behalf.
    pub authorisation: Option<GrantInput>,
}

/// Choose how to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodInput {
    pub route: Route,
    pub requested_on: Option<Date>,
    pub effective_month: Option<Month>,
    /// Why the person is to be paid at home, if not for old age.
    pub home_ground: Option<GroundCode>,
}
