//! The overview: what the first page of an analyst shows of one cycle and unit. Put together from the same reads as the assessment; who reads
//! published figures only gets those, and nothing in the place of the rest.

use super::gather::Work;
use super::{AssessmentQuery, ReasonLine, Tile, UnitLine};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::matching::IdentityTally;
use crate::app::movers::{FirstAttempts, Flow};
use crate::app::outcomes::Told;
use crate::app::targets::{TREND_CYCLES, TargetLine};
use crate::domain::ids::{BenefitGroup, UnitKey};
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::settlement::Settlement;
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, Share};
use std::collections::BTreeMap;

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewQuery {
    /// The last one that has begun and has payments when absent.
    pub cycle: Option<Month>,
    pub unit: Option<UnitKey>,
    pub benefit_group: Option<BenefitGroup>,
    pub basis: UnitBasis,
    pub as_of: AsOf,
    pub min_position: Option<u64>,
}

/// What is not published: small numbers could be read out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inner {
    pub settlement: Settlement,
    pub groups: Vec<(String, Adoption)>,
    pub urban: Vec<(bool, Adoption)>,
    pub reasons: Vec<ReasonLine>,
    pub identity: IdentityTally,
    pub first: FirstAttempts,
    /// A5 by cycle.
    pub intended: Vec<(Month, Share)>,
    pub moved: Option<(Month, Flow)>,
    pub registered: Share,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    pub cycle: Month,
    /// Cycles that have payments, first to last.
    pub cycles: Vec<Month>,
    pub unit: Option<UnitKey>,
    pub place: Option<String>,
    /// The level of the ranking.
    pub level: String,
    pub position: u64,
    pub time_us: i64,
    pub total: Adoption,
    /// The shown cycle last.
    pub trend: Vec<(Month, Adoption)>,
    pub ranking: Vec<UnitLine>,
    /// The rates of each ranked unit by cycle.
    pub series: BTreeMap<UnitKey, Vec<(Month, Share)>>,
    pub tiles: Vec<Tile>,
    pub silent: Vec<(UnitKey, String)>,
    pub targets: Vec<TargetLine>,
    /// `None` for who reads published figures only.
    pub inner: Option<Inner>,
    /// What is told of outcomes in its place: nothing for one benefit or for other units than those of the day due.
    pub told: Option<Told>,
}

impl Overview {
    /// The cycle before the shown one that has payments.
    #[must_use]
    pub fn before(&self) -> Option<&(Month, Adoption)> {
        super::before(&self.trend, self.cycle)
    }

    /// Units that can be assessed, of those that were in force.
    #[must_use]
    pub fn assessable(&self) -> Share {
        super::assessable(&self.ranking, self.silent.len())
    }
}

impl App {
    /// Computes the overview.
    pub(super) async fn compute_overview(
        &self,
        principal: &Principal,
        asked: &OverviewQuery,
    ) -> Result<Overview, AppError> {
        let is_published = self.reads_published(principal);
        let mut stand = None;
        let as_of = if is_published {
            asked.as_of
        } else {
            let (position, time_us) = self.assessed_position(asked.as_of, asked.min_position).await?;
            stand = Some((position, time_us));
            AsOf::Position(position)
        };
        let filters = Filters {
            units: asked.unit.clone().into_iter().collect(),
            benefit_groups: asked.benefit_group.clone().into_iter().collect(),
            basis: asked.basis.clone(),
            ..Filters::default()
        };
        let by_cycle = FigureQuery { filters, group_by: vec![Dimension::Cycle], as_of };
        let found = self.adoption(principal, by_cycle, asked.min_position.filter(|_| is_published)).await?;
        let (position, time_us) = stand.unwrap_or((found.as_of_position, found.as_of_time_us));
        let cycles: Vec<(Month, Adoption)> = found.answer.into_iter().filter_map(of_cycle).collect();
        let cycle = asked.cycle.unwrap_or_else(|| self.last_begun(&cycles, time_us));
        let question = AssessmentQuery {
            cycle,
            unit: asked.unit.clone(),
            level: None,
            benefit_groups: asked.benefit_group.clone().into_iter().collect(),
            basis: asked.basis.clone(),
            as_of: asked.as_of,
            since: None,
            min_position: None,
            smoothing: None,
        };
        let work = Work { app: self, principal, query: &question, as_of };
        let before = cycles.iter().rev().map(|(found, _)| *found).find(|found| *found < cycle);
        let level = work.level().await?;
        let (ranking, series, targets, inner, told) = Box::pin(async {
            tokio::try_join!(
                work.ranking(&level, before),
                work.series(&level),
                work.targets_as_of(is_published, position),
                work.inner(is_published, (before, self.day_of(asked.as_of, time_us))),
                work.told(is_published),
            )
        })
        .await?;
        let first = cycle.plus(1 - TREND_CYCLES);
        let trend: Vec<_> = cycles.iter().filter(|(of, _)| *of >= first && *of <= cycle).cloned().collect();
        let total = trend.last().filter(|(last, _)| *last == cycle).map(|(_, figures)| figures.clone());
        Ok(Overview {
            cycle,
            cycles: cycles.iter().map(|(cycle, _)| *cycle).collect(),
            unit: asked.unit.clone(),
            place: work.place(&ranking),
            position,
            time_us,
            total: total.unwrap_or_default(),
            trend,
            tiles: work.tiles(&level, &ranking).await?,
            silent: work.silent(&level, &ranking),
            level,
            ranking,
            series,
            targets,
            inner,
            told,
        })
    }

