//! What becomes of a bank's message. The same message again changes nothing; another one under its id is never applied.

use super::event::{
    AgainVerdict, BankMessageApplied, BankMessageJudgedAgain, BankMessageQuarantined, BankMessageReceived,
    BankMessageResolved, InboxEvent, ItemJudgedAgain, OfWhole, QuarantinedItem, Rest,
};
use super::{Inbox, Quarantine};
use crate::domain::decision::Decision;
use std::collections::BTreeSet;

/// A command to a message's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxCommand {
    Receive(BankMessageReceived),
    /// What the judging of all items came to.
    Judge(Judged),
    /// What judging some of those that wait again came to.
    JudgeAgain(JudgedAgain),
    Resolve {
        item: u64,
        reason: String,
    },
}

/// All items, judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    pub applied: u64,
    pub no_op: u64,
    /// In the order of the message.
    pub quarantined: Vec<QuarantinedItem>,
    /// Those beyond [`WAITING_MAX`], which wait together.
    pub rest: Option<Rest>,
    /// Single payments of items on a whole file or block, with `of_item`; their own places are given when they are recorded.
    pub parts: Vec<QuarantinedItem>,
    /// What those items came to, if there are any.
    pub of_whole: Option<OfWhole>,
}

impl Judged {
    /// Takes an item that could not be applied: by itself, or when so many wait already, with the rest.
    pub fn wait(&mut self, item: QuarantinedItem) {
        match &mut self.rest {
            Some(rest) => rest.items += 1,
            None if self.quarantined.len() < WAITING_MAX => self.quarantined.push(item),
            None => self.rest = Some(Rest { from: item.item, items: 1 }),
        }
    }
}

/// Items that waited, judged again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JudgedAgain {
    pub items: Vec<ItemJudgedAgain>,
    /// What waits anew, each with `of_item`; their places are given when they are recorded.
    pub parts: Vec<QuarantinedItem>,
    /// What items that waited together came to, by the place at which they did.
    pub rests: Vec<(u64, Judged)>,
}

/// Why it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InboxRefusal {
    #[error("there is no such message")]
    NotReceived,
    #[error("this item of the message does not wait for anybody")]
    NotQuarantined,
    #[error("this message is no statement of account; only a camt.053 can be reconciled")]
    NotAStatement,
}

impl InboxRefusal {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotReceived => "message-not-found",
            Self::NotQuarantined => "item-not-quarantined",
            Self::NotAStatement => "not-a-statement",
        }
    }
}

/// Another message came under the id of this one.
pub const OTHER_CONTENT: &str = "message-id-reused";

/// Further ones are not kept: a sender cannot fill the vault under one id.
pub const OTHERS_KEPT_MAX: usize = 8;

/// So many items of a message wait by themselves at a time, in its order: more are no list that anybody would go through, and what a message
/// comes to is held in memory. The others wait together until somebody has them judged again.
pub const WAITING_MAX: usize = 10_000;

/// The cause of items that wait together.
pub const REST: &str = "too-many-wait";

/// Items in one event, so that none grows beyond measure.
const ITEMS_IN_EVENT_MAX: usize = 500;

/// Decides about a command.
#[must_use]
pub fn decide(state: &Inbox, command: &InboxCommand) -> Decision<InboxEvent, InboxRefusal> {
    match (&state.received, command) {
        (None, InboxCommand::Receive(message)) => Decision::Events(vec![InboxEvent::Received(message.clone())]),
        (None, InboxCommand::Judge(_) | InboxCommand::JudgeAgain(_) | InboxCommand::Resolve { .. }) => {
            Decision::Refused(InboxRefusal::NotReceived)
        }
        (Some(known), InboxCommand::JudgeAgain(again)) => judge_again(state, known, again),
        (Some(known), InboxCommand::Receive(message)) => again(state, known, message),
        (Some(_), InboxCommand::Judge(_)) if state.applied.is_some() => Decision::NoOp,
        (Some(known), InboxCommand::Judge(judged)) => Decision::Events(judge(known, judged)),
        (Some(_), InboxCommand::Resolve { item, reason }) => match state.quarantined.get(item) {
            None => Decision::Refused(InboxRefusal::NotQuarantined),
            Some(quarantine) if !quarantine.waits() => Decision::NoOp,
            Some(_) => {
                let event = BankMessageResolved { item: *item, reason: reason.clone() };
                Decision::Events(vec![InboxEvent::Resolved(event)])
            }
        },
    }
}

