//! Codes of webhooks.

use super::codes::{Code, entry, problem};

/// What is refused of an endpoint.
pub(super) const WEBHOOKS: &[Code] = &[
    problem("404", "webhook-not-found", "There is no such webhook."),
    problem("409", "webhook-removed", "The webhook was removed for good."),
    problem("409", "webhook-disabled", "The webhook is disabled; enable it first."),
    problem("409", "webhooks-too-many", "The log has as many webhooks as it can."),
    entry("webhook-url-invalid", "The address cannot be taken."),
    entry("webhook-url-plain", "Without TLS only into a network that the server was told of."),
    entry("webhook-url-private", "The address is not public, and the server was not told that it may send there."),
];
