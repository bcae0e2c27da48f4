//! Recoveries: find one by hand, ask for the money, record what came back, give the rest up, list them.

use super::approvals::{Answered, Asked, sees_what_has_no_unit};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::{payment_stream, recovery_stream};
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::lookup;
use crate::app::oversight::reactions::REACTIONS;
use crate::app::queries::{Answer, Page};
use crate::domain::approval::Approval;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand};
use crate::domain::decision::Decision;
use crate::domain::ids::{ApprovalId, PaymentId, RecoveryId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::Payment;
use crate::domain::payment::event::Evidence;
use crate::domain::period::Month;
use crate::domain::recovery::{
    self, FoundRecovery, Ground, Overpayment, Recovery, RecoveryCommand, RecoveryRefusal, RecoveryState,
};
use crate::projections::Projection;
use crate::store::views::Snapshot;
use jiff::civil::Date;

pub use crate::projections::oversight::{ApprovalRow, RecoveryRow};
pub use crate::store::views::{ApprovalFilter, Belonging, RecoveryFilter};

/// An overpayment that a person found.
#[derive(Debug, Clone)]
pub struct FindInput {
    pub payment_id: PaymentId,
    /// The one that the payment stands on when absent.
    pub attempt: Option<u32>,
    pub ground: Ground,
    /// All of the payment's when empty.
    pub months: Vec<Month>,
    /// All that the attempt paid when absent.
    pub amount: Option<Money>,
}

/// What is done about a recovery.
#[derive(Debug, Clone)]
pub enum RecoveryDeed {
    Demand { demanded_on: Option<Date>, due_on: Option<Date>, reference: String },
    Receive { amount: Option<Money>, received_on: Date, evidence: Evidence },
}

/// A recovery with its stream's place.
#[derive(Debug, Clone)]
pub struct RecoveryView {
    pub recovery: FoundRecovery,
    pub revision: u64,
    pub position: u64,
    pub as_of_position: u64,
}

/// Rows of a list and where the next page begins.
#[derive(Debug, Clone)]
pub struct RowPage<T> {
    pub rows: Vec<T>,
    pub next_after: Option<u64>,
}

impl App {
    /// Records an overpayment that a person found.
    pub async fn find_overpayment(
        &self,
        request: &WriteRequest,
        input: FindInput,
    ) -> Result<Written<Recovery>, AppError> {
        match self.overpayment(request, input).await {
            Ok(overpayment) => {
                let stream = recovery_stream(overpayment.recovery_id());
                let found_on = self.profile.business_day(self.clock.now_us());
                let command = RecoveryCommand::Find { overpayment: Box::new(overpayment), found_on };
                self.execute((&stream, Begin::Existing), request, Beside::default(), |_: &Recovery| Ok(command.clone()))
                    .await
            }
            Err(error) => self.replay_or::<Recovery>(request, error).await,
        }
    }

    async fn overpayment(&self, request: &WriteRequest, input: FindInput) -> Result<Overpayment, AppError> {
        let found = self.load::<Payment>(&payment_stream(input.payment_id)).await?;
        let payment = found.and_then(|(state, _)| state.instructed).ok_or(AppError::NotFound("payment"))?;
        self.check_reach(&request.principal, Action::ManageRecovery, payment.unit_key.as_str(), None)?;
        let attempt = payment.attempt(input.attempt).filter(|attempt| attempt.is_out());
        let attempt = attempt.ok_or(RecoveryRefusal::NothingOut)?.number;
        let paid = payment.amount_of(Some(attempt));
        let amount = input.amount.unwrap_or(paid);
        let months = if input.months.is_empty() { payment.benefit_months.clone() } else { input.months };
        if months.iter().any(|month| !payment.benefit_months.contains(month)) {
            return Err(RecoveryRefusal::OtherMonths.into());
        }
        if amount.currency != payment.amount.currency {
            return Err(RecoveryRefusal::OtherCurrency { expected: payment.amount.currency }.into());
        }
        if amount.minor <= 0 {
            return Err(RecoveryRefusal::AmountNotPositive.into());
        }
        // What others ask for of the same money is not asked for twice.
        let others = self.recoveries_of(&payment).await?;
        let others = others.iter().filter(|other| {
            other.attempt == attempt && other.ground != input.ground && other.state != RecoveryState::Lapsed
        });
        let taken = others.map(|other| other.amount.minor).fold(0, i64::saturating_add);
        let outstanding_minor = paid.minor.saturating_sub(taken).max(0);
        if amount.minor > outstanding_minor {
            return Err(RecoveryRefusal::TooMuch { outstanding_minor }.into());
        }
        Ok(Overpayment { payment, attempt, ground: input.ground, months, amount })
    }

    /// Asks for the money in writing, or records what came back.
    pub async fn recover(
        &self,
        request: &WriteRequest,
        id: RecoveryId,
        deed: RecoveryDeed,
    ) -> Result<Written<Recovery>, AppError> {
        let today = self.profile.business_day(self.clock.now_us());
        self.execute((&recovery_stream(id), Begin::Existing), request, Beside::default(), |state: &Recovery| {
            let found = state.found.as_ref().ok_or(AppError::NotFound("recovery"))?;
            self.check_reach(&request.principal, Action::ManageRecovery, found.unit_key.as_str(), None)?;
            let past =
                |field, day| lookup::not_in_future(field, day, today).map_err(|issue| AppError::Invalid(vec![issue]));
            Ok(match deed.clone() {
                RecoveryDeed::Demand { demanded_on, due_on, reference } => {
                    let demanded_on = past("demanded_on", demanded_on.unwrap_or(today))?;
                    RecoveryCommand::Demand { demanded_on, due_on, reference }
                }
                RecoveryDeed::Receive { amount, received_on, evidence } => {
                    let outstanding = Money { minor: found.outstanding_minor(), currency: found.amount.currency };
                    let received_on = past("received_on", received_on)?;
                    RecoveryCommand::Receive { amount: amount.unwrap_or(outstanding), received_on, evidence }
                }
            })
        })
        .await
    }

    /// Gives up what is outstanding; with a second person where the profile wants one.
    pub async fn write_off(
        &self,
        request: &WriteRequest,
        id: RecoveryId,
        reason: String,
    ) -> Result<Answered<Recovery>, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(Answered::Waits(Box::new(first)));
        }
        match self.ask_to_write_off(request, id, &reason).await {
            Ok(Some(written)) => Ok(Answered::Waits(Box::new(written))),
            Ok(None) => self.write_off_now(request, id, (reason, None)).await.map(Answered::Done),
            Err(error) => self.replay_or(request, error).await.map(Answered::Done),
        }
    }

    async fn ask_to_write_off(
        &self,
        request: &WriteRequest,
        id: RecoveryId,
        reason: &str,
    ) -> Result<Option<Written<Approval>>, AppError> {
        let (state, last) = self.load::<Recovery>(&recovery_stream(id)).await?.ok_or(AppError::NotFound("recovery"))?;
        let found = state.found.as_ref().ok_or(AppError::NotFound("recovery"))?;
        self.check_reach(&request.principal, Action::WriteOffRecovery, found.unit_key.as_str(), None)?;
        if request.if_match.is_some_and(|asked| asked != last.revision) {
            return Err(AppError::RevisionMoved { current: last.revision });
        }
        let amount = Money { minor: found.outstanding_minor(), currency: found.amount.currency };
        let spec = self.second_person(&request.principal, ApprovableAction::WriteOffRecovery, amount)?;
        let Some(spec) = spec else { return Ok(None) };
        let command = self.write_off_command(reason.to_owned(), None);
        match recovery::decide(&state, &command, self.clock.now()) {
            // What is not possible now is not asked for.
            Decision::Refused(refusal) => return Err(refusal.into()),
            Decision::NoOp => return Ok(None),
            Decision::Events(_) | Decision::Quarantine(_) => {}
        }
        let command = ApprovableCommand::WriteOffRecovery { recovery_id: id, reason: reason.to_owned() };
        let asked = Asked::of_unit(command, found.unit_key.clone(), Some(amount));
        self.ask(request, spec, asked).await.map(Some)
    }

    pub(super) async fn write_off_now(
        &self,
        request: &WriteRequest,
        id: RecoveryId,
        (reason, approval): (String, Option<ApprovalId>),
    ) -> Result<Written<Recovery>, AppError> {
        let command = self.write_off_command(reason, approval);
        self.execute((&recovery_stream(id), Begin::Existing), request, Beside::default(), |state: &Recovery| {
            let found = state.found.as_ref().ok_or(AppError::NotFound("recovery"))?;
            self.check_reach(&request.principal, Action::WriteOffRecovery, found.unit_key.as_str(), None)?;
            Ok(command.clone())
        })
        .await
    }

    fn write_off_command(&self, reason: String, approval_id: Option<ApprovalId>) -> RecoveryCommand {
        let written_off_on = self.profile.business_day(self.clock.now_us());
        RecoveryCommand::WriteOff { written_off_on, reason, approval_id }
    }

    /// One recovery, straight from its stream.
    pub async fn read_recovery(&self, principal: &Principal, id: RecoveryId) -> Result<RecoveryView, AppError> {
        let head = self.store.head().await?;
        let found = self.load::<Recovery>(&recovery_stream(id)).await?;
        let (recovery, last) = found
            .and_then(|(state, last)| state.found.map(|found| (found, last)))
            .ok_or(AppError::NotFound("recovery"))?;
        self.check_reach(principal, Action::ReadRecovery, recovery.unit_key.as_str(), None)?;
        let (revision, position) = (last.revision, last.position);
        Ok(RecoveryView { recovery, revision, position, as_of_position: head.position.max(position) })
    }

    /// A page of recoveries within the caller's reach. `min_position` waits for what follows from that event too.
    pub async fn list_recoveries(
        &self,
        principal: &Principal,
        (scope, mut filter): (Option<UnitKey>, RecoveryFilter),
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<RowPage<RecoveryRow>>, AppError> {
        filter.units = self.units_within(principal, Action::ReadRecovery, scope)?;
        self.wait_for_reactions(min_position).await?;
        let Snapshot { checkpoint, answer: rows } = self.views.list_recoveries(&filter, page).await?;
        let full = rows.len() >= page.limit as usize;
        let next_after = rows.last().filter(|_| full).map(|row| row.found_position);
        let answer = RowPage { rows, next_after };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// A page of approvals within the caller's reach.
    pub async fn list_approvals(
        &self,
        principal: &Principal,
        (scope, mut filter): (Option<UnitKey>, ApprovalFilter),
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<RowPage<ApprovalRow>>, AppError> {
        filter.units = self.units_within(principal, Action::ReadApproval, scope)?;
        filter.belonging = match (principal.reach(Action::ReadApproval), sees_what_has_no_unit(principal)) {
            (Reach::NoUnit, _) => Belonging::NoUnit,
            (_, true) => Belonging::Any,
            (_, false) => Belonging::Units,
        };
        filter.now_us = self.clock.now_us();
        self.wait_for(Projection::Oversight, min_position).await?;
        let Snapshot { checkpoint, answer: rows } = self.views.list_approvals(&filter, page).await?;
        let full = rows.len() >= page.limit as usize;
        let next_after = rows.last().filter(|_| full).map(|row| row.requested_position);
        let answer = RowPage { rows, next_after };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// Waits until what follows from the log up to a position is done and in the rows. Answers with a position that contains it.
    pub(in crate::app) async fn wait_for_reactions(&self, position: Option<u64>) -> Result<Option<u64>, AppError> {
        let Some(asked) = position else {
            return self.wait_for(Projection::Oversight, None).await.map(|()| None);
        };
        let head = self.store.head().await?.position;
        if asked > head {
            return Err(AppError::BeyondHead { head, asked });
        }
        self.progress.wait_for(REACTIONS, asked).await?;
        let head = self.store.head().await?.position;
        self.wait_for(Projection::Oversight, Some(head)).await?;
        Ok(Some(head))
    }

    /// The units of a list: those asked for, within the caller's; `None` is all.
    fn units_within(
        &self,
        principal: &Principal,
        action: Action,
        scope: Option<UnitKey>,
    ) -> Result<Option<Vec<UnitKey>>, AppError> {
        let scopes = match (scope, principal.reach(action), &principal.unit) {
            (Some(unit), ..) => {
                self.check_reach(principal, action, unit.as_str(), None)?;
                vec![unit]
            }
            (None, Reach::Units, Some(own)) => self.profile.units.reach(own.as_str()),
            (None, ..) => return Ok(None),
        };
        let units = &self.profile.units;
        let all = scopes.iter().flat_map(|scope| units.subtree(scope.as_str())).map(|unit| unit.key.clone());
        Ok(Some(all.collect()))
    }
}
