//! Items of a bank's message: each finds its payment, becomes the report that a clerk would have made, and gets its verdict. What cannot be
//! applied waits for a person with its cause.

use super::first::{NOT_YOURS, before};
use super::kept::Body;
use super::long::{Stopped, stops};
use super::said::{Told, is_old_news};
use super::whole::{DUPLICATE, WholeVerdict};
use super::{acting_for, principal_of};
use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::app::execute::WriteRequest;
use crate::app::reports::Report;
use crate::banks::{Effect, Item, Mapping, Scope};
use crate::domain::ids::{BankId, EndToEndId, InboxId, PaymentId, UnitKey};
use crate::domain::inbox::{Judged, OfWhole, QuarantinedItem};
use crate::domain::payment::Payment;
use crate::domain::payment::event::ReasonClass;
use crate::domain::payment::state::{AttemptState, Instructed};
use crate::projections::Projection;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// So few are looked up together with those of other messages.
const FEW: usize = 16;
/// Payments reported on at the same time: appends share their commits.
const AT_ONCE: usize = 32;
/// Waits for the same item on its way from the same message, sent twice at the same time.
const TURNS_MAX: u32 = 100;

/// What became of one item.
pub(super) enum Verdict {
    Applied,
    NoOp,
    Quarantined { cause: &'static str, about: Option<About> },
}

/// The payment that an item is about, when its bank may know.
#[derive(Clone)]
pub(super) struct About {
    pub payment_id: PaymentId,
    pub unit_key: UnitKey,
}

pub(super) const fn waits(cause: &'static str) -> Verdict {
    Verdict::Quarantined { cause, about: None }
}

/// It waits for the clerks of its payment's unit.
fn about(payment: &Instructed, cause: &'static str) -> Verdict {
    let about = About { payment_id: payment.payment_id, unit_key: payment.unit_key.clone() };
    Verdict::Quarantined { cause, about: Some(about) }
}

/// What an item comes to, held against the record.
pub(super) enum Weighed {
    Verdict(Verdict),
    /// It is on record. Whether this very item told it, its event tells.
    ToldBefore(PaymentId),
    News(Box<News>),
}

/// Something to be recorded of a payment.
pub(super) struct News {
    pub payment: Instructed,
    /// The payment's stream that it was held against: its state and its last revision.
    pub seen: (Payment, u64),
    pub attempt: u32,
    told: Told,
    pub report: Report,
}

/// An item's number and what it names, with its verdict.
type Numbered = ((u64, Option<EndToEndId>), Verdict);

/// The attempt that an item names.
pub(super) type Found = HashMap<EndToEndId, (PaymentId, u32)>;

/// A message being judged.
#[derive(Clone, Copy)]
pub(super) struct Judging<'a> {
    pub bank: &'a BankId,
    pub id: InboxId,
    pub mapping: &'a Mapping,
    /// Nothing is recorded: what would become of it?
    pub dry: bool,
}

impl App {
    /// Judges all items of a message that was read to its end before.
    pub(super) async fn judge_message(
        &self,
        bank: &BankId,
        id: InboxId,
        (body, mapping): (&Body, &Mapping),
        stopped: Stopped<'_>,
    ) -> Result<Judged, AppError> {
        let judging = Judging { bank, id, mapping, dry: false };
        let mut items = self.items_of(body)?;
        let mut judged = Judged::default();
        loop {
            let chunk = items.next().await?;
            if chunk.is_empty() {
                return Ok(judged);
            }
            if stopped() {
                return Err(stops());
            }
            self.judge_chunk(judging, chunk, &mut judged).await?;
        }
    }

