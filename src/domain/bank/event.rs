//! What happens to a bank's entry. A public key is no secret; a shared secret is in the vault.

use super::BankOrdersArranged;
use crate::domain::ids::{BankId, VaultRef};
use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankEvent {
    /// The bank may report from now on; or its codes mean something else from now on.
    Registered(BankRegistered),
    KeyAdded(BankKeyAdded),
    KeyDisabled(BankKeyDisabled),
    /// The bank takes orders in another way from now on.
    OrdersArranged(BankOrdersArranged),
}

/// The bank may report, with what its codes mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankRegistered {
    pub bank: BankId,
    /// The bank's own mapping file, as text; without one ISO's codes are taken as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// What must have come by which hour; a bank of which nothing is expected is never silent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Expected>,
}

/// A message that must have come by an hour, in the profile's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// `camt.053` and so on; any message when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    pub by: Time,
    pub days: ExpectedDays,
}

/// On which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedDays {
    /// Those of the profile's calendar.
    WorkingDays,
    EveryDay,
}

impl ExpectedDays {
    /// Both.
    pub const ALL: [Self; 2] = [Self::WorkingDays, Self::EveryDay];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkingDays => "working_days",
            Self::EveryDay => "every_day",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|days| days.as_str() == text)
    }
}

impl Expected {
    /// Formats that can be expected.
    pub const FORMATS: [&str; 5] = ["json", "pain.002", "camt.053", "camt.054", "pacs.004"];

    /// Reads a format, an hour (`HH:MM`) and days.
    #[must_use]
    pub fn parse(format: Option<&str>, by: &str, days: &str) -> Option<Self> {
        let format = match format {
            None => None,
            Some(format) => Some((*Self::FORMATS.iter().find(|known| **known == format)?).to_owned()),
        };
        let (hour, minute) = by.split_once(':')?;
        let two =
            |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?;
        let by = Time::new(two(hour)?, two(minute)?, 0, 0).ok()?;
        Some(Self { format, by, days: ExpectedDays::parse(days)? })
    }
}

/// Messages may be signed with this key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankKeyAdded {
    pub key_id: String,
    /// `ES256`, `EdDSA` or `HS256`: the only one that the key verifies.
    pub algorithm: String,
    /// PEM or JWK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The shared secret in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<VaultRef>,
    /// A keyed hash of the key itself, in hex: the same key is nobody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// The first instant at which it is no longer valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
}

/// The key opens nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankKeyDisabled {
    pub key_id: String,
}
