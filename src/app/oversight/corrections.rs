//! Corrections of payments: at once where the profile asks for one person, else when another consents.

use super::approvals::{Answered, Asked};
use crate::app::App;
use crate::app::aggregate::{beneficiary_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::execute::{WriteRequest, Written};
use crate::app::reports::Report;
use crate::domain::approval::Approval;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand, RequestedCorrection};
use crate::domain::beneficiary::Beneficiary;
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::ids::PaymentId;
use crate::domain::payment::Payment;
use jiff::civil::Date;

impl App {
    /// Corrects a payment, or asks for a second person's consent.
    pub async fn correct(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        (correction, ground): (RequestedCorrection, String),
    ) -> Result<Answered<Payment>, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(Answered::Waits(Box::new(first)));
        }
        let report = Report::Correct { correction: correction.clone(), ground: ground.clone() };
        match self.ask_to_correct(request, id, (&report, correction, ground)).await {
            Ok(Some(written)) => Ok(Answered::Waits(Box::new(written))),
            Ok(None) => self.report(request, id, report).await.map(Answered::Done),
            Err(error) => self.replay_or(request, error).await.map(Answered::Done),
        }
    }

    /// `None`: the profile wants no second person, or nothing would change.
    async fn ask_to_correct(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        (report, correction, ground): (&Report, RequestedCorrection, String),
    ) -> Result<Option<Written<Approval>>, AppError> {
        // What is not possible now is not asked for.
        let (payment, revision, changes) = self.rehearse(request, id, report).await?;
        let mut amount = payment.amount;
        if let RequestedCorrection::Amount(new) = &correction {
            amount.minor = amount.minor.max(new.minor);
        }
        let spec = self.second_person(&request.principal, ApprovableAction::CorrectPayment, amount)?;
        let Some(spec) = spec.filter(|_| changes) else { return Ok(None) };
        if request.if_match.is_some_and(|asked| asked != revision) {
            return Err(AppError::RevisionMoved { current: revision });
        }
        let command = ApprovableCommand::CorrectPayment { payment_id: id, correction, ground };
        self.ask(request, spec, Asked::of_unit(command, payment.unit_key, Some(amount))).await.map(Some)
    }

    /// The approval that this very request asked for, when it comes again.
    pub(in crate::app) async fn asked_before(
        &self,
        request: &WriteRequest,
    ) -> Result<Option<Written<Approval>>, AppError> {
        let key = &request.idempotency;
        match self.store.find_request(&key.caller, &key.idempotency_key).await? {
            Some(first) if first.stream.starts_with("approval-") => self.replay::<Approval>(key).await,
            _ => Ok(None),
        }
    }

    /// When the payment's beneficiary died, if that is recorded, and what is suspended.
    pub(crate) async fn standing_of_person(&self, id: PaymentId) -> Result<(Option<Date>, Vec<Suspension>), AppError> {
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let payment = found.and_then(|(state, _)| state.instructed).ok_or(AppError::NotFound("payment"))?;
        let person = self.load::<Beneficiary>(&beneficiary_stream(payment.beneficiary_id)).await?;
        let person = person.and_then(|(state, _)| state.registered);
        Ok(person.map(|person| (person.died_on, person.suspensions)).unwrap_or_default())
    }
}
