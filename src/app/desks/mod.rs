//! Cash desks: register one, keep its book, pay at it, give back what nobody collected, liquidate its days.

mod pay;
mod read;
mod unpaid;

pub use pay::DeskPayInput;
pub use read::{DeskBook, DeskView, OpenDay};
pub use unpaid::{Unpaid, UnpaidInput};

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::desk_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::lookup::{self, unknown};
use crate::domain::desk::event::DeskRegistered;
use crate::domain::desk::{Desk, DeskCommand, RegisteredDesk};
use crate::domain::ids::{AgentCode, DeskCode, DeskId, DeskKindCode};
use crate::domain::money::Money;
use crate::domain::payment::event::Evidence;
use crate::domain::profile::desks::DeskKindSpec;
use jiff::civil::Date;

/// A desk to register.
#[derive(Debug, Clone)]
pub struct RegisterDesk {
    pub code: DeskCode,
    pub kind: DeskKindCode,
    pub unit: String,
    /// Who runs it; the agent of its first channel when absent.
    pub agent: Option<AgentCode>,
}

/// An entry of a desk's book.
#[derive(Debug, Clone)]
pub enum DeskEntry {
    Advance { amount: Money, evidence: Evidence },
    HandBack { amount: Money, evidence: Evidence },
    Liquidate { counted: Money },
}

impl App {
    /// Registers a desk.
    pub async fn register_desk(&self, request: &WriteRequest, input: RegisterDesk) -> Result<Written<Desk>, AppError> {
        let id = DeskId::from_uuid(self.clock.time_ordered_id());
        match self.desk_registration(request, id, &input) {
            Ok(event) => {
                let command = DeskCommand::Register(event);
                self.execute((&desk_stream(id), Begin::New), request, Beside::default(), |_: &Desk| Ok(command.clone()))
                    .await
            }
            Err(error) => self.replay_or::<Desk>(request, error).await,
        }
    }

    fn desk_registration(
        &self,
        request: &WriteRequest,
        id: DeskId,
        input: &RegisterDesk,
    ) -> Result<DeskRegistered, AppError> {
        let (profile, today) = (&self.profile, self.profile.business_day(self.clock.now_us()));
        let mut issues = Vec::new();
        let kind = profile.desk_kind(input.kind.as_str());
        if kind.is_none() {
            issues.push(unknown("kind"));
        }
        let unit = lookup::unit(profile, &input.unit, today).map_err(|issue| issues.push(issue)).ok();
        let first = kind.and_then(|kind| profile.channel(kind.channels.first()?.as_str()));
        let agent = input.agent.clone().or_else(|| first.map(|channel| channel.default_agent.clone()));
        if agent.as_ref().is_some_and(|agent| profile.agent(agent.as_str()).is_none()) {
            issues.push(unknown("agent"));
        }
        let (Some(unit), Some(agent), true) = (unit, agent, issues.is_empty()) else {
            return Err(AppError::Invalid(issues));
        };
        self.check_reach(&request.principal, Action::RegisterDesk, unit.key.as_str(), None)?;
        let (code, kind, unit_key) = (input.code.clone(), input.kind.clone(), unit.key);
        Ok(DeskRegistered { desk_id: id, code, kind, unit_key, agent })
    }

    /// Enters something into a desk's book.
    pub async fn desk_entry(
        &self,
        request: &WriteRequest,
        (id, day): (DeskId, Date),
        entry: DeskEntry,
    ) -> Result<Written<Desk>, AppError> {
        if let Err(issue) = self.desk_day(day) {
            return self.replay_or::<Desk>(request, issue).await;
        }
        let command = match entry {
            DeskEntry::Advance { amount, evidence } => DeskCommand::Advance { day, amount, evidence },
            DeskEntry::HandBack { amount, evidence } => DeskCommand::HandBack { day, amount, evidence },
            DeskEntry::Liquidate { counted } => DeskCommand::Liquidate { day, counted },
        };
        self.desk_command(request, id, command).await
    }

    async fn desk_command(
        &self,
        request: &WriteRequest,
        id: DeskId,
        command: DeskCommand,
    ) -> Result<Written<Desk>, AppError> {
        self.execute((&desk_stream(id), Begin::Existing), request, Beside::default(), |state: &Desk| {
            self.own_desk(&request.principal, Action::WorkDesk, state)?;
            Ok(command.clone())
        })
        .await
    }

    /// The desk, if there is one and the caller may touch it.
    fn own_desk<'d>(
        &self,
        principal: &Principal,
        action: Action,
        state: &'d Desk,
    ) -> Result<&'d RegisteredDesk, AppError> {
        let desk = state.registered.as_ref().ok_or(AppError::NotFound("desk"))?;
        self.check_reach(principal, action, desk.unit_key.as_str(), None)?;
        Ok(desk)
    }

    fn desk_day(&self, day: Date) -> Result<Date, AppError> {
        let today = self.profile.business_day(self.clock.now_us());
        lookup::not_in_future("date", day, today).map_err(|issue: FieldIssue| AppError::Invalid(vec![issue]))
    }

    /// The kind of a desk. A profile that lost a kind which desks have cannot work with them.
    fn kind_of(&self, desk: &RegisteredDesk) -> Result<&DeskKindSpec, AppError> {
        let unknown = || AppError::Invalid(vec![unknown("kind")]);
        self.profile.desk_kind(desk.kind.as_str()).ok_or_else(unknown)
    }
}
