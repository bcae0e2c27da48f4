//! What can be asked of a list. Every fact that a rule needs stands in the command; the use case looked it up.

use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::ids::{AgentCode, BankId, ChannelCode, PaymentId};
use crate::domain::list::event::{AgentAnswer, FindingCount, Item, LeftOut, ListOpened, Tally};
use crate::domain::money::{Currency, Money};
use crate::domain::period::Month;

/// A command to one list. `by` is the key that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListCommand {
    Open(ListOpened),
    AddItems {
        chunk: u32,
        items: Vec<Candidate>,
        left_out: Vec<LeftOut>,
    },
    Seal {
        control: Control,
    },
    /// `paid`: the first of them that was paid by the list, if any was.
    RemoveItems {
        payments: Vec<PaymentId>,
        paid: Option<PaymentId>,
        reason: String,
        by: String,
    },
    RecordCheck {
        findings: Vec<FindingCount>,
        by: String,
    },
    /// `same_person`: the keys differ, but what is known of their holders says that one who shaped the list asks to approve it.
    Approve {
        control: Control,
        by: String,
        same_person: bool,
    },
    Submit(Submit),
    Acknowledge {
        answer: AgentAnswer,
        agent_ref: Option<String>,
        by: String,
    },
    Reconcile {
        outcome: Outcome,
        handed_back: Money,
        by: String,
    },
    Close {
        outcome: Outcome,
        by: String,
    },
    Withdraw {
        reason: String,
        /// The money that came back, if the list had gone out.
        handed_back: Option<Money>,
        by: String,
    },
    Show {
        form: String,
        /// Of a file for a bank.
        bank: Option<BankId>,
        item_count: u64,
        kinds: Vec<DataKind>,
        purpose: Purpose,
        /// `MsgId` of an order, and the position whose payments it has.
        order: Option<(String, u64)>,
        by: String,
    },
}

impl ListCommand {
    /// The word for it in a refusal.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Open(_) => "opening",
            Self::AddItems { .. } => "adding items",
            Self::Seal { .. } => "preparation",
            Self::RemoveItems { .. } => "removing items",
            Self::RecordCheck { .. } => "check",
            Self::Approve { .. } => "approval",
            Self::Submit(_) => "submission",
            Self::Acknowledge { .. } => "acknowledgement",
            Self::Reconcile { .. } => "reconciliation",
            Self::Close { .. } => "closing",
            Self::Withdraw { .. } => "withdrawal",
            Self::Show { .. } => "printing",
        }
    }
}

/// An item with what the list must have in common with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub item: Item,
    pub cycle: Month,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub currency: Currency,
}

/// What somebody counted apart from us; what was not counted is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Control {
    pub count: Option<u64>,
    pub sum: Option<Money>,
}

/// Send the list out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// Lists above this sum need a second person (profile).
    pub approval_above_minor: i64,
    /// Items that a check of this very moment finds unfit.
    pub blocking_items: u64,
    /// The money given to the agent; the control sum when nothing is said.
    pub advanced: Option<Money>,
    pub by: String,
}

/// What became of the items, as their payments tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Settled, and not returned; or given up and paid out all the same.
    pub paid: Tally,
    /// Rejected, failed, returned or cancelled.
    pub unpaid: Tally,
    /// No outcome yet.
    pub open: Tally,
}
