//! What an item of a bank's message says of a payment: the report that a clerk would have made of it, and whether it tells anything new.

use crate::app::App;
use crate::app::imports::source::hex;
use crate::app::reasons::ReportedReason;
use crate::app::reports::Report;
use crate::banks::{Effect, Item, Mapping, Report as Said, StatedReason};
use crate::domain::ids::BankId;
use crate::domain::money::Money;
use crate::domain::payment::event::Evidence;
use crate::domain::payment::reason::{NARRATIVE, is_code};
use crate::domain::payment::state::{Attempt, AttemptState};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// Why a payment waits that its bank keeps back.
pub const HELD_BY_BANK: &str = "held-by-bank";

/// Why a payment is called off that its bank took back on our request.
pub const CANCELLED_BY_BANK: &str = "cancelled-by-bank";

/// What one item comes to.
#[derive(Debug)]
pub(super) struct Told {
    /// `None`: it changes nothing of a payment.
    pub report: Option<Report>,
    /// When, by the bank's account.
    pub day: Option<Date>,
}

impl App {
    /// The report that an item makes.
    pub(super) fn told(
        &self,
        item: &Item,
        (effect, attempt): (Effect, u32),
        (bank, mapping): (&BankId, &Mapping),
    ) -> Result<Told, &'static str> {
        let zone = self.profile.time_zone();
        let day = item.when.map(|when| when.day(zone));
        let report = self.report_of(item, (effect, attempt, day), (bank, mapping))?;
        Ok(Told { report, day })
    }

    fn report_of(
        &self,
        item: &Item,
        (effect, attempt, day): (Effect, u32, Option<Date>),
        (bank, mapping): (&BankId, &Mapping),
    ) -> Result<Option<Report>, &'static str> {
        let attempt = Some(attempt);
        let dated = || day.ok_or("date-missing");
        let amount = || match (&item.amount, &item.report) {
            (Some(amount), _) => amount.read(&self.profile.currency).map(Some).map_err(|_| "amount-unreadable"),
            // A status is about the payment as ordered; an entry about what moved.
            (None, Said::Status(_) | Said::Word(_)) => Ok(None),
            (None, Said::Entry { .. } | Said::Return) => Err("amount-missing"),
        };
        Ok(Some(match effect {
            Effect::Note => return Ok(None),
            Effect::Unknown => return Err("status-unknown"),
            Effect::Held => Report::Hold { cause: HELD_BY_BANK.to_owned(), note: None },
            Effect::Cancelled => Report::Cancel { reason: CANCELLED_BY_BANK.to_owned(), recall_confirmed: true },
            Effect::Accepted => {
                let code = match &item.report {
                    Said::Status(code) => Some(code.clone()).filter(|code| is_code(code)),
                    Said::Word(_) | Said::Entry { .. } | Said::Return => None,
                };
                let accepted_at = day.map(|day| self.profile.start_of_day(day));
                Report::Accept { attempt, agent_ref: None, raw_status: code, accepted_at }
            }
            Effect::Settled => Report::Settle {
                attempt,
                settled_on: dated()?,
                amount: amount()?,
                evidence: evidence(item),
                collected_by: None,
            },
            Effect::Rejected => {
                Report::Reject { attempt, reason: reason(item, (bank, mapping)), rejected_on: Some(dated()?) }
            }
            Effect::Returned => Report::Return {
                attempt,
                returned_on: dated()?,
                amount: amount()?,
                reason: reason(item, (bank, mapping)),
                evidence: evidence(item),
            },
        }))
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

/// Whether the record has it already. Messages come late and out of order: what an agent said before the outcome tells nothing after it.
pub(super) fn is_old_news(told: &Told, instructed: Money, attempt: Option<&Attempt>) -> bool {
    let (Some(report), Some(attempt)) = (&told.report, attempt) else { return false };
    match report {
        Report::Settle { settled_on, amount, evidence, .. } => {
            amount.is_none_or(|amount| amount == instructed) && settled_before(attempt, (*settled_on, evidence))
        }
        Report::Accept { .. } | Report::Hold { .. } => {
            let outcome = outcome_on(attempt);
            told.day.zip(outcome).is_some_and(|(said, outcome)| said <= outcome)
        }
        Report::Cancel { .. } => attempt.state == AttemptState::Cancelled,
        Report::Reject { .. }
        | Report::Return { .. }
        | Report::Fail { .. }
        | Report::Release { .. }
        | Report::Reissue(_)
        | Report::Correct { .. } => false,
    }
}

/// The day of the agent's last word on the attempt, once it has one.
const fn outcome_on(attempt: &Attempt) -> Option<Date> {
    match attempt.state {
        AttemptState::Settled => attempt.settled_on,
        AttemptState::Returned => attempt.returned_on,
        AttemptState::Rejected => attempt.rejected_on,
        AttemptState::Instructed | AttemptState::Accepted | AttemptState::Failed | AttemptState::Cancelled => None,
    }
}

/// Told before: the same day and amount, by a message that names no other booking. The money may have come back since.
fn settled_before(attempt: &Attempt, (settled_on, evidence): (Date, &Evidence)) -> bool {
    let known = attempt.settlement.as_ref();
    let names_other_booking = |known: &Evidence| {
        let both_named = known.reference.starts_with("ref:") && evidence.reference.starts_with("ref:");
        both_named && known.reference != evidence.reference
    };
    let same_day = Some(settled_on);
    // A return that came first told of the settlement too.
    let inferred = attempt.state == AttemptState::Returned && known.is_none() && attempt.returned_on >= same_day;
    matches!(attempt.state, AttemptState::Settled | AttemptState::Returned)
        && (attempt.settled_on == same_day || inferred)
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
