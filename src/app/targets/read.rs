//! The targets that count for a unit, and how far each is from being reached.

use super::{Applicable, LINES_MAX, Origin, TREND_CYCLES, TargetLine, stream_of};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::decode_own;
use crate::app::error::{AppError, FieldIssue};
use crate::app::lookup::out_of_reach;
use crate::app::queries::Answer;
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::domain::profile::spec::{Labels, TargetSpec};
use crate::domain::target::{TargetSet, Targets};
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, Share};
use std::collections::BTreeMap;

impl App {
    /// The targets of units as they stood at a position; units without any are left out.
    pub(super) async fn targets_of(
        &self,
        units: &[UnitKey],
        position: u64,
    ) -> Result<BTreeMap<UnitKey, Targets>, AppError> {
        let streams: Vec<String> = units.iter().map(stream_of).collect();
        let mut found: BTreeMap<UnitKey, Targets> = BTreeMap::new();
        for event in self.store.read_streams(&streams).await?.iter().filter(|event| event.position <= position) {
            let key = event.stream.strip_prefix("target-").and_then(|key| UnitKey::parse(key).ok());
            let Some(key) = key else { continue };
            found.entry(key).or_default().evolve(&decode_own::<Targets>(event)?);
        }
        Ok(found)
    }

    /// The targets that count for a unit: its own and, for an indicator and scope of which it has none, those of the nearest unit above,
    /// else the profile's. Without a unit: those of all units in reach, and the profile's.
    async fn applicable(
        &self,
        principal: &Principal,
        unit: Option<&UnitKey>,
        position: u64,
    ) -> Result<Vec<Applicable>, AppError> {
        match unit {
            Some(unit) => self.applicable_to(unit, position).await,
            None => self.all_applicable(principal, position).await,
        }
    }

    /// The same for one unit; without one the profile's alone, which are those of everything.
    pub(in crate::app) async fn applicable_or_profile(
        &self,
        unit: Option<&UnitKey>,
        position: u64,
    ) -> Result<Vec<Applicable>, AppError> {
        match unit {
            Some(unit) => self.applicable_to(unit, position).await,
            None => Ok(self.profile.targets.iter().map(|target| of_profile(target, None)).collect()),
        }
    }

    async fn applicable_to(&self, unit: &UnitKey, position: u64) -> Result<Vec<Applicable>, AppError> {
        let units = &self.profile.units;
        let path: Vec<UnitKey> = std::iter::once(unit.clone())
            .chain(units.ancestors(unit.as_str()).map(|above| above.key.clone()))
            .collect();
        let mut found = self.targets_of(&path, position).await?;
        let mut lines: Vec<Applicable> = Vec::new();
        for holder in &path {
            let origin = if holder == unit { Origin::Own } else { Origin::Above };
            let nearer: Vec<TargetSpec> = lines.iter().map(|line| line.target.clone()).collect();
            for set in found.remove(holder).unwrap_or_default().set {
                let target = self.spec(&set);
                if !nearer.iter().any(|near| is_of_one_kind(near, &target)) {
                    lines.push(Applicable { target, origin, set: Some(set), unit: Some(unit.clone()) });
                }
            }
        }
        for target in &self.profile.targets {
            if !lines.iter().any(|line| is_of_one_kind(&line.target, target)) {
                lines.push(of_profile(target, Some(unit.clone())));
            }
        }
        Ok(lines)
    }

    async fn all_applicable(&self, principal: &Principal, position: u64) -> Result<Vec<Applicable>, AppError> {
        let units = &self.profile.units;
        let own = |own: &UnitKey| {
            let reached = units.reach(own.as_str()).into_iter().flat_map(|key| units.subtree(key.as_str()));
            reached.map(|unit| unit.key.clone()).collect::<Vec<_>>()
        };
        let reached = match (principal.reach(Action::ReadFigures), &principal.unit) {
            (Reach::Units, Some(unit)) => own(unit),
            (Reach::Units | Reach::Everything | Reach::WholeLog, _) => {
                units.iter().map(|unit| unit.key.clone()).collect()
            }
            (Reach::Nothing | Reach::Bank | Reach::NoUnit, _) => return Err(out_of_reach()),
        };
        let mut lines: Vec<Applicable> = Vec::new();
        for (unit, targets) in self.targets_of(&reached, position).await? {
            lines.extend(targets.set.into_iter().map(|set| Applicable {
                target: self.spec(&set),
                origin: Origin::Own,
                set: Some(set),
                unit: Some(unit.clone()),
            }));
        }
        lines.extend(self.profile.targets.iter().map(|target| of_profile(target, None)));
        Ok(lines)
    }

    /// A unit's target in the profile's form.
    fn spec(&self, set: &TargetSet) -> TargetSpec {
        let said = |text: &str| Labels(["vi", "en"].map(|language| (language.to_owned(), text.to_owned())).into());
        let name = self.profile.units.get(set.unit_key.as_str()).map_or(set.unit_key.as_str(), |unit| &unit.name);
        TargetSpec {
            code: set.target_id.to_string(),
            indicator: set.indicator.clone(),
            value: set.value,
            by_date: set.by_date,
            groups: set.scope.benefit_groups.clone(),
            urban: set.scope.urban,
            legal_basis: said(&set.legal_basis),
            labels: said(name),
        }
    }

