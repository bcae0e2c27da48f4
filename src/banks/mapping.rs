//! What a bank's codes mean here: data, with a default from ISO's external code sets, and a file for each bank that differs. A code that
//! no file has means nothing: it is kept as received and is never taken for money.

use super::item::{Report, Side};
use crate::domain::payment::event::ReasonClass;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a report does to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Worth keeping, changes nothing.
    Note,
    Accepted,
    Settled,
    Rejected,
    Returned,
    Cancelled,
    /// A person must look at the payment before it goes on.
    Held,
    /// Nobody told what the code means: a person must look at the report.
    Unknown,
}

impl Effect {
    /// The word in mapping files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Accepted => "accepted",
            Self::Settled => "settled",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
            Self::Unknown => "unknown",
        }
    }
}

/// A mapping that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("the mapping is not valid: {0}")]
    Malformed(String),
    #[error("{key} cannot mean settled: it is no debit of our account")]
    CreditSettles { key: &'static str },
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    #[serde(default)]
    statuses: BTreeMap<String, Effect>,
    /// Of a whole file or block, where it is not what the same code says of one payment.
    #[serde(default)]
    whole_statuses: BTreeMap<String, Effect>,
    #[serde(default)]
    words: BTreeMap<String, Effect>,
    #[serde(default)]
    entry_statuses: BTreeMap<String, EntryStatus>,
    #[serde(default)]
    entries: Entries,
    #[serde(default)]
    reasons: BTreeMap<String, ReasonClass>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EntryStatus {
    /// The entry counts.
    Booked,
    /// It may still change.
    Note,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    debit: Option<Effect>,
    debit_reversal: Option<Effect>,
    debit_returned: Option<Effect>,
    credit: Option<Effect>,
    credit_reversal: Option<Effect>,
    credit_returned: Option<Effect>,
    returned_payment: Option<Effect>,
}

/// The meaning of a bank's codes.
#[derive(Debug, Clone)]
pub struct Mapping(Spec);

const DEFAULT: &str = include_str!("../../config/banks/default.toml");

impl Mapping {
    /// ISO's codes as they are.
    pub fn iso() -> Result<Self, MappingError> {
        let spec = toml::from_str(DEFAULT).map_err(|error| MappingError::Malformed(error.to_string()))?;
        Self(spec).checked()
    }

    /// The default with what one bank does otherwise.
    pub fn of_bank(text: &str) -> Result<Self, MappingError> {
        let own: Spec = toml::from_str(text).map_err(|error| MappingError::Malformed(error.to_string()))?;
        let mut whole = Self::iso()?.0;
        whole.statuses.extend(own.statuses);
        whole.whole_statuses.extend(own.whole_statuses);
        whole.words.extend(own.words);
        whole.entry_statuses.extend(own.entry_statuses);
        whole.reasons.extend(own.reasons);
        whole.entries = own.entries.or(whole.entries);
        Self(whole).checked()
    }

    fn checked(self) -> Result<Self, MappingError> {
        for (key, effect) in self.0.entries.never_settling() {
            if effect == Some(Effect::Settled) {
                return Err(MappingError::CreditSettles { key });
            }
        }
        Ok(self)
    }

    /// What a report does.
    #[must_use]
    pub fn effect(&self, report: &Report) -> Effect {
        let found = match report {
            Report::Status(code) => self.0.statuses.get(code).copied(),
            Report::Word(word) => self.0.words.get(word).copied(),
            Report::Return => self.0.entries.returned_payment,
            Report::Entry { side, status, reversal, returned } => match self.0.entry_statuses.get(status) {
                None => None,
                Some(EntryStatus::Note) => Some(Effect::Note),
                Some(EntryStatus::Booked) => self.0.entries.of(*side, *reversal, *returned),
            },
        };
        found.unwrap_or(Effect::Unknown)
    }

    /// What a status of a whole file or block does to its payments. That they are settled is never taken from what the code says of one.
    #[must_use]
    pub fn effect_of_whole(&self, report: &Report) -> Effect {
        let Report::Status(code) = report else { return Effect::Unknown };
        match (self.0.whole_statuses.get(code), self.effect(report)) {
            (Some(effect), _) => *effect,
            (None, Effect::Settled) => Effect::Unknown,
            (None, effect) => effect,
        }
    }

    /// The class of a code that is the bank's own.
    #[must_use]
    pub fn reason_class(&self, code: &str) -> Option<ReasonClass> {
        self.0.reasons.get(code).copied()
    }
}

impl Entries {
    fn or(self, other: Self) -> Self {
        Self {
            debit: self.debit.or(other.debit),
            debit_reversal: self.debit_reversal.or(other.debit_reversal),
            debit_returned: self.debit_returned.or(other.debit_returned),
            credit: self.credit.or(other.credit),
            credit_reversal: self.credit_reversal.or(other.credit_reversal),
            credit_returned: self.credit_returned.or(other.credit_returned),
            returned_payment: self.returned_payment.or(other.returned_payment),
        }
    }

    const fn of(self, side: Side, reversal: bool, returned: bool) -> Option<Effect> {
        match (side, reversal, returned) {
            (Side::Debit, true, _) => self.debit_reversal,
            (Side::Debit, false, true) => self.debit_returned,
            (Side::Debit, false, false) => self.debit,
            (Side::Credit, true, _) => self.credit_reversal,
            (Side::Credit, false, true) => self.credit_returned,
            (Side::Credit, false, false) => self.credit,
        }
    }

    const fn never_settling(self) -> [(&'static str, Option<Effect>); 6] {
        [
            ("entries.debit_reversal", self.debit_reversal),
            ("entries.debit_returned", self.debit_returned),
            ("entries.credit", self.credit),
            ("entries.credit_reversal", self.credit_reversal),
            ("entries.credit_returned", self.credit_returned),
            ("entries.returned_payment", self.returned_payment),
        ]
    }
}
