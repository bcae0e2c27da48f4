//! What an endpoint is told of one event: a pure function of the payment's events up to it, so that every try and every replay says the same.

use crate::app::shapes;
use crate::domain::ids::BankId;
use crate::domain::money::Money;
use crate::domain::payment::event::{Correction, Evidence, Reason};
use crate::domain::payment::{Payment, PaymentEvent};
use crate::domain::profile::Profile;
use crate::domain::recovery::{FoundRecovery, RecoveryEvent};
use crate::domain::webhook::MessageKind;
use crate::store::RecordedEvent;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// A message, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub position: u64,
    pub event_id: Uuid,
    pub kind: MessageKind,
    pub body: String,
}

/// The attempt that an event is about; `None` when it is about the payment as a whole.
pub(super) const fn attempt_of(event: &PaymentEvent) -> Option<u32> {
    match event {
        PaymentEvent::Instructed(e) => Some(e.attempt),
        PaymentEvent::Accepted(e) => Some(e.attempt),
        PaymentEvent::Settled(e) => Some(e.attempt),
        PaymentEvent::SettledLate(e) => Some(e.attempt),
        PaymentEvent::Rejected(e) => Some(e.attempt),
        PaymentEvent::Returned(e) => Some(e.attempt),
        PaymentEvent::Failed(e) => Some(e.attempt),
        PaymentEvent::Held(e) => Some(e.attempt),
        PaymentEvent::Released(e) => Some(e.attempt),
        PaymentEvent::Reissued(e) => Some(e.new_attempt),
        PaymentEvent::Cancelled(e) => Some(e.attempt),
        PaymentEvent::Recalled(e) => Some(e.attempt),
        PaymentEvent::Contradicted(e) => Some(e.attempt),
        PaymentEvent::ContradictionResolved(e) => Some(e.attempt),
        PaymentEvent::Corrected(_) => None,
    }
}

/// Whether a bank is told: its own attempt is concerned, or the payment as a whole when any attempt goes through it.
pub(super) fn concerns(payment: &Payment, event: &PaymentEvent, bank: &BankId) -> bool {
    let Some(payment) = &payment.instructed else { return false };
    let is_own = |attempt: &crate::domain::payment::Attempt| attempt.bank.as_ref() == Some(bank);
    match attempt_of(event) {
        Some(number) => payment.attempt(Some(number)).is_some_and(is_own),
        None => payment.attempts.iter().any(is_own),
    }
}

/// The message of an event of a payment, which stands as it left it.
pub(super) fn of_payment(
    profile: &Profile,
    recorded: &RecordedEvent,
    (payment, event): (&Payment, &PaymentEvent),
) -> Option<Message> {
    let payment = payment.instructed.as_ref()?;
    let mut data = shapes::payment_summary(profile, payment);
    let about = attempt_of(event).and_then(|number| payment.attempt(Some(number)));
    data["about"] = about.map_or(Value::Null, |attempt| {
        let mut shown = shapes::attempt(profile, attempt);
        if let Some(members) = shown.as_object_mut() {
            // Where the number lies in the vault is nobody's business outside.
            members.remove("account_ref");
        }
        shown
    });
    data["details"] = details(profile, event);
    data["revision"] = json!(recorded.revision);
    Some(message(recorded, MessageKind::of(event), data))
}

/// The message of an event of a recovery, which stands as it left it.
pub(super) fn of_recovery(
    profile: &Profile,
    recorded: &RecordedEvent,
    (found, event): (&FoundRecovery, &RecoveryEvent),
) -> Message {
    let amount = |money: Money| profile.currency.format(money.minor);
    let mut data = shapes::recovery(profile, found);
    data["details"] = match event {
        RecoveryEvent::Found(e) => json!({"found_on": e.found_on.to_string()}),
        RecoveryEvent::Demanded(e) => json!({"demanded_on": e.demanded_on.to_string(), "reference": e.reference}),
        RecoveryEvent::Received(e) => json!({"received_on": e.received_on.to_string(), "amount": amount(e.amount),
            "evidence": evidence(&e.evidence)}),
        RecoveryEvent::WrittenOff(e) => {
            json!({"written_off_on": e.written_off_on.to_string(), "amount": amount(e.amount)})
        }
        RecoveryEvent::Lapsed(e) => json!({"lapsed_on": e.lapsed_on.to_string(), "refund": e.refund.map(amount)}),
    };
    data["revision"] = json!(recorded.revision);
    message(recorded, MessageKind::of_recovery(event), data)
}

