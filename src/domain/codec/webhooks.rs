//! Stored names of the events of webhooks, with their reading, writing and schemas.

use super::encode::encoded;
use super::schema::{EventSchema, code, count, instant, may, must, text, uuid, v1, words};
use super::{CodecError, DomainEvent, Encoded, Reader, StoredType};
use crate::domain::webhook::{DisableCause, MessageKind, WebhookEvent};
use serde_json::json;

pub(super) const WEBHOOK_REGISTERED: StoredType = super::v1("WebhookRegistered");
pub(super) const WEBHOOK_CHANGED: StoredType = super::v1("WebhookChanged");
pub(super) const WEBHOOK_SECRET_ROTATED: StoredType = super::v1("WebhookSecretRotated");
pub(super) const WEBHOOK_DISABLED: StoredType = super::v1("WebhookDisabled");
pub(super) const WEBHOOK_ENABLED: StoredType = super::v1("WebhookEnabled");
pub(super) const WEBHOOK_REMOVED: StoredType = super::v1("WebhookRemoved");
pub(super) const WEBHOOK_PINGED: StoredType = super::v1("WebhookPinged");
pub(super) const WEBHOOK_REWOUND: StoredType = super::v1("WebhookRewound");
pub(super) const WEBHOOK_DELIVERY_REPEATED: StoredType = super::v1("WebhookDeliveryRepeated");

/// An event of a webhook as it is to be stored.
#[must_use]
pub fn encode_webhook(event: &WebhookEvent) -> Encoded {
    match event {
        WebhookEvent::Registered(e) => encoded(WEBHOOK_REGISTERED, e),
        WebhookEvent::Changed(e) => encoded(WEBHOOK_CHANGED, e),
        WebhookEvent::SecretRotated(e) => encoded(WEBHOOK_SECRET_ROTATED, e),
        WebhookEvent::Disabled(e) => encoded(WEBHOOK_DISABLED, e),
        WebhookEvent::Enabled(e) => encoded(WEBHOOK_ENABLED, e),
        WebhookEvent::Removed(e) => encoded(WEBHOOK_REMOVED, e),
        WebhookEvent::Pinged(e) => encoded(WEBHOOK_PINGED, e),
        WebhookEvent::Rewound(e) => encoded(WEBHOOK_REWOUND, e),
        WebhookEvent::DeliveryRepeated(e) => encoded(WEBHOOK_DELIVERY_REPEATED, e),
    }
}

/// Reads one of them. `None`: a type that is not ours.
pub(super) fn decode(reader: &Reader<'_>) -> Result<Option<DomainEvent>, CodecError> {
    let event = match reader.event_type {
        "WebhookRegistered" => WebhookEvent::Registered(reader.read(WEBHOOK_REGISTERED)?),
        "WebhookChanged" => WebhookEvent::Changed(reader.read(WEBHOOK_CHANGED)?),
        "WebhookSecretRotated" => WebhookEvent::SecretRotated(reader.read(WEBHOOK_SECRET_ROTATED)?),
        "WebhookDisabled" => WebhookEvent::Disabled(reader.read(WEBHOOK_DISABLED)?),
        "WebhookEnabled" => WebhookEvent::Enabled(reader.read(WEBHOOK_ENABLED)?),
        "WebhookRemoved" => WebhookEvent::Removed(reader.read(WEBHOOK_REMOVED)?),
        "WebhookPinged" => WebhookEvent::Pinged(reader.read(WEBHOOK_PINGED)?),
        "WebhookRewound" => WebhookEvent::Rewound(reader.read(WEBHOOK_REWOUND)?),
        "WebhookDeliveryRepeated" => WebhookEvent::DeliveryRepeated(reader.read(WEBHOOK_DELIVERY_REPEATED)?),
        _ => return Ok(None),
    };
    Ok(Some(DomainEvent::Webhook(event)))
}

pub(super) fn schemas() -> Vec<EventSchema> {
    let settings = || {
        let kinds = json!({ "type": "array", "items": words(&MessageKind::ALL.map(MessageKind::as_str)) });
        vec![
            must("url", text()),
            may("kinds", kinds),
            may("unit", text()),
            may("bank", code()),
            may("description", text()),
        ]
    };
    let mut registered = vec![must("webhook_id", uuid()), must("place", count())];
    registered.extend(settings());
    registered.push(must("secret_ref", uuid()));
    let rotated = vec![must("secret_ref", uuid()), must("former_until", instant())];
    let disabled = vec![must("cause", words(&DisableCause::ALL.map(DisableCause::as_str)))];
    vec![
        v1("WebhookRegistered", "An endpoint is told from now on.", registered),
        v1("WebhookChanged", "It is told of other things, or elsewhere, from now on.", settings()),
        v1("WebhookSecretRotated", "Another secret signs from now on; the one before it too, for a while.", rotated),
        v1("WebhookDisabled", "It is not told any more, until it is enabled.", disabled),
        v1("WebhookEnabled", "It is told again, from where it was told last.", vec![]),
        v1("WebhookRemoved", "It is never told again.", vec![must("place", count())]),
        v1("WebhookPinged", "Somebody tries whether it answers.", vec![]),
        v1("WebhookRewound", "It is told again from a position of the log.", vec![must("from_position", count())]),
        v1("WebhookDeliveryRepeated", "It is told of one event again.", vec![must("position", count())]),
    ]
}
