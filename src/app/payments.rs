//! Payments: order one, record what happens to it, read one with its timeline.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{fold, payment_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::inputs::InstructInput;
use crate::app::lookup::{self, FoundAccount, FoundRoute};
use crate::app::sight::{Occasion, Sight, sight};
use crate::app::timeline;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::disclosure::DataKind;
use crate::domain::ids::{PaymentId, VaultRef};
use crate::domain::payment::command::{AccountPayee, BeneficiaryFact, Instruct, UnitFact};
use crate::domain::payment::event::PaymentEvent;
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{Payment, PaymentCommand};
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::store::Direction;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

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
    /// What the agent wrote, from the vault, if the caller may see it.
    pub words: Option<String>,
    pub data: Vec<u8>,
    /// The event itself.
    pub event: PaymentEvent,
}

/// An instruction with all its facts, found by [`instruction`].
pub struct Facts {
    pub payment_id: PaymentId,
    pub fact: BeneficiaryFact,
    pub unit: UnitFact,
    pub due_on: Date,
    pub route: FoundRoute,
    pub account_payee: AccountPayee,
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

    pub(super) async fn prepare_instruction(
        &self,
        request: &WriteRequest,
        input: InstructInput,
    ) -> Result<(PaymentId, PaymentCommand, Beside), AppError> {
        let payment_id = PaymentId::from_uuid(self.clock.time_ordered_id());
        self.prepare_order(request, input, payment_id).await
    }

    /// The same with an id that is known.
    pub(super) async fn prepare_order(
        &self,
        request: &WriteRequest,
        input: InstructInput,
        payment_id: PaymentId,
    ) -> Result<(PaymentId, PaymentCommand, Beside), AppError> {
        let (person, state) = self.find_registered(&input.person).await?;
        let (fact, unit, due_on, route) = self.instruction_facts(&input, &state)?;
        self.check_reach(&request.principal, Action::InstructPayment, unit.key.as_str(), route.bank.as_ref())?;
        if !route.channel.cashless {
            self.refuse_halted(person, &input.benefit_months).await?;
        }
        let account = self.find_account(person, route.bank.as_ref(), input.route.account.as_deref()).await?;
        let FoundAccount { account_ref, rows, .. } = account;
        let account_payee = self.account_payee(&state, route.payee, due_on);
        let facts = Facts { payment_id, fact, unit, due_on, route, account_payee, account_ref };
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
        let due_on = match (&unit, &route, input.due_on) {
            (Some(unit), Some(route), None) => due_there(profile, input.cycle, route, unit).unwrap_or(due_on),
            _ => due_on,
        };
        if profile.benefit_type(input.benefit_type.as_str()).is_none() {
            issues.push(lookup::unknown("benefit_type"));
        }
        if !profile.has_kind(input.kind) {
            issues.push(lookup::unknown("kind"));
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
            unit: facts.unit,
            channel: facts.route.channel,
            agent: facts.route.agent,
            bank: facts.route.bank,
            account_ref: facts.account_ref,
            due_on: facts.due_on,
            payee: facts.route.payee,
            account_payee: facts.account_payee,
            limits: self.profile.kind_limits(input.kind),
        }
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
        // The agent's own words are for those who act on them.
        let acts = sight(principal.role, DataKind::Words, Occasion::Reading) == Sight::Full;
        let words = if acts && timeline::has_words(&events)? {
            self.vault.open_words(payment.beneficiary_id.as_uuid()).await?
        } else {
            BTreeMap::new()
        };
        let timeline = timeline::of(&self.profile, &events, &words)?;
        Ok(PaymentView { payment, timeline, revision, position, as_of_position: head.position.max(position) })
    }
}

/// The due day by the unit's own days, if the unit is in force then too.
fn due_there(profile: &Profile, cycle: Month, route: &FoundRoute, unit: &UnitFact) -> Option<Date> {
    let day = profile.due_in(cycle, route.channel.code.as_str(), Some(unit.key.as_str()))?;
    profile.units.get(unit.key.as_str()).filter(|unit| unit.in_force(day)).map(|_| day)
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
