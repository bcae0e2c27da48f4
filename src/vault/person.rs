//! A person's own key and the records sealed with it. Whoever destroys the wrapped key erases the person.

use super::VaultError;
use super::aead::{self, Secret, bind};
use super::master::MasterKey;
use crate::clock::Clock;
use uuid::Uuid;

const WRAP_PURPOSE: &str = "chitra/vault/person-key/1";
const RECORD_PURPOSE: &str = "chitra/vault/record/1";
const PIECE_PURPOSE: &str = "chitra/vault/piece/1";

/// The record that a piece is of, its number, and whether it is the last.
pub type PiecePlace = (Uuid, u32, bool);

/// One person's key in one log.
#[derive(Debug)]
pub struct PersonKey {
    secret: Secret,
    log_id: i32,
    subject: Uuid,
}

impl PersonKey {
    /// Draws a key for a person.
    #[must_use]
    pub fn generate(log_id: i32, subject: Uuid, clock: &dyn Clock) -> Self {
        Self { secret: Secret::generate(clock), log_id, subject }
    }

    /// The key of what belongs to no person, made of the log's own.
    pub(super) const fn of_log(secret: Secret, log_id: i32, subject: Uuid) -> Self {
        Self { secret, log_id, subject }
    }

    /// Whose key it is.
    #[must_use]
    pub const fn subject(&self) -> Uuid {
        self.subject
    }

    /// The key as it may be stored: wrapped by the master key and bound to the log and the person.
    pub fn wrap(&self, master: &MasterKey, clock: &dyn Clock) -> Result<Vec<u8>, VaultError> {
        master.wrap(clock, &wrap_aad(self.log_id, self.subject), &self.secret)
    }

    /// Opens a stored key.
    pub fn unwrap(master: &MasterKey, log_id: i32, subject: Uuid, wrapped: &[u8]) -> Result<Self, VaultError> {
        Ok(Self { secret: master.unwrap(&wrap_aad(log_id, subject), wrapped)?, log_id, subject })
    }

    /// Seals one record (a name, an identifier, an account). Kind and reference are bound in: a sealed record that is
    /// moved to another row, kind, person or log does not open.
    pub fn seal(
        &self,
        kind: &str,
        record_ref: Uuid,
        plaintext: &[u8],
        clock: &dyn Clock,
    ) -> Result<Vec<u8>, VaultError> {
        aead::seal(self.secret.bytes(), clock, &self.record_aad(kind, record_ref), plaintext)
    }

    /// Opens one record.
    pub fn open(&self, kind: &str, record_ref: Uuid, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        aead::open(self.secret.bytes(), &self.record_aad(kind, record_ref), sealed)
    }

    /// Seals one piece of a record that is too long to be sealed as one. Its number and whether it is the last are bound in too.
    pub fn seal_piece(
        &self,
        kind: &str,
        place: PiecePlace,
        plaintext: &[u8],
        clock: &dyn Clock,
    ) -> Result<Vec<u8>, VaultError> {
        aead::seal(self.secret.bytes(), clock, &self.piece_aad(kind, place), plaintext)
    }

    /// Opens one piece.
    pub fn open_piece(&self, kind: &str, place: PiecePlace, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        aead::open(self.secret.bytes(), &self.piece_aad(kind, place), sealed)
    }

    fn piece_aad(&self, kind: &str, (record_ref, number, is_last): PiecePlace) -> Vec<u8> {
        let (subject, number, last) = (self.subject.as_bytes(), number.to_be_bytes(), [u8::from(is_last)]);
        bind(PIECE_PURPOSE, self.log_id, &[subject, kind.as_bytes(), record_ref.as_bytes(), &number, &last])
    }

    fn record_aad(&self, kind: &str, record_ref: Uuid) -> Vec<u8> {
        bind(RECORD_PURPOSE, self.log_id, &[self.subject.as_bytes(), kind.as_bytes(), record_ref.as_bytes()])
    }
}

