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

/// All that follows from the records: money that is out twice or of a cancelled payment, and months after the month of death.
#[must_use]
pub fn overpaid(payment: &Instructed, died_on: Option<Date>) -> Vec<Overpayment> {
    let surplus: Vec<u32> = payment.surplus().map(|attempt| attempt.number).collect();
    let too_much = if payment.called_off { Ground::PaidAfterCancellation } else { Ground::PaidTwice };
    let mut found = Vec::new();
    for attempt in payment.attempts.iter().filter(|attempt| attempt.is_out()) {
        let all = || (payment.benefit_months.clone(), payment.amount);
        let (ground, (months, amount)) = if surplus.contains(&attempt.number) {
            (too_much, all())
        } else {
            let months = after_death(payment, died_on);
            let amount = share(payment, months.len());
            (Ground::PaidAfterDeath, (months, amount))
        };
        if amount.minor > 0 {
            found.push(Overpayment { payment: payment.clone(), attempt: attempt.number, ground, months, amount });
        }
    }
    found
}

/// The payment's months after the month of death; the month of death is owed in full.
#[must_use]
pub fn after_death(payment: &Instructed, died_on: Option<Date>) -> Vec<Month> {
    let Some(last) = died_on.map(Month::of) else { return Vec::new() };
    payment.benefit_months.iter().copied().filter(|month| *month > last).collect()
}

/// The amount of so many of the payment's months, rounded down: nobody is asked for more than was paid for them.
fn share(payment: &Instructed, months: usize) -> Money {
    let (part, all) = (months as i128, payment.benefit_months.len().max(1) as i128);
    let minor = i64::try_from(i128::from(payment.amount.minor) * part / all).unwrap_or(payment.amount.minor);
    Money { minor, currency: payment.amount.currency }
}
