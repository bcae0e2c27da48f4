//! All that the vault holds on one person, opened. It lives as long as one answer needs it.

use super::service::{
    ACCOUNT, AUTHORISED, AccountRecord, AuthorisedPerson, BIRTH_YEAR, IDENTIFIER, IdentifierRecord, NAME, PURPOSE,
    Vault, VaultServiceError, WORDS,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A record with what it is called by.
#[derive(Clone, PartialEq, Eq)]
pub struct Held<T> {
    pub record_ref: Uuid,
    pub value: T,
}

/// An identifier of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldIdentifier {
    pub scheme: String,
    pub value: String,
}

/// An account of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldAccount {
    pub bank: Option<String>,
    pub number: String,
}

/// Everything, by kind. It has no `Debug`: nothing of it belongs in a log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    pub names: Vec<Held<String>>,
    pub identifiers: Vec<Held<HeldIdentifier>>,
    pub accounts: Vec<Held<HeldAccount>>,
    /// What agents wrote about the person's payments.
    pub words: Vec<Held<String>>,
    /// What was said when the person's data were looked at.
    pub purposes: Vec<Held<String>>,
    pub birth_years: Vec<Held<String>>,
    /// Who may or might receive on the person's behalf.
    pub authorised: Vec<Held<AuthorisedPerson>>,
}

impl Holdings {
    /// How many records there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.names.len() + self.identifiers.len() + self.accounts.len() + self.others()
    }

    const fn others(&self) -> usize {
        self.words.len() + self.purposes.len() + self.birth_years.len() + self.authorised.len()
    }

    /// Takes in one opened record.
    fn add(&mut self, kind: &str, record_ref: Uuid, plain: Vec<u8>) -> Result<(), VaultServiceError> {
        let text = |plain: Vec<u8>| {
            let value = String::from_utf8(plain).map_err(|_| VaultServiceError::Form)?;
            Ok::<_, VaultServiceError>(Held { record_ref, value })
        };
        match kind {
            NAME => self.names.push(text(plain)?),
            WORDS => self.words.push(text(plain)?),
            PURPOSE => self.purposes.push(text(plain)?),
            BIRTH_YEAR => self.birth_years.push(text(plain)?),
            AUTHORISED => self.authorised.push(Held { record_ref, value: read(&plain)? }),
            IDENTIFIER => {
                let IdentifierRecord { scheme, value } = read(&plain)?;
                self.identifiers.push(Held { record_ref, value: HeldIdentifier { scheme, value } });
            }
            ACCOUNT => {
                let AccountRecord { bank, number } = read(&plain)?;
                self.accounts.push(Held { record_ref, value: HeldAccount { bank, number } });
            }
            _ => return Err(VaultServiceError::Form),
        }
        Ok(())
    }
}

impl Vault {
    /// Opens names, identifiers and accounts of many people, in two statements whatever their number. Who has no key is not in the answer.
    pub async fn holdings_of_all(&self, subjects: &[Uuid]) -> Result<HashMap<Uuid, Holdings>, VaultServiceError> {
        let keys = self.keys_of(subjects).await?;
        let mut all: HashMap<Uuid, Holdings> = HashMap::with_capacity(keys.len());
        for record in self.registry.vault_records_of_all(subjects).await? {
            let Some(key) = keys.get(&record.subject) else { continue };
            if matches!(record.kind.as_str(), NAME | IDENTIFIER | ACCOUNT) {
                let plain = key.open(&record.kind, record.record_ref, &record.ciphertext)?;
                all.entry(record.subject).or_default().add(&record.kind, record.record_ref, plain)?;
            }
        }
        Ok(all)
    }

    /// Opens all that is held on a person; `None` when the key was destroyed.
    pub async fn holdings(&self, subject: Uuid) -> Result<Option<Holdings>, VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let Some(wrapped) = wrapped else { return Ok(None) };
        let key = self.person_key(subject, &wrapped).await?;
        let mut all = Holdings::default();
        for record in self.registry.vault_records_of(subject).await? {
            let plain = key.open(&record.kind, record.record_ref, &record.ciphertext)?;
            all.add(&record.kind, record.record_ref, plain)?;
        }
        Ok(Some(all))
    }
}

fn read<T: serde::de::DeserializeOwned>(plain: &[u8]) -> Result<T, VaultServiceError> {
    serde_json::from_slice(plain).map_err(|_| VaultServiceError::Form)
}
