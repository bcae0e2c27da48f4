//! Rows to JSON, in the order of the columns that the statements name.

use super::json::{Rows, Values};
use crate::domain::ids::{BankId, UnitKey};
use crate::domain::payment::event::Payee;
use crate::projections::beneficiaries::BeneficiaryRow;
use crate::projections::payments::{AttemptRow, ClosedInterval, LiveRow, PaymentRow, Provider};
use serde::Serialize;

/// The columns of `payments`, as in `payments_insert.sql`.
pub(super) fn payment(row: &PaymentRow, v: &mut Values<'_>) {
    v.id(row.payment_id.as_uuid()).text(row.reference.as_str()).id(row.beneficiary_id.as_uuid());
    v.text(row.benefit_type.as_str()).text(&months(row)).text(&row.cycle.to_string());
    v.number(row.amount.minor).text(row.amount.currency.as_str());
    v.text(row.unit_key.as_str()).text(&row.unit_code_as_received).flag(row.urban).flag(row.supplement);
    v.text(row.state.as_str()).maybe(row.held.as_deref()).number(row.attempt);
    provider(&row.provider, v);
    provider(&row.first_provider, v);
    v.text(row.end_to_end_id.as_str()).date(Some(row.due_on)).date(row.settled_on).date(row.returned_on);
    v.maybe(row.outcome.as_ref().map(json).as_deref());
    v.text(payee_word(row.payee)).maybe(row.collected_by.map(payee_word));
    v.maybe((!row.past_attempts.is_empty()).then(|| json(&row.past_attempts)).as_deref());
    v.number(row.revision).number(row.instructed_position).number(row.last_position);
    v.number(row.instructed_at_us).number(row.updated_at_us);
}

/// The columns that events of an attempt change, as in `payments_move.sql`.
pub(super) fn moved_payment(row: &PaymentRow, v: &mut Values<'_>) {
    v.id(row.payment_id.as_uuid()).text(row.state.as_str()).maybe(row.held.as_deref()).number(row.attempt);
    provider(&row.provider, v);
    v.text(row.end_to_end_id.as_str()).date(Some(row.due_on)).date(row.settled_on).date(row.returned_on);
    v.maybe(row.outcome.as_ref().map(json).as_deref());
    v.text(payee_word(row.payee)).maybe(row.collected_by.map(payee_word));
    v.maybe((!row.past_attempts.is_empty()).then(|| json(&row.past_attempts)).as_deref());
    v.number(row.revision).number(row.last_position).number(row.updated_at_us);
}

fn provider(provider: &Provider, v: &mut Values<'_>) {
    v.text(provider.channel.as_str()).text(provider.agent.as_str()).maybe(provider.bank.as_ref().map(BankId::as_str));
}

fn months(row: &PaymentRow) -> String {
    row.benefit_months.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The columns of `payment_attempts`.
pub(super) fn attempt(row: &AttemptRow, v: &mut Values<'_>) {
    v.text(row.end_to_end_id.as_str()).id(row.payment_id.as_uuid()).number(row.attempt);
}

/// The columns of `live_payments`.
pub(super) fn live(row: &LiveRow, v: &mut Values<'_>) {
    v.text(&row.cycle.to_string())
        .id(row.beneficiary_id.as_uuid())
        .id(row.payment_id.as_uuid())
        .number(row.valid_from_position);
    match row.valid_to_position {
        Some(position) => v.number(position),
        None => v.null(),
    };
    v.text(row.unit_key.as_str()).flag(row.urban).text(row.benefit_type.as_str());
    v.text(row.channel.as_str()).text(row.agent.as_str()).maybe(row.bank.as_ref().map(BankId::as_str));
    v.flag(row.cashless).number(row.amount_minor);
}

/// An interval's key and its end.
pub(super) fn closed(row: &ClosedInterval, v: &mut Values<'_>) {
    v.text(&row.cycle.to_string()).id(row.beneficiary_id.as_uuid()).id(row.payment_id.as_uuid());
    v.number(row.valid_from_position).number(row.valid_to_position);
}

/// The columns of `beneficiaries`.
pub(super) fn beneficiary(row: &BeneficiaryRow, v: &mut Values<'_>) {
    v.id(row.beneficiary_id.as_uuid()).text(row.latest_unit().map_or("", UnitKey::as_str));
    v.text(&json(&row.units)).text(&json(&row.methods)).date(row.died_on);
    match row.cohort.birth_decade {
        Some(decade) => v.number(decade),
        None => v.null(),
    };
    v.maybe(row.cohort.sex.map(|sex| json(&sex)).as_deref().map(|word| word.trim_matches('"')));
    v.number(row.revision).number(row.registered_position).number(row.last_position).number(row.updated_at_us);
}

/// All rows as one parameter.
pub(super) fn rows<'a, T: 'a>(rows: impl IntoIterator<Item = &'a T>, write: impl Fn(&T, &mut Values<'_>)) -> String {
    let mut all = Rows::new();
    for row in rows {
        all.row(|values| write(row, values));
    }
    all.finish()
}

const fn payee_word(payee: Payee) -> &'static str {
    match payee {
        Payee::Beneficiary => "self",
        Payee::Authorised => "authorised",
        Payee::Guardian => "guardian",
    }
}

#[expect(clippy::expect_used, reason = "codes, dates and words always serialise")]
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("rows hold only codes, dates and words")
}
