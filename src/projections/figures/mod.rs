//! Figures: what can be asked, which cells answer it, and how cells become numerators and denominators. Pure.

pub mod adoption;
pub mod cohort;
pub mod cross;
mod definitions;
pub mod first;
pub mod flow;
pub mod late;
pub mod outcomes;
pub mod pace;
pub mod plan;
pub mod privacy;
pub mod rows;
pub mod settlement;
pub mod slice;
pub mod unclaimed;

#[cfg(test)]
mod tests;

pub use cohort::CohortFilter;
pub use definitions::{Definition, INDICATORS};

use crate::domain::ids::{AgentCode, BankId, BenefitGroup, BenefitType, ChannelCode, UnitKey};
use crate::domain::money;
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::projections::cell::Tally;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use std::borrow::Cow;

/// What figures are asked over. An empty list is no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    /// Units with all below them.
    pub units: Vec<UnitKey>,
    /// Benefit types.
    pub benefit_types: Vec<BenefitType>,
    /// Benefit groups, as further types.
    pub benefit_groups: Vec<BenefitGroup>,
    /// First cycle.
    pub cycle_from: Option<Month>,
    /// Last cycle.
    pub cycle_to: Option<Month>,
    /// Channels of the latest attempt.
    pub channels: Vec<ChannelCode>,
    /// Agents of the latest attempt.
    pub agents: Vec<AgentCode>,
    /// Banks of the latest attempt.
    pub banks: Vec<BankId>,
    /// Urban or rural units on the day due.
    pub urban: Option<bool>,
    /// By which units payments are told.
    pub basis: UnitBasis,
    /// Of whom, and for which month.
    pub cohort: CohortFilter,
}

/// What figures may be broken down by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// Units of one level, each with all below it; payments of units above the level are in no group.
    UnitLevel(String),
    /// The unit that the payment names.
    Unit,
    /// Benefit type.
    BenefitType,
    /// Benefit group.
    BenefitGroup,
    /// Month of the payment run.
    Cycle,
    /// Channel of the latest attempt.
    Channel,
    /// Agent of the latest attempt.
    Agent,
    /// Bank of the latest attempt.
    Bank,
    /// Urban (`true`) or rural (`false`).
    Urban,
    /// Sex of whom a payment is for.
    Sex,
    /// Decade of birth of whom a payment is for.
    BirthDecade,
    /// Month that a payment is for; a payment for several counts in each.
    BenefitMonth,
}

/// The state of the log that figures are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// All that the projection has read.
    #[default]
    Now,
    /// All events up to this position.
    Position(u64),
    /// All events recorded up to the end of this business day.
    Day(Date),
    /// All events recorded at or before an instant: those up to this position.
    Instant {
        /// The instant, in microseconds since the epoch.
        at_us: i64,
        /// The last position recorded by then.
        position: u64,
    },
}

impl AsOf {
    /// The position that a question names, if it names one.
    #[must_use]
    pub const fn position(self) -> Option<u64> {
        match self {
            Self::Position(position) | Self::Instant { position, .. } => Some(position),
            Self::Now | Self::Day(_) => None,
        }
    }
}

/// A question for figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureQuery {
    /// Which payments.
    pub filters: Filters,
    /// Broken down by what, in this order.
    pub group_by: Vec<Dimension>,
    /// As of when.
    pub as_of: AsOf,
}

/// How a read finds its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Sums of cells.
    Cells,
    /// Different people counted over live intervals, for scopes that the cube does not hold.
    Intervals,
    /// Different people counted over what was ordered: by first attempts.
    FirstAttempts,
    /// People by their standing in an earlier cycle and in the read's last one.
    Flow(Month),
    /// People of one cycle by their standing in two scopes, which the labels of units and benefits name, with the urban node of each.
    Cross {
        /// Urban or rural, in the first scope.
        first_urban: Option<bool>,
        /// The same in the second.
        second_urban: Option<bool>,
        /// Which scopes hold units that have no label.
        other_units: &'static str,
        /// Which scopes hold benefits that have no label.
        other_benefits: &'static str,
    },
    /// People who were cashless in an earlier cycle and have cash in the read's last one, by reason. As of now.
    FellBack(Month),
    /// People with cash, by whether the payout method chosen last goes to an account. As of now.
    OnFile,
}

/// Which columns the answer is grouped by, beside unit and benefit labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five independent columns")]
pub struct Columns {
    /// By cycle.
    pub cycle: bool,
    /// By channel.
    pub channel: bool,
    /// By agent.
    pub agent: bool,
    /// By bank.
    pub bank: bool,
    /// By urban or rural.
    pub urban: bool,
}

/// A question for the store: sums over cells or intervals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureRead {
    /// Cells or intervals.
    pub source: Source,
    /// Which tallies (cells only).
    pub tallies: Vec<Tally>,
    /// First and last cycle, inclusive.
    pub cycles: (Option<Month>, Option<Month>),
    /// Unit nodes that count, each with the label to group by; `None` for all, without label.
    pub units: Option<Vec<(String, String)>>,
    /// Benefit nodes likewise.
    pub benefits: Option<Vec<(String, String)>>,
    /// Channels, if filtered.
    pub channels: Option<Vec<String>>,
    /// Agents, if filtered.
    pub agents: Option<Vec<String>>,
    /// Banks, if filtered.
    pub banks: Option<Vec<String>>,
    /// Urban, if filtered.
    pub urban: Option<bool>,
    /// Columns to group by.
    pub columns: Columns,
    /// The channels that count as cashless, where the rows do not say it (first attempts only).
    pub cashless: Vec<String>,
    /// As of when.
    pub as_of: AsOf,
}

