//! Stored names of the events of banks and of their messages, with their reading and writing.

use super::encode::encoded;
use super::{CodecError, DomainEvent, Encoded, Reader, StoredType, v1};
use crate::domain::bank::BankEvent;
use crate::domain::inbox::InboxEvent;

pub(super) const BANK_REGISTERED: StoredType = v1("BankRegistered");
pub(super) const BANK_KEY_ADDED: StoredType = v1("BankKeyAdded");
pub(super) const BANK_KEY_DISABLED: StoredType = v1("BankKeyDisabled");
pub(super) const BANK_ORDERS_ARRANGED: StoredType = v1("BankOrdersArranged");
pub(super) const BANK_MESSAGE_RECEIVED: StoredType = v1("BankMessageReceived");
pub(super) const BANK_MESSAGE_APPLIED: StoredType = v1("BankMessageApplied");
pub(super) const BANK_MESSAGE_QUARANTINED: StoredType = v1("BankMessageQuarantined");
pub(super) const BANK_MESSAGE_RESOLVED: StoredType = v1("BankMessageResolved");
pub(super) const BANK_MESSAGE_JUDGED_AGAIN: StoredType = v1("BankMessageJudgedAgain");

/// An event of a bank's entry as it is to be stored.
#[must_use]
pub fn encode_bank(event: &BankEvent) -> Encoded {
    match event {
        BankEvent::Registered(e) => encoded(BANK_REGISTERED, e),
        BankEvent::KeyAdded(e) => encoded(BANK_KEY_ADDED, e),
        BankEvent::KeyDisabled(e) => encoded(BANK_KEY_DISABLED, e),
        BankEvent::OrdersArranged(e) => encoded(BANK_ORDERS_ARRANGED, e),
    }
}

/// An event of a bank's message as it is to be stored.
#[must_use]
pub fn encode_inbox(event: &InboxEvent) -> Encoded {
    match event {
        InboxEvent::Received(e) => encoded(BANK_MESSAGE_RECEIVED, e),
        InboxEvent::Applied(e) => encoded(BANK_MESSAGE_APPLIED, e),
        InboxEvent::Quarantined(e) => encoded(BANK_MESSAGE_QUARANTINED, e),
        InboxEvent::Resolved(e) => encoded(BANK_MESSAGE_RESOLVED, e),
        InboxEvent::JudgedAgain(e) => encoded(BANK_MESSAGE_JUDGED_AGAIN, e),
    }
}

/// Reads one of them. `None`: a type that is not ours.
pub(super) fn decode(reader: &Reader<'_>) -> Result<Option<DomainEvent>, CodecError> {
    let event = match reader.event_type {
        "BankRegistered" => DomainEvent::Bank(BankEvent::Registered(reader.read(BANK_REGISTERED)?)),
        "BankKeyAdded" => DomainEvent::Bank(BankEvent::KeyAdded(reader.read(BANK_KEY_ADDED)?)),
        "BankKeyDisabled" => DomainEvent::Bank(BankEvent::KeyDisabled(reader.read(BANK_KEY_DISABLED)?)),
        "BankOrdersArranged" => DomainEvent::Bank(BankEvent::OrdersArranged(reader.read(BANK_ORDERS_ARRANGED)?)),
        "BankMessageReceived" => DomainEvent::Inbox(InboxEvent::Received(reader.read(BANK_MESSAGE_RECEIVED)?)),
        "BankMessageApplied" => DomainEvent::Inbox(InboxEvent::Applied(reader.read(BANK_MESSAGE_APPLIED)?)),
        "BankMessageQuarantined" => DomainEvent::Inbox(InboxEvent::Quarantined(reader.read(BANK_MESSAGE_QUARANTINED)?)),
        "BankMessageResolved" => DomainEvent::Inbox(InboxEvent::Resolved(reader.read(BANK_MESSAGE_RESOLVED)?)),
        "BankMessageJudgedAgain" => {
            DomainEvent::Inbox(InboxEvent::JudgedAgain(reader.read(BANK_MESSAGE_JUDGED_AGAIN)?))
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}
