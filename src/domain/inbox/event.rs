//! What happens to a bank's message. Its own id and its texts may name somebody: the log has hashes, counts and codes.

use crate::domain::ids::{BankId, EndToEndId, PaymentId, UnitKey, VaultRef};
use serde::{Deserialize, Serialize};

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxEvent {
    /// A message came whose signature is the bank's and which can be read to its end.
    Received(BankMessageReceived),
    /// Every item was judged.
    Applied(BankMessageApplied),
    /// Items that could not be applied: they wait for a person.
    Quarantined(BankMessageQuarantined),
    /// A person dealt with one.
    Resolved(BankMessageResolved),
    /// Items that waited were judged again, and wait no more as they did.
    JudgedAgain(BankMessageJudgedAgain),
}

/// A message came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankMessageReceived {
    pub bank: BankId,
    /// The key that it was signed with.
    pub key_id: String,
    /// `jws`, `webhook`, `folder` (a file in the folder that the operator gave to the bank), or `sandbox` (a sandbox played its bank).
    pub scheme: String,
    /// `json`, `pain.002`, `camt.053`, `camt.054` or `pacs.004`.
    pub format: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of the exact bytes, in hex.
    pub sha256: String,
    pub bytes: u64,
    pub items: u64,
    /// The exact bytes, in the vault.
    pub body_ref: VaultRef,
    /// The electronic sequence numbers of the statements in it: a number that never comes is a statement that was lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementNumbers>,
}

/// Numbers of statements of one account in one year, within which each is given once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementNumbers {
    /// A keyed hash of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    pub numbers: Vec<u64>,
}

/// Every item was judged. The counts add up to the items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankMessageApplied {
    pub applied: u64,
    /// Told what was known, or nothing that changes a payment.
    pub no_op: u64,
    pub quarantined: u64,
    /// What items on a whole file or block came to: each is one item above, and is about many payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_whole: Option<OfWhole>,
}

/// Payments that items on a whole file or block were about, counted by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OfWhole {
    pub applied: u64,
    pub no_op: u64,
    pub quarantined: u64,
}

/// One item that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedItem {
    /// Its place in the message, from 1; 0 is another message under its id, and further ones have places behind the last item, as have
    /// payments of a whole file.
    pub item: u64,
    /// Of one payment that an item on a whole file or block is about, or of an item that waits for another cause since it was judged again:
    /// that item. Its own place is behind the last item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_item: Option<u64>,
    /// Stable code.
    pub cause: String,
    /// The payment that it names, if it names one of this bank's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<PaymentId>,
    /// That payment's unit: its clerks deal with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_key: Option<UnitKey>,
    /// Of one that names no payment known so far: what it names, if it looks like an id of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<EndToEndId>,
    /// Of a message with the id of another: its bytes, in the vault, and their hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_ref: Option<VaultRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Of one entry for many items, behind the last item: of one message only so many wait by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
}

/// Items of one message that wait together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// The first of them. All items from it on that could not be applied belong to them.
    pub from: u64,
    pub items: u64,
}

/// Items wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankMessageQuarantined {
    pub items: Vec<QuarantinedItem>,
}

/// A person dealt with one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankMessageResolved {
    pub item: u64,
    /// In the person's words, which name nobody.
    pub reason: String,
}

/// What became of an item that was judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgainVerdict {
    Applied,
    NoOp,
    /// For another cause, or payment by payment: under places of their own.
    WaitsAnew,
}

/// One item, judged again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemJudgedAgain {
    pub item: u64,
    pub verdict: AgainVerdict,
}

/// Items that waited were judged again: their bank's codes are explained by now, or their payment is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankMessageJudgedAgain {
    pub items: Vec<ItemJudgedAgain>,
}
