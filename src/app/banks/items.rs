//! Items of a bank's message: each finds its payment, becomes the report that a clerk would have made, and gets its verdict. What cannot be
//! applied waits for a person with its cause.

use super::principal_of;
use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::app::imports::source::hex;
use crate::app::reasons::ReportedReason;
use crate::app::reports::Report;
use crate::banks::{self, Effect, Item, Limits, Mapping, Report as Said, Scope, StatedReason};
use crate::domain::ids::{BankId, EndToEndId, InboxId, PaymentId};
use crate::domain::inbox::{Judged, QuarantinedItem};
use crate::domain::money::Money;
use crate::domain::payment::Payment;
use crate::domain::payment::event::Evidence;
use crate::domain::payment::reason::{NARRATIVE, is_code};
use crate::domain::payment::state::AttemptState;
use crate::projections::Projection;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Items looked up together.
const CHUNK: usize = 512;
/// Payments reported on at the same time: appends share their commits.
const AT_ONCE: usize = 32;
/// Waits for the same item on its way from the same message, sent twice at the same time.
const TURNS_MAX: u32 = 100;

/// What became of one item.
enum Verdict {
    Applied,
    NoOp,
    Quarantined { cause: &'static str, payment_id: Option<PaymentId> },
}

const fn waits(cause: &'static str) -> Verdict {
    Verdict::Quarantined { cause, payment_id: None }
}

/// The attempt that an item names.
type Found = HashMap<EndToEndId, (PaymentId, u32)>;

impl App {
    /// Judges all items of a message that was read to its end before.
    pub(super) async fn judge_message(
        &self,
        bank: &BankId,
        id: InboxId,
        (body, mapping): (&[u8], &Mapping),
    ) -> Result<Judged, AppError> {
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
            let found = self.find_attempts(&chunk).await?;
            // Items on one payment one after the other, in the order of the message.
            let mut by_payment: BTreeMap<Option<String>, Vec<Item>> = BTreeMap::new();
            for item in chunk {
                by_payment.entry(item.end_to_end_id.as_deref().map(str::to_ascii_lowercase)).or_default().push(item);
            }
            let groups: Vec<Vec<(u64, Verdict)>> = stream::iter(by_payment.into_values())
                .map(|items| self.judge_group((bank, id), items, (&found, mapping)))
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            let mut verdicts: Vec<(u64, Verdict)> = groups.into_iter().flatten().collect();
            verdicts.sort_by_key(|(item, _)| *item);
            for (item, verdict) in verdicts {
                add(&mut judged, item, verdict);
            }
        }
    }

    /// The attempts that items name. The projection may be behind by the payments that were ordered just now.
    async fn find_attempts(&self, items: &[Item]) -> Result<Found, AppError> {
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
        (bank, id): (&BankId, InboxId),
        items: Vec<Item>,
        (found, mapping): (&Found, &Mapping),
    ) -> Result<Vec<(u64, Verdict)>, AppError> {
        let mut verdicts = Vec::with_capacity(items.len());
        for item in &items {
            let effect = mapping.effect(&item.report);
            let verdict = match &item.scope {
                Scope::Payment => self.judge_item((bank, id), item, (effect, found, mapping)).await?,
                Scope::Batch { itemised, .. } | Scope::Group { itemised, .. } => of_whole(effect, *itemised),
            };
            verdicts.push((item.number, verdict));
        }
        Ok(verdicts)
    }

