//! Four eyes: what the profile wants a second person for waits in a stream of its own until another person consents, and is carried out then,
//! decided on the state of then, exactly once.

use super::act::Cause;
use super::contradictions::ResolveInput;
use crate::app::App;
use crate::app::access::{Action, Principal, Reach, Role};
use crate::app::aggregate::approval_stream;
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, RequestKey, WriteRequest, Written};
use crate::app::lookup::out_of_reach;
use crate::app::reports::Report;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand, ApprovalRequested, ApprovalUsed};
use crate::domain::approval::state::{ApprovalState, Requested};
use crate::domain::approval::{Approval, ApprovalCommand, ApprovalRefusal};
use crate::domain::bank::BankCommand;
use crate::domain::beneficiary::event::PersonalDataErased;
use crate::domain::envelope::Source;
use crate::domain::ids::{ApprovalId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::command::SeenReport;
use crate::domain::profile::SecondPersonSpec;
use crate::store::VaultRow;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The caller of commands that were consented to; their idempotency key is the approval's id.
const CALLER: &str = "approval";
/// How long an answer waits for another task that carries out the same.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(25);
const LOOKS_MAX: u32 = 200;

/// What a command came to that may need a second person.
#[derive(Debug, Clone)]
pub enum Answered<A> {
    /// It was carried out.
    Done(Written<A>),
    /// It waits for another person.
    Waits(Box<Written<Approval>>),
}

/// An approval with its stream's place.
#[derive(Debug, Clone)]
pub struct ApprovalView {
    pub approval: Requested,
    /// Where it stands now.
    pub state: ApprovalState,
    pub revision: u64,
    pub position: u64,
    pub as_of_position: u64,
    /// What people call the key that it is about: whoever consents must know whose it is to be.
    pub label: Option<String>,
}

/// What a request for consent is about.
pub(in crate::app) struct Asked {
    pub command: ApprovableCommand,
    /// `None` for banks and keys.
    pub unit_key: Option<UnitKey>,
    pub amount: Option<Money>,
    /// What the command refers to and must not stand in the log.
    pub vault: Vec<VaultRow>,
}

impl Asked {
    pub(super) const fn of_unit(command: ApprovableCommand, unit_key: UnitKey, amount: Option<Money>) -> Self {
        Self { command, unit_key: Some(unit_key), amount, vault: Vec::new() }
    }
}

/// Whether somebody sees what is asked for of banks and keys: operators, and who examines the whole log.
pub(super) fn sees_what_has_no_unit(principal: &Principal) -> bool {
    principal.reach(Action::ReadApproval) == Reach::NoUnit || principal.reach(Action::ReadAudit) == Reach::WholeLog
}

impl App {
    /// Whether the profile wants a second person for an action of this amount. Without one only a supervisor acts.
    pub(super) fn second_person(
        &self,
        principal: &Principal,
        action: ApprovableAction,
        amount: Money,
    ) -> Result<Option<&SecondPersonSpec>, AppError> {
        let spec = self.profile.second_person(action, amount.minor);
        if spec.is_none() && principal.role != Role::Supervisor {
            return Err(AppError::Forbidden {
                code: "role-not-allowed",
                message: "your role asks for this only where a second person must consent; a supervisor does it alone",
            });
        }
        Ok(spec)
    }

    /// Asks for another person's consent.
    pub(in crate::app) async fn ask(
        &self,
        request: &WriteRequest,
        spec: &SecondPersonSpec,
        asked: Asked,
    ) -> Result<Written<Approval>, AppError> {
        let id = ApprovalId::from_uuid(self.clock.time_ordered_id());
        let now = self.clock.now();
        let command = ApprovalCommand::Request(Box::new(ApprovalRequested {
            approval_id: id,
            command: asked.command,
            unit_key: asked.unit_key,
            amount: asked.amount,
            requested_by: request.principal.key_id.clone(),
            expires_at: expiry(now, spec.valid_days),
        }));
        // `If-Match` was about the object.
        let request = WriteRequest { if_match: None, ..request.clone() };
        self.execute(
            (&approval_stream(id), Begin::New),
            &request,
            Beside { vault: asked.vault, ..Beside::default() },
            |_: &Approval| Ok(command.clone()),
        )
        .await
    }

    /// Consents, and carries the command out.
    pub async fn grant(
        &self,
        request: &WriteRequest,
        id: ApprovalId,
        note: Option<String>,
    ) -> Result<(Written<Approval>, ApprovalView), AppError> {
        let asked = self.reach_approval(&request.principal, Action::DecideApproval, id).await?;
        if asked.request.unit_key.is_none() && asked.recorded == ApprovalState::Pending {
            self.check_asker_stands(&asked.request.requested_by).await?;
        }
        let same_person = self.same_person(&request.principal.key_id, &asked.request.requested_by).await?;
        let granted_by = request.principal.key_id.clone();
        let command = ApprovalCommand::Grant { granted_by, same_person, note };
        let stream = approval_stream(id);
        let written = self
            .execute((&stream, Begin::Existing), request, Beside::default(), |_: &Approval| Ok(command.clone()))
            .await?;
        let cause = Cause { event_id: request.event_id(0), correlation_id: request.event_id(u32::MAX) };
        self.carry_out(id, cause).await?;
        let mut view = self.read_approval(&request.principal, id).await?;
        // Whoever follows the log may have begun to carry it out first: the answer tells what came of it.
        for _ in 0..LOOKS_MAX {
            if view.state != ApprovalState::Granted {
                break;
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            view = self.read_approval(&request.principal, id).await?;
        }
        Ok((written, view))
    }

    /// Declines; whoever asked takes it back so.
    pub async fn decline(
        &self,
        request: &WriteRequest,
        id: ApprovalId,
        reason: String,
    ) -> Result<(Written<Approval>, ApprovalView), AppError> {
        let asked = self.reach_approval(&request.principal, Action::ReadApproval, id).await?;
        let own = asked.request.requested_by == request.principal.key_id;
        if !own {
            self.check_approval(&request.principal, Action::DecideApproval, asked.request.unit_key.as_ref())?;
        }
        let declined_by = request.principal.key_id.clone();
        let command = ApprovalCommand::Decline { declined_by, reason };
        let stream = approval_stream(id);
        let written = self
            .execute((&stream, Begin::Existing), request, Beside::default(), |_: &Approval| Ok(command.clone()))
            .await?;
        self.declined(&asked.request.command).await?;
        let view = self.read_approval(&request.principal, id).await?;
        Ok((written, view))
    }

    /// What was made ready for the command is of no use any more.
    async fn declined(&self, command: &ApprovableCommand) -> Result<(), AppError> {
        if let ApprovableCommand::CreateKey { key_id, .. } = command {
            self.keys.revoke(key_id).await?;
        }
        self.forget_unused(command).await
    }

    /// One approval with what was asked.
    pub async fn read_approval(&self, principal: &Principal, id: ApprovalId) -> Result<ApprovalView, AppError> {
        let head = self.store.head().await?;
        let found = self.load::<Approval>(&approval_stream(id)).await?;
        let (approval, last) = found
            .and_then(|(state, last)| state.requested.map(|requested| (requested, last)))
            .ok_or(AppError::NotFound("approval"))?;
        self.check_approval(principal, Action::ReadApproval, approval.request.unit_key.as_ref())?;
        let state = approval.state_at(self.clock.now());
        let (revision, position) = (last.revision, last.position);
        let label = self.label_asked_for(&approval.request.command).await?;
        let as_of_position = head.position.max(position);
        Ok(ApprovalView { approval, state, revision, position, as_of_position, label })
    }

    async fn label_asked_for(&self, command: &ApprovableCommand) -> Result<Option<String>, AppError> {
        match command {
            ApprovableCommand::CreateKey { key_id, .. } | ApprovableCommand::RotateKey { key_id, .. } => {
                Ok(self.registry.find_api_key(key_id).await?.map(|key| key.label))
            }
            _ => Ok(None),
        }
    }

    async fn reach_approval(
        &self,
        principal: &Principal,
        action: Action,
        id: ApprovalId,
    ) -> Result<Requested, AppError> {
        let found = self.load::<Approval>(&approval_stream(id)).await?;
        let asked = found.and_then(|(state, _)| state.requested).ok_or(AppError::NotFound("approval"))?;
        self.check_approval(principal, action, asked.request.unit_key.as_ref())?;
        Ok(asked)
    }

    /// Whether the caller's reach holds what is asked for: of a unit, or of none.
    fn check_approval(&self, principal: &Principal, action: Action, unit: Option<&UnitKey>) -> Result<(), AppError> {
        match unit {
            Some(unit) => self.check_reach(principal, action, unit.as_str(), None),
            None if principal.reach(action) == Reach::NoUnit => Ok(()),
            None if action == Action::ReadApproval && sees_what_has_no_unit(principal) => Ok(()),
            None => Err(out_of_reach()),
        }
    }

    /// What somebody asked for whose key was revoked since is not consented to: the key may have been another's by then.
    async fn check_asker_stands(&self, key_id: &str) -> Result<(), AppError> {
        let found = self.registry.find_api_key(key_id).await?;
        if found.is_some_and(|key| key.revoked_at_us.is_some()) {
            return Err(ApprovalRefusal::AskerRevoked.into());
        }
        Ok(())
    }

    /// Whether two keys are known to be one person's: they have the same label, which says who holds a key.
    pub(crate) async fn same_person(&self, key: &str, other: &str) -> Result<bool, AppError> {
        if key == other {
            return Ok(true);
        }
        let holder = async |key: &str| {
            let found = self.registry.find_api_key(key).await?;
            let label = found.map(|key| folded(&key.label));
            Ok::<_, AppError>(label.filter(|label| !label.is_empty()))
        };
        let (one, two) = (holder(key).await?, holder(other).await?);
        Ok(one.is_some() && one == two)
    }

    /// Carries out what was consented to, unless it was. Breaking off in between is mended by whoever follows the log.
    pub(super) async fn carry_out(&self, id: ApprovalId, cause: Cause) -> Result<(), AppError> {
        let stream = approval_stream(id);
        let Some(asked) = self.load::<Approval>(&stream).await?.and_then(|(state, _)| state.requested) else {
            return Ok(());
        };
        if asked.recorded != ApprovalState::Granted {
            return Ok(());
        }
        let command = match self.carry_out_command(id, &asked).await {
            Ok(used) => ApprovalCommand::Use(used),
            // Another task of this process is at it.
            Err(AppError::RequestInProgress) => return Ok(()),
            Err(error) => match error.refusal_code() {
                Some(code) => ApprovalCommand::Fail { code: code.to_owned() },
                None => return Err(error),
            },
        };
        self.follow::<Approval>(&stream, cause, |_| Some(command.clone())).await?;
        Ok(())
    }

    async fn carry_out_command(&self, id: ApprovalId, asked: &Requested) -> Result<ApprovalUsed, AppError> {
        let idempotency_key = id.to_string();
        let input_hash = self.vault.input_hash(&[CALLER.as_bytes(), idempotency_key.as_bytes()]);
        // What the two may do was judged when they asked and consented.
        let principal = Principal { key_id: asked.request.requested_by.clone(), ..Principal::local(CALLER) };
        let request = WriteRequest {
            principal,
            source: Source::Api,
            idempotency: RequestKey { caller: CALLER.to_owned(), idempotency_key, input_hash },
            if_match: None,
            occurred_at: None,
        };
        match asked.request.command.clone() {
            ApprovableCommand::CorrectPayment { payment_id, correction, ground } => {
                let written = self.report(&request, payment_id, Report::Correct { correction, ground }).await?;
                Ok(used(&written))
            }
            ApprovableCommand::ResolveContradiction {
                payment_id,
                report,
                resolution,
                difference_minor,
                reason,
                supplement_reference,
            } => {
                let input = ResolveInput { resolution, reason, supplement_reference };
                let consented = SeenReport { report: *report, difference_minor };
                Ok(used(&self.resolve_now(&request, payment_id, (&input, Some(&consented))).await?))
            }
            ApprovableCommand::WriteOffRecovery { recovery_id, reason } => {
                let written = self.write_off_now(&request, recovery_id, (reason, Some(id))).await?;
                Ok(used(&written))
            }
            ApprovableCommand::ErasePersonal { beneficiary_id, ground, note } => {
                let event = PersonalDataErased { ground, note };
                Ok(used(&self.erase_now(&request, beneficiary_id, &event).await?))
            }
            ApprovableCommand::RegisterBank { before, after } => {
                let bank = after.bank.clone();
                let before = before.map(|before| *before);
                let command = BankCommand::RegisterAsSeen { before, after: *after };
                Ok(used(&self.change_bank_now(&request, &bank, (command, Beside::default())).await?))
            }
            ApprovableCommand::AddBankKey { bank, key } => {
                let command = BankCommand::AddKey(*key);
                Ok(used(&self.change_bank_now(&request, &bank, (command, Beside::default())).await?))
            }
            ApprovableCommand::ArrangeOrders { bank, before, after } => {
                let before = before.map(|before| *before);
                let command = BankCommand::ArrangeAsSeen { before, after: *after };
                Ok(used(&self.change_bank_now(&request, &bank, (command, Beside::default())).await?))
            }
            ApprovableCommand::CreateKey { .. } | ApprovableCommand::RotateKey { .. } => {
                self.carry_out_key(&request, (id, asked)).await
            }
        }
    }
}

fn used<A>(written: &Written<A>) -> ApprovalUsed {
    ApprovalUsed { stream: written.stream.clone(), revision: written.revision, position: written.position }
}

/// Labels are compared without regard to case and blanks.
fn folded(label: &str) -> String {
    label.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn expiry(now: Timestamp, days: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(Timestamp::MAX)
}
