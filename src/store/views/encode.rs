//! Rows to values, in the order of the columns that the statements name. Each engine has its own way of taking them.

use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::ids::{BankId, BeneficiaryId, ChannelCode, UnitKey};
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use crate::projections::beneficiaries::{BeneficiaryRow, Counted, More, PastCounted};
use crate::projections::cell::CellKey;
use crate::projections::desks::{DeskDayRow, DeskRow};
use crate::projections::oversight::{ApprovalRow, CitedRow, RecoveryRow};
use crate::projections::payments::{AttemptRow, BusinessDay, ClosedInterval, LiveRow, PaymentRow, Provider};
use crate::proof::tile::TileId;
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

/// Takes the values of one row from left to right.
pub(super) trait RowValues {
    fn text(&mut self, value: &str) -> &mut Self;
    fn maybe(&mut self, value: Option<&str>) -> &mut Self;
    fn number(&mut self, value: impl Into<i128>) -> &mut Self;
    fn maybe_number(&mut self, value: Option<impl Into<i128>>) -> &mut Self;
    fn bytes(&mut self, value: &[u8]) -> &mut Self;

    /// Both engines keep it as a number.
    fn flag(&mut self, value: bool) -> &mut Self {
        self.number(i128::from(value))
    }

    fn date(&mut self, value: Option<Date>) -> &mut Self {
        self.maybe(value.map(|date| date.to_string()).as_deref())
    }

    fn id(&mut self, value: Uuid) -> &mut Self {
        self.bytes(value.as_bytes())
    }
}

/// The columns of `tree_tiles`.
pub(super) fn tile(id: TileId, hashes: &[u8], v: &mut impl RowValues) {
    v.number(id.level).number(id.number).bytes(hashes);
}

/// The columns of `payments`, as in `payments_insert.sql`.
pub(super) fn payment(row: &PaymentRow, v: &mut impl RowValues) {
    v.id(row.payment_id.as_uuid()).text(row.reference.as_str()).id(row.beneficiary_id.as_uuid());
    v.text(row.benefit_type.as_str()).text(&months(row)).text(&row.cycle.to_string());
    v.number(row.amount.minor).text(row.amount.currency.as_str());
    v.text(row.unit_key.as_str()).text(&row.unit_code_as_received).flag(row.urban).text(row.kind.as_str());
    v.text(row.state.as_str()).maybe(row.held.as_deref()).number(row.attempt);
    provider(&row.provider, v);
    provider(&row.first_provider, v);
    v.text(row.end_to_end_id.as_str()).date(Some(row.due_on)).date(row.settled_on).date(row.returned_on);
    v.maybe(row.outcome.as_ref().map(json).as_deref());
    v.text(payee_word(row.payee)).maybe(row.collected_by.map(payee_word));
    v.maybe((!row.past_attempts.is_empty()).then(|| json(&row.past_attempts)).as_deref());
    v.number(row.revision).number(row.instructed_position).number(row.last_position);
    v.number(row.instructed_at_us).number(row.updated_at_us).flag(row.contradicted);
}

/// The columns that events of an attempt change, as in `payments_move.sql`.
pub(super) fn moved_payment(row: &PaymentRow, v: &mut impl RowValues) {
    v.id(row.payment_id.as_uuid()).text(row.state.as_str()).maybe(row.held.as_deref()).number(row.attempt);
    provider(&row.provider, v);
    v.text(row.end_to_end_id.as_str()).date(Some(row.due_on)).date(row.settled_on).date(row.returned_on);
    v.maybe(row.outcome.as_ref().map(json).as_deref());
    v.text(payee_word(row.payee)).maybe(row.collected_by.map(payee_word));
    v.maybe((!row.past_attempts.is_empty()).then(|| json(&row.past_attempts)).as_deref());
    v.number(row.revision).number(row.last_position).number(row.updated_at_us).flag(row.contradicted);
}

fn provider(provider: &Provider, v: &mut impl RowValues) {
    v.text(provider.channel.as_str()).text(provider.agent.as_str()).maybe(provider.bank.as_ref().map(BankId::as_str));
}

