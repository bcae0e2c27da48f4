//! What a bank says of a whole file or block of ours: the order is found by its id, and the verdict reaches each of its payments that is not
//! beyond it. Nothing else of the bank's, and nothing of another bank's, is touched.

use super::items::{About, BAD_REFERENCE, Judging, Verdict, waits};
use crate::app::App;
use crate::app::aggregate::list_stream;
use crate::app::error::AppError;
use crate::app::lists::bank_file::{SentItem, list_of};
use crate::banks::{Effect, Item, Listed, Report, Scope, StatedReason};
use crate::domain::ids::{BankId, PaymentId};
use crate::domain::list::PaymentList;
use crate::domain::payment::event::ReasonClass;
use crate::domain::payment::state::AttemptState;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeSet;

/// Payments reported on at the same time.
const AT_ONCE: usize = 32;
/// The bank has it already: the first one counts.
pub(super) const DUPLICATE: &str = "duplicate-reported";
const REJECTED: &str = "whole-file-rejected";

/// What became of an item on a whole file or block.
pub(super) enum WholeVerdict {
    /// Of the item itself: it says nothing of single payments, or a person must look.
    Item(Verdict),
    /// Of each payment of the order.
    Payments(Vec<(PaymentId, Verdict)>),
}

/// The payments that a file had.
struct Ordered {
    items: Vec<SentItem>,
    /// Before that was kept, a file may have gone out without what was stopped.
    unsure_of_stopped: bool,
}

