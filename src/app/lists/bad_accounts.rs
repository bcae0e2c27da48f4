//! Accounts known to be bad: the last money that went to one was rejected or returned for a reason that lies in the account, in the cycle
//! before or, while nothing went there since, longer ago.

use super::STREAMS_AT_ONCE;
use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::app::queries::{Page, PaymentFilter, PaymentRow};
use crate::domain::ids::{BeneficiaryId, VaultRef};
use crate::domain::list::state::Opened;
use crate::domain::payment::Payment;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use crate::projections::Projection;
use std::collections::{HashMap, HashSet};

/// So many cycles back money that came to nothing is looked for.
const LOOK_BACK_CYCLES: i32 = 12;
/// Payments of one page.
const PAGE_PAYMENTS: u32 = 1_000;

/// Which of two moneys to one account came later: the cycle, then the day it was due, then the number of the attempt.
type When = (Month, jiff::civil::Date, u32);

impl App {
    /// The accounts of the list's people that are known to be bad.
    pub(super) async fn known_bad_accounts(&self, list: &Opened) -> Result<HashSet<VaultRef>, AppError> {
        let head = self.store.head().await?.position;
        self.follow_up_to(Projection::Payments, head).await?;
        let people: HashSet<BeneficiaryId> = list.items.values().map(|item| item.beneficiary_id).collect();
        let mut suspects: HashSet<BeneficiaryId> = HashSet::new();
        for back in 1..=LOOK_BACK_CYCLES {
            let filter =
                PaymentFilter { cycle: Some(list.cycle.plus(-back)), troubled: true, ..PaymentFilter::default() };
            let blamed = |row: &PaymentRow| {
                people.contains(&row.beneficiary_id) && (1..=row.attempt).any(|at| blames_account(row, at))
            };
            suspects.extend(self.wanted_payments(&filter, blamed).await?.into_iter().map(|row| row.beneficiary_id));
        }
        let mut last: HashMap<VaultRef, (When, bool)> = HashMap::new();
        for person in suspects {
            let filter = PaymentFilter { beneficiary: Some(person), ..PaymentFilter::default() };
            let mut rows = self.all_payments(&filter).await?;
            rows.retain(|row| row.cycle < list.cycle);
            self.last_moneys(&rows, &mut last).await?;
        }
        Ok(last.into_iter().filter_map(|(account, (_, bad))| bad.then_some(account)).collect())
    }

    /// Those of the payments that a filter finds which are wanted, page by page: all others are dropped on the way.
    async fn wanted_payments(
        &self,
        filter: &PaymentFilter,
        keep: impl Fn(&PaymentRow) -> bool + Send,
    ) -> Result<Vec<PaymentRow>, AppError> {
        let (mut after, mut kept) = (0, Vec::new());
        loop {
            let page = self.views.list_payments(filter, Page { after, limit: PAGE_PAYMENTS }).await?.answer;
            let full = page.len() == PAGE_PAYMENTS as usize;
            after = page.last().map_or(after, |row| row.instructed_position);
            kept.extend(page.into_iter().filter(|row| keep(row)));
            if !full {
                return Ok(kept);
            }
        }
    }

    /// For each account that some of these payments went to: whether the last of them came to nothing through it. What has no outcome
    /// yet says nothing.
    async fn last_moneys(
        &self,
        rows: &[PaymentRow],
        last: &mut HashMap<VaultRef, (When, bool)>,
    ) -> Result<(), AppError> {
        for part in rows.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|row| payment_stream(row.payment_id)).collect();
            let payments = self.load_many::<Payment>(&streams).await?;
            for (row, stream) in part.iter().zip(&streams) {
                let payment = payments.get(stream).and_then(|payment| payment.instructed.as_ref());
                for attempt in payment.iter().flat_map(|payment| &payment.attempts) {
                    let Some(account) = attempt.account_ref.filter(|_| attempt.state.is_final()) else { continue };
                    let found = ((row.cycle, attempt.due_on, attempt.number), blames_account(row, attempt.number));
                    let known = last.entry(account).or_insert(found);
                    if found.0 >= known.0 {
                        *known = found;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether an attempt came to nothing for a reason that lies in the account.
fn blames_account(row: &PaymentRow, attempt: u32) -> bool {
    let outcome = if attempt == row.attempt {
        row.outcome.as_ref()
    } else {
        let at = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        row.past_attempts.get(at).and_then(|past| past.as_ref()?.outcome.as_ref())
    };
    outcome.is_some_and(|outcome| matches!(outcome.class, ReasonClass::AccountData | ReasonClass::AccountState))
}
