//! A report of another amount than was ordered: it is recorded, stops the payment, and waits for a person, who says what was true of it and
//! what becomes of the difference. Until then it counts neither as paid nor as not paid.

use crate::domain::decision::{Decision, QuarantineCause};
use crate::domain::payment::command::{CorrectionRequest, PaymentCommand, SeenReport};
use crate::domain::payment::decide::{PaymentDecision, as_late, settle};
use crate::domain::payment::error::PaymentRefusal;
use crate::domain::payment::event::{
    Correction, PaymentContradicted, PaymentContradictionResolved, PaymentCorrected, PaymentEvent, PaymentSettled,
    Resolution,
};
use crate::domain::payment::state::{Attempt, Instructed, Payment};

/// What a settlement of another amount brings about.
pub(super) fn contradict(payment: &Instructed, event: PaymentSettled) -> PaymentDecision {
    let PaymentSettled { attempt, settled_on, amount, evidence, collected_by } = event;
    let reported = PaymentContradicted { attempt, settled_on, amount, evidence, collected_by };
    if payment.contradiction.is_some() {
        return Decision::Quarantine(QuarantineCause::AmountDiffers);
    }
    if payment.dismissed.iter().any(|earlier| same(earlier, &reported)) {
        return Decision::NoOp;
    }
    Decision::Events(vec![PaymentEvent::Contradicted(reported)])
}

/// The same letter, whatever day it was read as.
fn same(one: &PaymentContradicted, other: &PaymentContradicted) -> bool {
    (one.attempt, &one.evidence, one.amount) == (other.attempt, &other.evidence, other.amount)
}

/// What a contradiction that is open answers to a command; `None` leaves it to the rules.
pub(super) fn guard(payment: &Instructed, attempt: &Attempt, command: &PaymentCommand) -> Option<PaymentDecision> {
    let open = payment.contradiction.as_ref()?;
    let is_own = attempt.number == open.attempt;
    let refused = || Some(Decision::Refused(PaymentRefusal::ContradictionOpen { attempt: open.attempt }));
    match command {
        PaymentCommand::Settle { amount, evidence, .. } if is_own => {
            let repeats = (evidence, *amount) == (&open.evidence, open.amount);
            let second = Decision::Quarantine(QuarantineCause::SecondSettlement);
            Some(if repeats { Decision::NoOp } else { second })
        }
        PaymentCommand::Reject { .. } | PaymentCommand::Return { .. } if is_own => {
            Some(Decision::Quarantine(QuarantineCause::ImpossibleOrder))
        }
        PaymentCommand::Fail { .. } if is_own => refused(),
        PaymentCommand::Release { .. }
        | PaymentCommand::Reissue(_)
        | PaymentCommand::Cancel { .. }
        | PaymentCommand::Correct { correction: CorrectionRequest::Amount(_), .. } => refused(),
        PaymentCommand::Instruct(_)
        | PaymentCommand::Accept { .. }
        | PaymentCommand::Settle { .. }
        | PaymentCommand::Reject { .. }
        | PaymentCommand::Return { .. }
        | PaymentCommand::Fail { .. }
        | PaymentCommand::Hold { .. }
        | PaymentCommand::Correct { .. }
        | PaymentCommand::Resolve { .. } => None,
    }
}

/// A dismissed report changes nothing. One that is true makes its amount the payment's and settles it; the difference is made good by a
/// recovery or a supplement, or is let be. Where another attempt pays what is owed, or another payment its months, the money is recorded
/// as too much, and the amount stays. What a person saw must be what is resolved.
pub(super) fn resolve(
    payment: &Instructed,
    (resolution, reason, seen): (Resolution, &str, Option<&SeenReport>),
    months_free: bool,
) -> PaymentDecision {
    let Some(open) = &payment.contradiction else {
        return Decision::Refused(PaymentRefusal::NothingContradicted);
    };
    let difference_minor = difference_minor(payment, open, (resolution, months_free));
    if seen.is_some_and(|seen| seen.report != *open || seen.difference_minor != difference_minor) {
        return Decision::Refused(PaymentRefusal::ContradictionChanged { attempt: open.attempt });
    }
    let attempt = open.attempt;
    let resolved = PaymentContradictionResolved { attempt, resolution, difference_minor, reason: reason.to_owned() };
    let mut events = vec![PaymentEvent::ContradictionResolved(resolved)];
    if resolution == Resolution::Dismissed {
        return Decision::Events(events);
    }
    if !becomes_paid(payment, open, months_free) {
        events.push(PaymentEvent::SettledLate(as_late(payment, as_settled(open), months_free)));
        return Decision::Events(events);
    }
    let correction = Correction::Amount { old: payment.amount, new: open.amount };
    events.push(PaymentEvent::Corrected(PaymentCorrected { correction, ground: reason.to_owned() }));
    let mut after = Payment { instructed: Some(payment.clone()) };
    for event in &events {
        after.evolve(event);
    }
    let settled = after.instructed.as_ref().and_then(|after| {
        let attempt = after.attempt(Some(open.attempt))?;
        Some(settle(after, attempt, as_settled(open), months_free))
    });
    match settled {
        Some(Decision::Events(more)) => {
            events.extend(more);
            Decision::Events(events)
        }
        Some(other) => other,
        None => Decision::Refused(PaymentRefusal::NothingContradicted),
    }
}

/// What a resolution finds to be paid beyond the order, or missing of it; 0 where all that was reported is too much.
#[must_use]
pub fn difference_minor(
    payment: &Instructed,
    open: &PaymentContradicted,
    (resolution, months_free): (Resolution, bool),
) -> i64 {
    if resolution == Resolution::Dismissed || becomes_paid(payment, open, months_free) {
        open.amount.minor.saturating_sub(payment.amount.minor)
    } else {
        0
    }
}

/// Whether the reported money pays what is owed: nothing else does, the attempt is not beside one whose late money does, and no other
/// payment has taken the months of a cancelled one.
fn becomes_paid(payment: &Instructed, open: &PaymentContradicted, months_free: bool) -> bool {
    let is_open = payment.attempt(Some(open.attempt)).is_some_and(|attempt| !attempt.state.is_final());
    let is_owed = !payment.called_off || months_free;
    is_owed && payment.live_attempt().is_none() && (is_open || payment.paying_late_attempt().is_none())
}

fn as_settled(open: &PaymentContradicted) -> PaymentSettled {
    PaymentSettled {
        attempt: open.attempt,
        settled_on: open.settled_on,
        amount: open.amount,
        evidence: open.evidence.clone(),
        collected_by: open.collected_by,
    }
}
