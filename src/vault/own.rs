//! Records that belong to no person: what a bank sent, and what is shared with it. Each subject has a key of its own, as people have.

use super::service::{Vault, VaultServiceError};
use crate::store::VaultRow;
use uuid::Uuid;

/// Kind of a record that holds the exact bytes of a bank's message.
pub const BANK_MESSAGE: &str = "bank_message";

/// Kind of a record that holds a secret shared with a bank.
pub const BANK_SECRET: &str = "bank_secret";

/// Kind of a record that holds the secret of a webhook.
pub const WEBHOOK_SECRET: &str = "webhook_secret";

/// Kind of a record that holds the agency's account at a bank.
pub const BANK_ACCOUNT: &str = "bank_account";

impl Vault {
    /// Bytes that belong to a subject of their own (a bank, a bank's message), sealed, with the reference that events name them by. Brings the
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

    /// The same for a subject that has nothing yet: no key is looked for. If there is one after all, the store refuses the rows.
    pub fn seal_first_own(
        &self,
        subject: Uuid,
        kind: &'static str,
        bytes: &[u8],
    ) -> Result<(Uuid, Vec<VaultRow>), VaultServiceError> {
        let new = self.new_person(subject)?;
        // In the order of time, as what it is the body of: one after the other in the database.
        let record_ref = self.clock.time_ordered_id();
        let row = self.seal(&new.key, kind, record_ref, bytes)?;
        Ok((record_ref, vec![new.key_row, row]))
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
