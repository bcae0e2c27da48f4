//! The items of a list that go through one bank, as their payments stand or stood, in the blocks that its order has.

use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::app::lists::STREAMS_AT_ONCE;
use crate::domain::ids::{
    BankId, BeneficiaryId, BenefitType, EndToEndId, PaymentId, PaymentReference, UnitKey, VaultRef,
};
use crate::domain::list::event::Tally;
use crate::domain::list::state::{HeldItem, Opened};
use crate::domain::payment::Payment;
use crate::domain::payment::event::Payee;
use crate::domain::payment::state::{AttemptState, Instructed};
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A message's ids have 35 characters, and the last two of a block's are its number.
const BLOCKS_MAX: usize = 99;

/// An item as its bank gets it.
#[derive(Debug, Clone)]
pub struct SentItem {
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub reference: PaymentReference,
    pub beneficiary_id: BeneficiaryId,
    pub unit_key: UnitKey,
    pub benefit_type: BenefitType,
    pub months: Vec<Month>,
    pub end_to_end_id: EndToEndId,
    /// As the list was approved.
    pub amount_minor: i64,
    pub due_on: Date,
    pub account_ref: Option<VaultRef>,
    pub payee: Payee,
    pub bank: Option<BankId>,
    pub state: AttemptState,
    pub held: bool,
}

impl SentItem {
    fn of(payment: &Instructed, item: &HeldItem) -> Option<Self> {
        let attempt = payment.attempt(Some(item.attempt))?;
        Some(Self {
            payment_id: payment.payment_id,
            attempt: item.attempt,
            reference: payment.reference.clone(),
            beneficiary_id: item.beneficiary_id,
            unit_key: payment.unit_key.clone(),
            benefit_type: item.benefit_type.clone(),
            months: payment.benefit_months.clone(),
            end_to_end_id: attempt.end_to_end_id.clone(),
            amount_minor: item.amount_minor,
            due_on: attempt.due_on,
            account_ref: attempt.account_ref,
            payee: attempt.payee,
            bank: item.bank.clone(),
            state: attempt.state,
            held: attempt.held,
        })
    }

    /// Somebody stopped it: it must not be ordered any more. What its bank has answered for was ordered before.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.held || matches!(self.state, AttemptState::Failed | AttemptState::Cancelled)
    }
}

/// The payments of an order that are carried out on one day.
#[derive(Debug, Clone)]
pub struct DayBlock {
    /// From 1, in the order of days.
    pub number: usize,
    pub execute_on: Date,
    pub items: Vec<SentItem>,
}

impl DayBlock {
    /// As `PmtInfId`.
    #[must_use]
    pub fn id(&self, message_id: &str) -> String {
        format!("{message_id}-{}", self.number)
    }

    /// Its items, added up.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.items.iter().for_each(|item| total.add(item.amount_minor));
        total
    }
}

impl App {
    /// The items that go through a bank, by the day on which it is to carry them out: when they are due, and never before the list went
    /// out. As their payments stood at a position, or as they stand.
    pub(in crate::app) async fn blocks_for(
        &self,
        (list, released_at): (&Opened, Timestamp),
        bank: &BankId,
        as_of: Option<u64>,
    ) -> Result<Vec<DayBlock>, AppError> {
        let is_agent = list.agent.as_str() == bank.as_str();
        let items: Vec<(&PaymentId, &HeldItem)> =
            list.items.iter().filter(|(_, item)| is_agent || item.bank.as_ref() == Some(bank)).collect();
        let released_on = self.profile.business_day(released_at.as_microsecond());
        let mut by_day: BTreeMap<Date, Vec<SentItem>> = BTreeMap::new();
        for part in items.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|(id, _)| payment_stream(**id)).collect();
            let payments = self.load_many_as_of::<Payment>(&streams, as_of).await?;
            for ((_, item), stream) in part.iter().zip(&streams) {
                let payment = payments.get(stream).and_then(|payment| payment.instructed.as_ref());
                let sent = payment.and_then(|payment| SentItem::of(payment, item));
                let sent = sent.ok_or_else(|| AppError::Internal(format!("{stream} of a list is not there")))?;
                by_day.entry(sent.due_on.max(released_on)).or_default().push(sent);
            }
        }
        Ok(blocks(by_day))
    }
}

/// What is due on more days than ids can tell apart goes with the day after: late, and never early.
fn blocks(mut by_day: BTreeMap<Date, Vec<SentItem>>) -> Vec<DayBlock> {
    while by_day.len() > BLOCKS_MAX {
        if let Some((_, first)) = by_day.pop_first()
            && let Some(mut next) = by_day.first_entry()
        {
            next.get_mut().extend(first);
        }
    }
    let numbered = |(at, (execute_on, items))| DayBlock { number: at + 1, execute_on, items };
    by_day.into_iter().enumerate().map(numbered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn a_block_is_a_day_and_its_id_fits_a_message() {
        let first = Date::constant(2025, 1, 1);
        let days = (0..120_i32).map(|day| (first.checked_add(day.days()).unwrap(), Vec::new())).collect();
        let made = blocks(days);
        let longest = made.iter().map(|block| block.id(&"0".repeat(32)).len()).max();
        assert_eq!((made.len(), longest), (99, Some(35)));
        assert_eq!(
            made[0].execute_on,
            first.checked_add(21.days()).unwrap(),
            "nothing is carried out before it is due"
        );
        assert_eq!(made[98].execute_on, first.checked_add(119.days()).unwrap());
    }
}
