//! Which changes of an endpoint are taken. Pure: address and reach were looked at by the caller.

use super::event::{
    DisableCause, WebhookChanged, WebhookDeliveryRepeated, WebhookDisabled, WebhookEnabled, WebhookEvent,
    WebhookPinged, WebhookRegistered, WebhookRemoved, WebhookRewound, WebhookSecretRotated, WebhookSettings,
};
use super::{Webhook, WebhookStatus};
use crate::domain::decision::Decision;

/// A command to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookCommand {
    Register(WebhookRegistered),
    Change(WebhookSettings),
    RotateSecret(WebhookSecretRotated),
    Disable(DisableCause),
    Enable,
    Remove,
    Ping,
    Rewind { from_position: u64 },
    RepeatDelivery { position: u64 },
}

/// Why it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    #[error("there is no such webhook")]
    NotRegistered,
    #[error("the webhook was removed for good; register the endpoint anew")]
    Removed,
    #[error("the webhook is disabled; enable it first")]
    Disabled,
    #[error("the log has as many webhooks as it can; remove one that is no longer used")]
    TooMany,
}

impl WebhookRefusal {
    /// The stable code used in problem documents.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRegistered => "webhook-not-found",
            Self::Removed => "webhook-removed",
            Self::Disabled => "webhook-disabled",
            Self::TooMany => "webhooks-too-many",
        }
    }
}

/// Decides about a command.
#[must_use]
pub fn decide(state: &Webhook, command: &WebhookCommand) -> Decision<WebhookEvent, WebhookRefusal> {
    let Some(own) = &state.registered else {
        return match command {
            WebhookCommand::Register(event) => one(WebhookEvent::Registered(event.clone())),
            WebhookCommand::Change(_)
            | WebhookCommand::RotateSecret(_)
            | WebhookCommand::Disable(_)
            | WebhookCommand::Enable
            | WebhookCommand::Remove
            | WebhookCommand::Ping
            | WebhookCommand::Rewind { .. }
            | WebhookCommand::RepeatDelivery { .. } => Decision::Refused(WebhookRefusal::NotRegistered),
        };
    };
    match (command, own.status) {
        (WebhookCommand::Register(_), _)
        | (WebhookCommand::Remove, WebhookStatus::Removed)
        | (WebhookCommand::Disable(_), WebhookStatus::Disabled(_))
        | (WebhookCommand::Enable, WebhookStatus::Active) => Decision::NoOp,
        (_, WebhookStatus::Removed) => Decision::Refused(WebhookRefusal::Removed),
        (WebhookCommand::Change(settings), _) if own.settings == *settings => Decision::NoOp,
        (WebhookCommand::Change(settings), _) => {
            one(WebhookEvent::Changed(WebhookChanged { settings: settings.clone() }))
        }
        (WebhookCommand::RotateSecret(event), _) => one(WebhookEvent::SecretRotated(event.clone())),
        (WebhookCommand::Disable(cause), WebhookStatus::Active) => {
            one(WebhookEvent::Disabled(WebhookDisabled { cause: *cause }))
        }
        (WebhookCommand::Enable, WebhookStatus::Disabled(_)) => one(WebhookEvent::Enabled(WebhookEnabled {})),
        (WebhookCommand::Remove, _) => one(WebhookEvent::Removed(WebhookRemoved { place: own.place })),
        (
            WebhookCommand::Ping | WebhookCommand::Rewind { .. } | WebhookCommand::RepeatDelivery { .. },
            WebhookStatus::Disabled(_),
        ) => Decision::Refused(WebhookRefusal::Disabled),
        (WebhookCommand::Ping, WebhookStatus::Active) => one(WebhookEvent::Pinged(WebhookPinged {})),
        (WebhookCommand::Rewind { from_position }, WebhookStatus::Active) => {
            one(WebhookEvent::Rewound(WebhookRewound { from_position: *from_position }))
        }
        (WebhookCommand::RepeatDelivery { position }, WebhookStatus::Active) => {
            one(WebhookEvent::DeliveryRepeated(WebhookDeliveryRepeated { position: *position }))
        }
    }
}

fn one(event: WebhookEvent) -> Decision<WebhookEvent, WebhookRefusal> {
    Decision::Events(vec![event])
}
