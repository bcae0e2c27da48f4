//! What can happen to a payment, as stored in stream `payment-<id>`. Facts in the past tense; stored for ever.

use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, EndToEndId, PaymentId, PaymentReference, UnitKey,
    VaultRef,
};
use crate::domain::money::Money;
use crate::domain::payment::kind::PaymentKind;
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One event of a payment. The variant's stored type name is `Payment` + its name; see `domain::codec`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentEvent {
    /// The agency ordered the payment; attempt 1 is open.
    Instructed(PaymentInstructed),
    /// The paying agent took the attempt on.
    Accepted(PaymentAccepted),
    /// The money is with the beneficiary (or whoever may collect it).
    Settled(PaymentSettled),
    /// Money of an attempt that was given up went out all the same.
    SettledLate(PaymentSettledLate),
    /// The paying agent refused the attempt.
    Rejected(PaymentRejected),
    /// Settled money came back.
    Returned(PaymentReturned),
    /// The attempt came to nothing: no answer, unclaimed, or not sendable.
    Failed(PaymentFailed),
    /// The attempt waits for a person.
    Held(PaymentHeld),
    /// The wait is over; the attempt stands as before it was held.
    Released(PaymentReleased),
    /// A new attempt was opened.
    Reissued(PaymentReissued),
    /// The payment was called off before money moved.
    Cancelled(PaymentCancelled),
    /// The open attempt was called back, since the payment is paid by the late money of another.
    Recalled(PaymentRecalled),
    /// A clerical field was mended.
    Corrected(PaymentCorrected),
    /// Another amount than was ordered was reported as paid.
    Contradicted(PaymentContradicted),
    /// A person said what was true of it.
    ContradictionResolved(PaymentContradictionResolved),
}

/// Who receives on behalf of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payee {
    /// The beneficiary.
    #[serde(rename = "self")]
    Beneficiary,
    /// A person with a certified written authorisation (Law 41/2024/QH15 art. 10: at most 12 months).
    Authorised,
    /// A guardian.
    Guardian,
    /// Who inherits what was not collected before a death. Only ever a collector of cash.
    Heir,
}

impl Payee {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Beneficiary => "self",
            Self::Authorised => "authorised",
            Self::Guardian => "guardian",
            Self::Heir => "heir",
        }
    }
}

/// The agency ordered the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentInstructed {
    pub payment_id: PaymentId,
    /// The agency's own reference; unique in the log.
    pub reference: PaymentReference,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    /// Months the benefit is for; a Tet cycle pays two.
    pub benefit_months: Vec<Month>,
    /// Month of the payment run.
    pub cycle: Month,
    pub amount: Money,
    /// Version of the unit in force on `due_on`.
    pub unit_key: UnitKey,
    pub unit_code_as_received: String,
    /// Whether the unit is urban on `due_on`.
    pub urban: bool,
    /// Always 1.
    pub attempt: u32,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    /// The account in the vault; never the number itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<VaultRef>,
    pub end_to_end_id: EndToEndId,
    pub due_on: Date,
    pub payee: Payee,
    /// Supplements and arrears are paid beside a month's regular payment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supplement: bool,
    /// Which of the two. Orders from before kinds were told apart have none: they hold no month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentKind>,
}

impl PaymentInstructed {
    /// What it pays of its months.
    #[must_use]
    pub fn kind(&self) -> PaymentKind {
        self.kind.unwrap_or(if self.supplement { PaymentKind::Supplement } else { PaymentKind::Regular })
    }

    /// Nobody else may have its months as this kind of payment.
    #[must_use]
    pub const fn holds_months(&self) -> bool {
        !self.supplement || self.kind.is_some()
    }
}

/// The paying agent took the attempt on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentAccepted {
    pub attempt: u32,
    /// The agent's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_ref: Option<String>,
    /// The agent's status word as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_status: Option<String>,
    pub accepted_at: Timestamp,
}

/// The proof of a settlement or a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its kind: `statement`, `status_report`, `desk_receipt`, `office_file` ...
    pub kind: String,
    /// Its reference with whoever issued it.
    pub reference: String,
}

/// The money arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSettled {
    pub attempt: u32,
    pub settled_on: Date,
    pub amount: Money,
    pub evidence: Evidence,
    /// Who collected cash; `None` for accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected_by: Option<Payee>,
}

/// An attempt that had been given up turns out to be settled. Its money is out: until it comes back the payment must not be paid again.
/// Where no other attempt is open or settled the payment is settled by it; otherwise the attempt keeps its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSettledLate {
    pub attempt: u32,
    pub settled_on: Date,
    pub amount: Money,
    pub evidence: Evidence,
    /// The open attempt that must be recalled and waits for a person; absent when no attempt was open any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_attempt: Option<u32>,
    /// The payment had been cancelled and its months are still free: it holds them again and is paid by this money. Absent when another
    /// payment has them, so that this money is too much.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reinstated: bool,
}

