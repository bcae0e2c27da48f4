//! A recovery as folded from its events.

use crate::domain::ids::{BeneficiaryId, BenefitType, PaymentId, RecoveryId, UnitKey};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::recovery::event::{Ground, RecoveryDemanded, RecoveryReceived};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a recovery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// Nobody asked for the money yet.
    Found,
    /// It was asked back; some may be back.
    Demanded,
    /// All is back.
    Received,
    /// The rest was given up.
    WrittenOff,
    /// Nothing is overpaid any more.
    Lapsed,
}

impl RecoveryState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Found, Self::Demanded, Self::Received, Self::WrittenOff, Self::Lapsed];

    /// The word in JSON, SQL and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Demanded => "demanded",
            Self::Received => "received",
            Self::WrittenOff => "written_off",
            Self::Lapsed => "lapsed",
        }
    }

    /// Something is to be done yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Found | Self::Demanded)
    }
}

impl fmt::Display for RecoveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An overpayment that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRecovery {
    pub recovery_id: RecoveryId,
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub unit_key: UnitKey,
    pub months: Vec<Month>,
    pub amount: Money,
    pub ground: Ground,
    pub state: RecoveryState,
    /// The last letter.
    pub demand: Option<RecoveryDemanded>,
    /// What came back, to tell a repeat from another receipt.
    pub receipts: Vec<RecoveryReceived>,
    pub written_off_minor: i64,
    /// What is owed back to whoever paid it.
    pub refund_minor: i64,
}

impl FoundRecovery {
    /// What came back so far.
    #[must_use]
    pub fn received_minor(&self) -> i64 {
        self.receipts.iter().map(|receipt| receipt.amount.minor).fold(0, i64::saturating_add)
    }

    /// What is neither back nor given up.
    #[must_use]
    pub fn outstanding_minor(&self) -> i64 {
        if self.state == RecoveryState::Lapsed {
            return 0;
        }
        self.amount.minor.saturating_sub(self.received_minor()).saturating_sub(self.written_off_minor).max(0)
    }
}

/// A recovery's state: nothing yet, or found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    pub found: Option<FoundRecovery>,
}
