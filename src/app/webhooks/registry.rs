//! The registry of webhooks: registered, changed, given other secrets, switched off and on, tried, and told again.

use super::address::{self, AddressRefusal, URL_BYTES_MAX};
use super::{signature, webhook_stream};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::lookup::out_of_reach;
use crate::domain::claims::{WEBHOOK_PLACE, webhook_place_keys};
use crate::domain::ids::{VaultRef, WebhookId};
use crate::domain::webhook::{
    DisableCause, PLACES, Webhook, WebhookCommand, WebhookRefusal, WebhookRegistered, WebhookSecretRotated,
    WebhookSettings,
};
use crate::store::{Direction, RecordedEvent};
use crate::vault::own::WEBHOOK_SECRET;
use jiff::SignedDuration;
use zeroize::Zeroizing;

/// For how long the same request shows a secret again: long enough for a caller who did not get the answer.
const SHOWN_AGAIN_US: i64 = 15 * 60 * 1_000_000;
/// How often another place is tried when somebody was faster.
const PLACES_TRIED_MAX: u32 = 8;
/// How long the former secret signs too, when nobody says.
pub const FORMER_HOURS_DEFAULT: u32 = 24;
/// How long it may at most: 30 days.
pub const FORMER_HOURS_MAX: u32 = 720;

/// What a write answers, with the secret if it is to be shown.
pub type WithSecret = (Written<Webhook>, Option<Zeroizing<String>>);

/// What a caller asks of an endpoint that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookDeed {
    Change(WebhookSettings),
    Disable,
    Enable,
    Remove,
    Ping,
    Replay { from_position: u64 },
    Resend { position: u64 },
}

fn url_issue(refusal: AddressRefusal) -> AppError {
    let (code, en, vi) = match refusal {
        AddressRefusal::Form => (
            "webhook-url-invalid",
            format!(
                "expected an address https://host/path of at most {URL_BYTES_MAX} ASCII characters, without user, password and fragment"
            ),
            format!(
                "cần địa chỉ https://host/path dài tối đa {URL_BYTES_MAX} ký tự ASCII, không có tên người dùng, mật khẩu và dấu #"
            ),
        ),
        AddressRefusal::Plain => (
            "webhook-url-plain",
            "http is taken only in a network that the server was told of (--webhook-network); use https".to_owned(),
            "chỉ dùng http trong mạng đã khai báo cho máy chủ (--webhook-network); hãy dùng https".to_owned(),
        ),
        AddressRefusal::Private => (
            "webhook-url-private",
            "this address is not public, and the server was not told that it may send there (--webhook-network)"
                .to_owned(),
            "địa chỉ này không công khai và máy chủ chưa được phép gửi tới mạng đó (--webhook-network)".to_owned(),
        ),
    };
    AppError::Invalid(vec![FieldIssue::new("url", code, en, vi)])
}

