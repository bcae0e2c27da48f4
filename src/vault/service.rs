//! The vault as use cases see it: keyed look-ups, new persons, sealed records. Plain values come in, ciphertext rows go out.

use super::VaultError;
use super::lookup::LookupKey;
use super::master::MasterKey;
use super::masters::Masters;
use super::own::MESSAGES;
use super::person::PersonKey;
use crate::clock::Clock;
use crate::store::registry::Registry;
use crate::store::{LogId, StoreError, VaultRow};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// Kind of a record that holds a name.
pub const NAME: &str = "name";
/// Kind of a record that holds an identifier with its scheme.
pub const IDENTIFIER: &str = "identifier";
/// Kind of a record that holds an account number with its bank.
pub const ACCOUNT: &str = "account";
/// Kind of a record that holds what an agent wrote about a payment.
pub const WORDS: &str = "words";

/// Kind of a record that holds a birth year; the log has the decade alone.
pub const BIRTH_YEAR: &str = "birth-year";
/// Kind of a record that holds who may receive on a person's behalf.
pub const AUTHORISED: &str = "authorised";

/// Kind of a record that holds what somebody said when looking at a person's data.
pub const PURPOSE: &str = "purpose";

pub(super) const LOOKUP_KEY_NAME: &str = "lookup-key";

/// Why the vault could not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultServiceError {
    /// The cryptography refused: a wrong master key, or bytes that were changed.
    #[error(transparent)]
    Crypto(#[from] VaultError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was sealed is not what we seal.
    #[error("a vault record has an unknown form")]
    Form,
    /// The person's key was destroyed: nothing more is kept of them.
    #[error("the person's data were erased")]
    Erased,
    /// Somebody changed the master key and retired the one that this process has.
    #[error("the vault's master key was changed; give this server the new one and start it again")]
    MasterChanged,
}

/// An account as sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    pub number: String,
}

/// An identifier as sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct IdentifierRecord {
    pub scheme: String,
    pub value: String,
}

/// Somebody who may receive on a person's behalf, as sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorisedPerson {
    pub name: String,
    /// Scheme and value, as on the document that the person shows at the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// A person whose key was drawn just now.
pub struct NewPerson {
    pub key: PersonKey,
    /// The row to write with the person's first event.
    pub key_row: VaultRow,
}

/// An account that is looked for: whose, with which bank if that is said, and its number.
pub struct AskedAccount<'a> {
    pub subject: Uuid,
    pub bank: Option<&'a str>,
    pub number: &'a str,
}

/// What the records on file say of an account.
pub enum FoundAccount {
    /// This record holds it.
    OnFile(Uuid),
    /// No record does; the person's key, if there is one.
    New(Option<Arc<PersonKey>>),
}

/// The vault of one log.
pub struct Vault {
    /// The key that the process was given.
    pub(super) given: Arc<MasterKey>,
    /// The keys that it leads to.
    masters: RwLock<Arc<Masters>>,
    lookup: LookupKey,
    /// Opens banks' messages.
    pub(super) messages: Arc<PersonKey>,
    pub(super) registry: Arc<dyn Registry>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) log_id: LogId,
}

impl Vault {
    /// Opens the vault: unwraps the look-up key, or draws and stores one when the log is new.
    pub async fn open(
        master: MasterKey,
        registry: Arc<dyn Registry>,
        clock: Arc<dyn Clock>,
        log_id: LogId,
    ) -> Result<Self, VaultServiceError> {
        let given = Arc::new(master);
        let masters = Masters::read(&given, registry.as_ref(), log_id).await?;
        let wrapped = if let Some(wrapped) = registry.vault_meta(LOOKUP_KEY_NAME).await? {
            wrapped
        } else {
            let fresh = LookupKey::generate(clock.as_ref()).wrap(&masters.current, log_id, clock.as_ref())?;
            registry.put_vault_meta(LOOKUP_KEY_NAME, &fresh).await?
        };
        let lookup = masters.open(|master| LookupKey::unwrap(master, log_id, &wrapped))?;
        let masters = RwLock::new(Arc::new(masters));
        let messages = Arc::new(PersonKey::of_log(lookup.messages(), log_id, MESSAGES));
        Ok(Self { given, masters, lookup, messages, registry, clock, log_id })
    }

