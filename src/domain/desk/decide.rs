//! What a command to a desk brings about. Pure: every fact stands in the state or the command.

use crate::domain::decision::Decision;
use crate::domain::desk::command::{DeskCommand, ListUnpaid, Pay};
use crate::domain::desk::error::DeskRefusal;
use crate::domain::desk::event::{
    CashAdvanced, CashHandedBack, CashPaid, DeskDayLiquidated, DeskEvent, UnpaidListHandedBack,
};
use crate::domain::desk::state::{Desk, RegisteredDesk};
use crate::domain::money::Money;
use crate::domain::payment::event::{Evidence, Payee};
use crate::domain::period::Month;
use jiff::Timestamp;
use jiff::civil::Date;

/// What deciding about a desk answers.
pub type DeskDecision = Decision<DeskEvent, DeskRefusal>;

/// Decides about a command. `_now` belongs to the shape of every decision.
#[must_use]
pub fn decide(state: &Desk, command: &DeskCommand, _now: Timestamp) -> DeskDecision {
    let decided = match (&state.registered, command) {
        (None, DeskCommand::Register(event)) => Ok(Some(DeskEvent::Registered(event.clone()))),
        (Some(_), DeskCommand::Register(_)) => Err(DeskRefusal::AlreadyRegistered),
        (None, _) => Err(DeskRefusal::NotRegistered),
        (Some(desk), command) => decide_on(desk, command),
    };
    match decided {
        Ok(Some(event)) => Decision::Events(vec![event]),
        Ok(None) => Decision::NoOp,
        Err(refusal) => Decision::Refused(refusal),
    }
}

/// `None`: it is recorded already.
fn decide_on(desk: &RegisteredDesk, command: &DeskCommand) -> Result<Option<DeskEvent>, DeskRefusal> {
    match command {
        DeskCommand::Register(_) => Err(DeskRefusal::AlreadyRegistered),
        DeskCommand::Advance { day, amount, evidence } => {
            if repeats(desk, (*day, *amount), evidence)? {
                return Ok(None);
            }
            positive(*amount)?;
            open(desk, *day)?;
            let (day, amount, evidence) = (*day, *amount, evidence.clone());
            Ok(Some(DeskEvent::Advanced(CashAdvanced { day, amount, evidence })))
        }
        DeskCommand::HandBack { day, amount, evidence } => {
            if repeats(desk, (*day, *amount), evidence)? {
                return Ok(None);
            }
            positive(*amount)?;
            open(desk, *day)?;
            has(desk, *day, *amount)?;
            let (day, amount, evidence) = (*day, *amount, evidence.clone());
            Ok(Some(DeskEvent::HandedBack(CashHandedBack { day, amount, evidence })))
        }
        DeskCommand::Pay(pay) => decide_pay(desk, pay),
        DeskCommand::ListUnpaid(list) => decide_list(desk, list),
        DeskCommand::Liquidate { day, counted } => liquidate(desk, *day, *counted),
    }
}

const fn positive(amount: Money) -> Result<(), DeskRefusal> {
    if amount.minor > 0 { Ok(()) } else { Err(DeskRefusal::AmountNotPositive) }
}

/// The same evidence with the same day and amount is a repeat; with others it is a mistake.
fn repeats(desk: &RegisteredDesk, entry: (Date, Money), evidence: &Evidence) -> Result<bool, DeskRefusal> {
    match desk.entries.iter().find(|(known, ..)| known == evidence) {
        None => Ok(false),
        Some((_, day, amount)) if (*day, *amount) == entry => Ok(true),
        Some(_) => Err(DeskRefusal::EvidenceUsed),
    }
}

fn open(desk: &RegisteredDesk, day: Date) -> Result<(), DeskRefusal> {
    match desk.liquidated_to {
        Some(to) if day <= to => Err(DeskRefusal::DayLiquidated { to }),
        _ => Ok(()),
    }
}

fn has(desk: &RegisteredDesk, day: Date, amount: Money) -> Result<(), DeskRefusal> {
    let short = amount.minor - desk.ledger.available(day);
    if short <= 0 {
        return Ok(());
    }
    Err(DeskRefusal::CashShort { missing: Money { minor: short, currency: amount.currency } })
}

