//! Keys as operators manage them through the API. A key opens something when it is made and when it gets another secret: both wait for another
//! operator where the profile says so. Revoking closes, and is one person's, at once.
//!
//! A secret is made when it is taken, and shown in that one answer: neither the log nor an approval ever has it, nor a hash of it. After consent the
//! one who asked takes it, once; the act that the audit is told of is what makes it once. If the answer gets lost the secret is, and is asked for anew.

use super::life::{OVERLAP_DAYS, days_us};
use super::{NewKey, Rotated, is_over, not_rotated, waits};
use crate::app::App;
use crate::app::aggregate::approval_stream;
use crate::app::audit::Noted;
use crate::app::error::AppError;
use crate::app::execute::{RequestKey, WriteRequest, Written};
use crate::app::hex::hex;
use crate::app::oversight::approvals::Asked;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand, ApprovalUsed};
use crate::domain::approval::{Approval, ApprovalRefusal, ApprovalState, Requested};
use crate::domain::audit::Act;
use crate::domain::ids::ApprovalId;
use crate::domain::profile::SecondPersonSpec;
use crate::store::registry::ApiKey;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The caller of takings of a secret; their idempotency key is the approval's id, so that each is taken once.
const CALLER: &str = "secret-of-approval";

/// A key's next secret, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// For how many days the secret before is good, too.
    pub overlap_days: u32,
    /// As before when absent.
    pub expires_at_us: Option<i64>,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { overlap_days: OVERLAP_DAYS, expires_at_us: None }
    }
}

/// A key with its text, which is shown this once.
pub struct ShownKey {
    pub key: ApiKey,
    pub text: String,
    pub noted: Noted,
}

/// What became of a change.
pub enum KeyChange {
    Done(Box<ShownKey>),
    /// It waits for another operator.
    Waits(Box<Written<Approval>>),
}

/// The secret is known to whoever got the first answer.
fn shown_before(key_id: &str) -> AppError {
    AppError::Taken {
        code: "key-secret-shown",
        message: "this secret was shown before, and is shown once; if it is lost, ask for the key's next one"
            .to_owned(),
        holder: key_id.to_owned(),
    }
}

fn instant(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::MAX)
}

