//! What endpoints are told: the document's section on webhooks, one entry for each type of message.

use crate::domain::webhook::MessageKind;
use serde_json::{Map, Value, json};

/// What each is about.
const fn about(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Instructed => "A payment was ordered; attempt 1 is open.",
        MessageKind::Accepted => "The paying agent took the attempt on.",
        MessageKind::Settled => "The money is with the beneficiary, or whoever may collect it.",
        MessageKind::SettledLate => "Money of an attempt that was given up went out all the same.",
        MessageKind::Rejected => "The paying agent refused the attempt.",
        MessageKind::Failed => "The attempt came to nothing: no answer, unclaimed, or not sendable.",
        MessageKind::Returned => "Settled money came back.",
        MessageKind::Held => "The attempt waits for a person.",
        MessageKind::Released => "The wait is over.",
        MessageKind::Reissued => "A new attempt was opened.",
        MessageKind::Cancelled => "The payment was called off before money moved.",
        MessageKind::Recalled => "The open attempt was called back, since another one's late money pays the payment.",
        MessageKind::Corrected => "A clerical field was mended.",
        MessageKind::Contradicted => "Another amount than was ordered was reported as paid; it waits for a person.",
        MessageKind::ContradictionResolved => "A person said what was true of such a report.",
        MessageKind::RecoveryFound => "Money is out beyond what is owed, or more or less of it than was thought.",
        MessageKind::RecoveryDemanded => "It was asked back.",
        MessageKind::RecoveryReceived => "Some of it, or all, came back.",
        MessageKind::RecoveryWrittenOff => "What is outstanding was given up.",
        MessageKind::RecoveryLapsed => "Nothing is overpaid any more.",
        MessageKind::Ping => "Somebody tries whether the endpoint answers.",
    }
}

pub(super) fn webhooks() -> Value {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let abouts = [
        "The event's id: the same whenever the message comes again.",
        "When it was sent, in whole seconds since 1970.",
        "`v1,` and base64 of HMAC-SHA-256 over id, timestamp and body, joined by dots; two of them while a secret is changed.",
    ];
    let parameters: Vec<Value> = headers
        .iter()
        .zip(abouts)
        .map(|(name, about)| {
            json!({"name": name, "in": "header", "required": true, "description": about, "schema": {"type": "string"}})
        })
        .collect();
    let all = MessageKind::ALL.into_iter().map(|kind| {
        let schema = match kind {
            MessageKind::Ping => "PingMessage",
            kind if kind.is_of_recovery() => "RecoveryMessage",
            _ => "PaymentMessage",
        };
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        let post = json!({
            "summary": about(kind),
            "tags": ["webhooks"],
            "parameters": parameters,
            "requestBody": {"required": true, "content": {"application/json": {"schema": schema}}},
            "responses": {
                "2XX": {"description": "Taken."},
                "410": {"description": "The endpoint is gone for good: it is switched off."},
                "default": {"description": "Not taken: it comes again."},
            },
        });
        (kind.as_str().to_owned(), json!({"post": post}))
    });
    Value::Object(all.collect::<Map<_, _>>())
}
