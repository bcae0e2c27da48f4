//! What of a payment's money is out beyond what is owed, by its own events and the day of death alone.

use crate::domain::ids::{PaymentId, RecoveryId};
use crate::domain::money::Money;
use crate::domain::payment::state::Instructed;
use crate::domain::period::Month;
use crate::domain::recovery::event::{Ground, OverpaymentFound};
use jiff::civil::Date;
use uuid::Uuid;

/// Namespace of the ids of recoveries: the same overpayment has the same id whoever finds it, so that it is never opened twice.
const NAMESPACE: Uuid = Uuid::from_bytes(*b"chitra-recovery\0");

/// Money of one attempt that is out and not owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overpayment {
    pub payment: Instructed,
    pub attempt: u32,
    pub ground: Ground,
    pub months: Vec<Month>,
    pub amount: Money,
}

/// The id of the recovery of an attempt's money for a ground.
#[must_use]
pub fn recovery_id(payment: PaymentId, attempt: u32, ground: Ground) -> RecoveryId {
    let name = [payment.as_uuid().as_bytes().as_slice(), &attempt.to_be_bytes(), ground.as_str().as_bytes()].concat();
    RecoveryId::from_uuid(Uuid::new_v5(&NAMESPACE, &name))
}

impl Overpayment {
    /// Its recovery's id.
    #[must_use]
    pub fn recovery_id(&self) -> RecoveryId {
        recovery_id(self.payment.payment_id, self.attempt, self.ground)
    }

    /// The event that tells of it.
    #[must_use]
    pub fn event(&self, found_on: Date) -> OverpaymentFound {
        OverpaymentFound {
            recovery_id: self.recovery_id(),
            payment_id: self.payment.payment_id,
            attempt: self.attempt,
            beneficiary_id: self.payment.beneficiary_id,
            benefit_type: self.payment.benefit_type.clone(),
            unit_key: self.payment.unit_key.clone(),
            months: self.months.clone(),
            amount: self.amount,
            ground: self.ground,
            found_on,
        }
    }
}

/// All that follows from the records: money that is out twice or of a cancelled payment, months after the month of death, and what was paid
/// beyond the order.
#[must_use]
pub fn overpaid(payment: &Instructed, died_on: Option<Date>) -> Vec<Overpayment> {
    let surplus: Vec<u32> = payment.surplus().map(|attempt| attempt.number).collect();
    let too_much = if payment.called_off { Ground::PaidAfterCancellation } else { Ground::PaidTwice };
    let mut found = Vec::new();
    for attempt in payment.attempts.iter().filter(|attempt| attempt.is_out()) {
        let parts = if surplus.contains(&attempt.number) {
            vec![(too_much, payment.benefit_months.clone(), payment.amount_of(Some(attempt.number)).minor)]
        } else {
            let dead = after_death(payment, died_on);
            let over = over(payment);
            // Of what was paid beyond the order, the part for months after death is asked for with them.
            let alive = over - share(payment, over, dead.len());
            let minor = share(payment, payment.amount.minor, dead.len());
            let months = payment.benefit_months.iter().copied().filter(|month| !dead.contains(month)).collect();
            vec![(Ground::PaidAfterDeath, dead, minor), (Ground::PaidTooMuch, months, alive)]
        };
        for (ground, months, minor) in parts.into_iter().filter(|(_, months, minor)| *minor > 0 && !months.is_empty()) {
            let amount = Money { minor, currency: payment.amount.currency };
            found.push(Overpayment { payment: payment.clone(), attempt: attempt.number, ground, months, amount });
        }
    }
    found
}

/// What the payment's amount is beyond the order: also a later attempt pays that much.
fn over(payment: &Instructed) -> i64 {
    payment.made_good_minor.max(0)
}

/// The payment's months after the month of death; the month of death is owed in full.
#[must_use]
pub fn after_death(payment: &Instructed, died_on: Option<Date>) -> Vec<Month> {
    let Some(last) = died_on.map(Month::of) else { return Vec::new() };
    payment.benefit_months.iter().copied().filter(|month| *month > last).collect()
}

/// The part of an amount for so many of the payment's months, rounded down: nobody is asked for more than was paid for them.
fn share(payment: &Instructed, minor: i64, months: usize) -> i64 {
    let (part, all) = (months as i128, payment.benefit_months.len().max(1) as i128);
    i64::try_from(i128::from(minor) * part / all).unwrap_or(minor)
}
