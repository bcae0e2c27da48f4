//! Changing the master key: every person's key is wrapped anew, in pages, beside running servers, and again after any interruption.

use super::lookup::LookupKey;
use super::master::MasterKey;
use super::masters::{Masters, NEXT, PREVIOUS, link, open_link};
use super::person::PersonKey;
use super::service::{LOOKUP_KEY_NAME, Vault, VaultServiceError};
use crate::store::registry::RewrappedKey;
use std::sync::Arc;

/// People's keys of one transaction: servers wait no longer than for these.
const PAGE: u32 = 200;
/// Passes over all keys until one finds nothing to do. Only what servers with the old key add meanwhile takes another one.
const PASSES_MAX: u32 = 20;

/// Why the master key was not changed. `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error("the new master key is the one that is in use")]
    SameKey,
    #[error("a change to another new key has begun; finish that one first, with its key")]
    OtherUnderWay,
    #[error("no change of the master key has begun")]
    NothingToRetire,
    #[error("this is the old master key; give the new one, which is to stay")]
    OldKeyGiven,
    #[error(
        "{count} people's keys are wrapped by neither key; restore them from a backup, or find the key that they were wrapped by"
    )]
    Unreadable { count: u64 },
    #[error("servers keep wrapping keys with the old master key; give them the new one and run this again")]
    StillWritten,
    #[error(transparent)]
    Vault(#[from] VaultServiceError),
}

impl From<super::VaultError> for RotationError {
    fn from(error: super::VaultError) -> Self {
        Self::Vault(error.into())
    }
}

impl From<crate::store::StoreError> for RotationError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Vault(error.into())
    }
}

/// What the people's keys are wrapped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyCounts {
    /// By the key that stays.
    pub current: u64,
    /// By the one before.
    pub previous: u64,
    pub unreadable: u64,
    /// Wrapped anew by this pass.
    pub rewrapped: u64,
}

/// How far a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VaultStatus {
    /// A change has begun and the old key is not retired: both keys open the vault.
    pub under_way: bool,
    /// The look-up key is wrapped by the key that stays.
    pub lookup_is_current: bool,
    pub keys: KeyCounts,
}

impl Vault {
    /// Changes to a new master key, or goes on where that broke off. The vault is open with the old one; both open it afterwards, until
    /// [`Self::retire`].
    pub async fn rotate(&self, new: MasterKey, told: &(dyn Fn(u64) + Sync)) -> Result<KeyCounts, RotationError> {
        let new = Arc::new(new);
        if new.is_same(&self.given) {
            return Err(RotationError::SameKey);
        }
        let before = Masters::read(&self.given, self.registry.as_ref(), self.log_id).await?;
        let has_begun = !Arc::ptr_eq(&before.current, &self.given);
        if has_begun && !before.current.is_same(&new) {
            return Err(RotationError::OtherUnderWay);
        }
        if !has_begun {
            // What is still wrapped by a key before the old one would be two links away.
            self.rewrap_all(&before, told).await?;
        }
        self.put_links(&new).await?;
        let masters = self.refresh().await?;
        let counts = self.rewrap_all(&masters, told).await?;
        self.rewrap_lookup(&masters).await?;
        self.rewrap_signing(&masters).await?;
        Ok(counts)
    }

    /// The link for those who have the old key first, since of two who begin at once only one sets it.
    async fn put_links(&self, new: &MasterKey) -> Result<(), RotationError> {
        let clock = self.clock.as_ref();
        let forwards = link(&self.given, NEXT, self.log_id, (new, clock))?;
        let standing = self.registry.put_vault_meta(NEXT, &forwards).await?;
        let standing = open_link(&self.given, NEXT, self.log_id, &standing);
        if !standing.is_ok_and(|standing| standing.is_same(new)) {
            return Err(RotationError::OtherUnderWay);
        }
        let backwards = link(new, PREVIOUS, self.log_id, (&self.given, clock))?;
        let standing = self.registry.put_vault_meta(PREVIOUS, &backwards).await?;
        let leads = open_link(new, PREVIOUS, self.log_id, &standing);
        if !leads.is_ok_and(|leads| leads.is_same(&self.given)) {
            self.registry.replace_vault_meta(PREVIOUS, (&standing, &backwards)).await?;
        }
        Ok(())
    }

