//! One chunk of people for whom a list orders payments: the same rules as a single order, and a reason for everybody who is left out.

use super::preparation::{Judged, ListWork, payment_id};
use super::source::OrderRow;
use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::{beneficiary_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::inputs::{InstructInput, PersonName, Route};
use crate::app::payments::Facts;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::beneficiary::state::PayoutMethod;
use crate::domain::claims::{self, benefit_month_key};
use crate::domain::decision::Decision;
use crate::domain::ids::PaymentReference;
use crate::domain::list::command::Candidate;
use crate::domain::list::event::{Item, LeftOut};
use crate::domain::money::Money;
use crate::domain::payment::event::{PaymentEvent, PaymentInstructed};
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{self, Payment, PaymentCommand};
use crate::domain::period::Month;
use crate::domain::profile::Periodicity;
use std::collections::HashMap;

/// Why somebody is left out, as a stable code.
type Left = &'static str;

/// What was looked up for a chunk.
struct Known {
    people: HashMap<String, Beneficiary>,
    earlier: HashMap<String, Payment>,
    /// Payments of this chunk that an earlier try ordered.
    ordered: HashMap<String, Payment>,
}

impl App {
    /// Judges rows from a number on.
    pub(super) async fn judge_orders(
        &self,
        work: &ListWork<'_>,
        first: u64,
        rows: &[OrderRow],
    ) -> Result<Judged, AppError> {
        let people: Vec<String> = rows.iter().map(|row| beneficiary_stream(row.beneficiary_id)).collect();
        let earlier: Vec<String> = rows.iter().filter_map(|row| row.previous).map(payment_stream).collect();
        let own: Vec<String> =
            (first..).zip(rows).map(|(number, _)| payment_stream(payment_id(work.list_id, number))).collect();
        let known = Known {
            people: self.load_many(&people).await?,
            earlier: self.load_many(&earlier).await?,
            ordered: if work.resumed { self.load_many(&own).await? } else { HashMap::new() },
        };
        let mut judged = Judged::default();
        let mut orders = Vec::new();
        for (number, row) in (first..).zip(rows) {
            match self.order(work, number, row, &known) {
                Ok(Ordered::Before(candidate)) => judged.items.push(candidate),
                Ok(Ordered::Now(event)) => orders.push((row, *event)),
                Err(Verdict::Left(reason)) => judged.left_out.push(left_out(row, &known, reason)),
                Err(Verdict::Fault(error)) => return Err(error),
            }
        }
        let taken = self.months_taken(&orders).await?;
        for ((row, event), taken) in orders.into_iter().zip(taken) {
            if taken {
                judged.left_out.push(left_out(row, &known, "duplicate-benefit-month"));
                continue;
            }
            judged.items.push(candidate(&event));
            judged.orders.push(event);
        }
        Ok(judged)
    }

    /// Whether another stream holds one of an order's months.
    async fn months_taken(&self, orders: &[(&OrderRow, PaymentInstructed)]) -> Result<Vec<bool>, AppError> {
        let mut keys = Vec::new();
        let mut owners = Vec::new();
        for (at, (_, e)) in orders.iter().enumerate() {
            for month in &e.benefit_months {
                keys.push(benefit_month_key(*month, &e.benefit_type, e.beneficiary_id));
                owners.push((at, payment_stream(e.payment_id)));
            }
        }
        let mut taken = vec![false; orders.len()];
        for ((at, own), holder) in owners.into_iter().zip(self.store.find_claims(claims::BENEFIT_MONTH, &keys).await?) {
            taken[at] |= holder.is_some_and(|holder| holder != own);
        }
        Ok(taken)
    }

    fn order(&self, work: &ListWork<'_>, number: u64, row: &OrderRow, known: &Known) -> Result<Ordered, Verdict> {
        let payment_id = payment_id(work.list_id, number);
        if row.dropped.is_some() {
            return Err(Verdict::Left("dropped"));
        }
        let monthly = self.profile.benefit_type(row.benefit_type.as_str()).map(|spec| spec.periodicity);
        // Who is added by name is paid what is named; who only follows from last month must be due each month.
        if row.previous.is_some() && monthly != Some(Periodicity::Monthly) {
            return Err(Verdict::Left("not-monthly"));
        }
        let earlier = row.previous.and_then(|id| known.earlier.get(&payment_stream(id))?.instructed.as_ref());
        if earlier.is_some_and(|payment| payment.supplement) {
            return Err(Verdict::Left("supplement"));
        }
        let person = known.people.get(&beneficiary_stream(row.beneficiary_id));
        let Some(person) = person.filter(|person| person.registered.is_some()) else {
            return Err(Verdict::Left("beneficiary-unknown"));
        };
        if person.registered.as_ref().is_some_and(|person| person.erased) {
            return Err(Verdict::Left("beneficiary-erased"));
        }
        let (benefit_months, amount) = self.months_and_amount(work, row, earlier)?;
        let input = InstructInput {
            reference: reference(work, number)?,
            person: PersonName::Id(row.beneficiary_id),
            benefit_type: row.benefit_type.clone(),
            benefit_months,
            cycle: work.cycle,
            amount,
            unit: None,
            route: route(person, work, earlier),
            due_on: work.order.due_on,
            supplement: false,
        };
        let facts = self.instruction_facts(&input, person);
        let (fact, unit, due_on, found) = facts.map_err(|error| match error {
            AppError::Invalid(issues) if !issues.is_empty() => Verdict::Left(issues[0].code),
            other => Verdict::Fault(other),
        })?;
        if found.channel.code != *work.channel || found.agent != *work.agent {
            return Err(Verdict::Left("paid-elsewhere"));
        }
        if let Some(refusal) = self.halted(work.uncollected, row.beneficiary_id, &input.benefit_months) {
            return Err(Verdict::Left(refusal.code()));
        }
        if self.check_reach(work.principal, Action::PrepareList, unit.key.as_str(), found.bank.as_ref()).is_err() {
            return Err(Verdict::Left("out-of-your-units"));
        }
        // A person without a chosen method is paid as last time, into the same account.
        let account_ref = match &fact.method {
            Some(_) => None,
            None => earlier.and_then(|payment| payment.standing().account_ref),
        };
        let account_payee = self.account_payee(person, found.payee, due_on);
        let facts = Facts { payment_id, fact, unit, due_on, route: found, account_payee, account_ref };
        let command = PaymentCommand::Instruct(Box::new(self.instruction(input, facts)));
        // What an earlier try ordered stands, whatever has changed since.
        let state = known.ordered.get(&payment_stream(payment_id));
        if let Some(recorded) = state.and_then(|state| state.instructed.as_ref()) {
            return Ok(Ordered::Before(candidate_of(recorded)));
        }
        match payment::decide(&Payment::default(), &command, self.clock.now()) {
            Decision::Events(events) => ordered(events),
            Decision::Refused(refusal) => Err(Verdict::Left(refusal.code())),
            Decision::NoOp | Decision::Quarantine(_) => Err(Verdict::Left("payment-already-instructed")),
        }
    }

    /// The months that the cycle pays of the benefit, and what they come to.
    fn months_and_amount(
        &self,
        work: &ListWork<'_>,
        row: &OrderRow,
        earlier: Option<&Instructed>,
    ) -> Result<(Vec<Month>, Money), Verdict> {
        let months = if work.order.benefit_months.is_empty() {
            self.profile.benefit_months(work.cycle, row.benefit_type.as_str())
        } else {
            work.order.benefit_months.clone()
        };
        let amount = match (row.amount, earlier) {
            (Some(amount), _) => amount,
            (None, Some(payment)) => of_months(payment, months.len()).ok_or(Verdict::Left("amount-not-by-month"))?,
            (None, None) => Money { minor: row.earlier_minor, currency: self.profile.currency.currency },
        };
        Ok((months, amount))
    }
}

/// What an earlier payment comes to for so many months: a cycle that pays two months pays twice as much. `None` when it cannot be told.
fn of_months(earlier: &Instructed, months: usize) -> Option<Money> {
    let (now, before) = (i64::try_from(months).ok()?, i64::try_from(earlier.benefit_months.len()).ok()?);
    if now == before {
        return Some(earlier.amount);
    }
    let whole = before > 0 && earlier.amount.minor % before == 0;
    let minor = whole.then(|| earlier.amount.minor / before)?.checked_mul(now)?;
    Some(Money { minor, currency: earlier.amount.currency })
}

fn left_out(row: &OrderRow, known: &Known, reason: &str) -> LeftOut {
    let person = known.people.get(&beneficiary_stream(row.beneficiary_id));
    let unit = person.and_then(|person| person.registered.as_ref()?.units.last().map(|(_, unit)| unit.clone()));
    LeftOut {
        beneficiary_id: row.beneficiary_id,
        benefit_type: row.benefit_type.clone(),
        unit_key: row.earlier_unit.clone().or(unit),
        amount_minor: row.earlier_minor,
        reason: reason.to_owned(),
        note: row.dropped.clone(),
    }
}

/// A payment for a row.
enum Ordered {
    Now(Box<PaymentInstructed>),
    /// An earlier try of the same preparation ordered it.
    Before(Candidate),
}

fn ordered(events: Vec<PaymentEvent>) -> Result<Ordered, Verdict> {
    match events.into_iter().next() {
        Some(PaymentEvent::Instructed(event)) => Ok(Ordered::Now(Box::new(event))),
        _ => Err(Verdict::Fault(AppError::Internal("an order came to another event".to_owned()))),
    }
}

fn candidate(e: &PaymentInstructed) -> Candidate {
    Candidate {
        item: Item {
            payment_id: e.payment_id,
            attempt: e.attempt,
            beneficiary_id: e.beneficiary_id,
            benefit_type: e.benefit_type.clone(),
            unit_key: e.unit_key.clone(),
            bank: e.bank.clone(),
            amount_minor: e.amount.minor,
        },
        cycle: e.cycle,
        channel: e.channel.clone(),
        agent: e.agent.clone(),
        currency: e.amount.currency,
    }
}

/// A payment that is there, with its latest attempt.
pub(super) fn candidate_of(payment: &Instructed) -> Candidate {
    let attempt = payment.standing();
    Candidate {
        item: Item {
            payment_id: payment.payment_id,
            attempt: attempt.number,
            beneficiary_id: payment.beneficiary_id,
            benefit_type: payment.benefit_type.clone(),
            unit_key: payment.unit_key.clone(),
            bank: attempt.bank.clone(),
            amount_minor: payment.amount.minor,
        },
        cycle: payment.cycle,
        channel: attempt.channel.clone(),
        agent: attempt.agent.clone(),
        currency: payment.amount.currency,
    }
}

enum Verdict {
    Left(Left),
    Fault(AppError),
}

/// Through the method in force; without one as last time, or as the list goes.
fn route(person: &Beneficiary, work: &ListWork<'_>, earlier: Option<&Instructed>) -> Route {
    let method: Option<&PayoutMethod> =
        person.registered.as_ref().and_then(|person| person.method_in_force(work.cycle));
    if method.is_some() {
        return Route::default();
    }
    let attempt = earlier.map(Instructed::latest);
    Route {
        channel: Some(attempt.map_or_else(|| work.channel.clone(), |attempt| attempt.channel.clone())),
        agent: Some(attempt.map_or_else(|| work.agent.clone(), |attempt| attempt.agent.clone())),
        bank: attempt.and_then(|attempt| attempt.bank.as_ref()).map(ToString::to_string),
        account: None,
        payee: attempt.map(|attempt| attempt.payee),
    }
}

/// The reference of an ordered payment: the list and the row, so that it is found on paper.
fn reference(work: &ListWork<'_>, number: u64) -> Result<PaymentReference, Verdict> {
    PaymentReference::parse(&format!("{}/{}", work.list_id.as_uuid().simple(), number + 1))
        .map_err(|error| Verdict::Fault(AppError::Internal(error.to_string())))
}
