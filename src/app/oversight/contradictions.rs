//! A report of another amount than was ordered: a person says what is true of it. What was paid too much becomes a recovery by itself; what is
//! missing is ordered as a supplement by the same request.

use super::approvals::{Answered, Asked};
use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{WriteRequest, Written, taken};
use crate::app::inputs::{InstructInput, PersonName, Route};
use crate::app::reports::Report;
use crate::domain::approval::Approval;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand};
use crate::domain::claims;
use crate::domain::decision::Decision;
use crate::domain::ids::{PaymentId, PaymentReference};
use crate::domain::money::Money;
use crate::domain::payment::event::{PaymentContradicted, Resolution};
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{self, Payment, PaymentEvent, PaymentKind, PaymentRefusal};
use crate::domain::period::Month;

/// What a person says of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveInput {
    pub resolution: Resolution,
    pub reason: String,
    /// The agency's reference of the supplement that pays what is missing.
    pub supplement_reference: Option<PaymentReference>,
}

impl App {
    /// Resolves a contradiction, or asks for a second person's consent.
    pub async fn resolve_contradiction(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: ResolveInput,
    ) -> Result<Answered<Payment>, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(Answered::Waits(Box::new(first)));
        }
        match self.ask_to_resolve(request, id, &input).await {
            Ok(Some(written)) => Ok(Answered::Waits(Box::new(written))),
            Ok(None) => self.resolve_now(request, id, &input).await.map(Answered::Done),
            Err(error) => self.finish_again(request, &input, error).await.map(Answered::Done),
        }
    }

    /// `None`: the profile wants no second person.
    async fn ask_to_resolve(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: &ResolveInput,
    ) -> Result<Option<Written<Approval>>, AppError> {
        let (payment, revision) = self.rehearse_resolution(request, id, input).await?;
        let reported = payment.contradiction.as_ref().map_or(0, |open| open.amount.minor);
        let amount = Money { minor: payment.amount.minor.max(reported), currency: payment.amount.currency };
        let Some(spec) = self.second_person(&request.principal, ApprovableAction::CorrectPayment, amount)? else {
            return Ok(None);
        };
        if request.if_match.is_some_and(|asked| asked != revision) {
            return Err(AppError::RevisionMoved { current: revision });
        }
        let ResolveInput { resolution, reason, supplement_reference } = input.clone();
        let command =
            ApprovableCommand::ResolveContradiction { payment_id: id, resolution, reason, supplement_reference };
        self.ask(request, spec, Asked { command, unit_key: payment.unit_key, amount }).await.map(Some)
    }

    /// Resolves, then orders what is missing. If it breaks off in between, the same request makes up for it.
    pub(super) async fn resolve_now(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: &ResolveInput,
    ) -> Result<Written<Payment>, AppError> {
        if let Err(error) = self.rehearse_resolution(request, id, input).await {
            return self.finish_again(request, input, error).await;
        }
        let report = Report::Resolve { resolution: input.resolution, reason: input.reason.clone() };
        let written = self.report(request, id, report).await?;
        self.order_missing(request, input, &written).await?;
        Ok(written)
    }

    /// The first answer of a request that was made before, with whatever it had not come to; the error if there was none.
    async fn finish_again(
        &self,
        request: &WriteRequest,
        input: &ResolveInput,
        error: AppError,
    ) -> Result<Written<Payment>, AppError> {
        let written = self.replay_or::<Payment>(request, error).await?;
        self.order_missing(request, input, &written).await?;
        Ok(written)
    }

    /// Whether both parts are possible now. Nothing is recorded.
    async fn rehearse_resolution(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: &ResolveInput,
    ) -> Result<(Instructed, u64), AppError> {
        let report = Report::Resolve { resolution: input.resolution, reason: input.reason.clone() };
        let (payment, revision, _) = self.rehearse(request, id, &report).await?;
        let open = payment.contradiction.as_ref().ok_or(PaymentRefusal::NothingContradicted)?;
        let missing = payment.amount.minor.saturating_sub(open.amount.minor);
        let supplement = (input.resolution == Resolution::MadeGood && missing > 0).then_some(missing);
        match (supplement, &input.supplement_reference) {
            (Some(minor), Some(reference)) => {
                self.rehearse_supplement(request, self.supplement(&payment, reference, minor)).await?;
            }
            (Some(_), None) => return Err(supplement_issue("missing")),
            (None, Some(_)) => return Err(supplement_issue("not-needed")),
            (None, None) => {}
        }
        Ok((payment, revision))
    }

    async fn rehearse_supplement(&self, request: &WriteRequest, input: InstructInput) -> Result<(), AppError> {
        let (_, command, _) = self.prepare_instruction(request, input).await?;
        let events = match payment::decide(&Payment::default(), &command, self.clock.now()) {
            Decision::Events(events) => events,
            Decision::Refused(refusal) => return Err(refusal.into()),
            Decision::NoOp | Decision::Quarantine(_) => Vec::new(),
        };
        for event in &events {
            for change in claims::of_payment_event(&Payment::default(), event) {
                let holders = self.store.find_claims(change.kind, &[change.key]).await?;
                if let Some(holder) = holders.into_iter().flatten().next() {
                    return Err(taken(change.kind, &holder));
                }
            }
        }
        Ok(())
    }

    /// Orders what the resolution found to be missing, under a key that follows from the request's.
    async fn order_missing(
        &self,
        request: &WriteRequest,
        input: &ResolveInput,
        written: &Written<Payment>,
    ) -> Result<(), AppError> {
        let Some(payment) = &written.state.instructed else { return Ok(()) };
        let missing = payment.made_good_minor.saturating_neg();
        let Some(reference) = input.supplement_reference.as_ref().filter(|_| missing > 0) else { return Ok(()) };
        let supplement = self.supplement(payment, reference, missing);
        self.instruct(&request.beside("supplement"), supplement).await?;
        Ok(())
    }

    /// What is missing of a payment's months, by the person's own method, in the running cycle.
    fn supplement(&self, payment: &Instructed, reference: &PaymentReference, minor: i64) -> InstructInput {
        let today = self.profile.business_day(self.clock.now_us());
        InstructInput {
            reference: reference.clone(),
            person: PersonName::Id(payment.beneficiary_id),
            benefit_type: payment.benefit_type.clone(),
            benefit_months: payment.benefit_months.clone(),
            cycle: payment.cycle.max(Month::of(today)),
            amount: Money { minor, currency: payment.amount.currency },
            unit: None,
            route: Route::default(),
            due_on: None,
            kind: PaymentKind::Supplement,
        }
    }
}

