//! Payments: order one, record what happens to it, read one with its timeline.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{beneficiary_stream, fold, payment_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::inputs::{InstructInput, ReissueInput};
use crate::app::lookup::{self, FoundAccount, FoundRoute};
use crate::app::timeline;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::ids::{PaymentId, PaymentReference, VaultRef};
use crate::domain::money::Money;
use crate::domain::payment::command::{BeneficiaryFact, CorrectionRequest, Instruct, Reissue, UnitFact};
use crate::domain::payment::event::{Evidence, FailureCause, Payee};
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{Payment, PaymentCommand, PaymentRefusal};
use crate::domain::period::Month;
use crate::store::Direction;
use jiff::Timestamp;
use jiff::civil::Date;

/// What can be reported or asked of an ordered payment. `attempt: None` is the latest; a missing amount is the instructed one.
#[derive(Debug, Clone)]
pub enum Report {
    Accept {
        attempt: Option<u32>,
        agent_ref: Option<String>,
        raw_status: Option<String>,
        accepted_at: Option<Timestamp>,
    },
    Settle {
        attempt: Option<u32>,
        settled_on: Date,
        amount: Option<Money>,
        evidence: Evidence,
        collected_by: Option<Payee>,
    },
    Reject {
        attempt: Option<u32>,
        reason: (String, String, Option<String>),
        rejected_on: Option<Date>,
    },
    Return {
        attempt: Option<u32>,
        returned_on: Date,
        amount: Option<Money>,
        reason: (String, String, Option<String>),
        evidence: Evidence,
    },
    Fail {
        attempt: Option<u32>,
        cause: FailureCause,
        deadline: Option<Date>,
    },
    Hold {
        cause: String,
        note: Option<String>,
    },
    Release {
        note: Option<String>,
    },
    Reissue(ReissueInput),
    Cancel {
        reason: String,
        recall_confirmed: bool,
    },
    Correct {
        correction: CorrectInput,
        ground: String,
    },
}

impl Report {
    /// The attempt that the report is about; `None` is the latest.
    #[must_use]
    pub const fn attempt(&self) -> Option<u32> {
        match self {
            Self::Accept { attempt, .. }
            | Self::Settle { attempt, .. }
            | Self::Reject { attempt, .. }
            | Self::Return { attempt, .. }
            | Self::Fail { attempt, .. } => *attempt,
            Self::Hold { .. }
            | Self::Release { .. }
            | Self::Reissue(_)
            | Self::Cancel { .. }
            | Self::Correct { .. } => None,
        }
    }

    /// The action that the caller must be allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Accept { .. }
            | Self::Settle { .. }
            | Self::Reject { .. }
            | Self::Return { .. }
            | Self::Fail { .. } => Action::ReportOutcome,
            Self::Hold { .. } | Self::Release { .. } | Self::Reissue(_) | Self::Cancel { .. } => Action::ManagePayment,
            Self::Correct { .. } => Action::CorrectPayment,
        }
    }
}

/// The field to correct, with its new value.
#[derive(Debug, Clone)]
pub enum CorrectInput {
    Amount(Money),
    BenefitMonths(Vec<Month>),
    Unit(String),
    DueOn(Date),
    Reference(PaymentReference),
}

/// A payment with all that happened to it.
#[derive(Debug, Clone)]
pub struct PaymentView {
    pub payment: Instructed,
    pub timeline: Vec<TimelineEntry>,
    pub revision: u64,
    /// Position of its last event.
    pub position: u64,
    /// The log's head when it was read.
    pub as_of_position: u64,
}

/// One event of a payment, in words.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    pub position: u64,
    pub revision: u64,
    pub event_type: String,
    pub occurred_at: Option<Timestamp>,
    pub recorded_at_us: i64,
    pub actor: Option<String>,
    pub source: Option<String>,
    pub text: String,
    pub text_vi: String,
    pub data: Vec<u8>,
}

/// An instruction with all its facts, found by [`instruction`].
pub struct Facts {
    pub payment_id: PaymentId,
    pub fact: BeneficiaryFact,
    pub unit: UnitFact,
    pub due_on: Date,
    pub route: FoundRoute,
    pub account_ref: Option<VaultRef>,
}

impl App {
    /// Orders a payment.
    pub async fn instruct(&self, request: &WriteRequest, input: InstructInput) -> Result<Written<Payment>, AppError> {
        match self.prepare_instruction(request, input).await {
            Ok((id, command, beside)) => {
                self.execute((&payment_stream(id), Begin::New), request, beside, |_| Ok(command.clone())).await
            }
            // The facts may have moved since the first use of the key: a repeat gets its first answer all the same.
            Err(error) => self.replay_or::<Payment>(request, error).await,
        }
    }

