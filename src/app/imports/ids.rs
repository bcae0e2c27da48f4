//! The ids that an import draws: made from its start, its seed and the row, so that a resume repeats them. Pure.

use crate::domain::ids::ImportId;
use crate::domain::import::ImportStarted;
use uuid::Uuid;

/// A payment's id from the import's start, seed and row: a UUIDv7 that a resume repeats and that sorts by row.
#[must_use]
pub fn payment_uuid(started: &ImportStarted, row: u64) -> Uuid {
    let mut name = [0; 16];
    name[..8].copy_from_slice(&started.seed.to_be_bytes());
    name[8..].copy_from_slice(&row.to_be_bytes());
    let mut bytes = *Uuid::new_v5(&started.import_id.as_uuid(), &name).as_bytes();
    let millis = u64::try_from(started.started_at_us / 1000).unwrap_or(0);
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    // 12 + 30 bits of the row keep the file's order; the rest is the digest's.
    let high = u16::try_from((row >> 30) & 0x0fff).unwrap_or(0);
    let low = u32::try_from(row & 0x3fff_ffff).unwrap_or(0);
    bytes[6..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..12].copy_from_slice(&low.to_be_bytes());
    uuid::Builder::from_bytes(bytes)
        .with_version(uuid::Version::SortRand)
        .with_variant(uuid::Variant::RFC4122)
        .into_uuid()
}

/// Rows whose new people have pseudonyms that begin alike.
const NEIGHBOURS: u64 = 1_000;

/// The pseudonym of a row's new person, of UUID v4's form: a resume, or another process with the same file, repeats it. Like the ids of
/// the row's events it tells the row to who has the file. To anybody else it tells that people whose first four bytes are the same came
/// into the log beside each other, as their positions do. What is kept of them lies beside each other so, and a list of payments in the
/// same order touches each page of the indexes once, not a page for each person.
#[must_use]
pub fn person_uuid(started: &ImportStarted, row: u64) -> Uuid {
    pseudonym((started.import_id.as_uuid(), started.seed), row)
}

/// The same from the import's id and seed alone.
#[must_use]
pub fn pseudonym((import, seed): (Uuid, u64), row: u64) -> Uuid {
    let hash = |what: &[u8], number: u64| {
        let name = [what, &seed.to_be_bytes(), &number.to_be_bytes()].concat();
        *Uuid::new_v5(&import, &name).as_bytes()
    };
    let mut bytes = hash(b"person", row);
    bytes[..4].copy_from_slice(&hash(b"neighbours", row / NEIGHBOURS)[..4]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The import's id as a name for its stream's claims and events.
#[must_use]
pub fn reversal_event_id(import: ImportId, payment: Uuid) -> Uuid {
    Uuid::new_v5(&import.as_uuid(), payment.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::{ImportKind, ImportMode};

    fn started(seed: u64) -> ImportStarted {
        ImportStarted {
            import_id: ImportId::from_uuid(Uuid::from_u128(7)),
            kind: ImportKind::Beneficiaries,
            mode: ImportMode::All,
            file_digest: String::new(),
            rows: 0,
            control_sum_minor: None,
            started_at_us: 1_763_900_000_000_000,
            seed,
        }
    }

    #[test]
    fn the_pseudonyms_of_neighbours_begin_alike_and_are_random_otherwise() {
        let ids: Vec<Uuid> = (0..3 * NEIGHBOURS).map(|row| person_uuid(&started(1), row)).collect();
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
        let mut beginnings: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..4]).collect();
        beginnings.dedup();
        assert_eq!(beginnings.len(), 3);
        let mut rest: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[4..]).collect();
        assert!(!rest.is_sorted());
        rest.sort_unstable();
        rest.dedup();
        assert_eq!(rest.len(), ids.len());
        assert_ne!(person_uuid(&started(2), 0), ids[0]);
        assert_eq!(person_uuid(&started(1), 0), ids[0]);
    }

    #[test]
    fn the_ids_of_payments_are_in_the_order_of_their_rows() {
        let ids: Vec<Uuid> = (2..5_000).map(|row| payment_uuid(&started(1), row)).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7));
    }
}
