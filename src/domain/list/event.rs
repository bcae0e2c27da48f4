//! What can happen to a payment list, as stored in stream `list-<id>`. Facts in the past tense; stored for ever.

use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::money::{Currency, Money};
use crate::domain::period::Month;
use serde::{Deserialize, Serialize};

/// One event of a list. The variant's stored type name is `List` + its name; see `domain::codec`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEvent {
    /// Somebody began to put a list together.
    Opened(ListOpened),
    /// The next items, and who of the same rows was left out.
    ItemsAdded(ListItemsAdded),
    /// All items are on it.
    Prepared(ListPrepared),
    /// Items came off again.
    ItemsRemoved(ListItemsRemoved),
    /// It was held against the records.
    Checked(ListChecked),
    /// A second person agreed to it.
    Approved(ListApproved),
    /// It went to the agent, with the money.
    Submitted(ListSubmitted),
    /// The agent answered for the list as a whole.
    Acknowledged(ListAcknowledged),
    /// Money advanced, paid and handed back were found to agree.
    Reconciled(ListReconciled),
    /// Every item has its outcome; nothing more is expected.
    Closed(ListClosed),
    /// It was called off before it went out, or after its agent had refused it.
    Withdrawn(ListWithdrawn),
    /// It was printed or handed out with people's data in full.
    Shown(ListShown),
}

/// Where a list's items come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Earlier lists with changes, or named people: the list orders its payments itself.
    Ordered,
    /// Payments that were ordered before, one by one or by an import.
    Existing,
}

/// Somebody began to put a list together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOpened {
    pub list_id: ListId,
    pub cycle: Month,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub currency: Currency,
    pub origin: Origin,
    /// The lists that it follows on, for the changes against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<ListId>,
    /// The key that prepares it. Who prepares does not approve.
    pub by: String,
}

/// A payment's attempt on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: UnitKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    pub amount_minor: i64,
}

/// Somebody who was to be on the list and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    /// Where the person was paid before, or lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_key: Option<UnitKey>,
    /// What the earlier list or the order named.
    pub amount_minor: i64,
    /// A stable code: the rule that refused, `dropped` by who prepared it, or `paid-elsewhere`.
    pub reason: String,
    /// The clerk's words for a drop; without numbers of persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The next items, and who of the same rows was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItemsAdded {
    /// From 0, without gaps.
    pub chunk: u32,
    pub items: Vec<Item>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// All items are on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPrepared {
    pub item_count: u64,
    pub control_sum: Money,
    pub left_out_count: u64,
}

/// An item that came off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedItem {
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub unit_key: UnitKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    pub amount_minor: i64,
}

/// Items came off again. An approval given before is void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItemsRemoved {
    pub items: Vec<RemovedItem>,
    pub reason: String,
    pub by: String,
}

/// How often a check found something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCount {
    pub code: String,
    /// It must be mended before the list goes out.
    pub blocking: bool,
    pub items: u64,
}

/// It was held against the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListChecked {
    pub item_count: u64,
    pub control_sum: Money,
    /// By code.
    pub findings: Vec<FindingCount>,
    pub by: String,
}

/// A second person agreed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListApproved {
    pub item_count: u64,
    pub control_sum: Money,
    pub by: String,
}

/// It went to the agent, with the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSubmitted {
    pub item_count: u64,
    /// The money given to the agent for it.
    pub advanced: Money,
    pub by: String,
}

/// What the agent says to the list as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentAnswer {
    /// ISO 20022 ACCP, ACSP, ACTC ...
    Accepted,
    /// ISO 20022 PART: single items were refused and are reported one by one.
    Partly,
    /// ISO 20022 RJCT: nothing of it will be paid.
    Rejected,
}

impl AgentAnswer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Partly, Self::Rejected];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Partly => "partly",
            Self::Rejected => "rejected",
        }
    }
}

/// The agent answered for the list as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAcknowledged {
    pub answer: AgentAnswer,
    /// The agent's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_ref: Option<String>,
    pub by: String,
}

/// A number of items and what they add up to, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    pub items: u64,
    pub sum_minor: i64,
}

impl Tally {
    /// One more item.
    pub const fn add(&mut self, amount_minor: i64) {
        self.items += 1;
        self.sum_minor = self.sum_minor.saturating_add(amount_minor);
    }
}

/// Money advanced, paid and handed back were found to agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReconciled {
    /// Settled, and not returned.
    pub paid: Tally,
    /// Rejected, failed, returned or cancelled.
    pub unpaid: Tally,
    pub advanced: Money,
    pub handed_back: Money,
    pub by: String,
}

/// Every item has its outcome; nothing more is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListClosed {
    pub by: String,
}

/// It was called off before it went out, or after its agent had refused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListWithdrawn {
    pub reason: String,
    /// The money that had been given to the agent, if the list had gone out: all of it came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_back: Option<Money>,
    pub by: String,
}

/// It was printed or handed out with people's data in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListShown {
    /// `items` or `changes`; `order` or `recall` of a file for a bank.
    pub form: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    pub kinds: Vec<DataKind>,
    pub purpose: Purpose,
    pub item_count: u64,
    /// Of an order: its `MsgId`, by which the bank answers for the file as a whole. Orders of before have the list's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Of an order: it has the list's payments as they stood at this position, without those that were stopped then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<u64>,
    pub by: String,
}
