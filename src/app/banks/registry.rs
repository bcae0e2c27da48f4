//! The registry of banks: registered with what their codes mean, their keys added and disabled, and read for each message.

use super::subject_of;
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::bank_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::hex::hex;
use crate::banks::Mapping;
use crate::banks::signature::{Algorithm, Key, KeyError, Validity};
use crate::domain::bank::{Bank, BankCommand, BankKey, BankKeyAdded, BankOrdersArranged, Expected};
use crate::domain::ids::{BankId, VaultRef};
use crate::vault::own::BANK_SECRET;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The longest mapping file.
const MAPPING_BYTES_MAX: usize = 64 * 1024;

/// A key to be added.
#[derive(Debug, Clone)]
pub struct NewBankKey {
    pub key_id: String,
    pub algorithm: Algorithm,
    /// PEM, JWK, or the shared secret.
    pub material: String,
    pub valid_from: Option<Timestamp>,
    pub valid_to: Option<Timestamp>,
}

/// A bank as messages are checked against it.
pub struct KnownBank {
    pub keys: Vec<Key>,
    pub mapping: Mapping,
}

/// Banks as read last, by the revision of their entry: keys and mappings are not read anew for each message.
#[derive(Default)]
pub struct KnownBanks(Mutex<HashMap<BankId, (u64, Arc<KnownBank>)>>);

impl KnownBanks {
    fn get(&self, bank: &BankId, revision: u64) -> Option<Arc<KnownBank>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(bank).filter(|(read, _)| *read == revision).map(|(_, known)| Arc::clone(known))
    }

    fn put(&self, bank: &BankId, revision: u64, known: &Arc<KnownBank>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(bank.clone(), (revision, Arc::clone(known)));
    }
}

fn key_issue(error: KeyError) -> AppError {
    let field = if error == KeyError::Id { "key_id" } else { "key" };
    let vi = match error {
        KeyError::Id => "mã khóa gồm 1 đến 64 ký tự A-Z, a-z, 0-9 và . _ : -",
        KeyError::PublicKey { .. } => "khóa công khai phải ở dạng PEM hoặc JWK của đúng thuật toán",
        KeyError::WeakKey => "khóa công khai này không an toàn; hãy tạo khóa khác",
        KeyError::PrivateKey => "không bao giờ gửi khóa riêng; hãy đăng ký khóa công khai và tạo cặp khóa mới",
        KeyError::Secret => "khóa chung là base64 của 24 đến 64 byte, có hoặc không có whsec_ ở đầu",
    };
    AppError::Invalid(vec![FieldIssue::new(field, "bank-key-invalid", error.to_string(), vi)])
}

/// A bank as it is to be registered.
pub(super) fn registration(
    bank: &BankId,
    (mapping, expected): (Option<String>, Option<Vec<Expected>>),
) -> Result<BankCommand, AppError> {
    if let Some(text) = &mapping {
        let checked = if text.len() > MAPPING_BYTES_MAX {
            Err("the mapping is longer than 64 KB".to_owned())
        } else {
            Mapping::of_bank(text).map(|_| ()).map_err(|error| error.to_string())
        };
        checked.map_err(|reason| {
            let vi = "bảng mã của ngân hàng không hợp lệ";
            AppError::Invalid(vec![FieldIssue::new("mapping", "bank-mapping-invalid", reason, vi)])
        })?;
    }
    Ok(BankCommand::Register { bank: bank.clone(), mapping, expected })
}

impl App {
    /// Registers a bank of the profile, or gives its codes another meaning: whoever must be asked first was asked.
    pub async fn register_bank(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        of: (Option<String>, Option<Vec<Expected>>),
    ) -> Result<Written<Bank>, AppError> {
        let command = registration(bank, of)?;
        self.change_bank_now(request, bank, (command, Beside::default())).await
    }

