//! What happens to an endpoint. Its secrets are in the vault.

use super::MessageKind;
use crate::domain::ids::{BankId, UnitKey, VaultRef, WebhookId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookEvent {
    /// The endpoint is told from now on.
    Registered(WebhookRegistered),
    Changed(WebhookChanged),
    SecretRotated(WebhookSecretRotated),
    /// It is not told any more, until it is enabled.
    Disabled(WebhookDisabled),
    /// It is told again, from where it was told last.
    Enabled(WebhookEnabled),
    /// It is never told again.
    Removed(WebhookRemoved),
    /// Somebody tries whether it answers.
    Pinged(WebhookPinged),
    /// It is told again from a position of the log.
    Rewound(WebhookRewound),
    /// It is told of one event again.
    DeliveryRepeated(WebhookDeliveryRepeated),
}

/// What somebody says of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSettings {
    pub url: String,
    /// Of what it is told; of everything when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<MessageKind>,
    /// Only of payments of this unit and what lies under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitKey>,
    /// Only of payments that an attempt of goes through this bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The endpoint is told from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRegistered {
    pub webhook_id: WebhookId,
    /// Which of the log's places it holds: how all endpoints are found.
    pub place: u16,
    #[serde(flatten)]
    pub settings: WebhookSettings,
    /// The secret in the vault.
    pub secret_ref: VaultRef,
}

/// It is told of other things, or elsewhere, from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookChanged {
    #[serde(flatten)]
    pub settings: WebhookSettings,
}

/// Another secret signs from now on; the one before it too, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecretRotated {
    pub secret_ref: VaultRef,
    /// The first instant at which the one before it signs no more.
    pub former_until: Timestamp,
}

/// Why an endpoint is not told any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisableCause {
    /// Somebody asked for it.
    Asked,
    /// The endpoint answered that it is gone for good (410).
    Gone,
    /// The endpoint took nothing for five days.
    Failing,
}

impl DisableCause {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Gone, Self::Failing];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// It is not told any more, until it is enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDisabled {
    pub cause: DisableCause,
}

/// It is told again, from where it was told last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEnabled {}

/// It is never told again. Its place is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRemoved {
    pub place: u16,
}

/// Somebody tries whether it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPinged {}

/// It is told again from a position of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRewound {
    pub from_position: u64,
}

/// It is told of one event again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDeliveryRepeated {
    /// Of the event.
    pub position: u64,
}
