//! A payment and its recoveries brought into agreement. Each step is decided on the state of then and is nothing when it was done before,
//! so that it may break off anywhere and begin again, here and in another process at once.

use super::act::{CONTENTION_RETRIES_MAX, Cause};
use crate::app::App;
use crate::app::aggregate::{beneficiary_stream, payment_stream, recovery_stream};
use crate::app::error::AppError;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::ids::{BeneficiaryId, PaymentId};
use crate::domain::payment::Payment;
use crate::domain::payment::state::Instructed;
use crate::domain::recovery::agreement::{give_back, hold_after_death, is_over};
use crate::domain::recovery::overpaid::{overpaid, recovery_id};
use crate::domain::recovery::{FoundRecovery, Ground, Recovery, RecoveryCommand};
use jiff::civil::Date;
use std::collections::HashSet;

/// Payments that are looked at together.
const LOOKED_AT_TOGETHER: usize = 256;

/// What a payment's agreement was found on.
struct Standing {
    payment: Instructed,
    revision: u64,
    died_on: Option<Date>,
}

/// Where recoveries of a payment would be. Nothing was ever overpaid by an attempt whose money never went out.
fn recovery_streams(payment: &Instructed) -> impl Iterator<Item = String> {
    let went_out =
        payment.attempts.iter().filter(|attempt| attempt.settlement.is_some() || attempt.returned_on.is_some());
    went_out.flat_map(|attempt| {
        Ground::ALL.map(|ground| recovery_stream(recovery_id(payment.payment_id, attempt.number, ground)))
    })
}

impl App {
    /// Holds what must not be paid to somebody who died, takes back what was recovered, and finds or ends recoveries. Answers how much was
    /// written.
    pub async fn reconcile(&self, id: PaymentId, cause: Cause) -> Result<u64, AppError> {
        let mut written = 0;
        for _ in 0..CONTENTION_RETRIES_MAX {
            let Some(before) = self.ground_of(id).await? else { return Ok(written) };
            written += self.reconcile_payment(&before, cause).await?;
            let Some(now) = self.ground_of(id).await? else { return Ok(written) };
            written += self.reconcile_recoveries(&now, cause).await?;
            // Who decided on an older state must not have the last word.
            let after = self.ground_of(id).await?;
            if after.is_some_and(|after| after.revision == now.revision && after.died_on == now.died_on) {
                return Ok(written);
            }
        }
        Err(AppError::Contended)
    }

    /// Of these payments, those of which something may have to be written: looked at together, since nearly all are as they should be. What
    /// changes while they are looked at has an event of its own that asks again.
    pub async fn to_be_reconciled(&self, ids: &[PaymentId]) -> Result<HashSet<PaymentId>, AppError> {
        let mut needed = HashSet::new();
        for some in ids.chunks(LOOKED_AT_TOGETHER) {
            let streams: Vec<String> = some.iter().map(|id| payment_stream(*id)).collect();
            let payments: Vec<Instructed> =
                self.load_many::<Payment>(&streams).await?.into_values().filter_map(|state| state.instructed).collect();
            let people: Vec<String> =
                payments.iter().map(|payment| beneficiary_stream(payment.beneficiary_id)).collect();
            let people = self.load_many::<Beneficiary>(&people).await?;
            let found: Vec<String> = payments.iter().flat_map(recovery_streams).collect();
            let found = self.load_many::<Recovery>(&found).await?;
            for payment in payments {
                let person = people.get(&beneficiary_stream(payment.beneficiary_id));
                let died_on = person.and_then(|person| person.registered.as_ref()).and_then(|person| person.died_on);
                if hold_after_death(&payment, died_on).is_some()
                    || !overpaid(&payment, died_on).is_empty()
                    || recovery_streams(&payment).any(|stream| found.contains_key(&stream))
                {
                    needed.insert(payment.payment_id);
                }
            }
        }
        Ok(needed)
    }

    async fn ground_of(&self, id: PaymentId) -> Result<Option<Standing>, AppError> {
        let Some((state, last)) = self.load::<Payment>(&payment_stream(id)).await? else { return Ok(None) };
        let Some(payment) = state.instructed else { return Ok(None) };
        let died_on = self.death_of(payment.beneficiary_id).await?;
        Ok(Some(Standing { payment, revision: last.revision, died_on }))
    }

    /// When a person died, if that is recorded.
    pub(crate) async fn death_of(&self, id: BeneficiaryId) -> Result<Option<Date>, AppError> {
        let person = self.load::<Beneficiary>(&beneficiary_stream(id)).await?;
        Ok(person.and_then(|(state, _)| state.registered).and_then(|person| person.died_on))
    }

    async fn reconcile_payment(&self, ground: &Standing, cause: Cause) -> Result<u64, AppError> {
        let stream = payment_stream(ground.payment.payment_id);
        let died_on = ground.died_on;
        let held = self
            .follow::<Payment>(&stream, cause, |state| hold_after_death(state.instructed.as_ref()?, died_on))
            .await?;
        let mut written = u64::from(held);
        for found in self.recoveries_of(&ground.payment).await? {
            let back =
                self.follow::<Payment>(&stream, cause, |state| give_back(state.instructed.as_ref()?, &found)).await?;
            written += u64::from(back);
        }
        Ok(written)
    }

    async fn reconcile_recoveries(&self, ground: &Standing, cause: Cause) -> Result<u64, AppError> {
        let today = self.profile.business_day(self.clock.now_us());
        let due = overpaid(&ground.payment, ground.died_on);
        let mut written = 0;
        for overpayment in &due {
            let stream = recovery_stream(overpayment.recovery_id());
            let find = RecoveryCommand::Find { overpayment: Box::new(overpayment.clone()), found_on: today };
            written += u64::from(self.follow::<Recovery>(&stream, cause, |_| Some(find.clone())).await?);
        }
        for found in self.recoveries_of(&ground.payment).await? {
            if due.iter().any(|overpayment| overpayment.recovery_id() == found.recovery_id)
                || !is_over(&ground.payment, &found)
            {
                continue;
            }
            let stream = recovery_stream(found.recovery_id);
            let lapse = RecoveryCommand::Lapse { lapsed_on: today };
            written += u64::from(self.follow::<Recovery>(&stream, cause, |_| Some(lapse.clone())).await?);
        }
        Ok(written)
    }

    /// All recoveries that there are of a payment: their ids are known from its attempts.
    pub(crate) async fn recoveries_of(&self, payment: &Instructed) -> Result<Vec<FoundRecovery>, AppError> {
        let mut found = Vec::new();
        for stream in recovery_streams(payment) {
            found.extend(self.load::<Recovery>(&stream).await?.and_then(|(state, _)| state.found));
        }
        Ok(found)
    }
}