    /// Adds a key, likewise.
    pub async fn add_bank_key(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        new: NewBankKey,
    ) -> Result<Written<Bank>, AppError> {
        match self.new_key(bank, new).await {
            Ok(made) => self.change_bank_now(request, bank, made).await,
            Err(error) => self.replay_or::<Bank>(request, error).await,
        }
    }

    /// Changes a bank's entry, with what must not stand in the log beside it.
    pub(in crate::app) async fn change_bank_now(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        (command, beside): (BankCommand, Beside),
    ) -> Result<Written<Bank>, AppError> {
        let stream = bank_stream(bank);
        self.execute((&stream, Begin::Existing), request, beside, |_: &Bank| Ok(command.clone())).await
    }

    /// A key to be added. It must not be another bank's: its messages would be both banks'.
    pub(super) async fn new_key(&self, bank: &BankId, new: NewBankKey) -> Result<(BankCommand, Beside), AppError> {
        let key = Key::parse(&new.key_id, new.algorithm, &new.material, Validity::default()).map_err(key_issue)?;
        self.check_no_others_key(bank, &key).await?;
        let mut beside = Beside::default();
        let (mut public_key, mut secret_ref) = (None, None);
        if new.algorithm == Algorithm::HmacSha256 {
            let sealed = self.vault.seal_own(subject_of(bank), BANK_SECRET, new.material.trim().as_bytes()).await?;
            secret_ref = Some(VaultRef::from_uuid(sealed.0));
            beside.vault = sealed.1;
        } else {
            public_key = Some(new.material.trim().to_owned());
        }
        let command = BankCommand::AddKey(BankKeyAdded {
            key_id: new.key_id,
            algorithm: new.algorithm.as_str().to_owned(),
            public_key,
            secret_ref,
            fingerprint: Some(hex(&self.vault.input_hash(&[b"key of a bank", key.bytes()]))),
            valid_from: new.valid_from,
            valid_to: new.valid_to,
        });
        Ok((command, beside))
    }

    /// Of keys that were added before keys had fingerprints, too.
    async fn check_no_others_key(&self, bank: &BankId, key: &Key) -> Result<(), AppError> {
        for other in self.profile.banks.iter().filter(|spec| spec.id != *bank) {
            let Some((state, _)) = self.load::<Bank>(&bank_stream(&other.id)).await? else { continue };
            for known in &state.keys {
                if self.open_key(&other.id, known).await?.is_some_and(|known| known.bytes() == key.bytes()) {
                    let (en, vi) = ("this key is another bank's", "khóa này là của ngân hàng khác");
                    return Err(AppError::Invalid(vec![FieldIssue::new("key", "bank-key-of-another", en, vi)]));
                }
            }
        }
        Ok(())
    }

    /// Disables a key, at once and for ever. One person does it, whatever the profile says: what is closed harms nobody who may call.
    pub async fn disable_bank_key(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        key_id: &str,
    ) -> Result<Written<Bank>, AppError> {
        let command = BankCommand::DisableKey { key_id: key_id.to_owned() };
        self.change_bank_now(request, bank, (command, Beside::default())).await
    }

    /// The banks of the profile that are registered.
    pub async fn registered_banks(&self) -> Result<Vec<(BankId, Bank)>, AppError> {
        let mut found = Vec::new();
        for spec in &self.profile.banks {
            if let Some((state, _)) = self.load::<Bank>(&bank_stream(&spec.id)).await? {
                found.push((spec.id.clone(), state));
            }
        }
        Ok(found)
    }

    /// Those whose entries somebody may see: an operator every one, a bank its own.
    pub async fn banks_in_sight(&self, principal: &Principal) -> Result<Vec<(BankId, Bank)>, AppError> {
        if principal.reach(Action::ManageBanks) != Reach::Nothing {
            return self.registered_banks().await;
        }
        let own = principal.bank.as_ref().filter(|_| principal.reach(Action::ReadInbox) == Reach::Bank);
        let Some(own) = own else { return Ok(Vec::new()) };
        let found = self.load::<Bank>(&bank_stream(own)).await?;
        Ok(found.map(|(state, _)| (own.clone(), state)).into_iter().collect())
    }

