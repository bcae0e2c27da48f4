//! One well-known API key, the vault's named values in memory, and nothing else.

use super::NullStore;
use crate::store::StoreError;
use crate::store::registry::{ApiKey, KeyRotation, Registry, RewrappedKey, Sizes, StoredReport, VaultRecord};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::sync::PoisonError;
use uuid::Uuid;

const KEY_ID: &str = "000000bench0";
const SECRET: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The text of the one key that opens this store.
pub const BENCH_KEY: &str = "chitra_000000bench0_0000000000000000000000000000000000000000000000000000000000000000";

fn bench_key() -> ApiKey {
    ApiKey {
        key_id: KEY_ID.to_owned(),
        secret_hash: Sha256::digest(SECRET.as_bytes()).into(),
        role: "supervisor".to_owned(),
        unit_key: None,
        bank: None,
        label: "bench".to_owned(),
        created_at_us: 0,
        revoked_at_us: None,
        expires_at_us: None,
        used_at_us: None,
        former: None,
    }
}

#[async_trait]
impl Registry for NullStore {
    async fn forgets(&self) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    async fn sizes(&self) -> Result<Sizes, StoreError> {
        Ok(Sizes::default())
    }

    async fn insert_api_key(&self, _key: &ApiKey) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        Ok(vec![bench_key()])
    }

    async fn find_api_key(&self, key_id: &str) -> Result<Option<ApiKey>, StoreError> {
        Ok((key_id == KEY_ID).then(bench_key))
    }

    async fn revoke_api_key(&self, _key_id: &str, _at_us: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn rotate_api_key(&self, _key_id: &str, _rotation: &KeyRotation) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn touch_api_keys(&self, _used: &[(String, i64)]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn wrapped_keys(&self, subjects: &[Uuid]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        Ok(vec![None; subjects.len()])
    }

    async fn vault_records(&self, record_refs: &[Uuid]) -> Result<Vec<Option<VaultRecord>>, StoreError> {
        Ok(vec![None; record_refs.len()])
    }

    async fn vault_records_of(&self, _subject: Uuid) -> Result<Vec<VaultRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn vault_records_of_all(&self, _subjects: &[Uuid]) -> Result<Vec<VaultRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn put_import_report(&self, _report: &StoredReport) -> Result<(), StoreError> {
        Ok(())
    }

    async fn import_report(&self, _import_id: Uuid) -> Result<Option<StoredReport>, StoreError> {
        Ok(None)
    }

    async fn list_import_reports(&self, _limit: u32) -> Result<Vec<StoredReport>, StoreError> {
        Ok(Vec::new())
    }

    async fn destroy_person(&self, _subject: Uuid) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn destroy_record(&self, _subject: Uuid, _record_ref: Uuid) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn vault_meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.meta.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    async fn wrapped_keys_after(&self, _after: Option<Uuid>, _limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError> {
        Ok(Vec::new())
    }

    async fn rewrap_keys(&self, _keys: &[RewrappedKey]) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn replace_vault_meta(&self, name: &str, (from, to): (&[u8], &[u8])) -> Result<bool, StoreError> {
        let mut meta = self.meta.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = meta.get_mut(name).filter(|standing| standing.as_slice() == from);
        Ok(standing.map(|standing| to.clone_into(standing)).is_some())
    }

    async fn destroy_vault_meta(&self, name: &str) -> Result<(), StoreError> {
        self.meta.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    async fn put_vault_meta(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut meta = self.meta.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(meta.entry(name.to_owned()).or_insert_with(|| value.to_vec()).clone())
    }
}
