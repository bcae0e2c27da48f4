//! The reads behind an assessment: every figure of one position, within the caller's reach.

use super::{AssessmentQuery, ReasonLine, Since, Tile, UnitLine};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::{AppError, FieldIssue};
use crate::app::matching::{IdentityGroup, IdentityQuery, IdentityTally};
use crate::app::movers::{FirstAttempts, Flow};
use crate::app::targets::{Applicable, TREND_CYCLES, TargetLine};
use crate::domain::ids::UnitKey;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use crate::domain::place::{Unit, UnitBasis};
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::settlement::{ReasonKey, Settlement};
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, Share};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// One assessment in the making.
pub(super) struct Work<'a> {
    pub app: &'a App,
    pub principal: &'a Principal,
    pub query: &'a AssessmentQuery,
    pub as_of: AsOf,
}

impl Work<'_> {
    pub(super) fn filters(&self, (from, to): (Month, Month), more: Filters) -> Filters {
        Filters {
            units: self.query.unit.clone().into_iter().collect(),
            benefit_groups: self.query.benefit_groups.clone(),
            cycle_from: Some(from),
            cycle_to: Some(to),
            basis: self.query.basis.clone(),
            ..more
        }
    }

    pub(super) async fn adoption(
        &self,
        (filters, group_by): (Filters, Vec<Dimension>),
        as_of: AsOf,
    ) -> Result<Vec<Adoption>, AppError> {
        let query = FigureQuery { filters, group_by, as_of };
        Ok(self.app.adoption(self.principal, query, None).await?.answer)
    }

    async fn grouped(&self, cycle: Month, by: Dimension) -> Result<Vec<(String, Adoption)>, AppError> {
        let found = self.adoption((self.filters((cycle, cycle), Filters::default()), vec![by]), self.as_of).await?;
        Ok(found.into_iter().map(|figures| (figures.key.first().cloned().unwrap_or_default(), figures)).collect())
    }

    pub(super) async fn trend(&self, more: Filters) -> Result<Vec<(Month, Adoption)>, AppError> {
        let cycles = (self.query.cycle.plus(1 - TREND_CYCLES), self.query.cycle);
        let asked = (self.filters(cycles, more), vec![Dimension::Cycle]);
        let found = self.adoption(asked, self.as_of).await?;
        let of = |figures: Adoption| Some((Month::parse(figures.key.first()?).ok()?, figures));
        Ok(found.into_iter().filter_map(of).collect())
    }

    pub(super) async fn groups(&self) -> Result<Vec<(String, Adoption)>, AppError> {
        self.grouped(self.query.cycle, Dimension::BenefitGroup).await
    }

    pub(super) async fn urban(&self) -> Result<Vec<(bool, Adoption)>, AppError> {
        let found = self.grouped(self.query.cycle, Dimension::Urban).await?;
        Ok(found.into_iter().map(|(key, figures)| (key == "true", figures)).collect())
    }

    pub(super) async fn settlement(&self, as_of: AsOf, today: Date) -> Result<(Date, Settlement), AppError> {
        let cycle = self.query.cycle;
        let filters = self.filters((cycle, cycle), Filters::default());
        let query = FigureQuery { filters, group_by: Vec::new(), as_of };
        let (today, found) = self.app.settlement(self.principal, query, Some(today), None).await?.answer;
        Ok((today, found.into_iter().next().unwrap_or_default()))
    }

    /// The targets that count for what is assessed: of the unit, of those above, of the profile.
    pub(super) async fn targets(&self, position: u64) -> Result<Vec<TargetLine>, AppError> {
        let unit = self.query.unit.as_ref().or(self.principal.unit.as_ref());
        let mut lines = Vec::new();
        for target in self.app.applicable_or_profile(unit, position).await? {
            let target = Applicable { unit: self.query.unit.clone(), ..target };
            lines.push(self.app.target_line(self.principal, target, (self.query.cycle, self.as_of)).await?);
        }
        Ok(lines)
    }

    /// All people of the scope, in one group.
    fn everybody(&self) -> IdentityQuery {
        IdentityQuery {
            unit: self.query.unit.clone(),
            benefit_types: Vec::new(),
            channel: None,
            by_unit: false,
            by_channel: false,
            as_of: self.as_of,
            after: None,
            limit: 1,
        }
    }

    /// What is asked of the cycle as a whole.
    fn whole(&self) -> FigureQuery {
        let filters = self.filters((self.query.cycle, self.query.cycle), Filters::default());
        FigureQuery { filters, group_by: Vec::new(), as_of: self.as_of }
    }

    pub(super) async fn first(&self) -> Result<FirstAttempts, AppError> {
        let found = self.app.first_attempts(self.principal, self.whole(), None).await?.answer;
        Ok(found.into_values().next().unwrap_or_default())
    }

    pub(super) async fn moved(&self, before: Option<Month>) -> Result<Option<(Month, Flow)>, AppError> {
        let Some(before) = before else { return Ok(None) };
        let found = self.app.movers(self.principal, (self.whole(), Some(before)), None).await?.answer;
        Ok(found.flows.into_iter().next().map(|flow| (before, flow)))
    }

    pub(super) async fn registered(&self) -> Result<Share, AppError> {
        let found = self.app.registered(self.principal, &self.everybody(), None).await?.answer;
        Ok(found.into_iter().next().map(|(_, share)| share).unwrap_or_default())
    }

    pub(super) async fn identity(&self) -> Result<IdentityTally, AppError> {
        let query = self.everybody();
        let found = self.app.identity_figures(self.principal, &query, None).await?.answer;
        Ok(found.groups.get(&IdentityGroup { unit: None, channel: None }).copied().unwrap_or_default())
    }

    pub(super) async fn since(&self) -> Result<Option<Since>, AppError> {
        let Some(since) = self.query.since else { return Ok(None) };
        let (position, time_us) = self.app.assessed_position(since, None).await?;
        let as_of = AsOf::Position(position);
        let cycle = self.query.cycle;
        let found = self.adoption((self.filters((cycle, cycle), Filters::default()), Vec::new()), as_of).await?;
        let day = self.app.day_of(since, time_us);
        let (_, settlement) = self.settlement(as_of, day).await?;
        Ok(Some(Since { day, position, time_us, adoption: found.into_iter().next().unwrap_or_default(), settlement }))
    }

    pub(super) fn reasons(&self, settlement: &Settlement) -> Vec<ReasonLine> {
        let profile = &self.app.profile;
        let play = |key: &ReasonKey| profile.play_of_reason(&key.system, &key.code, class(&key.class)?);
        let mut lines: Vec<ReasonLine> = settlement
            .reasons
            .iter()
            .map(|(key, sum)| ReasonLine { key: key.clone(), sum: *sum, play: play(key) })
            .collect();
        lines.sort_by(|a, b| b.sum.count.cmp(&a.sum.count).then_with(|| a.key.cmp(&b.key)));
        lines
    }

    /// The day that says which units there are: the cycle's first, or that of the units that payments are told by.
    fn day(&self) -> Option<Date> {
        match &self.query.basis {
            UnitBasis::Current(on) => Some(*on),
            UnitBasis::AsPaid | UnitBasis::Historical(_) => self.query.cycle.day(1),
        }
    }

    /// The level asked for, else the one below the unit, else the one below the only unit at the top that has payments.
    pub(super) async fn level(&self) -> Result<String, AppError> {
        let profile = &self.app.profile;
        if let Some(asked) = &self.query.level {
            return match profile.level(asked) {
                Some(level) => Ok(level.code.clone()),
                None => Err(AppError::Invalid(vec![unknown_level(profile.levels.iter().map(|l| l.code.as_str()))])),
            };
        }
        let own = self.query.unit.clone().or_else(|| self.principal.unit.clone());
        if let Some(scope) = own {
            return Ok(self.below(&scope));
        }
        let top = profile.levels.iter().min_by_key(|level| level.rank).map(|level| level.code.clone());
        let top = top.unwrap_or_else(|| profile.payment_level.clone());
        let found = self.grouped(self.query.cycle, Dimension::UnitLevel(top.clone())).await?;
        match found.as_slice() {
            [(only, _)] => Ok(UnitKey::parse(only).map_or(top, |key| self.below(&key))),
            _ => Ok(top),
        }
    }

    fn below(&self, scope: &UnitKey) -> String {
        let units = &self.app.profile.units;
        let in_force = |unit: &&Unit| self.day().is_none_or(|day| unit.in_force(day));
        let child = units.children(scope.as_str()).find(in_force);
        let own = || units.get(scope.as_str()).map(|unit| unit.level.clone());
        child.map(|unit| unit.level.clone()).or_else(own).unwrap_or_else(|| self.app.profile.payment_level.clone())
    }

    pub(super) async fn ranking(&self, level: &str, before: Option<Month>) -> Result<Vec<UnitLine>, AppError> {
        let by = || Dimension::UnitLevel(level.to_owned());
        let earlier = async {
            match before {
                Some(cycle) => self.grouped(cycle, by()).await,
                None => Ok(Vec::new()),
            }
        };
        let (now, earlier) = tokio::try_join!(self.grouped(self.query.cycle, by()), earlier)?;
        let ranks_before = ranks(&self.rates(&earlier));
        let rates = self.rates(&now);
        let ranks = ranks(&rates);
        let mut earlier: BTreeMap<String, Adoption> = earlier.into_iter().collect();
        let line = |(key, figures): (String, Adoption)| {
            Some(UnitLine {
                name: self.name(&key),
                before: earlier.remove(&key),
                rank: ranks.get(&key).copied().unwrap_or_default(),
                smoothed: rates.get(&key).copied().filter(|_| self.query.smoothing.is_some()),
                rank_before: ranks_before.get(&key).copied(),
                is_assessable: self.is_assessable(&figures),
                unit: UnitKey::parse(&key).ok()?,
                now: figures,
            })
        };
        let mut lines: Vec<UnitLine> = now.into_iter().filter_map(line).collect();
        lines.sort_by(|a, b| a.rank.cmp(&b.rank).then_with(|| a.name.cmp(&b.name)));
        Ok(lines)
    }

    /// What units are ranked by: their people rates, smoothed where that is asked for.
    fn rates(&self, figures: &[(String, Adoption)]) -> BTreeMap<String, Share> {
        let mut rates: BTreeMap<String, Share> =
            figures.iter().map(|(key, figures)| (key.clone(), self.people(figures))).collect();
        if let Some(people) = self.query.smoothing {
            let all = rates.values().fold(Share::default(), |sum, one| Share {
                numerator: sum.numerator + one.numerator,
                denominator: sum.denominator + one.denominator,
            });
            for rate in rates.values_mut() {
                *rate = rate.smoothed(all, people);
            }
        }
        rates
    }

    /// Units of the level that is paid at: those of the ranking, if that is the level that it ranks.
    pub(super) async fn tiles(&self, ranked: &str, ranking: &[UnitLine]) -> Result<Vec<Tile>, AppError> {
        let level = self.app.profile.payment_level.clone();
        let tile = |key: &UnitKey, figures: &Adoption| {
            let above = self.app.profile.units.parent(key.as_str());
            Tile {
                name: self.name(key.as_str()),
                above: above.map_or_else(String::new, |unit| unit.name.clone()),
                people: self.people(figures),
                is_assessable: self.is_assessable(figures),
                unit: key.clone(),
            }
        };
        let mut tiles: Vec<Tile> = if level == ranked {
            ranking.iter().map(|line| tile(&line.unit, &line.now)).collect()
        } else {
            let found = self.grouped(self.query.cycle, Dimension::UnitLevel(level)).await?;
            found.iter().filter_map(|(key, figures)| Some(tile(&UnitKey::parse(key).ok()?, figures))).collect()
        };
        tiles.sort_by(|a, b| (&a.above, a.unit.as_str()).cmp(&(&b.above, b.unit.as_str())));
        Ok(tiles)
    }

    pub(super) fn silent(&self, level: &str, ranking: &[UnitLine]) -> Vec<(UnitKey, String)> {
        let units = &self.app.profile.units;
        let seen: BTreeSet<&UnitKey> = ranking.iter().map(|line| &line.unit).collect();
        let own = self.query.unit.as_ref().or(self.principal.unit.as_ref());
        // Without a unit asked for, those beside which somebody was paid: a profile may hold more than one office's.
        let tops: BTreeSet<String> = ranking.iter().filter_map(|line| self.top(&line.unit)).collect();
        let within = |key: &UnitKey| match own {
            Some(scope) => units.covers(scope.as_str(), key.as_str()),
            None => self.top(key).is_some_and(|top| tops.contains(&top)),
        };
        let in_force = |unit: &&Unit| self.day().is_none_or(|day| unit.in_force(day));
        let missing = units.iter().filter(|unit| unit.level == level && !seen.contains(&unit.key)).filter(in_force);
        missing.filter(|unit| within(&unit.key)).map(|unit| (unit.key.clone(), unit.name.clone())).collect()
    }

    /// What the assessment is of, if that is one unit.
    pub(super) fn place(&self, ranking: &[UnitLine]) -> Option<String> {
        let own = self.query.unit.as_ref().or(self.principal.unit.as_ref());
        let mut tops: Vec<String> = match own {
            Some(unit) => vec![unit.to_string()],
            None => ranking.iter().filter_map(|line| self.top(&line.unit)).collect(),
        };
        tops.sort_unstable();
        tops.dedup();
        match tops.as_slice() {
            [one] => Some(self.name(one)),
            _ => None,
        }
    }

    fn top(&self, key: &UnitKey) -> Option<String> {
        let units = &self.app.profile.units;
        let above = units.ancestors(key.as_str()).last().or_else(|| units.get(key.as_str()));
        above.map(|unit| unit.key.to_string())
    }

    fn name(&self, key: &str) -> String {
        self.app.profile.units.get(key).map_or_else(|| key.to_owned(), |unit| unit.name.clone())
    }

    pub(super) fn people(&self, figures: &Adoption) -> Share {
        figures.people.share(self.app.profile.figures.mixed_counts_as_cashless)
    }

    fn is_assessable(&self, figures: &Adoption) -> bool {
        // Published figures are of a month's end; completeness may be kept back where the rate is told.
        if let Some(back) = figures.kept_back.filter(|back| back.completeness) {
            return !back.people;
        }
        let part = figures.completeness;
        let threshold = self.app.profile.figures.completeness_threshold;
        part.denominator > 0 && Decimal::from(part.numerator) >= threshold * Decimal::from(part.denominator)
    }
}

fn unknown_level<'a>(levels: impl Iterator<Item = &'a str>) -> FieldIssue {
    let levels = levels.collect::<Vec<_>>().join(", ");
    FieldIssue::new("level", "unknown", format!("one of {levels}"), format!("một trong: {levels}"))
}

fn class(word: &str) -> Option<ReasonClass> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// Places by rate, the highest first. Rates are compared as fractions, not as printed; who has none comes last.
fn ranks(rates: &BTreeMap<String, Share>) -> BTreeMap<String, usize> {
    let above = |one: Share, other: Share| {
        i128::from(one.numerator) * i128::from(other.denominator)
            > i128::from(other.numerator) * i128::from(one.denominator)
    };
    let rated: Vec<Share> = rates.values().copied().filter(|share| share.denominator > 0).collect();
    let place = |mine: Share| match mine.denominator {
        0 => rated.len() + 1,
        _ => 1 + rated.iter().filter(|other| above(**other, mine)).count(),
    };
    rates.iter().map(|(key, share)| (key.clone(), place(*share))).collect()
}