impl App {
    /// Judges an item on a whole file or block.
    pub(super) async fn judge_whole(
        &self,
        judging: Judging<'_>,
        item: &Item,
        only: Option<&BTreeSet<PaymentId>>,
    ) -> Result<WholeVerdict, AppError> {
        let effect = judging.mapping.effect_of_whole(&item.report);
        let (original_id, listed) = match &item.scope {
            Scope::Batch { original_id, listed } | Scope::Group { original_id, listed } => (original_id, listed),
            Scope::Payment => return Ok(WholeVerdict::Item(waits(BAD_REFERENCE))),
        };
        if let Some(verdict) = self.of_itself((judging, item), effect, listed) {
            return Ok(WholeVerdict::Item(verdict));
        }
        let ordered = match original_id {
            Some(id) => self.ordered(judging.bank, id).await?,
            None => None,
        };
        let Some(ordered) = ordered else { return Ok(WholeVerdict::Item(waits(BAD_REFERENCE))) };
        let Ordered { mut items, unsure_of_stopped } = ordered;
        items.retain(|sent| only.is_none_or(|only| only.contains(&sent.payment_id)));
        let verdicts = stream::iter(items)
            .map(|sent| async move {
                let payment = sent.payment_id;
                let verdict = self.judge_part(judging, item, (effect, sent, unsure_of_stopped)).await?;
                Ok::<_, AppError>((payment, verdict))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(WholeVerdict::Payments(verdicts))
    }

    /// The verdict that needs no look at the payments; `None` when each of them is to be judged.
    fn of_itself(&self, (judging, item): (Judging<'_>, &Item), effect: Effect, listed: &Listed) -> Option<Verdict> {
        match effect {
            Effect::Note => Some(Verdict::NoOp),
            Effect::Accepted | Effect::Settled => None,
            Effect::Rejected => {
                let effect_of = |status: &String| judging.mapping.effect(&Report::Status(status.clone()));
                let told: Vec<(Effect, u64)> =
                    listed.statuses.iter().map(|(status, count)| (effect_of(status), *count)).collect();
                let refused =
                    told.iter().filter(|(effect, _)| *effect == Effect::Rejected).map(|(_, count)| count).sum();
                // Each is named, with its own reason.
                if refused > 0 && listed.original == Some(refused) {
                    return Some(Verdict::NoOp);
                }
                if told.iter().any(|(effect, _)| !matches!(effect, Effect::Rejected | Effect::Note)) {
                    return Some(waits(REJECTED));
                }
                match self.class_of(judging, &item.reasons) {
                    Some(ReasonClass::Duplicate) => Some(waits(DUPLICATE)),
                    Some(ReasonClass::Unknown) | None => Some(waits(REJECTED)),
                    Some(
                        ReasonClass::AccountData
                        | ReasonClass::AccountState
                        | ReasonClass::Identity
                        | ReasonClass::Deceased
                        | ReasonClass::Bank
                        | ReasonClass::Funds
                        | ReasonClass::Format
                        | ReasonClass::Unclaimed
                        | ReasonClass::NoAnswer,
                    ) => None,
                }
            }
            Effect::Unknown if judging.mapping.effect(&item.report) == Effect::Unknown => Some(waits("status-unknown")),
            Effect::Unknown | Effect::Returned | Effect::Cancelled | Effect::Held => Some(waits("whole-file-status")),
        }
    }

    /// The class of what a bank gives as its reasons: that it has the thing already goes before all else, and one that nobody explained
    /// before what is known, since it may be that.
    pub(super) fn class_of(&self, judging: Judging<'_>, reasons: &[StatedReason]) -> Option<ReasonClass> {
        let class = |reason: &StatedReason| {
            let (own, code) = match (&reason.code, &reason.proprietary) {
                (Some(code), _) => (false, code),
                (None, Some(code)) => (true, code),
                (None, None) => return None,
            };
            let of_mapping = judging.mapping.reason_class(code);
            let system = if own { judging.bank.as_str() } else { "iso20022" };
            Some(of_mapping.unwrap_or_else(|| self.profile.reason_class(system, code)))
        };
        let classes: Vec<ReasonClass> = reasons.iter().filter_map(class).collect();
        let first = |wanted: ReasonClass| classes.iter().find(|class| **class == wanted);
        first(ReasonClass::Duplicate).or_else(|| first(ReasonClass::Unknown)).or_else(|| classes.first()).copied()
    }

    /// The payments of an order, or of one block of it, that was handed out for this bank.
    async fn ordered(&self, bank: &BankId, id: &str) -> Result<Option<Ordered>, AppError> {
        let Some((list_id, message_id, block)) = list_of(id) else { return Ok(None) };
        let found = self.load::<PaymentList>(&list_stream(list_id)).await?;
        let Some(list) = found.and_then(|(list, _)| list.opened) else { return Ok(None) };
        if !list.stage.is_out() {
            return Ok(None);
        }
        let (released_at, taken) = self.orders_taken(list_id).await?;
        let Some(order) = taken.named((list_id, bank), message_id) else { return Ok(None) };
        let blocks = self.blocks_for((&list, released_at), bank, order.as_of).await?;
        let named = blocks.into_iter().filter(|one| block.is_none_or(|block| one.number == block));
        let mut items: Vec<SentItem> = named.flat_map(|block| block.items).collect();
        if order.as_of.is_some() {
            items.retain(|item| !item.is_stopped());
        }
        if items.is_empty() {
            return Ok(None);
        }
        items.sort_by_key(|item| item.payment_id);
        Ok(Some(Ordered { items, unsure_of_stopped: order.as_of.is_none() }))
    }

    /// What it says of one payment: an acceptance only of what nothing is known of yet.
    async fn judge_part(
        &self,
        judging: Judging<'_>,
        item: &Item,
        (effect, sent, unsure_of_stopped): (Effect, SentItem, bool),
    ) -> Result<Verdict, AppError> {
        let key = format!("{}-{}-{}", judging.id, item.number, sent.end_to_end_id);
        let now = self.instructed(sent.payment_id).await?;
        let state = now.as_ref().and_then(|payment| payment.attempt(Some(sent.attempt))).map(|attempt| attempt.state);
        if effect == Effect::Accepted && state != Some(AttemptState::Instructed) {
            return self.told_before(judging.bank, key, sent.payment_id).await;
        }
        if unsure_of_stopped && sent.held {
            let about = Some(About { payment_id: sent.payment_id, unit_key: sent.unit_key });
            return Ok(Verdict::Quarantined { cause: "whole-file-stopped", about });
        }
        let part =
            Item { scope: Scope::Payment, end_to_end_id: Some(sent.end_to_end_id.as_str().to_owned()), ..item.clone() };
        self.judge_item(judging, &part, (effect, Some((sent.payment_id, sent.attempt))), key).await
    }
}
