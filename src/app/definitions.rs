//! One month under different published definitions, each with its figure, and why it differs from another: which benefits, which places,
//! how many people, in numbers that add up.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::{AppError, FieldIssue};
use crate::app::queries::Answer;
use crate::domain::ids::{BenefitGroup, BenefitType, UnitKey};
use crate::domain::period::Month;
use crate::domain::place::Rolled;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::cross::{self, Scope};
use crate::projections::figures::flow::{self, Flow};
use crate::projections::figures::{AsOf, FigureQuery, Filters, Share};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Definitions that are worked on beside each other: each looks at every person of the month.
const AT_ONCE: usize = 2;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionsQuery {
    pub cycle: Month,
    pub unit: Option<UnitKey>,
    pub as_of: AsOf,
    /// Also take as urban what is urban on this day, whatever it was on the day due.
    pub urban_on: Option<Date>,
    /// The definition that the others are compared with; people, all benefits, all places when absent.
    pub base: Option<String>,
    pub mixed_as_cashless: bool,
}

/// Which places count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    All,
    /// Urban on the day due.
    Urban,
    /// What is urban on a day; units that went into urban and rural ones at once count where most of them is said to be.
    UrbanOn(Date),
}

/// One way to define the rate of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defined {
    /// Indicator, benefit groups and area: `A1/monthly/urban`.
    pub id: String,
    /// A1, A2, A3 or A5.
    pub indicator: &'static str,
    /// Benefit groups; all when empty.
    pub groups: Vec<BenefitGroup>,
    pub area: Area,
}

/// A definition with its figure, and how it differs from the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinedFigure {
    pub defined: Defined,
    pub benefit_types: Vec<BenefitType>,
    pub share: Share,
    /// `None` for the base itself.
    pub difference: Option<Difference>,
}

/// Why two figures of one month differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Hundredths of a percentage point, from the base to this one.
    pub points: Option<i64>,
    pub benefits_added: Vec<BenefitType>,
    pub benefits_left_out: Vec<BenefitType>,
    /// The same people by their standing under the base and under this one; `None` where not people, or not what was received, is counted.
    pub people: Option<Flow>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definitions {
    pub base: String,
    pub figures: Vec<DefinedFigure>,
}

