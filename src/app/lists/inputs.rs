//! What the doors hand to the use cases of payment lists: typed, but not yet looked up.

use crate::domain::ids::{AgentCode, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::list::command::Control;
use crate::domain::list::event::AgentAnswer;
use crate::domain::money::Money;
use crate::domain::period::Month;
use jiff::civil::Date;

/// Put a list together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareInput {
    pub cycle: Month,
    /// Absent: those of the first earlier list.
    pub channel: Option<ChannelCode>,
    pub agent: Option<AgentCode>,
    pub source: PrepareSource,
    pub control: Control,
}

/// Where the items come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepareSource {
    /// The people of earlier lists with changes, and people who are added: payments are ordered for them.
    Order(Order),
    /// These payments, ordered before.
    Payments(Vec<PaymentId>),
    /// All payments of cycle, channel and agent that are ordered, not held and on no list.
    Selection { unit: Option<UnitKey>, benefit_type: Option<BenefitType> },
}

/// Order payments for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    pub previous: Vec<ListId>,
    /// Absent: the cycle.
    pub benefit_months: Vec<Month>,
    /// Absent: by the calendar.
    pub due_on: Option<Date>,
    pub changes: Changes,
}

/// What is other than on the earlier lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    pub add: Vec<Addition>,
    pub drop: Vec<Drop>,
    pub amounts: Vec<NewAmount>,
}

/// Somebody who was on no earlier list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub amount: Money,
}

/// Somebody who is not paid this time. Without a type: none of the person's benefits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drop {
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: Option<BenefitType>,
    pub reason: String,
}

/// Another amount than on the earlier lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAmount {
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: Option<BenefitType>,
    pub amount: Money,
}

/// A step of a list that is prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Check {
        control: Control,
    },
    Approve {
        control: Control,
    },
    Submit {
        advanced: Option<Money>,
    },
    Acknowledge {
        answer: AgentAnswer,
        agent_ref: Option<String>,
    },
    Reconcile {
        handed_back: Money,
    },
    Close,
    Remove {
        payments: Vec<PaymentId>,
        reason: String,
    },
    /// With the money, if the list had gone out.
    Withdraw {
        reason: String,
        handed_back: Option<Money>,
    },
}