    /// The log whose vault it is.
    #[must_use]
    pub const fn log_id(&self) -> LogId {
        self.log_id
    }

    fn masters(&self) -> Arc<Masters> {
        Arc::clone(&self.masters.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks whether the master key was changed since.
    pub(super) async fn refresh(&self) -> Result<Arc<Masters>, VaultServiceError> {
        let masters = Arc::new(Masters::read(&self.given, self.registry.as_ref(), self.log_id).await?);
        *self.masters.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&masters);
        Ok(masters)
    }

    /// The HMAC of a request's inputs. Each part is bounded by its length, so that no two lists of parts look alike.
    #[must_use]
    pub fn input_hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        self.lookup.input_hash(&bytes)
    }

    /// The claim key of an identifier: its scheme and keyed hash.
    #[must_use]
    pub fn identifier_key(&self, scheme: &str, normalised: &str) -> Vec<u8> {
        let mut key = scheme.as_bytes().to_vec();
        key.push(0);
        key.extend_from_slice(&self.lookup.lookup_hash(scheme, normalised));
        key
    }

    /// Draws a key for a new person.
    pub fn new_person(&self, subject: Uuid) -> Result<NewPerson, VaultError> {
        let key = PersonKey::generate(self.log_id, subject, self.clock.as_ref());
        let wrapped_key = key.wrap(&self.masters().current, self.clock.as_ref())?;
        Ok(NewPerson { key, key_row: VaultRow::Key { subject, wrapped_key } })
    }

    /// The reference of a new record of a person: it begins as the pseudonym, which stands beside it wherever it stands, so that the
    /// records of people who lie together do too.
    pub(super) fn new_ref(&self, subject: Uuid) -> Uuid {
        let mut bytes = self.clock.opaque_id().into_bytes();
        bytes[..4].copy_from_slice(&subject.as_bytes()[..4]);
        Uuid::from_bytes(bytes)
    }

    /// Destroys a person's key and records; false when there was no key.
    pub async fn destroy(&self, subject: Uuid) -> Result<bool, VaultServiceError> {
        Ok(self.registry.destroy_person(subject).await?)
    }

    /// Destroys one record of a person; false when there was none.
    pub async fn destroy_record(&self, subject: Uuid, record_ref: Uuid) -> Result<bool, VaultServiceError> {
        Ok(self.registry.destroy_record(subject, record_ref).await?)
    }

    /// Opens a person's wrapped key.
    pub(super) async fn person_key(&self, subject: Uuid, wrapped: &[u8]) -> Result<PersonKey, VaultServiceError> {
        let open = |masters: &Masters| masters.open(|master| PersonKey::unwrap(master, self.log_id, subject, wrapped));
        if let Ok(key) = open(&self.masters()) {
            return Ok(key);
        }
        // The master key may have been changed since.
        let masters = self.refresh().await?;
        match open(&masters) {
            Ok(key) => Ok(key),
            Err(error) => {
                let lookup = self.registry.vault_meta(LOOKUP_KEY_NAME).await?.unwrap_or_default();
                let is_ours = masters.open(|master| LookupKey::unwrap(master, self.log_id, &lookup)).is_ok();
                Err(if is_ours { error.into() } else { VaultServiceError::MasterChanged })
            }
        }
    }