    /// The last cycle that has begun and has something to show; the month of the day itself when there is none.
    fn last_begun(&self, cycles: &[(Month, Adoption)], time_us: i64) -> Month {
        let month = Month::of(self.profile.business_day(time_us));
        let shows = |found: &Adoption| {
            found.kept_back.map_or(found.completeness.denominator > 0, |back| !back.people || !back.payments)
        };
        let begun = cycles.iter().rev().filter(|(cycle, _)| *cycle <= month);
        begun
            .clone()
            .find(|(_, found)| shows(found))
            .or_else(|| begun.clone().next())
            .map_or(month, |(cycle, _)| *cycle)
    }
}

fn of_cycle(figures: Adoption) -> Option<(Month, Adoption)> {
    Some((Month::parse(figures.key.first()?).ok()?, figures))
}

impl Work<'_> {
    /// The rates of a level's units over the cycles of the trend.
    async fn series(&self, level: &str) -> Result<BTreeMap<UnitKey, Vec<(Month, Share)>>, AppError> {
        let cycles = (self.query.cycle.plus(1 - TREND_CYCLES), self.query.cycle);
        let by = vec![Dimension::UnitLevel(level.to_owned()), Dimension::Cycle];
        let found = self.adoption((self.filters(cycles, Filters::default()), by), self.as_of).await?;
        let mut series: BTreeMap<UnitKey, Vec<(Month, Share)>> = BTreeMap::new();
        for figures in found {
            if let [unit, cycle] = figures.key.as_slice()
                && let (Ok(unit), Ok(cycle)) = (UnitKey::parse(unit), Month::parse(cycle))
            {
                series.entry(unit).or_default().push((cycle, self.people(&figures)));
            }
        }
        Ok(series)
    }

    /// Targets that are held against published figures are those of what is published.
    async fn targets_as_of(&self, is_published: bool, position: u64) -> Result<Vec<TargetLine>, AppError> {
        let found = self.targets(position).await?;
        Ok(if is_published { found.into_iter().filter(|line| line.share.denominator > 0).collect() } else { found })
    }

    async fn told(&self, is_published: bool) -> Result<Option<Told>, AppError> {
        let cycle = self.query.cycle;
        let filters = self.filters((cycle, cycle), Filters::default());
        let query = FigureQuery { filters, group_by: Vec::new(), as_of: self.as_of };
        if !is_published || !App::outcomes_are_published(&query) {
            return Ok(None);
        }
        Ok(self.app.outcomes(self.principal, query, None).await?.answer.into_iter().next())
    }

    async fn inner(
        &self,
        is_published: bool,
        (before, today): (Option<Month>, jiff::civil::Date),
    ) -> Result<Option<Inner>, AppError> {
        if is_published {
            return Ok(None);
        }
        let ((_, settlement), groups, urban, first, intended, identity, moved, registered) = Box::pin(async {
            tokio::try_join!(
                self.settlement(self.as_of, today),
                self.groups(),
                self.urban(),
                self.first(),
                self.intended(),
                self.identity(),
                self.moved(before),
                self.registered(),
            )
        })
        .await?;
        let reasons = self.reasons(&settlement);
        Ok(Some(Inner { settlement, groups, urban, reasons, identity, first, intended, moved, registered }))
    }

    /// A5 over the cycles of the trend.
    async fn intended(&self) -> Result<Vec<(Month, Share)>, AppError> {
        let cycles = (self.query.cycle.plus(1 - TREND_CYCLES), self.query.cycle);
        let filters = self.filters(cycles, Filters::default());
        let query = FigureQuery { filters, group_by: vec![Dimension::Cycle], as_of: self.as_of };
        let found = self.app.first_attempts(self.principal, query, None).await?.answer;
        let mixed = self.app.profile.figures.mixed_counts_as_cashless;
        let of = |(key, first): (Vec<String>, FirstAttempts)| {
            Some((Month::parse(key.first()?).ok()?, first.people.share(mixed)))
        };
        Ok(found.into_iter().filter_map(of).collect())
    }
}
