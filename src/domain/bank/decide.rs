//! Which changes of a bank's entry are taken. Pure: the key's text was read by the caller.

use super::event::{BankEvent, BankKeyAdded, BankKeyDisabled, BankRegistered, Expected};
use super::{Bank, BankKey, BankOrdersArranged, OrderForm};
use crate::domain::decision::Decision;
use crate::domain::ids::BankId;

/// A command to a bank's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankCommand {
    /// What is absent stays as it was; an empty mapping is ISO's.
    Register {
        bank: BankId,
        mapping: Option<String>,
        expected: Option<Vec<Expected>>,
    },
    AddKey(BankKeyAdded),
    DisableKey {
        key_id: String,
    },
    ArrangeOrders(BankOrdersArranged),
    /// What a second person consented to, of an entry as it was then.
    RegisterAsSeen {
        before: Option<BankRegistered>,
        after: BankRegistered,
    },
    /// The same of the way of taking orders.
    ArrangeAsSeen {
        before: Option<BankOrdersArranged>,
        after: BankOrdersArranged,
    },
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
    #[error("this very key is registered already, in force or not; make a new one")]
    KeyRegistered,
    #[error("the bank has no such key")]
    NoSuchKey,
    #[error("the key's validity ends before it begins")]
    ValidityEmpty,
    #[error("the bank has 16 keys that are not disabled; disable those that are no longer used")]
    TooManyKeys,
    #[error("at most 8 messages can be expected of a bank; leave out those that another one stands for")]
    TooManyExpected,
    #[error("a pain.001 names the account that is debited: give the agency's account at the bank")]
    NoAccount,
    #[error("it is not said how the bank takes orders; POST /v1/banks/{{bank}}/orders, or `chitra banks orders`")]
    NoOrders,
    #[error("the bank's entry was changed since this was asked for; ask again for what is to change now")]
    Changed,
}

impl BankRefusal {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRegistered => "bank-not-registered",
            Self::KeyIdTaken => "bank-key-id-taken",
            Self::KeyRegistered => "bank-key-registered",
            Self::NoSuchKey => "bank-key-not-found",
            Self::ValidityEmpty => "bank-key-validity-empty",
            Self::TooManyKeys => "bank-keys-too-many",
            Self::TooManyExpected => "bank-expected-too-many",
            Self::NoAccount => "bank-orders-without-account",
            Self::NoOrders => "bank-orders-not-arranged",
            Self::Changed => "bank-changed",
        }
    }
}

/// Two while a bank changes from one to the next, and some for several systems of one bank.
const KEYS_MAX: usize = 16;

/// One for each format, and some by another hour.
const EXPECTED_MAX: usize = 8;

/// Decides about a command.
#[must_use]
pub fn decide(state: &Bank, command: &BankCommand) -> Decision<BankEvent, BankRefusal> {
    match command {
        BankCommand::Register { bank, mapping, expected } => {
            let before = state.registered.as_ref();
            let mapping = mapping.clone().or_else(|| before.and_then(|before| before.mapping.clone()));
            let expected = expected.clone().or_else(|| before.map(|before| before.expected.clone()));
            if expected.as_ref().is_some_and(|expected| expected.len() > EXPECTED_MAX) {
                return Decision::Refused(BankRefusal::TooManyExpected);
            }
            let mapping = mapping.filter(|text| !text.trim().is_empty());
            let event = BankRegistered { bank: bank.clone(), mapping, expected: expected.unwrap_or_default() };
            if state.registered.as_ref() == Some(&event) {
                return Decision::NoOp;
            }
            Decision::Events(vec![BankEvent::Registered(event)])
        }
        BankCommand::RegisterAsSeen { after, .. } if state.registered.as_ref() == Some(after) => Decision::NoOp,
        BankCommand::RegisterAsSeen { before, .. } if state.registered != *before => {
            Decision::Refused(BankRefusal::Changed)
        }
        BankCommand::RegisterAsSeen { after, .. } => Decision::Events(vec![BankEvent::Registered(after.clone())]),
        BankCommand::AddKey(_)
        | BankCommand::DisableKey { .. }
        | BankCommand::ArrangeOrders(_)
        | BankCommand::ArrangeAsSeen { .. }
            if state.registered.is_none() =>
        {
            Decision::Refused(BankRefusal::NotRegistered)
        }
        BankCommand::AddKey(key) => add(state, key),
        BankCommand::DisableKey { key_id } => match state.keys.iter().find(|key| key.key.key_id == *key_id) {
            None => Decision::Refused(BankRefusal::NoSuchKey),
            Some(key) if key.disabled => Decision::NoOp,
            Some(_) => Decision::Events(vec![BankEvent::KeyDisabled(BankKeyDisabled { key_id: key_id.clone() })]),
        },
        BankCommand::ArrangeAsSeen { after, .. } if state.orders.as_ref() == Some(after) => Decision::NoOp,
        BankCommand::ArrangeAsSeen { before, .. } if state.orders != *before => Decision::Refused(BankRefusal::Changed),
        BankCommand::ArrangeAsSeen { after, .. } => Decision::Events(vec![BankEvent::OrdersArranged(after.clone())]),
        BankCommand::ArrangeOrders(orders) if orders.form != OrderForm::Table && orders.account_ref.is_none() => {
            Decision::Refused(BankRefusal::NoAccount)
        }
        BankCommand::ArrangeOrders(orders) if state.orders.as_ref() == Some(orders) => Decision::NoOp,
        BankCommand::ArrangeOrders(orders) => Decision::Events(vec![BankEvent::OrdersArranged(orders.clone())]),
    }
}

fn add(state: &Bank, key: &BankKeyAdded) -> Decision<BankEvent, BankRefusal> {
    if let Some(known) = state.keys.iter().find(|known| known.key.key_id == key.key_id) {
        return if known.key == *key { Decision::NoOp } else { Decision::Refused(BankRefusal::KeyIdTaken) };
    }
    // Disabled or not: what opens nothing any more must not come back under another name.
    let is_same = |known: &BankKey| key.fingerprint.is_some() && known.key.fingerprint == key.fingerprint;
    if state.keys.iter().any(is_same) {
        return Decision::Refused(BankRefusal::KeyRegistered);
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
