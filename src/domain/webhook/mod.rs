//! An endpoint that is told of payments, as stored in stream `webhook-<id>`: where it is, of what it is told, and whether it still is.

mod decide;
mod event;
mod kind;
mod schedule;

#[cfg(test)]
mod tests;

pub use decide::{WebhookCommand, WebhookRefusal, decide};
pub use event::{
    DisableCause, WebhookChanged, WebhookDeliveryRepeated, WebhookDisabled, WebhookEnabled, WebhookEvent,
    WebhookPinged, WebhookRegistered, WebhookRemoved, WebhookRewound, WebhookSecretRotated, WebhookSettings,
};
pub use kind::MessageKind;
pub use schedule::{ASKED_PAUSE_MAX, DELAYS, FAILING_MAX, RetryAfter, TRIES_MAX, is_over, next_try};

use crate::domain::ids::{VaultRef, WebhookId};
use jiff::Timestamp;

/// How many endpoints a log has at most. Each holds one place of so many.
pub const PLACES: u16 = 64;

/// An endpoint as its events leave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// `None`: it was never registered.
    pub registered: Option<Registered>,
}

/// A registered endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub webhook_id: WebhookId,
    pub place: u16,
    pub settings: WebhookSettings,
    /// The secret that signs.
    pub secret: VaultRef,
    /// The one before it, which signs too until an instant.
    pub former: Option<(VaultRef, Timestamp)>,
    pub status: WebhookStatus,
}

/// Whether an endpoint is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookStatus {
    Active,
    /// Until somebody enables it.
    Disabled(DisableCause),
    /// For ever.
    Removed,
}

impl WebhookStatus {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled(_) => "disabled",
            Self::Removed => "removed",
        }
    }
}

impl Registered {
    /// The secrets that sign at an instant: the newest first.
    #[must_use]
    pub fn secrets(&self, now: Timestamp) -> Vec<VaultRef> {
        let former = self.former.filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(self.secret).chain(former).collect()
    }

    /// Whether it is to be told of this.
    #[must_use]
    pub fn hears(&self, kind: MessageKind) -> bool {
        self.settings.kinds.is_empty() || self.settings.kinds.contains(&kind)
    }
}

impl Webhook {
    /// Applies one event.
    pub fn evolve(&mut self, event: &WebhookEvent) {
        if let WebhookEvent::Registered(e) = event {
            self.registered = Some(Registered {
                webhook_id: e.webhook_id,
                place: e.place,
                settings: e.settings.clone(),
                secret: e.secret_ref,
                former: None,
                status: WebhookStatus::Active,
            });
            return;
        }
        let Some(own) = &mut self.registered else { return };
        match event {
            WebhookEvent::Changed(e) => own.settings = e.settings.clone(),
            WebhookEvent::SecretRotated(e) => {
                own.former = Some((own.secret, e.former_until));
                own.secret = e.secret_ref;
            }
            WebhookEvent::Disabled(e) => own.status = WebhookStatus::Disabled(e.cause),
            WebhookEvent::Enabled(_) => own.status = WebhookStatus::Active,
            WebhookEvent::Removed(_) => own.status = WebhookStatus::Removed,
            WebhookEvent::Registered(_)
            | WebhookEvent::Pinged(_)
            | WebhookEvent::Rewound(_)
            | WebhookEvent::DeliveryRepeated(_) => {}
        }
    }
}
