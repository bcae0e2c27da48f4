//! What a store keeps beside the log: who may call, and the vault's ciphertexts. No keys in clear, no personal data in clear.

use super::StoreError;
use super::checkpoints::Checkpoints;
use super::deliveries::Deliveries;
use super::notes::AuditNotes;
use super::pieces::Pieces;
use super::sessions::Sessions;
use async_trait::async_trait;
use uuid::Uuid;

/// An API key as stored. The secret itself is known to its holder alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub key_id: String,
    /// SHA-256 of the secret, which is random and long: a slow password hash would add nothing.
    pub secret_hash: [u8; 32],
    pub role: String,
    /// The administrative unit that a clerk is bound to.
    pub unit_key: Option<String>,
    /// The bank whose key it is.
    pub bank: Option<String>,
    /// What people call the key.
    pub label: String,
    /// Microseconds since the Unix epoch.
    pub created_at_us: i64,
    /// Microseconds since the Unix epoch; a revoked key opens nothing from then on.
    pub revoked_at_us: Option<i64>,
    /// The same; it opens nothing from then on either.
    pub expires_at_us: Option<i64>,
    /// When it was used last, as far as that was written down.
    pub used_at_us: Option<i64>,
    /// The secret before the last rotation, and the first instant at which it opens nothing.
    pub former: Option<([u8; 32], i64)>,
}

/// How much room a database takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    pub database_bytes: u64,
    /// Of it the vault, where the engine tells.
    pub vault_bytes: Option<u64>,
    /// What is left on the disk, where it is this machine's.
    pub free_bytes: Option<u64>,
}

/// A key's next secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRotation {
    /// SHA-256 of the secret as it is; nothing changes when it is another by now.
    pub from_hash: [u8; 32],
    pub to_hash: [u8; 32],
    /// The first instant at which the secret as it is opens nothing any more.
    pub former_until_us: i64,
    /// When the key expires from now on.
    pub expires_at_us: Option<i64>,
}

/// One encrypted record of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultRecord {
    pub record_ref: Uuid,
    pub subject: Uuid,
    pub kind: String,
    pub ciphertext: Vec<u8>,
}

/// A person's key that another master key wraps from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewrappedKey {
    pub subject: Uuid,
    pub old: Vec<u8>,
    pub new: Vec<u8>,
}

/// What an import found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    pub import_id: Uuid,
    /// Whose import it was.
    pub actor: String,
    /// JSON; what is personal in it is masked.
    pub report: Vec<u8>,
}

/// API keys, vault, checkpoints and sessions of one log. Works beside a running server too.
#[async_trait]
pub trait Registry: Checkpoints + Deliveries + Pieces + Sessions + AuditNotes {
    /// Why the database may lose at a power failure what it answered; `None` when it keeps it.
    async fn forgets(&self) -> Result<Option<String>, StoreError>;

    /// How much room the database takes.
    async fn sizes(&self) -> Result<Sizes, StoreError>;

    /// Adds an API key; false when its id is taken.
    async fn insert_api_key(&self, key: &ApiKey) -> Result<bool, StoreError>;

    /// All API keys, revoked ones too, oldest first.
    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// One API key, revoked or not.
    async fn find_api_key(&self, key_id: &str) -> Result<Option<ApiKey>, StoreError>;

    /// Revokes an API key as of an instant; false when there is no such key or it was revoked before.
    async fn revoke_api_key(&self, key_id: &str, at_us: i64) -> Result<bool, StoreError>;

    /// Gives an API key its next secret; false when it is not as it was any more, or revoked.
    async fn rotate_api_key(&self, key_id: &str, rotation: &KeyRotation) -> Result<bool, StoreError>;

    /// Writes down when keys were used last; one that was used later since is left alone.
    async fn touch_api_keys(&self, used: &[(String, i64)]) -> Result<(), StoreError>;

    /// The wrapped data keys of people; one entry for each asked, in order. `None`: never had one, or erased.
    async fn wrapped_keys(&self, subjects: &[Uuid]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Vault records; one entry for each asked, in order.
    async fn vault_records(&self, record_refs: &[Uuid]) -> Result<Vec<Option<VaultRecord>>, StoreError>;

    /// All vault records of one person.
    async fn vault_records_of(&self, subject: Uuid) -> Result<Vec<VaultRecord>, StoreError>;

    /// All vault records of several people, in no particular order.
    async fn vault_records_of_all(&self, subjects: &[Uuid]) -> Result<Vec<VaultRecord>, StoreError>;

    /// Writes an import's report, in place of the one before.
    async fn put_import_report(&self, report: &StoredReport) -> Result<(), StoreError>;

    /// One import's report.
    async fn import_report(&self, import_id: Uuid) -> Result<Option<StoredReport>, StoreError>;

    /// The newest imports' reports.
    async fn list_import_reports(&self, limit: u32) -> Result<Vec<StoredReport>, StoreError>;

    /// Destroys a person's data key and records, so that nobody reads them again; false when there was no key.
    /// SQLite overwrites their bytes; PostgreSQL gives up the key's place at once and the records' (which nothing opens any more) in time,
    /// and keeps both in its WAL for a while. A backup taken before still holds them.
    async fn destroy_person(&self, subject: Uuid) -> Result<bool, StoreError>;

    /// Destroys one record of a person, as [`Self::destroy_person`] does all; false when there was none.
    async fn destroy_record(&self, subject: Uuid, record_ref: Uuid) -> Result<bool, StoreError>;

    /// A named value of the vault.
    async fn vault_meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The wrapped keys of the people after one, in order; from the beginning for `None`.
    async fn wrapped_keys_after(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError>;

    /// Replaces wrapped keys in one transaction; how many. One that is not as it was any more is left alone.
    async fn rewrap_keys(&self, keys: &[RewrappedKey]) -> Result<u64, StoreError>;

    /// Replaces a named value; false when it is not as it was any more.
    async fn replace_vault_meta(&self, name: &str, from_to: (&[u8], &[u8])) -> Result<bool, StoreError>;

    /// Destroys a named value, as [`Self::destroy_person`] does.
    async fn destroy_vault_meta(&self, name: &str) -> Result<(), StoreError>;

    /// Sets a named value if there is none yet, and answers the one that stands: of two that try, both get the first one's.
    async fn put_vault_meta(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError>;
}
