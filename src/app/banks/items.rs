//! Items of a bank's message: each finds its payment, becomes the report that a clerk would have made, and gets its verdict. What cannot be
//! applied waits for a person with its cause.

use super::said::is_old_news;
use super::whole::{DUPLICATE, WholeVerdict};
use super::{acting_for, principal_of};
use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::reports::Report;
use crate::banks::{self, Effect, Item, Limits, Mapping, Scope};
use crate::domain::ids::{BankId, EndToEndId, InboxId, PaymentId, UnitKey};
use crate::domain::inbox::{Judged, OfWhole, QuarantinedItem};
use crate::domain::payment::Payment;
use crate::domain::payment::event::ReasonClass;
use crate::domain::payment::state::{AttemptState, Instructed};
use crate::projections::Projection;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Items looked up together.
const CHUNK: usize = 512;
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
pub(super) struct About {
    pub payment_id: PaymentId,
    pub unit_key: UnitKey,
}

pub(super) const fn waits(cause: &'static str) -> Verdict {
    Verdict::Quarantined { cause, about: None }
}

/// The attempt that an item names.
pub(super) type Found = HashMap<EndToEndId, (PaymentId, u32)>;

/// A message being judged.
#[derive(Clone, Copy)]
pub(super) struct Judging<'a> {
    pub bank: &'a BankId,
    pub id: InboxId,
    pub mapping: &'a Mapping,
}

impl App {
    /// Judges all items of a message that was read to its end before.
    pub(super) async fn judge_message(
        &self,
        bank: &BankId,
        id: InboxId,
        (body, mapping): (&[u8], &Mapping),
    ) -> Result<Judged, AppError> {
        let judging = Judging { bank, id, mapping };
        let mut message = banks::open(body, &Limits::default())?;
        let mut judged = Judged::default();
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            while chunk.len() < CHUNK
                && let Some(item) = message.next_item()?
            {
                chunk.push(item);
            }
            if chunk.is_empty() {
                return Ok(judged);
            }
            let (chunk, wholes): (Vec<Item>, Vec<Item>) =
                chunk.into_iter().partition(|item| item.scope == Scope::Payment);
            let found = self.find_attempts(&chunk).await?;
            // Items on one payment one after the other, in the order of the message.
            let mut by_payment: BTreeMap<Option<String>, Vec<Item>> = BTreeMap::new();
            for item in chunk {
                by_payment.entry(item.end_to_end_id.as_deref().map(str::to_ascii_lowercase)).or_default().push(item);
            }
            let groups: Vec<Vec<(u64, Verdict)>> = stream::iter(by_payment.into_values())
                .map(|items| self.judge_group(judging, items, &found))
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            let mut verdicts: Vec<(u64, Verdict)> = groups.into_iter().flatten().collect();
            verdicts.sort_by_key(|(item, _)| *item);
            for (item, verdict) in verdicts {
                add(&mut judged, item, verdict);
            }
            // After what is said of single payments: it says more of them.
            for item in wholes {
                match self.judge_whole(judging, &item).await? {
                    WholeVerdict::Item(verdict) => add(&mut judged, item.number, verdict),
                    WholeVerdict::Payments(verdicts) => add_whole(&mut judged, item.number, verdicts),
                }
            }
        }
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

    async fn look_up(&self, ids: &[EndToEndId]) -> Result<Found, AppError> {
        let attempts = self.views.payments_by_end_to_end_id(ids).await?;
        Ok(attempts.into_iter().map(|found| (found.end_to_end_id, (found.payment.payment_id, found.attempt))).collect())
    }

