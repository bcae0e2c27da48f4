//! Which of the agency's accounts at a bank a payment was ordered from: a statement of one account can only leave out what was paid from it.

use super::subject_of;
use crate::app::App;
use crate::app::aggregate::{bank_stream, decode_own, list_of_stream};
use crate::app::error::AppError;
use crate::domain::bank::{Bank, BankEvent};
use crate::domain::claims::{LIST_ITEM, list_item_key};
use crate::domain::ids::{BankId, ListId, PaymentId, VaultRef};
use crate::vault::own::BANK_ACCOUNT;
use std::collections::{BTreeMap, HashMap};

/// Claims looked up at once.
const CLAIMS_AT_ONCE: usize = 1_000;

/// The accounts that a bank's orders were drawn on.
pub(super) struct OrderedFrom<'a> {
    bank: &'a BankId,
    /// By the position from which on orders were drawn on it.
    arranged: BTreeMap<u64, VaultRef>,
    /// As opened; `None` when it is not in the vault any more.
    accounts: HashMap<VaultRef, Option<String>>,
    /// By list: its last order's account.
    lists: HashMap<ListId, Option<String>>,
}

/// Letters and digits alone: banks write accounts with blanks and hyphens, or without.
pub(super) fn plain(account: &str) -> String {
    account.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_uppercase()
}

/// An account may be told with its bank's prefix, as an IBAN.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 6;
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= SHORTEST && long.ends_with(short))
}

impl App {
    /// The accounts that a bank's orders were drawn on, ever.
    pub(super) async fn ordered_from<'a>(&self, bank: &'a BankId) -> Result<OrderedFrom<'a>, AppError> {
        let mut arranged = BTreeMap::new();
        for event in self.read_whole_stream(&bank_stream(bank)).await? {
            if let BankEvent::OrdersArranged(orders) = decode_own::<Bank>(&event)?
                && let Some(account) = orders.account_ref
            {
                arranged.insert(event.position, account);
            }
        }
        let mut accounts = HashMap::new();
        for account in arranged.values() {
            if !accounts.contains_key(account) {
                let bytes = self.vault.open_own(subject_of(bank), BANK_ACCOUNT, account.as_uuid()).await?;
                let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
                accounts.insert(*account, text.as_deref().map(plain));
            }
        }
        Ok(OrderedFrom { bank, arranged, accounts, lists: HashMap::new() })
    }

    /// The account of each attempt, in order; `None` where no order of it was handed out.
    pub(super) async fn accounts_of(
        &self,
        from: &mut OrderedFrom<'_>,
        attempts: &[(PaymentId, u32)],
    ) -> Result<Vec<Option<String>>, AppError> {
        let mut found = Vec::with_capacity(attempts.len());
        for part in attempts.chunks(CLAIMS_AT_ONCE) {
            let keys: Vec<Vec<u8>> = part.iter().map(|(payment, attempt)| list_item_key(*payment, *attempt)).collect();
            for stream in self.store.find_claims(LIST_ITEM, &keys).await? {
                let list = stream.as_deref().and_then(list_of_stream);
                found.push(match list {
                    Some(list) => self.account_of_list(from, list).await?,
                    None => None,
                });
            }
        }
        Ok(found)
    }

    async fn account_of_list(&self, from: &mut OrderedFrom<'_>, list: ListId) -> Result<Option<String>, AppError> {
        if let Some(account) = from.lists.get(&list) {
            return Ok(account.clone());
        }
        let taken = self.orders_taken_if_out(list).await?;
        let taken_at = taken.and_then(|taken| taken.last_to(from.bank).map(|order| order.taken_at));
        let account = taken_at.and_then(|at| from.arranged.range(..at).next_back());
        let account = account.and_then(|(_, account)| from.accounts.get(account).cloned().flatten());
        from.lists.insert(list, account.clone());
        Ok(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_the_same_however_it_is_written() {
        assert_eq!(plain("vn12 3400-1100 000.001"), "VN1234001100000001");
        assert!(is_same(&plain("1100 0000 01"), &plain("1100000001")));
        assert!(is_same("1100000001", "VN5512341100000001"));
        assert!(!is_same("1100000001", "1100000002"));
        assert!(!is_same("00001", "1100000001"), "too short to tell");
        assert!(!is_same("", "1100000001"));
    }
}
