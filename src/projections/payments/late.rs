//! Late money in a payment's row: which attempts have it out, and when the payment stands on one of them. Mirrors the domain's fold.

use crate::domain::ids::EndToEndId;
use crate::domain::payment::event::{Payee, PaymentEvent};
use crate::domain::payment::state::AttemptState;
use crate::projections::payments::row::{PastAttempt, PaymentRow};
use jiff::civil::Date;

/// Whether the payment has such an attempt.
pub(super) fn knows(row: &PaymentRow, attempt: u32) -> bool {
    let index = usize::try_from(attempt).unwrap_or(usize::MAX);
    attempt > 0 && (attempt <= row.attempt || index <= row.past_attempts.len())
}

/// Notes that so much of an attempt's money went out late on a day, or that it came back.
pub(super) fn note(row: &mut PaymentRow, attempt: u32, late: Option<(Date, i64)>) {
    let own = (attempt == row.attempt).then(|| past(row));
    let place = place(row, attempt);
    if place.is_none() {
        *place = own;
    }
    if let Some(past) = place {
        (past.late_on, past.late_minor) = late.unzip();
    }
}

/// Whether the attempt that the payment stands on came to nothing by this event or before, so that late money pays. A payment that was
/// cancelled is paid only when it was reinstated.
pub(super) fn pays(row: &PaymentRow, event: &PaymentEvent) -> bool {
    match row.state {
        AttemptState::Rejected | AttemptState::Failed | AttemptState::Returned => true,
        AttemptState::Cancelled => match event {
            PaymentEvent::Recalled(_) => true,
            PaymentEvent::SettledLate(e) => e.reinstated,
            PaymentEvent::Instructed(_)
            | PaymentEvent::Accepted(_)
            | PaymentEvent::Settled(_)
            | PaymentEvent::Rejected(_)
            | PaymentEvent::Returned(_)
            | PaymentEvent::Failed(_)
            | PaymentEvent::Held(_)
            | PaymentEvent::Released(_)
            | PaymentEvent::Reissued(_)
            | PaymentEvent::Cancelled(_)
            | PaymentEvent::Corrected(_)
            | PaymentEvent::Contradicted(_)
            | PaymentEvent::ContradictionResolved(_) => false,
        },
        AttemptState::Instructed | AttemptState::Accepted | AttemptState::Settled => false,
    }
}

/// Makes the first attempt with late money of the payment's amount the one that the payment stands on; nothing when none has any.
pub(super) fn stand_on_it(row: &mut PaymentRow) {
    let owed = Some(row.amount.minor);
    let is_late = |past: &Option<PastAttempt>| {
        past.as_ref().is_some_and(|past| past.late_on.is_some() && past.late_minor == owed)
    };
    let Some(index) = row.past_attempts.iter().position(is_late) else { return };
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
    if number != row.attempt {
        leave(row);
    }
    let Some(late) = row.past_attempts[index].take() else { return };
    row.attempt = number;
    row.state = AttemptState::Settled;
    row.held = None;
    row.provider = late.provider;
    row.end_to_end_id = EndToEndId::of(row.payment_id, number);
    row.due_on = late.due_on.unwrap_or(row.due_on);
    row.payee = late.payee.unwrap_or(Payee::Beneficiary);
    row.settled_on = late.late_on;
    row.returned_on = None;
    row.collected_by = None;
    row.outcome = None;
}

/// Puts the attempt that the payment stands on among the others.
pub(super) fn leave(row: &mut PaymentRow) {
    let own = past(row);
    let known = place(row, row.attempt).as_ref();
    let (late_on, late_minor) = known.map_or((None, None), |past| (past.late_on, past.late_minor));
    *place(row, row.attempt) = Some(PastAttempt { late_on, late_minor, ..own });
}

fn past(row: &PaymentRow) -> PastAttempt {
    PastAttempt {
        provider: row.provider.clone(),
        outcome: row.outcome.clone(),
        due_on: Some(row.due_on),
        payee: Some(row.payee).filter(|payee| *payee != Payee::Beneficiary),
        late_on: None,
        late_minor: None,
    }
}

fn place(row: &mut PaymentRow, attempt: u32) -> &mut Option<PastAttempt> {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    if row.past_attempts.len() <= index {
        row.past_attempts.resize(index + 1, None);
    }
    &mut row.past_attempts[index]
}
