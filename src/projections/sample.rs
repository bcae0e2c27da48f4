//! A small country for tests of projections: two provinces, three levels, two groups of benefits, three channels. Tests only.

use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitGroup, BenefitType, ChannelCode, EndToEndId, PaymentId, PaymentReference,
    UnitKey,
};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::PaymentEvent;
use crate::domain::payment::event::{
    Correction, Evidence, FailureCause, Payee, PaymentAccepted, PaymentCancelled, PaymentCorrected, PaymentFailed,
    PaymentHeld, PaymentInstructed, PaymentReissued, PaymentRejected, PaymentReleased, PaymentReturned, PaymentSettled,
    Reason, ReasonClass,
};
use crate::domain::payment::kind::PaymentKind;
use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::projections::cell::Tally;
use crate::projections::fact::{Fact, Subject};
use crate::projections::figures::CellRow;
use crate::projections::reference::Reference;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

/// Leaves first in each line of descent.
pub const UNITS: [(&str, &str, Option<&str>); 7] = [
    ("VN", "country", None),
    ("P1", "province", Some("VN")),
    ("P2", "province", Some("VN")),
    ("C11", "commune", Some("P1")),
    ("C12", "commune", Some("P1")),
    ("C21", "commune", Some("P2")),
    ("C22", "commune", Some("P2")),
];
pub const COMMUNES: [&str; 4] = ["C11", "C12", "C21", "C22"];
pub const TYPES: [(&str, &str); 3] = [("pension", "monthly"), ("survivor", "monthly"), ("funeral", "once")];
pub const CHANNELS: [(&str, bool); 3] = [("account", true), ("wallet", true), ("cash_desk", false)];

#[derive(Debug)]
pub struct Sample {
    units: Vec<UnitKey>,
    types: Vec<BenefitType>,
    groups: Vec<BenefitGroup>,
    channels: Vec<ChannelCode>,
}

impl Sample {
    pub fn new() -> Self {
        Self {
            units: UNITS.iter().map(|(key, _, _)| UnitKey::parse(key).unwrap()).collect(),
            types: TYPES.iter().map(|(code, _)| BenefitType::parse(code).unwrap()).collect(),
            groups: TYPES.iter().map(|(_, group)| BenefitGroup::parse(group).unwrap()).collect(),
            channels: CHANNELS.iter().map(|(code, _)| ChannelCode::parse(code).unwrap()).collect(),
        }
    }

    fn unit(&self, key: &str) -> Option<usize> {
        self.units.iter().position(|unit| unit.as_str() == key)
    }
}

impl Reference for Sample {
    fn is_cashless(&self, channel: &ChannelCode) -> Option<bool> {
        CHANNELS.iter().find(|(code, _)| *code == channel.as_str()).map(|(_, cashless)| *cashless)
    }
    fn benefit_group(&self, benefit_type: &BenefitType) -> Option<&BenefitGroup> {
        self.types.iter().position(|code| code == benefit_type).map(|at| &self.groups[at])
    }
    fn unit_path(&self, unit: &UnitKey) -> Option<Vec<&UnitKey>> {
        let mut at = self.unit(unit.as_str())?;
        let mut path = vec![&self.units[at]];
        while let Some(above) = UNITS[at].2.and_then(|key| self.unit(key)) {
            path.push(&self.units[above]);
            at = above;
        }
        Some(path)
    }
    fn places(&self, unit: &UnitKey, _basis: &UnitBasis) -> Vec<&UnitKey> {
        self.units.iter().filter(|one| *one == unit).collect()
    }
    fn unit_level(&self, unit: &UnitKey) -> Option<&str> {
        self.unit(unit.as_str()).map(|at| UNITS[at].1)
    }
    fn units(&self) -> Vec<&UnitKey> {
        self.units.iter().collect()
    }
    fn benefit_types(&self) -> Vec<&BenefitType> {
        self.types.iter().collect()
    }
    fn channels(&self) -> Vec<&ChannelCode> {
        self.channels.iter().collect()
    }
    fn business_day(&self, recorded_at_us: i64) -> Date {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
        zone.to_datetime(Timestamp::from_microsecond(recorded_at_us).unwrap()).date()
    }
}

/// One thing that may happen, by number: which payment, which happening, and free choices.
pub type Step = (u8, u8, u8, u8);

