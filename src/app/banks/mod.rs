//! Banks that report to us: their keys and codes, their messages, and what becomes of each item.

mod accounts;
pub mod again;
pub mod arrangement;
mod at_once;
pub mod callback;
pub mod consent;
mod dropped;
mod first;
pub mod folder;
pub mod inbox;
mod items;
pub(in crate::app) mod kept;
pub mod leftover;
mod long;
mod lost;
pub mod receipt;
pub mod reconcile;
pub mod registry;
mod said;
pub mod silence;
mod whole;

#[cfg(test)]
mod tests;

use crate::app::access::{Principal, Role};
use crate::domain::ids::{BankId, InboxId};
use uuid::Uuid;

/// Namespace of the ids of messages and of banks' own subjects in the vault.
const NAMESPACE: Uuid = Uuid::from_bytes(*b"chitra-of-banks\0");

/// The id of a bank's message: the same whenever and wherever it comes in.
#[must_use]
pub fn inbox_id(bank: &BankId, message_id: &str) -> InboxId {
    let name = [b"message".as_slice(), bank.as_str().as_bytes(), message_id.as_bytes()].join(&0);
    InboxId::from_uuid(Uuid::new_v5(&NAMESPACE, &name))
}

/// Whose the secrets of a bank are in the vault.
pub(super) fn subject_of(bank: &BankId) -> Uuid {
    let name = [b"bank".as_slice(), bank.as_str().as_bytes()].join(&0);
    Uuid::new_v5(&NAMESPACE, &name)
}

/// The bank as the caller of what its messages report: it reaches its own payments and no others.
fn principal_of(bank: &BankId) -> Principal {
    Principal { key_id: format!("bank:{bank}"), role: Role::Bank, unit: None, bank: Some(bank.clone()) }
}

/// The agency's own hand on a bank's word: it holds and calls off what the bank says it keeps back or took back. That the payment is the
/// bank's was checked before; the log says whose word it was.
fn acting_for(bank: &BankId) -> Principal {
    Principal { role: Role::Supervisor, bank: None, ..principal_of(bank) }
}
