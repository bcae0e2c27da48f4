//! Claims: opaque keys that only one stream may hold, for rules that cross streams. Derived from events by pure functions.

use crate::domain::ids::{BeneficiaryId, BenefitType, PaymentReference};
use crate::domain::payment::event::{Correction, PaymentEvent};
use crate::domain::payment::state::{Instructed, Payment};
use crate::domain::period::Month;

/// One beneficiary, benefit type and benefit month: at most one live payment (supplements excepted).
pub const BENEFIT_MONTH: &str = "benefit-month";
/// One agency reference: at most one payment.
pub const PAYMENT_REFERENCE: &str = "payment-reference";
/// One identifier of a person (scheme in the key's first part, then the keyed hash): at most one beneficiary.
/// Derived from the vault, since the log holds no identifier.
pub const IDENTIFIER: &str = "identifier";

/// Taking or releasing one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimChange {
    /// What the key is about; one of this module's constants.
    pub kind: &'static str,
    /// The opaque key.
    pub key: Vec<u8>,
    /// True to take it for the stream, false to release it.
    pub take: bool,
}

impl ClaimChange {
    const fn new(kind: &'static str, key: Vec<u8>, take: bool) -> Self {
        Self { kind, key, take }
    }
}

/// The key of a benefit month. It begins with the month, so that a cycle's claims lie together in the index.
#[must_use]
pub fn benefit_month_key(month: Month, benefit_type: &BenefitType, beneficiary: BeneficiaryId) -> Vec<u8> {
    let mut key = Vec::with_capacity(20 + benefit_type.as_str().len());
    key.extend_from_slice(&month.ordinal().to_be_bytes());
    key.extend_from_slice(beneficiary.as_uuid().as_bytes());
    key.extend_from_slice(benefit_type.as_str().as_bytes());
    key
}

/// The key of an agency's payment reference.
#[must_use]
pub fn reference_key(reference: &PaymentReference) -> Vec<u8> {
    reference.as_str().as_bytes().to_vec()
}

/// What one event of a payment changes in the claims. `before` is the state that the event is applied to.
#[must_use]
pub fn of_payment_event(before: &Payment, event: &PaymentEvent) -> Vec<ClaimChange> {
    match event {
        PaymentEvent::Instructed(e) => {
            let mut changes = vec![ClaimChange::new(PAYMENT_REFERENCE, reference_key(&e.reference), true)];
            if !e.supplement {
                changes.extend(months(&e.benefit_months, &e.benefit_type, e.beneficiary_id, true));
            }
            changes
        }
        PaymentEvent::Cancelled(_) => before.instructed.as_ref().map_or_else(Vec::new, live_months_released),
        PaymentEvent::Corrected(e) => match (&e.correction, &before.instructed) {
            (Correction::BenefitMonths { old, new }, Some(payment)) if !payment.supplement => {
                let gone: Vec<Month> = old.iter().copied().filter(|m| !new.contains(m)).collect();
                let come: Vec<Month> = new.iter().copied().filter(|m| !old.contains(m)).collect();
                let mut changes = months(&gone, &payment.benefit_type, payment.beneficiary_id, false);
                changes.extend(months(&come, &payment.benefit_type, payment.beneficiary_id, true));
                changes
            }
            (Correction::Reference { old, new }, Some(_)) => vec![
                ClaimChange::new(PAYMENT_REFERENCE, reference_key(old), false),
                ClaimChange::new(PAYMENT_REFERENCE, reference_key(new), true),
            ],
            (
                Correction::Amount { .. }
                | Correction::BenefitMonths { .. }
                | Correction::Unit { .. }
                | Correction::DueOn { .. }
                | Correction::Reference { .. },
                _,
            ) => Vec::new(),
        },
        PaymentEvent::Accepted(_)
        | PaymentEvent::Settled(_)
        | PaymentEvent::Rejected(_)
        | PaymentEvent::Returned(_)
        | PaymentEvent::Failed(_)
        | PaymentEvent::Held(_)
        | PaymentEvent::Released(_)
        | PaymentEvent::Reissued(_) => Vec::new(),
    }
}

fn live_months_released(payment: &Instructed) -> Vec<ClaimChange> {
    if payment.supplement {
        return Vec::new();
    }
    months(&payment.benefit_months, &payment.benefit_type, payment.beneficiary_id, false)
}

fn months(list: &[Month], benefit_type: &BenefitType, beneficiary: BeneficiaryId, take: bool) -> Vec<ClaimChange> {
    list.iter()
        .map(|month| ClaimChange::new(BENEFIT_MONTH, benefit_month_key(*month, benefit_type, beneficiary), take))
        .collect()
}