fn supplement_issue(code: &'static str) -> AppError {
    let (message, message_vi) = if code == "missing" {
        (
            "missing; less was paid than ordered, and the rest is ordered as a supplement under this reference of yours",
            "thiếu; đã chi ít hơn lệnh chi, phần còn lại được lập lệnh chi bổ sung theo số tham chiếu này",
        )
    } else {
        (
            "nothing is ordered here: a supplement pays what is missing of a report that is made good",
            "không lập lệnh chi bổ sung ở đây: chỉ dùng khi báo cáo được công nhận và còn thiếu tiền",
        )
    };
    AppError::Invalid(vec![FieldIssue::new("supplement_reference", code, message, message_vi)])
}

/// Whether the settlement that was reported is the one that contradicts the order and waits for a person.
pub(crate) fn is_contradicted(state: &Payment, report: &Report) -> bool {
    let open = state.instructed.as_ref().and_then(|payment| payment.contradiction.as_ref());
    let reported =
        |open: &PaymentContradicted| matches!(report, Report::Settle { evidence, .. } if *evidence == open.evidence);
    open.is_some_and(reported)
}

/// Whether one of the events is such a report.
pub(crate) fn contradicts(events: &[PaymentEvent]) -> bool {
    events.iter().any(|event| matches!(event, PaymentEvent::Contradicted(_)))
}