    /// All words about one person by their references; none when the key was destroyed.
    pub async fn open_words(&self, subject: Uuid) -> Result<BTreeMap<Uuid, String>, VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let Some(wrapped) = wrapped else { return Ok(BTreeMap::new()) };
        let key = self.person_key(subject, &wrapped).await?;
        let mut words = BTreeMap::new();
        for record in self.registry.vault_records_of(subject).await? {
            if record.kind == WORDS {
                let plain = key.open(WORDS, record.record_ref, &record.ciphertext)?;
                words.insert(record.record_ref, String::from_utf8(plain).map_err(|_| VaultServiceError::Form)?);
            }
        }
        Ok(words)
    }

    /// The record of a person's account: the one on file when number and bank are the same, otherwise a new one with its rows.
    pub async fn account(
        &self,
        subject: Uuid,
        bank: Option<&str>,
        number: &str,
    ) -> Result<(Uuid, Vec<VaultRow>), VaultServiceError> {
        let asked = AskedAccount { subject, bank, number };
        let found = self.find_accounts(std::slice::from_ref(&asked)).await?.pop().unwrap_or(FoundAccount::New(None));
        self.file_account(&asked, found)
    }

    /// Looks for many accounts in the records on file, in two statements whatever their number. An answer for each, in order.
    pub async fn find_accounts(&self, asked: &[AskedAccount<'_>]) -> Result<Vec<FoundAccount>, VaultServiceError> {
        let mut subjects: Vec<Uuid> = asked.iter().map(|account| account.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let keys = self.keys_of(&subjects).await?;
        let mut on_file: HashMap<Uuid, Vec<(Uuid, AccountRecord)>> = HashMap::new();
        for record in self.registry.vault_records_of_all(&subjects).await? {
            let Some(key) = keys.get(&record.subject).filter(|_| record.kind == ACCOUNT) else { continue };
            let plain = key.open(ACCOUNT, record.record_ref, &record.ciphertext)?;
            let known: AccountRecord = serde_json::from_slice(&plain).map_err(|_| VaultServiceError::Form)?;
            on_file.entry(record.subject).or_default().push((record.record_ref, known));
        }
        let find = |asked: &AskedAccount<'_>| {
            let same = |known: &AccountRecord| {
                known.number == asked.number && (asked.bank.is_none() || known.bank.as_deref() == asked.bank)
            };
            let records = on_file.get(&asked.subject).map_or(&[][..], Vec::as_slice);
            match records.iter().find(|(_, known)| same(known)) {
                Some((record_ref, _)) => FoundAccount::OnFile(*record_ref),
                None => FoundAccount::New(keys.get(&asked.subject).cloned()),
            }
        };
        Ok(asked.iter().map(find).collect())
    }

    /// The record's reference, and the rows that make it when it is not on file.
    pub fn file_account(
        &self,
        asked: &AskedAccount<'_>,
        found: FoundAccount,
    ) -> Result<(Uuid, Vec<VaultRow>), VaultServiceError> {
        match found {
            FoundAccount::OnFile(record_ref) => Ok((record_ref, Vec::new())),
            FoundAccount::New(Some(key)) => {
                let (account_ref, row) = self.seal_account(&key, asked.bank, asked.number)?;
                Ok((account_ref, vec![row]))
            }
            // A person gets a key when registered and never another: without one there is nobody whose account it could be.
            FoundAccount::New(None) => Err(VaultServiceError::Erased),
        }
    }

    /// The keys of those who have one.
    pub(super) async fn keys_of(&self, subjects: &[Uuid]) -> Result<HashMap<Uuid, Arc<PersonKey>>, VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(subjects).await?;
        let mut keys = HashMap::with_capacity(subjects.len());
        for (subject, wrapped) in subjects.iter().zip(wrapped) {
            if let Some(wrapped) = wrapped {
                let key = self.person_key(*subject, &wrapped).await?;
                keys.insert(*subject, Arc::new(key));
            }
        }
        Ok(keys)
    }

    /// The identifier claims that people's vault records give, each with its person, for checking the stored claims against the vault.
    /// A person whose key was destroyed gives none.
    pub async fn identifier_keys_of_all(&self, subjects: &[Uuid]) -> Result<Vec<(Uuid, Vec<u8>)>, VaultServiceError> {
        let keys = self.keys_of(subjects).await?;
        let mut found = Vec::new();
        for record in self.registry.vault_records_of_all(subjects).await? {
            let Some(key) = keys.get(&record.subject).filter(|_| record.kind == IDENTIFIER) else { continue };
            let plain = key.open(IDENTIFIER, record.record_ref, &record.ciphertext)?;
            let known: IdentifierRecord = serde_json::from_slice(&plain).map_err(|_| VaultServiceError::Form)?;
            found.push((record.subject, self.identifier_key(&known.scheme, &known.value)));
        }
        Ok(found)
    }
}

pub(super) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "plain strings always serialise")]
    serde_json::to_vec(value).expect("a record of plain strings serialises")
}