    /// A registered bank with its keys opened.
    pub async fn known_bank(&self, bank: &BankId) -> Result<Option<Arc<KnownBank>>, AppError> {
        let Some((state, last)) = self.load::<Bank>(&bank_stream(bank)).await? else { return Ok(None) };
        if let Some(known) = self.banks.get(bank, last.revision) {
            return Ok(Some(known));
        }
        let Some(registered) = &state.registered else { return Ok(None) };
        let mapping = match &registered.mapping {
            Some(text) => Mapping::of_bank(text),
            None => Mapping::iso(),
        };
        let mapping = mapping.map_err(|error| AppError::Internal(format!("the mapping of {bank}: {error}")))?;
        let mut keys = Vec::with_capacity(state.keys.len());
        for known in &state.keys {
            keys.extend(self.open_key(bank, known).await?);
        }
        let known = Arc::new(KnownBank { keys, mapping });
        self.banks.put(bank, last.revision, &known);
        Ok(Some(known))
    }

    async fn open_key(&self, bank: &BankId, known: &BankKey) -> Result<Option<Key>, AppError> {
        let key = &known.key;
        let broken = |what: &str| AppError::Internal(format!("key {} of {bank} {what}", key.key_id));
        let algorithm = Algorithm::parse(&key.algorithm).ok_or_else(|| broken("has an unknown algorithm"))?;
        let validity = Validity { from: key.valid_from, until: key.valid_to, disabled: known.disabled };
        let secret = match key.secret_ref {
            Some(secret_ref) => {
                self.vault.open_own(subject_of(bank), BANK_SECRET, secret_ref.as_uuid()).await?.map(String::from_utf8)
            }
            None => None,
        };
        let material = match (&key.public_key, secret) {
            (Some(text), _) => text.clone(),
            (None, Some(Ok(text))) => text,
            // The secret was destroyed: the key opens nothing.
            (None, Some(Err(_)) | None) => return Ok(None),
        };
        Key::parse(&key.key_id, algorithm, &material, validity).map(Some).map_err(|_| broken("cannot be read"))
    }
}

/// Reads the name of an algorithm.
#[must_use]
pub fn algorithm(text: &str) -> Option<Algorithm> {
    Algorithm::parse(text)
}

/// A bank's entry as it is shown: public keys, never a secret.
#[must_use]
pub fn shown(bank: &BankId, state: &Bank) -> Value {
    let key = |known: &BankKey| {
        let key = &known.key;
        json!({"key_id": key.key_id, "algorithm": key.algorithm, "public_key": key.public_key,
            "valid_from": key.valid_from.map(|at| at.to_string()), "valid_to": key.valid_to.map(|at| at.to_string()),
            "disabled": known.disabled})
    };
    let mapping = state.registered.as_ref().and_then(|registered| registered.mapping.as_ref());
    let expected = state.registered.iter().flat_map(|registered| &registered.expected).map(expectation);
    json!({"bank": bank, "mapping": mapping, "expected": expected.collect::<Vec<_>>(), "keys": state.keys.iter().map(key).collect::<Vec<_>>(),
        "orders": state.orders.as_ref().map(arrangement)})
}

/// How orders are taken, as it is shown: never the account.
fn arrangement(orders: &BankOrdersArranged) -> Value {
    json!({"form": orders.form.as_str(), "payer": orders.payer, "has_account": orders.account_ref.is_some(),
        "bank_code": orders.bank_code, "charset": orders.charset.as_str(), "batch_booking": orders.batch_booking,
        "columns": orders.columns})
}

/// What is expected, as it is shown.
fn expectation(expected: &Expected) -> Value {
    let by = format!("{:02}:{:02}", expected.by.hour(), expected.by.minute());
    json!({"format": expected.format, "by": by, "days": expected.days.as_str()})
}
