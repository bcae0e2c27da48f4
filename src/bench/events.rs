//! Events that look like payments' in size and keys, made from a counter.

use crate::app::imports::ids::pseudonym;
use crate::domain::claims::{BENEFIT_MONTH, ClaimChange, PAYMENT_REFERENCE};
use crate::store::{Append, EventData, RecordedEvent, StreamState};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Bytes of an order of a payment to an account, as the log has them.
const DATA_BYTES: usize = 640;
const METADATA_BYTES: usize = 90;
const EVENT_TYPE: &str = "PaymentInstructed";

/// Time-ordered as version 7 of UUID, from a counter: keys that fall beside each other, as those of real payments do.
fn id(number: u64, salt: &[u8]) -> Uuid {
    let random = Uuid::new_v5(&Uuid::NAMESPACE_OID, &[salt, &number.to_be_bytes()].concat());
    let mut bytes = *random.as_bytes();
    bytes[..6].copy_from_slice(&(1_700_000_000_000 + number / 10).to_be_bytes()[2..]);
    uuid::Builder::from_bytes(bytes).with_version(uuid::Version::SortRand).into_uuid()
}

/// People of a province's list of a month.
const LISTED: u64 = 1_800_000;

/// The month and the person of a payment of a file: each month's list has its people in one order, that in which a file registered them.
fn listed(number: u64) -> (u32, Uuid) {
    (24_300 + u32::try_from(number / LISTED).unwrap_or(0), pseudonym((Uuid::NAMESPACE_OID, 0), number % LISTED))
}

/// A month, and anybody.
fn anybody(number: u64) -> (u32, Uuid) {
    (24_300, Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes()))
}

/// Makes appends, each a payment of its own.
#[derive(Debug)]
pub struct Maker {
    next: AtomicU64,
    of: fn(u64) -> (u32, Uuid),
}

impl Maker {
    /// Payments as clerks order them, one by one.
    pub const fn of_clerks() -> Self {
        Self { next: AtomicU64::new(0), of: anybody }
    }

    /// Payments as files bring them, month after month.
    pub const fn of_files() -> Self {
        Self { next: AtomicU64::new(0), of: listed }
    }

    pub fn append(&self) -> Append {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let event = EventData {
            event_id: id(number, b"event"),
            event_type: EVENT_TYPE.to_owned(),
            schema_version: 1,
            data: vec![b'd'; DATA_BYTES],
            metadata: vec![b'm'; METADATA_BYTES],
        };
        let stream = format!("payment-{}", id(number, b"payment"));
        let mut append = Append::events(stream, StreamState::NoStream, vec![event]);
        let (month, person) = (self.of)(number);
        let month = [&month.to_be_bytes()[..], person.as_bytes(), b"pension"].concat();
        let reference = format!("REF-2026-11-{number:09}").into_bytes();
        append.claims = vec![
            ClaimChange { kind: BENEFIT_MONTH, key: month, take: true },
            ClaimChange { kind: PAYMENT_REFERENCE, key: reference, take: true },
        ];
        append
    }

    pub fn appends(&self, count: u64) -> Vec<Append> {
        (0..count).map(|_| self.append()).collect()
    }
}

/// The same event as a row of the log, at a position.
pub fn bare_event(position: u64) -> RecordedEvent {
    RecordedEvent {
        position,
        stream: format!("payment-{}", id(position, b"payment")),
        revision: 0,
        event_id: id(position, b"event"),
        event_type: EVENT_TYPE.to_owned(),
        schema_version: 1,
        recorded_at_us: 1_763_900_000_000_000,
        data: vec![b'd'; DATA_BYTES],
        metadata: vec![b'm'; METADATA_BYTES],
        leaf_hash: [7; 32],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_payments_are_to_one_person_for_one_month_and_each_month_has_the_same_order() {
        let first: Vec<(u32, Uuid)> = (0..3_000).map(listed).collect();
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), first.len());
        let next: Vec<(u32, Uuid)> = (LISTED..LISTED + 3_000).map(listed).collect();
        assert!(first.iter().zip(&next).all(|(one, other)| (one.0 + 1, one.1) == *other));
    }
}
