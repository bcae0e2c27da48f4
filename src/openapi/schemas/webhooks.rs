//! Schemas of webhooks: what is said of them, what was sent, and what they are told.

use super::{Named, Property, list, may, must, named, object, or_null, said, text, words};
use crate::domain::webhook::{DisableCause, MessageKind};
use crate::store::deliveries::DeliveryState;
use serde_json::{Value, json};

pub(super) fn schemas() -> Vec<Named> {
    let mut all = entries();
    all.extend(deliveries());
    all.extend(messages());
    all
}

fn kinds() -> Value {
    words(&MessageKind::ALL.map(MessageKind::as_str))
}

fn entry() -> Vec<Property> {
    vec![
        must("webhook_id", named("Id")),
        must("url", text("Where messages go.")),
        must("types", list(&kinds())),
        must("unit", or_null(named("UnitKey"))),
        must("bank", or_null(named("Code"))),
        must("description", or_null(text("What people call it."))),
        must("status", words(&["active", "disabled", "removed"])),
        must("disabled_cause", or_null(words(&DisableCause::ALL.map(DisableCause::as_str)))),
        must("former_secret_until", or_null(said("Instant", "Until then the secret before signs too."))),
    ]
}

fn written(more: Vec<Property>) -> Vec<Property> {
    let mut all = entry();
    all.extend(more);
    all.extend([
        must("revision", named("Revision")),
        must("position", named("Position")),
        must("changed", named("Boolean")),
    ]);
    all
}

fn entries() -> Vec<Named> {
    let mut settings = object(
        "",
        vec![
            must(
                "url",
                text(
                    "An https address, host and path, of at most 500 ASCII characters; no secrets in it: it is kept for ever.",
                ),
            ),
            may("types", list(&kinds())),
            may(
                "unit",
                said(
                    "Text",
                    "A unit key, or a code that names one unit: only its payments. A key's own unit when absent.",
                ),
            ),
            may("bank", said("Text", "A bank, by id, code or short name: only payments through it.")),
            may("description", said("Text", "What people call it; no numbers of persons.")),
        ],
    );
    settings["examples"] = json!([{"url": "https://listener.example/chitra",
        "types": ["payment.settled", "payment.returned", "payment.rejected"], "description": "Accounting"}]);
    let mut view = entry();
    view.extend([
        must(
            "told_position",
            or_null(said("Position", "Up to here it was told, or waits to be; null before the first.")),
        ),
        must("pending", said("Count", "Messages that wait for another try.")),
        must("failing_since", or_null(said("Instant", "Since when it took nothing; null while it takes."))),
        must("revision", named("Revision")),
    ]);
    let secret = super::sometimes("secret", text("`whsec_` and base64. Shown this once."));
    let hours = json!({"type": "integer", "minimum": 1, "maximum": 720, "default": 24,
        "description": "For how many hours the secret before signs too."});
    let position = json!({"type": "integer", "format": "int64", "minimum": 1});
    let mut rotation = object("", vec![may("former_hours", hours)]);
    rotation["examples"] = json!([{"former_hours": 48}]);
    let mut replay = object("", vec![must("from_position", position.clone())]);
    replay["examples"] = json!([{"from_position": 1200}]);
    let mut resend = object("", vec![must("position", position)]);
    resend["examples"] = json!([{"position": 1207}]);
    let mut nothing = object("No fields.", vec![]);
    nothing["examples"] = json!([{}]);
    vec![
        ("Nothing", nothing),
        ("WebhookSettings", settings),
        ("Webhook", object("An endpoint that is told of payments.", written(vec![]))),
        ("WebhookWithSecret", object("The same, with its new secret.", written(vec![secret]))),
        ("WebhookView", object("The same, with how far it was told.", view)),
        ("WebhookList", object("", vec![must("webhooks", list(&object("", entry())))])),
        ("WebhookRotation", rotation),
        ("WebhookReplay", replay),
        ("WebhookResend", resend),
    ]
}

fn deliveries() -> Vec<Named> {
    let answer = vec![
        must("at", named("Instant")),
        must("status", or_null(json!({"type": "integer", "description": "Of HTTP; null when there was no answer."}))),
        must("duration_ms", named("Count")),
        must("answer", json!({"type": "string", "description": "How the answer began."})),
        must(
            "failure",
            or_null(text(
                "Why there was no answer: timeout, no_connection, tls, no_such_host, address_not_allowed ...",
            )),
        ),
    ];
    let delivery = vec![
        must("position", said("Position", "Of the event; `resend` names the message by it.")),
        must("event_id", said("Id", "`webhook-id`.")),
        must("type", kinds()),
        must("status", named("DeliveryStatus")),
        must("tries", said("Count", "Of this round: 8 at most.")),
        must("next_try_at", or_null(named("Instant"))),
        must("updated_at", named("Instant")),
        must("answers", list(&object("One try.", answer))),
    ];
    let page = vec![
        must("deliveries", list(&object("", delivery))),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
    ];
    vec![("DeliveryStatus", words(&DeliveryState::ALL.map(DeliveryState::as_str))), ("DeliveryList", object("", page))]
}

/// What stands in a message. Nothing in it is a name, an identity number or an account number.
fn messages() -> Vec<Named> {
    let is_of_payment = |kind: &MessageKind| *kind != MessageKind::Ping && !kind.is_of_recovery();
    let of_payments: Vec<&str> = MessageKind::ALL.into_iter().filter(is_of_payment).map(MessageKind::as_str).collect();
    let of_recoveries = MessageKind::ALL.into_iter().filter(|kind| kind.is_of_recovery());
    let of_recoveries: Vec<&str> = of_recoveries.map(MessageKind::as_str).collect();
    let mut recovery = super::oversight::recovery(false);
    recovery.extend([
        must("details", said("Object", "What the event says beside.")),
        must("revision", said("Revision", "Of the recovery: what is lower is older.")),
        must("position", said("Position", "Of the event.")),
    ]);
    let mut about = super::outputs::attempt();
    about.retain(|property| property.name != "account_ref");
    let mut data = super::outputs::summary();
    data.extend([
        super::outputs::supplement(),
        must("about", or_null(object("The attempt that the event is about, as the event left it.", about))),
        must(
            "details",
            said(
                "Object",
                "What the event says beside: days, amount, reason with its system, code and class, evidence.",
            ),
        ),
        must("revision", said("Revision", "Of the payment: what is lower is older.")),
        must("position", said("Position", "Of the event.")),
    ]);
    let message = |of: &[&str], data: Value| {
        object(
            "",
            vec![
                must("type", words(of)),
                must("timestamp", said("Instant", "When it was recorded.")),
                must("data", data),
            ],
        )
    };
    let ping =
        vec![must("webhook_id", named("Id")), must("revision", named("Revision")), must("position", named("Position"))];
    vec![
        ("PaymentMessage", message(&of_payments, object("The payment as the event left it.", data))),
        ("RecoveryMessage", message(&of_recoveries, object("The recovery as the event left it.", recovery))),
        ("PingMessage", message(&["webhook.ping"], object("", ping))),
    ]
}