    /// Judges some items of a message.
    pub(super) async fn judge_chunk(
        &self,
        judging: Judging<'_>,
        chunk: Vec<Item>,
        judged: &mut Judged,
    ) -> Result<(), AppError> {
        let (chunk, wholes): (Vec<Item>, Vec<Item>) = chunk.into_iter().partition(|item| item.scope == Scope::Payment);
        let found = self.find_attempts(&chunk).await?;
        // Items on one payment one after the other, in the order of the message.
        let mut by_payment: BTreeMap<Option<String>, Vec<Item>> = BTreeMap::new();
        for item in chunk {
            by_payment.entry(item.end_to_end_id.as_deref().map(str::to_ascii_lowercase)).or_default().push(item);
        }
        let groups: Vec<Vec<Numbered>> = stream::iter(by_payment.into_values())
            .map(|items| self.judge_group(judging, items, &found))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut verdicts: Vec<Numbered> = groups.into_iter().flatten().collect();
        verdicts.sort_by_key(|((item, _), _)| *item);
        for (item, verdict) in verdicts {
            add(judged, item, verdict);
        }
        // After what is said of single payments: it says more of them.
        for item in wholes {
            match self.judge_whole(judging, &item, None).await? {
                WholeVerdict::Item(verdict) => add(judged, (item.number, None), verdict),
                WholeVerdict::Payments(verdicts) => add_whole(judged, item.number, verdicts),
            }
        }
        Ok(())
    }

    /// The attempts that items name. The projection may be behind by the payments that were ordered just now.
    pub(super) async fn find_attempts(&self, items: &[Item]) -> Result<Found, AppError> {
        let ids: Vec<EndToEndId> = items.iter().filter_map(end_to_end_id).collect();
        let mut found = self.look_up(&ids).await?;
        if ids.iter().any(|id| !found.contains_key(id)) {
            let head = self.store.head().await?;
            self.wait_for(Projection::Payments, Some(head.position)).await?;
            found = self.look_up(&ids).await?;
        }
        Ok(found)
    }

    pub(super) async fn look_up(&self, ids: &[EndToEndId]) -> Result<Found, AppError> {
        if ids.len() <= FEW {
            let found = join_all(ids.iter().map(|id| self.attempts.ask(id.clone()))).await;
            let found: Vec<Option<(PaymentId, u32)>> = found.into_iter().collect::<Result<_, _>>()?;
            return Ok(ids.iter().cloned().zip(found).filter_map(|(id, found)| Some((id, found?))).collect());
        }
        let attempts = self.views.attempts_by_end_to_end_id(ids).await?;
        Ok(attempts.into_iter().map(|found| (found.end_to_end_id, (found.payment_id, found.attempt))).collect())
    }

    async fn judge_group(
        &self,
        judging: Judging<'_>,
        items: Vec<Item>,
        found: &Found,
    ) -> Result<Vec<Numbered>, AppError> {
        let mut verdicts = Vec::with_capacity(items.len());
        for item in &items {
            let effect = judging.mapping.effect(&item.report);
            let named = end_to_end_id(item).and_then(|id| found.get(&id).copied());
            let key = format!("{}-{}", judging.id, item.number);
            let verdict = self.judge_item(judging, item, (effect, named), key).await?;
            verdicts.push(((item.number, id_of_ours(item)), verdict));
        }
        Ok(verdicts)
    }

    /// What an item says of one payment, recorded under a key.
    pub(super) async fn judge_item(
        &self,
        judging: Judging<'_>,
        item: &Item,
        (effect, named): (Effect, Option<(PaymentId, u32)>),
        key: String,
    ) -> Result<Verdict, AppError> {
        let News { payment, attempt, told, report, .. } = match self.weigh(judging, item, (effect, named)).await? {
            Weighed::Verdict(verdict) => return Ok(verdict),
            Weighed::ToldBefore(payment) => return self.told_before(judging.bank, key, payment).await,
            Weighed::News(news) => *news,
        };
        let sent = self.send((judging, key.clone()), (payment.payment_id, attempt), &report).await?;
        if matches!(sent, Sent::Applied) || self.is_recorded(judging.bank, key, payment.payment_id).await? {
            return Ok(Verdict::Applied);
        }
        match sent {
            Sent::Applied => Ok(Verdict::Applied),
            Sent::NoOp => Ok(Verdict::NoOp),
            Sent::Waits(cause) if cause == NOT_YOURS => Ok(waits(cause)),
            Sent::Waits(cause) => {
                // Another message may have told it in between.
                let now = self.instructed(payment.payment_id).await?;
                let paid = now.as_ref().unwrap_or(&payment).amount_of(Some(attempt));
                let attempt = now.as_ref().and_then(|payment| payment.attempt(Some(attempt)));
                if is_old_news(&told, paid, attempt) { Ok(Verdict::NoOp) } else { Ok(about(&payment, cause)) }
            }
        }
    }