impl App {
    /// The figure of one month under each definition.
    pub async fn definitions(
        &self,
        principal: &Principal,
        query: &DefinitionsQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Definitions>, AppError> {
        let units = query.unit.clone().into_iter().collect();
        let filters = Filters { units, ..Filters::default() };
        self.within_reach(principal, FigureQuery { filters, ..FigureQuery::default() })?;
        let known = self.read_figures(&[], query.as_of, min_position).await?;
        let as_of = AsOf::Position(known.as_of_position);
        let scopes = self.published_scopes(query.urban_on);
        let base = base(&scopes, query.base.as_deref())?;
        let mut all = scopes;
        all.extend(["A2", "A3", "A5"].map(|indicator| defined(indicator, base.groups.clone(), base.area.clone())));
        let base_share = self.defined_share(principal, (query, &base), as_of).await?;
        let told = all.into_iter().map(|one| self.defined(principal, (query, as_of), (&base, base_share), one));
        let figures = stream::iter(told).buffered(AT_ONCE).try_collect().await?;
        let answer = Definitions { base: base.id, figures };
        Ok(Answer { answer, as_of_position: known.as_of_position, as_of_time_us: known.as_of_time_us })
    }

    /// One definition's figure, and how it differs from the base.
    async fn defined(
        &self,
        principal: &Principal,
        (query, as_of): (&DefinitionsQuery, AsOf),
        (base, base_share): (&Defined, Share),
        one: Defined,
    ) -> Result<DefinedFigure, AppError> {
        let share = self.defined_share(principal, (query, &one), as_of).await?;
        let difference = if one.id == base.id {
            None
        } else {
            Some(self.difference(principal, (query, as_of), ((base, base_share), (&one, share))).await?)
        };
        Ok(DefinedFigure { benefit_types: self.types_of(&one), defined: one, share, difference })
    }

    /// People by every scope that is published or has a target: all, each benefit group, urban, those of targets.
    fn published_scopes(&self, urban_on: Option<Date>) -> Vec<Defined> {
        let mut all = vec![defined("A1", Vec::new(), Area::All)];
        for group in &self.profile.benefit_groups {
            all.push(defined("A1", vec![group.code.clone()], Area::All));
        }
        all.push(defined("A1", Vec::new(), Area::Urban));
        for target in &self.profile.targets {
            let area = if target.urban == Some(true) { Area::Urban } else { Area::All };
            all.push(defined("A1", target.groups.clone(), area));
        }
        if let Some(day) = urban_on {
            let dated: Vec<Defined> = all.iter().filter(|one| one.area == Area::Urban).cloned().collect();
            all.extend(dated.into_iter().map(|one| defined("A1", one.groups, Area::UrbanOn(day))));
        }
        let mut seen = BTreeSet::new();
        all.retain(|one| seen.insert(one.id.clone()));
        all
    }

    fn types_of(&self, one: &Defined) -> Vec<BenefitType> {
        let types = self.profile.benefit_types.iter();
        types
            .filter(|spec| one.groups.is_empty() || one.groups.contains(&spec.group))
            .map(|spec| spec.code.clone())
            .collect()
    }

    /// The units of an area, as payments name them, within the unit asked and the caller's reach; `None` is all.
    fn units_of_area(&self, principal: &Principal, unit: Option<&UnitKey>, area: &Area) -> Option<Vec<UnitKey>> {
        let units = &self.profile.units;
        let scopes = match (unit, &principal.unit) {
            (Some(unit), _) => Some(vec![unit.clone()]),
            (None, Some(own)) => Some(units.reach(own.as_str())),
            (None, None) => None,
        };
        let within: Option<Vec<UnitKey>> = scopes.map(|scopes| {
            scopes.iter().flat_map(|scope| units.subtree(scope.as_str())).map(|unit| unit.key.clone()).collect()
        });
        let Area::UrbanOn(day) = area else { return within };
        let all = within.unwrap_or_else(|| units.iter().map(|unit| unit.key.clone()).collect());
        // Those that payments name: a city's district has rural communes below it.
        let is_paid =
            |key: &UnitKey| units.get(key.as_str()).is_some_and(|unit| unit.level == self.profile.payment_level);
        Some(all.into_iter().filter(|key| is_paid(key) && self.is_urban_on(key, *day)).collect())
    }

    /// Whether a unit, or what it was or has become by a day, is urban then.
    fn is_urban_on(&self, key: &UnitKey, day: Date) -> bool {
        let units = &self.profile.units;
        let urban = |unit: &crate::domain::place::Unit| unit.urban == Some(true);
        match units.roll_forward(key.as_str(), day) {
            Rolled::Whole(unit) => urban(unit),
            Rolled::Parts { default, parts } => default.map_or_else(|| parts.iter().all(|unit| urban(unit)), urban),
            // It opened later: what it was made of.
            Rolled::Nowhere => {
                let mut before = units.predecessors(key.as_str()).peekable();
                before.peek().is_some() && before.all(|link| self.is_urban_on(&link.predecessor, day))
            }
        }
    }

    async fn defined_share(
        &self,
        principal: &Principal,
        (query, one): (&DefinitionsQuery, &Defined),
        as_of: AsOf,
    ) -> Result<Share, AppError> {
        let units = match one.area {
            Area::UrbanOn(_) => self.units_of_area(principal, query.unit.as_ref(), &one.area).unwrap_or_default(),
            Area::All | Area::Urban => query.unit.clone().into_iter().collect(),
        };
        if units.is_empty() && matches!(one.area, Area::UrbanOn(_)) {
            return Ok(Share::default());
        }
        let filters = Filters {
            units,
            benefit_groups: one.groups.clone(),
            cycle_from: Some(query.cycle),
            cycle_to: Some(query.cycle),
            urban: (one.area == Area::Urban).then_some(true),
            ..Filters::default()
        };
        let figures = FigureQuery { filters, group_by: Vec::new(), as_of };
        if one.indicator == "A5" {
            let found = self.first_attempts(principal, figures, None).await?.answer;
            return Ok(found.into_values().next().unwrap_or_default().people.share(query.mixed_as_cashless));
        }
        let found = self.adoption(principal, figures, None).await?.answer;
        let found: Adoption = found.into_iter().next().unwrap_or_default();
        Ok(match one.indicator {
            "A2" => found.amount,
            "A3" => found.payments,
            _ => found.people.share(query.mixed_as_cashless),
        })
    }

    async fn difference(
        &self,
        principal: &Principal,
        (query, as_of): (&DefinitionsQuery, AsOf),
        ((base, base_share), (one, share)): ((&Defined, Share), (&Defined, Share)),
    ) -> Result<Difference, AppError> {
        let (before, after) = (self.types_of(base), self.types_of(one));
        let without = |all: &[BenefitType], other: &[BenefitType]| -> Vec<BenefitType> {
            all.iter().filter(|code| !other.contains(code)).cloned().collect()
        };
        let people = if one.indicator == "A1" {
            let scope = |one: &Defined| Scope {
                benefit_types: (!one.groups.is_empty()).then(|| self.types_of(one)),
                units: self.units_of_area(principal, query.unit.as_ref(), &one.area),
                urban: (one.area == Area::Urban).then_some(true),
            };
            let read = cross::read(query.cycle, (&scope(base), &scope(one)), as_of);
            let found = self.read_figures(&[read], as_of, None).await?.answer;
            let rows = found.into_iter().flatten().collect::<Vec<_>>();
            Some(flow::evaluate(&rows, &[]).into_iter().next().unwrap_or_default())
        } else {
            None
        };
        Ok(Difference {
            points: share.points_since(base_share),
            benefits_added: without(&after, &before),
            benefits_left_out: without(&before, &after),
            people,
        })
    }
}

fn defined(indicator: &'static str, groups: Vec<BenefitGroup>, area: Area) -> Defined {
    let mut id = indicator.to_owned();
    if !groups.is_empty() {
        let names: Vec<&str> = groups.iter().map(BenefitGroup::as_str).collect();
        id = format!("{id}/{}", names.join("+"));
    }
    match &area {
        Area::All => {}
        Area::Urban => id.push_str("/urban"),
        Area::UrbanOn(day) => id = format!("{id}/urban@{day}"),
    }
    Defined { id, indicator, groups, area }
}

fn base(scopes: &[Defined], asked: Option<&str>) -> Result<Defined, AppError> {
    let wanted = asked.unwrap_or("A1");
    scopes.iter().find(|one| one.id == wanted).cloned().ok_or_else(|| {
        let known = scopes.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ");
        AppError::Invalid(vec![FieldIssue::new(
            "base",
            "invalid-value",
            format!("expected one of {known}"),
            format!("cần một trong: {known}"),
        )])
    })
}
