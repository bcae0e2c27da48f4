//! A statement against the record: every entry is matched or named, and so is every settlement of ours that the statement has not.

use super::accounts::{is_same, plain};
use super::inbox::InboxView;
use super::kept::Body;
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::app::queries::Answer;
use crate::banks::{Effect, Item, Report, Summary};
use crate::domain::ids::{BankId, EndToEndId, InboxId, PaymentId, UnitKey};
use crate::domain::inbox::InboxRefusal;
use crate::domain::payment::Payment;
use crate::domain::payment::state::{Attempt, AttemptState, Instructed};
use crate::projections::Projection;
use crate::projections::payments::PaymentRow;
use crate::store::views::LIST_LIMIT_MAX;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashSet};

pub use super::lost::LostStatement;
/// The side of an entry, for the doors.
pub use crate::banks::Side;

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
    /// The days that it covers.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub sums: BTreeMap<Match, MatchSum>,
    /// All but the matched, in the order of the statement; then what is missing.
    pub lines: Vec<MatchLine>,
    /// Of those that are missing: no order of them was handed out, so that they may have been paid from another account.
    pub missing_unplaced: u64,
    /// Balances, counts and details that do not add up.
    pub findings: Vec<String>,
    /// Statements of its accounts before it that never came.
    pub lost: Vec<LostStatement>,
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
    /// The days that it covers.
    days: Vec<(Date, Date)>,
    /// The same of each statement in it, with its account.
    statements: Vec<(Option<String>, (Date, Date))>,
}

/// What it leaves out cannot be known.
const NO_DAYS: &str = "a statement says neither which days it covers nor the day of a balance, and has no booked entry: what it leaves out cannot be known";

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
        let body = self.kept_message(id, received.body_ref).await?;
        let body = body.ok_or(AppError::NotFound("message"))?;
        let (from, to, sums, lines) = (None, None, BTreeMap::new(), Vec::new());
        let (findings, lost) = (Vec::new(), Vec::new());
        let mut answer =
            Reconciliation { id, bank: bank.clone(), from, to, sums, lines, missing_unplaced: 0, findings, lost };
        let mut seen = Seen::default();
        let summary = self.match_entries(&body, (&bank, &mut seen), &mut answer).await?;
        answer.lost = self.lost_statements(&bank, (&received.statements, &summary)).await?;
        self.add_missing((&bank, &seen), &mut answer).await?;
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    async fn match_entries(
        &self,
        body: &Body,
        (bank, seen): (&BankId, &mut Seen),
        answer: &mut Reconciliation,
    ) -> Result<Summary, AppError> {
        let Some(known) = self.known_bank(bank).await? else { return Err(AppError::NotFound("bank")) };
        let mut items = self.items_of(body)?;
        loop {
            let chunk = items.next().await?;
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
                answer.take(line);
            }
        }
        let summary = items.summary();
        answer.findings =
            summary.statements.iter().flat_map(|one| one.findings.iter().map(ToString::to_string)).collect();
        let days: Vec<Option<(Date, Date)>> =
            summary.statements.iter().map(|one| one.days(self.profile.time_zone())).collect();
        if days.is_empty() || days.contains(&None) {
            answer.findings.push(NO_DAYS.to_owned());
        }
        let accounts = summary.statements.iter().map(|one| one.account.as_deref().map(plain));
        seen.statements = accounts.zip(&days).filter_map(|(account, days)| Some((account, (*days)?))).collect();
        seen.days = stretches(days.into_iter().flatten().collect());
        answer.from = seen.days.first().map(|(from, _)| *from);
        answer.to = seen.days.last().map(|(_, to)| *to);
        Ok(summary)
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

    /// Settlements of ours through this bank on the statement's days that it has not, of whatever cycle. What was ordered from another
    /// account than the statement's is no matter of it; of what no order was handed out the account is not known.
    async fn add_missing(&self, (bank, seen): (&BankId, &Seen), answer: &mut Reconciliation) -> Result<(), AppError> {
        let mut from = self.ordered_from(bank).await?;
        for days in &seen.days {
            let mut after = None;
            loop {
                let page = self.views.settled_by_bank(bank, *days, after).await?;
                let unseen = page.iter().filter(|row| !seen.payments.contains(&(row.payment_id, row.attempt)));
                let unseen: Vec<&PaymentRow> = unseen.collect();
                let attempts: Vec<(PaymentId, u32)> = unseen.iter().map(|row| (row.payment_id, row.attempt)).collect();
                let accounts = self.accounts_of(&mut from, &attempts).await?;
                for (row, account) in unseen.into_iter().zip(accounts) {
                    if is_covered(&seen.statements, row, account.as_deref()) {
                        answer.missing_unplaced += u64::from(account.is_none());
                        answer.take(missing(row));
                    }
                }
                after = page.last().and_then(|row| Some((row.settled_on?, row.payment_id)));
                if page.len() < LIST_LIMIT_MAX as usize || after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Stretches of days, put together where they meet.
fn stretches(mut days: Vec<(Date, Date)>) -> Vec<(Date, Date)> {
    days.sort_unstable();
    let mut whole: Vec<(Date, Date)> = Vec::new();
    for (from, to) in days {
        match whole.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            _ => whole.push((from, to)),
        }
    }
    whole
}

/// A statement is of a whole bank: for whoever sees the whole log, and for the bank.
fn check_statement(principal: &Principal, view: &InboxView) -> Result<BankId, AppError> {
    let received = view.state.received.as_ref().ok_or(InboxRefusal::NotReceived)?;
    let own = match principal.reach(Action::ReadInbox) {
        Reach::Bank => principal.bank.as_ref() == Some(&received.bank),
        Reach::Units => principal.unit.is_none(),
        Reach::WholeLog | Reach::Everything => true,
        Reach::NoUnit | Reach::Nothing => false,
    };
    if !own {
        return Err(out_of_reach());
    }
    if received.format != "camt.053" {
        return Err(InboxRefusal::NotAStatement.into());
    }
    Ok(received.bank.clone())
}

/// Whether a statement of the payment's account covers the day. A statement or a payment whose account is not known may be of any.
fn is_covered(statements: &[(Option<String>, (Date, Date))], row: &PaymentRow, account: Option<&str>) -> bool {
    let Some(day) = row.settled_on else { return false };
    statements.iter().any(|(of, (first, last))| {
        let own = of.as_deref().zip(account).is_none_or(|(of, account)| is_same(of, account));
        own && *first <= day && day <= *last
    })
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
    use jiff::civil::date;

    #[test]
    fn days_of_several_statements_are_put_together_where_they_meet() {
        let day = |day| date(2025, 3, day);
        let given = vec![(day(7), day(9)), (day(1), day(2)), (day(2), day(4)), (day(8), day(8)), (day(6), day(6))];
        assert_eq!(stretches(given), [(day(1), day(4)), (day(6), day(6)), (day(7), day(9))]);
        assert_eq!(stretches(Vec::new()), []);
    }
}