/// Random histories: each step picks a payment and something that is legal for it then.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0_u8..10, 0_u8..8, any::<u8>(), any::<u8>()), 1..most)
}

struct Life {
    state: AttemptState,
    held: bool,
    attempt: u32,
    amount: i64,
    settled_once: bool,
}

/// Turns steps into events as they would stand in the log. Positions have gaps, as if other streams wrote in between, and a day of
/// recording lasts some 40 events.
pub fn history(steps: &[Step]) -> Vec<Fact> {
    let mut lives: Vec<Option<(Life, u64)>> = (0..10).map(|_| None).collect();
    let mut facts = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let payment = payment_id(step.0);
        let life = &mut lives[usize::from(step.0)];
        let (event, revision) = match life {
            None => {
                let amount = 1000 + i64::from(step.3);
                *life = Some((
                    Life { state: AttemptState::Instructed, held: false, attempt: 1, amount, settled_once: false },
                    0,
                ));
                (instructed(*step, amount), 0)
            }
            Some((life, revision)) => {
                let Some(event) = happening(life, payment, *step) else { continue };
                *revision += 1;
                (event, *revision)
            }
        };
        let position = 1 + number as u64 * 3;
        facts.push(Fact {
            position,
            revision,
            recorded_at_us: 1_740_000_000_000_000 + i64::try_from(number).unwrap() * 2_160_000_000,
            subject: Subject::Payment(payment, event),
        });
    }
    facts
}

/// A row of an answer, in no cycle and no place; ten minor units for each that is counted.
pub fn cell_row(tally: Tally, value: &str, channel: &str, count: i64) -> CellRow {
    let nowhere = String::new;
    CellRow {
        tally,
        value: value.to_owned(),
        cycle: nowhere(),
        unit: nowhere(),
        benefit: nowhere(),
        channel: channel.to_owned(),
        agent: nowhere(),
        bank: nowhere(),
        urban: nowhere(),
        count,
        amount_minor: count * 10,
    }
}

pub fn payment_id(number: u8) -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

/// Ten payments belong to three people.
pub fn person(payment: u8) -> BeneficiaryId {
    BeneficiaryId::from_uuid(Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::from(payment % 3)))
}

