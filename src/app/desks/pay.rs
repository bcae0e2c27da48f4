//! Paying at a desk: the payment's settlement first, then the desk's book, so that a break between them is made up by a repeat.

use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::{Aggregate, Decided, beneficiary_stream, desk_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::execute::{WriteRequest, Written};
use crate::app::reports::Report;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::desk::command::Pay;
use crate::domain::desk::{Desk, DeskCommand, RegisteredDesk};
use crate::domain::ids::{DeskId, PaymentId};
use crate::domain::payment::event::{Evidence, Payee};
use crate::domain::payment::state::{AttemptState, Instructed};
use crate::domain::payment::{Payment, PaymentRefusal};
use crate::domain::period::Month;
use jiff::civil::Date;

/// A payment to pay out.
#[derive(Debug, Clone)]
pub struct DeskPayInput {
    pub payment: PaymentId,
    pub collected_by: Payee,
    /// The number of the receipt that the collector signed.
    pub receipt: String,
}

/// The kind of evidence that a desk's receipt is.
const DESK_RECEIPT: &str = "desk_receipt";

impl App {
    /// Pays a payment out at a desk.
    pub async fn desk_pay(
        &self,
        request: &WriteRequest,
        (id, day): (DeskId, Date),
        input: DeskPayInput,
    ) -> Result<Written<Desk>, AppError> {
        match self.settle_at_desk(request, (id, day), &input).await {
            Ok(pay) => self.desk_command(request, id, DeskCommand::Pay(Box::new(pay))).await,
            Err(error) => self.replay_or::<Desk>(request, error).await,
        }
    }

    /// Decides with the desk, settles the payment, and answers with what the book is to follow.
    async fn settle_at_desk(
        &self,
        request: &WriteRequest,
        (id, day): (DeskId, Date),
        input: &DeskPayInput,
    ) -> Result<Pay, AppError> {
        self.desk_day(day)?;
        let (state, last) = self.load::<Desk>(&desk_stream(id)).await?.ok_or(AppError::NotFound("desk"))?;
        let desk = self.own_desk(&request.principal, Action::WorkDesk, &state)?;
        if request.if_match.is_some_and(|asked| asked != last.revision) {
            return Err(AppError::RevisionMoved { current: last.revision });
        }
        let found = self.load::<Payment>(&payment_stream(input.payment)).await?;
        let payment = found.and_then(|(state, _)| state.instructed);
        let payment = payment.ok_or(AppError::Payment(PaymentRefusal::NotInstructed))?;
        self.check_payment_reach(&request.principal, Action::ReportOutcome, &payment)?;
        let evidence = evidence(desk, day, input);
        let mut pay = self.pay_facts(desk, day, (&payment, input)).await?;
        let latest = payment.standing();
        pay.is_settled = latest.state == AttemptState::Settled && latest.settlement.as_ref() == Some(&evidence);
        let decided = state.decide(&DeskCommand::Pay(Box::new(pay.clone())), self.clock.now())?;
        if pay.is_settled || matches!(decided, Decided::NoOp) {
            return Ok(pay);
        }
        let report = Report::Settle {
            attempt: Some(pay.attempt),
            settled_on: day,
            amount: None,
            evidence,
            collected_by: Some(input.collected_by),
        };
        self.report(&beside(request, "payment"), input.payment, report).await?;
        pay.is_settled = true;
        Ok(pay)
    }

    async fn pay_facts(
        &self,
        desk: &RegisteredDesk,
        day: Date,
        (payment, input): (&Instructed, &DeskPayInput),
    ) -> Result<Pay, AppError> {
        let person = self.load::<Beneficiary>(&beneficiary_stream(payment.beneficiary_id)).await?;
        let died_on = person.and_then(|(state, _)| state.registered).and_then(|person| person.died_on);
        let (latest, kind) = (payment.standing(), self.kind_of(desk)?);
        let window = |cycle| self.profile.desk_window(kind, cycle, desk.unit_key.as_str());
        // An attempt may be due in a later month than the run that it belongs to; a weekend that puts its day off into the next month
        // leaves it in the run's own window.
        let own = window(payment.cycle).filter(|(_, to)| latest.due_on <= *to);
        let own = own.or_else(|| window(payment.cycle.max(Month::of(latest.due_on))));
        Ok(Pay {
            day,
            payment_id: payment.payment_id,
            attempt: latest.number,
            amount: payment.amount,
            agent: latest.agent.clone(),
            benefit_months: payment.benefit_months.clone(),
            pays_channel: kind.channels.contains(&latest.channel),
            window: own,
            late_pay: self.profile.desks.late_pay,
            collected_by: input.collected_by,
            died_on,
            receipt: input.receipt.clone(),
            closed: if payment.waits() { Some("held") } else { latest.state.is_final().then(|| latest.state.as_str()) },
            is_settled: false,
        })
    }
}

fn evidence(desk: &RegisteredDesk, day: Date, input: &DeskPayInput) -> Evidence {
    Evidence { kind: DESK_RECEIPT.to_owned(), reference: format!("{}/{day}/{}", desk.code, input.receipt) }
}

/// The same request for another stream than the one that its key stands for.
pub(super) fn beside(request: &WriteRequest, part: &str) -> WriteRequest {
    request.beside(part)
}
