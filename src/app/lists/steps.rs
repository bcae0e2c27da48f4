//! The steps of a prepared list that append one event to its own stream: check, approve, submit, acknowledge, reconcile, close.

use super::check::CheckReport;
use super::inputs::Step;
use super::plan::{Course, Gathered, PlanToken, Standing};
use super::{Plan, Stepped};
use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{Aggregate, Decided, list_stream};
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::domain::codec;
use crate::domain::ids::ListId;
use crate::domain::list::command::{Control, Submit};
use crate::domain::list::state::Opened;
use crate::domain::list::{ListCommand, ListRefusal, PaymentList};

/// A step with what a check found, if the step was one.
pub type Answered = (Stepped<Written<PaymentList>>, Option<CheckReport>);

impl Step {
    /// What the step needs in the table of access.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Approve { .. } => Action::ApproveList,
            Self::Acknowledge { .. } => Action::AcknowledgeList,
            Self::Check { .. }
            | Self::Submit { .. }
            | Self::Reconcile { .. }
            | Self::Close
            | Self::Remove { .. }
            | Self::Withdraw { .. } => Action::ManageList,
        }
    }
}

impl App {
    /// Does a step of a list, or shows what it would do.
    pub async fn list_step(
        &self,
        request: &WriteRequest,
        id: ListId,
        step: &Step,
        course: &Course,
    ) -> Result<Answered, AppError> {
        if let Course::GoAsPlanned(token) = course
            && token.list_id != id
        {
            return Err(AppError::NotFound("plan of this list"));
        }
        match step {
            Step::Remove { .. } | Step::Withdraw { .. } => {
                self.shorten_list(request, id, step, course).await.map(|stepped| (stepped, None))
            }
            Step::Check { .. }
            | Step::Approve { .. }
            | Step::Submit { .. }
            | Step::Acknowledge { .. }
            | Step::Reconcile { .. }
            | Step::Close => self.one_event_step(request, id, step, course).await,
        }
    }

    async fn one_event_step(
        &self,
        request: &WriteRequest,
        id: ListId,
        step: &Step,
        course: &Course,
    ) -> Result<Answered, AppError> {
        let principal = &request.principal;
        let position = self.store.head().await?.position;
        let (list, last) = self.list_for(principal, step.action(), id).await?;
        let (command, report) = self.list_command(principal, &list, step).await?;
        let state = PaymentList { opened: Some(list) };
        if *course == Course::Plan {
            let plan = self.plan_step(principal, &state, &command, position).await?;
            return Ok((Stepped::Planned(Box::new(plan)), report));
        }
        let mut request = request.clone();
        let key = &request.idempotency;
        // A repeat gets the first answer, whatever the plan would be now.
        let token = match course {
            Course::GoAsPlanned(token)
                if self.store.find_request(&key.caller, &key.idempotency_key).await?.is_none() =>
            {
                Some(token)
            }
            Course::GoAsPlanned(_) | Course::Plan | Course::Go => None,
        };
        if let Some(token) = token {
            self.same_as_planned(principal, (&state, &command), token, position).await?;
            request.if_match = request.if_match.or(Some(last.revision));
        }
        let stream = list_stream(id);
        let done = self
            .execute((&stream, Begin::Existing), &request, Beside::default(), |_: &PaymentList| Ok(command.clone()))
            .await;
        match done {
            Ok(written) => Ok((Stepped::Done(written), report)),
            Err(AppError::RevisionMoved { .. }) if token.is_some() => {
                let (list, _) = self.list_for(principal, step.action(), id).await?;
                let (command, _) = self.list_command(principal, &list, step).await?;
                let state = PaymentList { opened: Some(list) };
                Err(AppError::PlanChanged(Box::new(self.plan_step(principal, &state, &command, position).await?)))
            }
            Err(error) => Err(error),
        }
    }

