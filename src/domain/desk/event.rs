//! What can happen at a cash desk, as stored in stream `desk-<id>`. Facts in the past tense; stored for ever.

use crate::domain::ids::{AgentCode, DeskCode, DeskId, DeskKindCode, PaymentId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::event::{Evidence, Payee};
use crate::domain::period::Month;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One event of a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskEvent {
    /// The desk is known from now on.
    Registered(DeskRegistered),
    /// It was handed cash.
    Advanced(CashAdvanced),
    /// It paid a payment out.
    Paid(CashPaid),
    /// It gave cash back.
    HandedBack(CashHandedBack),
    /// It gave back the list of what nobody collected, with its money.
    UnpaidListed(UnpaidListHandedBack),
    /// Its cash was counted at the end of a day, and the day is closed.
    Liquidated(DeskDayLiquidated),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskRegistered {
    pub desk_id: DeskId,
    /// The agency's own name for it; unique in the log.
    pub code: DeskCode,
    pub kind: DeskKindCode,
    /// The unit whose clerks keep its book.
    pub unit_key: UnitKey,
    /// Who runs it.
    pub agent: AgentCode,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashAdvanced {
    pub day: Date,
    pub amount: Money,
    pub evidence: Evidence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashPaid {
    pub day: Date,
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub amount: Money,
    pub collected_by: Payee,
    /// The number of the receipt.
    pub receipt: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashHandedBack {
    pub day: Date,
    pub amount: Money,
    pub evidence: Evidence,
}

/// A payment on a list, and the attempt that nobody collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPayment {
    pub payment_id: PaymentId,
    pub attempt: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpaidListHandedBack {
    pub day: Date,
    /// The payment run that the list is of.
    pub cycle: Month,
    pub payments: Vec<ListedPayment>,
    /// What they add up to.
    pub amount: Money,
    pub evidence: Evidence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskDayLiquidated {
    pub day: Date,
    /// What was left from the days before.
    pub opening: Money,
    pub advanced: Money,
    pub paid: Money,
    pub handed_back: Money,
    /// What nobody collected, among what was handed back.
    pub unclaimed: Money,
    /// What was counted, and must be: opening + advanced - paid - handed back.
    pub held: Money,
}