fn months(row: &PaymentRow) -> String {
    row.benefit_months.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The columns of `payment_attempts`.
pub(super) fn attempt(row: &AttemptRow, v: &mut impl RowValues) {
    v.text(row.end_to_end_id.as_str()).id(row.payment_id.as_uuid()).number(row.attempt);
}

/// The columns of `live_payments`.
pub(super) fn live(row: &LiveRow, v: &mut impl RowValues) {
    v.text(&row.cycle.to_string())
        .id(row.beneficiary_id.as_uuid())
        .id(row.payment_id.as_uuid())
        .number(row.valid_from_position);
    v.maybe_number(row.valid_to_position);
    v.text(row.unit_key.as_str()).flag(row.urban).text(row.benefit_type.as_str());
    v.text(row.channel.as_str()).text(row.agent.as_str()).maybe(row.bank.as_ref().map(BankId::as_str));
    v.flag(row.cashless).number(row.amount_minor);
}

/// An interval's key and its end.
pub(super) fn closed(row: &ClosedInterval, v: &mut impl RowValues) {
    v.text(&row.cycle.to_string()).id(row.beneficiary_id.as_uuid()).id(row.payment_id.as_uuid());
    v.number(row.valid_from_position).number(row.valid_to_position);
}

/// The columns of `payment_past`.
pub(super) fn payment_past((to_position, row): &(u64, PaymentRow), v: &mut impl RowValues) {
    let (unit, urban, counts) = row.counts_as();
    v.id(row.payment_id.as_uuid()).number(*to_position).number(row.instructed_position).text(&row.cycle.to_string());
    v.id(row.beneficiary_id.as_uuid()).text(row.benefit_type.as_str()).text(unit.as_str()).flag(urban);
    provider(&row.first_provider, v);
    v.flag(counts);
}

/// The columns of `identity_refusals`.
pub(super) fn identity_refusal((beneficiary, position): &(BeneficiaryId, u64), v: &mut impl RowValues) {
    v.id(beneficiary.as_uuid()).number(*position);
}

/// The columns of `beneficiary_past`.
pub(super) fn past_counted(row: &PastCounted, v: &mut impl RowValues) {
    v.id(row.beneficiary_id.as_uuid()).number(row.from_position).number(row.to_position);
    v.text(row.counted.unit.as_ref().map_or("", UnitKey::as_str));
    counted(&row.counted, v);
}

/// What somebody counts as: channel, identity, and whether at all.
fn counted(counted: &Counted, v: &mut impl RowValues) {
    v.text(counted.channel.as_ref().map_or("", ChannelCode::as_str));
    v.text(counted.identity.map_or(NEVER_MATCHED, IdentityStatus::as_str)).flag(counted.counts);
}

/// The word of a person who was never matched.
pub(super) const NEVER_MATCHED: &str = "unchecked";

/// The columns of `beneficiaries`.
pub(super) fn beneficiary(row: &BeneficiaryRow, v: &mut impl RowValues) {
    v.id(row.beneficiary_id.as_uuid()).text(row.latest_unit().map_or("", UnitKey::as_str));
    v.text(&json(&row.units)).text(&json(&row.methods)).date(row.died_on);
    v.maybe_number(row.cohort.birth_decade);
    v.maybe(row.cohort.sex.map(|sex| json(&sex)).as_deref().map(|word| word.trim_matches('"')));
    v.number(row.revision).number(row.registered_position).number(row.last_position).number(row.updated_at_us);
    let more = (row.more != More::default()).then(|| json(&row.more));
    v.maybe(more.as_deref()).number(row.counted_position);
    let now = row.counted();
    counted(&now, v);
    v.flag(now.counts && now.identity.is_some_and(|status| IdentityStatus::TO_LOOK_INTO.contains(&status)));
    v.date(row.authorised_until());
}

/// The columns of `recoveries`.
pub(super) fn recovery(row: &RecoveryRow, v: &mut impl RowValues) {
    v.id(row.recovery_id.as_uuid()).id(row.payment_id.as_uuid()).number(row.attempt).id(row.beneficiary_id.as_uuid());
    v.text(row.benefit_type.as_str()).text(row.unit_key.as_str()).text(row.ground.as_str());
    v.text(&row.months.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    v.number(row.amount.minor).text(row.amount.currency.as_str()).text(row.state.as_str());
    v.number(row.received_minor).number(row.written_off_minor).number(row.refund_minor);
    v.date(Some(row.found_on)).date(row.demanded_on).date(row.due_on);
    v.number(row.revision).number(row.found_position).number(row.last_position).number(row.updated_at_us);
}

/// The columns of `approvals`.
pub(super) fn approval(row: &ApprovalRow, v: &mut impl RowValues) {
    v.id(row.approval_id.as_uuid()).text(row.action.as_str()).text(&row.object);
    v.maybe(row.unit_key.as_ref().map(UnitKey::as_str));
    v.maybe_number(row.amount.map(|amount| amount.minor));
    v.maybe(row.amount.as_ref().map(|amount| amount.currency.as_str())).text(row.state.as_str());
    v.text(&row.requested_by).maybe(row.decided_by.as_deref()).maybe(row.failure.as_deref());
    v.number(row.requested_at_us).number(row.expires_at_us);
    v.number(row.revision).number(row.requested_position).number(row.last_position).number(row.updated_at_us);
}

/// The columns of `cited_figures`.
pub(super) fn cited(row: &CitedRow, v: &mut impl RowValues) {
    v.id(row.figure_id.as_uuid()).text(&row.definition).text(&row.title);
    v.maybe(row.unit_key.as_ref().map(UnitKey::as_str)).text(&json(&row.asked)).number(row.as_of_position);
    v.text(&row.digest).text(&row.cited_by).number(row.cited_at_us).number(row.cited_position);
}

/// The columns of `desks`.
pub(super) fn desk(row: &DeskRow, v: &mut impl RowValues) {
    v.id(row.desk_id.as_uuid()).text(row.code.as_str()).text(row.kind.as_str()).text(row.unit_key.as_str());
    v.text(row.agent.as_str()).date(row.liquidated_to);
    v.number(row.revision).number(row.registered_position).number(row.last_position).number(row.updated_at_us);
}

/// The columns of `desk_days`.
pub(super) fn desk_day(row: &DeskDayRow, v: &mut impl RowValues) {
    v.id(row.desk_id.as_uuid()).date(Some(row.day));
    v.number(row.cash.advanced).number(row.cash.paid).number(row.cash.paid_count);
    v.number(row.cash.handed_back).number(row.cash.unclaimed).number(row.cash.unclaimed_count);
}

/// The columns that make a cell's key.
pub(super) fn cell_key(key: &CellKey, v: &mut impl RowValues) {
    let place = &key.place;
    v.text(key.tally.as_str()).text(&place.cycle.to_string()).text(&place.unit).text(&place.benefit);
    v.text(&place.channel).text(&place.agent).text(&place.bank).text(place.urban).text(&key.value);
}

/// The columns of `figure_cycles` and of `figure_cycle_blocks`: a cycle with a position or a block.
pub(super) fn figure_cycle((cycle, place): &(Month, u64), v: &mut impl RowValues) {
    v.text(&cycle.to_string()).number(*place);
}

/// The columns of `business_days`.
pub(super) fn business_day(day: &BusinessDay, v: &mut impl RowValues) {
    v.date(Some(day.day)).number(day.first_position).number(day.last_position);
}

const fn payee_word(payee: Payee) -> &'static str {
    match payee {
        Payee::Beneficiary => "self",
        Payee::Authorised => "authorised",
        Payee::Guardian => "guardian",
        Payee::Heir => "heir",
    }
}

#[expect(clippy::expect_used, reason = "codes, dates and words always serialise")]
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("rows hold only codes, dates and words")
}
