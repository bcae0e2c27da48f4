//! What can be asked of a payment. Every fact that a rule needs stands in the command; the use case looked it up.

use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::beneficiary::state::PayoutMethod;
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, PaymentId, PaymentReference, UnitKey, VaultRef,
};
use crate::domain::money::Money;
use crate::domain::payment::event::{Evidence, FailureCause, Payee, PaymentContradicted, Reason, Resolution};
use crate::domain::payment::kind::KindLimits;
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::Date;

/// A command to one payment. `attempt: None` means the attempt that the payment stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentCommand {
    Instruct(Box<Instruct>),
    Accept {
        attempt: Option<u32>,
        agent_ref: Option<String>,
        raw_status: Option<String>,
        accepted_at: Timestamp,
    },
    /// `collector`: whether whoever took cash might on that day.
    Settle {
        attempt: Option<u32>,
        settled_on: Date,
        amount: Money,
        evidence: Evidence,
        collected_by: Option<Payee>,
        /// No other payment holds the benefit months, should this one have been cancelled.
        months_free: bool,
        collector: Standing,
    },
    Reject {
        attempt: Option<u32>,
        reason: Reason,
        rejected_on: Date,
    },
    Return {
        attempt: Option<u32>,
        returned_on: Date,
        amount: Money,
        reason: Reason,
        evidence: Evidence,
    },
    Fail {
        attempt: Option<u32>,
        cause: FailureCause,
        deadline: Date,
    },
    Hold {
        cause: String,
        note: Option<String>,
    },
    /// `died_on`: the day of death, if one is recorded.
    Release {
        note: Option<String>,
        died_on: Option<Date>,
    },
    Reissue(Box<Reissue>),
    Cancel {
        reason: String,
        by: String,
        recall_confirmed: bool,
    },
    Correct {
        correction: CorrectionRequest,
        ground: String,
        known: CorrectionFacts,
    },
    /// `months_free`: as for a settlement. `seen`: what the person saw, which must be what is resolved; `None` takes whatever is open.
    Resolve {
        resolution: Resolution,
        reason: String,
        seen: Option<Box<SeenReport>>,
        months_free: bool,
    },
}

/// A report as a person saw it, and what its resolution was to make good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenReport {
    pub report: PaymentContradicted,
    pub difference_minor: i64,
}

/// A dated fact about the unit named in a command, looked up in the profile's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFact {
    pub key: UnitKey,
    pub code_as_received: String,
    pub urban: bool,
    /// First and last day in force; `None` is unknown or still.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// What the profile says of the channel named in a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFact {
    pub code: ChannelCode,
    pub cashless: bool,
    pub requires_account: bool,
}

/// What is recorded of the beneficiary when the command is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeneficiaryFact {
    pub id: BeneficiaryId,
    pub died_on: Option<Date>,
    /// The payout method in force in the payment's cycle, if any was chosen.
    pub method: Option<PayoutMethod>,
    /// The first month of a method that was chosen but is not in force yet in the cycle, with its channel.
    pub next_method: Option<PayoutMethod>,
    pub suspensions: Vec<Suspension>,
}

/// Order a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruct {
    pub payment_id: PaymentId,
    pub reference: PaymentReference,
    pub beneficiary: BeneficiaryFact,
    pub benefit_type: BenefitType,
    pub benefit_months: Vec<Month>,
    pub cycle: Month,
    pub amount: Money,
    pub unit: UnitFact,
    pub channel: ChannelFact,
    pub agent: AgentCode,
    pub bank: Option<BankId>,
    pub account_ref: Option<VaultRef>,
    pub due_on: Date,
    pub payee: Payee,
    pub account_payee: AccountPayee,
    /// What it pays of its months, and how far that may reach.
    pub limits: KindLimits,
}

/// Whether money may go into an account of the payee on the due date. Asked of payments into accounts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountPayee {
    /// The profile lets this payee have one.
    pub allowed: bool,
    pub standing: Standing,
}

impl AccountPayee {
    /// The beneficiary's own account.
    pub const OWN: Self = Self { allowed: true, standing: Standing::NotNeeded };
}

/// Open a new attempt after the last one was rejected, failed or returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reissue {
    pub channel: ChannelFact,
    pub agent: AgentCode,
    pub bank: Option<BankId>,
    pub account_ref: Option<VaultRef>,
    pub due_on: Date,
    pub payee: Payee,
    /// The day of death, if one is recorded.
    pub died_on: Option<Date>,
    pub suspensions: Vec<Suspension>,
    pub account_payee: AccountPayee,
    pub reason: String,
}

/// What a correction is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionFacts {
    /// The day of death, if one is recorded.
    pub died_on: Option<Date>,
    pub suspensions: Vec<Suspension>,
    pub limits: KindLimits,
}

/// Mend a clerical field; the old value is read from the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorrectionRequest {
    Amount(Money),
    BenefitMonths(Vec<Month>),
    Unit(UnitFact),
    DueOn(Date),
    Reference(PaymentReference),
}
