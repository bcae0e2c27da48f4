//! Targets of units: set and withdrawn as events, and how far each is from being reached. The profile's own targets are the nation's.

mod read;
pub mod told;

use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::{Aggregate, Decided, decided};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::lookup::unknown;
use crate::domain::claims::ClaimChange;
use crate::domain::codec::{self, DomainEvent, Encoded};
use crate::domain::ids::{BenefitGroup, TargetId, UnitKey};
use crate::domain::period::Month;
use crate::domain::profile::spec::TargetSpec;
use crate::domain::target::{TargetCommand, TargetEvent, TargetScope, TargetSet, TargetWithdrawn, Targets, decide};
use crate::projections::figures::Share;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Cycles of the trend, the last one included.
pub(in crate::app) const TREND_CYCLES: i32 = 13;
/// Targets of one answer: each is a read of its own.
const LINES_MAX: usize = 500;

/// A target to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetInput {
    /// A unit key, or a code that names one unit in force on the day to reach it by.
    pub unit: String,
    pub indicator: String,
    pub benefit_groups: Vec<BenefitGroup>,
    pub urban: Option<bool>,
    pub value: Decimal,
    pub by_date: Date,
    pub legal_basis: String,
}

/// Whose target it is, seen from the unit that it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Own,
    /// Of a unit above; the unit has none for this indicator and scope.
    Above,
    /// The profile's; no unit has one.
    Profile,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Own, Self::Above, Self::Profile];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Above => "above",
            Self::Profile => "profile",
        }
    }
}

/// A target that counts for a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicable {
    /// In the profile's form; its code is the target's id where a unit set it.
    pub target: TargetSpec,
    pub origin: Origin,
    /// Who set it; `None` for the profile's.
    pub set: Option<TargetSet>,
    /// The unit that it is held against; `None` is everything in reach.
    pub unit: Option<UnitKey>,
}

/// A target, what it is compared with, and the gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetLine {
    pub target: TargetSpec,
    pub origin: Origin,
    pub set: Option<TargetSet>,
    pub unit: Option<UnitKey>,
    pub share: Share,
    /// The same share by cycle, the one asked for last.
    pub trend: Vec<(Month, Share)>,
}

impl Aggregate for Targets {
    type Event = TargetEvent;
    type Command = TargetCommand;

    fn event_of(event: DomainEvent) -> Option<TargetEvent> {
        if let DomainEvent::Target(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &TargetEvent) {
        Self::evolve(self, event);
    }

    fn decide(&self, command: &TargetCommand, _now: Timestamp) -> Result<Decided<TargetEvent>, AppError> {
        decided(decide(self, command))
    }

    fn encode(event: &TargetEvent) -> Encoded {
        codec::encode_target(event)
    }

    /// A unit's targets are one stream: its fold keeps the rule of one target for each indicator, scope and day.
    fn claims(&self, _event: &TargetEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

fn stream_of(unit: &UnitKey) -> String {
    format!("target-{unit}")
}

impl App {
    /// Sets a target of a unit.
    pub async fn set_target(
        &self,
        request: &WriteRequest,
        input: &TargetInput,
    ) -> Result<(Written<Targets>, Option<TargetId>), AppError> {
        let today = self.profile.business_day(self.clock.now_us());
        let id = TargetId::from_uuid(self.clock.time_ordered_id());
        let written = match self.target(request, (id, input), today) {
            Ok(target) => {
                let stream = stream_of(&target.unit_key);
                let command = TargetCommand::Set { target, today };
                self.execute((&stream, Begin::Existing), request, Beside::default(), |_: &Targets| Ok(command.clone()))
                    .await?
            }
            Err(error) => self.replay_or::<Targets>(request, error).await?,
        };
        // The request's own event is the last one of the state that it answers with.
        let set = written.state.set.last().map(|target| target.target_id);
        Ok((written, set))
    }

    fn target(
        &self,
        request: &WriteRequest,
        (target_id, input): (TargetId, &TargetInput),
        today: Date,
    ) -> Result<TargetSet, AppError> {
        let mut issues = Vec::new();
        let unit = self.target_unit(&input.unit, input.by_date, today).map_err(|issue| issues.push(issue)).ok();
        let mut benefit_groups = input.benefit_groups.clone();
        benefit_groups.sort();
        benefit_groups.dedup();
        if benefit_groups.iter().any(|code| self.profile.benefit_group(code.as_str()).is_none()) {
            issues.push(unknown("benefit_groups"));
        }
        let (Some(unit_key), true) = (unit, issues.is_empty()) else { return Err(AppError::Invalid(issues)) };
        self.check_reach(&request.principal, Action::SetTarget, unit_key.as_str(), None)?;
        Ok(TargetSet {
            target_id,
            unit_key,
            indicator: input.indicator.clone(),
            scope: TargetScope { benefit_groups, urban: input.urban },
            value: input.value.normalize(),
            by_date: input.by_date,
            legal_basis: input.legal_basis.clone(),
            set_by: request.principal.key_id.clone(),
        })
    }

    /// The unit of a target: there must be one on the day that it is to be reached by. A day past is the rules' to refuse.
    fn target_unit(&self, text: &str, by_date: Date, today: Date) -> Result<UnitKey, FieldIssue> {
        let on = by_date.max(today);
        let key = self.scope(text.trim(), on)?;
        match self.profile.units.get(key.as_str()) {
            Some(unit) if !unit.in_force(on) => Err(self.not_in_force(&key, on)),
            _ => Ok(key),
        }
    }

    fn not_in_force(&self, key: &UnitKey, on: Date) -> FieldIssue {
        let heirs: Vec<&str> =
            self.profile.units.successors(key.as_str()).map(|link| link.successor.as_str()).collect();
        let heirs = heirs.join(", ");
        FieldIssue::new(
            "unit",
            "unit-not-in-force",
            format!("the unit {key} is not in force on {on}; set the target for what it has become: {heirs}"),
            format!("đơn vị {key} không có hiệu lực vào ngày {on}; hãy đặt mục tiêu cho đơn vị kế thừa: {heirs}"),
        )
    }

    /// Takes a target back.
    pub async fn withdraw_target(
        &self,
        request: &WriteRequest,
        id: TargetId,
        reason: &str,
    ) -> Result<Written<Targets>, AppError> {
        let Some(unit) = self.unit_of_target(id).await? else {
            return self.replay_or::<Targets>(request, AppError::NotFound("target")).await;
        };
        self.check_reach(&request.principal, Action::SetTarget, unit.as_str(), None)?;
        let withdrawn = TargetWithdrawn {
            target_id: id,
            reason: reason.to_owned(),
            withdrawn_by: request.principal.key_id.clone(),
        };
        let command = TargetCommand::Withdraw(withdrawn);
        self.execute(
            (&stream_of(&unit), Begin::Existing),
            request,
            Beside::default(),
            |_: &Targets| Ok(command.clone()),
        )
        .await
    }

    async fn unit_of_target(&self, id: TargetId) -> Result<Option<UnitKey>, AppError> {
        let all: Vec<UnitKey> = self.profile.units.iter().map(|unit| unit.key.clone()).collect();
        let found = self.targets_of(&all, u64::MAX).await?;
        let has = |targets: &Targets| {
            targets.set.iter().any(|target| target.target_id == id) || targets.withdrawn.contains(&id)
        };
        Ok(found.into_iter().find(|(_, targets)| has(targets)).map(|(unit, _)| unit))
    }
}
