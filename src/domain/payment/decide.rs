//! What a command to a payment brings about. Pure: every fact stands in the state, the command or `now`.

use super::{contradiction, correct, instruct};
use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::decision::{Decision, QuarantineCause};
use crate::domain::ids::EndToEndId;
use crate::domain::money::Money;
use crate::domain::payment::command::{PaymentCommand, Reissue};
use crate::domain::payment::error::PaymentRefusal;
use crate::domain::payment::event::{
    PaymentAccepted, PaymentCancelled, PaymentEvent, PaymentFailed, PaymentHeld, PaymentRecalled, PaymentReissued,
    PaymentRejected, PaymentReleased, PaymentReturned, PaymentSettled, PaymentSettledLate,
};
use crate::domain::payment::state::{Attempt, AttemptState, Instructed, Payment};
use crate::domain::payment::transition::{Happening, Outcome, transition};
use jiff::Timestamp;
use jiff::civil::Date;

/// What deciding about a payment answers.
pub type PaymentDecision = Decision<PaymentEvent, PaymentRefusal>;

/// Decides about a command.
///
/// What an agent reports goes by the row of the attempt it names, also when that is not the latest: the late settlement of an
/// attempt that was given up is found although its successor is open. Hold, release, reissue and cancel concern the attempt that the
/// payment stands on.
/// A hold is ours alone: what an agent reports on a held attempt counts as if there were none, and a final outcome ends it.
/// Holding twice is a repeat; releasing what is not held is refused, since there is nothing that it could repeat.
///
/// `_now` belongs to the shape of every decision; a payment's rules so far need no more than the dates in the command.
#[must_use]
pub fn decide(state: &Payment, command: &PaymentCommand, _now: Timestamp) -> PaymentDecision {
    match (&state.instructed, command) {
        (None, PaymentCommand::Instruct(command)) => instruct::decide(command),
        (Some(_), PaymentCommand::Instruct(_)) => Decision::Refused(PaymentRefusal::AlreadyInstructed),
        (None, _) => Decision::Refused(PaymentRefusal::NotInstructed),
        (Some(payment), command) => decide_on(payment, command),
    }
}

fn decide_on(payment: &Instructed, command: &PaymentCommand) -> PaymentDecision {
    let number = match command {
        // When the attempt that is stood on comes back, another's late money may pay: the same report again is of the one that it was of.
        PaymentCommand::Return { attempt: None, evidence, .. } => payment.returned_by(evidence),
        PaymentCommand::Accept { attempt, .. }
        | PaymentCommand::Settle { attempt, .. }
        | PaymentCommand::Reject { attempt, .. }
        | PaymentCommand::Return { attempt, .. }
        | PaymentCommand::Fail { attempt, .. } => *attempt,
        PaymentCommand::Instruct(_)
        | PaymentCommand::Hold { .. }
        | PaymentCommand::Release { .. }
        | PaymentCommand::Reissue(_)
        | PaymentCommand::Cancel { .. }
        | PaymentCommand::Correct { .. }
        | PaymentCommand::Resolve { .. } => None,
    };
    match payment.attempt(number) {
        Some(attempt) => decide_on_attempt(payment, attempt, command),
        None => Decision::Refused(PaymentRefusal::NoSuchAttempt {
            attempt: number.unwrap_or_default(),
            latest: payment.latest().number,
        }),
    }
}

