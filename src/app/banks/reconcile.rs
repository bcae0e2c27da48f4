//! A statement against the record: every entry is matched or named, and so is every settlement of ours that the statement has not.

use super::inbox::InboxView;
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page, PaymentFilter};
use crate::banks::{self, Effect, Item, Limits, Report};
use crate::domain::ids::{BankId, EndToEndId, InboxId, PaymentId, UnitKey};
use crate::domain::inbox::InboxRefusal;
use crate::domain::payment::Payment;
use crate::domain::payment::state::{Attempt, AttemptState, Instructed};
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::payments::PaymentRow;
use crate::store::views::{LIST_LIMIT_MAX, MessageFilter};
use crate::vault::own::BANK_MESSAGE;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The side of an entry, for the doors.
pub use crate::banks::Side;

/// Entries looked up together.
const CHUNK: usize = 512;
const AT_ONCE: usize = 32;

/// How an entry of the statement, or a settlement of ours, stands against the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// Both have it, with the same amount.
    Matched,
    /// The record has the settlement, the statement has it not.
    Missing,
    /// The statement has an entry that is none of our payments through this bank.
    Extra,
    AmountDiffers,
    /// The statement has it more than once.
    Twice,
    /// The record does not say of the payment what the entry says.
    StateDiffers,
    /// An entry that nobody explained.
    Unknown,
    /// Announced, not booked: no money moved.
    NotBooked,
}

impl Match {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Matched,
        Self::Missing,
        Self::Extra,
        Self::AmountDiffers,
        Self::Twice,
        Self::StateDiffers,
        Self::Unknown,
        Self::NotBooked,
    ];

    /// The word in JSON and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::AmountDiffers => "amount_differs",
            Self::Twice => "twice",
            Self::StateDiffers => "state_differs",
            Self::Unknown => "unknown",
            Self::NotBooked => "not_booked",
        }
    }
}

/// One entry, or one settlement that the statement has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchLine {
    /// Its place in the statement; `None` for what is missing there.
    pub item: Option<u64>,
    pub found: Match,
    /// `debit`, `credit`.
    pub side: Option<Side>,
    pub day: Option<Date>,
    /// By the statement, in minor units; `None` when it cannot be read as an amount of ours.
    pub stated_minor: Option<i64>,
    /// By the record.
    pub recorded_minor: Option<i64>,
    pub payment_id: Option<PaymentId>,
    pub unit_key: Option<UnitKey>,
    /// Where the attempt stands.
    pub status: Option<AttemptState>,
}

/// How many lines of a kind, and how much they come to on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatchSum {
    pub lines: u64,
    pub debit_minor: i64,
    pub credit_minor: i64,
    pub recorded_minor: i64,
}

/// A statement, reconciled.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    pub id: InboxId,
    pub bank: BankId,
    /// The days of its entries.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub sums: BTreeMap<Match, MatchSum>,
    /// All but the matched, in the order of the statement; then what is missing.
    pub lines: Vec<MatchLine>,
    /// Balances, counts and details that do not add up.
    pub findings: Vec<String>,
    /// Sequence numbers between the bank's first statement and this one that never came.
    pub lost: Vec<u64>,
}

impl Reconciliation {
    fn take(&mut self, line: MatchLine) {
        let sum = self.sums.entry(line.found).or_default();
        sum.lines += 1;
        let stated = line.stated_minor.unwrap_or_default();
        match line.side {
            Some(Side::Debit) => sum.debit_minor += stated,
            Some(Side::Credit) => sum.credit_minor += stated,
            None => {}
        }
        sum.recorded_minor += line.recorded_minor.unwrap_or_default();
        if line.found != Match::Matched {
            self.lines.push(line);
        }
    }

    /// Everything is matched, or announced only, and the statement adds up.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let explained = |found: &Match| matches!(found, Match::Matched | Match::NotBooked);
        self.sums.keys().all(explained) && self.findings.is_empty() && self.lost.is_empty()
    }
}

/// What was seen of the statement so far.
#[derive(Default)]
struct Seen {
    entries: HashSet<(EndToEndId, bool)>,
    payments: HashSet<(PaymentId, u32)>,
    cycles: BTreeSet<Month>,
}

/// Lost numbers that are named at most.
const LOST_MAX: usize = 1_000;

