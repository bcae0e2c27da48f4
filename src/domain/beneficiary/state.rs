//! A beneficiary as folded from events.

use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, ChannelCode, UnitKey, VaultRef};
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How a beneficiary is paid from a month on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutMethod {
    pub channel: ChannelCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<VaultRef>,
    pub effective_month: Month,
    pub payee: Payee,
}

/// A registered person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub beneficiary_id: BeneficiaryId,
    /// Unit by first day of effect, oldest first; the first has no day.
    pub units: Vec<(Option<Date>, UnitKey)>,
    /// Methods in the order chosen.
    pub methods: Vec<PayoutMethod>,
    pub died_on: Option<Date>,
}

/// A beneficiary's state: nothing yet, or registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beneficiary {
    pub registered: Option<Registered>,
}