    async fn judge_item(
        &self,
        (bank, id): (&BankId, InboxId),
        item: &Item,
        (effect, found, mapping): (Effect, &Found, &Mapping),
    ) -> Result<Verdict, AppError> {
        let named = end_to_end_id(item).and_then(|id| found.get(&id).copied());
        let Some((payment_id, attempt)) = named else {
            return Ok(if effect == Effect::Note { Verdict::NoOp } else { waits("bad-reference") });
        };
        let stream = payment_stream(payment_id);
        let Some((state, _)) = self.load::<Payment>(&stream).await? else { return Ok(waits("bad-reference")) };
        let Some(payment) = &state.instructed else { return Ok(waits("bad-reference")) };
        if self.check_attempt_reach(&principal_of(bank), Some(attempt), payment).is_err() {
            // Which payment it is, is not the bank's to know.
            return Ok(waits("not-your-payment"));
        }
        let report = match self.report_of(item, (effect, attempt), (bank, mapping)) {
            Ok(Some(report)) => report,
            Ok(None) => return Ok(Verdict::NoOp),
            Err(cause) => return Ok(Verdict::Quarantined { cause, payment_id: Some(payment_id) }),
        };
        if says_nothing_new(&report, payment.amount, payment.attempt(Some(attempt))) {
            return Ok(Verdict::NoOp);
        }
        // Money that comes back was taken on before, whoever forgot to say so.
        let state = payment.attempt(Some(attempt)).map(|attempt| attempt.state);
        if effect == Effect::Returned && state == Some(AttemptState::Instructed) {
            let (agent_ref, raw_status, accepted_at) = (None, None, None);
            let accepted = Report::Accept { attempt: Some(attempt), agent_ref, raw_status, accepted_at };
            let first = self.send((bank, format!("{id}-{}-accepted", item.number)), payment_id, &accepted).await?;
            if !matches!(first, Verdict::Applied | Verdict::NoOp) {
                return Ok(first);
            }
        }
        self.send((bank, format!("{id}-{}", item.number)), payment_id, &report).await
    }

    /// Records a report, or says why it cannot be.
    async fn send(
        &self,
        (bank, key): (&BankId, String),
        payment_id: PaymentId,
        report: &Report,
    ) -> Result<Verdict, AppError> {
        let request = self.bank_request(bank, key);
        let mut turns = 0;
        loop {
            let cause = match self.report(&request, payment_id, report.clone()).await {
                Ok(written) if written.appended => return Ok(Verdict::Applied),
                Ok(_) => return Ok(Verdict::NoOp),
                Err(AppError::RequestInProgress | AppError::Contended) if turns < TURNS_MAX => {
                    turns += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
                Err(AppError::Quarantine(cause)) => cause.code(),
                Err(AppError::Payment(refusal)) => refusal.code(),
                Err(AppError::Invalid(issues)) => issues.first().map_or("invalid-input", |issue| issue.code),
                Err(AppError::Forbidden { .. }) => return Ok(waits("not-your-payment")),
                Err(error) => return Err(error),
            };
            return Ok(Verdict::Quarantined { cause, payment_id: Some(payment_id) });
        }
    }

    /// The report that an item makes; `None` when it changes nothing.
    fn report_of(
        &self,
        item: &Item,
        (effect, attempt): (Effect, u32),
        (bank, mapping): (&BankId, &Mapping),
    ) -> Result<Option<Report>, &'static str> {
        let attempt = Some(attempt);
        let day = || item.when.map(|when| when.day(self.profile.time_zone())).ok_or("date-missing");
        let amount = || match (&item.amount, &item.report) {
            (Some(amount), _) => amount.read(&self.profile.currency).map(Some).map_err(|_| "amount-unreadable"),
            // A status is about the payment as ordered; an entry about what moved.
            (None, Said::Status(_) | Said::Word(_)) => Ok(None),
            (None, Said::Entry { .. } | Said::Return) => Err("amount-missing"),
        };
        Ok(Some(match effect {
            Effect::Note => return Ok(None),
            Effect::Unknown => return Err("status-unknown"),
            Effect::Held => return Err("held-by-bank"),
            Effect::Cancelled => return Err("cancelled-by-bank"),
            Effect::Accepted => {
                let code = match &item.report {
                    Said::Status(code) => Some(code.clone()).filter(|code| is_code(code)),
                    Said::Word(_) | Said::Entry { .. } | Said::Return => None,
                };
                let accepted_at = item.when.map(|when| self.profile.start_of_day(when.day(self.profile.time_zone())));
                Report::Accept { attempt, agent_ref: None, raw_status: code, accepted_at }
            }
            Effect::Settled => Report::Settle {
                attempt,
                settled_on: day()?,
                amount: amount()?,
                evidence: evidence(item),
                collected_by: None,
            },
            Effect::Rejected => {
                Report::Reject { attempt, reason: reason(item, (bank, mapping)), rejected_on: Some(day()?) }
            }
            Effect::Returned => Report::Return {
                attempt,
                returned_on: day()?,
                amount: amount()?,
                reason: reason(item, (bank, mapping)),
                evidence: evidence(item),
            },
        }))
    }
}

