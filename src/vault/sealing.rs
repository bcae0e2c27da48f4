//! Sealing what is held on a person: names, identifiers, accounts, words, each under the key of the person.

use super::VaultError;
use super::person::PersonKey;
use super::service::{
    ACCOUNT, AUTHORISED, AccountRecord, AuthorisedPerson, BIRTH_YEAR, IDENTIFIER, IdentifierRecord, NAME, PURPOSE,
    Vault, VaultServiceError, WORDS, json,
};
use crate::store::VaultRow;
use uuid::Uuid;

impl Vault {
    /// A name, sealed.
    pub fn seal_name(&self, key: &PersonKey, name: &str) -> Result<VaultRow, VaultError> {
        self.seal(key, NAME, self.new_ref(key.subject()), name.as_bytes())
    }

    /// A birth year, sealed.
    pub fn seal_birth_year(&self, key: &PersonKey, year: i16) -> Result<VaultRow, VaultError> {
        self.seal(key, BIRTH_YEAR, self.clock.opaque_id(), year.to_string().as_bytes())
    }

    /// Who may receive on a person's behalf, sealed; the reference is what events name the right by.
    pub async fn seal_authorised(
        &self,
        subject: Uuid,
        authorised: &AuthorisedPerson,
    ) -> Result<(Uuid, VaultRow), VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let key = self.person_key(subject, &wrapped.ok_or(VaultServiceError::Erased)?).await?;
        Ok(self.seal_authorised_by(&key, authorised)?)
    }

    /// The same by a key at hand.
    pub fn seal_authorised_by(
        &self,
        key: &PersonKey,
        authorised: &AuthorisedPerson,
    ) -> Result<(Uuid, VaultRow), VaultError> {
        let authorised_ref = self.clock.opaque_id();
        Ok((authorised_ref, self.seal(key, AUTHORISED, authorised_ref, &json(authorised))?))
    }

    /// An identifier, sealed with its scheme.
    pub fn seal_identifier(&self, key: &PersonKey, scheme: &str, value: &str) -> Result<VaultRow, VaultError> {
        let record = IdentifierRecord { scheme: scheme.to_owned(), value: value.to_owned() };
        self.seal(key, IDENTIFIER, self.new_ref(key.subject()), &json(&record))
    }

    /// A further identifier of a registered person, sealed; the reference is what events name it by.
    pub async fn new_identifier(
        &self,
        subject: Uuid,
        scheme: &str,
        value: &str,
    ) -> Result<(Uuid, VaultRow), VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let key = self.person_key(subject, &wrapped.ok_or(VaultServiceError::Erased)?).await?;
        let record = IdentifierRecord { scheme: scheme.to_owned(), value: value.to_owned() };
        let record_ref = self.new_ref(subject);
        Ok((record_ref, self.seal(&key, IDENTIFIER, record_ref, &json(&record))?))
    }

    /// An account number, sealed with its bank; the reference is what events name it by.
    pub fn seal_account(
        &self,
        key: &PersonKey,
        bank: Option<&str>,
        number: &str,
    ) -> Result<(Uuid, VaultRow), VaultError> {
        let account_ref = self.new_ref(key.subject());
        let record = AccountRecord { bank: bank.map(str::to_owned), number: number.to_owned() };
        Ok((account_ref, self.seal(key, ACCOUNT, account_ref, &json(&record))?))
    }

    /// Words about people, sealed, each with the reference that events name them by; in order. `None` for a person whose key was
    /// destroyed: nothing more is kept of them.
    pub async fn seal_words(
        &self,
        words: &[(Uuid, String)],
    ) -> Result<Vec<Option<(Uuid, VaultRow)>>, VaultServiceError> {
        let subjects: Vec<Uuid> = words.iter().map(|(subject, _)| *subject).collect();
        let keys = self.registry.wrapped_keys(&subjects).await?;
        let mut sealed = Vec::with_capacity(words.len());
        for ((subject, text), wrapped) in words.iter().zip(keys) {
            sealed.push(match wrapped {
                Some(wrapped) => {
                    let key = self.person_key(*subject, &wrapped).await?;
                    let words_ref = self.new_ref(*subject);
                    Some((words_ref, self.seal(&key, WORDS, words_ref, text.as_bytes())?))
                }
                None => None,
            });
        }
        Ok(sealed)
    }

    /// What somebody says of the purpose of looking at a person's data, sealed.
    pub async fn seal_purpose(&self, subject: Uuid, text: &str) -> Result<(Uuid, VaultRow), VaultServiceError> {
        let wrapped = self.registry.wrapped_keys(&[subject]).await?.into_iter().flatten().next();
        let key = self.person_key(subject, &wrapped.ok_or(VaultServiceError::Erased)?).await?;
        let purpose_ref = self.new_ref(subject);
        Ok((purpose_ref, self.seal(&key, PURPOSE, purpose_ref, text.as_bytes())?))
    }

    pub(super) fn seal(
        &self,
        key: &PersonKey,
        kind: &'static str,
        record_ref: Uuid,
        plain: &[u8],
    ) -> Result<VaultRow, VaultError> {
        let ciphertext = key.seal(kind, record_ref, plain, self.clock.as_ref())?;
        Ok(VaultRow::Record { record_ref, subject: key.subject(), kind, ciphertext })
    }
}
