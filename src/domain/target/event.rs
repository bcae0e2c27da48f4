//! Events of targets, as stored for ever.

use crate::domain::ids::{BenefitGroup, TargetId, UnitKey};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Whose rate a target is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TargetScope {
    /// Benefit groups, in order, each once; all when empty.
    #[serde(default)]
    pub benefit_groups: Vec<BenefitGroup>,
    /// Urban or rural units on the day due; both when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urban: Option<bool>,
}

/// A target was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetSet {
    pub target_id: TargetId,
    pub unit_key: UnitKey,
    /// Id of the indicator's definition: A1, A2 or A3.
    pub indicator: String,
    pub scope: TargetScope,
    /// A fraction of 1; text in the log.
    #[serde(with = "decimal_text")]
    pub value: Decimal,
    /// The last day to reach it by.
    pub by_date: Date,
    /// The law or dispatch that sets it.
    pub legal_basis: String,
    pub set_by: String,
}

/// A target was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetWithdrawn {
    pub target_id: TargetId,
    pub reason: String,
    pub withdrawn_by: String,
}

/// Any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetEvent {
    Set(TargetSet),
    Withdrawn(TargetWithdrawn),
}

/// Exact decimals as text: a JSON number would be read as a float by others.
mod decimal_text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map_err(D::Error::custom)
    }
}