impl App {
    /// Makes a key, or asks for a second person's consent.
    pub async fn create_key(&self, request: &WriteRequest, new: NewKey) -> Result<KeyChange, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(KeyChange::Waits(Box::new(first)));
        }
        // Made from the request: a repeat after a break finds what is there.
        let key_id = hex(&request.event_id(1).as_bytes()[..6]);
        let command = ApprovableCommand::CreateKey {
            key_id: key_id.clone(),
            role: new.role.to_string(),
            unit_key: new.unit.clone(),
            bank: new.bank.clone(),
            expires_at: new.expires_at_us.map(instant),
        };
        if let Some(spec) = self.profile.second_person(ApprovableAction::ChangeKey, 0) {
            self.keys.create_waiting(&key_id, new).await?;
            return self.ask_for_key(request, spec, command).await;
        }
        let noted = self.note_act_of(request, (Act::KeyCreated, &key_id), &told(&command, None)).await?;
        let text = if noted.is_new { self.keys.create_as(&key_id, new).await? } else { None };
        let text = text.ok_or_else(|| shown_before(&key_id))?;
        self.shown_key(&key_id, (text, noted)).await
    }

    /// Gives a key its next secret, or asks for a second person's consent.
    pub async fn rotate_key(
        &self,
        request: &WriteRequest,
        key_id: &str,
        rotation: Rotation,
    ) -> Result<KeyChange, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(KeyChange::Waits(Box::new(first)));
        }
        let key = self.live_key(key_id).await?;
        if let Some(reason) = not_rotated(&key, (rotation.expires_at_us, self.clock.now_us())) {
            return Err(rotation_refused(&reason, key_id));
        }
        let command = ApprovableCommand::RotateKey {
            key_id: key_id.to_owned(),
            overlap_days: rotation.overlap_days,
            expires_at: rotation.expires_at_us.map(instant),
        };
        if let Some(spec) = self.profile.second_person(ApprovableAction::ChangeKey, 0) {
            return self.ask_for_key(request, spec, command).await;
        }
        let noted = self.note_act_of(request, (Act::KeyRotated, key_id), &told(&command, None)).await?;
        if !noted.is_new {
            return Err(shown_before(key_id));
        }
        let text = self.draw(&key, rotation).await?;
        self.shown_key(key_id, (text, noted)).await
    }

    /// Revokes a key, at once; nothing happens to one that is revoked.
    pub async fn revoke_key(&self, request: &WriteRequest, key_id: &str) -> Result<(ApiKey, Option<Noted>), AppError> {
        let key = self.known_key(key_id).await?;
        if key.revoked_at_us.is_some() {
            return Ok((key, None));
        }
        let noted = self.note_act_of(request, (Act::KeyRevoked, key_id), &[]).await?;
        self.keys.revoke(key_id).await?;
        Ok((self.known_key(key_id).await?, Some(noted)))
    }

    /// The secret that another operator consented to, for whoever asked for it. Once.
    pub async fn take_secret(
        &self,
        request: &WriteRequest,
        key_id: &str,
        approval_id: ApprovalId,
    ) -> Result<KeyChange, AppError> {
        let found = self.load::<Approval>(&approval_stream(approval_id)).await?;
        let asked = found.and_then(|(state, _)| state.requested).ok_or(AppError::NotFound("approval"))?;
        let (act, rotation) = match &asked.request.command {
            ApprovableCommand::CreateKey { key_id: of, expires_at, .. } if of == key_id => {
                let expires_at_us = expires_at.map(Timestamp::as_microsecond);
                (Act::KeySecretTaken, Rotation { overlap_days: 0, expires_at_us })
            }
            ApprovableCommand::RotateKey { key_id: of, overlap_days, expires_at } if of == key_id => {
                let expires_at_us = expires_at.map(Timestamp::as_microsecond);
                (Act::KeyRotated, Rotation { overlap_days: *overlap_days, expires_at_us })
            }
            _ => return Err(AppError::NotFound("approval")),
        };
        let now = self.clock.now();
        if asked.request.requested_by != request.principal.key_id {
            return Err(AppError::Forbidden {
                code: "secret-of-another",
                message: "whoever asked for a secret takes it; ask for one yourself if you are to hold this key",
            });
        }
        match asked.state_at(now) {
            ApprovalState::Used if now > asked.request.expires_at => return Err(ApprovalRefusal::Expired.into()),
            ApprovalState::Used => {}
            state => return Err(ApprovalRefusal::NotUsed { state }.into()),
        }
        let key = self.live_key(key_id).await?;
        let about = told(&asked.request.command, Some((approval_id, &asked)));
        let noted = self.note_act_of(&taking(request, approval_id), (act, key_id), &about).await?;
        if !noted.is_new {
            return Err(shown_before(key_id));
        }
        let text = self.draw(&key, rotation).await?;
        self.shown_key(key_id, (text, noted)).await
    }

    /// What follows from consent: the key may have a secret, which waits to be taken. The audit is told.
    pub(in crate::app) async fn carry_out_key(
        &self,
        request: &WriteRequest,
        (id, asked): (ApprovalId, &Requested),
    ) -> Result<ApprovalUsed, AppError> {
        let (act, key_id) = match &asked.request.command {
            ApprovableCommand::CreateKey { key_id, .. } => (Act::KeyCreated, key_id),
            ApprovableCommand::RotateKey { key_id, .. } => (Act::KeyRotationGranted, key_id),
            other => return Err(AppError::Internal(format!("{} is not about a key", other.object()))),
        };
        self.live_key(key_id).await?;
        let about = told(&asked.request.command, Some((id, asked)));
        let Noted { stream, revision, position, .. } = self.note_act_of(request, (act, key_id), &about).await?;
        Ok(ApprovalUsed { stream, revision, position })
    }

    async fn ask_for_key(
        &self,
        request: &WriteRequest,
        spec: &SecondPersonSpec,
        command: ApprovableCommand,
    ) -> Result<KeyChange, AppError> {
        let asked = Asked { command, unit_key: None, amount: None, vault: Vec::new() };
        self.ask(request, spec, asked).await.map(|written| KeyChange::Waits(Box::new(written)))
    }

    async fn draw(&self, key: &ApiKey, rotation: Rotation) -> Result<String, AppError> {
        let overlap_us = days_us(rotation.overlap_days);
        match self.keys.next_secret(key, overlap_us, rotation.expires_at_us).await? {
            Rotated::Done { text, .. } => Ok(text),
            refused => Err(rotation_refused(&refused, &key.key_id)),
        }
    }

    async fn shown_key(&self, key_id: &str, (text, noted): (String, Noted)) -> Result<KeyChange, AppError> {
        let key = self.known_key(key_id).await?;
        Ok(KeyChange::Done(Box::new(ShownKey { key, text, noted })))
    }

    async fn known_key(&self, key_id: &str) -> Result<ApiKey, AppError> {
        self.registry.find_api_key(key_id).await?.ok_or(AppError::NotFound("key"))
    }

    async fn live_key(&self, key_id: &str) -> Result<ApiKey, AppError> {
        let key = self.known_key(key_id).await?;
        if key.revoked_at_us.is_some() {
            return Err(taken("key-revoked", "this key is revoked, for ever; make another one", key_id));
        }
        Ok(key)
    }

    /// A key as it is shown: never a secret, nor a hash of one.
    #[must_use]
    pub fn key_shown(&self, key: &ApiKey) -> Value {
        let now = self.clock.now_us();
        let status = match (key.revoked_at_us, waits(key)) {
            (Some(_), _) => "revoked",
            (None, true) => "waiting",
            (None, false) if is_over(key, now) => "expired",
            (None, false) => "valid",
        };
        let at = |us: Option<i64>| us.map(|us| instant(us).to_string());
        let former = key.former.map(|(_, until_us)| until_us).filter(|until_us| *until_us > now);
        json!({"key_id": key.key_id, "role": key.role, "unit": key.unit_key, "bank": key.bank, "label": key.label,
            "status": status, "created_at": at(Some(key.created_at_us)), "expires_at": at(key.expires_at_us),
            "revoked_at": at(key.revoked_at_us), "last_used_at": at(key.used_at_us), "former_secret_until": at(former)})
    }

    /// All keys, oldest first, as they are shown.
    pub async fn keys_shown(&self) -> Result<Vec<Value>, AppError> {
        Ok(self.keys.list().await?.iter().map(|key| self.key_shown(key)).collect())
    }
}