fn decide_on_attempt(payment: &Instructed, attempt: &Attempt, command: &PaymentCommand) -> PaymentDecision {
    if let Some(answer) = contradiction::guard(payment, attempt, command) {
        return answer;
    }
    match command {
        PaymentCommand::Instruct(_) => Decision::Refused(PaymentRefusal::AlreadyInstructed),
        PaymentCommand::Accept { agent_ref, raw_status, accepted_at, .. } => {
            let (agent_ref, raw_status, accepted_at) = (agent_ref.clone(), raw_status.clone(), *accepted_at);
            let event = PaymentAccepted { attempt: attempt.number, agent_ref, raw_status, accepted_at };
            by_table(attempt, Happening::Accepted, |_| one(PaymentEvent::Accepted(event)))
        }
        PaymentCommand::Reject { reason, rejected_on, .. } => {
            let event = PaymentRejected { attempt: attempt.number, reason: reason.clone(), rejected_on: *rejected_on };
            by_table(attempt, Happening::Rejected, |_| one(PaymentEvent::Rejected(event)))
        }
        PaymentCommand::Fail { cause, deadline, .. } => {
            let event = PaymentFailed { attempt: attempt.number, cause: *cause, deadline: *deadline };
            by_table(attempt, Happening::Failed, |_| one(PaymentEvent::Failed(event)))
        }
        PaymentCommand::Settle { settled_on, amount, evidence, collected_by, months_free, collector, .. } => {
            let event = PaymentSettled {
                attempt: attempt.number,
                settled_on: *settled_on,
                amount: *amount,
                evidence: evidence.clone(),
                collected_by: *collected_by,
            };
            if_collector_may(*collector, settle(payment, attempt, event, *months_free))
        }
        PaymentCommand::Return { returned_on, amount, reason, evidence, .. } => {
            let event = PaymentReturned {
                attempt: attempt.number,
                returned_on: *returned_on,
                amount: *amount,
                reason: reason.clone(),
                evidence: evidence.clone(),
                settlement_inferred: false,
            };
            take_back(payment, attempt, event)
        }
        PaymentCommand::Hold { cause, note } => hold(attempt, cause, note.as_ref()),
        PaymentCommand::Release { note, died_on } => release(payment, attempt, (note.as_ref(), *died_on)),
        PaymentCommand::Reissue(command) => reissue(payment, attempt, command),
        PaymentCommand::Cancel { reason, by, recall_confirmed } => {
            let event = PaymentCancelled { attempt: attempt.number, reason: reason.clone(), by: by.clone() };
            cancel(payment, attempt, event, *recall_confirmed)
        }
        PaymentCommand::Correct { correction, ground, known } => correct::decide(payment, correction, (ground, known)),
        PaymentCommand::Resolve { resolution, reason, seen, months_free } => {
            contradiction::resolve(payment, (*resolution, reason, seen.as_deref()), *months_free)
        }
    }
}

/// Answers the cells that need nothing but the table; the others are the caller's.
fn by_table(
    attempt: &Attempt,
    happening: Happening,
    otherwise: impl FnOnce(Outcome) -> PaymentDecision,
) -> PaymentDecision {
    match transition(attempt.state, happening) {
        Outcome::NoOp => Decision::NoOp,
        Outcome::Quarantine(cause) => Decision::Quarantine(cause),
        Outcome::NotAllowed => Decision::Refused(not_possible(attempt, happening.action())),
        outcome @ (Outcome::To(_)
        | Outcome::RepeatOrSecond
        | Outcome::SettledLate
        | Outcome::ReturnedUnseen
        | Outcome::CancelledIfRecalled
        | Outcome::NextAttempt) => otherwise(outcome),
    }
}

fn one(event: PaymentEvent) -> PaymentDecision {
    Decision::Events(vec![event])
}

/// "Already settled" and "already cancelled" say more than "not possible" and tell the clerk what to do next.
fn not_possible(attempt: &Attempt, action: &'static str) -> PaymentRefusal {
    match attempt.state {
        AttemptState::Settled => PaymentRefusal::AlreadySettled,
        AttemptState::Cancelled => PaymentRefusal::AlreadyCancelled,
        state @ (AttemptState::Instructed
        | AttemptState::Accepted
        | AttemptState::Rejected
        | AttemptState::Failed
        | AttemptState::Returned) => PaymentRefusal::NotPossible { action, attempt: attempt.number, state },
    }
}