    async fn prepare_instruction(
        &self,
        request: &WriteRequest,
        input: InstructInput,
    ) -> Result<(PaymentId, PaymentCommand, Beside), AppError> {
        let (person, state) = self.find_registered(&input.person).await?;
        let (fact, unit, due_on, route) = self.instruction_facts(&input, &state)?;
        self.check_reach(&request.principal, Action::InstructPayment, unit.key.as_str(), route.bank.as_ref())?;
        let account = self.find_account(person, route.bank.as_ref(), input.route.account.as_deref()).await?;
        let FoundAccount { account_ref, rows } = account;
        let payment_id = PaymentId::from_uuid(self.clock.time_ordered_id());
        let facts = Facts { payment_id, fact, unit, due_on, route, account_ref };
        let command = PaymentCommand::Instruct(Box::new(self.instruction(input, facts)));
        Ok((payment_id, command, Beside { claims: Vec::new(), vault: rows }))
    }

    /// What the profile and the beneficiary's record say about an instruction; all that is wrong with it at once.
    pub fn instruction_facts(
        &self,
        input: &InstructInput,
        person: &Beneficiary,
    ) -> Result<(BeneficiaryFact, UnitFact, Date, FoundRoute), AppError> {
        let profile = &self.profile;
        let mut issues = Vec::new();
        let registered = person.registered.as_ref();
        let fact = person.fact(input.cycle);
        let route = lookup::route(profile, &input.route, fact.as_ref()).map_err(|found| issues.extend(found)).ok();
        let due_by_calendar = || profile.due_on(input.cycle, route.as_ref()?.channel.code.as_str());
        let due_on = input.due_on.or_else(due_by_calendar).or_else(|| input.cycle.day(1));
        let due_on = due_on.ok_or_else(|| AppError::Internal(format!("{} has no days", input.cycle)))?;
        let own_unit =
            registered.and_then(|r| r.unit_on(due_on)).map(|key| lookup::unit_now(profile, key.as_str(), due_on));
        let unit = match input.unit.as_deref().or(own_unit.as_deref()) {
            Some(text) => lookup::unit(profile, text, due_on).map_err(|issue| issues.push(issue)).ok(),
            None => None,
        };
        if profile.benefit_type(input.benefit_type.as_str()).is_none() {
            issues.push(lookup::unknown("benefit_type", input.benefit_type.as_str()));
        }
        if let (Some(fact), Some(unit), Some(route), true) = (fact, unit, route, issues.is_empty()) {
            return Ok((fact, unit, due_on, route));
        }
        if issues.is_empty() {
            issues.push(lookup::person_unknown("beneficiary_id"));
        }
        Err(AppError::Invalid(issues))
    }

    /// The command of an instruction, from its input and facts.
    #[must_use]
    pub fn instruction(&self, input: InstructInput, facts: Facts) -> Instruct {
        Instruct {
            payment_id: facts.payment_id,
            reference: input.reference,
            beneficiary: facts.fact,
            benefit_type: input.benefit_type,
            benefit_months: input.benefit_months,
            cycle: input.cycle,
            amount: input.amount,
            amount_max_minor: self.profile.amount_max_minor,
            unit: facts.unit,
            channel: facts.route.channel,
            agent: facts.route.agent,
            bank: facts.route.bank,
            account_ref: facts.account_ref,
            due_on: facts.due_on,
            payee: facts.route.payee,
            supplement: input.supplement,
        }
    }

    /// Records a report on a payment, or a decision about it.
    pub async fn report(
        &self,
        request: &WriteRequest,
        id: PaymentId,
        report: Report,
    ) -> Result<Written<Payment>, AppError> {
        let stream = payment_stream(id);
        let (reissue, beside) = match &report {
            Report::Reissue(input) => match self.prepare_reissue(request, id, input).await {
                Ok((reissue, beside)) => (Some(reissue), beside),
                Err(error) => return self.replay_or::<Payment>(request, error).await,
            },
            _ => (None, Beside::default()),
        };
        self.execute((&stream, Begin::Existing), request, beside, |state: &Payment| {
            let payment = state.instructed.as_ref().ok_or(AppError::NotFound("payment"))?;
            match report.action() {
                Action::ReportOutcome => self.check_attempt_reach(&request.principal, report.attempt(), payment)?,
                action => self.check_payment_reach(&request.principal, action, payment)?,
            }
            self.command(payment, &report, reissue.as_ref(), request)
        })
        .await
    }

