//! How things look in JSON: one function for each shape of the OpenAPI document.

use crate::app::feed::RecordedEvent;
pub use crate::app::shapes::payment_summary;

use crate::app::payments::{PaymentView, TimelineEntry};
use crate::app::shapes::attempt;
use crate::domain::payment::state::Instructed;
use crate::domain::profile::Profile;
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Microseconds since the epoch as RFC 3339 in UTC.
#[must_use]
pub fn instant(us: i64) -> String {
    Timestamp::from_microsecond(us).map_or_else(|_| us.to_string(), |at| at.to_string())
}

/// A recorded event as the feed shows it.
#[must_use]
pub fn event(event: &RecordedEvent) -> Value {
    json!({
        "position": event.position,
        "stream": event.stream,
        "revision": event.revision,
        "event_id": event.event_id,
        "type": event.event_type,
        "schema_version": event.schema_version,
        "recorded_at": instant(event.recorded_at_us),
        "data": json_bytes(&event.data),
        "metadata": json_bytes(&event.metadata),
    })
}

/// Stored bytes as JSON, or as text when they are not JSON.
fn json_bytes(bytes: &[u8]) -> Value {
    serde_json::from_slice::<&RawValue>(bytes)
        .ok()
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_else(|| json!(String::from_utf8_lossy(bytes)))
}

/// The same, with a report that contradicts the order and waits for a person.
#[must_use]
pub fn payment_standing(profile: &Profile, payment: &Instructed) -> Value {
    let mut answer = payment_summary(profile, payment);
    answer["contradiction"] = json!(payment.contradiction.as_ref().map(|open| json!({
        "attempt": open.attempt,
        "amount": profile.currency.format(open.amount.minor),
        "settled_on": open.settled_on.to_string(),
        "evidence": open.evidence,
    })));
    answer
}

fn timeline_entry(entry: &TimelineEntry) -> Value {
    json!({
        "position": entry.position,
        "revision": entry.revision,
        "type": entry.event_type,
        "occurred_at": entry.occurred_at,
        "recorded_at": instant(entry.recorded_at_us),
        "actor": entry.actor,
        "source": entry.source,
        "text": entry.text,
        "text_vi": entry.text_vi,
        "words": entry.words,
        "data": json_bytes(&entry.data),
    })
}

/// A payment with its attempts and its whole timeline.
#[must_use]
pub fn payment_view(profile: &Profile, view: &PaymentView) -> Value {
    let mut answer = payment_standing(profile, &view.payment);
    answer["attempts"] = view.payment.attempts.iter().map(|one| attempt(profile, one)).collect();
    answer["timeline"] = view.timeline.iter().map(timeline_entry).collect();
    answer["revision"] = json!(view.revision);
    answer["position"] = json!(view.position);
    answer["as_of_position"] = json!(view.as_of_position);
    answer
}
