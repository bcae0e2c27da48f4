//! A report of another amount than was ordered: a person says what is true of it. What was paid too much becomes a recovery by itself; what is
//! missing is ordered as a supplement by the same request.

use super::approvals::{Answered, Asked};
use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::payment_stream;
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
use crate::domain::payment::command::SeenReport;
use crate::domain::payment::contradiction::difference_minor;
use crate::domain::payment::event::{PaymentContradicted, Resolution};
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{self, Payment, PaymentEvent, PaymentKind, PaymentRefusal};
use crate::domain::period::Month;

/// The part of a request that orders the supplement.
const SUPPLEMENT: &str = "supplement";

/// What a person says of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveInput {
    pub resolution: Resolution,
    pub reason: String,
    /// The agency's reference of the supplement that pays what is missing.
    pub supplement_reference: Option<PaymentReference>,
}

/// A resolution that is possible now.
struct Rehearsed {
    payment: Instructed,
    revision: u64,
    seen: SeenReport,
    months_free: bool,
    /// What pays what is missing.
    supplement: Option<InstructInput>,
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
            Ok(None) => self.resolve_now(request, id, (&input, None)).await.map(Answered::Done),
            Err(error) => self.replay_or::<Payment>(request, error).await.map(Answered::Done),
        }
    }

    /// `None`: the profile wants no second person.
    async fn ask_to_resolve(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: &ResolveInput,
    ) -> Result<Option<Written<Approval>>, AppError> {
        let Rehearsed { payment, revision, seen, .. } = self.rehearse_resolution(request, id, input).await?;
        let amount =
            Money { minor: payment.amount.minor.max(seen.report.amount.minor), currency: payment.amount.currency };
        let Some(spec) = self.second_person(&request.principal, ApprovableAction::CorrectPayment, amount)? else {
            return Ok(None);
        };
        if request.if_match.is_some_and(|asked| asked != revision) {
            return Err(AppError::RevisionMoved { current: revision });
        }
        let ResolveInput { resolution, reason, supplement_reference } = input.clone();
        let SeenReport { report, difference_minor } = seen;
        let command = ApprovableCommand::ResolveContradiction {
            payment_id: id,
            report: Box::new(report),
            resolution,
            difference_minor,
            reason,
            supplement_reference,
        };
        self.ask(request, spec, Asked::of_unit(command, payment.unit_key, Some(amount))).await.map(Some)
    }

    /// Orders what is missing, then resolves. Broken off in between, the report still waits, and the same request goes on; if it cannot be
    /// resolved then, the supplement is taken back: the two are there together or not at all. What was consented to must be what is done.
    pub(super) async fn resolve_now(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        (input, consented): (&ResolveInput, Option<&SeenReport>),
    ) -> Result<Written<Payment>, AppError> {
        let rehearsed = match self.rehearse_resolution(request, id, input).await {
            Ok(rehearsed) => rehearsed,
            Err(error) => return self.replay_or::<Payment>(request, error).await,
        };
        let Rehearsed { revision, seen, months_free, supplement, .. } = rehearsed;
        if consented.is_some_and(|consented| *consented != seen) {
            return Err(PaymentRefusal::ContradictionChanged { attempt: seen.report.attempt }.into());
        }
        if request.if_match.is_some_and(|asked| asked != revision) {
            return Err(AppError::RevisionMoved { current: revision });
        }
        let request = WriteRequest { if_match: None, ..request.clone() };
        let ordered = match supplement {
            Some(supplement) => Some(self.order_missing(&request, supplement, seen.report.attempt).await?),
            None => None,
        };
        let (resolution, reason) = (input.resolution, input.reason.clone());
        let report = Report::Resolve { resolution, reason, seen: Box::new(seen), months_free };
        let answer = self.report(&request, id, report).await;
        if let (Err(error), Some(supplement)) = (&answer, ordered)
            && error.refusal_code().is_some()
        {
            let reason = "the resolution that it belonged to was refused".to_owned();
            let cancel = Report::Cancel { reason, recall_confirmed: false };
            self.report(&request.beside("supplement_taken_back"), supplement, cancel).await?;
        }
        answer
    }

    /// Whether both parts are possible now. Nothing is recorded.
    async fn rehearse_resolution(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: &ResolveInput,
    ) -> Result<Rehearsed, AppError> {
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let payment = found.and_then(|(state, _)| state.instructed).ok_or(AppError::NotFound("payment"))?;
        self.check_payment_reach(&request.principal, Action::CorrectPayment, &payment)?;
        let open = payment.contradiction.clone().ok_or(PaymentRefusal::NothingContradicted)?;
        let (resolution, reason) = (input.resolution, input.reason.clone());
        let months_free = !payment.called_off || !self.months_are_taken(&payment).await?;
        let difference_minor = difference_minor(&payment, &open, (resolution, months_free));
        let seen = SeenReport { report: open, difference_minor };
        let report = Report::Resolve { resolution, reason, seen: Box::new(seen.clone()), months_free };
        let (payment, revision, _) = self.rehearse(request, id, &report).await?;
        let missing = difference_minor.saturating_neg();
        let missing = (resolution == Resolution::MadeGood && missing > 0).then_some(missing);
        let supplement = match (missing, &input.supplement_reference) {
            (Some(minor), Some(reference)) => Some(self.supplement(&payment, reference, minor)),
            (Some(_), None) => return Err(supplement_issue("missing")),
            (None, Some(_)) => return Err(supplement_issue("not-needed")),
            (None, None) => None,
        };
        if let Some(supplement) = &supplement {
            let key = request.beside(SUPPLEMENT).idempotency;
            // What this very request ordered before it broke off stands in nobody's way.
            if self.store.find_request(&key.caller, &key.idempotency_key).await?.is_none() {
                self.rehearse_supplement(request, supplement.clone()).await?;
            }
        }
        Ok(Rehearsed { payment, revision, seen, months_free, supplement })
    }

    /// Whether another payment has the months of a cancelled one by now.
    async fn months_are_taken(&self, payment: &Instructed) -> Result<bool, AppError> {
        let keys = claims::own_month_keys(payment);
        let holders = self.store.find_claims(claims::BENEFIT_MONTH, &keys).await?;
        Ok(holders.iter().any(Option::is_some))
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

    /// Orders what is missing, under a key that follows from the request's. The supplement's id.
    async fn order_missing(
        &self,
        request: &WriteRequest,
        supplement: InstructInput,
        attempt: u32,
    ) -> Result<PaymentId, AppError> {
        let written = self.instruct(&request.beside(SUPPLEMENT), supplement).await?;
        let now = self.load::<Payment>(&written.stream).await?.and_then(|(state, _)| state.instructed);
        let ordered = now.ok_or_else(|| AppError::Internal("a supplement that was not ordered".to_owned()))?;
        // The same request was refused before, and its supplement taken back.
        if ordered.called_off {
            return Err(PaymentRefusal::ContradictionChanged { attempt }.into());
        }
        Ok(ordered.payment_id)
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
