//! Records that belong to no person: what a bank sent, which one key of the log opens, and what is shared with it, whose subject has a key
//! of its own, as people have.

use super::service::{Vault, VaultServiceError};
use crate::store::VaultRow;
use uuid::Uuid;

/// Whose the records of banks' messages are: the log's. A key for each message would be written, and looked for, at a place of its own,
/// as would its record; so they lie one after the other.
pub(super) const MESSAGES: Uuid = Uuid::from_u128(0x6368_6974_7261_8000_8000_6d65_7373_6167);

/// Kind of a record that holds the exact bytes of a bank's message.
pub const BANK_MESSAGE: &str = "bank_message";

/// Kind of a record that holds a secret shared with a bank.
pub const BANK_SECRET: &str = "bank_secret";

/// Kind of a record that holds the secret of a webhook.
pub const WEBHOOK_SECRET: &str = "webhook_secret";

/// Kind of a record that holds the agency's account at a bank.
pub const BANK_ACCOUNT: &str = "bank_account";

impl Vault {
    /// Bytes that belong to a subject of their own (a bank, a webhook), sealed, with the reference that events name them by. Brings the
    /// subject's key with it when there is none yet.
    pub async fn seal_own(
        &self,
        subject: Uuid,
        kind: &'static str,
        bytes: &[u8],
    ) -> Result<(Uuid, Vec<VaultRow>), VaultServiceError> {
        let mut rows = Vec::new();
        let known = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let key = if let Some(wrapped) = known {
            self.person_key(subject, &wrapped).await?
        } else {
            let new = self.new_person(subject)?;
            rows.push(new.key_row);
            new.key
        };
        let record_ref = self.clock.opaque_id();
        rows.push(self.seal(&key, kind, record_ref, bytes)?);
        Ok((record_ref, rows))
    }

    /// A bank's message, sealed, with the reference that events name it by.
    pub fn seal_message(&self, bytes: &[u8]) -> Result<(Uuid, Vec<VaultRow>), VaultServiceError> {
        // In the order of time, as what it is the body of.
        let record_ref = self.clock.time_ordered_id();
        Ok((record_ref, vec![self.seal(&self.messages, BANK_MESSAGE, record_ref, bytes)?]))
    }

    /// Opens what [`Self::seal_own`] sealed; `None` when its key was destroyed.
    pub async fn open_own(
        &self,
        subject: Uuid,
        kind: &'static str,
        record_ref: Uuid,
    ) -> Result<Option<Vec<u8>>, VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let record = self.registry.vault_records(&[record_ref]).await?.into_iter().flatten().next();
        let (Some(wrapped), Some(record)) = (wrapped, record) else { return Ok(None) };
        Ok(Some(self.person_key(subject, &wrapped).await?.open(kind, record_ref, &record.ciphertext)?))
    }
}
