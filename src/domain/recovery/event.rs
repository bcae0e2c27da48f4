//! What can happen to a recovery, as stored in stream `recovery-<id>`. Facts in the past tense; stored for ever.

use crate::domain::ids::{ApprovalId, BeneficiaryId, BenefitType, PaymentId, RecoveryId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::event::Evidence;
use crate::domain::period::Month;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One event of a recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecoveryEvent {
    /// Money is out beyond what is owed, or more or less of it than was thought.
    Found(OverpaymentFound),
    /// It was asked back in writing.
    Demanded(RecoveryDemanded),
    /// Some of it, or all, came back.
    Received(RecoveryReceived),
    /// What is outstanding is given up.
    WrittenOff(RecoveryWrittenOff),
    /// Nothing is overpaid any more.
    Lapsed(RecoveryLapsed),
}

/// Why the money was not owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// For months after the month of death.
    PaidAfterDeath,
    /// Two attempts of one payment are out.
    PaidTwice,
    /// The payment had been cancelled and another one pays its months.
    PaidAfterCancellation,
    /// More went out than was ordered, as a person found when it was reported.
    PaidTooMuch,
    /// More was ordered than was owed. A person finds it.
    WrongAmount,
    /// The right had ended or never was. A person finds it.
    NotEntitled,
}

impl Ground {
    /// All grounds.
    pub const ALL: [Self; 6] = [
        Self::PaidAfterDeath,
        Self::PaidTwice,
        Self::PaidAfterCancellation,
        Self::PaidTooMuch,
        Self::WrongAmount,
        Self::NotEntitled,
    ];

    /// Those that follow from the records, so that nobody need look for them.
    pub const AUTOMATIC: [Self; 4] =
        [Self::PaidAfterDeath, Self::PaidTwice, Self::PaidAfterCancellation, Self::PaidTooMuch];

    /// The word in JSON, SQL and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaidAfterDeath => "paid_after_death",
            Self::PaidTwice => "paid_twice",
            Self::PaidAfterCancellation => "paid_after_cancellation",
            Self::PaidTooMuch => "paid_too_much",
            Self::WrongAmount => "wrong_amount",
            Self::NotEntitled => "not_entitled",
        }
    }

    /// It follows from the records.
    #[must_use]
    pub fn is_automatic(self) -> bool {
        Self::AUTOMATIC.contains(&self)
    }
}

/// Money is out beyond what is owed. A second one in a stream says the new amount; what came back stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverpaymentFound {
    pub recovery_id: RecoveryId,
    pub payment_id: PaymentId,
    /// The attempt whose money it is.
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: UnitKey,
    /// The months that were paid without being owed.
    pub months: Vec<Month>,
    pub amount: Money,
    pub ground: Ground,
    pub found_on: Date,
}

/// It was asked back in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryDemanded {
    pub demanded_on: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// Number of the letter.
    pub reference: String,
}

/// Money came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryReceived {
    pub amount: Money,
    pub received_on: Date,
    pub evidence: Evidence,
}

/// What is outstanding is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryWrittenOff {
    pub amount: Money,
    pub written_off_on: Date,
    pub reason: String,
    /// The second person's consent, where the profile asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<ApprovalId>,
}

/// Nothing is overpaid any more: the money came back another way, or turned out to be owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryLapsed {
    pub lapsed_on: Date,
    /// What had come back through this recovery and is owed to whoever paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<Money>,
}
