//! What `execute` needs to know of an aggregate: its stream, how it folds, how it decides, what it claims.

use crate::app::error::AppError;
use crate::domain::approval::{self, Approval, ApprovalCommand, ApprovalEvent};
use crate::domain::bank::{self, Bank, BankCommand, BankEvent};
use crate::domain::beneficiary::{self, Beneficiary, BeneficiaryCommand, BeneficiaryEvent};
use crate::domain::claims::{self, ClaimChange};
use crate::domain::codec::{self, DomainEvent, Encoded};
use crate::domain::decision::Decision;
use crate::domain::desk::{self, Desk, DeskCommand, DeskEvent};
use crate::domain::disclosure::{DisclosureCommand, DisclosureEvent, Disclosures};
use crate::domain::ids::{ApprovalId, BankId, BeneficiaryId, DeskId, InboxId, ListId, PaymentId, RecoveryId};
use crate::domain::inbox::{self, Inbox, InboxCommand, InboxEvent};
use crate::domain::list::{self, ListCommand, ListEvent, PaymentList};
use crate::domain::payment::{self, Payment, PaymentCommand, PaymentEvent};
use crate::domain::recovery::{self, Recovery, RecoveryCommand, RecoveryEvent};
use crate::store::{RecordedEvent, StoreError};
use jiff::Timestamp;

/// An aggregate whose state is folded from one stream.
pub trait Aggregate: Default + Clone + Send + Sync {
    type Event: Send;
    type Command: Send;

    /// The event, if it is this aggregate's.
    fn event_of(event: DomainEvent) -> Option<Self::Event>;
    fn evolve(&mut self, event: &Self::Event);
    fn decide(&self, command: &Self::Command, now: Timestamp) -> Result<Decided<Self::Event>, AppError>;
    fn encode(event: &Self::Event) -> Encoded;
    /// What the event changes in the claims, seen from the state before it.
    fn claims(&self, event: &Self::Event) -> Vec<ClaimChange>;
}

/// A decision without its refusals, which are errors by now.
pub enum Decided<E> {
    Events(Vec<E>),
    NoOp,
}

pub(super) fn decided<E, R>(decision: Decision<E, R>) -> Result<Decided<E>, AppError>
where
    AppError: From<R>,
{
    match decision {
        Decision::Events(events) => Ok(Decided::Events(events)),
        Decision::NoOp => Ok(Decided::NoOp),
        Decision::Quarantine(cause) => Err(AppError::Quarantine(cause)),
        Decision::Refused(refusal) => Err(refusal.into()),
    }
}

impl Aggregate for Payment {
    type Event = PaymentEvent;
    type Command = PaymentCommand;

    fn event_of(event: DomainEvent) -> Option<PaymentEvent> {
        if let DomainEvent::Payment(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &PaymentEvent) {
        Payment::evolve(self, event);
    }

    fn decide(&self, command: &PaymentCommand, now: Timestamp) -> Result<Decided<PaymentEvent>, AppError> {
        decided(payment::decide(self, command, now))
    }

    fn encode(event: &PaymentEvent) -> Encoded {
        codec::encode_payment(event)
    }

    fn claims(&self, event: &PaymentEvent) -> Vec<ClaimChange> {
        claims::of_payment_event(self, event)
    }
}

impl Aggregate for Beneficiary {
    type Event = BeneficiaryEvent;
    type Command = BeneficiaryCommand;