    /// What an item says of one payment, held against the record. Nothing is recorded.
    pub(super) async fn weigh(
        &self,
        judging: Judging<'_>,
        item: &Item,
        (effect, named): (Effect, Option<(PaymentId, u32)>),
    ) -> Result<Weighed, AppError> {
        let Judging { bank, mapping, .. } = judging;
        let Some((payment_id, attempt)) = named else {
            let verdict = if effect == Effect::Note { Verdict::NoOp } else { waits(BAD_REFERENCE) };
            return Ok(Weighed::Verdict(verdict));
        };
        let seen = self.load::<Payment>(&payment_stream(payment_id)).await?;
        let seen = seen.map(|(state, last)| (state, last.revision));
        let Some((payment, seen)) = seen.and_then(|seen| Some((seen.0.instructed.clone()?, seen))) else {
            return Ok(Weighed::Verdict(waits(BAD_REFERENCE)));
        };
        if self.check_attempt_reach(&principal_of(bank), Some(attempt), &payment).is_err() {
            // Which payment it is, is not the bank's to know.
            return Ok(Weighed::Verdict(waits(NOT_YOURS)));
        }
        let at = payment.attempt(Some(attempt)).map(|attempt| attempt.state);
        let is_duplicate = || self.class_of(judging, &item.reasons) == Some(ReasonClass::Duplicate);
        if effect == Effect::Rejected && at != Some(AttemptState::Rejected) && is_duplicate() {
            return Ok(Weighed::Verdict(about(&payment, DUPLICATE)));
        }
        let told = match self.told(item, (effect, attempt), (bank, mapping)) {
            Ok(told) => told,
            Err(cause) => return Ok(Weighed::Verdict(about(&payment, cause))),
        };
        let Some(report) = told.report.clone() else { return Ok(Weighed::Verdict(Verdict::NoOp)) };
        if is_old_news(&told, payment.amount_of(Some(attempt)), payment.attempt(Some(attempt))) {
            return Ok(Weighed::ToldBefore(payment_id));
        }
        Ok(Weighed::News(Box::new(News { payment, seen, attempt, told, report })))
    }

    pub(super) async fn instructed(&self, id: PaymentId) -> Result<Option<Instructed>, AppError> {
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        Ok(found.and_then(|(state, _)| state.instructed))
    }

    /// Nothing new, unless it was this very item that told it, before a crash: it was applied then.
    pub(super) async fn told_before(
        &self,
        bank: &BankId,
        key: String,
        payment: PaymentId,
    ) -> Result<Verdict, AppError> {
        Ok(if self.is_recorded(bank, key, payment).await? { Verdict::Applied } else { Verdict::NoOp })
    }

    /// Whether an event of the item with this key stands in its payment's stream: its id is made of the key.
    async fn is_recorded(&self, bank: &BankId, key: String, payment: PaymentId) -> Result<bool, AppError> {
        let own = self.bank_request(bank, key).event_id(0);
        Ok(self.read_whole_stream(&payment_stream(payment)).await?.iter().any(|event| event.event_id == own))
    }

    /// The request that records a report under a key.
    pub(super) fn item_request(&self, bank: &BankId, key: String, report: &Report) -> WriteRequest {
        let mut request = self.bank_request(bank, key);
        if matches!(report, Report::Hold { .. } | Report::Cancel { .. }) {
            request.principal = acting_for(bank);
        }
        request
    }

