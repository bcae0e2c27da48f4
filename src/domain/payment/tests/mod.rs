//! The rules of a payment as a specification: given these events, when this command, then that.

mod aftermath;
mod bank;
mod contradictions;
mod corrections;
mod dice;
mod instructing;
mod kinds;
mod late;
mod lives;
mod outcomes;
mod properties;
mod standing;
mod table;

use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::decision::{Decision, QuarantineCause};
use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, EndToEndId, PaymentId, PaymentReference, UnitKey,
    VaultRef,
};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::command::{
    AccountPayee, BeneficiaryFact, ChannelFact, CorrectionFacts, Instruct, PaymentCommand, Reissue, UnitFact,
};
use crate::domain::payment::event::{
    Evidence, FailureCause, Payee, PaymentAccepted, PaymentCancelled, PaymentEvent, PaymentFailed, PaymentRejected,
    PaymentReturned, PaymentSettled, Reason, ReasonClass, Resolution,
};
use crate::domain::payment::kind::{KindLimits, PaymentKind};
use crate::domain::payment::{AttemptState, Payment, PaymentRefusal, decide};
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn payment_id() -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(7))
}

fn dong(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("VND").unwrap() }
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn account_ref(number: u128) -> VaultRef {
    VaultRef::from_uuid(Uuid::from_u128(number))
}

fn by_account() -> ChannelFact {
    ChannelFact { code: ChannelCode::parse("account").unwrap(), cashless: true, requires_account: true }
}

fn in_cash() -> ChannelFact {
    ChannelFact { code: ChannelCode::parse("cash_desk").unwrap(), cashless: false, requires_account: false }
}

fn commune(from: Option<Date>, to: Option<Date>) -> UnitFact {
    UnitFact {
        key: UnitKey::parse("C20965").unwrap(),
        code_as_received: "20965".to_owned(),
        urban: false,
        valid_from: from,
        valid_to: to,
    }
}

/// A correct order by account for March 2025.
fn order() -> Instruct {
    Instruct {
        payment_id: payment_id(),
        reference: PaymentReference::parse("QN-2025-03-000001").unwrap(),
        beneficiary: BeneficiaryFact {
            id: BeneficiaryId::from_uuid(Uuid::from_u128(1)),
            died_on: None,
            method: None,
            next_method: None,
            suspensions: Vec::new(),
        },
        benefit_type: BenefitType::parse("pension").unwrap(),
        benefit_months: vec![month("2025-03")],
        cycle: month("2025-03"),
        amount: dong(5_000_000),
        unit: commune(None, Some(date(2025, 6, 30))),
        channel: by_account(),
        agent: AgentCode::parse("bank").unwrap(),
        bank: Some(BankId::parse("vcb").unwrap()),
        account_ref: Some(account_ref(11)),
        due_on: date(2025, 3, 5),
        payee: Payee::Beneficiary,
        account_payee: AccountPayee::OWN,
        limits: limits(PaymentKind::Regular),
    }
}

fn limits(kind: PaymentKind) -> KindLimits {
    KindLimits { kind, amount_max_minor: 2_000_000_000, months_back_max: None, months_max: None }
}

/// What a correction is held against where nothing is known of the person.
fn nothing_known() -> CorrectionFacts {
    CorrectionFacts { died_on: None, suspensions: Vec::new(), limits: limits(PaymentKind::Regular) }
}

fn instruct(change: impl FnOnce(&mut Instruct)) -> PaymentCommand {
    let mut command = order();
    change(&mut command);
    PaymentCommand::Instruct(Box::new(command))
}

fn evidence(reference: &str) -> Evidence {
    Evidence { kind: "statement".to_owned(), reference: reference.to_owned() }
}

fn wrong_account() -> Reason {
    Reason {
        system: "iso20022".to_owned(),
        code: "AC01".to_owned(),
        class: ReasonClass::AccountData,
        text: None,
        text_ref: None,
    }
}

fn accept() -> PaymentCommand {
    PaymentCommand::Accept {
        attempt: None,
        agent_ref: Some("VCB-1".to_owned()),
        raw_status: Some("ACCP".to_owned()),
        accepted_at: NOW,
    }
}

fn settle_with(amount: Money, reference: &str) -> PaymentCommand {
    PaymentCommand::Settle {
        attempt: None,
        settled_on: date(2025, 3, 4),
        amount,
        evidence: evidence(reference),
        collected_by: None,
        months_free: true,
        collector: Standing::NotNeeded,
    }
}

fn settle() -> PaymentCommand {
    settle_with(dong(5_000_000), "S1")
}

fn reject() -> PaymentCommand {
    PaymentCommand::Reject { attempt: None, reason: wrong_account(), rejected_on: date(2025, 3, 4) }
}

fn return_with(amount: Money) -> PaymentCommand {
    PaymentCommand::Return {
        attempt: None,
        returned_on: date(2025, 3, 7),
        amount,
        reason: wrong_account(),
        evidence: evidence("R1"),
    }
}

