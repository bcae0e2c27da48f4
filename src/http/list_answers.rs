//! Payment lists as JSON: a list, a page of lists, a plan, what a check found.

use crate::app::lists::Plan;
use crate::app::lists::check::CheckReport;
use crate::app::lists::plan::Move;
use crate::app::lists::read::{FunnelRow, LeftOutRow, ListRow, StandingItem};
use crate::domain::ids::BankId;
use crate::domain::list::event::{AgentAnswer, Tally};
use crate::domain::list::state::Opened;
use crate::domain::money::{self, CurrencySpec};
use serde_json::{Value, json};

fn tally(currency: CurrencySpec, tally: Tally) -> Value {
    json!({"items": tally.items, "sum": currency.format(tally.sum_minor)})
}

/// A list right after a write.
#[must_use]
pub fn opened(currency: CurrencySpec, list: &Opened) -> Value {
    let amount = |minor: i64| currency.format(minor);
    let reconciled = list.reconciled.as_ref();
    json!({
        "list_id": list.list_id,
        "cycle": list.cycle,
        "channel": list.channel,
        "agent": list.agent,
        "currency": list.currency,
        "origin": list.origin,
        "from_lists": list.previous,
        "status": list.stage,
        "items": list.item_count(),
        "control_sum": amount(list.sum_minor),
        "left_out": list.left_out,
        "units": list.units(),
        "bank": list.only_bank().map(BankId::as_str),
        "prepared_by": list.hands.iter().next(),
        "approved_by": list.approved_by,
        "answer": list.answer.as_ref().map(|(answer, _)| answer.as_str()),
        "advanced": list.advanced.map(|money| amount(money.minor)),
        "paid": reconciled.map(|event| tally(currency, event.paid)),
        "unpaid": reconciled.map(|event| tally(currency, event.unpaid)),
        "handed_back": list.handed_back.map(|money| amount(money.minor)),
    })
}

/// A list as the projection has it.
#[must_use]
pub fn row(currency: CurrencySpec, row: &ListRow) -> Value {
    let amount = |minor: i64| currency.format(minor);
    json!({
        "list_id": row.list_id,
        "cycle": row.cycle,
        "channel": row.channel,
        "agent": row.agent,
        "currency": row.currency,
        "origin": row.origin,
        "from_lists": row.previous,
        "status": row.stage,
        "items": row.item_count,
        "control_sum": amount(row.sum_minor),
        "left_out": row.left_out,
        "units": row.units.keys().collect::<Vec<_>>(),
        "bank": row.only_bank().map(BankId::as_str),
        "prepared_by": row.prepared_by,
        "approved_by": row.approved_by,
        "answer": row.answer.map(AgentAnswer::as_str),
        "advanced": row.advanced_minor.map(amount),
        "paid": row.paid.map(|paid| tally(currency, paid)),
        "unpaid": row.unpaid.map(|unpaid| tally(currency, unpaid)),
        "handed_back": row.handed_back_minor.map(amount),
        "revision": row.revision,
        "position": row.last_position,
    })
}

/// How many items stand where.
#[must_use]
pub fn funnel(currency: CurrencySpec, rows: &[FunnelRow]) -> Vec<Value> {
    let entry = |row: &FunnelRow| {
        json!({"status": row.status.map(crate::domain::payment::AttemptState::as_str), "items": row.tally.items,
            "sum": currency.format(row.tally.sum_minor)})
    };
    rows.iter().map(entry).collect()
}

/// An item with where its attempt stands.
#[must_use]
pub fn item(currency: CurrencySpec, standing: &StandingItem) -> Value {
    let item = &standing.item;
    json!({
        "place": item.place + 1,
        "payment_id": item.payment_id,
        "payment_reference": standing.reference,
        "attempt": item.attempt,
        "beneficiary_id": item.beneficiary_id,
        "benefit_type": item.benefit_type,
        "unit": item.unit_key,
        "bank": item.bank,
        "amount": currency.format(item.amount_minor),
        "status": standing.status.map(crate::domain::payment::AttemptState::as_str),
        "removed": item.removed,
    })
}

/// Somebody who was left out.
#[must_use]
pub fn left_out(currency: CurrencySpec, row: &LeftOutRow) -> Value {
    json!({
        "beneficiary_id": row.beneficiary_id,
        "benefit_type": row.benefit_type,
        "unit": row.unit_key,
        "amount": currency.format(row.amount_minor),
        "reason": row.reason,
        "note": row.note,
    })
}

/// What a step would do.
#[must_use]
pub fn plan(plan: &Plan) -> Value {
    let share = |(numerator, denominator): (i64, i64)| json!({"numerator": numerator, "denominator": denominator, "ratio": money::ratio(numerator, denominator)});
    let figure = |moved: &Move| json!({"indicator": moved.indicator, "before": share(moved.before), "after": share(moved.after)});
    let events: Vec<Value> = plan
        .events
        .iter()
        .map(|event| {
            let data: Value = serde_json::from_slice(&event.data).unwrap_or(Value::Null);
            json!({"stream": event.stream, "type": event.event_type, "data": data})
        })
        .collect();
    json!({
        "plan": plan.token,
        "list_id": plan.list_id,
        "as_of_position": plan.position,
        "items": plan.item_count,
        "control_sum": plan.currency.format(plan.control_sum.minor),
        "event_count": plan.event_count,
        "event_types": plan.types,
        "events": events,
        "cycle": plan.cycle,
        "figures": plan.figures.iter().map(figure).collect::<Vec<_>>(),
    })
}

/// What a check found.
#[must_use]
pub fn findings(report: &CheckReport) -> Value {
    let found: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({"payment_id": finding.payment_id, "beneficiary_id": finding.beneficiary_id, "code": finding.code,
                "blocking": finding.blocking, "message": finding.message, "message_vi": finding.message_vi})
        })
        .collect();
    json!({"blocking_items": report.blocking_items, "counts": report.counts, "findings": found})
}
