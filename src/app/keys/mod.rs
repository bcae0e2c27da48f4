//! API keys: made on the command line or by operators, stored as hashes, checked on every request. A change is seen within a second.

pub mod life;
pub mod managed;
mod uses;

use crate::app::access::{Principal, Role};
use crate::app::error::AppError;
use crate::app::hex::hex;
use crate::clock::Clock;
use crate::domain::audit::KeyUsed;
use crate::domain::ids::{BankId, UnitKey};
use crate::domain::profile::Profile;
use crate::store::StoreError;
use crate::store::registry::{ApiKey, KeyRotation, Registry};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uses::Uses;

/// How long a key that was looked up is trusted without looking again.
const TRUSTED_US: i64 = 1_000_000;
/// How many keys are remembered at most.
const REMEMBERED_MAX: usize = 10_000;
/// What every key begins with, so that a leaked one can be recognised; and in a sandbox, so that none opens a log of the other kind.
const PREFIX: &str = "chitra";
const TEST_PREFIX: &str = "test";
/// Of the ids that we draw; an entry of somebody who is vouched for has a longer one, and no secret that anybody knows.
const KEY_ID_LENGTH: usize = 12;

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub role: Role,
    pub unit: Option<UnitKey>,
    pub bank: Option<BankId>,
    pub label: String,
    /// The first instant at which it opens nothing, in microseconds since the Unix epoch.
    pub expires_at_us: Option<i64>,
}

/// Who presents a key's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    Good(Principal),
    /// The holder of a key whose time is over: told only to who has the secret.
    Expired,
    /// Anybody else.
    Unknown,
}

/// What became of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The key's next text, and the first instant at which the one before opens nothing.
    Done { text: String, former_until_us: i64 },
    /// There is no such key, or it is revoked.
    NoSuchKey,
    /// Its time is over, and none was given anew.
    Expired,
    /// It stands for somebody whom another system vouches for, and has no secret.
    NoSecret,
    /// It waits for its first secret, which a second person consents to.
    Waits,
}

/// Somebody whom another system vouches for.
#[derive(Debug, Clone)]
pub struct Vouched {
    pub key_id: String,
    pub role: Role,
    pub unit: Option<UnitKey>,
    pub bank: Option<BankId>,
    pub label: String,
}

/// A key as found, or not found, and when.
type Remembered = (i64, Option<Arc<ApiKey>>);

/// The keys of one log.
pub struct Keys {
    registry: Arc<dyn Registry>,
    clock: Arc<dyn Clock>,
    prefix: &'static str,
    remembered: Mutex<HashMap<String, Remembered>>,
    uses: Uses,
}

impl Keys {
    #[must_use]
    pub fn new(registry: Arc<dyn Registry>, clock: Arc<dyn Clock>, is_sandbox: bool) -> Self {
        let prefix = if is_sandbox { TEST_PREFIX } else { PREFIX };
        Self { registry, clock, prefix, remembered: Mutex::new(HashMap::new()), uses: Uses::default() }
    }

    /// Makes a key and answers its text: `chitra_<id>_<secret>`, or `test_<id>_<secret>` in a sandbox. The text is shown once and never stored.
    pub async fn create(&self, new: NewKey) -> Result<String, StoreError> {
        let mut id = [0_u8; 6];
        self.clock.fill_secret(&mut id);
        let made = self.create_as(&hex(&id), new).await?;
        made.ok_or_else(|| StoreError::Unavailable("the key's id is taken; try again".to_owned()))
    }

    /// The same under an id that is given; `None` when it is taken.
    async fn create_as(&self, key_id: &str, new: NewKey) -> Result<Option<String>, StoreError> {
        let (secret, secret_hash) = self.fresh_secret();
        let is_new = self.registry.insert_api_key(&self.entry(key_id, new, secret_hash)).await?;
        Ok(is_new.then(|| format!("{}_{key_id}_{secret}", self.prefix)))
    }

    /// Makes a key that opens nothing before it has its first secret; false when the id is taken.
    async fn create_waiting(&self, key_id: &str, new: NewKey) -> Result<bool, StoreError> {
        self.registry.insert_api_key(&self.entry(key_id, new, waiting(key_id))).await
    }

    fn entry(&self, key_id: &str, new: NewKey, secret_hash: [u8; 32]) -> ApiKey {
        ApiKey {
            key_id: key_id.to_owned(),
            secret_hash,
            role: new.role.as_str().to_owned(),
            unit_key: new.unit.map(String::from),
            bank: new.bank.map(String::from),
            label: new.label,
            created_at_us: self.clock.now_us(),
            revoked_at_us: None,
            expires_at_us: new.expires_at_us,
            used_at_us: None,
            former: None,
        }
    }

