//! The master keys that open a log's vault: one, or two while one takes the other's place. Links in the database lead from one to the other.
//!
//! `next-master` is the new key, wrapped by the old one: processes that were given the old key go on during a change. It goes when the old
//! key is retired, and is in no backup. `previous-master` is the old key, wrapped by the new one: whoever has the new key opens everything
//! that is still wrapped by the old one. It stays: what a process with the old key still wraps after all is not lost.

use super::VaultError;
use super::aead::bind;
use super::master::MasterKey;
use super::service::VaultServiceError;
use crate::clock::Clock;
use crate::store::LogId;
use crate::store::registry::Registry;
use std::sync::Arc;

pub(super) const NEXT: &str = "next-master";
pub(super) const PREVIOUS: &str = "previous-master";

/// The keys that a process can open things with.
#[derive(Debug)]
pub(super) struct Masters {
    /// Wraps whatever is wrapped from now on.
    pub current: Arc<MasterKey>,
    pub previous: Option<Arc<MasterKey>>,
}

impl Masters {
    /// Follows the links from the key that the process was given.
    pub async fn read(
        given: &Arc<MasterKey>,
        registry: &dyn Registry,
        log_id: LogId,
    ) -> Result<Self, VaultServiceError> {
        if let Some(link) = registry.vault_meta(NEXT).await?
            && let Ok(next) = open_link(given, NEXT, log_id, &link)
        {
            return Ok(Self { current: Arc::new(next), previous: Some(Arc::clone(given)) });
        }
        let link = registry.vault_meta(PREVIOUS).await?;
        let previous = link.and_then(|link| open_link(given, PREVIOUS, log_id, &link).ok()).map(Arc::new);
        Ok(Self { current: Arc::clone(given), previous })
    }

    /// Opens something with whichever key it is wrapped by.
    pub fn open<T>(&self, read: impl Fn(&MasterKey) -> Result<T, VaultError>) -> Result<T, VaultError> {
        read(&self.current).or_else(|error| self.previous.as_deref().map_or(Err(error), read))
    }
}

/// A master key wrapped by another, bound to the link's name and the log.
pub(super) fn link(
    by: &MasterKey,
    name: &str,
    log_id: LogId,
    (to, clock): (&MasterKey, &dyn Clock),
) -> Result<Vec<u8>, VaultError> {
    by.wrap_master(&aad(name, log_id), to, clock)
}

pub(super) fn open_link(by: &MasterKey, name: &str, log_id: LogId, link: &[u8]) -> Result<MasterKey, VaultError> {
    by.unwrap_master(&aad(name, log_id), link)
}

fn aad(name: &str, log_id: LogId) -> Vec<u8> {
    bind("chitra/vault/master-link/1", log_id, &[name.as_bytes()])
}