impl App {
    /// Reconciles a statement with the record as it stands now.
    pub async fn reconcile_statement(
        &self,
        principal: &Principal,
        id: InboxId,
        min_position: Option<u64>,
    ) -> Result<Answer<Reconciliation>, AppError> {
        let view = self.load_inbox(id).await?;
        let bank = check_statement(principal, &view)?;
        self.wait_for(Projection::Payments, min_position).await?;
        self.wait_for(Projection::Inbox, min_position).await?;
        let checkpoint = self.views.progress(Projection::Payments).await?.checkpoint;
        let received = view.state.received.as_ref().ok_or(InboxRefusal::NotReceived)?;
        let body = self.vault.open_own(id.as_uuid(), BANK_MESSAGE, received.body_ref.as_uuid()).await?;
        let body = body.ok_or(AppError::NotFound("message"))?;
        let (from, to, sums, lines) = (None, None, BTreeMap::new(), Vec::new());
        let (findings, lost) = (Vec::new(), self.lost_statements(&bank, &received.sequences).await?);
        let mut answer = Reconciliation { id, bank: bank.clone(), from, to, sums, lines, findings, lost };
        let mut seen = Seen::default();
        self.match_entries(&body, (&bank, &mut seen), &mut answer).await?;
        self.add_missing((&bank, &seen), &mut answer).await?;
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    async fn match_entries(
        &self,
        body: &[u8],
        (bank, seen): (&BankId, &mut Seen),
        answer: &mut Reconciliation,
    ) -> Result<(), AppError> {
        let Some(known) = self.known_bank(bank).await? else { return Err(AppError::NotFound("bank")) };
        let mut message = banks::open(body, &Limits::default())?;
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            while chunk.len() < CHUNK
                && let Some(item) = message.next_item()?
            {
                chunk.push(item);
            }
            if chunk.is_empty() {
                break;
            }
            let found = self.find_attempts(&chunk).await?;
            let payments: HashSet<PaymentId> = found.values().map(|(id, _)| *id).collect();
            let payments: BTreeMap<PaymentId, Instructed> = stream::iter(payments)
                .map(|id| async move {
                    let found = self.load::<Payment>(&payment_stream(id)).await?;
                    Ok::<_, AppError>(found.and_then(|(state, _)| state.instructed).map(|payment| (id, payment)))
                })
                .buffer_unordered(AT_ONCE)
                .try_filter_map(|found| async move { Ok(found) })
                .try_collect()
                .await?;
            for item in &chunk {
                let named = super::items::end_to_end_id(item).and_then(|id| {
                    let (payment, attempt) = found.get(&id)?;
                    let payment = payments.get(payment)?;
                    Some((id, payment, payment.attempt(Some(*attempt))?))
                });
                let line = self.match_entry(item, known.mapping.effect(&item.report), (bank, named, seen));
                answer.from = answer.from.into_iter().chain(line.day).min();
                answer.to = answer.to.max(line.day);
                answer.take(line);
            }
        }
        answer.findings =
            message.summary().statements.iter().flat_map(|one| one.findings.iter().map(ToString::to_string)).collect();
        Ok(())
    }

    fn match_entry(
        &self,
        item: &Item,
        effect: Effect,
        (bank, named, seen): (&BankId, Option<(EndToEndId, &Instructed, &Attempt)>, &mut Seen),
    ) -> MatchLine {
        let side = match &item.report {
            Report::Entry { side, .. } => Some(*side),
            Report::Status(_) | Report::Word(_) | Report::Return => None,
        };
        let stated = item.amount.as_ref().and_then(|amount| amount.read(&self.profile.currency).ok());
        let own = named.filter(|(_, _, attempt)| attempt.bank.as_ref() == Some(bank));
        let mut line = MatchLine {
            item: Some(item.number),
            found: Match::Extra,
            side,
            day: item.when.map(|when| when.day(self.profile.time_zone())),
            stated_minor: stated.map(|amount| amount.minor),
            recorded_minor: None,
            payment_id: own.as_ref().map(|(_, payment, _)| payment.payment_id),
            unit_key: own.as_ref().map(|(_, payment, _)| payment.unit_key.clone()),
            status: own.as_ref().map(|(_, _, attempt)| attempt.state),
        };
        let Some((id, payment, attempt)) = own else {
            line.found = match effect {
                Effect::Note => Match::NotBooked,
                Effect::Unknown => Match::Unknown,
                _ => Match::Extra,
            };
            return line;
        };
        let back = effect == Effect::Returned;
        line.found = match effect {
            Effect::Note => Match::NotBooked,
            Effect::Settled | Effect::Returned if !seen.entries.insert((id.clone(), back)) => Match::Twice,
            Effect::Settled | Effect::Returned => {
                seen.payments.insert((payment.payment_id, attempt.number));
                seen.cycles.insert(payment.cycle);
                line.recorded_minor = recorded(payment, attempt, back);
                match line.recorded_minor {
                    _ if line.stated_minor != Some(payment.amount_of(Some(attempt.number)).minor) => {
                        Match::AmountDiffers
                    }
                    None => Match::StateDiffers,
                    Some(_) => Match::Matched,
                }
            }
            Effect::Accepted | Effect::Rejected | Effect::Cancelled | Effect::Held | Effect::Unknown => Match::Unknown,
        };
        line
    }