    /// Targets with the gap to each, its trend and its pace, in one cycle: the last with payments when none is named.
    pub async fn targets(
        &self,
        principal: &Principal,
        (unit, cycle): (Option<UnitKey>, Option<Month>),
        as_of: AsOf,
        min_position: Option<u64>,
    ) -> Result<Answer<(Month, Vec<TargetLine>)>, AppError> {
        let scope = Filters { units: unit.clone().into_iter().collect(), ..Filters::default() };
        let query = FigureQuery { filters: scope, group_by: Vec::new(), as_of };
        let query = self.within_reach(principal, query)?;
        let known = self.read_figures(&[], as_of, min_position).await?;
        let (position, time_us) = (known.as_of_position, known.as_of_time_us);
        let is_now = as_of == AsOf::Now;
        let as_of = AsOf::Position(position);
        let cycle = match cycle {
            Some(cycle) => cycle,
            None => self.last_cycle(principal, query, (position, time_us)).await?,
        };
        // Who has set a target sees it, though figures are not that far.
        let targets_at = if is_now { u64::MAX } else { position };
        let applicable = self.applicable(principal, unit.as_ref(), targets_at).await?;
        if applicable.len() > LINES_MAX {
            return Err(AppError::Invalid(vec![unit_needed(applicable.len())]));
        }
        let mut lines = Vec::with_capacity(applicable.len());
        for found in applicable {
            lines.push(self.target_line(principal, found, (cycle, as_of)).await?);
        }
        Ok(Answer { answer: (cycle, lines), as_of_position: position, as_of_time_us: time_us })
    }

    /// The last cycle that has begun and has payments; the month of the day itself when there is none.
    async fn last_cycle(
        &self,
        principal: &Principal,
        query: FigureQuery,
        (position, time_us): (u64, i64),
    ) -> Result<Month, AppError> {
        let month = Month::of(self.profile.business_day(time_us));
        let mut query = FigureQuery { group_by: vec![Dimension::Cycle], as_of: AsOf::Position(position), ..query };
        query.filters.cycle_from = Some(month.plus(1 - TREND_CYCLES));
        query.filters.cycle_to = Some(month);
        let found = self.adoption(principal, query, None).await?.answer;
        let last = found.iter().rev().find(|one| one.completeness.denominator > 0);
        Ok(last.and_then(|one| Month::parse(one.key.first()?).ok()).unwrap_or(month))
    }

    /// How far a target is from being reached in a cycle, with the cycles before.
    pub(in crate::app) async fn target_line(
        &self,
        principal: &Principal,
        found: Applicable,
        (cycle, as_of): (Month, AsOf),
    ) -> Result<TargetLine, AppError> {
        let Applicable { target, origin, set, unit } = found;
        let filters = Filters {
            units: unit.clone().into_iter().collect(),
            benefit_groups: target.groups.clone(),
            urban: target.urban,
            cycle_from: Some(cycle.plus(1 - TREND_CYCLES)),
            cycle_to: Some(cycle),
            ..Filters::default()
        };
        let query = FigureQuery { filters, group_by: vec![Dimension::Cycle], as_of };
        let by_cycle = self.adoption(principal, query, None).await?.answer;
        let mixed = self.profile.figures.mixed_counts_as_cashless;
        let share = |found: &Adoption| match target.indicator.as_str() {
            "A2" => found.amount,
            "A3" => found.payments,
            _ => found.people.share(mixed),
        };
        let of = |found: &Adoption| Some((Month::parse(found.key.first()?).ok()?, share(found)));
        let trend: Vec<(Month, Share)> = by_cycle.iter().filter_map(of).collect();
        let now = trend.last().filter(|(last, _)| *last == cycle).map(|(_, share)| *share).unwrap_or_default();
        Ok(TargetLine { target, origin, set, unit, share: now, trend })
    }
}

/// Of one indicator and scope: the nearer one counts.
fn is_of_one_kind(one: &TargetSpec, other: &TargetSpec) -> bool {
    let scope = |target: &TargetSpec| {
        let mut groups = target.groups.clone();
        groups.sort();
        // The urban rate is A1 over urban units, under either name.
        let indicator = if target.indicator == "A4" { "A1".to_owned() } else { target.indicator.clone() };
        (indicator, groups, target.urban)
    };
    scope(one) == scope(other)
}

fn of_profile(target: &TargetSpec, unit: Option<UnitKey>) -> Applicable {
    Applicable { target: target.clone(), origin: Origin::Profile, set: None, unit }
}

fn unit_needed(targets: usize) -> FieldIssue {
    FieldIssue::new(
        "unit",
        "missing",
        format!("there are {targets} targets and one answer holds {LINES_MAX}: name a unit"),
        format!("có {targets} mục tiêu, mỗi lần trả lời tối đa {LINES_MAX}: hãy nêu đơn vị"),
    )
}