fn wrap_aad(log_id: i32, subject: Uuid) -> Vec<u8> {
    bind(WRAP_PURPOSE, log_id, &[subject.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    const SUBJECT: Uuid = Uuid::from_u128(1);
    const RECORD: Uuid = Uuid::from_u128(2);
    const NAME: &[u8] = "Nguyễn Thị Tám".as_bytes();

    fn key() -> PersonKey {
        PersonKey::generate(1, SUBJECT, &SystemClock)
    }

    fn refused(result: Result<Vec<u8>, VaultError>) -> bool {
        matches!(result.unwrap_err(), VaultError::CannotOpen)
    }

    #[test]
    fn a_sealed_record_opens_to_what_it_was() {
        let key = key();
        for plaintext in [NAME, b"", &[0; 5000]] {
            let sealed = key.seal("name", RECORD, plaintext, &SystemClock).unwrap();
            assert_eq!(key.open("name", RECORD, &sealed).unwrap(), plaintext);
        }
    }

    #[test]
    fn a_sealed_record_does_not_hold_its_plaintext_and_never_looks_the_same_twice() {
        let key = key();
        let sealed = key.seal("name", RECORD, NAME, &SystemClock).unwrap();
        assert!(!sealed.windows(6).any(|window| NAME.windows(6).any(|part| part == window)));
        assert_ne!(sealed, key.seal("name", RECORD, NAME, &SystemClock).unwrap());
    }

    #[test]
    fn changing_any_byte_of_a_sealed_record_is_found() {
        let key = key();
        let sealed = key.seal("name", RECORD, NAME, &SystemClock).unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(refused(key.open("name", RECORD, &changed)), "byte {index}");
        }
    }

    #[test]
    fn a_sealed_record_that_was_cut_or_lengthened_is_refused() {
        let key = key();
        let mut sealed = key.seal("name", RECORD, NAME, &SystemClock).unwrap();
        for length in 0..sealed.len() {
            assert!(refused(key.open("name", RECORD, &sealed[..length])), "length {length}");
        }
        sealed.push(0);
        assert!(refused(key.open("name", RECORD, &sealed)));
    }

    #[test]
    fn a_sealed_record_opens_nowhere_else() {
        let key = key();
        let sealed = key.seal("name", RECORD, NAME, &SystemClock).unwrap();
        assert!(refused(key.open("account", RECORD, &sealed)));
        assert!(refused(key.open("name", Uuid::from_u128(3), &sealed)));
        let bytes = *key.secret.bytes();
        let other_person = PersonKey { secret: Secret::new(bytes), log_id: 1, subject: Uuid::from_u128(9) };
        assert!(refused(other_person.open("name", RECORD, &sealed)));
        let other_log = PersonKey { secret: Secret::new(bytes), log_id: 2, subject: SUBJECT };
        assert!(refused(other_log.open("name", RECORD, &sealed)));
        assert!(refused(self::key().open("name", RECORD, &sealed)));
    }

    #[test]
    fn a_piece_opens_only_in_its_place() {
        let key = key();
        let sealed = key.seal_piece("name", (RECORD, 3, false), NAME, &SystemClock).unwrap();
        assert_eq!(key.open_piece("name", (RECORD, 3, false), &sealed).unwrap(), NAME);
        for place in [(RECORD, 2, false), (RECORD, 4, false), (RECORD, 3, true), (Uuid::from_u128(3), 3, false)] {
            assert!(refused(key.open_piece("name", place, &sealed)), "{place:?}");
        }
        assert!(refused(key.open_piece("account", (RECORD, 3, false), &sealed)));
        assert!(refused(key.open("name", RECORD, &sealed)), "a piece is no record");
        let record = key.seal("name", RECORD, NAME, &SystemClock).unwrap();
        assert!(refused(key.open_piece("name", (RECORD, 0, true), &record)), "and a record no piece");
    }

    #[test]
    fn a_wrapped_key_opens_only_for_its_person_log_and_master_key() {
        let master = MasterKey::generate(&SystemClock);
        let key = key();
        let sealed = key.seal("name", RECORD, NAME, &SystemClock).unwrap();
        let wrapped = key.wrap(&master, &SystemClock).unwrap();
        let opened = PersonKey::unwrap(&master, 1, SUBJECT, &wrapped).unwrap();
        assert_eq!(opened.open("name", RECORD, &sealed).unwrap(), NAME);
        assert!(PersonKey::unwrap(&master, 2, SUBJECT, &wrapped).is_err());
        assert!(PersonKey::unwrap(&master, 1, RECORD, &wrapped).is_err());
        assert!(PersonKey::unwrap(&MasterKey::generate(&SystemClock), 1, SUBJECT, &wrapped).is_err());
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let shown = format!("{:?}", PersonKey { secret: Secret::new([0xab; 32]), log_id: 1, subject: SUBJECT });
        assert!(shown.contains("[secret]") && !shown.contains("171") && !shown.contains("ab, ab"), "{shown}");
    }
}