impl App {
    /// Registers an endpoint: it is told of what is recorded from now on.
    pub async fn register_webhook(
        &self,
        request: &WriteRequest,
        settings: WebhookSettings,
    ) -> Result<WithSecret, AppError> {
        let settings = self.webhook_settings(&request.principal, settings)?;
        let id = WebhookId::from_uuid(self.clock.time_ordered_id());
        let secret = signature::new_secret(self.clock.as_ref());
        let (secret_ref, vault) = self.vault.seal_own(id.as_uuid(), WEBHOOK_SECRET, secret.as_bytes()).await?;
        let mut last = AppError::Webhook(WebhookRefusal::TooMany);
        for _ in 0..PLACES_TRIED_MAX {
            let Some(place) = self.free_webhook_place().await? else {
                let written = self.replay_or::<Webhook>(request, WebhookRefusal::TooMany.into()).await?;
                return self.with_secret(written, None).await;
            };
            let command = WebhookCommand::Register(WebhookRegistered {
                webhook_id: id,
                place,
                settings: settings.clone(),
                secret_ref: VaultRef::from_uuid(secret_ref),
            });
            let beside = Beside { vault: vault.clone(), ..Beside::default() };
            let stream = webhook_stream(id);
            match self.execute((&stream, Begin::New), request, beside, |_: &Webhook| Ok(command.clone())).await {
                Ok(written) => return self.with_secret(written, Some(secret)).await,
                Err(error @ AppError::Taken { .. }) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Gives an endpoint another secret; the one before it signs too for some hours.
    pub async fn rotate_webhook_secret(
        &self,
        request: &WriteRequest,
        id: WebhookId,
        former_hours: u32,
    ) -> Result<WithSecret, AppError> {
        let secret = signature::new_secret(self.clock.as_ref());
        let (secret_ref, vault) = self.vault.seal_own(id.as_uuid(), WEBHOOK_SECRET, secret.as_bytes()).await?;
        let hours = former_hours.min(FORMER_HOURS_MAX);
        let former_until = self.clock.now().saturating_add(SignedDuration::from_hours(i64::from(hours)));
        let former_until = former_until.map_err(|error| AppError::Internal(error.to_string()))?;
        let event = WebhookSecretRotated { secret_ref: VaultRef::from_uuid(secret_ref), former_until };
        let beside = Beside { vault, ..Beside::default() };
        let written = self.command_webhook(request, id, beside, WebhookCommand::RotateSecret(event)).await?;
        self.with_secret(written, Some(secret)).await
    }

    /// Does what is asked of an endpoint that the caller reaches.
    pub async fn change_webhook(
        &self,
        request: &WriteRequest,
        id: WebhookId,
        deed: WebhookDeed,
    ) -> Result<Written<Webhook>, AppError> {
        let command = match deed {
            WebhookDeed::Change(settings) => {
                WebhookCommand::Change(self.webhook_settings(&request.principal, settings)?)
            }
            WebhookDeed::Disable => WebhookCommand::Disable(DisableCause::Asked),
            WebhookDeed::Enable => WebhookCommand::Enable,
            WebhookDeed::Remove => WebhookCommand::Remove,
            WebhookDeed::Ping => WebhookCommand::Ping,
            WebhookDeed::Replay { from_position } => {
                let head = self.store.head().await?.position;
                if from_position > head {
                    return Err(AppError::BeyondHead { head, asked: from_position });
                }
                WebhookCommand::Rewind { from_position }
            }
            WebhookDeed::Resend { position } => {
                self.read_webhook(&request.principal, id).await?;
                if self.registry.delivery(id.as_uuid(), position).await?.is_none() {
                    return Err(AppError::NotFound("delivery; deliveries that are not kept any more can be replayed"));
                }
                WebhookCommand::RepeatDelivery { position }
            }
        };
        let removes = command == WebhookCommand::Remove;
        let written = self.command_webhook(request, id, Beside::default(), command).await?;
        if removes {
            self.registry.forget_deliveries(id.as_uuid()).await?;
        }
        Ok(written)
    }

    async fn command_webhook(
        &self,
        request: &WriteRequest,
        id: WebhookId,
        beside: Beside,
        command: WebhookCommand,
    ) -> Result<Written<Webhook>, AppError> {
        let principal = &request.principal;
        let checked = |state: &Webhook| {
            self.sees_webhook(principal, Action::ManageWebhook, state)?;
            Ok(command.clone())
        };
        let written = self.execute((&webhook_stream(id), Begin::Existing), request, beside, checked).await?;
        self.webhooks.wake();
        Ok(written)
    }

    /// One endpoint that the caller reaches, with the revision of its stream.
    pub async fn read_webhook(&self, principal: &Principal, id: WebhookId) -> Result<(Webhook, u64), AppError> {
        let found = self.load::<Webhook>(&webhook_stream(id)).await?;
        let (state, last) = found.ok_or(AppError::NotFound("webhook"))?;
        self.sees_webhook(principal, Action::ReadWebhook, &state)?;
        Ok((state, last.revision))
    }

    /// The endpoints that the caller reaches and that were not removed, oldest place first.
    pub async fn list_webhooks(&self, principal: &Principal) -> Result<Vec<Webhook>, AppError> {
        let held = self.held_webhooks().await?.into_iter().map(|(state, _)| state);
        Ok(held.filter(|state| self.sees_webhook(principal, Action::ReadWebhook, state).is_ok()).collect())
    }

    /// Every endpoint that holds a place, with the last event of its stream.
    pub(in crate::app) async fn held_webhooks(&self) -> Result<Vec<(Webhook, RecordedEvent)>, AppError> {
        let holders = self.store.find_claims(WEBHOOK_PLACE, &webhook_place_keys()).await?;
        let mut held = Vec::new();
        for stream in holders.into_iter().flatten() {
            held.extend(self.load::<Webhook>(&stream).await?);
        }
        Ok(held)
    }

    async fn free_webhook_place(&self) -> Result<Option<u16>, AppError> {
        let holders = self.store.find_claims(WEBHOOK_PLACE, &webhook_place_keys()).await?;
        Ok((0..PLACES).zip(holders).find(|(_, holder)| holder.is_none()).map(|(place, _)| place))
    }

    /// What is out of the caller's reach is not told from what is not there.
    fn sees_webhook(&self, principal: &Principal, action: Action, state: &Webhook) -> Result<(), AppError> {
        let own = state.registered.as_ref().ok_or(AppError::NotFound("webhook"))?;
        // One that is told of all units is nobody's whose key is limited to some.
        let unit = own.settings.unit.as_ref().map_or("", |unit| unit.as_str());
        let within = self.check_reach(principal, action, unit, own.settings.bank.as_ref());
        within.map_err(|_| AppError::NotFound("webhook"))
    }

    /// Settings as they are kept: within the caller's reach, and somewhere that the server may send to.
    fn webhook_settings(
        &self,
        principal: &Principal,
        mut settings: WebhookSettings,
    ) -> Result<WebhookSettings, AppError> {
        address::check(&settings.url, &self.webhooks.options().networks).map_err(url_issue)?;
        match principal.reach(Action::ManageWebhook) {
            Reach::NoUnit | Reach::Nothing => return Err(out_of_reach()),
            Reach::Everything | Reach::WholeLog => {}
            Reach::Units => {
                settings.unit = settings.unit.or_else(|| principal.unit.clone());
                if let Some(unit) = &settings.unit {
                    self.check_reach(principal, Action::ManageWebhook, unit.as_str(), None)?;
                }
            }
            Reach::Bank => {
                if settings.bank.is_some() && settings.bank != principal.bank {
                    return Err(out_of_reach());
                }
                settings.bank.clone_from(&principal.bank);
            }
        }
        // Asked for twice is asked for once, in whatever order.
        let mut kinds = std::mem::take(&mut settings.kinds);
        kinds.sort_unstable_by_key(|kind| kind.as_str());
        kinds.dedup();
        settings.kinds = kinds;
        Ok(settings)
    }

    /// The secret of this very request: the new one, or for a while the one of the first time.
    async fn with_secret(
        &self,
        written: Written<Webhook>,
        new: Option<Zeroizing<String>>,
    ) -> Result<WithSecret, AppError> {
        self.webhooks.wake();
        if !written.replayed {
            return Ok((written, new));
        }
        let event =
            self.store.read_stream(&written.stream, Some(written.revision), Direction::Forwards, 1).await?.pop();
        let is_fresh = |recorded_at_us| self.clock.now_us() - recorded_at_us <= SHOWN_AGAIN_US;
        let own = written.state.registered.as_ref().filter(|_| event.is_some_and(|e| is_fresh(e.recorded_at_us)));
        let secret = match own {
            Some(own) => self.webhook_secret(own.webhook_id, own.secret).await?,
            None => None,
        };
        Ok((written, secret))
    }

    /// A secret's text; `None` when it was destroyed.
    pub(in crate::app) async fn webhook_secret(
        &self,
        id: WebhookId,
        secret: VaultRef,
    ) -> Result<Option<Zeroizing<String>>, AppError> {
        let opened = self.vault.open_own(id.as_uuid(), WEBHOOK_SECRET, secret.as_uuid()).await?;
        let text = opened.map(String::from_utf8).transpose();
        text.map(|text| text.map(Zeroizing::new)).map_err(|_| AppError::Internal("a secret is no text".to_owned()))
    }
}
