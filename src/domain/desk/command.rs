//! What can be asked of a desk. Every fact that a rule needs stands in the command.

use crate::domain::desk::event::{DeskRegistered, ListedPayment};
use crate::domain::ids::{AgentCode, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::event::{Evidence, Payee};
use crate::domain::period::Month;
use jiff::civil::Date;

/// A command to one desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskCommand {
    Register(DeskRegistered),
    Advance { day: Date, amount: Money, evidence: Evidence },
    Pay(Box<Pay>),
    HandBack { day: Date, amount: Money, evidence: Evidence },
    ListUnpaid(Box<ListUnpaid>),
    Liquidate { day: Date, counted: Money },
}

/// Pay a payment out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    pub day: Date,
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub amount: Money,
    /// The attempt's agent.
    pub agent: AgentCode,
    pub benefit_months: Vec<Month>,
    /// Whether the desk's kind pays through the attempt's channel.
    pub pays_channel: bool,
    /// First and last day on which the desk's kind pays the cycle in its unit; `None` when the kind has no window there.
    pub window: Option<(Date, Date)>,
    /// The profile lets desks pay after their window.
    pub late_pay: bool,
    pub collected_by: Payee,
    pub died_on: Option<Date>,
    pub receipt: String,
    /// Why the attempt cannot be paid: its state, or that it is held; `None` when it is open.
    pub closed: Option<&'static str>,
    /// The money is with the collector already, as the payment's own record says: only the book is to follow.
    pub is_settled: bool,
}

/// Give back the list of what nobody collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUnpaid {
    pub day: Date,
    pub cycle: Month,
    pub payments: Vec<ListedPayment>,
    pub amount: Money,
    pub evidence: Evidence,
    /// The last day on which the cycle's cash is paid in the unit.
    pub last_day: Date,
}
