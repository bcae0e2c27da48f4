//! What a bank's message says, item by item, in the bank's own codes. What they mean is the mapping's business.

use super::error::ReadError;
use crate::domain::money::{CurrencySpec, InvalidMoney, Money};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fmt;

/// The kinds of messages that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// Our own schema.
    Json,
    /// Status report on ordered payments.
    Pain002,
    /// Statement of account.
    Camt053,
    /// Notice of debits and credits.
    Camt054,
    /// Return of a payment.
    Pacs004,
}

impl MessageKind {
    /// The name used in JSON, logs and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Pain002 => "pain.002",
            Self::Camt053 => "camt.053",
            Self::Camt054 => "camt.054",
            Self::Pacs004 => "pacs.004",
        }
    }

    /// The kind of the element inside `Document`.
    pub(super) fn of_element(name: &str) -> Option<Self> {
        match name {
            "CstmrPmtStsRpt" => Some(Self::Pain002),
            "BkToCstmrStmt" => Some(Self::Camt053),
            "BkToCstmrDbtCdtNtfctn" => Some(Self::Camt054),
            "PmtRtr" => Some(Self::Pacs004),
            _ => None,
        }
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The head of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub kind: MessageKind,
    /// For example `001.10`; `None` when the document names no namespace.
    pub version: Option<String>,
    /// The bank's id of the message.
    pub message_id: String,
    pub created: Option<When>,
}

/// What an item is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One payment.
    Payment,
    /// All payments of one block of ours.
    Batch { original_id: Option<String>, listed: Listed },
    /// All payments of one file of ours.
    Group { original_id: Option<String>, listed: Listed },
}

/// What a report says one by one of the payments that a status of the whole is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// How many payments the file or block had, if the bank says so.
    pub original: Option<u64>,
    /// How many were listed with a status of their own, by status. One listed without a status tells nothing.
    pub statuses: BTreeMap<String, u64>,
}

/// Statuses that are told apart. There are some twenty; what goes beyond counts as not listed.
const STATUSES_MAX: usize = 64;

impl Listed {
    pub(super) fn add(&mut self, status: &str) {
        if let Some(count) = self.statuses.get_mut(status) {
            *count += 1;
        } else if self.statuses.len() < STATUSES_MAX {
            self.statuses.insert(status.to_owned(), 1);
        }
    }
}

/// One thing that a bank reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Place in the message, from 1.
    pub number: u64,
    pub scope: Scope,
    /// As received: ours has 32 hex digits, anything else is nobody's. `None` when absent or `NOTPROVIDED`.
    pub end_to_end_id: Option<String>,
    /// The bank's own reference.
    pub agent_ref: Option<String>,
    pub report: Report,
    pub amount: Option<Amount>,
    pub when: Option<When>,
    pub reasons: Vec<StatedReason>,
}

/// What is reported, in the codes received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A status code of pain.002 or of the JSON schema.
    Status(String),
    /// A word of the JSON schema: `settled`, `returned` ...
    Word(String),
    /// An entry of an account.
    Entry { side: Side, status: String, reversal: bool, returned: bool },
    /// A returned payment (pacs.004).
    Return,
}

/// The side of an entry, from the agency's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Money left the agency's account.
    Debit,
    /// Money came to the agency's account.
    Credit,
}

impl Side {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
}

/// An amount as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    pub text: String,
    pub currency: Option<String>,
}

/// An amount that cannot be a payment's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("the currency is not {expected}")]
    OtherCurrency { expected: String },
    #[error(transparent)]
    Invalid(#[from] InvalidMoney),
}

impl Amount {
    /// The amount in the profile's currency.
    pub fn read(&self, spec: &CurrencySpec) -> Result<Money, AmountError> {
        if self.currency.as_deref().is_some_and(|currency| currency != spec.currency.as_str()) {
            return Err(AmountError::OtherCurrency { expected: spec.currency.to_string() });
        }
        Ok(spec.parse(&self.text)?)
    }
}

/// A reason as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatedReason {
    /// Of ISO's external code set.
    pub code: Option<String>,
    /// The bank's own.
    pub proprietary: Option<String>,
    /// In words, which may name a person.
    pub words: Option<String>,
}

/// A day or an instant, as exact as the bank gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Day(Date),
    /// Without an offset: the bank's local time.
    Local(DateTime),
    Instant(Timestamp),
}

const DAY_LENGTH: usize = 10;
const LENGTH_MAX: usize = 40;

impl When {
    /// Reads the forms of ISO 20022: a date, or date and time, either with or without an offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'+' | b'T' | b'Z');
        if text.len() > LENGTH_MAX || !text.bytes().all(allowed) || !text.is_char_boundary(DAY_LENGTH) {
            return None;
        }
        let (day, rest) = text.split_at(DAY_LENGTH);
        let shaped = day.bytes().enumerate().all(|(at, b)| (b == b'-') == matches!(at, 4 | 7));
        let date: Date = day.parse().ok().filter(|_| shaped)?;
        if rest.is_empty() || is_offset(rest) {
            return Some(Self::Day(date));
        }
        let time = rest.strip_prefix('T')?;
        let clock_end = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, offset) = time.split_at(clock_end);
        if clock.len() < 8 || clock.as_bytes()[2] != b':' || clock.as_bytes()[5] != b':' {
            return None;
        }
        if offset.is_empty() {
            return text.parse().ok().map(Self::Local);
        }
        is_offset(offset).then(|| text.parse().ok().map(Self::Instant))?
    }

    /// The calendar day in a zone.
    #[must_use]
    pub fn day(&self, zone: &TimeZone) -> Date {
        match self {
            Self::Day(day) => *day,
            Self::Local(local) => local.date(),
            Self::Instant(instant) => zone.to_datetime(*instant).date(),
        }
    }
}

/// `Z`, `+07:00`, `-03:30`.
fn is_offset(text: &str) -> bool {
    match text.as_bytes() {
        [b'Z'] => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    }
}

/// What the end of a message told, beside its items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    pub items: u64,
    /// Of camt.053 and camt.054.
    pub statements: Vec<StatementSummary>,
}

/// One statement or notice, added up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementSummary {
    pub id: Option<String>,
    /// The electronic sequence number: a gap tells of a lost statement.
    pub sequence: Option<String>,
    /// Booked entries.
    pub entries: u64,
    pub findings: Vec<Finding>,
}

/// What does not add up in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Opening balance and entries do not give the closing balance.
    BalanceDiffers { difference: String },
    /// The summary counts other entries than there are.
    CountDiffers { stated: u64, found: u64 },
    /// The details of an entry do not give its amount.
    DetailsDiffer { item: u64 },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BalanceDiffers { difference } => {
                write!(f, "the closing balance differs by {difference} from the opening balance and the booked entries")
            }
            Self::CountDiffers { stated, found } => {
                write!(f, "the summary counts {stated} entries, the statement has {found}")
            }
            Self::DetailsDiffer { item } => {
                write!(f, "the details up to item {item} do not add up to the amount of their entry")
            }
        }
    }
}

/// Checks the text of an id that names a message or a statement.
pub(super) fn checked_id(text: &str, item: u64, path: &'static str) -> Result<String, ReadError> {
    let visible = text.chars().all(|c| !c.is_control());
    if text.is_empty() || text.chars().count() > 128 || !visible {
        return Err(ReadError::BadValue { item, path, expected: "1 to 128 characters" });
    }
    Ok(text.to_owned())
}
