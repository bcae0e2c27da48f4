//! A note that recalls payments of an order: asks the bank to stop them. It changes nothing here; whether they stopped is the bank's to say.

use super::gather::{DayBlock, SentItem};
use super::{BankFile, FileKind, Shown, name_of, unwritable, without_code};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::banks::out::recall::{self, Recall, RecalledBlock, RecalledPayment};
use crate::domain::ids::{BankId, ListId, PaymentId};
use crate::domain::list::ListRefusal;
use crate::domain::list::event::Tally;
use crate::domain::payment::state::AttemptState;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Namespace of the notes' ids.
const NAMESPACE: Uuid = Uuid::from_bytes(*b"chitra of recall");

/// What is to be recalled.
#[derive(Debug, Clone)]
pub struct RecallAsk {
    pub bank: BankId,
    /// ISO 20022 cancellation reason.
    pub reason: String,
    /// Empty: all that are held.
    pub payments: BTreeSet<PaymentId>,
}

impl App {
    /// The note. Its id is made from what it recalls, so that the same one twice is known as such.
    pub async fn recall_file(&self, principal: &Principal, id: ListId, ask: &RecallAsk) -> Result<BankFile, AppError> {
        let (list, way) = self.released_for(principal, id, &ask.bank).await?;
        let (released_at, taken) = self.orders_taken(id).await?;
        let ordered = taken.last_to(&ask.bank);
        // As the file had them: the blocks are named by their days of then.
        let as_then = self.blocks_for((&list, released_at), &ask.bank, ordered.and_then(|order| order.as_of)).await?;
        let mut blocks = self.blocks_for((&list, released_at), &ask.bank, None).await?;
        put_in_blocks(&mut blocks, &as_then);
        if let Some(unknown) = ask.payments.iter().find(|id| !items(&blocks).any(|item| item.payment_id == **id)) {
            return Err(ListRefusal::ItemUnknown(*unknown).into());
        }
        let mut chosen: Vec<&SentItem> = items(&blocks).filter(|item| is_asked(ask, item)).collect();
        if let Some(item) = chosen.iter().find(|item| !can_be_recalled(item)) {
            return Err(ListRefusal::NotToRecall { payment: item.payment_id, state: item.state }.into());
        }
        chosen.sort_by_key(|item| item.payment_id);
        if chosen.is_empty() {
            return Err(ListRefusal::NothingForBank.into());
        }
        let sent = items(&blocks).map(|item| &item.end_to_end_id);
        let message_id = ordered.map_or_else(|| taken.message_id((id, &ask.bank), sent), |order| order.message_id(id));
        let mut name = message_id.clone() + ask.bank.as_str() + &ask.reason;
        let mut total = Tally::default();
        for item in &chosen {
            name.push_str(item.end_to_end_id.as_str());
            total.add(item.amount_minor);
        }
        let note = Recall {
            recall_id: Uuid::new_v5(&NAMESPACE, name.as_bytes()).simple().to_string(),
            created: self.clock.now(),
            agency_name: way.payer.clone(),
            bank: self
                .agent_of(&ask.bank, way.bank_code.as_deref())
                .ok_or_else(|| AppError::Invalid(vec![without_code(&ask.bank)]))?,
            original_message_id: message_id.clone(),
            currency: self.profile.currency,
            charset: way.charset,
            blocks: blocks.iter().filter_map(|block| recalled(block, &message_id, ask)).collect(),
        };
        let bytes = recall::write(Vec::new(), &note).map_err(|error| unwritable(&error))?;
        let shown = Shown { form: "recall", kinds: Vec::new(), item_count: total.items, order: None };
        self.record_file(principal, (id, &ask.bank), shown).await?;
        Ok(BankFile { name: name_of("recall", &list, &ask.bank), kind: FileKind::Xml, bytes, total })
    }
}

/// Puts each item, as it stands now, into the block that it had in the file.
fn put_in_blocks(now: &mut Vec<DayBlock>, then: &[DayBlock]) {
    let mut items: BTreeMap<PaymentId, SentItem> =
        now.drain(..).flat_map(|block| block.items).map(|item| (item.payment_id, item)).collect();
    let block = |block: &DayBlock| DayBlock {
        number: block.number,
        execute_on: block.execute_on,
        items: block.items.iter().filter_map(|item| items.remove(&item.payment_id)).collect(),
    };
    now.extend(then.iter().map(block));
}

fn items(blocks: &[DayBlock]) -> impl Iterator<Item = &SentItem> {
    blocks.iter().flat_map(|block| &block.items)
}

fn is_asked(ask: &RecallAsk, item: &SentItem) -> bool {
    if ask.payments.is_empty() { item.held } else { ask.payments.contains(&item.payment_id) }
}

/// Money that is out comes back as a return, and what came to nothing needs no recall.
const fn can_be_recalled(item: &SentItem) -> bool {
    match item.state {
        AttemptState::Instructed | AttemptState::Accepted | AttemptState::Failed | AttemptState::Cancelled => true,
        AttemptState::Settled | AttemptState::Rejected | AttemptState::Returned => false,
    }
}

fn recalled(block: &DayBlock, message_id: &str, ask: &RecallAsk) -> Option<RecalledBlock> {
    let payments: Vec<RecalledPayment> = block
        .items
        .iter()
        .filter(|item| is_asked(ask, item))
        .map(|item| RecalledPayment {
            end_to_end_id: item.end_to_end_id.clone(),
            amount_minor: item.amount_minor,
            reason_code: ask.reason.clone(),
        })
        .collect();
    let payment_info_id = block.id(message_id);
    (!payments.is_empty()).then_some(RecalledBlock { payment_info_id, execute_on: block.execute_on, payments })
}