/// Only what would be recorded now is held against the collector: a repeat stands recorded, whatever has run out since. Money of
/// an attempt that was given up is out: not to record it would only hide it.
fn if_collector_may(collector: Standing, decision: PaymentDecision) -> PaymentDecision {
    let settles = |events: &[PaymentEvent]| matches!(events, [PaymentEvent::Settled(_)]);
    match (&decision, instruct::check_standing(collector)) {
        (Decision::Events(events), Err(refusal)) if settles(events) => Decision::Refused(refusal),
        (Decision::Events(_) | Decision::NoOp | Decision::Quarantine(_) | Decision::Refused(_), _) => decision,
    }
}

/// Another currency is a mistake of the sender; another amount of the right currency is a fact to look into.
fn if_amount_fits(
    expected: Money,
    amount: Money,
    (event, differs): (PaymentEvent, PaymentDecision),
) -> PaymentDecision {
    if amount.currency != expected.currency {
        return Decision::Refused(PaymentRefusal::OtherCurrency { expected: expected.currency });
    }
    if amount.minor == expected.minor { one(event) } else { differs }
}

pub(super) fn settle(
    payment: &Instructed,
    attempt: &Attempt,
    event: PaymentSettled,
    months_free: bool,
) -> PaymentDecision {
    // A notice that comes again is nothing new, whatever happened since.
    if attempt.settlement.as_ref() == Some(&event.evidence) && attempt.paid == Some(event.amount) {
        return Decision::NoOp;
    }
    by_table(attempt, Happening::Settled, |outcome| {
        if outcome != Outcome::RepeatOrSecond && outcome != Outcome::SettledLate {
            let differs = contradiction::contradict(payment, event.clone());
            return if_amount_fits(payment.amount, event.amount, (PaymentEvent::Settled(event), differs));
        }
        match &attempt.settlement {
            Some(_) => Decision::Quarantine(QuarantineCause::SecondSettlement),
            // Its settlement was inferred from its return, and it was cancelled since: this may be the notice of that one or new money.
            None if attempt.returned_on.is_some() => Decision::Quarantine(QuarantineCause::LateSettlement),
            None => settle_late(payment, event, months_free),
        }
    })
}

fn settle_late(payment: &Instructed, event: PaymentSettled, months_free: bool) -> PaymentDecision {
    let (amount, differs) = (event.amount, contradiction::contradict(payment, event.clone()));
    let late = as_late(payment, event, months_free);
    if_amount_fits(payment.amount, amount, (PaymentEvent::SettledLate(late), differs))
}

/// A successor of the attempt was opened because the money was thought not to be out: it is stopped for a person to recall it.
pub(super) fn as_late(payment: &Instructed, event: PaymentSettled, months_free: bool) -> PaymentSettledLate {
    let PaymentSettled { attempt, settled_on, amount, evidence, .. } = event;
    let standing = payment.standing();
    let stopped_attempt = (!standing.state.is_final()).then_some(standing.number);
    let reinstated = payment.called_off && months_free;
    PaymentSettledLate { attempt, settled_on, amount, evidence, stopped_attempt, reinstated }
}

fn take_back(payment: &Instructed, attempt: &Attempt, mut event: PaymentReturned) -> PaymentDecision {
    let differs = || Decision::Quarantine(QuarantineCause::AmountDiffers);
    // What comes back is what went out.
    let paid = attempt.paid.unwrap_or(payment.amount);
    if attempt.has_late_money() {
        return if_amount_fits(paid, event.amount, (PaymentEvent::Returned(event), differs()));
    }
    by_table(attempt, Happening::Returned, |outcome| {
        event.settlement_inferred = outcome == Outcome::ReturnedUnseen;
        if_amount_fits(paid, event.amount, (PaymentEvent::Returned(event), differs()))
    })
}

fn hold(attempt: &Attempt, cause: &str, note: Option<&String>) -> PaymentDecision {
    if attempt.state.is_final() {
        return Decision::Refused(not_possible(attempt, "hold"));
    }
    if attempt.held {
        return Decision::NoOp;
    }
    one(PaymentEvent::Held(PaymentHeld { attempt: attempt.number, cause: cause.to_owned(), note: note.cloned() }))
}

