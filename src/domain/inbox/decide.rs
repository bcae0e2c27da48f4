//! What becomes of a bank's message. The same message again changes nothing; another one under its id is never applied.

use super::Inbox;
use super::event::{
    BankMessageApplied, BankMessageQuarantined, BankMessageReceived, BankMessageResolved, InboxEvent, OfWhole,
    QuarantinedItem,
};
use crate::domain::decision::Decision;
use std::collections::BTreeSet;

/// A command to a message's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxCommand {
    Receive(BankMessageReceived),
    /// What the judging of all items came to.
    Judge(Judged),
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
    /// Single payments of items on a whole file or block, with `of_item`; their own places are given when they are recorded.
    pub parts: Vec<QuarantinedItem>,
    /// What those items came to, if there are any.
    pub of_whole: Option<OfWhole>,
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

/// Items in one event, so that none grows beyond measure.
const ITEMS_IN_EVENT_MAX: usize = 500;

/// Decides about a command.
#[must_use]
pub fn decide(state: &Inbox, command: &InboxCommand) -> Decision<InboxEvent, InboxRefusal> {
    match (&state.received, command) {
        (None, InboxCommand::Receive(message)) => Decision::Events(vec![InboxEvent::Received(message.clone())]),
        (None, InboxCommand::Judge(_) | InboxCommand::Resolve { .. }) => Decision::Refused(InboxRefusal::NotReceived),
        (Some(known), InboxCommand::Receive(message)) => again(state, known, message),
        (Some(_), InboxCommand::Judge(_)) if state.applied.is_some() => Decision::NoOp,
        (Some(known), InboxCommand::Judge(judged)) => Decision::Events(judge(known, judged)),
        (Some(_), InboxCommand::Resolve { item, reason }) => match state.quarantined.get(item) {
            None => Decision::Refused(InboxRefusal::NotQuarantined),
            Some(quarantine) if quarantine.resolved.is_some() => Decision::NoOp,
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
        body_ref: Some(message.body_ref),
        sha256: Some(message.sha256.clone()),
    };
    Decision::Events(vec![InboxEvent::Quarantined(BankMessageQuarantined { items: vec![item] })])
}

fn judge(known: &BankMessageReceived, judged: &Judged) -> Vec<InboxEvent> {
    // Behind the places of other messages under the id.
    let places = known.items.saturating_add(OTHERS_KEPT_MAX as u64)..;
    let parts = places.zip(&judged.parts).map(|(item, part)| QuarantinedItem { item, ..part.clone() });
    let waiting: Vec<QuarantinedItem> = judged.quarantined.iter().cloned().chain(parts).collect();
    let items: BTreeSet<u64> = waiting.iter().map(|item| item.of_item.unwrap_or(item.item)).collect();
    let chunks = waiting.chunks(ITEMS_IN_EVENT_MAX);
    let mut events: Vec<InboxEvent> =
        chunks.map(|items| InboxEvent::Quarantined(BankMessageQuarantined { items: items.to_vec() })).collect();
    events.push(InboxEvent::Applied(BankMessageApplied {
        applied: judged.applied,
        no_op: judged.no_op,
        quarantined: items.len() as u64,
        of_whole: judged.of_whole,
    }));
    events
}
