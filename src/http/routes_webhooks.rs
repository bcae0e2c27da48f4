//! The part of the table of operations that is about webhooks, endpoints that are told of payments, and what the server counts.

use crate::app::access::Action;
use crate::http::operation::{Effect, Operation, Output, read, write};
use crate::http::parameters::{CURSOR, LIMIT, parameter};
use crate::http::{metrics, webhooks};
use actix_web::web;

pub(super) const WEBHOOKS: &[Operation] = &[
    read("metrics", "/metrics", None, Output::Metrics, || web::get().to(metrics::metrics))
        .says("What the server counts", "For Prometheus: the log's head, each projection's position, and what webhooks were sent, by this process since it began."),
    write("registerWebhook", "/v1/webhooks", Action::ManageWebhook, ("WebhookSettings", "WebhookWithSecret"), || web::post().to(webhooks::register))
        .with_effect(Effect::Create)
        .says("Register a webhook", "The endpoint is told of what is recorded from now on, as Standard Webhooks has it. The secret is shown in this answer alone (and for 15 minutes to the same Idempotency-Key). A key with a unit registers for its units, a bank's key for its payments."),
    read("listWebhooks", "/v1/webhooks", Some(Action::ReadWebhook), Output::Json("WebhookList"), || web::get().to(webhooks::list))
        .says("List webhooks", "Those within the key's reach that were not removed; never a secret."),
    read("readWebhook", "/v1/webhooks/{id}", Some(Action::ReadWebhook), Output::Json("WebhookView"), || web::get().to(webhooks::read))
        .says("Read a webhook", "With how far it was told, how much waits, and since when it takes nothing."),
    write("changeWebhook", "/v1/webhooks/{id}/change", Action::ManageWebhook, ("WebhookSettings", "Webhook"), || web::post().to(webhooks::change))
        .says("Change a webhook", "All of its settings; what is absent is as if it had never been given."),
    write("rotateWebhookSecret", "/v1/webhooks/{id}/rotate-secret", Action::ManageWebhook, ("WebhookRotation", "WebhookWithSecret"), || web::post().to(webhooks::rotate))
        .says("Give a webhook another secret", "Messages carry a signature by each of the two for some hours (24 when nothing is said), so that the receiver can change over in its own time."),
    write("disableWebhook", "/v1/webhooks/{id}/disable", Action::ManageWebhook, ("Nothing", "Webhook"), || web::post().to(webhooks::disable))
        .says("Switch a webhook off", "Nothing is sent until it is enabled; then it goes on where it was."),
    write("enableWebhook", "/v1/webhooks/{id}/enable", Action::ManageWebhook, ("Nothing", "Webhook"), || web::post().to(webhooks::enable))
        .says("Switch a webhook on", "What waited is tried at once, then what was recorded meanwhile."),
    write("removeWebhook", "/v1/webhooks/{id}/remove", Action::ManageWebhook, ("Nothing", "Webhook"), || web::post().to(webhooks::remove))
        .says("Remove a webhook", "For good, with the log of its deliveries; its place is free for another one."),
    write("pingWebhook", "/v1/webhooks/{id}/ping", Action::ManageWebhook, ("Nothing", "Webhook"), || web::post().to(webhooks::ping))
        .says("Try a webhook", "Sends a `webhook.ping` at once; `/v1/webhooks/{id}/deliveries` tells what came of it."),
    write("replayWebhook", "/v1/webhooks/{id}/replay", Action::ManageWebhook, ("WebhookReplay", "Webhook"), || web::post().to(webhooks::replay))
        .says("Tell a webhook again from a position", "The same messages under the same `webhook-id`, from that event on; what is recorded meanwhile comes after them."),
    write("resendDelivery", "/v1/webhooks/{id}/resend", Action::ManageWebhook, ("WebhookResend", "Webhook"), || web::post().to(webhooks::resend))
        .says("Send one message again", "At once, with all of its tries before it, whether it was taken or given up."),
    read("listDeliveries", "/v1/webhooks/{id}/deliveries", Some(Action::ReadWebhook), Output::Json("DeliveryList"), || web::get().to(webhooks::deliveries))
        .takes(&[parameter("status", "DeliveryStatus", "pending, delivered or given_up."), LIMIT, CURSOR])
        .says("What was sent to a webhook", "Newest events first, each with its last tries: when, how long, what was answered, and when the next one comes. Old ones are not kept."),
];
