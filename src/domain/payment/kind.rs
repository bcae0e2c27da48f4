//! What a payment pays beside a month's regular one: what was owed since then, or what was missing. How far either may reach is the profile's.

use crate::domain::payment::error::PaymentRefusal;
use crate::domain::period::Month;
use serde::{Deserialize, Serialize};

/// What a payment is for a benefit month. Each kind pays a month once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// The month's own payment.
    #[default]
    Regular,
    /// What a month was owed and not paid in its time.
    Arrears,
    /// What a month was paid too little.
    Supplement,
}

impl PaymentKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Regular, Self::Arrears, Self::Supplement];

    /// The word used in JSON, SQL and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Arrears => "arrears",
            Self::Supplement => "supplement",
        }
    }

    /// The kind that a word stands for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Paid beside a month's regular payment.
    #[must_use]
    pub const fn is_beside(self) -> bool {
        !matches!(self, Self::Regular)
    }
}

/// How far payments of a kind may reach, by the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindLimits {
    pub kind: PaymentKind,
    /// The largest amount of one payment, in minor units.
    pub amount_max_minor: i64,
    /// How many months a benefit month may lie before the cycle.
    pub months_back_max: Option<u16>,
    /// How many benefit months one payment may have.
    pub months_max: Option<u16>,
}

impl KindLimits {
    /// Whether a payment of the kind may have these months in a cycle.
    pub fn check_months(&self, months: &[Month], cycle: Month) -> Result<(), PaymentRefusal> {
        let kind = self.kind.as_str();
        if let Some(most) = self.months_max.filter(|most| months.len() > usize::from(*most)) {
            return Err(PaymentRefusal::TooManyMonths { kind, most });
        }
        if self.kind == PaymentKind::Arrears
            && let Some(month) = months.iter().copied().find(|month| *month > cycle)
        {
            return Err(PaymentRefusal::ArrearsAhead { month, cycle });
        }
        let Some(most) = self.months_back_max else { return Ok(()) };
        let first = cycle.plus(-i32::from(most));
        match months.iter().copied().find(|month| *month < first) {
            Some(month) => Err(PaymentRefusal::MonthTooFarBack { kind, month, first }),
            None => Ok(()),
        }
    }
}
