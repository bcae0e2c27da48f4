//! The orders of a list that were handed out: the id of each, by which a bank answers for the file as a whole, and which payments it has.

use crate::app::App;
use crate::app::aggregate::{decode_own, list_stream};
use crate::app::error::AppError;
use crate::domain::ids::{BankId, EndToEndId, ListId};
use crate::domain::list::event::ListShown;
use crate::domain::list::{ListEvent, PaymentList};
use crate::store::Direction;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Events read at once, from a list's last one back.
const PAGE: u32 = 100;
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Of a list's id: 36 to the 25th is more than 2 to the 128th.
const LIST_DIGITS: usize = 25;
/// Of bank and payments. With a hyphen and a block's number, 34 of the 35 characters that a message's ids may have; ids of before have 32.
const TAG_DIGITS: usize = 6;

/// What an order's head says of it.
pub(super) struct OrderId {
    pub message_id: String,
    pub created: Timestamp,
}

/// An order that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTaken {
    pub bank: BankId,
    pub item_count: u64,
    /// `None` before orders had ids of their own: it was the list's.
    own_id: Option<String>,
    /// It has the payments as they stood then; `None` before that was kept.
    pub as_of: Option<u64>,
}

impl OrderTaken {
    fn of(shown: ListShown) -> Option<Self> {
        let bank = shown.bank.filter(|_| shown.form == "order")?;
        Some(Self { bank, item_count: shown.item_count, own_id: shown.message_id, as_of: shown.as_of })
    }

    /// Its `MsgId`.
    #[must_use]
    pub fn message_id(&self, list: ListId) -> String {
        self.own_id.clone().unwrap_or_else(|| id_of_before(list))
    }
}

/// The orders of a list that were handed out, the latest first.
#[derive(Debug, Clone, Default)]
pub struct OrdersTaken(Vec<OrderTaken>);

impl OrdersTaken {
    /// The latest to a bank.
    #[must_use]
    pub fn last_to(&self, bank: &BankId) -> Option<&OrderTaken> {
        self.0.iter().find(|order| order.bank == *bank)
    }

    /// The latest to a bank under an id.
    #[must_use]
    pub fn named(&self, (list, bank): (ListId, &BankId), message_id: &str) -> Option<&OrderTaken> {
        let own = |order: &&OrderTaken| order.bank == *bank;
        self.0.iter().filter(own).find(|order| order.message_id(list).eq_ignore_ascii_case(message_id))
    }

    /// The latest to a bank, if its id is another one.
    pub(super) fn other_than(&self, (list, bank): (ListId, &BankId), message_id: &str) -> Option<&OrderTaken> {
        self.last_to(bank).filter(|order| order.message_id(list) != message_id)
    }

    /// The `MsgId` of an order: its own for each list, bank and set of payments. A file that was handed out under the list's id keeps it.
    pub(super) fn message_id<'a>(
        &self,
        (list, bank): (ListId, &BankId),
        sent: impl Iterator<Item = &'a EndToEndId>,
    ) -> String {
        let mut sent: Vec<&str> = sent.map(EndToEndId::as_str).collect();
        sent.sort_unstable();
        let count = sent.len() as u64;
        let same = |order: &OrderTaken| order.bank == *bank && order.own_id.is_none() && order.item_count == count;
        if self.0.iter().any(same) { id_of_before(list) } else { own_id((list, bank), &sent) }
    }
}

fn id_of_before(list: ListId) -> String {
    list.as_uuid().simple().to_string()
}

fn in_digits(mut number: u128, length: usize) -> String {
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 36).unwrap_or_default()];
        number /= 36;
    }
    digits.into_iter().map(char::from).collect()
}

/// The list's id, then what tells apart banks and payments.
fn own_id((list, bank): (ListId, &BankId), sent: &[&str]) -> String {
    let mut digest = Sha256::new();
    digest.update(bank.as_str());
    for id in sent {
        digest.update([0]);
        digest.update(id);
    }
    let mut head = [0; 16];
    head.copy_from_slice(&digest.finalize()[..16]);
    in_digits(list.as_uuid().as_u128(), LIST_DIGITS) + &in_digits(u128::from_be_bytes(head), TAG_DIGITS)
}

/// The list that an order's `MsgId`, or a block's `PmtInfId`, was made from; with the `MsgId`, and the block's number if it names one.
#[must_use]
pub fn list_of(id: &str) -> Option<(ListId, &str, Option<usize>)> {
    let (message_id, block) = id.split_once('-').map_or((id, None), |(message_id, block)| (message_id, Some(block)));
    let block = match block {
        None => None,
        Some(number) => Some(number.parse().ok().filter(|number| (1..=99).contains(number))?),
    };
    let list = if message_id.len() == 32 {
        Uuid::try_parse(message_id).ok()?
    } else if message_id.len() == LIST_DIGITS + TAG_DIGITS && message_id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let digits = message_id[..LIST_DIGITS].chars().map(|c| c.to_digit(36).map(u128::from));
        let number = digits.into_iter().try_fold(0_u128, |sum, digit| sum.checked_mul(36)?.checked_add(digit?))?;
        Uuid::from_u128(number)
    } else {
        return None;
    };
    Some((ListId::from_uuid(list), message_id, block))
}