/// Why an attempt was rejected or returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Whose code it is: `iso20022`, a bank, or the agency.
    pub system: String,
    /// The code as received, kept verbatim; `NARR` when there was none, only words.
    pub code: String,
    /// What kind of cause it is, from the profile's map; `unknown` when the code is not in it.
    pub class: ReasonClass,
    /// Words that cannot name anybody. Nothing writes them today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The agent's own words in the vault: they may name a person or an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_ref: Option<VaultRef>,
}

/// Classes of reasons: who must act differs between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonClass {
    AccountData,
    AccountState,
    Identity,
    Deceased,
    Bank,
    Funds,
    Duplicate,
    Format,
    Unclaimed,
    NoAnswer,
    Unknown,
}

impl ReasonClass {
    /// The word in the store and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountData => "account_data",
            Self::AccountState => "account_state",
            Self::Identity => "identity",
            Self::Deceased => "deceased",
            Self::Bank => "bank",
            Self::Funds => "funds",
            Self::Duplicate => "duplicate",
            Self::Format => "format",
            Self::Unclaimed => "unclaimed",
            Self::NoAnswer => "no_answer",
            Self::Unknown => "unknown",
        }
    }
}

/// The paying agent refused the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRejected {
    pub attempt: u32,
    pub reason: Reason,
    pub rejected_on: Date,
}

/// Settled money came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReturned {
    pub attempt: u32,
    pub returned_on: Date,
    pub amount: Money,
    pub reason: Reason,
    pub evidence: Evidence,
    /// The return was seen before the settlement notice (messages come out of order).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settlement_inferred: bool,
}

/// Why an attempt came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    /// The agent never answered.
    NoAnswer,
    /// Nobody collected the cash.
    Unclaimed,
    /// It could not be sent at all.
    NotSendable,
}

/// The attempt came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFailed {
    pub attempt: u32,
    pub cause: FailureCause,
    /// The day after which nothing more was expected.
    pub deadline: Date,
}

/// The attempt waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentHeld {
    pub attempt: u32,
    pub cause: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The wait is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReleased {
    pub attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A new attempt was opened, possibly through another channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReissued {
    pub new_attempt: u32,
    pub from_channel: ChannelCode,
    pub to_channel: ChannelCode,
    pub agent: AgentCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<VaultRef>,
    pub end_to_end_id: EndToEndId,
    pub due_on: Date,
    pub payee: Payee,
    pub reason: String,
}

/// The payment was called off before money moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCancelled {
    pub attempt: u32,
    pub reason: String,
    /// Who called it off: `agency`, `agent` (a recall that the agent confirmed) or `import_reversal`.
    pub by: String,
}

/// The open attempt was called back; the payment keeps its months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecalled {
    pub attempt: u32,
    pub reason: String,
    /// Who called it back; as in [`PaymentCancelled`].
    pub by: String,
}

/// Another amount than was ordered was reported as paid. It waits for a person; money counts as paid only once that person says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentContradicted {
    pub attempt: u32,
    pub settled_on: Date,
    /// The amount that was reported.
    pub amount: Money,
    pub evidence: Evidence,
    /// Who collected cash; `None` for accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected_by: Option<Payee>,
}

/// What becomes of a contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The report was wrong, or its money was taken back by whoever sent it.
    Dismissed,
    /// That much was paid. What is over is recovered; what is missing is ordered as a supplement.
    MadeGood,
    /// That much was paid, and the difference is let be.
    Accepted,
}

impl Resolution {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dismissed, Self::MadeGood, Self::Accepted];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dismissed => "dismissed",
            Self::MadeGood => "made_good",
            Self::Accepted => "accepted",
        }
    }
}

/// A person said what was true of a contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentContradictionResolved {
    pub attempt: u32,
    pub resolution: Resolution,
    /// What was reported less what was ordered, in minor units; 0 where another attempt or payment pays what is owed, so that all that was
    /// reported is too much.
    pub difference_minor: i64,
    pub reason: String,
}

/// Which clerical field was mended. Amounts are not among them once settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Correction {
    Amount { old: Money, new: Money },
    BenefitMonths { old: Vec<Month>, new: Vec<Month> },
    Unit { old: UnitKey, new: UnitKey, new_urban: bool, new_code_as_received: String },
    DueOn { old: Date, new: Date },
    Reference { old: PaymentReference, new: PaymentReference },
}

/// A clerical field was mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCorrected {
    pub correction: Correction,
    pub ground: String,
}
