//! The secret of the key that signs the log's checkpoints, wrapped by the master key and bound to the log; and the log's name for ever.

use super::aead::{Secret, bind};
use super::masters::Masters;
use super::service::{Vault, VaultServiceError};
use zeroize::Zeroizing;

const WRAP_PURPOSE: &str = "chitra/vault/checkpoint-key/1";
const KEY_NAME: &str = "checkpoint-key";
const ORIGIN_NAME: &str = "checkpoint-origin";

impl Vault {
    /// The 32 secret bytes of the log's Ed25519 key; drawn once for a log.
    pub async fn signing_seed(&self) -> Result<Zeroizing<[u8; 32]>, VaultServiceError> {
        let (aad, masters) = (self.signing_aad(), self.refresh().await?);
        let wrapped = if let Some(wrapped) = self.registry.vault_meta(KEY_NAME).await? {
            wrapped
        } else {
            let fresh = Secret::generate(self.clock.as_ref());
            let fresh = masters.current.wrap(self.clock.as_ref(), &aad, &fresh)?;
            self.registry.put_vault_meta(KEY_NAME, &fresh).await?
        };
        Ok(Zeroizing::new(*masters.open(|master| master.unwrap(&aad, &wrapped))?.bytes()))
    }

    /// The signing key stays the same when the master key changes; only what wraps it does.
    pub(super) async fn rewrap_signing(&self, masters: &Masters) -> Result<(), VaultServiceError> {
        let Some(wrapped) = self.registry.vault_meta(KEY_NAME).await? else { return Ok(()) };
        let aad = self.signing_aad();
        if masters.current.unwrap(&aad, &wrapped).is_ok() {
            return Ok(());
        }
        let seed = masters.open(|master| master.unwrap(&aad, &wrapped))?;
        let new = masters.current.wrap(self.clock.as_ref(), &aad, &seed)?;
        self.registry.replace_vault_meta(KEY_NAME, (&wrapped, &new)).await?;
        Ok(())
    }

    fn signing_aad(&self) -> Vec<u8> {
        bind(WRAP_PURPOSE, self.log_id, &[])
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