/// The message of a trial.
pub(super) fn of_ping(recorded: &RecordedEvent, webhook: &str) -> Message {
    message(recorded, MessageKind::Ping, json!({"webhook_id": webhook, "revision": recorded.revision}))
}

fn message(recorded: &RecordedEvent, kind: MessageKind, mut data: Value) -> Message {
    data["position"] = json!(recorded.position);
    let at = Timestamp::from_microsecond(recorded.recorded_at_us).unwrap_or_default().to_string();
    let body = json!({"type": kind.as_str(), "timestamp": at, "data": data}).to_string();
    Message { position: recorded.position, event_id: recorded.event_id, kind, body }
}

fn reason(reason: &Reason) -> Value {
    json!({"system": reason.system, "code": reason.code, "class": reason.class})
}

fn evidence(evidence: &Evidence) -> Value {
    json!({"kind": evidence.kind, "reference": evidence.reference})
}

/// What the event says beyond the payment's state. No words of people: they may name somebody.
fn details(profile: &Profile, event: &PaymentEvent) -> Value {
    let amount = |minor| profile.currency.format(minor);
    match event {
        PaymentEvent::Instructed(_) | PaymentEvent::Held(_) | PaymentEvent::Released(_) => json!({}),
        PaymentEvent::Accepted(e) => json!({"accepted_at": e.accepted_at.to_string(), "raw_status": e.raw_status}),
        PaymentEvent::Settled(e) => json!({"settled_on": e.settled_on.to_string(), "amount": amount(e.amount.minor),
            "evidence": evidence(&e.evidence), "collected_by": e.collected_by}),
        PaymentEvent::SettledLate(e) => {
            json!({"settled_on": e.settled_on.to_string(), "amount": amount(e.amount.minor),
            "evidence": evidence(&e.evidence), "stopped_attempt": e.stopped_attempt, "reinstated": e.reinstated})
        }
        PaymentEvent::Rejected(e) => json!({"rejected_on": e.rejected_on.to_string(), "reason": reason(&e.reason)}),
        PaymentEvent::Returned(e) => json!({"returned_on": e.returned_on.to_string(), "amount": amount(e.amount.minor),
            "reason": reason(&e.reason), "evidence": evidence(&e.evidence), "settlement_inferred": e.settlement_inferred}),
        PaymentEvent::Failed(e) => json!({"cause": e.cause, "deadline": e.deadline.to_string()}),
        PaymentEvent::Reissued(e) => json!({"from_channel": e.from_channel, "to_channel": e.to_channel}),
        PaymentEvent::Cancelled(e) => json!({"by": e.by}),
        PaymentEvent::Recalled(e) => json!({"by": e.by}),
        PaymentEvent::Corrected(e) => json!({"what": corrected(&e.correction)}),
        PaymentEvent::Contradicted(e) => json!({"settled_on": e.settled_on.to_string(),
            "amount": amount(e.amount.minor), "evidence": evidence(&e.evidence)}),
        PaymentEvent::ContradictionResolved(e) => {
            json!({"resolution": e.resolution.as_str(), "difference": amount(e.difference_minor)})
        }
    }
}

const fn corrected(correction: &Correction) -> &'static str {
    match correction {
        Correction::Amount { .. } => "amount",
        Correction::BenefitMonths { .. } => "benefit_months",
        Correction::Unit { .. } => "unit",
        Correction::DueOn { .. } => "due_on",
        Correction::Reference { .. } => "payment_reference",
    }
}