fn fail() -> PaymentCommand {
    PaymentCommand::Fail { attempt: None, cause: FailureCause::NoAnswer, deadline: date(2025, 3, 25) }
}

fn hold() -> PaymentCommand {
    PaymentCommand::Hold { cause: "account under review".to_owned(), note: None }
}

fn release() -> PaymentCommand {
    PaymentCommand::Release { note: None, died_on: None }
}

fn resolve(resolution: Resolution) -> PaymentCommand {
    PaymentCommand::Resolve { resolution, reason: "asked the bank".to_owned(), seen: None, months_free: true }
}

fn cancel(recall_confirmed: bool) -> PaymentCommand {
    PaymentCommand::Cancel { reason: "ordered twice".to_owned(), by: "agency".to_owned(), recall_confirmed }
}

fn reissue_by(channel: ChannelFact) -> Reissue {
    Reissue {
        channel,
        agent: AgentCode::parse("post").unwrap(),
        bank: None,
        account_ref: None,
        due_on: date(2025, 3, 10),
        payee: Payee::Beneficiary,
        died_on: None,
        suspensions: Vec::new(),
        account_payee: AccountPayee::OWN,
        reason: "account closed".to_owned(),
    }
}

fn reissue() -> PaymentCommand {
    PaymentCommand::Reissue(Box::new(reissue_by(in_cash())))
}

/// The same report about a named attempt.
fn about(number: u32, mut command: PaymentCommand) -> PaymentCommand {
    match &mut command {
        PaymentCommand::Accept { attempt, .. }
        | PaymentCommand::Settle { attempt, .. }
        | PaymentCommand::Reject { attempt, .. }
        | PaymentCommand::Return { attempt, .. }
        | PaymentCommand::Fail { attempt, .. } => *attempt = Some(number),
        PaymentCommand::Instruct(_)
        | PaymentCommand::Hold { .. }
        | PaymentCommand::Release { .. }
        | PaymentCommand::Reissue(_)
        | PaymentCommand::Cancel { .. }
        | PaymentCommand::Correct { .. }
        | PaymentCommand::Resolve { .. } => {}
    }
    command
}

/// A payment's life so far.
#[derive(Clone, Default)]
struct Life {
    state: Payment,
    events: Vec<PaymentEvent>,
}

/// What the commands brought about, each of which must be accepted.
fn given(commands: &[PaymentCommand]) -> Life {
    let mut life = Life::default();
    for command in commands {
        match decide(&life.state, command, NOW) {
            Decision::Events(events) => life.apply(events),
            other => panic!("the given {command:?} is not accepted: {other:?}"),
        }
    }
    life
}

impl Life {
    fn apply(&mut self, events: Vec<PaymentEvent>) {
        for event in &events {
            self.state.evolve(event);
        }
        self.events.extend(events);
    }

    fn when(mut self, command: &PaymentCommand) -> Answer {
        let decision = decide(&self.state, command, NOW);
        if let Decision::Events(events) = &decision {
            self.apply(events.clone());
        }
        Answer { life: self, decision }
    }
}

struct Answer {
    life: Life,
    decision: Decision<PaymentEvent, PaymentRefusal>,
}

impl Answer {
    #[track_caller]
    fn then(self, expected: PaymentEvent) -> Life {
        assert_eq!(self.decision, Decision::Events(vec![expected]));
        self.life
    }

    #[track_caller]
    fn then_latest_is(self, state: AttemptState) -> Life {
        assert!(matches!(self.decision, Decision::Events(_)), "{:?}", self.decision);
        assert_eq!(self.life.state.instructed.as_ref().unwrap().latest().state, state);
        self.life
    }

    #[track_caller]
    fn then_nothing_new(self) {
        assert_eq!(self.decision, Decision::NoOp);
    }

    #[track_caller]
    fn then_quarantined(self, cause: QuarantineCause) {
        assert_eq!(self.decision, Decision::Quarantine(cause));
    }

    #[track_caller]
    fn then_refused(self, refusal: PaymentRefusal) {
        assert_eq!(self.decision, Decision::Refused(refusal));
    }
}

fn ordered() -> PaymentCommand {
    instruct(|_| {})
}

/// A payment whose only attempt is in this state, reached through the usual steps.
fn in_state(state: AttemptState) -> Life {
    let mut commands = vec![ordered()];
    match state {
        AttemptState::Instructed => {}
        AttemptState::Accepted => commands.push(accept()),
        AttemptState::Settled => commands.push(settle()),
        AttemptState::Rejected => commands.push(reject()),
        AttemptState::Failed => commands.push(fail()),
        AttemptState::Returned => commands.extend([settle(), return_with(dong(5_000_000))]),
        AttemptState::Cancelled => commands.push(cancel(false)),
    }
    given(&commands)
}
