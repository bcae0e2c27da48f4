//! The log of what was sent to an endpoint, as its keepers read it.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::domain::ids::WebhookId;
use crate::domain::webhook::{Registered, Webhook};
use crate::store::deliveries::{DeliveryState, StoredDelivery};
use jiff::Timestamp;
use serde_json::{Value, json};

/// An endpoint as it is shown, with how far it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookView {
    pub own: Registered,
    pub revision: u64,
    /// Up to here it was told, or waits; `None` before the first message.
    pub told_position: Option<u64>,
    pub pending: u64,
    pub failing_since_us: Option<i64>,
}

fn instant(us: Option<i64>) -> Option<String> {
    us.and_then(|us| Timestamp::from_microsecond(us).ok()).map(|at| at.to_string())
}

/// An endpoint's entry: never a secret.
#[must_use]
pub fn shown(own: &Registered) -> Value {
    let former = own.former.map(|(_, until)| until.to_string());
    let cause = match own.status {
        crate::domain::webhook::WebhookStatus::Disabled(cause) => Some(cause.as_str()),
        crate::domain::webhook::WebhookStatus::Active | crate::domain::webhook::WebhookStatus::Removed => None,
    };
    json!({"webhook_id": own.webhook_id, "url": own.settings.url, "types": own.settings.kinds, "unit": own.settings.unit,
        "bank": own.settings.bank, "description": own.settings.description, "status": own.status.as_str(),
        "disabled_cause": cause, "former_secret_until": former})
}

/// The same with how far it was told.
#[must_use]
pub fn viewed(view: &WebhookView) -> Value {
    let mut answer = shown(&view.own);
    answer["told_position"] = json!(view.told_position);
    answer["pending"] = json!(view.pending);
    answer["failing_since"] = json!(instant(view.failing_since_us));
    answer["revision"] = json!(view.revision);
    answer
}

/// A delivery with its tries.
#[must_use]
pub fn delivery(stored: &StoredDelivery) -> Value {
    let tries: Value = serde_json::from_slice(&stored.answers).unwrap_or_else(|_| json!([]));
    json!({"position": stored.position, "event_id": stored.event_id, "type": stored.kind, "status": stored.state.as_str(),
        "tries": stored.tries, "next_try_at": instant(stored.next_try_us), "updated_at": instant(Some(stored.updated_at_us)),
        "answers": tries})
}

impl App {
    /// One endpoint with how far it was told.
    pub async fn webhook_view(&self, principal: &Principal, id: WebhookId) -> Result<WebhookView, AppError> {
        let (state, revision) = self.read_webhook(principal, id).await?;
        self.viewed_webhook(state, revision).await
    }

    async fn viewed_webhook(&self, state: Webhook, revision: u64) -> Result<WebhookView, AppError> {
        let own = state.registered.ok_or(AppError::NotFound("webhook"))?;
        let id = own.webhook_id.as_uuid();
        let place = self.registry.webhook_place(id).await?;
        let pending = self.registry.pending_deliveries(id).await?.len() as u64;
        let (told_position, failing_since_us) =
            place.map_or((None, None), |place| (Some(place.position), place.failing_since_us));
        Ok(WebhookView { own, revision, told_position, pending, failing_since_us })
    }

    /// What was sent to an endpoint, newest events first.
    pub async fn webhook_deliveries(
        &self,
        principal: &Principal,
        id: WebhookId,
        (before, state, limit): (Option<u64>, Option<DeliveryState>, u32),
    ) -> Result<Vec<StoredDelivery>, AppError> {
        self.read_webhook(principal, id).await?;
        let before = before.unwrap_or(u64::MAX);
        Ok(self.registry.list_deliveries(id.as_uuid(), (before, state), limit).await?)
    }
}
