//! How the figures of cycles changed after they were first published: each cycle's adoption at the ends of the months from its own on.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::{AppError, FieldIssue};
use crate::app::queries::Answer;
use crate::domain::period::Month;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::{AsOf, Dimension, FigureQuery};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Cycles of one answer.
pub const CYCLES_MAX: i32 = 60;
/// Months after a cycle's own that are told.
pub const MONTHS_MAX: i32 = 36;
/// Cycles and months told when nobody names others.
const CYCLES_DEFAULT: i32 = 12;
const MONTHS_DEFAULT: i32 = 12;

/// Which cycles, and for how long after.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevisionQuery {
    /// Filters and state of the log. Its cycles are the range asked for; the last twelve months when there are none.
    pub figures: FigureQuery,
    /// Months after the cycle's own.
    pub months: Option<i32>,
}

/// A cycle's figures at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Months from the cycle's own; 0 says what was first published.
    pub months_after: i32,
    /// The last day of that month.
    pub day: Date,
    /// The last position recorded up to that day, in the profile's time zone.
    pub position: u64,
    pub time_us: i64,
    /// Something was recorded on a later day: nothing can be recorded up to this day any more.
    pub is_closed: bool,
    pub adoption: Adoption,
}

/// One row of the triangle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revised {
    pub cycle: Month,
    pub revisions: Vec<Revision>,
}

/// The triangle, with what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triangle {
    pub cycles: (Month, Month),
    pub months: i32,
    pub rows: Vec<Revised>,
}

/// A column before its figures are read.
struct Moment {
    month: Month,
    day: Date,
    position: u64,
    time_us: i64,
    is_closed: bool,
}

impl App {
    /// The revision triangle of adoption. Each moment is a position found in the log's own times, so that a closed one never changes.
    pub async fn revisions(
        &self,
        principal: &Principal,
        query: &RevisionQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Triangle>, AppError> {
        let figures = self.within_reach(principal, query.figures.clone())?;
        let known = self.read_figures(&[], figures.as_of, min_position).await?;
        // The log's own last day, not the clock's: one log gives one answer.
        let told = self.profile.business_day(known.as_of_time_us);
        let last = figures.filters.cycle_to.unwrap_or_else(|| Month::of(told));
        let first = figures.filters.cycle_from.unwrap_or_else(|| last.plus(1 - CYCLES_DEFAULT));
        let months = query.months.unwrap_or(MONTHS_DEFAULT);
        check_range((first, last), months)?;
        let mut rows: BTreeMap<Month, Vec<Revision>> = BTreeMap::new();
        for moment in self.moments((first, last.plus(months)), told, &known).await? {
            for (cycle, adoption) in self.adoption_at(principal, (&query.figures, first, last), &moment).await? {
                let months_after = moment.month.ordinal() - cycle.ordinal();
                if (0..=months).contains(&months_after) {
                    rows.entry(cycle).or_default().push(Revision {
                        months_after,
                        day: moment.day,
                        position: moment.position,
                        time_us: moment.time_us,
                        is_closed: moment.is_closed,
                        adoption,
                    });
                }
            }
        }
        rows.retain(|_, revisions| revisions.iter().any(|one| one.adoption.completeness.denominator > 0));
        let rows = rows.into_iter().map(|(cycle, revisions)| Revised { cycle, revisions }).collect();
        let answer = Triangle { cycles: (first, last), months, rows };
        Ok(Answer { answer, as_of_position: known.as_of_position, as_of_time_us: known.as_of_time_us })
    }

    /// The ends of months from the first to the last, as far as the log has come: its own last month is not closed.
    async fn moments<T: Sync>(
        &self,
        (first, last): (Month, Month),
        told: Date,
        known: &Answer<T>,
    ) -> Result<Vec<Moment>, AppError> {
        let last = last.min(Month::of(told));
        let mut moments = Vec::new();
        let mut month = first;
        while month <= last {
            let Some(day) = month.plus(1).day(1).and_then(|day| day.yesterday().ok()) else { break };
            let is_closed = day < told;
            let (position, time_us) = if is_closed {
                let position = self
                    .last_position_until(known.as_of_position, |at_us| self.profile.business_day(at_us) <= day)
                    .await?;
                (position, self.recorded_at(position).await?.unwrap_or(0))
            } else {
                (known.as_of_position, known.as_of_time_us)
            };
            moments.push(Moment { month, day, position, time_us, is_closed });
            month = month.plus(1);
        }
        Ok(moments)
    }

    /// The figures of all cycles that had begun by a moment.
    async fn adoption_at(
        &self,
        principal: &Principal,
        (figures, first, last): (&FigureQuery, Month, Month),
        moment: &Moment,
    ) -> Result<Vec<(Month, Adoption)>, AppError> {
        let mut query =
            FigureQuery { group_by: vec![Dimension::Cycle], as_of: AsOf::Position(moment.position), ..figures.clone() };
        let last = last.min(moment.month);
        query.filters.cycle_from = Some(first);
        query.filters.cycle_to = Some(last);
        let found = self.adoption(principal, query, None).await?.answer;
        let mut by_cycle: BTreeMap<String, Adoption> =
            found.into_iter().filter_map(|one| Some((one.key.first()?.clone(), one))).collect();
        let cycles = (first.ordinal()..=last.ordinal()).map(|ordinal| first.plus(ordinal - first.ordinal()));
        Ok(cycles.map(|cycle| (cycle, by_cycle.remove(&cycle.to_string()).unwrap_or_default())).collect())
    }
}

fn check_range((first, last): (Month, Month), months: i32) -> Result<(), AppError> {
    let mut issues = Vec::new();
    if !(0..CYCLES_MAX).contains(&(last.ordinal() - first.ordinal())) {
        issues.push(FieldIssue::new(
            "cycle_from",
            "invalid-value",
            format!("cycle_from must be at most {} months before cycle_to ({last}), and not after it", CYCLES_MAX - 1),
            format!("cycle_from phải trước cycle_to ({last}) không quá {} tháng và không sau kỳ đó", CYCLES_MAX - 1),
        ));
    }
    if !(0..=MONTHS_MAX).contains(&months) {
        issues.push(FieldIssue::new(
            "months",
            "invalid-value",
            format!("a whole number from 0 to {MONTHS_MAX}"),
            format!("số nguyên từ 0 đến {MONTHS_MAX}"),
        ));
    }
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}