    /// Ends the old key: nothing is wrapped by it any more, and it leads to the new one no longer. The vault is open with the new one.
    pub async fn retire(&self, told: &(dyn Fn(u64) + Sync)) -> Result<KeyCounts, RotationError> {
        let Some(forwards) = self.registry.vault_meta(NEXT).await? else { return Err(RotationError::NothingToRetire) };
        if open_link(&self.given, NEXT, self.log_id, &forwards).is_ok() {
            return Err(RotationError::OldKeyGiven);
        }
        let masters = self.refresh().await?;
        let counts = self.rewrap_all(&masters, told).await?;
        self.rewrap_lookup(&masters).await?;
        self.rewrap_signing(&masters).await?;
        self.registry.destroy_vault_meta(NEXT).await?;
        Ok(counts)
    }

    /// How far a change is; changes nothing.
    pub async fn status(&self) -> Result<VaultStatus, RotationError> {
        let masters = self.refresh().await?;
        let under_way = self.registry.vault_meta(NEXT).await?.is_some();
        let lookup = self.registry.vault_meta(LOOKUP_KEY_NAME).await?;
        let lookup_is_current =
            lookup.is_some_and(|wrapped| LookupKey::unwrap(&masters.current, self.log_id, &wrapped).is_ok());
        Ok(VaultStatus { under_way, lookup_is_current, keys: self.pass(&masters, false, &|_| {}).await? })
    }

    /// Wraps all keys by the current one; done when a whole pass finds no other.
    async fn rewrap_all(&self, masters: &Masters, told: &(dyn Fn(u64) + Sync)) -> Result<KeyCounts, RotationError> {
        let mut rewrapped = 0;
        for _ in 0..PASSES_MAX {
            let counts = self.pass(masters, true, told).await?;
            rewrapped += counts.rewrapped;
            if counts.unreadable > 0 {
                return Err(RotationError::Unreadable { count: counts.unreadable });
            }
            if counts.previous == 0 {
                return Ok(KeyCounts { rewrapped, ..counts });
            }
        }
        Err(RotationError::StillWritten)
    }

    /// One walk over all keys. A key that somebody changes or destroys meanwhile is left to the next.
    async fn pass(
        &self,
        masters: &Masters,
        changes: bool,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<KeyCounts, RotationError> {
        let (mut counts, mut after, mut seen) = (KeyCounts::default(), None, 0);
        loop {
            let page = self.registry.wrapped_keys_after(after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(counts) };
            (after, seen) = (Some(*last), seen + page.len() as u64);
            let mut rewrapped = Vec::new();
            for (subject, wrapped) in page {
                if PersonKey::unwrap(&masters.current, self.log_id, subject, &wrapped).is_ok() {
                    counts.current += 1;
                    continue;
                }
                let by_previous = masters.previous.as_deref();
                match by_previous.map(|key| PersonKey::unwrap(key, self.log_id, subject, &wrapped)) {
                    Some(Ok(key)) => {
                        counts.previous += 1;
                        let new = key.wrap(&masters.current, self.clock.as_ref())?;
                        rewrapped.push(RewrappedKey { subject, old: wrapped, new });
                    }
                    Some(Err(_)) | None => counts.unreadable += 1,
                }
            }
            if changes && !rewrapped.is_empty() {
                counts.rewrapped += self.registry.rewrap_keys(&rewrapped).await?;
            }
            told(seen);
        }
    }

    /// The look-up key stays the same, and with it every hash; only what wraps it changes.
    async fn rewrap_lookup(&self, masters: &Masters) -> Result<(), RotationError> {
        let Some(wrapped) = self.registry.vault_meta(LOOKUP_KEY_NAME).await? else { return Ok(()) };
        if LookupKey::unwrap(&masters.current, self.log_id, &wrapped).is_ok() {
            return Ok(());
        }
        let key = masters.open(|master| LookupKey::unwrap(master, self.log_id, &wrapped))?;
        let new = key.wrap(&masters.current, self.log_id, self.clock.as_ref())?;
        self.registry.replace_vault_meta(LOOKUP_KEY_NAME, (&wrapped, &new)).await?;
        Ok(())
    }
}