fn end_to_end_id(item: &Item) -> Option<EndToEndId> {
    EndToEndId::parse(item.end_to_end_id.as_deref()?).ok()
}

fn add(judged: &mut Judged, item: u64, verdict: Verdict) {
    match verdict {
        Verdict::Applied => judged.applied += 1,
        Verdict::NoOp => judged.no_op += 1,
        Verdict::Quarantined { cause, payment_id } => {
            let (cause, body_ref, sha256) = (cause.to_owned(), None, None);
            judged.quarantined.push(QuarantinedItem { item, cause, payment_id, body_ref, sha256 });
        }
    }
}

/// A status of a whole file or block counts through its payments. A rejection that names none of them must be seen by somebody.
const fn of_whole(effect: Effect, itemised: u64) -> Verdict {
    match effect {
        Effect::Note | Effect::Accepted => Verdict::NoOp,
        Effect::Rejected if itemised > 0 => Verdict::NoOp,
        Effect::Rejected => waits("whole-file-rejected"),
        Effect::Unknown => waits("status-unknown"),
        Effect::Settled | Effect::Returned | Effect::Cancelled | Effect::Held => waits("whole-file-status"),
    }
}

/// What a bank calls the booking, as a hash: the same in a notice and in the statement after it, another one for a second booking.
fn evidence(item: &Item) -> Evidence {
    let reference = match (&item.agent_ref, &item.end_to_end_id) {
        (Some(text), _) => format!("ref:{}", &hex(&Sha256::digest(text.as_bytes()))[..16]),
        (None, id) => format!("id:{}", id.as_deref().unwrap_or_default().to_ascii_lowercase()),
    };
    Evidence { kind: "bank".to_owned(), reference }
}

/// Told before: the same day and amount, by a message that names no other booking. The money may have come back since.
fn says_nothing_new(
    report: &Report,
    instructed: Money,
    attempt: Option<&crate::domain::payment::state::Attempt>,
) -> bool {
    let (Report::Settle { settled_on, amount, evidence, .. }, Some(attempt)) = (report, attempt) else { return false };
    let known = attempt.settlement.as_ref();
    let names_other_booking = |known: &Evidence| {
        let both_named = known.reference.starts_with("ref:") && evidence.reference.starts_with("ref:");
        both_named && known.reference != evidence.reference
    };
    let same_day: Option<Date> = Some(*settled_on);
    // A return that came first told of the settlement too.
    let inferred = attempt.state == AttemptState::Returned && known.is_none() && attempt.returned_on >= same_day;
    matches!(attempt.state, AttemptState::Settled | AttemptState::Returned)
        && (attempt.settled_on == same_day || inferred)
        && amount.is_none_or(|amount| amount == instructed)
        && !known.is_some_and(names_other_booking)
}

/// The first reason with a code; the words of all.
fn reason(item: &Item, (bank, mapping): (&BankId, &Mapping)) -> ReportedReason {
    let stated = |reason: &StatedReason| reason.code.clone().or_else(|| reason.proprietary.clone());
    let first = item.reasons.iter().find(|reason| reason.code.is_some() || reason.proprietary.is_some());
    let code = first.and_then(stated).unwrap_or_else(|| NARRATIVE.to_owned());
    let own = first.is_some_and(|reason| reason.code.is_none()) || mapping.reason_class(&code).is_some();
    let system = if own { bank.as_str().to_owned() } else { "iso20022".to_owned() };
    let words: Vec<&str> = item.reasons.iter().filter_map(|reason| reason.words.as_deref()).collect();
    let text = (!words.is_empty()).then(|| words.join(" "));
    ReportedReason { system, code, text }
}