pub fn money(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn channel(choice: u8) -> (ChannelCode, AgentCode, Option<BankId>) {
    let code = CHANNELS[usize::from(choice) % 3].0;
    let (agent, bank) = match code {
        "account" => ("bank", Some(if choice.is_multiple_of(2) { "vcb" } else { "bidv" })),
        "wallet" => ("bank", Some("momo")),
        _ => ("post", None),
    };
    (ChannelCode::parse(code).unwrap(), AgentCode::parse(agent).unwrap(), bank.map(|bank| BankId::parse(bank).unwrap()))
}

fn instructed((number, _, a, b): Step, amount: i64) -> PaymentEvent {
    let (channel, agent, bank) = channel(a);
    let cycle = Month::new(2025, 2 + i32::from(number / 8)).unwrap();
    PaymentEvent::Instructed(PaymentInstructed {
        payment_id: payment_id(number),
        reference: PaymentReference::parse(&format!("R{number}")).unwrap(),
        beneficiary_id: person(number),
        benefit_type: BenefitType::parse(TYPES[usize::from(b) % 3].0).unwrap(),
        benefit_months: vec![cycle],
        cycle,
        amount: money(amount),
        unit_key: UnitKey::parse(COMMUNES[usize::from(a / 3) % 4]).unwrap(),
        unit_code_as_received: "00001".to_owned(),
        urban: a.is_multiple_of(2),
        attempt: 1,
        channel,
        agent,
        bank,
        account_ref: None,
        end_to_end_id: EndToEndId::of(payment_id(number), 1),
        due_on: date(2025, 2, 1 + i8::try_from(b % 20).unwrap()),
        payee: Payee::Beneficiary,
        supplement: b.is_multiple_of(5),
        kind: [None, Some(PaymentKind::Arrears), Some(PaymentKind::Supplement)]
            [usize::from(b.is_multiple_of(5)) * usize::from(b % 3)],
    })
}

fn happening(life: &mut Life, payment: PaymentId, (_, kind, a, b): Step) -> Option<PaymentEvent> {
    use AttemptState::{Accepted, Cancelled, Failed, Instructed, Rejected, Returned, Settled};
    let attempt = life.attempt;
    let day = date(2025, 2, 1 + i8::try_from(a % 28).unwrap());
    let evidence = || Evidence { kind: "statement".to_owned(), reference: "S1".to_owned() };
    let reason = || Reason {
        system: "iso20022".to_owned(),
        code: if b % 3 == 0 { "BE01" } else { "AC04" }.to_owned(),
        class: if b % 3 == 0 { ReasonClass::Identity } else { ReasonClass::AccountState },
        text: None,
        text_ref: None,
    };
    let (state, event) = match (life.state, kind) {
        (Instructed, 0) => (
            Accepted,
            PaymentEvent::Accepted(PaymentAccepted {
                attempt,
                agent_ref: None,
                raw_status: None,
                accepted_at: Timestamp::UNIX_EPOCH,
            }),
        ),
        (Instructed | Accepted, 1 | 2) => (
            Settled,
            PaymentEvent::Settled(PaymentSettled {
                attempt,
                settled_on: day,
                amount: money(life.amount),
                evidence: evidence(),
                collected_by: None,
            }),
        ),
        (Instructed | Accepted, 3) => {
            (Rejected, PaymentEvent::Rejected(PaymentRejected { attempt, reason: reason(), rejected_on: day }))
        }
        (Instructed | Accepted, 4) => {
            (Failed, PaymentEvent::Failed(PaymentFailed { attempt, cause: FailureCause::Unclaimed, deadline: day }))
        }
        (Settled | Accepted, 5) => (
            Returned,
            PaymentEvent::Returned(PaymentReturned {
                attempt,
                returned_on: day,
                amount: money(life.amount),
                reason: reason(),
                evidence: evidence(),
                settlement_inferred: life.state == Accepted,
            }),
        ),
        (Rejected | Failed | Returned, 0..=4) => {
            life.attempt += 1;
            (Instructed, reissued(payment, life.attempt, a))
        }
        (Instructed | Rejected | Failed | Returned, 5) => (
            Cancelled,
            PaymentEvent::Cancelled(PaymentCancelled { attempt, reason: "test".to_owned(), by: "agency".to_owned() }),
        ),
        (Instructed | Accepted, 6) => {
            life.held = !life.held;
            return Some(held(attempt, life.held));
        }
        (_, 7) => return Some(corrected(life, a, b)),
        _ => return None,
    };
    life.state = state;
    life.held = life.held && state == Accepted;
    life.settled_once |= state == Settled || state == Returned;
    Some(event)
}

fn held(attempt: u32, held: bool) -> PaymentEvent {
    if held {
        PaymentEvent::Held(PaymentHeld { attempt, cause: "look".to_owned(), note: None })
    } else {
        PaymentEvent::Released(PaymentReleased { attempt, note: None })
    }
}

fn reissued(payment: PaymentId, new_attempt: u32, choice: u8) -> PaymentEvent {
    let (to_channel, agent, bank) = channel(choice);
    PaymentEvent::Reissued(PaymentReissued {
        new_attempt,
        from_channel: to_channel.clone(),
        to_channel,
        agent,
        bank,
        account_ref: None,
        end_to_end_id: EndToEndId::of(payment, new_attempt),
        due_on: date(2025, 3, 3),
        payee: Payee::Beneficiary,
        reason: "again".to_owned(),
    })
}

fn corrected(life: &mut Life, a: u8, b: u8) -> PaymentEvent {
    let old = UnitKey::parse("C11").unwrap();
    let correction = match a % 4 {
        0 if !life.settled_once => {
            let before = money(life.amount);
            life.amount = 2000 + i64::from(b);
            Correction::Amount { old: before, new: money(life.amount) }
        }
        1 => Correction::DueOn { old: date(2025, 2, 1), new: date(2025, 2, 1 + i8::try_from(b % 28).unwrap()) },
        2 => Correction::Reference {
            old: PaymentReference::parse("R").unwrap(),
            new: PaymentReference::parse(&format!("N{:?}-{b}", life.attempt)).unwrap(),
        },
        _ => Correction::Unit {
            old,
            new: UnitKey::parse(COMMUNES[usize::from(b) % 4]).unwrap(),
            new_urban: b.is_multiple_of(3),
            new_code_as_received: "00002".to_owned(),
        },
    };
    PaymentEvent::Corrected(PaymentCorrected { correction, ground: "clerical".to_owned() })
}