/// While late money is out, whatever pays again or frees the benefit month for another payment would pay twice.
fn late_money(payment: &Instructed) -> Option<PaymentDecision> {
    let late = payment.late_attempt()?;
    let (attempt, settled_on) = (late.number, late.settled_on.unwrap_or(late.due_on));
    Some(Decision::Refused(PaymentRefusal::LateMoneyOut { attempt, settled_on }))
}

fn release(
    payment: &Instructed,
    attempt: &Attempt,
    (note, died_on): (Option<&String>, Option<Date>),
) -> PaymentDecision {
    if !attempt.held {
        return Decision::Refused(not_possible(attempt, "release"));
    }
    if let Some(refused) = late_money(payment) {
        return refused;
    }
    if let Err(refusal) = instruct::check_alive(died_on, &payment.benefit_months) {
        return Decision::Refused(refusal);
    }
    one(PaymentEvent::Released(PaymentReleased { attempt: attempt.number, note: note.cloned() }))
}

/// While late money pays the payment, only the attempt that it stopped is called back: the payment keeps its months, since they are paid.
/// Money that is too much as a whole pays nothing, and is to come back first.
fn cancel(payment: &Instructed, attempt: &Attempt, event: PaymentCancelled, recall_confirmed: bool) -> PaymentDecision {
    by_table(attempt, Happening::Cancelled, |outcome| {
        if outcome == Outcome::CancelledIfRecalled && !recall_confirmed {
            return Decision::Refused(not_possible(attempt, Happening::Cancelled.action()));
        }
        if payment.paying_late_attempt().is_some() {
            let PaymentCancelled { attempt, reason, by } = event;
            return one(PaymentEvent::Recalled(PaymentRecalled { attempt, reason, by }));
        }
        if let Some(refused) = late_money(payment) {
            return refused;
        }
        one(PaymentEvent::Cancelled(event))
    })
}

/// The payment keeps its months for itself: once they are owed again it is the arrears.
fn may_be_reissued(payment: &Instructed, command: &Reissue) -> Result<(), PaymentRefusal> {
    let months = (payment.benefit_months.as_slice(), true);
    instruct::check_not_suspended(&command.suspensions, &payment.benefit_type, months)?;
    instruct::check_account_payee(command.channel.requires_account, command.payee, command.account_payee)
}

fn reissue(payment: &Instructed, before: &Attempt, command: &Reissue) -> PaymentDecision {
    by_table(before, Happening::Reissued, |_| {
        // The table keeps an earlier attempt from becoming live again; this is the second lock on the risk that matters most.
        if payment.live_attempt().is_some() {
            return Decision::Refused(PaymentRefusal::AlreadySettled);
        }
        if let Some(refused) = late_money(payment) {
            return refused;
        }
        if let Err(refusal) = instruct::check_alive(command.died_on, &payment.benefit_months) {
            return Decision::Refused(refusal);
        }
        if let Err(refusal) = may_be_reissued(payment, command) {
            return Decision::Refused(refusal);
        }
        let same_channel = command.channel.code == before.channel;
        let account_ref = command.account_ref.or(before.account_ref.filter(|_| same_channel));
        if command.channel.requires_account && account_ref.is_none() {
            let channel = command.channel.code.to_string();
            return Decision::Refused(PaymentRefusal::AccountMissing { channel });
        }
        let new_attempt = payment.latest().number + 1;
        let bank = command.bank.clone().or_else(|| {
            // A bank belongs to its account: it is taken over only together with it.
            before.bank.clone().filter(|_| same_channel && command.account_ref.is_none())
        });
        one(PaymentEvent::Reissued(PaymentReissued {
            new_attempt,
            from_channel: before.channel.clone(),
            to_channel: command.channel.code.clone(),
            agent: command.agent.clone(),
            bank,
            account_ref,
            end_to_end_id: EndToEndId::of(payment.payment_id, new_attempt),
            due_on: command.due_on,
            payee: command.payee,
            reason: command.reason.clone(),
        }))
    })
}
