//! API keys and vault on PostgreSQL, in any mode. What is written here may be written twice: it is tried again like a read.

use super::arrays::Arrays;
use super::lookup::Lookup;
use super::query::{self, retried};
use super::{PostgresStore, fault};
use crate::store::StoreError;
use crate::store::batch::in_order;
use crate::store::decode;
use crate::store::registry::{ApiKey, KeyRotation, Registry, RewrappedKey, Sizes, StoredReport, VaultRecord};
use async_trait::async_trait;
use uuid::Uuid;

impl PostgresStore {
    /// A deleted or replaced row's bytes are given up only when the table is cleaned. Who may not clean it, or cannot because someone
    /// reads, leaves that to the server's own cleaning.
    async fn clean_vault_keys(&self) {
        let clean = sqlx::query(include_str!("../sql/postgres/clean_vault_keys.sql"));
        if let Err(error) = clean.execute(self.pool()).await {
            tracing::warn!(%error, "keys that were destroyed or replaced wait for the server's own vacuum");
        }
    }
}

#[async_trait]
impl Registry for PostgresStore {
    async fn forgets(&self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query(include_str!("../sql/postgres/forgets.sql"));
        let row = query.fetch_one(self.pool()).await.map_err(|e| fault(&e))?;
        for (column, name) in ["fsync", "full_page_writes", "synchronous_commit"].into_iter().enumerate() {
            if decode::text(&row, column)? == "off" {
                return Ok(Some(format!("PostgreSQL runs with {name} off")));
            }
        }
        Ok(None)
    }

    async fn sizes(&self) -> Result<Sizes, StoreError> {
        let query = sqlx::query(include_str!("../sql/postgres/sizes.sql"));
        let row = query.fetch_one(self.pool()).await.map_err(|e| fault(&e))?;
        let vault_bytes = Some(decode::unsigned(&row, 1)?);
        Ok(Sizes { database_bytes: decode::unsigned(&row, 0)?, vault_bytes, free_bytes: None })
    }