    /// The command, with the facts that its rules need.
    async fn list_command(
        &self,
        principal: &Principal,
        list: &Opened,
        step: &Step,
    ) -> Result<(ListCommand, Option<CheckReport>), AppError> {
        let by = principal.key_id.clone();
        let command = match step {
            Step::Check { control } => {
                check_control(list, *control)?;
                let report = self.check_items(list).await?;
                return Ok((ListCommand::RecordCheck { findings: report.counts.clone(), by }, Some(report)));
            }
            Step::Approve { control } => {
                let same_person = self.shaped_it(principal, list).await?;
                ListCommand::Approve { control: *control, by, same_person }
            }
            Step::Submit { advanced } => ListCommand::Submit(Submit {
                approval_above_minor: self.profile.lists.approval_above_minor,
                blocking_items: self.check_items(list).await?.blocking_items,
                advanced: *advanced,
                by,
            }),
            Step::Acknowledge { answer, agent_ref } => {
                ListCommand::Acknowledge { answer: *answer, agent_ref: agent_ref.clone(), by }
            }
            Step::Reconcile { handed_back } => {
                let outcome = self.list_account(list).await?.outcome;
                ListCommand::Reconcile { outcome, handed_back: *handed_back, by }
            }
            Step::Close => ListCommand::Close { outcome: self.list_account(list).await?.outcome, by },
            Step::Remove { payments, reason } => {
                ListCommand::RemoveItems { payments: payments.clone(), paid: None, reason: reason.clone(), by }
            }
            Step::Withdraw { reason, handed_back } => {
                ListCommand::Withdraw { reason: reason.clone(), handed_back: *handed_back, by }
            }
        };
        Ok((command, None))
    }

    /// Whether the caller is one of those whose keys shaped the list.
    async fn shaped_it(&self, principal: &Principal, list: &Opened) -> Result<bool, AppError> {
        for key in &list.hands {
            if self.same_person(&principal.key_id, key).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn plan_step(
        &self,
        principal: &Principal,
        state: &PaymentList,
        command: &ListCommand,
        position: u64,
    ) -> Result<Plan, AppError> {
        let (after, gathered) = self.gather_step(state, command)?;
        self.plan(principal, standing(&after)?, gathered, position).await
    }

    fn gather_step(&self, state: &PaymentList, command: &ListCommand) -> Result<(PaymentList, Gathered), AppError> {
        let mut after = state.clone();
        let mut gathered = Gathered::default();
        if let Decided::Events(events) = Aggregate::decide(state, command, self.clock.now())? {
            for event in &events {
                after.evolve(event);
                let id = after.opened.as_ref().map(|list| list.list_id).ok_or(AppError::NotFound("list"))?;
                gathered.add(&list_stream(id), &codec::encode_list(event));
            }
        }
        Ok((after, gathered))
    }

    async fn same_as_planned(
        &self,
        principal: &Principal,
        (state, command): (&PaymentList, &ListCommand),
        token: &PlanToken,
        position: u64,
    ) -> Result<(), AppError> {
        let (after, gathered) = self.gather_step(state, command)?;
        if gathered.digest() == token.digest {
            return Ok(());
        }
        let plan = self.plan(principal, standing(&after)?, gathered, position).await?;
        Err(AppError::PlanChanged(Box::new(plan)))
    }
}

/// What a list is after a plan's events.
pub(super) fn standing(state: &PaymentList) -> Result<Standing, AppError> {
    let list = state.opened.as_ref().ok_or(AppError::NotFound("list"))?;
    Ok(Standing {
        list_id: list.list_id,
        cycle: list.cycle,
        item_count: list.item_count(),
        control_sum: list.control_sum(),
    })
}

/// A check compares what was counted apart too.
fn check_control(list: &Opened, control: Control) -> Result<(), ListRefusal> {
    match (control.count, control.sum) {
        (Some(counted), _) if counted != list.item_count() => {
            Err(ListRefusal::ControlCount { counted, actual: list.item_count() })
        }
        (_, Some(sum)) if sum != list.control_sum() => {
            Err(ListRefusal::ControlSum { counted_minor: sum.minor, actual_minor: list.sum_minor })
        }
        _ => Ok(()),
    }
}
