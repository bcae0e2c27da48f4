//! What one payment row adds to the cube. Every figure of payments and attempts is the sum of this over all rows.

use crate::domain::payment::state::AttemptState;
use crate::projections::cell::{CellKey, Difference, EventDifferences, Place, Tally};
use crate::projections::payments::row::{Outcome, PaymentRow, Provider};
use std::sync::Arc;

/// The number of what was ordered first.
const FIRST_ATTEMPT: u32 = 1;

/// Adds the row's share to the differences, or takes it away (`sign` is 1 or -1).
pub fn add(row: &PaymentRow, sign: i64, into: &mut EventDifferences) {
    let place = Arc::new(row.place(&row.provider));
    let share = Difference { count: sign, amount_minor: sign * row.amount.minor };
    let mut put = |tally, place: &Arc<Place>, value: Arc<str>| {
        into.add(CellKey { tally, place: Arc::clone(place), value }, share);
    };
    put(Tally::State, &place, row.state.as_str().into());
    if row.waits() {
        put(Tally::Held, &place, "".into());
    }
    if matches!(row.state, AttemptState::Instructed | AttemptState::Accepted) {
        put(Tally::Open, &place, row.due_on.to_string().into());
    }
    if let (true, Some(settled_on)) = (row.is_live(), row.settled_on) {
        put(Tally::Lag, &place, format!("{}|{settled_on}", row.due_on).into());
    }
    if let Some(recipient) = row.other_recipient() {
        put(Tally::Recipient, &place, recipient.as_str().into());
    }
    if row.attempt != FIRST_ATTEMPT {
        put(Tally::Later, &place, row.state.as_str().into());
        let first = past_place(row, &row.first_provider, &place);
        put(Tally::First, &first, format!("{}|{}", row.state, row.provider.channel).into());
    }
    put(Tally::Attempt, &place, outcome_value(row.outcome.as_ref()));
    for past in row.other_attempts() {
        put(Tally::Attempt, &past_place(row, &past.provider, &place), outcome_value(past.outcome.as_ref()));
    }
}

fn past_place(row: &PaymentRow, provider: &Provider, latest: &Arc<Place>) -> Arc<Place> {
    if *provider == row.provider { Arc::clone(latest) } else { Arc::new(row.place(provider)) }
}

/// The value of an attempt's cell: empty, or kind, class, system and code. The code comes last, since it may hold anything.
fn outcome_value(outcome: Option<&Outcome>) -> Arc<str> {
    outcome.map_or_else(
        || "".into(),
        |o| format!("{}|{}|{}|{}", o.kind.as_str(), o.class.as_str(), o.system.replace('|', "/"), o.code).into(),
    )
}
