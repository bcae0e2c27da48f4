//! The rules of payment lists, one a test: given events, when a command, then events or a refusal.

mod preparing;
mod properties;
mod settling;
mod table;

use crate::domain::decision::Decision;
use crate::domain::ids::{BankId, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::list::command::{Candidate, Control, Outcome, Submit};
use crate::domain::list::event::{
    AgentAnswer, FindingCount, Item, LeftOut, ListAcknowledged, ListApproved, ListChecked, ListClosed, ListEvent,
    ListItemsAdded, ListItemsRemoved, ListOpened, ListPrepared, ListReconciled, ListSubmitted, ListWithdrawn, Origin,
    RemovedItem, Tally,
};
use crate::domain::list::{ListCommand, ListRefusal, PaymentList, decide};
use crate::domain::money::{Currency, Money};
use crate::domain::period::Month;
use uuid::Uuid;

const CLERK: &str = "k-clerk";
const SECOND: &str = "k-second";
const APPROVAL_ABOVE: i64 = 1_000;

fn vnd(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn payment(number: u128) -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(number))
}

fn opening() -> ListOpened {
    ListOpened {
        list_id: ListId::from_uuid(Uuid::from_u128(99)),
        cycle: Month::new(2025, 3).unwrap(),
        channel: ChannelCode::parse("account").unwrap(),
        agent: crate::domain::ids::AgentCode::parse("agency").unwrap(),
        currency: Currency::parse("VND").unwrap(),
        origin: Origin::Ordered,
        previous: Vec::new(),
        by: CLERK.to_owned(),
    }
}

fn item(number: u128, amount_minor: i64) -> Item {
    Item {
        payment_id: payment(number),
        attempt: 1,
        beneficiary_id: BeneficiaryId::from_uuid(Uuid::from_u128(1_000 + number)),
        benefit_type: BenefitType::parse("pension").unwrap(),
        unit_key: UnitKey::parse("C1").unwrap(),
        bank: BankId::parse("vcb").ok(),
        amount_minor,
    }
}

fn candidate(number: u128, amount_minor: i64) -> Candidate {
    let opened = opening();
    Candidate {
        item: item(number, amount_minor),
        cycle: opened.cycle,
        channel: opened.channel,
        agent: opened.agent,
        currency: opened.currency,
    }
}

fn left_out(number: u128) -> LeftOut {
    let item = item(number, 5);
    LeftOut {
        beneficiary_id: item.beneficiary_id,
        benefit_type: item.benefit_type,
        unit_key: Some(item.unit_key),
        amount_minor: 5,
        reason: "dropped".to_owned(),
        note: None,
    }
}

fn opened() -> ListEvent {
    ListEvent::Opened(opening())
}

fn added(chunk: u32, items: Vec<Item>) -> ListEvent {
    ListEvent::ItemsAdded(ListItemsAdded { chunk, items, left_out: Vec::new() })
}

fn prepared(item_count: u64, sum: i64) -> ListEvent {
    ListEvent::Prepared(ListPrepared { item_count, control_sum: vnd(sum), left_out_count: 0 })
}

fn removed(number: u128, amount_minor: i64, by: &str) -> ListEvent {
    let item = item(number, amount_minor);
    let items = vec![RemovedItem {
        payment_id: item.payment_id,
        attempt: 1,
        unit_key: item.unit_key,
        bank: item.bank,
        amount_minor,
    }];
    ListEvent::ItemsRemoved(ListItemsRemoved { items, reason: "gone".to_owned(), by: by.to_owned() })
}

fn checked(findings: Vec<FindingCount>) -> ListEvent {
    ListEvent::Checked(ListChecked { item_count: 2, control_sum: vnd(700), findings, by: CLERK.to_owned() })
}

fn approved() -> ListEvent {
    ListEvent::Approved(ListApproved { item_count: 2, control_sum: vnd(700), by: SECOND.to_owned() })
}

fn submitted(sum: i64) -> ListEvent {
    ListEvent::Submitted(ListSubmitted { item_count: 2, advanced: vnd(sum), by: CLERK.to_owned() })
}

fn acknowledged() -> ListEvent {
    ListEvent::Acknowledged(ListAcknowledged { answer: AgentAnswer::Accepted, agent_ref: None, by: "b".to_owned() })
}

fn reconciled() -> ListEvent {
    ListEvent::Reconciled(ListReconciled {
        paid: Tally { items: 1, sum_minor: 300 },
        unpaid: Tally { items: 1, sum_minor: 400 },
        advanced: vnd(700),
        handed_back: vnd(400),
        by: CLERK.to_owned(),
    })
}

fn closed() -> ListEvent {
    ListEvent::Closed(ListClosed { by: CLERK.to_owned() })
}

fn withdrawn() -> ListEvent {
    ListEvent::Withdrawn(ListWithdrawn { reason: "wrong month".to_owned(), handed_back: None, by: CLERK.to_owned() })
}

/// Two items of 300 and 400.
fn two_prepared() -> Vec<ListEvent> {
    vec![opened(), added(0, vec![item(1, 300), item(2, 400)]), prepared(2, 700)]
}

fn after(mut given: Vec<ListEvent>, more: impl IntoIterator<Item = ListEvent>) -> Vec<ListEvent> {
    given.extend(more);
    given
}

/// One paid, one not.
fn outcome() -> Outcome {
    Outcome {
        paid: Tally { items: 1, sum_minor: 300 },
        unpaid: Tally { items: 1, sum_minor: 400 },
        open: Tally::default(),
    }
}

fn submit() -> Submit {
    Submit { approval_above_minor: APPROVAL_ABOVE, blocking_items: 0, advanced: None, by: CLERK.to_owned() }
}

fn approve(by: &str) -> ListCommand {
    ListCommand::Approve { control: Control::default(), by: by.to_owned(), same_person: false }
}

fn reconcile(handed_back: i64) -> ListCommand {
    ListCommand::Reconcile { outcome: outcome(), handed_back: vnd(handed_back), by: CLERK.to_owned() }
}

fn when(given: &[ListEvent], command: &ListCommand) -> Decision<ListEvent, ListRefusal> {
    decide(&PaymentList::replay(given), command)
}

#[track_caller]
fn then(given: &[ListEvent], command: &ListCommand, expected: ListEvent) {
    assert_eq!(when(given, command), Decision::Events(vec![expected]));
}

#[track_caller]
fn nothing_new(given: &[ListEvent], command: &ListCommand) {
    assert_eq!(when(given, command), Decision::NoOp);
}

#[track_caller]
fn refused(given: &[ListEvent], command: &ListCommand, expected: ListRefusal) {
    assert_eq!(when(given, command), Decision::Refused(expected));
}
