//! What changed since a position of the log: returns, corrections, late money, cancellations, late files, recoveries and deaths, by unit and
//! cycle, with the figures that moved.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::queries::{Answer, Page};
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, Sum};
use crate::store::views::ChangeFilter;
use std::collections::BTreeMap;

/// What changes are asked and answered in, for the doors.
pub use crate::projections::payments::{ChangeKind, ChangeRow};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SinceQuery {
    pub since: u64,
    /// The unit with all below it; all of the caller's when absent.
    pub unit: Option<UnitKey>,
    pub cycle: Option<Month>,
    pub kinds: Vec<ChangeKind>,
}

/// How many payments of each kind, and their amount.
pub type Kinds = BTreeMap<ChangeKind, Sum>;

/// A cycle's figures then and now, with what of it changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CycleMoved {
    pub before: Adoption,
    pub now: Adoption,
    pub kinds: Kinds,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// When the position asked was recorded; nothing was before the first.
    pub since_us: Option<i64>,
    pub kinds: Kinds,
    pub cycles: BTreeMap<Month, CycleMoved>,
    pub units: BTreeMap<UnitKey, Kinds>,
    pub rows: Vec<ChangeRow>,
    pub next_after: Option<u64>,
}

impl App {
    /// What changed after a position, and which figures moved by it. Shows single payments and small numbers: not for who reads published
    /// figures.
    pub async fn moved_since(
        &self,
        principal: &Principal,
        query: &SinceQuery,
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<Moved>, AppError> {
        let filters = Filters { units: query.unit.clone().into_iter().collect(), ..Filters::default() };
        let asked = self.within_reach(principal, FigureQuery { filters, ..FigureQuery::default() })?;
        self.wait_for(Projection::Payments, min_position.max(Some(query.since))).await?;
        let found = self.views.changes_since(&self.change_filter(query, &asked), page).await?;
        let (checkpoint, found) = (found.checkpoint, found.answer);
        let mut moved = Moved { since_us: self.recorded_at(query.since).await?, ..Moved::default() };
        for one in found.sums {
            let (cycles, units) = (&mut moved.cycles, &mut moved.units);
            let (cycle, unit) = (cycles.entry(one.cycle).or_default(), units.entry(one.unit_key).or_default());
            for kinds in [&mut moved.kinds, &mut cycle.kinds, unit] {
                let sum = kinds.entry(one.kind).or_default();
                sum.count += one.sum.count;
                sum.amount_minor += one.sum.amount_minor;
            }
        }
        for (position, is_now) in [(query.since, false), (checkpoint.position, true)] {
            self.figures_of_cycles(&asked, (position, is_now), &mut moved.cycles).await?;
        }
        let full = found.rows.len() >= page.limit as usize;
        moved.next_after = found.rows.last().filter(|_| full).map(|row| row.position);
        moved.rows = found.rows;
        Ok(Answer { answer: moved, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    fn change_filter(&self, query: &SinceQuery, asked: &FigureQuery) -> ChangeFilter {
        let below = |scope: &UnitKey| -> Vec<UnitKey> {
            self.profile.units.subtree(scope.as_str()).into_iter().map(|unit| unit.key.clone()).collect()
        };
        let scopes = &asked.filters.units;
        let units = (!scopes.is_empty()).then(|| scopes.iter().flat_map(below).collect());
        ChangeFilter { units, cycle: query.cycle, kinds: query.kinds.clone(), since: query.since }
    }

    /// Adoption of each cycle of which something changed, as of one of the two positions.
    async fn figures_of_cycles(
        &self,
        asked: &FigureQuery,
        (position, is_now): (u64, bool),
        cycles: &mut BTreeMap<Month, CycleMoved>,
    ) -> Result<(), AppError> {
        let (Some(first), Some(last)) = (cycles.keys().next().copied(), cycles.keys().last().copied()) else {
            return Ok(());
        };
        let filters = Filters { cycle_from: Some(first), cycle_to: Some(last), ..asked.filters.clone() };
        let figures = FigureQuery { filters, group_by: vec![Dimension::Cycle], as_of: AsOf::Position(position) };
        for one in self.adoption_of(&figures, None).await?.answer {
            let cycle = one.key.first().and_then(|key| Month::parse(key).ok());
            let Some(moved) = cycle.and_then(|cycle| cycles.get_mut(&cycle)) else { continue };
            let side = if is_now { &mut moved.now } else { &mut moved.before };
            *side = Adoption { key: Vec::new(), ..one };
        }
        Ok(())
    }
}