    fn command(
        &self,
        payment: &Instructed,
        report: &Report,
        reissue: Option<&Reissue>,
        request: &WriteRequest,
    ) -> Result<PaymentCommand, AppError> {
        let today = || self.profile.business_day(self.clock.now_us());
        let past =
            |field, day| lookup::not_in_future(field, day, today()).map_err(|issue| AppError::Invalid(vec![issue]));
        let reason = |(system, code, text): &(String, String, Option<String>)| {
            lookup::reason(&self.profile, system.clone(), code.clone(), text.clone())
        };
        Ok(match report.clone() {
            Report::Accept { attempt, agent_ref, raw_status, accepted_at } => PaymentCommand::Accept {
                attempt,
                agent_ref,
                raw_status,
                accepted_at: accepted_at.or(request.occurred_at).unwrap_or_else(|| self.clock.now()),
            },
            Report::Settle { attempt, settled_on, amount, evidence, collected_by } => {
                let settled_on = past("settled_on", settled_on)?;
                let amount = amount.unwrap_or(payment.amount);
                PaymentCommand::Settle { attempt, settled_on, amount, evidence, collected_by }
            }
            Report::Reject { attempt, reason: parts, rejected_on } => PaymentCommand::Reject {
                attempt,
                reason: reason(&parts),
                rejected_on: past("rejected_on", rejected_on.unwrap_or_else(today))?,
            },
            Report::Return { attempt, returned_on, amount, reason: parts, evidence } => {
                let returned_on = past("returned_on", returned_on)?;
                let amount = amount.unwrap_or(payment.amount);
                PaymentCommand::Return { attempt, returned_on, amount, reason: reason(&parts), evidence }
            }
            Report::Fail { attempt, cause, deadline } => {
                PaymentCommand::Fail { attempt, cause, deadline: deadline.unwrap_or_else(today) }
            }
            Report::Hold { cause, note } => PaymentCommand::Hold { cause, note },
            Report::Release { note } => PaymentCommand::Release { note },
            Report::Reissue(_) => {
                let reissue = reissue.ok_or_else(|| AppError::Internal("a reissue without its facts".to_owned()))?;
                PaymentCommand::Reissue(Box::new(reissue.clone()))
            }
            Report::Cancel { reason, recall_confirmed } => {
                PaymentCommand::Cancel { reason, by: "agency".to_owned(), recall_confirmed }
            }
            Report::Correct { correction, ground } => {
                PaymentCommand::Correct { correction: self.correction(payment, correction, request)?, ground }
            }
        })
    }

    fn correction(
        &self,
        payment: &Instructed,
        input: CorrectInput,
        request: &WriteRequest,
    ) -> Result<CorrectionRequest, AppError> {
        Ok(match input {
            CorrectInput::Amount(amount) if amount.minor > self.profile.amount_max_minor => {
                return Err(PaymentRefusal::AmountTooLarge.into());
            }
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
                let due_on = payment.latest().due_on;
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
        let route = lookup::route(&self.profile, &input.route, fact.as_ref()).map_err(AppError::Invalid)?;
        let account =
            self.find_account(payment.beneficiary_id, route.bank.as_ref(), input.route.account.as_deref()).await?;
        let on_file = fact.and_then(|fact| fact.method).filter(|method| method.channel == route.channel.code);
        let account_ref = account.account_ref.or_else(|| on_file.and_then(|method| method.account_ref));
        let FoundRoute { channel, agent, bank, payee } = route;
        let reissue = Reissue { channel, agent, bank, account_ref, due_on, payee, reason: input.reason.clone() };
        Ok((reissue, Beside { claims: Vec::new(), vault: account.rows }))
    }

    /// One payment with its whole timeline, straight from its stream.
    pub async fn read_payment(&self, principal: &Principal, id: PaymentId) -> Result<PaymentView, AppError> {
        let head = self.store.head().await?;
        let events = self.store.read_stream(&payment_stream(id), None, Direction::Forwards, 1000).await?;
        let state = fold::<Payment>(&events)?;
        let (Some(payment), Some(last)) = (state.instructed, events.last()) else {
            return Err(AppError::NotFound("payment"));
        };
        self.check_payment_reach(principal, Action::ReadPayment, &payment)?;
        let (revision, position) = (last.revision, last.position);
        let timeline = timeline::of(&self.profile, &events)?;
        Ok(PaymentView { payment, timeline, revision, position, as_of_position: head.position.max(position) })
    }
}

/// The issue of a file or body that names a payment which is not there.
#[must_use]
pub fn payment_unknown(field: &'static str) -> FieldIssue {
    FieldIssue::new(
        field,
        "payment-unknown",
        "no payment has this reference; check it, or import the payments first",
        "không có khoản chi trả nào mang số này; hãy kiểm tra hoặc nhập danh sách chi trả trước",
    )
}