    /// Records a report, or says why it cannot be.
    async fn send(
        &self,
        (Judging { bank, dry, .. }, key): (Judging<'_>, String),
        (payment_id, attempt): (PaymentId, u32),
        report: &Report,
    ) -> Result<Sent, AppError> {
        let request = self.item_request(bank, key, report);
        let mut turns = 0;
        loop {
            let before = |payment: &Instructed| before((bank, attempt), report, payment);
            let sent = if dry {
                self.rehearse_after(&request, (payment_id, report), &before).await
            } else {
                let written = self.report_after(&request, (payment_id, report.clone()), &before).await;
                written.map(|written| written.appended)
            };
            return Ok(match sent {
                Ok(true) => Sent::Applied,
                Ok(false) => Sent::NoOp,
                Err(AppError::RequestInProgress | AppError::Contended) if turns < TURNS_MAX => {
                    turns += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
                Err(AppError::Quarantine(cause)) => Sent::Waits(cause.code()),
                Err(AppError::Payment(refusal)) => Sent::Waits(refusal.code()),
                Err(AppError::Invalid(issues)) => {
                    Sent::Waits(issues.first().map_or("invalid-input", |issue| issue.code))
                }
                Err(error) => return Err(error),
            });
        }
    }
}

/// It names no payment that is known.
pub(super) const BAD_REFERENCE: &str = "bad-reference";

/// What became of a report.
enum Sent {
    Applied,
    NoOp,
    Waits(&'static str),
}

pub(super) fn end_to_end_id(item: &Item) -> Option<EndToEndId> {
    EndToEndId::parse(item.end_to_end_id.as_deref()?).ok()
}

/// What an item names, if it has the form of our ids: 32 hex digits of a version 5 UUID. A number of somebody's has not.
fn id_of_ours(item: &Item) -> Option<EndToEndId> {
    end_to_end_id(item).filter(|id| id.as_str().as_bytes().get(12) == Some(&b'5'))
}

fn add(judged: &mut Judged, (item, named): (u64, Option<EndToEndId>), verdict: Verdict) {
    match verdict {
        Verdict::Applied => judged.applied += 1,
        Verdict::NoOp => judged.no_op += 1,
        Verdict::Quarantined { cause, about } => {
            let named = named.filter(|_| cause == BAD_REFERENCE);
            let waiting = quarantined((item, None), cause, about);
            judged.wait(QuarantinedItem { end_to_end_id: named, ..waiting });
        }
    }
}

pub(super) fn quarantined((item, of_item): (u64, Option<u64>), cause: &str, about: Option<About>) -> QuarantinedItem {
    let (payment_id, unit_key) = about.map(|about| (about.payment_id, about.unit_key)).unzip();
    let (cause, end_to_end_id, body_ref, sha256) = (cause.to_owned(), None, None, None);
    QuarantinedItem { item, of_item, cause, payment_id, unit_key, end_to_end_id, body_ref, sha256, rest: None }
}

/// An item on many payments is applied when anything of it is, and waits as long as one of them does.
fn add_whole(judged: &mut Judged, item: u64, verdicts: Vec<(PaymentId, Verdict)>) {
    let mut own = OfWhole::default();
    for (_, verdict) in verdicts {
        match verdict {
            Verdict::Applied => own.applied += 1,
            Verdict::NoOp => own.no_op += 1,
            Verdict::Quarantined { cause, about } => {
                own.quarantined += 1;
                judged.parts.push(quarantined((0, Some(item)), cause, about));
            }
        }
    }
    match own {
        OfWhole { quarantined: 1.., .. } => {}
        OfWhole { applied: 1.., .. } => judged.applied += 1,
        OfWhole { .. } => judged.no_op += 1,
    }
    let all = judged.of_whole.get_or_insert_default();
    all.applied += own.applied;
    all.no_op += own.no_op;
    all.quarantined += own.quarantined;
}
