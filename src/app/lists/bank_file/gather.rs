//! The items of a list that go through one bank, as their payments stand, in the blocks that its order has. The order's id is the list's, so
//! that whatever a bank says of a whole file finds the payments in it.

use crate::app::App;
use crate::app::aggregate::{list_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::lists::STREAMS_AT_ONCE;
use crate::domain::ids::{
    BankId, BeneficiaryId, BenefitType, EndToEndId, ListId, PaymentId, PaymentReference, VaultRef,
};
use crate::domain::list::event::Tally;
use crate::domain::list::state::{HeldItem, Opened};
use crate::domain::payment::Payment;
use crate::domain::payment::event::Payee;
use crate::domain::payment::state::{AttemptState, Instructed};
use crate::domain::period::Month;
use crate::store::Direction;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A message's ids have 35 characters: the list's 32, a hyphen and these.
const BLOCKS_MAX: usize = 99;
/// Events read at once, from a list's last one back.
const PAGE: u32 = 100;

/// An item as its bank gets it.
#[derive(Debug, Clone)]
pub struct SentItem {
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub reference: PaymentReference,
    pub beneficiary_id: BeneficiaryId,
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
    /// As `PmtInfId`.
    pub id: String,
    pub execute_on: Date,
    pub items: Vec<SentItem>,
}

impl DayBlock {
    /// Its items, added up.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.items.iter().for_each(|item| total.add(item.amount_minor));
        total
    }
}

/// The `MsgId` of a list's order: the list's id in 32 hex digits. Which bank it is to, the sender of the answer tells.
#[must_use]
pub fn message_id(list: ListId) -> String {
    list.as_uuid().simple().to_string()
}

/// The list that an order's `MsgId`, or a block's `PmtInfId`, was made from.
#[must_use]
pub fn list_of(id: &str) -> Option<ListId> {
    let digits = id.split_once('-').map_or(id, |(digits, _)| digits);
    if digits.len() != 32 {
        return None;
    }
    Uuid::try_parse(digits).ok().map(ListId::from_uuid)
}

impl App {
    /// The items that go through a bank, by the day on which it is to carry them out: when they are due, and never before the list went out.
    pub(in crate::app) async fn blocks_for(&self, list: &Opened, bank: &BankId) -> Result<Vec<DayBlock>, AppError> {
        let is_agent = list.agent.as_str() == bank.as_str();
        let items: Vec<(&PaymentId, &HeldItem)> =
            list.items.iter().filter(|(_, item)| is_agent || item.bank.as_ref() == Some(bank)).collect();
        let released_on = self.profile.business_day(self.released_at(list.list_id).await?.as_microsecond());
        let mut by_day: BTreeMap<Date, Vec<SentItem>> = BTreeMap::new();
        for part in items.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|(id, _)| payment_stream(**id)).collect();
            let payments = self.load_many::<Payment>(&streams).await?;
            for ((_, item), stream) in part.iter().zip(&streams) {
                let payment = payments.get(stream).and_then(|payment| payment.instructed.as_ref());
                let sent = payment.and_then(|payment| SentItem::of(payment, item));
                let sent = sent.ok_or_else(|| AppError::Internal(format!("{stream} of a list is not there")))?;
                by_day.entry(sent.due_on.max(released_on)).or_default().push(sent);
            }
        }
        Ok(blocks(list.list_id, by_day))
    }

    /// When a list went out.
    pub(super) async fn released_at(&self, id: ListId) -> Result<Timestamp, AppError> {
        let stream = list_stream(id);
        let mut from = None;
        loop {
            let page = self.store.read_stream(&stream, from, Direction::Backwards, PAGE).await?;
            if let Some(submitted) = page.iter().find(|event| event.event_type == "ListSubmitted") {
                let at = Timestamp::from_microsecond(submitted.recorded_at_us);
                return at.map_err(|_| AppError::Internal(format!("{stream} has an instant that is none")));
            }
            from = page.last().and_then(|event| event.revision.checked_sub(1));
            if from.is_none() {
                return Err(AppError::Internal(format!("{stream} went out and does not say when")));
            }
        }
    }
}

/// What is due on more days than ids can tell apart goes with the day after: late, and never early.
fn blocks(list: ListId, mut by_day: BTreeMap<Date, Vec<SentItem>>) -> Vec<DayBlock> {
    while by_day.len() > BLOCKS_MAX {
        if let Some((_, first)) = by_day.pop_first()
            && let Some(mut next) = by_day.first_entry()
        {
            next.get_mut().extend(first);
        }
    }
    let named =
        |(at, (execute_on, items))| DayBlock { id: format!("{}-{}", message_id(list), at + 1), execute_on, items };
    by_day.into_iter().enumerate().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn list() -> ListId {
        ListId::from_uuid(Uuid::from_u128(0x0195_a3c0_1c00_7000_8000_0000_0000_0001))
    }

    #[test]
    fn the_ids_of_an_order_and_of_its_blocks_lead_back_to_the_list() {
        let id = message_id(list());
        assert_eq!(id, "0195a3c01c0070008000000000000001");
        assert_eq!(list_of(&id), Some(list()));
        assert_eq!(list_of(&format!("{}-99", id.to_uppercase())), Some(list()));
        for other in ["", "QN-2025-09-1", "0195a3c0-1c00-7000-8000-000000000001", "0195a3c01c007000800000000000000g"] {
            assert_eq!(list_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_block_is_a_day_and_its_id_fits_a_message() {
        let first = Date::constant(2025, 1, 1);
        let days = (0..120_i32).map(|day| (first.checked_add(day.days()).unwrap(), Vec::new())).collect();
        let made = blocks(list(), days);
        assert_eq!((made.len(), made.iter().map(|block| block.id.len()).max()), (99, Some(35)));
        assert_eq!(
            made[0].execute_on,
            first.checked_add(21.days()).unwrap(),
            "nothing is carried out before it is due"
        );
        assert_eq!(made[98].execute_on, first.checked_add(119.days()).unwrap());
    }
}
