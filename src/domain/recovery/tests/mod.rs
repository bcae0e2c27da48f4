//! The rules of a recovery as a specification: every state by every command, sums, and what counts as overpaid.

mod overpaid;
mod table;

use crate::domain::decision::Decision;
use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, EndToEndId, PaymentId, PaymentReference, UnitKey,
};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::Payment;
use crate::domain::payment::event::{
    Evidence, FailureCause, Payee, PaymentCancelled, PaymentEvent, PaymentFailed, PaymentInstructed, PaymentReissued,
    PaymentReturned, PaymentSettled, PaymentSettledLate, Reason, ReasonClass,
};
use crate::domain::payment::state::Instructed;
use crate::domain::period::Month;
use crate::domain::recovery::command::RecoveryCommand;
use crate::domain::recovery::event::{Ground, RecoveryEvent, RecoveryLapsed, RecoveryWrittenOff};
use crate::domain::recovery::overpaid::{Overpayment, overpaid, recovery_id};
use crate::domain::recovery::state::{Recovery, RecoveryState};
use crate::domain::recovery::{RecoveryRefusal, decide};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

fn dong(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn evidence(reference: &str) -> Evidence {
    Evidence { kind: "statement".to_owned(), reference: reference.to_owned() }
}

fn ordered(months: &[&str], amount: i64) -> PaymentEvent {
    let payment_id = PaymentId::from_uuid(Uuid::from_u128(7));
    PaymentEvent::Instructed(PaymentInstructed {
        payment_id,
        reference: PaymentReference::parse("QN-1").unwrap(),
        beneficiary_id: BeneficiaryId::from_uuid(Uuid::from_u128(1)),
        benefit_type: BenefitType::parse("pension").unwrap(),
        benefit_months: months.iter().map(|text| month(text)).collect(),
        cycle: month(months[0]),
        amount: dong(amount),
        unit_key: UnitKey::parse("C1").unwrap(),
        unit_code_as_received: "1".to_owned(),
        urban: true,
        attempt: 1,
        channel: ChannelCode::parse("account").unwrap(),
        agent: AgentCode::parse("bank").unwrap(),
        bank: BankId::parse("vcb").ok(),
        account_ref: None,
        end_to_end_id: EndToEndId::of(payment_id, 1),
        due_on: date(2025, 3, 5),
        payee: Payee::Beneficiary,
        supplement: false,
        kind: None,
    })
}

fn payment(events: &[PaymentEvent]) -> Instructed {
    Payment::replay(events).instructed.unwrap()
}

fn settled(attempt: u32, amount: i64) -> PaymentEvent {
    PaymentEvent::Settled(PaymentSettled {
        attempt,
        settled_on: date(2025, 3, 4),
        amount: dong(amount),
        evidence: evidence("S1"),
        collected_by: None,
    })
}

fn late(attempt: u32, reinstated: bool) -> PaymentEvent {
    PaymentEvent::SettledLate(PaymentSettledLate {
        attempt,
        settled_on: date(2025, 3, 4),
        amount: dong(5_000_000),
        evidence: evidence("S2"),
        stopped_attempt: None,
        reinstated,
    })
}

fn failed(attempt: u32) -> PaymentEvent {
    PaymentEvent::Failed(PaymentFailed { attempt, cause: FailureCause::NoAnswer, deadline: date(2025, 3, 25) })
}

fn reissued(new_attempt: u32) -> PaymentEvent {
    PaymentEvent::Reissued(PaymentReissued {
        new_attempt,
        from_channel: ChannelCode::parse("account").unwrap(),
        to_channel: ChannelCode::parse("cash_desk").unwrap(),
        agent: AgentCode::parse("post").unwrap(),
        bank: None,
        account_ref: None,
        end_to_end_id: EndToEndId::of(PaymentId::from_uuid(Uuid::from_u128(7)), new_attempt),
        due_on: date(2025, 3, 10),
        payee: Payee::Beneficiary,
        reason: "again".to_owned(),
    })
}

fn returned(attempt: u32) -> PaymentEvent {
    PaymentEvent::Returned(PaymentReturned {
        attempt,
        returned_on: date(2025, 3, 7),
        amount: dong(5_000_000),
        reason: Reason {
            system: "iso20022".to_owned(),
            code: "AC04".to_owned(),
            class: ReasonClass::AccountState,
            text: None,
            text_ref: None,
        },
        evidence: evidence("R1"),
        settlement_inferred: false,
    })
}

fn cancelled() -> PaymentEvent {
    PaymentEvent::Cancelled(PaymentCancelled { attempt: 1, reason: "asked".to_owned(), by: "agency".to_owned() })
}

/// An overpayment of so much.
fn too_much(amount: i64) -> Overpayment {
    Overpayment {
        payment: payment(&[ordered(&["2025-03"], amount)]),
        attempt: 1,
        ground: Ground::PaidAfterDeath,
        months: vec![month("2025-03")],
        amount: dong(amount),
    }
}

const ON: Date = date(2025, 4, 1);

fn find(amount: i64) -> RecoveryCommand {
    RecoveryCommand::Find { overpayment: Box::new(too_much(amount)), found_on: ON }
}

fn demand(reference: &str) -> RecoveryCommand {
    RecoveryCommand::Demand { demanded_on: ON, due_on: None, reference: reference.to_owned() }
}

fn receive(amount: i64, reference: &str) -> RecoveryCommand {
    RecoveryCommand::Receive { amount: dong(amount), received_on: ON, evidence: evidence(reference) }
}

fn write_off() -> RecoveryCommand {
    RecoveryCommand::WriteOff { written_off_on: ON, reason: "no heirs".to_owned(), approval_id: None }
}

const LAPSE: RecoveryCommand = RecoveryCommand::Lapse { lapsed_on: ON };

fn when(state: &Recovery, command: &RecoveryCommand) -> Decision<RecoveryEvent, RecoveryRefusal> {
    decide(state, command, Timestamp::UNIX_EPOCH)
}

/// The recovery after these commands, each of which must be accepted.
fn given(commands: &[RecoveryCommand]) -> Recovery {
    let mut state = Recovery::default();
    for command in commands {
        match when(&state, command) {
            Decision::Events(events) => events.iter().for_each(|event| state.evolve(event)),
            other => panic!("the given {command:?} is not accepted: {other:?}"),
        }
    }
    state
}