impl App {
    /// When a list went out, and the orders of it that were handed out since.
    pub(in crate::app) async fn orders_taken(&self, id: ListId) -> Result<(Timestamp, OrdersTaken), AppError> {
        let stream = list_stream(id);
        let (mut from, mut taken) = (None, Vec::new());
        loop {
            let page = self.store.read_stream(&stream, from, Direction::Backwards, PAGE).await?;
            for event in &page {
                match decode_own::<PaymentList>(event)? {
                    ListEvent::Shown(shown) => taken.extend(OrderTaken::of(shown)),
                    ListEvent::Submitted(_) => {
                        let at = Timestamp::from_microsecond(event.recorded_at_us);
                        let at = at.map_err(|_| AppError::Internal(format!("{stream} has an instant that is none")))?;
                        return Ok((at, OrdersTaken(taken)));
                    }
                    ListEvent::Opened(_)
                    | ListEvent::ItemsAdded(_)
                    | ListEvent::ItemsRemoved(_)
                    | ListEvent::Prepared(_)
                    | ListEvent::Checked(_)
                    | ListEvent::Approved(_)
                    | ListEvent::Acknowledged(_)
                    | ListEvent::Reconciled(_)
                    | ListEvent::Closed(_)
                    | ListEvent::Withdrawn(_) => {}
                }
            }
            from = page.last().and_then(|event| event.revision.checked_sub(1));
            if from.is_none() {
                return Err(AppError::Internal(format!("{stream} went out and does not say when")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> ListId {
        ListId::from_uuid(Uuid::from_u128(0x0195_a3c0_1c00_7000_8000_0000_0000_0001))
    }

    fn bank(id: &str) -> BankId {
        BankId::parse(id).unwrap()
    }

    fn ids(count: u128) -> Vec<EndToEndId> {
        (1..=count).map(|id| EndToEndId::parse(&format!("{id:032x}")).unwrap()).collect()
    }

    fn taken(orders: &[(&str, u64, Option<&str>)]) -> OrdersTaken {
        let order = |(id, item_count, own_id): &(&str, u64, Option<&str>)| OrderTaken {
            bank: bank(id),
            item_count: *item_count,
            own_id: own_id.map(str::to_owned),
            as_of: None,
        };
        OrdersTaken(orders.iter().map(order).collect())
    }

    #[test]
    fn each_bank_and_each_set_of_payments_has_an_id_of_its_own_that_leads_back_to_the_list() {
        let none = taken(&[]);
        let id = none.message_id((list(), &bank("vcb")), ids(3).iter());
        assert_eq!(id.len(), 31);
        assert_eq!(id, none.message_id((list(), &bank("vcb")), ids(3).iter().rev()), "in whatever order they come");
        for other in [
            none.message_id((list(), &bank("bidv")), ids(3).iter()),
            none.message_id((list(), &bank("vcb")), ids(2).iter()),
        ] {
            assert!(other != id && other[..LIST_DIGITS] == id[..LIST_DIGITS], "{other} {id}");
        }
        assert_eq!(list_of(&id), Some((list(), id.as_str(), None)));
        assert_eq!(list_of(&format!("{id}-99")), Some((list(), id.as_str(), Some(99))));
        assert_eq!(list_of(&id.to_lowercase()).map(|found| found.0), Some(list()));
        let last = ListId::from_uuid(Uuid::from_u128(u128::MAX));
        assert_eq!(list_of(&own_id((last, &bank("vcb")), &[])).map(|found| found.0), Some(last));
    }

    #[test]
    fn an_id_of_before_leads_back_to_its_list_and_others_to_none() {
        let before = "0195a3c01c0070008000000000000001";
        assert_eq!(list_of(before), Some((list(), before, None)));
        assert_eq!(list_of(&format!("{}-1", before.to_uppercase())).map(|found| found.2), Some(Some(1)));
        for other in [
            "",
            "QN-2025-09-1",
            "0195a3c0-1c00-7000-8000-000000000001",
            "0195a3c01c007000800000000000000g",
            "0195a3c01c0070008000000000000001-0",
            "0195a3c01c0070008000000000000001-x",
            "ZZZZZZZZZZZZZZZZZZZZZZZZZABCDEF",
            "0195a3c01c00700080000000000001ă",
        ] {
            assert_eq!(list_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_file_of_before_keeps_the_id_under_which_it_went_out() {
        let before = taken(&[("vcb", 3, None)]);
        let (vcb, kept) = (bank("vcb"), id_of_before(list()));
        assert_eq!(before.message_id((list(), &vcb), ids(3).iter()), kept);
        assert_eq!(before.other_than((list(), &vcb), &kept), None);
        assert_eq!(before.named((list(), &vcb), &kept).map(|order| order.item_count), Some(3));
        let other = before.message_id((list(), &vcb), ids(2).iter());
        assert_ne!(other, kept);
        assert_eq!(before.other_than((list(), &vcb), &other).map(|order| order.message_id(list())), Some(kept));
        assert_eq!(before.other_than((list(), &bank("bidv")), &other), None);
        assert_eq!(before.named((list(), &bank("bidv")), &id_of_before(list())), None, "another bank's");
    }
}
