//! A webhook as `execute` needs to know it: its stream, how it folds and decides, and what it claims.

use crate::app::aggregate::{Aggregate, Decided, decided};
use crate::app::error::AppError;
use crate::domain::claims::{self, ClaimChange};
use crate::domain::codec::{self, DomainEvent, Encoded};
use crate::domain::ids::WebhookId;
use crate::domain::webhook::{self, Webhook, WebhookCommand, WebhookEvent};
use jiff::Timestamp;

impl Aggregate for Webhook {
    type Event = WebhookEvent;
    type Command = WebhookCommand;

    fn event_of(event: DomainEvent) -> Option<WebhookEvent> {
        if let DomainEvent::Webhook(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &WebhookEvent) {
        Webhook::evolve(self, event);
    }

    fn decide(&self, command: &WebhookCommand, _now: Timestamp) -> Result<Decided<WebhookEvent>, AppError> {
        decided(webhook::decide(self, command))
    }

    fn encode(event: &WebhookEvent) -> Encoded {
        codec::encode_webhook(event)
    }

    fn claims(&self, event: &WebhookEvent) -> Vec<ClaimChange> {
        claims::of_webhook_event(event)
    }
}

/// The stream of a webhook.
#[must_use]
pub fn webhook_stream(id: WebhookId) -> String {
    format!("webhook-{id}")
}

/// The webhook that a stream's name names.
#[must_use]
pub fn webhook_of_stream(stream: &str) -> Option<WebhookId> {
    WebhookId::parse(stream.strip_prefix("webhook-")?).ok()
}
