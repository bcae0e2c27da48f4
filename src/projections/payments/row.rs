//! The row of a payment and the row of one interval in which it was live. Plain data; how events change them is in `apply`.

use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, EndToEndId, PaymentId, PaymentReference, UnitKey,
};
use crate::domain::money::Money;
use crate::domain::payment::event::{FailureCause, Payee, ReasonClass};
use crate::domain::payment::{AttemptState, PaymentKind};
use crate::domain::period::Month;
use crate::projections::cell::{Place, urban_node};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Who pays an attempt out, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// The way of paying.
    pub channel: ChannelCode,
    /// Who pays out for the agency.
    pub agent: AgentCode,
    /// The bank of the beneficiary's account, if it goes to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
}

/// Why an attempt came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// `rejected`, `returned` or `failed`.
    pub kind: OutcomeKind,
    /// Whose code it is; `chitra` for the causes of a failure.
    pub system: String,
    /// The code as received; the cause's word for a failure.
    pub code: String,
    /// Its class.
    pub class: ReasonClass,
}

/// How an attempt came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// The agent refused it.
    Rejected,
    /// Settled money came back.
    Returned,
    /// No answer, unclaimed or not sendable.
    Failed,
}

impl OutcomeKind {
    /// The word in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Failed => "failed",
        }
    }
}

/// An attempt that the payment does not stand on. The payment's figures need it when its unit or amount is corrected later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastAttempt {
    /// Who should have paid.
    #[serde(flatten)]
    pub provider: Provider,
    /// Why it came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// When it was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// Who was to receive, if not the beneficiary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Payee>,
    /// Its money went out after all on this day, and is not back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_on: Option<Date>,
    /// How much of it, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_minor: Option<i64>,
}

/// A payment as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id.
    pub payment_id: PaymentId,
    /// The agency's own reference.
    pub reference: PaymentReference,
    /// Whom it is for.
    pub beneficiary_id: BeneficiaryId,
    /// What it is for.
    pub benefit_type: BenefitType,
    /// Months that it is for.
    pub benefit_months: Vec<Month>,
    /// Month of the payment run.
    pub cycle: Month,
    /// How much.
    pub amount: Money,
    /// The unit's version in force on the day due.
    pub unit_key: UnitKey,
    /// The unit's code as the agency wrote it.
    pub unit_code_as_received: String,
    /// Whether that unit is urban.
    pub urban: bool,
    /// What it pays of its months.
    pub kind: PaymentKind,
    /// State of the attempt that the payment stands on: the latest, or an earlier one whose late money pays it.
    pub state: AttemptState,
    /// That attempt waits for a person, and why.
    pub held: Option<String>,
    /// Another amount than was ordered was reported of it, and a person has not said yet what is true.
    pub contradicted: bool,
    /// Number of that attempt.
    pub attempt: u32,
    /// Its provider.
    pub provider: Provider,
    /// The first attempt's provider: what the list said before any failure.
    pub first_provider: Provider,
    /// Its id with the banks.
    pub end_to_end_id: EndToEndId,
    /// When it is due.
    pub due_on: Date,
    /// When it settled.
    pub settled_on: Option<Date>,
    /// When it came back.
    pub returned_on: Option<Date>,
    /// Why it came to nothing.
    pub outcome: Option<Outcome>,
    /// Who is to receive.
    pub payee: Payee,
    /// Who collected cash.
    pub collected_by: Option<Payee>,
    /// All other attempts, each in the place of its number. The place of the attempt that the payment stands on is empty, or only says
    /// that its money went out late.
    pub past_attempts: Vec<Option<PastAttempt>>,
    /// Revision of the payment's stream.
    pub revision: u64,
    /// Position of its first event; also the order of lists.
    pub instructed_position: u64,
    /// Position of its last event.
    pub last_position: u64,
    /// When its first event was recorded, in microseconds since the Unix epoch.
    pub instructed_at_us: i64,
    /// When its last event was recorded, in microseconds since the Unix epoch.
    pub updated_at_us: i64,
}

