//! How things look in JSON: one function for each shape of the OpenAPI document.

use crate::app::feed::RecordedEvent;
use crate::app::payments::{PaymentView, TimelineEntry};
use crate::domain::payment::Attempt;
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

fn attempt(profile: &Profile, attempt: &Attempt) -> Value {
    json!({
        "attempt": attempt.number,
        "status": attempt.state.as_str(),
        "held": attempt.held,
        "channel": attempt.channel,
        "agent": attempt.agent,
        "bank": attempt.bank,
        "account_ref": attempt.account_ref,
        "end_to_end_id": attempt.end_to_end_id,
        "due_on": attempt.due_on.to_string(),
        "payee": attempt.payee,
        "settled_on": attempt.settled_on.map(|day| day.to_string()),
        "paid_amount": attempt.paid.map(|paid| profile.currency.format(paid.minor)),
        "returned_on": attempt.returned_on.map(|day| day.to_string()),
    })
}

/// Where a payment stands.
#[must_use]
pub fn payment_summary(profile: &Profile, payment: &Instructed) -> Value {
    let latest = Some(payment.standing());
    json!({
        "payment_id": payment.payment_id,
        "payment_reference": payment.reference,
        "beneficiary_id": payment.beneficiary_id,
        "benefit_type": payment.benefit_type,
        "benefit_months": payment.benefit_months,
        "cycle": payment.cycle,
        "amount": profile.currency.format(payment.amount.minor),
        "currency": payment.amount.currency,
        "unit": payment.unit_key,
        "urban": payment.urban,
        "kind": payment.kind,
        "supplement": payment.kind.is_beside(),
        "status": latest.map(|a| a.state.as_str()),
        "held": payment.waits(),
        "attempt": latest.map(|a| a.number),
        "channel": latest.map(|a| a.channel.as_str()),
        "agent": latest.map(|a| a.agent.as_str()),
        "bank": latest.and_then(|a| a.bank.as_ref()),
        "end_to_end_id": latest.map(|a| a.end_to_end_id.as_str()),
        "due_on": latest.map(|a| a.due_on.to_string()),
    })
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
