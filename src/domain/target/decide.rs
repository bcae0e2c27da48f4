//! What may be set as a target, and what may be taken back.

use super::{TargetEvent, TargetSet, TargetWithdrawn, Targets};
use crate::domain::decision::Decision;
use crate::domain::ids::TargetId;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Indicators that a target can be set for: rates that rise with adoption. The urban rate (A4) is A1 with `urban`.
pub const INDICATORS: [&str; 3] = ["A1", "A2", "A3"];

/// Digits after the point: a tenth of a percentage point's thousandth is no target.
const SCALE_MAX: u32 = 6;

/// Targets of one unit that are in force at once.
pub const TARGETS_MAX: usize = 100;

/// What can be asked. `today` is the business day of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetCommand {
    Set { target: TargetSet, today: Date },
    Withdraw(TargetWithdrawn),
}

/// Why a target is not set or not taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefusal {
    #[error(
        "there is no indicator {indicator} to set a target for; take A1 (people), A2 (amount) or A3 (payments), with `urban` for the urban rate"
    )]
    IndicatorUnknown { indicator: String },
    #[error(
        "a target is more than 0 and at most 1, with at most six digits after the point: 0.8 is 80 %; {value} was sent"
    )]
    ValueOutOfRange { value: Decimal },
    #[error("the target was to be reached by {by_date}, and today is {today}; name a day to come")]
    DatePast { by_date: Date, today: Date },
    #[error("the unit has a target for this indicator, scope and day: {target_id} of {value}; withdraw that one first")]
    AlreadySet { target_id: TargetId, value: Decimal },
    #[error("the unit has {TARGETS_MAX} targets in force; withdraw those that no longer count")]
    TooMany,
    #[error("the unit has no such target")]
    NotFound,
}

impl TargetRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IndicatorUnknown { .. } => "target-indicator-unknown",
            Self::ValueOutOfRange { .. } => "target-out-of-range",
            Self::DatePast { .. } => "target-date-past",
            Self::AlreadySet { .. } => "target-already-set",
            Self::TooMany => "target-too-many",
            Self::NotFound => "target-not-found",
        }
    }

    /// The field that it is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::IndicatorUnknown { .. } | Self::AlreadySet { .. } => "indicator",
            Self::ValueOutOfRange { .. } => "value",
            Self::DatePast { .. } => "by_date",
            Self::TooMany => "unit",
            Self::NotFound => "target_id",
        }
    }

    /// Whether the unit's targets refuse it, not the target itself.
    #[must_use]
    pub const fn is_by_state(&self) -> bool {
        matches!(self, Self::AlreadySet { .. } | Self::TooMany)
    }
}

/// Decides about a command.
#[must_use]
pub fn decide(state: &Targets, command: &TargetCommand) -> Decision<TargetEvent, TargetRefusal> {
    let refusal = match command {
        TargetCommand::Set { target, today } => refused(state, target, *today),
        TargetCommand::Withdraw(withdrawn) if state.withdrawn.contains(&withdrawn.target_id) => return Decision::NoOp,
        TargetCommand::Withdraw(withdrawn) => {
            let is_set = state.set.iter().any(|target| target.target_id == withdrawn.target_id);
            (!is_set).then_some(TargetRefusal::NotFound)
        }
    };
    match (refusal, command) {
        (Some(refusal), _) => Decision::Refused(refusal),
        (None, TargetCommand::Set { target, .. }) => Decision::Events(vec![TargetEvent::Set(target.clone())]),
        (None, TargetCommand::Withdraw(withdrawn)) => Decision::Events(vec![TargetEvent::Withdrawn(withdrawn.clone())]),
    }
}

fn refused(state: &Targets, target: &TargetSet, today: Date) -> Option<TargetRefusal> {
    if !INDICATORS.contains(&target.indicator.as_str()) {
        return Some(TargetRefusal::IndicatorUnknown { indicator: target.indicator.clone() });
    }
    let value = target.value;
    if value <= Decimal::ZERO || value > Decimal::ONE || value.normalize().scale() > SCALE_MAX {
        return Some(TargetRefusal::ValueOutOfRange { value });
    }
    if target.by_date < today {
        return Some(TargetRefusal::DatePast { by_date: target.by_date, today });
    }
    let same = |other: &&TargetSet| {
        (&other.indicator, &other.scope, other.by_date) == (&target.indicator, &target.scope, target.by_date)
    };
    if let Some(other) = state.set.iter().find(same) {
        return Some(TargetRefusal::AlreadySet { target_id: other.target_id, value: other.value });
    }
    (state.set.len() >= TARGETS_MAX).then_some(TargetRefusal::TooMany)
}