impl PaymentRow {
    /// The money is with the beneficiary: settled and not returned.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.state, AttemptState::Settled)
    }

    /// Who has the money of a live payment, if that is not the beneficiary.
    #[must_use]
    pub fn other_recipient(&self) -> Option<Payee> {
        let recipient = self.collected_by.unwrap_or(self.payee);
        Some(recipient).filter(|recipient| self.is_live() && *recipient != Payee::Beneficiary)
    }

    /// What the order counts as in figures of first attempts, which corrections and cancellations change.
    #[must_use]
    pub fn counts_as(&self) -> (&UnitKey, bool, bool) {
        (&self.unit_key, self.urban, self.state != AttemptState::Cancelled)
    }

    /// It waits for a person, whatever the reason.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.held.is_some() || self.contradicted
    }

    /// The attempts that the payment does not stand on.
    pub fn other_attempts(&self) -> impl Iterator<Item = &PastAttempt> {
        let own = usize::try_from(self.attempt).unwrap_or(usize::MAX);
        self.past_attempts
            .iter()
            .zip(1_usize..)
            .filter(move |(_, number)| *number != own)
            .filter_map(|(past, _)| past.as_ref())
    }

    /// The cell's place for figures of an attempt by this provider.
    #[must_use]
    pub fn place(&self, provider: &Provider) -> Place {
        place(self.cycle, &self.unit_key, &self.benefit_type, provider, self.urban)
    }

    /// The interval that begins when the payment is live from this position on.
    #[must_use]
    pub fn live_from(&self, position: u64, cashless: bool) -> LiveRow {
        LiveRow {
            cycle: self.cycle,
            beneficiary_id: self.beneficiary_id,
            payment_id: self.payment_id,
            valid_from_position: position,
            valid_to_position: None,
            unit_key: self.unit_key.clone(),
            urban: self.urban,
            benefit_type: self.benefit_type.clone(),
            channel: self.provider.channel.clone(),
            agent: self.provider.agent.clone(),
            bank: self.provider.bank.clone(),
            cashless,
            amount_minor: self.amount.minor,
        }
    }
}

/// An attempt's id with the banks; all attempts stay findable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// The id that banks answer with.
    pub end_to_end_id: EndToEndId,
    /// Whose it is.
    pub payment_id: PaymentId,
    /// Which attempt.
    pub attempt: u32,
}

/// One interval of positions in which a payment was live, with what figures of people need of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRow {
    /// Month of the payment run.
    pub cycle: Month,
    /// Who was paid.
    pub beneficiary_id: BeneficiaryId,
    /// By which payment.
    pub payment_id: PaymentId,
    /// First position at which this holds.
    pub valid_from_position: u64,
    /// First position at which it holds no longer; `None` while it does.
    pub valid_to_position: Option<u64>,
    /// Where.
    pub unit_key: UnitKey,
    /// Whether that is urban.
    pub urban: bool,
    /// What for.
    pub benefit_type: BenefitType,
    /// How.
    pub channel: ChannelCode,
    /// By whom.
    pub agent: AgentCode,
    /// Into an account of which bank.
    pub bank: Option<BankId>,
    /// Whether the channel counts as cashless.
    pub cashless: bool,
    /// How much, in minor units.
    pub amount_minor: i64,
}

impl LiveRow {
    /// Both lie in one leaf of the cube.
    #[must_use]
    pub fn same_leaf(&self, other: &Self) -> bool {
        self.unit_key == other.unit_key
            && self.urban == other.urban
            && self.benefit_type == other.benefit_type
            && self.channel == other.channel
            && self.agent == other.agent
            && self.bank == other.bank
    }

    /// The same but for its interval.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.same_leaf(other) && self.amount_minor == other.amount_minor && self.cashless == other.cashless
    }

    /// The leaf of the cube.
    #[must_use]
    pub fn place(&self) -> Place {
        let provider = Provider { channel: self.channel.clone(), agent: self.agent.clone(), bank: self.bank.clone() };
        place(self.cycle, &self.unit_key, &self.benefit_type, &provider, self.urban)
    }
}

fn place(cycle: Month, unit: &UnitKey, benefit: &BenefitType, provider: &Provider, urban: bool) -> Place {
    Place {
        cycle,
        unit: unit.as_str().into(),
        benefit: benefit.as_str().into(),
        channel: provider.channel.as_str().into(),
        agent: provider.agent.as_str().into(),
        bank: provider.bank.as_ref().map_or("", |bank| bank.as_str()).into(),
        urban: urban_node(urban),
    }
}

/// The word of a failure's cause.
#[must_use]
pub const fn failure_word(cause: FailureCause) -> &'static str {
    match cause {
        FailureCause::NoAnswer => "no_answer",
        FailureCause::Unclaimed => "unclaimed",
        FailureCause::NotSendable => "not_sendable",
    }
}
