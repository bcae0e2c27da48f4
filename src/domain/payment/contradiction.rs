//! A report of another amount than was ordered: it is recorded, stops the payment, and waits for a person, who says what was true of it and
//! what becomes of the difference. Until then it counts neither as paid nor as not paid.

use crate::domain::decision::{Decision, QuarantineCause};
use crate::domain::payment::command::{CorrectionRequest, PaymentCommand};
use crate::domain::payment::decide::{PaymentDecision, settle};
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
/// recovery or a supplement, or is let be.
pub(super) fn resolve(
    payment: &Instructed,
    (resolution, reason): (Resolution, &str),
    months_free: bool,
) -> PaymentDecision {
    let Some(open) = &payment.contradiction else {
        return Decision::Refused(PaymentRefusal::NothingContradicted);
    };
    let resolved = PaymentEvent::ContradictionResolved(PaymentContradictionResolved {
        attempt: open.attempt,
        resolution,
        difference_minor: open.amount.minor.saturating_sub(payment.amount.minor),
        reason: reason.to_owned(),
    });
    if resolution == Resolution::Dismissed {
        return Decision::Events(vec![resolved]);
    }
    if payment.was_ever_settled() {
        return Decision::Refused(PaymentRefusal::AmountAfterSettlement);
    }
    let correction = Correction::Amount { old: payment.amount, new: open.amount };
    let mut events =
        vec![resolved, PaymentEvent::Corrected(PaymentCorrected { correction, ground: reason.to_owned() })];
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

fn as_settled(open: &PaymentContradicted) -> PaymentSettled {
    PaymentSettled {
        attempt: open.attempt,
        settled_on: open.settled_on,
        amount: open.amount,
        evidence: open.evidence.clone(),
        collected_by: open.collected_by,
    }
}
