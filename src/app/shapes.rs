//! Payments, their attempts, and recoveries in JSON, as the API and webhooks tell of them.

use crate::domain::payment::Attempt;
use crate::domain::payment::state::Instructed;
use crate::domain::profile::Profile;
use crate::domain::recovery::FoundRecovery;
use serde_json::{Value, json};

/// One attempt.
#[must_use]
pub fn attempt(profile: &Profile, attempt: &Attempt) -> Value {
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

/// A recovery as it stands.
#[must_use]
pub fn recovery(profile: &Profile, found: &FoundRecovery) -> Value {
    let money = |minor: i64| profile.currency.format(minor);
    json!({
        "recovery_id": found.recovery_id,
        "payment_id": found.payment_id,
        "attempt": found.attempt,
        "beneficiary_id": found.beneficiary_id,
        "benefit_type": found.benefit_type,
        "unit": found.unit_key,
        "ground": found.ground.as_str(),
        "months": found.months,
        "amount": money(found.amount.minor),
        "currency": found.amount.currency,
        "status": found.state.as_str(),
        "received": money(found.received_minor()),
        "written_off": money(found.written_off_minor),
        "outstanding": money(found.outstanding_minor()),
        "refund": money(found.refund_minor),
        "demanded_on": found.demand.as_ref().map(|demand| demand.demanded_on.to_string()),
        "due_on": found.demand.as_ref().and_then(|demand| demand.due_on).map(|day| day.to_string()),
    })
}
