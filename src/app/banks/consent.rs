//! Changes of a bank's entry that open something to it or change what its messages come to: at once where the profile asks for one person, else
//! when another operator consents. What closes something is in `registry`, and never waits.

use super::arrangement::NewArrangement;
use super::registry::{NewBankKey, registration};
use super::subject_of;
use crate::app::App;
use crate::app::aggregate::bank_stream;
use crate::app::error::AppError;
use crate::app::execute::{Beside, WriteRequest, Written};
use crate::app::oversight::approvals::{Answered, Asked};
use crate::domain::approval::Approval;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand};
use crate::domain::bank::{self, Bank, BankCommand, BankEvent, Expected};
use crate::domain::decision::Decision;
use crate::domain::ids::BankId;

/// What is to change.
#[derive(Debug, Clone)]
pub enum BankChange {
    /// What is absent stays.
    Register {
        mapping: Option<String>,
        expected: Option<Vec<Expected>>,
    },
    AddKey(NewBankKey),
    Arrange(NewArrangement),
}

impl App {
    /// Changes a bank's entry, or asks for a second person's consent.
    pub async fn change_bank(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        change: BankChange,
    ) -> Result<Answered<Bank>, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(Answered::Waits(Box::new(first)));
        }
        let (command, beside) = match self.bank_command(bank, change).await {
            Ok(made) => made,
            Err(error) => return self.replay_or(request, error).await.map(Answered::Done),
        };
        match self.ask_to_change(request, bank, (&command, &beside)).await {
            Ok(Some(written)) => Ok(Answered::Waits(Box::new(written))),
            Ok(None) => self.change_bank_now(request, bank, (command, beside)).await.map(Answered::Done),
            Err(error) => self.replay_or(request, error).await.map(Answered::Done),
        }
    }

    /// Destroys what was sealed for a change that nobody consented to.
    pub(in crate::app) async fn forget_unused(&self, command: &ApprovableCommand) -> Result<(), AppError> {
        let (bank, unused) = match command {
            ApprovableCommand::AddBankKey { bank, key } => (bank, key.secret_ref),
            ApprovableCommand::ArrangeOrders { bank, before, after } => {
                let known = before.as_ref().and_then(|before| before.account_ref);
                (bank, after.account_ref.filter(|account| Some(*account) != known))
            }
            _ => return Ok(()),
        };
        if let Some(unused) = unused {
            self.registry.destroy_record(subject_of(bank), unused.as_uuid()).await?;
        }
        Ok(())
    }

    async fn bank_command(&self, bank: &BankId, change: BankChange) -> Result<(BankCommand, Beside), AppError> {
        match change {
            BankChange::Register { mapping, expected } => {
                registration(bank, (mapping, expected)).map(|command| (command, Beside::default()))
            }
            BankChange::AddKey(new) => self.new_key(bank, new).await,
            BankChange::Arrange(new) => self.new_arrangement(bank, new).await,
        }
    }

    /// `None`: the profile wants no second person, or nothing would change.
    async fn ask_to_change(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        (command, beside): (&BankCommand, &Beside),
    ) -> Result<Option<Written<Approval>>, AppError> {
        let Some(spec) = self.profile.second_person(ApprovableAction::ChangeBank, 0) else { return Ok(None) };
        let found = self.load::<Bank>(&bank_stream(bank)).await?;
        let revision = found.as_ref().map(|(_, last)| last.revision);
        let state = found.map(|(state, _)| state).unwrap_or_default();
        if let (Some(asked), Some(current)) = (request.if_match, revision)
            && asked != current
        {
            return Err(AppError::RevisionMoved { current });
        }
        let event = match bank::decide(&state, command) {
            // What is not possible now is not asked for.
            Decision::Refused(refusal) => return Err(refusal.into()),
            Decision::NoOp | Decision::Quarantine(_) => return Ok(None),
            Decision::Events(events) => events.into_iter().next(),
        };
        let command = match event {
            Some(BankEvent::Registered(after)) => {
                ApprovableCommand::RegisterBank { before: state.registered.map(Box::new), after: Box::new(after) }
            }
            Some(BankEvent::KeyAdded(key)) => ApprovableCommand::AddBankKey { bank: bank.clone(), key: Box::new(key) },
            Some(BankEvent::OrdersArranged(after)) => ApprovableCommand::ArrangeOrders {
                bank: bank.clone(),
                before: state.orders.map(Box::new),
                after: Box::new(after),
            },
            Some(BankEvent::KeyDisabled(_)) | None => return Ok(None),
        };
        let asked = Asked { command, unit_key: None, amount: None, vault: beside.vault.clone() };
        self.ask(request, spec, asked).await.map(Some)
    }
}