impl FigureRead {
    /// The same read of a log that is known up to `head`. A state that holds all of it is the state of now, which costs less to sum up.
    #[must_use]
    pub fn of_log(&self, head: u64) -> Cow<'_, Self> {
        if self.as_of.position().is_some_and(|position| position >= head) {
            return Cow::Owned(Self { as_of: AsOf::Now, ..self.clone() });
        }
        Cow::Borrowed(self)
    }
}

/// One row of the answer. Columns that are not grouped by are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellRow {
    /// What is counted.
    pub tally: Tally,
    /// The tally's value.
    pub value: String,
    /// `YYYY-MM`.
    pub cycle: String,
    /// The unit's label.
    pub unit: String,
    /// The benefit's label.
    pub benefit: String,
    /// Channel.
    pub channel: String,
    /// Agent.
    pub agent: String,
    /// Bank; also empty for payments to no bank.
    pub bank: String,
    /// `1` or `0`.
    pub urban: String,
    /// People, payments or attempts.
    pub count: i64,
    /// Minor units.
    pub amount_minor: i64,
}

/// The values of the dimensions asked for, in their order.
pub type GroupKey = Vec<String>;

/// A number of payments (or attempts) and their amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub count: i64,
    /// How much, in minor units.
    pub amount_minor: i64,
}

impl Sum {
    /// Adds a row's count and amount.
    pub const fn add(&mut self, row: &CellRow) {
        self.count += row.count;
        self.amount_minor += row.amount_minor;
    }
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The part.
    pub numerator: i64,
    /// The whole.
    pub denominator: i64,
}

impl Share {
    /// A fraction of 1 with six digits, rounded half up; `None` when the whole is 0.
    #[must_use]
    pub fn ratio(self) -> Option<String> {
        money::ratio(self.numerator, self.denominator)
    }

    /// The share of a small group drawn towards that of all: as if `people` more were in it who have the rate of all. Itself where there is
    /// nobody in one of them.
    #[must_use]
    pub fn smoothed(self, all: Self, people: u32) -> Self {
        if self.denominator <= 0 || all.denominator <= 0 {
            return self;
        }
        let (part, whole, people) = (i128::from(all.numerator), i128::from(all.denominator), i128::from(people));
        let numerator = i64::try_from(i128::from(self.numerator) * whole + people * part);
        let denominator = i64::try_from((i128::from(self.denominator) + people) * whole);
        // Beyond what fits there are more people than on Earth.
        numerator.ok().zip(denominator.ok()).map_or(self, |(numerator, denominator)| Self { numerator, denominator })
    }

    /// Hundredths of a percent, rounded half up; `None` when the whole is 0.
    #[must_use]
    pub fn hundredths(self) -> Option<i64> {
        let (part, whole) = (i128::from(self.numerator), i128::from(self.denominator));
        if whole == 0 {
            return None;
        }
        i64::try_from((part * 20_000 + whole).div_euclid(whole * 2)).ok()
    }

    /// Hundredths of a percentage point from an earlier share to this one, rounded half away from zero; `None` without a rate on both sides.
    #[must_use]
    pub fn points_since(self, before: Self) -> Option<i64> {
        let rate = Decimal::from(before.numerator).checked_div(Decimal::from(before.denominator))?;
        self.gap_points(rate)
    }

    /// T1: hundredths of a percentage point from a target (a fraction of 1) to the share, rounded half away from zero.
    #[must_use]
    pub fn gap_points(self, target: Decimal) -> Option<i64> {
        let rate = Decimal::from(self.numerator).checked_div(Decimal::from(self.denominator))?;
        let gap = (rate - target) * Decimal::from(10_000);
        i64::try_from(gap.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)).ok()
    }
}

/// The group that a row belongs to; `None` for rows of nodes above the groups, which correct sums of larger scopes.
#[must_use]
pub fn group_key(row: &CellRow, group_by: &[Dimension]) -> Option<GroupKey> {
    group_by.iter().map(|dimension| value(row, dimension)).collect()
}

fn value(row: &CellRow, dimension: &Dimension) -> Option<String> {
    let inner_node = row.tally == Tally::People;
    let unless_inner = |text: &str| (!inner_node || !text.is_empty()).then(|| text.to_owned());
    match dimension {
        Dimension::UnitLevel(_) | Dimension::Unit => Some(row.unit.clone()),
        Dimension::BenefitType | Dimension::BenefitGroup => Some(row.benefit.clone()),
        Dimension::Cycle => Some(row.cycle.clone()),
        Dimension::Channel => unless_inner(&row.channel),
        Dimension::Agent => unless_inner(&row.agent),
        // People by bank are read from intervals or from leaves, where no bank is a value like others.
        Dimension::Bank => Some(row.bank.clone()),
        Dimension::Urban => {
            unless_inner(&row.urban).map(|text| if text == "1" { "true".to_owned() } else { "false".to_owned() })
        }
        // Rows are of one group of cohorts: `FigureQuery::whole_key`.
        Dimension::Sex | Dimension::BirthDecade | Dimension::BenefitMonth => None,
    }
}