    /// All keys, without their secrets.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        self.registry.list_api_keys().await
    }

    /// Revokes a key; false when there is no such key or it is revoked already.
    pub async fn revoke(&self, key_id: &str) -> Result<bool, StoreError> {
        let revoked = self.registry.revoke_api_key(key_id, self.clock.now_us()).await?;
        self.forget(key_id);
        Ok(revoked)
    }

    fn fresh_secret(&self) -> (String, [u8; 32]) {
        let mut secret = [0_u8; 32];
        self.clock.fill_secret(&mut secret);
        let secret = hex(&secret);
        let hash = Sha256::digest(secret.as_bytes()).into();
        (secret, hash)
    }

    /// Gives a key its next secret. Its id stays, and with it whose requests are repeats and whose acts are whose; the secret before is
    /// good for the overlap, and a third one no more.
    pub async fn rotate(
        &self,
        key_id: &str,
        overlap_us: i64,
        expires_at_us: Option<i64>,
    ) -> Result<Rotated, StoreError> {
        let found = self.registry.find_api_key(key_id).await?.filter(|key| key.revoked_at_us.is_none());
        let Some(key) = found else { return Ok(Rotated::NoSuchKey) };
        let now = self.clock.now_us();
        if let Some(reason) = not_rotated(&key, (expires_at_us, now)) {
            return Ok(reason);
        }
        self.next_secret(&key, overlap_us, expires_at_us).await
    }

    /// Gives a key its next secret, whatever speaks against it.
    async fn next_secret(
        &self,
        key: &ApiKey,
        overlap_us: i64,
        expires_at_us: Option<i64>,
    ) -> Result<Rotated, StoreError> {
        let (key_id, now) = (&key.key_id, self.clock.now_us());
        // What was over stays over for the secret of then.
        let end = now.saturating_add(overlap_us);
        let former_until_us = key.expires_at_us.map_or(end, |expires| expires.min(end));
        let (secret, to_hash) = self.fresh_secret();
        let rotation = KeyRotation {
            from_hash: key.secret_hash,
            to_hash,
            former_until_us,
            expires_at_us: expires_at_us.or(key.expires_at_us),
        };
        if !self.registry.rotate_api_key(key_id, &rotation).await? {
            return Ok(Rotated::NoSuchKey);
        }
        self.forget(key_id);
        Ok(Rotated::Done { text: format!("{}_{key_id}_{secret}", self.prefix), former_until_us })
    }

    /// Writes down when keys were used last, where that is due; all of it at the end.
    pub async fn write_uses(&self, is_end: bool) -> Result<(), StoreError> {
        let due = self.uses.due(is_end);
        if due.is_empty() {
            return Ok(());
        }
        self.registry.touch_api_keys(&due).await?;
        self.uses.written(&due);
        Ok(())
    }

    /// How often keys were used since it was told last, where that is due.
    pub fn counted_uses(&self, profile: &Profile, is_end: bool) -> Vec<KeyUsed> {
        self.uses.counted(|us| profile.business_day(us), self.clock.now_us(), is_end)
    }

    /// Who a key's text is; `None` for anything that is not a valid key.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Principal>, AppError> {
        match self.present(token).await? {
            Presented::Good(principal) => Ok(Some(principal)),
            Presented::Expired | Presented::Unknown => Ok(None),
        }
    }

    /// The same, and whether the holder of a key is told that its time is over.
    pub async fn present(&self, token: &str) -> Result<Presented, AppError> {
        let mut parts = token.split('_');
        let (Some(prefix), Some(key_id), Some(secret), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Ok(Presented::Unknown);
        };
        if prefix != self.prefix || key_id.len() != KEY_ID_LENGTH || secret.len() != 64 {
            return Ok(Presented::Unknown);
        }
        let Some(key) = self.find(key_id).await? else { return Ok(Presented::Unknown) };
        let now = self.clock.now_us();
        if !opens(&key, secret, now) {
            return Ok(Presented::Unknown);
        }
        if is_over(&key, now) {
            return Ok(Presented::Expired);
        }
        self.uses.note(key_id, &key.role, now);
        principal(&key).map(Presented::Good)
    }

    /// A key's text, of the id and the secret that it is made of.
    #[must_use]
    pub fn text_of(&self, key_id: &str, secret: &str) -> String {
        format!("{}_{key_id}_{secret}", self.prefix)
    }

    /// Whether a key's text was good when it was looked at last, which may be a while ago.
    pub fn remembers(&self, token: &str) -> bool {
        let mut parts = token.split('_').skip(1);
        let (Some(key_id), Some(secret)) = (parts.next(), parts.next()) else { return false };
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, Some(key))) = remembered.get(key_id) else { return false };
        let now = self.clock.now_us();
        opens(key, secret, now) && !is_over(key, now)
    }

    /// Who a key's id is, and what people call it; `None` when there is no such key, or it is revoked or over. Counts as a use of it.
    pub async fn standing(&self, key_id: &str) -> Result<Option<(Principal, String)>, AppError> {
        let now = self.clock.now_us();
        match self.find(key_id).await? {
            Some(key) if key.revoked_at_us.is_none() && !is_over(&key, now) => {
                self.uses.note(key_id, &key.role, now);
                Ok(Some((principal(&key)?, key.label.clone())))
            }
            _ => Ok(None),
        }
    }

    /// The entry of somebody who is vouched for, made when it is not there; `None` when it is revoked. Its secret is known to nobody.
    pub async fn vouch(&self, one: Vouched) -> Result<Option<Principal>, AppError> {
        if let Some((principal, _)) = self.standing(&one.key_id).await? {
            return Ok(Some(principal));
        }
        let mut secret_hash = [0_u8; 32];
        self.clock.fill_secret(&mut secret_hash);
        let key = ApiKey {
            key_id: one.key_id.clone(),
            secret_hash,
            role: one.role.as_str().to_owned(),
            unit_key: one.unit.map(String::from),
            bank: one.bank.map(String::from),
            label: one.label,
            created_at_us: self.clock.now_us(),
            revoked_at_us: None,
            expires_at_us: None,
            used_at_us: None,
            former: None,
        };
        self.registry.insert_api_key(&key).await?;
        self.forget(&one.key_id);
        Ok(self.standing(&one.key_id).await?.map(|(principal, _)| principal))
    }

    fn forget(&self, key_id: &str) {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).remove(key_id);
    }

    async fn find(&self, key_id: &str) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let now = Self::monotonic_us();
        if let Some((at, key)) = self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(key_id)
            && now - at < TRUSTED_US
        {
            return Ok(key.clone());
        }
        let found = self.registry.find_api_key(key_id).await?.map(Arc::new);
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        remembered.insert(key_id.to_owned(), (now, found.clone()));
        Ok(found)
    }

    /// Time for the memory of keys: the machine's own, since a simulated clock stands still.
    fn monotonic_us() -> i64 {
        i64::try_from(STARTED.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

static STARTED: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);

fn principal(key: &ApiKey) -> Result<Principal, AppError> {
    let broken = |what: &str| AppError::Internal(format!("key {} has an unreadable {what}", key.key_id));
    Ok(Principal {
        key_id: key.key_id.clone(),
        role: Role::parse(&key.role).ok_or_else(|| broken("role"))?,
        unit: key.unit_key.as_deref().map(UnitKey::parse).transpose().map_err(|_| broken("unit"))?,
        bank: key.bank.as_deref().map(BankId::parse).transpose().map_err(|_| broken("bank"))?,
    })
}

/// Whether its time is over.
fn is_over(key: &ApiKey, now_us: i64) -> bool {
    key.expires_at_us.is_some_and(|expires| expires <= now_us)
}

/// What stands in place of a secret's hash while a key waits for its first one. No secret has it: they are 64 digits, and this is longer.
fn waiting(key_id: &str) -> [u8; 32] {
    Sha256::digest(format!("the key {key_id} waits for its first secret, and opens nothing until it has one")).into()
}

/// Whether a key waits for its first secret.
#[must_use]
pub fn waits(key: &ApiKey) -> bool {
    key.secret_hash == waiting(&key.key_id)
}

/// Why a key gets no next secret.
fn not_rotated(key: &ApiKey, (expires_at_us, now): (Option<i64>, i64)) -> Option<Rotated> {
    if key.key_id.len() != KEY_ID_LENGTH {
        return Some(Rotated::NoSecret);
    }
    if waits(key) {
        return Some(Rotated::Waits);
    }
    (expires_at_us.is_none() && is_over(key, now)).then_some(Rotated::Expired)
}

/// Whether a secret is the key's, or the one before while that is good. Both are compared, whatever the first one says.
fn opens(key: &ApiKey, secret: &str, now_us: i64) -> bool {
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    let is_own = same(&hash, &key.secret_hash);
    let is_former = key.former.is_some_and(|(former, until_us)| same(&hash, &former) && now_us < until_us);
    key.revoked_at_us.is_none() && (is_own | is_former)
}

/// Compares without stopping at the first difference.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0_u8, |difference, (x, y)| difference | (x ^ y)) == 0
}