    async fn insert_api_key(&self, key: &ApiKey) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/insert_api_key.sql"))
            .bind(self.log_id())
            .bind(&key.key_id)
            .bind(key.secret_hash.as_slice())
            .bind(&key.role)
            .bind(&key.unit_key)
            .bind(&key.bank)
            .bind(&key.label)
            .bind(key.created_at_us)
            .bind(key.revoked_at_us)
            .bind(key.expires_at_us)
            .bind(key.used_at_us)
            .bind(key.former.map(|(hash, _)| hash.to_vec()))
            .bind(key.former.map(|(_, until_us)| until_us));
        // Once: whoever tries again must not hear that the id is taken because the first try had come through.
        Ok(query.execute(self.pool()).await.map_err(|e| fault(&e))?.rows_affected() == 1)
    }

    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/list_api_keys.sql")).bind(self.log_id());
            query.fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(decode::api_key).collect()
    }

    async fn find_api_key(&self, key_id: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/find_api_key.sql")).bind(self.log_id()).bind(key_id);
            query.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(decode::api_key).transpose()
    }

    async fn revoke_api_key(&self, key_id: &str, at_us: i64) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/revoke_api_key.sql")).bind(at_us).bind(self.log_id()).bind(key_id);
        Ok(query.execute(self.pool()).await.map_err(|e| fault(&e))?.rows_affected() == 1)
    }

    async fn rotate_api_key(&self, key_id: &str, rotation: &KeyRotation) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/rotate_api_key.sql"))
            .bind(self.log_id())
            .bind(key_id)
            .bind(rotation.from_hash.as_slice())
            .bind(rotation.to_hash.as_slice())
            .bind(rotation.former_until_us)
            .bind(rotation.expires_at_us);
        // Once: a second try would find the secret changed, by the first.
        Ok(query.execute(self.pool()).await.map_err(|e| fault(&e))?.rows_affected() == 1)
    }

    async fn touch_api_keys(&self, used: &[(String, i64)]) -> Result<(), StoreError> {
        for (key_id, at_us) in used {
            let query = sqlx::query(include_str!("../sql/touch_api_key.sql")).bind(self.log_id());
            query.bind(key_id).bind(at_us).execute(self.pool()).await.map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    async fn wrapped_keys(&self, subjects: &[Uuid]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let answers = retried(|| async {
            let mut connection = self.pool().acquire().await.map_err(|e| fault(&e))?;
            Lookup::new(&mut connection, self.log_id()).wrapped_keys(subjects).await
        });
        Ok(in_order(subjects.len(), answers.await?))
    }

    async fn vault_records(&self, record_refs: &[Uuid]) -> Result<Vec<Option<VaultRecord>>, StoreError> {
        let answers = retried(|| async {
            let mut connection = self.pool().acquire().await.map_err(|e| fault(&e))?;
            Lookup::new(&mut connection, self.log_id()).vault_records(record_refs).await
        });
        Ok(in_order(record_refs.len(), answers.await?))
    }

    async fn vault_records_of(&self, subject: Uuid) -> Result<Vec<VaultRecord>, StoreError> {
        let rows = retried(|| async {
            let sql = include_str!("../sql/vault_records_of_subject.sql");
            let query = sqlx::query(sql).bind(self.log_id()).bind(subject.as_bytes().as_slice());
            query.fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(|row| decode::vault_record(row, 0)).collect()
    }

    async fn vault_records_of_all(&self, subjects: &[Uuid]) -> Result<Vec<VaultRecord>, StoreError> {
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let rows = retried(|| async {
            let asked = Arrays::of(subjects, |subject, v| _ = v.id(*subject));
            let sql = include_str!("../sql/postgres/vault_records_of_subjects.sql");
            query::rows(sql, self.log_id(), asked)?.fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(|row| decode::vault_record(row, 0)).collect()
    }

    async fn put_import_report(&self, report: &StoredReport) -> Result<(), StoreError> {
        retried(|| async {
            let query = sqlx::query(include_str!("../sql/put_import_report.sql"))
                .bind(self.log_id())
                .bind(report.import_id.as_bytes().as_slice())
                .bind(&report.actor)
                .bind(&report.report);
            query.execute(self.pool()).await.map(|_| ()).map_err(|e| fault(&e))
        })
        .await
    }

    async fn import_report(&self, import_id: Uuid) -> Result<Option<StoredReport>, StoreError> {
        let row = retried(|| async {
            let query = sqlx::query(include_str!("../sql/import_report.sql")).bind(self.log_id());
            let query = query.bind(import_id.as_bytes().as_slice());
            query.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        });
        row.await?.as_ref().map(decode::import_report).transpose()
    }

    async fn list_import_reports(&self, limit: u32) -> Result<Vec<StoredReport>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/list_import_reports.sql")).bind(self.log_id());
            query.bind(i64::from(limit)).fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(decode::import_report).collect()
    }

    async fn destroy_person(&self, subject: Uuid) -> Result<bool, StoreError> {
        let mut transaction = self.pool().begin().await.map_err(|e| fault(&e))?;
        let records = sqlx::query(include_str!("../sql/delete_vault_records.sql")).bind(self.log_id());
        let records = records.bind(subject.as_bytes().as_slice());
        records.execute(&mut *transaction).await.map_err(|e| fault(&e))?;
        let pieces = sqlx::query(include_str!("../sql/delete_vault_pieces.sql")).bind(self.log_id());
        let pieces = pieces.bind(subject.as_bytes().as_slice());
        pieces.execute(&mut *transaction).await.map_err(|e| fault(&e))?;
        let key = sqlx::query(include_str!("../sql/delete_vault_key.sql")).bind(self.log_id());
        let key = key.bind(subject.as_bytes().as_slice());
        let destroyed = key.execute(&mut *transaction).await.map_err(|e| fault(&e))?.rows_affected() == 1;
        transaction.commit().await.map_err(|e| fault(&e))?;
        self.clean_vault_keys().await;
        Ok(destroyed)
    }

    async fn destroy_record(&self, subject: Uuid, record_ref: Uuid) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/delete_vault_record.sql")).bind(self.log_id());
        let query = query.bind(subject.as_bytes().as_slice()).bind(record_ref.as_bytes().as_slice());
        Ok(query.execute(self.pool()).await.map_err(|e| fault(&e))?.rows_affected() == 1)
    }

    async fn vault_meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        retried(|| async {
            let query = sqlx::query_scalar(include_str!("../sql/vault_meta.sql")).bind(self.log_id()).bind(name);
            query.fetch_optional(self.pool()).await.map_err(|e| fault(&e))
        })
        .await
    }

    async fn wrapped_keys_after(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError> {
        let rows = retried(|| async {
            let query = sqlx::query(include_str!("../sql/wrapped_keys_after.sql")).bind(self.log_id());
            let query = query.bind(after.map_or_else(Vec::new, |after| after.as_bytes().to_vec()));
            query.bind(i64::from(limit)).fetch_all(self.pool()).await.map_err(|e| fault(&e))
        });
        rows.await?.iter().map(decode::wrapped_key).collect()
    }

    async fn rewrap_keys(&self, keys: &[RewrappedKey]) -> Result<u64, StoreError> {
        let mut transaction = self.pool().begin().await.map_err(|e| fault(&e))?;
        let mut replaced = 0;
        for key in keys {
            let query = sqlx::query(include_str!("../sql/rewrap_key.sql")).bind(self.log_id());
            let query = query.bind(key.subject.as_bytes().as_slice()).bind(key.old.as_slice()).bind(key.new.as_slice());
            replaced += query.execute(&mut *transaction).await.map_err(|e| fault(&e))?.rows_affected();
        }
        transaction.commit().await.map_err(|e| fault(&e))?;
        Ok(replaced)
    }

    async fn replace_vault_meta(&self, name: &str, (from, to): (&[u8], &[u8])) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/replace_vault_meta.sql")).bind(self.log_id()).bind(name);
        let query = query.bind(from).bind(to);
        Ok(query.execute(self.pool()).await.map_err(|e| fault(&e))?.rows_affected() == 1)
    }

    async fn destroy_vault_meta(&self, name: &str) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/delete_vault_meta.sql")).bind(self.log_id()).bind(name);
        query.execute(self.pool()).await.map_err(|e| fault(&e))?;
        self.clean_vault_keys().await;
        Ok(())
    }

    async fn put_vault_meta(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        retried(|| async {
            let insert = sqlx::query(include_str!("../sql/put_vault_meta.sql")).bind(self.log_id()).bind(name);
            insert.bind(value).execute(self.pool()).await.map_err(|e| fault(&e))?;
            let standing = sqlx::query_scalar(include_str!("../sql/vault_meta.sql")).bind(self.log_id()).bind(name);
            standing.fetch_one(self.pool()).await.map_err(|e| fault(&e))
        })
        .await
    }
}
