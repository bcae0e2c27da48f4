//! API keys and vault on SQLite. Reads on the readers' connections, writes on the writer's, in any mode.

use super::lookup::Lookup;
use super::{SqliteStore, fault};
use crate::store::StoreError;
use crate::store::batch::in_order;
use crate::store::decode;
use crate::store::registry::{ApiKey, KeyRotation, Registry, RewrappedKey, Sizes, StoredReport, VaultRecord};
use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;

/// Each commit is on disk when it answers.
const SYNCHRONOUS_FULL: i64 = 2;

/// What must be gone afterwards.
enum Overwritten<'a> {
    Person(Uuid),
    Record(Uuid, Uuid),
    /// Replaced, one by one, where they are as they were.
    Keys(&'a [RewrappedKey]),
    Meta(&'a str),
}

impl SqliteStore {
    /// Destroys or replaces, and overwrites the bytes that were, in the database and in the WAL.
    async fn overwrite(&self, what: Overwritten<'_>) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        // Only where something must be gone: overwriting what is deleted costs a write for each page that is given up.
        sqlx::query(include_str!("../sql/secure_delete_on.sql")).execute(&mut *writer).await.map_err(|e| fault(&e))?;
        let changed = match what {
            Overwritten::Person(subject) => self.delete_person(&mut writer, subject).await,
            Overwritten::Record(subject, record_ref) => self.delete_record(&mut writer, subject, record_ref).await,
            Overwritten::Keys(keys) => self.replace_keys(&mut writer, keys).await,
            Overwritten::Meta(name) => self.delete_meta(&mut writer, name).await,
        };
        let changed = match changed {
            Ok(changed) => changed,
            Err(error) => {
                // Undoes what was begun, and with the connection goes its setting.
                writer.give_up();
                return Err(fault(&error));
            }
        };
        sqlx::query(include_str!("../sql/secure_delete_off.sql")).execute(&mut *writer).await.map_err(|e| fault(&e))?;
        // The WAL still holds the page as it was; emptying it waits for readers, and what is left goes with the next one.
        sqlx::query(include_str!("../sql/checkpoint.sql")).execute(&mut *writer).await.map_err(|e| fault(&e))?;
        Ok(changed)
    }

    async fn replace_keys(&self, writer: &mut SqliteConnection, keys: &[RewrappedKey]) -> Result<u64, sqlx::Error> {
        sqlx::query(include_str!("../sql/begin.sql")).execute(&mut *writer).await?;
        let mut replaced = 0;
        for key in keys {
            let query = sqlx::query(include_str!("../sql/rewrap_key.sql")).bind(self.log_id());
            let query = query.bind(key.subject.as_bytes().to_vec()).bind(key.old.clone()).bind(key.new.clone());
            replaced += query.execute(&mut *writer).await?.rows_affected();
        }
        sqlx::query(include_str!("../sql/commit.sql")).execute(&mut *writer).await?;
        Ok(replaced)
    }

    async fn delete_meta(&self, writer: &mut SqliteConnection, name: &str) -> Result<u64, sqlx::Error> {
        let query = sqlx::query(include_str!("../sql/delete_vault_meta.sql")).bind(self.log_id()).bind(name.to_owned());
        Ok(query.execute(writer).await?.rows_affected())
    }

    async fn delete_record(
        &self,
        writer: &mut SqliteConnection,
        subject: Uuid,
        record_ref: Uuid,
    ) -> Result<u64, sqlx::Error> {
        let query = sqlx::query(include_str!("../sql/delete_vault_record.sql")).bind(self.log_id());
        let query = query.bind(subject.as_bytes().to_vec()).bind(record_ref.as_bytes().to_vec());
        Ok(query.execute(writer).await?.rows_affected())
    }

    async fn delete_person(&self, writer: &mut SqliteConnection, subject: Uuid) -> Result<u64, sqlx::Error> {
        let subject = subject.as_bytes().to_vec();
        sqlx::query(include_str!("../sql/begin.sql")).execute(&mut *writer).await?;
        let records = sqlx::query(include_str!("../sql/delete_vault_records.sql")).bind(self.log_id());
        records.bind(subject.clone()).execute(&mut *writer).await?;
        let pieces = sqlx::query(include_str!("../sql/delete_vault_pieces.sql")).bind(self.log_id());
        pieces.bind(subject.clone()).execute(&mut *writer).await?;
        let key = sqlx::query(include_str!("../sql/delete_vault_key.sql")).bind(self.log_id());
        let destroyed = key.bind(subject).execute(&mut *writer).await?.rows_affected();
        sqlx::query(include_str!("../sql/commit.sql")).execute(&mut *writer).await?;
        Ok(destroyed)
    }
}

#[async_trait]
impl Registry for SqliteStore {
    async fn forgets(&self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar(include_str!("../sql/synchronous.sql"));
        let level: i64 = query.fetch_one(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok((level < SYNCHRONOUS_FULL).then(|| format!("SQLite runs with synchronous = {level}")))
    }

    async fn sizes(&self) -> Result<Sizes, StoreError> {
        let mut database_bytes = 0;
        for pool in [self.reader(), self.views_reader()] {
            let query = sqlx::query(include_str!("../sql/database_size.sql"));
            let row = query.fetch_one(pool).await.map_err(|e| fault(&e))?;
            database_bytes += decode::unsigned(&row, 0)?;
        }
        let file = sqlx::query_scalar(include_str!("../sql/database_file.sql"));
        let file: Option<String> = file.fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        let disk = file.and_then(|file| rustix::fs::statvfs(file).ok());
        let free_bytes = disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        Ok(Sizes { database_bytes, vault_bytes: None, free_bytes })
    }

    async fn insert_api_key(&self, key: &ApiKey) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/insert_api_key.sql"))
            .bind(self.log_id())
            .bind(&key.key_id)
            .bind(key.secret_hash.to_vec())
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
        let done = query.execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok(done.rows_affected() == 1)
    }

    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let query = sqlx::query(include_str!("../sql/list_api_keys.sql")).bind(self.log_id());
        let rows = query.fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(decode::api_key).collect()
    }

    async fn find_api_key(&self, key_id: &str) -> Result<Option<ApiKey>, StoreError> {
        let query = sqlx::query(include_str!("../sql/find_api_key.sql")).bind(self.log_id()).bind(key_id);
        let row = query.fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(decode::api_key).transpose()
    }

    async fn revoke_api_key(&self, key_id: &str, at_us: i64) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/revoke_api_key.sql")).bind(at_us).bind(self.log_id()).bind(key_id);
        let done = query.execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok(done.rows_affected() == 1)
    }

    async fn rotate_api_key(&self, key_id: &str, rotation: &KeyRotation) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/rotate_api_key.sql"))
            .bind(self.log_id())
            .bind(key_id)
            .bind(rotation.from_hash.to_vec())
            .bind(rotation.to_hash.to_vec())
            .bind(rotation.former_until_us)
            .bind(rotation.expires_at_us);
        let done = query.execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok(done.rows_affected() == 1)
    }

    async fn touch_api_keys(&self, used: &[(String, i64)]) -> Result<(), StoreError> {
        for (key_id, at_us) in used {
            let query = sqlx::query(include_str!("../sql/touch_api_key.sql")).bind(self.log_id());
            let query = query.bind(key_id).bind(at_us);
            query.execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    async fn wrapped_keys(&self, subjects: &[Uuid]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut connection = self.reader().acquire().await.map_err(|e| fault(&e))?;
        let answers = Lookup::new(&mut connection, self.log_id()).wrapped_keys(subjects).await?;
        Ok(in_order(subjects.len(), answers))
    }

    async fn vault_records(&self, record_refs: &[Uuid]) -> Result<Vec<Option<VaultRecord>>, StoreError> {
        let mut connection = self.reader().acquire().await.map_err(|e| fault(&e))?;
        let answers = Lookup::new(&mut connection, self.log_id()).vault_records(record_refs).await?;
        Ok(in_order(record_refs.len(), answers))
    }

    async fn vault_records_of(&self, subject: Uuid) -> Result<Vec<VaultRecord>, StoreError> {
        let sql = include_str!("../sql/vault_records_of_subject.sql");
        let query = sqlx::query(sql).bind(self.log_id()).bind(subject.as_bytes().to_vec());
        let rows = query.fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(|row| decode::vault_record(row, 0)).collect()
    }

    async fn vault_records_of_all(&self, subjects: &[Uuid]) -> Result<Vec<VaultRecord>, StoreError> {
        let sql = include_str!("../sql/vault_records_of_subjects.sql");
        let asked: Vec<String> = subjects.iter().map(|subject| subject.simple().to_string()).collect();
        let asked = serde_json::json!(asked).to_string();
        let rows =
            sqlx::query(sql).bind(self.log_id()).bind(asked).fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(|row| decode::vault_record(row, 0)).collect()
    }

    async fn put_import_report(&self, report: &StoredReport) -> Result<(), StoreError> {
        let query = sqlx::query(include_str!("../sql/put_import_report.sql"))
            .bind(self.log_id())
            .bind(report.import_id.as_bytes().to_vec())
            .bind(&report.actor)
            .bind(&report.report);
        query.execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok(())
    }

    async fn import_report(&self, import_id: Uuid) -> Result<Option<StoredReport>, StoreError> {
        let query = sqlx::query(include_str!("../sql/import_report.sql")).bind(self.log_id());
        let row =
            query.bind(import_id.as_bytes().to_vec()).fetch_optional(self.reader()).await.map_err(|e| fault(&e))?;
        row.as_ref().map(decode::import_report).transpose()
    }

    async fn list_import_reports(&self, limit: u32) -> Result<Vec<StoredReport>, StoreError> {
        let query = sqlx::query(include_str!("../sql/list_import_reports.sql")).bind(self.log_id()).bind(limit);
        let rows = query.fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(decode::import_report).collect()
    }

    async fn destroy_person(&self, subject: Uuid) -> Result<bool, StoreError> {
        Ok(self.overwrite(Overwritten::Person(subject)).await? == 1)
    }

    async fn destroy_record(&self, subject: Uuid, record_ref: Uuid) -> Result<bool, StoreError> {
        Ok(self.overwrite(Overwritten::Record(subject, record_ref)).await? == 1)
    }

    async fn vault_meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query_scalar(include_str!("../sql/vault_meta.sql")).bind(self.log_id()).bind(name);
        query.fetch_optional(self.reader()).await.map_err(|e| fault(&e))
    }

    async fn wrapped_keys_after(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError> {
        let query = sqlx::query(include_str!("../sql/wrapped_keys_after.sql")).bind(self.log_id());
        let query = query.bind(after.map_or_else(Vec::new, |after| after.as_bytes().to_vec())).bind(i64::from(limit));
        let rows = query.fetch_all(self.reader()).await.map_err(|e| fault(&e))?;
        rows.iter().map(decode::wrapped_key).collect()
    }

    async fn rewrap_keys(&self, keys: &[RewrappedKey]) -> Result<u64, StoreError> {
        self.overwrite(Overwritten::Keys(keys)).await
    }

    async fn replace_vault_meta(&self, name: &str, (from, to): (&[u8], &[u8])) -> Result<bool, StoreError> {
        let query = sqlx::query(include_str!("../sql/replace_vault_meta.sql")).bind(self.log_id()).bind(name);
        let done = query.bind(from).bind(to).execute(&mut *self.writer().await?).await.map_err(|e| fault(&e))?;
        Ok(done.rows_affected() == 1)
    }

    async fn destroy_vault_meta(&self, name: &str) -> Result<(), StoreError> {
        self.overwrite(Overwritten::Meta(name)).await.map(|_| ())
    }

    async fn put_vault_meta(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut writer = self.writer().await?;
        let insert = sqlx::query(include_str!("../sql/put_vault_meta.sql")).bind(self.log_id()).bind(name).bind(value);
        insert.execute(&mut *writer).await.map_err(|e| fault(&e))?;
        let standing = sqlx::query_scalar(include_str!("../sql/vault_meta.sql")).bind(self.log_id()).bind(name);
        standing.fetch_one(&mut *writer).await.map_err(|e| fault(&e))
    }
}