    fn event_of(event: DomainEvent) -> Option<BeneficiaryEvent> {
        if let DomainEvent::Beneficiary(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &BeneficiaryEvent) {
        Beneficiary::evolve(self, event);
    }

    fn decide(&self, command: &BeneficiaryCommand, now: Timestamp) -> Result<Decided<BeneficiaryEvent>, AppError> {
        decided(beneficiary::decide(self, command, now))
    }

    fn encode(event: &BeneficiaryEvent) -> Encoded {
        codec::encode_beneficiary(event)
    }

    /// The log says nothing that must be unique about a person; identifiers are claimed from the vault's side.
    fn claims(&self, _event: &BeneficiaryEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

impl Aggregate for Disclosures {
    type Event = DisclosureEvent;
    type Command = DisclosureCommand;

    fn event_of(event: DomainEvent) -> Option<DisclosureEvent> {
        if let DomainEvent::Disclosure(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &DisclosureEvent) {
        Disclosures::evolve(self, event);
    }

    fn decide(&self, command: &DisclosureCommand, _now: Timestamp) -> Result<Decided<DisclosureEvent>, AppError> {
        decided(Disclosures::decide(self, command))
    }

    fn encode(event: &DisclosureEvent) -> Encoded {
        codec::encode_disclosure(event)
    }

    fn claims(&self, _event: &DisclosureEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

impl Aggregate for Recovery {
    type Event = RecoveryEvent;
    type Command = RecoveryCommand;

    fn event_of(event: DomainEvent) -> Option<RecoveryEvent> {
        if let DomainEvent::Recovery(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &RecoveryEvent) {
        Recovery::evolve(self, event);
    }

    fn decide(&self, command: &RecoveryCommand, now: Timestamp) -> Result<Decided<RecoveryEvent>, AppError> {
        decided(recovery::decide(self, command, now))
    }

    fn encode(event: &RecoveryEvent) -> Encoded {
        codec::encode_recovery(event)
    }

    /// Its id says what it is about: there is no second stream for it.
    fn claims(&self, _event: &RecoveryEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

impl Aggregate for Approval {
    type Event = ApprovalEvent;
    type Command = ApprovalCommand;

    fn event_of(event: DomainEvent) -> Option<ApprovalEvent> {
        if let DomainEvent::Approval(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &ApprovalEvent) {
        Approval::evolve(self, event);
    }

    fn decide(&self, command: &ApprovalCommand, now: Timestamp) -> Result<Decided<ApprovalEvent>, AppError> {
        decided(approval::decide(self, command, now))
    }

    fn encode(event: &ApprovalEvent) -> Encoded {
        codec::encode_approval(event)
    }

    fn claims(&self, _event: &ApprovalEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

impl Aggregate for Desk {
    type Event = DeskEvent;
    type Command = DeskCommand;

    fn event_of(event: DomainEvent) -> Option<DeskEvent> {
        if let DomainEvent::Desk(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &DeskEvent) {
        Desk::evolve(self, event);
    }

    fn decide(&self, command: &DeskCommand, now: Timestamp) -> Result<Decided<DeskEvent>, AppError> {
        decided(desk::decide(self, command, now))
    }

    fn encode(event: &DeskEvent) -> Encoded {
        codec::encode_desk(event)
    }

    fn claims(&self, event: &DeskEvent) -> Vec<ClaimChange> {
        claims::of_desk_event(event)
    }
}

impl Aggregate for PaymentList {
    type Event = ListEvent;
    type Command = ListCommand;

    fn event_of(event: DomainEvent) -> Option<ListEvent> {
        if let DomainEvent::List(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &ListEvent) {
        PaymentList::evolve(self, event);
    }

    fn decide(&self, command: &ListCommand, _now: Timestamp) -> Result<Decided<ListEvent>, AppError> {
        decided(list::decide(self, command))
    }

    fn encode(event: &ListEvent) -> Encoded {
        codec::encode_list(event)
    }

    fn claims(&self, event: &ListEvent) -> Vec<ClaimChange> {
        claims::of_list_event(event)
    }
}

impl Aggregate for Bank {
    type Event = BankEvent;
    type Command = BankCommand;

    fn event_of(event: DomainEvent) -> Option<BankEvent> {
        if let DomainEvent::Bank(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &BankEvent) {
        Bank::evolve(self, event);
    }

    fn decide(&self, command: &BankCommand, _now: Timestamp) -> Result<Decided<BankEvent>, AppError> {
        decided(bank::decide(self, command))
    }

    fn encode(event: &BankEvent) -> Encoded {
        codec::encode_bank(event)
    }

    fn claims(&self, event: &BankEvent) -> Vec<ClaimChange> {
        claims::of_bank_event(event)
    }
}

impl Aggregate for Inbox {
    type Event = InboxEvent;
    type Command = InboxCommand;

    fn event_of(event: DomainEvent) -> Option<InboxEvent> {
        if let DomainEvent::Inbox(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &InboxEvent) {
        Inbox::evolve(self, event);
    }

    fn decide(&self, command: &InboxCommand, _now: Timestamp) -> Result<Decided<InboxEvent>, AppError> {
        decided(inbox::decide(self, command))
    }

    fn encode(event: &InboxEvent) -> Encoded {
        codec::encode_inbox(event)
    }

    fn claims(&self, _event: &InboxEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

/// Folds recorded events of one stream. An event that is not the aggregate's own is corruption: nobody else writes there.
pub fn fold<A: Aggregate>(events: &[RecordedEvent]) -> Result<A, StoreError> {
    let mut state = A::default();
    for recorded in events {
        state.evolve(&decode_own::<A>(recorded)?);
    }
    Ok(state)
}

/// Reads one recorded event as the aggregate's own.
pub fn decode_own<A: Aggregate>(recorded: &RecordedEvent) -> Result<A::Event, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt(format!("event at position {}: {what}", recorded.position));
    codec::decode(&recorded.event_type, recorded.schema_version, &recorded.data)
        .map_err(|error| corrupt(error.to_string()))?
        .and_then(A::event_of)
        .ok_or_else(|| corrupt(format!("{} does not belong in {}", recorded.event_type, recorded.stream)))
}

/// The stream of a payment.
#[must_use]
pub fn payment_stream(id: PaymentId) -> String {
    format!("payment-{id}")
}

/// The stream of a beneficiary.
#[must_use]
pub fn beneficiary_stream(id: BeneficiaryId) -> String {
    format!("beneficiary-{id}")
}

/// The stream of a recovery.
#[must_use]
pub fn recovery_stream(id: RecoveryId) -> String {
    format!("recovery-{id}")
}

/// The stream of an approval.
#[must_use]
pub fn approval_stream(id: ApprovalId) -> String {
    format!("approval-{id}")
}

/// The stream of what was shown of a person.
#[must_use]
pub fn personal_stream(id: BeneficiaryId) -> String {
    format!("personal-{id}")
}

/// The stream of a cash desk.
#[must_use]
pub fn desk_stream(id: DeskId) -> String {
    format!("desk-{id}")
}

/// The stream of a payment list.
#[must_use]
pub fn list_stream(id: ListId) -> String {
    format!("list-{id}")
}

/// The list that a stream's name names.
#[must_use]
pub fn list_of_stream(stream: &str) -> Option<ListId> {
    ListId::parse(stream.strip_prefix("list-")?).ok()
}

/// The payment that a stream's name names.
#[must_use]
pub fn payment_of_stream(stream: &str) -> Option<PaymentId> {
    PaymentId::parse(stream.strip_prefix("payment-")?).ok()
}

/// The beneficiary that a stream's name names.
#[must_use]
pub fn beneficiary_of_stream(stream: &str) -> Option<BeneficiaryId> {
    BeneficiaryId::parse(stream.strip_prefix("beneficiary-")?).ok()
}

/// The stream of a bank's entry.
#[must_use]
pub fn bank_stream(bank: &BankId) -> String {
    format!("bank-{bank}")
}

/// The stream of a bank's message.
#[must_use]
pub fn inbox_stream(id: InboxId) -> String {
    format!("inbox-{id}")
}
