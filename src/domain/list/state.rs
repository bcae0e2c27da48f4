//! A payment list as folded from its events.

use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::list::event::{AgentAnswer, FindingCount, Item, ListReconciled, Origin};
use crate::domain::money::{Currency, Money};
use crate::domain::period::Month;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far a list has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Items are still being added.
    Preparing,
    Prepared,
    Approved,
    Submitted,
    Acknowledged,
    Reconciled,
    Closed,
    Withdrawn,
}

impl Stage {
    /// All stages, in the order of a list's life.
    pub const ALL: [Self; 8] = [
        Self::Preparing,
        Self::Prepared,
        Self::Approved,
        Self::Submitted,
        Self::Acknowledged,
        Self::Reconciled,
        Self::Closed,
        Self::Withdrawn,
    ];

    /// The word used in JSON, SQL and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Prepared => "prepared",
            Self::Approved => "approved",
            Self::Submitted => "submitted",
            Self::Acknowledged => "acknowledged",
            Self::Reconciled => "reconciled",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it went to its agent and was not called off since.
    #[must_use]
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Submitted | Self::Acknowledged | Self::Reconciled | Self::Closed)
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }
}

/// An item as the list holds it; its key is the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldItem {
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: UnitKey,
    pub bank: Option<BankId>,
    pub amount_minor: i64,
}

impl HeldItem {
    pub(super) fn of(item: &Item) -> Self {
        Self {
            attempt: item.attempt,
            beneficiary_id: item.beneficiary_id,
            benefit_type: item.benefit_type.clone(),
            unit_key: item.unit_key.clone(),
            bank: item.bank.clone(),
            amount_minor: item.amount_minor,
        }
    }
}

/// A list that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub list_id: ListId,
    pub cycle: Month,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub currency: Currency,
    pub origin: Origin,
    pub previous: Vec<ListId>,
    pub stage: Stage,
    /// In the order of payment ids.
    pub items: BTreeMap<PaymentId, HeldItem>,
    pub sum_minor: i64,
    /// How many chunks were added.
    pub chunks: u32,
    pub left_out: u64,
    /// The keys that shaped the list; none of them may approve it.
    pub hands: BTreeSet<String>,
    /// What the last check found, if nothing has changed since.
    pub checked: Option<Vec<FindingCount>>,
    pub approved_by: Option<String>,
    pub advanced: Option<Money>,
    pub answer: Option<(AgentAnswer, Option<String>)>,
    pub reconciled: Option<ListReconciled>,
    /// The money that the agent gave back, as the reconciliation or the withdrawal says.
    pub handed_back: Option<Money>,
}

impl Opened {
    /// The sum of the items with the list's currency.
    #[must_use]
    pub const fn control_sum(&self) -> Money {
        Money { minor: self.sum_minor, currency: self.currency }
    }

    /// How many items there are.
    #[must_use]
    pub fn item_count(&self) -> u64 {
        self.items.len() as u64
    }

    /// The units that its items lie in, each once.
    #[must_use]
    pub fn units(&self) -> BTreeSet<&UnitKey> {
        self.items.values().map(|item| &item.unit_key).collect()
    }

    /// The bank that all items go to, if it is one.
    #[must_use]
    pub fn only_bank(&self) -> Option<&BankId> {
        let mut banks = self.items.values().map(|item| item.bank.as_ref());
        let first = banks.next().flatten()?;
        banks.all(|bank| bank == Some(first)).then_some(first)
    }
}

/// A list's state: nothing yet, or begun.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentList {
    pub opened: Option<Opened>,
}