fn decide_pay(desk: &RegisteredDesk, pay: &Pay) -> Result<Option<DeskEvent>, DeskRefusal> {
    if desk.paid.contains(&(pay.payment_id, pay.attempt)) {
        return Ok(None);
    }
    // The payment's record is the fact by then: the book follows it, and liquidation shows what does not add up.
    if !pay.is_settled {
        if let Some(standing) = pay.closed {
            return Err(DeskRefusal::PaymentNotOpen { standing });
        }
        if !pay.pays_channel {
            return Err(DeskRefusal::ChannelNotPaidHere);
        }
        if pay.agent != desk.agent {
            return Err(DeskRefusal::OtherAgent);
        }
        within_window(pay)?;
        may_collect(pay)?;
        open(desk, pay.day)?;
        has(desk, pay.day, pay.amount)?;
    }
    Ok(Some(DeskEvent::Paid(CashPaid {
        day: pay.day,
        payment_id: pay.payment_id,
        attempt: pay.attempt,
        amount: pay.amount,
        collected_by: pay.collected_by,
        receipt: pay.receipt.clone(),
    })))
}

fn within_window(pay: &Pay) -> Result<(), DeskRefusal> {
    let (from, to) = pay.window.ok_or(DeskRefusal::NoWindow)?;
    let late = pay.late_pay && pay.day > to;
    if (from..=to).contains(&pay.day) || late {
        return Ok(());
    }
    Err(DeskRefusal::OutsideWindow { day: pay.day, from, to })
}

/// Who is dead collects nothing; what was not collected before goes to an heir, but no month after the month of death.
fn may_collect(pay: &Pay) -> Result<(), DeskRefusal> {
    match (pay.died_on, pay.collected_by) {
        (None, Payee::Heir) => Err(DeskRefusal::NoDeathReported),
        (None, Payee::Beneficiary | Payee::Authorised | Payee::Guardian) => Ok(()),
        (Some(died_on), Payee::Heir) => {
            let last_month = Month::of(died_on);
            if pay.benefit_months.iter().any(|month| *month > last_month) {
                return Err(DeskRefusal::MonthsAfterDeath { died_on, last_month });
            }
            Ok(())
        }
        (Some(died_on), Payee::Beneficiary | Payee::Authorised | Payee::Guardian) => {
            Err(DeskRefusal::HeirMustCollect { died_on })
        }
    }
}

fn decide_list(desk: &RegisteredDesk, list: &ListUnpaid) -> Result<Option<DeskEvent>, DeskRefusal> {
    if repeats(desk, (list.day, list.amount), &list.evidence)? {
        return Ok(None);
    }
    if list.day <= list.last_day {
        return Err(DeskRefusal::WindowStillOpen { last_day: list.last_day });
    }
    if list.payments.is_empty() {
        return Err(DeskRefusal::NothingUnpaid);
    }
    open(desk, list.day)?;
    has(desk, list.day, list.amount)?;
    Ok(Some(DeskEvent::UnpaidListed(UnpaidListHandedBack {
        day: list.day,
        cycle: list.cycle,
        payments: list.payments.clone(),
        amount: list.amount,
        evidence: list.evidence.clone(),
    })))
}

fn liquidate(desk: &RegisteredDesk, day: Date, counted: Money) -> Result<Option<DeskEvent>, DeskRefusal> {
    let line = desk.ledger.line(day);
    let money = |minor| Money { minor, currency: counted.currency };
    if desk.liquidated_to == Some(day) && line.held == counted.minor {
        return Ok(None);
    }
    open(desk, day)?;
    if line.held != counted.minor {
        return Err(DeskRefusal::CashDiffers { expected: money(line.held), counted });
    }
    Ok(Some(DeskEvent::Liquidated(DeskDayLiquidated {
        day,
        opening: money(line.opening),
        advanced: money(line.cash.advanced),
        paid: money(line.cash.paid),
        handed_back: money(line.cash.handed_back),
        unclaimed: money(line.cash.unclaimed),
        held: counted,
    })))
}