/// Each message with other bytes is kept and waits, up to a bound; the same one again changes nothing, whoever dealt with it.
fn again(
    state: &Inbox,
    known: &BankMessageReceived,
    message: &BankMessageReceived,
) -> Decision<InboxEvent, InboxRefusal> {
    if state.keeps(&message.sha256) || state.others().count() >= OTHERS_KEPT_MAX {
        return Decision::NoOp;
    }
    // The message as a whole; then places behind its last item, which nothing else has.
    let place = match state.others().count() as u64 {
        0 => 0,
        others => known.items.saturating_add(others),
    };
    let item = QuarantinedItem {
        item: place,
        cause: OTHER_CONTENT.to_owned(),
        of_item: None,
        payment_id: None,
        unit_key: None,
        end_to_end_id: None,
        body_ref: Some(message.body_ref),
        sha256: Some(message.sha256.clone()),
        rest: None,
    };
    Decision::Events(vec![InboxEvent::Quarantined(BankMessageQuarantined { items: vec![item] })])
}

fn judge(known: &BankMessageReceived, judged: &Judged) -> Vec<InboxEvent> {
    let parts = placed(first_place(known), judged.parts.iter().cloned());
    let waiting: Vec<QuarantinedItem> = judged.quarantined.iter().cloned().chain(parts).collect();
    let items: BTreeSet<u64> = waiting.iter().map(|item| item.of_item.unwrap_or(item.item)).collect();
    let together = judged.rest.map_or(0, |rest| rest.items);
    let rest = placed(first_place(known).saturating_add(judged.parts.len() as u64), judged.rest.map(as_one));
    let waiting: Vec<QuarantinedItem> = waiting.into_iter().chain(rest).collect();
    let mut events = quarantined(&waiting);
    events.push(InboxEvent::Applied(BankMessageApplied {
        applied: judged.applied,
        no_op: judged.no_op,
        quarantined: items.len() as u64 + together,
        of_whole: judged.of_whole,
    }));
    events
}

/// Behind the last item, and behind the places of other messages under the id.
const fn first_place(known: &BankMessageReceived) -> u64 {
    known.items.saturating_add(OTHERS_KEPT_MAX as u64)
}

/// Gives places from one on.
fn placed(first: u64, items: impl IntoIterator<Item = QuarantinedItem>) -> impl Iterator<Item = QuarantinedItem> {
    (first..).zip(items).map(|(place, item)| QuarantinedItem { item: place, ..item })
}

/// Items that wait together, as one entry without its place.
fn as_one(rest: Rest) -> QuarantinedItem {
    QuarantinedItem {
        item: 0,
        of_item: None,
        cause: REST.to_owned(),
        payment_id: None,
        unit_key: None,
        end_to_end_id: None,
        body_ref: None,
        sha256: None,
        rest: Some(rest),
    }
}

fn quarantined(waiting: &[QuarantinedItem]) -> Vec<InboxEvent> {
    let chunks = waiting.chunks(ITEMS_IN_EVENT_MAX);
    chunks.map(|items| InboxEvent::Quarantined(BankMessageQuarantined { items: items.to_vec() })).collect()
}

/// Only what still waits is touched: somebody may have dealt with it meanwhile, or judged it again.
fn judge_again(state: &Inbox, known: &BankMessageReceived, again: &JudgedAgain) -> Decision<InboxEvent, InboxRefusal> {
    let waits = |item: &u64| state.quarantined.get(item).filter(|quarantine| quarantine.waits());
    let items: Vec<ItemJudgedAgain> = again.items.iter().filter(|item| waits(&item.item).is_some()).cloned().collect();
    if items.is_empty() {
        return Decision::NoOp;
    }
    let moved = items.iter().filter(|item| item.verdict == AgainVerdict::WaitsAnew);
    let roots: BTreeSet<u64> = moved.filter_map(|item| waits(&item.item)).map(Quarantine::root).collect();
    let last = state.quarantined.last_key_value().map_or(0, |(place, _)| place.saturating_add(1));
    let own = again.parts.iter().filter(|part| part.of_item.is_some_and(|item| roots.contains(&item)));
    let rests = || again.rests.iter().filter(|(place, _)| waits(place).is_some()).map(|(_, judged)| judged);
    let of_rests = rests().flat_map(|judged| judged.parts.iter().cloned().chain(judged.rest.map(as_one)));
    let behind = placed(first_place(known).max(last), own.cloned().chain(of_rests));
    // Items that waited together keep their own places, which nothing else has.
    let named = rests().flat_map(|judged| judged.quarantined.iter().cloned());
    let waiting: Vec<QuarantinedItem> = named.chain(behind).collect();
    let mut events = quarantined(&waiting);
    let chunks = items.chunks(ITEMS_IN_EVENT_MAX);
    events.extend(chunks.map(|items| InboxEvent::JudgedAgain(BankMessageJudgedAgain { items: items.to_vec() })));
    Decision::Events(events)
}