    async fn judge_group(
        &self,
        judging: Judging<'_>,
        items: Vec<Item>,
        found: &Found,
    ) -> Result<Vec<(u64, Verdict)>, AppError> {
        let mut verdicts = Vec::with_capacity(items.len());
        for item in &items {
            let effect = judging.mapping.effect(&item.report);
            let named = end_to_end_id(item).and_then(|id| found.get(&id).copied());
            let key = format!("{}-{}", judging.id, item.number);
            let verdict = self.judge_item(judging, item, (effect, named), key).await?;
            verdicts.push((item.number, verdict));
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
        let Judging { bank, mapping, .. } = judging;
        let Some((payment_id, attempt)) = named else {
            return Ok(if effect == Effect::Note { Verdict::NoOp } else { waits("bad-reference") });
        };
        let Some(payment) = self.instructed(payment_id).await? else { return Ok(waits("bad-reference")) };
        if self.check_attempt_reach(&principal_of(bank), Some(attempt), &payment).is_err() {
            // Which payment it is, is not the bank's to know.
            return Ok(waits(NOT_YOURS));
        }
        let quarantined = |cause| {
            let about = Some(About { payment_id, unit_key: payment.unit_key.clone() });
            Ok(Verdict::Quarantined { cause, about })
        };
        let at = payment.attempt(Some(attempt)).map(|attempt| attempt.state);
        let is_duplicate = || self.class_of(judging, &item.reasons) == Some(ReasonClass::Duplicate);
        if effect == Effect::Rejected && at != Some(AttemptState::Rejected) && is_duplicate() {
            return quarantined(DUPLICATE);
        }
        let told = match self.told(item, (effect, attempt), (bank, mapping)) {
            Ok(told) => told,
            Err(cause) => return quarantined(cause),
        };
        let Some(report) = &told.report else { return Ok(Verdict::NoOp) };
        if is_old_news(&told, payment.amount_of(Some(attempt)), payment.attempt(Some(attempt))) {
            return self.told_before(bank, &key).await;
        }
        match self.send((bank, key), (payment_id, attempt), report).await? {
            Sent::Applied => Ok(Verdict::Applied),
            Sent::NoOp => Ok(Verdict::NoOp),
            Sent::Waits(cause) if cause == NOT_YOURS => Ok(waits(cause)),
            Sent::Waits(cause) => {
                // Another message may have told it in between.
                let now = self.instructed(payment_id).await?;
                let paid = now.as_ref().unwrap_or(&payment).amount_of(Some(attempt));
                let attempt = now.as_ref().and_then(|payment| payment.attempt(Some(attempt)));
                if is_old_news(&told, paid, attempt) { Ok(Verdict::NoOp) } else { quarantined(cause) }
            }
        }
    }

    pub(super) async fn instructed(&self, id: PaymentId) -> Result<Option<Instructed>, AppError> {
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        Ok(found.and_then(|(state, _)| state.instructed))
    }

    /// Nothing new, unless it was this very item that told it, before a crash: it was applied then.
    pub(super) async fn told_before(&self, bank: &BankId, key: &str) -> Result<Verdict, AppError> {
        let first = self.store.find_request(&principal_of(bank).key_id, key).await?;
        Ok(if first.is_some_and(|first| first.event_count > 0) { Verdict::Applied } else { Verdict::NoOp })
    }

    /// Records a report, or says why it cannot be.
    async fn send(
        &self,
        (bank, key): (&BankId, String),
        (payment_id, attempt): (PaymentId, u32),
        report: &Report,
    ) -> Result<Sent, AppError> {
        let mut request = self.bank_request(bank, key);
        if matches!(report, Report::Hold { .. } | Report::Cancel { .. }) {
            request.principal = acting_for(bank);
        }
        let mut turns = 0;
        loop {
            let before = |payment: &Instructed| comes_first((bank, attempt), report, payment).map_err(must_wait);
            return Ok(match self.report_after(&request, (payment_id, report.clone()), &before).await {
                Ok(written) if written.appended => Sent::Applied,
                Ok(_) => Sent::NoOp,
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

/// What must be recorded first, as the payment stands when the report is decided: others may have written to it since it was found. Or why
/// it must not be: the agency's own hand records what the bank says of a hold, so that the attempt is still the bank's is asked here.
pub(super) fn comes_first(
    (bank, attempt): (&BankId, u32),
    report: &Report,
    payment: &Instructed,
) -> Result<Vec<Report>, &'static str> {
    let found = payment.attempt(Some(attempt)).filter(|found| found.bank.as_ref() == Some(bank)).ok_or(NOT_YOURS)?;
    if let Some(cause) = out_of_place(report, payment, attempt) {
        return Err(cause);
    }
    // Money that comes back was taken on before, whoever forgot to say so.
    if found.state == AttemptState::Instructed && matches!(report, Report::Return { .. }) {
        let (agent_ref, raw_status, accepted_at) = (None, None, None);
        return Ok(vec![Report::Accept { attempt: Some(attempt), agent_ref, raw_status, accepted_at }]);
    }
    Ok(Vec::new())
}

/// As a refusal of the use case.
fn must_wait(cause: &'static str) -> AppError {
    let (en, vi) = ("the payment has moved on; a person looks at it", "khoản chi trả đã thay đổi; cần người xử lý");
    AppError::Invalid(vec![FieldIssue::new("end_to_end_id", cause, en, vi)])
}

/// The payment goes through another bank.
const NOT_YOURS: &str = "not-your-payment";

/// What became of a report.
enum Sent {
    Applied,
    NoOp,
    Waits(&'static str),
}

/// A hold or a cancellation is of the whole payment: one that names an attempt which it no longer stands on is for a person, and so is
/// one of money that is out.
fn out_of_place(report: &Report, payment: &Instructed, attempt: u32) -> Option<&'static str> {
    let cause = match report {
        Report::Hold { .. } => super::said::HELD_BY_BANK,
        Report::Cancel { .. } => super::said::CANCELLED_BY_BANK,
        Report::Accept { .. }
        | Report::Settle { .. }
        | Report::Reject { .. }
        | Report::Return { .. }
        | Report::Fail { .. }
        | Report::Release { .. }
        | Report::Reissue(_)
        | Report::Correct { .. }
        | Report::Resolve { .. } => return None,
    };
    let standing = payment.standing();
    let fits = standing.number == attempt && !standing.state.is_final();
    (!fits).then_some(cause)
}

pub(super) fn end_to_end_id(item: &Item) -> Option<EndToEndId> {
    EndToEndId::parse(item.end_to_end_id.as_deref()?).ok()
}

fn add(judged: &mut Judged, item: u64, verdict: Verdict) {
    match verdict {
        Verdict::Applied => judged.applied += 1,
        Verdict::NoOp => judged.no_op += 1,
        Verdict::Quarantined { cause, about } => judged.quarantined.push(quarantined((item, None), cause, about)),
    }
}

fn quarantined((item, of_item): (u64, Option<u64>), cause: &str, about: Option<About>) -> QuarantinedItem {
    let (payment_id, unit_key) = about.map(|about| (about.payment_id, about.unit_key)).unzip();
    QuarantinedItem { item, of_item, cause: cause.to_owned(), payment_id, unit_key, body_ref: None, sha256: None }
}

/// An item on many payments is applied when anything of it is, and waits as long as one of them does.
fn add_whole(judged: &mut Judged, item: u64, verdicts: Vec<Verdict>) {
    let mut own = OfWhole::default();
    for verdict in verdicts {
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
