//! The secret of the key that signs the log's checkpoints, wrapped by the master key and bound to the log; and the log's name for ever.

use super::aead::{Secret, bind};
use super::service::{Vault, VaultServiceError};
use zeroize::Zeroizing;

const WRAP_PURPOSE: &str = "chitra/vault/checkpoint-key/1";
const KEY_NAME: &str = "checkpoint-key";
const ORIGIN_NAME: &str = "checkpoint-origin";

impl Vault {
    /// The 32 secret bytes of the log's Ed25519 key; drawn once for a log.
    pub async fn signing_seed(&self) -> Result<Zeroizing<[u8; 32]>, VaultServiceError> {
        let aad = bind(WRAP_PURPOSE, self.log_id, &[]);
        let wrapped = if let Some(wrapped) = self.registry.vault_meta(KEY_NAME).await? {
            wrapped
        } else {
            let fresh = Secret::generate(self.clock.as_ref());
            let fresh = self.master.wrap(self.clock.as_ref(), &aad, &fresh)?;
            self.registry.put_vault_meta(KEY_NAME, &fresh).await?
        };
        Ok(Zeroizing::new(*self.master.unwrap(&aad, &wrapped)?.bytes()))
    }

    /// The name that the log signs under, if it has one.
    pub async fn origin(&self) -> Result<Option<String>, VaultServiceError> {
        let stored = self.registry.vault_meta(ORIGIN_NAME).await?;
        stored.map(|bytes| String::from_utf8(bytes).map_err(|_| VaultServiceError::Form)).transpose()
    }

    /// Names the log, unless it has a name, which stays. Answers the one that stands.
    pub async fn name_origin(&self, origin: &str) -> Result<String, VaultServiceError> {
        let standing = self.registry.put_vault_meta(ORIGIN_NAME, origin.as_bytes()).await?;
        String::from_utf8(standing).map_err(|_| VaultServiceError::Form)
    }
}
