//! Which changes of a bank's entry are taken. Pure: the key's text was read by the caller.

use super::Bank;
use super::event::{BankEvent, BankKeyAdded, BankKeyDisabled, BankRegistered};
use crate::domain::decision::Decision;
use crate::domain::ids::BankId;

/// A command to a bank's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankCommand {
    Register { bank: BankId, mapping: Option<String> },
    AddKey(BankKeyAdded),
    DisableKey { key_id: String },
}

/// Why it is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BankRefusal {
    #[error("this bank is not registered; register it first")]
    NotRegistered,
    #[error(
        "the bank has another key with this id; give each key an id of its own, and never one that was used before"
    )]
    KeyIdTaken,
    #[error("the bank has no such key")]
    NoSuchKey,
    #[error("the key's validity ends before it begins")]
    ValidityEmpty,
    #[error("the bank has 16 keys that are not disabled; disable those that are no longer used")]
    TooManyKeys,
}

impl BankRefusal {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRegistered => "bank-not-registered",
            Self::KeyIdTaken => "bank-key-id-taken",
            Self::NoSuchKey => "bank-key-not-found",
            Self::ValidityEmpty => "bank-key-validity-empty",
            Self::TooManyKeys => "bank-keys-too-many",
        }
    }
}

/// Two while a bank changes from one to the next, and some for several systems of one bank.
const KEYS_MAX: usize = 16;

/// Decides about a command.
#[must_use]
pub fn decide(state: &Bank, command: &BankCommand) -> Decision<BankEvent, BankRefusal> {
    match command {
        BankCommand::Register { bank, mapping } => {
            let event = BankRegistered { bank: bank.clone(), mapping: mapping.clone() };
            if state.registered.as_ref() == Some(&event) {
                return Decision::NoOp;
            }
            Decision::Events(vec![BankEvent::Registered(event)])
        }
        BankCommand::AddKey(_) | BankCommand::DisableKey { .. } if state.registered.is_none() => {
            Decision::Refused(BankRefusal::NotRegistered)
        }
        BankCommand::AddKey(key) => add(state, key),
        BankCommand::DisableKey { key_id } => match state.keys.iter().find(|key| key.key.key_id == *key_id) {
            None => Decision::Refused(BankRefusal::NoSuchKey),
            Some(key) if key.disabled => Decision::NoOp,
            Some(_) => Decision::Events(vec![BankEvent::KeyDisabled(BankKeyDisabled { key_id: key_id.clone() })]),
        },
    }
}

fn add(state: &Bank, key: &BankKeyAdded) -> Decision<BankEvent, BankRefusal> {
    if let Some(known) = state.keys.iter().find(|known| known.key.key_id == key.key_id) {
        return if known.key == *key { Decision::NoOp } else { Decision::Refused(BankRefusal::KeyIdTaken) };
    }
    if let (Some(from), Some(to)) = (key.valid_from, key.valid_to)
        && to <= from
    {
        return Decision::Refused(BankRefusal::ValidityEmpty);
    }
    if state.keys.iter().filter(|key| !key.disabled).count() >= KEYS_MAX {
        return Decision::Refused(BankRefusal::TooManyKeys);
    }
    Decision::Events(vec![BankEvent::KeyAdded(key.clone())])
}
