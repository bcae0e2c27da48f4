//! Mending clerical fields. Once money moved, the amount is history: then only a recovery or a supplement can change it.

use super::instruct::{check_alive, check_months, check_not_suspended, check_unit};
use crate::domain::decision::Decision;
use crate::domain::money::Money;
use crate::domain::payment::command::{CorrectionFacts, CorrectionRequest};
use crate::domain::payment::decide::PaymentDecision;
use crate::domain::payment::error::PaymentRefusal;
use crate::domain::payment::event::{Correction, PaymentCorrected, PaymentEvent};
use crate::domain::payment::state::{Attempt, Instructed};
use crate::domain::period::Month;

/// A correction whose value stands already is a repeat if a correction set it, else it changes nothing and is refused.
pub(super) fn decide(
    payment: &Instructed,
    request: &CorrectionRequest,
    (ground, known): (&str, &CorrectionFacts),
) -> PaymentDecision {
    match check(payment, request, known) {
        Err(refusal) => Decision::Refused(refusal),
        Ok(correction) if !changes(&correction) => {
            if payment.corrections.iter().any(|earlier| sets_the_same(earlier, &correction)) {
                Decision::NoOp
            } else {
                Decision::Refused(PaymentRefusal::NothingToCorrect)
            }
        }
        Ok(correction) => {
            let ground = ground.to_owned();
            Decision::Events(vec![PaymentEvent::Corrected(PaymentCorrected { correction, ground })])
        }
    }
}

fn check(
    payment: &Instructed,
    request: &CorrectionRequest,
    known: &CorrectionFacts,
) -> Result<Correction, PaymentRefusal> {
    if payment.called_off {
        return Err(PaymentRefusal::AlreadyCancelled);
    }
    match request {
        CorrectionRequest::Amount(new) => amount(payment, *new, known),
        CorrectionRequest::BenefitMonths(new) => {
            check_months(new)?;
            known.limits.check_months(new, payment.cycle)?;
            // Once money is out the months are what they are: those after death are recovered.
            if !payment.attempts.iter().any(Attempt::is_out) {
                check_alive(known.died_on, new)?;
                check_payable(payment, new, known)?;
            }
            Ok(Correction::BenefitMonths { old: payment.benefit_months.clone(), new: new.clone() })
        }
        CorrectionRequest::Unit(unit) => {
            // The unit belongs to the order, hence to the first due day; a later attempt does not move the payment elsewhere.
            check_unit(unit, payment.attempt(Some(1)).unwrap_or(payment.standing()).due_on)?;
            Ok(Correction::Unit {
                old: payment.unit_key.clone(),
                new: unit.key.clone(),
                new_urban: unit.urban,
                new_code_as_received: unit.code_as_received.clone(),
            })
        }
        CorrectionRequest::DueOn(new) => Ok(Correction::DueOn { old: payment.standing().due_on, new: *new }),
        CorrectionRequest::Reference(new) => {
            Ok(Correction::Reference { old: payment.reference.clone(), new: new.clone() })
        }
    }
}

/// A month that the payment has already is its own, also when it is owed as arrears since; one that it takes on is ordered anew.
fn check_payable(payment: &Instructed, new: &[Month], known: &CorrectionFacts) -> Result<(), PaymentRefusal> {
    let (kept, added): (Vec<Month>, Vec<Month>) = new.iter().partition(|month| payment.benefit_months.contains(month));
    let (suspensions, benefit_type) = (&known.suspensions, &payment.benefit_type);
    check_not_suspended(suspensions, benefit_type, (&kept, true))?;
    check_not_suspended(suspensions, benefit_type, (&added, payment.kind.is_beside()))
}

fn amount(payment: &Instructed, new: Money, known: &CorrectionFacts) -> Result<Correction, PaymentRefusal> {
    if payment.was_ever_settled() {
        return Err(PaymentRefusal::AmountAfterSettlement);
    }
    if new.currency != payment.amount.currency {
        return Err(PaymentRefusal::OtherCurrency { expected: payment.amount.currency });
    }
    if new.minor <= 0 {
        return Err(PaymentRefusal::AmountNotPositive);
    }
    if new.minor > known.limits.amount_max_minor {
        return Err(PaymentRefusal::AmountTooLarge);
    }
    Ok(Correction::Amount { old: payment.amount, new })
}

fn changes(correction: &Correction) -> bool {
    match correction {
        Correction::Amount { old, new } => old != new,
        Correction::BenefitMonths { old, new } => old != new,
        Correction::Unit { old, new, .. } => old != new,
        Correction::DueOn { old, new } => old != new,
        Correction::Reference { old, new } => old != new,
    }
}

fn sets_the_same(earlier: &Correction, now: &Correction) -> bool {
    match (earlier, now) {
        (Correction::Amount { new: a, .. }, Correction::Amount { new: b, .. }) => a == b,
        (Correction::BenefitMonths { new: a, .. }, Correction::BenefitMonths { new: b, .. }) => a == b,
        (Correction::Unit { new: a, .. }, Correction::Unit { new: b, .. }) => a == b,
        (Correction::DueOn { new: a, .. }, Correction::DueOn { new: b, .. }) => a == b,
        (Correction::Reference { new: a, .. }, Correction::Reference { new: b, .. }) => a == b,
        (
            Correction::Amount { .. }
            | Correction::BenefitMonths { .. }
            | Correction::Unit { .. }
            | Correction::DueOn { .. }
            | Correction::Reference { .. },
            _,
        ) => false,
    }
}
