//! What is reported of an ordered payment, and what is decided about it: from the doors' inputs to the domain's commands.

mod report;

pub use report::Report;

use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::{Aggregate, Decided, beneficiary_stream, payment_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::inputs::ReissueInput;
use crate::app::lookup::{self, FoundRoute};
use crate::app::oversight::contradictions::is_contradicted;
use crate::app::reasons::{self, ReportedReason};
use crate::domain::beneficiary::Beneficiary;
use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::decision::QuarantineCause;
use crate::domain::ids::{PaymentId, VaultRef};
use crate::domain::payment::command::{CorrectionFacts, CorrectionRequest, Reissue};
use crate::domain::payment::event::Payee;
use crate::domain::payment::state::{Attempt, Instructed};
use crate::domain::payment::{Payment, PaymentCommand, PaymentRefusal};
use crate::domain::period::Month;
use crate::store::{Append, StreamState};
use jiff::civil::Date;

/// What a report needs that its payment's stream does not tell.
#[derive(Default)]
struct Facts {
    reissue: Option<Reissue>,
    /// The agent's own words, sealed.
    words: Option<VaultRef>,
    /// When the beneficiary died, and what is suspended, where that matters.
    died_on: Option<Date>,
    suspensions: Vec<Suspension>,
    /// Another payment took the benefit months after this one was cancelled.
    months_taken: bool,
    /// Whether whoever took the money, if not the beneficiary, might on that day.
    collector: Option<Standing>,
}

/// The field to correct, with its new value.
pub use crate::domain::approval::RequestedCorrection as CorrectInput;

/// What is recorded before a report and together with it, as the payment stands when that is decided; or why the report must not be.
pub(super) type Before<'a> = &'a (dyn Fn(&Instructed) -> Result<Vec<Report>, AppError> + Send + Sync);

impl App {
    /// Records a report on a payment, or a decision about it.
    pub async fn report(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        report: Report,
    ) -> Result<Written<Payment>, AppError> {
        self.report_after(request, (id, report), &|_| Ok(Vec::new())).await
    }

    /// The same after what must come first: all of it is appended as one, or nothing.
    pub(super) async fn report_after(
        &self,
        request: &WriteRequest,
        (id, report): (PaymentId, Report),
        before: Before<'_>,
    ) -> Result<Written<Payment>, AppError> {
        let (mut facts, beside) = match self.facts(request, id, &report).await {
            Ok(found) => found,
            Err(error) => return self.replay_or::<Payment>(request, error).await,
        };
        let answer = match self.report_with(request, (id, &report), (&facts, beside, before)).await {
            // Money of a cancelled payment went out, and another payment has its months by now: it is recorded as too much.
            Err(AppError::Taken { .. }) if matches!(report, Report::Settle { .. }) => {
                facts.months_taken = true;
                self.report_with(request, (id, &report), (&facts, Beside::default(), before)).await
            }
            answer => answer,
        };
        // What waits for a person is on record, and not what was reported.
        match answer {
            Ok(written) if is_contradicted(&written.state, &report) => {
                Err(AppError::Quarantine(QuarantineCause::Contradicted))
            }
            answer => answer,
        }
    }

    /// The command of a report on a payment as the caller sees it, if the caller may give it, with what goes beside it.
    pub(super) async fn report_command(
        &self,
        request: &WriteRequest,
        (id, report): (PaymentId, &Report),
        state: &Payment,
    ) -> Result<(PaymentCommand, Beside), AppError> {
        let (facts, beside) = self.facts(request, id, report).await?;
        let mut commands = self.commands(state, request, report, (&facts, &|_| Ok(Vec::new())))?;
        let command = commands.pop().ok_or_else(|| AppError::Internal("a report without a command".to_owned()))?;
        Ok((command, beside))
    }

    /// Whether a report would change anything, as of now; with the payment and its revision. Nothing is recorded.
    pub(crate) async fn rehearse(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        report: &Report,
    ) -> Result<(Instructed, u64, bool), AppError> {
        let (facts, _) = self.facts(request, id, report).await?;
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let (state, last) = found.ok_or(AppError::NotFound("payment"))?;
        let payment = state.instructed.clone().ok_or(AppError::NotFound("payment"))?;
        self.check_payment_reach(&request.principal, report.action(), &payment)?;
        let command = self.command(&payment, report, &facts, request)?;
        let changes = matches!(Aggregate::decide(&state, &command, self.clock.now())?, Decided::Events(_));
        Ok((payment, last.revision, changes))
    }

    /// Whether a report would change anything after what must come first, as of now. Nothing is recorded.
    pub(super) async fn rehearse_after(
        &self,
        request: &WriteRequest,
        (id, report): (PaymentId, &Report),
        before: Before<'_>,
    ) -> Result<bool, AppError> {
        let (facts, _) = self.facts(request, id, report).await?;
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let (mut state, _) = found.ok_or(AppError::NotFound("payment"))?;
        let payment = state.instructed.clone().ok_or(AppError::NotFound("payment"))?;
        let (first, mut changes) = (before(&payment)?, false);
        for report in first.iter().chain([report]) {
            let command = self.command(&payment, report, &facts, request)?;
            let Decided::Events(events) = Aggregate::decide(&state, &command, self.clock.now())? else { continue };
            changes = true;
            for event in &events {
                state.evolve(event);
            }
            if is_contradicted(&state, report) {
                return Err(AppError::Quarantine(QuarantineCause::Contradicted));
            }
        }
        Ok(changes)
    }

    async fn report_with(
        &self,
        request: &WriteRequest,
        (id, report): (PaymentId, &Report),
        (facts, beside, before): (&Facts, Beside, Before<'_>),
    ) -> Result<Written<Payment>, AppError> {
        self.execute_all((&payment_stream(id), Begin::Existing), request, beside, |state: &Payment| {
            self.commands(state, request, report, (facts, before))
        })
        .await
    }

    /// What a report would append to a payment that was seen so, after what must come first; `None` when that is nothing, or not what was reported. Nothing is recorded.
    pub(super) async fn prepare_report(
        &self,
        request: &WriteRequest,
        (id, report): (PaymentId, &Report),
        (state, revision): (Payment, u64),
        before: Before<'_>,
    ) -> Result<Option<Append>, AppError> {
        let (facts, beside) = self.facts(request, id, report).await?;
        let commands = self.commands(&state, request, report, (&facts, before))?;
        let stream = payment_stream(id);
        let seen = (stream.as_str(), StreamState::Revision(revision), state);
        let (state, append) = self.prepare_on(seen, request, &beside, &commands)?;
        Ok((!append.events.is_empty() && !is_contradicted(&state, report)).then_some(append))
    }

    /// The commands of a report and of what comes first, if the caller may give them.
    fn commands(
        &self,
        state: &Payment,
        request: &WriteRequest,
        report: &Report,
        (facts, before): (&Facts, Before<'_>),
    ) -> Result<Vec<PaymentCommand>, AppError> {
        let payment = state.instructed.as_ref().ok_or(AppError::NotFound("payment"))?;
        match report.action() {
            Action::ReportOutcome => self.check_attempt_reach(&request.principal, report.attempt(), payment)?,
            action => self.check_payment_reach(&request.principal, action, payment)?,
        }
        let first = before(payment)?;
        first.iter().chain([report]).map(|report| self.command(payment, report, facts, request)).collect()
    }

    async fn facts(&self, request: &WriteRequest, id: PaymentId, report: &Report) -> Result<(Facts, Beside), AppError> {
        if let Report::Reissue(input) = report {
            let (reissue, beside) = self.prepare_reissue(request, id, input).await?;
            return Ok((Facts { reissue: Some(reissue), ..Facts::default() }, beside));
        }
        let needs_person = matches!(
            report,
            Report::Release { .. } | Report::Correct { correction: CorrectInput::BenefitMonths(_), .. }
        );
        if needs_person {
            let (died_on, suspensions) = self.standing_of_person(id).await?;
            return Ok((Facts { died_on, suspensions, ..Facts::default() }, Beside::default()));
        }
        if let Report::Settle { settled_on, collected_by: Some(payee), .. } = report
            && *payee != Payee::Beneficiary
        {
            let collector = Some(self.collector_standing(id, *payee, *settled_on).await?);
            return Ok((Facts { collector, ..Facts::default() }, Beside::default()));
        }
        let Some(words) = report.reason().and_then(|reason| reasons::words(&self.profile, reason)) else {
            return Ok((Facts::default(), Beside::default()));
        };
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let payment = found.and_then(|(state, _)| state.instructed).ok_or(AppError::NotFound("payment"))?;
        let sealed = self.vault.seal_words(&[(payment.beneficiary_id.as_uuid(), words)]).await?;
        let (mut facts, mut beside) = (Facts::default(), Beside::default());
        if let Some((words_ref, row)) = sealed.into_iter().flatten().next() {
            facts.words = Some(VaultRef::from_uuid(words_ref));
            beside.vault.push(row);
        }
        Ok((facts, beside))
    }

    fn command(
        &self,
        payment: &Instructed,
        report: &Report,
        facts: &Facts,
        request: &WriteRequest,
    ) -> Result<PaymentCommand, AppError> {
        let today = || self.profile.business_day(self.clock.now_us());
        let past =
            |field, day| lookup::not_in_future(field, day, today()).map_err(|issue| AppError::Invalid(vec![issue]));
        let reason = |reported: &ReportedReason| reasons::reason(&self.profile, reported, facts.words);
        Ok(match report.clone() {
            Report::Accept { attempt, agent_ref, raw_status, accepted_at } => PaymentCommand::Accept {
                attempt,
                agent_ref,
                raw_status,
                accepted_at: accepted_at.or(request.occurred_at).unwrap_or_else(|| self.clock.now()),
            },
            Report::Settle { attempt, settled_on, amount, evidence, collected_by } => {
                let settled_on = past("settled_on", settled_on)?;
                let amount = amount.unwrap_or_else(|| payment.amount_of(attempt));
                let months_free = !facts.months_taken;
                let collector = self.collector(payment, attempt, (collected_by, facts.collector))?;
                PaymentCommand::Settle { attempt, settled_on, amount, evidence, collected_by, months_free, collector }
            }
            Report::Reject { attempt, reason: reported, rejected_on } => PaymentCommand::Reject {
                attempt,
                reason: reason(&reported),
                rejected_on: past("rejected_on", rejected_on.unwrap_or_else(today))?,
            },
            Report::Return { attempt, returned_on, amount, reason: reported, evidence } => {
                let returned_on = past("returned_on", returned_on)?;
                let amount = amount.unwrap_or_else(|| payment.amount_of(attempt));
                PaymentCommand::Return { attempt, returned_on, amount, reason: reason(&reported), evidence }
            }
            Report::Fail { attempt, cause, deadline } => {
                PaymentCommand::Fail { attempt, cause, deadline: deadline.unwrap_or_else(today) }
            }
            Report::Hold { cause, note } => PaymentCommand::Hold { cause, note },
            Report::Release { note } => PaymentCommand::Release { note, died_on: facts.died_on },
            Report::Reissue(_) => {
                let reissue = facts.reissue.clone();
                let reissue = reissue.ok_or_else(|| AppError::Internal("a reissue without its facts".to_owned()))?;
                PaymentCommand::Reissue(Box::new(reissue))
            }
            Report::Cancel { reason, recall_confirmed } => {
                PaymentCommand::Cancel { reason, by: "agency".to_owned(), recall_confirmed }
            }
            Report::Correct { correction, ground } => {
                let correction = self.correction(payment, correction, request)?;
                let limits = self.profile.kind_limits(payment.kind);
                let known = CorrectionFacts { died_on: facts.died_on, suspensions: facts.suspensions.clone(), limits };
                PaymentCommand::Correct { correction, ground, known }
            }
            Report::Resolve { resolution, reason, seen, months_free } => {
                PaymentCommand::Resolve { resolution, reason, seen: Some(seen), months_free }
            }
        })
    }

    async fn collector_standing(&self, id: PaymentId, payee: Payee, day: Date) -> Result<Standing, AppError> {
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let payment = found.and_then(|(state, _)| state.instructed).ok_or(AppError::NotFound("payment"))?;
        let person = self.load_person(payment.beneficiary_id, "beneficiary_id").await?;
        Ok(person.registered.map_or(Standing::Missing, |person| person.standing_of(payee, day)))
    }

    /// Somebody else than the beneficiary may fetch the attempt's cash. An account's payee was looked at when it was ordered.
    pub(super) fn fetched_by_another(&self, payment: &Instructed, attempt: Option<u32>) -> bool {
        let in_cash = |channel: &str| self.profile.channel(channel).is_some_and(|channel| channel.requires_presence);
        let open = |attempt: &Attempt| attempt.payee != Payee::Beneficiary && in_cash(attempt.channel.as_str());
        payment.attempt(attempt).is_some_and(open)
    }

    /// Whether the collector might. Cash of a payment that somebody else may fetch: who did must be said, for it may have been either.
    fn collector(
        &self,
        payment: &Instructed,
        attempt: Option<u32>,
        (collected_by, found): (Option<Payee>, Option<Standing>),
    ) -> Result<Standing, AppError> {
        if collected_by.is_none() && self.fetched_by_another(payment, attempt) {
            return Err(AppError::Invalid(vec![FieldIssue::new(
                "collected_by",
                "collector-missing",
                "missing; another payee may fetch this payment, so say who took the cash: self, authorised or guardian",
                "thiếu; khoản này có thể do người khác nhận thay, cần ghi ai đã nhận tiền: self, authorised hoặc guardian",
            )]));
        }
        Ok(found.unwrap_or(Standing::NotNeeded))
    }

    fn correction(
        &self,
        payment: &Instructed,
        input: CorrectInput,
        request: &WriteRequest,
    ) -> Result<CorrectionRequest, AppError> {
        Ok(match input {
            CorrectInput::Amount(amount) => CorrectionRequest::Amount(amount),
            CorrectInput::BenefitMonths(months) => CorrectionRequest::BenefitMonths(months),
            CorrectInput::DueOn(due_on) => {
                let unit = self.profile.units.get(payment.unit_key.as_str());
                if unit.is_some_and(|unit| !unit.in_force(due_on)) {
                    return Err(PaymentRefusal::UnitNotInForce { due_on }.into());
                }
                CorrectionRequest::DueOn(due_on)
            }
            CorrectInput::Reference(reference) => CorrectionRequest::Reference(reference),
            CorrectInput::Unit(text) => {
                let due_on = payment.standing().due_on;
                let unit =
                    lookup::unit(&self.profile, &text, due_on).map_err(|issue| AppError::Invalid(vec![issue]))?;
                // A correction must not carry a payment out of the caller's own units either.
                self.check_reach(&request.principal, Action::CorrectPayment, unit.key.as_str(), None)?;
                CorrectionRequest::Unit(unit)
            }
        })
    }

    async fn prepare_reissue(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        input: &ReissueInput,
    ) -> Result<(Reissue, Beside), AppError> {
        let found = self.load::<Payment>(&payment_stream(id)).await?;
        let payment = found.and_then(|(state, _)| state.instructed).ok_or(AppError::NotFound("payment"))?;
        self.check_payment_reach(&request.principal, Action::ManagePayment, &payment)?;
        let person = self.load::<Beneficiary>(&beneficiary_stream(payment.beneficiary_id)).await?;
        let person = person.map(|(state, _)| state).unwrap_or_default();
        let today = self.profile.business_day(self.clock.now_us());
        let due_on = input.due_on.unwrap_or_else(|| self.profile.working_days.on_or_after(today));
        let month = payment.cycle.max(Month::of(due_on));
        let fact = person.fact(month);
        let suspensions = fact.as_ref().map(|fact| fact.suspensions.clone()).unwrap_or_default();
        let died_on = fact.as_ref().and_then(|fact| fact.died_on);
        let route = lookup::route(&self.profile, &input.route, fact.as_ref()).map_err(AppError::Invalid)?;
        let account =
            self.find_account(payment.beneficiary_id, route.bank.as_ref(), input.route.account.as_deref()).await?;
        let on_file = fact.and_then(|fact| fact.method).filter(|method| method.channel == route.channel.code);
        let account_ref = account.account_ref.or_else(|| on_file.and_then(|method| method.account_ref));
        let FoundRoute { channel, agent, bank, payee, .. } = route;
        let account_payee = self.account_payee(&person, payee, due_on);
        let reason = input.reason.clone();
        let reissue =
            Reissue { channel, agent, bank, account_ref, due_on, payee, died_on, suspensions, account_payee, reason };
        Ok((reissue, Beside { claims: Vec::new(), vault: account.rows }))
    }
}