    /// Settlements of ours through this bank on the statement's days that it has not. Looked for in the cycles that it speaks of, and in
    /// those of its days.
    async fn add_missing(&self, (bank, seen): (&BankId, &Seen), answer: &mut Reconciliation) -> Result<(), AppError> {
        let (Some(from), Some(to)) = (answer.from, answer.to) else { return Ok(()) };
        let mut cycles = seen.cycles.clone();
        cycles.extend([from, to].map(Month::of));
        for cycle in cycles {
            let filter = PaymentFilter {
                banks: vec![bank.clone()],
                states: vec![AttemptState::Settled, AttemptState::Returned],
                cycle: Some(cycle),
                ..PaymentFilter::default()
            };
            let mut after = 0;
            loop {
                let page = self.views.list_payments(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
                let full = page.len() == LIST_LIMIT_MAX as usize;
                after = page.last().map_or(after, |row| row.instructed_position);
                let within = |row: &&PaymentRow| row.settled_on.is_some_and(|day| from <= day && day <= to);
                for row in page.iter().filter(within) {
                    if !seen.payments.contains(&(row.payment_id, row.attempt)) {
                        answer.take(missing(row));
                    }
                }
                if !full {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The numbers of the bank's statements that never came, up to the highest of these.
    async fn lost_statements(&self, bank: &BankId, sequences: &[u64]) -> Result<Vec<u64>, AppError> {
        let Some(last) = sequences.iter().max().copied() else { return Ok(Vec::new()) };
        let (format, bank) = (Some("camt.053".to_owned()), Some(bank.clone()));
        let filter = MessageFilter { bank, format, ..MessageFilter::default() };
        let (mut after, mut came) = (0, BTreeSet::new());
        loop {
            let page = self.views.list_bank_messages(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            after = page.last().map_or(after, |row| row.received_position);
            came.extend(page.iter().filter_map(|row| row.sequences).filter(|(from, _)| *from <= last));
            if page.len() < LIST_LIMIT_MAX as usize {
                break;
            }
        }
        Ok(gaps(&came, last))
    }
}

/// A statement is of a whole bank: for whoever sees the whole log, and for the bank.
fn check_statement(principal: &Principal, view: &InboxView) -> Result<BankId, AppError> {
    let received = view.state.received.as_ref().ok_or(InboxRefusal::NotReceived)?;
    let own = match principal.reach(Action::ReadInbox) {
        Reach::Bank => principal.bank.as_ref() == Some(&received.bank),
        Reach::Units => principal.unit.is_none(),
        Reach::WholeLog | Reach::Everything => true,
        Reach::Nothing => false,
    };
    if !own {
        return Err(out_of_reach());
    }
    if received.format != "camt.053" {
        return Err(InboxRefusal::NotAStatement.into());
    }
    Ok(received.bank.clone())
}

/// The numbers between ranges.
fn gaps(ranges: &BTreeSet<(u64, u64)>, last: u64) -> Vec<u64> {
    let mut lost = Vec::new();
    let mut next = ranges.first().map_or(last, |(from, _)| *from);
    for (from, to) in ranges {
        lost.extend((next..*from).take(LOST_MAX.saturating_sub(lost.len())));
        next = next.max(to.saturating_add(1));
    }
    lost
}

fn missing(row: &PaymentRow) -> MatchLine {
    MatchLine {
        item: None,
        found: Match::Missing,
        side: None,
        day: row.settled_on,
        stated_minor: None,
        recorded_minor: Some(row.amount.minor),
        payment_id: Some(row.payment_id),
        unit_key: Some(row.unit_key.clone()),
        status: Some(row.state),
    }
}

/// What the record has of the money's way out, or of its way back.
fn recorded(payment: &Instructed, attempt: &Attempt, back: bool) -> Option<i64> {
    let has_it = if back { attempt.returned_on.is_some() } else { attempt.is_out() || attempt.returned_on.is_some() };
    has_it.then_some(payment.amount_of(Some(attempt.number)).minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_between_statements_that_never_came_are_lost() {
        let ranges = |all: &[(u64, u64)]| all.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(gaps(&ranges(&[]), 5), Vec::<u64>::new());
        assert_eq!(gaps(&ranges(&[(5, 5)]), 5), Vec::<u64>::new());
        assert_eq!(gaps(&ranges(&[(3, 4), (7, 7), (8, 9), (11, 11)]), 11), [5, 6, 10]);
        assert_eq!(gaps(&ranges(&[(1, 9), (3, 4), (11, 11)]), 11), [10]);
        assert_eq!(gaps(&ranges(&[(1, 1), (1_000_000, 1_000_000)]), 1_000_000).len(), LOST_MAX);
    }
}