/// What the audit is told beside act and key. What people call the key is not in it: it may be a name.
fn told(command: &ApprovableCommand, consent: Option<(ApprovalId, &Requested)>) -> Vec<(&'static str, String)> {
    let mut about = Vec::new();
    match command {
        ApprovableCommand::CreateKey { role, unit_key, bank, expires_at, .. } => {
            about.push(("role", role.clone()));
            about.extend(unit_key.as_ref().map(|unit| ("unit", unit.to_string())));
            about.extend(bank.as_ref().map(|bank| ("bank", bank.to_string())));
            about.extend(expires_at.map(|at| ("expires_at", at.to_string())));
        }
        ApprovableCommand::RotateKey { overlap_days, expires_at, .. } => {
            about.push(("overlap_days", overlap_days.to_string()));
            about.extend(expires_at.map(|at| ("expires_at", at.to_string())));
        }
        _ => {}
    }
    if let Some((id, asked)) = consent {
        about.push(("approval_id", id.to_string()));
        about.extend(asked.decided_by.as_ref().map(|by| ("consented_by", by.clone())));
    }
    about
}

/// The one request that takes an approval's secret, whoever repeats it how often.
fn taking(request: &WriteRequest, id: ApprovalId) -> WriteRequest {
    let (caller, idempotency_key) = (CALLER.to_owned(), id.to_string());
    let idempotency = RequestKey { caller, idempotency_key, input_hash: [0; 32] };
    WriteRequest { idempotency, if_match: None, ..request.clone() }
}

fn taken(code: &'static str, message: &str, key_id: &str) -> AppError {
    AppError::Taken { code, message: message.to_owned(), holder: key_id.to_owned() }
}

fn rotation_refused(reason: &Rotated, key_id: &str) -> AppError {
    match reason {
        Rotated::Expired => taken("key-over", "the key has expired: say with `expires` until when it opens", key_id),
        Rotated::NoSecret => {
            taken("key-without-secret", "it stands for somebody who signs in by a provider: it has no secret", key_id)
        }
        Rotated::Waits => taken("key-waits", "it waits for its first secret; that one is to be taken first", key_id),
        // Another changed it at the same instant, or revoked it.
        Rotated::NoSuchKey | Rotated::Done { .. } => AppError::Contended,
    }
}
